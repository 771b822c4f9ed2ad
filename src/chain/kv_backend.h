/* What a back end of the key-value store provides. Only kv*.c include this. */
#ifndef DIRCHAIN_CHAIN_KV_BACKEND_H
#define DIRCHAIN_CHAIN_KV_BACKEND_H

#include "chain/kv.h"

#include <stdatomic.h>

struct kv_backend {
    void (*close)(struct kv *kv);
    int (*get)(struct kv *kv, const struct kv_snapshot *snapshot, struct view key, struct buf *out);
    struct kv_snapshot *(*snapshot_take)(struct kv *kv);
    void (*snapshot_free)(struct kv *kv, struct kv_snapshot *snapshot);
    int (*write)(struct kv *kv, const struct kv_batch *batch, bool sync);
    /* From the first key ≥ from to the end of the store; kv.c stops at the end of the prefix. */
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
    bool ended;
};

/* One record of a batch. */
struct kv_change {
    struct view key;
    struct view value; /* data NULL: delete */
};
/* Walks a batch in order: start with *offset = 0; false at the end. Views are borrowed. */
bool kv_batch_next(const struct kv_batch *batch, size_t *offset, struct kv_change *change);

#endif
