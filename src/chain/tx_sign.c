/* Making transactions: a draft becomes a signed JWS in its most compact and canonical form. */
#include "chain/tx.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/uscc.h"
#include "chain/schema.h"
#include "chain/tx_header.h"

#include <inttypes.h>
#include <sys/random.h>

#define NONCE_RANDOM_BYTES 16

static int check_draft(const struct tx_draft *draft)
{
    int error = uscc_check(draft->member);
    if (error != OK)
        return error;
    if (draft->key_name == NULL || !tx_key_name_valid(view_of_text(draft->key_name)))
        return ERR_TX_KID;
    if (draft->type == NULL || schema_find(draft->type) == NULL)
        return ERR_TX_TYPE;
    if (draft->expires_ms <= 0 || draft->expires_ms > DOC_INT_MAX)
        return ERR_FIELD_RANGE;
    if (doc_kind(draft->body) != DOC_OBJECT)
        return ERR_FIELD_TYPE;
    return draft->nonce == NULL ? OK : tx_nonce_check(draft->nonce);
}

static void random_nonce(char out[2 * NONCE_RANDOM_BYTES + 1])
{
    uint8_t bytes[NONCE_RANDOM_BYTES];
    /* Up to 256 bytes getrandom neither fails nor falls short once the system is up. */
    ENSURE(getrandom(bytes, sizeof bytes, 0) == (ssize_t)sizeof bytes);
    hex_encode(out, view_of(bytes, sizeof bytes));
}

/* The members stand in canonical order, and their values need no escaping: the draft was checked.
 */
static void append_payload(struct buf *out, const struct tx_draft *draft)
{
    char chain[2 * HASH_BYTES + 1];
    char nonce[2 * NONCE_RANDOM_BYTES + 1];
    hash_to_hex(chain, draft->genesis);
    if (draft->nonce == NULL)
        random_nonce(nonce);
    buf_append_text(out, "{\"body\":");
    doc_append_canonical(out, draft->body);
    buf_append_format(
        out, ",\"chain\":\"%s\",\"expires\":%" PRId64 ",\"nonce\":\"%s\",\"type\":\"%s\"}", chain,
        draft->expires_ms, draft->nonce == NULL ? nonce : draft->nonce, draft->type);
}

/* A body within the limits may still be one level too deep, or too long, inside its payload. */
static int check_payload(const struct buf *payload)
{
    AUTO(doc_free) struct doc *parsed = NULL;
    return doc_parse(&parsed, view_of_buf(payload), TX_PAYLOAD_BYTES_MAX);
}

int tx_sign(struct buf *out, const struct tx_draft *draft, const struct secret_key *secret)
{
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf payload = {0};
    AUTO(buf_free) struct buf jws = {0};
    int error = check_draft(draft);
    if (error != OK)
        return error;
    buf_append_format(&header, "{\"alg\":\"" TX_ALG "\",\"kid\":\"%s/%s\",\"typ\":\"" TX_TYP "\"}",
                      draft->member, draft->key_name);
    append_payload(&payload, draft);
    error = check_payload(&payload);
    if (error != OK)
        return error;
    base64url_append(&jws, view_of_buf(&header));
    buf_append_u8(&jws, '.');
    base64url_append(&jws, view_of_buf(&payload));
    struct hash digest = hash_sha256(view_of_buf(&jws));
    struct signature signature;
    error = es256k_sign(&signature, secret, &digest);
    if (error != OK)
        return error;
    buf_append_u8(&jws, '.');
    base64url_append(&jws, view_of(signature.bytes, SIGNATURE_BYTES));
    buf_append_view(out, view_of_buf(&jws));
    return OK;
}
