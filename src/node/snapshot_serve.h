/* The giving half of snapshots: parts are made on a worker, one at a time, each followed by a rest
 * as long as it took, so that newcomers get at most half a thread of a node, whatever they ask. Who
 * asks for more than SERVED_WAITING_MAX parts at once is given fewer; a part of a snapshot that is
 * not offered, or that is not to be had, is answered without payload. Loop's thread only. */
#ifndef DIRCHAIN_NODE_SNAPSHOT_SERVE_H
#define DIRCHAIN_NODE_SNAPSHOT_SERVE_H

#include "node/parts.h"

struct snapshot_serve;

/* `interval`: of the snapshots offered, in blocks; 0: none are. */
void snapshot_serve_open(struct snapshot_serve **out, const struct node_parts *parts,
                         uint64_t interval);
void snapshot_serve_close(struct snapshot_serve *serve);
void snapshot_serve_free(struct snapshot_serve **serve); /* after the loop has ended */

/* What this node keeps, to be told to peers. */
struct wire_offer snapshot_serve_offer(const struct snapshot_serve *serve);
/* Tells everybody if it is another than was told before. */
void snapshot_serve_tell(struct snapshot_serve *serve);
/* Blocks before this one are about to go. */
void snapshot_serve_keep(struct snapshot_serve *serve, uint64_t first_block);
/* A WANT_PART frame, well-formed. Call it through requests.h. */
void snapshot_serve_frame(struct snapshot_serve *serve, struct peer *peer, struct view body);

#endif
