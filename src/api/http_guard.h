/* The guard before the HTTP library: decides, byte by byte of what a client sends, what may pass.
 *
 * libmicrohttpd 0.9 takes much that RFC 9112 forbids (bare LF, folded lines, NUL, two lengths, a
 * blank before the colon), and none of it can be told apart any more once it has been parsed. So
 * the raw stream is judged first; only heads that every reader understands in one way pass, and
 * only whole.
 *
 *   client ──► socket ──► guard ──► libmicrohttpd ──► route
 *                           └─ refused: the reason goes on instead, as a request that no client
 *                              can send, and nothing after it
 *
 * Pure: no memory, no input or output of its own. */
#ifndef DIRCHAIN_API_HTTP_GUARD_H
#define DIRCHAIN_API_HTTP_GUARD_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* {0} is the start of a connection: between messages. */
struct http_guard {
    uint64_t body_left; /* of the message that is passing */
    uint64_t heads;     /* passed so far */
    size_t scanned;     /* bytes of the pending head already looked at for its end */
};

/* Looks at the bytes that follow those passed so far. Returns how many may pass: whole heads, and
 * bodies as far as they are there. What is left is the beginning of a head (*error 0: come again
 * with more behind it) or is refused (*error, ERR_HTTP_* or ERR_TOO_LARGE; do not come again). */
size_t http_guard_pass(struct http_guard *guard, int *error, struct view bytes);

/* The request that stands for a refusal; its target cannot come from a client, because every
 * target that passes begins with a slash. */
void http_guard_refusal(struct buf *out, int error);
/* The error that a target stands for; 0 for a client's own. */
int http_guard_refused(const char *target);

#endif
