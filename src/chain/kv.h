/* An ordered key-value store with atomic batches: LevelDB in the node (kv_leveldb.c, the one file
 * that includes it), memory in tests and the simulator (kv_memory.c: injects faults, loses unsynced
 * batches on demand). Reads are safe from any thread; writes come from the owner thread. */
#ifndef DIRCHAIN_CHAIN_KV_H
#define DIRCHAIN_CHAIN_KV_H

#include "base/bytes.h"

#include <stdbool.h>

struct kv;
struct kv_batch;
struct kv_iterator;
struct kv_snapshot;

/* paranoid_checks on. ERR_BUSY (held by another process), ERR_CORRUPT, ERR_IO, ERR_DISK_FULL. */
int kv_open_leveldb(struct kv **out, const char *directory);
struct kv *kv_open_memory(void);
void kv_close(struct kv **kv);

/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. `snapshot` may be NULL (newest). Appends to out. */
int kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key, struct buf *out);
struct kv_snapshot *kv_snapshot_take(struct kv *kv);
void kv_snapshot_free(struct kv *kv, struct kv_snapshot **snapshot);

struct kv_batch *kv_batch_new(void);
void kv_batch_free(struct kv_batch **batch);
void kv_batch_put(struct kv_batch *batch, struct view key, struct view value);
void kv_batch_delete(struct kv_batch *batch, struct view key);
/* Applies atomically; with sync it is durable on return. ERR_IO, ERR_DISK_FULL: the caller must
 * stop, never retry a failed sync. */
int kv_write(struct kv *kv, struct kv_batch *batch, bool sync);

/* From the first key ≥ from, ascending, while the key starts with prefix. Keys and values are
 * borrowed until the next call. */
struct kv_iterator *kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                               struct view prefix, struct view from);
bool kv_iterator_next(struct kv_iterator *iterator, struct view *key, struct view *value);
int kv_iterator_error(const struct kv_iterator *iterator); /* after next returned false */
void kv_iterator_free(struct kv_iterator **iterator);

/* Memory back end only: faults for tests. */
void kv_memory_fail_writes(struct kv *kv, int error, unsigned after); /* the after-th write fails */
void kv_memory_crash(struct kv *kv); /* everything since the last synced write is gone */

#endif
