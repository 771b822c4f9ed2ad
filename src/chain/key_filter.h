/* Which keys may be there: a Bloom filter in blocks of a cache line, growing in layers.
 *
 * It answers "no" only for keys never added; "perhaps" is wrong for about one absent key in a
 * hundred. Keys are given by key_hash (key_table.h), whose seed is secret, so nobody can prepare
 * keys that pass. Memory: about 1.5 bytes a key of capacity, two bits a key more when it grew. */
#ifndef DIRCHAIN_CHAIN_KEY_FILTER_H
#define DIRCHAIN_CHAIN_KEY_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct key_filter;

/* For about `expected` keys; more are fine. */
struct key_filter *key_filter_new(uint64_t expected);
void key_filter_free(struct key_filter **filter);
void key_filter_add(struct key_filter *filter, uint64_t hash);
bool key_filter_may_have(const struct key_filter *filter, uint64_t hash);

#endif
