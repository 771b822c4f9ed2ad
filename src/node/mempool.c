/* A hash table by txid whose entries are also on a list in order of arrival.
 *
 *   bucket[txid mod n] ──► entry ──► entry          oldest ◄──► … ◄──► newest
 *   member ──► {txs, bytes}                         (small table by member id)
 *
 * txids are SHA-256 outputs: their first bytes are the hash. An attacker who grinds txids into one
 * bucket needs 2^16 signatures of his own member for each, and has a bounded share. */
#include "node/mempool.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define BUCKETS 65536

struct waiter {
    struct waiter *next;
    api_submit_done done;
    void *argument;
};

struct entry {
    struct entry *older, *newer;
    struct entry *bucket_next;
    struct share *share;
    struct tx *tx;
    struct waiter *waiters;
    size_t waiter_count;
    int64_t arrived_ms;
    int64_t checked_ms;
    bool local;
};

/* What one member has in the pool. Kept while the pool lives: there are at most MEMBERS_MAX. */
struct share {
    struct share *next;
    char member[MEMBER_ID_CHARS + 1];
    size_t txs, bytes;
};

struct mempool {
    struct mempool_limits limits;
    struct entry *oldest, *newest;
    struct share *shares;
    size_t txs, bytes, waiters;
    struct entry *bucket[BUCKETS];
};

struct mempool_limits mempool_limits_default(void)
{
    return (struct mempool_limits){.txs_max = MEMPOOL_TXS_MAX,
                                   .bytes_max = MEMPOOL_BYTES_MAX,
                                   .member_txs_max = MEMPOOL_MEMBER_TXS_MAX,
                                   .member_bytes_max = MEMPOOL_MEMBER_BYTES_MAX};
}

struct mempool *mempool_open(const struct mempool_limits *limits)
{
    struct mempool *mempool = memory_alloc(sizeof *mempool);
    mempool->limits = *limits;
    return mempool;
}

static struct entry **bucket_of(const struct mempool *mempool, const struct hash *txid)
{
    size_t index = (size_t)txid->bytes[0] << 8 | txid->bytes[1];
    return (struct entry **)&mempool->bucket[index];
}

static struct entry *find(const struct mempool *mempool, const struct hash *txid)
{
    struct entry *entry = *bucket_of(mempool, txid);
    while (entry != NULL && !hash_equal(&entry->tx->id, txid)) {
        entry = entry->bucket_next;
    }
    return entry;
}

static struct share *share_of(struct mempool *mempool, const char *member)
{
    struct share *share = mempool->shares;
    while (share != NULL && strcmp(share->member, member) != 0) {
        share = share->next;
    }
    if (share == NULL) {
        share = memory_alloc(sizeof *share);
        memcpy(share->member, member, sizeof share->member);
        share->next = mempool->shares;
        mempool->shares = share;
    }
    return share;
}

static void link_newest(struct mempool *mempool, struct entry *entry)
{
    entry->older = mempool->newest;
    if (mempool->newest != NULL) {
        mempool->newest->newer = entry;
    } else {
        mempool->oldest = entry;
    }
    mempool->newest = entry;
}

static void unlink_entry(struct mempool *mempool, struct entry *entry)
{
    struct entry **at = bucket_of(mempool, &entry->tx->id);
    while (*at != entry) {
        at = &(*at)->bucket_next;
    }
    *at = entry->bucket_next;
    *(entry->older != NULL ? &entry->older->newer : &mempool->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &mempool->newest) = entry->older;
    mempool->txs--;
    mempool->bytes -= entry->tx->raw.len;
    mempool->waiters -= entry->waiter_count;
    entry->share->txs--;
    entry->share->bytes -= entry->tx->raw.len;
}

/* The entry is off the pool before anybody is told, so that a waiter may come back at once. */
static void finish(struct mempool *mempool, struct entry *entry, int error,
                   const struct faults *faults, uint64_t height)
{
    unlink_entry(mempool, entry);
    struct waiter *waiter = entry->waiters;
    while (waiter != NULL) {
        struct waiter *next = waiter->next;
        waiter->done(waiter->argument, error, faults, height);
        memory_free(waiter);
        waiter = next;
    }
    tx_free(&entry->tx);
    memory_free(entry);
}

void mempool_close(struct mempool **mempool)
{
    if (*mempool == NULL) {
        return;
    }
    while ((*mempool)->oldest != NULL) {
        finish(*mempool, (*mempool)->oldest, ERR_UNAVAILABLE, NULL, 0);
    }
    struct share *share = (*mempool)->shares;
    while (share != NULL) {
        struct share *next = share->next;
        memory_free(share);
        share = next;
    }
    memory_free(*mempool);
    *mempool = NULL;
}

