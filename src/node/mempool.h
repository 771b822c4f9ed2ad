/* Verified transactions that wait to be ordered, in order of arrival.
 *
 * Bounds: count and bytes, in total and for each member, so that no member can push out the
 * others. A transaction is known by its txid; there is no memory of refused ones (a bad signature
 * condemns the bytes and their sender, never the txid). Whoever waits for a transaction is told
 * exactly once: in a block, refused, expired, or the node stops.
 *
 * Loop's thread only. Times are of the monotonic clock but for expiry, which is block time. */
#ifndef DIRCHAIN_NODE_MEMPOOL_H
#define DIRCHAIN_NODE_MEMPOOL_H

#include "api/api.h"
#include "chain/tx.h"

struct mempool;

struct mempool_limits {
    size_t txs_max, bytes_max;
    size_t member_txs_max, member_bytes_max;
};
struct mempool_limits mempool_limits_default(void); /* of limits.h */

struct mempool *mempool_open(const struct mempool_limits *limits);
/* Tells all waiters ERR_UNAVAILABLE. */
void mempool_close(struct mempool **mempool);

/* Takes a reference. `local`: submitted here, so that this node answers for its gossip.
 * ERR_DUPLICATE (same txid), ERR_QUOTA (the member's share), ERR_UNAVAILABLE (full). */
int mempool_add(struct mempool *mempool, struct tx *tx, bool local, int64_t now_ms);
/* Registers a waiter. ERR_NOT_FOUND; ERR_QUOTA beyond MEMPOOL_WAITERS_MAX for one transaction. */
int mempool_wait(struct mempool *mempool, const struct hash *txid, api_submit_done done,
                 void *argument);
struct tx *mempool_find(const struct mempool *mempool, const struct hash *txid); /* borrowed */

/* Forgets a transaction and tells its waiters; unknown ones are ignored. */
void mempool_committed(struct mempool *mempool, const struct hash *txid, uint64_t height);
void mempool_refused(struct mempool *mempool, const struct hash *txid, int error,
                     const struct faults *faults);
/* ERR_TX_EXPIRED for everything that no block after `time_ms` can hold. */
void mempool_expire(struct mempool *mempool, int64_t time_ms);

/* The oldest transactions, up to both bounds, that arrived no later than `arrived_by_ms`;
 * borrowed. Returns how many. */
size_t mempool_candidates(const struct mempool *mempool, struct tx **out, size_t txs_max,
                          size_t bytes_max, int64_t arrived_by_ms);
/* Local ones in order of arrival, starting after `after` (NULL: from the oldest): for gossip to a
 * link that has just come up. NULL at the end. Borrowed. */
struct tx *mempool_next_local(const struct mempool *mempool, const struct tx *after);
/* Those that have been passed over by blocks since they arrived by `arrived_by_ms`, oldest first
 * and each at most once per `again_ms`: to be checked again. Borrowed. */
size_t mempool_passed_over(struct mempool *mempool, struct tx **out, size_t txs_max,
                           int64_t arrived_by_ms, int64_t now_ms, int64_t again_ms);

struct mempool_stats {
    size_t txs, bytes;
    size_t waiters;
    int64_t oldest_ms; /* arrival; 0 when empty */
};
struct mempool_stats mempool_stats(const struct mempool *mempool);

#endif
