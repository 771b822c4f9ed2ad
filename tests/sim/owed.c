/* Evidence gets into the chain: once an honest node has taken it up, the next block of its own that
 * is decided holds it, unless an earlier one does. So after all is healed it is there as soon as
 * the node's turn has come. What it finds it takes up, however early the votes came. Once only:
 * check.c. That two different votes are noticed at all is judged by the twins (tests/twins), who
 * count what each node has received. */
#include "judge.h"

#include "base/errors.h"
#include "node/evidence_pool.h"

#include <string.h>

#define BUILDING_MS 1000 /* a block takes less than that from the building to the proposing */

int __wrap_evidence_pool_add(struct evidence_pool *pool, const struct evidence *evidence);
int __real_evidence_pool_add(struct evidence_pool *pool, const struct evidence *evidence);

/* The block that put an act on record, 0: none yet. Asked of what the judge was told, not of a
 * host, whose disk may fail it. */
static uint64_t record_of(const struct judge *judge, const struct vote *act)
{
    for (size_t i = 0; i < judge->told_count; i++) {
        if (judge_same_act(&judge->told[i].act, act))
            return judge->told[i].block;
    }
    return 0;
}

/* Acts that may wait in the pool of a host: taken up by anybody, who tells it of them, young enough
 * and not on record below its tip. What the tip itself has put there still waits where a step that
 * decides finds evidence too: the pool is told of the block after that. */
static size_t waiting(const struct sim_host *host, const char *validator)
{
    const struct judge *judge = host->world->judge;
    uint64_t height = host_height(host);
    uint64_t age_max = (uint64_t)judge->params.evidence_max_age;
    size_t count = 0;
    for (size_t i = 0; i < judge->found_count; i++) {
        const struct vote *act = &judge->found[i];
        uint64_t block = record_of(judge, act);
        count += (validator == NULL || strcmp(act->validator, validator) == 0) &&
                 act->height + age_max >= height && (block == 0 || block >= height);
    }
    return count;
}

static bool is_found(const struct judge *judge, const struct vote *act)
{
    for (size_t i = 0; i < judge->found_count; i++) {
        if (judge_same_act(&judge->found[i], act))
            return true;
    }
    return false;
}

/* It is found once in the life of a node: what is refused without need is lost. Full is a pool that
 * can hold so many acts that are not on record; a duplicate is one that somebody has found. */
static bool may_be_refused(const struct sim_host *host, const struct evidence *evidence, int error)
{
    uint64_t age_max = (uint64_t)host->world->judge->params.evidence_max_age;
    if (app_error_is_environment(error) || evidence->a.height + age_max < host_height(host) + 1)
        return true;
    switch (error) {
    case ERR_DUPLICATE:
        return is_found(host->world->judge, &evidence->a) ||
               record_of(host->world->judge, &evidence->a) != 0;
    case ERR_QUOTA:
        return waiting(host, evidence->a.validator) >= EVIDENCE_POOL_VALIDATOR_MAX;
    case ERR_UNAVAILABLE:
        return waiting(host, NULL) >= EVIDENCE_POOL_MAX;
    default:
        return false;
    }
}

static void note_found(struct judge *judge, const struct vote *act)
{
    if (is_found(judge, act))
        return;
    judge_grow(&judge->found, judge->found_count, &judge->found_capacity, sizeof *judge->found);
    judge->found[judge->found_count++] = *act;
}

/* What the state machine of a node has found, and its pool has room for. */
int __wrap_evidence_pool_add(struct evidence_pool *pool, const struct evidence *evidence)
{
    struct sim_host *host = sim_here;
    struct judge *judge = host->world->judge;
    int error = __real_evidence_pool_add(pool, evidence);
    bool judged = !host->dead && host_honest(host);
    if (judged && error != 0 && !may_be_refused(host, evidence, error))
        sim_fail(host->world, "n%zu lets go of evidence of height %llu that it has found: %s",
                 host->index, (unsigned long long)evidence->a.height, error_code(error));
    if (error == 0)
        note_found(judge, &evidence->a);
    if (!judged || error != 0)
        return error;
    host->world->counters->evidence_early += evidence->a.height > host_height(host) + 1;
    judge_grow(&judge->owed, judge->owed_count, &judge->owed_capacity, sizeof *judge->owed);
    judge->owed[judge->owed_count++] = (struct owed){.host = host->index,
                                                     .life = host->life,
                                                     .at_ms = SIM_WALL_MS + host->world->now_ms,
                                                     .act = evidence->a};
    return error;
}

static bool holds(const struct block *block, const struct vote *act)
{
    for (size_t i = 0; i < block->evidence_count; i++) {
        if (judge_same_act(&block->evidence[i].a, act))
            return true;
    }
    return false;
}

/* Before the block's own evidence is counted among what is told. */
void owed_check(struct world *world, const struct app_commit *commit)
{
    const struct judge *judge = world->judge;
    const struct header *header = &commit->header;
    const struct sim_host *proposer = judge_find_host(world, header->proposer);
    int64_t proposed_ms = judge_first_seen_ms(judge, &commit->hash);
    uint64_t age_max = (uint64_t)judge->params.evidence_max_age;
    if (proposer == NULL || !host_honest(proposer) ||
        commit->block->evidence_count == BLOCK_EVIDENCE_MAX)
        return;
    for (size_t i = 0; i < judge->owed_count; i++) {
        const struct owed *owed = &judge->owed[i];
        if (owed->host != proposer->index || owed->life != proposer->life ||
            owed->at_ms + BUILDING_MS > proposed_ms || owed->act.height > header->height ||
            owed->act.height + age_max < header->height || record_of(judge, &owed->act) != 0)
            continue;
        world->counters->evidence_owed++;
        if (!holds(commit->block, &owed->act))
            sim_fail(world, "block %llu of n%zu lacks evidence that it has",
                     (unsigned long long)header->height, proposer->index);
    }
}
