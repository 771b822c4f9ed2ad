/* The store on LevelDB: the one file that includes it.
 *
 * Memory is bounded, since a node shares a small machine with others: one write buffer being filled
 * and one being flushed, a block cache, and the indexes of at most OPEN_FILES_MAX tables. LevelDB
 * would also map up to 1000 tables of 2 MB whole, all of which counts as resident; without maps it
 * reads blocks into the bounded cache, and a cached block is not checksummed again. The switch is
 * one of its test helpers, present only in the static library; with the shared one fewer tables
 * stay open instead.
 *
 * No compression: hashes do not shrink, and the time is better spent elsewhere. Checksums are
 * verified on every read from disk (paranoid). Nothing is ever retried. */
#include "chain/kv.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/kv_backend.h"

#include <errno.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#define WRITE_BUFFER_BYTES ((size_t)32 << 20)
#define BLOCK_CACHE_BYTES ((size_t)8 << 20)
#define TABLE_BYTES ((size_t)8 << 20)
#define OPEN_FILES_MAX 256
#define OPEN_FILES_MAPPED_MAX 40 /* LevelDB keeps 10 of them for itself: 30 tables, 60 MB */
#define COMPACTION_NICE 10
#define BLOOM_BITS 10 /* a key: 1% of lookups read a block in vain */

/* leveldb::EnvPosixTestHelper::SetReadOnlyMMapLimit(int), to be called before the first open. */
extern void
leveldb_set_map_limit(int tables) __asm__("_ZN7leveldb18EnvPosixTestHelper20SetReadOnlyMMapLimitEi")
    __attribute__((weak));

static pthread_once_t map_limit_once = PTHREAD_ONCE_INIT;

struct leveldb_kv {
    struct kv base;
    int lock;
    leveldb_t *db;
    leveldb_options_t *options;
    leveldb_cache_t *cache;
    leveldb_filterpolicy_t *filter;
    leveldb_readoptions_t *read_newest;
    leveldb_writeoptions_t *write_synced;
    leveldb_writeoptions_t *write_unsynced;
};

struct kv_snapshot {
    const leveldb_snapshot_t *snapshot;
    leveldb_readoptions_t *options;
};

struct leveldb_kv_iterator {
    struct kv_iterator base;
    leveldb_iterator_t *iterator;
    bool started;
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
    else if (strncmp(message, "Corruption", 10) == 0)
        error = ERR_CORRUPT;
    else if (strstr(message, "No space left on device"))
        error = ERR_DISK_FULL;
    log_write(LOG_ERROR, "kv", "LevelDB: %s", message);
    leveldb_free(message);
    return error;
}

/* LevelDB's own lock belongs to the process and is lost as soon as the process opens the directory
 * a second time (POSIX drops it when any descriptor of the file is closed, and LevelDB closes one
 * on its way to refuse). This one belongs to the descriptor. */
static int lock_take(int *out, const char *directory)
{
    char path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s/dirchain.lock", directory);
    if (len < 0 || (size_t)len >= sizeof path)
        return ERR_IO;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_error(errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno == EWOULDBLOCK ? ERR_BUSY : file_error(errno);
        close(fd);
        return error;
    }
    *out = fd;
    return OK;
}

static leveldb_readoptions_t *read_options_new(const leveldb_snapshot_t *snapshot)
{
    leveldb_readoptions_t *options = leveldb_readoptions_create();
    leveldb_readoptions_set_verify_checksums(options, 1);
    leveldb_readoptions_set_snapshot(options, snapshot);
    return options;
}

/* ---- life ---- */

static void leveldb_kv_close(struct kv *kv)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    if (self->db)
        leveldb_close(self->db);
    leveldb_options_destroy(self->options);
    leveldb_cache_destroy(self->cache);
    leveldb_filterpolicy_destroy(self->filter);
    leveldb_readoptions_destroy(self->read_newest);
    leveldb_writeoptions_destroy(self->write_synced);
    leveldb_writeoptions_destroy(self->write_unsynced);
    close(self->lock);
    memory_free(self);
}

