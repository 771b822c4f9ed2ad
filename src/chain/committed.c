/* The cache of committed documents, the filter of committed keys, and iteration over them.
 *
 * Half of what rules ask for is not there: codes not used before, records to be made. The filter
 * spares the store those questions. It is filled from the index at open and never forgets a key.
 *
 * Iteration by state_next comes as a run of questions "what follows this key?"; a cursor is kept
 * open between them, so that a run over a prefix costs one seek. Of each prefix that was asked for
 * lately the last answer is kept with its question: between the two there is no key, so whatever
 * else lies between has the same answer. Terms that end together ask all for the outages and the
 * suspensions after the same instant. */
#include "chain/committed.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/key_filter.h"
#include "chain/key_table.h"
#include "chain/state_record.h"
#include "chain/state_tree.h"

#include <string.h>

#define ITEM_BYTES 160 /* bookkeeping of one item */
#define GAPS 8

/* No committed key of the prefix lies behind `from` ("": its start) and before `next` ("": its
 * end). */
struct gap {
    bool known;
    char prefix[STATE_KEY_BYTES_MAX + 1];
    char from[STATE_KEY_BYTES_MAX + 1];
    char next[STATE_KEY_BYTES_MAX + 1];
};

struct cached {
    struct key_item item;
    struct cached *newer, *older;
    struct doc *doc; /* NULL: known to be absent */
    size_t bytes;
    char key[];
};

struct committed {
    struct kv *kv;
    struct key_filter *filter; /* of all committed keys, and some that were */
    struct key_table table;
    struct cached *newest, *oldest;
    size_t bytes;
    struct buf scratch;
    struct state_cursor *cursor; /* NULL: none open */
    char cursor_prefix[STATE_KEY_BYTES_MAX + 1];
    char cursor_key[STATE_KEY_BYTES_MAX + 1]; /* the last key it gave */
    struct gap gaps[GAPS];                    /* of different prefixes */
    size_t gap_oldest;
};

struct committed *committed_open(struct kv *kv)
{
    struct committed *committed = memory_alloc(sizeof *committed);
    committed->kv = kv;
    return committed;
}

static int count_keys(uint64_t *count, struct kv *kv)
{
    struct hash root;
    uint64_t version;
    int error = state_newest_read(&version, kv, NULL);
    return error != 0 ? error : state_root_read(&root, count, kv, NULL, version);
}

static void filter_fill(struct committed *committed, const struct buf *hashes)
{
    uint64_t hash;
    key_filter_free(&committed->filter);
    committed->filter = key_filter_new(2 * (hashes->len / sizeof hash));
    for (size_t at = 0; at < hashes->len; at += sizeof hash) {
        memcpy(&hash, hashes->data + at, sizeof hash);
        key_filter_add(committed->filter, hash);
    }
}

int committed_fill(struct committed *committed)
{
    AUTO(buf_free) struct buf prefix = {0}, hashes = {0};
    uint64_t count = 0;
    int error = count_keys(&count, committed->kv);
    if (error != 0) {
        return error;
    }
    state_key_index(&prefix, (struct view){0});
    struct kv_iterator *iterator =
        kv_iterate(committed->kv, NULL, view_of_buf(&prefix), view_of_buf(&prefix));
    struct view key, entry;
    while (kv_iterator_next(iterator, &key, &entry)) {
        const char *text = (const char *)key.data + prefix.len;
        uint64_t hash = key_hash(text, key.len - prefix.len);
        buf_append(&hashes, &hash, sizeof hash);
    }
    error = kv_iterator_error(iterator);
    kv_iterator_free(&iterator);
    /* No hash covers the count, and a disk may say any: there must be as many keys. */
    if (error == 0 && count != hashes.len / sizeof(uint64_t)) {
        error = ERR_CORRUPT;
    }
    if (error == 0) {
        filter_fill(committed, &hashes);
    }
    return error;
}

