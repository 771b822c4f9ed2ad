/* The judges. Each looks at all nodes from above and at nothing inside them:
 *
 *   agreement       one block at each height, whoever commits it and however
 *   validity        it extends the chain, executes to what its header says, and its time is one
 *                   that an honest clock could have found timely
 *   certificate     a quorum of different members precommitted exactly it
 *   no double sign  over every message an honest node ever released, across its lives
 *   lock rule       after a precommit for a block, a prevote for another needs a later quorum
 *   evidence        names only those who did contradict themselves, and proves it */
#include "sim.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define CLOCK_SLACK_MS 100 /* honest clocks are within ±80 ms, but for one at a time */

/* What a node released at (height, round, step). */
struct release {
    uint64_t height;
    uint32_t round;
    int step;
    size_t node;
    struct hash digest; /* of what was signed */
    struct hash block;
};

struct accusation {
    size_t node;
    unsigned life;
    struct vote about; /* height, round, type, validator */
};

struct first_seen {
    struct hash block;
    uint32_t round;
    int64_t at_ms; /* true time, as on a perfect clock */
};

struct judge {
    size_t release_count, release_capacity;
    struct release *release;
    size_t seen_count, seen_capacity;
    struct first_seen *seen;
    size_t accusation_count, accusation_capacity;
    struct accusation *accusation;
    struct hash decided[SIM_HEIGHTS_MAX];
};

void judge_make(struct world *world)
{
    world->judge = memory_alloc(sizeof *world->judge);
}

void judge_free(struct world *world)
{
    memory_free(world->judge->release);
    memory_free(world->judge->seen);
    memory_free(world->judge->accusation);
    memory_free(world->judge);
}

static int step_of(const struct message *message)
{
    return message->kind == MESSAGE_PROPOSAL ? 0 : message->vote.type == VOTE_PREVOTE ? 1 : 2;
}

/* Members that may have prevoted for the block: those seen doing so, and every liar. */
static size_t prevotes_for(const struct world *world, uint64_t height, uint32_t round,
                           const struct hash *block)
{
    size_t count = 0;
    for (size_t i = 0; i < world->options->nodes; i++)
        count += world->node[i].conduct != CONDUCT_HONEST;
    const struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->release_count; i++) {
        const struct release *release = &judge->release[i];
        count += release->height == height && release->round == round && release->step == 1 &&
                 hash_equal(&release->block, block);
    }
    return count;
}

/* A prevote for another block than one precommitted earlier needs a quorum of prevotes in a round
 * from that precommit on (lines 23 and 29). */
static void check_lock_rule(struct world *world, const struct sim_node *node,
                            const struct vote *vote)
{
    const struct judge *judge = world->judge;
    const struct release *locked = NULL;
    for (size_t i = 0; i < judge->release_count; i++) {
        const struct release *release = &judge->release[i];
        if (release->height == vote->height && release->node == node->index && release->step == 2 &&
            !hash_is_zero(&release->block) && release->round < vote->round &&
            (!locked || release->round > locked->round))
            locked = release;
    }
    if (!locked || hash_equal(&locked->block, &vote->block))
        return;
    size_t quorum = validators_quorum(world->options->nodes);
    for (uint32_t round = locked->round; round < vote->round; round++) {
        if (prevotes_for(world, vote->height, round, &vote->block) >= quorum)
            return;
    }
    sim_fail(world, "n%zu prevotes against its lock at %llu/%u", node->index,
             (unsigned long long)vote->height, vote->round);
}

/* A vote for a block says: I hold its body and it is valid; a precommit: and I have stored it. A
 * prevote sent again after a restart said so when it was signed. */
static void check_block_held(struct world *world, const struct sim_node *node,
                             const struct vote *vote)
{
    if (node->resuming && vote->type == VOTE_PREVOTE)
        return;
    const struct sim_body *body = ledger_find_body(node, &vote->block);
    bool stored = vote->type == VOTE_PREVOTE;
    for (size_t i = 0; i < node->stored_count; i++)
        stored |= hash_equal(&node->stored_hash[i], &vote->block);
    if (!stored || !body || !ledger_valid(world, node, body))
        sim_fail(world, "n%zu votes at %llu/%u for a block it does not hold, or an invalid one",
                 node->index, (unsigned long long)vote->height, vote->round);
}

