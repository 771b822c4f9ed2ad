/* Keys of the state tree's records, and reading them. What a record says is believed only as far
 * as something above it vouches for: a node's hash by its parent, a value by its hash. */
#include "chain/state_record.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

/* ---- keys ---- */

struct view state_key_view(const struct state_record_key *key)
{
    return view_of(key->bytes, key->len);
}

static void key_start(struct state_record_key *out, enum kv_table table, uint64_t version)
{
    out->bytes[0] = (uint8_t)table;
    for (unsigned i = 0; i < 8; i++)
        out->bytes[1 + i] = (uint8_t)(version >> (56 - 8 * i));
    out->len = 9;
}

void state_key_root(struct state_record_key *out, uint64_t version)
{
    key_start(out, KV_STATE_ROOT, version);
}

void state_key_newest(struct state_record_key *out)
{
    out->bytes[0] = KV_STATE_ROOT;
    out->len = 1;
}

void state_key_node(struct state_record_key *out, uint64_t version, const struct hash *path,
                    unsigned depth)
{
    key_start(out, KV_STATE_NODE, version);
    size_t bytes = (depth + 1) / 2;
    out->bytes[9] = (uint8_t)depth;
    memcpy(out->bytes + 10, path->bytes, bytes);
    if (depth % 2 == 1)
        out->bytes[10 + bytes - 1] &= 0xf0;
    out->len = (uint8_t)(10 + bytes);
}

void state_key_leaf(struct state_record_key *out, uint64_t version, const struct hash *path)
{
    key_start(out, KV_STATE_LEAF, version);
    memcpy(out->bytes + 9, path->bytes, HASH_BYTES);
    out->len = 9 + HASH_BYTES;
}

void state_key_stale(struct state_record_key *out, uint64_t version, uint32_t part)
{
    key_start(out, KV_STATE_STALE, version);
    for (unsigned i = 0; i < 4; i++)
        out->bytes[9 + i] = (uint8_t)(part >> (24 - 8 * i));
    out->len = 13;
}

void state_key_index(struct buf *out, struct view key)
{
    buf_clear(out);
    buf_append_u8(out, KV_STATE_INDEX);
    buf_append_view(out, key);
}

/* ---- roots ---- */

void state_root_encode(struct buf *out, const struct state_root *root)
{
    buf_append_u8(out, (uint8_t)root->ref.kind);
    buf_append_u64(out, root->ref.version);
    buf_append(out, root->ref.hash.bytes, HASH_BYTES);
    buf_append(out, root->ref.path.bytes, HASH_BYTES);
    buf_append(out, root->ref.value_hash.bytes, HASH_BYTES);
    buf_append_u64(out, root->leaves);
}

/* Whether the fields agree with each other; an inner root is checked when its node is read. */
static bool root_consistent(const struct state_root *root)
{
    const struct state_ref *ref = &root->ref;
    if (ref->kind == STATE_LEAF) {
        struct hash hash;
        state_leaf_hash(&hash, &ref->path, &ref->value_hash);
        return root->leaves == 1 && hash_equal(&hash, &ref->hash);
    }
    if (!hash_is_zero(&ref->path) || !hash_is_zero(&ref->value_hash))
        return false;
    if (ref->kind == STATE_EMPTY)
        return root->leaves == 0 && ref->version == 0 && hash_is_zero(&ref->hash);
    return ref->kind == STATE_INNER && root->leaves > 1;
}

int state_root_load(struct state_root *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    uint64_t version)
{
    struct state_record_key key;
    state_key_root(&key, version);
    AUTO(buf_free) struct buf record = {0};
    int error = kv_get(kv, snapshot, state_key_view(&key), &record);
    if (error)
        return error;
    struct reader reader = reader_of(view_of_buf(&record));
    out->ref.kind = (enum state_kind)reader_u8(&reader);
    out->ref.version = reader_u64(&reader);
    reader_copy(&reader, &out->ref.hash, HASH_BYTES);
    reader_copy(&reader, &out->ref.path, HASH_BYTES);
    reader_copy(&reader, &out->ref.value_hash, HASH_BYTES);
    out->leaves = reader_u64(&reader);
    return reader_done(&reader) && root_consistent(out) ? OK : ERR_CORRUPT;
}

