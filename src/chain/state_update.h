/* An update of the state tree on its way: what the descent (state_tree.c) leaves behind of the
 * places it changes. Only these two files include this. */
#ifndef DIRCHAIN_CHAIN_STATE_UPDATE_H
#define DIRCHAIN_CHAIN_STATE_UPDATE_H

#include "chain/state_cache.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

struct state_tree {
    struct kv *kv;
    struct state_cache *cache;
    struct state_update *spare; /* empty, kept for its memory: fresh pages cost more than filling */
};

/* A node this update made, for the cache; len 0: a node it removed. */
struct state_fresh {
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
    struct state_fresh *fresh;
    size_t fresh_count, fresh_capacity;
    struct buf stale; /* keys superseded, not yet in the batch: u8 length ‖ key … */
    size_t stale_keys;
    uint32_t stale_part;
};

/* A change with its hashes. */
struct state_item {
    struct hash path;
    struct hash value_hash;
    const struct state_change *change;
};

/* Starts from nothing: the root is the caller's to load. */
struct state_update *state_update_new(struct state_tree *tree, uint64_t version);
/* The last records: nothing changes after it. */
void state_update_finish(struct state_update *update);
void state_update_destroy(struct state_update *update);

/* The place is empty, or holds the leaf of this very key. */
void state_update_leaf(struct state_update *update, struct state_ref *ref,
                       const struct state_item *item);
/* The node is changed and hashed: it is written if it has two leaves or more, and what was there
 * before is superseded. *ref becomes what the parent holds. */
void state_update_node(struct state_update *update, struct state_node *node, struct state_ref *ref,
                       uint16_t changed, const struct hash *path, unsigned depth);

#endif
