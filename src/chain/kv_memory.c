/* The store in memory, for tests and the simulator: a persistent treap.
 *
 * A node is shared by every moment that can still see it and is changed in place only while nobody
 * else holds it; otherwise it is copied. So a snapshot, an iterator and the state of the last sync
 * are one reference each, a crash is a change of root, and readers hold the lock only to take the
 * root.
 *
 * Invariants: in-order keys ascend; a node's priority is at least its children's; priority is a
 * function of the key, so that the shape does not depend on chance. */
#include "chain/kv.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/kv_backend.h"

#include <pthread.h>
#include <string.h>

struct record {
    atomic_uint references;
    size_t key_len;
    size_t value_len;
    uint8_t bytes[]; /* key ‖ value */
};

struct node {
    atomic_uint references;
    uint32_t priority;
    struct record *record;
    struct node *left, *right;
};

struct fault_plan {
    int error;
    unsigned after;
};

struct memory_kv {
    struct kv base;
    pthread_mutex_t lock; /* guards all below */
    struct node *root;
    struct node *synced; /* what a crash leaves */
    struct fault_plan writes, reads;
};

struct kv_snapshot {
    struct node *root;
};

struct memory_kv_iterator {
    struct kv_iterator base;
    struct node *root;
    struct buf at; /* the last key given, or where to start */
    bool started;
    int error;
};

/* ---- records and nodes ---- */

static struct record *record_new(struct view key, struct view value)
{
    struct record *record = memory_alloc(sizeof *record + key.len + value.len);
    atomic_init(&record->references, 1);
    record->key_len = key.len;
    record->value_len = value.len;
    memcpy(record->bytes, key.data, key.len);
    if (value.len > 0)
        memcpy(record->bytes + key.len, value.data, value.len);
    return record;
}

static void record_drop(struct record *record)
{
    if (atomic_fetch_sub(&record->references, 1) == 1)
        memory_free(record);
}

static struct view record_key(const struct record *record)
{
    return view_of(record->bytes, record->key_len);
}

static struct view record_value(const struct record *record)
{
    return view_of(record->bytes + record->key_len, record->value_len);
}

static struct node *node_ref(struct node *node)
{
    if (node)
        atomic_fetch_add(&node->references, 1);
    return node;
}

static void node_drop(struct node *node)
{
    if (!node || atomic_fetch_sub(&node->references, 1) != 1)
        return;
    node_drop(node->left);
    node_drop(node->right);
    record_drop(node->record);
    memory_free(node);
}

/* Makes the node behind *slot ours alone, so that it may be changed. */
static struct node *node_own(struct node **slot)
{
    struct node *node = *slot;
    if (atomic_load(&node->references) == 1)
        return node;
    struct node *copy = memory_alloc(sizeof *copy);
    atomic_init(&copy->references, 1);
    copy->priority = node->priority;
    copy->record = node->record;
    atomic_fetch_add(&copy->record->references, 1);
    copy->left = node_ref(node->left);
    copy->right = node_ref(node->right);
    node_drop(node);
    *slot = copy;
    return copy;
}

/* FNV-1a, stirred: balance, not security. */
static uint32_t key_priority(struct view key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key.len; i++)
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 31) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32);
}

static void rotate_right(struct node **slot)
{
    struct node *node = *slot;
    struct node *left = node->left;
    node->left = left->right;
    left->right = node;
    *slot = left;
}

static void rotate_left(struct node **slot)
{
    struct node *node = *slot;
    struct node *right = node->right;
    node->right = right->left;
    right->left = node;
    *slot = right;
}

/* Takes the record over. */
static void treap_put(struct node **slot, struct record *record)
{
    if (!*slot) {
        struct node *node = memory_alloc(sizeof *node);
        atomic_init(&node->references, 1);
        node->priority = key_priority(record_key(record));
        node->record = record;
        *slot = node;
        return;
    }
    struct node *node = node_own(slot);
    int order = view_compare(record_key(record), record_key(node->record));
    if (order == 0) {
        record_drop(node->record);
        node->record = record;
    } else if (order < 0) {
        treap_put(&node->left, record);
        if (node->left->priority > node->priority)
            rotate_right(slot);
    } else {
        treap_put(&node->right, record);
        if (node->right->priority > node->priority)
            rotate_left(slot);
    }
}

/* Joins two treaps, all keys of a before those of b; takes both over. */
static struct node *treap_join(struct node *a, struct node *b)
{
    if (!a || !b)
        return a ? a : b;
    if (a->priority >= b->priority) {
        node_own(&a);
        a->right = treap_join(a->right, b);
        return a;
    }
    node_own(&b);
    b->left = treap_join(a, b->left);
    return b;
}

