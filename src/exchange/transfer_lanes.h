/* Lanes: the transfers from one provider. They bound how many transfers there may be, and say which
 * one a thread moves next. A provider is judged by the questions it was asked, and by nothing else.
 * Beside all that are slow or new and any one that falls silent, a thread is left for the others;
 * several that fall silent together hold all, for one question. No grant under which much is
 * fetched keeps the others waiting. Everything here is under the lock of the list. */
#ifndef DIRCHAIN_EXCHANGE_TRANSFER_LANES_H
#define DIRCHAIN_EXCHANGE_TRANSFER_LANES_H

#include "exchange/transfer.h"

#define MOVERS 6      /* threads that move transfers */
#define LANE_MOVERS 2 /* of them for one provider that answers */
/* For one that has not answered a question of this life yet: 1. For all of these together with
 * those that were slow, and for the slow ones among them: */
#define UNPROVEN_MOVERS 3
#define SLOW_MOVERS 1
#define SLOW_MS 2000      /* of a question, from here on */
#define LANE_IDLE_MS 1000 /* to look again at the latest, if nothing becomes due */

/* What is known of a provider by the last question that said something. */
enum lane_pace { LANE_NEW, LANE_QUICK, LANE_SLOW };

struct lane {
    struct lane *next;
    char provider[MEMBER_ID_CHARS + 1];
    unsigned busy; /* threads at work on it */
    enum lane_pace pace;
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
/* A thread begins a step of it, and has ended it. */
void lanes_begin(struct lanes *lanes, struct transfer *transfer);
void lanes_end(struct transfer *transfer);
/* In between, by that thread and without the lock: a question to the provider took so long. A step
 * that asks nobody says nothing about the provider, nor does a question that fails at once. */
void lanes_heard(struct transfer *transfer, int64_t took_ms, bool answered);

#endif
