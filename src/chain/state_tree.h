/* The state: a sparse Merkle tree, persistent by version (= block height).
 *
 *   path  = SHA-256(key)            leaf  = SHA-256(0x00 ‖ path ‖ SHA-256(value))
 *   inner = SHA-256(0x01 ‖ l ‖ r)   empty = 32 zero bytes
 *   A subtree with exactly one leaf is that leaf.
 *
 * Values are canonical JSON. Nodes are stored sixteen-fold (four binary levels each), keyed by
 * version, then path, as the Jellyfish Merkle tree does, so that growing data is appended in key
 * order; leaf records carry key and value. A proof against any unpruned version can be made. */
#ifndef DIRCHAIN_CHAIN_STATE_TREE_H
#define DIRCHAIN_CHAIN_STATE_TREE_H

#include "chain/kv.h"
#include "base/hash.h"
#include "base/limits.h"

#include <stdint.h>

struct state_change {
    struct view key;   /* text of at most STATE_KEY_BYTES_MAX */
    struct view value; /* data NULL: delete */
};

/* As a base: the empty tree, before any version. Genesis is version 0. */
#define STATE_VERSION_NONE UINT64_MAX

struct state_tree;

/* A tree over a store (keys below its own prefix), with a bounded cache of inner nodes. Owner
 * thread only. */
struct state_tree *state_tree_open(struct kv *kv, size_t cache_bytes);
/* After every update of it was committed or freed. */
void state_tree_close(struct state_tree **tree);

/* Read nodes of a version into the cache, so that an update finds them there: those at the top,
 * through which every path leads (some thousand at most; none is begun once clock_monotonic_ms() is
 * until_ms), and those on the way to a key. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int state_tree_read_top(struct state_tree *tree, uint64_t version, int64_t until_ms);
int state_tree_read_path(struct state_tree *tree, uint64_t version, const char *key);

/* Result of applying changes to `base_version`: the root and the records to be written. Not yet
 * visible; several results on the same base may live side by side (rounds). */
struct state_update;
/* Changes in any order, keys distinct (ENSUREd); deleting what is absent and putting what is there
 * already change nothing. Deterministic. Every version gets a root, also without changes. The new
 * version is above the base. ERR_NOT_FOUND (base unknown or pruned), ERR_TOO_LARGE (a
 * key or value), ERR_CORRUPT, ERR_IO. */
int state_tree_update(struct state_update **out, struct state_tree *tree, uint64_t base_version,
                      uint64_t new_version, const struct state_change *changes, size_t count);
const struct hash *state_update_root(const struct state_update *update);
uint64_t state_update_leaves(const struct state_update *update); /* keys present after it */
/* Adds its records to the batch, and makes it the newest version in the cache once
 * state_update_committed is called after the batch was written. */
void state_update_write(const struct state_update *update, struct kv_batch *batch);
void state_update_committed(struct state_tree *tree, struct state_update **update);
void state_update_free(struct state_update **update);

/* Root and number of keys of a version; any thread. The root of a record alone: what is below it is
 * checked when it is read. ERR_NOT_FOUND (unknown or pruned), ERR_CORRUPT, ERR_IO. */
int state_root_read(struct hash *root, uint64_t *leaves, struct kv *kv,
                    const struct kv_snapshot *snapshot, uint64_t version);
/* The newest version written. ERR_NOT_FOUND: none yet. */
int state_newest_read(uint64_t *version, struct kv *kv, const struct kv_snapshot *snapshot);

/* Drops what only versions below `keep_from` need: adds about records_max deletions to the batch
 * (oldest first, so that an interrupted run leaves whole versions), and says in *more whether
 * something is left for another call after that batch was written. The newest version is always
 * kept. ERR_NOT_FOUND (keep_from is no version of this store), ERR_CORRUPT, ERR_IO. */
int state_tree_prune(bool *more, struct kv_batch *batch, struct kv *kv, uint64_t keep_from,
                     size_t records_max);

/* Newest value of a key straight from the store (two reads, no tree walk); any thread. The value
 * is checked against its hash. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. Appends to out. */
int state_value_read(struct kv *kv, const struct kv_snapshot *snapshot, const char *key,
                     struct buf *out);
/* Iterates present keys by prefix in byte order from `from` (included) with their newest values;
 * any thread. Sees the moment of the snapshot, or of the call. Borrowed until the next call. */
struct state_cursor;
struct state_cursor *state_cursor_open(struct kv *kv, const struct kv_snapshot *snapshot,
                                       const char *prefix, const char *from /* or NULL */);
/* The same over the values that one version wrote and that are not pruned yet, in no useful order:
 * what a block changed, but for what it deleted. */
struct state_cursor *state_cursor_open_version(struct kv *kv, const struct kv_snapshot *snapshot,
                                               uint64_t version);
/* `value` may be NULL: of the index the key alone is read then. */
bool state_cursor_next(struct state_cursor *cursor, const char **key, struct view *value);
int state_cursor_error(const struct state_cursor *cursor);
void state_cursor_free(struct state_cursor **cursor);

/* Proof for a key at a version: membership, or non-membership by an empty place or another leaf.
 * Encoding: u8 other ‖ u16 depth ‖ depth × 32 siblings ‖ (other: 32 path ‖ 32 value hash). */
struct state_proof {
    size_t depth; /* siblings from the root down */
    struct hash sibling[STATE_PROOF_HASHES_MAX];
    bool other; /* non-membership by another leaf at the place */
    struct hash other_path;
    struct hash other_value_hash;
};
/* value: appended if present; *present tells. Any thread. ERR_NOT_FOUND when the version is
 * unknown or pruned. */
int state_tree_prove(struct state_proof *out, bool *present, struct buf *value, struct kv *kv,
                     uint64_t version, const char *key);
/* value.data NULL: verify that the key is absent. 0 or ERR_PROOF_STATE. */
int state_proof_verify(const struct state_proof *proof, const char *key, struct view value,
                       const struct hash *root);
void state_proof_encode(struct buf *out, const struct state_proof *proof);
int state_proof_decode(struct state_proof *out, struct reader *reader); /* ERR_ENCODING */
/* Reads what a version has at its top. The nodes of a version are written together, so of a store
 * that lost its last writes it tells whether this version is among them. ERR_NOT_FOUND (no such
 * version), ERR_CORRUPT, ERR_IO. */
int state_top_check(struct kv *kv, const struct kv_snapshot *snapshot, uint64_t version);
/* Re-reads every node and value below a version and recomputes the root; of the newest version the
 * index of keys too. Bounded memory, any thread. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int state_tree_check(struct hash *root, uint64_t *leaves, struct kv *kv, uint64_t version);

#endif
