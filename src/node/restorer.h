/* Restoring this node's ledger from a snapshot of its peers, when blocks would take too long or are
 * no longer to be had.
 *
 *   idle ──behind by more than the gap, or stuck──► restoring beside the ledger ──► restored
 *     ▲                                                    │ nobody has the snapshot any more
 *     └────────────────────────────────────────────────────┘
 *
 * What is restored lies in a directory of its own (ledger_place.h); the ledger in use is not
 * touched, and the node starts over on the new one when it is whole. A crash on the way leaves
 * nothing but that directory, which is thrown away. Parts are asked of all who offer the snapshot,
 * the quicker ones first. Each is checked by itself (chain/restore.h): whoever gives a wrong one,
 * or none, is blamed and not asked for this snapshot again. One honest peer that has it is enough.
 *
 * It comes to an end: parts are full, so that there are no more of them than the ledger needs, each
 * comes within answer_ms, and one snapshot is not taken for longer than twice what the honest offer
 * it for, as the chain goes on. No blocks are asked for meanwhile: so it is given up when nothing
 * comes of it, and whoever failed with one gets longer and longer rests before the next. After a
 * crash it starts anew.
 * Loop's thread only. */
#ifndef DIRCHAIN_NODE_RESTORER_H
#define DIRCHAIN_NODE_RESTORER_H

#include "base/doc.h"
#include "node/parts.h"
#include "node/sync.h"

struct restorer;

struct restorer_config {
    const char *data_directory;
    const struct doc *genesis;
    uint64_t gap_blocks; /* behind by more: a snapshot; 0: only where blocks are not to be had */
    uint64_t interval;   /* at whose multiples snapshots stand; 0: this node does not know */
    /* Stuck for so long without a block: where nobody says it has the next one, and where somebody
     * says so but does not give it. */
    int64_t stuck_ms, refused_ms;
    int64_t answer_ms; /* a part that does not come within it is asked of another */
    int64_t alone_ms;  /* nobody offers the snapshot for so long: it is given up */
    int64_t barren_ms; /* or no part comes that holds, whoever offers it again and again */
    /* After that none is taken of those who have failed for so long, twice as long each time. */
    int64_t rest_ms;
};
struct restorer_config restorer_config_default(void);
struct restorer_handler {
    void *context;
    /* No invention: more than f tell its height, or its header is certified. The blocks
     * before it need not be asked for. */
    void (*holds)(void *context);
    /* The new ledger is whole: the node is to start over. */
    void (*restored)(void *context);
    void (*given_up)(void *context);
};

void restorer_open(struct restorer **out, const struct node_parts *parts, const struct sync *sync,
                   const struct restorer_config *config, const struct restorer_handler *handler);
void restorer_close(struct restorer *restorer);
void restorer_free(struct restorer **restorer); /* after the loop has ended */

/* A peer told its height: whether to begin. */
void restorer_review(struct restorer *restorer);
/* A PART frame. Non-zero: malformed. */
int restorer_frame(struct restorer *restorer, struct peer *peer, const struct frame *frame);
void restorer_peer_down(struct restorer *restorer, struct peer *peer);

/* Whether the node waits for one; what is only offered keeps it from nothing. */
bool restorer_active(const struct restorer *restorer);
/* Into the status: snapshot_bytes, snapshot_height (0 while idle), snapshot_parts,
 * snapshot_permille, snapshot_records, and while it works snapshot_stage. */
void restorer_describe(struct doc *out, const struct restorer *restorer);

#endif
