/* The listening socket: bound here, so that a port in use is told from every other failure. */
#include "api/http_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 1024

static void address_free(struct addrinfo **address)
{
    if (*address)
        freeaddrinfo(*address);
}

static int port_of(uint16_t *out, int fd)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
        return ERR_IO;
    in_port_t port;
    size_t at = bound.ss_family == AF_INET6 ? offsetof(struct sockaddr_in6, sin6_port)
                                            : offsetof(struct sockaddr_in, sin_port);
    memcpy(&port, (const uint8_t *)&bound + at, sizeof port);
    *out = ntohs(port);
    return 0;
}

int http_listen(int *out, uint16_t *port_out, const char *host, uint16_t port)
{
    AUTO(buf_free) struct buf service = {0};
    buf_append_format(&service, "%u", port);
    AUTO(address_free) struct addrinfo *address = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE};
    if (getaddrinfo(host, buf_text(&service), &hints, &address) != 0)
        return ERR_CONFIG;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return ERR_IO;
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    int error = 0;
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0)
        error =
            errno == EADDRINUSE || errno == EADDRNOTAVAIL || errno == EACCES ? ERR_PORT : ERR_IO;
    if (!error && listen(fd, BACKLOG) != 0)
        error = errno == EADDRINUSE ? ERR_PORT : ERR_IO;
    if (!error)
        error = port_of(port_out, fd);
    if (error)
        close(fd);
    else
        *out = fd;
    return error;
}
