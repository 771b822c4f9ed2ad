/* Block sync: how a node that was away, or decides nothing itself, comes to the tip of the others.
 *
 *   peers tell their heights ──► behind ──► ranges asked of several peers ──► decoded on workers
 *        ▲                                                                       │
 *        └── apply: certificate by the set of that height, then signatures, then execution ◄──┘
 *
 * A validator that is one block behind waits a moment: consensus itself may be about to decide it.
 * Consensus rests only while certified blocks really come: a height that a peer merely tells stops
 * nobody. It is asked for what it tells, and blamed if it has not got it; it is believed when more
 * validators tell as much than can be faulty. Whoever gives a block that does not hold is blamed
 * and the block asked of another. If more validators than can be faulty give one whose certificate
 * holds and whose execution does not, this ledger is the wrong one, and the node stops. Bounded:
 * SYNC_WINDOW blocks and SYNC_WINDOW_BYTES ahead of the tip. Loop's thread only. */
#ifndef DIRCHAIN_NODE_SYNC_H
#define DIRCHAIN_NODE_SYNC_H

#include "node/parts.h"

struct sync;

struct sync_handler {
    void *context;
    /* The tip moves without consensus: before each `committed`, since the end of a roll call may
     * have started consensus meanwhile; it has stopped moving. */
    void (*started)(void *context);
    void (*finished)(void *context);
    void (*committed)(void *context, struct app_commit *commit);
};

void sync_open(struct sync **out, const struct node_parts *parts,
               const struct sync_handler *handler);
void sync_close(struct sync *sync);
void sync_free(struct sync **sync); /* after the loop has ended, its workers too */

/* Whether this node is behind: blocks come, or more validators say so than can be faulty. */
bool sync_active(const struct sync *sync);
/* What people are told: the others are likely to be further by more than the block that is just
 * being decided, whether blocks come or not; or by that one for long. Who follows block by block,
 * as one that does not vote does, is not behind. */
bool sync_behind(const struct sync *sync);
/* A peer told its height, or went. */
void sync_status(struct sync *sync, struct peer *peer);
void sync_peer_down(struct sync *sync, struct peer *peer);
/* Consensus has moved the tip. */
void sync_tip_moved(struct sync *sync);
/* How long nothing has come although a peer tells a higher height; 0: not behind. */
int64_t sync_waiting_ms(const struct sync *sync);
/* Blocks are not asked for: the ledger is about to be another one. */
void sync_hold(struct sync *sync, bool hold);
/* Whether this node takes part in deciding: then being one behind is patience's business. */
void sync_set_patient(struct sync *sync, bool patient);
/* The highest tip to be believed: that of this node, or what f+1 validators tell. */
uint64_t sync_target(const struct sync *sync);
/* The same; the highest that anybody tells while fewer than f+1 validators tell anything. */
uint64_t sync_likely(const struct sync *sync);
/* Frames BLOCK and BLOCKS_END. Non-zero: malformed. */
int sync_frame(struct sync *sync, struct peer *peer, const struct frame *frame);

#endif