void judge_released(struct world *world, const struct sim_node *node, const struct message *message)
{
    struct judge *judge = world->judge;
    struct release now = {.height = message_height(message),
                          .round = message_round(message),
                          .step = step_of(message),
                          .node = node->index};
    message_digest(&now.digest, &world->genesis, message);
    now.block = message->kind == MESSAGE_PROPOSAL ? message->proposal.block : message->vote.block;
    for (size_t i = 0; i < judge->release_count; i++) {
        const struct release *then = &judge->release[i];
        if (then->height != now.height || then->round != now.round || then->step != now.step ||
            then->node != now.node)
            continue;
        if (!hash_equal(&then->digest, &now.digest))
            sim_fail(world, "n%zu signed twice at %llu/%u step %d", node->index,
                     (unsigned long long)now.height, now.round, now.step);
        return;
    }
    if (now.step == 0)
        judge_proposed(world, &message->proposal);
    if (now.step > 0 && !hash_is_zero(&now.block))
        check_block_held(world, node, &message->vote);
    if (now.step == 1 && !hash_is_zero(&now.block))
        check_lock_rule(world, node, &message->vote);
    /* Only the last heights matter: nodes sign at none that is long decided. */
    size_t kept = 0;
    if (judge->release_count > 4000) {
        for (size_t i = 0; i < judge->release_count; i++) {
            if (judge->release[i].height + 20 >= now.height)
                judge->release[kept++] = judge->release[i];
        }
        judge->release_count = kept;
    }
    if (judge->release_count == judge->release_capacity) {
        judge->release_capacity = judge->release_capacity ? 2 * judge->release_capacity : 1024;
        judge->release =
            memory_resize(judge->release, judge->release_capacity * sizeof *judge->release);
    }
    judge->release[judge->release_count++] = now;
}

void judge_proposed(struct world *world, const struct proposal *proposal)
{
    struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->seen_count; i++) {
        if (hash_equal(&judge->seen[i].block, &proposal->block))
            return;
    }
    if (judge->seen_count == judge->seen_capacity) {
        judge->seen_capacity = judge->seen_capacity ? 2 * judge->seen_capacity : 256;
        judge->seen = memory_resize(judge->seen, judge->seen_capacity * sizeof *judge->seen);
    }
    judge->seen[judge->seen_count++] = (struct first_seen){
        .block = proposal->block, .round = proposal->round, .at_ms = SIM_WALL_MS + world->now_ms};
}

/* A block is decided only if some honest node with a good clock found it timely when it came, in
 * the round of its making or one in which a liar passed it off as fresh. */
static void check_time(struct world *world, const struct sim_block *block)
{
    const struct header *header = &block->body.header;
    const struct judge *judge = world->judge;
    int64_t now_ms = SIM_WALL_MS + world->now_ms;
    int64_t precision_ms = world->timing.precision_ms;
    if (header->time_ms > now_ms + precision_ms + CLOCK_SLACK_MS)
        sim_fail(world, "block %llu is dated %lld ms ahead", (unsigned long long)header->height,
                 (long long)(header->time_ms - now_ms));
    for (size_t i = 0; i < judge->seen_count; i++) {
        const struct first_seen *seen = &judge->seen[i];
        if (!hash_equal(&seen->block, &block->hash))
            continue;
        int64_t delay_ms = world->timing.message_delay_ms * (block->certificate.round + 1);
        if (header->time_ms + delay_ms + precision_ms + CLOCK_SLACK_MS < seen->at_ms)
            sim_fail(world, "block %llu is dated %lld ms back", (unsigned long long)header->height,
                     (long long)(seen->at_ms - header->time_ms));
        return;
    }
    sim_fail(world, "block %llu was never proposed", (unsigned long long)header->height);
}

