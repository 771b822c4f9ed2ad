/* The peer channel: who gets in, who does not, and that bytes arrive whole in any pieces. */
#include "check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "node/peer_tls.h"

#include <openssl/ssl.h>
#include <string.h>

struct side {
    struct peer_tls_identity *identity;
    struct peer_tls *channel;
    struct buf plain;
    struct peer_key own;
    struct peer_key known; /* whom it knows */
};

static bool knows(void *context, const struct peer_key *key)
{
    const struct side *side = context;
    return memcmp(side->known.bytes, key->bytes, PEER_KEY_BYTES) == 0;
}

static void side_open(struct side *side, uint8_t fill)
{
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    assert_int_equal(peer_tls_identity_open(&side->identity, seed, knows, side), 0);
    peer_tls_identity_key(&side->own, side->identity);
}

static void side_close(struct side *side)
{
    peer_tls_close(&side->channel);
    peer_tls_identity_close(&side->identity);
    buf_free(&side->plain);
}

/* Carries what one side has to say to the other, in pieces. Returns the receiver's error. */
static int carry(struct side *from, struct side *to, size_t piece)
{
    int error = 0;
    for (;;) {
        struct view bytes = peer_tls_outgoing(from->channel);
        if (bytes.len == 0) {
            return error;
        }
        size_t len = bytes.len < piece ? bytes.len : piece;
        if (error == 0) {
            error = peer_tls_receive(to->channel, &to->plain, view_of(bytes.data, len));
        }
        peer_tls_written(from->channel, len);
    }
}

static int shake_hands(struct side *client, struct side *server, size_t piece)
{
    int error = 0;
    for (int i = 0; i < 6; i++) {
        int forth = carry(client, server, piece);
        int back = carry(server, client, piece);
        error = error != 0 ? error : forth != 0 ? forth : back;
    }
    return error;
}

/* Two that know each other; the client has dialled, and nothing is said yet. */
static void open_pair(struct side *client, struct side *server)
{
    side_open(client, 1);
    side_open(server, 2);
    client->known = server->own;
    server->known = client->own;
    client->channel = peer_tls_dial(client->identity, &server->own);
    server->channel = peer_tls_accept(server->identity);
}

static void test_members_meet(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 7, 1000, 1 << 20};
    for (size_t i = 0; i < COUNT_OF(pieces); i++) {
        AUTO(side_close) struct side client = {0};
        AUTO(side_close) struct side server = {0};
        open_pair(&client, &server);
        assert_false(peer_tls_ready(client.channel));
        assert_int_equal(shake_hands(&client, &server, pieces[i]), 0);
        assert_true(peer_tls_ready(client.channel));
        assert_true(peer_tls_ready(server.channel));
        assert_memory_equal(peer_tls_peer(server.channel)->bytes, client.own.bytes, PEER_KEY_BYTES);
        assert_memory_equal(peer_tls_peer(client.channel)->bytes, server.own.bytes, PEER_KEY_BYTES);

        AUTO(buf_free) struct buf sent = {0};
        for (uint32_t word = 0; word < 60000; word++) {
            buf_append_u32(&sent, word * 2654435761u);
        }
        assert_int_equal(peer_tls_send(client.channel, view_of_buf(&sent)), 0);
        assert_int_equal(carry(&client, &server, pieces[i]), 0);
        assert_true(view_equal(view_of_buf(&sent), view_of_buf(&server.plain)));
        assert_int_equal(peer_tls_send(server.channel, view_of_text("answer")), 0);
        assert_int_equal(carry(&server, &client, pieces[i]), 0);
        assert_true(view_equal(view_of_text("answer"), view_of_buf(&client.plain)));
    }
}

/* A server that does not know the client: the client may believe for a moment that all is well
 * (TLS 1.3), but nothing it says gets through, and it learns. */
static void test_unknown_client(void **state)
{
    (void)state;
    AUTO(side_close) struct side client = {0};
    AUTO(side_close) struct side server = {0};
    side_open(&client, 1);
    side_open(&server, 2);
    client.known = server.own;
    client.channel = peer_tls_dial(client.identity, &server.own);
    server.channel = peer_tls_accept(server.identity);
    assert_int_equal(shake_hands(&client, &server, 1 << 20), ERR_NETWORK);
    assert_false(peer_tls_ready(server.channel));
    assert_non_null(strstr(peer_tls_failure(server.channel), "no member"));
    assert_int_equal(server.plain.len, 0);
    assert_false(peer_tls_ready(client.channel)); /* the alert has arrived */
}

static void test_unknown_server(void **state)
{
    (void)state;
    AUTO(side_close) struct side client = {0};
    AUTO(side_close) struct side server = {0};
    side_open(&client, 1);
    side_open(&server, 2);
    server.known = client.own;
    client.channel = peer_tls_dial(client.identity, NULL);
    server.channel = peer_tls_accept(server.identity);
    assert_int_equal(shake_hands(&client, &server, 1 << 20), ERR_NETWORK);
    assert_false(peer_tls_ready(client.channel));
    assert_false(peer_tls_ready(server.channel));
}

