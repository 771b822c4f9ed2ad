/* Updating the state tree: changes applied to a base version give a root and a batch of records.
 *
 * Changes are sorted by path, so that one descent meets every touched node once: read it, recurse
 * into the places that change, hash what changed, write it. A node left with a single leaf gives
 * that leaf up to its parent and is gone; a leaf that meets a second key below its place is pushed
 * down into new nodes. Leaf records stay where they are (they are keyed by version and whole
 * path), only references to them move. What is written of it: state_update.c. */
#include "chain/state_update.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD_ITEMS_MAX 64 /* with more below a node, the walk to the next child is long */
#define TOP_DEPTH 4        /* nibbles: 1 + 16 + 256 + 4096 nodes, some 8 MB of the cache */

struct state_tree *state_tree_open(struct kv *kv, size_t cache_bytes)
{
    struct state_tree *tree = memory_alloc(sizeof *tree);
    tree->kv = kv;
    tree->cache = state_cache_new(cache_bytes);
    return tree;
}

void state_tree_close(struct state_tree **tree)
{
    if (!*tree)
        return;
    if ((*tree)->spare)
        state_update_destroy((*tree)->spare);
    state_cache_free(&(*tree)->cache);
    memory_free(*tree);
    *tree = NULL;
}

/* ---- nodes ---- */

/* From the cache, or from the store into it. */
static int node_read(struct state_tree *tree, struct buf *scratch, struct state_node *node,
                     const struct state_ref *ref, const struct hash *path, unsigned depth)
{
    struct view packed;
    if (state_cache_get(tree->cache, &packed, ref->version, path, depth)) {
        state_node_unpack(node, packed, ref->version);
        return OK;
    }
    int error = state_node_load(node, tree->kv, NULL, ref, path, depth);
    if (error)
        return error;
    buf_clear(scratch);
    state_node_pack(scratch, node, ref->version);
    state_cache_put(tree->cache, view_of_buf(scratch), ref->version, path, depth);
    return OK;
}

static int top_read(struct state_tree *tree, struct buf *scratch, const struct state_ref *ref,
                    struct hash path, unsigned depth, int64_t until_ms)
{
    if (ref->kind != STATE_INNER || depth == TOP_DEPTH || clock_monotonic_ms() >= until_ms)
        return OK;
    struct state_node node;
    int error = node_read(tree, scratch, &node, ref, &path, depth);
    for (unsigned place = 0; place < STATE_PLACES && !error; place++) {
        struct state_ref child;
        state_node_get(&child, &node, place);
        state_path_step(&path, depth, place);
        error = top_read(tree, scratch, &child, path, depth + 1, until_ms);
    }
    return error;
}

int state_tree_read_path(struct state_tree *tree, uint64_t version, const char *key)
{
    AUTO(buf_free) struct buf scratch = {0};
    struct hash path = hash_sha256(view_of_text(key));
    struct state_root root;
    struct state_node node;
    int error = state_root_load(&root, tree->kv, NULL, version);
    struct state_ref ref = root.ref;
    for (unsigned depth = 0; !error && ref.kind == STATE_INNER; depth++) {
        error = node_read(tree, &scratch, &node, &ref, &path, depth);
        if (!error)
            state_node_get(&ref, &node, state_nibble(&path, depth));
    }
    return error;
}

int state_tree_read_top(struct state_tree *tree, uint64_t version, int64_t until_ms)
{
    static const struct hash start = {{0}};
    AUTO(buf_free) struct buf scratch = {0};
    struct state_root root;
    int error = state_root_load(&root, tree->kv, NULL, version);
    return error ? error : top_read(tree, &scratch, &root.ref, start, 0, until_ms);
}

/* The node to be changed: read, or new with the leaf that stood here pushed down one step. */
static int node_open(struct state_update *update, struct state_node *node,
                     const struct state_ref *ref, const struct hash *path, unsigned depth)
{
    if (ref->kind != STATE_INNER) {
        memset(node, 0, sizeof *node);
        if (ref->kind == STATE_LEAF)
            state_node_set(node, state_nibble(&ref->path, depth), ref);
        return OK;
    }
    return node_read(update->tree, &update->record, node, ref, path, depth);
}

/* ---- the descent ---- */

