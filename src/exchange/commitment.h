/* Commitments: what the ledger holds in place of a query's parameters.
 *
 *   commitment = hash_tagged("dirchain/commitment/1", salt ‖ canonical JSON of the value)
 *
 * The salt is 32 fresh random bytes for every record, so that nobody can guess a value and try it.
 * The opening (salt and value) stays with the gateways and can be erased: then the commitment tells
 * nothing any more, for ever. */
#ifndef DIRCHAIN_EXCHANGE_COMMITMENT_H
#define DIRCHAIN_EXCHANGE_COMMITMENT_H

#include "base/doc.h"
#include "base/hash.h"

struct hash commitment_of(const struct hash *salt, const struct doc *value);
void commitment_salt(struct hash *out); /* random */

/* How an opening travels to the provider, in a header: base64url of {"salt","value"}. */
#define OPENING_HEADER "Dirchain-Opening"
#define OPENING_BYTES_MAX 4096
void opening_to_text(struct buf *out, const struct hash *salt,
                     const struct doc *value); /* appends */
/* Reads one, and checks it against the commitment. `text` may be NULL. Caller owns the value.
 * ERR_FIELD_MISSING, ERR_TOO_LARGE, ERR_BASE64URL, ERR_JSON_*, ERR_FIELD_FORMAT, ERR_DIGEST. */
int opening_from_text(struct doc **value, const char *text, const struct hash *commitment);

#endif
