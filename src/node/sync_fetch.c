/* Asking peers for ranges of blocks, and their answers. A peer is asked for one range at a time;
 * one that was blamed for something comes after the others, and one that was slow is asked only
 * where no quick one has the block. Whoever says that it has not what it told to have is asked
 * again when it tells again, and blamed unless it was slow. To be late is no lie and no fault,
 * lines are slow, and what comes late is taken. But nobody is waited for alone: the block after
 * the tip is asked of a second peer when its range takes long, and the quicker one is asked for
 * the rest. */
#include "node/sync_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#define ANSWER_MS 5000 /* a range that does not come is asked of another */
#define SLOW_MS 1500   /* the block that all wait for is asked of another, too */
#define STILL_MS 500   /* so long without looking: it was this node that stood still */
#define REST_MS 60000  /* who was slow is left alone so long, twice as long each time that it */
#define REST_MAX_MS (32 * REST_MS) /* has given nothing since */
#define RANGE_MAX 16 /* blocks asked of one peer at once */
#define BLAME_WRONG_HEIGHT 20

/* ---- asking ---- */

static bool is_asked(const struct sync *sync, const struct peer *peer)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        const struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && (place->peer == peer->id || place->second == peer->id)) {
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

/* It was asked for it and is waited for no more, but may just be giving it: what is asked of a slow
 * line again and again fills it. */
static bool may_still_give(const struct place *place, uint32_t id, int64_t now_ms)
{
    bool found = false;
    for (size_t i = 0; i < LATE_MAX && i < place->late_count; i++) {
        found = found ||
                (place->late[i].peer == id && now_ms - place->late[i].since_ms <= ANSWER_MS);
    }
    return found;
}

/* It tells the height, keeps its block, has not failed with it and is not about to give it. */
static bool may_ask(const struct sync *sync, const struct peer *peer, uint64_t height,
                    int64_t now_ms)
{
    const struct place *place = &sync->place[height % SYNC_WINDOW];
    return peer->up && peer->told_status && peer->status.height >= height &&
           peer->offer.first_block <= height && !sync_is_disowned(sync, height, peer->id) &&
           !(place->height == height && may_still_give(place, peer->id, now_ms));
}

static bool is_slow(const struct peer *peer, int64_t now_ms)
{
    return peer->slow_until_ms > now_ms;
}

/* Whether another one than this could be asked now that does not keep others waiting, and would be
 * asked before it. */
static bool another_is_idle(const struct sync *sync, const struct peer *than, uint64_t height,
                            int64_t now_ms)
{
    bool found = false;
    for (size_t i = 0; i < peers_count(sync->parts->peers); i++) {
        const struct peer *peer = peers_at(sync->parts->peers, i);
        found = found || (peer != than && may_ask(sync, peer, height, now_ms) &&
                          !is_slow(peer, now_ms) && !is_asked(sync, peer) &&
                          (than == NULL || peer->blame <= than->blame));
    }
    return found;
}

/* Whether all would wait for this one although another, busy or not, is quicker and as good. */
static bool another_is_quicker(const struct sync *sync, const struct peer *than, uint64_t height,
                               int64_t now_ms)
{
    bool found = false;
    for (size_t i = 0; is_slow(than, now_ms) && i < peers_count(sync->parts->peers); i++) {
        const struct peer *peer = peers_at(sync->parts->peers, i);
        found = found || (may_ask(sync, peer, height, now_ms) && !is_slow(peer, now_ms) &&
                          peer->blame <= than->blame);
    }
    return found;
}

/* Of those that are slow, whoever was so last comes last. */
static bool is_better(const struct peer *peer, const struct peer *best, int64_t now_ms)
{
    return best == NULL || peer->blame < best->blame ||
           (peer->blame == best->blame && is_slow(best, now_ms) &&
            peer->slow_until_ms < best->slow_until_ms);
}

/* One that has nothing else to answer; validators and observers alike. */
static struct peer *pick_peer(struct sync *sync, uint64_t height)
{
    struct peer *best = NULL;
    int64_t now_ms = clock_monotonic_ms();
    size_t count = peers_count(sync->parts->peers);
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = peers_at(sync->parts->peers, (size_t)((sync->turn + i) % count));
        if (may_ask(sync, peer, height, now_ms) && is_better(peer, best, now_ms) &&
            !is_asked(sync, peer) && !another_is_quicker(sync, peer, height, now_ms)) {
            best = peer;
        }
    }
    sync->turn++;
    return best;
}

