/* libuv's loop under virtual time: timers, wakes, idle and prepare handles, workers, closing. Its
 * functions stand in for the library's at link time; tcp.c has what streams do.
 *
 * Each handle that can be called back has a slot of its host's loop, and what is to happen to it
 * names slot and generation: a timer that was stopped or closed meanwhile is not called. A turn is
 * one callback, then closing callbacks, then the prepare handle (which writes out what is queued).
 *
 * A worker's job is done in one piece at the moment its answer comes. */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/wake.h"

#include <string.h>

#define HANDLE_ACTIVE 1u
#define HANDLE_CLOSING 2u
#define WORK_MS 3 /* a job at a worker takes less than that */

/* ---- slots ---- */

static uv_handle_t *handle_of(void *thing)
{
    return thing;
}

static size_t take_slot(struct sim_host *host, void *thing)
{
    struct sim_loop *loop = &host->loop;
    size_t at = 0;
    while (at < loop->slot_count && loop->slot[at].thing != NULL)
        at++;
    if (at == loop->slot_count) {
        loop->slot = memory_resize(loop->slot, ++loop->slot_count * sizeof *loop->slot);
        loop->slot[at].generation = 0;
    }
    loop->slot[at].thing = thing;
    loop->slot[at].armed = false;
    return at;
}

static struct sim_slot *slot_of(const uv_handle_t *handle)
{
    return &sim_here->loop.slot[(size_t)(uintptr_t)handle->u.reserved[0]];
}

int loop_init_handle(uv_loop_t *loop, uv_handle_t *handle, uv_handle_type type)
{
    ENSURE(sim_here && sim_here->loop.loop == loop);
    handle->loop = loop;
    handle->type = type;
    handle->flags = 0;
    handle->close_cb = NULL;
    handle->u.reserved[0] = (void *)(uintptr_t)take_slot(sim_here, handle);
    handle->u.reserved[1] = handle->u.reserved[2] = NULL;
    return 0;
}

static void arm(struct sim_slot *slot, int64_t delay_ms, enum happening kind)
{
    struct sim_host *host = sim_here;
    struct occurrence *what = sim_later(host->world, delay_ms, kind, host);
    what->slot = (size_t)(slot - host->loop.slot);
    what->generation = ++slot->generation;
    slot->armed = true;
}

static void disarm(struct sim_slot *slot)
{
    slot->generation++;
    slot->armed = false;
}

/* ---- closing ---- */

void loop_close_later(struct sim_host *host, void (*run)(void *argument), void *argument)
{
    struct sim_loop *loop = &host->loop;
    if (loop->closing_count == loop->closing_capacity) {
        loop->closing_capacity = loop->closing_capacity ? 2 * loop->closing_capacity : 16;
        loop->closing =
            memory_resize(loop->closing, loop->closing_capacity * sizeof *loop->closing);
    }
    loop->closing[loop->closing_count++] = (struct sim_closing){run, argument};
}

static void run_closed(void *argument)
{
    uv_handle_t *handle = argument;
    struct sim_slot *slot = slot_of(handle);
    disarm(slot);
    slot->thing = NULL;
    if (handle->close_cb != NULL)
        handle->close_cb(handle);
}

void uv_close(uv_handle_t *handle, uv_close_cb close_cb)
{
    ENSURE((handle->flags & HANDLE_CLOSING) == 0);
    handle->flags = HANDLE_CLOSING;
    handle->close_cb = close_cb;
    disarm(slot_of(handle));
    if (handle->type == UV_PREPARE)
        sim_here->loop.prepare = NULL;
    if (handle->type == UV_TCP)
        tcp_close((uv_tcp_t *)handle);
    loop_close_later(sim_here, run_closed, handle);
}

int uv_is_closing(const uv_handle_t *handle)
{
    return (handle->flags & HANDLE_CLOSING) != 0;
}

int uv_is_active(const uv_handle_t *handle)
{
    return (handle->flags & HANDLE_ACTIVE) != 0;
}

/* ---- timers ---- */

int uv_timer_init(uv_loop_t *loop, uv_timer_t *handle)
{
    handle->timer_cb = NULL;
    return loop_init_handle(loop, (uv_handle_t *)handle, UV_TIMER);
}

int uv_timer_start(uv_timer_t *handle, uv_timer_cb cb, uint64_t timeout, uint64_t repeat)
{
    ENSURE(!uv_is_closing((uv_handle_t *)handle));
    handle->timer_cb = cb;
    handle->timeout = (uint64_t)sim_here->world->now_ms + timeout;
    handle->repeat = repeat;
    handle->flags |= HANDLE_ACTIVE;
    arm(slot_of((uv_handle_t *)handle), (int64_t)timeout, HAPPEN_TIMER);
    return 0;
}

