/* Parts of the state as a snapshot gives them: the subtree below the first nibbles of a path, told
 * by its leaves, or where that is too much by its node, whose places are parts of their own.
 *
 *   state root (certified) ──► node ──► 16 places ──► … ──► leaves
 *
 * Every part is judged by the hash that the part above it names, so a wrong one is refused by
 * itself, whoever gave the others. Form: docs/spec/snapshot.md. Internal to snapshots. */
#ifndef DIRCHAIN_CHAIN_STATE_PART_H
#define DIRCHAIN_CHAIN_STATE_PART_H

#include "chain/kv.h"
#include "chain/state_node.h"

struct state_place {
    unsigned depth;   /* nibbles of the path that count */
    struct hash path; /* zero behind them */
};

/* Appends the part of a version. ERR_NOT_FOUND (no such version, or nothing below that place),
 * ERR_CORRUPT, ERR_IO. */
int state_part_make(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    uint64_t version, const struct state_place *place);

/* What a part turned out to be. */
struct state_part {
    struct state_ref ref; /* of the subtree, as its parent refers to it; a node has its hash */
    uint64_t leaves;      /* that came with it */
    size_t place_count;   /* of a node: what is to be asked for next */
    struct state_place place[STATE_PLACES];
    struct state_ref below[STATE_PLACES]; /* what the node says of it */
};

/* Checks a part against the hash of its subtree, and adds its records to the batch as those of the
 * version. ERR_ENCODING (form), ERR_PROOF_STATE (another subtree, or keys elsewhere): the giver's
 * fault, nothing is added. */
int state_part_take(struct state_part *out, struct kv_batch *batch, struct view part,
                    uint64_t version, const struct state_place *place, const struct hash *hash);

/* A node was taken that calls this leaf an inner one, which its hash cannot tell: mends its record.
 * ERR_CORRUPT, ERR_IO. */
int state_part_mend(struct kv_batch *batch, struct kv *kv, uint64_t version,
                    const struct state_place *place, const struct state_ref *leaf);
/* The whole state of a version is there. */
void state_part_finish(struct kv_batch *batch, uint64_t version, const struct state_ref *root,
                       uint64_t leaves);

#endif