static void check_certificate(struct world *world, const struct sim_block *block)
{
    const struct certificate *certificate = &block->certificate;
    size_t good = 0;
    for (size_t i = 0; i < certificate->count; i++) {
        struct vote vote = {.type = VOTE_PRECOMMIT,
                            .height = block->body.header.height,
                            .round = certificate->round,
                            .block = block->hash};
        struct hash digest;
        vote_digest(&digest, &world->genesis, &vote);
        for (size_t v = 0; v < world->set.count; v++) {
            good +=
                strcmp(world->set.item[v].member, certificate->signer[i].member) == 0 &&
                sim_verify(&world->set.item[v].key, &digest, &certificate->signer[i].signature) &&
                (i == 0 ||
                 strcmp(certificate->signer[i - 1].member, certificate->signer[i].member) < 0);
        }
    }
    if (good != certificate->count || 3 * good <= 2 * world->set.count ||
        certificate->height != block->body.header.height ||
        !hash_equal(&certificate->block, &block->hash))
        sim_fail(world, "block %llu has a bad certificate",
                 (unsigned long long)block->body.header.height);
}

void judge_committed(struct world *world, const struct sim_node *node,
                     const struct sim_block *block, const struct sim_block *previous)
{
    const struct header *header = &block->body.header;
    unsigned long long height = header->height;
    struct hash *decided = &world->judge->decided[height];
    if (height != node->height + 1 || !hash_equal(&header->previous, &previous->hash) ||
        !ledger_valid(world, node, &block->body))
        sim_fail(world, "n%zu committed an invalid block at %llu", node->index, height);
    if (header->time_ms <= previous->body.header.time_ms)
        sim_fail(world, "time stands still at %llu", height);
    check_certificate(world, block);
    if (hash_is_zero(decided)) {
        *decided = block->hash;
        world->counters->heights++;
        world->counters->rounds_later += block->certificate.round > 0;
        check_time(world, block);
    } else if (!hash_equal(decided, &block->hash)) {
        sim_fail(world, "n%zu committed another block at %llu", node->index, height);
    }
}

/* Once per (validator, height, round, type), as long as the node remembers. */
static void check_told_once(struct world *world, const struct sim_node *node,
                            const struct evidence *evidence)
{
    struct judge *judge = world->judge;
    for (size_t i = 0; i < judge->accusation_count; i++) {
        const struct accusation *then = &judge->accusation[i];
        if (then->node == node->index && then->life == node->life &&
            then->about.height == evidence->a.height && then->about.round == evidence->a.round &&
            then->about.type == evidence->a.type &&
            strcmp(then->about.validator, evidence->a.validator) == 0)
            sim_fail(world, "n%zu gives the same evidence twice", node->index);
    }
    if (judge->accusation_count == judge->accusation_capacity) {
        judge->accusation_capacity =
            judge->accusation_capacity ? 2 * judge->accusation_capacity : 256;
        judge->accusation = memory_resize(judge->accusation,
                                          judge->accusation_capacity * sizeof *judge->accusation);
    }
    judge->accusation[judge->accusation_count++] =
        (struct accusation){.node = node->index, .life = node->life, .about = evidence->a};
}

void judge_evidence(struct world *world, const struct sim_node *node,
                    const struct evidence *evidence)
{
    int index = validators_find(&world->set, evidence->a.validator);
    if (index < 0 || world->node[index].conduct == CONDUCT_HONEST) {
        sim_fail(world, "n%zu accuses an honest node", node->index);
        return;
    }
    const struct vote *votes[] = {&evidence->a, &evidence->b};
    bool good = evidence->a.type == evidence->b.type && evidence->a.height == evidence->b.height &&
                evidence->a.round == evidence->b.round &&
                strcmp(evidence->a.validator, evidence->b.validator) == 0 &&
                hash_compare(&evidence->a.block, &evidence->b.block) < 0;
    for (size_t i = 0; i < 2; i++) {
        struct hash digest;
        vote_digest(&digest, &world->genesis, votes[i]);
        good &= sim_verify(&world->set.item[index].key, &digest, &votes[i]->signature);
    }
    if (!good)
        sim_fail(world, "n%zu gives evidence that proves nothing", node->index);
    check_told_once(world, node, evidence);
}
