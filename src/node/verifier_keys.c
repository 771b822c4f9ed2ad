/* A table with open addressing under a lock of its own, held for one look-up. */
#include "node/verifier_keys.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>

#define KEY_SLOTS (2 * VERIFIER_KEYS_MAX)

struct known_key {
    char member[MEMBER_ID_CHARS + 1];
    char name[KEY_NAME_CHARS_MAX + 1];
    struct public_key key;
};

struct verifier_keys {
    pthread_mutex_t lock;
    size_t count;
    struct known_key *slot; /* KEY_SLOTS */
};

static struct known_key *key_slot(const struct verifier_keys *keys, const char *member,
                                  const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */
    for (const char *c = member; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    }
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * UINT64_C(1099511628211);
    }
    for (size_t i = (size_t)hash % KEY_SLOTS;; i = (i + 1) % KEY_SLOTS) {
        struct known_key *slot = &keys->slot[i];
        if (slot->member[0] == '\0' ||
            (strcmp(slot->member, member) == 0 && strcmp(slot->name, name) == 0)) {
            return slot;
        }
    }
}

bool verifier_keys_find(struct verifier_keys *keys, struct public_key *out, const struct tx *tx)
{
    pthread_mutex_lock(&keys->lock);
    const struct known_key *slot = key_slot(keys, tx->member, tx->key_name);
    bool found = slot->member[0] != '\0';
    *out = slot->key;
    pthread_mutex_unlock(&keys->lock);
    return found;
}

/* Only keys that the ledger knows come here; a full cache starts again. */
void verifier_keys_learn(struct verifier_keys *keys, const struct tx *tx,
                         const struct public_key *key)
{
    pthread_mutex_lock(&keys->lock);
    if (keys->count >= VERIFIER_KEYS_MAX) {
        memset(keys->slot, 0, KEY_SLOTS * sizeof *keys->slot);
        keys->count = 0;
    }
    struct known_key *slot = key_slot(keys, tx->member, tx->key_name);
    if (slot->member[0] == '\0') {
        memcpy(slot->member, tx->member, sizeof slot->member);
        memcpy(slot->name, tx->key_name, sizeof slot->name);
        keys->count++;
    }
    slot->key = *key;
    pthread_mutex_unlock(&keys->lock);
}

struct verifier_keys *verifier_keys_open(void)
{
    struct verifier_keys *keys = memory_alloc(sizeof *keys);
    ENSURE(pthread_mutex_init(&keys->lock, NULL) == 0);
    keys->slot = memory_alloc(KEY_SLOTS * sizeof *keys->slot);
    return keys;
}

void verifier_keys_free(struct verifier_keys **keys)
{
    pthread_mutex_destroy(&(*keys)->lock);
    memory_free((*keys)->slot);
    memory_free(*keys);
    *keys = NULL;
}
