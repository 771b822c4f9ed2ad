/* Commitments and their openings. */
#include "exchange/commitment.h"

#include "base/errors.h"
#include "base/memory.h"
#include "base/secret.h"

#include <string.h>

#define COMMITMENT_TAG "dirchain/commitment/1"

struct hash commitment_of(const struct hash *salt, const struct doc *value)
{
    AUTO(buf_free) struct buf input = {0};
    buf_append(&input, salt->bytes, HASH_BYTES);
    doc_append_canonical(&input, value);
    return hash_tagged(COMMITMENT_TAG, view_of_buf(&input));
}

void commitment_salt(struct hash *out)
{
    secret_random(out->bytes, HASH_BYTES);
}

void opening_to_text(struct buf *out, const struct hash *salt, const struct doc *value)
{
    AUTO(buf_free) struct buf json = {0};
    AUTO(doc_free) struct doc *opening = doc_new_object();
    doc_set_hash(opening, "salt", salt);
    doc_set(opening, "value", doc_ref(value));
    doc_append_canonical(&json, opening);
    base64url_append(out, view_of_buf(&json));
}

int opening_from_text(struct doc **value, const char *text, const struct hash *commitment)
{
    AUTO(buf_free) struct buf json = {0};
    AUTO(doc_free) struct doc *opening = NULL;
    struct hash salt;
    *value = NULL;
    if (text == NULL) {
        return ERR_FIELD_MISSING;
    }
    if (strlen(text) > OPENING_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    int error = base64url_decode(&json, view_of_text(text));
    error = error != 0 ? error : doc_parse(&opening, view_of_buf(&json), OPENING_BYTES_MAX);
    if (error != 0) {
        return error;
    }
    const struct doc *inner = doc_get(opening, "value");
    if (doc_count(opening) != 2 || doc_kind(inner) != DOC_OBJECT ||
        hash_from_hex(&salt, doc_get_text(opening, "salt")) != 0) {
        return ERR_FIELD_FORMAT;
    }
    struct hash made = commitment_of(&salt, inner);
    if (!hash_equal(&made, commitment)) {
        return ERR_DIGEST;
    }
    *value = doc_ref(inner);
    return 0;
}
