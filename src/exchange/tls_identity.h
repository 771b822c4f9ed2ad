/* Who a gateway is towards other gateways: the Ed25519 key of its node (peer_key on the ledger) in
 * a self-signed certificate. As on the peer channel, the key alone counts: no names, no
 * authorities, no dates. */
#ifndef DIRCHAIN_EXCHANGE_TLS_IDENTITY_H
#define DIRCHAIN_EXCHANGE_TLS_IDENTITY_H

#include "base/bytes.h"

#define TLS_KEY_BYTES 32
#define TLS_PIN_CHARS 64 /* "sha256//" and 44 characters, and NUL fit */

struct tls_identity {
    uint8_t key[TLS_KEY_BYTES]; /* public */
    char *certificate_pem;
    char *key_pem; /* in secret memory */
};

/* From the 32-byte seed. ERR_KEY_INVALID, ERR_UNAVAILABLE (OpenSSL). */
int tls_identity_open(struct tls_identity *out, const uint8_t seed[TLS_KEY_BYTES]);
void tls_identity_close(struct tls_identity *identity); /* wipes */

/* What a TLS client compares the other side's key with: "sha256//" and base64 of the SHA-256 of its
 * SubjectPublicKeyInfo (RFC 8410). */
void tls_pin_of_key(char out[TLS_PIN_CHARS], const uint8_t key[TLS_KEY_BYTES]);

#endif
