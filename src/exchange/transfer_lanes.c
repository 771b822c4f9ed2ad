/* Shares of the list of transfers, and turns of its threads. */
#include "exchange/transfer_lanes.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define FREE_PART 4       /* of what is free, one part is a provider's share */
#define GRANT_FREE_PART 2 /* of what its provider has free, a grant's */

static_assert(SLOW_MOVERS < UNPROVEN_MOVERS && UNPROVEN_MOVERS + LANE_MOVERS < MOVERS,
              "beside the slow, the new and one that falls silent a thread is left");

void lanes_free(struct lanes *lanes)
{
    while (lanes->first != NULL) {
        struct lane *lane = lanes->first;
        lanes->first = lane->next;
        memory_free(lane);
    }
}

struct lane *lanes_of(struct lanes *lanes, const char *provider)
{
    struct lane *lane = lanes->first;
    while (lane != NULL && strcmp(lane->provider, provider) != 0) {
        lane = lane->next;
    }
    if (lane == NULL) {
        lane = memory_alloc(sizeof *lane);
        (void)snprintf(lane->provider, sizeof lane->provider, "%s", provider);
        lane->next = lanes->first;
        lanes->first = lane;
    }
    return lane;
}

/* ---- how many ---- */

int lanes_check(const struct transfer *first, const char *provider, const char *grant)
{
    size_t all = 0, of_provider = 0, of_grant = 0;
    for (const struct transfer *at = first; at != NULL; at = at->next) {
        if (transfer_is_over(at->state)) {
            continue;
        }
        all++;
        of_provider += strcmp(at->provider, provider) == 0;
        of_grant += doc_text_is(at->body, "grant", grant);
    }
    if (of_provider == 0) {
        return all < TRANSFERS_LIST_MAX ? 0 : ERR_TRANSFER_FULL;
    }
    if (all >= TRANSFERS_MAX) {
        return ERR_TRANSFER_FULL;
    }
    if (of_provider >= TRANSFERS_PROVIDER_MAX ||
        (of_grant > 0 && of_grant >= (TRANSFERS_PROVIDER_MAX - of_provider) / GRANT_FREE_PART)) {
        return ERR_TRANSFER_SHARE;
    }
    return of_provider < (TRANSFERS_MAX - all) / FREE_PART ? 0 : ERR_TRANSFER_FULL;
}

/* ---- whose turn ---- */

/* Threads at work on providers of this pace. */
static unsigned movers_of(const struct lanes *lanes, enum lane_pace pace)
{
    unsigned count = 0;
    for (const struct lane *lane = lanes->first; lane != NULL; lane = lane->next) {
        count += lane->pace == pace ? lane->busy : 0;
    }
    return count;
}

/* Whether there is a thread for one more that is slow, and that is slow or new. */
struct room {
    bool slow, unproven;
};

static bool may_have_one(const struct lane *lane, struct room room)
{
    switch (lane->pace) {
    case LANE_QUICK:
        return lane->busy < LANE_MOVERS;
    case LANE_SLOW:
        return room.unproven && room.slow;
    case LANE_NEW:
    default:
        return room.unproven && lane->busy == 0;
    }
}

static bool is_sooner(const struct transfer *transfer, const struct transfer *than)
{
    uint64_t turn = transfer->lane->turn, than_turn = than->lane->turn;
    return turn != than_turn ? turn < than_turn : transfer->next_ms < than->next_ms;
}

struct transfer *lanes_next(const struct lanes *lanes, struct transfer *first, int64_t now_ms,
                            int64_t *wait_ms)
{
    struct transfer *next = NULL;
    unsigned slow = movers_of(lanes, LANE_SLOW);
    const struct room room = {.slow = slow < SLOW_MOVERS,
                              .unproven = slow + movers_of(lanes, LANE_NEW) < UNPROVEN_MOVERS};
    *wait_ms = LANE_IDLE_MS;
    for (struct transfer *at = first; at != NULL; at = at->next) {
        if (at->busy || transfer_is_over(at->state) || !may_have_one(at->lane, room)) {
            continue; /* who ends a step there wakes the others */
        }
        if (at->next_ms > now_ms) {
            *wait_ms = at->next_ms - now_ms < *wait_ms ? at->next_ms - now_ms : *wait_ms;
        } else if (next == NULL || is_sooner(at, next)) {
            next = at;
        }
    }
    return next;
}

void lanes_begin(struct lanes *lanes, struct transfer *transfer)
{
    transfer->busy = true;
    transfer->heard = HEARD_NOTHING;
    transfer->lane->busy++;
    transfer->lane->turn = ++lanes->turns;
}

void lanes_end(struct transfer *transfer)
{
    struct lane *lane = transfer->lane;
    transfer->busy = false;
    lane->busy--;
    if (transfer->heard != HEARD_NOTHING) {
        lane->pace = transfer->heard == HEARD_SOON ? LANE_QUICK : LANE_SLOW;
    }
}

void lanes_heard(struct transfer *transfer, int64_t took_ms, bool answered)
{
    if (took_ms >= SLOW_MS) {
        transfer->heard = HEARD_LATE;
    } else if (answered) {
        transfer->heard = HEARD_SOON;
    }
}
