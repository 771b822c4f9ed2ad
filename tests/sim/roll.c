/* Judges of the roll call: it ends after a quorum has answered, at no lower height than what more
 * than f honest nodes have told, and within a bound whatever liars tell. */
#include "sim.h"

#include "node/engine_internal.h"

#define LIAR_MS 20000 /* UNSHOWN_LOOKS of engine_roll.c, for each of at most f */
#define LOOK_MS 6000  /* until the others have answered anew, and it has looked */

/* The highest that more than f of those honest have answered. */
static uint64_t honest_tip(const struct sim_host *host, const struct validator_set *set)
{
    const struct founding *founding = host->world->founding;
    uint64_t highest = 0;
    for (size_t i = 0; i < founding->members; i++) {
        size_t tell = 0;
        for (size_t k = 0; k < founding->members; k++)
            tell += host->roll.tip[k] >= host->roll.tip[i] &&
                    validators_find(set, founding->member[k].member) >= 0;
        if (tell > validators_faulty_max(set->count) && host->roll.tip[i] > highest)
            highest = host->roll.tip[i];
    }
    return highest;
}

void judge_roll_over(struct sim_host *host)
{
    const struct validator_set *set = app_next_validators(host->node->app);
    const struct founding *founding = host->world->founding;
    size_t answered = 0;
    for (size_t i = 0; i < founding->members; i++)
        answered += (host->roll.answered >> i & 1) != 0 &&
                    validators_find(set, founding->member[i].member) >= 0;
    bool own = engine_is_validator(host->node->engine);
    if (answered + own < validators_quorum(set->count))
        sim_fail(host->world, "n%zu ends its roll call with %zu answers", host->index, answered);
    uint64_t least = honest_tip(host, set);
    if (app_height(host->node->app) < least)
        sim_fail(host->world, "n%zu ends its roll call at height %llu and was told of %llu",
                 host->index, (unsigned long long)app_height(host->node->app),
                 (unsigned long long)least);
    host->roll.over = true;
}

/* Whatever liars tell: each has so long, once the node is as far as the chain was. A line may be
 * slower than the chain; then it is not liars that keep the node out. */
void judge_roll_goes_on(struct sim_host *host)
{
    struct world *world = host->world;
    struct sim_roll *roll = &host->roll;
    const struct validator_set *set = app_next_validators(host->node->app);
    const struct engine_tally now = engine_tally(host->node->engine);
    int64_t most_ms = LIAR_MS * (int64_t)validators_faulty_max(set->count) + LOOK_MS;
    if (roll->goal == 0 && now.answered >= now.needed)
        roll->goal = judge_top(world);
    bool ready = host->line_bytes_s == 0 && now.needed > 0 && now.answered >= now.needed &&
                 roll->goal != 0 && app_height(host->node->app) >= roll->goal;
    if (!ready || roll->ready_ms == 0)
        roll->ready_ms = ready ? world->now_ms : 0;
    else if (world->now_ms - roll->ready_ms > most_ms)
        sim_fail(world, "n%zu is kept out at height %llu by a tip of %llu", host->index,
                 (unsigned long long)app_height(host->node->app), (unsigned long long)now.told);
}

/* A value of before its start, decided now, is no lie of who shows it: the time begins anew. */
void judge_roll_block(struct sim_host *host, const struct header *header)
{
    const struct engine *engine = host->node->engine;
    if (engine != NULL && header->time_ms <= engine->opened_time_ms)
        host->roll.ready_ms = 0;
}