static void cached_release(void *item)
{
    struct cached *cached = item;
    doc_free(&cached->doc);
    memory_free(cached);
}

void committed_close(struct committed **committed)
{
    if (*committed == NULL) {
        return;
    }
    state_cursor_free(&(*committed)->cursor);
    key_table_clear(&(*committed)->table, cached_release);
    key_filter_free(&(*committed)->filter);
    buf_free(&(*committed)->scratch);
    memory_free(*committed);
    *committed = NULL;
}

/* ---- the cache ---- */

static void unlink_cached(struct committed *committed, struct cached *cached)
{
    if (cached->newer != NULL) {
        cached->newer->older = cached->older;
    } else {
        committed->newest = cached->older;
    }
    if (cached->older != NULL) {
        cached->older->newer = cached->newer;
    } else {
        committed->oldest = cached->newer;
    }
}

static void link_newest(struct committed *committed, struct cached *cached)
{
    cached->newer = NULL;
    cached->older = committed->newest;
    if (committed->newest != NULL) {
        committed->newest->newer = cached;
    } else {
        committed->oldest = cached;
    }
    committed->newest = cached;
}

static void forget(struct committed *committed, struct cached *cached)
{
    unlink_cached(committed, cached);
    key_table_remove(&committed->table, cached);
    committed->bytes -= cached->bytes;
    cached_release(cached);
}

/* Gives an item its value, taken over, as the most recently used one. */
static void renew(struct committed *committed, struct cached *cached, struct doc *doc)
{
    doc_free(&cached->doc);
    cached->doc = doc;
    committed->bytes -= cached->bytes;
    cached->bytes = ITEM_BYTES + strlen(cached->key) + doc_copy_bytes(doc);
    committed->bytes += cached->bytes;
    link_newest(committed, cached);
    while (committed->bytes > STATE_CACHE_BYTES_MAX && committed->oldest != committed->newest) {
        forget(committed, committed->oldest);
    }
}

static void remember(struct committed *committed, const char *key, uint64_t hash, struct doc *doc)
{
    size_t len = strlen(key);
    struct cached *cached = memory_alloc(sizeof *cached + len + 1);
    memcpy(cached->key, key, len + 1);
    cached->item = (struct key_item){.key = cached->key, .hash = hash};
    key_table_insert(&committed->table, cached);
    renew(committed, cached, doc);
}

static int load(struct committed *committed, struct doc **out, const char *key)
{
    buf_clear(&committed->scratch);
    int error = state_value_read(committed->kv, NULL, key, &committed->scratch);
    if (error == 0 &&
        doc_parse(out, view_of_buf(&committed->scratch), STATE_VALUE_BYTES_MAX) != 0) {
        error = ERR_CORRUPT;
    }
    if (error == ERR_NOT_FOUND) {
        error = 0;
    }
    return error;
}

int committed_get(struct committed *committed, struct doc **out, const char *key)
{
    uint64_t hash = key_hash(key, strlen(key));
    struct cached *cached = key_table_find(&committed->table, key, hash);
    *out = NULL;
    if (cached != NULL) {
        unlink_cached(committed, cached);
        link_newest(committed, cached);
        *out = cached->doc == NULL ? NULL : doc_ref(cached->doc);
        return 0;
    }
    if (!key_filter_may_have(committed->filter, hash)) {
        return 0;
    }
    int error = load(committed, out, key);
    if (error == 0) {
        remember(committed, key, hash, doc_ref(*out));
    }
    return error;
}

/* Only what was read before is kept current, and only what was there then is likely to be read
 * again soon. Values written share memory with the transactions they came from: a copy lets those
 * go. */
void committed_changed(struct committed *committed, const char *key, const struct doc *value)
{
    uint64_t hash = key_hash(key, strlen(key));
    struct cached *cached = key_table_find(&committed->table, key, hash);
    if (value != NULL) {
        key_filter_add(committed->filter, hash);
    }
    if (cached == NULL) {
        return;
    }
    if (cached->doc == NULL || value == NULL) {
        forget(committed, cached);
        return;
    }
    unlink_cached(committed, cached);
    renew(committed, cached, doc_copy(value));
}

