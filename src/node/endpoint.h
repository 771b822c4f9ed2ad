/* Addresses as people write them: "host:port" or "[ipv6]:port". Splitting them is all that is
 * done here; names are resolved where they are dialled. */
#ifndef DIRCHAIN_NODE_ENDPOINT_H
#define DIRCHAIN_NODE_ENDPOINT_H

#include <stdint.h>

#define ENDPOINT_HOST_CHARS_MAX 253 /* RFC 1035 name */

struct endpoint {
    char host[ENDPOINT_HOST_CHARS_MAX + 1]; /* without brackets */
    uint16_t port;
};

/* Ports from 1. ERR_FIELD_FORMAT; text may be NULL. */
int endpoint_parse(struct endpoint *out, const char *text);

#endif
