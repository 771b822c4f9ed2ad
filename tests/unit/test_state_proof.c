/* Proofs of the state: the published vectors, both kinds of absence, and every way we could think
 * of to make one proof say something else. Proofs at old versions and against the naive tree are in
 * test_state_tree. */
#include "state_model.h"
#include "vectors.h"

#include "chain/state_node.h"

static struct model model;
static struct model_changes changes;

struct sample {
    struct kv *kv;
    struct state_tree *tree;
    struct hash root;
};

static struct sample sample_open(size_t keys, size_t present)
{
    struct sample sample = {.kv = kv_open_memory()};
    sample.tree = state_tree_open(sample.kv, 1 << 20);
    model_init(&model, keys);
    changes.count = 0;
    for (size_t i = 0; i < present; i++)
        model_change(&model, &changes, i, i % 2 ? "{\"odd\":true}" : "{}");
    sample.root = tree_commit(sample.tree, sample.kv, STATE_VERSION_NONE, 0, &changes);
    return sample;
}

static void sample_close(struct sample *sample)
{
    state_tree_close(&sample->tree);
    kv_close(&sample->kv);
}

static struct state_proof prove(struct kv *kv, const char *key, bool *present)
{
    struct state_proof proof;
    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(state_tree_prove(&proof, present, &value, kv, 0, key), OK);
    return proof;
}

static struct view claim_of(size_t i)
{
    return model.entry[i].value[0] ? view_of_text(model.entry[i].value) : (struct view){0};
}

/* ---- vectors ---- */

static void check_vector(const struct doc *vector, struct kv *kv, const struct hash *root)
{
    const char *key = vector_text(vector, "key");
    const char *text = doc_get_text(vector, "value");
    struct view value = text ? view_of_text(text) : (struct view){0};
    AUTO(buf_free) struct buf bytes = {0};
    vector_bytes(&bytes, vector, "proof");
    struct state_proof proof;
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(state_proof_decode(&proof, &reader), OK);
    assert_true(reader_done(&reader));
    assert_int_equal(state_proof_verify(&proof, key, value, root), OK);

    bool present = false;
    struct state_proof ours = prove(kv, key, &present);
    assert_int_equal(present, text != NULL);
    AUTO(buf_free) struct buf made = {0};
    state_proof_encode(&made, &ours);
    assert_true(buf_is(&made, &bytes));
}

static void published_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("state_proofs.json");
    const struct doc *cases = doc_get(vectors, "cases");
    assert_true(doc_count(cases) >= 6);
    for (size_t i = 0; i < doc_count(cases); i++) {
        const struct doc *vector = doc_at(cases, i);
        const struct doc *entries = doc_get(vector, "entries");
        changes.count = doc_count(entries);
        for (size_t j = 0; j < changes.count; j++) {
            const struct doc *entry = doc_at(entries, j);
            changes.item[j] = (struct state_change){view_of_text(vector_text(entry, "key")),
                                                    view_of_text(vector_text(entry, "value"))};
        }
        struct kv *kv = kv_open_memory();
        struct state_tree *tree = state_tree_open(kv, 1 << 20);
        struct hash root = tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
        struct hash expected = vector_hash(vector, "root");
        VECTOR_CHECK(vector, hash_equal(&root, &expected));
        const struct doc *proofs = doc_get(vector, "proofs");
        VECTOR_CHECK(vector, doc_count(proofs) > 0);
        for (size_t j = 0; j < doc_count(proofs); j++)
            check_vector(doc_at(proofs, j), kv, &root);
        state_tree_close(&tree);
        kv_close(&kv);
    }
}

/* ---- claims ---- */

/* Keys 0…59 are there, 60…119 are not: both kinds of absence occur, and each claim turned round is
 * refused. */
