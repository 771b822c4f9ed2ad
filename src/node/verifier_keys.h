/* Which key a name means, as the ledger said last: a guess that saves asking it for each signature.
 * Any thread. */
#ifndef DIRCHAIN_NODE_VERIFIER_KEYS_H
#define DIRCHAIN_NODE_VERIFIER_KEYS_H

#include "chain/tx.h"

struct verifier_keys;

struct verifier_keys *verifier_keys_open(void);
void verifier_keys_free(struct verifier_keys **keys);
/* The key of the transaction's signer; false if it is not known. */
bool verifier_keys_find(struct verifier_keys *keys, struct public_key *out, const struct tx *tx);
void verifier_keys_learn(struct verifier_keys *keys, const struct tx *tx,
                         const struct public_key *key);

#endif
