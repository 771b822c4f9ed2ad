/* TLS 1.3 over memory BIOs. The certificate is only a wrapper for the Ed25519 key: the verify
 * callback takes the key out of whatever certificate the other side shows and asks whether that
 * key is known; TLS itself proves possession of it. No session is resumed, so that a key that is
 * no longer pinned cannot come back by a ticket. */
#include "node/peer_tls.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/key_certificate.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#define ALPN                                                                                       \
    "\x0a"                                                                                         \
    "dirchain/1"
#define READ_CHUNK_BYTES (64 * 1024)

struct peer_tls_identity {
    SSL_CTX *context;
    struct peer_key key;
    peer_tls_known known;
    void *known_context;
};

struct peer_tls {
    struct peer_tls_identity *identity;
    SSL *ssl;
    BIO *in;  /* owned by ssl */
    BIO *out; /* owned by ssl */
    bool has_expected;
    struct peer_key expected;
    struct peer_key peer;
    bool peer_known;
    bool failed;
    char failure[96];
};

static int fail(struct peer_tls *channel, const char *what)
{
    if (!channel->failed) {
        unsigned long code = ERR_peek_error();
        const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;
        snprintf(channel->failure, sizeof channel->failure, "%s%s%s", what,
                 reason != NULL ? ": " : "", reason != NULL ? reason : "");
        channel->failed = true;
    }
    ERR_clear_error();
    return ERR_NETWORK;
}

