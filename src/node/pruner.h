/* Letting go of old history, where the configuration says that not all is kept: a little at a time,
 * between other work, never what the newest snapshots need. Peers are told first. Disk space comes
 * back when the store is compacted, on a worker, once as much was let go as is kept. Loop's thread
 * only. */
#ifndef DIRCHAIN_NODE_PRUNER_H
#define DIRCHAIN_NODE_PRUNER_H

#include "node/snapshot_serve.h"

struct pruner;

/* `history_blocks` 0: everything is kept, and nothing is done here. */
void pruner_open(struct pruner **out, const struct node_parts *parts,
                 struct snapshot_serve *snapshots, uint64_t history_blocks,
                 uint64_t snapshot_blocks);
void pruner_close(struct pruner *pruner);
void pruner_free(struct pruner **pruner); /* after the loop has ended */

/* First block to be kept at a tip: the newest history_blocks ones, and all since the older of the
 * snapshots that are offered. */
uint64_t pruner_first_block(uint64_t tip, uint64_t history_blocks, uint64_t snapshot_blocks);

#endif
