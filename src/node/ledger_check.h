/* The whole chain on disk, checked by command while no node runs on it: what a node at its start
 * does for the tip only. */
#ifndef DIRCHAIN_NODE_LEDGER_CHECK_H
#define DIRCHAIN_NODE_LEDGER_CHECK_H

#include "node/home.h"

/* Reads and verifies everything from genesis to the tip; *height is the tip's. Progress goes to
 * standard error when that is a terminal. ERR_NOT_FOUND (no ledger here), ERR_OTHER_GENESIS,
 * ERR_CORRUPT with a fault that names the height, ERR_IO, ERR_BUSY. */
int ledger_check(uint64_t *height, struct faults *faults, const struct home *home,
                 const struct config *config);

#endif
