/* Asking for the parts of a snapshot, judging who gave them. */
#include "node/restorer_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/ledger_place.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TICK_MS 250
#define PEER_PARTS_MAX 4
#define SHOW_MS 10000
#define BLAME_WRONG_PART 50
#define BLAME_NO_ANSWER 50

/* ---- beginning and ending ---- */

static void fatal(struct restorer *restorer, int error)
{
    restorer->parts->fatal(restorer->parts->fatal_context, error, "restoring a snapshot");
}

/* Nothing of it stays. */
static void drop(struct restorer *restorer)
{
    restore_close(&restorer->restore);
    if (restorer->kv != NULL) {
        kv_close(&restorer->kv);
    }
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        struct peer *peer = peers_at(restorer->parts->peers, i);
        peer->parts_asked = peer->parts_divided = 0;
    }
    restorer->count = 0;
    restorer->holds = false;
}

/* It came to nothing by those who offered it and gave none of it, whether they still offer it or
 * not. */
static void give_up(struct restorer *restorer, const char *why)
{
    log_write(LOG_WARN, "restore", "the snapshot of height %" PRIu64 " is given up: %s",
              restorer->height, why);
    drop(restorer);
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        struct peer *peer = peers_at(restorer->parts->peers, i);
        peer->parts_failed += peer->promised;
    }
    restorer->vain++;
    restorer->given_up_ms = clock_monotonic_ms();
    int error = ledger_place_discard(restorer->config.data_directory);
    if (error != 0) {
        fatal(restorer, error);
    }
    restorer->handler.given_up(restorer->handler.context);
}

/* The node waits for it, and asks for no blocks. What is only offered, of a height that may be one
 * liar's invention, keeps the node from nothing. */
static void hold(struct restorer *restorer)
{
    if (!restorer->holds) {
        restorer->holds = true;
        restorer->handler.holds(restorer->handler.context);
    }
}

static void begin(struct restorer *restorer, uint64_t height)
{
    struct app *app = restorer->parts->app;
    struct restore_plan plan = {.genesis = restorer->config.genesis,
                                .genesis_hash = *app_genesis_hash(app),
                                .height = height,
                                .known_height = restorer_tip(restorer) + 1};
    validators_hash(&plan.known_validators, app_next_validators(app));
    int error = ledger_place_begin(&restorer->kv, restorer->config.data_directory);
    error = error != 0 ? error : restore_open(&restorer->restore, restorer->kv, &plan);
    if (error != 0) {
        fatal(restorer, error);
        return;
    }
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        struct peer *peer = peers_at(restorer->parts->peers, i);
        peer->promised = restorer_offers(peer, height);
    }
    restorer->height = height;
    restorer->offered_ms = restorer->came_ms = restorer->shown_ms = clock_monotonic_ms();
    log_write(LOG_INFO, "restore",
              "at height %" PRIu64 ": taking the snapshot of height %" PRIu64
              " instead of the blocks before it, the %uth that is tried",
              restorer_tip(restorer), height, ++restorer->begun);
    if (height <= sync_target(restorer->sync)) {
        hold(restorer); /* more than f tell that it is decided */
    }
}

static void end(struct restorer *restorer)
{
    struct restore_progress progress = restore_progress(restorer->restore);
    log_write(LOG_INFO, "restore",
              "the snapshot of height %" PRIu64 " is whole: %" PRIu64 " records, %" PRIu64
              " bytes in %" PRIu64 " parts",
              restorer->height, progress.state_leaves, progress.bytes, progress.parts);
    drop(restorer);
    restorer->done = true;
    int error = ledger_place_finish(restorer->config.data_directory);
    if (error != 0) {
        fatal(restorer, error);
        return;
    }
    restorer->handler.restored(restorer->handler.context);
}

/* ---- asking ---- */

/* With fewest parts that it owes, and of these the quickest. */
static struct peer *pick_peer(struct restorer *restorer)
{
    struct peer *best = NULL;
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        struct peer *peer = peers_at(restorer->parts->peers, i);
        if (!restorer_offers(peer, restorer->height) || peer->parts_asked >= PEER_PARTS_MAX) {
            continue;
        }
        bool first = best == NULL || peer->parts_failed < best->parts_failed;
        bool equal = best != NULL && peer->parts_failed == best->parts_failed;
        if (first || (equal && (peer->parts_asked + 1) * (peer->part_ms + 1) <
                                   (best->parts_asked + 1) * (best->part_ms + 1))) {
            best = peer;
        }
    }
    return best;
}

