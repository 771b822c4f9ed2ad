/* The log tree against its definition: roots and proofs of every small size are compared with a
 * recursive restatement of RFC 6962, the published vectors are checked, and proofs that were
 * touched in any way are refused. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_tree.h"
#include "check.h"

#include <string.h>

#define SIZE_TRIED_MAX 70

static struct hash leaves[SIZE_TRIED_MAX];
static struct hash roots[SIZE_TRIED_MAX + 1];

/* ---- the definition ---- */

static struct hash naive_root(size_t start, size_t n)
{
    if (n == 0)
        return hash_sha256((struct view){0});
    if (n == 1)
        return leaves[start];
    size_t k = 1;
    while (2 * k < n)
        k *= 2;
    uint8_t input[65] = {1};
    memcpy(input + 1, naive_root(start, k).bytes, 32);
    memcpy(input + 33, naive_root(start + k, n - k).bytes, 32);
    return hash_sha256(view_of(input, sizeof input));
}

static int read_node(void *context, struct hash *out, unsigned level, uint64_t index)
{
    size_t size = *(size_t *)context;
    uint64_t width = UINT64_C(1) << level;
    assert_true((index + 1) * width <= size); /* only complete subtrees may be asked for */
    *out = naive_root((size_t)(index * width), (size_t)width);
    return OK;
}

static int make_leaves(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_TRIED_MAX; i++) {
        struct log_leaf leaf = {.kind = (enum log_kind)(1 + i % 3)};
        leaf.digest = hash_sha256(view_of(&i, sizeof i));
        log_leaf_hash(&leaves[i], &leaf);
    }
    for (size_t n = 0; n <= SIZE_TRIED_MAX; n++)
        roots[n] = naive_root(0, n);
    return 0;
}

/* ---- the frontier ---- */

static void frontier_gives_every_root(void **state)
{
    (void)state;
    struct log_frontier frontier = {0};
    for (size_t n = 0; n <= SIZE_TRIED_MAX; n++) {
        struct hash root;
        log_frontier_root(&root, &frontier);
        assert_true(hash_equal(&root, &roots[n]));
        assert_int_equal(frontier.size, n);
        if (n < SIZE_TRIED_MAX)
            log_frontier_append(&frontier, &leaves[n]);
    }
}

static void frontier_survives_encoding(void **state)
{
    (void)state;
    struct log_frontier frontier = {0};
    for (size_t n = 0; n <= SIZE_TRIED_MAX; n++) {
        AUTO(buf_free) struct buf bytes = {0};
        log_frontier_encode(&bytes, &frontier);
        assert_int_equal(bytes.len, 8 + 32 * (size_t)__builtin_popcountll(n));
        struct log_frontier again;
        struct reader reader = reader_of(view_of_buf(&bytes));
        assert_int_equal(log_frontier_decode(&again, &reader), OK);
        assert_true(reader_done(&reader));
        struct hash root;
        log_frontier_root(&root, &again);
        assert_true(hash_equal(&root, &roots[n]));
        reader = reader_of(view_of(bytes.data, bytes.len - 1));
        assert_int_equal(log_frontier_decode(&again, &reader), ERR_ENCODING);
        if (n < SIZE_TRIED_MAX)
            log_frontier_append(&frontier, &leaves[n]);
    }
    uint8_t vast[8 + 64 * 32];
    memset(vast, 0xff, sizeof vast);
    struct reader reader = reader_of(view_of(vast, sizeof vast));
    assert_int_equal(log_frontier_decode(&frontier, &reader), ERR_ENCODING);
}

static void append_to_a_full_log(void)
{
    struct log_frontier frontier = {.size = LOG_SIZE_MAX};
    log_frontier_append(&frontier, &leaves[0]);
}

static void a_full_log_stops(void **state)
{
    (void)state;
    assert_true(check_stops(append_to_a_full_log));
}

/* ---- proofs ---- */

static struct log_proof inclusion(size_t index, size_t size)
{
    struct log_nodes nodes = {read_node, &size};
    struct log_proof proof;
    assert_int_equal(log_prove_inclusion(&proof, &nodes, index, size), OK);
    return proof;
}

static struct log_proof consistency(size_t old_size, size_t new_size)
{
    struct log_nodes nodes = {read_node, &new_size};
    struct log_proof proof;
    assert_int_equal(log_prove_consistency(&proof, &nodes, old_size, new_size), OK);
    return proof;
}

static void every_inclusion_holds(void **state)
{
    (void)state;
    for (size_t n = 1; n <= SIZE_TRIED_MAX; n++) {
        for (size_t m = 0; m < n; m++) {
            struct log_proof proof = inclusion(m, n);
            assert_int_equal(log_verify_inclusion(&proof, &leaves[m], m, n, &roots[n]), OK);
        }
    }
}

static void every_consistency_holds(void **state)
{
    (void)state;
    for (size_t n = 0; n <= SIZE_TRIED_MAX; n++) {
        for (size_t m = 0; m <= n; m++) {
            struct log_proof proof = consistency(m, n);
            assert_int_equal(log_verify_consistency(&proof, m, &roots[m], n, &roots[n]), OK);
        }
    }
}

