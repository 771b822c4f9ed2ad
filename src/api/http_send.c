/* Answers become bytes: from a buffer, a file, or a stream that is pulled as the client takes it.
 */
#include "api/http_exchange.h"

#include "api/problem.h"
#include "base/errors.h"
#include "base/memory.h"

#define STREAM_BLOCK_BYTES 8192

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

enum MHD_Result exchange_queue_answer(struct exchange *exchange)
{
    struct http_answer *answer = &exchange->request.answer;
    if (!answer->streamed)
        http_link_run(exchange->link);
    return send_response(exchange, response_of(exchange), answer);
}

/* The server stops and somebody still holds the request: it is answered for him. */
enum MHD_Result exchange_queue_unavailable(struct exchange *exchange)
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
