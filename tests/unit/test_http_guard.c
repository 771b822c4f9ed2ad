/* The guard: which bytes may reach the HTTP library, whole, cut anywhere, and one after another. */
#include "check.h"

#include "api/http_guard.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n" HOST

static const struct {
    const char *bytes;
    size_t len;
    int error;
} heads[] = {
#define HEAD(text, error)                                                                          \
    {                                                                                              \
        text, sizeof(text) - 1, error                                                              \
    }
    HEAD(GET "\r\n", 0),
    HEAD("POST /v1/transactions?wait=committed HTTP/1.1\r\nhOST: 127.0.0.1:80\r\n"
         "Content-Length:3 \t\r\n\r\nabc",
         0),
    HEAD("GET / HTTP/1.1\r\nHost: [::1]:8080\r\nX-Empty:\r\nX-Text: \xe4\xb8\xad\r\n\r\n", 0),
    HEAD(GET "Content-Length: 0\r\n\r\n", 0),
    HEAD(GET "Expect: 100-Continue\r\n\r\n", 0),
    /* line endings */
    HEAD("GET / HTTP/1.1\nHost: a\n\n", ERR_HTTP_LINE),
    HEAD("GET / HTTP/1.1\r\nHost: a\n\r\n", ERR_HTTP_LINE),
    HEAD(GET "X: a\rY: b\r\n\r\n", ERR_HTTP_LINE),
    HEAD(GET "\n", ERR_HTTP_LINE),
    HEAD(GET "X: 1\r\r\n\r\n", ERR_HTTP_LINE),
    /* request lines */
    HEAD("\r\n" GET "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("get / HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET  / HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET / HTTP/1.1 \r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET /\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET /\tHTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET http://a/ HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET !token HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET /a#b HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET /\x00 HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET /\xe4\xb8\xad HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET / HTTP/1.0\r\n\r\n", ERR_HTTP_VERSION),
    HEAD("GET / HTTP/2.0\r\n" HOST "\r\n", ERR_HTTP_VERSION),
    HEAD("PRI * HTTP/2.0\r\n\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GET / http/1.1\r\n" HOST "\r\n", ERR_HTTP_REQUEST_LINE),
    HEAD("GETGETGETGETGETGET / HTTP/1.1\r\n" HOST "\r\n", ERR_HTTP_METHOD_UNKNOWN),
    /* headers */
    HEAD(GET "X : 1\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "Content-Length : 3\r\n\r\nabc", ERR_HTTP_HEADER),
    HEAD(GET "X: 1\r\n folded\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "X: 1\r\n\tfolded\r\n\r\n", ERR_HTTP_HEADER),
    HEAD("GET / HTTP/1.1\r\n Host: a\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "X: a\0b\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "X\0: a\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "X: a\x7f\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET ": a\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "nothing\r\n\r\n", ERR_HTTP_HEADER),
    HEAD(GET "X(y): 1\r\n\r\n", ERR_HTTP_HEADER),
    /* host */
    HEAD("GET / HTTP/1.1\r\n\r\n", ERR_HTTP_HOST),
    HEAD(GET HOST "\r\n", ERR_HTTP_HOST),
    HEAD("GET / HTTP/1.1\r\nHost:\r\n\r\n", ERR_HTTP_HOST),
    HEAD("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", ERR_HTTP_HOST),
    HEAD("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", ERR_HTTP_HOST),
    /* lengths */
    HEAD(GET "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: 3, 3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: +3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: -3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: 0x3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: 3 3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length:\r\n\r\n", ERR_HTTP_LENGTH),
    HEAD(GET "Content-Length: 18446744073709551619\r\n\r\nabc", ERR_TOO_LARGE),
    HEAD(GET "Content-Length: 99999999999999999999999999999999999999999999\r\n\r\n", ERR_TOO_LARGE),
    HEAD(GET "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ERR_HTTP_LENGTH_REQUIRED),
    HEAD(GET "Transfer-Encoding: identity\r\n\r\n", ERR_HTTP_LENGTH_REQUIRED),
    HEAD(GET "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc", ERR_HTTP_LENGTH),
    HEAD(GET "Expect: 200-ok\r\n\r\n", ERR_HTTP_EXPECT),
};

static void test_heads(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        struct http_guard guard = {0};
        int error;
        size_t passed = http_guard_pass(&guard, &error, view_of(heads[i].bytes, heads[i].len));
        if (error != heads[i].error)
            fail_msg("case %zu: %s instead of %s:\n%s", i, error_code(error),
                     error_code(heads[i].error), heads[i].bytes);
        assert_int_equal(passed, error ? 0 : heads[i].len);
    }
}

/* Whatever the cuts, the verdict is the same, and nothing of a refused head passes. */
static void test_cut_anywhere(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(heads); i++)
        for (size_t cut = 1; cut < heads[i].len; cut++) {
            struct http_guard guard = {0};
            int error;
            size_t passed = http_guard_pass(&guard, &error, view_of(heads[i].bytes, cut));
            if (!error)
                passed += http_guard_pass(&guard, &error,
                                          view_of(heads[i].bytes + passed, heads[i].len - passed));
            assert_int_equal(error, heads[i].error);
            assert_int_equal(passed, error ? 0 : heads[i].len);
        }
}

static void test_pipeline(void **state)
{
    (void)state;
    static const char stream[] = "POST /a HTTP/1.1\r\n" HOST "Content-Length: 22\r\n\r\n"
                                 "GET / HTTP/9.9\nHost: \n" GET "\r\n" GET "X : bad\r\n\r\n";
    size_t sound = sizeof stream - 1 - strlen(GET "X : bad\r\n\r\n");
    for (size_t step = 1; step < sizeof stream; step++) {
        struct http_guard guard = {0};
        size_t passed = 0;
        int error = 0;
        for (size_t have = step; !error; have += step) {
            if (have > sizeof stream - 1)
                have = sizeof stream - 1;
            passed += http_guard_pass(&guard, &error, view_of(stream + passed, have - passed));
        }
        assert_int_equal(error, ERR_HTTP_HEADER);
        assert_int_equal(passed, sound);
        assert_int_equal(guard.heads, 2);
    }
}

static int verdict_of(struct buf *bytes)
{
    struct http_guard guard = {0};
    int error;
    http_guard_pass(&guard, &error, view_of_buf(bytes));
    return error;
}

static void test_bounds(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_text(&bytes, "GET /");
    for (size_t i = 0; i < HTTP_TARGET_BYTES_MAX - 1; i++)
        buf_append_u8(&bytes, 'a');
    size_t target_end = bytes.len;
    buf_append_text(&bytes, " HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(verdict_of(&bytes), 0);
    bytes.len = target_end;
    buf_append_text(&bytes, "a HTTP/1.1\r\n" HOST "\r\n");
    assert_int_equal(verdict_of(&bytes), ERR_HTTP_TARGET_SIZE);

    buf_clear(&bytes);
    buf_append_text(&bytes, GET);
    for (size_t i = 1; i < HTTP_HEADERS_MAX; i++)
        buf_append_text(&bytes, "X: y\r\n");
    size_t headers_end = bytes.len;
    buf_append_text(&bytes, "\r\n");
    assert_int_equal(verdict_of(&bytes), 0);
    bytes.len = headers_end;
    buf_append_text(&bytes, "X: y\r\n\r\n");
    assert_int_equal(verdict_of(&bytes), ERR_HTTP_HEAD_SIZE);

    buf_clear(&bytes);
    buf_append_text(&bytes, GET "X: ");
    while (bytes.len < HTTP_HEAD_BYTES_MAX - 4)
        buf_append_u8(&bytes, 'x');
    buf_append_text(&bytes, "\r\n\r\n");
    assert_int_equal(verdict_of(&bytes), 0);
    bytes.len -= 4;
    buf_append_text(&bytes, "x\r\n\r\n");
    assert_int_equal(verdict_of(&bytes), ERR_HTTP_HEAD_SIZE);
    bytes.len -= 4; /* and without an end, too */
    buf_append_text(&bytes, "xxxxxx");
    assert_int_equal(verdict_of(&bytes), ERR_HTTP_HEAD_SIZE);

    buf_clear(&bytes);
    buf_append_format(&bytes, GET "Content-Length: %d\r\n\r\n", HTTP_BODY_BYTES_MAX);
    assert_int_equal(verdict_of(&bytes), 0);
    buf_clear(&bytes);
    buf_append_format(&bytes, GET "Content-Length: %d\r\n\r\n", HTTP_BODY_BYTES_MAX + 1);
    assert_int_equal(verdict_of(&bytes), ERR_TOO_LARGE);
}

static void test_refusal_is_unforgeable(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf bytes = {0};
    http_guard_refusal(&bytes, ERR_HTTP_LINE);
    assert_memory_equal(bytes.data, "GET !http-line-ending HTTP/1.1\r\n", 32);
    assert_int_equal(verdict_of(&bytes), ERR_HTTP_REQUEST_LINE);
    assert_int_equal(http_guard_refused("!http-line-ending"), ERR_HTTP_LINE);
    assert_int_equal(http_guard_refused("/!http-line-ending"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_pipeline),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_refusal_is_unforgeable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
