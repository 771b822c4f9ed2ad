/* Putting into a store, and saying what must lie there: text for keys and values. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_KV_VALUES_H
#define DIRCHAIN_TESTS_UNIT_KV_VALUES_H

#include "check.h"

#include "base/errors.h"
#include "chain/kv.h"

#include <string.h>

static inline void put(struct kv *kv, const char *key, const char *value, bool sync)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_put(batch, view_of_text(key), view_of_text(value));
    assert_int_equal(kv_write(kv, batch, sync), OK);
}

static inline void drop(struct kv *kv, const char *key)
{
    AUTO(kv_batch_free) struct kv_batch *batch = kv_batch_new();
    kv_batch_delete(batch, view_of_text(key));
    assert_int_equal(kv_write(kv, batch, true), OK);
}

/* NULL: absent. */
static inline void assert_value(struct kv *kv, const struct kv_snapshot *snapshot, const char *key,
                                const char *value)
{
    AUTO(buf_free) struct buf got = {0};
    assert_int_equal(kv_get(kv, snapshot, view_of_text(key), &got), value ? OK : ERR_NOT_FOUND);
    assert_string_equal(buf_text(&got), value ? value : "");
}

/* The pairs from a place on, as "key=value ". */
static inline void assert_listed(struct kv *kv, const struct kv_snapshot *snapshot,
                                 const char *prefix, const char *from, const char *expected)
{
    AUTO(buf_free) struct buf got = {0};
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(kv, snapshot, view_of_text(prefix), view_of_text(from));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value))
        buf_append_format(&got, "%.*s=%.*s ", (int)key.len, (const char *)key.data, (int)value.len,
                          (const char *)value.data);
    assert_int_equal(kv_iterator_error(iterator), OK);
    assert_false(kv_iterator_next(iterator, &key, &value));
    assert_string_equal(buf_text(&got), expected);
}

/* Keys of the history: table, height, rest. */
static inline void history_key(struct buf *out, enum kv_table table, uint64_t height,
                               const char *rest)
{
    buf_clear(out);
    buf_append_u8(out, (uint8_t)table);
    buf_append_u64(out, height);
    buf_append_text(out, rest);
}

static inline void assert_history(struct kv *kv, const struct kv_snapshot *snapshot,
                                  enum kv_table table, uint64_t height, const char *expected)
{
    AUTO(buf_free) struct buf prefix = {0};
    AUTO(buf_free) struct buf got = {0};
    AUTO(buf_free) struct buf whole = {0};
    history_key(&prefix, table, height, "");
    AUTO(kv_iterator_free)
    struct kv_iterator *iterator =
        kv_iterate(kv, snapshot, view_of_buf(&prefix), view_of_buf(&prefix));
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value)) {
        assert_true(key.len >= prefix.len && memcmp(key.data, prefix.data, prefix.len) == 0);
        buf_append_format(&got, "%.*s=%.*s ", (int)(key.len - prefix.len),
                          (const char *)key.data + prefix.len, (int)value.len,
                          (const char *)value.data);
        buf_clear(&whole);
        assert_int_equal(kv_get(kv, snapshot, key, &whole), OK);
        assert_true(view_equal(view_of_buf(&whole), value));
    }
    assert_int_equal(kv_iterator_error(iterator), OK);
    assert_string_equal(buf_text(&got), expected);
}

#endif
