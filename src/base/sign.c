/* Signatures. Owns the one libsecp256k1 context of the process and the caches of parsed keys.
 *
 * Invariants:
 * - The context is made and blinded once, before its first use, and never changed afterwards, so
 *   every thread may use it without a lock.
 * - Parsing a compressed key costs a square root, about an eighth of a verification. Each thread
 *   keeps a direct-mapped cache of keys it has parsed; a slot holds only keys that are valid, and
 *   a key that falls on a taken slot replaces it. An attacker who grinds colliding keys costs us
 *   those square roots, nothing more. Nothing is shared, so nothing is locked.
 * - Both signature schemes are deterministic: the same key and digest give the same bytes. */
#include "base/sign.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <pthread.h>
#include <secp256k1.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>
#include <string.h>
#include <sys/random.h>

#define X_ONLY_MARK 0x58 /* first byte of an x-only entry; compressed keys begin with 2 or 3 */

union parsed_key {
    secp256k1_pubkey full;
    secp256k1_xonly_pubkey x_only;
};

struct cache_slot {
    uint8_t name[PUBLIC_KEY_BYTES]; /* first byte 0: empty */
    union parsed_key parsed;
};

struct key_cache {
    struct cache_slot slots[PARSED_KEYS_MAX];
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static secp256k1_context *context;
static pthread_key_t cache_owner; /* only for its destructor at the end of a thread */
static _Thread_local struct key_cache *thread_cache;

static void random_bytes(uint8_t *out, size_t len)
{
    /* Up to 256 bytes getrandom neither fails nor falls short once the system is up. */
    ENSURE(len <= 256 && getrandom(out, len, 0) == (ssize_t)len);
}

static void cache_release(void *cache)
{
    thread_cache = NULL;
    memory_free(cache);
}

static void set_up(void)
{
    uint8_t seed[32];
    context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    ENSURE(context != NULL);
    random_bytes(seed, sizeof seed);
    ENSURE(secp256k1_context_randomize(context, seed));
    memory_wipe(seed, sizeof seed);
    ENSURE(pthread_key_create(&cache_owner, cache_release) == 0);
}

static const secp256k1_context *signing_context(void)
{
    pthread_once(&once, set_up);
    return context;
}

static struct cache_slot *cache_slot_of(const uint8_t name[PUBLIC_KEY_BYTES])
{
    if (thread_cache == NULL) {
        thread_cache = memory_alloc(sizeof *thread_cache);
        ENSURE(pthread_setspecific(cache_owner, thread_cache) == 0);
    }
    /* The bytes of an x coordinate are as good as a hash of it. */
    unsigned bits = (unsigned)name[16] << 8 | name[17];
    return &thread_cache->slots[bits % PARSED_KEYS_MAX];
}

/* NULL if the key is not a point. The result is good until this thread parses the next key. */
static const secp256k1_pubkey *parse_public_key(const struct public_key *key)
{
    const secp256k1_context *ctx = signing_context();
    if (key->bytes[0] != 2 && key->bytes[0] != 3) {
        return NULL;
    }
    struct cache_slot *slot = cache_slot_of(key->bytes);
    if (memcmp(slot->name, key->bytes, PUBLIC_KEY_BYTES) != 0) {
        secp256k1_pubkey parsed;
        if (!secp256k1_ec_pubkey_parse(ctx, &parsed, key->bytes, PUBLIC_KEY_BYTES)) {
            return NULL;
        }
        slot->parsed.full = parsed;
        memcpy(slot->name, key->bytes, PUBLIC_KEY_BYTES);
    }
    return &slot->parsed.full;
}

static const secp256k1_xonly_pubkey *parse_vote_key(const struct vote_key *key)
{
    const secp256k1_context *ctx = signing_context();
    uint8_t name[PUBLIC_KEY_BYTES] = {X_ONLY_MARK};
    memcpy(name + 1, key->bytes, VOTE_KEY_BYTES);
    struct cache_slot *slot = cache_slot_of(name);
    if (memcmp(slot->name, name, PUBLIC_KEY_BYTES) != 0) {
        secp256k1_xonly_pubkey parsed;
        if (!secp256k1_xonly_pubkey_parse(ctx, &parsed, key->bytes)) {
            return NULL;
        }
        slot->parsed.x_only = parsed;
        memcpy(slot->name, name, PUBLIC_KEY_BYTES);
    }
    return &slot->parsed.x_only;
}

void sign_random_key(struct secret_key *out)
{
    const secp256k1_context *ctx = signing_context();
    do {
        random_bytes(out->bytes, SECRET_KEY_BYTES);
    } while (!secp256k1_ec_seckey_verify(ctx, out->bytes)); /* misses once in 2^128 */
}

int sign_public_key(struct public_key *out, const struct secret_key *secret)
{
    const secp256k1_context *ctx = signing_context();
    secp256k1_pubkey key;
    size_t len = PUBLIC_KEY_BYTES;
    if (!secp256k1_ec_pubkey_create(ctx, &key, secret->bytes)) {
        return ERR_KEY_INVALID;
    }
    secp256k1_ec_pubkey_serialize(ctx, out->bytes, &len, &key, SECP256K1_EC_COMPRESSED);
    ENSURE(len == PUBLIC_KEY_BYTES);
    return 0;
}

int sign_vote_key(struct vote_key *out, const struct secret_key *secret)
{
    struct public_key full;
    int error = sign_public_key(&full, secret);
    if (error == 0) {
        memcpy(out->bytes, full.bytes + 1, VOTE_KEY_BYTES); /* x-only: drop the sign of y */
    }
    return error;
}

bool public_key_valid(const struct public_key *key)
{
    return parse_public_key(key) != NULL;
}

bool vote_key_valid(const struct vote_key *key)
{
    return parse_vote_key(key) != NULL;
}

int es256k_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest)
{
    const secp256k1_context *ctx = signing_context();
    secp256k1_ecdsa_signature signature;
    /* No nonce function named: RFC 6979. The library always answers with low S. */
    if (!secp256k1_ecdsa_sign(ctx, &signature, digest->bytes, secret->bytes, NULL, NULL)) {
        return ERR_KEY_INVALID;
    }
    secp256k1_ecdsa_signature_serialize_compact(ctx, out->bytes, &signature);
    return 0;
}

