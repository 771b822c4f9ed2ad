/* The members of the ledger as peers: read from state, with the addresses that the configuration
 * puts in their place. */
#ifndef DIRCHAIN_NODE_MEMBERS_H
#define DIRCHAIN_NODE_MEMBERS_H

#include "node/config.h"
#include "node/peers.h"

#include "chain/kv.h"
#include "chain/validators.h"

/* Reads every member that may talk to us (active or suspended; removed ones not). Caller frees
 * *out with memory_free. ERR_CORRUPT, ERR_IO. */
int members_read(struct peers_member **out, size_t *count, struct kv *kv,
                 const struct validator_set *validators, const struct config *config);
/* Whether a committed block may have changed what members_read gives. */
struct block;
bool members_may_change(const struct block *block);

#endif
