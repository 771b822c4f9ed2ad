/* Votes, proposals' signing input, evidence of equivocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/vote.h"
#include "vectors.h"

static struct vote vote_of_vector(const struct doc *vector)
{
    struct vote vote = {
        .type = (enum vote_type)doc_get_int(vector, "type", 0),
        .height = (uint64_t)doc_get_int(vector, "height", 0),
        .round = (uint32_t)doc_get_int(vector, "round", -1),
        .block = vector_hash(vector, "block"),
    };
    (void)snprintf(vote.validator, sizeof vote.validator, "%s", vector_text(vector, "validator"));
    vector_fixed(vote.signature.bytes, SIGNATURE_BYTES, vector, "signature");
    return vote;
}

static void check_signing(const struct doc *vector, const struct hash *genesis)
{
    struct vote vote = vote_of_vector(vector);
    struct secret_key secret;
    struct vote_key key;
    struct hash digest;
    struct signature signature;
    struct hash expected = vector_hash(vector, "digest");
    vector_fixed(secret.bytes, sizeof secret.bytes, vector, "secret");
    VECTOR_CHECK(vector, sign_vote_key(&key, &secret) == OK);
    vote_digest(&digest, genesis, &vote);
    VECTOR_CHECK(vector, hash_equal(&digest, &expected));
    VECTOR_CHECK(vector, vote_verify(&vote, genesis, &key));
    VECTOR_CHECK(vector, schnorr_sign(&signature, &secret, &digest) == OK);
    VECTOR_CHECK(vector, memcmp(&signature, &vote.signature, sizeof signature) == 0);
}

static void check_encoding(const struct doc *vector)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf expected = {0};
    AUTO(buf_free) struct buf again = {0};
    struct vote vote = vote_of_vector(vector);
    struct vote back;
    vector_bytes(&expected, vector, "bytes");
    vote_encode(&bytes, &vote);
    VECTOR_CHECK(vector, bytes.len == VOTE_BYTES);
    VECTOR_CHECK(vector, buf_is(&bytes, &expected));
    struct reader reader = reader_of(view_of_buf(&bytes));
    VECTOR_CHECK(vector, vote_decode(&back, &reader) == OK && reader_done(&reader));
    vote_encode(&again, &back);
    VECTOR_CHECK(vector, buf_is(&bytes, &again));
    for (size_t len = 0; len < bytes.len; len++) {
        reader = reader_of(view_of(bytes.data, len));
        VECTOR_CHECK(vector, vote_decode(&back, &reader) == ERR_ENCODING);
    }
}

static void test_votes(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("certificate.json");
    const struct doc *votes = doc_get(vectors, "votes");
    struct hash genesis = vector_hash(vectors, "genesis");
    assert_int_equal(VOTE_BYTES, 127);
    assert_int_equal(doc_count(votes), 3);
    for (size_t i = 0; i < doc_count(votes); i++) {
        check_signing(doc_at(votes, i), &genesis);
        check_encoding(doc_at(votes, i));
    }
}

static void test_votes_refused(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("certificate.json");
    const struct doc *refused = doc_get(vectors, "votes_refused");
    assert_int_equal(doc_count(refused), 7);
    for (size_t i = 0; i < doc_count(refused); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        struct vote vote;
        vector_bytes(&bytes, doc_at(refused, i), "bytes");
        struct reader reader = reader_of(view_of_buf(&bytes));
        VECTOR_CHECK(doc_at(refused, i), vote_decode(&vote, &reader) == ERR_ENCODING);
    }
}

/* Each field of a vote is under its signature; the name of the voter is bound by the key. */
static void test_signature_covers_every_field(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("certificate.json");
    const struct doc *vector = doc_at(doc_get(vectors, "votes"), 0);
    struct hash genesis = vector_hash(vectors, "genesis");
    struct hash other_genesis = genesis;
    struct secret_key secret;
    struct vote_key key;
    other_genesis.bytes[31] ^= 1;
    vector_fixed(secret.bytes, sizeof secret.bytes, vector, "secret");
    assert_int_equal(sign_vote_key(&key, &secret), OK);
    struct vote vote = vote_of_vector(vector);
    assert_true(vote_verify(&vote, &genesis, &key));
    assert_false(vote_verify(&vote, &other_genesis, &key));
    vote.type = VOTE_PRECOMMIT;
    assert_false(vote_verify(&vote, &genesis, &key));
    vote = vote_of_vector(vector);
    vote.height++;
    assert_false(vote_verify(&vote, &genesis, &key));
    vote = vote_of_vector(vector);
    vote.round++;
    assert_false(vote_verify(&vote, &genesis, &key));
    vote = vote_of_vector(vector);
    memset(&vote.block, 0, sizeof vote.block); /* a vote for a block is none for nil */
    assert_false(vote_verify(&vote, &genesis, &key));
    vote = vote_of_vector(vector);
    vote.signature.bytes[0] ^= 1;
    assert_false(vote_verify(&vote, &genesis, &key));
}