static void options_set(struct leveldb_kv *self)
{
    leveldb_options_t *options = self->options;
    leveldb_options_set_create_if_missing(options, 1);
    leveldb_options_set_paranoid_checks(options, 1);
    leveldb_options_set_write_buffer_size(options, WRITE_BUFFER_BYTES);
    leveldb_options_set_max_file_size(options, TABLE_BYTES);
    leveldb_options_set_max_open_files(options, leveldb_set_map_limit ? OPEN_FILES_MAX
                                                                      : OPEN_FILES_MAPPED_MAX);
    leveldb_options_set_compression(options, leveldb_no_compression);
    leveldb_options_set_cache(options, self->cache);
    leveldb_options_set_filter_policy(options, self->filter);
    leveldb_writeoptions_set_sync(self->write_synced, 1);
}

/* ---- reading ---- */

static int leveldb_kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key,
                          struct buf *out)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    char *message = NULL;
    size_t len = 0;
    char *value = leveldb_get(self->db, snapshot ? snapshot->options : self->read_newest,
                              (const char *)key.data, key.len, &len, &message);
    if (message)
        return error_take(message);
    if (!value)
        return ERR_NOT_FOUND;
    buf_append(out, value, len);
    leveldb_free(value);
    return OK;
}

static struct kv_snapshot *leveldb_kv_snapshot_take(struct kv *kv)
{
    struct kv_snapshot *snapshot = memory_alloc(sizeof *snapshot);
    snapshot->snapshot = leveldb_create_snapshot(((struct leveldb_kv *)kv)->db);
    snapshot->options = read_options_new(snapshot->snapshot);
    return snapshot;
}

static void leveldb_kv_snapshot_free(struct kv *kv, struct kv_snapshot *snapshot)
{
    leveldb_readoptions_destroy(snapshot->options);
    leveldb_release_snapshot(((struct leveldb_kv *)kv)->db, snapshot->snapshot);
    memory_free(snapshot);
}

static struct kv_iterator *leveldb_kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                                              struct view from)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    struct leveldb_kv_iterator *iterator = memory_alloc(sizeof *iterator);
    iterator->iterator =
        leveldb_create_iterator(self->db, snapshot ? snapshot->options : self->read_newest);
    leveldb_iter_seek(iterator->iterator, (const char *)from.data, from.len);
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
    leveldb_iter_destroy(((struct leveldb_kv_iterator *)iterator)->iterator);
    memory_free(iterator);
}

/* ---- writing ---- */

static int leveldb_kv_write(struct kv *kv, const struct kv_batch *batch, bool sync)
{
    struct leveldb_kv *self = (struct leveldb_kv *)kv;
    leveldb_writebatch_t *writes = leveldb_writebatch_create();
    struct kv_change change;
    for (size_t offset = 0; kv_batch_next(batch, &offset, &change);) {
        const char *key = (const char *)change.key.data;
        if (change.value.data)
            leveldb_writebatch_put(writes, key, change.key.len, (const char *)change.value.data,
                                   change.value.len);
        else
            leveldb_writebatch_delete(writes, key, change.key.len);
    }
    char *message = NULL;
    leveldb_write(self->db, sync ? self->write_synced : self->write_unsynced, writes, &message);
    leveldb_writebatch_destroy(writes);
    return message ? error_take(message) : OK;
}

static const struct kv_backend leveldb_backend = {
    .close = leveldb_kv_close,
    .get = leveldb_kv_get,
    .snapshot_take = leveldb_kv_snapshot_take,
    .snapshot_free = leveldb_kv_snapshot_free,
    .write = leveldb_kv_write,
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
    pthread_t thread;
    if (pthread_create(&thread, NULL, start_compaction, self->db) == 0)
        pthread_join(thread, NULL);
}

int kv_open_leveldb(struct kv **out, const char *directory)
{
    *out = NULL;
    int lock = -1;
    int error = file_make_directory(directory, 0700);
    if (!error)
        error = lock_take(&lock, directory);
    if (error)
        return error;
    pthread_once(&map_limit_once, map_nothing);
    struct leveldb_kv *self = memory_alloc(sizeof *self);
    self->base.backend = &leveldb_backend;
    self->lock = lock;
    self->options = leveldb_options_create();
    self->cache = leveldb_cache_create_lru(BLOCK_CACHE_BYTES);
    self->filter = leveldb_filterpolicy_create_bloom(BLOOM_BITS);
    self->read_newest = read_options_new(NULL);
    self->write_synced = leveldb_writeoptions_create();
    self->write_unsynced = leveldb_writeoptions_create();
    options_set(self);
    char *message = NULL;
    self->db = leveldb_open(self->options, directory, &message);
    if (message) {
        leveldb_kv_close(&self->base);
        return error_take(message);
    }
    start_background(self);
    *out = &self->base;
    return OK;
}
