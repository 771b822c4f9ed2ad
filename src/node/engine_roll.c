/* The roll call: what the others remember of this node's signatures.
 *
 *   opened ──WANT_ROLL──► a quorum has answered, own vote included,
 *     │                   and the ledger is as long as the longest they told ──► over: signs
 *     └── n = 1: no node tells a longer ledger than ours, and the ───────────────► from there on
 *                record is not new (engine_hold.c)
 *
 * Ledger and safety record may both be older than what this key has signed: a home put back from a
 * copy. The others remember. Each answers with its tip, and with what it holds of our messages for
 * its height and the next, with signatures. So:
 *
 *   a tip above ours: we may have voted up to it. First the blocks (sync.h), up to what more than
 *       f tell, however long they take. A higher one may be a lie: it counts no more when sync has
 *       caught its teller with one, nor when 20 s have passed in which its teller showed nothing
 *       that was there before we asked
 *   a message of ours that the record does not know: the disk was put back. Durably, nothing is
 *       signed up to its height
 *   an empty record, and the chain has blocks: what was signed in an earlier life is unknown.
 *       Nothing is signed up to the height after the tip
 *
 * It costs no liveness: without links to a quorum nothing could be decided, and answering needs
 * neither a signature nor a roll call that is over. Nobody's word is trusted but for the moment:
 * what a liar can do is keep us waiting these 20 s. Validators that come up later are asked too,
 * and our own words are recognized from whomever they come. What nobody can do: tell of a message
 * that no one who answers has received (docs/spec/consensus.md). Loop's thread only. */
#include "node/engine_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/tellers.h"

#include <inttypes.h>
#include <string.h>

#define LOOK_MS 100
#define ASK_AGAIN_MS 1000
#define SERVE_AGAIN_MS 500
#define ALONE_MS 300      /* where no validator can be asked, others get so long to come */
#define STRAGGLER_MS 1000 /* a validator that is up gets so long to answer when a quorum has */
#define UNSHOWN_LOOKS 200 /* who tells more than is believed gets so long to show some of it */

/* ---- asking ---- */

