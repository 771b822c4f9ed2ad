/* A window of places, one for each height after the tip:
 *
 *   EMPTY ──ask──► ASKED ──BLOCK──► DECODING ──worker──► READY ──its turn──► CHECKING ──► applied
 *     ▲              │ timeout, END,      │ malformed                           │ does not hold
 *     └──────────────┴── peer went ───────┴─────────────────────────────────────┘
 *
 * A place changes hands only by its height: answers to what is no longer expected are ignored. */
#include "node/sync.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/block_check.h"
#include "node/sync_serve.h"

#include <string.h>

#define TICK_MS 100
#define PATIENCE_MS 400 /* a validator one block behind waits so long for consensus */
#define ANSWER_MS 5000  /* a range that does not come is asked of another */
#define RANGE_MAX 16    /* blocks asked of one peer at once */
#define DECODING_MAX 8  /* blocks at the workers */
#define STALLED_MS 1000 /* no block for so long: consensus takes over again */
#define DISOWNED_MAX (VALIDATORS_MAX / 3 + 2)
#define BLAME_BAD_BLOCK 40
#define BLAME_NO_ANSWER 10

enum place_state { PLACE_EMPTY, PLACE_ASKED, PLACE_RECEIVED, PLACE_DECODING, PLACE_READY };

struct place {
    enum place_state state;
    uint64_t height; /* which one it stands for while not EMPTY */
    uint32_t peer;
    int64_t asked_ms;
    struct buf bytes; /* RECEIVED */
    struct certificate certificate;
    struct block *block; /* READY */
};

/* Validators whose certified block for the next height did not hold here. */
struct disowned {
    uint64_t height;
    size_t count;
    uint32_t peer[DISOWNED_MAX];
};

struct decode {
    uv_work_t work;
    struct sync *sync;
    struct hash genesis;
    uint64_t height;
    struct buf bytes;
    struct block *block;
    int error;
};

struct sync {
    const struct node_parts *parts;
    struct sync_handler handler;
    uv_timer_t timer;
    struct place place[SYNC_WINDOW];
    size_t decoding;
    size_t bytes;
    struct disowned disowned;
    bool active, moving, checking, patient, closing;
    uint64_t target;
    int64_t applied_ms;      /* last time a block was applied */
    int64_t behind_since_ms; /* 0: not behind */
};

static void pump(struct sync *sync);

static struct place *place_of(struct sync *sync, uint64_t height)
{
    return &sync->place[height % SYNC_WINDOW];
}

static uint64_t tip(const struct sync *sync)
{
    return app_height(sync->parts->app);
}

static void place_clear(struct sync *sync, struct place *place)
{
    sync->bytes -= place->bytes.len;
    buf_free(&place->bytes);
    block_free(&place->block);
    place->state = PLACE_EMPTY;
}

static void clear_all(struct sync *sync)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        place_clear(sync, &sync->place[i]);
    }
}

/* ---- when to fetch ---- */

static uint64_t highest_told(const struct sync *sync)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < peers_count(sync->parts->peers); i++) {
        const struct peer *peer = peers_at(sync->parts->peers, i);
        if (peer->up && peer->told_status && peer->status.height > highest) {
            highest = peer->status.height;
        }
    }
    return highest;
}

static bool is_due(const struct sync *sync, int64_t now)
{
    if (sync->target <= tip(sync)) {
        return false;
    }
    return !sync->patient || sync->target > tip(sync) + 1 ||
           now - sync->behind_since_ms >= PATIENCE_MS;
}

static void on_timer(uv_timer_t *timer);

/* Consensus rests from the first block applied until they stop coming. */
static void rest_consensus(struct sync *sync)
{
    sync->applied_ms = clock_monotonic_ms();
    if (!sync->moving) {
        sync->moving = true;
        sync->handler.started(sync->handler.context);
    }
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
    clear_all(sync);
    if (sync->active) {
        sync->active = false;
        log_write(LOG_DEBUG, "sync", "at height %llu", (unsigned long long)tip(sync));
    }
    wake_consensus(sync);
}