static void want(struct peer *peer, const struct wire_range *range)
{
    AUTO(buf_free) struct buf frame = {0};
    wire_append_want_blocks(&frame, range);
    peer->ranges_asked++;
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

static bool ask_range(struct sync *sync, uint64_t from)
{
    struct peer *peer = pick_peer(sync, from);
    if (peer == NULL) {
        return false;
    }
    struct wire_range range = {.from = from};
    int64_t now = clock_monotonic_ms();
    while (range.count < RANGE_MAX && range.count < SYNC_WINDOW &&
           from + range.count <= sync_tip(sync) + SYNC_WINDOW &&
           may_ask(sync, peer, from + range.count, now)) {
        struct place *place = sync_place(sync, from + range.count);
        if (place->state != PLACE_EMPTY) {
            break;
        }
        if (place->height != from + range.count) {
            sync_place_clear(sync, place);
        }
        place->state = PLACE_ASKED;
        place->height = from + range.count;
        place->first = from;
        place->peer = peer->id;
        place->second = NOBODY;
        place->asked_ms = place->awaited_ms = now;
        range.count++;
    }
    want(peer, &range);
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

static void was_slow(struct sync *sync, uint32_t id, int64_t now_ms)
{
    struct peer *peer = peers_find(sync->parts->peers, id);
    if (peer == NULL) {
        return;
    }
    if (!is_slow(peer, now_ms)) {
        log_write(LOG_INFO, "sync", "%s is slow to give blocks; others are asked", peer->member);
        peer->rest_ms = peer->rest_ms < REST_MAX_MS ? 2 * peer->rest_ms : REST_MAX_MS;
    }
    peer->rest_ms = peer->rest_ms < REST_MS ? REST_MS : peer->rest_ms;
    peer->slow_until_ms = now_ms + peer->rest_ms;
}

/* It is neither waited for any more nor expected to give it late. */
static void forget_asked(struct sync *sync, struct place *place, uint32_t id)
{
    place->peer = place->peer == id ? NOBODY : place->peer;
    place->second = place->second == id ? NOBODY : place->second;
    for (size_t i = 0; i < LATE_MAX && i < place->late_count; i++) {
        if (place->late[i].peer == id) {
            place->late[i].peer = NOBODY;
        }
    }
    if (place->state == PLACE_ASKED) {
        sync_place_reopen(sync, place);
    }
}

/* It is not waited for any more; what it gives late is taken. */
static void wait_no_more(struct sync *sync, struct place *place, uint32_t id)
{
    if (id != NOBODY) {
        forget_asked(sync, place, id);
        size_t oldest = place->late_count++ % LATE_MAX;
        place->late[oldest].peer = id;
        place->late[oldest].since_ms = clock_monotonic_ms();
    }
}

void sync_wait_for_nobody(struct sync *sync)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        wait_no_more(sync, place, place->peer);
        wait_no_more(sync, place, place->second);
        sync_place_reopen(sync, place);
    }
}

static void pass_by(struct sync *sync, uint32_t id)
{
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == id) {
            wait_no_more(sync, place, id);
        }
    }
}

static void ask_a_second(struct sync *sync, struct place *place)
{
    struct peer *peer = pick_peer(sync, place->height);
    if (peer == NULL) {
        return;
    }
    place->second = peer->id;
    want(peer, &(struct wire_range){.from = place->height, .count = 1});
}

/* All wait for the block after the tip. When its range takes long, whoever was asked for it is
 * passed by where one that is quick is idle; else it keeps its time, but another idle one is asked,
 * too. It is the range that counts, since a block just in time, each time, would hold up all. */
static void wait_for_nobody_alone(struct sync *sync, int64_t now_ms)
{
    uint64_t next = sync_tip(sync) + 1;
    struct place *place = sync_place(sync, next);
    if (place->state != PLACE_ASKED || now_ms - place->asked_ms <= SLOW_MS) {
        return;
    }
    uint32_t waited_for = place->peer != NOBODY ? place->peer : place->second;
    const struct peer *peer = peers_find(sync->parts->peers, waited_for);
    if (another_is_idle(sync, peer, next, now_ms)) {
        pass_by(sync, place->peer);
        wait_no_more(sync, place, place->second);
    } else if (place->second == NOBODY) {
        ask_a_second(sync, place);
    }
}

static void give_up_waiting(struct sync *sync, struct place *place, int64_t now_ms)
{
    struct peer *peer = peers_find(sync->parts->peers, place->peer);
    if (peer != NULL) {
        believe_less(peer, place->height);
    }
    was_slow(sync, place->second, now_ms);
    wait_no_more(sync, place, place->peer);
    wait_no_more(sync, place, place->second);
}

/* While this node stood still what the others sent lay unread: nobody was late with it. */
static void forgive_own_stall(struct sync *sync, int64_t now_ms)
{
    int64_t gap_ms = now_ms - sync->looked_ms;
    sync->looked_ms = now_ms;
    for (size_t i = 0; gap_ms > STILL_MS && i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        int64_t asked_ms = place->asked_ms + gap_ms;
        int64_t awaited_ms = place->awaited_ms + gap_ms;
        place->asked_ms = asked_ms < now_ms ? asked_ms : now_ms;
        place->awaited_ms = awaited_ms < now_ms ? awaited_ms : now_ms;
    }
}