/* ---- iteration ---- */

static void close_cursor(struct committed *committed)
{
    state_cursor_free(&committed->cursor);
    committed->cursor_key[0] = 0;
}

void committed_moved(struct committed *committed)
{
    close_cursor(committed);
    for (size_t i = 0; i < GAPS; i++) {
        committed->gaps[i].known = false;
    }
}

static struct gap *gap_of(struct committed *committed, const char *prefix)
{
    for (size_t i = 0; i < GAPS; i++) {
        if (committed->gaps[i].known && strcmp(committed->gaps[i].prefix, prefix) == 0) {
            return &committed->gaps[i];
        }
    }
    return NULL;
}

static bool gap_holds(const struct gap *gap, const char *after)
{
    return strcmp(after, gap->from) >= 0 && (gap->next[0] == 0 || strcmp(after, gap->next) < 0);
}

static void gap_note(struct committed *committed, struct gap *gap, const char *prefix,
                     const char *after, const char *next)
{
    if (gap == NULL) {
        gap = &committed->gaps[committed->gap_oldest];
        committed->gap_oldest = (committed->gap_oldest + 1) % GAPS;
        memcpy(gap->prefix, prefix, strlen(prefix) + 1);
        gap->known = true;
    }
    memcpy(gap->from, after, strlen(after) + 1);
    memcpy(gap->next, next, strlen(next) + 1);
}

/* Makes the cursor stand so that its next key is the answer, or the answer but for `after` itself.
 */
static void aim_cursor(struct committed *committed, const char *prefix, const char *after)
{
    if (committed->cursor != NULL && after != NULL && committed->cursor_key[0] != 0 &&
        strcmp(committed->cursor_prefix, prefix) == 0 &&
        strcmp(committed->cursor_key, after) == 0) {
        return;
    }
    close_cursor(committed);
    committed->cursor = state_cursor_open(committed->kv, NULL, prefix, after);
    memcpy(committed->cursor_prefix, prefix, strlen(prefix) + 1);
}

/* The cursor's first key behind `after`, or "" at the end. */
static int cursor_find(struct committed *committed, char *key, const char *prefix,
                       const char *after)
{
    const char *found;
    aim_cursor(committed, prefix, after);
    do {
        if (!state_cursor_next(committed->cursor, &found, NULL)) {
            int error = state_cursor_error(committed->cursor);
            close_cursor(committed);
            key[0] = 0;
            return error;
        }
    } while (after != NULL && strcmp(found, after) <= 0);
    memcpy(committed->cursor_key, found, strlen(found) + 1);
    memcpy(key, found, strlen(found) + 1);
    return 0;
}

static int committed_next(void *context, char *key, const char *prefix, const char *after)
{
    struct committed *committed = context;
    struct gap *gap = gap_of(committed, prefix);
    const char *from = after == NULL ? "" : after;
    if (gap != NULL && gap_holds(gap, from)) {
        memcpy(key, gap->next, strlen(gap->next) + 1);
        return 0;
    }
    int error = cursor_find(committed, key, prefix, after);
    if (error == 0) {
        gap_note(committed, gap, prefix, from, key);
    }
    return error;
}

static int source_get(void *context, struct doc **out, const char *key)
{
    return committed_get(context, out, key);
}

static bool source_may_have(void *context, const char *key)
{
    struct committed *committed = context;
    uint64_t hash = key_hash(key, strlen(key));
    const struct cached *cached = key_table_find(&committed->table, key, hash);
    return cached != NULL ? cached->doc != NULL : key_filter_may_have(committed->filter, hash);
}

struct state_source committed_source(struct committed *committed)
{
    return (struct state_source){source_get, committed_next, committed, source_may_have};
}
