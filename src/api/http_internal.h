/* What the files of http*.c share: a request in plain data, before anything of the HTTP library. */
#ifndef DIRCHAIN_API_HTTP_INTERNAL_H
#define DIRCHAIN_API_HTTP_INTERNAL_H

#include "api/http.h"
#include "base/limits.h"

#include <pthread.h>

#define HTTP_SEGMENTS_MAX 16

struct http_answer {
    bool given;
    bool close; /* the connection, after it */
    unsigned status;
    const char *type;
    struct buf body;
    int fd; /* ≥ 0: the body is bytes of this file */
    uint64_t offset, bytes;
    bool streamed;
    struct http_stream stream;
    size_t header_count;
    struct {
        const char *name;
        char *value;
    } header[HTTP_ANSWER_HEADERS_MAX];
};

struct http_request {
    char method[HTTP_METHOD_CHARS_MAX + 1];
    char *target; /* as sent */
    char *path;   /* decoded */
    char *split;  /* decoded, cut into segments */
    size_t segment_count;
    const char *segment[HTTP_SEGMENTS_MAX];
    struct doc *query;
    struct buf body;
    size_t body_bytes; /* announced */
    bool loopback;
    const struct http_route *route;
    void *route_context;
    pthread_mutex_t lock; /* of all below */
    struct http_answer answer;
    void (*then)(void *argument, struct http_request *request);
    void *then_argument;
};

/* http_route.c: cuts and decodes the target, and finds the route. ERR_HTTP_PATH, ERR_NOT_FOUND,
 * ERR_HTTP_METHOD (with an Allow header), ERR_HTTP_METHOD_UNKNOWN, ERR_FIELD_*. */
int http_request_cut(struct http_request *request);
int http_request_route(struct http_request *request, const struct http_routes *routes,
                       size_t routes_count);
/* Reads the query against the route's table; all faults at once. */
int http_request_read_query(struct http_request *request, struct faults *faults);

/* http_request.c */
void http_request_init(struct http_request *request, const char *target);
void http_request_clear(struct http_request *request);
/* The head is there: whatever can be refused without the body is refused. ERR_HTTP_*,
 * ERR_NOT_FOUND, ERR_LOOPBACK, ERR_TOO_LARGE, ERR_FIELD_*. */
int http_request_begin(struct http_request *request, struct faults *faults,
                       const struct http_routes *routes, size_t routes_count);

/* http_listen.c. ERR_CONFIG (no numeric address), ERR_PORT, ERR_IO. */
int http_listen(int *fd, uint16_t *port_bound, const char *host, uint16_t port);

/* http_gateway.c: the Ed25519 key of the certificate that the client of a TLS session has shown.
 * ERR_NOT_FOUND. */
int http_gateway_peer_key(uint8_t out[HTTP_PEER_KEY_BYTES], void *session);
/* What the library has to be told for TLS; nothing if `tls` is NULL. */
#define HTTP_GATEWAY_OPTIONS 5
struct MHD_OptionItem;
void http_gateway_options(struct MHD_OptionItem *out, const struct http_tls *tls);

/* Every header line of an answer, those of its own first; borrowed from it. */
struct http_header {
    const char *name, *value;
};
#define HTTP_HEADERS_OUT_MAX (HTTP_ANSWER_HEADERS_MAX + 8)
size_t http_answer_headers(struct http_header out[HTTP_HEADERS_OUT_MAX],
                           const struct http_answer *answer);

/* http_exchange.c */
const char *http_library_header(const struct http_request *request, const char *name);
/* An answer was given, or something is to be done: tells the thread that serves the request. The
 * lock is held; `over`: it was the answer, the request may be gone afterwards. */
void http_wake(struct http_request *request);

#endif
