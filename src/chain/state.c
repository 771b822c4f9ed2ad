/* The overlay over committed state.
 *
 * One entry for each key that was touched: the committed value once it was asked for, and the
 * value written over it. Entries are found by hash; those ever written also stand in a list in the
 * order of their first writing. When somebody iterates, those on the list that are not there yet
 * are linked into a skip list in byte order of the key; most transactions never do.
 *
 *   state_begin … state_keep       what was written stays
 *   state_begin … state_discard    the undo list, walked backwards, restores every entry
 *
 * Invariants: an entry's value counts only while `written`; committed values never change while
 * the state is open; after an environment error nothing is read any more, and the one who drives
 * execution must ask state_error before using any result. The heights of the skip list come from
 * the seeded hash, so nobody can prepare keys that degrade it, and no result depends on them. */
#include "chain/state.h"

#include "base/ensure.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/key_table.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LEVELS_MAX 10 /* a quarter as many entries on each level: good for 4^10 */

struct entry {
    struct key_item item;
    bool loaded;  /* committed is known */
    bool written; /* value counts; NULL is a deletion */
    bool listed;  /* ever written */
    uint8_t levels;
    struct doc *committed;
    struct doc *value;
    uint64_t read_in; /* the last transaction that read or wrote it, for counting */
    uint64_t written_in;
    struct entry *next[]; /* levels of them, then the key's text */
};

/* What a write of the open transaction replaced. */
struct undo {
    struct entry *entry;
    struct doc *value;
    bool written;
};

struct state {
    struct state_source source;
    int error;
    struct key_table table;
    struct entry **listed; /* in the order of their first writing */
    size_t listed_count;
    size_t listed_capacity;
    size_t linked_count; /* of them, in the skip list */
    struct entry *head[LEVELS_MAX];
    uint64_t transaction; /* number of the open or last one */
    bool open;
    unsigned reads;
    unsigned writes;
    struct undo *undo;
    size_t undo_count;
    size_t undo_capacity;
};

struct state *state_open(const struct state_source *source)
{
    struct state *state = memory_alloc(sizeof *state);
    state->source = *source;
    return state;
}

static void entry_release(void *item)
{
    struct entry *entry = item;
    doc_free(&entry->committed);
    doc_free(&entry->value);
    memory_free(entry);
}

void state_close(struct state **state)
{
    struct state *old = *state;
    if (old == NULL) {
        return;
    }
    for (size_t i = 0; i < old->undo_count; i++) {
        doc_free(&old->undo[i].value);
    }
    memory_free(old->undo);
    memory_free(old->listed);
    key_table_clear(&old->table, entry_release);
    memory_free(old);
    *state = NULL;
}

int state_error(const struct state *state)
{
    return state->error;
}

/* ---- entries ---- */

static uint8_t levels_of(uint64_t hash)
{
    uint8_t levels = 1;
    for (hash >>= 32; levels < LEVELS_MAX && (hash & 3) == 0; hash >>= 2) {
        levels++;
    }
    return levels;
}

/* The entry of a key, made if there is none yet. */
static struct entry *entry_of(struct state *state, const char *key)
{
    size_t len = strlen(key);
    uint64_t hash = key_hash(key, len);
    struct entry *entry = key_table_find(&state->table, key, hash);
    if (entry == NULL) {
        uint8_t levels = levels_of(hash);
        size_t head = sizeof *entry + levels * sizeof(struct entry *);
        entry = memory_alloc(head + len + 1);
        char *text = (char *)entry + head;
        memcpy(text, key, len + 1);
        entry->item = (struct key_item){.key = text, .hash = hash};
        entry->levels = levels;
        key_table_insert(&state->table, entry);
    }
    return entry;
}

static const struct doc *entry_committed(struct state *state, struct entry *entry)
{
    if (!entry->loaded && state->error == 0) {
        state->error = state->source.get(state->source.context, &entry->committed, entry->item.key);
        entry->loaded = state->error == 0;
    }
    return entry->committed;
}

/* First linked entry with key ≥ the given one (> if `beyond`); `before` tells on each level which
 * link leads past that place. */
