/* Signatures on secp256k1: ES256K (RFC 8812) for transactions, BIP-340 Schnorr for votes. The
 * only file that knows libsecp256k1 is sign.c. All functions are safe from any thread.
 *
 * One secret key has two public forms: compressed (33 bytes, ES256K) and x-only (32, BIP-340).
 * A validator's vote key and an officer's key are always different secrets. */
#ifndef DIRCHAIN_BASE_SIGN_H
#define DIRCHAIN_BASE_SIGN_H

#include "base/hash.h"

#define SECRET_KEY_BYTES 32
#define PUBLIC_KEY_BYTES 33
#define VOTE_KEY_BYTES 32
#define SIGNATURE_BYTES 64

struct secret_key {
    uint8_t bytes[SECRET_KEY_BYTES];
};
struct public_key {
    uint8_t bytes[PUBLIC_KEY_BYTES]; /* compressed SEC1 */
};
struct vote_key {
    uint8_t bytes[VOTE_KEY_BYTES]; /* x-only */
};
struct signature {
    uint8_t bytes[SIGNATURE_BYTES]; /* ES256K: r‖s, both big-endian */
};

void sign_random_key(struct secret_key *out); /* from the system's randomness */
int sign_public_key(struct public_key *out, const struct secret_key *secret); /* ERR_KEY_INVALID */
int sign_vote_key(struct vote_key *out, const struct secret_key *secret);     /* ERR_KEY_INVALID */
bool public_key_valid(const struct public_key *key); /* is a point on the curve */
bool vote_key_valid(const struct vote_key *key);

/* ES256K over the SHA-256 digest of the message; deterministic nonce, always low-S.
 * ERR_KEY_INVALID. */
int es256k_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest);
/* Accepts low-S and high-S (other libraries emit it). Parsed keys are cached, bounded. */
bool es256k_verify(const struct public_key *key, const struct hash *digest,
                   const struct signature *signature);

/* BIP-340 over the digest; deterministic too. ERR_KEY_INVALID. */
int schnorr_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest);
bool schnorr_verify(const struct vote_key *key, const struct hash *digest,
                    const struct signature *signature);

#endif
