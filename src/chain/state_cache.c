/* The node cache: a chained hash table whose entries also stand in a ring, swept by a clock hand:
 * an entry used since the hand last passed is passed over once more. (Moving entries about in order
 * of use would touch two neighbours more at every use, and memory is what this costs.)
 *
 * Invariants: every entry is in one chain and in the ring; bytes = Σ cost(entry) ≤ bytes_max after
 * each call; at most one entry for each path. The table doubles when chains grow beyond one on
 * average and never shrinks: it is small beside what it points to. */
#include "chain/state_cache.h"

#include "base/memory.h"

#include <endian.h>
#include <string.h>

#define BUCKETS_MIN 1024
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15)

/* The path's first nibbles as big-endian words, zeros behind. */
struct prefix {
    uint64_t word[HASH_BYTES / 8];
};

struct entry {
    struct entry *chained;
    uint64_t version;
    struct prefix prefix;
    uint8_t depth;
    bool used; /* since the hand passed */
    uint32_t len, capacity;
    struct entry *next, *previous; /* in the ring */
    uint8_t packed[];
};

struct state_cache {
    struct entry **bucket;
    size_t bucket_count; /* a power of two */
    struct entry *hand;  /* NULL when empty */
    size_t count;
    size_t bytes, bytes_max;
};

static size_t cost(const struct entry *entry)
{
    return sizeof *entry + entry->capacity + 2 * sizeof(void *); /* with malloc's own and bucket */
}

/* ---- ring ---- */

/* Just behind the hand: the last that it comes to. */
static void ring_add(struct state_cache *cache, struct entry *entry)
{
    struct entry *hand = cache->hand;
    if (!hand) {
        cache->hand = entry->next = entry->previous = entry;
        return;
    }
    entry->next = hand;
    entry->previous = hand->previous;
    entry->previous->next = entry;
    hand->previous = entry;
}

static void ring_remove(struct state_cache *cache, struct entry *entry)
{
    entry->next->previous = entry->previous;
    entry->previous->next = entry->next;
    if (cache->hand == entry)
        cache->hand = entry->next == entry ? NULL : entry->next;
}

/* ---- table ---- */

static struct prefix prefix_of(const struct hash *path, unsigned depth)
{
    struct prefix prefix = {{0}};
    int bits = (int)depth * 4;
    for (unsigned i = 0; bits > 0; i++, bits -= 64) {
        uint64_t word;
        memcpy(&word, path->bytes + 8 * i, sizeof word);
        word = be64toh(word);
        prefix.word[i] = bits < 64 ? word & ~(UINT64_MAX >> bits) : word;
    }
    return prefix;
}

static bool prefix_equal(const struct prefix *a, const struct prefix *b)
{
    return ((a->word[0] ^ b->word[0]) | (a->word[1] ^ b->word[1]) | (a->word[2] ^ b->word[2]) |
            (a->word[3] ^ b->word[3])) == 0;
}

/* Paths are hashes already; the upper half of a product sees all of the first sixteen nibbles. */
static struct entry **bucket_of(const struct state_cache *cache, const struct prefix *prefix,
                                unsigned depth)
{
    uint64_t mixed = ((prefix->word[0] >> 16) ^ prefix->word[0] ^ depth) * MULTIPLIER;
    return &cache->bucket[(mixed >> 32) & (cache->bucket_count - 1)];
}

/* The link that points to the entry, or to NULL at the end of its chain. */
static struct entry **find(const struct state_cache *cache, const struct prefix *prefix,
                           unsigned depth)
{
    struct entry **link = bucket_of(cache, prefix, depth);
    while (*link && ((*link)->depth != depth || !prefix_equal(&(*link)->prefix, prefix)))
        link = &(*link)->chained;
    return link;
}

static void grow(struct state_cache *cache)
{
    struct entry **old = cache->bucket;
    size_t old_count = cache->bucket_count;
    cache->bucket_count *= 2;
    cache->bucket = memory_alloc(cache->bucket_count * sizeof *cache->bucket);
    for (size_t i = 0; i < old_count; i++) {
        for (struct entry *entry = old[i]; entry;) {
            struct entry *next = entry->chained;
            struct entry **head = bucket_of(cache, &entry->prefix, entry->depth);
            entry->chained = *head;
            *head = entry;
            entry = next;
        }
    }
    memory_free(old);
}

