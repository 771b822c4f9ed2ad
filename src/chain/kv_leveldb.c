/* The store on LevelDB: the one file that includes it.
 *
 * Two databases in one directory. "index" holds the tables of the index under their keys. "history"
 * holds those of the history with the height first, height ‖ rank of the table ‖ rest of the key:
 * each height's records lie behind all earlier ones, so LevelDB only ever moves its tables down
 * instead of merging them, and a record is written twice, to the log and to a table. The ranks
 * follow the order of writing, body before state, for the same reason.
 *
 * Memory is bounded, since a node shares a small machine with others: for each database one write
 * buffer being filled and one being flushed, a block cache, and the indexes of at most
 * OPEN_FILES_MAX tables. LevelDB would also map up to 1000 tables of 2 MB whole, all of which
 * counts as resident; without maps it reads blocks into the bounded cache, and a cached block is
 * not checksummed again. The switch is one of its test helpers, present only in the static
 * library; with the shared one fewer tables stay open instead.
 *
 * LevelDB has one thread for all its databases. While it merges tables of the index, a full buffer
 * of the history waits, and when the next one is full too, the block being written waits. So a
 * buffer of the history holds what blocks write while the index merges one table with those that it
 * overlaps, some ten: few bytes there, many here.
 *
 * No compression: hashes do not shrink, and the time is better spent elsewhere. Checksums are
 * verified on every read from disk (paranoid). Nothing is ever retried. */
#include "chain/kv.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/kv_backend.h"
#include "chain/kv_directory.h"
#include "chain/kv_log_tail.h"

#include <assert.h>
#include <leveldb/c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define HISTORY_BUFFER_BYTES ((size_t)16 << 20)
#define INDEX_BUFFER_BYTES ((size_t)24 << 20)
#define BLOCK_CACHE_BYTES ((size_t)8 << 20) /* of each database */
#define WRITES_KEEP_BYTES ((size_t)16 << 20)
#define HISTORY_TABLE_BYTES ((size_t)8 << 20)
#define INDEX_TABLE_BYTES ((size_t)2 << 20)
static_assert(HISTORY_BUFFER_BYTES >= 8 * INDEX_TABLE_BYTES, "a merge of the index is outlasted");
#define OPEN_FILES_MAX 256
#define OPEN_FILES_MAPPED_MAX 40 /* LevelDB keeps 10 of them for itself: 30 tables, 60 MB */
#define COMPACTION_NICE 10
#define BLOOM_BITS 10 /* a key: 1% of lookups read a block in vain */

/* leveldb::EnvPosixTestHelper::SetReadOnlyMMapLimit(int), to be called before the first open. */
extern void
leveldb_set_map_limit(int tables) __asm__("_ZN7leveldb18EnvPosixTestHelper20SetReadOnlyMMapLimitEi")
    __attribute__((weak));

static pthread_once_t map_limit_once = PTHREAD_ONCE_INIT;

enum place { HISTORY, INDEX, PLACES };

struct database {
    leveldb_t *db;
    struct kv_names names;
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_writebatch_t *writes; /* empty, kept for its memory: fresh pages cost much */
};

struct leveldb_kv {
    struct kv base;
    int lock;
    struct database database[PLACES];
    pthread_mutex_t taking;         /* held while a snapshot of both is taken */
    leveldb_filterpolicy_t *filter; /* of the index, where most lookups are of what is not there */
    leveldb_readoptions_t *read_newest;
    leveldb_writeoptions_t *write_synced;
    leveldb_writeoptions_t *write_unsynced;
};

struct kv_snapshot {
    const leveldb_snapshot_t *snapshot[PLACES];
    leveldb_readoptions_t *options[PLACES];
};

struct leveldb_kv_iterator {
    struct kv_iterator base;
    enum place place;
    leveldb_iterator_t *iterator;
    bool started;
    struct buf key; /* of the history, as callers know it */
};

static void map_nothing(void)
{
    if (leveldb_set_map_limit)
        leveldb_set_map_limit(0);
}

/* Takes over a message of LevelDB ("IO error: …", "Corruption: …"), and logs it. */
static int error_take(char *message)
{
    int error = ERR_IO;
    if (strncmp(message, "IO error: lock ", 15) == 0)
        error = ERR_BUSY;
    else if (strncmp(message, "Corruption", 10) == 0 ||
             strncmp(message, "Invalid argument", 16) == 0) /* what was made is not there */
        error = ERR_CORRUPT;
    else if (strstr(message, "No space left on device"))
        error = ERR_DISK_FULL;
    log_write(LOG_ERROR, "kv", "LevelDB: %s", message);
    leveldb_free(message);
    return error;
}

static leveldb_readoptions_t *read_options_new(const leveldb_snapshot_t *snapshot)
{
    leveldb_readoptions_t *options = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(options, 1);
    leveldb_readoptions_set_snapshot(options, snapshot);
    return options;
}

