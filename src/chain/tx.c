/* Transactions as received: from the bytes of a JWS to a checked, immutable object.
 *
 * tx_parse runs once for every transaction on every node, on worker threads. It copies the bytes
 * once, decodes each part once into one scratch buffer, and parses the payload once. Cheap checks
 * come first, so that garbage costs less than what it takes to send it.
 *
 * A failed signature condemns those bytes, never the txid: nothing here remembers a failure. */
#include "chain/tx.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "chain/tx_header.h"

#include <string.h>

struct parts {
    struct view header;
    struct view payload;
    struct view signature;
    struct view signing_input; /* header and payload with the dot between them */
};

/* header.payload.signature: exactly two dots. A detached payload is none. */
static bool split(struct parts *out, struct view raw)
{
    const uint8_t *end = raw.data + raw.len;
    const uint8_t *first = raw.len > 0 ? memchr(raw.data, '.', raw.len) : NULL;
    if (first == NULL)
        return false;
    const uint8_t *second = memchr(first + 1, '.', (size_t)(end - first - 1));
    if (second == NULL || memchr(second + 1, '.', (size_t)(end - second - 1)) != NULL)
        return false;
    out->header = view_of(raw.data, (size_t)(first - raw.data));
    out->payload = view_of(first + 1, (size_t)(second - first - 1));
    out->signature = view_of(second + 1, (size_t)(end - second - 1));
    out->signing_input = view_of(raw.data, (size_t)(second - raw.data));
    return out->header.len > 0 && out->payload.len > 0;
}

/* One part into the scratch buffer, in place of what was there. */
static int decode_part(struct buf *scratch, struct faults *faults, struct view text,
                       size_t bytes_max, const char *name)
{
    /* Longer than the longest encoding of bytes_max: no need to decode it to know. */
    int error = text.len > (bytes_max * 4 + 2) / 3 ? ERR_TOO_LARGE : OK;
    if (error == OK) {
        buf_clear(scratch);
        error = base64url_decode(scratch, text);
    }
    return error == OK ? OK : faults_add(faults, error, NULL, "%s", name);
}

static int parse_signature(struct tx *tx, struct buf *scratch, struct faults *faults,
                           struct view text)
{
    int error = decode_part(scratch, faults, text, TX_PAYLOAD_BYTES_MAX, "signature");
    if (error != OK)
        return error;
    if (scratch->len != SIGNATURE_BYTES)
        return faults_add(faults, ERR_TX_FORM, NULL, "signature");
    memcpy(tx->signature.bytes, scratch->data, SIGNATURE_BYTES);
    return OK;
}

static int parse_header(struct tx *tx, struct buf *scratch, struct faults *faults, struct view text)
{
    struct tx_header header;
    int error = decode_part(scratch, faults, text, TX_HEADER_BYTES_MAX, "header");
    if (error == OK)
        error = tx_header_parse(&header, faults, view_of_buf(scratch));
    if (error != OK)
        return error;
    memcpy(tx->member, header.member, sizeof tx->member);
    memcpy(tx->key_name, header.key_name, sizeof tx->key_name);
    return OK;
}

static const char *const payload_members[] = {"body", "chain", "expires", "nonce", "type"};
#define PAYLOAD_MEMBERS (sizeof payload_members / sizeof payload_members[0])

static bool is_payload_member(const char *name)
{
    for (size_t i = 0; i < PAYLOAD_MEMBERS; i++) {
        if (strcmp(payload_members[i], name) == 0)
            return true;
    }
    return false;
}

static void keep_first(int *first, int error)
{
    if (*first == OK)
        *first = error;
}

/* Exactly the five members. The common case costs five lookups; only a wrong payload is walked. */
static int check_members(struct faults *faults, const struct doc *payload)
{
    int first = OK;
    size_t present = 0;
    for (size_t i = 0; i < PAYLOAD_MEMBERS; i++) {
        if (doc_get(payload, payload_members[i]) != NULL)
            present++;
        else
            keep_first(&first,
                       faults_add(faults, ERR_FIELD_MISSING, NULL, "%s", payload_members[i]));
    }
    if (doc_count(payload) == present)
        return first;
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(payload, &cursor, &name, &value)) {
        if (!is_payload_member(name))
            keep_first(&first, faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s", name));
    }
    return first;
}

static int check_chain(struct faults *faults, const char *chain, const struct hash *genesis)
{
    struct hash named;
    if (chain == NULL)
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "chain");
    if (hash_from_hex(&named, chain) != OK || !hash_equal(&named, genesis))
        return faults_add(faults, ERR_TX_CHAIN, NULL, "chain");
    return OK;
}