static void test_proposals(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("certificate.json");
    const struct doc *proposals = doc_get(vectors, "proposals");
    struct hash genesis = vector_hash(vectors, "genesis");
    assert_int_equal(doc_count(proposals), 3);
    for (size_t i = 0; i < doc_count(proposals); i++) {
        const struct doc *vector = doc_at(proposals, i);
        struct hash digest;
        struct hash block = vector_hash(vector, "block");
        struct hash expected = vector_hash(vector, "digest");
        int64_t valid_round = doc_get_int(vector, "valid_round", -2);
        uint64_t height = (uint64_t)doc_get_int(vector, "height", 0);
        uint32_t round = (uint32_t)doc_get_int(vector, "round", 0);
        proposal_digest(&digest, &genesis, height, round, valid_round, &block);
        assert_true(hash_equal(&digest, &expected));
        proposal_digest(&digest, &genesis, height, round, valid_round + 1, &block);
        assert_false(hash_equal(&digest, &expected));
    }
}

static void check_evidence(const struct doc *vector, const struct hash *genesis,
                           const struct validator_set *set)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    struct evidence evidence;
    int expected = error_from_code(vector_text(vector, "expect"));
    vector_bytes(&bytes, vector, "bytes");
    struct reader reader = reader_of(view_of_buf(&bytes));
    int error = evidence_decode(&evidence, &reader);
    if (error == OK) {
        VECTOR_CHECK(vector, reader_done(&reader) && bytes.len == EVIDENCE_BYTES);
        evidence_encode(&again, &evidence);
        VECTOR_CHECK(vector, buf_is(&bytes, &again));
        error = evidence_verify(&evidence, genesis, set);
    }
    VECTOR_CHECK(vector, error == expected);
    if (expected != OK)
        return;
    struct hash hash;
    struct hash expected_hash = vector_hash(vector, "hash");
    evidence_hash(&hash, &evidence);
    VECTOR_CHECK(vector, hash_equal(&hash, &expected_hash));
    struct evidence turned = {.a = evidence.b, .b = evidence.a};
    VECTOR_CHECK(vector, evidence_verify(&turned, genesis, set) == ERR_ENCODING);
    evidence_order(&turned);
    evidence_order(&turned);
    evidence_hash(&hash, &turned);
    VECTOR_CHECK(vector, hash_equal(&hash, &expected_hash));
}

static void test_evidence(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("certificate.json");
    AUTO(buf_free) struct buf set_bytes = {0};
    const struct doc *cases = doc_get(vectors, "evidence");
    struct hash genesis = vector_hash(vectors, "genesis");
    struct validator_set set;
    vector_bytes(&set_bytes, vectors, "validators");
    struct reader reader = reader_of(view_of_buf(&set_bytes));
    assert_int_equal(validators_decode(&set, &reader), OK);
    assert_int_equal(doc_count(cases), 14);
    for (size_t i = 0; i < doc_count(cases); i++)
        check_evidence(doc_at(cases, i), &genesis, &set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_votes),
        cmocka_unit_test(test_votes_refused),
        cmocka_unit_test(test_signature_covers_every_field),
        cmocka_unit_test(test_proposals),
        cmocka_unit_test(test_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