/* Wherever else the proof is pointed, it must not hold. */
static void refused_inclusion(const struct log_proof *proof, size_t m, size_t n)
{
    const struct hash *root = &roots[n];
    for (size_t i = 0; i < SIZE_TRIED_MAX; i++) {
        if (i != m)
            assert_int_equal(log_verify_inclusion(proof, &leaves[i], m, n, root), ERR_PROOF_LOG);
        if (i != m && i < n)
            assert_int_equal(log_verify_inclusion(proof, &leaves[m], i, n, root), ERR_PROOF_LOG);
    }
    for (size_t i = 0; i <= SIZE_TRIED_MAX; i++) {
        if (i != n)
            assert_int_equal(log_verify_inclusion(proof, &leaves[m], m, n, &roots[i]),
                             ERR_PROOF_LOG);
    }
    assert_int_equal(log_verify_inclusion(proof, &leaves[m], n, n, root), ERR_PROOF_LOG);
    assert_int_equal(log_verify_inclusion(proof, &leaves[m], m, 0, root), ERR_PROOF_LOG);
    assert_int_equal(log_verify_inclusion(proof, &leaves[m], m, UINT64_MAX, root), ERR_PROOF_LOG);
    struct log_proof touched = *proof;
    for (size_t i = 0; i < proof->count; i++) {
        touched.node[i].bytes[i % 32] ^= 1;
        assert_int_equal(log_verify_inclusion(&touched, &leaves[m], m, n, root), ERR_PROOF_LOG);
        touched.node[i] = proof->node[i];
    }
    touched.node[touched.count++] = *root;
    assert_int_equal(log_verify_inclusion(&touched, &leaves[m], m, n, root), ERR_PROOF_LOG);
    if (proof->count > 0) {
        touched.count = proof->count - 1;
        assert_int_equal(log_verify_inclusion(&touched, &leaves[m], m, n, root), ERR_PROOF_LOG);
    }
    touched.count = LOG_PROOF_HASHES_MAX + 1;
    assert_int_equal(log_verify_inclusion(&touched, &leaves[m], m, n, root), ERR_PROOF_LOG);
}

static void touched_inclusions_are_refused(void **state)
{
    (void)state;
    for (size_t n = 1; n <= SIZE_TRIED_MAX; n += n < 20 ? 1 : 7) {
        for (size_t m = 0; m < n; m++) {
            struct log_proof proof = inclusion(m, n);
            refused_inclusion(&proof, m, n);
        }
    }
}

static int try_consistency(const struct log_proof *proof, size_t m, const struct hash *old_root,
                           size_t n, const struct hash *new_root)
{
    return log_verify_consistency(proof, m, old_root, n, new_root);
}

static void refused_consistency(const struct log_proof *proof, size_t m, size_t n)
{
    for (size_t i = 0; i <= SIZE_TRIED_MAX; i++) {
        if (i != m)
            assert_int_equal(try_consistency(proof, m, &roots[i], n, &roots[n]), ERR_PROOF_LOG);
        if (i != m && i != 0) /* an empty log is a prefix whatever follows */
            assert_int_equal(try_consistency(proof, i, &roots[m], n, &roots[n]), ERR_PROOF_LOG);
        if (i != n && m != 0) {
            assert_int_equal(try_consistency(proof, m, &roots[m], n, &roots[i]), ERR_PROOF_LOG);
        }
    }
    assert_int_equal(log_verify_consistency(proof, m, &roots[m], UINT64_MAX, &roots[n]),
                     ERR_PROOF_LOG);
    struct log_proof touched = *proof;
    for (size_t i = 0; i < proof->count; i++) {
        touched.node[i].bytes[31 - i % 32] ^= 0x80;
        assert_int_equal(try_consistency(&touched, m, &roots[m], n, &roots[n]), ERR_PROOF_LOG);
        touched.node[i] = proof->node[i];
    }
    touched.node[touched.count++] = roots[n];
    assert_int_equal(try_consistency(&touched, m, &roots[m], n, &roots[n]), ERR_PROOF_LOG);
    if (proof->count > 0) {
        touched.count = proof->count - 1;
        assert_int_equal(try_consistency(&touched, m, &roots[m], n, &roots[n]), ERR_PROOF_LOG);
    }
    touched.count = LOG_PROOF_HASHES_MAX + 1;
    assert_int_equal(try_consistency(&touched, m, &roots[m], n, &roots[n]), ERR_PROOF_LOG);
}

static void touched_consistencies_are_refused(void **state)
{
    (void)state;
    for (size_t n = 0; n <= SIZE_TRIED_MAX; n += n < 20 ? 1 : 7) {
        for (size_t m = 0; m <= n; m++) {
            struct log_proof proof = consistency(m, n);
            refused_consistency(&proof, m, n);
        }
    }
}

