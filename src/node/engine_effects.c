/* Effects, in their order:
 *
 *   PERSIST   body into the store, then the safety record: both synced, or the node stops
 *   SEND      signature from the synced record; out to the validators; back in as an event
 *   EXECUTE   body from bodies, store or peers; executed; VERDICT
 *   BUILD     candidates from the mempool; executed; BUILT
 *   DECIDE    commit; the owner is told when the queue of events is empty
 *   EVIDENCE  into the pool and to the validators
 *   DIVERGED  stop
 *   TIMER     one libuv timer for each kind
 *
 * A valid verdict stands as long as the body is held: bodies_trim takes both back.
 * A verdict "invalid" is given only when no body can fit the header; a body that does not fit is
 * the giver's fault (bodies.h), and silence until another comes, which makes a round fail at worst.
 */
#include "node/engine_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/block_check.h"

#include <string.h>

#define CANDIDATE_AGE_MS 10 /* younger ones are still on their way to the others */

/* ---- PERSIST ---- */

static struct block *find_body(struct engine *engine, const struct hash *hash)
{
    struct block *block = bodies_find(engine->bodies, hash);
    if (block != NULL) {
        return block_ref(block);
    }
    int error = app_load_body(&block, engine->parts->app, hash);
    if (app_error_is_environment(error)) {
        engine_stop_node(engine, error, "reading a stored body");
    }
    return error == 0 ? block : NULL;
}

static int store_body(struct engine *engine, const struct hash *hash)
{
    if (hash_is_zero(hash) || hash_equal(hash, &engine->stored_body)) {
        return 0;
    }
    AUTO(block_free) struct block *block = find_body(engine, hash);
    /* It is held as long as its verdict is valid. Were it not: stop rather than sign. */
    int error = block != NULL ? app_store_body(engine->parts->app, block) : ERR_CORRUPT;
    if (error == 0) {
        engine->stored_body = *hash;
    }
    return error;
}

static void persist(struct engine *engine, const struct effect *effect)
{
    int64_t start = clock_monotonic_us();
    int error = store_body(engine, &effect->persist.body);
    if (error == 0) {
        error = signer_persist(engine->signer, effect->persist.record);
    }
    count_add(&engine->parts->counters->persist_us, (uint64_t)(clock_monotonic_us() - start));
    if (error != 0) {
        engine_stop_node(engine, error, "writing the safety record");
    }
}

/* ---- SEND ---- */

bool engine_append_message(struct engine *engine, struct buf *frames, const struct message *message)
{
    if (message->kind == MESSAGE_VOTE) {
        size_t begun = wire_begin(frames, FRAME_VOTES);
        message_encode(frames, message);
        wire_end(frames, begun);
        return true;
    }
    AUTO(block_free) struct block *block = find_body(engine, &message->proposal.block);
    if (block != NULL) {
        wire_append_proposal(frames, message, block);
    }
    return block != NULL;
}

static void send_own(struct engine *engine, const struct effect *effect)
{
    struct message message = effect->send;
    int error = signer_sign(engine->signer, &message);
    if (error != 0) {
        engine_stop_node(engine, error, "signing");
        return;
    }
    AUTO(buf_free) struct buf frames = {0};
    if (engine_append_message(engine, &frames, &message)) {
        peers_broadcast(engine->parts->peers, view_of_buf(&frames), LINK_REQUIRED, true);
    }
    if (message.kind == MESSAGE_PROPOSAL) {
        count_add(&engine->parts->counters->proposals_made, 1);
    }
    struct event *event = engine_push(engine, EVENT_MESSAGE);
    event->message.message = message;
    event->message.verified = true;
}

/* ---- EXECUTE ---- */

static void give_verdict(struct engine *engine, const struct block *block, bool valid)
{
    struct event *event = engine_push(engine, EVENT_VERDICT);
    event->verdict.block = block->hash;
    event->verdict.valid = valid;
    event->verdict.header = block->header;
}

/* Whether the header is wrong whatever the body: it does not follow the tip, or its log root shows
 * that this is the body, and what executing it gives is not what the header says. */
static bool header_is_wrong(int error, const struct faults *faults)
{
    const char *field = faults->count > 0 ? faults->item[0].field : "";
    if (strncmp(field, "header", 6) != 0) {
        return false;
    }
    return error != ERR_BLOCK_EXECUTION || strcmp(field, "header.state_root") == 0 ||
           strcmp(field, "header.next_validators") == 0;
}

