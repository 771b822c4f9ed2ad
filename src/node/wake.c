/* The eventfd and the poll handle on it. The count is taken back before the work is, so that
 * what is added meanwhile wakes the loop again. */
#include "node/wake.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct wake *wake = poll->data;
    uint64_t times;
    (void)status;
    (void)events;
    ssize_t got = read(wake->fd, &times, sizeof times); /* back to zero, before the work is taken */
    ENSURE(got == (ssize_t)sizeof times || errno == EAGAIN);
    wake->run(wake->context);
}

int wake_open(struct wake *wake, uv_loop_t *loop, void (*run)(void *context), void *context)
{
    *wake = (struct wake){.run = run, .context = context};
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake->fd < 0) {
        return ERR_UNAVAILABLE;
    }
    if (uv_poll_init(loop, &wake->poll, wake->fd) != 0) {
        close(wake->fd);
        return ERR_UNAVAILABLE;
    }
    wake->poll.data = wake;
    ENSURE(uv_poll_start(&wake->poll, UV_READABLE, on_readable) == 0);
    return 0;
}

void wake_send(struct wake *wake)
{
    const uint64_t once = 1;
    ssize_t put = write(wake->fd, &once, sizeof once);
    ENSURE(put == (ssize_t)sizeof once || errno == EAGAIN); /* full: it will wake all the same */
}

void wake_close(struct wake *wake)
{
    uv_close((uv_handle_t *)&wake->poll, NULL);
    close(wake->fd);
    wake->fd = -1;
}
