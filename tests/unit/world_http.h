/* Asking the API of a world (world.h) over HTTP. Include once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_WORLD_HTTP_H
#define DIRCHAIN_TESTS_UNIT_WORLD_HTTP_H

#include "world_own.h"

#include "http_client.h" /* needs cmocka.h, which the world includes */

#define HOST "Host: localhost\r\n"

struct answer {
    int status;
    struct doc *body;
    struct buf raw;
};

static void answer_free(struct answer *answer)
{
    doc_free(&answer->body);
    buf_free(&answer->raw);
}

__attribute__((format(printf, 1, 2))) static struct answer ask(const char *format, ...);
static struct answer ask(const char *format, ...)
{
    struct answer answer = {0};
    char *request = NULL;
    va_list arguments;
    va_start(arguments, format);
    assert_true(vasprintf(&request, format, arguments) > 0);
    va_end(arguments);
    const char *body = "";
    answer.status = http_ask(&answer.raw, &body, api_port(world->api), request);
    if (doc_parse(&answer.body, view_of_text(body), 1 << 24) != 0)
        answer.body = NULL;
    free(request);
    return answer;
}

/* A list of a read model that has not reached the chain's tip: on a machine whose disk is slow the
 * API answers before, and says so. */
#define LEVEL_TRIES 30 /* each waits in the API for the model */
static bool behind(const struct answer *answer)
{
    return doc_get_int(answer->body, "height", 0) < doc_get_int(answer->body, "tip", 0);
}

__attribute__((format(printf, 1, 2))) static struct answer get(const char *path, ...);
static struct answer get(const char *path, ...)
{
    char target[4096];
    va_list arguments;
    va_start(arguments, path);
    vsnprintf(target, sizeof target, path, arguments);
    va_end(arguments);
    for (int tries = 1;; tries++) {
        struct answer answer = ask("GET %s HTTP/1.1\r\n" HOST "\r\n", target);
        if (!behind(&answer) || tries == LEVEL_TRIES)
            return answer;
        answer_free(&answer);
    }
}

__attribute__((unused)) static struct answer post(const char *path, const char *type,
                                                  const char *more, struct view body)
{
    return ask("POST %s HTTP/1.1\r\n" HOST "Content-Type: %s\r\n%sContent-Length: %zu\r\n\r\n%.*s",
               path, type, more, body.len, (int)body.len, (const char *)body.data);
}

__attribute__((unused)) static void expect_problem(struct answer answer, int status,
                                                   const char *code)
{
    AUTO(answer_free) struct answer owned = answer;
    if (owned.status != status || !doc_text_is(owned.body, "code", code))
        fail_msg("%d %s\n%s", status, code, buf_text(&owned.raw));
    assert_int_equal(doc_get_int(owned.body, "status", 0), status);
    assert_non_null(doc_get_text(owned.body, "detail_zh"));
}

/* Asks for events; what comes first is read until the text appears. */
__attribute__((unused)) static int listen_from(const char *more)
{
    int fd = http_dial(api_port(world->api));
    AUTO(buf_free) struct buf request = {0};
    buf_append_format(&request, "GET /v1/events%s\r\n\r\n", more);
    http_send(fd, request.data, request.len);
    return fd;
}

__attribute__((unused)) static void wait_for(struct buf *in, int fd, const char *text)
{
    while (!strstr(buf_text(in), text))
        if (!http_receive(in, fd, 5000))
            fail_msg("no %s in\n%s", text, buf_text(in));
}

#endif
