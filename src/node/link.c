/* A connection's life, its reads and its writes. Ciphertext that the socket does not take at once
 * is handed to libuv; until that write is done, new frames only queue. */
#include "node/link.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define READ_BYTES (512 * 1024)
#define FLUSH_BYTES (1024 * 1024)      /* plaintext encrypted at once */
#define KEEP_BUFFER_BYTES (256 * 1024) /* larger ones are given back when empty */
#define KEEPALIVE_S 30
#define REASON_CHARS 160

struct link {
    struct link_environment *environment;
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_getaddrinfo_t resolve;
    uv_write_t write;
    struct peer_tls *tls;
    struct endpoint endpoint;
    struct buf plain;  /* received; a frame that is not complete yet */
    struct buf out;    /* frames to send */
    size_t out_done;   /* of them, encrypted already */
    struct buf flight; /* ciphertext that libuv is writing */
    void *owner;
    int64_t opened_ms, ready_ms, heard_ms;
    bool dialled, connected, resolving, was_ready, writing, closing, handle_closed;
    char why[REASON_CHARS];
};

void link_environment_free(struct link_environment *environment)
{
    buf_free(&environment->read_buffer);
}

static struct link *link_new(struct link_environment *environment)
{
    struct link *link = memory_alloc(sizeof *link);
    link->environment = environment;
    link->opened_ms = link->heard_ms = clock_monotonic_ms();
    link->tcp.data = link->connect.data = link->resolve.data = link->write.data = link;
    return link;
}

static void link_free(struct link *link)
{
    peer_tls_close(&link->tls);
    buf_free(&link->plain);
    buf_free(&link->out);
    buf_free(&link->flight);
    memory_free(link);
}

/* The memory goes when neither the handle nor a name look-up can call back any more. */
static void link_release(struct link *link)
{
    if (link->handle_closed && !link->resolving) {
        link->environment->handler.closed(link, link->why);
        link_free(link);
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    struct link *link = handle->data;
    link->handle_closed = true;
    link_release(link);
}

void link_close(struct link *link, const char *why)
{
    if (link->closing) {
        return;
    }
    link->closing = true;
    const char *failure = link->tls != NULL ? peer_tls_failure(link->tls) : "";
    snprintf(link->why, sizeof link->why, "%s%s%s", why, failure[0] != '\0' ? ": " : "", failure);
    if (link->resolving) {
        (void)uv_cancel((uv_req_t *)&link->resolve);
    }
    uv_close((uv_handle_t *)&link->tcp, on_handle_closed);
}

/* ---- writing ---- */

static void on_written(uv_write_t *write, int status)
{
    struct link *link = write->data;
    link->writing = false;
    buf_clear(&link->flight);
    if (status != 0) {
        link_close(link, "write failed");
    } else {
        link_flush(link);
    }
}

/* Frames become ciphertext, a bounded piece at a time. */
static int encrypt_some(struct link *link)
{
    size_t waiting = link->out.len - link->out_done;
    if (waiting == 0 || !peer_tls_ready(link->tls)) {
        return 0;
    }
    size_t len = waiting < FLUSH_BYTES ? waiting : FLUSH_BYTES;
    int error = peer_tls_send(link->tls, view_of(link->out.data + link->out_done, len));
    link->out_done += len;
    if (link->out_done == link->out.len) {
        link->out_done = 0;
        buf_clear(&link->out);
        if (link->out.capacity > KEEP_BUFFER_BYTES) {
            buf_free(&link->out);
        }
    }
    return error;
}

static void write_rest(struct link *link, struct view rest)
{
    buf_append_view(&link->flight, rest);
    peer_tls_written(link->tls, rest.len);
    uv_buf_t piece = uv_buf_init((char *)link->flight.data, (unsigned)link->flight.len);
    link->writing = true;
    if (uv_write(&link->write, (uv_stream_t *)&link->tcp, &piece, 1, on_written) != 0) {
        link->writing = false;
        link_close(link, "write failed");
    }
}

void link_flush(struct link *link)
{
    while (!link->closing && link->connected && !link->writing) {
        if (encrypt_some(link) != 0) {
            link_close(link, "encryption failed");
            return;
        }
        struct view ready = peer_tls_outgoing(link->tls);
        if (ready.len == 0) {
            return;
        }
        uv_buf_t piece = uv_buf_init((char *)(uintptr_t)ready.data, (unsigned)ready.len);
        int put = uv_try_write((uv_stream_t *)&link->tcp, &piece, 1);
        if (put < 0 && put != UV_EAGAIN) {
            link_close(link, "write failed");
            return;
        }
        size_t written = put > 0 ? (size_t)put : 0;
        link->environment->bytes_out += ready.len;
        if (written > 0) {
            peer_tls_written(link->tls, written);
        }
        if (written < ready.len) {
            write_rest(link, peer_tls_outgoing(link->tls));
        }
    }
}

struct buf *link_out(struct link *link)
{
    if (link->closing || link_queued(link) > PEER_QUEUE_BYTES_MAX) {
        return NULL;
    }
    if (link->out_done > FLUSH_BYTES) { /* forget what has gone, now and then */
        memmove(link->out.data, link->out.data + link->out_done, link->out.len - link->out_done);
        link->out.len -= link->out_done;
        link->out_done = 0;
    }
    return &link->out;
}

bool link_send(struct link *link, struct view frames, enum link_importance importance)
{
    size_t bound =
        importance == LINK_DROPPABLE ? PEER_QUEUE_DROP_BYTES : (size_t)PEER_QUEUE_BYTES_MAX;
    bool fits = link_queued(link) + frames.len <= bound;
    struct buf *out = link_out(link);
    if (out != NULL && fits) {
        buf_append_view(out, frames);
        return true;
    }
    if (importance == LINK_REQUIRED) {
        link_close(link, "does not take its messages");
    }
    return false;
}

/* ---- reading ---- */

static void on_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    struct link *link = handle->data;
    struct buf *buffer = &link->environment->read_buffer;
    (void)suggested;
    buf_clear(buffer);
    buf_reserve(buffer, READ_BYTES);
    *out = uv_buf_init((char *)buffer->data, READ_BYTES);
}