/* Called with the certificate the other side shows; its signature, names and dates say nothing. */
static int verify_key(X509_STORE_CTX *store, void *unused)
{
    (void)unused;
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct peer_tls *channel = SSL_get_app_data(ssl);
    X509 *certificate = X509_STORE_CTX_get0_cert(store);
    EVP_PKEY *key = certificate != NULL ? X509_get0_pubkey(certificate) : NULL;
    size_t len = PEER_KEY_BYTES;
    struct peer_key shown;
    channel->peer_known = false;
    if (key == NULL || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519 ||
        EVP_PKEY_get_raw_public_key(key, shown.bytes, &len) != 1 || len != PEER_KEY_BYTES) {
        snprintf(channel->failure, sizeof channel->failure, "no Ed25519 key in the certificate");
    } else if (channel->has_expected &&
               memcmp(shown.bytes, channel->expected.bytes, PEER_KEY_BYTES) != 0) {
        snprintf(channel->failure, sizeof channel->failure, "another key than the one dialled");
    } else if (!channel->identity->known(channel->identity->known_context, &shown)) {
        snprintf(channel->failure, sizeof channel->failure, "the key belongs to no member");
    } else {
        channel->peer = shown;
        channel->peer_known = true;
    }
    channel->failed = channel->failed || !channel->peer_known;
    X509_STORE_CTX_set_error(store, channel->peer_known ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return channel->peer_known ? 1 : 0;
}

static int select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned in_len, void *unused)
{
    (void)ssl;
    (void)unused;
    unsigned char *chosen = NULL;
    static const unsigned char ours[] = ALPN;
    if (SSL_select_next_proto(&chosen, out_len, ours, sizeof ours - 1, in, in_len) !=
        OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static int use_key(SSL_CTX *context, EVP_PKEY *key)
{
    X509 *certificate = key_certificate_new(key, "dirchain peer");
    int done = certificate != NULL && SSL_CTX_use_certificate(context, certificate) == 1 &&
               SSL_CTX_use_PrivateKey(context, key) == 1;
    X509_free(certificate);
    return done ? 0 : ERR_UNAVAILABLE;
}

static int set_rules(SSL_CTX *context)
{
    static const unsigned char alpn[] = ALPN;
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(context, verify_key, NULL);
    SSL_CTX_set_alpn_select_cb(context, select_alpn, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
    bool done = SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
                SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
                SSL_CTX_set_num_tickets(context, 0) == 1 &&
                SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
                SSL_CTX_set1_client_sigalgs_list(context, "ed25519") == 1 &&
                SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
                SSL_CTX_set_ciphersuites(
                    context, "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
                SSL_CTX_set_alpn_protos(context, alpn, sizeof alpn - 1) == 0;
    return done ? 0 : ERR_UNAVAILABLE;
}

int peer_tls_identity_open(struct peer_tls_identity **out, const uint8_t seed[32],
                           peer_tls_known known, void *context)
{
    struct peer_tls_identity *identity = memory_alloc(sizeof *identity);
    *out = NULL;
    identity->known = known;
    identity->known_context = context;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, PEER_KEY_BYTES);
    size_t len = PEER_KEY_BYTES;
    int error = ERR_UNAVAILABLE;
    if (key == NULL || EVP_PKEY_get_raw_public_key(key, identity->key.bytes, &len) != 1) {
        error = ERR_KEY_INVALID;
    } else if ((identity->context = SSL_CTX_new(TLS_method())) != NULL) {
        error = set_rules(identity->context);
        error = error != 0 ? error : use_key(identity->context, key);
    }
    EVP_PKEY_free(key);
    if (error != 0) {
        ERR_clear_error();
        peer_tls_identity_close(&identity);
        return error;
    }
    *out = identity;
    return 0;
}

void peer_tls_identity_close(struct peer_tls_identity **identity)
{
    if (*identity != NULL) {
        SSL_CTX_free((*identity)->context);
        memory_free(*identity);
        *identity = NULL;
    }
}

void peer_tls_identity_key(struct peer_key *out, const struct peer_tls_identity *identity)
{
    *out = identity->key;
}

static struct peer_tls *channel_new(struct peer_tls_identity *identity)
{
    struct peer_tls *channel = memory_alloc(sizeof *channel);
    channel->identity = identity;
    channel->ssl = memory_must(SSL_new(identity->context));
    channel->in = memory_must(BIO_new(BIO_s_mem()));
    channel->out = memory_must(BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(channel->in, -1); /* empty means "more to come", not the end */
    SSL_set_bio(channel->ssl, channel->in, channel->out);
    SSL_set_app_data(channel->ssl, channel);
    return channel;
}

struct peer_tls *peer_tls_accept(struct peer_tls_identity *identity)
{
    struct peer_tls *channel = channel_new(identity);
    SSL_set_accept_state(channel->ssl);
    return channel;
}

struct peer_tls *peer_tls_dial(struct peer_tls_identity *identity, const struct peer_key *expected)
{
    struct peer_tls *channel = channel_new(identity);
    if (expected != NULL) {
        channel->has_expected = true;
        channel->expected = *expected;
    }
    SSL_set_connect_state(channel->ssl);
    (void)SSL_do_handshake(channel->ssl); /* the first flight; wants an answer */
    ERR_clear_error();
    return channel;
}

void peer_tls_close(struct peer_tls **channel)
{
    if (*channel != NULL) {
        SSL_free((*channel)->ssl);
        memory_free(*channel);
        *channel = NULL;
    }
}

/* Everything decrypted so far; stops when more ciphertext is needed. */
static int read_plain(struct peer_tls *channel, struct buf *plain)
{
    for (;;) {
        buf_reserve(plain, READ_CHUNK_BYTES);
        size_t got = 0;
        ERR_clear_error();
        int status = SSL_read_ex(channel->ssl, plain->data + plain->len, READ_CHUNK_BYTES, &got);
        if (status == 1) {
            plain->len += got;
            continue;
        }
        int why = SSL_get_error(channel->ssl, status);
        if (why == SSL_ERROR_WANT_READ) {
            return 0;
        }
        return fail(channel, why == SSL_ERROR_ZERO_RETURN ? "closed by the other side" : "TLS");
    }
}

int peer_tls_receive(struct peer_tls *channel, struct buf *plain, struct view ciphertext)
{
    if (channel->failed) {
        return ERR_NETWORK;
    }
    if (ciphertext.len > INT32_MAX ||
        BIO_write(channel->in, ciphertext.data, (int)ciphertext.len) != (int)ciphertext.len) {
        return fail(channel, "buffer");
    }
    if (!SSL_is_init_finished(channel->ssl)) {
        ERR_clear_error();
        int status = SSL_do_handshake(channel->ssl);
        if (status != 1) {
            return SSL_get_error(channel->ssl, status) == SSL_ERROR_WANT_READ
                       ? 0
                       : fail(channel, "handshake");
        }
    }
    return read_plain(channel, plain);
}

int peer_tls_send(struct peer_tls *channel, struct view plain)
{
    while (plain.len > 0) {
        size_t put = 0;
        ERR_clear_error();
        if (channel->failed || SSL_write_ex(channel->ssl, plain.data, plain.len, &put) != 1) {
            return fail(channel, "TLS");
        }
        plain = view_of(plain.data + put, plain.len - put);
    }
    return 0;
}

struct view peer_tls_outgoing(struct peer_tls *channel)
{
    char *data = NULL;
    long len = BIO_get_mem_data(channel->out, &data);
    return view_of(data, len > 0 ? (size_t)len : 0);
}

/* BIO_reset would fill all that the buffer ever held with zeros. */
void peer_tls_written(struct peer_tls *channel, size_t len)
{
    uint8_t sink[16384];
    while (len > 0) {
        int got = BIO_read(channel->out, sink, (int)(len < sizeof sink ? len : sizeof sink));
        ENSURE(got > 0);
        len -= (size_t)got;
    }
}

bool peer_tls_ready(const struct peer_tls *channel)
{
    return !channel->failed && channel->peer_known && SSL_is_init_finished(channel->ssl);
}

const struct peer_key *peer_tls_peer(const struct peer_tls *channel)
{
    return &channel->peer;
}

const char *peer_tls_failure(const struct peer_tls *channel)
{
    return channel->failure;
}
