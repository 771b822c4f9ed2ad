/* Waits double up to their bound; chance spreads them by half, so that two who dial each other do
 * not do so at the same time for ever. */
#include "node/redial.h"

static void plan(struct redial *redial, int64_t from_ms, int64_t max_ms, uint64_t random)
{
    int64_t wait_ms = redial->wait_ms == 0 ? REDIAL_FIRST_MS : redial->wait_ms * 2;
    redial->wait_ms = wait_ms < max_ms ? wait_ms : max_ms;
    redial->next_ms = from_ms + redial->wait_ms / 2 + (int64_t)(random % (uint64_t)redial->wait_ms);
}

void redial_lost(struct redial *redial, int64_t now_ms, int64_t up_since_ms, uint64_t random)
{
    if (now_ms - up_since_ms >= REDIAL_STEADY_MS) {
        redial->wait_ms = 0;
    }
    plan(redial, now_ms, REDIAL_MAX_MS, random);
}

void redial_failed(struct redial *redial, int64_t began_ms, bool spurned, uint64_t random)
{
    plan(redial, began_ms, spurned ? REDIAL_SPURNED_MAX_MS : REDIAL_MAX_MS, random);
}