void sync_drop_late(struct sync *sync, int64_t now_ms)
{
    forgive_own_stall(sync, now_ms);
    uint64_t tip = sync_tip(sync);
    for (uint64_t height = tip + 1; height <= tip + SYNC_WINDOW; height++) {
        const struct place *place = sync_place(sync, height);
        if (place->state == PLACE_ASKED && now_ms - place->asked_ms > SLOW_MS) {
            was_slow(sync, place->peer, now_ms);
        }
    }
    wait_for_nobody_alone(sync, now_ms);
    for (uint64_t height = tip + 1; height <= tip + SYNC_WINDOW; height++) {
        struct place *place = sync_place(sync, height);
        if (place->state == PLACE_ASKED && now_ms - place->awaited_ms > ANSWER_MS) {
            give_up_waiting(sync, place, now_ms);
        }
    }
}

/* ---- answers ---- */

/* What comes after it in the same range has not come yet because the line is slow. */
static void give_more_time(struct sync *sync, const struct place *came, uint32_t id)
{
    int64_t now_ms = clock_monotonic_ms();
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        if (place->state == PLACE_ASKED && place->peer == id && came->peer == id &&
            place->first == came->first && place->height > came->height) {
            place->awaited_ms = now_ms;
        }
        for (size_t k = 0; k < LATE_MAX && k < place->late_count; k++) {
            if (place->late[k].peer == id) {
                place->late[k].since_ms = now_ms;
            }
        }
    }
}

/* Where another gives it before the first, what else the first was asked for is open, unless it
 * was asked only now and what came is late. */
void sync_note_giver(struct sync *sync, const struct place *place)
{
    struct peer *giver = peers_find(sync->parts->peers, place->giver);
    int64_t now_ms = clock_monotonic_ms();
    if (giver != NULL) {
        giver->rest_ms = 0;
    }
    was_slow(sync, place->second, now_ms);
    if (place->peer != NOBODY && now_ms - place->asked_ms > SLOW_MS) {
        was_slow(sync, place->peer, now_ms);
        pass_by(sync, place->peer);
    }
}

/* Whether it was asked for it, and has neither given it since nor gone. */
static bool was_asked(const struct place *place, uint32_t id)
{
    bool found = place->peer == id || place->second == id;
    for (size_t i = 0; i < LATE_MAX && i < place->late_count; i++) {
        found = found || place->late[i].peer == id;
    }
    return found;
}

/* It has the block that it was late with. */
static void believe_again(struct peer *peer, uint64_t height)
{
    if (peer->status.height < height && height <= peer->told_height) {
        peer->status.height = height;
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
    if (place->height != certificate.height || place->height <= sync_tip(sync) ||
        !was_asked(place, peer->id)) {
        return 0;
    }
    bool fits = sync->bytes <= SYNC_WINDOW_BYTES || place->height == sync_tip(sync) + 1;
    if (fits && (place->state == PLACE_EMPTY || place->state == PLACE_ASKED)) {
        give_more_time(sync, place, peer->id);
        place->state = PLACE_RECEIVED;
        place->giver = peer->id;
        place->certificate = certificate;
        buf_append_view(&place->bytes, bytes);
        place->size = bytes.len;
        sync->bytes += place->size;
        believe_again(peer, place->height);
    }
    forget_asked(sync, place, peer->id);
    sync_decode_some(sync);
    if (!sync->fetching) {
        sync_review(sync); /* it is worth fetching again */
    }
    return 0;
}

/* Whether the block that all wait for is asked of it. */
static bool is_waited_for(const struct sync *sync, uint32_t id)
{
    uint64_t next = sync_tip(sync) + 1;
    const struct place *place = &sync->place[next % SYNC_WINDOW];
    return place->state == PLACE_ASKED && place->height == next &&
           (place->peer == id || place->second == id);
}

/* What the peer did not give of the range it was asked for is open again. */
static int take_end(struct sync *sync, struct peer *peer, struct view body)
{
    uint64_t from, next;
    bool nothing = false;
    if (wire_read_blocks_end(&from, &next, body) != 0) {
        return ERR_ENCODING;
    }
    if (peer->ranges_asked == 0) {
        peer_unasked(sync->parts->peers, peer);
        return 0;
    }
    peer->ranges_asked--;
    bool held_up = is_waited_for(sync, peer->id);
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        struct place *place = &sync->place[i];
        bool as_second = place->second == peer->id && place->height == from;
        if (as_second || (place->peer == peer->id && place->first == from)) {
            nothing = nothing || place->height == from;
            forget_asked(sync, place, peer->id);
        }
    }
    if (nothing && is_slow(peer, clock_monotonic_ms())) {
        believe_less(peer, from); /* no lie: it may be the end of what was asked before */
    } else if (nothing && peer->offer.first_block <= from) {
        sync_refute(sync, peer->id, from, BLAME_WRONG_HEIGHT,
                    "tells a height that it does not have");
    } else if (nothing && held_up) { /* it has just let go of it */
        was_slow(sync, peer->id, clock_monotonic_ms());
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
    if (is_waited_for(sync, peer->id)) { /* or who comes and goes would never be */
        was_slow(sync, peer->id, clock_monotonic_ms());
    }
    for (size_t i = 0; i < SYNC_WINDOW; i++) {
        forget_asked(sync, &sync->place[i], peer->id);
    }
    peer->ranges_asked = 0;
    sync_review(sync);
}
