/* A member that misbehaves, for test_node_network.sh and test_liars.py: takes a node's place
 * with its keys and
 *
 *   noise        sends frames that are malformed, each kind, over and over
 *   heights      tells heights that nobody has, and gives blocks that are none
 *   equivocate   signs two prevotes for whatever round it hears of
 *   snapshots    tells more than the others, offers their snapshots and some that nobody has, and
 *                gives parts and blocks that do not hold
 *   forge        sends each votes in its own name, of heights that nobody can judge, as many as
 *                nobody is blamed for
 *   climb        signs votes of one round after the other at a height to come, and gives them
 *                all at once when it comes, over and over
 *
 * for some seconds (0: until a moment after the first time, if it comes soon), while the others
 * must go on. Exits 0 when it did what it was to do at least once; prints how often. */
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/home.h"
#include "node/peers.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOON_S 30
#define LINGER_MS 500
#define FORGED_VOTES 300    /* five times a second */
#define CLIMBED_ROUNDS 3000 /* more than four validators repeat in a second */
#define CLIMBED_A_TICK 500  /* signed without answering anybody meanwhile */

enum manner { NOISE, HEIGHTS, EQUIVOCATE, SNAPSHOTS, FORGE, CLIMB };
static const char *const manners[] = {"noise",     "heights", "equivocate",
                                      "snapshots", "forge",   "climb"};

struct hostile {
    enum manner manner;
    const struct config *config;
    struct home home;
    uv_loop_t loop;
    struct peers *peers;
    uv_timer_t tick, end;
    unsigned acts, met;
    uint64_t last_height; /* equivocated at */
    uint64_t climbs_at;   /* a height; 0: none yet */
    uint32_t climbed;     /* rounds, of votes for it */
    struct buf climb;     /* these votes, of which the first rounds may have to do */
    bool once;
    uint8_t noise;
};

static void tell_height(struct peer *peer)
{
    AUTO(buf_free) struct buf frame = {0};
    const struct wire_status status = {.height = UINT64_C(1) << 62, .round = 7};
    wire_append_status(&frame, &status);
    (void)peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE);
}

static void on_up(void *context, struct peer *peer)
{
    struct hostile *hostile = context;
    hostile->met++;
    if (hostile->manner == HEIGHTS) {
        tell_height(peer);
        hostile->acts++;
    }
}

static void on_down(void *context, struct peer *peer)
{
    (void)context;
    (void)peer;
}

static void append_vote(struct hostile *hostile, struct buf *frame, uint64_t height, uint32_t round,
                        const char *block)
{
    struct message message = {.kind = MESSAGE_VOTE};
    struct vote *vote = &message.vote;
    struct secret_key secret;
    struct hash digest;
    vote->type = VOTE_PREVOTE;
    vote->height = height;
    vote->round = round;
    vote->block = hash_sha256(view_of_text(block));
    memcpy(vote->validator, hostile->config->member, MEMBER_ID_CHARS);
    keyfile_secret_key(&secret, &hostile->home.vote);
    vote_digest(&digest, &hostile->home.genesis_hash, vote);
    ENSURE(schnorr_sign(&vote->signature, &secret, &digest) == 0);
    message_encode(frame, &message);
}

static void on_end(uv_timer_t *timer)
{
    struct hostile *hostile = timer->data;
    peers_close(hostile->peers);
    uv_close((uv_handle_t *)&hostile->tick, NULL);
    uv_close((uv_handle_t *)&hostile->end, NULL);
}

static void equivocate(struct hostile *hostile, const struct vote *heard)
{
    AUTO(buf_free) struct buf frame = {0};
    if (heard->height == hostile->last_height) {
        return;
    }
    hostile->last_height = heard->height;
    size_t begun = wire_begin(&frame, FRAME_VOTES);
    append_vote(hostile, &frame, heard->height, heard->round, "one block");
    append_vote(hostile, &frame, heard->height, heard->round, "another block");
    wire_end(&frame, begun);
    peers_broadcast(hostile->peers, view_of_buf(&frame), LINK_REQUIRED, true);
    if (hostile->acts++ == 0 && hostile->once) {
        uv_timer_start(&hostile->end, on_end, LINGER_MS, 0);
    }
}

/* A range of blocks that are none. */
static void give_rubbish(struct hostile *hostile, struct peer *peer, struct view body)
{
    AUTO(buf_free) struct buf frames = {0};
    struct wire_range range;
    if (wire_read_want_blocks(&range, body) != 0) {
        return; /* another one that makes noise */
    }
    struct certificate certificate = {.height = range.from};
    wire_append_block(&frames, view_of_text("no block"), &certificate);
    wire_append_blocks_end(&frames, range.from, range.from + 1);
    (void)peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE);
    hostile->acts++;
}

