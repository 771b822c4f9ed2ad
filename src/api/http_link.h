/* Links: the connections of a server as its guard, its deadlines and its limits see them.
 *
 * The linker puts http_link.c between libmicrohttpd and the socket (--wrap=recv, in
 * src/CMakeLists.txt): what the library receives has passed the guard. A link is used by the one
 * thread that serves its connection; the watch touches only `expires_ms` and, under the lock, the
 * socket. */
#ifndef DIRCHAIN_API_HTTP_LINK_H
#define DIRCHAIN_API_HTTP_LINK_H

#include "api/http_guard.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

struct http_link {
    struct http_links *links;
    struct http_link *previous, *next;
    int fd;
    struct in6_addr address; /* v4 mapped */
    bool loopback;
    struct http_guard guard;
    struct buf held;   /* received and not passed on: the beginning of a head, or a refusal */
    size_t ready;      /* of these may pass */
    bool refused;      /* nothing more is passed on */
    uint64_t answered; /* requests, against guard.heads */
    _Atomic int64_t expires_ms; /* when the watch cuts the connection */
};

#define HTTP_LINGERS_MAX 64

struct http_links {
    pthread_mutex_t lock;
    struct http_link *first;
    unsigned count;
    unsigned count_max, count_per_ip_max;
    int64_t deadline_ms; /* of one message and its answer */
    int64_t idle_ms;     /* between messages */
    /* Closed with something unread: kept a moment, so that the answer is not lost in a reset. */
    struct {
        int fd;
        int64_t until_ms;
    } linger[HTTP_LINGERS_MAX];
    unsigned linger_count;
};

/* Closes what still lingers. */
void http_links_close(struct http_links *links);
/* Whether one more connection from there is within the limits. */
bool http_links_admit(struct http_links *links, const struct sockaddr *address);
struct http_link *http_link_open(struct http_links *links, int fd, const struct sockaddr *address);
/* Before the descriptor is closed. */
void http_link_close(struct http_link *link);
/* Cuts what has expired, and drops what has lingered. */
void http_links_sweep(struct http_links *links, int64_t now_ms);

/* Whether the other side has closed, while nobody reads from it. */
bool http_link_gone(const struct http_link *link);
/* A request waits for something other than its client; it goes on; it has been answered. */
void http_link_pause(struct http_link *link);
void http_link_run(struct http_link *link);
void http_link_answered(struct http_link *link);

/* Where bytes come from: > 0 so many, 0 the end, < 0 an error or nothing now. */
struct http_source {
    ssize_t (*read)(void *context, void *out, size_t len);
    void *context;
    bool drained_when_short; /* fewer than asked for: there are no more right now */
};
/* As `read`, but only what has passed the guard. */
ssize_t http_link_receive(struct http_link *link, const struct http_source *source, void *out,
                          size_t len);
/* The link of a descriptor, or NULL. */
struct http_link *http_link_of(int fd);

#endif
