/* What validators say to each other, in and out: messages become events, and what a peer may have
 * missed is said again. */
#include "node/engine_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"

#define HELP_PEERS_MAX 16 /* that many get retransmissions in one turn */
#define BLAME_BAD_SIGNATURE 10
#define BLAME_WITHOUT_END 20
#define RETRANSMIT_MS 1000
#define RETRANSMIT_SOON_MS 150
#define RETRANSMIT_SOON_TICKS 6

/* ---- messages ---- */

/* Most messages cost a look only, since they are known or change nothing; but the loop has other
 * things to do. What is above the measure is dropped unread; the first above it is blamed, and the
 * first above each further measure. */
static bool may_say_more(struct engine *engine, struct peer *peer)
{
    int64_t now = clock_monotonic_ms();
    size_t measure = CONSENSUS_MESSAGES_MAX * app_next_validators(engine->parts->app)->count;
    if (now - peer->said.since_ms >= 1000) {
        peer->said.since_ms = now;
        peer->said.count = 0;
    }
    if (peer->said.count > 0 && peer->said.count % measure == 0) {
        peer_blame(engine->parts->peers, peer, BLAME_WITHOUT_END, "votes without end");
    }
    return peer->said.count++ < measure;
}

static int take_message(struct engine *engine, struct peer *peer, const struct message *message)
{
    /* Also before the roll call is over and while blocks are fetched: who answered before it heard
     * of a message of ours may tell it only now, and again long after we have signed. */
    if (!engine_recognize(engine, peer, message) || !engine->running) {
        return ERR_STATUS;
    }
    struct event event = {.kind = EVENT_MESSAGE,
                          .now_ms = node_clock_now_ms(engine->parts->clock),
                          .message = {.message = *message}};
    engine->stepping = true;
    int error = engine_step(engine, &event);
    engine->stepping = false;
    if (error == ERR_SIGNATURE) {
        peer_blame(engine->parts->peers, peer, BLAME_BAD_SIGNATURE, "a vote that does not verify");
    }
    engine_run_queue(engine);
    return error;
}

static int take_votes(struct engine *engine, struct peer *peer, struct view body)
{
    struct reader reader = reader_of(body);
    while (reader.rest.len > 0 && peer->up) {
        struct message message;
        int error = message_decode(&message, &reader);
        if (error != 0 || message.kind != MESSAGE_VOTE) {
            return ERR_ENCODING;
        }
        if (may_say_more(engine, peer)) {
            (void)take_message(engine, peer, &message);
        }
    }
    return 0;
}

static int take_proposal(struct engine *engine, struct peer *peer, struct view body)
{
    struct message message;
    AUTO(compact_free) struct compact compact = {0};
    if (!may_say_more(engine, peer)) {
        return 0;
    }
    int error = wire_read_proposal(&message, &compact, body);
    if (error != 0) {
        return error;
    }
    count_add(&engine->parts->counters->proposals_seen, 1);
    error = take_message(engine, peer, &message);
    /* The signature says nothing on the list, and one that came second was not even checked: what
     * counts is that the block is that of a proposal which verified. */
    if ((error == 0 || error == ERR_DUPLICATE) &&
        consensus_has_proposal(engine->core, &message.proposal)) {
        bodies_offer(engine->bodies, peer, &message.proposal.header, &compact);
    }
    return 0;
}

int engine_frame(struct engine *engine, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_VOTES:
        return take_votes(engine, peer, frame->body);
    case FRAME_PROPOSAL:
        return take_proposal(engine, peer, frame->body);
    default:
        return engine_roll_frame(engine, peer, frame);
    }
}

/* ---- repair of loss ---- */

static void append_all_messages(struct engine *engine, struct buf *frames)
{
    struct consensus_cursor cursor = {0};
    struct message message;
    while (consensus_next_message(&message, &cursor, engine->core)) {
        (void)engine_append_message(engine, frames, &message);
    }
}

static bool is_at_our_height(const struct engine *engine, const struct peer *peer)
{
    return peer->up && peer->validator && peer->told_status &&
           peer->status.height == app_height(engine->parts->app);
}

void engine_help(struct engine *engine, struct peer *peer)
{
    if (!engine->running || !is_at_our_height(engine, peer) ||
        consensus_status(engine->core).step == STEP_NEW) {
        return;
    }
    AUTO(buf_free) struct buf frames = {0};
    append_all_messages(engine, &frames);
    (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
}

static void help_everybody(struct engine *engine)
{
    size_t count = peers_count(engine->parts->peers);
    AUTO(buf_free) struct buf frames = {0};
    append_all_messages(engine, &frames);
    size_t helped = 0;
    for (size_t i = 0; i < count && helped < HELP_PEERS_MAX && frames.len > 0; i++) {
        struct peer *peer = peers_at(engine->parts->peers, (size_t)(engine->help_turn++ % count));
        if (is_at_our_height(engine, peer)) {
            helped++;
            (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
        }
    }
    count_add(&engine->parts->counters->retransmissions, helped > 0);
}

static void on_retransmit(uv_timer_t *timer)
{
    struct engine *engine = timer->data;
    struct consensus_status now = consensus_status(engine->core);
    const struct consensus_status *last = &engine->last;
    bool stuck = now.height == last->height && now.round == last->round && now.step == last->step;
    if (engine->running && stuck && now.step != STEP_NEW) {
        help_everybody(engine);
    }
    engine->last = now;
    if (engine->soon > 0 && --engine->soon == 0) {
        engine_retransmit_start(engine);
    }
}

void engine_retransmit_start(struct engine *engine)
{
    uv_timer_start(&engine->retransmit, on_retransmit, RETRANSMIT_MS, RETRANSMIT_MS);
}

void engine_retransmit_soon(struct engine *engine)
{
    engine->soon = RETRANSMIT_SOON_TICKS;
    uv_timer_start(&engine->retransmit, on_retransmit, RETRANSMIT_SOON_MS, RETRANSMIT_SOON_MS);
}
