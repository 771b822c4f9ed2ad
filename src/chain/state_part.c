/* Parts of the state: made from a version of the tree, and taken to build the same tree again.
 *
 *   leaves  u8 1 ‖ u32 count ‖ (u16 length ‖ key ‖ u32 length ‖ value) …, ascending by path
 *   node    u8 2 ‖ full record of the node (state_node.h), all distances 0
 *
 * Leaves are given while they fit SNAPSHOT_PART_BYTES_GOAL; one leaf always is. Near the top of a
 * large tree the attempt is not even made: paths are hashes and lie evenly. */
#include "chain/state_part.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_record.h"

#include <string.h>

#define FORM_LEAVES 1
#define FORM_NODE 2
#define LEAVES_LIKELY_MAX 4096 /* expected below a place, beyond which leaves are not tried */
#define LEAF_BYTES_MIN (2 + 1 + 4)

/* ---- making ---- */

struct making {
    struct kv *kv;
    const struct kv_snapshot *snapshot;
    struct buf *out;
    struct buf record;
    size_t bytes_max; /* of out */
    uint32_t count;
};

static int missing_is_damage(int error)
{
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

/* ERR_TOO_LARGE: it does not fit beside what is there. */
static int give_leaf(struct making *making, const struct state_ref *leaf)
{
    struct view key, value;
    int error = state_leaf_load(&key, &value, &making->record, making->kv, making->snapshot,
                                leaf->version, &leaf->path);
    if (error)
        return missing_is_damage(error);
    if (making->count > 0 && making->out->len + 6 + key.len + value.len > making->bytes_max)
        return ERR_TOO_LARGE;
    buf_append_u16(making->out, (uint16_t)key.len);
    buf_append_view(making->out, key);
    buf_append_u32(making->out, (uint32_t)value.len);
    buf_append_view(making->out, value);
    making->count++;
    return OK;
}

static int give_subtree(struct making *making, const struct state_ref *ref, struct hash path,
                        unsigned depth)
{
    if (ref->kind != STATE_INNER)
        return ref->kind == STATE_LEAF ? give_leaf(making, ref) : OK;
    struct state_node node;
    int error = state_node_load(&node, making->kv, making->snapshot, ref, &path, depth);
    for (unsigned i = 0; i < STATE_PLACES && !error; i++) {
        struct state_ref child;
        state_node_get(&child, &node, i);
        state_path_step(&path, depth, i);
        error = give_subtree(making, &child, path, depth + 1);
    }
    return error;
}

static int give_leaves(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                       const struct state_ref *ref, const struct state_place *place)
{
    size_t start = out->len;
    struct making making = {
        .kv = kv, .snapshot = snapshot, .out = out, .bytes_max = start + SNAPSHOT_PART_BYTES_GOAL};
    buf_append_u8(out, FORM_LEAVES);
    buf_append_u32(out, 0);
    int error = give_subtree(&making, ref, place->path, place->depth);
    for (unsigned i = 0; i < 4; i++)
        out->data[start + 1 + i] = (uint8_t)(making.count >> (24 - 8 * i));
    buf_free(&making.record);
    if (error)
        out->len = start;
    return error;
}

/* All its records count as the snapshot's own. */
static void node_renew(struct state_node *node, uint64_t version)
{
    for (unsigned i = 0; i < STATE_PLACES; i++)
        node->version[i] = version;
    node->full = version;
    node->patched = 0;
}

static void append_record(struct buf *out, const struct state_node *node, uint64_t version)
{
    size_t start = out->len;
    out->len = start + state_node_pack(out, node, version);
}

static int give_node(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     uint64_t version, const struct state_ref *ref, const struct state_place *place)
{
    struct state_node node;
    int error = state_node_load(&node, kv, snapshot, ref, &place->path, place->depth);
    if (error)
        return error;
    node_renew(&node, version);
    buf_append_u8(out, FORM_NODE);
    append_record(out, &node, version);
    return OK;
}

/* What stands at a place. A leaf that stands above it stands for all below. */
static int find_place(struct state_ref *ref, struct kv *kv, const struct kv_snapshot *snapshot,
                      const struct state_place *place)
{
    for (unsigned depth = 0; depth < place->depth; depth++) {
        struct state_node node;
        if (ref->kind != STATE_INNER)
            return ERR_NOT_FOUND;
        int error = state_node_load(&node, kv, snapshot, ref, &place->path, depth);
        if (error)
            return error;
        state_node_get(ref, &node, state_nibble(&place->path, depth));
    }
    return ref->kind == STATE_EMPTY ? ERR_NOT_FOUND : OK;
}

int state_part_make(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    uint64_t version, const struct state_place *place)
{
    struct state_root root;
    int error = state_root_load(&root, kv, snapshot, version);
    if (!error)
        error = find_place(&root.ref, kv, snapshot, place);
    if (error)
        return error;
    uint64_t likely = place->depth < 16 ? root.leaves >> (4 * place->depth) : 0;
    error = root.ref.kind == STATE_INNER && likely > LEAVES_LIKELY_MAX
                ? ERR_TOO_LARGE
                : give_leaves(out, kv, snapshot, &root.ref, place);
    return error == ERR_TOO_LARGE ? give_node(out, kv, snapshot, version, &root.ref, place) : error;
}

/* ---- taking: leaves ---- */

struct leaf {
    struct hash path;
    struct view key, value;
};

struct taking {
    struct kv_batch *records;
    struct buf scratch, key;
    uint64_t version;
};

static bool below(const struct hash *path, const struct state_place *place)
{
    size_t whole = place->depth / 2;
    return memcmp(path->bytes, place->path.bytes, whole) == 0 &&
           (place->depth % 2 == 0 ||
            state_nibble(path, place->depth - 1) == state_nibble(&place->path, place->depth - 1));
}

static int read_leaf(struct leaf *leaf, struct reader *reader)
{
    leaf->key = reader_take(reader, reader_u16(reader));
    leaf->value = reader_take(reader, reader_u32(reader));
    if (reader->bad || leaf->key.len == 0 || leaf->key.len > STATE_KEY_BYTES_MAX ||
        leaf->value.len > STATE_VALUE_BYTES_MAX || memchr(leaf->key.data, 0, leaf->key.len) != NULL)
        return ERR_ENCODING;
    leaf->path = hash_sha256(leaf->key);
    return OK;
}

static void put_leaf(struct taking *taking, struct state_ref *ref, const struct leaf *leaf)
{
    struct state_record_key key;
    *ref = (struct state_ref){.kind = STATE_LEAF,
                              .version = taking->version,
                              .path = leaf->path,
                              .value_hash = hash_sha256(leaf->value)};
    state_leaf_hash(&ref->hash, &ref->path, &ref->value_hash);
    state_key_leaf(&key, taking->version, &leaf->path);
    buf_clear(&taking->scratch);
    state_leaf_encode(&taking->scratch, leaf->key, leaf->value);
    kv_batch_put(taking->records, state_key_view(&key), view_of_buf(&taking->scratch));
    state_key_index(&taking->key, leaf->key);
    buf_clear(&taking->scratch);
    state_index_encode(&taking->scratch, taking->version, &ref->value_hash);
    kv_batch_put(taking->records, view_of_buf(&taking->key), view_of_buf(&taking->scratch));
}

static void put_node(struct taking *taking, struct state_node *node, const struct hash *path,
                     unsigned depth)
{
    struct state_record_key key;
    node_renew(node, taking->version);
    state_key_node(&key, taking->version, path, depth);
    buf_clear(&taking->scratch);
    append_record(&taking->scratch, node, taking->version);
    kv_batch_put(taking->records, state_key_view(&key), view_of_buf(&taking->scratch));
}

/* Builds what stands over leaves in ascending order, all of whose paths begin with the same `depth`
 * nibbles. Depth is bounded because paths are distinct. */
static void build(struct taking *taking, struct state_ref *ref, const struct leaf *leaves,
                  size_t count, unsigned depth)
{
    if (count == 1) {
        put_leaf(taking, ref, leaves);
        return;
    }
    struct state_node node;
    memset(&node, 0, sizeof node);
    for (size_t i = 0, end; i < count; i = end) {
        unsigned place = state_nibble(&leaves[i].path, depth);
        for (end = i + 1; end < count && state_nibble(&leaves[end].path, depth) == place;)
            end++;
        struct state_ref child;
        build(taking, &child, leaves + i, end - i, depth + 1);
        state_node_set(&node, place, &child);
    }
    state_node_rehash(&node, UINT16_MAX);
    put_node(taking, &node, &leaves[0].path, depth);
    *ref = (struct state_ref){
        .kind = STATE_INNER, .version = taking->version, .hash = node.hash[STATE_TOP]};
}

static int read_leaves(struct leaf **out, size_t *count, struct reader *reader,
                       const struct state_place *place)
{
    uint32_t claimed = reader_u32(reader);
    if (claimed == 0 || claimed > reader->rest.len / LEAF_BYTES_MIN)
        return ERR_ENCODING;
    struct leaf *leaves = memory_alloc(claimed * sizeof *leaves);
    int error = OK;
    for (size_t i = 0; i < claimed && !error; i++) {
        error = read_leaf(&leaves[i], reader);
        bool ascends = i == 0 || hash_compare(&leaves[i - 1].path, &leaves[i].path) < 0;
        if (!error && !(ascends && below(&leaves[i].path, place)))
            error = ERR_PROOF_STATE;
    }
    if (!error && !reader_done(reader))
        error = ERR_ENCODING;
    *out = leaves;
    *count = claimed;
    return error;
}

static int take_leaves(struct state_part *out, struct taking *taking, struct reader *reader,
                       const struct state_place *place)
{
    struct leaf *leaves = NULL;
    size_t count = 0;
    int error = read_leaves(&leaves, &count, reader, place);
    if (!error) {
        build(taking, &out->ref, leaves, count, place->depth);
        out->leaves = count;
    }
    memory_free(leaves);
    return error;
}

/* ---- taking: nodes ---- */

/* One way to write it only: what the record says of versions counts for nothing. */
static bool is_plain(const struct state_node *node, struct view record, uint64_t version)
{
    AUTO(buf_free) struct buf again = {0};
    append_record(&again, node, version);
    return view_equal(view_of_buf(&again), record);
}

static int take_node(struct state_part *out, struct taking *taking, struct view record,
                     const struct state_place *place, const struct hash *hash)
{
    struct state_node node;
    uint64_t full;
    if (place->depth >= STATE_NIBBLES || state_node_is_patch(&full, record, taking->version) ||
        state_node_decode(&node, record, taking->version) != OK)
        return ERR_ENCODING;
    node_renew(&node, taking->version);
    if (!is_plain(&node, record, taking->version))
        return ERR_ENCODING;
    if (state_node_verify(&node, hash, &place->path, place->depth) != OK)
        return ERR_PROOF_STATE;
    out->ref = (struct state_ref){.kind = STATE_INNER, .version = taking->version, .hash = *hash};
    for (unsigned i = 0; i < STATE_PLACES; i++) {
        if (node.kind[STATE_PLACES + i] == STATE_EMPTY)
            continue;
        struct state_place *next = &out->place[out->place_count];
        *next = (struct state_place){.depth = place->depth + 1, .path = place->path};
        state_path_step(&next->path, place->depth, i);
        state_node_get(&out->below[out->place_count++], &node, i);
    }
    put_node(taking, &node, &place->path, place->depth);
    return OK;
}

int state_part_take(struct state_part *out, struct kv_batch *batch, struct view part,
                    uint64_t version, const struct state_place *place, const struct hash *hash)
{
    struct reader reader = reader_of(part);
    struct taking taking = {.records = kv_batch_new(), .version = version};
    memset(out, 0, sizeof *out);
    uint8_t form = reader_u8(&reader);
    int error = ERR_ENCODING;
    if (form == FORM_LEAVES)
        error = take_leaves(out, &taking, &reader, place);
    else if (form == FORM_NODE)
        error = take_node(out, &taking, reader.rest, place, hash);
    if (!error && !hash_equal(&out->ref.hash, hash))
        error = ERR_PROOF_STATE;
    if (!error)
        kv_batch_append(batch, taking.records);
    kv_batch_free(&taking.records);
    buf_free(&taking.scratch);
    buf_free(&taking.key);
    return error;
}

int state_part_mend(struct kv_batch *batch, struct kv *kv, uint64_t version,
                    const struct state_place *place, const struct state_ref *leaf)
{
    AUTO(buf_free) struct buf record = {0};
    struct state_record_key key;
    struct state_node node;
    unsigned depth = place->depth - 1;
    state_key_node(&key, version, &place->path, depth);
    int error = kv_get(kv, NULL, state_key_view(&key), &record);
    if (!error)
        error = state_node_decode(&node, view_of_buf(&record), version);
    if (error)
        return missing_is_damage(error);
    state_node_set(&node, state_nibble(&place->path, depth), leaf);
    state_node_rehash(&node, UINT16_MAX);
    buf_clear(&record);
    append_record(&record, &node, version);
    kv_batch_put(batch, state_key_view(&key), view_of_buf(&record));
    return OK;
}

void state_part_finish(struct kv_batch *batch, uint64_t version, const struct state_ref *root,
                       uint64_t leaves)
{
    AUTO(buf_free) struct buf record = {0};
    const struct state_root top = {.ref = *root, .leaves = leaves};
    struct state_record_key key;
    state_key_root(&key, version);
    state_root_encode(&record, &top);
    kv_batch_put(batch, state_key_view(&key), view_of_buf(&record));
    state_key_newest(&key);
    buf_clear(&record);
    buf_append_u64(&record, version);
    kv_batch_put(batch, state_key_view(&key), view_of_buf(&record));
}
