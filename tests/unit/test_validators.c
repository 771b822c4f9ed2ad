/* Validator sets: quorum arithmetic as literals, proposer rotation, order, the hashed encoding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/validators.h"
#include "vectors.h"

static struct validator_set set_of(size_t count)
{
    struct validator_set set = {.count = count};
    for (size_t i = 0; i < count; i++) {
        struct secret_key secret = {{0}};
        secret.bytes[30] = (uint8_t)((i + 1) >> 8);
        secret.bytes[31] = (uint8_t)(i + 1);
        (void)snprintf(set.item[i].member, sizeof set.item[i].member, "%018u", (unsigned)i);
        assert_int_equal(sign_vote_key(&set.item[i].key, &secret), OK);
    }
    return set;
}

/* Written out, not computed: a formula that is wrong in the code must not be right in here too. */
static const struct {
    size_t count, quorum, faulty, round_skip;
} truths[] = {
    {1, 1, 0, 1}, {2, 2, 0, 1}, {3, 3, 0, 1}, {4, 3, 1, 2}, {5, 4, 1, 2},
    {6, 5, 1, 2}, {7, 5, 2, 3}, {8, 6, 2, 3}, {9, 7, 2, 3}, {10, 7, 3, 4},
};

static void test_quorum_truth_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof truths / sizeof truths[0]; i++) {
        assert_int_equal(validators_quorum(truths[i].count), truths[i].quorum);
        assert_int_equal(validators_faulty_max(truths[i].count), truths[i].faulty);
        assert_int_equal(validators_round_skip(truths[i].count), truths[i].round_skip);
    }
}

/* The reasons behind the table, for every size there can be. */
static void test_quorum_properties(void **state)
{
    (void)state;
    for (size_t n = 1; n <= VALIDATORS_MAX; n++) {
        size_t quorum = validators_quorum(n);
        size_t faulty = validators_faulty_max(n);
        assert_true(3 * faulty < n);
        assert_true(2 * quorum >= n + faulty + 1); /* two quorums share an honest member */
        assert_true(n - faulty >= quorum);         /* the honest ones are a quorum */
        assert_true(validators_round_skip(n) > faulty);
    }
}

