/* A request in plain data, and the ways to answer it. Answers are only noted here; the thread that
 * serves the connection turns them into bytes. */
#include "api/http_internal.h"

#include "api/http_guard.h"
#include "api/problem.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

void http_request_init(struct http_request *request, const char *target)
{
    request->target = memory_copy_text(target);
    request->answer.fd = -1;
    ENSURE(pthread_mutex_init(&request->lock, NULL) == 0);
}

void http_request_clear(struct http_request *request)
{
    struct http_answer *answer = &request->answer;
    if (answer->streamed)
        answer->stream.release(answer->stream.context);
    if (answer->fd >= 0)
        close(answer->fd);
    for (size_t i = 0; i < answer->header_count; i++)
        memory_free(answer->header[i].value);
    buf_free(&answer->body);
    buf_free(&request->body);
    doc_free(&request->query);
    memory_free(request->target);
    memory_free(request->path);
    memory_free(request->split);
    pthread_mutex_destroy(&request->lock);
}

/* ---- taking in ---- */

static bool type_matches(const char *value, const char *type)
{
    size_t len = strlen(type);
    if (!value || strncasecmp(value, type, len) != 0)
        return false;
    value += len;
    value += strspn(value, " \t");
    return *value == 0 || *value == ';';
}

static int check_body(struct http_request *request)
{
    const char *length = http_library_header(request, "Content-Length");
    for (const char *c = length; c && *c; c++) /* digits: the guard saw to it */
        request->body_bytes = request->body_bytes * 10 + (size_t)(*c - '0');
    const struct http_route *route = request->route;
    if (!route->body_type)
        return request->body_bytes > 0 ? ERR_HTTP_BODY : 0;
    if (request->body_bytes > route->body_bytes_max)
        return ERR_TOO_LARGE;
    if (!length)
        return ERR_HTTP_LENGTH_REQUIRED;
    return type_matches(http_library_header(request, "Content-Type"), route->body_type)
               ? 0
               : ERR_HTTP_MEDIA_TYPE;
}

int http_request_begin(struct http_request *request, struct faults *faults,
                       const struct http_routes *routes, size_t routes_count)
{
    int error = http_guard_refused(request->target);
    if (!error)
        error = http_request_cut(request);
    if (!error)
        error = http_request_route(request, routes, routes_count);
    if (error)
        return error;
    if (request->route->caller == HTTP_LOOPBACK && !request->loopback)
        return ERR_LOOPBACK;
    uint8_t key[HTTP_PEER_KEY_BYTES];
    if (request->route->caller == HTTP_MEMBER && http_peer_key(key, request) != 0)
        return ERR_HTTP_CERTIFICATE;
    if (!request->route->any_query)
        error = http_request_read_query(request, faults);
    if (!error)
        error = check_body(request);
    if (!error)
        buf_reserve(&request->body, request->body_bytes);
    return error;
}

/* ---- reading ---- */

const struct http_route *http_route_of(const struct http_request *request)
{
    return request->route;
}

const char *http_method(const struct http_request *request)
{
    return request->method;
}

const char *http_path(const struct http_request *request)
{
    return request->path;
}

const struct doc *http_query(const struct http_request *request)
{
    return request->query;
}

const char *http_header(const struct http_request *request, const char *name)
{
    return http_library_header(request, name);
}

struct view http_body(const struct http_request *request)
{
    return view_of_buf(&request->body);
}

const char *http_bearer(const struct http_request *request)
{
    static const char scheme[] = "Bearer ";
    const char *value = http_library_header(request, "Authorization");
    if (!value || strncasecmp(value, scheme, sizeof scheme - 1) != 0)
        return NULL;
    value += sizeof scheme - 1;
    return value + strspn(value, " ");
}

bool http_from_loopback(const struct http_request *request)
{
    return request->loopback;
}

/* ---- answering ---- */

