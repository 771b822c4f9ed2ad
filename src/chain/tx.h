/* Transactions: a JWS in compact serialization (RFC 7515) with ES256K (RFC 8812).
 *
 *   protected header: exactly alg, kid, typ;  payload: chain, type, nonce, expires, body
 *   txid = SHA-256(signing input): the signature is not covered and never read by execution.
 *
 * tx_parse does everything that needs no state: form, header, strict JSON, chain, and the fields
 * of the body by the type's table. It runs on worker threads. A tx is immutable after that but
 * for its reference count and the remembered key under which its signature verified. */
#ifndef DIRCHAIN_CHAIN_TX_H
#define DIRCHAIN_CHAIN_TX_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/hash.h"
#include "base/sign.h"

#include <stdatomic.h>

struct tx_type; /* chain/schema.h */

struct tx {
    atomic_int references;
    struct buf raw; /* the JWS as received */
    struct hash id; /* also the digest that ES256K signs: SHA-256(signing input) */
    char member[MEMBER_ID_CHARS + 1];
    char key_name[KEY_NAME_CHARS_MAX + 1];
    const struct tx_type *type;
    int64_t expires_ms;
    struct doc *payload;
    const struct doc *body; /* within payload */
    struct signature signature;
    bool verified; /* set once by tx_verify, before the tx is shared */
    struct public_key verified_key;
};

/* ERR_TX_*, ERR_BASE64URL, ERR_TOO_LARGE, ERR_JSON_*, ERR_USCC_*, ERR_FIELD_*, with all faults of
 * envelope and body. `faults` may be NULL. */
int tx_parse(struct tx **out, struct faults *faults, struct view raw, const struct hash *genesis);
struct tx *tx_ref(struct tx *tx);
void tx_free(struct tx **tx);
/* Verifies, and remembers the key on success: asked again with the same key it answers from
 * memory. ERR_SIGNATURE. */
int tx_verify(struct tx *tx, const struct public_key *key);

struct tx_draft {
    const struct hash *genesis;
    const char *member;
    const char *key_name;
    const char *type;
    const char *nonce; /* NULL: 16 random bytes in hex */
    int64_t expires_ms;
    const struct doc *body;
};
/* Signs a draft and appends the JWS; its form is what a node accepts (the body is judged there).
 * ERR_USCC_*, ERR_TX_KID, ERR_TX_TYPE, ERR_FIELD_LENGTH and _FORMAT (nonce), ERR_FIELD_RANGE
 * (expires), ERR_FIELD_TYPE (body), ERR_JSON_DEPTH, ERR_TOO_LARGE, ERR_KEY_INVALID. */
int tx_sign(struct buf *out, const struct tx_draft *draft, const struct secret_key *secret);

#endif
