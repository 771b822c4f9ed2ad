/* A queue of parts that are wanted, and one job on a worker:
 *
 *   WANT_PART ──► waiting ──its turn──► worker makes it ──► PART ──► rest ──► next turn */
#include "node/snapshot_serve.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <string.h>

#define SERVED_WAITING_MAX 64
#define SERVED_PEER_MAX RESTORE_ASKED_MAX /* of one peer */

struct waiting {
    uint32_t peer;
    struct snapshot_part part;
};

struct job {
    uv_work_t work;
    struct snapshot_serve *serve;
    struct kv *kv;
    struct waiting waiting;
    struct buf payload;
    int64_t took_ms;
    int error;
};

struct snapshot_serve {
    const struct node_parts *parts;
    uint64_t interval, first_block;
    struct wire_offer told;
    uv_timer_t timer; /* while it rests */
    bool working, closing;
    size_t count;
    struct waiting waiting[SERVED_WAITING_MAX];
};

/* ---- what is offered ---- */

struct wire_offer snapshot_serve_offer(const struct snapshot_serve *serve)
{
    struct wire_offer offer = {.first_block = serve->first_block};
    offer.count = snapshot_heights(offer.height, app_height(serve->parts->app), serve->first_block,
                                   serve->interval);
    return offer;
}

static bool offers_equal(const struct wire_offer *a, const struct wire_offer *b)
{
    bool equal = a->first_block == b->first_block && a->count == b->count;
    for (size_t i = 0; equal && i < a->count; i++) {
        equal = a->height[i] == b->height[i];
    }
    return equal;
}

static bool is_offered(const struct snapshot_serve *serve, uint64_t height)
{
    struct wire_offer offer = snapshot_serve_offer(serve);
    bool found = false;
    for (size_t i = 0; i < offer.count; i++) {
        found = found || offer.height[i] == height;
    }
    return found;
}

void snapshot_serve_tell(struct snapshot_serve *serve)
{
    AUTO(buf_free) struct buf frame = {0};
    struct wire_offer offer = snapshot_serve_offer(serve);
    if (!offers_equal(&offer, &serve->told)) {
        wire_append_offer(&frame, &offer);
        peers_broadcast(serve->parts->peers, view_of_buf(&frame), LINK_REQUIRED, false);
        serve->told = offer;
    }
}

void snapshot_serve_keep(struct snapshot_serve *serve, uint64_t first_block)
{
    serve->first_block = first_block;
    snapshot_serve_tell(serve);
}

/* ---- making ---- */

static void make_work(uv_work_t *work)
{
    struct job *job = work->data;
    struct store_view view;
    int64_t begun_ms = clock_monotonic_ms();
    job->error = store_view_open(&view, job->kv);
    if (job->error == 0) {
        job->error = snapshot_part_make(&job->payload, &view, &job->waiting.part);
        store_view_close(&view);
    }
    job->took_ms = clock_monotonic_ms() - begun_ms;
}

static void take_turn(struct snapshot_serve *serve);

static void on_rested(uv_timer_t *timer)
{
    take_turn(timer->data);
}

/* Without payload: it is not to be had here. */
static bool answer(struct peer *peer, const struct snapshot_part *part, struct view payload)
{
    AUTO(buf_free) struct buf frame = {0};
    wire_append_part(&frame, part, payload);
    return peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

static void give(struct snapshot_serve *serve, struct job *job)
{
    struct peer *peer = peers_find(serve->parts->peers, job->waiting.peer);
    if (app_error_is_environment(job->error)) {
        serve->parts->fatal(serve->parts->fatal_context, job->error, "reading a snapshot");
        return;
    }
    if (job->error != 0) {
        buf_clear(&job->payload);
    }
    if (peer != NULL && answer(peer, &job->waiting.part, view_of_buf(&job->payload))) {
        count_add(&serve->parts->counters->parts_served, 1);
    }
}

static void after_make(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct snapshot_serve *serve = job->serve;
    (void)status;
    serve->working = false;
    if (!serve->closing) {
        give(serve, job);
        uv_update_time(serve->parts->loop);
        uv_timer_start(&serve->timer, on_rested, (uint64_t)job->took_ms, 0);
    }
    buf_free(&job->payload);
    memory_free(job);
}

static void take_turn(struct snapshot_serve *serve)
{
    if (serve->working || serve->closing || serve->count == 0 ||
        uv_is_active((uv_handle_t *)&serve->timer)) {
        return;
    }
    struct job *job = memory_alloc(sizeof *job);
    job->work.data = job;
    job->serve = serve;
    job->kv = serve->parts->kv;
    job->waiting = serve->waiting[0];
    memmove(serve->waiting, serve->waiting + 1, --serve->count * sizeof serve->waiting[0]);
    serve->working = true;
    ENSURE(uv_queue_work(serve->parts->loop, &job->work, make_work, after_make) == 0);
}

void snapshot_serve_frame(struct snapshot_serve *serve, struct peer *peer, struct view body)
{
    struct waiting waiting = {.peer = peer->id};
    size_t own = 0;
    ENSURE(wire_read_want_part(&waiting.part, body) == 0);
    if (!is_offered(serve, waiting.part.height)) { /* the offer may have changed on the way */
        (void)answer(peer, &waiting.part, (struct view){0});
        return;
    }
    for (size_t i = 0; i < serve->count; i++) {
        own += serve->waiting[i].peer == peer->id;
    }
    if (serve->count < SERVED_WAITING_MAX && own < SERVED_PEER_MAX) {
        serve->waiting[serve->count++] = waiting;
        take_turn(serve);
    } else {
        count_add(&serve->parts->counters->requests_dropped, 1);
    }
}

/* ---- life ---- */

void snapshot_serve_open(struct snapshot_serve **out, const struct node_parts *parts,
                         uint64_t interval)
{
    struct snapshot_serve *serve = memory_alloc(sizeof *serve);
    struct store_view view;
    serve->parts = parts;
    serve->interval = interval;
    serve->first_block = 1;
    if (store_view_open(&view, parts->kv) == 0) {
        serve->first_block = view.first_block;
        store_view_close(&view);
    }
    ENSURE(uv_timer_init(parts->loop, &serve->timer) == 0);
    serve->timer.data = serve;
    *out = serve;
}

void snapshot_serve_close(struct snapshot_serve *serve)
{
    if (!serve->closing) {
        serve->closing = true;
        uv_close((uv_handle_t *)&serve->timer, NULL);
    }
}

void snapshot_serve_free(struct snapshot_serve **serve)
{
    memory_free(*serve);
    *serve = NULL;
}