static struct entry *index_seek(struct state *state, const char *key, bool beyond,
                                struct entry **before[LEVELS_MAX])
{
    struct entry **links = state->head;
    for (int level = LEVELS_MAX - 1; level >= 0; level--) {
        while (links[level] != NULL) {
            int order = strcmp(links[level]->item.key, key);
            if (order > 0 || (order == 0 && !beyond)) {
                break;
            }
            links = links[level]->next;
        }
        if (before != NULL) {
            before[level] = &links[level];
        }
    }
    return links[0];
}

static void index_link(struct state *state, struct entry *entry)
{
    struct entry **before[LEVELS_MAX];
    (void)index_seek(state, entry->item.key, false, before);
    for (int level = 0; level < entry->levels; level++) {
        entry->next[level] = *before[level];
        *before[level] = entry;
    }
}

/* Brings the skip list up to date. */
static void index_complete(struct state *state)
{
    for (; state->linked_count < state->listed_count; state->linked_count++) {
        index_link(state, state->listed[state->linked_count]);
    }
}

static void list_entry(struct state *state, struct entry *entry)
{
    if (entry->listed) {
        return;
    }
    if (state->listed_count == state->listed_capacity) {
        state->listed_capacity = state->listed_capacity == 0 ? 256 : state->listed_capacity * 2;
        state->listed =
            memory_resize(state->listed, state->listed_capacity * sizeof *state->listed);
    }
    state->listed[state->listed_count++] = entry;
    entry->listed = true;
}

/* ---- reading ---- */

static void count_read(struct state *state, struct entry *entry)
{
    if (entry->read_in != state->transaction) {
        entry->read_in = state->transaction;
        state->reads++;
    }
}

const struct doc *state_get(struct state *state, const char *key)
{
    if (strlen(key) > STATE_KEY_BYTES_MAX) {
        return NULL; /* nothing can be stored there */
    }
    struct entry *entry = entry_of(state, key);
    count_read(state, entry);
    return entry->written ? entry->value : entry_committed(state, entry);
}

const struct doc *state_getf(struct state *state, const char *format, ...)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    return len < 0 || len > STATE_KEY_BYTES_MAX ? NULL : state_get(state, key);
}

static bool has_prefix(const char *key, const char *prefix)
{
    return strncmp(key, prefix, strlen(prefix)) == 0;
}

/* The next committed key, or "" at the end. */
static void source_next(struct state *state, char *key, const char *prefix, const char *after)
{
    key[0] = 0;
    if (state->error == 0) {
        state->error = state->source.next(state->source.context, key, prefix, after);
    }
    if (state->error != 0) {
        key[0] = 0;
    }
}

static struct entry *overlay_next(struct state *state, const char *prefix, const char *after)
{
    struct entry *entry = after == NULL ? index_seek(state, prefix, false, NULL)
                                        : index_seek(state, after, true, NULL);
    while (entry != NULL && !entry->written) {
        entry = entry->next[0]; /* its write was discarded */
    }
    return entry != NULL && has_prefix(entry->item.key, prefix) ? entry : NULL;
}

bool state_next(struct state *state, char *key, const char *prefix, const char *after)
{
    char committed[STATE_KEY_BYTES_MAX + 1];
    const char *from = after != NULL && strcmp(after, prefix) >= 0 ? after : NULL;
    index_complete(state);
    struct entry *entry = overlay_next(state, prefix, from);
    state->reads++;
    ENSURE(strlen(prefix) <= STATE_KEY_BYTES_MAX);
    source_next(state, committed, prefix, from);
    while (state->error == 0) {
        bool overlay_first =
            entry != NULL && (committed[0] == 0 || strcmp(entry->item.key, committed) <= 0);
        if (!overlay_first) {
            memcpy(key, committed, strlen(committed) + 1);
            return committed[0] != 0;
        }
        if (entry->value != NULL) {
            memcpy(key, entry->item.key, strlen(entry->item.key) + 1);
            return true;
        }
        /* Deleted: go on behind it on both sides. */
        if (strcmp(entry->item.key, committed) == 0) {
            source_next(state, committed, prefix, entry->item.key);
        }
        entry = overlay_next(state, prefix, entry->item.key);
    }
    key[0] = 0;
    return false;
}

