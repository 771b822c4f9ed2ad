/* Secrets. Owns the initialisation of libsodium, and translates between its interface and ours.
 * Derived keys and expanded keys live in guarded memory and no longer than the call. */
#include "base/secret.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>

static_assert(SECRET_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "argon2id");
static_assert(SECRET_NONCE_BYTES == crypto_secretbox_NONCEBYTES, "secretbox");
static_assert(SECRET_SEAL_BYTES == crypto_secretbox_MACBYTES, "secretbox");
static_assert(SECRET_SEED_BYTES == crypto_sign_SEEDBYTES, "Ed25519");
static_assert(SECRET_PEER_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "Ed25519");

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void set_up(void)
{
    ENSURE(sodium_init() >= 0);
}

void *secret_alloc(size_t bytes)
{
    pthread_once(&once, set_up);
    void *secret = sodium_malloc(bytes);
    ENSURE(secret != NULL); /* as memory_alloc: without memory there is no going on */
    return secret;
}

void secret_free(void *secret)
{
    sodium_free(secret);
}

void secret_protect(void *secret)
{
    ENSURE(sodium_mprotect_readonly(secret) == 0);
}

bool secret_equal(const void *a, const void *b, size_t bytes)
{
    return sodium_memcmp(a, b, bytes) == 0;
}

void secret_random(void *out, size_t bytes)
{
    pthread_once(&once, set_up);
    randombytes_buf(out, bytes);
}

static void release(uint8_t **secret)
{
    secret_free(*secret);
}

static int derive_key(uint8_t *key, const struct secret_lock *lock, struct view passphrase)
{
    const char *text = passphrase.len == 0 ? "" : (const char *)passphrase.data;
    int failed = crypto_pwhash_argon2id(
        key, crypto_secretbox_KEYBYTES, text, passphrase.len, lock->salt, lock->cost.ops,
        (size_t)lock->cost.mem_kib * 1024, crypto_pwhash_argon2id_ALG_ARGON2ID13);
    return failed ? ERR_UNAVAILABLE : 0;
}

int secret_seal(uint8_t *out, const struct secret_lock *lock, struct view passphrase,
                const uint8_t *secret, size_t len)
{
    AUTO(release) uint8_t *key = secret_alloc(crypto_secretbox_KEYBYTES);
    int error = derive_key(key, lock, passphrase);
    if (error == 0) {
        ENSURE(crypto_secretbox_easy(out, secret, len, lock->nonce, key) == 0);
    }
    return error;
}

int secret_unseal(uint8_t *out, const struct secret_lock *lock, struct view passphrase,
                  struct view sealed)
{
    AUTO(release) uint8_t *key = secret_alloc(crypto_secretbox_KEYBYTES);
    int error = derive_key(key, lock, passphrase);
    if (error == 0 &&
        crypto_secretbox_open_easy(out, sealed.data, sealed.len, lock->nonce, key) != 0) {
        error = ERR_PASSPHRASE;
    }
    return error;
}

void secret_peer_key(uint8_t out[SECRET_PEER_KEY_BYTES], const uint8_t seed[SECRET_SEED_BYTES])
{
    AUTO(release) uint8_t *expanded = secret_alloc(crypto_sign_SECRETKEYBYTES);
    ENSURE(crypto_sign_seed_keypair(out, expanded, seed) == 0);
}
