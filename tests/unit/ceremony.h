/* Agencies of a genesis ceremony, made in memory: keys from small numbers, so that every run signs
 * the same. Header only; for test_join and test_genesis. */
#ifndef DIRCHAIN_TESTS_UNIT_CEREMONY_H
#define DIRCHAIN_TESTS_UNIT_CEREMONY_H

#include "check.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/faults.h"
#include "base/keyfile.h"
#include "base/memory.h"
#include "genesis/join.h"

#include <stdlib.h>
#include <string.h>

/* Real codes of real agencies (samples/duties); the center is the province's market regulator here,
 * whose code is real too. */
#define CENTER "11440000MB2D023437"
static const char *const agencies[] = {CENTER, "11440000006940175Y", "11440000006939916J",
                                       "114400000069401674", "11440000553612461J"};
#define AGENCY_COUNT COUNT_OF(agencies)

/* An opened key file whose secret is 32 bytes of this number. */
static inline struct keyfile ceremony_key(enum keyfile_kind kind, uint8_t number)
{
    struct keyfile key = {.kind = kind};
    struct public_key public_key;
    struct vote_key vote_key;
    key.secret = malloc(SECRET_KEY_BYTES);
    assert_non_null(key.secret);
    memset(key.secret, number, SECRET_KEY_BYTES);
    const struct secret_key *secret = (const struct secret_key *)key.secret;
    if (kind == KEYFILE_OFFICER) {
        assert_int_equal(sign_public_key(&public_key, secret), 0);
        memcpy(key.public_bytes, public_key.bytes, key.public_len = PUBLIC_KEY_BYTES);
    } else {
        assert_int_equal(sign_vote_key(&vote_key, secret), 0);
        memcpy(key.public_bytes, vote_key.bytes, key.public_len = VOTE_KEY_BYTES);
    }
    return key;
}

static inline void ceremony_key_free(struct keyfile *key)
{
    free(key->secret);
    *key = (struct keyfile){0};
}

static inline void ceremony_add_key(struct doc *keys, const char *role, uint8_t number)
{
    char hex[2 * PUBLIC_KEY_BYTES + 1];
    AUTO(ceremony_key_free) struct keyfile key = ceremony_key(KEYFILE_OFFICER, number);
    hex_encode(hex, view_of(key.public_bytes, key.public_len));
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "name", role);
    doc_set_text(entry, "role", role);
    doc_set_text(entry, "public", hex);
    doc_push(keys, entry);
}

/* Numbers of the keys of agency i: 16 i + 1 is its chief, + 7 its vote key, + 3 admin … */
static inline uint8_t ceremony_number(size_t agency, unsigned key)
{
    return (uint8_t)(16 * agency + key);
}

/* All but the signatures. */
static inline struct doc *ceremony_unsigned(size_t agency)
{
    char hex[2 * VOTE_KEY_BYTES + 1];
    AUTO(ceremony_key_free)
    struct keyfile vote = ceremony_key(KEYFILE_VOTE, ceremony_number(agency, 7));
    hex_encode(hex, view_of(vote.public_bytes, vote.public_len));
    struct doc *join = doc_new_object();
    struct doc *parties = doc_new_array();
    struct doc *keys = doc_new_array();
    doc_push_text(parties, agency == 0 ? "center" : "provider");
    if (agency != 0) {
        doc_push_text(parties, "consumer");
    }
    ceremony_add_key(keys, "chief", ceremony_number(agency, 1));
    ceremony_add_key(keys, "compile", ceremony_number(agency, 2));
    if (agency == 0) {
        ceremony_add_key(keys, "admin", ceremony_number(agency, 3));
    }
    doc_set_text(join, "format", "dirchain-join/1");
    doc_set_text(join, "member", agencies[agency]);
    doc_set_format(join, "name", "测试单位 %zu", agency);
    doc_set(join, "parties", parties);
    doc_set_format(join, "peer_endpoint", "127.0.0.1:%zu", 9000 + agency);
    doc_set_format(join, "gateway_endpoint", "gateway-%zu.example:443", agency);
    doc_set_text(join, "vote_key", hex);
    doc_set_format(join, "peer_key", "%064zx", agency + 1);
    doc_set(join, "keys", keys);
    return join;
}

static inline int ceremony_sign(struct doc *join, struct faults *faults, size_t agency)
{
    AUTO(ceremony_key_free)
    struct keyfile chief = ceremony_key(KEYFILE_OFFICER, ceremony_number(agency, 1));
    AUTO(ceremony_key_free)
    struct keyfile vote = ceremony_key(KEYFILE_VOTE, ceremony_number(agency, 7));
    return join_sign(join, faults, &chief, &vote);
}

static inline struct doc *ceremony_join(size_t agency)
{
    struct faults faults = {0};
    struct doc *join = ceremony_unsigned(agency);
    assert_int_equal(ceremony_sign(join, &faults, agency), 0);
    assert_int_equal(faults.count, 0);
    return join;
}

static inline bool ceremony_has_fault(const struct faults *faults, int error, const char *field)
{
    for (size_t i = 0; i < faults->count; i++) {
        if (faults->item[i].error == error && strcmp(faults->item[i].field, field) == 0) {
            return true;
        }
    }
    return false;
}

#endif