/* ---- keys of the history ---- */

/* In the order in which they are written. */
static const uint8_t ranks[] = {KV_TX, KV_BLOCK, KV_BODY, KV_STATE_NODE, KV_STATE_LEAF};

static uint8_t rank_of(uint8_t table)
{
    const uint8_t *found = memchr(ranks, table, sizeof ranks);
    ENSURE(found);
    return (uint8_t)(found - ranks);
}

static enum place place_of(struct view key)
{
    return kv_is_history(key) ? HISTORY : INDEX;
}

/* What LevelDB knows the key as; `scratch` holds it if it is another. */
static struct view key_stored(struct buf *scratch, struct view key)
{
    if (place_of(key) == INDEX)
        return key;
    ENSURE(key.len >= KV_HEIGHT_PREFIX_BYTES);
    buf_clear(scratch);
    buf_append(scratch, key.data + 1, KV_HEIGHT_PREFIX_BYTES - 1);
    buf_append_u8(scratch, rank_of(key.data[0]));
    buf_append(scratch, key.data + KV_HEIGHT_PREFIX_BYTES, key.len - KV_HEIGHT_PREFIX_BYTES);
    return view_of_buf(scratch);
}

/* Back again. False: nothing that was written here. */
static bool key_restored(struct buf *out, struct view stored)
{
    const size_t height = KV_HEIGHT_PREFIX_BYTES - 1;
    if (stored.len < KV_HEIGHT_PREFIX_BYTES || stored.data[height] >= sizeof ranks)
        return false;
    buf_clear(out);
    buf_append_u8(out, ranks[stored.data[height]]);
    buf_append(out, stored.data, height);
    buf_append(out, stored.data + KV_HEIGHT_PREFIX_BYTES, stored.len - KV_HEIGHT_PREFIX_BYTES);
    return true;
}

/* ---- life ---- */

static void leveldb_kv_close(struct kv *kv)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    for (int place = 0; place < PLACES; place++) {
        if (!self->database[place].options) /* never came to it */
            continue;
        if (self->database[place].db)
            leveldb_close(self->database[place].db);
        kv_names_close(&self->database[place].names);
        leveldb_writebatch_destroy(self->database[place].writes);
        leveldb_options_destroy(self->database[place].options);
        leveldb_cache_destroy(self->database[place].cache);
    }
    leveldb_filterpolicy_destroy(self->filter);
    leveldb_readoptions_destroy(self->read_newest);
    leveldb_writeoptions_destroy(self->write_synced);
    leveldb_writeoptions_destroy(self->write_unsynced);
    close(self->lock);
    pthread_mutex_destroy(&self->taking);
    memory_free(self);
}

static void options_set(struct leveldb_kv *self, enum place place, bool may_be_new)
{
    struct database *database = &self->database[place];
    leveldb_options_t *options = database->options = leveldb_options_create();
    database->names.fd = -1;
    database->writes = leveldb_writebatch_create();
    database->cache = leveldb_cache_create_lru(BLOCK_CACHE_BYTES);
    leveldb_options_set_create_if_missing(options, may_be_new);
    leveldb_options_set_paranoid_checks(options, 1);
    leveldb_options_set_write_buffer_size(options, place == HISTORY ? HISTORY_BUFFER_BYTES
                                                                    : INDEX_BUFFER_BYTES);
    leveldb_options_set_max_file_size(options,
                                      place == HISTORY ? HISTORY_TABLE_BYTES : INDEX_TABLE_BYTES);
    leveldb_options_set_max_open_files(options, leveldb_set_map_limit ? OPEN_FILES_MAX
                                                                      : OPEN_FILES_MAPPED_MAX);
    leveldb_options_set_compression(options, leveldb_no_compression);
    leveldb_options_set_cache(options, database->cache);
    if (place == INDEX)
        leveldb_options_set_filter_policy(options, self->filter);
}

/* ---- reading ---- */

static leveldb_readoptions_t *read_options(const struct leveldb_kv *self,
                                           const struct kv_snapshot *snapshot, enum place place)
{
    return snapshot ? snapshot->options[place] : self->read_newest;
}

static int leveldb_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                          struct buf *out)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    AUTO(buf_free) struct buf scratch = {0};
    enum place place = place_of(key);
    struct view stored = key_stored(&scratch, key);
    char *message = NULL;
    size_t len = 0;
    char *value = leveldb_get(self->database[place].db, read_options(self, snapshot, place),
                              (const char *)stored.data, stored.len, &len, &message);
    if (message)
        return error_take(message);
    if (!value)
        return ERR_NOT_FOUND;
    buf_append(out, value, len);
    leveldb_free(value);
    return OK;
}

