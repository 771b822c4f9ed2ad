/* Who a signer was at a height: the key record of the ledger with its proof against the state
 * after that block. Key records are never deleted; they carry the heights they act from and to.
 * Form: {"record":{…},"proof":hex}. */
#ifndef DIRCHAIN_CHAIN_SIGNER_PROOF_H
#define DIRCHAIN_CHAIN_SIGNER_PROOF_H

#include "base/faults.h"
#include "chain/store.h"

/* From a store; caller owns. ERR_CORRUPT if a committed signer has no key record. */
int signer_proof_make(struct doc **out, const struct store_view *view, const char *member,
                      const char *key_name, uint64_t height);
/* The key that the record names, if the record is proven and in force at the header's height.
 * ERR_PROOF_STATE, ERR_TX_KEY, ERR_KEY_INVALID, … with the claim. */
int signer_proof_verify(struct public_key *out, struct faults *faults, const struct doc *proof,
                        const char *member, const char *key_name, const struct header *header,
                        const char *claim);

#endif
