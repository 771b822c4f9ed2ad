/* The log's nodes on disk: every complete subtree of the log tree, sixteen leaves (and the fourteen
 * nodes between them) to a tile, so that a block of 1000 leaves costs some seventy puts in key
 * order and a proof reads a tile for every four levels and hashes nothing.
 *
 * The leaves themselves are the business of others; this keeps their hashes. */
#ifndef DIRCHAIN_CHAIN_LOG_STORE_H
#define DIRCHAIN_CHAIN_LOG_STORE_H

#include "chain/kv.h"
#include "chain/log_tree.h"

/* The frontier as stored; size 0 when nothing was yet. ERR_CORRUPT, ERR_IO. */
int log_store_frontier(struct log_frontier *out, struct kv *kv, const struct kv_snapshot *snapshot);

/* Adds leaves behind the stored frontier, which *frontier must equal and which moves on with them:
 * everything goes to the batch, which must be written before the next append. On error *frontier
 * is as before and the batch must not be written. ERR_CORRUPT (also: another frontier is stored),
 * ERR_IO. */
int log_store_append(struct log_frontier *frontier, struct kv_batch *batch, struct kv *kv,
                     const struct hash *leaf_hashes, size_t count);

/* Starts an empty store from a frontier that came with a snapshot. Proofs for the leaves before it
 * cannot be made here (ERR_NOT_FOUND), all others can. */
void log_store_restore(struct kv_batch *batch, const struct log_frontier *frontier);

/* Recomputes every node from the leaves (or from the frontier it was restored from) and compares.
 * ERR_CORRUPT, ERR_IO. */
int log_store_check(struct kv *kv, const struct kv_snapshot *snapshot);

/* Reads nodes for proofs; keeps the last tiles it saw, so that proofs for the leaves of one block
 * cost next to nothing each. Each thread has its own; any number may read beside the writer.
 * `snapshot` may be NULL; begin anew to see a log that has grown since. Nothing to release. */
#define LOG_TILE_POSITIONS 32
struct log_tile {
    unsigned level; /* of its leaves, in fours */
    uint64_t index;
    uint32_t
        present; /* bit for each position: 16…31 leaves of the tile, 2…15 between, 0 1 unused */
    struct hash node[LOG_TILE_POSITIONS];
};
#define LOG_READER_TILES 16
struct log_reader {
    struct kv *kv;
    const struct kv_snapshot *snapshot;
    size_t count; /* tiles held */
    size_t next;  /* to be replaced */
    struct log_tile tile[LOG_READER_TILES];
};
void log_reader_init(struct log_reader *reader, struct kv *kv, const struct kv_snapshot *snapshot);
struct log_nodes log_reader_nodes(struct log_reader *reader); /* borrows it */

#endif
