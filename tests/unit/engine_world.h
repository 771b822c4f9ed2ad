/* The engine of agency 1 among talkers that play the other validators, with a ledger, a disk for
 * its safety record, and a block of every proposer of height 1. Include it once a program, after
 * check.h and ledger_types.h. Header only; every function is static. */
#ifndef DIRCHAIN_TESTS_UNIT_ENGINE_WORLD_H
#define DIRCHAIN_TESTS_UNIT_ENGINE_WORLD_H

#include "cell.h"
#include "safety_disk.h"

#include "node/bodies_slot.h"
#include "node/engine_internal.h"

#define ROUNDS 60

struct world {
    struct cell cell;
    struct bodies *bodies;
    struct evidence_pool *evidence;
    struct engine *engine;
    struct test_disk disk;
    struct tx *tx;
    struct block *block[ROUNDS]; /* by round; NULL where the node itself proposes */
    bool gives_bodies;
    unsigned asked_body, told_votes, told_proposals; /* each vote and proposal once */
    struct buf said;                                 /* by anybody, one after the other */
    /* What talkers answer to the roll call. */
    struct {
        bool silent;
        uint64_t height;
        struct buf said; /* messages of the node */
        unsigned asked;
    } roll[TALKERS];
    uint64_t tells_height; /* what the node answers to theirs */
    struct buf tells;
    unsigned answers;
    struct app_commit commit;
    bool committed;
};

/* ---- the talkers ---- */

static void answer_roll(struct world *world, size_t talker, struct peer *peer)
{
    AUTO(buf_free) struct buf answer = {0};
    world->roll[talker].asked++;
    if (!world->roll[talker].silent) {
        size_t begun = wire_begin_roll(&answer, world->roll[talker].height);
        buf_append_view(&answer, view_of_buf(&world->roll[talker].said));
        wire_end(&answer, begun);
        assert_true(peer_send(peer, view_of_buf(&answer), LINK_REQUIRED));
    }
}

static void take_roll(struct world *world, struct view body)
{
    struct reader messages;
    assert_int_equal(wire_read_roll(&world->tells_height, &messages, body), 0);
    buf_clear(&world->tells);
    buf_append_view(&world->tells, messages.rest);
    world->answers++;
}

/* Whether nobody has said these bytes before: what is said again is no new signature. */
static bool is_new(struct world *world, struct view body)
{
    if (world->said.len > 0 &&
        memmem(world->said.data, world->said.len, body.data, body.len) != NULL) {
        return false;
    }
    buf_append_view(&world->said, body);
    return true;
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    struct wire_want want;
    AUTO(buf_free) struct buf answer = {0};
    if (frame->kind == FRAME_VOTES || frame->kind == FRAME_PROPOSAL) {
        unsigned *told = frame->kind == FRAME_VOTES ? &world->told_votes : &world->told_proposals;
        *told += is_new(world, frame->body);
    }
    if (frame->kind == FRAME_WANT_ROLL) {
        answer_roll(world, (size_t)(talker - world->cell.talkers), peer);
    } else if (frame->kind == FRAME_ROLL) {
        take_roll(world, frame->body);
    }
    if (frame->kind != FRAME_WANT_BODY) {
        return 0;
    }
    assert_int_equal(wire_read_want_body(&want, frame->body), 0);
    world->asked_body++;
    for (size_t i = 0; world->gives_bodies && i < ROUNDS; i++) {
        if (world->block[i] != NULL && hash_equal(&world->block[i]->hash, &want.block)) {
            wire_append_body(&answer, world->block[i]);
            assert_true(peer_send(peer, view_of_buf(&answer), LINK_REQUIRED));
        }
    }
    return 0;
}

static void send_frames(struct world *world, size_t talker, const struct buf *frames)
{
    struct peer *node = peers_at(world->cell.talkers[talker].peers, 0);
    RUN_UNTIL(&world->cell.loop, node->up);
    buf_append_view(&world->said, view_of_buf(frames));
    assert_true(peer_send(node, view_of_buf(frames), LINK_REQUIRED));
}

/* Talker i is agency i + 2. */
static void sign(struct world *world, struct message *message, size_t talker)
{
    struct secret_key secret = ledger_secret(talker + 2, KEY_VOTE);
    struct hash digest;
    message_digest(&digest, &world->cell.ledger.genesis_hash, message);
    assert_int_equal(schnorr_sign(message->kind == MESSAGE_VOTE ? &message->vote.signature
                                                                : &message->proposal.signature,
                                  &secret, &digest),
                     0);
}