static void start(struct sync *sync)
{
    sync->active = true;
    if (sync->target > tip(sync) + 1) {
        log_write(LOG_INFO, "sync", "at height %llu, others at %llu", (unsigned long long)tip(sync),
                  (unsigned long long)sync->target);
    }
}

/* Looks at where the others are: starts, goes on, or is done. */
static void review(struct sync *sync)
{
    int64_t now = clock_monotonic_ms();
    if (sync->closing) {
        return;
    }
    sync->target = highest_told(sync);
    if (sync->target <= tip(sync)) {
        caught_up(sync);
        return;
    }
    if (sync->behind_since_ms == 0) {
        sync->behind_since_ms = now;
    }
    if (!uv_is_active((uv_handle_t *)&sync->timer)) {
        uv_timer_start(&sync->timer, on_timer, TICK_MS, TICK_MS);
    }
    if (!sync->active && is_due(sync, now)) {
        start(sync);
    }
    if (sync->moving && now - sync->applied_ms > STALLED_MS) {
        wake_consensus(sync);
    }
    if (sync->active) {
        pump(sync);
    }
}

void sync_status(struct sync *sync, struct peer *peer)
{
    (void)peer;
    review(sync);
}

void sync_tip_moved(struct sync *sync)
{
    sync->behind_since_ms = 0;
    review(sync);
}

/* ---- asking ---- */

static size_t open_requests(const struct sync *sync, uint32_t peer)
{
    size_t count = 0;
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        count += sync->place[i].state == PLACE_ASKED && sync->place[i].peer == peer;
    }
    return count;
}

static bool is_disowned(const struct sync *sync, uint64_t height, uint32_t peer)
{
    bool found = false;
    for (size_t i = 0; sync->disowned.height == height && i < sync->disowned.count; i++) {
        found = found || sync->disowned.peer[i] == peer;
    }
    return found;
}

/* A peer that has the height, has not failed with it, and has nothing else to answer; validators
 * and observers alike. */
static struct peer *pick_peer(struct sync *sync, uint64_t height)
{
    size_t count = peers_count(sync->parts->peers);
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = peers_at(sync->parts->peers, (size_t)((height + i) % count));
        if (peer->up && peer->told_status && peer->status.height >= height &&
            open_requests(sync, peer->id) == 0 && !is_disowned(sync, height, peer->id)) {
            return peer;
        }
    }
    return NULL;
}

static void ask_range(struct sync *sync, uint64_t from)
{
    struct peer *peer = pick_peer(sync, from);
    AUTO(buf_free) struct buf frame = {0};
    if (peer == NULL) {
        return;
    }
    struct wire_range range = {.from = from};
    int64_t now = clock_monotonic_ms();
    while (range.count < RANGE_MAX && range.count < SYNC_WINDOW &&
           from + range.count <= peer->status.height &&
           from + range.count <= tip(sync) + SYNC_WINDOW) {
        struct place *place = place_of(sync, from + range.count);
        if (place->state != PLACE_EMPTY) {
            break;
        }
        place->state = PLACE_ASKED;
        place->height = from + range.count;
        place->peer = peer->id;
        place->asked_ms = now;
        range.count++;
    }
    wire_append_want_blocks(&frame, &range);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

static void ask_missing(struct sync *sync)
{
    uint64_t last = tip(sync) + SYNC_WINDOW;
    last = sync->target < last ? sync->target : last;
    for (uint64_t height = tip(sync) + 1; height <= last; height++) {
        if (sync->bytes > SYNC_WINDOW_BYTES && height > tip(sync) + 1) {
            return;
        }
        if (place_of(sync, height)->state == PLACE_EMPTY) {
            ask_range(sync, height);
        }
    }
}

static void drop_late(struct sync *sync, int64_t now)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && now - place->asked_ms > ANSWER_MS) {
            struct peer *peer = peers_find(sync->parts->peers, place->peer);
            place_clear(sync, place);
            if (peer != NULL) {
                peer_blame(sync->parts->peers, peer, BLAME_NO_ANSWER, "does not give blocks");
            }
        }
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct sync *sync = timer->data;
    drop_late(sync, clock_monotonic_ms());
    review(sync);
}

