/* HTTP for load: plain calls, and keep-alive connections that send many submissions ahead. */
#ifndef DIRCHAIN_BENCH_HTTP_H
#define DIRCHAIN_BENCH_HTTP_H

#include "base/bytes.h"

/* One call on a connection of its own kept per port; the body is appended. Returns the status. */
int bench_http_call(struct buf *out, int port, const char *method, const char *path,
                    struct view body);

struct bench_http;
/* Connections to `nodes` consecutive ports. */
struct bench_http *bench_http_open(int first_port, int nodes);
void bench_http_close(struct bench_http **http);
/* Queues a submission on the next connection with room; false when all are full. */
bool bench_http_post(struct bench_http *http, struct view jws);
/* Sends and receives what can be, waiting at most wait_ms. */
void bench_http_turn(struct bench_http *http, int wait_ms);
uint64_t bench_http_refused(const struct bench_http *http); /* answers other than 2xx */

#endif