/* Starts on the way to the nodes below that will be opened. */
static void children_ahead(const struct state_tree *tree, const struct state_node *node,
                           unsigned depth, struct state_item *const *items, size_t count,
                           enum state_cache_ahead stage)
{
    unsigned last = STATE_PLACES;
    for (size_t i = 0; i < count; i++) {
        unsigned place = state_nibble(&items[i]->path, depth);
        if (place != last && node->kind[STATE_PLACES + place] == STATE_INNER)
            state_cache_ahead(tree->cache, stage, &items[i]->path, depth + 1);
        last = place;
    }
}

/* Applies items, all of whose paths begin with the same `depth` nibbles, to what stands there.
 * Depth is bounded by STATE_NIBBLES because paths are distinct. */
static int place_update(struct state_update *update, struct state_ref *ref, unsigned depth,
                        struct state_item *const *items, size_t count)
{
    const struct hash *path = &items[0]->path;
    if (count == 1 &&
        (ref->kind == STATE_EMPTY || (ref->kind == STATE_LEAF && hash_equal(&ref->path, path)))) {
        state_update_leaf(update, ref, items[0]);
        return OK;
    }
    ENSURE(depth < STATE_NIBBLES);
    struct state_node node;
    int error = node_open(update, &node, ref, path, depth);
    uint16_t changed = 0;
    if (!error && count > 1 && count <= AHEAD_ITEMS_MAX) {
        children_ahead(update->tree, &node, depth, items, count, STATE_CACHE_FAR);
        children_ahead(update->tree, &node, depth, items, count, STATE_CACHE_NEAR);
    }
    for (size_t i = 0, end; i < count && !error; i = end) {
        unsigned place = state_nibble(&items[i]->path, depth);
        for (end = i + 1; end < count && state_nibble(&items[end]->path, depth) == place;)
            end++;
        struct state_ref child;
        state_node_get(&child, &node, place);
        error = place_update(update, &child, depth + 1, items + i, end - i);
        if (hash_equal(&child.hash, &node.hash[STATE_PLACES + place]))
            continue;
        state_node_set(&node, place, &child);
        changed |= (uint16_t)(1u << place);
    }
    if (error || !changed)
        return error;
    state_node_rehash(&node, ref->kind == STATE_INNER ? changed : UINT16_MAX);
    state_update_node(update, &node, ref, changed, path, depth);
    return OK;
}

static int compare_items(const void *a, const void *b)
{
    const struct state_item *const *x = a, *const *y = b;
    return hash_compare(&(*x)->path, &(*y)->path);
}

static int changes_check(const struct state_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t key_len = changes[i].key.len;
        if (key_len == 0 || key_len > STATE_KEY_BYTES_MAX ||
            changes[i].value.len > STATE_VALUE_BYTES_MAX)
            return ERR_TOO_LARGE;
    }
    return OK;
}

static int changes_apply(struct state_update *update, const struct state_change *changes,
                         size_t count)
{
    if (count == 0)
        return OK;
    struct state_item *items = memory_alloc(count * sizeof *items);
    struct state_item **sorted = memory_alloc(count * sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        items[i].change = &changes[i];
        items[i].path = hash_sha256(changes[i].key);
        if (changes[i].value.data)
            items[i].value_hash = hash_sha256(changes[i].value);
        sorted[i] = &items[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_items);
    for (size_t i = 1; i < count; i++)
        ENSURE(!hash_equal(&sorted[i - 1]->path, &sorted[i]->path));
    int error = place_update(update, &update->root.ref, 0, sorted, count);
    memory_free(sorted);
    memory_free(items);
    return error;
}

static int update_start(struct state_update *update, uint64_t base_version)
{
    if (base_version == STATE_VERSION_NONE)
        return OK;
    return state_root_load(&update->root, update->tree->kv, NULL, base_version);
}

int state_tree_update(struct state_update **out, struct state_tree *tree, uint64_t base_version,
                      uint64_t new_version, const struct state_change *changes, size_t count)
{
    *out = NULL;
    ENSURE(new_version != STATE_VERSION_NONE);
    ENSURE(base_version == STATE_VERSION_NONE || base_version < new_version);
    int error = changes_check(changes, count);
    if (error)
        return error;
    AUTO(state_update_free) struct state_update *update = state_update_new(tree, new_version);
    error = update_start(update, base_version);
    if (!error)
        error = changes_apply(update, changes, count);
    if (error)
        return error;
    state_update_finish(update);
    *out = update;
    update = NULL;
    return OK;
}
