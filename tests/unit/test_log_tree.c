/* The log tree against its definition: roots and proofs of every small size are compared with a
 * recursive restatement of RFC 6962, the published vectors are checked, and proofs that were
 * touched in any way are refused. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_tree.h"
#include "check.h"
#include "vectors.h"

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

/* Of an empty log there is one root; that both sides of the comparison name the same other one does
 * not make it a log. */
static void an_empty_log_has_one_root(void **state)
{
    (void)state;
    struct log_proof proof = {0};
    assert_int_equal(log_verify_consistency(&proof, 0, &roots[0], 0, &roots[0]), OK);
    assert_int_equal(log_verify_consistency(&proof, 0, &roots[1], 0, &roots[1]), ERR_PROOF_LOG);
    assert_int_equal(log_verify_consistency(&proof, 0, &roots[1], 3, &roots[3]), ERR_PROOF_LOG);
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

/* ---- published vectors: tests/vectors/log_proofs.json ---- */

/* A proof of the vectors verifies, and is what we would make ourselves. */
static void vector_proof(struct log_proof *out, const struct doc *vector,
                         const struct log_proof *made)
{
    AUTO(buf_free) struct buf bytes = {0};
    vector_bytes(&bytes, vector, "proof");
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(log_proof_decode(out, &reader), OK);
    assert_true(reader_done(&reader));
    AUTO(buf_free) struct buf again = {0};
    log_proof_encode(&again, made ? made : out);
    assert_true(buf_is(&again, &bytes));
}

static size_t vector_int(const struct doc *vector, const char *key)
{
    int64_t value = doc_get_int(vector, key, -1);
    assert_true(value >= 0);
    return (size_t)value;
}

static void check_inclusions(const struct doc *list, bool ours)
{
    assert_true(doc_count(list) > 0);
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc *vector = doc_at(list, i);
        size_t m = vector_int(vector, "index"), n = vector_int(vector, "size");
        struct hash leaf = vector_hash(vector, "leaf"), root = vector_hash(vector, "root");
        struct log_proof proof, made;
        if (ours)
            made = inclusion(m, n);
        vector_proof(&proof, vector, ours ? &made : NULL);
        assert_int_equal(log_verify_inclusion(&proof, &leaf, m, n, &root), OK);
        assert_int_equal(log_verify_inclusion(&proof, &leaf, n - m, n, &root),
                         2 * m == n ? OK : ERR_PROOF_LOG);
    }
}

static void check_consistencies(const struct doc *list, bool ours)
{
    assert_true(doc_count(list) > 0);
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc *vector = doc_at(list, i);
        size_t m = vector_int(vector, "old"), n = vector_int(vector, "new");
        struct hash old_root = vector_hash(vector, "old_root");
        struct hash new_root = vector_hash(vector, "new_root");
        struct log_proof proof, made;
        if (ours)
            made = consistency(m, n);
        vector_proof(&proof, vector, ours ? &made : NULL);
        assert_int_equal(log_verify_consistency(&proof, m, &old_root, n, &new_root), OK);
        old_root.bytes[7] ^= 4;
        assert_int_equal(log_verify_consistency(&proof, m, &old_root, n, &new_root), ERR_PROOF_LOG);
    }
}

/* The test tree published with the Certificate Transparency implementations: 0 to 8 leaves. */
static void certificate_transparency_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("log_proofs.json");
    const struct doc *tree = doc_get(vectors, "certificate_transparency");
    const struct doc *inputs = doc_get(tree, "inputs"), *published = doc_get(tree, "roots");
    assert_int_equal(doc_count(inputs), 8);
    struct log_frontier frontier = {0};
    for (size_t n = 0; n <= 8; n++) {
        struct hash root, expected;
        log_frontier_root(&root, &frontier);
        assert_int_equal(hash_from_hex(&expected, doc_text(doc_at(published, n))), OK);
        assert_true(hash_equal(&root, &expected));
        if (n == 8)
            break;
        uint8_t input[17] = {0};
        const char *hex = doc_text(doc_at(inputs, n));
        size_t len = strlen(hex) / 2;
        assert_int_equal(hex_decode(input + 1, len, view_of_text(hex)), OK);
        leaves[n] = hash_sha256(view_of(input, 1 + len));
        log_frontier_append(&frontier, &leaves[n]);
    }
    check_inclusions(doc_get(tree, "inclusion"), true);
    check_consistencies(doc_get(tree, "consistency"), true);
    assert_int_equal(make_leaves(state), 0);
}

static void ledger_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("log_proofs.json");
    const struct doc *ledger = doc_get(vectors, "ledger");
    const struct doc *list = doc_get(ledger, "leaves");
    assert_true(doc_count(list) > 2);
    for (size_t i = 0; i < doc_count(list); i++) {
        const struct doc *vector = doc_at(list, i);
        struct log_leaf leaf = {(enum log_kind)vector_int(vector, "kind"),
                                vector_hash(vector, "digest")};
        struct hash expected = vector_hash(vector, "hash"), hash;
        log_leaf_hash(&hash, &leaf);
        assert_true(hash_equal(&hash, &expected));
    }
    check_inclusions(doc_get(ledger, "inclusion"), false);
    check_consistencies(doc_get(ledger, "consistency"), false);
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
        cmocka_unit_test(an_empty_log_has_one_root),
        cmocka_unit_test(the_largest_log_is_bounded),
        cmocka_unit_test(node_errors_travel_up),
        cmocka_unit_test(proofs_survive_encoding),
        cmocka_unit_test(certificate_transparency_vectors),
        cmocka_unit_test(ledger_vectors),
    };
    return cmocka_run_group_tests(tests, make_leaves, NULL);
}
