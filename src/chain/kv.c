/* What all back ends of the key-value store share: batches, the end of a prefix, and the count of
 * open readers that must be zero at close.
 *
 * A batch is a run of bytes for each part, each record {u32 key length, u32 value length} ‖ key ‖
 * value in this machine's byte order (it never leaves the process); the value length DELETED marks
 * a deletion. So a batch costs no allocation a record, and appending one to another is a copy. */
#include "chain/kv.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/kv_backend.h"

#include <string.h>

#define DELETED UINT32_MAX

struct kv_batch {
    struct {
        struct buf bytes;
        size_t count;
    } part[KV_PARTS];
};

struct record_head {
    uint32_t key_len;
    uint32_t value_len;
};

/* ---- batches ---- */

struct kv_batch *kv_batch_new(void)
{
    return memory_alloc(sizeof(struct kv_batch));
}

void kv_batch_free(struct kv_batch **batch)
{
    if (!*batch)
        return;
    for (int part = 0; part < KV_PARTS; part++)
        buf_free(&(*batch)->part[part].bytes);
    memory_free(*batch);
    *batch = NULL;
}

void kv_batch_clear(struct kv_batch *batch)
{
    for (int part = 0; part < KV_PARTS; part++) {
        buf_clear(&batch->part[part].bytes);
        batch->part[part].count = 0;
    }
}

bool kv_is_history(struct view key)
{
    if (key.len == 0)
        return false;
    switch (key.data[0]) {
    case KV_STATE_NODE:
    case KV_STATE_LEAF:
    case KV_BLOCK:
    case KV_TX:
    case KV_BODY:
        return true;
    default:
        return false;
    }
}

static enum kv_part part_of(struct view key, uint32_t value_len)
{
    if (!kv_is_history(key))
        return KV_PART_INDEX;
    return value_len == DELETED ? KV_PART_LEAVING : KV_PART_HISTORY;
}

static void batch_add(struct kv_batch *batch, struct view key, struct view value, uint32_t len)
{
    ENSURE(key.len > 0 && key.len < DELETED);
    ENSURE(!kv_is_history(key) || key.len >= KV_HEIGHT_PREFIX_BYTES);
    struct record_head head = {(uint32_t)key.len, len};
    enum kv_part part = part_of(key, len);
    struct buf *bytes = &batch->part[part].bytes;
    buf_reserve(bytes, sizeof head + key.len + value.len);
    buf_append(bytes, &head, sizeof head);
    buf_append_view(bytes, key);
    buf_append_view(bytes, value);
    batch->part[part].count++;
}

void kv_batch_put(struct kv_batch *batch, struct view key, struct view value)
{
    ENSURE(value.len < DELETED);
    batch_add(batch, key, value, (uint32_t)value.len);
}

void kv_batch_delete(struct kv_batch *batch, struct view key)
{
    batch_add(batch, key, (struct view){0}, DELETED);
}

void kv_batch_append(struct kv_batch *batch, const struct kv_batch *more)
{
    for (int part = 0; part < KV_PARTS; part++) {
        buf_append_view(&batch->part[part].bytes, view_of_buf(&more->part[part].bytes));
        batch->part[part].count += more->part[part].count;
    }
}

size_t kv_batch_count(const struct kv_batch *batch)
{
    size_t count = 0;
    for (int part = 0; part < KV_PARTS; part++)
        count += batch->part[part].count;
    return count;
}

size_t kv_batch_bytes(const struct kv_batch *batch)
{
    size_t bytes = 0;
    for (int part = 0; part < KV_PARTS; part++)
        bytes += batch->part[part].bytes.len;
    return bytes;
}

size_t kv_batch_part_count(const struct kv_batch *batch, enum kv_part part)
{
    return batch->part[part].count;
}

bool kv_batch_next(const struct kv_batch *batch, enum kv_part part, size_t *offset,
                   struct kv_change *change)
{
    const struct buf *bytes = &batch->part[part].bytes;
    if (*offset == bytes->len)
        return false;
    struct record_head head;
    const uint8_t *at = bytes->data + *offset;
    memcpy(&head, at, sizeof head);
    bool deleted = head.value_len == DELETED;
    size_t value_len = deleted ? 0 : head.value_len;
    const uint8_t *key = at + sizeof head, *value = key + head.key_len;
    change->key = view_of(key, head.key_len);
    change->value = view_of(deleted ? NULL : value, value_len);
    *offset += sizeof head + head.key_len + value_len;
    return true;
}

/* ---- the store ---- */

void kv_close(struct kv **kv)
{
    if (!*kv)
        return;
    ENSURE(atomic_load(&(*kv)->readers) == 0);
    (*kv)->backend->close(*kv);
    *kv = NULL;
}

int kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key, struct buf *out)
{
    return kv->backend->get(kv, snapshot, key, out);
}

struct kv_snapshot *kv_snapshot_take(struct kv *kv)
{
    atomic_fetch_add(&kv->readers, 1);
    return kv->backend->snapshot_take(kv);
}

void kv_snapshot_free(struct kv *kv, struct kv_snapshot **snapshot)
{
    if (!*snapshot)
        return;
    kv->backend->snapshot_free(kv, *snapshot);
    atomic_fetch_sub(&kv->readers, 1);
    *snapshot = NULL;
}

int kv_write(struct kv *kv, const struct kv_batch *batch, bool sync)
{
    int error = OK;
    for (int part = 0; part < KV_PARTS && !error; part++)
        if (batch->part[part].count > 0)
            error = kv->backend->write(kv, batch, (enum kv_part)part, sync);
    return error;
}

void kv_compact_history(struct kv *kv, uint64_t below_height)
{
    if (kv->backend->compact_history)
        kv->backend->compact_history(kv, below_height);
}

struct kv_iterator *kv_iterator_open(struct kv *kv, const struct kv_snapshot *snapshot,
                                     struct view prefix, struct view from)
{
    atomic_fetch_add(&kv->readers, 1);
    struct view first = view_compare(from, prefix) > 0 ? from : prefix;
    struct kv_iterator *iterator = kv->backend->iterate(kv, snapshot, first);
    iterator->kv = kv;
    buf_append_view(&iterator->prefix, prefix);
    return iterator;
}

struct kv_iterator *kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                               struct view prefix, struct view from)
{
    ENSURE(!kv_is_history(prefix) || prefix.len >= KV_HEIGHT_PREFIX_BYTES);
    return kv_iterator_open(kv, snapshot, prefix, from);
}

bool kv_iterator_next(struct kv_iterator *iterator, struct view *key, struct view *value)
{
    if (!iterator->ended) {
        struct view prefix = view_of_buf(&iterator->prefix);
        iterator->ended = !iterator->kv->backend->iterator_next(iterator, key, value) ||
                          key->len < prefix.len ||
                          !view_equal(view_of(key->data, prefix.len), prefix);
    }
    return !iterator->ended;
}

int kv_iterator_error(const struct kv_iterator *iterator)
{
    return iterator->kv->backend->iterator_error(iterator);
}

void kv_iterator_free(struct kv_iterator **iterator)
{
    if (!*iterator)
        return;
    struct kv *kv = (*iterator)->kv;
    buf_free(&(*iterator)->prefix);
    kv->backend->iterator_free(*iterator);
    atomic_fetch_sub(&kv->readers, 1);
    *iterator = NULL;
}