static void remove_at(struct state_cache *cache, struct entry **link)
{
    struct entry *entry = *link;
    *link = entry->chained;
    ring_remove(cache, entry);
    cache->bytes -= cost(entry);
    cache->count--;
    memory_free(entry);
}

static void shrink(struct state_cache *cache)
{
    while (cache->bytes > cache->bytes_max) {
        struct entry *entry = cache->hand;
        cache->hand = entry->next;
        if (entry->used)
            entry->used = false;
        else
            remove_at(cache, find(cache, &entry->prefix, entry->depth));
    }
}

/* ---- the cache ---- */

struct state_cache *state_cache_new(size_t bytes_max)
{
    struct state_cache *cache = memory_alloc(sizeof *cache);
    cache->bucket_count = BUCKETS_MIN;
    cache->bucket = memory_alloc(cache->bucket_count * sizeof *cache->bucket);
    cache->bytes_max = bytes_max;
    return cache;
}

void state_cache_free(struct state_cache **cache)
{
    if (!*cache)
        return;
    (*cache)->bytes_max = 0;
    shrink(*cache);
    memory_free((*cache)->bucket);
    memory_free(*cache);
    *cache = NULL;
}

bool state_cache_get(struct state_cache *cache, struct view *packed, uint64_t version,
                     const struct hash *path, unsigned depth)
{
    struct prefix prefix = prefix_of(path, depth);
    struct entry *entry = *find(cache, &prefix, depth);
    if (!entry || entry->version != version)
        return false;
    entry->used = true;
    *packed = view_of(entry->packed, entry->len);
    return true;
}

static void add(struct state_cache *cache, struct view packed, uint64_t version,
                const struct prefix *prefix, unsigned depth)
{
    if (cache->count == cache->bucket_count)
        grow(cache);
    size_t capacity = (packed.len + 63) / 64 * 64;
    struct entry *entry = memory_alloc(sizeof *entry + capacity);
    entry->version = version;
    entry->prefix = *prefix;
    entry->depth = (uint8_t)depth;
    entry->len = (uint32_t)packed.len;
    entry->capacity = (uint32_t)capacity;
    memcpy(entry->packed, packed.data, packed.len);
    struct entry **head = bucket_of(cache, prefix, depth);
    entry->chained = *head;
    *head = entry;
    entry->used = true;
    ring_add(cache, entry);
    cache->bytes += cost(entry);
    cache->count++;
}

void state_cache_put(struct state_cache *cache, struct view packed, uint64_t version,
                     const struct hash *path, unsigned depth)
{
    struct prefix prefix = prefix_of(path, depth);
    struct entry **link = find(cache, &prefix, depth);
    struct entry *entry = *link;
    if (entry && entry->version > version)
        return;
    if (entry && entry->capacity >= packed.len) { /* the usual case: nothing to allocate */
        entry->version = version;
        entry->len = (uint32_t)packed.len;
        memcpy(entry->packed, packed.data, packed.len);
        entry->used = true;
        return;
    }
    if (entry)
        remove_at(cache, link);
    add(cache, packed, version, &prefix, depth);
    shrink(cache);
}

void state_cache_drop(struct state_cache *cache, const struct hash *path, unsigned depth)
{
    struct prefix prefix = prefix_of(path, depth);
    struct entry **link = find(cache, &prefix, depth);
    if (*link)
        remove_at(cache, link);
}

/* Far: the bucket; near: what it points to, whose pointer is here by now. */
void state_cache_ahead(const struct state_cache *cache, enum state_cache_ahead stage,
                       const struct hash *path, unsigned depth)
{
    struct prefix prefix = prefix_of(path, depth);
    struct entry **bucket = bucket_of(cache, &prefix, depth);
    if (stage == STATE_CACHE_FAR) {
        __builtin_prefetch(bucket);
    } else if (*bucket) {
        __builtin_prefetch(*bucket);
        __builtin_prefetch((*bucket)->packed);
        __builtin_prefetch((*bucket)->packed + 64);
    }
}

size_t state_cache_bytes(const struct state_cache *cache)
{
    return cache->bytes;
}
