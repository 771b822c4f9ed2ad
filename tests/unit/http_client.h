/* A raw HTTP client for tests: what is sent is exactly what is written, and what comes back is
 * looked at as text. */
#ifndef DIRCHAIN_TESTS_HTTP_CLIENT_H
#define DIRCHAIN_TESTS_HTTP_CLIENT_H

#include "base/bytes.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int http_dial(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static inline void http_send(int fd, const void *data, size_t len)
{
    while (len > 0) {
        ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* refused meanwhile: the answer tells */
        data = (const char *)data + sent;
        len -= (size_t)sent;
    }
}

/* Appends what comes within the time; false at the end of the stream, or when time is up. */
static inline bool http_receive(struct buf *in, int fd, int wait_ms)
{
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    if (poll(&poller, 1, wait_ms) <= 0)
        return false;
    buf_reserve(in, 65536);
    ssize_t got = recv(fd, in->data + in->len, 65536, 0);
    if (got <= 0)
        return false;
    in->len += (size_t)got;
    return true;
}

/* Everything until the other side closes; false if it did not within the time. */
static inline bool http_receive_all(struct buf *in, int fd, int wait_ms)
{
    while (http_receive(in, fd, wait_ms))
        ;
    char probe;
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    return poll(&poller, 1, 0) == 1 && recv(fd, &probe, 1, MSG_DONTWAIT) <= 0;
}

/* One answer with a Content-Length: its status; the body is at *body. More may follow in `in`. */
static inline int http_read_answer(struct buf *in, const char **body, int fd)
{
    for (;;) {
        const char *text = buf_text(in);
        const char *end = strstr(text, "\r\n\r\n");
        const char *length = strcasestr(text, "\r\nContent-Length: ");
        if (end && length && length < end) {
            size_t total = (size_t)(end + 4 - text) + strtoul(length + 18, NULL, 10);
            if (in->len >= total) {
                if (body)
                    *body = end + 4;
                return (int)strtol(text + 9, NULL, 10);
            }
        }
        if (!http_receive(in, fd, 5000))
            return -1;
    }
}

/* Sends and reads one answer on a connection of its own. */
static inline int http_ask(struct buf *in, const char **body, uint16_t port, const char *request)
{
    int fd = http_dial(port);
    http_send(fd, request, strlen(request));
    buf_clear(in);
    int status = http_read_answer(in, body, fd);
    close(fd);
    return status;
}

#endif
