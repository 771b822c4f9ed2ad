/* Open addressing with linear probing, at most three quarters full. Removal moves the items behind
 * the gap back, so that a search ends at the first empty slot and no tombstones pile up. */
#include "chain/key_table.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "base/sign.h"

#include <pthread.h>
#include <string.h>

#define CAPACITY_MIN 64
#define MULTIPLIER UINT64_C(0x9E3779B97F4A7C15)

__extension__ typedef unsigned __int128 wide;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint64_t seed;

static void set_seed(void)
{
    struct secret_key random;
    sign_random_key(&random);
    memcpy(&seed, random.bytes, sizeof seed);
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t key_hash(const char *key, size_t len)
{
    pthread_once(&once, set_seed);
    uint64_t hash = seed ^ len;
    for (; len >= 8; key += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, key, 8);
        hash = mix(hash ^ word, MULTIPLIER ^ seed);
    }
    uint64_t tail = 0;
    memcpy(&tail, key, len);
    return mix(mix(hash ^ tail, MULTIPLIER), MULTIPLIER ^ seed);
}

static size_t slot_of(const struct key_table *table, uint64_t hash)
{
    return (size_t)hash & (table->capacity - 1);
}

static size_t slot_after(const struct key_table *table, size_t slot)
{
    return (slot + 1) & (table->capacity - 1);
}

void *key_table_find(const struct key_table *table, const char *key, uint64_t hash)
{
    if (table->capacity == 0) {
        return NULL;
    }
    for (size_t i = slot_of(table, hash); table->slots[i] != NULL; i = slot_after(table, i)) {
        if (table->slots[i]->hash == hash && strcmp(table->slots[i]->key, key) == 0) {
            return table->slots[i];
        }
    }
    return NULL;
}

static void place(struct key_table *table, struct key_item *item)
{
    size_t i = slot_of(table, item->hash);
    while (table->slots[i] != NULL) {
        i = slot_after(table, i);
    }
    table->slots[i] = item;
}

static void grow(struct key_table *table)
{
    struct key_table larger = {.count = table->count};
    larger.capacity = table->capacity == 0 ? CAPACITY_MIN : table->capacity * 2;
    larger.slots = memory_alloc(larger.capacity * sizeof *larger.slots);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i] != NULL) {
            place(&larger, table->slots[i]);
        }
    }
    memory_free(table->slots);
    *table = larger;
}

void key_table_insert(struct key_table *table, void *item)
{
    const struct key_item *new_item = item;
    ENSURE(key_table_find(table, new_item->key, new_item->hash) == NULL);
    if ((table->count + 1) * 4 > table->capacity * 3) {
        grow(table);
    }
    place(table, item);
    table->count++;
}

void key_table_remove(struct key_table *table, void *item)
{
    const struct key_item *old_item = item;
    ENSURE(table->count > 0);
    size_t gap = slot_of(table, old_item->hash);
    while (table->slots[gap] != item) {
        ENSURE(table->slots[gap] != NULL);
        gap = slot_after(table, gap);
    }
    /* An item further on may fill the gap iff its home slot does not lie between gap and it. */
    for (size_t i = slot_after(table, gap); table->slots[i] != NULL; i = slot_after(table, i)) {
        size_t home = slot_of(table, table->slots[i]->hash);
        size_t mask = table->capacity - 1;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            table->slots[gap] = table->slots[i];
            gap = i;
        }
    }
    table->slots[gap] = NULL;
    table->count--;
}

void key_table_clear(struct key_table *table, void (*release)(void *item))
{
    for (size_t i = 0; i < table->capacity && release != NULL; i++) {
        if (table->slots[i] != NULL) {
            release(table->slots[i]);
        }
    }
    memory_free(table->slots);
    *table = (struct key_table){0};
}