/* `block` NULL: nil. */
static void vote(struct world *world, size_t talker, enum vote_type type, uint32_t round,
                 const struct block *block)
{
    struct message message = {.kind = MESSAGE_VOTE, .vote = {.type = type, .round = round}};
    AUTO(buf_free) struct buf frames = {0};
    message.vote.height = app_height(world->cell.ledger.app) + 1;
    if (block != NULL) {
        message.vote.block = block->hash;
    }
    memcpy(message.vote.validator, agencies[talker + 2], MEMBER_ID_CHARS);
    sign(world, &message, talker);
    size_t begun = wire_begin(&frames, FRAME_VOTES);
    message_encode(&frames, &message);
    wire_end(&frames, begun);
    send_frames(world, talker, &frames);
}

/* −1: the node itself. */
static int proposer_of(struct world *world, uint32_t round)
{
    const struct validator_set *set = app_next_validators(world->cell.ledger.app);
    const char *member = set->item[validators_proposer(set, 1, round)].member;
    for (int i = 0; i < TALKERS; i++) {
        if (strcmp(member, agencies[i + 2]) == 0) {
            return i;
        }
    }
    return -1;
}

static struct message proposal_of(const struct block *block, uint32_t round)
{
    return (struct message){.kind = MESSAGE_PROPOSAL,
                            .proposal = {.height = 1,
                                         .round = round,
                                         .valid_round = ROUND_NONE,
                                         .header = block->header,
                                         .block = block->hash}};
}

__attribute__((unused)) static void propose(struct world *world, uint32_t round)
{
    const struct block *block = world->block[round];
    size_t proposer = (size_t)proposer_of(world, round);
    struct message message = proposal_of(block, round);
    AUTO(buf_free) struct buf frames = {0};
    sign(world, &message, proposer);
    wire_append_proposal(&frames, &message, block);
    send_frames(world, proposer, &frames);
}

__attribute__((unused)) static void tell_height(struct world *world, size_t talker, uint64_t height)
{
    AUTO(buf_free) struct buf frame = {0};
    const struct wire_status status = {.height = height};
    wire_append_status(&frame, &status);
    send_frames(world, talker, &frame);
}

/* ---- the node ---- */

static void on_complete(void *context, struct block *block)
{
    struct world *world = context;
    engine_body(world->engine, block);
}

static bool on_voted(void *context, const char *member, const struct hash *block)
{
    const struct world *world = context;
    return engine_knows_body(world->engine, member, block);
}

static bool on_needed(void *context, const struct hash *block)
{
    const struct world *world = context;
    return engine_needs_body(world->engine, block);
}

static void on_committed(void *context, struct app_commit *commit)
{
    struct world *world = context;
    assert_false(world->committed);
    world->committed = true;
    world->commit = *commit;
    world->commit.block = block_ref(commit->block);
    world->commit.acts = NULL;
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    bool consensus = frame->kind == FRAME_VOTES || frame->kind == FRAME_PROPOSAL;
    bool roll = frame->kind == FRAME_WANT_ROLL || frame->kind == FRAME_ROLL;
    if (frame->kind == FRAME_STATUS) {
        return 0;
    }
    return consensus || roll ? engine_frame(world->engine, peer, frame)
                             : bodies_frame(world->bodies, peer, frame);
}

static void make_record(struct world *world, bool alone)
{
    const struct secret_key secret = ledger_secret(1, KEY_VOTE);
    struct safety_disk io = test_disk_of(&world->disk);
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    assert_int_equal(safety_create(&io, &world->cell.ledger.genesis_hash, &key, alone), 0);
}

static void open_engine(struct world *world)
{
    const struct engine_handler handler = {world, on_committed};
    const struct secret_key secret = ledger_secret(1, KEY_VOTE);
    const struct hash *genesis = &world->cell.ledger.genesis_hash;
    struct safety_disk io = test_disk_of(&world->disk);
    struct safety *safety = NULL;
    struct signer *signer = NULL;
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    assert_int_equal(safety_open(&safety, &io, genesis, &key), 0);
    assert_int_equal(signer_open(&signer, &safety, genesis, agencies[1], &secret, NULL), 0);
    engine_open(&world->engine, &world->cell.parts, world->bodies, world->evidence, &signer, &key,
                &handler);
}

/* A block of every proposer, all of the same transaction, made by another ledger. */
static void make_blocks(struct world *world)
{
    struct ledger other = ledger_open(kv_open_memory(), NULL);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        int proposer = proposer_of(world, round);
        if (proposer >= 0) {
            const struct app_proposal proposal = {.time_ms = LEDGER_TIME_MS + 1 + round,
                                                  .proposer = agencies[proposer + 2],
                                                  .candidates = &world->tx,
                                                  .candidate_count = 1};
            assert_int_equal(app_prepare(&world->block[round], other.app, &proposal), 0);
            assert_int_equal(world->block[round]->tx_count, 1);
        }
    }
    ledger_close(&other);
}

