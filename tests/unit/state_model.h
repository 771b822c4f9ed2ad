/* What the tests of the state tree compare it with: a plain sorted list of keys and values whose
 * root is computed from the definition, bit by bit, sharing nothing with the tree. Header only. */
#ifndef DIRCHAIN_TESTS_STATE_MODEL_H
#define DIRCHAIN_TESTS_STATE_MODEL_H

#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_tree.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define MODEL_KEYS_MAX 4096
#define MODEL_KEY_CHARS 40
#define MODEL_VALUE_CHARS 40

struct model_entry {
    char key[MODEL_KEY_CHARS];
    char value[MODEL_VALUE_CHARS]; /* "" : absent */
};

/* Slot i always holds the i-th key of the universe. */
struct model {
    size_t count;
    struct model_entry entry[MODEL_KEYS_MAX];
};

static inline void model_init(struct model *model, size_t count)
{
    memset(model, 0, sizeof *model);
    model->count = count;
    for (size_t i = 0; i < count; i++)
        snprintf(model->entry[i].key, MODEL_KEY_CHARS, "%s/%04zu", i % 3 ? "entry" : "duty", i);
}

struct model_leaf {
    struct hash path, hash;
};

static inline unsigned model_bit(const struct hash *path, unsigned depth)
{
    return (unsigned)path->bytes[depth / 8] >> (7 - depth % 8) & 1u;
}

/* Recursive definition; `leaves` is reordered. */
static inline struct hash model_subtree(struct model_leaf *leaves, size_t count, unsigned depth)
{
    struct hash empty = {{0}};
    if (count <= 1)
        return count == 1 ? leaves[0].hash : empty;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (model_bit(&leaves[i].path, depth) == 0) {
            struct model_leaf kept = leaves[left];
            leaves[left++] = leaves[i];
            leaves[i] = kept;
        }
    }
    struct hash l = model_subtree(leaves, left, depth + 1);
    struct hash r = model_subtree(leaves + left, count - left, depth + 1);
    struct view parts[] = {view_of("\x01", 1), hash_view(&l), hash_view(&r)};
    return hash_sha256_parts(parts, 3);
}

static inline size_t model_present(const struct model *model)
{
    size_t present = 0;
    for (size_t i = 0; i < model->count; i++)
        present += model->entry[i].value[0] != '\0';
    return present;
}

static inline struct hash model_root(const struct model *model)
{
    static struct model_leaf leaves[MODEL_KEYS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_entry *entry = &model->entry[i];
        if (!entry->value[0])
            continue;
        struct model_leaf *leaf = &leaves[count++];
        leaf->path = hash_sha256(view_of_text(entry->key));
        struct hash value = hash_sha256(view_of_text(entry->value));
        struct view parts[] = {view_of("\0", 1), hash_view(&leaf->path), hash_view(&value)};
        leaf->hash = hash_sha256_parts(parts, 3);
    }
    return model_subtree(leaves, count, 0);
}

/* ---- changes ---- */

struct model_changes {
    size_t count;
    struct state_change item[MODEL_KEYS_MAX];
};

/* Changes slot i in the model, and adds it to the changes. value NULL: delete. */
static inline void model_change(struct model *model, struct model_changes *changes, size_t i,
                                const char *value)
{
    struct model_entry *entry = &model->entry[i];
    snprintf(entry->value, sizeof entry->value, "%s", value ? value : "");
    changes->item[changes->count++] = (struct state_change){
        .key = view_of_text(entry->key),
        .value = value ? view_of_text(entry->value) : (struct view){0},
    };
}

/* Up to `most` distinct slots changed at random; about a third of them deleted. */
static inline void model_step(struct model *model, struct model_changes *changes, uint64_t *seed,
                              size_t most)
{
    static bool taken[MODEL_KEYS_MAX];
    memset(taken, 0, sizeof taken);
    changes->count = 0;
    for (size_t left = 1 + check_random(seed) % most; left > 0; left--) {
        size_t i = check_random(seed) % model->count;
        if (taken[i])
            continue;
        taken[i] = true;
        char value[MODEL_VALUE_CHARS];
        snprintf(value, sizeof value, "{\"n\":%u}", (unsigned)(check_random(seed) % 1000));
        model_change(model, changes, i, check_random(seed) % 3 ? value : NULL);
    }
}

/* ---- the tree under test ---- */

static inline void tree_write(struct kv *kv, const struct state_update *update, bool sync)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    state_update_write(update, batch);
    assert_int_equal(kv_write(kv, batch, sync), OK);
}

/* Applies and commits; returns the root. */
static inline struct hash tree_commit(struct state_tree *tree, struct kv *kv, uint64_t base,
                                      uint64_t version, const struct model_changes *changes)
{
    struct state_update *update = NULL;
    assert_int_equal(state_tree_update(&update, tree, base, version, changes->item, changes->count),
                     OK);
    struct hash root = *state_update_root(update);
    tree_write(kv, update, true);
    state_update_committed(tree, &update);
    assert_null(update);
    return root;
}

static inline void assert_root(const struct hash *root, const struct model *model)
{
    struct hash expected = model_root(model);
    char got_hex[65], expected_hex[65];
    hash_to_hex(got_hex, root);
    hash_to_hex(expected_hex, &expected);
    assert_string_equal(got_hex, expected_hex);
}

/* The version is what the model says: root, count, and everything below re-read. */
static inline void assert_version(struct kv *kv, uint64_t version, const struct model *model)
{
    struct hash root;
    uint64_t leaves = 0;
    assert_int_equal(state_root_read(&root, &leaves, kv, NULL, version), OK);
    assert_root(&root, model);
    assert_int_equal(leaves, model_present(model));
    assert_int_equal(state_tree_check(&root, &leaves, kv, version), OK);
    assert_root(&root, model);
    assert_int_equal(leaves, model_present(model));
}

/* Proof for slot i at a version, made and verified; its value is the model's. */
static inline void assert_proof(struct kv *kv, uint64_t version, const struct model *model,
                                size_t i)
{
    const struct model_entry *entry = &model->entry[i];
    struct hash root = model_root(model);
    struct state_proof proof;
    bool present = false;
    AUTO(buf_free) struct buf value = {0};
    assert_int_equal(state_tree_prove(&proof, &present, &value, kv, version, entry->key), OK);
    assert_int_equal(present, entry->value[0] != '\0');
    assert_string_equal(buf_text(&value), entry->value);
    struct view claim = present ? view_of_buf(&value) : (struct view){0};
    assert_int_equal(state_proof_verify(&proof, entry->key, claim, &root), OK);
}

#endif
