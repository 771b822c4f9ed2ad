/* Asking peers for ranges of blocks, and their answers. A peer is asked for one range at a time;
 * one that was blamed for something comes after those that were not. Whoever does not give what it
 * told to have has told a wrong height: it is blamed, and not believed until it tells again. */
#include "node/sync_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#define ANSWER_MS 5000 /* a range that does not come is asked of another */
#define SLOW_MS 1500   /* the block that all wait for is asked of another */
#define SLOW_FOR_MS 60000
#define RANGE_MAX 16 /* blocks asked of one peer at once */
#define BLAME_NO_ANSWER 50
#define BLAME_WRONG_HEIGHT 20

/* ---- asking ---- */

static bool is_asked(const struct sync *sync, const struct peer *peer)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        if (sync->place[i].state == PLACE_ASKED && sync->place[i].peer == peer->id) {
            return true;
        }
    }
    return false;
}

bool sync_is_disowned(const struct sync *sync, uint64_t height, uint32_t peer)
{
    bool found = false;
    for (size_t i = 0; sync->disowned.height == height && i < sync->disowned.count; i++) {
        found = found || sync->disowned.peer[i] == peer;
    }
    return found;
}

/* It tells the height, keeps its block and has not failed with it. */
static bool may_ask(const struct sync *sync, const struct peer *peer, uint64_t height)
{
    return peer->up && peer->told_status && peer->status.height >= height &&
           peer->offer.first_block <= height && !sync_is_disowned(sync, height, peer->id);
}

static bool is_slow(const struct peer *peer, int64_t now_ms)
{
    return peer->slow_until_ms > now_ms;
}

/* Whether another one than this could be asked that does not keep others waiting. */
static bool another_is_quick(const struct sync *sync, const struct peer *than, uint64_t height,
                             int64_t now_ms)
{
    bool found = false;
    for (size_t i = 0; i < peers_count(sync->parts->peers); i++) {
        const struct peer *peer = peers_at(sync->parts->peers, i);
        found = found || (peer != than && may_ask(sync, peer, height) && !is_slow(peer, now_ms));
    }
    return found;
}

/* One that has nothing else to answer; validators and observers alike. The slow ones only where
 * there are no others. */
static struct peer *pick_peer(struct sync *sync, uint64_t height)
{
    struct peer *best = NULL;
    int64_t now_ms = clock_monotonic_ms();
    size_t count = peers_count(sync->parts->peers);
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = peers_at(sync->parts->peers, (size_t)((sync->turn + i) % count));
        if (may_ask(sync, peer, height) && (best == NULL || peer->blame < best->blame) &&
            !is_asked(sync, peer) &&
            !(is_slow(peer, now_ms) && another_is_quick(sync, peer, height, now_ms))) {
            best = peer;
        }
    }
    sync->turn++;
    return best;
}

static bool ask_range(struct sync *sync, uint64_t from)
{
    struct peer *peer = pick_peer(sync, from);
    AUTO(buf_free) struct buf frame = {0};
    if (peer == NULL) {
        return false;
    }
    struct wire_range range = {.from = from};
    int64_t now = clock_monotonic_ms();
    while (range.count < RANGE_MAX && range.count < SYNC_WINDOW &&
           from + range.count <= peer->status.height &&
           from + range.count <= sync_tip(sync) + SYNC_WINDOW) {
        struct place *place = sync_place(sync, from + range.count);
        if (place->state != PLACE_EMPTY) {
            break;
        }
        place->state = PLACE_ASKED;
        place->height = from + range.count;
        place->first = from;
        place->peer = peer->id;
        place->asked_ms = place->awaited_ms = now;
        range.count++;
    }
    wire_append_want_blocks(&frame, &range);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    return true;
}

void sync_ask_missing(struct sync *sync)
{
    uint64_t tip = sync_tip(sync);
    uint64_t last = tip + SYNC_WINDOW;
    last = sync->told < last ? sync->told : last;
    for (uint64_t height = tip + 1; height <= last; height++) {
        if (sync->bytes > SYNC_WINDOW_BYTES && height > tip + 1) {
            return;
        }
        if (sync_place(sync, height)->state == PLACE_EMPTY && !ask_range(sync, height)) {
            return; /* fewer still have the later ones */
        }
    }
}

/* ---- what does not come ---- */

