/* Another thread wakes the loop: a counter of the kernel (eventfd) that the loop polls.
 *
 * What uv_async is for, without its wait: libuv 1.44 has the loop spin until the thread that woke
 * it returns from uv_async_send, and under load that thread has just lost its processor to the
 * loop. In a profile of a loaded node the loop spent 2.6% of its time so. */
#ifndef DIRCHAIN_NODE_WAKE_H
#define DIRCHAIN_NODE_WAKE_H

#include <uv.h>

struct wake {
    uv_poll_t poll;
    int fd;
    void (*run)(void *context);
    void *context;
};

/* `run` is called on the loop's thread, once or more after each wake_send, perhaps once for many.
 * The structure stays where it is until the loop has closed it. ERR_UNAVAILABLE. */
int wake_open(struct wake *wake, uv_loop_t *loop, void (*run)(void *context), void *context);
/* From any thread; nobody may be in it, or come to it, once wake_close begins. */
void wake_send(struct wake *wake);
void wake_close(struct wake *wake); /* on the loop's thread, which must run once more */

#endif
