/* Snapshots: the ledger as of a certified header, in parts, so that a newcomer need not execute
 * what came before. Nothing is copied to take one: a version of the state that is kept is one.
 *
 *   HEAD      header and certificate, and how the validator set came about, from genesis
 *   HEADERS   of the blocks within tx_lifetime, newest first, linked to the head
 *   FRONTIER  of the log before those blocks
 *   LEAVES    of the log in those blocks: what may not come again
 *   STATE     subtrees of the state, from the root down (state_part.h)
 *
 * Form and what each part is checked against: docs/spec/snapshot.md. Making is here; taking is
 * restore.h. */
#ifndef DIRCHAIN_CHAIN_SNAPSHOT_H
#define DIRCHAIN_CHAIN_SNAPSHOT_H

#include "chain/state_part.h"
#include "chain/store.h"

enum snapshot_kind {
    SNAPSHOT_HEAD = 1,
    SNAPSHOT_HEADERS,
    SNAPSHOT_FRONTIER,
    SNAPSHOT_LEAVES,
    SNAPSHOT_STATE
};

/* Which part of which snapshot. */
struct snapshot_part {
    uint64_t height; /* of the snapshot */
    enum snapshot_kind kind;
    uint64_t at;              /* HEAD: steps from this height on; HEADERS: before this height;
                                 FRONTIER: after it; LEAVES: from it on; STATE: 0 */
    struct state_place place; /* STATE; else zero */
};

#define SNAPSHOT_PART_KEY_BYTES (8 + 1 + 8 + 1 + HASH_BYTES)
/* u64 height ‖ u8 kind ‖ u64 at ‖ u8 depth ‖ 32 path. */
void snapshot_part_encode(struct buf *out, const struct snapshot_part *part);
/* ERR_ENCODING: no part, or written in another way. */
int snapshot_part_decode(struct snapshot_part *out, struct reader *reader);
bool snapshot_part_equal(const struct snapshot_part *a, const struct snapshot_part *b);

/* A part is full: it ends where these are reached, or with what there is to give. */
#define SNAPSHOT_PART_HEADERS (SNAPSHOT_PART_BYTES_GOAL / HEADER_BYTES)
#define SNAPSHOT_PART_LEAVES (SNAPSHOT_PART_BYTES_GOAL / HASH_BYTES)

/* Appends a part, at most SNAPSHOT_PART_BYTES_MAX. ERR_NOT_FOUND, ERR_PRUNED (not to be had here),
 * ERR_CORRUPT, ERR_IO. Any thread. */
int snapshot_part_make(struct buf *out, const struct store_view *view,
                       const struct snapshot_part *part);

/* Heights that a node with this interval offers, ascending; interval 0: none. A snapshot stands at
 * each multiple of the interval while the state after it is kept. Returns how many. */
size_t snapshot_heights(uint64_t out[SNAPSHOTS_OFFERED_MAX], uint64_t tip, uint64_t first_block,
                        uint64_t interval);

#endif