static void take_frames(struct link *link)
{
    struct view rest = view_of_buf(&link->plain);
    size_t wanted = 0;
    while (!link->closing) {
        struct frame frame;
        int error = wire_next(&frame, &rest, &wanted);
        if (error == ERR_NOT_FOUND) {
            break;
        }
        if (error != 0) {
            link_close(link, "malformed frame");
            return;
        }
        error = link->environment->handler.frame(link, &frame);
        if (error != 0) {
            link_close(link, error_code(error));
        }
    }
    if (rest.len > 0) {
        memmove(link->plain.data, rest.data, rest.len);
    }
    link->plain.len = rest.len;
    if (rest.len == 0 && link->plain.capacity > KEEP_BUFFER_BYTES) {
        buf_free(&link->plain);
    }
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *bytes)
{
    struct link *link = stream->data;
    if (got == 0 || link->closing) {
        return;
    }
    if (got < 0) {
        link_close(link, got == UV_EOF ? "closed by the other side" : uv_strerror((int)got));
        return;
    }
    link->heard_ms = clock_monotonic_ms();
    link->environment->bytes_in += (uint64_t)got;
    int error = peer_tls_receive(link->tls, &link->plain, view_of(bytes->base, (size_t)got));
    if (error != 0) {
        link_flush(link); /* the alert that says why */
        link_close(link, "channel");
        return;
    }
    if (!link->was_ready && peer_tls_ready(link->tls)) {
        link->was_ready = true;
        link->ready_ms = link->heard_ms;
        link->environment->handler.ready(link);
    }
    if (link->was_ready && !link->closing) {
        take_frames(link);
    }
    if (!link->was_ready) {
        link_flush(link); /* the handshake goes on */
    }
}

/* ---- opening ---- */

