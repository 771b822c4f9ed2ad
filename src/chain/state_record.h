/* The records of the state tree in the key-value store: their keys, and reading them with every
 * check that a single record allows. Internal to the state tree: only state_*.c include this. */
#ifndef DIRCHAIN_CHAIN_STATE_RECORD_H
#define DIRCHAIN_CHAIN_STATE_RECORD_H

#include "chain/kv.h"
#include "chain/state_node.h"

#include "base/limits.h"

#define STATE_RECORD_KEY_BYTES_MAX (1 + 8 + 1 + HASH_BYTES)

struct state_record_key {
    uint8_t bytes[STATE_RECORD_KEY_BYTES_MAX];
    uint8_t len;
};

struct view state_key_view(const struct state_record_key *key);
void state_key_root(struct state_record_key *out, uint64_t version);
void state_key_newest(struct state_record_key *out);
/* Of the node at the first `depth` nibbles of a path. */
void state_key_node(struct state_record_key *out, uint64_t version, const struct hash *path,
                    unsigned depth);
void state_key_leaf(struct state_record_key *out, uint64_t version, const struct hash *path);
void state_key_stale(struct state_record_key *out, uint64_t version, uint32_t part);
/* Of the index; replaces what is in `out`. */
void state_key_index(struct buf *out, struct view key);

struct state_root {
    struct state_ref ref;
    uint64_t leaves;
};
void state_root_encode(struct buf *out, const struct state_root *root);
/* ERR_NOT_FOUND: no such version. ERR_CORRUPT, ERR_IO. */
int state_root_load(struct state_root *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    uint64_t version);
/* ERR_NOT_FOUND: nothing was ever written. */
int state_newest_load(uint64_t *out, struct kv *kv, const struct kv_snapshot *snapshot);

/* The node that `ref` speaks of at `depth` nibbles of a path; its hash must be the ref's. A record
 * that is missing is ERR_CORRUPT. */
int state_node_load(struct state_node *out, struct kv *kv, const struct kv_snapshot *snapshot,
                    const struct state_ref *ref, const struct hash *path, unsigned depth);

/* Computes its hashes, and whether it is the node of that hash at that place, with leaves that
 * belong there. ERR_CORRUPT. */
int state_node_verify(struct state_node *node, const struct hash *hash, const struct hash *path,
                      unsigned depth);

/* Leaf record: u16 length of the key ‖ key ‖ value. */
void state_leaf_encode(struct buf *out, struct view key, struct view value);
/* Views into a record that was read. ERR_CORRUPT. */
int state_leaf_decode(struct view *key, struct view *value, struct view record);
/* Views into `record`, which is filled. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int state_leaf_load(struct view *key, struct view *value, struct buf *record, struct kv *kv,
                    const struct kv_snapshot *snapshot, uint64_t version, const struct hash *path);

/* Index record: u64 version ‖ the first 8 bytes of the value hash, against rot. */
#define STATE_INDEX_CHECK_BYTES 8
struct state_index {
    uint64_t version;
    uint8_t check[STATE_INDEX_CHECK_BYTES];
};
void state_index_encode(struct buf *out, uint64_t version, const struct hash *value_hash);
int state_index_decode(struct state_index *out, struct view record); /* ERR_CORRUPT */

#endif
