/* An ordered key-value store with atomic batches: LevelDB in the node (kv_leveldb.c, the one file
 * that includes it), memory in tests and the simulator (kv_memory.c: injects faults, loses unsynced
 * batches on demand). Reads are safe from any thread; writes come from the owner thread. */
#ifndef DIRCHAIN_CHAIN_KV_H
#define DIRCHAIN_CHAIN_KV_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kv;
struct kv_batch;
struct kv_iterator;
struct kv_snapshot;

/* The first byte of every key says which table it belongs to; no two tables share one. Big-endian
 * numbers in keys make byte order the order of the numbers.
 *
 * The tables marked "history" start with a height (or version, which is one) after that byte and
 * only grow at their end. They hold nearly all bytes, and a back end keeps them apart in the order
 * of heights, so that they are written once and never merged. The other tables are the index, and
 * say what of the history counts. Within history one reads by key, or within one height. */
enum kv_table {
    KV_LOG_FRONTIER = 'f', /* log_store.c:  → frontier */
    KV_LOG_TILE = 'l',     /* log_store.c:  u8 level ‖ u64 index → hashes */
    KV_STATE_INDEX = 'k',  /* state tree:   key text → version of its leaf, check */
    KV_STATE_NODE = 'n',   /* history: u64 version ‖ u8 nibbles ‖ path → sixteen-fold node */
    KV_STATE_ROOT = 'r',   /* state tree:   u64 version → root; nothing → newest version */
    KV_STATE_STALE = 't',  /* state tree:   u64 version ‖ u32 part → keys superseded by it */
    KV_STATE_LEAF = 'v',   /* history: u64 version ‖ 32 path → key and value */
    KV_META = 'm',         /* store_layout.h, as all below */
    KV_HEADER = 'h',
    KV_BLOCK = 'b', /* history */
    KV_CERTIFICATE = 'c',
    KV_ACTS = 'a',
    KV_TX = 'x', /* history */
    KV_TX_PLACE = 'i',
    KV_VALIDATORS = 's',
    KV_BODY = 'u', /* history */
};

/* paranoid_checks on. The directory is made (0700) if missing. ERR_BUSY (held already, by this or
 * another process), ERR_CORRUPT, ERR_IO, ERR_DISK_FULL. */
int kv_open_leveldb(struct kv **out, const char *directory);
struct kv *kv_open_memory(void);
void kv_close(struct kv **kv); /* ENSUREs that no snapshot or iterator is left */

/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. `snapshot` may be NULL (newest). Appends to out. */
int kv_get(struct kv *kv, const struct kv_snapshot *snapshot, struct view key, struct buf *out);
struct kv_snapshot *kv_snapshot_take(struct kv *kv);
void kv_snapshot_free(struct kv *kv, struct kv_snapshot **snapshot);

struct kv_batch *kv_batch_new(void);
void kv_batch_free(struct kv_batch **batch);
void kv_batch_clear(struct kv_batch *batch); /* keeps the memory */
/* Applied in the order they were added: the last word on a key wins. Keys are not empty; a batch
 * does not both put and delete the same key of the history. */
void kv_batch_put(struct kv_batch *batch, struct view key, struct view value);
void kv_batch_delete(struct kv_batch *batch, struct view key);
void kv_batch_append(struct kv_batch *batch, const struct kv_batch *more);
size_t kv_batch_count(const struct kv_batch *batch); /* puts and deletes */
size_t kv_batch_bytes(const struct kv_batch *batch);
/* What goes to the history is written first, then the index, atomically, then what leaves the
 * history. A crash between them leaves records in the history that no index leads to: the next
 * batch overwrites them, or nobody reads them; likewise what had yet to leave. With sync each of
 * the three is durable before the next is written, so that a loss of power spoils at most the last
 * record of a log (kv_log_tail.c). The batch stays the caller's, unchanged.
 * ERR_IO, ERR_DISK_FULL: the caller must stop, never retry a failed sync. */
int kv_write(struct kv *kv, const struct kv_batch *batch, bool sync);

/* Gives back the disk space of what left the history below a height. Takes long; any thread, beside
 * reads and writes. */
void kv_compact_history(struct kv *kv, uint64_t below_height);

/* From the first key ≥ from, ascending, while the key starts with prefix: for a table of the
 * history at least the table and a height; the empty prefix means all of the index. Sees the moment
 * of the snapshot, or of the call. Keys and values are borrowed until the next call. */
struct kv_iterator *kv_iterate(struct kv *kv, const struct kv_snapshot *snapshot,
                               struct view prefix, struct view from);
bool kv_iterator_next(struct kv_iterator *iterator, struct view *key, struct view *value);
int kv_iterator_error(const struct kv_iterator *iterator); /* after next returned false */
void kv_iterator_free(struct kv_iterator **iterator);

/* Memory back end only: faults for tests. The after-th write (1: the next) and every one behind it
 * fails with the error and changes nothing, each part of a batch being one; likewise gets and
 * iterator steps. Error 0 disarms. */
void kv_memory_fail_writes(struct kv *kv, int error, unsigned after);
void kv_memory_fail_reads(struct kv *kv, int error, unsigned after);
/* As kv_iterate, with any prefix: the empty one means all there is. */
struct kv_iterator *kv_memory_iterate(struct kv *kv, struct view prefix, struct view from);
/* Everything since the last synced write is gone. Snapshots taken before keep their moment. */
void kv_memory_crash(struct kv *kv);
/* Another store with the same content, all of it durable; they share it until one writes. */
struct kv *kv_memory_copy(struct kv *kv);
/* As kv_get, of what would still be there after a crash. */
int kv_memory_get_durable(struct kv *kv, struct view key, struct buf *out);
/* Flips one bit in one stored value; `number` says which. False if there is none. */
bool kv_memory_rot(struct kv *kv, uint64_t number);

#endif