static uint64_t highest_told(const struct hostile *hostile)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < peers_count(hostile->peers); i++) {
        const struct peer *peer = peers_at(hostile->peers, i);
        if (peer->up && peer->told_status && peer->status.height > highest) {
            highest = peer->status.height;
        }
    }
    return highest;
}

static void climb_higher(struct hostile *hostile)
{
    for (uint32_t i = 0; i < CLIMBED_A_TICK && hostile->climbed < CLIMBED_ROUNDS; i++) {
        append_vote(hostile, &hostile->climb, hostile->climbs_at, 60 + hostile->climbed++,
                    "a block");
    }
}

/* Early ones would not be looked at, late ones neither. Given again they are known and cost the
 * others little, so that even a slow machine hears more in a second than validators say. */
static void climb(struct hostile *hostile)
{
    AUTO(buf_free) struct buf frame = {0};
    uint64_t next = highest_told(hostile) + 1;
    if (next == 1) {
        return;
    }
    if (hostile->climbed > 0 && next >= hostile->climbs_at) {
        size_t begun = wire_begin(&frame, FRAME_VOTES);
        buf_append_view(&frame, view_of_buf(&hostile->climb));
        wire_end(&frame, begun);
        peers_broadcast(hostile->peers, view_of_buf(&frame), LINK_DROPPABLE, true);
        hostile->acts++;
    }
    if (next > hostile->climbs_at) {
        hostile->climbs_at = next + 1; /* silent meanwhile, but not for so long as to be cut off */
        hostile->climbed = 0;
        buf_clear(&hostile->climb);
    }
    climb_higher(hostile);
}

/* What the others tell and offer, and some of its own invention. */
static void tell_like_others(struct hostile *hostile)
{
    AUTO(buf_free) struct buf frames = {0};
    struct wire_offer offer = {.first_block = 1};
    struct wire_status status = {0};
    for (size_t i = 0; i < peers_count(hostile->peers); i++) {
        const struct peer *peer = peers_at(hostile->peers, i);
        if (peer->up && peer->told_status && peer->status.height > status.height) {
            status.height = peer->status.height;
            offer.height[0] = peer->offer.count > 0 ? peer->offer.height[0] : 0;
        }
    }
    if (offer.height[0] == 0) {
        return;
    }
    offer.count = 2;
    offer.height[1] = status.height + 7;
    status.height += 3; /* so that it is asked for what nobody else has */
    wire_append_offer(&frames, &offer);
    wire_append_status(&frames, &status);
    peers_broadcast(hostile->peers, view_of_buf(&frames), LINK_DROPPABLE, false);
}

static void give_wrong_part(struct hostile *hostile, struct peer *peer, struct view body)
{
    AUTO(buf_free) struct buf frame = {0};
    struct snapshot_part part;
    if (wire_read_want_part(&part, body) != 0) {
        return;
    }
    wire_append_part(&frame, &part, view_of_text("\001 this is no part of a snapshot"));
    (void)peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE);
    hostile->acts++;
}

static int on_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct hostile *hostile = context;
    struct reader reader = reader_of(frame->body);
    struct message message;
    bool lies = hostile->manner == HEIGHTS || hostile->manner == SNAPSHOTS;
    if (lies && frame->kind == FRAME_WANT_BLOCKS) {
        give_rubbish(hostile, peer, frame->body);
    }
    if (hostile->manner == SNAPSHOTS && frame->kind == FRAME_WANT_PART) {
        give_wrong_part(hostile, peer, frame->body);
    }
    if (hostile->manner == EQUIVOCATE && frame->kind == FRAME_VOTES &&
        message_decode(&message, &reader) == 0 && message.kind == MESSAGE_VOTE) {
        equivocate(hostile, &message.vote);
    }
    return 0;
}

/* One malformed frame to each; they close the link, and it is dialled again. */
static void make_noise(struct hostile *hostile)
{
    AUTO(buf_free) struct buf frame = {0};
    enum frame_kind kind = (enum frame_kind)(1 + hostile->noise++ % (FRAME_KINDS - 1));
    size_t begun = wire_begin(&frame, kind);
    for (unsigned i = 0; i < 700; i++) {
        buf_append_u8(&frame, (uint8_t)(i * hostile->noise));
    }
    wire_end(&frame, begun);
    for (size_t i = 0; i < peers_count(hostile->peers); i++) {
        hostile->acts +=
            peer_send(peers_at(hostile->peers, i), view_of_buf(&frame), LINK_DROPPABLE);
    }
}