static const struct record *treap_find(const struct node *node, struct view key)
{
    while (node) {
        int order = view_compare(key, record_key(node->record));
        if (order == 0)
            return node->record;
        node = order < 0 ? node->left : node->right;
    }
    return NULL;
}

static void treap_delete(struct node **slot, struct view key)
{
    if (!treap_find(*slot, key))
        return;
    for (;;) {
        struct node *node = node_own(slot);
        int order = view_compare(key, record_key(node->record));
        if (order == 0)
            break;
        slot = order < 0 ? &node->left : &node->right;
    }
    struct node *gone = *slot;
    *slot = treap_join(gone->left, gone->right);
    gone->left = gone->right = NULL;
    node_drop(gone);
}

/* First record ≥ key, or > key. */
static const struct record *treap_seek(const struct node *node, struct view key, bool beyond)
{
    const struct record *best = NULL;
    while (node) {
        int order = view_compare(record_key(node->record), key);
        if (order > 0 || (order == 0 && !beyond)) {
            best = node->record;
            node = node->left;
        } else {
            node = node->right;
        }
    }
    return best;
}

/* ---- the store ---- */

static int fault_step(struct fault_plan *plan)
{
    if (plan->error && plan->after > 1) {
        plan->after--;
        return OK;
    }
    return plan->error;
}

static struct node *root_take(struct memory_kv *self, const struct kv_snapshot *snapshot)
{
    if (snapshot)
        return node_ref(snapshot->root);
    pthread_mutex_lock(&self->lock);
    struct node *root = node_ref(self->root);
    pthread_mutex_unlock(&self->lock);
    return root;
}

static int read_fault(struct memory_kv *self)
{
    pthread_mutex_lock(&self->lock);
    int error = fault_step(&self->reads);
    pthread_mutex_unlock(&self->lock);
    return error;
}

static void memory_kv_close(struct kv *kv)
{
    struct memory_kv *self = (struct memory_kv *)kv;
    node_drop(self->root);
    node_drop(self->synced);
    pthread_mutex_destroy(&self->lock);
    memory_free(self);
}

static int memory_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                         struct buf *out)
{
    struct memory_kv *self = (struct memory_kv *)kv;
    int error = read_fault(self);
    if (error)
        return error;
    struct node *root = root_take(self, snapshot);
    const struct record *record = treap_find(root, key);
    if (record)
        buf_append_view(out, record_value(record));
    node_drop(root);
    return record ? OK : ERR_NOT_FOUND;
}

static struct kv_snapshot *memory_kv_snapshot_take(struct kv *kv)
{
    struct kv_snapshot *snapshot = memory_alloc(sizeof *snapshot);
    snapshot->root = root_take((struct memory_kv *)kv, NULL);
    return snapshot;
}

static void memory_kv_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    (void)kv;
    node_drop(snapshot->root);
    memory_free(snapshot);
}

static int memory_kv_write(struct kv *kv, const struct kv_batch *batch, enum kv_part part,
                           bool sync)
{
    struct memory_kv *self = (struct memory_kv *)kv;
    pthread_mutex_lock(&self->lock);
    int error = fault_step(&self->writes);
    struct kv_change change;
    for (size_t offset = 0; !error && kv_batch_next(batch, part, &offset, &change);) {
        if (change.value.data)
            treap_put(&self->root, record_new(change.key, change.value));
        else
            treap_delete(&self->root, change.key);
    }
    if (!error && sync) {
        node_drop(self->synced);
        self->synced = node_ref(self->root);
    }
    pthread_mutex_unlock(&self->lock);
    return error;
}

/* ---- iterators: each step seeks from the last key, log n, and needs no stack ---- */

static struct kv_iterator *memory_kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                                             struct view from)
{
    struct memory_kv_iterator *self = memory_alloc(sizeof *self);
    self->root = root_take((struct memory_kv *)kv, snapshot);
    buf_append_view(&self->at, from);
    return &self->base;
}

static bool memory_kv_iterator_next(struct kv_iterator *iterator, struct view *key,
                                    struct view *value)
{
    struct memory_kv_iterator *self = (struct memory_kv_iterator *)iterator;
    self->error = read_fault((struct memory_kv *)iterator->kv);
    if (self->error)
        return false;
    do {
        const struct record *record = treap_seek(self->root, view_of_buf(&self->at), self->started);
        if (!record)
            return false;
        self->started = true;
        *key = record_key(record);
        *value = record_value(record);
        buf_clear(&self->at);
        buf_append_view(&self->at, *key);
    } while (iterator->prefix.len == 0 && !iterator->everything && kv_is_history(*key));
    return true;
}