static int check_nonce(struct faults *faults, const char *nonce)
{
    int error = nonce == NULL ? ERR_FIELD_TYPE : tx_nonce_check(nonce);
    return error == OK ? OK : faults_add(faults, error, NULL, "nonce");
}

static int check_expires(struct tx *tx, struct faults *faults, const struct doc *expires)
{
    if (doc_kind(expires) != DOC_INT)
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "expires");
    tx->expires_ms = doc_int(expires, 0);
    return tx->expires_ms > 0 ? OK : faults_add(faults, ERR_FIELD_RANGE, NULL, "expires");
}

static int check_body(struct tx *tx, struct faults *faults, const char *type)
{
    tx->body = doc_get(tx->payload, "body");
    if (type == NULL)
        return faults_add(faults, ERR_FIELD_TYPE, NULL, "type");
    tx->type = schema_find(type);
    if (tx->type == NULL)
        return faults_add(faults, ERR_TX_TYPE, NULL, "type");
    return schema_check(tx->type, tx->body, faults);
}

static int parse_payload(struct tx *tx, struct buf *scratch, struct faults *faults,
                         struct view text, const struct hash *genesis)
{
    int error = decode_part(scratch, faults, text, TX_PAYLOAD_BYTES_MAX, "payload");
    if (error != OK)
        return error;
    error = doc_parse(&tx->payload, view_of_buf(scratch), TX_PAYLOAD_BYTES_MAX);
    if (error == OK && doc_kind(tx->payload) != DOC_OBJECT)
        error = ERR_FIELD_TYPE;
    if (error != OK)
        return faults_add(faults, error, NULL, "payload");
    error = check_members(faults, tx->payload);
    if (error != OK)
        return error;
    /* From here on all faults at once, the envelope's before the body's. */
    int first = OK;
    keep_first(&first, check_chain(faults, doc_get_text(tx->payload, "chain"), genesis));
    keep_first(&first, check_nonce(faults, doc_get_text(tx->payload, "nonce")));
    keep_first(&first, check_expires(tx, faults, doc_get(tx->payload, "expires")));
    keep_first(&first, check_body(tx, faults, doc_get_text(tx->payload, "type")));
    return first;
}

int tx_parse(struct tx **out, struct faults *faults, struct view raw, const struct hash *genesis)
{
    struct parts parts;
    *out = NULL;
    if (raw.len > TX_BYTES_MAX)
        return faults_add(faults, ERR_TOO_LARGE, NULL, "%s", "");
    if (!split(&parts, raw))
        return faults_add(faults, ERR_TX_FORM, NULL, "%s", "");
    AUTO(tx_free) struct tx *tx = memory_alloc(sizeof *tx);
    AUTO(buf_free) struct buf scratch = {0};
    atomic_init(&tx->references, 1);
    buf_reserve(&scratch, raw.len / 4 * 3 + 3);
    int error = parse_signature(tx, &scratch, faults, parts.signature);
    if (error == OK)
        error = parse_header(tx, &scratch, faults, parts.header);
    if (error == OK)
        error = parse_payload(tx, &scratch, faults, parts.payload, genesis);
    if (error != OK)
        return error;
    tx->id = hash_sha256(parts.signing_input);
    buf_append_view(&tx->raw, raw);
    *out = tx;
    tx = NULL;
    return OK;
}

struct tx *tx_ref(struct tx *tx)
{
    int before = atomic_fetch_add_explicit(&tx->references, 1, memory_order_relaxed);
    ENSURE(before > 0);
    return tx;
}

void tx_free(struct tx **tx)
{
    struct tx *held = *tx;
    *tx = NULL;
    if (held == NULL)
        return;
    /* Release and acquire: whoever frees it sees what every other holder did before. */
    if (atomic_fetch_sub_explicit(&held->references, 1, memory_order_acq_rel) != 1)
        return;
    buf_free(&held->raw);
    doc_free(&held->payload);
    memory_free(held);
}

int tx_verify(struct tx *tx, const struct public_key *key)
{
    if (tx->verified && memcmp(tx->verified_key.bytes, key->bytes, PUBLIC_KEY_BYTES) == 0)
        return OK;
    if (!es256k_verify(key, &tx->id, &tx->signature))
        return ERR_SIGNATURE;
    if (!tx->verified) { /* the first key only: a shared tx is never written again */
        tx->verified_key = *key;
        tx->verified = true;
    }
    return OK;
}