static void test_proposer_rotates(void **state)
{
    (void)state;
    struct validator_set set = set_of(4);
    static const struct {
        uint64_t height;
        uint32_t round;
        size_t index;
    } cases[] = {
        {1, 0, 1}, {1, 1, 2}, {1, 2, 3}, {1, 3, 0},          {1, 4, 1},
        {2, 0, 2}, {3, 0, 3}, {4, 0, 0}, {UINT64_MAX, 0, 3}, {UINT64_MAX, 1, 0},
        {5, 5, 2}, {0, 0, 0}, {7, 9, 0}, {0, UINT32_MAX, 3}, {UINT64_MAX, UINT32_MAX, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(validators_proposer(&set, cases[i].height, cases[i].round),
                         cases[i].index);
    struct validator_set three = set_of(3); /* 2^64 is 1 mod 3: a sum that wrapped would show */
    assert_int_equal(validators_proposer(&three, UINT64_MAX, 1), 1);
    struct validator_set one = set_of(1);
    assert_int_equal(validators_proposer(&one, 123456789, 99), 0);
}

static void test_find(void **state)
{
    (void)state;
    struct validator_set set = set_of(7);
    for (size_t i = 0; i < set.count; i++)
        assert_int_equal(validators_find(&set, set.item[i].member), i);
    assert_int_equal(validators_find(&set, "000000000000000007"), -1);
    assert_int_equal(validators_find(&set, "00000000000000000"), -1);
    assert_int_equal(validators_find(&set, ""), -1);
    set.count = 3;
    assert_int_equal(validators_find(&set, "000000000000000003"), -1);
}

static void test_sort(void **state)
{
    (void)state;
    struct validator_set sorted = set_of(9);
    struct validator_set mixed = sorted;
    for (size_t i = 0; i < mixed.count; i++)
        mixed.item[i] = sorted.item[(i * 5 + 3) % sorted.count];
    assert_int_equal(validators_check(&mixed), ERR_VALIDATORS);
    validators_sort(&mixed);
    assert_memory_equal(&mixed, &sorted, sizeof mixed);
    assert_int_equal(validators_check(&mixed), OK);
}

static void test_check_refuses(void **state)
{
    (void)state;
    struct validator_set set = set_of(4);
    assert_int_equal(validators_check(&set), OK);
    set.count = 0;
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set.count = VALIDATORS_MAX + 1;
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set = set_of(4);
    set.item[2] = set.item[1]; /* a member twice */
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set = set_of(4);
    set.item[3].key = set.item[0].key; /* a key twice */
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set = set_of(4);
    memset(set.item[1].key.bytes, 0xff, VOTE_KEY_BYTES); /* beyond the field */
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set = set_of(4);
    set.item[0].member[17] = '\0'; /* short */
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
    set = set_of(4);
    set.item[3].member[4] = 'z';
    assert_int_equal(validators_check(&set), ERR_VALIDATORS);
}

static void test_largest_set_round_trips(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    struct validator_set set = set_of(VALIDATORS_MAX);
    struct validator_set back;
    assert_int_equal(validators_check(&set), OK);
    validators_encode(&bytes, &set);
    assert_int_equal(bytes.len, 2 + VALIDATORS_MAX * 50);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(validators_decode(&back, &reader), OK);
    assert_true(reader_done(&reader));
    assert_memory_equal(&set, &back, sizeof set);
}

static void check_vector(const struct doc *vector)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    struct validator_set set;
    const struct doc *members = doc_get(vector, "members");
    vector_bytes(&bytes, vector, "bytes");
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(validators_decode(&set, &reader), OK);
    assert_true(reader_done(&reader));
    assert_int_equal(set.count, doc_get_int(vector, "count", 0));
    assert_int_equal(doc_count(members), set.count);
    for (size_t i = 0; i < set.count; i++) {
        struct vote_key key;
        vector_fixed(key.bytes, sizeof key.bytes, doc_at(members, i), "key");
        assert_string_equal(set.item[i].member, vector_text(doc_at(members, i), "member"));
        assert_memory_equal(set.item[i].key.bytes, key.bytes, sizeof key.bytes);
    }
    validators_encode(&again, &set);
    assert_true(buf_is(&bytes, &again));
    struct hash hash;
    struct hash expected = vector_hash(vector, "hash");
    validators_hash(&hash, &set);
    assert_true(hash_equal(&hash, &expected));
    assert_int_equal(validators_quorum(set.count), doc_get_int(vector, "quorum", 0));
    assert_int_equal(validators_round_skip(set.count), doc_get_int(vector, "round_skip", 0));
    for (size_t len = 0; len < bytes.len; len++) { /* every truncation */
        reader = reader_of(view_of(bytes.data, len));
        assert_int_equal(validators_decode(&set, &reader), ERR_VALIDATORS);
    }
}

static void test_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *sets = doc_get(vectors, "validators");
    assert_int_equal(doc_count(sets), 3);
    for (size_t i = 0; i < doc_count(sets); i++)
        check_vector(doc_at(sets, i));
}

static void test_vectors_refused(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *refused = doc_get(vectors, "validators_refused");
    assert_int_equal(doc_count(refused), 8);
    for (size_t i = 0; i < doc_count(refused); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        struct validator_set set;
        vector_bytes(&bytes, doc_at(refused, i), "bytes");
        struct reader reader = reader_of(view_of_buf(&bytes));
        VECTOR_CHECK(doc_at(refused, i), validators_decode(&set, &reader) == ERR_VALIDATORS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quorum_truth_table),
        cmocka_unit_test(test_quorum_properties),
        cmocka_unit_test(test_proposer_rotates),
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_sort),
        cmocka_unit_test(test_check_refuses),
        cmocka_unit_test(test_largest_set_round_trips),
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_vectors_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
