/* A running node: everything wired together, from configuration to a clean stop.
 *
 *   node_open   check and open all there is, in an order in which nothing half-started is left
 *   node_run    the loop, until SIGTERM, SIGINT or an error that the node cannot go on after
 *   node_close  the rest, in reverse */
#ifndef DIRCHAIN_NODE_NODE_H
#define DIRCHAIN_NODE_NODE_H

#include "node/config.h"

struct node;

/* Faults say which file or address. Errors are those of the parts: ERR_GENESIS and the like,
 * ERR_BUSY, ERR_PASSPHRASE, ERR_PORT, ERR_CORRUPT, ERR_DISK_FULL, … */
int node_open(struct node **out, struct faults *faults, const struct config *config);
/* 0 after a signal, or the error that stopped it, with a fault that says what was being done. */
int node_run(struct node *node, struct faults *faults);
/* After node_run: it has stopped only to be closed and opened again, on a restored ledger. */
bool node_starts_over(const struct node *node);
void node_close(struct node **node);

#endif
