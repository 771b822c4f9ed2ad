/* The HTTP server on a real socket: routing, bodies, pipelining, held requests, streams. */
#include "http_routes.h"

static void continued(void *argument, struct http_request *request)
{
    answer_text(request, argument);
}

static const struct {
    const char *request;
    int status;
    const char *body; /* holds this */
} asked[] = {
    {"GET /ping HTTP/1.1\r\n" HOST "\r\n", 200, "pong"},
    {"GET / HTTP/1.1\r\n" HOST "\r\n", 200, "pong"},
    {"DELETE /ping HTTP/1.1\r\n" HOST "\r\n", 200, "pong"},
    {"GET /item/a%20b HTTP/1.1\r\n" HOST "\r\n", 200, "a b||{}"},
    {"GET /item/%E4%B8%AD?q=%E6%96%87+x&n=-5&on=1 HTTP/1.1\r\n" HOST "\r\n", 200,
     "中||{\"n\":-5,\"on\":true,\"q\":\"文 x\"}"},
    {"GET /item/1/rest/x/y%2Cz HTTP/1.1\r\n" HOST "\r\n", 200, "1|x/y,z|{}"},
    {"GET /none HTTP/1.1\r\n" HOST "\r\n", 404, "\"code\":\"not-found\""},
    {"GET /item HTTP/1.1\r\n" HOST "\r\n", 404, "not-found"},
    {"GET /item/1/2 HTTP/1.1\r\n" HOST "\r\n", 404, "not-found"},
    {"GET /item/1/rest HTTP/1.1\r\n" HOST "\r\n", 404, "not-found"},
    {"POST /ping HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", 405, "http-method"},
    {"BREW /ping HTTP/1.1\r\n" HOST "\r\n", 501, "http-method-unknown"},
    {"OPTIONS /ping HTTP/1.1\r\n" HOST "\r\n", 501, "http-method-unknown"},
    {"TRACE /ping HTTP/1.1\r\n" HOST "\r\n", 501, "http-method-unknown"},
    {"GET /item/1?n=101 HTTP/1.1\r\n" HOST "\r\n", 422, "\"code\":\"field-range\""},
    {"GET /item/1?n=x HTTP/1.1\r\n" HOST "\r\n", 422, "\"code\":\"field-type\""},
    {"GET /item/1?q= HTTP/1.1\r\n" HOST "\r\n", 422, "\"code\":\"field-length\""},
    {"GET /item/1?z=1 HTTP/1.1\r\n" HOST "\r\n", 422, "\"code\":\"field-unknown\""},
    {"GET /item/1?n=1&n=2 HTTP/1.1\r\n" HOST "\r\n", 400, "\"code\":\"json-duplicate-key\""},
    {"GET /item/1?n=1&&q=2 HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /ping?n=1 HTTP/1.1\r\n" HOST "\r\n", 422, "field-unknown"},
    {"GET /item/%2e%2e%2fetc HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%2e%2e HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/../ping HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/./1 HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item//1 HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /ping/ HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/a%5Cb HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%00 HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%zz HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%4 HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%C0%AE HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /item/%0a HTTP/1.1\r\n" HOST "\r\n", 400, "http-path"},
    {"GET /ping HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 400, "http-body-unexpected"},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\n\r\n", 411,
     "http-length-required"},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nabc", 415, "http-media-type"},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plainer\r\nContent-Length: 3\r\n\r\nabc",
     415, "http-media-type"},
    {"POST /echo HTTP/1.1\r\n" HOST
     "Content-Type: Text/Plain;charset=utf-8\r\nContent-Length: 3\r\n\r\nabc",
     200, "abc"},
    {"POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 0\r\n\r\n", 200,
     ""},
    {"POST /small HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 11\r\n\r\n", 413,
     "too-large"},
    {"POST /small HTTP/1.1\r\n" HOST "Content-Length: 9999999\r\n\r\n", 413, "too-large"},
    {"GET /ping HTTP/1.1\r\n" HOST "X: a\nY: b\r\n\r\n", 400, "http-line-ending"},
    {"GET /ping HTTP/1.0\r\n\r\n", 505, "http-version"},
};

static void test_asked(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        const char *body = "";
        int status = http_ask(&in, &body, port, asked[i].request);
        if (status != asked[i].status || !strstr(body, asked[i].body))
            fail_msg("%s%d %s", asked[i].request, status, body);
        const char *text = buf_text(&in);
        assert_non_null(strstr(text, "X-Content-Type-Options: nosniff\r\n"));
        assert_non_null(strstr(text, "Content-Security-Policy: default-src 'none'"));
        bool problem = strstr(text, "Content-Type: application/problem+json") != NULL;
        assert_int_equal(problem, status >= 400);
    }
}

static void test_error_closes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(asked); i++) {
        if (asked[i].status < 400)
            continue;
        AUTO(buf_free) struct buf in = {0};
        int fd = http_dial(port);
        http_send(fd, asked[i].request, strlen(asked[i].request));
        http_send(fd, "GET /ping HTTP/1.1\r\n" HOST "\r\n", 37);
        assert_true(http_receive_all(&in, fd, 2000));
        close(fd);
        const char *text = buf_text(&in);
        assert_non_null(strstr(text, "Connection: close\r\n"));
        if (strstr(text, "\nHTTP/1.1 ")) /* a second answer */
            fail_msg("%s\n%s", asked[i].request, text);
    }
}