static void ask(struct peer *peer, int64_t now)
{
    bool due = peer->roll.asked_ms == 0 || now - peer->roll.asked_ms >= ASK_AGAIN_MS;
    if (!peer->up || !peer->validator || peer->roll.answered || !due) {
        return;
    }
    AUTO(buf_free) struct buf frame = {0};
    wire_append_want_roll(&frame);
    peer->roll.asked_ms = now;
    if (peer->word.asked_ms == 0) {
        peer->word.asked_ms = now;
    }
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

void engine_greet(struct engine *engine, struct peer *peer)
{
    if (engine->signer != NULL && !engine->closing) {
        ask(peer, clock_monotonic_ms());
    }
}

/* ---- is it over? ---- */

/* What it answered, or the less that it tells since. One that is gone told what it told. */
static uint64_t tip_of(const struct peer *peer)
{
    if (!peer->up || (!peer->told_status && !peer->roll.answered)) {
        return peer->word.tip;
    }
    bool less = !peer->roll.answered || (peer->told_status && peer->told_height < peer->roll.told);
    return less ? peer->told_height : peer->roll.told;
}

/* One of those that tell it is honest: so it is true, and the blocks are somewhere however slowly
 * they come. */
static uint64_t believed_tip(const struct engine *engine)
{
    const struct peers *peers = engine->parts->peers;
    struct tellers tellers = tellers_of(app_next_validators(engine->parts->app)->count);
    for (size_t i = 0; i < peers_count(peers); i++) {
        const struct peer *peer = peers_at(peers, i);
        if (peer->validator) {
            tellers_add(&tellers, tip_of(peer));
        }
    }
    return tellers_believed(&tellers);
}

/* What only f or fewer tell may be true, too, and is given time. It is given anew for what was made
 * before this node asked, which is no more than there is; blocks made since could go on for ever,
 * at the pace of a teller without whom nothing is decided while we are silent. */
static void watch(struct engine *engine, struct peer *peer, uint64_t believed)
{
    uint64_t height = app_height(engine->parts->app);
    peer->word.tip = tip_of(peer);
    if (peer->word.shown_ms != 0 && peer->word.shown_ms <= engine->opened_time_ms) {
        peer->word.looks = 0;
    } else if (peer->up && believed <= height && height < peer->word.tip) {
        peer->word.looks++;
    }
    peer->word.shown_ms = 0;
}

static void tally_told(struct engine_tally *tally, const struct peer *peer)
{
    bool counts = !peer->word.lied && peer->word.looks < UNSHOWN_LOOKS;
    if (counts && tip_of(peer) > tally->told) {
        tally->told = tip_of(peer);
    }
}

/* No validator can be asked: what any node tells stops us while it counts, and each that there
 * should be is given a moment to come. */
static void tally_all(struct engine_tally *tally, const struct engine *engine, int64_t now)
{
    const struct peers *peers = engine->parts->peers;
    bool late = now - engine->opened_ms >= ALONE_MS;
    for (size_t i = 0; i < peers_count(peers); i++) {
        const struct peer *peer = peers_at(peers, i);
        bool tells = peer->up && peer->told_status;
        tally->straggler = tally->straggler || (!tells && !late);
        if (tells) {
            tally_told(tally, peer);
        }
    }
}

struct engine_tally engine_tally(const struct engine *engine)
{
    const struct peers *peers = engine->parts->peers;
    const struct validator_set *set = app_next_validators(engine->parts->app);
    struct engine_tally tally = {.needed =
                                     validators_quorum(set->count) - engine_is_validator(engine),
                                 .told = believed_tip(engine)};
    int64_t now = clock_monotonic_ms();
    if (tally.needed == 0) {
        tally_all(&tally, engine, now);
        return tally;
    }
    for (size_t i = 0; i < peers_count(peers); i++) {
        const struct peer *peer = peers_at(peers, i);
        if (!peer->up || !peer->validator) {
            continue;
        }
        if (peer->roll.answered) {
            tally.answered++;
            tally_told(&tally, peer);
        } else {
            tally.straggler = tally.straggler || peer->word.asked_ms == 0 ||
                              now - peer->word.asked_ms < STRAGGLER_MS;
        }
    }
    return tally;
}

bool engine_roll_over(struct engine *engine)
{
    if (engine->roll_over) {
        return true;
    }
    const struct engine_tally now = engine_tally(engine);
    if (now.answered < now.needed || now.straggler || now.told > app_height(engine->parts->app) ||
        !engine_settle_new(engine, &now)) {
        return false;
    }
    engine->roll_over = true;
    uv_timer_stop(&engine->roll_timer);
    engine_look_back(engine, app_height(engine->parts->app));
    engine_tell_forgotten(engine);
    engine_retransmit_soon(engine);
    const struct engine_hold held = engine_hold(engine);
    log_write(LOG_INFO, "engine",
              "%zu other validators have answered the roll call; signs from height %" PRIu64,
              now.answered,
              (held.until > app_height(engine->parts->app) ? held.until
                                                           : app_height(engine->parts->app)) +
                  1);
    return true;
}

static void on_look(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    const struct peers *peers = engine->parts->peers;
    int64_t now = clock_monotonic_ms();
    uint64_t believed = believed_tip(engine);
    for (size_t i = 0; i < peers_count(peers); i++) {
        watch(engine, peers_at(peers, i), believed);
        ask(peers_at(peers, i), now);
    }
    engine_start_height(engine);
}

void engine_roll_open(struct engine *engine)
{
    ENSURE(uv_timer_init(engine->parts->loop, &engine->roll_timer) == 0);
    engine->roll_timer.data = engine;
    engine->roll_over = engine->signer == NULL;
    engine->opened_ms = clock_monotonic_ms();
    engine->opened_time_ms = node_clock_now_ms(engine->parts->clock);
    if (!engine->roll_over) {
        uv_timer_start(&engine->roll_timer, on_look, 0, LOOK_MS);
    }
}

/* ---- answering ---- */

/* Votes of the asker that our safety record kept: after all were down they may be the only memory.
 */
static void append_kept(struct engine *engine, struct buf *frame, const char *member)
{
    const struct safety_record *record =
        engine->signer != NULL ? signer_record(engine->signer) : NULL;
    const struct validator_set *set = app_next_validators(engine->parts->app);
    int index = validators_find(set, member);
    if (record == NULL || index < 0 || record->height != app_height(engine->parts->app) + 1) {
        return;
    }
    struct message message = {.kind = MESSAGE_VOTE, .vote = {.height = record->height}};
    memcpy(message.vote.validator, member, MEMBER_ID_CHARS);
    for (int prevotes = 0; prevotes < 2; prevotes++) {
        const struct safety_vote *votes =
            prevotes ? record->valid_prevotes : record->entry_precommits;
        size_t count = prevotes ? record->valid_prevote_count : record->entry_precommit_count;
        message.vote.type = prevotes ? VOTE_PREVOTE : VOTE_PRECOMMIT;
        message.vote.round = prevotes ? (uint32_t)record->valid_round : record->round - 1;
        for (size_t i = 0; i < count; i++) {
            if (votes[i].validator == (uint16_t)index) {
                message.vote.block = votes[i].block;
                message.vote.signature = votes[i].signature;
                message_encode(frame, &message);
                break;
            }
        }
    }
}

static int serve(struct engine *engine, struct peer *peer, const struct frame *want)
{
    int64_t now = clock_monotonic_ms();
    if (wire_read_want_roll(want->body) != 0) {
        return ERR_ENCODING;
    }
    if (peer->roll.served_ms != 0 && now - peer->roll.served_ms < SERVE_AGAIN_MS) {
        return 0;
    }
    peer->roll.served_ms = now;
    AUTO(buf_free) struct buf frame = {0};
    size_t begun = wire_begin_roll(&frame, app_height(engine->parts->app));
    struct consensus_cursor cursor = {0};
    struct message message;
    while (consensus_next_recalled(&message, &cursor, engine->core, peer->member)) {
        message_encode(&frame, &message);
    }
    append_kept(engine, &frame, peer->member);
    wire_end(&frame, begun);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    return 0;
}

static int take_answer(struct engine *engine, struct peer *peer, struct view body)
{
    uint64_t height;
    struct reader reader;
    int error = wire_read_roll(&height, &reader, body);
    if (error != 0) {
        return error;
    }
    if (engine->signer == NULL || peer->roll.asked_ms == 0 || peer->roll.answered) {
        peer_unasked(engine->parts->peers, peer);
        return 0;
    }
    for (size_t i = 0; reader.rest.len > 0; i++) {
        struct message message;
        error = message_decode(&message, &reader);
        if (error != 0 || i >= WIRE_ROLL_MESSAGES_MAX) {
            return ERR_ENCODING;
        }
        engine_take_own(engine, peer, &message);
    }
    peer->roll.answered = true;
    peer->roll.told = height;
    if (!peer->told_status || peer->told_height < height) {
        peer->told_height = height;
    }
    if (!peer->told_status || peer->status.height < height) {
        peer->status.height = height;
        peer->told_status = true;
    }
    engine_start_height(engine);
    return 0;
}

int engine_roll_frame(struct engine *engine, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_WANT_ROLL:
        return serve(engine, peer, frame);
    case FRAME_ROLL:
        return take_answer(engine, peer, frame->body);
    default:
        return ERR_ENCODING;
    }
}
