/* What http*.c share that know libmicrohttpd: a request under way, and the server. Only they
 * include this.
 *
 *   http.c           the server: connections, the watch, start and stop
 *   http_exchange.c  a request from its target to its end
 *   http_send.c      an answer becomes bytes */
#ifndef DIRCHAIN_API_HTTP_EXCHANGE_H
#define DIRCHAIN_API_HTTP_EXCHANGE_H

#include "api/http_internal.h"
#include "api/http_link.h"

#include <microhttpd.h>

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

static inline struct exchange *exchange_of(const struct http_request *request)
{
    return (struct exchange *)(uintptr_t)request;
}

/* ---- http_exchange.c ---- */

/* What the library calls for a request: its target is known, its head or a piece of its body is
 * there, it is over. */
void *exchange_on_target(void *context, const char *target, struct MHD_Connection *connection);
enum MHD_Result exchange_on_request(void *context, struct MHD_Connection *connection,
                                    const char *url, const char *method, const char *version,
                                    const char *upload, size_t *upload_len, void **state);
void exchange_on_over(void *context, struct MHD_Connection *connection, void **state,
                      enum MHD_RequestTerminationCode code);
/* Resumes a connection that was suspended, outside the lock: the thread that is woken takes it at
 * once. Until that is done the server does not stop. The exchange may be gone afterwards. */
void exchange_unlock_and_resume(struct exchange *exchange);

/* ---- http_send.c ---- */

/* Hands the answer, or the one for a server that stops, over to the library. */
enum MHD_Result exchange_queue_answer(struct exchange *exchange);
enum MHD_Result exchange_queue_unavailable(struct exchange *exchange);

#endif
