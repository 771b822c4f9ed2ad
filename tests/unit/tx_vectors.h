/* What tests of transactions share: the vectors, and texts signed as they are. Include it once a
 * program. */
#ifndef DIRCHAIN_TESTS_UNIT_TX_VECTORS_H
#define DIRCHAIN_TESTS_UNIT_TX_VECTORS_H

#include "check.h"

#include "chain/tx.h"
#include "note_type.h"
#include "vectors.h"

/* The vectors, and the signer of most of them. */
struct fixture {
    struct doc *vectors;
    struct hash genesis;
    struct secret_key secret;
    struct public_key key;
    const char *member;
};

static inline void fixture_free(struct fixture *fixture)
{
    doc_free(&fixture->vectors);
}

static inline struct fixture fixture_load(void)
{
    struct fixture fixture = {.vectors = vectors_load("tx.json")};
    const struct doc *first = doc_at(doc_get(fixture.vectors, "valid"), 0);
    fixture.genesis = vector_hash(fixture.vectors, "genesis");
    fixture.member = vector_text(first, "member");
    vector_fixed(fixture.secret.bytes, SECRET_KEY_BYTES, first, "secret");
    assert_int_equal(sign_public_key(&fixture.key, &fixture.secret), OK);
    return fixture;
}

static inline const struct doc *valid_vector(const struct fixture *fixture, const char *name)
{
    const struct doc *valid = doc_get(fixture->vectors, "valid");
    for (size_t i = 0; i < doc_count(valid); i++) {
        if (strcmp(vector_name(doc_at(valid, i)), name) == 0)
            return doc_at(valid, i);
    }
    fail_msg("no vector %s", name);
    return NULL;
}

static inline struct view jws_of(const struct doc *vector)
{
    return view_of_text(vector_text(vector, "jws"));
}

/* Signs any two texts as header and payload. */
static inline void jws_make(struct buf *out, const struct fixture *fixture, struct view header,
                            struct view payload)
{
    struct signature signature;
    buf_clear(out);
    base64url_append(out, header);
    buf_append_u8(out, '.');
    base64url_append(out, payload);
    struct hash digest = hash_sha256(view_of_buf(out));
    assert_int_equal(es256k_sign(&signature, &fixture->secret, &digest), OK);
    buf_append_u8(out, '.');
    base64url_append(out, view_of(signature.bytes, SIGNATURE_BYTES));
}

static inline void append_header(struct buf *out, const struct fixture *fixture)
{
    buf_append_format(out,
                      "{\"alg\":\"ES256K\",\"kid\":\"%s/review\",\"typ\":\"dirchain-tx+json\"}",
                      fixture->member);
}

static inline int parse_error(const struct fixture *fixture, struct view raw)
{
    AUTO(tx_free) struct tx *tx = NULL;
    int error = tx_parse(&tx, NULL, raw, &fixture->genesis);
    assert_true((tx == NULL) == (error != OK));
    return error;
}

#endif
