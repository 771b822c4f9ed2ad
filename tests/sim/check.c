/* The judges. Each looks at all nodes from above:
 *
 *   agreement       one block at each height, whoever commits it and however
 *   validity        it extends the chain, its set is the one the header before it names, and its
 *                   time is one that an honest clock could have found timely; at the end (final.c)
 *                   the whole chain is executed again on a fresh ledger
 *   certificate     a quorum of different members of the set precommitted exactly it
 *   no double sign  over every message an honest node ever released, across its lives
 *   lock rule       after a precommit for a block, a prevote for another needs a later quorum
 *   holds           end: whoever held votes back signs again (holds.c)
 *   evidence        in the chain once, and only of those who did contradict themselves; that it
 *                   gets there: owed.c
 *
 *   roll call       a node signs after a quorum has answered it, at no height below what more than
 *                   f honest ones told, and within a bound whatever liars tell (roll.c); of what it
 *                   was told it contradicts nothing, whatever its own disk knows
 *
 *   transactions    in the chain once */
#include "judge.h"

#include "base/memory.h"
#include "chain/store_layout.h"
#include "node/engine_internal.h"

#include <string.h>

#define CLOCK_SLACK_MS 100 /* honest clocks are within ±40 ms, but for one at a time */

void judge_make(struct world *world)
{
    world->judge = memory_alloc(sizeof *world->judge);
}

void judge_free(struct world *world)
{
    struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->set_count; i++)
        memory_free(judge->set[i]);
    memory_free(judge->set);
    memory_free(judge->release);
    memory_free(judge->seen);
    memory_free(judge->told);
    memory_free(judge->owed);
    memory_free(judge->found);
    memory_free(judge->txid);
    memory_free(judge);
}

uint64_t judge_top(const struct world *world)
{
    return world->judge->top;
}

void judge_grow(void *array, size_t count, size_t *capacity, size_t size)
{
    void **at = array;
    if (count < *capacity)
        return;
    *capacity = *capacity ? 2 * *capacity : 256;
    *at = memory_resize(*at, *capacity * size);
}

static const struct validator_set *set_of(const struct judge *judge, uint64_t height)
{
    return height <= judge->top ? judge->height[height].set : judge->set[judge->set_count - 1];
}

const struct sim_host *judge_find_host(const struct world *world, const char *member)
{
    for (size_t i = 0; i < world->host_count; i++) {
        if (strcmp(world->host[i].identity->member, member) == 0)
            return &world->host[i];
    }
    return NULL;
}

/* ---- what is signed ---- */

static int step_of(const struct message *message)
{
    return message->kind == MESSAGE_PROPOSAL ? 0 : message->vote.type == VOTE_PREVOTE ? 1 : 2;
}

/* Whether it was seen prevoting for the block, or lies and may have. */
static bool may_have_prevoted(const struct sim_host *host, uint64_t height, uint32_t round,
                              const struct hash *block)
{
    const struct judge *judge = host->world->judge;
    bool may = !host_honest(host) || host->doubled;
    for (size_t i = 0; !may && i < judge->release_count; i++) {
        const struct release *release = &judge->release[i];
        may = release->host == host->index && release->height == height &&
              release->round == round && release->step == 1 && hash_equal(&release->block, block);
    }
    return may;
}

/* Seats, each once, whoever runs with its key. */
static size_t prevotes_for(const struct world *world, const struct validator_set *set,
                           uint64_t height, uint32_t round, const struct hash *block)
{
    size_t count = 0;
    for (size_t seat = 0; seat < set->count; seat++) {
        bool may = false;
        for (size_t i = 0; !may && i < world->host_count; i++) {
            const struct sim_host *host = &world->host[i];
            may = strcmp(host->identity->member, set->item[seat].member) == 0 &&
                  may_have_prevoted(host, height, round, block);
        }
        count += may;
    }
    return count;
}

/* A prevote for another block than one precommitted earlier needs a quorum of prevotes in a round
 * from that precommit on (lines 23 and 29). */
