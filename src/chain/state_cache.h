/* A cache of packed nodes of the state tree, bounded in bytes; what was not used lately goes first.
 *
 * A node is found by (version, path), and of each path only the newest version is kept: what a
 * commit replaces is never asked for again. Owner thread only; what it holds never changes a
 * result, only its cost. Internal to the state tree. */
#ifndef DIRCHAIN_CHAIN_STATE_CACHE_H
#define DIRCHAIN_CHAIN_STATE_CACHE_H

#include "base/hash.h"

struct state_cache;

struct state_cache *state_cache_new(size_t bytes_max);
void state_cache_free(struct state_cache **cache);

/* The node at the first `depth` nibbles of `path` as of `version`; borrowed until the next call. */
bool state_cache_get(struct state_cache *cache, struct view *packed, uint64_t version,
                     const struct hash *path, unsigned depth);
/* Replaces another version of the same place, unless that one is newer. */
void state_cache_put(struct state_cache *cache, struct view packed, uint64_t version,
                     const struct hash *path, unsigned depth);
void state_cache_drop(struct state_cache *cache, const struct hash *path, unsigned depth);
/* A place that will be asked for soon: memory is slow, and several ways to it can be gone at once.
 * First FAR for all of them, later NEAR for all of them, then ask. */
enum state_cache_ahead { STATE_CACHE_FAR, STATE_CACHE_NEAR };
void state_cache_ahead(const struct state_cache *cache, enum state_cache_ahead stage,
                       const struct hash *path, unsigned depth);
size_t state_cache_bytes(const struct state_cache *cache);

#endif
