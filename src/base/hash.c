/* SHA-256 by OpenSSL's own functions for it. Most of what is hashed is a block or two long, and
 * then EVP's indirections cost as much again as the hashing (208 and 119 ns for 65 bytes). They are
 * deprecated since OpenSSL 3.0 in favour of EVP's choice of providers, of which we want none. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include "base/errors.h"
#include "base/memory.h"

#include <openssl/sha.h>
#include <string.h>

#define HMAC_BLOCK_BYTES 64

struct hash hash_sha256_parts(const struct view *parts, size_t count)
{
    SHA256_CTX context;
    SHA256_Init(&context);
    for (size_t i = 0; i < count; i++)
        SHA256_Update(&context, parts[i].data, parts[i].len);
    struct hash hash;
    SHA256_Final(hash.bytes, &context);
    return hash;
}

struct hash hash_sha256(struct view data)
{
    return hash_sha256_parts(&data, 1);
}

struct hash hash_tagged(const char *tag, struct view data)
{
    struct view parts[] = {view_of(tag, strlen(tag) + 1), data}; /* the tag's own NUL is the 0x00 */
    return hash_sha256_parts(parts, 2);
}

/* RFC 2104: H(key ^ opad ‖ H(key ^ ipad ‖ data)), key padded with zeros to a block. */
struct hash hash_hmac_sha256(struct view key, struct view data)
{
    uint8_t block[HMAC_BLOCK_BYTES] = {0};
    if (key.len > sizeof block) {
        struct hash short_key = hash_sha256(key);
        memcpy(block, short_key.bytes, HASH_BYTES);
        memory_wipe(&short_key, sizeof short_key);
    } else if (key.len > 0) {
        memcpy(block, key.data, key.len);
    }
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36;
    struct hash inner = hash_sha256_parts((struct view[]){view_of(block, sizeof block), data}, 2);
    for (size_t i = 0; i < sizeof block; i++)
        block[i] ^= 0x36 ^ 0x5c;
    struct hash outer =
        hash_sha256_parts((struct view[]){view_of(block, sizeof block), hash_view(&inner)}, 2);
    memory_wipe(block, sizeof block);
    return outer;
}

bool hash_equal(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES) == 0;
}

bool hash_is_zero(const struct hash *hash)
{
    static const struct hash zero;
    return hash_equal(hash, &zero);
}

int hash_compare(const struct hash *a, const struct hash *b)
{
    return memcmp(a->bytes, b->bytes, HASH_BYTES);
}

void hash_to_hex(char out[2 * HASH_BYTES + 1], const struct hash *hash)
{
    hex_encode(out, hash_view(hash));
}

int hash_from_hex(struct hash *out, const char *text)
{
    return text ? hex_decode(out->bytes, HASH_BYTES, view_of_text(text)) : ERR_HEX;
}

struct view hash_view(const struct hash *hash)
{
    return view_of(hash->bytes, HASH_BYTES);
}