static void check_lock_rule(struct world *world, const struct sim_host *host,
                            const struct vote *vote, const struct validator_set *set)
{
    const struct judge *judge = world->judge;
    const struct release *locked = NULL;
    for (size_t i = 0; i < judge->release_count; i++) {
        const struct release *release = &judge->release[i];
        if (release->height == vote->height && release->host == host->index && release->step == 2 &&
            !hash_is_zero(&release->block) && release->round < vote->round && !release->forgotten &&
            (!locked || release->round > locked->round))
            locked = release;
    }
    if (!locked || hash_equal(&locked->block, &vote->block))
        return;
    for (uint32_t round = locked->round; round < vote->round; round++) {
        if (3 * prevotes_for(world, set, vote->height, round, &vote->block) > 2 * set->count)
            return;
    }
    sim_fail(world, "n%zu prevotes against its lock at %llu/%u", host->index,
             (unsigned long long)vote->height, vote->round);
}

/* The first body of a height lies where its block will, further ones in a table of their own. */
static bool is_stored(const struct sim_host *host, uint64_t height, const struct hash *block)
{
    AUTO(buf_free) struct buf value = {0};
    struct store_key further = store_key_body(height, block);
    struct store_key first = store_key_height(KV_BLOCK, height);
    struct header header;
    struct hash hash;
    struct view payload;
    if (kv_memory_get_durable(host->kv, store_key_view(&further), &value) == 0)
        return true;
    if (kv_memory_get_durable(host->kv, store_key_view(&first), &value) != 0 ||
        store_unseal(&payload, store_key_view(&first), view_of_buf(&value)) != 0)
        return false;
    struct reader reader = reader_of(payload);
    if (header_decode(&header, &reader) != 0)
        return false;
    header_hash(&hash, &header);
    return hash_equal(&hash, block);
}

/* A precommit for a block says: its body is on my disk. */
static void check_body_stored(struct world *world, const struct sim_host *host,
                              const struct vote *vote)
{
    /* It was there when this was signed. */
    bool lost = host->resuming && vote->height <= host->replaced_at;
    if (!lost && !is_stored(host, vote->height, &vote->block))
        sim_fail(world, "n%zu precommits at %llu/%u a block it has not stored", host->index,
                 (unsigned long long)vote->height, vote->round);
}

size_t judge_release_count(const struct world *world)
{
    return world->judge->release_count;
}

void judge_forget(struct sim_host *host, size_t from)
{
    struct judge *judge = host->world->judge;
    for (size_t i = from; i < judge->release_count; i++)
        judge->release[i].forgotten |= judge->release[i].host == host->index;
}

/* From here on it is to hold its signatures at that height, or to go on from there: unless it has
 * gone past it already, for lack of anybody to tell it in time. */
void judge_told(struct sim_host *host, const struct message *message)
{
    struct judge *judge = host->world->judge;
    const struct safety_record *record = signer_record(host->node->engine->signer);
    struct hash digest;
    if (message->kind == MESSAGE_VOTE &&
        strcmp(message->vote.validator, host->identity->member) != 0)
        return; /* another's vote for the same has the same digest */
    message_digest(&digest, &host->world->founding->genesis_hash, message);
    for (size_t i = 0; i < judge->release_count; i++) {
        struct release *release = &judge->release[i];
        bool past = record->height > release->height ||
                    (record->height == release->height && record->round > release->round);
        if (release->forgotten && release->host == host->index && !past &&
            hash_equal(&release->digest, &digest)) {
            release->forgotten = false;
            release->told_life = host->life;
            host->world->counters->reminded++;
            sim_trace(host->world, "n%zu is told what it signed at %llu/%u step %d", host->index,
                      (unsigned long long)release->height, release->round, release->step);
        }
    }
}

/* A hold keeps what it was told in any life, by its height. Who lifts it goes on from what the
 * others have told in this life, and answers for the rest. */
