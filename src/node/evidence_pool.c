/* A short list; equivocation is rare, and a flood of it is bounded. */
#include "node/evidence_pool.h"

#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <string.h>

#define EVIDENCE_DECIDED_WITHOUT_MAX 8
#define BLAME_BAD_EVIDENCE 20

struct entry {
    struct evidence evidence;
    bool offered;             /* to a block of this height built here */
    unsigned decided_without; /* such blocks */
};

struct evidence_pool {
    const struct node_parts *parts;
    size_t count;
    struct entry item[EVIDENCE_POOL_MAX];
};

struct evidence_pool *evidence_pool_open(const struct node_parts *parts)
{
    struct evidence_pool *pool = memory_alloc(sizeof *pool);
    pool->parts = parts;
    return pool;
}

void evidence_pool_free(struct evidence_pool **pool)
{
    memory_free(*pool);
    *pool = NULL;
}

static bool same_act(const struct evidence *a, const struct evidence *b)
{
    return a->a.height == b->a.height && a->a.round == b->a.round && a->a.type == b->a.type &&
           strcmp(a->a.validator, b->a.validator) == 0;
}

static bool in_age(const struct evidence_pool *pool, const struct evidence *evidence)
{
    const struct app *app = pool->parts->app;
    uint64_t age = (uint64_t)app_params(app)->evidence_max_age;
    return app_height(app) + 1 <= evidence->a.height + age;
}

/* Votes come early, and so does what they prove: found once, it waits for its height. */
static bool is_due(const struct evidence_pool *pool, const struct entry *entry)
{
    return entry->evidence.a.height <= app_height(pool->parts->app) + 1;
}

static void forget(struct evidence_pool *pool, size_t index)
{
    pool->item[index] = pool->item[--pool->count];
}

/* The cheap questions first: whoever repeats what is known costs a look, not a signature. */
static int judge(struct evidence_pool *pool, const struct evidence *evidence)
{
    size_t of_validator = 0;
    for (size_t i = 0; i < pool->count; i++) {
        if (same_act(&pool->item[i].evidence, evidence)) {
            return ERR_DUPLICATE;
        }
        of_validator += strcmp(pool->item[i].evidence.a.validator, evidence->a.validator) == 0;
    }
    if (of_validator >= EVIDENCE_POOL_VALIDATOR_MAX) {
        return ERR_QUOTA;
    }
    if (pool->count == EVIDENCE_POOL_MAX) {
        return ERR_UNAVAILABLE;
    }
    int error = app_check_evidence(pool->parts->app, evidence);
    if (app_error_is_environment(error)) {
        pool->parts->fatal(pool->parts->fatal_context, error, "checking evidence");
    }
    return error;
}

int evidence_pool_add(struct evidence_pool *pool, const struct evidence *evidence)
{
    int error = judge(pool, evidence);
    if (error != 0) {
        return error;
    }
    pool->item[pool->count++] = (struct entry){.evidence = *evidence};
    count_add(&pool->parts->counters->evidence_seen, 1);
    log_write(LOG_WARN, "evidence", "%s signed two different votes at height %llu, round %u",
              evidence->a.validator, (unsigned long long)evidence->a.height,
              (unsigned)evidence->a.round);
    AUTO(buf_free) struct buf frame = {0};
    size_t begun = wire_begin(&frame, FRAME_EVIDENCE);
    evidence_encode(&frame, evidence);
    wire_end(&frame, begun);
    peers_broadcast(pool->parts->peers, view_of_buf(&frame), LINK_DROPPABLE, true);
    return 0;
}

size_t evidence_pool_offer(struct evidence_pool *pool, struct evidence *out)
{
    size_t count = 0;
    for (size_t i = 0; i < pool->count && count < BLOCK_EVIDENCE_MAX; i++) {
        if (is_due(pool, &pool->item[i])) {
            pool->item[i].offered = true;
            out[count++] = pool->item[i].evidence;
        }
    }
    return count;
}

bool evidence_pool_is_due(const struct evidence_pool *pool)
{
    for (size_t i = 0; i < pool->count; i++) {
        if (is_due(pool, &pool->item[i])) {
            return true;
        }
    }
    return false;
}

size_t evidence_pool_count(const struct evidence_pool *pool)
{
    return pool->count;
}

static bool holds(const struct block *block, const struct evidence *evidence)
{
    for (size_t i = 0; i < block->evidence_count; i++) {
        if (same_act(evidence, &block->evidence[i])) {
            return true;
        }
    }
    return false;
}

/* That a round fails, or another's block is decided, says nothing against what was offered. */
static bool is_no_use(struct entry *entry, bool own_block)
{
    entry->decided_without += own_block && entry->offered;
    entry->offered = false;
    return entry->decided_without >= EVIDENCE_DECIDED_WITHOUT_MAX;
}

void evidence_pool_committed(struct evidence_pool *pool, const struct block *block)
{
    bool own_block = strcmp(block->header.proposer, pool->parts->member) == 0;
    for (size_t i = 0; i < pool->count;) {
        struct entry *entry = &pool->item[i];
        if (holds(block, &entry->evidence) || !in_age(pool, &entry->evidence) ||
            is_no_use(entry, own_block)) {
            forget(pool, i);
        } else {
            i++;
        }
    }
}

int evidence_pool_frame(bool *news, struct evidence_pool *pool, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    *news = false;
    if (body.len > BLOCK_EVIDENCE_MAX * (size_t)EVIDENCE_BYTES) {
        return ERR_TOO_LARGE;
    }
    if (body.len == 0) {
        return ERR_ENCODING; /* nobody has nothing to say */
    }
    while (reader.rest.len > 0) {
        struct evidence evidence;
        int error = evidence_decode(&evidence, &reader);
        if (error != 0) {
            return error;
        }
        error = evidence_pool_add(pool, &evidence);
        *news = *news || error == 0;
        if (error == ERR_SIGNATURE || error == ERR_ENCODING || error == ERR_CERT_SIGNER) {
            peer_blame(pool->parts->peers, peer, BLAME_BAD_EVIDENCE, "evidence that does not hold");
        }
    }
    return 0;
}
