/* A server of its own with routes of every kind. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_HTTP_ROUTES_H
#define DIRCHAIN_TESTS_UNIT_HTTP_ROUTES_H

#include "check.h"
#include "http_client.h"

#include "api/http.h"
#include "base/civil.h"
#include "base/memory.h"

#include <pthread.h>
#include <stdatomic.h>

#define HOST "Host: localhost\r\n"
#define DEADLINE_MS 600

static struct http_request *_Atomic held;
static atomic_int streams_released;

static inline void answer_text(struct http_request *request, const char *text)
{
    AUTO(buf_free) struct buf body = {0};
    buf_append_text(&body, text);
    http_answer_bytes(request, 200, "text/plain", &body);
}

static inline void serve_ping(void *context, struct http_request *request)
{
    (void)context;
    answer_text(request, "pong");
}

static inline void serve_item(void *context, struct http_request *request)
{
    (void)context;
    AUTO(buf_free) struct buf body = {0};
    buf_append_format(&body, "%s|%s|", http_path_part(request, "id"),
                      http_path_part(request, "key") ? http_path_part(request, "key") : "");
    doc_append_canonical(&body, http_query(request));
    http_answer_bytes(request, 200, "text/plain", &body);
}

static inline void serve_echo(void *context, struct http_request *request)
{
    (void)context;
    AUTO(buf_free) struct buf body = {0};
    buf_append_view(&body, http_body(request));
    http_answer_bytes(request, 200, "text/plain", &body);
}

static inline void *answer_later(void *request)
{
    usleep(30000);
    answer_text(request, "later");
    return NULL;
}

static inline void serve_later(void *context, struct http_request *request)
{
    (void)context;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, answer_later, request), 0);
    pthread_detach(thread);
}

static inline void serve_held(void *context, struct http_request *request)
{
    (void)context;
    atomic_store(&held, request);
}

#define FLOOD (1 << 30) /* parts without end, as large as may be */

static inline long pull(void *context, uint8_t *out, size_t max)
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

static inline void release(void *context)
{
    (void)context;
    atomic_fetch_add(&streams_released, 1);
}

static atomic_int parts_left;

static inline void serve_stream(void *context, struct http_request *request)
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

static inline int start(void **state)
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

static inline int stop(void **state)
{
    (void)state;
    http_server_stop(&server);
    return 0;
}

static inline struct http_request *wait_held(void)
{
    struct http_request *request;
    for (int i = 0; i < 1000 && !(request = atomic_load(&held)); i++)
        usleep(1000);
    assert_non_null(request);
    atomic_store(&held, NULL);
    return request;
}

#endif
