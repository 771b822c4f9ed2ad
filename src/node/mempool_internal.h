/* What the files of the mempool share. Only mempool*.c include this.
 *
 *   mempool.c         coming, going, waiting
 *   mempool_choose.c  what a block is to hold */
#ifndef DIRCHAIN_NODE_MEMPOOL_INTERNAL_H
#define DIRCHAIN_NODE_MEMPOOL_INTERNAL_H

#include "chain/key_table.h"
#include "node/mempool.h"

#define MEMPOOL_BUCKETS 65536

struct waiter {
    struct waiter *next;
    api_submit_done done;
    void *argument;
};

struct entry {
    struct entry *older, *newer;         /* of all */
    struct entry *own_older, *own_newer; /* of the same member */
    struct entry *bucket_next;
    struct share *share;
    struct tx *tx;
    struct waiter *waiters;
    size_t waiter_count;
    uint64_t number; /* in order of arrival */
    int64_t arrived_ms;
    int64_t checked_ms;
    /* Of the transaction: choosing looks at many and touches nothing else of them. */
    int64_t expires_ms, cost;
    size_t bytes;
    bool local;
};

/* What one member has in the pool. Kept while the pool lives: there are at most MEMBERS_MAX. On a
 * ring with others while it has any. */
struct share {
    struct key_item item;
    struct share *previous, *next;
    struct entry *oldest, *newest;
    size_t txs, bytes;
    char member[MEMBER_ID_CHARS + 1];
    /* While a block's transactions are chosen. */
    struct entry *at;
    size_t chosen;
    int64_t credit;
    bool done;
};

struct mempool {
    struct mempool_limits limits;
    struct entry *oldest, *newest;
    struct key_table shares;
    struct share *first; /* of the ring: whose turn is next */
    uint64_t arrivals;
    size_t txs, bytes, waiters;
    struct entry *bucket[MEMPOOL_BUCKETS];
};

#endif