void judge_lifted(struct sim_host *host)
{
    struct judge *judge = host->world->judge;
    for (size_t i = 0; i < judge->release_count; i++) {
        struct release *release = &judge->release[i];
        release->forgotten |= release->host == host->index && release->told_life != 0 &&
                              release->told_life != host->life &&
                              release->height > host_height(host);
    }
}

/* What nobody told it of, it may contradict: it is one of the faulty then. */
static void contradict_forgotten(struct world *world, struct release *then,
                                 const struct release *now)
{
    struct sim_host *host = &world->host[now->host];
    sim_trace(world, "n%zu signs twice what nobody told it of", now->host);
    host->doubled = true;
    *then = *now;
}

/* False if it was released before; a different one at the same place is a double sign. */
static bool note_release(struct world *world, const struct release *now)
{
    struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->release_count; i++) {
        struct release *then = &judge->release[i];
        if (then->height != now->height || then->round != now->round || then->step != now->step ||
            then->host != now->host)
            continue;
        bool same = hash_equal(&then->digest, &now->digest);
        if (then->forgotten && !same) {
            contradict_forgotten(world, then, now);
            return true;
        }
        then->forgotten = false;
        if (!same)
            sim_fail(world, "n%zu signed twice at %llu/%u step %d", now->host,
                     (unsigned long long)now->height, now->round, now->step);
        return false;
    }
    judge_grow(&judge->release, judge->release_count, &judge->release_capacity,
               sizeof *judge->release);
    judge->release[judge->release_count++] = *now;
    return true;
}

/* With the key that the set of the height names, and not before the roll call is over. */
static void check_may_sign(struct sim_host *host, const struct message *message,
                           const struct hash *digest)
{
    const struct validator_set *set = app_next_validators(host->node->app);
    int own = validators_find(set, host->identity->member);
    const struct signature *signature =
        message->kind == MESSAGE_VOTE ? &message->vote.signature : &message->proposal.signature;
    if (own < 0 || !schnorr_verify(&set->item[own].key, digest, signature))
        sim_fail(host->world, "n%zu signs at %llu with a key that has no seat", host->index,
                 (unsigned long long)message_height(message));
    if (!host->roll.over)
        sim_fail(host->world, "n%zu signs before its roll call is over", host->index);
    host->world->counters->signed_by_next +=
        memcmp(&set->item[own].key, &host->identity->vote_next, sizeof set->item[own].key) == 0;
}

void judge_released(struct sim_host *host, const struct message *message)
{
    struct world *world = host->world;
    struct release now = {.height = message_height(message),
                          .round = message_round(message),
                          .step = step_of(message),
                          .host = host->index};
    if (now.step == 0)
        judge_proposed(world, &message->proposal);
    if (!host_honest(host))
        return;
    message_digest(&now.digest, &world->founding->genesis_hash, message);
    check_may_sign(host, message, &now.digest);
    judge_signed(host, now.height);
    now.block = message->kind == MESSAGE_PROPOSAL ? message->proposal.block : message->vote.block;
    if (!note_release(world, &now) || now.step == 0 || hash_is_zero(&now.block))
        return;
    if (now.step == 1)
        check_lock_rule(world, host, &message->vote, app_next_validators(host->node->app));
    else
        check_body_stored(world, host, &message->vote);
}

int64_t judge_first_seen_ms(const struct judge *judge, const struct hash *block)
{
    for (size_t i = 0; i < judge->seen_count; i++) {
        if (hash_equal(&judge->seen[i].block, block))
            return judge->seen[i].at_ms;
    }
    return 0;
}

void judge_proposed(struct world *world, const struct proposal *proposal)
{
    struct judge *judge = world->judge;
    if (judge_first_seen_ms(judge, &proposal->block) != 0)
        return;
    judge_grow(&judge->seen, judge->seen_count, &judge->seen_capacity, sizeof *judge->seen);
    judge->seen[judge->seen_count++] =
        (struct first_seen){.block = proposal->block, .at_ms = SIM_WALL_MS + world->now_ms};
}

/* ---- what is committed ---- */

/* A block is decided only if some honest node with a good clock found it timely when it came, in
 * the round of its making or one in which a liar passed it off as fresh. */
