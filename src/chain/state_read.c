/* Reading newest values through the index, without the tree: what execution and queries do all day.
 * The index names the version of a key's leaf; the leaf holds the value; part of the value's hash
 * stands in the index, so that rot in either is found. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

#include <string.h>

/* The value in `record`, as the index entry says it should be. ERR_NOT_FOUND: no leaf there. */
static int value_load(struct view *value, struct buf *record, struct kv *kv,
                      const struct kv_snapshot *snapshot, struct view key, struct view entry)
{
    struct state_index index;
    int error = state_index_decode(&index, entry);
    if (error)
        return error;
    struct hash path = hash_sha256(key);
    struct view found;
    error = state_leaf_load(&found, value, record, kv, snapshot, index.version, &path);
    if (error)
        return error;
    struct hash value_hash = hash_sha256(*value);
    bool sound = view_equal(found, key) &&
                 memcmp(value_hash.bytes, index.check, STATE_INDEX_CHECK_BYTES) == 0;
    return sound ? OK : ERR_CORRUPT;
}

static int value_read(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                      struct buf *out)
{
    AUTO(buf_free) struct buf index_key = {0};
    AUTO(buf_free) struct buf record = {0};
    state_key_index(&index_key, key);
    int error = kv_get(kv, snapshot, view_of_buf(&index_key), &record);
    if (error)
        return error;
    struct buf entry = record;
    record = (struct buf){0};
    struct view value;
    error = value_load(&value, &record, kv, snapshot, key, view_of_buf(&entry));
    buf_free(&entry);
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    buf_append_view(out, value);
    return OK;
}

int state_value_read(struct kv *kv, const struct kv_snapshot *snapshot, const char *key,
                     struct buf *out)
{
    int error = value_read(kv, snapshot, view_of_text(key), out);
    if (error != ERR_CORRUPT || snapshot)
        return error;
    /* Without a snapshot a commit and a pruning may have come between the two reads. */
    struct kv_snapshot *moment = kv_snapshot_take(kv);
    error = value_read(kv, moment, view_of_text(key), out);
    kv_snapshot_free(kv, &moment);
    return error;
}

int state_root_read(struct hash *root, uint64_t *leaves, struct kv *kv,
                    const struct kv_snapshot *snapshot, uint64_t version)
{
    struct state_root record;
    int error = state_root_load(&record, kv, snapshot, version);
    if (error)
        return error;
    *root = record.ref.hash;
    *leaves = record.leaves;
    return OK;
}

int state_newest_read(uint64_t *version, struct kv *kv, const struct kv_snapshot *snapshot)
{
    return state_newest_load(version, kv, snapshot);
}

/* ---- cursors ---- */

struct state_cursor {
    struct kv *kv;
    const struct kv_snapshot *snapshot;
    struct kv_snapshot *own; /* when the caller brought none */
    struct kv_iterator *iterator;
    bool version;      /* over the leaves of a version, not over the index */
    struct buf key;    /* as text */
    struct buf record; /* the leaf whose value was given */
    int error;
};

static struct state_cursor *cursor_new(struct kv *kv, const struct kv_snapshot *snapshot)
{
    struct state_cursor *cursor = memory_alloc(sizeof *cursor);
    cursor->kv = kv;
    cursor->own = snapshot ? NULL : kv_snapshot_take(kv);
    cursor->snapshot = snapshot ? snapshot : cursor->own;
    return cursor;
}

struct state_cursor *state_cursor_open(struct kv *kv, const struct kv_snapshot *snapshot,
                                       const char *prefix, const char *from)
{
    struct state_cursor *cursor = cursor_new(kv, snapshot);
    AUTO(buf_free) struct buf first = {0};
    AUTO(buf_free) struct buf within = {0};
    state_key_index(&within, view_of_text(prefix));
    state_key_index(&first, view_of_text(from ? from : prefix));
    cursor->iterator = kv_iterate(kv, cursor->snapshot, view_of_buf(&within), view_of_buf(&first));
    return cursor;
}

struct state_cursor *state_cursor_open_version(struct kv *kv, const struct kv_snapshot *snapshot,
                                               uint64_t version)
{
    static const struct hash lowest = {{0}};
    struct state_cursor *cursor = cursor_new(kv, snapshot);
    struct state_record_key first;
    state_key_leaf(&first, version, &lowest);
    struct view from = state_key_view(&first);
    struct view within = view_of(from.data, from.len - HASH_BYTES);
    cursor->version = true;
    cursor->iterator = kv_iterate(kv, cursor->snapshot, within, from);
    return cursor;
}

/* From an entry of the index to the value it names, or straight from a leaf. */
static int cursor_read(struct state_cursor *cursor, struct view *text, struct view *value,
                       struct view record_key, struct view record)
{
    struct view unwanted;
    if (cursor->version)
        return state_leaf_decode(text, value ? value : &unwanted, record);
    *text = view_of(record_key.data + 1, record_key.len - 1);
    if (!value)
        return OK;
    int error = value_load(value, &cursor->record, cursor->kv, cursor->snapshot, *text, record);
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

bool state_cursor_next(struct state_cursor *cursor, const char **key, struct view *value)
{
    struct view record_key, record, text;
    if (cursor->error)
        return false;
    if (!kv_iterator_next(cursor->iterator, &record_key, &record)) {
        cursor->error = kv_iterator_error(cursor->iterator);
        return false;
    }
    cursor->error = cursor_read(cursor, &text, value, record_key, record);
    if (cursor->error)
        return false;
    buf_clear(&cursor->key);
    buf_append_view(&cursor->key, text);
    *key = buf_text(&cursor->key);
    return true;
}

int state_cursor_error(const struct state_cursor *cursor)
{
    return cursor->error;
}

void state_cursor_free(struct state_cursor **cursor)
{
    if (!*cursor)
        return;
    struct state_cursor *self = *cursor;
    kv_iterator_free(&self->iterator);
    kv_snapshot_free(self->kv, &self->own);
    buf_free(&self->key);
    buf_free(&self->record);
    memory_free(self);
    *cursor = NULL;
}