static void judge(struct engine *engine, struct block *block)
{
    struct faults faults = {0};
    int64_t start = clock_monotonic_us();
    peers_flush(engine->parts->peers);
    int error = app_process(engine->parts->app, &faults, block);
    count_add(&engine->parts->counters->process_us, (uint64_t)(clock_monotonic_us() - start));
    if (app_error_is_environment(error)) {
        engine_stop_node(engine, error, "executing a block");
    } else if (error == 0) {
        bodies_keep(engine->bodies, block);
        give_verdict(engine, block, true);
    } else if (header_is_wrong(error, &faults)) {
        give_verdict(engine, block, false);
    } else {
        bodies_failed(engine->bodies, block, error);
    }
}

static bool is_current(const struct engine *engine, const struct block *block)
{
    return engine->running && block->header.height == app_height(engine->parts->app) + 1;
}

void engine_body(struct engine *engine, struct block *block)
{
    if (is_current(engine, block)) {
        judge(engine, block);
        engine_run_queue(engine);
    }
}

static void on_stored_body(void *context, struct block *block, int error)
{
    struct engine *engine = context;
    if (!is_current(engine, block) || error == ERR_UNAVAILABLE) {
        return;
    }
    if (error == 0) {
        engine_body(engine, block);
    } else {
        bodies_want(engine->bodies, &block->hash, &block->header);
    }
}

/* From the store after a restart, or when it had to make room in memory; else from peers. */
static void execute(struct engine *engine, const struct effect *effect)
{
    const struct hash *hash = &effect->execute.block;
    bool held = bodies_find(engine->bodies, hash) != NULL;
    AUTO(block_free) struct block *stored = held ? NULL : find_body(engine, hash);
    if (stored != NULL) {
        block_check_start(engine->parts, stored, on_stored_body, engine);
    } else if (!engine->dead) {
        bodies_want(engine->bodies, hash,
                    effect->execute.has_header ? &effect->execute.header : NULL);
    }
}

/* ---- BUILD ---- */

/* Candidates that execution left out, while it may still point to them. */
struct dropped {
    struct engine *engine;
    struct tx **txs;
    size_t count;
};

static void on_dropped(void *context, const struct tx *tx, int error, const struct faults *faults)
{
    struct dropped *dropped = context;
    if (error == 0) {
        return; /* the block is full: it stays */
    }
    struct mempool *mempool = dropped->engine->parts->mempool;
    struct tx *held = mempool_find(mempool, &tx->id);
    ENSURE(held == tx); /* candidates come from there, each once */
    dropped->txs[dropped->count++] = tx_ref(held);
    mempool_refused(mempool, &tx->id, error, faults);
}

static size_t candidates(struct engine *engine, struct tx **out, int64_t time_ms)
{
    const struct chain_params *params = app_params(engine->parts->app);
    const struct mempool_block block = {.txs_max = (size_t)params->block_txs_max,
                                        .bytes_max = (size_t)params->block_bytes_max,
                                        .member_txs_max = (size_t)params->member_txs_max,
                                        .cost_max = params->block_cost_max,
                                        .time_ms = time_ms,
                                        .lifetime_ms = params->tx_lifetime_ms,
                                        .arrived_by_ms = clock_monotonic_ms() - CANDIDATE_AGE_MS};
    return mempool_candidates(engine->parts->mempool, out, &block);
}

