/* A hash table by txid whose entries are also on a list in order of arrival, and on one of their
 * member's.
 *
 *   bucket[txid mod n] ──► entry ──► entry          oldest ◄──► … ◄──► newest
 *   member ──► share {txs, bytes, oldest ◄──► … ◄──► newest}, on a ring of those who have any
 *
 * txids are SHA-256 outputs: their first bytes are the hash. An attacker who grinds txids into one
 * bucket needs 2^16 signatures of his own member for each, and has a bounded share. */
#include "node/mempool_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

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
    size_t index = (size_t)txid->bytes[0] << 8 | txid->bytes[1]; /* below MEMPOOL_BUCKETS */
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
    uint64_t hash = key_hash(member, strlen(member));
    struct share *share = key_table_find(&mempool->shares, member, hash);
    if (share == NULL) {
        share = memory_alloc(sizeof *share);
        memcpy(share->member, member, strlen(member) + 1);
        share->item = (struct key_item){.key = share->member, .hash = hash};
        key_table_insert(&mempool->shares, share);
    }
    return share;
}

/* Last in the ring: just before the first. */
static void ring_join(struct mempool *mempool, struct share *share)
{
    struct share *first = mempool->first;
    if (first == NULL) {
        mempool->first = share->next = share->previous = share;
        return;
    }
    share->next = first;
    share->previous = first->previous;
    first->previous->next = share;
    first->previous = share;
}

static void ring_leave(struct mempool *mempool, struct share *share)
{
    share->previous->next = share->next;
    share->next->previous = share->previous;
    if (mempool->first == share) {
        mempool->first = share->next != share ? share->next : NULL;
    }
}

static void link_newest(struct mempool *mempool, struct entry *entry)
{
    struct share *share = entry->share;
    if (share->txs == 0) {
        ring_join(mempool, share);
    }
    entry->older = mempool->newest;
    *(entry->older != NULL ? &entry->older->newer : &mempool->oldest) = entry;
    mempool->newest = entry;
    entry->own_older = share->newest;
    *(entry->own_older != NULL ? &entry->own_older->own_newer : &share->oldest) = entry;
    share->newest = entry;
    mempool->txs++;
    mempool->bytes += entry->bytes;
    share->txs++;
    share->bytes += entry->bytes;
}

static void unlink_entry(struct mempool *mempool, struct entry *entry)
{
    struct share *share = entry->share;
    struct entry **at = bucket_of(mempool, &entry->tx->id);
    while (*at != entry) {
        at = &(*at)->bucket_next;
    }
    *at = entry->bucket_next;
    *(entry->older != NULL ? &entry->older->newer : &mempool->oldest) = entry->newer;
    *(entry->newer != NULL ? &entry->newer->older : &mempool->newest) = entry->older;
    *(entry->own_older != NULL ? &entry->own_older->own_newer : &share->oldest) = entry->own_newer;
    *(entry->own_newer != NULL ? &entry->own_newer->own_older : &share->newest) = entry->own_older;
    mempool->txs--;
    mempool->bytes -= entry->bytes;
    mempool->waiters -= entry->waiter_count;
    share->txs--;
    share->bytes -= entry->bytes;
    if (share->txs == 0) {
        ring_leave(mempool, share);
    }
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
    key_table_clear(&(*mempool)->shares, memory_free);
    memory_free(*mempool);
    *mempool = NULL;
}

/* ---- coming ---- */

static bool is_full(const struct mempool *mempool, size_t bytes)
{
    return mempool->txs >= mempool->limits.txs_max ||
           mempool->bytes + bytes > mempool->limits.bytes_max;
}

/* Who has most of what is short. */
static struct share *largest_share(const struct mempool *mempool, bool by_bytes)
{
    struct share *largest = mempool->first;
    for (struct share *share = largest->next; share != mempool->first; share = share->next) {
        if (by_bytes ? share->bytes > largest->bytes : share->txs > largest->txs) {
            largest = share;
        }
    }
    return largest;
}

/* Crowds out the newest of those who have most, while they still have no less than the newcomer's
 * member will have. Whoever is among the many that have little always finds room. */
static void make_room(struct mempool *mempool, const struct share *own, size_t bytes)
{
    while (mempool->txs > 0 && is_full(mempool, bytes)) {
        bool by_bytes = mempool->txs < mempool->limits.txs_max;
        struct share *largest = largest_share(mempool, by_bytes);
        struct entry *newest = largest->newest;
        if (by_bytes ? largest->bytes - newest->bytes < own->bytes + bytes
                     : largest->txs - 1 < own->txs + 1) {
            return;
        }
        finish(mempool, newest, ERR_UNAVAILABLE, NULL, 0);
    }
}

static struct entry *entry_make(struct share *share, struct tx *tx, bool local, int64_t now_ms)
{
    struct entry *entry = memory_alloc(sizeof *entry);
    entry->share = share;
    entry->tx = tx_ref(tx);
    entry->local = local;
    entry->arrived_ms = now_ms;
    entry->checked_ms = now_ms;
    entry->expires_ms = tx->expires_ms;
    entry->cost = tx->type->cost;
    entry->bytes = tx->raw.len;
    return entry;
}

int mempool_add(struct mempool *mempool, struct tx *tx, bool local, int64_t now_ms)
{
    ENSURE(tx->verified);
    if (find(mempool, &tx->id) != NULL) {
        return ERR_DUPLICATE;
    }
    const struct mempool_limits *limits = &mempool->limits;
    struct share *share = share_of(mempool, tx->member);
    if (share->txs >= limits->member_txs_max ||
        share->bytes + tx->raw.len > limits->member_bytes_max) {
        return ERR_QUOTA;
    }
    make_room(mempool, share, tx->raw.len);
    if (is_full(mempool, tx->raw.len)) {
        return ERR_UNAVAILABLE;
    }
    struct entry *entry = entry_make(share, tx, local, now_ms);
    struct entry **bucket = bucket_of(mempool, &tx->id);
    entry->number = mempool->arrivals++;
    entry->bucket_next = *bucket;
    *bucket = entry;
    link_newest(mempool, entry);
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
        if (entry->expires_ms <= time_ms) {
            finish(mempool, entry, ERR_TX_EXPIRED, NULL, 0);
        }
        entry = newer;
    }
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