static void start_reading(struct link *link)
{
    link->connected = true;
    (void)uv_tcp_nodelay(&link->tcp, 1);
    (void)uv_tcp_keepalive(&link->tcp, 1, KEEPALIVE_S);
    if (uv_read_start((uv_stream_t *)&link->tcp, on_allocate, on_read) != 0) {
        link_close(link, "read failed");
    }
    link_flush(link);
}

static void on_connected(uv_connect_t *connect, int status)
{
    struct link *link = connect->data;
    if (link->closing) {
        return;
    }
    if (status != 0) {
        link_close(link, uv_strerror(status));
    } else {
        start_reading(link);
    }
}

static void connect_to(struct link *link, const struct sockaddr *address)
{
    int status = uv_tcp_connect(&link->connect, &link->tcp, address, on_connected);
    if (status != 0) {
        link_close(link, uv_strerror(status));
    }
}

static void on_resolved(uv_getaddrinfo_t *resolve, int status, struct addrinfo *list)
{
    struct link *link = resolve->data;
    link->resolving = false;
    if (link->closing) {
        link_release(link);
    } else if (status != 0) {
        link_close(link, uv_strerror(status));
    } else {
        connect_to(link, list->ai_addr);
    }
    uv_freeaddrinfo(list);
}

/* Numeric addresses need no look-up, which would take a worker's time. */
static void find_address(struct link *link)
{
    struct sockaddr_storage address;
    const struct endpoint *endpoint = &link->endpoint;
    if (uv_ip4_addr(endpoint->host, endpoint->port, (struct sockaddr_in *)&address) == 0 ||
        uv_ip6_addr(endpoint->host, endpoint->port, (struct sockaddr_in6 *)&address) == 0) {
        connect_to(link, (const struct sockaddr *)&address);
        return;
    }
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    link->resolving = true;
    int status = uv_getaddrinfo(link->environment->loop, &link->resolve, on_resolved,
                                endpoint->host, port, &hints);
    if (status != 0) {
        link->resolving = false;
        link_close(link, uv_strerror(status));
    }
}

int link_dial(struct link **out, struct link_environment *environment,
              const struct endpoint *endpoint, const struct peer_key *expected)
{
    struct link *link = link_new(environment);
    *out = NULL;
    if (uv_tcp_init(environment->loop, &link->tcp) != 0) {
        link_free(link);
        return ERR_NETWORK;
    }
    link->dialled = true;
    link->endpoint = *endpoint;
    link->tls = peer_tls_dial(environment->identity, expected);
    *out = link;
    find_address(link);
    return 0;
}

int link_accept(struct link **out, struct link_environment *environment, uv_stream_t *listener)
{
    struct link *link = link_new(environment);
    *out = NULL;
    if (uv_tcp_init(environment->loop, &link->tcp) != 0) {
        link_free(link);
        return ERR_NETWORK;
    }
    link->tls = peer_tls_accept(environment->identity);
    *out = link;
    if (uv_accept(listener, (uv_stream_t *)&link->tcp) != 0) {
        link_close(link, "accept failed");
        return 0;
    }
    start_reading(link);
    return 0;
}

/* ---- looking in ---- */

bool link_connected(const struct link *link)
{
    return link->connected;
}

bool link_was_ready(const struct link *link)
{
    return link->was_ready;
}

bool link_ready(const struct link *link)
{
    return link->was_ready && !link->closing;
}

bool link_closing(const struct link *link)
{
    return link->closing;
}

bool link_dialled(const struct link *link)
{
    return link->dialled;
}

const struct peer_key *link_peer_key(const struct link *link)
{
    return peer_tls_peer(link->tls);
}

int64_t link_opened_ms(const struct link *link)
{
    return link->opened_ms;
}

int64_t link_ready_ms(const struct link *link)
{
    return link->ready_ms;
}

int64_t link_heard_ms(const struct link *link)
{
    return link->heard_ms;
}

size_t link_queued(const struct link *link)
{
    return link->out.len - link->out_done + link->flight.len;
}

void *link_context(const struct link *link)
{
    return link->environment->context;
}

void *link_owner(const struct link *link)
{
    return link->owner;
}

void link_set_owner(struct link *link, void *owner)
{
    link->owner = owner;
}
