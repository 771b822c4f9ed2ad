/* The one way into the mempool, whatever way a transaction came: submitted here, heard from a peer,
 * or fetched for a proposal. What may not come in can still be part of a block that somebody
 * proposes; it then lives with that body only. Loop's thread only. */
#ifndef DIRCHAIN_NODE_ADMISSION_H
#define DIRCHAIN_NODE_ADMISSION_H

#include "node/parts.h"

/* Whether it is worth keeping: app_check (with its `dry_run`), and its time by this node's clock.
 * An error of the environment stops the node. */
int admission_check(const struct node_parts *parts, struct faults *faults, const struct tx *tx,
                    bool dry_run);

enum admission_way { ADMISSION_SUBMITTED, ADMISSION_FROM_PEER };

/* Checks it, and puts it into the mempool. Errors of admission_check and mempool_add. */
int admission_add(const struct node_parts *parts, struct faults *faults, struct tx *tx,
                  enum admission_way way);

#endif