/* The index first: the history then holds all that it leads to, for nothing leaves it meanwhile
 * (await_snapshots). */
static struct kv_snapshot *leveldb_kv_snapshot_take(struct kv *kv)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    struct kv_snapshot *snapshot = memory_alloc(sizeof *snapshot);
    ENSURE(pthread_mutex_lock(&self->taking) == 0);
    for (int place = PLACES - 1; place >= 0; place--)
        snapshot->snapshot[place] = leveldb_create_snapshot(self->database[place].db);
    ENSURE(pthread_mutex_unlock(&self->taking) == 0);
    for (int place = 0; place < PLACES; place++)
        snapshot->options[place] = read_options_new(snapshot->snapshot[place]);
    return snapshot;
}

/* Before something leaves the history, whose index is written already: whoever has taken the index
 * before that shall have the history, too. Whoever begins now gets the new index; so nobody waits
 * for a sync. */
static void await_snapshots(struct leveldb_kv *self)
{
    ENSURE(pthread_mutex_lock(&self->taking) == 0);
    ENSURE(pthread_mutex_unlock(&self->taking) == 0);
}

static void leveldb_kv_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    for (int place = 0; place < PLACES; place++) {
        leveldb_readoptions_destroy(snapshot->options[place]);
        leveldb_release_snapshot(self->database[place].db, snapshot->snapshot[place]);
    }
    memory_free(snapshot);
}

static struct kv_iterator *leveldb_kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                                              struct view from)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    struct leveldb_kv_iterator *iterator = memory_alloc(sizeof *iterator);
    struct view stored = key_stored(&iterator->key, from);
    iterator->place = place_of(from);
    iterator->iterator = leveldb_create_iterator(self->database[iterator->place].db,
                                                 read_options(self, snapshot, iterator->place));
    leveldb_iter_seek(iterator->iterator, (const char *)stored.data, stored.len);
    return &iterator->base;
}

static bool leveldb_kv_iterator_next(struct kv_iterator *iterator, struct view *key,
                                     struct view *value)
{
    struct leveldb_kv_iterator *self = (struct leveldb_kv_iterator *)iterator;
    if (self->started && leveldb_iter_valid(self->iterator))
        leveldb_iter_next(self->iterator);
    self->started = true;
    if (!leveldb_iter_valid(self->iterator))
        return false;
    key->data = (const uint8_t *)leveldb_iter_key(self->iterator, &key->len);
    value->data = (const uint8_t *)leveldb_iter_value(self->iterator, &value->len);
    if (self->place == HISTORY) {
        if (!key_restored(&self->key, *key))
            return false;
        *key = view_of_buf(&self->key);
    }
    return true;
}

static int leveldb_kv_iterator_error(const struct kv_iterator *iterator)
{
    char *message = NULL;
    leveldb_iter_get_error(((const struct leveldb_kv_iterator *)iterator)->iterator, &message);
    return message ? error_take(message) : OK;
}

static void leveldb_kv_iterator_free(struct kv_iterator *iterator)
{
    struct leveldb_kv_iterator *self = (struct leveldb_kv_iterator *)iterator;
    leveldb_iter_destroy(self->iterator);
    buf_free(&self->key);
    memory_free(self);
}

/* ---- writing ---- */

static void write_change(leveldb_writebatch_t *writes, struct view key, struct view value)
{
    if (value.data)
        leveldb_writebatch_put(writes, (const char *)key.data, key.len, (const char *)value.data,
                               value.len);
    else
        leveldb_writebatch_delete(writes, (const char *)key.data, key.len);
}

static void write_history(leveldb_writebatch_t *writes, const struct kv_batch *batch,
                          enum kv_part part)
{
    AUTO(buf_free) struct buf scratch = {0};
    struct kv_change change;
    for (size_t offset = 0; kv_batch_next(batch, part, &offset, &change);)
        write_change(writes, key_stored(&scratch, change.key), change.value);
}

/* By key; of one key, in the order of the batch, in which they lie in memory. */
static int compare_changes(const void *a, const void *b)
{
    const struct kv_change *x = a, *y = b;
    int order = view_compare(x->key, y->key);
    return order != 0 ? order : (x->key.data > y->key.data) - (x->key.data < y->key.data);
}

/* In the order of keys: neighbours go to neighbouring places of LevelDB's table in memory, whose
 * way there is then in the processor's cache. */
static void write_index(leveldb_writebatch_t *writes, const struct kv_batch *batch)
{
    size_t count = 0;
    struct kv_change *changes =
        memory_alloc(kv_batch_part_count(batch, KV_PART_INDEX) * sizeof *changes);
    struct kv_change change;
    for (size_t offset = 0; kv_batch_next(batch, KV_PART_INDEX, &offset, &change);)
        changes[count++] = change;
    qsort(changes, count, sizeof *changes, compare_changes);
    for (size_t i = 0; i < count; i++)
        write_change(writes, changes[i].key, changes[i].value);
    memory_free(changes);
}