/* ---- writing ---- */

static void undo_push(struct state *state, struct entry *entry)
{
    if (state->undo_count == state->undo_capacity) {
        state->undo_capacity = state->undo_capacity == 0 ? 64 : state->undo_capacity * 2;
        state->undo = memory_resize(state->undo, state->undo_capacity * sizeof *state->undo);
    }
    state->undo[state->undo_count++] = (struct undo){entry, entry->value, entry->written};
}

static void state_write(struct state *state, const char *key, struct doc *value)
{
    ENSURE(key[0] != 0 && strlen(key) <= STATE_KEY_BYTES_MAX);
    struct entry *entry = entry_of(state, key);
    if (state->open) {
        undo_push(state, entry);
        if (entry->written_in != state->transaction) {
            entry->written_in = state->transaction;
            state->writes++;
        }
    } else {
        doc_free(&entry->value);
    }
    list_entry(state, entry);
    entry->value = value;
    entry->written = true;
}

void state_put(struct state *state, const char *key, struct doc *value)
{
    ENSURE(value != NULL);
    state_write(state, key, value);
}

void state_putf(struct state *state, struct doc *value, const char *format, ...)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    ENSURE(len > 0 && len <= STATE_KEY_BYTES_MAX);
    state_put(state, key, value);
}

void state_delete(struct state *state, const char *key)
{
    state_write(state, key, NULL);
}

/* ---- transactions ---- */

void state_begin(struct state *state)
{
    ENSURE(!state->open);
    state->open = true;
    state->transaction++;
    state->reads = 0;
    state->writes = 0;
}

void state_keep(struct state *state)
{
    ENSURE(state->open);
    for (size_t i = 0; i < state->undo_count; i++) {
        doc_free(&state->undo[i].value);
    }
    state->undo_count = 0;
    state->open = false;
}

void state_discard(struct state *state)
{
    ENSURE(state->open);
    while (state->undo_count > 0) {
        struct undo *undo = &state->undo[--state->undo_count];
        doc_free(&undo->entry->value);
        undo->entry->value = undo->value;
        undo->entry->written = undo->written;
    }
    state->open = false;
}

unsigned state_reads(const struct state *state)
{
    return state->reads;
}

unsigned state_writes(const struct state *state)
{
    return state->writes;
}

size_t state_value_beyond(struct state *state, const char *key, size_t room)
{
    return doc_canonical_beyond(state_get(state, key), room);
}

bool state_writes_fit(const struct state *state)
{
    for (size_t i = 0; i < state->undo_count; i++) {
        const struct entry *entry = state->undo[i].entry;
        size_t beyond = doc_canonical_beyond(entry->value, STATE_VALUE_TX_BYTES_MAX);
        if (entry->written && beyond > 0 &&
            beyond >= doc_canonical_beyond(state->undo[i].value, STATE_VALUE_TX_BYTES_MAX)) {
            return false;
        }
    }
    return true;
}

/* Whether a deletion has something to delete, as far as that is known without reading it. */
static bool may_go(struct state *state, struct entry *entry)
{
    const struct state_source *source = &state->source;
    if (entry->loaded || source->may_have == NULL) {
        return entry_committed(state, entry) != NULL;
    }
    return source->may_have(source->context, entry->item.key);
}

void state_each_change(struct state *state,
                       void (*visit)(void *context, const char *key, const struct doc *value),
                       void *context)
{
    ENSURE(!state->open);
    for (size_t i = 0; i < state->listed_count; i++) {
        struct entry *entry = state->listed[i];
        if (!entry->written) {
            continue;
        }
        const struct doc *committed = entry->value == NULL ? NULL : entry_committed(state, entry);
        bool same = entry->value == NULL ? !may_go(state, entry)
                                         : committed != NULL && doc_equal(entry->value, committed);
        if (!same && state->error == 0) {
            visit(context, entry->item.key, entry->value);
        }
    }
}
