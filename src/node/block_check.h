/* Verifies the transactions of a block on the workers: for blocks that come whole, from the store
 * or from sync. What the mempool holds verified already, byte for byte, is taken from there. */
#ifndef DIRCHAIN_NODE_BLOCK_CHECK_H
#define DIRCHAIN_NODE_BLOCK_CHECK_H

#include "node/parts.h"

/* Called once, on the loop, never from within block_check_start. 0: every transaction is verified.
 * Otherwise the first error: ERR_SIGNATURE, ERR_TX_KEY …, ERR_UNAVAILABLE when the node stops. */
typedef void (*block_check_done)(void *context, struct block *block, int error);

/* The block must not be shared yet: its txs may be replaced by equal ones. Takes a reference. */
void block_check_start(const struct node_parts *parts, struct block *block, block_check_done done,
                       void *context);

#endif
