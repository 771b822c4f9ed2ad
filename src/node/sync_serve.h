/* The giving half of block sync. */
#ifndef DIRCHAIN_NODE_SYNC_SERVE_H
#define DIRCHAIN_NODE_SYNC_SERVE_H

#include "node/parts.h"

/* Answers a WANT_BLOCKS frame with BLOCK … and BLOCKS_END; returns how many bytes were sent. Call
 * it through requests.h. */
size_t sync_serve(const struct node_parts *parts, struct peer *peer, struct view body);

#endif