int mempool_add(struct mempool *mempool, struct tx *tx, bool local, int64_t now_ms)
{
    ENSURE(tx->verified);
    if (find(mempool, &tx->id) != NULL) {
        return ERR_DUPLICATE;
    }
    size_t bytes = tx->raw.len;
    const struct mempool_limits *limits = &mempool->limits;
    if (mempool->txs >= limits->txs_max || mempool->bytes + bytes > limits->bytes_max) {
        return ERR_UNAVAILABLE;
    }
    struct share *share = share_of(mempool, tx->member);
    if (share->txs >= limits->member_txs_max || share->bytes + bytes > limits->member_bytes_max) {
        return ERR_QUOTA;
    }
    struct entry *entry = memory_alloc(sizeof *entry);
    entry->tx = tx_ref(tx);
    entry->share = share;
    entry->local = local;
    entry->arrived_ms = now_ms;
    entry->checked_ms = now_ms;
    struct entry **bucket = bucket_of(mempool, &tx->id);
    entry->bucket_next = *bucket;
    *bucket = entry;
    link_newest(mempool, entry);
    mempool->txs++;
    mempool->bytes += bytes;
    share->txs++;
    share->bytes += bytes;
    return 0;
}

int mempool_wait(struct mempool *mempool, const struct hash *txid, api_submit_done done,
                 void *argument)
{
    struct entry *entry = find(mempool, txid);
    if (entry == NULL) {
        return ERR_NOT_FOUND;
    }
    if (entry->waiter_count >= MEMPOOL_WAITERS_MAX) {
        return ERR_QUOTA;
    }
    struct waiter *waiter = memory_alloc(sizeof *waiter);
    *waiter = (struct waiter){.next = entry->waiters, .done = done, .argument = argument};
    entry->waiters = waiter;
    entry->waiter_count++;
    mempool->waiters++;
    return 0;
}

struct tx *mempool_find(const struct mempool *mempool, const struct hash *txid)
{
    const struct entry *entry = find(mempool, txid);
    return entry != NULL ? entry->tx : NULL;
}

void mempool_committed(struct mempool *mempool, const struct hash *txid, uint64_t height)
{
    struct entry *entry = find(mempool, txid);
    if (entry != NULL) {
        finish(mempool, entry, 0, NULL, height);
    }
}

void mempool_refused(struct mempool *mempool, const struct hash *txid, int error,
                     const struct faults *faults)
{
    struct entry *entry = find(mempool, txid);
    if (entry != NULL) {
        finish(mempool, entry, error, faults, 0);
    }
}

void mempool_expire(struct mempool *mempool, int64_t time_ms)
{
    struct entry *entry = mempool->oldest;
    while (entry != NULL) {
        struct entry *newer = entry->newer;
        /* "valid iff T < expires": no later block can hold it. */
        if (entry->tx->expires_ms <= time_ms) {
            finish(mempool, entry, ERR_TX_EXPIRED, NULL, 0);
        }
        entry = newer;
    }
}

size_t mempool_candidates(const struct mempool *mempool, struct tx **out, size_t txs_max,
                          size_t bytes_max, int64_t arrived_by_ms)
{
    size_t count = 0;
    size_t bytes = 0;
    for (const struct entry *entry = mempool->oldest; entry != NULL; entry = entry->newer) {
        bytes += entry->tx->raw.len;
        if (count == txs_max || bytes > bytes_max || entry->arrived_ms > arrived_by_ms) {
            break;
        }
        out[count++] = entry->tx;
    }
    return count;
}

struct tx *mempool_next_local(const struct mempool *mempool, const struct tx *after)
{
    const struct entry *entry = mempool->oldest;
    if (after != NULL) {
        entry = find(mempool, &after->id);
        entry = entry != NULL ? entry->newer : NULL;
    }
    while (entry != NULL && !entry->local) {
        entry = entry->newer;
    }
    return entry != NULL ? entry->tx : NULL;
}

size_t mempool_passed_over(struct mempool *mempool, struct tx **out, size_t txs_max,
                           int64_t arrived_by_ms, int64_t now_ms, int64_t again_ms)
{
    size_t count = 0;
    struct entry *entry = mempool->oldest;
    for (; entry != NULL && entry->arrived_ms <= arrived_by_ms; entry = entry->newer) {
        if (count == txs_max) {
            break;
        }
        if (entry->checked_ms == entry->arrived_ms || entry->checked_ms + again_ms <= now_ms) {
            entry->checked_ms = now_ms;
            out[count++] = entry->tx;
        }
    }
    return count;
}

struct mempool_stats mempool_stats(const struct mempool *mempool)
{
    return (struct mempool_stats){.txs = mempool->txs,
                                  .bytes = mempool->bytes,
                                  .waiters = mempool->waiters,
                                  .oldest_ms =
                                      mempool->oldest != NULL ? mempool->oldest->arrived_ms : 0};
}
