/* The whole state re-read: every node against its parent's hash, every value against its leaf, the
 * count of leaves against the root's; of the newest version also the index, both ways. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

#include <string.h>

struct check {
    struct kv *kv;
    struct kv_snapshot *snapshot;
    bool newest;
    uint64_t leaves;
    struct buf record, key, entry;
};

static int check_index(struct check *check, const struct state_ref *leaf, struct view key)
{
    state_key_index(&check->key, key);
    buf_clear(&check->entry);
    int error = kv_get(check->kv, check->snapshot, view_of_buf(&check->key), &check->entry);
    struct state_index index;
    if (!error)
        error = state_index_decode(&index, view_of_buf(&check->entry));
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    bool same = index.version == leaf->version &&
                memcmp(index.check, leaf->value_hash.bytes, STATE_INDEX_CHECK_BYTES) == 0;
    return same ? OK : ERR_CORRUPT;
}

static int check_leaf(struct check *check, const struct state_ref *leaf)
{
    struct view key, value;
    int error = state_leaf_load(&key, &value, &check->record, check->kv, check->snapshot,
                                leaf->version, &leaf->path);
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    struct hash path = hash_sha256(key), value_hash = hash_sha256(value);
    if (!hash_equal(&path, &leaf->path) || !hash_equal(&value_hash, &leaf->value_hash))
        return ERR_CORRUPT;
    check->leaves++;
    return check->newest ? check_index(check, leaf, key) : OK;
}

static int check_place(struct check *check, const struct state_ref *ref, struct hash path,
                       unsigned depth)
{
    if (ref->kind == STATE_EMPTY)
        return OK;
    if (ref->kind == STATE_LEAF)
        return check_leaf(check, ref);
    struct state_node node;
    int error = state_node_load(&node, check->kv, check->snapshot, ref, &path, depth);
    for (unsigned place = 0; place < STATE_PLACES && !error; place++) {
        struct state_ref child;
        state_node_get(&child, &node, place);
        state_path_step(&path, depth, place);
        error = check_place(check, &child, path, depth + 1);
    }
    return error;
}

/* As many index entries as leaves, each leaf having its own: so none is left over. */
static int check_index_count(struct check *check)
{
    uint8_t prefix = KV_STATE_INDEX;
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(check->kv, check->snapshot, view_of(&prefix, 1), view_of(&prefix, 1));
    struct view key, value;
    uint64_t count = 0;
    while (kv_iterator_next(iterator, &key, &value))
        count++;
    int error = kv_iterator_error(iterator);
    if (error)
        return error;
    return count == check->leaves ? OK : ERR_CORRUPT;
}

static int check_version(struct check *check, struct hash *root, uint64_t version)
{
    struct state_root record;
    int error = state_root_load(&record, check->kv, check->snapshot, version);
    if (error)
        return error;
    uint64_t newest = 0;
    struct state_root newest_root;
    error = state_newest_load(&newest, check->kv, check->snapshot);
    if (!error)
        error = state_root_load(&newest_root, check->kv, check->snapshot, newest);
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    check->newest = newest == version;
    error = check_place(check, &record.ref, (struct hash){{0}}, 0);
    if (!error && check->leaves != record.leaves)
        error = ERR_CORRUPT;
    if (!error && check->newest)
        error = check_index_count(check);
    *root = record.ref.hash;
    return error;
}

int state_top_check(struct kv *kv, const struct kv_snapshot *snapshot, uint64_t version)
{
    static const struct hash start = {{0}};
    AUTO(buf_free) struct buf record = {0};
    struct state_root root;
    struct state_node node;
    struct view key, value;
    int error = state_root_load(&root, kv, snapshot, version);
    if (error)
        return error;
    if (root.ref.kind == STATE_EMPTY)
        return OK;
    error =
        root.ref.kind == STATE_LEAF
            ? state_leaf_load(&key, &value, &record, kv, snapshot, root.ref.version, &root.ref.path)
            : state_node_load(&node, kv, snapshot, &root.ref, &start, 0);
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

int state_tree_check(struct hash *root, uint64_t *leaves, struct kv *kv, uint64_t version)
{
    struct check check = {.kv = kv, .snapshot = kv_snapshot_take(kv)};
    int error = check_version(&check, root, version);
    *leaves = check.leaves;
    kv_snapshot_free(kv, &check.snapshot);
    buf_free(&check.record);
    buf_free(&check.key);
    buf_free(&check.entry);
    return error;
}