/* Takes the lock and makes sure that there is one answer only. */
static struct http_answer *answer_begin(struct http_request *request, unsigned status,
                                        const char *type)
{
    pthread_mutex_lock(&request->lock);
    ENSURE(!request->answer.given);
    request->answer.given = true;
    request->answer.status = status;
    request->answer.type = type;
    return &request->answer;
}

void http_answer_header(struct http_request *request, const char *name, const char *value)
{
    struct http_answer *answer = &request->answer;
    ENSURE(answer->header_count < HTTP_ANSWER_HEADERS_MAX);
    for (const char *c = value; *c; c++)
        ENSURE(*c >= ' ' && *c < 0x7f);
    answer->header[answer->header_count].name = name;
    answer->header[answer->header_count++].value = memory_copy_text(value);
}

void http_answer_bytes(struct http_request *request, unsigned status, const char *type,
                       struct buf *body)
{
    struct http_answer *answer = answer_begin(request, status, type);
    answer->body = *body;
    *body = (struct buf){0};
    http_wake(request);
}

void http_answer_doc(struct http_request *request, unsigned status, struct doc *document)
{
    AUTO(buf_free) struct buf body = {0};
    doc_append_canonical(&body, document);
    buf_append_u8(&body, '\n');
    doc_free(&document);
    http_answer_bytes(request, status, HTTP_TYPE_JSON, &body);
}

void http_answer_problem(struct http_request *request, int error, const struct faults *faults)
{
    AUTO(buf_free) struct buf body = {0};
    struct doc *problem = problem_new(error, faults);
    doc_append_canonical(&body, problem);
    buf_append_u8(&body, '\n');
    doc_free(&problem);
    if (error == ERR_TOKEN)
        http_answer_header(request, "WWW-Authenticate", "Bearer");
    http_answer_bytes(request, problem_status(error), PROBLEM_TYPE, &body);
}

void http_answer_file(struct http_request *request, const char *type, int fd, uint64_t offset,
                      uint64_t bytes)
{
    struct http_answer *answer = answer_begin(request, 200, type);
    answer->fd = fd;
    answer->offset = offset;
    answer->bytes = bytes;
    http_wake(request);
}

void http_answer_stream(struct http_request *request, const char *type,
                        const struct http_stream *stream)
{
    struct http_answer *answer = answer_begin(request, 200, type);
    answer->streamed = true;
    answer->stream = *stream;
    http_wake(request);
}

void http_continue(struct http_request *request,
                   void (*then)(void *argument, struct http_request *request), void *argument)
{
    pthread_mutex_lock(&request->lock);
    ENSURE(!request->answer.given && !request->then);
    request->then = then;
    request->then_argument = argument;
    http_wake(request);
}

/* ---- what every answer carries ---- */

/* Data is never a document of its own; pages take scripts, styles and data from here only. */
#define POLICY_DATA "default-src 'none'; frame-ancestors 'none'"
#define POLICY_PAGE                                                                                \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "              \
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "                   \
    "frame-ancestors 'none'"

size_t http_answer_headers(struct http_header out[HTTP_HEADERS_OUT_MAX],
                           const struct http_answer *answer)
{
    size_t count = 0;
    bool cached = false, policed = false, page = strncmp(answer->type, "text/html", 9) == 0;
    for (; count < answer->header_count; count++) {
        out[count] = (struct http_header){answer->header[count].name, answer->header[count].value};
        cached |= strcmp(answer->header[count].name, "Cache-Control") == 0;
        policed |= strcmp(answer->header[count].name, "Content-Security-Policy") == 0;
    }
    const struct http_header always[] = {
        {"Content-Type", answer->type},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cross-Origin-Resource-Policy", "same-origin"},
    };
    for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
        out[count++] = always[i];
    if (!policed)
        out[count++] =
            (struct http_header){"Content-Security-Policy", page ? POLICY_PAGE : POLICY_DATA};
    if (!cached)
        out[count++] = (struct http_header){"Cache-Control", "no-store"};
    if (answer->close)
        out[count++] = (struct http_header){"Connection", "close"};
    return count;
}
