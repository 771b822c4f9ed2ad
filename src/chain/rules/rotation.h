/* What the new key of a rotation signs (validator.rotate), shared with whoever makes the
 * transaction. Form: docs/spec/transactions.md. */
#ifndef DIRCHAIN_CHAIN_RULES_ROTATION_H
#define DIRCHAIN_CHAIN_RULES_ROTATION_H

#include "base/hash.h"

#define ROTATION_TAG "dirchain/rotate/1"

/* hash_tagged(ROTATION_TAG, canonical {"chain": genesis hash,"member","vote_key"}); the texts are
 * as in the transaction. Signed with BIP-340 by the new vote key. */
void rotation_digest(struct hash *out, const struct hash *genesis, const char *member,
                     const char *vote_key);

#endif