static void forge(struct hostile *hostile, struct peer *peer)
{
    AUTO(buf_free) struct buf frame = {0};
    struct message forged = {.kind = MESSAGE_VOTE, .vote = {.type = VOTE_PREVOTE}};
    memcpy(forged.vote.validator, peer->member, MEMBER_ID_CHARS);
    forged.vote.signature.bytes[0] = 1;
    size_t begun = wire_begin(&frame, FRAME_VOTES);
    for (unsigned i = 0; i < FORGED_VOTES; i++) {
        forged.vote.height = (UINT64_C(1) << 50) + i;
        message_encode(&frame, &forged);
    }
    wire_end(&frame, begun);
    hostile->acts += peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE);
}

static void on_tick(uv_timer_t *timer)
{
    struct hostile *hostile = timer->data;
    for (size_t i = 0; hostile->manner == FORGE && i < peers_count(hostile->peers); i++) {
        if (peers_at(hostile->peers, i)->up) {
            forge(hostile, peers_at(hostile->peers, i));
        }
    }
    for (size_t i = 0; hostile->manner == HEIGHTS && i < peers_count(hostile->peers); i++) {
        tell_height(peers_at(hostile->peers, i));
    }
    if (hostile->manner == NOISE) {
        make_noise(hostile);
    }
    if (hostile->manner == CLIMB) {
        climb(hostile);
    }
    if (hostile->manner == SNAPSHOTS) {
        tell_like_others(hostile);
    }
}

/* The members as the genesis has them. */
static void meet_members(struct hostile *hostile)
{
    const struct doc *joins = doc_get(hostile->home.genesis, "members");
    const struct doc *validators = doc_get(hostile->home.genesis, "validators");
    struct peers_member members[16] = {{.validator = false}};
    size_t count = doc_count(joins);
    ENSURE(count <= sizeof members / sizeof members[0]);
    for (size_t i = 0; i < count; i++) {
        const struct doc *join = doc_at(joins, i);
        const char *id = doc_get_text(join, "member");
        const char *key = doc_get_text(join, "peer_key");
        memcpy(members[i].member, id, MEMBER_ID_CHARS);
        ENSURE(hex_decode(members[i].key.bytes, PEER_KEY_BYTES, view_of_text(key)) == 0);
        ENSURE(endpoint_parse(&members[i].endpoint, doc_get_text(join, "peer_endpoint")) == 0);
        members[i].validator = doc_has_text(validators, id);
    }
    peers_set_members(hostile->peers, members, count);
}

static void run(struct hostile *hostile, uint64_t seconds)
{
    struct peers_config config = {
        .loop = &hostile->loop,
        .member = hostile->config->member,
        .genesis = hostile->home.genesis_hash,
        .peer_seed = hostile->home.peer.secret,
        .handler = {.context = hostile, .up = on_up, .down = on_down, .frame = on_frame}};
    ENSURE(endpoint_parse(&config.listen, hostile->config->peer_listen) == 0);
    ENSURE(uv_loop_init(&hostile->loop) == 0);
    ENSURE(peers_open(&hostile->peers, &config) == 0);
    ENSURE(uv_timer_init(&hostile->loop, &hostile->tick) == 0);
    ENSURE(uv_timer_init(&hostile->loop, &hostile->end) == 0);
    hostile->tick.data = hostile->end.data = hostile;
    uv_timer_start(&hostile->tick, on_tick, 200, 200);
    hostile->once = seconds == 0;
    uv_timer_start(&hostile->end, on_end, (hostile->once ? SOON_S : seconds) * 1000, 0);
    meet_members(hostile);
    (void)uv_run(&hostile->loop, UV_RUN_DEFAULT);
    peers_free(&hostile->peers);
    ENSURE(uv_loop_close(&hostile->loop) == 0);
}

int main(int argc, char **argv)
{
    struct hostile hostile = {0};
    struct faults faults = {0};
    AUTO(config_free) struct config *config = NULL;
    if (argc != 4 || config_load(&config, &faults, argv[1]) != 0) {
        fprintf(stderr, "usage: hostile_peer CONFIG "
                        "noise|heights|equivocate|snapshots|forge|climb SECONDS\n");
        return 2;
    }
    while (strcmp(manners[hostile.manner], argv[2]) != 0) {
        hostile.manner++;
        ENSURE(hostile.manner <= CLIMB);
    }
    log_set_level(LOG_ERROR);
    signal(SIGPIPE, SIG_IGN); /* who is cut off is told by the write that fails */
    hostile.config = config;
    if (home_open(&hostile.home, &faults, config) != 0) {
        fprintf(stderr, "%s: %s\n", faults.item[0].field, error_english(faults.item[0].error));
        return 3;
    }
    run(&hostile, strtoull(argv[3], NULL, 10));
    home_close(&hostile.home);
    buf_free(&hostile.climb);
    printf("%s: %u times, met %u peers\n", argv[2], hostile.acts, hostile.met);
    return hostile.acts > 0 ? 0 : 1;
}
