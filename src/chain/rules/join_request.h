/* Join requests as the ledger judges them: in a genesis, in member.admit and on the machine of the
 * agency that makes one. rules_check_join (chain/rule.h) is the whole judgement; here is what
 * making a request needs besides. Form: docs/spec/genesis.md. */
#ifndef DIRCHAIN_CHAIN_RULES_JOIN_REQUEST_H
#define DIRCHAIN_CHAIN_RULES_JOIN_REQUEST_H

#include "base/doc.h"
#include "base/hash.h"

#define JOIN_REQUEST_TAG "dirchain/join/1"
#define JOIN_REQUEST_FORMAT "dirchain-join/1"

/* What both signatures sign: hash_tagged(JOIN_REQUEST_TAG, canonical JSON without `signature` and
 * `vote_signature`). */
void join_request_digest(struct hash *out, const struct doc *join);

struct faults;
/* Of a request whose form was judged before, what can be read of it: what is left to be judged.
 * whole: its form is without a fault, so that its signatures can be. */
int join_check_readable(struct faults *faults, const struct doc *join, const char *path,
                        bool whole);

/* Index in "keys" of the key whose signature counts: the first with the role chief; -1 if none. */
int join_request_chief(const struct doc *join);

#endif
