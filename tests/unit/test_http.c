/* The HTTP server on a real socket: routing, bodies, pipelining, held requests, streams, deadlines,
 * limits, and what becomes of them when the server stops. */
#include "check.h"
#include "http_client.h"

#include "api/http.h"
#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>

#define HOST "Host: localhost\r\n"
#define DEADLINE_MS 600

/* ---- routes ---- */

static struct http_request *_Atomic held;
static atomic_int streams_released;

static void answer_text(struct http_request *request, const char *text)
{
    AUTO(buf_free) struct buf body = {0};
    buf_append_text(&body, text);
    http_answer_bytes(request, 200, "text/plain", &body);
}

static void serve_ping(void *context, struct http_request *request)
{
    (void)context;
    answer_text(request, "pong");
}

static void serve_item(void *context, struct http_request *request)
{
    (void)context;
    AUTO(buf_free) struct buf body = {0};
    buf_append_format(&body, "%s|%s|", http_path_part(request, "id"),
                      http_path_part(request, "key") ? http_path_part(request, "key") : "");
    doc_append_canonical(&body, http_query(request));
    http_answer_bytes(request, 200, "text/plain", &body);
}

static void serve_echo(void *context, struct http_request *request)
{
    (void)context;
    AUTO(buf_free) struct buf body = {0};
    buf_append_view(&body, http_body(request));
    http_answer_bytes(request, 200, "text/plain", &body);
}

static void *answer_later(void *request)
{
    usleep(30000);
    answer_text(request, "later");
    return NULL;
}

static void serve_later(void *context, struct http_request *request)
{
    (void)context;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_later, request), 0);
    pthread_detach(thread);
}

static void serve_held(void *context, struct http_request *request)
{
    (void)context;
    atomic_store(&held, request);
}

static void continued(void *argument, struct http_request *request)
{
    answer_text(request, argument);
}

#define FLOOD (1 << 30) /* parts without end, as large as may be */

static long pull(void *context, uint8_t *out, size_t max)
{
    atomic_int *left = context;
    if (atomic_load(left) == FLOOD) {
        memset(out, 'f', max);
        return (long)max;
    }
    if (atomic_load(left) == 0)
        return HTTP_STREAM_END;
    if (atomic_fetch_sub(left, 1) % 2 == 0)
        return HTTP_STREAM_WAIT;
    memcpy(out, "part\n", 5);
    return 5;
}

static void release(void *context)
{
    (void)context;
    atomic_fetch_add(&streams_released, 1);
}

static atomic_int parts_left;

static void serve_stream(void *context, struct http_request *request)
{
    (void)context;
    atomic_store(&held, request);
    http_answer_stream(request, "text/plain", &(struct http_stream){&parts_left, pull, release});
}

static const struct field fields_query[] = {
    {.name = "n", .kind = FIELD_INT, .min = -5, .max = 100},
    {.name = "q", .kind = FIELD_TEXT, .min = 1, .max = 8},
    {.name = "on", .kind = FIELD_BOOL},
    {.name = NULL},
};
static const struct http_route table[] = {
    {.method = "GET", .path = "/", .serve = serve_ping},
    {.method = "GET", .path = "/ping", .serve = serve_ping},
    {.method = "DELETE", .path = "/ping", .serve = serve_ping},
    {.method = "GET", .path = "/item/{id}", .serve = serve_item, .query = fields_query},
    {.method = "GET", .path = "/item/{id}/rest/{key+}", .serve = serve_item},
    {.method = "POST",
     .path = "/echo",
     .serve = serve_echo,
     .body_type = "text/plain",
     .body_bytes_max = 200000},
    {.method = "POST",
     .path = "/small",
     .serve = serve_echo,
     .body_type = "text/plain",
     .body_bytes_max = 10},
    {.method = "GET", .path = "/later", .serve = serve_later},
    {.method = "GET", .path = "/held", .serve = serve_held},
    {.method = "GET", .path = "/stream", .serve = serve_stream, .unlimited = true},
    {.method = NULL},
};

static struct http_server *server;
static uint16_t port;

static int start(void **state)
{
    (void)state;
    const struct http_routes routes = {.table = table};
    const struct http_config config = {.host = "127.0.0.1",
                                       .deadline_ms = DEADLINE_MS,
                                       .connections_max = 20,
                                       .routes = &routes,
                                       .routes_count = 1};
    int error = http_server_start(&server, &config);
    port = error ? 0 : http_server_port(server);
    return error;
}

static int stop(void **state)
{
    (void)state;
    http_server_stop(&server);
    return 0;
}

