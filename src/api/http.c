/* The HTTP server: libmicrohttpd's pool of epoll threads on one side, requests in plain data on the
 * other. Only http.c, http_exchange.c, http_send.c and http_gateway.c know the library. */
#include "api/http.h"

#include "api/http_exchange.h"
#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

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
        flags, 0, on_accept, server, exchange_on_request, server, MHD_OPTION_EXTERNAL_LOGGER,
        on_log, NULL, MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_THREAD_POOL_SIZE, threads,
        MHD_OPTION_CONNECTION_LIMIT, threads * (server->links.count_max + 1),
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_PER_CONNECTION,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_on_over, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_URI_LOG_CALLBACK, exchange_on_target, server,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped, NULL, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
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
        exchange_unlock_and_resume(exchange);
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

/* ---- its numbers ---- */

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
