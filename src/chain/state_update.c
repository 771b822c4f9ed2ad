/* What an update of the state tree writes and supersedes; its memory and its end.
 *
 * Records written by an update belong to its version; those it supersedes are listed under it, and
 * may go when no older version is wanted any more (state_prune.c). Nothing that an older version
 * needs is touched. */
#include "chain/state_update.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <string.h>

#define STALE_PART_KEYS 1024
#define SPARE_BYTES_MAX ((size_t)16 << 20)
#define AHEAD 8            /* nodes on the way at once */
#define PATCH_PLACES_MIN 8 /* smaller nodes are written whole */

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

static void index_put(struct state_update *update, const struct state_item *item)
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

void state_update_leaf(struct state_update *update, struct state_ref *ref,
                       const struct state_item *item)
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

static struct state_fresh *fresh_add(struct state_update *update, const struct hash *path,
                                     unsigned depth)
{
    if (update->fresh_count == update->fresh_capacity) {
        update->fresh_capacity = update->fresh_capacity ? 2 * update->fresh_capacity : 64;
        update->fresh =
            memory_resize(update->fresh, update->fresh_capacity * sizeof *update->fresh);
    }
    struct state_fresh *fresh = &update->fresh[update->fresh_count++];
    *fresh = (struct state_fresh){
        .path = *path, .offset = update->packed.len, .depth = (uint8_t)depth};
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
    struct state_fresh *fresh = fresh_add(update, path, depth);
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

void state_update_node(struct state_update *update, struct state_node *node, struct state_ref *ref,
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

/* ---- the life of an update ---- */

struct state_update *state_update_new(struct state_tree *tree, uint64_t version)
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

void state_update_finish(struct state_update *update)
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

void state_update_destroy(struct state_update *update)
{
    kv_batch_free(&update->batch);
    buf_free(&update->record);
    buf_free(&update->packed);
    buf_free(&update->stale);
    memory_free(update->fresh);
    memory_free(update);
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
        const struct state_fresh *fresh = &(*update)->fresh[i];
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
        state_update_destroy(self);
        return;
    }
    kv_batch_clear(self->batch);
    buf_clear(&self->packed);
    buf_clear(&self->stale);
    self->stale_keys = 0;
    self->fresh_count = 0;
    self->tree->spare = self;
}