bool es256k_verify(const struct public_key *key, const struct hash *digest,
                   const struct signature *signature)
{
    const secp256k1_context *ctx = signing_context();
    secp256k1_ecdsa_signature parsed;
    const secp256k1_pubkey *point = parse_public_key(key);
    if (point == NULL || !secp256k1_ecdsa_signature_parse_compact(ctx, &parsed, signature->bytes)) {
        return false;
    }
    /* The library refuses high S, which other libraries emit as often as not. Accepting both is
     * safe here: a txid does not cover the signature, so there is nothing to malleate. */
    secp256k1_ecdsa_signature_normalize(ctx, &parsed, &parsed);
    return secp256k1_ecdsa_verify(ctx, &parsed, digest->bytes, point) == 1;
}

int schnorr_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest)
{
    const secp256k1_context *ctx = signing_context();
    secp256k1_keypair pair;
    if (!secp256k1_keypair_create(ctx, &pair, secret->bytes)) {
        return ERR_KEY_INVALID;
    }
    /* No auxiliary randomness: runs of the simulator must repeat byte for byte. */
    int done = secp256k1_schnorrsig_sign32(ctx, out->bytes, digest->bytes, &pair, NULL);
    memory_wipe(&pair, sizeof pair);
    return done ? 0 : ERR_KEY_INVALID;
}

bool schnorr_verify(const struct vote_key *key, const struct hash *digest,
                    const struct signature *signature)
{
    const secp256k1_context *ctx = signing_context();
    const secp256k1_xonly_pubkey *point = parse_vote_key(key);
    return point != NULL && secp256k1_schnorrsig_verify(ctx, signature->bytes, digest->bytes,
                                                        HASH_BYTES, point) == 1;
}
