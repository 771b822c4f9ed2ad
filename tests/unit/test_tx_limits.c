/* How large a transaction, its header and its payload may be: to the byte. */
#include "tx_vectors.h"

/* A payload of exactly so many bytes, filled up with text or with white space after it. */
static int parse_payload_of(const struct fixture *fixture, size_t bytes, bool white_space)
{
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf payload = {0};
    AUTO(buf_free) struct buf raw = {0};
    char chain[2 * HASH_BYTES + 1];
    hash_to_hex(chain, &fixture->genesis);
    append_header(&header, fixture);
    buf_append_format(&payload,
                      "{\"chain\":\"%s\",\"expires\":1,\"nonce\":\"12345678\","
                      "\"type\":\"test.note\",\"body\":{\"text\":\"",
                      chain);
    while (!white_space && payload.len + 3 < bytes)
        buf_append_u8(&payload, 'x');
    buf_append_text(&payload, "\"}}");
    while (payload.len < bytes)
        buf_append_u8(&payload, ' ');
    assert_int_equal(payload.len, bytes);
    jws_make(&raw, fixture, view_of_buf(&header), view_of_buf(&payload));
    return parse_error(fixture, view_of_buf(&raw));
}

static void test_payload_limit(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    for (int white_space = 0; white_space < 2; white_space++) {
        assert_int_equal(parse_payload_of(&fixture, TX_PAYLOAD_BYTES_MAX, white_space), OK);
        assert_int_equal(parse_payload_of(&fixture, TX_PAYLOAD_BYTES_MAX + 1, white_space),
                         ERR_TOO_LARGE);
        assert_int_equal(parse_payload_of(&fixture, TX_PAYLOAD_BYTES_MAX + 2, white_space),
                         ERR_TOO_LARGE);
    }
}

static int parse_header_of(const struct fixture *fixture, size_t bytes)
{
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf raw = {0};
    append_header(&header, fixture);
    while (header.len < bytes)
        buf_append_u8(&header, '\n');
    const char *payload = vector_text(valid_vector(fixture, "canonical"), "payload");
    jws_make(&raw, fixture, view_of_buf(&header), view_of_text(payload));
    return parse_error(fixture, view_of_buf(&raw));
}

static void test_header_limit(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    for (size_t bytes = TX_HEADER_BYTES_MAX - 3; bytes <= TX_HEADER_BYTES_MAX; bytes++)
        assert_int_equal(parse_header_of(&fixture, bytes), OK);
    for (size_t bytes = TX_HEADER_BYTES_MAX + 1; bytes <= TX_HEADER_BYTES_MAX + 4; bytes++)
        assert_int_equal(parse_header_of(&fixture, bytes), ERR_TOO_LARGE);
}

static void test_total_limit(void **state)
{
    (void)state;
    AUTO(fixture_free) struct fixture fixture = fixture_load();
    AUTO(buf_free) struct buf raw = {0};
    while (raw.len < TX_BYTES_MAX)
        buf_append_u8(&raw, 'A');
    assert_int_equal(parse_error(&fixture, view_of_buf(&raw)), ERR_TX_FORM);
    buf_append_u8(&raw, 'A');
    assert_int_equal(parse_error(&fixture, view_of_buf(&raw)), ERR_TOO_LARGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_payload_limit),
        cmocka_unit_test(test_header_limit),
        cmocka_unit_test(test_total_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
