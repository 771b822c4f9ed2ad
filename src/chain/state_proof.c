/* Proofs of what the state holds under a key, or that it holds nothing there: made from the store,
 * verified from a root alone, and as bytes (docs/spec/proofs.md). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

#include <string.h>

/* ---- making ---- */

/* Goes down within a node along the path, noting siblings; returns the position where it ends: a
 * place, or above the places one that is empty or a lone leaf. */
static unsigned node_descend(struct state_proof *proof, const struct state_node *node,
                             const struct hash *path)
{
    unsigned position = STATE_TOP;
    while (position < STATE_PLACES && node->kind[position] == STATE_INNER) {
        position = 2 * position + state_bit(path, (unsigned)proof->depth);
        proof->sibling[proof->depth++] = node->hash[position ^ 1];
    }
    return position;
}

/* Goes from the root to where the path ends; *end is what stands there. */
static int descend(struct state_proof *proof, struct state_ref *end, struct kv *kv,
                   const struct kv_snapshot *snapshot, const struct hash *path)
{
    struct state_node node;
    for (unsigned depth = 0; end->kind == STATE_INNER; depth++) {
        int error = state_node_load(&node, kv, snapshot, end, path, depth);
        if (error)
            return error;
        unsigned position = node_descend(proof, &node, path);
        if (position >= STATE_PLACES)
            state_node_get(end, &node, position - STATE_PLACES);
        else if (node.kind[position] == STATE_LEAF)
            state_node_get(end, &node, state_node_leaf(&node, position));
        else
            *end = (struct state_ref){.kind = STATE_EMPTY};
    }
    return OK;
}

static int leaf_value(struct buf *value, struct kv *kv, const struct kv_snapshot *snapshot,
                      const struct state_ref *leaf, struct view key)
{
    AUTO(buf_free) struct buf record = {0};
    struct view found, bytes;
    int error = state_leaf_load(&found, &bytes, &record, kv, snapshot, leaf->version, &leaf->path);
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    struct hash hash = hash_sha256(bytes);
    if (!view_equal(found, key) || !hash_equal(&hash, &leaf->value_hash))
        return ERR_CORRUPT;
    buf_append_view(value, bytes);
    return OK;
}

static int prove(struct state_proof *out, bool *present, struct buf *value, struct kv *kv,
                 const struct kv_snapshot *snapshot, uint64_t version, struct view key)
{
    struct state_root root;
    int error = state_root_load(&root, kv, snapshot, version);
    if (error)
        return error;
    struct hash path = hash_sha256(key);
    struct state_ref end = root.ref;
    error = descend(out, &end, kv, snapshot, &path);
    if (error || end.kind == STATE_EMPTY)
        return error;
    *present = hash_equal(&end.path, &path);
    if (*present)
        return leaf_value(value, kv, snapshot, &end, key);
    out->other = true;
    out->other_path = end.path;
    out->other_value_hash = end.value_hash;
    return OK;
}

int state_tree_prove(struct state_proof *out, bool *present, struct buf *value, struct kv *kv,
                     uint64_t version, const char *key)
{
    out->depth = 0;
    out->other = false;
    *present = false;
    struct kv_snapshot *snapshot = kv_snapshot_take(kv); /* pruning may run beside us */
    int error = prove(out, present, value, kv, snapshot, version, view_of_text(key));
    kv_snapshot_free(kv, &snapshot);
    return error;
}

/* ---- verifying ---- */

static bool same_leading_bits(const struct hash *a, const struct hash *b, size_t bits)
{
    for (unsigned i = 0; i < bits; i++) {
        if (state_bit(a, i) != state_bit(b, i))
            return false;
    }
    return true;
}

/* Hash of what the proof says stands where the path ends. */
static int end_hash(struct hash *out, const struct state_proof *proof, const struct hash *path,
                    struct view value)
{
    if (value.data) {
        struct hash value_hash = hash_sha256(value);
        state_leaf_hash(out, path, &value_hash);
        return proof->other ? ERR_PROOF_STATE : OK;
    }
    if (!proof->other) {
        *out = (struct hash){{0}};
        return OK;
    }
    /* Another leaf shows absence only if it stands on our way and is not the one asked for. */
    state_leaf_hash(out, &proof->other_path, &proof->other_value_hash);
    bool stands_here = same_leading_bits(path, &proof->other_path, proof->depth) &&
                       !hash_equal(path, &proof->other_path);
    return stands_here ? OK : ERR_PROOF_STATE;
}

int state_proof_verify(const struct state_proof *proof, const char *key, struct view value,
                       const struct hash *root)
{
    if (proof->depth > STATE_PROOF_HASHES_MAX)
        return ERR_PROOF_STATE;
    struct hash path = hash_sha256(view_of_text(key));
    struct hash hash;
    int error = end_hash(&hash, proof, &path, value);
    if (error)
        return error;
    for (size_t depth = proof->depth; depth > 0; depth--) {
        const struct hash *sibling = &proof->sibling[depth - 1];
        bool right = state_bit(&path, (unsigned)depth - 1);
        state_inner_hash(&hash, right ? sibling : &hash, right ? &hash : sibling);
    }
    return hash_equal(&hash, root) ? OK : ERR_PROOF_STATE;
}

/* ---- as bytes ---- */

void state_proof_encode(struct buf *out, const struct state_proof *proof)
{
    buf_append_u8(out, proof->other);
    buf_append_u16(out, (uint16_t)proof->depth);
    buf_append(out, proof->sibling, proof->depth * HASH_BYTES);
    if (proof->other) {
        buf_append(out, proof->other_path.bytes, HASH_BYTES);
        buf_append(out, proof->other_value_hash.bytes, HASH_BYTES);
    }
}

int state_proof_decode(struct state_proof *out, struct reader *reader)
{
    uint8_t other = reader_u8(reader);
    out->other = other == 1;
    out->depth = reader_u16(reader);
    if (other > 1 || out->depth > STATE_PROOF_HASHES_MAX) {
        reader->bad = true;
        out->depth = 0;
    }
    reader_copy(reader, out->sibling, out->depth * HASH_BYTES);
    if (out->other) {
        reader_copy(reader, &out->other_path, HASH_BYTES);
        reader_copy(reader, &out->other_value_hash, HASH_BYTES);
    }
    return reader->bad ? ERR_ENCODING : OK;
}
