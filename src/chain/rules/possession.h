/* What a new key signs to show that its holder is there (proof of possession), shared with whoever
 * makes the transaction. Form: docs/spec/transactions.md. */
#ifndef DIRCHAIN_CHAIN_RULES_POSSESSION_H
#define DIRCHAIN_CHAIN_RULES_POSSESSION_H

#include "base/hash.h"
#include "chain/rule.h"

#define POSSESSION_TAG "dirchain/possession/1"

/* hash_tagged(POSSESSION_TAG, canonical {"chain": genesis hash,"member","name","public"}): the key
 * is to be `name` of `member`. Signed with ES256K by the new key. */
void possession_digest(struct hash *out, const struct hash *genesis, const char *member,
                       const char *name, const char *public);
/* ERR_BASE64URL, ERR_SIGNATURE as faults at `field`. */
int possession_check(struct rule_context *context, const char *member, const char *name,
                     const char *public, const char *proof, const char *field);

#endif
