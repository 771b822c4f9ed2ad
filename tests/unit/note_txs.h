/* Signed transactions of type "test.note" for the node's tests. Include it once a program. */
#ifndef DIRCHAIN_TESTS_NOTE_TXS_H
#define DIRCHAIN_TESTS_NOTE_TXS_H

#include "check.h"
#include "note_type.h"

#include "base/memory.h"
#include "chain/tx.h"

#include <string.h>

#define NOTE_MEMBER "11440000006939756B"
#define NOTE_OTHER_MEMBER "11440000006939801C"
#define NOTE_EXPIRES_MS INT64_C(1800000000000)

__attribute__((unused)) static struct hash note_genesis(void)
{
    return hash_sha256(view_of_text("genesis of the tests"));
}

/* A key of its own for each seed. */
__attribute__((unused)) static void note_key(struct secret_key *secret, struct public_key *key,
                                             const char *seed)
{
    struct hash hash = hash_sha256(view_of_text(seed));
    memcpy(secret->bytes, hash.bytes, SECRET_KEY_BYTES);
    assert_int_equal(sign_public_key(key, secret), 0);
}

/* `number` makes it distinct. */
__attribute__((unused)) static void note_sign(struct buf *out, const char *member, unsigned number,
                                              int64_t expires_ms, const struct secret_key *secret)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set_text(body, "text", "a note");
    struct hash genesis = note_genesis();
    char nonce[32];
    snprintf(nonce, sizeof nonce, "nonce-%08u", number);
    const struct tx_draft draft = {.genesis = &genesis,
                                   .member = member,
                                   .key_name = "compile",
                                   .type = "test.note",
                                   .nonce = nonce,
                                   .expires_ms = expires_ms,
                                   .body = body};
    assert_int_equal(tx_sign(out, &draft, secret), 0);
}

/* Signed by the key of seed "key", parsed and verified; the caller owns it. */
__attribute__((unused)) static struct tx *note_tx(const char *member, unsigned number,
                                                  int64_t expires_ms)
{
    AUTO(buf_free) struct buf raw = {0};
    struct secret_key secret;
    struct public_key key;
    struct hash genesis = note_genesis();
    struct tx *tx = NULL;
    note_key(&secret, &key, "key");
    note_sign(&raw, member, number, expires_ms, &secret);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &genesis), 0);
    assert_int_equal(tx_verify(tx, &key), 0);
    return tx;
}

#endif
