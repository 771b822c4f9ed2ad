/* Secrets: memory to keep them in, randomness, sealing under a passphrase. The only file that
 * knows libsodium is secret.c. All functions are safe from any thread. */
#ifndef DIRCHAIN_BASE_SECRET_H
#define DIRCHAIN_BASE_SECRET_H

#include "base/bytes.h"

#define SECRET_SALT_BYTES 16
#define SECRET_NONCE_BYTES 24
#define SECRET_SEAL_BYTES 16 /* a sealed box is that much longer than what it holds */
#define SECRET_SEED_BYTES 32
#define SECRET_PEER_KEY_BYTES 32

/* Memory between guard pages, kept out of swap and core dumps where the system allows it, wiped
 * when released. Never NULL. */
void *secret_alloc(size_t bytes);
void secret_free(void *secret); /* NULL is fine */
/* From here on until secret_free a write to it is a crash. */
void secret_protect(void *secret);

/* In a time that depends on the length only. */
bool secret_equal(const void *a, const void *b, size_t bytes);
void secret_random(void *out, size_t bytes); /* from the system */

/* The bytes under a passphrase, sealed by secretbox with an argon2id key. */
struct secret_cost {
    uint32_t ops;     /* passes, 1… */
    uint32_t mem_kib; /* 8… */
};
struct secret_lock {
    struct secret_cost cost;
    uint8_t salt[SECRET_SALT_BYTES];
    uint8_t nonce[SECRET_NONCE_BYTES];
};
/* `out` has len + SECRET_SEAL_BYTES. ERR_UNAVAILABLE without memory for the derivation. */
int secret_seal(uint8_t *out, const struct secret_lock *lock, struct view passphrase,
                const uint8_t *secret, size_t len);
/* `out`, in secret memory, has sealed.len - SECRET_SEAL_BYTES. ERR_PASSPHRASE when the seal does
 * not hold (one cannot tell a wrong passphrase from a damaged box), ERR_UNAVAILABLE. */
int secret_unseal(uint8_t *out, const struct secret_lock *lock, struct view passphrase,
                  struct view sealed);

/* The Ed25519 public key of a seed (RFC 8032). */
void secret_peer_key(uint8_t out[SECRET_PEER_KEY_BYTES], const uint8_t seed[SECRET_SEED_BYTES]);

#endif