/* ---- decoding on the workers ---- */

static void decode_work(uv_work_t *work)
{
    struct decode *decode = work->data;
    decode->error =
        block_decode(&decode->block, NULL, view_of_buf(&decode->bytes), &decode->genesis);
}

static void after_decode(uv_work_t *work, int status)
{
    struct decode *decode = work->data;
    struct sync *sync = decode->sync;
    struct place *place = place_of(sync, decode->height);
    (void)status;
    sync->decoding--;
    if (place->state == PLACE_DECODING && place->height == decode->height) {
        struct peer *peer = peers_find(sync->parts->peers, place->peer);
        if (decode->error == 0 && decode->block->header.height == decode->height) {
            place->state = PLACE_READY;
            place->block = block_ref(decode->block);
        } else {
            place_clear(sync, place);
            if (peer != NULL) {
                peer_blame(sync->parts->peers, peer, BLAME_BAD_BLOCK, "a block of no valid form");
            }
        }
    }
    block_free(&decode->block);
    buf_free(&decode->bytes);
    memory_free(decode);
    if (sync->active) {
        pump(sync);
    }
}

static void start_decoding(struct sync *sync, struct place *place)
{
    struct decode *decode = memory_alloc(sizeof *decode);
    decode->work.data = decode;
    decode->sync = sync;
    decode->genesis = *app_genesis_hash(sync->parts->app);
    decode->height = place->height;
    decode->bytes = place->bytes;
    sync->bytes -= place->bytes.len;
    place->bytes = (struct buf){0};
    place->state = PLACE_DECODING;
    sync->decoding++;
    ENSURE(uv_queue_work(sync->parts->loop, &decode->work, decode_work, after_decode) == 0);
}

static void decode_some(struct sync *sync)
{
    for (uint64_t i = 1; i <= SYNC_WINDOW && sync->decoding < DECODING_MAX; i++) {
        struct place *place = place_of(sync, tip(sync) + i);
        if (place->state == PLACE_RECEIVED && place->height == tip(sync) + i) {
            start_decoding(sync, place);
        }
    }
}

/* ---- applying ---- */

/* At most f validators lie. When f+1 of them gave a certified block that does not hold here, one of
 * them is honest, and it is this ledger that is wrong. */
static void disown(struct sync *sync, uint64_t height, const struct peer *peer)
{
    struct disowned *disowned = &sync->disowned;
    if (disowned->height != height) {
        *disowned = (struct disowned){.height = height};
    }
    if (!peer->validator || is_disowned(sync, height, peer->id)) {
        return;
    }
    size_t faulty = validators_faulty_max(app_next_validators(sync->parts->app)->count);
    ENSURE(disowned->count < DISOWNED_MAX);
    disowned->peer[disowned->count++] = peer->id;
    if (disowned->count > faulty) {
        sync->parts->fatal(sync->parts->fatal_context, ERR_CORRUPT,
                           "certified blocks of several validators do not execute here");
    }
}

static void refuse(struct sync *sync, struct place *place, int error, bool certified)
{
    struct peer *peer = peers_find(sync->parts->peers, place->peer);
    uint64_t height = place->height;
    log_write(LOG_WARN, "sync", "block %llu does not hold: %s", (unsigned long long)height,
              error_code(error));
    count_add(&sync->parts->counters->sync_refused, 1);
    place_clear(sync, place);
    if (peer != NULL) {
        if (certified) {
            disown(sync, height, peer);
        }
        peer_blame(sync->parts->peers, peer, BLAME_BAD_BLOCK, "a block that does not hold");
    }
}

/* The certificate holds already and the transactions are verified: what is left is execution. */
static void apply(struct sync *sync, struct place *place)
{
    struct app_commit commit;
    struct faults faults = {0};
    rest_consensus(sync);
    int error =
        app_apply_synced(&commit, sync->parts->app, &faults, place->block, &place->certificate);
    if (app_error_is_environment(error)) {
        sync->parts->fatal(sync->parts->fatal_context, error, "applying a block");
        return;
    }
    if (error != 0) {
        refuse(sync, place, error, true);
        return;
    }
    place_clear(sync, place);
    count_add(&sync->parts->counters->blocks_synced, 1);
    sync->behind_since_ms = 0;
    sync->handler.committed(sync->handler.context, &commit);
    app_commit_free(&commit);
}

