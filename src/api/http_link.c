/* Links: receive through the guard, cut what is late, refuse what is too many.
 *
 *   held  [ passed on │ ready │ beginning of a head … ]
 *
 * The common case copies nothing: bytes are received into the library's own buffer, and when they
 * end with a message they stay there. Only the beginning of a head, and a refusal, are held. */
#include "api/http_link.h"

#include "base/civil.h"
#include "base/limits.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINGER_MS 2000
#define RECEIVE_BYTES (16 * 1024)

/* Descriptor → link. A slot is set while its descriptor is open, and only by its own thread. */
static struct http_link *_Atomic link_of_fd[HTTP_DESCRIPTORS_MAX];

struct http_link *http_link_of(int fd)
{
    if (fd < 0 || fd >= HTTP_DESCRIPTORS_MAX)
        return NULL;
    return atomic_load_explicit(&link_of_fd[fd], memory_order_acquire);
}

/* ---- receiving ---- */

/* Between messages, with nothing of the next one there. */
static bool link_idle(const struct http_link *link)
{
    return link->guard.heads == link->answered && link->held.len == 0 && link->guard.body_left == 0;
}

/* The rest of what came is dropped; the reason goes on in its place, behind what is held. */
static void link_refuse(struct http_link *link, int error)
{
    http_guard_refusal(&link->held, error);
    link->ready = link->held.len;
    link->guard.heads++;
    link->guard.scanned = 0;
    link->refused = true;
}

/* Receives straight to where the library wants it; keeps back what must not pass yet. Both return
 * what the source did. */
static ssize_t receive_direct(struct http_link *link, size_t *passed,
                              const struct http_source *source, uint8_t *out, size_t len)
{
    ssize_t got = source->read(source->context, out, len);
    if (got <= 0)
        return got;
    int error;
    *passed = http_guard_pass(&link->guard, &error, view_of(out, (size_t)got));
    if (error)
        link_refuse(link, error);
    else
        buf_append(&link->held, out + *passed, (size_t)got - *passed);
    return got;
}

/* Receives behind the beginning of a head. */
static ssize_t receive_held(struct http_link *link, const struct http_source *source)
{
    buf_reserve(&link->held, RECEIVE_BYTES);
    ssize_t got = source->read(source->context, link->held.data + link->held.len, RECEIVE_BYTES);
    if (got <= 0)
        return got;
    link->held.len += (size_t)got;
    int error;
    link->ready = http_guard_pass(&link->guard, &error, view_of_buf(&link->held));
    if (error) {
        link->held.len = link->ready; /* sound messages go first */
        link_refuse(link, error);
    }
    return got;
}

static size_t take_ready(struct http_link *link, uint8_t *out, size_t len)
{
    size_t take = link->ready < len ? link->ready : len;
    memcpy(out, link->held.data, take);
    link->held.len -= take;
    memmove(link->held.data, link->held.data + take, link->held.len);
    link->ready -= take;
    if (link->held.len == 0)
        buf_free(&link->held); /* most connections never hold anything */
    return take;
}

/* After a refusal whatever comes is thrown away, so that the peer gets to read the answer; its
 * end is not passed on, because the library would then not answer. */
static ssize_t discard(const struct http_source *source)
{
    uint8_t waste[4096];
    for (unsigned i = 0; i < 64; i++)
        if (source->read(source->context, waste, sizeof waste) <= 0)
            break;
    errno = EAGAIN;
    return -1;
}

/* Goes on until the library's buffer is full or the source has no more, because the library takes
 * a short count for "no more until told". */
ssize_t http_link_receive(struct http_link *link, const struct http_source *source, void *out,
                          size_t len)
{
    bool idle = link_idle(link), drained = false;
    size_t done = 0;
    ssize_t got = -1;
    while (done < len) {
        if (link->ready > 0) {
            done += take_ready(link, (uint8_t *)out + done, len - done);
            continue;
        }
        if (drained || link->refused)
            break;
        bool held = link->held.len > 0;
        size_t asked = held ? RECEIVE_BYTES : len - done, passed = 0;
        got = held ? receive_held(link, source)
                   : receive_direct(link, &passed, source, (uint8_t *)out + done, asked);
        if (got <= 0)
            break;
        done += passed;
        drained = source->drained_when_short && (size_t)got < asked;
    }
    if (idle && !link_idle(link))
        http_link_run(link);
    if (done > 0)
        return (ssize_t)done;
    if (link->refused)
        return discard(source);
    if (got > 0) { /* all of it held back */
        errno = EAGAIN;
        got = -1;
    }
    return got;
}

ssize_t __wrap_recv(int fd, void *out, size_t len, int flags);

static ssize_t read_socket(void *context, void *out, size_t len)
{
    return recvfrom(*(const int *)context, out, len, 0, NULL, NULL);
}

/* Every recv() that is linked in statically comes here; only connections of ours have a link. */
ssize_t __wrap_recv(int fd, void *out, size_t len, int flags)
{
    struct http_link *link = http_link_of(fd);
    if (!link)
        return recvfrom(fd, out, len, flags, NULL, NULL);
    struct http_source source = {.read = read_socket, .context = &fd, .drained_when_short = true};
    return http_link_receive(link, &source, out, len);
}