static int memory_kv_iterator_error(const struct kv_iterator *iterator)
{
    return ((const struct memory_kv_iterator *)iterator)->error;
}

static void memory_kv_iterator_free(struct kv_iterator *iterator)
{
    struct memory_kv_iterator *self = (struct memory_kv_iterator *)iterator;
    node_drop(self->root);
    buf_free(&self->at);
    memory_free(self);
}

static const struct kv_backend memory_backend = {
    .close = memory_kv_close,
    .get = memory_kv_get,
    .snapshot_take = memory_kv_snapshot_take,
    .snapshot_free = memory_kv_snapshot_free,
    .write = memory_kv_write,
    .iterate = memory_kv_iterate,
    .iterator_next = memory_kv_iterator_next,
    .iterator_error = memory_kv_iterator_error,
    .iterator_free = memory_kv_iterator_free,
};

struct kv *kv_open_memory(void)
{
    struct memory_kv *self = memory_alloc(sizeof *self);
    self->base.backend = &memory_backend;
    ENSURE(pthread_mutex_init(&self->lock, NULL) == 0);
    return &self->base;
}

/* ---- faults ---- */

static struct memory_kv *memory_of(struct kv *kv)
{
    ENSURE(kv->backend == &memory_backend);
    return (struct memory_kv *)kv;
}

void kv_memory_fail_writes(struct kv *kv, int error, unsigned after)
{
    struct memory_kv *self = memory_of(kv);
    pthread_mutex_lock(&self->lock);
    self->writes = (struct fault_plan){error, after};
    pthread_mutex_unlock(&self->lock);
}

void kv_memory_fail_reads(struct kv *kv, int error, unsigned after)
{
    struct memory_kv *self = memory_of(kv);
    pthread_mutex_lock(&self->lock);
    self->reads = (struct fault_plan){error, after};
    pthread_mutex_unlock(&self->lock);
}

struct kv_iterator *kv_memory_iterate(struct kv *kv, struct view prefix, struct view from)
{
    (void)memory_of(kv);
    struct kv_iterator *iterator = kv_iterator_open(kv, NULL, prefix, from);
    iterator->everything = true;
    return iterator;
}

void kv_memory_crash(struct kv *kv)
{
    struct memory_kv *self = memory_of(kv);
    pthread_mutex_lock(&self->lock);
    node_drop(self->root);
    self->root = node_ref(self->synced);
    pthread_mutex_unlock(&self->lock);
}

struct kv *kv_memory_copy(struct kv *kv)
{
    struct memory_kv *self = memory_of(kv);
    struct memory_kv *copy = memory_of(kv_open_memory());
    copy->root = root_take(self, NULL);
    copy->synced = node_ref(copy->root);
    return &copy->base;
}

int kv_memory_get_durable(struct kv *kv, struct view key, struct buf *out)
{
    struct memory_kv *self = memory_of(kv);
    pthread_mutex_lock(&self->lock);
    const struct record *record = treap_find(self->synced, key);
    if (record != NULL)
        buf_append_view(out, record_value(record));
    pthread_mutex_unlock(&self->lock);
    return record != NULL ? OK : ERR_NOT_FOUND;
}

/* Down from the root, left, right or no further, as the number says. */
static const struct record *some_record(const struct node *node, uint64_t *number)
{
    const struct record *found = node != NULL ? node->record : NULL;
    while (node != NULL && *number % 8 != 0) {
        found = node->record;
        node = *number % 2 == 0 ? node->left : node->right;
        *number = *number / 8 * 7 + *number % 8 + *number / 64;
    }
    return found;
}

bool kv_memory_rot(struct kv *kv, uint64_t number)
{
    struct memory_kv *self = memory_of(kv);
    pthread_mutex_lock(&self->lock);
    const struct record *record = some_record(self->root, &number);
    bool done = record != NULL && record->value_len > 0;
    if (done) {
        struct record *rotten = record_new(record_key(record), record_value(record));
        uint8_t *value = rotten->bytes + rotten->key_len;
        value[number % rotten->value_len] ^= (uint8_t)(1U << number / 7 % 8);
        atomic_fetch_add(&rotten->references, 1);
        treap_put(&self->root, rotten);
        treap_put(&self->synced, rotten);
    }
    pthread_mutex_unlock(&self->lock);
    return done;
}
