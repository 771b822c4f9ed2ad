/* Lanes: the transfers from one provider. They bound how many transfers there may be, and say which
 * one a thread moves next, so that no provider that is slow or silent, and no grant under which
 * much is fetched, keeps the others waiting. Everything here is under the lock of the list. */
#ifndef DIRCHAIN_EXCHANGE_TRANSFER_LANES_H
#define DIRCHAIN_EXCHANGE_TRANSFER_LANES_H

#include "exchange/transfer.h"

#define MOVERS 3      /* threads that move transfers */
#define LANE_MOVERS 2 /* of them for one provider */
#define SLOW_MOVERS 1 /* and for all slow ones together */
#define SLOW_MS                                                                                    \
    2000 /* a step that takes longer makes its lane slow, a shorter one makes it not               \
          */
#define LANE_IDLE_MS 1000 /* to look again at the latest, if nothing becomes due */

struct lane {
    struct lane *next;
    char provider[MEMBER_ID_CHARS + 1];
    unsigned busy; /* threads at work on it */
    bool slow;
    uint64_t turn; /* when it last had one; counted */
};

/* Zero to begin with. One lane for each provider that was ever asked: at most MEMBERS_MAX. */
struct lanes {
    struct lane *first;
    uint64_t turns;
};
void lanes_free(struct lanes *lanes);
/* The provider's lane, made if it is new; it stays until lanes_free. */
struct lane *lanes_of(struct lanes *lanes, const char *provider);

/* Whether one more transfer may be at work. The first one from a provider always may. A provider
 * has TRANSFERS_PROVIDER_MAX places and fewer than a quarter of what is free of TRANSFERS_MAX; a
 * grant, past its first one, fewer than half of what its provider has free: shares shrink as places
 * do.
 * ERR_TRANSFER_SHARE: its own have to end first. ERR_TRANSFER_FULL: those of all. */
int lanes_check(const struct transfer *first, const char *provider, const char *grant);

/* The transfer to move now: of the lane whose turn was longest ago and that may have a thread, the
 * one that has waited longest. NULL: none; *wait_ms says when to look again. */
struct transfer *lanes_next(const struct lanes *lanes, struct transfer *first, int64_t now_ms,
                            int64_t *wait_ms);
/* A thread begins a step of it, and has ended one that took so long. */
void lanes_begin(struct lanes *lanes, struct transfer *transfer);
void lanes_end(struct transfer *transfer, int64_t took_ms);

#endif