/* ---- opening and closing ---- */

static void address_of(struct in6_addr *out, bool *loopback, const struct sockaddr *address)
{
    *out = in6addr_any;
    if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, address, sizeof in6);
        *out = in6.sin6_addr;
    } else if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        memset(&out->s6_addr[10], 0xff, 2);
        memcpy(&out->s6_addr[12], &in.sin_addr, 4);
    }
    *loopback = IN6_IS_ADDR_LOOPBACK(out) || (IN6_IS_ADDR_V4MAPPED(out) && out->s6_addr[12] == 127);
}

bool http_links_admit(struct http_links *links, const struct sockaddr *address)
{
    struct in6_addr from;
    bool loopback;
    address_of(&from, &loopback, address);
    unsigned same = 0;
    pthread_mutex_lock(&links->lock);
    for (const struct http_link *link = links->first; link && !loopback; link = link->next)
        same += memcmp(&link->address, &from, sizeof from) == 0;
    bool admit = links->count < links->count_max && same < links->count_per_ip_max;
    pthread_mutex_unlock(&links->lock);
    return admit;
}

struct http_link *http_link_open(struct http_links *links, int fd, const struct sockaddr *address)
{
    if (fd >= HTTP_DESCRIPTORS_MAX) /* could not be guarded */
        shutdown(fd, SHUT_RDWR);
    struct http_link *link = memory_alloc(sizeof *link);
    link->links = links;
    link->fd = fd;
    address_of(&link->address, &link->loopback, address);
    atomic_init(&link->expires_ms, clock_monotonic_ms() + links->deadline_ms);
    pthread_mutex_lock(&links->lock);
    link->next = links->first;
    if (link->next)
        link->next->previous = link;
    links->first = link;
    bool many = ++links->count > links->count_max; /* threads may admit at the same time */
    pthread_mutex_unlock(&links->lock);
    if (many)
        shutdown(fd, SHUT_RDWR);
    if (fd < HTTP_DESCRIPTORS_MAX)
        atomic_store_explicit(&link_of_fd[fd], link, memory_order_release);
    return link;
}

/* Keeps the socket itself open a moment longer: closing it with something unread would reset the
 * connection, and the peer would lose the answer that tells why. */
static void linger_start(struct http_links *links, const struct http_link *link)
{
    if (links->linger_count == HTTP_LINGERS_MAX)
        return;
    int fd = fcntl(link->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return;
    links->linger[links->linger_count].fd = fd;
    links->linger[links->linger_count++].until_ms = clock_monotonic_ms() + LINGER_MS;
    shutdown(fd, SHUT_WR);
}

void http_link_close(struct http_link *link)
{
    struct http_links *links = link->links;
    if (link->fd < HTTP_DESCRIPTORS_MAX)
        atomic_store_explicit(&link_of_fd[link->fd], NULL, memory_order_release);
    pthread_mutex_lock(&links->lock);
    if (link->previous)
        link->previous->next = link->next;
    else
        links->first = link->next;
    if (link->next)
        link->next->previous = link->previous;
    links->count--;
    if (link->refused || link->guard.body_left > 0)
        linger_start(links, link);
    pthread_mutex_unlock(&links->lock);
    buf_free(&link->held);
    memory_free(link);
}

void http_links_close(struct http_links *links)
{
    for (unsigned i = 0; i < links->linger_count; i++)
        close(links->linger[i].fd);
    links->linger_count = 0;
}

/* ---- deadlines ---- */

bool http_link_gone(const struct http_link *link)
{
    uint8_t byte;
    ssize_t got = recvfrom(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void http_link_pause(struct http_link *link)
{
    atomic_store(&link->expires_ms, INT64_MAX);
}

void http_link_run(struct http_link *link)
{
    atomic_store(&link->expires_ms, clock_monotonic_ms() + link->links->deadline_ms);
}

void http_link_answered(struct http_link *link)
{
    link->answered++;
    int64_t more_ms = link_idle(link) ? link->links->idle_ms : link->links->deadline_ms;
    atomic_store(&link->expires_ms, clock_monotonic_ms() + more_ms);
}

/* True when the peer is done, or has had its time. */
static bool linger_over(int fd, int64_t until_ms, int64_t now_ms)
{
    uint8_t waste[4096];
    ssize_t got = 1;
    for (unsigned i = 0; i < 64 && got > 0; i++)
        got = recvfrom(fd, waste, sizeof waste, MSG_DONTWAIT, NULL, NULL);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR) || now_ms >= until_ms;
}

void http_links_sweep(struct http_links *links, int64_t now_ms)
{
    pthread_mutex_lock(&links->lock);
    for (struct http_link *link = links->first; link; link = link->next) {
        if (atomic_load(&link->expires_ms) > now_ms)
            continue;
        shutdown(link->fd, SHUT_RDWR); /* its own thread notices, and closes it */
        atomic_store(&link->expires_ms, INT64_MAX);
    }
    for (unsigned i = 0; i < links->linger_count;) {
        if (!linger_over(links->linger[i].fd, links->linger[i].until_ms, now_ms)) {
            i++;
            continue;
        }
        close(links->linger[i].fd);
        links->linger[i] = links->linger[--links->linger_count];
    }
    pthread_mutex_unlock(&links->lock);
}
