/* The HTTP server: libmicrohttpd's pool of epoll threads on one side, requests in plain data on the
 * other. This is the one file that knows the library.
 *
 *   READING ──body complete──► SERVED ──answer given──► QUEUED ──sent or gone──► over
 *      │ refused (QUEUED)        │ none yet: suspended, until http_wake resumes it
 *
 * An exchange has two references: the library's, dropped when the request is over, and the
 * answer's, dropped by the one who answers. So whoever holds a request may answer it at any time,
 * even when the client or the whole server is gone. */
#include "api/http.h"

#include "api/http_internal.h"
#include "api/http_link.h"
#include "api/problem.h"
#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <microhttpd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEADLINE_MS 30000
#define IDLE_MS 75000
#define SWEEP_MS 100
#define LOOK_MS 500  /* between looks at who has left */
#define STOP_MS 1000 /* for what is being answered when the server stops */
#define MEMORY_PER_CONNECTION (3 * HTTP_HEAD_BYTES_MAX)
#define STREAM_BLOCK_BYTES 8192

enum phase { READING, SERVED, QUEUED };

struct exchange {
    struct http_request request; /* first */
    struct http_server *server;
    struct exchange *previous, *next;
    struct http_link *link;
    atomic_int references;
    /* Under request.lock: */
    struct MHD_Connection *connection; /* NULL when over */
    enum phase phase;
    bool suspended;
    bool abandoned; /* the server stopped before there was an answer */
    bool woken;     /* a stream has something to pull */
};

struct http_server {
    struct MHD_Daemon *daemon;
    struct http_links links;
    struct http_routes *routes;
    size_t routes_count;
    bool tls;
    uint16_t port;
    atomic_bool stopping;
    atomic_uint resuming; /* connections that are just being resumed */
    pthread_t watch;
    pthread_mutex_t lock; /* of the list and the condition */
    pthread_cond_t stop;
    struct exchange *first;
    _Atomic uint64_t answers[6];
};

static struct exchange *exchange_of(const struct http_request *request)
{
    return (struct exchange *)(uintptr_t)request;
}

static void exchange_drop(struct exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->references, 1) > 1)
        return;
    http_request_clear(&exchange->request);
    memory_free(exchange);
}

/* ---- waking ---- */

/* Nobody is left to answer: what was to be done is done here, so that it can let go. */
static void run_orphan(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    void (*then)(void *, struct http_request *) = request->then;
    request->then = NULL;
    pthread_mutex_unlock(&request->lock);
    if (then)
        then(request->then_argument, request);
}

/* Resumes a connection that was suspended, outside the lock: the thread that is woken takes it at
 * once. Until that is done the server does not stop. The exchange may be gone afterwards. */
static void unlock_and_resume(struct exchange *exchange)
{
    struct http_server *server = exchange->server;
    struct MHD_Connection *connection = exchange->suspended ? exchange->connection : NULL;
    exchange->suspended = false;
    if (connection)
        atomic_fetch_add(&server->resuming, 1);
    pthread_mutex_unlock(&exchange->request.lock);
    if (connection) {
        MHD_resume_connection(connection);
        atomic_fetch_sub(&server->resuming, 1);
    }
}

void http_wake(struct http_request *request)
{
    struct exchange *exchange = exchange_of(request);
    bool given = request->answer.given, streamed = given && request->answer.streamed;
    bool orphan = !exchange->connection || exchange->abandoned;
    if (orphan)
        run_orphan(exchange);
    else
        unlock_and_resume(exchange);
    if (given && (orphan || !streamed)) /* a stream's answer goes on */
        exchange_drop(exchange);
}

void http_stream_wake(struct http_request *request)
{
    struct exchange *exchange = exchange_of(request);
    pthread_mutex_lock(&request->lock);
    exchange->woken = true;
    unlock_and_resume(exchange);
}

bool http_gone(const struct http_request *request)
{
    struct exchange *exchange = exchange_of(request);
    pthread_mutex_lock(&exchange->request.lock);
    bool gone = !exchange->connection || exchange->abandoned;
    pthread_mutex_unlock(&exchange->request.lock);
    return gone;
}

const char *http_library_header(const struct http_request *request, const char *name)
{
    struct MHD_Connection *connection = exchange_of(request)->connection;
    return connection ? MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name) : NULL;
}

int http_peer_key(uint8_t out[HTTP_PEER_KEY_BYTES], const struct http_request *request)
{
    struct MHD_Connection *connection = exchange_of(request)->connection;
    const union MHD_ConnectionInfo *info =
        connection ? MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION) : NULL;
    return info && info->tls_session ? http_gateway_peer_key(out, info->tls_session)
                                     : ERR_NOT_FOUND;
}