/* ---- tests ---- */

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

static struct http_request *wait_held(void)
{
    struct http_request *request;
    for (int i = 0; i < 1000 && !(request = atomic_load(&held)); i++)
        usleep(1000);
    assert_non_null(request);
    atomic_store(&held, NULL);
    return request;
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

/* Milliseconds until the server closes; the sender gives `data`, then a byte now and then. */
static int64_t time_to_close(const char *data, const char *drip)
{
    int fd = http_dial(port);
    int64_t begin_ms = clock_monotonic_ms();
    http_send(fd, data, strlen(data));
    AUTO(buf_free) struct buf in = {0};
    while (!http_receive_all(&in, fd, 50) && clock_monotonic_ms() - begin_ms < 5 * DEADLINE_MS)
        http_send(fd, drip, strlen(drip));
    close(fd);
    return clock_monotonic_ms() - begin_ms;
}

static void test_slow_senders_are_cut(void **state)
{
    (void)state;
    static const char *const slow[] = {"", "G", "GET /ping HTTP/1.1\r\nHost: a\r\nX: ",
                                       "POST /echo HTTP/1.1\r\n" HOST
                                       "Content-Type: text/plain\r\nContent-Length: 1000\r\n\r\n"};
    for (size_t i = 0; i < COUNT_OF(slow); i++) {
        int64_t took_ms = time_to_close(slow[i], i > 0 ? "x" : "");
        assert_in_range(took_ms, DEADLINE_MS - 50, 2 * DEADLINE_MS + 400);
    }
}

static void test_slow_reader_is_cut(void **state)
{
    (void)state;
    atomic_store(&parts_left, FLOOD);
    atomic_store(&streams_released, 0);
    static const char ask[] = "GET /stream HTTP/1.1\r\n" HOST "\r\n";
    int fd = http_dial(port);
    http_send(fd, ask, sizeof ask - 1);
    int64_t begin_ms = clock_monotonic_ms();
    while (atomic_load(&streams_released) == 0 && clock_monotonic_ms() - begin_ms < 10000)
        usleep(10000);
    assert_int_equal(atomic_load(&streams_released), 1);
    wait_held();
    close(fd);
}

static void test_connection_limit(void **state)
{
    (void)state;
    int fds[40];
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        fds[i] = http_dial(port);
        http_send(fds[i], asked[0].request, strlen(asked[0].request));
    }
    int served = 0;
    for (size_t i = 0; i < COUNT_OF(fds); i++) {
        AUTO(buf_free) struct buf in = {0};
        served += http_read_answer(&in, NULL, fds[i]) == 200;
    }
    assert_int_equal(served, 20);
    for (size_t i = 0; i < COUNT_OF(fds); i++)
        close(fds[i]);
    usleep(50000);
    AUTO(buf_free) struct buf in = {0};
    assert_int_equal(http_ask(&in, NULL, port, asked[0].request), 200);
}

static void test_port_in_use(void **state)
{
    (void)state;
    const struct http_routes routes = {.table = table};
    struct http_config config = {
        .host = "127.0.0.1", .port = port, .routes = &routes, .routes_count = 1};
    struct http_server *second = NULL;
    assert_int_equal(http_server_start(&second, &config), ERR_PORT);
    config.host = "not an address";
    assert_int_equal(http_server_start(&second, &config), ERR_CONFIG);
    config.host = "192.0.2.1"; /* not ours: RFC 5737 */
    config.port = 0;
    assert_int_equal(http_server_start(&second, &config), ERR_PORT);
}

static void test_stop_with_everything_open(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    static const char ask[] = "GET /held HTTP/1.1\r\n" HOST "\r\n";
    static const char listen[] = "GET /stream HTTP/1.1\r\n" HOST "\r\n";
    atomic_store(&streams_released, 0);
    atomic_store(&parts_left, 2); /* waits at once */
    int idle = http_dial(port), stream = http_dial(port), waiting = http_dial(port);
    http_send(stream, listen, sizeof listen - 1);
    wait_held();
    http_send(waiting, ask, sizeof ask - 1);
    struct http_request *request = wait_held();
    http_server_stop(&server);
    assert_int_equal(atomic_load(&streams_released), 1);
    assert_int_equal(http_read_answer(&in, NULL, waiting), 503);
    assert_true(http_gone(request));
    answer_text(request, "too late");
    close(idle);
    close(stream);
    close(waiting);
    assert_int_equal(start(state), 0);
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
        cmocka_unit_test(test_slow_senders_are_cut),
        cmocka_unit_test(test_slow_reader_is_cut),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_stop_with_everything_open),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