static void ask_of(struct restorer *restorer, struct peer *peer, const struct snapshot_part *part)
{
    AUTO(buf_free) struct buf frame = {0};
    ENSURE(restorer->count < RESTORE_ASKED_MAX);
    restorer->asked[restorer->count++] =
        (struct asked){.part = *part, .peer = peer->id, .since_ms = clock_monotonic_ms()};
    peer->parts_asked++;
    wire_append_want_part(&frame, part);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

static void ask(struct restorer *restorer)
{
    struct peer *peer;
    struct snapshot_part part;
    while ((peer = pick_peer(restorer)) != NULL && restore_next(&part, restorer->restore)) {
        if (restore_goes_on(&part)) { /* answered for by who gave what is before it */
            peer = peers_find(restorer->parts->peers, restorer->head_giver);
        }
        if (restorer_offers(peer, restorer->height)) {
            ask_of(restorer, peer, &part);
        } else {
            restore_again(restorer->restore, &part);
        }
    }
}

static void unask(struct restorer *restorer, size_t index)
{
    struct peer *peer = peers_find(restorer->parts->peers, restorer->asked[index].peer);
    if (peer != NULL && peer->parts_asked > 0) {
        peer->parts_asked--;
    }
    restorer->asked[index] = restorer->asked[--restorer->count];
}

/* All that was asked of it is asked of others. */
static void pass_on(struct restorer *restorer, uint32_t peer)
{
    for (size_t i = restorer->count; i-- > 0;) {
        if (restorer->asked[i].peer == peer) {
            restore_again(restorer->restore, &restorer->asked[i].part);
            unask(restorer, i);
        }
    }
}

/* A fault or not: others are asked, and preferred from now on. */
static void failed(struct restorer *restorer, struct peer *peer)
{
    peer->parts_failed++;
    restorer_withdraw(peer, restorer->height);
    pass_on(restorer, peer->id);
}

static void blame(struct restorer *restorer, struct peer *peer, unsigned points, const char *why)
{
    count_add(&restorer->parts->counters->parts_refused, 1);
    failed(restorer, peer);
    peer_blame(restorer->parts->peers, peer, points, why);
}

static void drop_late(struct restorer *restorer, int64_t now_ms)
{
    for (size_t i = 0; i < restorer->count; i++) {
        if (now_ms - restorer->asked[i].since_ms <= restorer->config.answer_ms) {
            continue;
        }
        if (!restorer->asked[i].late) {
            restorer->asked[i].late = true;
            continue;
        }
        struct peer *peer = peers_find(restorer->parts->peers, restorer->asked[i].peer);
        blame(restorer, peer, BLAME_NO_ANSWER, "does not give the snapshot that it offers");
        i = (size_t)-1; /* several were passed on: from the start */
    }
}

static void show(struct restorer *restorer, int64_t now_ms)
{
    struct restore_progress progress = restore_progress(restorer->restore);
    if (now_ms - restorer->shown_ms < SHOW_MS) {
        return;
    }
    restorer->shown_ms = now_ms;
    log_write(LOG_INFO, "restore",
              "snapshot of height %" PRIu64 ": %u.%u %% of the state, %" PRIu64 " records",
              restorer->height, progress.permille / 10, progress.permille % 10,
              progress.state_leaves);
}

void restorer_review(struct restorer *restorer)
{
    restorer_refuse_odd(restorer);
    uint64_t height =
        restorer->done || restorer->closing || restorer->kv != NULL ? 0 : restorer_choose(restorer);
    if (height > 0) {
        begin(restorer, height);
    }
}

/* True where the ledger has come to it by itself meanwhile: a restored one would be a step back. */
static bool stop_if_passed(struct restorer *restorer)
{
    bool passed = restorer_tip(restorer) >= restorer->height;
    if (passed) {
        give_up(restorer, "the blocks came first");
    }
    return passed;
}

static void on_timer(uv_timer_t *timer)
{
    struct restorer *restorer = timer->data;
    int64_t now_ms = clock_monotonic_ms();
    restorer_review(restorer);
    if (restorer->restore == NULL || stop_if_passed(restorer)) {
        return;
    }
    drop_late(restorer, now_ms);
    if (restorer_is_offered(restorer, restorer->height)) {
        restorer->offered_ms = now_ms;
    }
    if (now_ms - restorer->offered_ms > restorer->config.alone_ms) {
        give_up(restorer, "nobody offers it any more");
        return;
    }
    if (now_ms - restorer->came_ms > restorer->config.barren_ms) {
        give_up(restorer, "nobody gives any of it");
        return;
    }
    if (restorer_is_stale(restorer, restorer->height)) {
        give_up(restorer, "the chain has gone on, and it is still not whole");
        return;
    }
    show(restorer, now_ms);
    ask(restorer);
}

/* ---- answers ---- */

static void refuse(struct restorer *restorer, struct peer *peer, const struct snapshot_part *part,
                   int error)
{
    static const char *const names[] = {"?",           "its head",   "its headers",
                                        "its log end", "its leaves", "its state"};
    char why[96];
    snprintf(why, sizeof why, "a snapshot that does not hold: %s [%s]", names[part->kind],
             error_code(error));
    blame(restorer, peer, BLAME_WRONG_PART, why);
}

/* What it gave holds; but who divides what would fit a part makes many of few. */
static void count_divided(struct restorer *restorer, struct peer *peer, uint64_t divided_before)
{
    struct restore_progress progress = restore_progress(restorer->restore);
    peer->parts_divided += progress.divided > divided_before;
    if (peer->parts_divided > RESTORE_DIVIDED_MAX + progress.bytes / RESTORE_DIVIDED_BYTES) {
        blame(restorer, peer, BLAME_WRONG_PART, "divides a snapshot into more parts than it has");
    }
}

static void take(struct restorer *restorer, struct peer *peer, const struct snapshot_part *part,
                 struct view payload)
{
    uint64_t divided = restore_progress(restorer->restore).divided;
    int error = restore_take(restorer->restore, part, payload);
    if (app_error_is_environment(error)) {
        fatal(restorer, error);
    } else if (error != 0) {
        refuse(restorer, peer, part, error);
    } else {
        count_add(&restorer->parts->counters->parts_taken, 1);
        restorer->came_ms = clock_monotonic_ms();
        peer->promised = false; /* it keeps its word */
        peer->word.shown_ms = restore_progress(restorer->restore).time_ms;
        if (restore_progress(restorer->restore).time_ms != 0) {
            hold(restorer); /* its header is certified */
        }
        restorer->head_giver = part->kind == SNAPSHOT_HEAD ? peer->id : restorer->head_giver;
        count_divided(restorer, peer, divided);
    }
}

int restorer_frame(struct restorer *restorer, struct peer *peer, const struct frame *frame)
{
    struct snapshot_part part;
    struct view payload;
    int error = wire_read_part(&part, &payload, frame->body);
    if (error != 0 || restorer->restore == NULL || restorer->closing || stop_if_passed(restorer)) {
        return error;
    }
    size_t i = 0;
    while (i < restorer->count && !(restorer->asked[i].peer == peer->id &&
                                    snapshot_part_equal(&restorer->asked[i].part, &part))) {
        i++;
    }
    if (i == restorer->count) {
        return 0; /* no longer expected */
    }
    peer->part_ms = clock_monotonic_ms() - restorer->asked[i].since_ms;
    unask(restorer, i);
    if (payload.len == 0) { /* honest: it has moved on */
        restore_again(restorer->restore, &part);
        failed(restorer, peer);
    } else {
        take(restorer, peer, &part, payload);
    }
    if (restore_finished(restorer->restore)) {
        end(restorer);
    } else {
        ask(restorer);
    }
    return 0;
}

void restorer_peer_down(struct restorer *restorer, struct peer *peer)
{
    if (restorer->restore != NULL && peer->parts_asked > 0) {
        failed(restorer, peer);
    }
}

/* ---- being asked ---- */

bool restorer_active(const struct restorer *restorer)
{
    return restorer->holds || restorer->done; /* the node is about to start over on it */
}

void restorer_describe(struct doc *out, const struct restorer *restorer)
{
    static const char *const stages[] = {"", "head", "headers", "frontier", "leaves", "state"};
    struct restore_progress progress = {0};
    if (restorer->restore != NULL) {
        progress = restore_progress(restorer->restore);
        doc_set_text(out, "snapshot_stage", stages[progress.at]);
    }
    doc_set_int(out, "snapshot_bytes", (int64_t)progress.bytes);
    doc_set_int(out, "snapshot_height", restorer->kv != NULL ? (int64_t)restorer->height : 0);
    doc_set_int(out, "snapshot_parts", (int64_t)progress.parts);
    doc_set_int(out, "snapshot_permille", progress.permille);
    doc_set_int(out, "snapshot_records", (int64_t)progress.state_leaves);
}

/* ---- life ---- */

struct restorer_config restorer_config_default(void)
{
    return (struct restorer_config){.stuck_ms = 10000,
                                    .refused_ms = 30000,
                                    .answer_ms = 10000,
                                    .alone_ms = 15000,
                                    .barren_ms = 30000,
                                    .rest_ms = 10000};
}

void restorer_open(struct restorer **out, const struct node_parts *parts, const struct sync *sync,
                   const struct restorer_config *config, const struct restorer_handler *handler)
{
    struct restorer *restorer = memory_alloc(sizeof *restorer);
    restorer->parts = parts;
    restorer->sync = sync;
    restorer->config = *config;
    restorer->handler = *handler;
    ENSURE(uv_timer_init(parts->loop, &restorer->timer) == 0);
    restorer->timer.data = restorer;
    uv_timer_start(&restorer->timer, on_timer, TICK_MS, TICK_MS);
    *out = restorer;
}

void restorer_close(struct restorer *restorer)
{
    if (!restorer->closing) {
        restorer->closing = true;
        uv_close((uv_handle_t *)&restorer->timer, NULL);
    }
}

void restorer_free(struct restorer **restorer)
{
    if (*restorer == NULL) {
        return;
    }
    restore_close(&(*restorer)->restore);
    if ((*restorer)->kv != NULL) {
        kv_close(&(*restorer)->kv);
    }
    memory_free(*restorer);
    *restorer = NULL;
}
