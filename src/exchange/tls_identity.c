/* The gateway's key and certificate as PEM, made at start from the seed. */
#include "exchange/tls_identity.h"

#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/secret.h"
#include "exchange/key_certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

static char *certificate_to_pem(EVP_PKEY *key)
{
    char *data = NULL, *text = NULL;
    X509 *certificate = key_certificate_new(key, "dirchain gateway");
    BIO *bio = BIO_new(BIO_s_mem());
    if (certificate != NULL && bio != NULL && PEM_write_bio_X509(bio, certificate) == 1) {
        long len = BIO_get_mem_data(bio, &data);
        text = memory_alloc((size_t)len + 1);
        memcpy(text, data, (size_t)len);
    }
    BIO_free(bio);
    X509_free(certificate);
    return text;
}

static char *key_to_pem(EVP_PKEY *key)
{
    char *data = NULL, *text = NULL;
    BIO *bio = BIO_new(BIO_s_secmem());
    if (bio != NULL && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long len = BIO_get_mem_data(bio, &data);
        text = secret_alloc((size_t)len + 1);
        memcpy(text, data, (size_t)len);
        text[len] = 0;
        memory_wipe(data, (size_t)len);
    }
    BIO_free(bio);
    return text;
}

int tls_identity_open(struct tls_identity *out, const uint8_t seed[TLS_KEY_BYTES])
{
    size_t len = TLS_KEY_BYTES;
    *out = (struct tls_identity){0};
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, TLS_KEY_BYTES);
    int error = ERR_KEY_INVALID;
    if (key != NULL && EVP_PKEY_get_raw_public_key(key, out->key, &len) == 1) {
        out->certificate_pem = certificate_to_pem(key);
        out->key_pem = key_to_pem(key);
        error = out->certificate_pem != NULL && out->key_pem != NULL ? 0 : ERR_UNAVAILABLE;
    }
    EVP_PKEY_free(key);
    if (error != 0) {
        ERR_clear_error();
        tls_identity_close(out);
    }
    return error;
}

void tls_identity_close(struct tls_identity *identity)
{
    memory_free(identity->certificate_pem);
    secret_free(identity->key_pem);
    *identity = (struct tls_identity){0};
}

void tls_pin_of_key(char out[TLS_PIN_CHARS], const uint8_t key[TLS_KEY_BYTES])
{
    /* SEQUENCE { SEQUENCE { OID 1.3.101.112 }, BIT STRING key } */
    static const uint8_t prefix[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                     0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    const struct view parts[] = {view_of(prefix, sizeof prefix), view_of(key, TLS_KEY_BYTES)};
    struct hash hash = hash_sha256_parts(parts, 2);
    unsigned char text[4 * ((HASH_BYTES + 2) / 3) + 1];
    (void)EVP_EncodeBlock(text, hash.bytes, HASH_BYTES);
    (void)snprintf(out, TLS_PIN_CHARS, "sha256//%s", (const char *)text);
}