static void check_time(struct world *world, const struct header *header, const struct hash *hash,
                       uint32_t round)
{
    const struct judge *judge = world->judge;
    const struct chain_params *params = &judge->params;
    int64_t now_ms = SIM_WALL_MS + world->now_ms;
    if (header->time_ms > now_ms + params->precision_ms + CLOCK_SLACK_MS)
        sim_fail(world, "block %llu is dated %lld ms ahead", (unsigned long long)header->height,
                 (long long)(header->time_ms - now_ms));
    int64_t seen_ms = judge_first_seen_ms(judge, hash);
    int64_t delay_ms = params->message_delay_ms * ((int64_t)round + 1);
    if (seen_ms == 0)
        sim_fail(world, "block %llu was never proposed", (unsigned long long)header->height);
    else if (header->time_ms + delay_ms + params->precision_ms + CLOCK_SLACK_MS < seen_ms)
        sim_fail(world, "block %llu is dated %lld ms back", (unsigned long long)header->height,
                 (long long)(seen_ms - header->time_ms));
}

static void check_certificate(struct world *world, const struct header *header,
                              const struct hash *hash, const struct certificate *certificate,
                              const struct validator_set *set)
{
    size_t good = 0;
    for (size_t i = 0; i < certificate->count; i++) {
        const struct certificate_signer *signer = &certificate->signer[i];
        struct vote vote = {.type = VOTE_PRECOMMIT,
                            .height = header->height,
                            .round = certificate->round,
                            .block = *hash};
        struct hash digest;
        vote_digest(&digest, &world->founding->genesis_hash, &vote);
        for (size_t v = 0; v < set->count; v++) {
            good += strcmp(set->item[v].member, signer->member) == 0 &&
                    schnorr_verify(&set->item[v].key, &digest, &signer->signature) &&
                    (i == 0 || strcmp(signer[-1].member, signer->member) < 0);
        }
    }
    if (good != certificate->count || 3 * good <= 2 * set->count ||
        certificate->height != header->height || !hash_equal(&certificate->block, hash))
        sim_fail(world, "block %llu has a bad certificate", (unsigned long long)header->height);
}

bool judge_same_act(const struct vote *a, const struct vote *b)
{
    return a->height == b->height && a->round == b->round && a->type == b->type &&
           strcmp(a->validator, b->validator) == 0;
}

static void check_evidence(struct world *world, const struct evidence *evidence, uint64_t height)
{
    struct judge *judge = world->judge;
    const struct sim_host *host = judge_find_host(world, evidence->a.validator);
    const struct vote *votes[] = {&evidence->a, &evidence->b};
    const struct validator_set *set = set_of(judge, evidence->a.height);
    int at = validators_find(set, evidence->a.validator);
    bool good = at >= 0 && judge_same_act(&evidence->a, &evidence->b) &&
                hash_compare(&evidence->a.block, &evidence->b.block) < 0 &&
                evidence->a.height <= height;
    for (size_t i = 0; good && i < 2; i++) {
        struct hash digest;
        vote_digest(&digest, &world->founding->genesis_hash, votes[i]);
        good = schnorr_verify(&set->item[at].key, &digest, &votes[i]->signature);
    }
    if (!good)
        sim_fail(world, "block %llu holds evidence that proves nothing",
                 (unsigned long long)height);
    if (host == NULL ||
        (host->conduct != CONDUCT_EQUIVOCATING && host->conduct != CONDUCT_TWIN && !host->doubled))
        sim_fail(world, "block %llu accuses %s, which keeps the rules", (unsigned long long)height,
                 evidence->a.validator);
    for (size_t i = 0; i < judge->told_count; i++) {
        if (judge_same_act(&judge->told[i].act, &evidence->a))
            sim_fail(world, "block %llu holds evidence that an earlier one has",
                     (unsigned long long)height);
    }
    judge_grow(&judge->told, judge->told_count, &judge->told_capacity, sizeof *judge->told);
    judge->told[judge->told_count++] = (struct told){.act = evidence->a, .block = height};
    world->counters->evidence_committed++;
}