static int leveldb_kv_write(struct kv *kv, const struct kv_batch *batch, enum kv_part part,
                            bool sync)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    struct database *database = &self->database[part == KV_PART_INDEX ? INDEX : HISTORY];
    if (part == KV_PART_INDEX)
        write_index(database->writes, batch);
    else
        write_history(database->writes, batch, part);
    if (part == KV_PART_LEAVING)
        await_snapshots(self);
    char *message = NULL;
    leveldb_write(database->db, sync ? self->write_synced : self->write_unsynced, database->writes,
                  &message);
    leveldb_writebatch_clear(database->writes);
    if (kv_batch_bytes(batch) > WRITES_KEEP_BYTES) {
        leveldb_writebatch_destroy(database->writes);
        database->writes = leveldb_writebatch_create();
    }
    if (message)
        return error_take(message);
    return sync ? kv_names_settle(&database->names) : OK;
}

/* The index is merged all the time anyway. */
static void leveldb_kv_compact_history(struct kv *kv, uint64_t below_height)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    char end[KV_HEIGHT_PREFIX_BYTES - 1];
    for (size_t i = 0; i < sizeof end; i++)
        end[i] = (char)(below_height >> (56 - 8 * i));
    leveldb_compact_range(self->database[HISTORY].db, NULL, 0, end, sizeof end);
}

static const struct kv_backend leveldb_backend = {
    .close = leveldb_kv_close,
    .get = leveldb_kv_get,
    .snapshot_take = leveldb_kv_snapshot_take,
    .snapshot_free = leveldb_kv_snapshot_free,
    .write = leveldb_kv_write,
    .compact_history = leveldb_kv_compact_history,
    .iterate = leveldb_kv_iterate,
    .iterator_next = leveldb_kv_iterator_next,
    .iterator_error = leveldb_kv_iterator_error,
    .iterator_free = leveldb_kv_iterator_free,
};

/* LevelDB starts its thread for compaction with the first work, and a thread takes its priority
 * from the one that starts it. What is due to be compacted can wait for what is due to be decided.
 */
static void *start_compaction(void *argument)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), COMPACTION_NICE);
    leveldb_compact_range(argument, "", 0, "", 0);
    return NULL;
}

static void start_background(struct leveldb_kv *self)
{
    pthread_t thread; /* one for all databases of the process */
    if (pthread_create(&thread, NULL, start_compaction, self->database[INDEX].db) == 0)
        pthread_join(thread, NULL);
}

static int open_database(struct leveldb_kv *self, enum place place, const char *directory,
                         bool may_be_new)
{
    static const char *const names[PLACES] = {[HISTORY] = "history", [INDEX] = "index"};
    struct database *database = &self->database[place];
    AUTO(buf_free) struct buf path = {0};
    char *message = NULL;
    options_set(self, place, may_be_new);
    buf_append_format(&path, "%s/%s", directory, names[place]);
    /* LevelDB would make it too, but not durably. */
    int error = may_be_new ? file_make_directory(buf_text(&path), 0700) : OK;
    error = error ? error : kv_log_mend(buf_text(&path));
    if (error)
        return error;
    database->db = leveldb_open(database->options, buf_text(&path), &message);
    return message ? error_take(message) : kv_names_open(&database->names, buf_text(&path));
}

static int open_databases(struct leveldb_kv *self, const char *directory)
{
    bool made = false;
    int error = kv_was_made(&made, directory);
    for (int place = 0; place < PLACES && !error; place++)
        error = open_database(self, (enum place)place, directory, !made);
    return error || made ? error : kv_set_made(directory);
}

int kv_open_leveldb(struct kv **out, const char *directory)
{
    *out = NULL;
    int lock = -1;
    int error = file_make_directory(directory, 0700);
    if (!error)
        error = kv_lock_take(&lock, directory);
    if (error)
        return error;
    pthread_once(&map_limit_once, map_nothing);
    struct leveldb_kv *self = memory_alloc(sizeof *self);
    self->base.backend = &leveldb_backend;
    self->lock = lock;
    ENSURE(pthread_mutex_init(&self->taking, NULL) == 0);
    self->filter = leveldb_filterpolicy_create_bloom(BLOOM_BITS);
    self->read_newest = read_options_new(NULL);
    self->write_synced = leveldb_writeoptions_create();
    self->write_unsynced = leveldb_writeoptions_create();
    leveldb_writeoptions_set_sync(self->write_synced, 1);
    error = open_databases(self, directory);
    if (error) {
        leveldb_kv_close(&self->base);
        return error;
    }
    start_background(self);
    *out = &self->base;
    return OK;
}
