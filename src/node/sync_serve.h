/* The giving half of block sync. */
#ifndef DIRCHAIN_NODE_SYNC_SERVE_H
#define DIRCHAIN_NODE_SYNC_SERVE_H

#include "node/parts.h"

/* Answers a WANT_BLOCKS frame with BLOCK … and BLOCKS_END. Non-zero: malformed. */
int sync_serve(const struct node_parts *parts, struct peer *peer, struct view body);

#endif