static void claims_both_ways(void **state)
{
    (void)state;
    struct sample sample = sample_open(120, 60);
    size_t by_other = 0, by_empty = 0;
    for (size_t i = 0; i < 120; i++) {
        const char *key = model.entry[i].key;
        bool present = false;
        struct state_proof proof = prove(sample.kv, key, &present);
        assert_int_equal(present, i < 60);
        struct view value = claim_of(i);
        assert_int_equal(state_proof_verify(&proof, key, value, &sample.root), OK);
        by_other += !present && proof.other;
        by_empty += !present && !proof.other;
        struct view turned = present ? (struct view){0} : view_of_text("{}");
        assert_int_equal(state_proof_verify(&proof, key, turned, &sample.root), ERR_PROOF_STATE);
        assert_int_equal(state_proof_verify(&proof, key, view_of_text("{} "), &sample.root),
                         ERR_PROOF_STATE);
        struct hash root = sample.root;
        root.bytes[i % 32] ^= 1;
        assert_int_equal(state_proof_verify(&proof, key, value, &root), ERR_PROOF_STATE);
    }
    assert_true(by_other > 5 && by_empty > 5);
    sample_close(&sample);
}

/* No proof says anything about another key, but that a leaf or an empty place which stands in the
 * way of both keys shows both absent. */
static void proofs_are_for_one_key(void **state)
{
    (void)state;
    struct sample sample = sample_open(60, 30);
    for (size_t i = 0; i < 60; i++) {
        bool present = false;
        struct state_proof proof = prove(sample.kv, model.entry[i].key, &present);
        for (size_t j = 0; j < 60; j++) {
            if (i == j)
                continue;
            const char *key = model.entry[j].key;
            if (present)
                assert_int_equal(state_proof_verify(&proof, key, claim_of(i), &sample.root),
                                 ERR_PROOF_STATE);
            if (j < 30)
                assert_int_equal(state_proof_verify(&proof, key, (struct view){0}, &sample.root),
                                 ERR_PROOF_STATE);
            /* A present key's own leaf is no proof of absence for a key that it stands beside,
             * unless offered as the leaf in the way; then it must be in the way. */
            if (present && j >= 30) {
                struct state_proof other = proof;
                struct hash value_hash = hash_sha256(claim_of(i));
                other.other = true;
                other.other_path = hash_sha256(view_of_text(model.entry[i].key));
                other.other_value_hash = value_hash;
                struct hash path = hash_sha256(view_of_text(key));
                bool in_the_way = true;
                for (unsigned bit = 0; bit < other.depth; bit++)
                    in_the_way &= model_bit(&path, bit) == model_bit(&other.other_path, bit);
                assert_int_equal(state_proof_verify(&other, key, (struct view){0}, &sample.root),
                                 in_the_way ? OK : ERR_PROOF_STATE);
            }
        }
    }
    sample_close(&sample);
}

/* The leaf of the very key cannot be offered as "another leaf" to show the key absent. */
static void its_own_leaf_shows_no_absence(void **state)
{
    (void)state;
    struct sample sample = sample_open(40, 40);
    for (size_t i = 0; i < 40; i++) {
        const char *key = model.entry[i].key;
        bool present = false;
        struct state_proof proof = prove(sample.kv, key, &present);
        assert_true(present);
        proof.other = true;
        proof.other_path = hash_sha256(view_of_text(key));
        proof.other_value_hash = hash_sha256(claim_of(i));
        assert_int_equal(state_proof_verify(&proof, key, (struct view){0}, &sample.root),
                         ERR_PROOF_STATE);
        assert_int_equal(state_proof_verify(&proof, key, claim_of(i), &sample.root),
                         ERR_PROOF_STATE);
    }
    sample_close(&sample);
}

/* Nor a leaf that stands where the key's way does not lead. No tree of ours has one there; a root
 * that somebody else made may. */
static void a_leaf_beside_the_way_shows_no_absence(void **state)
{
    (void)state;
    const char *key = "absent";
    struct hash path = hash_sha256(view_of_text(key));
    for (unsigned depth = 1; depth <= 9; depth++) {
        struct state_proof proof = {.depth = depth, .other = true, .other_path = path};
        struct hash root;
        proof.other_path.bytes[HASH_BYTES - 1] ^= 1; /* shares all but the last bit */
        for (int beside = 0; beside < 2; beside++) {
            if (beside)
                proof.other_path.bytes[(depth - 1) / 8] ^= (uint8_t)(0x80 >> (depth - 1) % 8);
            state_leaf_hash(&root, &proof.other_path, &proof.other_value_hash);
            for (unsigned bit = depth; bit-- > 0;) {
                bool right = model_bit(&path, bit);
                state_inner_hash(&root, right ? &proof.sibling[bit] : &root,
                                 right ? &root : &proof.sibling[bit]);
            }
            assert_int_equal(state_proof_verify(&proof, key, (struct view){0}, &root),
                             beside ? ERR_PROOF_STATE : OK);
        }
    }
}

