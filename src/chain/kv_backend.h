/* What a back end of the key-value store provides. Only kv*.c include this. */
#ifndef DIRCHAIN_CHAIN_KV_BACKEND_H
#define DIRCHAIN_CHAIN_KV_BACKEND_H

#include "chain/kv.h"

#include <stdatomic.h>

/* Table and height, with which every key of the history begins. */
#define KV_HEIGHT_PREFIX_BYTES 9

/* The parts of a batch, in the order in which they are written. */
enum kv_part { KV_PART_HISTORY, KV_PART_INDEX, KV_PART_LEAVING, KV_PARTS };

struct kv_backend {
    void (*close)(struct kv *kv);
    int (*get)(struct kv *kv, const struct kv_snapshot *snapshot, struct view key, struct buf *out);
    struct kv_snapshot *(*snapshot_take)(struct kv *kv);
    void (*snapshot_free)(struct kv *kv, struct kv_snapshot *snapshot);
    /* Writes the changes of one part, of which there is at least one. */
    int (*write)(struct kv *kv, const struct kv_batch *batch, enum kv_part part, bool sync);
    void (*compact_history)(struct kv *kv, uint64_t below_height); /* may be NULL */
    /* From the first key ≥ from to the end of the index, or of its height in the history; kv.c
     * stops at the end of the prefix. */
    struct kv_iterator *(*iterate)(struct kv *kv, const struct kv_snapshot *snapshot,
                                   struct view from);
    bool (*iterator_next)(struct kv_iterator *iterator, struct view *key, struct view *value);
    int (*iterator_error)(const struct kv_iterator *iterator);
    void (*iterator_free)(struct kv_iterator *iterator);
};

/* First member of each back end's own struct. */
struct kv {
    const struct kv_backend *backend;
    atomic_uint readers; /* snapshots and iterators that are open */
};

struct kv_iterator {
    struct kv *kv;
    struct buf prefix;
    bool everything; /* the empty prefix means history too */
    bool ended;
};

/* One record of a batch. */
struct kv_change {
    struct view key;
    struct view value; /* data NULL: delete */
};
/* Walks a part of a batch in order: start with *offset = 0; false at the end. Views are borrowed.
 */
bool kv_batch_next(const struct kv_batch *batch, enum kv_part part, size_t *offset,
                   struct kv_change *change);
size_t kv_batch_part_count(const struct kv_batch *batch, enum kv_part part);

bool kv_is_history(struct view key);

/* kv_iterate without a look at the prefix. */
struct kv_iterator *kv_iterator_open(struct kv *kv, const struct kv_snapshot *snapshot,
                                     struct view prefix, struct view from);

#endif
