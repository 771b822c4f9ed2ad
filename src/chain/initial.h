/* The beginning of the ledger: the state of height 0 from a genesis document alone. */
#ifndef DIRCHAIN_CHAIN_INITIAL_H
#define DIRCHAIN_CHAIN_INITIAL_H

#include "base/faults.h"
#include "base/hash.h"
#include "chain/state.h"

/* hash_tagged("dirchain/genesis/1", canonical form of the object without "signature"). */
void initial_hash(struct hash *out, const struct doc *genesis);
/* Whether this is the genesis document of that hash. ERR_GENESIS. */
int initial_check_hash(struct faults *faults, const struct doc *genesis,
                       const struct hash *expected);
/* The state over nothing: all of it is in the overlay. The caller closes it. Errors and faults of
 * rules_init_state. */
int initial_state_open(struct state **out, struct faults *faults, const struct doc *genesis);

#endif
