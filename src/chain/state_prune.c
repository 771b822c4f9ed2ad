/* Dropping versions of the state that are no longer wanted.
 *
 * Each version lists the records it superseded: these are needed by older versions only, so they
 * may go once every older version has gone. Roots go first: a version whose root is there can be
 * proven against, whole. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

struct prune {
    struct kv_batch *batch;
    struct kv *kv;
    size_t count_max; /* of the batch */
    bool full;
};

/* The version in a key: table byte, then u64. */
static uint64_t key_version(struct view key)
{
    struct reader reader = reader_of(key);
    reader_u8(&reader);
    return reader_u64(&reader);
}

static int prune_list(struct prune *prune, struct view list)
{
    struct reader reader = reader_of(list);
    while (reader.rest.len > 0 && !reader.bad) {
        struct view key = reader_take(&reader, reader_u8(&reader));
        bool ours = key.len > 1 && (key.data[0] == KV_STATE_NODE || key.data[0] == KV_STATE_LEAF);
        if (!ours)
            return ERR_CORRUPT;
        kv_batch_delete(prune->batch, key);
    }
    return reader.bad ? ERR_CORRUPT : OK;
}

/* Visits the keys of a table from its lowest version on, up to the last that may go. */
static int prune_table(struct prune *prune, enum kv_table table, uint64_t last)
{
    uint8_t prefix = (uint8_t)table;
    struct state_record_key from;
    state_key_root(&from, 0);
    from.bytes[0] = prefix;
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(prune->kv, NULL, view_of(&prefix, 1), state_key_view(&from));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value)) {
        if (key_version(key) > last)
            return OK;
        prune->full = kv_batch_count(prune->batch) >= prune->count_max;
        if (prune->full)
            return OK;
        int error = table == KV_STATE_STALE ? prune_list(prune, value) : OK;
        if (error)
            return error;
        kv_batch_delete(prune->batch, key);
    }
    return kv_iterator_error(iterator);
}

int state_tree_prune(bool *more, struct kv_batch *batch, struct kv *kv, uint64_t keep_from,
                     size_t records_max)
{
    *more = false;
    struct state_root kept;
    int error = state_root_load(&kept, kv, NULL, keep_from);
    if (error || keep_from == 0)
        return error;
    struct prune prune = {
        .batch = batch, .kv = kv, .count_max = kv_batch_count(batch) + records_max};
    error = prune_table(&prune, KV_STATE_ROOT, keep_from - 1);
    if (!error && !prune.full)
        error = prune_table(&prune, KV_STATE_STALE, keep_from);
    *more = prune.full;
    return error;
}
