/* Judge of holds: they end. Whoever held its votes back and has a seat signs again above that
 * height, or above the tip at which an override lifted it. The world goes on after its last height
 * until all have: the network is healed then, and nothing but the node itself keeps it silent. */
#include "sim.h"

#include "node/engine_internal.h"

#define SIGNS_AGAIN_MS 60000 /* roll calls are over long before: roll.c */

void judge_held(struct sim_host *host, uint64_t height, enum hold_reason reason)
{
    if (reason != HOLD_ALONE && height > host->held_until)
        host->held_until = height;
}

void judge_held_no_more(struct sim_host *host)
{
    host->held_until = host_height(host);
}

void judge_signed(struct sim_host *host, uint64_t height)
{
    if (host->held_until == 0 || height <= host->held_until)
        return;
    host->held_until = 0;
    host->world->counters->held_ended++;
    sim_trace(host->world, "n%zu signs again", host->index);
}

/* The set of the next height names a key that it has. */
static bool has_seat(const struct sim_host *host)
{
    const struct engine *engine = host->node->engine;
    return engine_key_in(engine, app_next_validators(host->node->app)) != NULL;
}

bool judge_awaits_held(struct world *world)
{
    const struct sim_host *held = NULL;
    for (size_t i = 0; i < world->host_count; i++) {
        const struct sim_host *host = &world->host[i];
        if (host_honest(host) && host->up && host->held_until != 0 && has_seat(host))
            held = host;
    }
    if (held == NULL || world->awaited_ms == 0)
        world->awaited_ms = held != NULL ? world->now_ms : 0;
    else if (world->now_ms - world->awaited_ms > SIGNS_AGAIN_MS)
        sim_fail(world, "n%zu held its votes back to height %llu, and signs nothing at %llu",
                 held->index, (unsigned long long)held->held_until,
                 (unsigned long long)host_height(held));
    return held != NULL;
}
