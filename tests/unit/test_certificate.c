/* Certificates: what proves a block decided, and everything that must not pass for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/certificate.h"
#include "vectors.h"

struct fixture {
    struct doc *vectors;
    struct hash genesis;
    struct hash block;
    uint64_t height;
    struct validator_set set;
};

static void fixture_free(struct fixture *fixture)
{
    doc_free(&fixture->vectors);
}

static struct fixture fixture_load(void)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct fixture fixture = {.vectors = vectors_load("certificate.json")};
    fixture.genesis = vector_hash(fixture.vectors, "genesis");
    fixture.block = vector_hash(fixture.vectors, "certificate_block");
    fixture.height = (uint64_t)doc_get_int(fixture.vectors, "certificate_height", 0);
    vector_bytes(&bytes, fixture.vectors, "validators");
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(validators_decode(&fixture.set, &reader), OK);
    assert_int_equal(fixture.set.count, 4);
    return fixture;
}

/* Decodes all of the bytes and verifies: what a receipt's reader does. */
static int judge(const struct fixture *fixture, struct view bytes)
{
    struct certificate certificate;
    struct reader reader = reader_of(bytes);
    int error = certificate_decode(&certificate, &reader);
    if (error == OK && !reader_done(&reader))
        error = ERR_CERT_FORM;
    if (error != OK)
        return error;
    return certificate_verify(&certificate, &fixture->genesis, fixture->height, &fixture->block,
                              &fixture->set);
}

static void test_table(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    const struct doc *cases = doc_get(fixture.vectors, "certificates");
    assert_int_equal(doc_count(cases), 32);
    for (size_t i = 0; i < doc_count(cases); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        const struct doc *vector = doc_at(cases, i);
        const char *expected = vector_text(vector, "expect");
        vector_bytes(&bytes, vector, "bytes");
        int error = judge(&fixture, view_of_buf(&bytes));
        if (strcmp(error_code(error), expected) != 0)
            fail_msg("\"%s\": %s, expected %s", vector_name(vector), error_code(error), expected);
    }
}

static void load_certificate(struct certificate *out, struct buf *bytes,
                             const struct fixture *fixture, size_t index)
{
    vector_bytes(bytes, doc_at(doc_get(fixture->vectors, "certificates"), index), "bytes");
    struct reader reader = reader_of(view_of_buf(bytes));
    assert_int_equal(certificate_decode(out, &reader), OK);
}

static void test_round_trip_and_truncations(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    struct certificate certificate;
    load_certificate(&certificate, &bytes, &fixture, 1);
    assert_int_equal(certificate.count, 4);
    assert_int_equal(certificate.round, 2);
    certificate_encode(&again, &certificate);
    assert_true(buf_is(&bytes, &again));
    for (size_t len = 0; len < bytes.len; len++)
        assert_int_equal(judge(&fixture, view_of(bytes.data, len)), ERR_CERT_FORM);
}

static void test_every_flipped_byte_is_refused(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    load_certificate(&certificate, &bytes, &fixture, 0);
    assert_int_equal(judge(&fixture, view_of_buf(&bytes)), OK);
    for (size_t i = 0; i < bytes.len; i++) {
        bytes.data[i] ^= 1;
        assert_int_not_equal(judge(&fixture, view_of_buf(&bytes)), OK);
        bytes.data[i] ^= 1;
    }
}

/* The same signatures against what they were not made for. */
static void test_other_questions(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    struct hash other = fixture.block;
    struct hash nil = {{0}};
    load_certificate(&certificate, &bytes, &fixture, 1);
    other.bytes[0] ^= 1;
    assert_int_equal(certificate_verify(&certificate, &fixture.genesis, fixture.height,
                                        &fixture.block, &fixture.set),
                     OK);
    assert_int_equal(certificate_verify(&certificate, &fixture.genesis, fixture.height + 1,
                                        &fixture.block, &fixture.set),
                     ERR_CERT_BLOCK);
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &other, &fixture.set),
        ERR_CERT_BLOCK);
    assert_int_equal(
        certificate_verify(&certificate, &other, fixture.height, &fixture.block, &fixture.set),
        ERR_SIGNATURE);
    certificate.block = nil;
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &nil, &fixture.set),
        ERR_CERT_BLOCK);
}

/* Against another set of validators: fewer, more, other keys under the same names. */
static void test_other_sets(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate certificate;
    load_certificate(&certificate, &bytes, &fixture, 1);
    struct validator_set set = fixture.set;
    set.count = 3;
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &fixture.block, &set),
        ERR_CERT_SIGNER);
    set = fixture.set; /* of six validators, four are no quorum */
    for (size_t i = 4; i < 6; i++) {
        struct secret_key secret = {{1, (uint8_t)i}};
        (void)snprintf(set.item[i].member, sizeof set.item[i].member, "9%017u", (unsigned)i);
        assert_int_equal(sign_vote_key(&set.item[i].key, &secret), OK);
    }
    set.count = 5;
    assert_int_equal(validators_check(&set), OK);
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &fixture.block, &set),
        OK);
    set.count = 6;
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &fixture.block, &set),
        ERR_CERT_QUORUM);
    set = fixture.set;
    struct vote_key first = set.item[0].key;
    set.item[0].key = set.item[3].key;
    set.item[3].key = first;
    assert_int_equal(
        certificate_verify(&certificate, &fixture.genesis, fixture.height, &fixture.block, &set),
        ERR_SIGNATURE);
}

static void test_largest(void **state)
{
    (void)state;
    struct certificate certificate = {.height = 3, .round = 1, .count = VALIDATORS_MAX};
    struct validator_set set = {.count = VALIDATORS_MAX};
    struct hash genesis = hash_sha256(view_of_text("genesis"));
    certificate.block = hash_sha256(view_of_text("block"));
    struct vote vote = {.type = VOTE_PRECOMMIT, .height = 3, .round = 1};
    vote.block = certificate.block;
    struct hash digest;
    vote_digest(&digest, &genesis, &vote);
    for (size_t i = 0; i < VALIDATORS_MAX; i++) {
        struct secret_key secret = {{1, (uint8_t)i}};
        (void)snprintf(set.item[i].member, sizeof set.item[i].member, "%018u", (unsigned)i);
        memcpy(certificate.signer[i].member, set.item[i].member, sizeof set.item[i].member);
        assert_int_equal(sign_vote_key(&set.item[i].key, &secret), OK);
        assert_int_equal(schnorr_sign(&certificate.signer[i].signature, &secret, &digest), OK);
    }
    AUTO(buf_free) struct buf bytes = {0};
    struct certificate back;
    certificate_encode(&bytes, &certificate);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(certificate_decode(&back, &reader), OK);
    assert_true(reader_done(&reader));
    assert_int_equal(certificate_verify(&back, &genesis, 3, &certificate.block, &set), OK);
    back.signer[VALIDATORS_MAX - 1].signature.bytes[40] ^= 1;
    assert_int_equal(certificate_verify(&back, &genesis, 3, &certificate.block, &set),
                     ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_round_trip_and_truncations),
        cmocka_unit_test(test_every_flipped_byte_is_refused),
        cmocka_unit_test(test_other_questions),
        cmocka_unit_test(test_other_sets),
        cmocka_unit_test(test_largest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