/* An inner node is not taken for an empty place or a leaf: cutting the way short, or drawing it
 * out, is refused. */
static void depth_is_bound(void **state)
{
    (void)state;
    struct sample sample = sample_open(90, 60);
    for (size_t i = 0; i < 90; i++) {
        const char *key = model.entry[i].key;
        bool present = false;
        struct state_proof proof = prove(sample.kv, key, &present);
        struct view value = claim_of(i);
        for (size_t depth = 0; depth < proof.depth + 3; depth++) {
            struct state_proof cut = proof;
            cut.depth = depth;
            for (size_t more = proof.depth; more < depth; more++)
                cut.sibling[more] = (struct hash){{0}};
            assert_int_equal(state_proof_verify(&cut, key, value, &sample.root),
                             depth == proof.depth ? OK : ERR_PROOF_STATE);
            cut.other = false;
            int absent = state_proof_verify(&cut, key, (struct view){0}, &sample.root);
            bool truly = !present && !proof.other && depth == proof.depth;
            assert_int_equal(absent, truly ? OK : ERR_PROOF_STATE);
        }
        proof.depth = STATE_PROOF_HASHES_MAX + 1;
        assert_int_equal(state_proof_verify(&proof, key, value, &sample.root), ERR_PROOF_STATE);
    }
    sample_close(&sample);
}

/* ---- bytes ---- */

static bool accepted(struct view bytes, const char *key, struct view value, const struct hash *root)
{
    struct state_proof proof;
    struct reader reader = reader_of(bytes);
    return state_proof_decode(&proof, &reader) == OK && reader_done(&reader) &&
           state_proof_verify(&proof, key, value, root) == OK;
}

static void every_touched_byte_is_refused(void **state)
{
    (void)state;
    struct sample sample = sample_open(40, 20);
    for (size_t i = 0; i < 40; i++) {
        const char *key = model.entry[i].key;
        bool present = false;
        struct state_proof proof = prove(sample.kv, key, &present);
        AUTO(buf_free) struct buf bytes = {0};
        state_proof_encode(&bytes, &proof);
        assert_true(accepted(view_of_buf(&bytes), key, claim_of(i), &sample.root));
        for (size_t at = 0; at < bytes.len; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                bytes.data[at] ^= (uint8_t)(1u << bit);
                assert_false(accepted(view_of_buf(&bytes), key, claim_of(i), &sample.root));
                bytes.data[at] ^= (uint8_t)(1u << bit);
            }
            struct view cut = view_of(bytes.data, at);
            assert_false(accepted(cut, key, claim_of(i), &sample.root));
        }
        buf_append_u8(&bytes, 0);
        assert_false(accepted(view_of_buf(&bytes), key, claim_of(i), &sample.root));
    }
    sample_close(&sample);
}

static void malformed_bytes_are_refused(void **state)
{
    (void)state;
    static const struct {
        uint8_t head[3];
        size_t len;
    } cases[] = {
        {{2, 0, 0}, 3},                /* neither kind */
        {{0, 1, 1}, 3 + 257 * 32},     /* deeper than a path */
        {{0, 0xff, 0xff}, 3 + 65535u}, /* much deeper */
        {{0, 0, 2}, 3 + 63},           /* short of a sibling */
        {{1, 0, 0}, 3 + 63},           /* short of the leaf */
        {{0, 0, 0}, 2},                /* short of the head */
        {{0, 0, 0}, 0},
    };
    static uint8_t bytes[3 + 65536];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        memcpy(bytes, cases[i].head, sizeof cases[i].head);
        struct state_proof proof;
        struct reader reader = reader_of(view_of(bytes, cases[i].len));
        assert_int_equal(state_proof_decode(&proof, &reader), ERR_ENCODING);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(claims_both_ways),
        cmocka_unit_test(proofs_are_for_one_key),
        cmocka_unit_test(its_own_leaf_shows_no_absence),
        cmocka_unit_test(a_leaf_beside_the_way_shows_no_absence),
        cmocka_unit_test(depth_is_bound),
        cmocka_unit_test(every_touched_byte_is_refused),
        cmocka_unit_test(malformed_bytes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
