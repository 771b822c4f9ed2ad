/* Updating the state tree: changes applied to a base version give a root and a batch of records.
 *
 * Changes are sorted by path, so that one descent meets every touched node once: read it, recurse
 * into the places that change, hash what changed, write it. A node left with a single leaf gives
 * that leaf up to its parent and is gone; a leaf that meets a second key below its place is pushed
 * down into new nodes. Leaf records stay where they are (they are keyed by version and whole
 * path), only references to them move.
 *
 * Records written by an update belong to its version; those it supersedes are listed under it, and
 * may go when no older version is wanted any more (state_prune.c). Nothing that an older version
 * needs is touched. */
#include "chain/state_tree.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_cache.h"
#include "chain/state_record.h"

#include <stdlib.h>
#include <string.h>

#define STALE_PART_KEYS 1024
#define SPARE_BYTES_MAX ((size_t)16 << 20)
#define AHEAD 8            /* nodes on the way at once */
#define AHEAD_ITEMS_MAX 64 /* with more below a node, the walk to the next child is long */
#define TOP_DEPTH 4        /* nibbles: 1 + 16 + 256 + 4096 nodes, some 8 MB of the cache */
#define PATCH_PLACES_MIN 8 /* smaller nodes are written whole */

struct state_tree {
    struct kv *kv;
    struct state_cache *cache;
    struct state_update *spare; /* empty, kept for its memory: fresh pages cost more than filling */
};

/* A node this update made, for the cache; len 0: a node it removed. */
struct fresh {
    struct hash path;
    size_t offset;
    uint32_t len;
    uint8_t depth;
};

struct state_update {
    struct state_tree *tree;
    uint64_t version;
    struct state_root root;
    struct kv_batch *batch;
    struct buf record; /* the one being made */
    struct buf packed; /* of the fresh nodes */
    struct fresh *fresh;
    size_t fresh_count, fresh_capacity;
    struct buf stale; /* keys superseded, not yet in the batch: u8 length ‖ key … */
    size_t stale_keys;
    uint32_t stale_part;
};

/* A change with its hashes. */
struct item {
    struct hash path;
    struct hash value_hash;
    const struct state_change *change;
};

struct state_tree *state_tree_open(struct kv *kv, size_t cache_bytes)
{
    struct state_tree *tree = memory_alloc(sizeof *tree);
    tree->kv = kv;
    tree->cache = state_cache_new(cache_bytes);
    return tree;
}

static void update_destroy(struct state_update *update)
{
    kv_batch_free(&update->batch);
    buf_free(&update->record);
    buf_free(&update->packed);
    buf_free(&update->stale);
    memory_free(update->fresh);
    memory_free(update);
}

void state_tree_close(struct state_tree **tree)
{
    if (!*tree)
        return;
    if ((*tree)->spare)
        update_destroy((*tree)->spare);
    state_cache_free(&(*tree)->cache);
    memory_free(*tree);
    *tree = NULL;
}

/* ---- what is superseded ---- */

static void stale_flush(struct state_update *update)
{
    if (update->stale_keys == 0)
        return;
    struct state_record_key key;
    state_key_stale(&key, update->version, update->stale_part++);
    kv_batch_put(update->batch, state_key_view(&key), view_of_buf(&update->stale));
    buf_clear(&update->stale);
    update->stale_keys = 0;
}

static void retire(struct state_update *update, const struct state_record_key *key)
{
    buf_append_u8(&update->stale, key->len);
    buf_append_view(&update->stale, state_key_view(key));
    if (++update->stale_keys == STALE_PART_KEYS)
        stale_flush(update);
}

static void retire_node(struct state_update *update, uint64_t version, const struct hash *path,
                        unsigned depth)
{
    struct state_record_key key;
    state_key_node(&key, version, path, depth);
    retire(update, &key);
}

static void retire_leaf(struct state_update *update, const struct state_ref *leaf)
{
    struct state_record_key key;
    state_key_leaf(&key, leaf->version, &leaf->path);
    retire(update, &key);
}

/* ---- leaves ---- */

static void index_put(struct state_update *update, const struct item *item)
{
    AUTO(buf_free) struct buf key = {0};
    state_key_index(&key, item->change->key);
    if (item->change->value.data) {
        buf_clear(&update->record);
        state_index_encode(&update->record, update->version, &item->value_hash);
        kv_batch_put(update->batch, view_of_buf(&key), view_of_buf(&update->record));
    } else {
        kv_batch_delete(update->batch, view_of_buf(&key));
    }
}

