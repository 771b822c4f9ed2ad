/* Asking another gateway: HTTPS with our certificate, the other side's key pinned. The one file of
 * the exchange that knows libcurl is gateway_client.c. A client belongs to one thread; connections
 * are kept between requests. */
#ifndef DIRCHAIN_EXCHANGE_GATEWAY_CLIENT_H
#define DIRCHAIN_EXCHANGE_GATEWAY_CLIENT_H

#include "exchange/tls_identity.h"

#include <stdatomic.h>

struct gateway_client;
/* The identity is borrowed. While *stop is true every request ends at once. */
struct gateway_client *gateway_client_new(const struct tls_identity *identity,
                                          const atomic_bool *stop);
void gateway_client_free(struct gateway_client **client);

struct gateway_request {
    const char *endpoint;       /* host:port */
    uint8_t key[TLS_KEY_BYTES]; /* the other side's */
    bool post;                  /* without a body; else a GET */
    const char *path;           /* of our own making, needs no escaping */
    const char *header;         /* "Name: value", or NULL */
    size_t answer_bytes_max;
    int64_t deadline_ms;
};
/* *status is the HTTP status; the body of any answer is appended. ERR_NETWORK (not reached, broken
 * off, another key than the pinned one), ERR_TIMEOUT, ERR_TOO_LARGE, ERR_CONFIG (endpoint). */
int gateway_client_ask(unsigned *status, struct buf *body, struct gateway_client *client,
                       const struct gateway_request *request);

#endif
