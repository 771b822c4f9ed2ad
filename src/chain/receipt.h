/* A receipt: proof that one transaction is in the ledger and who signed it, checkable with the
 * genesis document alone. Form (docs/spec/receipt.md):
 *
 *   {"format":"dirchain-receipt/1","transaction":JWS,"header":hex,"certificate":hex,
 *    "previous":hex,"log":{"index":n,"proof":hex},"key":{"record":{…},"proof":hex},
 *    "history":[{"header","certificate","set"}…]}
 *
 * It proves: the signature under the key that was on record for the signer at that height; that
 * the transaction stands at that place of the log, and that this very block put it there
 * (`previous` is the header before it; there is none at height 1); the block's time; the
 * validators' agreement.
 * The log's size and root, the state root and the time are those of the header. */
#ifndef DIRCHAIN_CHAIN_RECEIPT_H
#define DIRCHAIN_CHAIN_RECEIPT_H

#include "base/faults.h"
#include "chain/store.h"
#include "chain/tx.h"

#define RECEIPT_BYTES_MAX (2 * 1024 * 1024)

/* From a node's store. Caller owns. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int receipt_make(struct doc **out, const struct store_view *view, const struct hash *txid);

struct receipt_facts {
    struct hash txid;
    struct header header;
    uint64_t log_index;
    struct tx *tx; /* release with receipt_facts_free */
};
/* Checks every byte it vouches for; the first fault names the claim that fails. */
int receipt_verify(struct receipt_facts *out, struct faults *faults, const struct doc *receipt,
                   const struct doc *genesis, const struct hash *genesis_hash);
void receipt_facts_free(struct receipt_facts *facts);

#endif