struct http_stats http_stats(const struct http_request *request)
{
    struct http_server *server = exchange_of(request)->server;
    struct http_stats stats;
    for (size_t i = 0; i < 6; i++)
        stats.answers[i] = atomic_load(&server->answers[i]);
    pthread_mutex_lock(&server->links.lock);
    stats.connections = server->links.count;
    pthread_mutex_unlock(&server->links.lock);
    return stats;
}

/* ---- answers become bytes ---- */

static ssize_t pull_stream(void *context, uint64_t position, char *out, size_t max)
{
    (void)position;
    struct exchange *exchange = context;
    const struct http_stream *stream = &exchange->request.answer.stream;
    for (;;) {
        pthread_mutex_lock(&exchange->request.lock);
        exchange->woken = false;
        pthread_mutex_unlock(&exchange->request.lock);
        if (http_link_gone(exchange->link))
            return MHD_CONTENT_READER_END_WITH_ERROR;
        long got = atomic_load(&exchange->server->stopping)
                       ? HTTP_STREAM_END
                       : stream->pull(stream->context, (uint8_t *)out, max);
        if (got > 0) {
            http_link_run(exchange->link); /* until it is sent */
            return got;
        }
        if (got == HTTP_STREAM_END)
            return MHD_CONTENT_READER_END_OF_STREAM;
        pthread_mutex_lock(&exchange->request.lock);
        bool again = exchange->woken || atomic_load(&exchange->server->stopping);
        if (!again) {
            http_link_pause(exchange->link);
            exchange->suspended = true;
            MHD_suspend_connection(exchange->connection);
        }
        pthread_mutex_unlock(&exchange->request.lock);
        if (!again)
            return 0;
    }
}

