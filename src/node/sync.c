/* A window of places, one for each height after the tip:
 *
 *   EMPTY ──ask──► ASKED ──BLOCK──► DECODING ──worker──► READY ──its turn──► CHECKING ──► applied
 *     ▲              │ timeout, END,      │ malformed                           │ does not hold
 *     └──────────────┴── peer went ───────┴─────────────────────────────────────┘
 *
 * What does not hold leads back to ASKED where somebody else is still waited for. A BLOCK is taken
 * in EMPTY, too, from who was asked for it before. A place changes hands only by its height:
 * answers to what is no longer expected, and to what was not asked, are ignored.
 *
 * Two heights are known of the others. What any of them tells is asked of it, and certificates
 * decide what comes of that. What more validators tell than can be faulty is believed. */
#include "node/sync_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

#define TICK_MS 100
#define PATIENCE_MS 400 /* a validator one block behind waits so long for consensus */
#define STALLED_MS 1000 /* no block for so long: consensus takes over again */

uint64_t sync_tip(const struct sync *sync)
{
    return app_height(sync->parts->app);
}

struct place *sync_place(struct sync *sync, uint64_t height)
{
    return &sync->place[height % SYNC_WINDOW];
}

void sync_place_reopen(struct sync *sync, struct place *place)
{
    sync->bytes -= place->size;
    place->size = 0;
    buf_free(&place->bytes);
    block_free(&place->block);
    bool waited_for = place->peer != NOBODY || place->second != NOBODY;
    place->state = waited_for ? PLACE_ASKED : PLACE_EMPTY;
}

void sync_place_clear(struct sync *sync, struct place *place)
{
    place->peer = place->second = NOBODY;
    place->late_count = 0;
    sync_place_reopen(sync, place);
}

static void clear_all(struct sync *sync)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        sync_place_clear(sync, &sync->place[i]);
    }
}

/* ---- which heights to believe ---- */

static void look_around(struct sync *sync)
{
    struct tellers tellers = tellers_of(app_next_validators(sync->parts->app)->count);
    sync->told = 0;
    for (size_t i = 0; i < peers_count(sync->parts->peers); i++) {
        const struct peer *peer = peers_at(sync->parts->peers, i);
        if (!peer->up || !peer->told_status) {
            continue;
        }
        if (peer->status.height > sync->told) {
            sync->told = peer->status.height;
        }
        if (peer->validator) {
            tellers_add(&tellers, peer->status.height);
        }
    }
    uint64_t believed = tellers_believed(&tellers);
    sync->target = believed > sync_tip(sync) ? believed : sync_tip(sync);
    sync->likely =
        tellers.count < tellers.max && sync->told > sync->target ? sync->told : sync->target;
}

/* ---- when to fetch ---- */

static bool is_due(const struct sync *sync, int64_t now)
{
    return !sync->patient || sync->told > sync_tip(sync) + 1 ||
           now - sync->behind_since_ms >= PATIENCE_MS;
}

void sync_rest_consensus(struct sync *sync)
{
    sync->applied_ms = clock_monotonic_ms();
    sync->moving = true;
    sync->handler.started(sync->handler.context);
}

static void wake_consensus(struct sync *sync)
{
    if (sync->moving) {
        sync->moving = false;
        sync->handler.finished(sync->handler.context);
    }
}

static void caught_up(struct sync *sync)
{
    sync->behind_since_ms = 0;
    uv_timer_stop(&sync->timer);
    sync_wait_for_nobody(sync);
    if (sync->fetching) {
        sync->fetching = false;
        log_write(LOG_DEBUG, "sync", "at height %llu", (unsigned long long)sync_tip(sync));
    }
    wake_consensus(sync);
}

static void start(struct sync *sync)
{
    sync->fetching = true;
    if (sync->target > sync_tip(sync) + 1) {
        log_write(LOG_INFO, "sync", "at height %llu, others at %llu",
                  (unsigned long long)sync_tip(sync), (unsigned long long)sync->target);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct sync *sync = timer->data;
    sync_drop_late(sync, clock_monotonic_ms());
    sync_review(sync);
}

void sync_review(struct sync *sync)
{
    int64_t now = clock_monotonic_ms();
    if (sync->closing) {
        return;
    }
    look_around(sync);
    if (sync->held) {
        return;
    }
    if (sync->told <= sync_tip(sync)) {
        caught_up(sync);
        return;
    }
    if (sync->behind_since_ms == 0) {
        sync->behind_since_ms = now;
    }
    if (!uv_is_active((uv_handle_t *)&sync->timer)) {
        sync->looked_ms = now;
        uv_timer_start(&sync->timer, on_timer, TICK_MS, TICK_MS);
    }
    if (!sync->fetching && is_due(sync, now)) {
        start(sync);
    }
    if (sync->moving && now - sync->applied_ms > STALLED_MS) {
        wake_consensus(sync);
    }
    if (sync->fetching) {
        sync_pump(sync);
    }
}

void sync_status(struct sync *sync, struct peer *peer)
{
    (void)peer;
    sync_review(sync);
}

void sync_tip_moved(struct sync *sync)
{
    sync->behind_since_ms = 0;
    sync_review(sync);
}

static void drop_passed(struct sync *sync)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state != PLACE_EMPTY && place->height <= sync_tip(sync)) {
            sync_place_clear(sync, place);
        }
    }
}

void sync_pump(struct sync *sync)
{
    if (!sync->closing) {
        drop_passed(sync);
        sync_check_next(sync);
        sync_ask_missing(sync);
        sync_decode_some(sync);
    }
}

/* ---- life ---- */

void sync_open(struct sync **out, const struct node_parts *parts,
               const struct sync_handler *handler)
{
    struct sync *sync = memory_alloc(sizeof *sync);
    sync->parts = parts;
    sync->handler = *handler;
    clear_all(sync);
    ENSURE(uv_timer_init(parts->loop, &sync->timer) == 0);
    sync->timer.data = sync;
    *out = sync;
}

void sync_close(struct sync *sync)
{
    if (!sync->closing) {
        sync->closing = true;
        sync->fetching = false;
        uv_close((uv_handle_t *)&sync->timer, NULL);
    }
}

void sync_free(struct sync **sync)
{
    if (*sync != NULL) {
        clear_all(*sync);
        memory_free(*sync);
        *sync = NULL;
    }
}

bool sync_active(const struct sync *sync)
{
    return sync->fetching && (sync->moving || sync->target > sync_tip(sync));
}

bool sync_behind(const struct sync *sync)
{
    bool waits = sync->likely > sync_tip(sync) && sync_waiting_ms(sync) > STALLED_MS;
    return waits || sync->likely > sync_tip(sync) + 1;
}

int64_t sync_waiting_ms(const struct sync *sync)
{
    return sync->behind_since_ms == 0 ? 0 : clock_monotonic_ms() - sync->behind_since_ms;
}

void sync_hold(struct sync *sync, bool hold)
{
    sync->held = hold;
    if (hold) {
        caught_up(sync);
        clear_all(sync); /* nor is taken what was asked for before */
    } else {
        sync_review(sync);
    }
}

void sync_set_patient(struct sync *sync, bool patient)
{
    sync->patient = patient;
}

uint64_t sync_target(const struct sync *sync)
{
    return sync->target;
}

uint64_t sync_likely(const struct sync *sync)
{
    return sync->likely;
}
