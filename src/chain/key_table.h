/* A hash table of items by their text key, for the ledger's own memory: overlay entries and cached
 * documents. The item holds its key; the table holds pointers.
 *
 * The hash is seeded once per process, so that nobody can prepare keys that collide; its order is
 * never visible: there is no iteration but to release everything. */
#ifndef DIRCHAIN_CHAIN_KEY_TABLE_H
#define DIRCHAIN_CHAIN_KEY_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* First member of an item. */
struct key_item {
    const char *key; /* owned by the item, unchanged while in a table */
    uint64_t hash;   /* key_hash(key, strlen(key)) */
};

struct key_table { /* {0} is empty */
    struct key_item **slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

uint64_t key_hash(const char *key, size_t len);
/* NULL if there is none. */
void *key_table_find(const struct key_table *table, const char *key, uint64_t hash);
void key_table_insert(struct key_table *table, void *item); /* ENSUREs the key is new */
void key_table_remove(struct key_table *table, void *item); /* ENSUREs it is there */
/* Takes every item out, giving each to `release` (may be NULL), and frees the table's memory. */
void key_table_clear(struct key_table *table, void (*release)(void *item));

#endif
