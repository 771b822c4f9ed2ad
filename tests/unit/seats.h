/* Vote keys of seats in tests of rules, and their rotation. Include after rules_fixture.h. */
#ifndef DIRCHAIN_TESTS_UNIT_SEATS_H
#define DIRCHAIN_TESTS_UNIT_SEATS_H

#include "chain/rules/rotation.h"
#include "chain/validators.h"

/* A vote key of its own for each number, none of the fixture's. */
static inline struct secret_key vote_secret(uint8_t number)
{
    struct secret_key secret = {{0}};
    secret.bytes[0] = 0x7a;
    secret.bytes[SECRET_KEY_BYTES - 1] = number;
    return secret;
}

static inline const char *vote_hex(uint8_t number)
{
    static char hex[4][2 * VOTE_KEY_BYTES + 1];
    struct secret_key secret = vote_secret(number);
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    hex_encode(hex[number % 4], view_of(key.bytes, sizeof key.bytes));
    return hex[number % 4];
}

/* The rotation of a member to key `number`, possession proved by key `signer` for `named`. */
static inline int rotate_as(struct ledger *ledger, const char *member, uint8_t number,
                            uint8_t signer, const char *named)
{
    AUTO(buf_free) struct buf text = {0};
    struct secret_key secret = vote_secret(signer);
    struct signature signature;
    struct hash digest;
    char kid[40], key[40];
    rotation_digest(&digest, &ledger->genesis_hash, named, vote_hex(number));
    assert_int_equal(schnorr_sign(&signature, &secret, &digest), 0);
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    (void)snprintf(kid, sizeof kid, "%s/chief", member);
    (void)snprintf(key, sizeof key, "member/%s", member);
    return ledger_do(ledger, kid, "validator.rotate",
                     "{'vote_key':'%s','vote_signature':'%s','acts_on':'%s','reason':'定期轮换'}",
                     vote_hex(number), buf_text(&text), ledger_version(ledger, "%s", key));
}

static inline int rotate(struct ledger *ledger, const char *member, uint8_t number)
{
    return rotate_as(ledger, member, number, number, member);
}

/* The key of the member's seat at a height; "" without one. */
static inline const char *seat_key(struct ledger *ledger, const char *member, uint64_t height)
{
    static char hex[2 * VOTE_KEY_BYTES + 1];
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, height), 0);
    assert_int_equal(validators_check(&set), 0);
    int at = validators_find(&set, member);
    hex[0] = 0;
    if (at >= 0) {
        hex_encode(hex, view_of(set.item[at].key.bytes, VOTE_KEY_BYTES));
    }
    return hex;
}

static inline size_t seats(struct ledger *ledger)
{
    struct validator_set set;
    assert_int_equal(rules_validators(&set, ledger->state, UINT64_MAX), 0);
    return set.count;
}

#endif
