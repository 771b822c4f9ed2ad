/* What the files of the restorer share. Only restorer*.c include this.
 *
 *   restorer.c         asking for parts, judging who gave them, the end
 *   restorer_choose.c  which snapshot, of those that are offered */
#ifndef DIRCHAIN_NODE_RESTORER_INTERNAL_H
#define DIRCHAIN_NODE_RESTORER_INTERNAL_H

#include "chain/restore.h"
#include "node/restorer.h"

struct asked {
    struct snapshot_part part;
    uint32_t peer;
    int64_t since_ms;
    bool late; /* since the tick before: what came while this node was busy is read between ticks */
};

struct restorer {
    const struct node_parts *parts;
    const struct sync *sync;
    struct restorer_config config;
    struct restorer_handler handler;
    uv_timer_t timer;
    bool closing, done, holds;
    unsigned begun; /* so many, since the node has started */
    struct kv *kv; /* of the new ledger; NULL: idle */
    struct restore *restore;
    uint64_t height;
    uint32_t head_giver; /* peer that gave the last part of the head */
    /* Last time that somebody offered it, that a part came, that progress was told. */
    int64_t offered_ms, came_ms, shown_ms;
    unsigned vain; /* so many were given up; and when the last one was */
    int64_t given_up_ms;
    size_t count;
    struct asked asked[RESTORE_ASKED_MAX];
};

uint64_t restorer_tip(const struct restorer *restorer);

/* ---- restorer_choose.c ---- */

/* Height of the snapshot to take now; 0: none. */
uint64_t restorer_choose(const struct restorer *restorer);
/* Whether this peer, or anybody, offers the snapshot of that height. */
bool restorer_offers(const struct peer *peer, uint64_t height);
bool restorer_is_offered(const struct restorer *restorer, uint64_t height);
/* The peer's offer of it does not count any more. */
void restorer_withdraw(struct peer *peer, uint64_t height);
/* Offers at heights where no snapshot stands are passed over; nobody is blamed, since intervals may
 * differ in good faith. */
void restorer_refuse_odd(struct restorer *restorer);
bool restorer_is_stale(const struct restorer *restorer, uint64_t height);

#endif