int uv_timer_stop(uv_timer_t *handle)
{
    handle->flags &= ~HANDLE_ACTIVE;
    disarm(slot_of((uv_handle_t *)handle));
    return 0;
}

uint64_t uv_timer_get_due_in(const uv_timer_t *handle)
{
    uint64_t now_ms = (uint64_t)sim_here->world->now_ms;
    return handle->timeout > now_ms ? handle->timeout - now_ms : 0;
}

static void run_timer(uv_timer_t *handle)
{
    handle->flags &= ~HANDLE_ACTIVE;
    if (handle->repeat > 0)
        (void)uv_timer_start(handle, handle->timer_cb, handle->repeat, handle->repeat);
    handle->timer_cb(handle);
}

/* ---- wakes from other threads, and turns without waiting ---- */

int uv_async_init(uv_loop_t *loop, uv_async_t *async, uv_async_cb cb)
{
    async->async_cb = cb;
    return loop_init_handle(loop, (uv_handle_t *)async, UV_ASYNC);
}

int uv_async_send(uv_async_t *async)
{
    struct sim_slot *slot = slot_of((uv_handle_t *)async);
    if (!slot->armed && !uv_is_closing((uv_handle_t *)async))
        arm(slot, 0, HAPPEN_WAKE);
    return 0;
}

int uv_idle_init(uv_loop_t *loop, uv_idle_t *idle)
{
    return loop_init_handle(loop, (uv_handle_t *)idle, UV_IDLE);
}

int uv_idle_start(uv_idle_t *idle, uv_idle_cb cb)
{
    idle->idle_cb = cb;
    idle->flags |= HANDLE_ACTIVE;
    arm(slot_of((uv_handle_t *)idle), 0, HAPPEN_IDLE);
    return 0;
}

static void run_idle(uv_idle_t *idle)
{
    arm(slot_of((uv_handle_t *)idle), 1, HAPPEN_IDLE); /* until it is closed */
    idle->idle_cb(idle);
}

int uv_prepare_init(uv_loop_t *loop, uv_prepare_t *prepare)
{
    return loop_init_handle(loop, (uv_handle_t *)prepare, UV_PREPARE);
}

int uv_prepare_start(uv_prepare_t *prepare, uv_prepare_cb cb)
{
    prepare->prepare_cb = cb;
    sim_here->loop.prepare = prepare;
    return 0;
}

/* In place of node/wake.c, whose eventfd is the kernel's. */
int wake_open(struct wake *wake, uv_loop_t *loop, void (*run)(void *context), void *context)
{
    *wake = (struct wake){.run = run, .context = context};
    return loop_init_handle(loop, (uv_handle_t *)&wake->poll, UV_POLL);
}

void wake_send(struct wake *wake)
{
    struct sim_slot *slot = slot_of((uv_handle_t *)&wake->poll);
    if (!slot->armed)
        arm(slot, 0, HAPPEN_WAKE);
}

void wake_close(struct wake *wake)
{
    uv_close((uv_handle_t *)&wake->poll, NULL);
}

static void run_wake(uv_handle_t *handle)
{
    if (handle->type == UV_ASYNC) {
        uv_async_t *async = (uv_async_t *)handle;
        async->async_cb(async);
    } else {
        struct wake *wake = (struct wake *)(void *)((char *)handle - offsetof(struct wake, poll));
        wake->run(wake->context);
    }
}

/* ---- workers ---- */

int uv_queue_work(uv_loop_t *loop, uv_work_t *request, uv_work_cb work_cb,
                  uv_after_work_cb after_work_cb)
{
    struct sim_host *host = sim_here;
    struct sim_loop *at = &host->loop;
    ENSURE(at->loop == loop);
    request->loop = loop;
    request->work_cb = work_cb;
    request->after_work_cb = after_work_cb;
    at->work = memory_resize(at->work, (at->work_count + 1) * sizeof *at->work);
    at->work[at->work_count++] = (struct sim_slot){.thing = request};
    struct world *world = host->world;
    (void)sim_later(world, (int64_t)sim_below(world, WORK_MS), HAPPEN_WORK, host);
    return 0;
}

/* The oldest one: so many occurrences, so many jobs. */
static void run_work(struct sim_host *host)
{
    struct sim_loop *loop = &host->loop;
    if (loop->work_count == 0)
        return;
    uv_work_t *request = loop->work[0].thing;
    memmove(loop->work, loop->work + 1, --loop->work_count * sizeof *loop->work);
    request->work_cb(request);
    request->after_work_cb(request, 0);
}

/* ---- turns ---- */