/* A member, but not the one that was dialled. */
static void test_another_member_answers(void **state)
{
    (void)state;
    AUTO(side_close) struct side client = {0};
    AUTO(side_close) struct side server = {0};
    AUTO(side_close) struct side other = {0};
    side_open(&client, 1);
    side_open(&server, 2);
    side_open(&other, 3);
    client.known = server.own;
    server.known = client.own;
    client.channel = peer_tls_dial(client.identity, &other.own);
    server.channel = peer_tls_accept(server.identity);
    assert_int_equal(shake_hands(&client, &server, 1 << 20), ERR_NETWORK);
    assert_false(peer_tls_ready(client.channel));
    assert_non_null(strstr(peer_tls_failure(client.channel), "dialled"));
}

static void test_changed_bytes(void **state)
{
    (void)state;
    AUTO(side_close) struct side client = {0};
    AUTO(side_close) struct side server = {0};
    open_pair(&client, &server);
    assert_int_equal(shake_hands(&client, &server, 1 << 20), 0);
    assert_int_equal(peer_tls_send(client.channel, view_of_text("pay nobody")), 0);
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_view(&bytes, peer_tls_outgoing(client.channel));
    bytes.data[bytes.len / 2] ^= 1;
    assert_int_equal(peer_tls_receive(server.channel, &server.plain, view_of_buf(&bytes)),
                     ERR_NETWORK);
    assert_int_equal(server.plain.len, 0);
    assert_int_equal(peer_tls_receive(server.channel, &server.plain, view_of_text("x")),
                     ERR_NETWORK);
}

/* ---- dates ---- */

/* A member's own key in a certificate with the given years: what another program may show. */
static SSL *dated_client(uint8_t fill, const char *from, const char *until)
{
    uint8_t seed[32];
    memset(seed, fill, sizeof seed);
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed);
    X509 *certificate = X509_new();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    assert_int_equal(ASN1_TIME_set_string(X509_getm_notBefore(certificate), from), 1);
    assert_int_equal(ASN1_TIME_set_string(X509_getm_notAfter(certificate), until), 1);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, NULL) > 0);
    assert_int_equal(SSL_CTX_use_certificate(context, certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, key), 1);
    assert_int_equal(SSL_CTX_set_alpn_protos(context, (const uint8_t *)"\ndirchain/1", 11), 0);
    SSL *ssl = SSL_new(context);
    SSL_set_bio(ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl);
    SSL_CTX_free(context);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return ssl;
}

/* Membership pins keys: no date in a certificate, past or future, takes a member off the network.
 */
static void test_dates_do_not_count(void **state)
{
    (void)state;
    static const char *const years[][2] = {{"20000101000000Z", "20010101000000Z"},
                                           {"99980101000000Z", "99991231235959Z"}};
    for (size_t i = 0; i < COUNT_OF(years); i++) {
        AUTO(side_close) struct side server = {0};
        AUTO(side_close) struct side member = {0};
        uint8_t bytes[4096];
        side_open(&member, 1);
        side_open(&server, 2);
        server.known = member.own;
        server.channel = peer_tls_accept(server.identity);
        SSL *client = dated_client(1, years[i][0], years[i][1]);
        for (int turn = 0; turn < 4; turn++) {
            (void)SSL_do_handshake(client);
            int len = BIO_read(SSL_get_wbio(client), bytes, sizeof bytes);
            if (len > 0)
                assert_int_equal(
                    peer_tls_receive(server.channel, &server.plain, view_of(bytes, (size_t)len)),
                    0);
            struct view back = peer_tls_outgoing(server.channel);
            assert_int_equal(BIO_write(SSL_get_rbio(client), back.data, (int)back.len), back.len);
            peer_tls_written(server.channel, back.len);
        }
        assert_true(peer_tls_ready(server.channel));
        SSL_free(client);
    }
}

static void test_noise(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 50; round++) {
        AUTO(side_close) struct side server = {0};
        side_open(&server, 2);
        server.channel = peer_tls_accept(server.identity);
        uint8_t noise[600];
        for (size_t i = 0; i < sizeof noise; i++) {
            noise[i] = (uint8_t)check_random(&seed);
        }
        (void)peer_tls_receive(server.channel, &server.plain, view_of(noise, sizeof noise));
        assert_false(peer_tls_ready(server.channel));
        assert_int_equal(server.plain.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_meet),           cmocka_unit_test(test_unknown_client),
        cmocka_unit_test(test_unknown_server),         cmocka_unit_test(test_changed_bytes),
        cmocka_unit_test(test_another_member_answers), cmocka_unit_test(test_noise),
        cmocka_unit_test(test_dates_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