/* The place is empty, or holds the leaf of this very key. */
static void leaf_update(struct state_update *update, struct state_ref *ref, const struct item *item)
{
    const struct state_change *change = item->change;
    bool was = ref->kind == STATE_LEAF;
    if (!change->value.data && !was)
        return;
    if (change->value.data && was && hash_equal(&ref->value_hash, &item->value_hash))
        return;
    if (was)
        retire_leaf(update, ref);
    update->root.leaves -= was;
    index_put(update, item);
    if (!change->value.data) {
        *ref = (struct state_ref){.kind = STATE_EMPTY};
        return;
    }
    struct state_record_key key;
    state_key_leaf(&key, update->version, &item->path);
    buf_clear(&update->record);
    state_leaf_encode(&update->record, change->key, change->value);
    kv_batch_put(update->batch, state_key_view(&key), view_of_buf(&update->record));
    *ref = (struct state_ref){.kind = STATE_LEAF,
                              .version = update->version,
                              .path = item->path,
                              .value_hash = item->value_hash};
    state_leaf_hash(&ref->hash, &ref->path, &ref->value_hash);
    update->root.leaves++;
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
                      struct hash path, unsigned depth)
{
    if (ref->kind != STATE_INNER || depth == TOP_DEPTH)
        return OK;
    struct state_node node;
    int error = node_read(tree, scratch, &node, ref, &path, depth);
    for (unsigned place = 0; place < STATE_PLACES && !error; place++) {
        struct state_ref child;
        state_node_get(&child, &node, place);
        state_path_step(&path, depth, place);
        error = top_read(tree, scratch, &child, path, depth + 1);
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

int state_tree_read_top(struct state_tree *tree, uint64_t version)
{
    static const struct hash start = {{0}};
    AUTO(buf_free) struct buf scratch = {0};
    struct state_root root;
    int error = state_root_load(&root, tree->kv, NULL, version);
    return error ? error : top_read(tree, &scratch, &root.ref, start, 0);
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

static struct fresh *fresh_add(struct state_update *update, const struct hash *path, unsigned depth)
{
    if (update->fresh_count == update->fresh_capacity) {
        update->fresh_capacity = update->fresh_capacity ? 2 * update->fresh_capacity : 64;
        update->fresh =
            memory_resize(update->fresh, update->fresh_capacity * sizeof *update->fresh);
    }
    struct fresh *fresh = &update->fresh[update->fresh_count++];
    *fresh = (struct fresh){.path = *path, .offset = update->packed.len, .depth = (uint8_t)depth};
    return fresh;
}

static unsigned count_places(uint16_t places)
{
    return (unsigned)__builtin_popcount(places);
}

/* Whether a node changed so far from its full record is written as a patch: while it is at most
 * half the node, and the full record is an older version's. */
static bool patch_pays(const struct state_update *update, const struct state_node *node)
{
    unsigned present = count_places(state_node_present(node));
    return node->full < update->version && present >= PATCH_PLACES_MIN &&
           2 * count_places(node->patched) <= present;
}

static void node_write(struct state_update *update, struct state_node *node, bool patch,
                       const struct hash *path, unsigned depth)
{
    if (!patch) {
        node->full = update->version;
        node->patched = 0;
    }
    struct fresh *fresh = fresh_add(update, path, depth);
    size_t record_len = state_node_pack(&update->packed, node, update->version);
    fresh->len = (uint32_t)(update->packed.len - fresh->offset);
    struct view record = view_of(update->packed.data + fresh->offset, record_len);
    if (patch) {
        buf_clear(&update->record);
        state_node_append_patch(&update->record, node, update->version);
        record = view_of_buf(&update->record);
    }
    struct state_record_key key;
    state_key_node(&key, update->version, path, depth);
    kv_batch_put(update->batch, state_key_view(&key), record);
}

/* The node is changed and hashed: it is written if it has two leaves or more, and what was there
 * before is superseded. *ref becomes what the parent holds. */
static void node_close(struct state_update *update, struct state_node *node, struct state_ref *ref,
                       uint16_t changed, const struct hash *path, unsigned depth)
{
    bool was = ref->kind == STATE_INNER;
    bool is = node->kind[STATE_TOP] == STATE_INNER;
    uint64_t old = ref->version, old_full = node->full;
    node->patched |= changed;
    bool patch = was && is && patch_pays(update, node);
    if (was && !(patch && old == old_full))
        retire_node(update, old, path, depth);
    if (was && !patch && old != old_full)
        retire_node(update, old_full, path, depth);
    if (is) {
        node_write(update, node, patch, path, depth);
        *ref = (struct state_ref){
            .kind = STATE_INNER, .version = update->version, .hash = node->hash[STATE_TOP]};
        return;
    }
    if (was)
        fresh_add(update, path, depth);
    if (node->kind[STATE_TOP] == STATE_LEAF)
        state_node_get(ref, node, state_node_leaf(node, STATE_TOP));
    else
        *ref = (struct state_ref){.kind = STATE_EMPTY};
}

/* ---- the descent ---- */

/* Starts on the way to the nodes below that will be opened. */
static void children_ahead(const struct state_tree *tree, const struct state_node *node,
                           unsigned depth, struct item *const *items, size_t count,
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
                        struct item *const *items, size_t count)
{
    const struct hash *path = &items[0]->path;
    if (count == 1 &&
        (ref->kind == STATE_EMPTY || (ref->kind == STATE_LEAF && hash_equal(&ref->path, path)))) {
        leaf_update(update, ref, items[0]);
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
    node_close(update, &node, ref, changed, path, depth);
    return OK;
}

static int compare_items(const void *a, const void *b)
{
    const struct item *const *x = a, *const *y = b;
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
    struct item *items = memory_alloc(count * sizeof *items);
    struct item **sorted = memory_alloc(count * sizeof *sorted);
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

/* ---- updates ---- */

static struct state_update *update_new(struct state_tree *tree, uint64_t version)
{
    struct state_update *update = tree->spare;
    tree->spare = NULL;
    if (!update) {
        update = memory_alloc(sizeof *update);
        update->batch = kv_batch_new();
    }
    update->tree = tree;
    update->version = version;
    update->root = (struct state_root){0};
    update->stale_part = 0;
    return update;
}

static int update_start(struct state_update *update, uint64_t base_version)
{
    if (base_version == STATE_VERSION_NONE)
        return OK;
    return state_root_load(&update->root, update->tree->kv, NULL, base_version);
}

static void update_finish(struct state_update *update)
{
    stale_flush(update);
    struct state_record_key key;
    state_key_root(&key, update->version);
    buf_clear(&update->record);
    state_root_encode(&update->record, &update->root);
    kv_batch_put(update->batch, state_key_view(&key), view_of_buf(&update->record));
    state_key_newest(&key);
    buf_clear(&update->record);
    buf_append_u64(&update->record, update->version);
    kv_batch_put(update->batch, state_key_view(&key), view_of_buf(&update->record));
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
    AUTO(state_update_free) struct state_update *update = update_new(tree, new_version);
    error = update_start(update, base_version);
    if (!error)
        error = changes_apply(update, changes, count);
    if (error)
        return error;
    update_finish(update);
    *out = update;
    update = NULL;
    return OK;
}

const struct hash *state_update_root(const struct state_update *update)
{
    return &update->root.ref.hash;
}

uint64_t state_update_leaves(const struct state_update *update)
{
    return update->root.leaves;
}

void state_update_write(const struct state_update *update, struct kv_batch *batch)
{
    kv_batch_append(batch, update->batch);
}

static void fresh_ahead(const struct state_tree *tree, const struct state_update *update, size_t i,
                        enum state_cache_ahead stage)
{
    if (i < update->fresh_count)
        state_cache_ahead(tree->cache, stage, &update->fresh[i].path, update->fresh[i].depth);
}

void state_update_committed(struct state_tree *tree, struct state_update **update)
{
    ENSURE((*update)->tree == tree);
    for (size_t i = 0; i < (*update)->fresh_count; i++) {
        const struct fresh *fresh = &(*update)->fresh[i];
        fresh_ahead(tree, *update, i + 2 * AHEAD, STATE_CACHE_FAR);
        fresh_ahead(tree, *update, i + AHEAD, STATE_CACHE_NEAR);
        struct view packed = view_of((*update)->packed.data + fresh->offset, fresh->len);
        if (fresh->len > 0)
            state_cache_put(tree->cache, packed, (*update)->version, &fresh->path, fresh->depth);
        else
            state_cache_drop(tree->cache, &fresh->path, fresh->depth);
    }
    state_update_free(update);
}

void state_update_free(struct state_update **update)
{
    struct state_update *self = *update;
    *update = NULL;
    if (!self)
        return;
    size_t bytes = kv_batch_bytes(self->batch) + self->packed.len;
    if (self->tree->spare || bytes > SPARE_BYTES_MAX) {
        update_destroy(self);
        return;
    }
    kv_batch_clear(self->batch);
    buf_clear(&self->packed);
    buf_clear(&self->stale);
    self->stale_keys = 0;
    self->fresh_count = 0;
    self->tree->spare = self;
}