static void on_checked(void *context, struct block *block, int error)
{
    struct sync *sync = context;
    struct place *place = place_of(sync, block->header.height);
    sync->checking = false;
    if (sync->closing || error == ERR_UNAVAILABLE) {
        return;
    }
    if (place->state == PLACE_READY && place->block == block &&
        block->header.height == tip(sync) + 1) {
        if (error == 0) {
            apply(sync, place);
        } else {
            refuse(sync, place, error, true);
        }
    }
    review(sync);
}

/* The block after the tip is there: its certificate first, then the work. */
static void check_next(struct sync *sync)
{
    struct place *place = place_of(sync, tip(sync) + 1);
    if (sync->checking || place->state != PLACE_READY || place->height != tip(sync) + 1) {
        return;
    }
    int error =
        certificate_verify(&place->certificate, app_genesis_hash(sync->parts->app), place->height,
                           &place->block->hash, app_next_validators(sync->parts->app));
    if (error != 0) {
        refuse(sync, place, error, false);
        return;
    }
    sync->checking = true;
    block_check_start(sync->parts, place->block, on_checked, sync);
}

static void drop_passed(struct sync *sync)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state != PLACE_EMPTY && place->height <= tip(sync)) {
            place_clear(sync, place);
        }
    }
}

static void pump(struct sync *sync)
{
    if (!sync->closing) {
        drop_passed(sync);
        check_next(sync);
        ask_missing(sync);
        decode_some(sync);
    }
}

/* ---- frames and peers ---- */

static int take_block(struct sync *sync, struct peer *peer, struct view body)
{
    struct view bytes;
    struct certificate certificate;
    int error = wire_read_block(&bytes, &certificate, body);
    if (error != 0) {
        return error;
    }
    struct place *place = place_of(sync, certificate.height);
    if (place->state == PLACE_ASKED && place->height == certificate.height &&
        place->peer == peer->id) {
        place->state = PLACE_RECEIVED;
        place->certificate = certificate;
        buf_append_view(&place->bytes, bytes);
        sync->bytes += bytes.len;
        decode_some(sync);
    }
    return 0;
}

/* What the peer did not give of what it was asked is open again. */
static int take_end(struct sync *sync, struct peer *peer, struct view body)
{
    uint64_t from, next;
    if (wire_read_blocks_end(&from, &next, body) != 0) {
        return ERR_ENCODING;
    }
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == peer->id) {
            if (place->height == from && next <= from && peer->status.height >= from) {
                peer->status.height = from - 1; /* it does not have what it told */
            }
            place_clear(sync, place);
        }
    }
    review(sync);
    return 0;
}

int sync_frame(struct sync *sync, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_WANT_BLOCKS:
        return sync_serve(sync->parts, peer, frame->body);
    case FRAME_BLOCK:
        return take_block(sync, peer, frame->body);
    case FRAME_BLOCKS_END:
        return take_end(sync, peer, frame->body);
    default:
        return ERR_ENCODING;
    }
}

void sync_peer_down(struct sync *sync, struct peer *peer)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == peer->id) {
            place_clear(sync, place);
        }
    }
    review(sync);
}

/* ---- life ---- */

void sync_open(struct sync **out, const struct node_parts *parts,
               const struct sync_handler *handler)
{
    struct sync *sync = memory_alloc(sizeof *sync);
    sync->parts = parts;
    sync->handler = *handler;
    ENSURE(uv_timer_init(parts->loop, &sync->timer) == 0);
    sync->timer.data = sync;
    *out = sync;
}

void sync_close(struct sync *sync)
{
    if (!sync->closing) {
        sync->closing = true;
        sync->active = false;
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
    return sync->active;
}

void sync_set_patient(struct sync *sync, bool patient)
{
    sync->patient = patient;
}

uint64_t sync_target(const struct sync *sync)
{
    return sync->target;
}