static void run_closing(struct sim_loop *loop)
{
    for (size_t i = 0; i < loop->closing_count; i++) {
        struct sim_closing closing = loop->closing[i];
        closing.run(closing.argument);
    }
    loop->closing_count = 0;
}

void loop_end_turn(struct sim_host *host)
{
    run_closing(&host->loop);
    if (host->loop.prepare != NULL) {
        host->loop.prepare->prepare_cb(host->loop.prepare);
        run_closing(&host->loop);
    }
}

void loop_happen(struct sim_host *host, const struct occurrence *what)
{
    struct sim_loop *loop = &host->loop;
    if (!host->up || what->life != host->life)
        return;
    sim_here = host;
    if (what->kind == HAPPEN_WORK) {
        run_work(host);
    } else {
        struct sim_slot *slot = &loop->slot[what->slot];
        if (slot->thing == NULL || slot->generation != what->generation) {
            sim_here = NULL;
            return;
        }
        slot->armed = false;
        if (what->kind == HAPPEN_TIMER)
            run_timer(slot->thing);
        else if (what->kind == HAPPEN_IDLE)
            run_idle(slot->thing);
        else
            run_wake(handle_of(slot->thing));
    }
    loop_end_turn(host);
    host_settle(host);
    sim_here = NULL;
}

/* A node that stops: everything that still runs comes to its end. */
static bool run_one_pending(struct sim_host *host)
{
    struct sim_loop *loop = &host->loop;
    if (loop->closing_count > 0) {
        run_closing(loop);
        return true;
    }
    if (loop->work_count > 0) {
        run_work(host);
        return true;
    }
    for (size_t i = 0; i < loop->slot_count; i++) {
        uv_handle_t *handle = loop->slot[i].thing;
        if (handle != NULL && loop->slot[i].armed &&
            (handle->type == UV_ASYNC || handle->type == UV_POLL)) {
            disarm(&loop->slot[i]);
            run_wake(handle);
            return true;
        }
        if (handle != NULL && loop->slot[i].armed && handle->type == UV_IDLE) {
            run_idle((uv_idle_t *)handle);
            return true;
        }
    }
    return false;
}

int uv_run(uv_loop_t *loop, uv_run_mode mode)
{
    struct sim_host *host = sim_here;
    ENSURE(host->loop.loop == loop && mode == UV_RUN_DEFAULT);
    if (host->loop.returns) {
        host->loop.returns = false; /* the world runs it; the next time it is to close */
        return 0;
    }
    while (run_one_pending(host))
        ;
    return 0;
}

int uv_loop_init(uv_loop_t *loop)
{
    ENSURE(sim_here->loop.loop == NULL);
    memset(loop, 0, sizeof *loop);
    sim_here->loop.loop = loop;
    return 0;
}

int uv_loop_close(uv_loop_t *loop)
{
    struct sim_loop *at = &sim_here->loop;
    ENSURE(at->loop == loop);
    for (size_t i = 0; i < at->slot_count; i++) {
        if (at->slot[i].thing != NULL)
            return UV_EBUSY;
    }
    at->loop = NULL;
    at->slot_count = 0;
    at->prepare = NULL;
    at->listener = NULL;
    return at->work_count > 0 ? UV_EBUSY : 0;
}

void loop_free(struct sim_loop *loop)
{
    memory_free(loop->slot);
    memory_free(loop->work);
    memory_free(loop->closing);
    *loop = (struct sim_loop){0};
}

/* ---- what means nothing here ---- */

void uv_update_time(uv_loop_t *loop)
{
    (void)loop;
}

int uv_signal_init(uv_loop_t *loop, uv_signal_t *handle)
{
    return loop_init_handle(loop, (uv_handle_t *)handle, UV_SIGNAL);
}

int uv_signal_start(uv_signal_t *handle, uv_signal_cb cb, int number)
{
    handle->signal_cb = cb;
    handle->signum = number;
    return 0;
}

unsigned int uv_available_parallelism(void)
{
    return 2;
}

int uv_random(uv_loop_t *loop, uv_random_t *request, void *out, size_t len, unsigned flags,
              uv_random_cb cb)
{
    (void)loop;
    (void)request;
    (void)flags;
    ENSURE(cb == NULL);
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = (uint8_t)sim_random(sim_here->world);
    return 0;
}

int uv_tcp_bind(uv_tcp_t *tcp, const struct sockaddr *address, unsigned flags)
{
    (void)tcp;
    (void)address;
    (void)flags;
    return 0;
}

int uv_tcp_nodelay(uv_tcp_t *tcp, int enable)
{
    (void)tcp;
    (void)enable;
    return 0;
}

int uv_tcp_keepalive(uv_tcp_t *tcp, int enable, unsigned delay_s)
{
    (void)tcp;
    (void)enable;
    (void)delay_s;
    return 0;
}