static void test_head_and_allow(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    static const char ask[] = "HEAD /ping HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    int fd = http_dial(port);
    http_send(fd, ask, sizeof ask - 1);
    assert_true(http_receive_all(&in, fd, 2000));
    close(fd);
    assert_non_null(strstr(buf_text(&in), "Content-Length: 4\r\n"));
    assert_null(strstr(buf_text(&in), "pong"));
    buf_clear(&in);
    http_ask(&in, NULL, port, "PUT /ping HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n");
    assert_non_null(strstr(buf_text(&in), "Allow: GET, HEAD, DELETE\r\n"));
}

/* A hundred requests at once, cut at every size: each is answered, in order, on one connection. */
static void test_pipelining(void **state)
{
    (void)state;
    enum { REQUESTS = 100 };
    AUTO(buf_free) struct buf out = {0};
    for (int i = 0; i < REQUESTS; i++) {
        if (i % 3 == 0)
            buf_append_format(&out,
                              "POST /echo HTTP/1.1\r\n" HOST
                              "Content-Type: text/plain\r\nContent-Length: 8\r\n\r\nbody%04d",
                              i);
        else
            buf_append_format(&out, "GET %s HTTP/1.1\r\n" HOST "\r\n",
                              i % 7 == 1 ? "/later" : "/ping");
    }
    static const size_t steps[] = {1000000, 4096, 333, 17};
    for (size_t s = 0; s < COUNT_OF(steps); s++) {
        AUTO(buf_free) struct buf in = {0};
        int fd = http_dial(port);
        for (size_t at = 0; at < out.len; at += steps[s])
            http_send(fd, out.data + at, out.len - at < steps[s] ? out.len - at : steps[s]);
        for (int i = 0; i < REQUESTS; i++) {
            const char *body = NULL;
            assert_int_equal(http_read_answer(&in, &body, fd), 200);
            char expected[16];
            snprintf(expected, sizeof expected, "body%04d", i);
            const char *text = i % 3 == 0 ? expected : i % 7 == 1 ? "later" : "pong";
            assert_memory_equal(body, text, strlen(text));
            size_t used = (size_t)(body - (const char *)in.data) + strlen(text);
            memmove(in.data, in.data + used, in.len -= used);
        }
        close(fd);
    }
}

/* Large bodies, in small pieces, and followed at once by another request. */
static void test_bodies(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf out = {0};
    static const size_t sizes[] = {1, 20000, 49152, 131072, 200000};
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        buf_clear(&out);
        buf_append_format(&out,
                          "POST /echo HTTP/1.1\r\n" HOST
                          "Content-Type: text/plain\r\nContent-Length: %zu\r\n\r\n",
                          sizes[s]);
        size_t head = out.len;
        for (size_t i = 0; i < sizes[s]; i++)
            buf_append_u8(&out, (uint8_t)("0123456789\r\nGET / HTTP/9\n"[i * 7 % 24]));
        buf_append_text(&out, "GET /ping HTTP/1.1\r\n" HOST "\r\n");
        AUTO(buf_free) struct buf in = {0};
        int fd = http_dial(port);
        for (size_t at = 0; at < out.len; at += 5000)
            http_send(fd, out.data + at, out.len - at < 5000 ? out.len - at : 5000);
        const char *body = NULL;
        assert_int_equal(http_read_answer(&in, &body, fd), 200);
        assert_memory_equal(body, out.data + head, sizes[s]);
        size_t used = (size_t)(body - (const char *)in.data) + sizes[s];
        memmove(in.data, in.data + used, in.len -= used);
        assert_int_equal(http_read_answer(&in, &body, fd), 200);
        assert_memory_equal(body, "pong", 4);
        close(fd);
    }
}

static void test_held_beyond_deadline(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    static const char ask[] = "GET /held HTTP/1.1\r\n" HOST "\r\n";
    int fd = http_dial(port);
    http_send(fd, ask, sizeof ask - 1);
    struct http_request *request = wait_held();
    usleep(2 * DEADLINE_MS * 1000); /* waiting for a block does not count */
    assert_false(http_gone(request));
    http_continue(request, continued, (void *)(uintptr_t) "in the end");
    const char *body = NULL;
    assert_int_equal(http_read_answer(&in, &body, fd), 200);
    assert_memory_equal(body, "in the end", 10);
    close(fd);
}

static void test_client_gone_while_held(void **state)
{
    (void)state;
    static const char ask[] = "GET /held HTTP/1.1\r\n" HOST "\r\n";
    int fd = http_dial(port);
    http_send(fd, ask, sizeof ask - 1);
    struct http_request *request = wait_held();
    close(fd);
    usleep(20000);
    answer_text(request, "nobody reads this");
    AUTO(buf_free) struct buf in = {0};
    assert_int_equal(http_ask(&in, NULL, port, asked[0].request), 200);
}

static void test_stream(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    static const char ask[] = "GET /stream HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
    atomic_store(&parts_left, 6); /* waits three times, each after one part */
    atomic_store(&streams_released, 0);
    int fd = http_dial(port);
    http_send(fd, ask, sizeof ask - 1);
    struct http_request *request = wait_held();
    while (atomic_load(&parts_left) > 0) {
        usleep(2000);
        if (atomic_load(&parts_left) % 2 == 1)
            http_stream_wake(request);
    }
    assert_true(http_receive_all(&in, fd, 2000));
    close(fd);
    const char *text = buf_text(&in);
    int parts = 0;
    for (const char *at = text; (at = strstr(at, "part\n")) != NULL; at++)
        parts++;
    assert_int_equal(parts, 3);
    for (int i = 0; i < 500 && atomic_load(&streams_released) == 0; i++)
        usleep(1000);
    assert_int_equal(atomic_load(&streams_released), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_error_closes),
        cmocka_unit_test(test_head_and_allow),
        cmocka_unit_test(test_pipelining),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_held_beyond_deadline),
        cmocka_unit_test(test_client_gone_while_held),
        cmocka_unit_test(test_stream),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