int state_newest_load(uint64_t *out, struct kv *kv, const struct kv_snapshot *snapshot)
{
    struct state_record_key key;
    state_key_newest(&key);
    AUTO(buf_free) struct buf record = {0};
    int error = kv_get(kv, snapshot, state_key_view(&key), &record);
    if (error)
        return error;
    struct reader reader = reader_of(view_of_buf(&record));
    *out = reader_u64(&reader);
    return reader_done(&reader) ? OK : ERR_CORRUPT;
}

/* ---- nodes ---- */

static int present_or_corrupt(int error)
{
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

static int node_record(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                       uint64_t version, const struct hash *path, unsigned depth)
{
    struct state_record_key key;
    state_key_node(&key, version, path, depth);
    buf_clear(out);
    return present_or_corrupt(kv_get(kv, snapshot, state_key_view(&key), out));
}

/* Leaves stand below their own nibbles only. */
static bool leaves_in_place(const struct state_node *node, const struct hash *path, unsigned depth)
{
    for (unsigned i = 0; i < STATE_PLACES; i++) {
        if (node->kind[STATE_PLACES + i] != STATE_LEAF)
            continue;
        const struct hash *leaf = &node->path[i];
        if (memcmp(leaf->bytes, path->bytes, depth / 2) != 0 ||
            (depth % 2 == 1 && state_nibble(leaf, depth - 1) != state_nibble(path, depth - 1)) ||
            state_nibble(leaf, depth) != i)
            return false;
    }
    return true;
}

int state_node_verify(struct state_node *node, const struct hash *hash, const struct hash *path,
                      unsigned depth)
{
    state_node_rehash(node, UINT16_MAX);
    bool sound = node->kind[STATE_TOP] == STATE_INNER && hash_equal(&node->hash[STATE_TOP], hash) &&
                 leaves_in_place(node, path, depth);
    return sound ? OK : ERR_CORRUPT;
}

int state_node_load(struct state_node *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    const struct state_ref *ref, const struct hash *path, unsigned depth)
{
    if (depth >= STATE_NIBBLES)
        return ERR_CORRUPT;
    AUTO(buf_free) struct buf record = {0};
    int error = node_record(&record, kv, snapshot, ref->version, path, depth);
    uint64_t full = 0;
    if (!error && state_node_is_patch(&full, view_of_buf(&record), ref->version)) {
        AUTO(buf_free) struct buf base = {0};
        error = node_record(&base, kv, snapshot, full, path, depth);
        uint64_t again = 0;
        if (!error && state_node_is_patch(&again, view_of_buf(&base), full))
            error = ERR_CORRUPT; /* a patch stands on a full record, never on another patch */
        if (!error)
            error = state_node_decode(out, view_of_buf(&base), full);
    }
    if (!error)
        error = state_node_decode(out, view_of_buf(&record), ref->version);
    return error ? error : state_node_verify(out, &ref->hash, path, depth);
}

/* ---- leaves and the index ---- */

void state_leaf_encode(struct buf *out, struct view key, struct view value)
{
    buf_append_u16(out, (uint16_t)key.len);
    buf_append_view(out, key);
    buf_append_view(out, value);
}

int state_leaf_decode(struct view *key, struct view *value, struct view record)
{
    struct reader reader = reader_of(record);
    *key = reader_take(&reader, reader_u16(&reader));
    *value = reader.rest;
    return reader.bad ? ERR_CORRUPT : OK;
}

int state_leaf_load(struct view *key, struct view *value, struct buf *record, struct kv *kv,
                    const struct kv_snapshot *snapshot, uint64_t version, const struct hash *path)
{
    struct state_record_key record_key;
    state_key_leaf(&record_key, version, path);
    buf_clear(record);
    int error = kv_get(kv, snapshot, state_key_view(&record_key), record);
    return error ? error : state_leaf_decode(key, value, view_of_buf(record));
}

void state_index_encode(struct buf *out, uint64_t version, const struct hash *value_hash)
{
    buf_append_u64(out, version);
    buf_append(out, value_hash->bytes, STATE_INDEX_CHECK_BYTES);
}

int state_index_decode(struct state_index *out, struct view record)
{
    struct reader reader = reader_of(record);
    out->version = reader_u64(&reader);
    reader_copy(&reader, out->check, sizeof out->check);
    return reader_done(&reader) ? OK : ERR_CORRUPT;
}
