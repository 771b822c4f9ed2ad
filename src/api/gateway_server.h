/* The gateways' listener: what other agencies' gateways ask of ours, over mutual TLS. The gateway
 * judges the key of the client's certificate by the ledger (exchange/gateway.h); here requests only
 * become calls. Specification: docs/spec/transfer.md.
 *
 *   GET  /gateway/v1/transfers/{open}/manifest
 *   GET  /gateway/v1/transfers/{open}/chunks/{index}
 *   POST /gateway/v1/transfers/{open}/complete
 *
 * "Not yet" is status 202 with {"retry_ms"}. */
#ifndef DIRCHAIN_API_GATEWAY_SERVER_H
#define DIRCHAIN_API_GATEWAY_SERVER_H

#include "api/http.h"
#include "exchange/gateway.h"

/* Listens with the gateway's own certificate. As http_server_start. Stop it by http_server_stop,
 * before the gateway. */
int gateway_server_start(struct http_server **out, const char *host, uint16_t port,
                         unsigned threads, struct exchange_gateway *gateway);

#endif
