/* All deliveries of a gateway: the list, their preparing, their end. Shared by transfer_serve.c
 * (requests) and deliveries.c (everything else).
 *
 * Two kinds of lock: the list's guards the list and what belongs to it; a delivery's own guards the
 * rest of it, files included, so that one transfer never waits for another. The list's may be
 * taken while a delivery's is held, not the other way round. */
#ifndef DIRCHAIN_EXCHANGE_DELIVERIES_H
#define DIRCHAIN_EXCHANGE_DELIVERIES_H

#include "exchange/delivery.h"
#include "exchange/rate.h"

#include <pthread.h>

struct serve {
    struct exchange_gateway *gateway;
    struct delivery_shelves shelves;
    pthread_mutex_t lock;
    struct delivery *first;
    size_t count;
    pthread_t preparer;
    bool preparer_runs;
    struct bell *bell;                  /* wakes the preparer */
    char prepared[MEMBER_ID_CHARS + 1]; /* whose turn it was; under the lock */
    struct rate rate; /* of all that leaves, and who had of it last; under the lock */
    char rated[MEMBER_ID_CHARS + 1];
};

/* The delivery of an open, in use by the caller until deliveries_release; NULL without one. */
struct delivery *deliveries_take(struct serve *serve, const struct hash *open);
/* Puts a new one on the list, unless one is there: takes `fresh` over, gives the one on the list,
 * in use. ERR_DELIVERY_SHARE, ERR_DELIVERY_FULL: there is no place (delivery_share.h). */
int deliveries_adopt(struct delivery **out, struct serve *serve, struct delivery *fresh);
void deliveries_release(struct serve *serve, struct delivery *delivery);

#define SCOPE_CLAUSE "E6, OPEN 31"

/* Whether of a delivery whose open is proved something may leave to the caller now; its lock is
 * held. As release_check, and ERR_SCOPE_NARROWED: what was prepared is more than may leave by now
 * (OPEN 14, OPEN 31, PT 14). What is over then (release_is_over) is so for good, also if the mask
 * is lifted later: one that was ready has failed. */
int delivery_judge(struct serve *serve, struct delivery *delivery, struct faults *faults,
                   const struct store_view *view, const char *caller);
/* Closes a delivery, whose lock is held: the receipt is posted, made once, from one count; the file
 * is let go. ERR_UNAVAILABLE, ERR_IO, ERR_DISK_FULL: nothing has changed. */
int delivery_close(struct serve *serve, struct delivery *delivery);
/* Nothing more leaves, for good unless the error passes. What has left is counted, the file is let
 * go, a copy removed. The lock is held. */
void delivery_fail(struct serve *serve, struct delivery *delivery, int error);

#endif