static void impossible_questions_are_refused(void **state)
{
    (void)state;
    size_t size = SIZE_TRIED_MAX;
    struct log_nodes nodes = {read_node, &size};
    struct log_proof proof;
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 0, 0), ERR_FIELD_RANGE);
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 5, 5), ERR_FIELD_RANGE);
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 0, LOG_SIZE_MAX + 1), ERR_FIELD_RANGE);
    assert_int_equal(log_prove_consistency(&proof, &nodes, 6, 5), ERR_FIELD_RANGE);
    assert_int_equal(log_prove_consistency(&proof, &nodes, 1, LOG_SIZE_MAX + 1), ERR_FIELD_RANGE);
}

static int read_anything(void *context, struct hash *out, unsigned level, uint64_t index)
{
    (void)context;
    assert_true(level <= 62 && index < LOG_SIZE_MAX >> level);
    *out = leaves[level];
    return OK;
}

/* The longest proofs there can be fit, and node errors travel up. */
static void the_largest_log_is_bounded(void **state)
{
    (void)state;
    struct log_nodes nodes = {read_anything, NULL};
    struct log_proof proof;
    uint64_t n = LOG_SIZE_MAX;
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 12345, n), OK);
    assert_int_equal(proof.count, 62);
    assert_int_equal(log_prove_inclusion(&proof, &nodes, n - 2, n - 1), OK);
    assert_int_equal(log_prove_consistency(&proof, &nodes, n / 2 - 1, n), OK);
    assert_int_equal(proof.count, 63);
    assert_int_equal(log_prove_consistency(&proof, &nodes, 1, n), OK);
    assert_int_equal(proof.count, 62);
}

static int read_fails(void *context, struct hash *out, unsigned level, uint64_t index)
{
    (void)out;
    (void)level;
    (void)index;
    return *(int *)context;
}

static void node_errors_travel_up(void **state)
{
    (void)state;
    int error = ERR_CORRUPT;
    struct log_nodes nodes = {read_fails, &error};
    struct log_proof proof;
    assert_int_equal(log_prove_inclusion(&proof, &nodes, 3, 7), ERR_CORRUPT);
    assert_int_equal(log_prove_consistency(&proof, &nodes, 3, 7), ERR_CORRUPT);
}

static void proofs_survive_encoding(void **state)
{
    (void)state;
    for (size_t m = 0; m < SIZE_TRIED_MAX; m++) {
        struct log_proof proof = inclusion(m, SIZE_TRIED_MAX);
        AUTO(buf_free) struct buf bytes = {0};
        log_proof_encode(&bytes, &proof);
        struct log_proof again;
        struct reader reader = reader_of(view_of_buf(&bytes));
        assert_int_equal(log_proof_decode(&again, &reader), OK);
        assert_true(reader_done(&reader));
        assert_int_equal(again.count, proof.count);
        assert_memory_equal(again.node, proof.node, proof.count * HASH_BYTES);
        reader = reader_of(view_of(bytes.data, bytes.len - 1));
        assert_int_equal(log_proof_decode(&again, &reader), ERR_ENCODING);
    }
    uint8_t long_proof[1 + 65 * 32] = {65};
    struct log_proof proof;
    struct reader reader = reader_of(view_of(long_proof, sizeof long_proof));
    assert_int_equal(log_proof_decode(&proof, &reader), ERR_ENCODING);
    reader = reader_of((struct view){0});
    assert_int_equal(log_proof_decode(&proof, &reader), ERR_ENCODING);
}

/* The test tree published with the Certificate Transparency implementations: 0 to 8 leaves. */
static void certificate_transparency_roots(void **state)
{
    (void)state;
    static const char *const inputs[] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
    static const char *const published[] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    struct log_frontier frontier = {0};
    for (size_t n = 0; n < COUNT_OF(published); n++) {
        struct hash root;
        char hex[65];
        log_frontier_root(&root, &frontier);
        hash_to_hex(hex, &root);
        assert_string_equal(hex, published[n]);
        if (n < COUNT_OF(inputs)) {
            uint8_t input[17] = {0};
            size_t len = strlen(inputs[n]) / 2;
            assert_int_equal(hex_decode(input + 1, len, view_of_text(inputs[n])), OK);
            struct hash leaf = hash_sha256(view_of(input, 1 + len));
            log_frontier_append(&frontier, &leaf);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frontier_gives_every_root),
        cmocka_unit_test(frontier_survives_encoding),
        cmocka_unit_test(a_full_log_stops),
        cmocka_unit_test(every_inclusion_holds),
        cmocka_unit_test(every_consistency_holds),
        cmocka_unit_test(touched_inclusions_are_refused),
        cmocka_unit_test(touched_consistencies_are_refused),
        cmocka_unit_test(impossible_questions_are_refused),
        cmocka_unit_test(the_largest_log_is_bounded),
        cmocka_unit_test(node_errors_travel_up),
        cmocka_unit_test(proofs_survive_encoding),
        cmocka_unit_test(certificate_transparency_roots),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
