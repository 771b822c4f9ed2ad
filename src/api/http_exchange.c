/* A request, from its target to its end.
 *
 *   READING ──body complete──► SERVED ──answer given──► QUEUED ──sent or gone──► over
 *      │ refused (QUEUED)        │ none yet: suspended, until http_wake resumes it
 *
 * An exchange has two references: the library's, dropped when the request is over, and the
 * answer's, dropped by the one who answers. So whoever holds a request may answer it at any time,
 * even when the client or the whole server is gone. */
#include "api/http_exchange.h"

#include "base/errors.h"
#include "base/memory.h"

#include <stdio.h>

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

void exchange_unlock_and_resume(struct exchange *exchange)
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
        exchange_unlock_and_resume(exchange);
    if (given && (orphan || !streamed)) /* a stream's answer goes on */
        exchange_drop(exchange);
}

void http_stream_wake(struct http_request *request)
{
    struct exchange *exchange = exchange_of(request);
    pthread_mutex_lock(&request->lock);
    exchange->woken = true;
    exchange_unlock_and_resume(exchange);
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

/* ---- serving ---- */

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
            return exchange_queue_unavailable(exchange);
        if (given)
            return exchange_queue_answer(exchange);
        http_link_run(exchange->link);
        then(request->then_argument, request);
    }
}

/* What is wrong with the request before a route sees it: the connection is closed after it. */
static enum MHD_Result refuse(struct exchange *exchange, int error, const struct faults *faults)
{
    exchange->request.answer.close = true;
    http_answer_problem(&exchange->request, error, faults);
    return exchange_queue_answer(exchange);
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

enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_len, void **state)
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
void *exchange_on_target(void *context, const char *target, struct MHD_Connection *connection)
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

void exchange_on_over(void *context, struct MHD_Connection *connection, void **state,
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
