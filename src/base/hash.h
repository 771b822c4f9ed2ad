/* SHA-256 (OpenSSL EVP, fetched once, one context a thread). */
#ifndef DIRCHAIN_BASE_HASH_H
#define DIRCHAIN_BASE_HASH_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

#define HASH_BYTES 32

struct hash {
    uint8_t bytes[HASH_BYTES];
};

struct hash hash_sha256(struct view data);
/* Several parts as one message, in order. */
struct hash hash_sha256_parts(const struct view *parts, size_t count);
/* Domain-separated: SHA-256(tag text ‖ 0x00 ‖ data). Tags look like "dirchain/block/1". */
struct hash hash_tagged(const char *tag, struct view data);
struct hash hash_hmac_sha256(struct view key, struct view data);

bool hash_equal(const struct hash *a, const struct hash *b); /* not for secrets */
bool hash_is_zero(const struct hash *hash);
int hash_compare(const struct hash *a, const struct hash *b);
void hash_to_hex(char out[2 * HASH_BYTES + 1], const struct hash *hash);
int hash_from_hex(struct hash *out, const char *text); /* ERR_HEX; text may be NULL */
struct view hash_view(const struct hash *hash);

#endif
