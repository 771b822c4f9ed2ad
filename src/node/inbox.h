/* How other threads hand work to the loop's thread: a bounded queue, and a wake (wake.h) when it
 * was empty. Work is run in the order it was posted. */
#ifndef DIRCHAIN_NODE_INBOX_H
#define DIRCHAIN_NODE_INBOX_H

#include <stddef.h>
#include <uv.h>

struct inbox;
typedef void (*inbox_run)(void *argument); /* on the loop's thread */

/* ERR_UNAVAILABLE when libuv refuses. */
int inbox_open(struct inbox **out, uv_loop_t *loop, size_t capacity);
/* Any thread. ERR_UNAVAILABLE when full or closed: then `run` will not be called. */
int inbox_post(struct inbox *inbox, inbox_run run, void *argument);
/* Loop's thread: refuses new work, runs what is left, closes the handle. */
void inbox_close(struct inbox *inbox);
/* After the loop has ended. */
void inbox_free(struct inbox **inbox);

#endif