static void build(struct engine *engine, const struct effect *effect)
{
    const struct node_parts *parts = engine->parts;
    size_t max = (size_t)app_params(parts->app)->block_txs_max;
    struct evidence evidence[BLOCK_EVIDENCE_MAX];
    struct tx **list = memory_alloc(max * sizeof(struct tx *));
    struct dropped dropped = {.engine = engine, .txs = memory_alloc(max * sizeof(struct tx *))};
    AUTO(block_free) struct block *block = NULL;
    const struct app_proposal proposal = {
        .time_ms = effect->build.time_ms,
        .proposer = parts->member,
        .candidates = list,
        .candidate_count = candidates(engine, list, effect->build.time_ms),
        .evidence = evidence,
        .evidence_count = evidence_pool_offer(engine->evidence, evidence),
        .dropped = on_dropped,
        .context = &dropped};
    int64_t start = clock_monotonic_us();
    peers_flush(parts->peers);
    int error = app_prepare(&block, parts->app, &proposal);
    count_add(&parts->counters->build_us, (uint64_t)(clock_monotonic_us() - start));
    for (size_t i = 0; i < dropped.count; i++) {
        tx_free(&dropped.txs[i]);
    }
    memory_free(dropped.txs);
    memory_free(list);
    if (app_error_is_environment(error)) {
        engine_stop_node(engine, error, "building a block");
    } else if (error != 0) {
        log_write(LOG_ERROR, "engine", "no block could be built: %s", error_code(error));
    } else {
        bodies_keep(engine->bodies, block);
        struct event *event = engine_push(engine, EVENT_BUILT);
        event->built.height = effect->build.height;
        event->built.round = effect->build.round;
        event->built.header = block->header;
    }
}

/* ---- DECIDE ---- */

static int commit_block(struct engine *engine, const struct hash *hash,
                        const struct certificate *certificate)
{
    struct app *app = engine->parts->app;
    int error = app_commit(&engine->commit, app, hash, certificate);
    if (error == ERR_NOT_FOUND) { /* its result has made room for others of this height */
        AUTO(block_free) struct block *block = find_body(engine, hash);
        error = block != NULL ? app_process(app, NULL, block) : ERR_CORRUPT;
        if (error == 0) {
            error = app_commit(&engine->commit, app, hash, certificate);
        }
    }
    return error;
}

static void decide(struct engine *engine, const struct effect *effect)
{
    int64_t start = clock_monotonic_us();
    peers_flush(engine->parts->peers);
    int error = commit_block(engine, &effect->decide.block, effect->decide.certificate);
    count_add(&engine->parts->counters->commit_us, (uint64_t)(clock_monotonic_us() - start));
    if (error != 0) {
        engine_stop_node(engine, error, "committing a block");
        return;
    }
    count_add(&engine->parts->counters->blocks_decided, 1);
    engine->has_commit = true;
    const struct block *block = engine->commit.block;
    engine->barren = block->tx_count + block->evidence_count > 0 ? 0 : engine->barren + 1;
    engine->decided_txs = block->tx_count;
    engine->decided_ms = clock_monotonic_ms();
    engine->running = false;
    engine->queue_count = 0;
    engine_stop_timers(engine);
}

/* ---- TIMER, EVIDENCE, DIVERGED ---- */

static void on_timer(uv_timer_t *handle)
{
    const struct engine_timer *timer = handle->data;
    struct engine *engine = timer->engine;
    struct event *event = engine_push(engine, EVENT_TIMEOUT);
    event->timeout =
        (struct event_timeout){.kind = timer->kind, .height = timer->height, .round = timer->round};
    engine_run_queue(engine);
}

static void set_timer(struct engine *engine, const struct effect *effect)
{
    struct engine_timer *timer = &engine->timer[effect->timer.kind];
    timer->height = effect->timer.height;
    timer->round = effect->timer.round;
    if (effect->timer.kind == TIMER_PROPOSE && effect->timer.round > 0) {
        count_add(&engine->parts->counters->rounds_failed, 1);
    }
    uv_update_time(engine->parts->loop); /* executing a block may have taken long */
    uv_timer_start(&timer->handle, on_timer, (uint64_t)effect->timer.delay_ms, 0);
}

void engine_carry_out(struct engine *engine, const struct effect *effect)
{
    switch (effect->kind) {
    case EFFECT_PERSIST:
        persist(engine, effect);
        break;
    case EFFECT_SEND:
        send_own(engine, effect);
        break;
    case EFFECT_EXECUTE:
        execute(engine, effect);
        break;
    case EFFECT_BUILD:
        build(engine, effect);
        break;
    case EFFECT_DECIDE:
        decide(engine, effect);
        break;
    case EFFECT_EVIDENCE:
        if (evidence_pool_add(engine->evidence, &effect->evidence) == 0) {
            engine_work(engine);
        }
        break;
    case EFFECT_DIVERGED:
        engine_stop_node(engine, ERR_CORRUPT, "a quorum has decided a block that is invalid here");
        break;
    case EFFECT_TIMER:
        set_timer(engine, effect);
        break;
    }
}

/* One event: a step, and all its effects in order, unless one of them stops the node. */
