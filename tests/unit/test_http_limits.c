/* The limits of the HTTP server on a real socket: deadlines, connections, ports, and what becomes
 * of everything open when it stops. */
#include "http_routes.h"

#include "base/errors.h"

#define PING "GET /ping HTTP/1.1\r\n" HOST "\r\n"

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
        http_send(fds[i], PING, strlen(PING));
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
    assert_int_equal(http_ask(&in, NULL, port, PING), 200);
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
        cmocka_unit_test(test_slow_senders_are_cut),      cmocka_unit_test(test_slow_reader_is_cut),
        cmocka_unit_test(test_connection_limit),          cmocka_unit_test(test_port_in_use),
        cmocka_unit_test(test_stop_with_everything_open),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