/* All there but the links. */
static void world_prepare(struct world *world)
{
    const struct bodies_handler handler = {world, on_complete, on_voted, on_needed};
    *world = (struct world){.gives_bodies = true};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    assert_int_equal(bodies_open(&world->bodies, &world->cell.parts, &handler), 0);
    world->evidence = evidence_pool_open(&world->cell.parts);
    make_record(world, false);
    open_engine(world);
    world->tx = ledger_tx(&world->cell.ledger, 2, KEY_COMPILE, "test.put", test_body("k", 1));
    make_blocks(world);
    assert_int_equal(mempool_add(world->cell.parts.mempool, world->tx, false, 0), 0);
}

/* The node is killed and started again, with what its disk has synced; the talkers have forgotten
 * what it said. */
__attribute__((unused)) static void world_restart(struct world *world)
{
    engine_close(world->engine);
    run_for(&world->cell.loop, 20);
    engine_free(&world->engine);
    test_disk_lose_power(&world->disk);
    for (size_t i = 0; i < TALKERS; i++) {
        struct peer *peer = cell_peer(&world->cell, i);
        memset(&peer->roll, 0, sizeof peer->roll);
        memset(&peer->word, 0, sizeof peer->word);
        buf_clear(&world->roll[i].said);
    }
    bodies_start_height(world->bodies, 0);
    open_engine(world);
}

/* In the middle of height 1, the roll call being over. */
__attribute__((unused)) static void world_open(struct world *world)
{
    world_prepare(world);
    cell_meet_all(&world->cell, world, on_talker_told);
    RUN_UNTIL(&world->cell.loop, engine_running(world->engine));
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    engine_free(&world->engine);
    bodies_free(&world->bodies);
    evidence_pool_free(&world->evidence);
}

static void world_close(struct world *world)
{
    assert_int_equal(world->cell.fatal, 0);
    engine_close(world->engine);
    bodies_close(world->bodies);
    cell_close(&world->cell, on_freed);
    for (size_t i = 0; i < ROUNDS; i++) {
        block_free(&world->block[i]);
    }
    for (size_t i = 0; i < TALKERS; i++) {
        buf_free(&world->roll[i].said);
    }
    buf_free(&world->tells);
    buf_free(&world->said);
    app_commit_free(&world->commit);
    tx_free(&world->tx);
}

__attribute__((unused)) static void enter_round(struct world *world, uint32_t round)
{
    for (size_t i = 0; i < 2; i++) { /* f + 1 are there */
        vote(world, i, VOTE_PREVOTE, round, NULL);
    }
    RUN_UNTIL(&world->cell.loop, engine_status(world->engine).round >= round);
}

__attribute__((unused)) static uint32_t round_of_another_from(struct world *world, uint32_t round)
{
    return proposer_of(world, round) >= 0 ? round : round + 1;
}

__attribute__((unused)) static uint32_t first_round_of_another(struct world *world)
{
    return round_of_another_from(world, 0);
}

/* The same, and the node is in it. */
__attribute__((unused)) static uint32_t enter_round_of_another(struct world *world)
{
    uint32_t round = first_round_of_another(world);
    if (round > 0) {
        enter_round(world, round);
    }
    return round;
}

/* ---- what the others say of the node, and what it says ---- */

__attribute__((unused)) static struct message own_vote(struct world *world, enum vote_type type,
                                                       uint64_t height, uint32_t round,
                                                       const struct hash *block)
{
    struct message message = {.kind = MESSAGE_VOTE,
                              .vote = {.type = type, .height = height, .round = round}};
    if (block != NULL) {
        message.vote.block = *block;
    }
    struct secret_key secret = ledger_secret(1, KEY_VOTE);
    struct hash digest;
    memcpy(message.vote.validator, agencies[1], MEMBER_ID_CHARS);
    message_digest(&digest, &world->cell.ledger.genesis_hash, &message);
    assert_int_equal(schnorr_sign(&message.vote.signature, &secret, &digest), 0);
    return message;
}

__attribute__((unused)) static void remember(struct world *world, size_t talker,
                                             const struct message *message)
{
    message_encode(&world->roll[talker].said, message);
}

__attribute__((unused)) static void meet(struct world *world)
{
    cell_meet_all(&world->cell, world, on_talker_told);
}

__attribute__((unused)) static unsigned signed_by_node(const struct world *world)
{
    return world->told_votes + world->told_proposals;
}

__attribute__((unused)) static void expect_hold(const struct world *world, enum hold reason,
                                                uint64_t until)
{
    const struct engine_hold hold = engine_hold(world->engine);
    assert_int_equal(hold.reason, reason);
    assert_int_equal(hold.until, until);
}

#endif