static struct MHD_Response *response_of(struct exchange *exchange)
{
    struct http_answer *answer = &exchange->request.answer;
    if (answer->streamed)
        return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, pull_stream,
                                                 exchange, NULL);
    if (answer->fd >= 0) {
        int fd = answer->fd;
        answer->fd = -1; /* the library closes it */
        return MHD_create_response_from_fd_at_offset64(answer->bytes, fd, answer->offset);
    }
    struct buf body = answer->body;
    answer->body = (struct buf){0};
    if (body.len == 0)
        buf_free(&body);
    return body.data ? MHD_create_response_from_buffer_with_free_callback(body.len, body.data,
                                                                          memory_free)
                     : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result send_response(struct exchange *exchange, struct MHD_Response *response,
                                     const struct http_answer *answer)
{
    exchange->phase = QUEUED;
    if (!response)
        return MHD_NO;
    struct http_header headers[HTTP_HEADERS_OUT_MAX];
    size_t count = http_answer_headers(headers, answer);
    for (size_t i = 0; i < count; i++)
        MHD_add_response_header(response, headers[i].name, headers[i].value);
    atomic_fetch_add(&exchange->server->answers[answer->status / 100 % 6], 1);
    enum MHD_Result result = MHD_queue_response(exchange->connection, answer->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result queue_answer(struct exchange *exchange)
{
    struct http_answer *answer = &exchange->request.answer;
    if (!answer->streamed)
        http_link_run(exchange->link);
    return send_response(exchange, response_of(exchange), answer);
}

/* The server stops and somebody still holds the request: it is answered for him. */
static enum MHD_Result queue_unavailable(struct exchange *exchange)
{
    AUTO(buf_free) struct buf body = {0};
    AUTO(doc_free) struct doc *problem = problem_new(ERR_UNAVAILABLE, NULL);
    doc_append_canonical(&body, problem);
    const struct http_answer answer = {
        .status = problem_status(ERR_UNAVAILABLE), .type = PROBLEM_TYPE, .close = true};
    return send_response(
        exchange, MHD_create_response_from_buffer(body.len, body.data, MHD_RESPMEM_MUST_COPY),
        &answer);
}

/* Goes on with a served request: does what is to be done, answers, or waits. */
static enum MHD_Result settle(struct exchange *exchange)
{
    struct http_request *request = &exchange->request;
    for (;;) {
        pthread_mutex_lock(&request->lock);
        void (*then)(void *, struct http_request *) = request->then;
        request->then = NULL;
        bool given = request->answer.given;
        if (!then && !given && !exchange->abandoned) {
            if (atomic_load(&exchange->server->stopping)) {
                exchange->abandoned = true;
            } else {
                http_link_pause(exchange->link);
                exchange->suspended = true;
                MHD_suspend_connection(exchange->connection);
                pthread_mutex_unlock(&request->lock);
                return MHD_YES;
            }
        }
        bool abandoned = exchange->abandoned;
        pthread_mutex_unlock(&request->lock);
        if (abandoned)
            return queue_unavailable(exchange);
        if (given)
            return queue_answer(exchange);
        http_link_run(exchange->link);
        then(request->then_argument, request);
    }
}

/* ---- requests ---- */

/* What is wrong with the request before a route sees it: the connection is closed after it. */
static enum MHD_Result refuse(struct exchange *exchange, int error, const struct faults *faults)
{
    exchange->request.answer.close = true;
    http_answer_problem(&exchange->request, error, faults);
    return queue_answer(exchange);
}

static enum MHD_Result begin(struct exchange *exchange, const char *method)
{
    struct http_request *request = &exchange->request;
    const struct http_server *server = exchange->server;
    snprintf(request->method, sizeof request->method, "%s", method);
    struct faults faults = {0};
    int error = http_request_begin(request, &faults, server->routes, server->routes_count);
    return error ? refuse(exchange, error, &faults) : MHD_YES;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_len, void **state)
{
    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    struct exchange *exchange = *state;
    struct http_request *request = &exchange->request;
    if (!request->method[0])
        return begin(exchange, method);
    if (exchange->phase == QUEUED) /* refused: the rest of the body is of no interest */
        return MHD_YES;
    if (*upload_len > 0) {
        if (request->body.len + *upload_len > request->body_bytes)
            return MHD_NO;
        buf_append(&request->body, upload, *upload_len);
        *upload_len = 0;
        return MHD_YES;
    }
    if (exchange->phase == READING) {
        exchange->phase = SERVED;
        request->route->serve(request->route_context, request);
    }
    return settle(exchange);
}

/* The first that the library tells of a request: its target, before it is parsed. */
static void *on_target(void *context, const char *target, struct MHD_Connection *connection)
{
    struct http_server *server = context;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    struct exchange *exchange = memory_alloc(sizeof *exchange);
    http_request_init(&exchange->request, target);
    exchange->server = server;
    exchange->connection = connection;
    exchange->link = info->socket_context;
    exchange->request.loopback = exchange->link->loopback;
    atomic_init(&exchange->references, 2);
    pthread_mutex_lock(&server->lock);
    exchange->next = server->first;
    if (exchange->next)
        exchange->next->previous = exchange;
    server->first = exchange;
    pthread_mutex_unlock(&server->lock);
    return exchange;
}

static void on_over(void *context, struct MHD_Connection *connection, void **state,
                    enum MHD_RequestTerminationCode code)
{
    (void)connection;
    (void)code;
    struct http_server *server = context;
    struct exchange *exchange = *state;
    if (!exchange)
        return;
    *state = NULL;
    pthread_mutex_lock(&server->lock);
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        server->first = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    pthread_mutex_unlock(&server->lock);
    struct http_request *request = &exchange->request;
    pthread_mutex_lock(&request->lock);
    exchange->connection = NULL;
    exchange->suspended = false;
    bool nobody = !request->answer.given && exchange->phase == READING;
    bool streamed = request->answer.given && request->answer.streamed && !exchange->abandoned;
    pthread_mutex_unlock(&request->lock);
    http_link_answered(exchange->link);
    if (nobody || streamed) /* nobody else is to answer */
        exchange_drop(exchange);
    exchange_drop(exchange);
}

/* ---- connections ---- */

static enum MHD_Result on_accept(void *context, const struct sockaddr *address, socklen_t len)
{
    (void)len;
    struct http_server *server = context;
    return http_links_admit(&server->links, address) ? MHD_YES : MHD_NO;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        http_link_close(*socket_context);
        return;
    }
    const struct sockaddr *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
    *socket_context = http_link_open(&server->links, fd, address);
}

/* Percent signs stay: http_route.c decodes, once, after cutting. */
static size_t keep_escaped(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

static void on_log(void *context, const char *format, va_list arguments)
{
    (void)context;
    char line[512];
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\r\n")] = 0;
    log_write(LOG_DEBUG, "http", "%s", line);
}

/* ---- the server ---- */

/* Listeners that have left without a word would keep their places until something is sent. */
static void wake_streams(struct http_server *server, bool all)
{
    for (struct exchange *exchange = server->first; exchange; exchange = exchange->next) {
        pthread_mutex_lock(&exchange->request.lock);
        bool waits = exchange->suspended && exchange->request.answer.streamed;
        pthread_mutex_unlock(&exchange->request.lock);
        if (waits && (all || http_link_gone(exchange->link)))
            http_stream_wake(&exchange->request);
    }
}

static void *watch(void *context)
{
    struct http_server *server = context;
    int64_t tick_ms = clock_monotonic_ms(), look_ms = tick_ms;
    pthread_mutex_lock(&server->lock);
    while (!atomic_load(&server->stopping)) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += SWEEP_MS * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        pthread_cond_timedwait(&server->stop, &server->lock, &until);
        int64_t now_ms = clock_monotonic_ms();
        http_links_sweep(&server->links, now_ms);
        if (now_ms - look_ms < LOOK_MS)
            continue;
        look_ms = now_ms;
        bool all = now_ms - tick_ms >= HTTP_STREAM_TICK_MS;
        tick_ms = all ? now_ms : tick_ms;
        wake_streams(server, all);
    }
    pthread_mutex_unlock(&server->lock);
    return NULL;
}

static int start_daemon(struct http_server *server, const struct http_config *config, int fd)
{
    unsigned threads = config->threads > 0 ? config->threads : 2;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                     (config->tls ? (unsigned)MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[HTTP_GATEWAY_OPTIONS];
    http_gateway_options(tls, config->tls);
    server->daemon = MHD_start_daemon(
        flags, 0, on_accept, server, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_CONNECTION_LIMIT, threads * (server->links.count_max + 1),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_NOTIFY_COMPLETED, on_over, server, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        server, MHD_OPTION_URI_LOG_CALLBACK, on_target, server, MHD_OPTION_UNESCAPE_CALLBACK,
        keep_escaped, NULL, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    return server->daemon ? 0 : config->tls ? ERR_KEY_INVALID : ERR_IO;
}

static void server_init(struct http_server *server, const struct http_config *config)
{
    server->links.count_max =
        config->connections_max > 0 ? config->connections_max : HTTP_CONNECTIONS_MAX;
    server->links.count_per_ip_max = config->connections_per_ip_max > 0
                                         ? config->connections_per_ip_max
                                         : HTTP_CONNECTIONS_PER_IP_MAX;
    server->links.deadline_ms = config->deadline_ms > 0 ? config->deadline_ms : DEADLINE_MS;
    server->links.idle_ms = IDLE_MS;
    server->routes_count = config->routes_count;
    server->routes = memory_alloc(config->routes_count * sizeof *server->routes);
    memcpy(server->routes, config->routes, config->routes_count * sizeof *server->routes);
    pthread_condattr_t attributes;
    ENSURE(pthread_condattr_init(&attributes) == 0);
    ENSURE(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    ENSURE(pthread_mutex_init(&server->links.lock, NULL) == 0);
    ENSURE(pthread_mutex_init(&server->lock, NULL) == 0);
    ENSURE(pthread_cond_init(&server->stop, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
}

static void server_free(struct http_server *server)
{
    http_links_close(&server->links);
    pthread_mutex_destroy(&server->links.lock);
    pthread_mutex_destroy(&server->lock);
    pthread_cond_destroy(&server->stop);
    memory_free(server->routes);
    memory_free(server);
}

int http_server_start(struct http_server **out, const struct http_config *config)
{
    if (config->threads > HTTP_THREADS_MAX)
        return ERR_CONFIG;
    int fd = -1;
    uint16_t port = 0;
    int error = http_listen(&fd, &port, config->host, config->port);
    if (error)
        return error;
    struct http_server *server = memory_alloc(sizeof *server);
    server_init(server, config);
    server->port = port;
    error = start_daemon(server, config, fd);
    if (error) {
        close(fd);
        server_free(server);
        return error;
    }
    ENSURE(pthread_create(&server->watch, NULL, watch, server) == 0);
    *out = server;
    return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
    return server->port;
}

/* Lets go of everything that is held, so that the library finds nothing suspended. */
static void release_held(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct exchange *exchange = server->first; exchange; exchange = exchange->next) {
        struct http_request *request = &exchange->request;
        pthread_mutex_lock(&request->lock);
        if (exchange->suspended)
            exchange->abandoned = !request->answer.given;
        unlock_and_resume(exchange);
    }
    pthread_mutex_unlock(&server->lock);
}

static bool all_over(struct http_server *server)
{
    pthread_mutex_lock(&server->lock);
    bool over = !server->first;
    pthread_mutex_unlock(&server->lock);
    return over;
}

void http_server_stop(struct http_server **pointer)
{
    struct http_server *server = *pointer;
    if (!server)
        return;
    *pointer = NULL;
    pthread_mutex_lock(&server->lock);
    atomic_store(&server->stopping, true);
    pthread_cond_signal(&server->stop);
    pthread_mutex_unlock(&server->lock);
    pthread_join(server->watch, NULL);
    int listening = MHD_quiesce_daemon(server->daemon);
    release_held(server);
    for (int64_t waited_ms = 0; waited_ms < STOP_MS && !all_over(server); waited_ms += 5)
        usleep(5000);
    while (atomic_load(&server->resuming) > 0)
        usleep(1000);
    MHD_stop_daemon(server->daemon);
    if (listening >= 0)
        close(listening);
    server_free(server);
}
