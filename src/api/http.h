/* HTTP as the rest of the node sees it: a table of routes, a request, and ways to answer it. Behind
 * it libmicrohttpd, known to who includes http_exchange.h (and its TLS, to http_gateway.c).
 *
 * A request reaches its route only when it is sound: framing as RFC 9112 wants it, method, path and
 * every query parameter known and within bounds, body complete and not too long. All else is
 * refused with a problem document, and the connection is closed.
 *
 *   serve(context, request)  runs on a thread of the server, must not block for long, and either
 *     answers now      by exactly one http_answer_*, or
 *     answers later    returns without: the request is then held, and exactly one http_answer_*
 *                      must follow, from any thread, even after the server has stopped (then
 *                      nothing is sent). A held request costs no thread.
 *
 * Everything borrowed from a request lives until it is answered. */
#ifndef DIRCHAIN_API_HTTP_H
#define DIRCHAIN_API_HTTP_H

#include "base/doc.h"
#include "base/faults.h"
#include "chain/schema.h"

#define HTTP_PEER_KEY_BYTES 32

struct http_server;
struct http_request;

/* ---- routes ---- */

enum http_caller {
    HTTP_ANYONE,
    HTTP_TOKEN,    /* Authorization: Bearer, checked by the route */
    HTTP_LOOPBACK, /* refused unless the caller is on this machine */
    HTTP_MEMBER,   /* TLS client certificate; the route judges its key (http_peer_key) */
};

struct http_route {
    const char *method; /* "GET" (answers HEAD too), "POST"; NULL ends a table */
    const char *path; /* "/v1/members/{id}": a {name} is one segment, a last {name+} all the rest */
    void (*serve)(void *context, struct http_request *request);
    enum http_caller caller;
    const char *body_type; /* media type a body must have; NULL: no body is taken */
    size_t body_bytes_max;
    const struct field *body_fields; /* of a JSON body, for /openapi.json; the route checks */
    const struct tx_type *signs;     /* the body is that of this type; the node signs it */
    const struct field *query;       /* parameters; others are refused; NULL: none */
    bool any_query;                  /* what the query says does not matter */
    bool unlimited;                  /* streams: no total deadline once served */
    /* For /openapi.json; english NULL: left out of it. */
    const char *english;
    const char *chinese;
    const char *answer_type; /* media type of a good answer; NULL: application/json */
};

/* A route that is read, by anyone, as JSON: most are. */
#define HTTP_GET(path_, serve_, query_, english_, chinese_)                                        \
    {                                                                                              \
        .method = "GET", .path = path_, .serve = serve_, .query = query_, .english = english_,     \
        .chinese = chinese_                                                                        \
    }

/* Routes of one part, all served with one context. The tables live as long as the server. */
struct http_routes {
    const struct http_route *table;
    void *context;
};

/* ---- server ---- */

struct http_tls {
    const char *certificate_pem; /* ours, self-signed */
    const char *key_pem;
};

struct http_config {
    const char *host;                /* numeric address, e.g. 127.0.0.1 or ::1 */
    uint16_t port;                   /* 0: any */
    unsigned threads;                /* 0: 2 */
    int64_t deadline_ms;             /* of a whole request, being held excluded; 0: 30 s */
    unsigned connections_max;        /* 0: HTTP_CONNECTIONS_MAX */
    unsigned connections_per_ip_max; /* 0: HTTP_CONNECTIONS_PER_IP_MAX; loopback is exempt */
    const struct http_tls *tls;      /* NULL: plain */
    const struct http_routes *routes;
    size_t routes_count;
};

/* ERR_PORT, ERR_CONFIG (address), ERR_KEY_INVALID (TLS), ERR_IO. */
int http_server_start(struct http_server **out, const struct http_config *config);
/* Answers what is held with ERR_UNAVAILABLE, ends streams, closes. */
void http_server_stop(struct http_server **server);
uint16_t http_server_port(const struct http_server *server);

/* ---- the request ---- */

const struct http_route *http_route_of(const struct http_request *request);
const char *http_method(const struct http_request *request);
const char *http_path(const struct http_request *request); /* decoded */
/* A {name} of the route's path, decoded; NULL if the route has none of that name. */
const char *http_path_part(const struct http_request *request, const char *name);
/* The query as an object checked against route->query: numbers are numbers. Never NULL. */
const struct doc *http_query(const struct http_request *request);
const char *http_header(const struct http_request *request, const char *name); /* or NULL */
struct view http_body(const struct http_request *request);
/* The token of Authorization: Bearer; NULL if there is none. Never log it. */
const char *http_bearer(const struct http_request *request);
bool http_from_loopback(const struct http_request *request);
/* Raw Ed25519 key of the client's certificate, whose possession TLS has shown. ERR_NOT_FOUND. */
int http_peer_key(uint8_t out[HTTP_PEER_KEY_BYTES], const struct http_request *request);

/* Numbers of the server that serves the request. */
struct http_stats {
    uint64_t answers[6]; /* by the first digit of the status */
    unsigned connections;
};
struct http_stats http_stats(const struct http_request *request);

/* ---- answers: exactly one a request ---- */

#define HTTP_TYPE_JSON "application/json; charset=utf-8"

/* A header line of the answer, before it is answered. The name is a constant, the value is checked
 * (visible ASCII and blanks). */
void http_answer_header(struct http_request *request, const char *name, const char *value);
/* The body's bytes move out of the buffer. */
void http_answer_bytes(struct http_request *request, unsigned status, const char *type,
                       struct buf *body);
/* The document, in canonical form; takes it over. */
void http_answer_doc(struct http_request *request, unsigned status, struct doc *document);
/* A problem document (RFC 9457, problem.h) with the status that belongs to the error. */
void http_answer_problem(struct http_request *request, int error, const struct faults *faults);
/* Bytes of an open file from an offset on; takes the descriptor over. */
void http_answer_file(struct http_request *request, const char *type, int fd, uint64_t offset,
                      uint64_t bytes);

/* For a held request, instead of an answer: has `then` called on a thread of the server, where it
 * may read stores and do work, and answer or hold again. `then` is also called after the server
 * has stopped, so that it can release its argument; by the caller then. */
void http_continue(struct http_request *request,
                   void (*then)(void *argument, struct http_request *request), void *argument);

/* Whether nobody waits for the answer any more, so that work for it can be spared. */
bool http_gone(const struct http_request *request);

/* A stream of unknown length. `pull` fills up to max bytes: > 0 so many, HTTP_STREAM_WAIT nothing
 * yet (until http_stream_wake), HTTP_STREAM_END. `release` is called once, when all is sent or the
 * client is gone; after it http_stream_wake must not be called. `pull` is also called every
 * HTTP_STREAM_TICK_MS, so that it can send a sign of life. */
#define HTTP_STREAM_TICK_MS 15000
#define HTTP_STREAM_WAIT 0
#define HTTP_STREAM_END (-1)
struct http_stream {
    void *context;
    long (*pull)(void *context, uint8_t *out, size_t max);
    void (*release)(void *context);
};
void http_answer_stream(struct http_request *request, const char *type,
                        const struct http_stream *stream);
/* There is something to pull again; any thread. */
void http_stream_wake(struct http_request *request);

#endif
