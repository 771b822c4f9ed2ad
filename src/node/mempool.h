/* Verified transactions that wait to be ordered, in order of arrival.
 *
 * Bounds: count and bytes, in total and for each member; and what a full pool holds of those who
 * have most makes room for those who have less, so that no few members can push out the others. A
 * transaction is known by its txid; there is no memory of refused ones (a bad signature
 * condemns the bytes and their sender, never the txid). Whoever waits for a transaction is told
 * exactly once: in a block, refused, expired, crowded out, or the node stops.
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
 * ERR_DUPLICATE (same txid), ERR_QUOTA (the member's share), ERR_UNAVAILABLE (full, and nobody has
 * more here than this member). The newest of who has most may be crowded out: its waiters are told
 * ERR_UNAVAILABLE. Only admission.h calls this. */
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

/* What a block can hold: of its own, and of one member; a transaction is valid in it iff time_ms <
 * expires ≤ time_ms + lifetime_ms. */
struct mempool_block {
    size_t txs_max, bytes_max, member_txs_max;
    int64_t cost_max;
    int64_t time_ms, lifetime_ms;
    int64_t arrived_by_ms; /* younger ones are left out */
};
/* What the block is to hold, at most txs_max, in order of arrival; borrowed. When there is more
 * than it can hold, members take turns. Returns how many. */
size_t mempool_candidates(struct mempool *mempool, struct tx **out,
                          const struct mempool_block *block);
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