static void check_tx_once(struct world *world, const struct hash *txid, uint64_t height)
{
    struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->txid_count; i++) {
        if (hash_equal(&judge->txid[i], txid))
            sim_fail(world, "block %llu holds a transaction that an earlier one has",
                     (unsigned long long)height);
    }
    judge_grow(&judge->txid, judge->txid_count, &judge->txid_capacity, sizeof *judge->txid);
    judge->txid[judge->txid_count++] = *txid;
    world->counters->transactions++;
}

/* Sets seldom change: heights share them. */
static const struct validator_set *keep_set(struct judge *judge, const struct validator_set *set)
{
    if (judge->set_count > 0 && memcmp(judge->set[judge->set_count - 1], set, sizeof *set) == 0)
        return judge->set[judge->set_count - 1];
    judge->set = memory_resize(judge->set, (judge->set_count + 1) * sizeof *judge->set);
    judge->set[judge->set_count] = memory_alloc(sizeof *set);
    *judge->set[judge->set_count] = *set;
    return judge->set[judge->set_count++];
}

/* The first node to commit a height. */
static void note_decided(struct world *world, const struct app_commit *commit,
                         const struct certificate *certificate, const struct validator_set *set)
{
    struct judge *judge = world->judge;
    const struct header *header = &commit->header;
    struct decided *decided = &judge->height[header->height];
    world->counters->heights++;
    world->counters->rounds_later += certificate->round > 0;
    world->counters->changes +=
        header->height > 1 && !hash_equal(&header->validators, &decided[-1].header.validators);
    *decided = (struct decided){.hash = commit->hash, .header = *header};
    decided->set = keep_set(judge, set);
    judge->top = header->height;
    check_time(world, header, &commit->hash, certificate->round);
    owed_check(world, commit);
    for (size_t i = 0; i < commit->block->evidence_count; i++)
        check_evidence(world, &commit->block->evidence[i], header->height);
    for (size_t i = 0; i < commit->block->tx_count; i++)
        check_tx_once(world, &commit->block->txs[i]->id, header->height);
    office_committed(world, commit->block);
}

static void check_link(struct world *world, const struct header *header,
                       const struct validator_set *set)
{
    const struct judge *judge = world->judge;
    const struct decided *before = &judge->height[header->height - 1];
    struct hash own;
    validators_hash(&own, set);
    bool first = header->height == 1;
    const struct hash *previous = first ? &world->founding->genesis_hash : &before->hash;
    if (!hash_equal(&header->previous, previous) || !hash_equal(&header->validators, &own) ||
        (!first && !hash_equal(&before->header.next_validators, &own)))
        sim_fail(world, "block %llu does not follow the one before",
                 (unsigned long long)header->height);
    if (!first && header->time_ms <= before->header.time_ms)
        sim_fail(world, "time stands still at %llu", (unsigned long long)header->height);
}

void judge_committed(struct sim_host *host, const struct app_commit *commit,
                     const struct certificate *certificate, const struct validator_set *set)
{
    struct world *world = host->world;
    struct judge *judge = world->judge;
    const struct header *header = &commit->header;
    unsigned long long height = header->height;
    sim_mix(world, commit->hash.bytes, HASH_BYTES);
    sim_trace(world, "n%zu commits %llu with %zu transactions", host->index, height,
              commit->block->tx_count);
    if (height >= SIM_HEIGHTS_MAX || height > judge->top + 1 || height != host->height + 1) {
        sim_fail(world, "n%zu committed height %llu out of turn", host->index, height);
        return;
    }
    if (height == 1)
        judge->params = *app_params(host->node->app);
    host->height = height;
    judge_roll_block(host, header);
    check_link(world, header, set);
    if (height == judge->top + 1)
        note_decided(world, commit, certificate, set);
    else if (!hash_equal(&judge->height[height].hash, &commit->hash))
        sim_fail(world, "n%zu committed another block at %llu", host->index, height);
    check_certificate(world, header, &commit->hash, certificate, set);
}
