/* HTTP for load generators: see bench_http.h. Answers are read as far as their status and length;
 * anything unexpected ends the bench. */
#include "bench_http.h"

#include "base/memory.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define CONNECTIONS_EACH 120
#define CONNECTIONS_MAX (CONNECTIONS_EACH * 8)
#define AHEAD_MAX 8        /* requests sent before their answers */
#define EVENTS_MAX 256
#define TURN_PAUSE_US 2000 /* the generator shares the cores: it looks seldom, and does much */

struct connection {
    int fd;
    struct buf out;
    size_t out_sent;
    struct buf in;
    unsigned waiting;
    bool choked; /* watched for room to send */
};

struct bench_http {
    int epoll;
    size_t count;
    size_t next;
    uint64_t refused;
    struct connection connection[CONNECTIONS_MAX];
};

static void stop(const char *what)
{
    fprintf(stderr, "bench_http: %s: %s\n", what, strerror(errno));
    exit(3);
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        stop("connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* Length of the first whole answer in the buffer, 0 if it is not complete yet. */
static size_t answer_length(struct buf *in, int *status, size_t *body_at)
{
    const char *text = buf_text(in);
    const char *end = strstr(text, "\r\n\r\n");
    if (!end)
        return 0;
    if (strncmp(text, "HTTP/1.1 ", 9) != 0)
        stop("not an HTTP answer");
    *status = (int)strtol(text + 9, NULL, 10);
    size_t head = (size_t)(end - text) + 4, length = 0;
    for (const char *line = strstr(text, "\r\n"); line && line < end;
         line = strstr(line + 2, "\r\n"))
        if (strncasecmp(line + 2, "Content-Length:", 15) == 0)
            length = strtoul(line + 17, NULL, 10);
    *body_at = head;
    return in->len >= head + length ? head + length : 0;
}

int bench_http_call(struct buf *out, int port, const char *method, const char *path,
                    struct view body)
{
    static struct {
        int port, fd;
    } kept[16];
    size_t i = 0;
    while (i < 15 && kept[i].port != 0 && kept[i].port != port)
        i++;
    if (kept[i].port != port)
        kept[i].fd = connect_to(port);
    kept[i].port = port;
    AUTO(buf_free) struct buf request = {0}, in = {0};
    buf_append_format(&request,
                      "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/jose\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      method, path, body.len);
    buf_append_view(&request, body);
    if (write(kept[i].fd, request.data, request.len) != (ssize_t)request.len)
        stop("write");
    int status = 0;
    size_t body_at = 0, length;
    while ((length = answer_length(&in, &status, &body_at)) == 0) {
        buf_reserve(&in, 65536);
        ssize_t got = read(kept[i].fd, in.data + in.len, 65536);
        if (got <= 0)
            stop("read");
        in.len += (size_t)got;
    }
    buf_append(out, in.data + body_at, length - body_at);
    if (status >= 400) { /* an error closes the connection */
        close(kept[i].fd);
        kept[i].port = -1;
    }
    return status;
}

static void watch(struct bench_http *http, struct connection *connection, int change)
{
    struct epoll_event event = {.events = EPOLLIN | (connection->choked ? EPOLLOUT : 0),
                                .data.ptr = connection};
    if (epoll_ctl(http->epoll, change, connection->fd, &event) != 0)
        stop("epoll_ctl");
}

struct bench_http *bench_http_open(int first_port, int nodes)
{
    struct bench_http *http = memory_alloc(sizeof *http);
    http->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (http->epoll < 0)
        stop("epoll");
    for (int i = 0; i < nodes * CONNECTIONS_EACH; i++) {
        struct connection *connection = &http->connection[http->count++];
        connection->fd = connect_to(first_port + i % nodes);
        watch(http, connection, EPOLL_CTL_ADD);
    }
    return http;
}

void bench_http_close(struct bench_http **http)
{
    for (size_t i = 0; i < (*http)->count; i++) {
        close((*http)->connection[i].fd);
        buf_free(&(*http)->connection[i].out);
        buf_free(&(*http)->connection[i].in);
    }
    close((*http)->epoll);
    memory_free(*http);
    *http = NULL;
}

bool bench_http_post(struct bench_http *http, struct view jws)
{
    for (size_t tried = 0; tried < http->count; tried++) {
        struct connection *connection = &http->connection[http->next];
        if (connection->waiting >= AHEAD_MAX) { /* filled to the brim before the next: one write */
            http->next = (http->next + 1) % http->count;
            continue;
        }
        buf_append_format(&connection->out,
                          "POST /v1/transactions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                          "Content-Type: application/jose\r\nContent-Length: %zu\r\n\r\n",
                          jws.len);
        buf_append_view(&connection->out, jws);
        connection->waiting++;
        return true;
    }
    return false;
}

static void send_some(struct bench_http *http, struct connection *connection)
{
    ssize_t sent = send(connection->fd, connection->out.data + connection->out_sent,
                        connection->out.len - connection->out_sent, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        stop("send");
    connection->out_sent += sent > 0 ? (size_t)sent : 0;
    if (connection->out_sent == connection->out.len) {
        buf_clear(&connection->out);
        connection->out_sent = 0;
    }
    bool choked = connection->out.len > 0;
    if (choked != connection->choked) {
        connection->choked = choked;
        watch(http, connection, EPOLL_CTL_MOD);
    }
}

static void receive_some(struct bench_http *http, struct connection *connection)
{
    buf_reserve(&connection->in, 65536);
    ssize_t got =
        recv(connection->fd, connection->in.data + connection->in.len, 65535, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        stop("the node closed the connection");
    connection->in.len += got > 0 ? (size_t)got : 0;
    size_t length, body_at, used = 0;
    int status;
    struct buf rest = connection->in;
    while (rest.len > 0 && (length = answer_length(&rest, &status, &body_at)) > 0) {
        if (status / 100 != 2 && http->refused++ < 5)
            fprintf(stderr, "refused: %.*s\n", (int)(length - body_at), rest.data + body_at);
        connection->waiting--;
        used += length;
        rest.data += length;
        rest.len -= length;
        rest.capacity -= length;
    }
    if (used > 0) {
        connection->in.len -= used;
        memmove(connection->in.data, connection->in.data + used, connection->in.len);
    }
}

void bench_http_turn(struct bench_http *http, int wait_ms)
{
    struct epoll_event events[EVENTS_MAX];
    usleep(TURN_PAUSE_US);
    for (size_t i = 0; i < http->count; i++)
        if (http->connection[i].out.len > 0 && !http->connection[i].choked)
            send_some(http, &http->connection[i]);
    int count = epoll_wait(http->epoll, events, EVENTS_MAX, wait_ms);
    if (count < 0)
        stop("epoll_wait");
    for (int i = 0; i < count; i++) {
        struct connection *connection = events[i].data.ptr;
        if (events[i].events & EPOLLOUT)
            send_some(http, connection);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))
            receive_some(http, connection);
    }
}

uint64_t bench_http_refused(const struct bench_http *http)
{
    return http->refused;
}