/* It is not asked for that block before it tells again. */
static void believe_less(struct peer *peer, uint64_t height)
{
    if (peer->status.height >= height) {
        peer->status.height = height - 1;
    }
}

void sync_refute(struct sync *sync, uint32_t id, uint64_t height, unsigned points, const char *why)
{
    struct peer *peer = peers_find(sync->parts->peers, id);
    if (peer != NULL) {
        believe_less(peer, height);
        peer->word.lied = true;
        peer_blame(sync->parts->peers, peer, points, why);
    }
}

/* All wait for the block after the tip: who does not give it soon is passed by. That is no fault,
 * lines are slow, but one who gives a block now and then holds nobody up. */
static void pass_by_slow(struct sync *sync, int64_t now_ms)
{
    uint64_t next = sync_tip(sync) + 1;
    const struct place *waited_for = sync_place(sync, next);
    if (waited_for->state != PLACE_ASKED || now_ms - waited_for->asked_ms <= SLOW_MS) {
        return;
    }
    struct peer *peer = peers_find(sync->parts->peers, waited_for->peer);
    if (peer == NULL || !another_is_quick(sync, peer, next, now_ms)) {
        return;
    }
    log_write(LOG_INFO, "sync", "%s is slow to give blocks; others are asked", peer->member);
    peer->slow_until_ms = now_ms + SLOW_FOR_MS;
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == peer->id) {
            sync_place_clear(sync, place);
        }
    }
}

void sync_drop_late(struct sync *sync, int64_t now_ms)
{
    pass_by_slow(sync, now_ms);
    struct {
        uint32_t peer;
        uint64_t height;
    } late[SYNC_WINDOW];
    size_t count = 0;
    uint64_t tip = sync_tip(sync);
    for (uint64_t height = tip + 1; height <= tip + SYNC_WINDOW; height++) {
        struct place *place = sync_place(sync, height);
        if (place->state != PLACE_ASKED || now_ms - place->awaited_ms <= ANSWER_MS) {
            continue;
        }
        sync_place_clear(sync, place);
        if (count == 0 || late[count - 1].peer != place->peer) { /* once for a range */
            late[count].peer = place->peer;
            late[count++].height = height;
        }
    }
    for (size_t i = 0; i < count; i++) { /* who is cut off goes at once: all places are open now */
        struct peer *peer = peers_find(sync->parts->peers, late[i].peer);
        if (peer != NULL) { /* no lie: lines are slow */
            believe_less(peer, late[i].height);
            peer_blame(sync->parts->peers, peer, BLAME_NO_ANSWER, "does not give blocks");
        }
    }
}

/* ---- answers ---- */

/* What comes after it in the same range has not come yet because the line is slow. */
static void give_more_time(struct sync *sync, const struct place *came)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == came->peer &&
            place->first == came->first && place->height > came->height) {
            place->awaited_ms = clock_monotonic_ms();
        }
    }
}

static int take_block(struct sync *sync, struct peer *peer, struct view body)
{
    struct view bytes;
    struct certificate certificate;
    int error = wire_read_block(&bytes, &certificate, body);
    if (error != 0) {
        return error;
    }
    struct place *place = sync_place(sync, certificate.height);
    if (place->state == PLACE_ASKED && place->height == certificate.height &&
        place->peer == peer->id) {
        place->state = PLACE_RECEIVED;
        give_more_time(sync, place);
        place->certificate = certificate;
        buf_append_view(&place->bytes, bytes);
        sync->bytes += bytes.len;
        sync_decode_some(sync);
    }
    return 0;
}

/* What the peer did not give of the range it was asked for is open again. */
static int take_end(struct sync *sync, struct peer *peer, struct view body)
{
    uint64_t from, next;
    bool nothing = false;
    if (wire_read_blocks_end(&from, &next, body) != 0) {
        return ERR_ENCODING;
    }
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == peer->id && place->first == from) {
            nothing = nothing || place->height == from;
            sync_place_clear(sync, place);
        }
    }
    if (nothing && peer->offer.first_block <= from) { /* else it has just let go of it */
        sync_refute(sync, peer->id, from, BLAME_WRONG_HEIGHT,
                    "tells a height that it does not have");
    }
    sync_review(sync);
    return 0;
}

int sync_frame(struct sync *sync, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
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
            sync_place_clear(sync, place);
        }
    }
    sync_review(sync);
}
