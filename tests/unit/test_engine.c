/* The engine among talkers that play the other validators: what it takes for a proposal's body, and
 * bodies of rounds that failed long ago when late votes bring them back. */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"
#include "safety_disk.h"

#include "node/bodies_slot.h"
#include "node/engine.h"

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
    unsigned asked_body, told_votes;
    struct app_commit commit;
    bool committed;
};

/* ---- the talkers ---- */

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    struct wire_want want;
    AUTO(buf_free) struct buf answer = {0};
    world->told_votes += frame->kind == FRAME_VOTES;
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
    struct message message = {.kind = MESSAGE_VOTE,
                              .vote = {.type = type, .height = 1, .round = round}};
    AUTO(buf_free) struct buf frames = {0};
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

static void propose(struct world *world, uint32_t round)
{
    const struct block *block = world->block[round];
    size_t proposer = (size_t)proposer_of(world, round);
    struct message message = proposal_of(block, round);
    AUTO(buf_free) struct buf frames = {0};
    sign(world, &message, proposer);
    wire_append_proposal(&frames, &message, block);
    send_frames(world, proposer, &frames);
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
    return consensus ? engine_frame(world->engine, peer, frame)
                     : bodies_frame(world->bodies, peer, frame);
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
    assert_int_equal(safety_create(&io, genesis, &key), 0);
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

static void world_open(struct world *world)
{
    const struct bodies_handler handler = {world, on_complete, on_voted, on_needed};
    *world = (struct world){.gives_bodies = true};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    assert_int_equal(bodies_open(&world->bodies, &world->cell.parts, &handler), 0);
    world->evidence = evidence_pool_open(&world->cell.parts);
    open_engine(world);
    world->tx = ledger_tx(&world->cell.ledger, 2, KEY_COMPILE, "test.put", test_body("k", 1));
    make_blocks(world);
    cell_meet_all(&world->cell, world, on_talker_told);
    assert_int_equal(mempool_add(world->cell.parts.mempool, world->tx, false, 0), 0);
    engine_start_height(world->engine);
    assert_true(engine_running(world->engine));
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
    app_commit_free(&world->commit);
    tx_free(&world->tx);
}

static void enter_round(struct world *world, uint32_t round)
{
    for (size_t i = 0; i < 2; i++) { /* f + 1 are there */
        vote(world, i, VOTE_PREVOTE, round, NULL);
    }
    RUN_UNTIL(&world->cell.loop, engine_status(world->engine).round >= round);
}

/* Rounds in which everybody sees a valid block and nothing comes of it. */
static void fail_rounds(struct world *world)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        if (round > 0) {
            enter_round(world, round);
        }
        if (world->block[round] != NULL && engine_status(world->engine).round == round) {
            propose(world, round);
            RUN_UNTIL(&world->cell.loop,
                      bodies_find(world->bodies, &world->block[round]->hash) != NULL);
        }
        assert_true(world->bodies->count <= BODIES_MAX);
    }
}

static uint32_t first_round_of_another(struct world *world)
{
    return proposer_of(world, 0) >= 0 ? 0 : 1;
}

/* ---- the tests ---- */

/* An asynchronous time: far more valid blocks at one height than are kept. Votes for the first of
 * them come late, and make it valid value or decide it. */
static void test_late_votes_bring_an_early_block_back(void **state)
{
    (void)state;
    for (int prevotes_first = 0; prevotes_first < 2; prevotes_first++) {
        struct world world;
        world_open(&world);
        uint32_t round = first_round_of_another(&world);
        struct block *block = world.block[round];
        fail_rounds(&world);
        assert_null(bodies_find(world.bodies, &block->hash));
        assert_int_equal(world.asked_body, 0);
        for (size_t i = 0; prevotes_first == 1 && i < TALKERS; i++) {
            vote(&world, i, VOTE_PREVOTE, round, block);
        }
        if (prevotes_first == 1) {
            RUN_UNTIL(&world.cell.loop, engine_status(world.engine).valid_round == round);
            struct consensus_status status = engine_status(world.engine);
            assert_true(hash_equal(&status.valid_block, &block->hash));
        }
        for (size_t i = 0; i < TALKERS; i++) {
            vote(&world, i, VOTE_PRECOMMIT, round, block);
        }
        RUN_UNTIL(&world.cell.loop, world.committed || world.cell.fatal != 0);
        assert_int_equal(world.cell.fatal, 0);
        assert_true(hash_equal(&world.commit.hash, &block->hash));
        assert_true(world.asked_body >= 1);
        assert_int_equal(app_height(world.cell.ledger.app), 1);
        world_close(&world);
    }
}

/* Proposals that nobody signed, with headers of this height and round. */
static void flood(struct world *world, size_t talker, uint32_t round, int count)
{
    for (int i = 1; i <= count; i++) {
        struct block other = *world->block[round];
        AUTO(buf_free) struct buf frames = {0};
        other.header.time_ms += 100000 + i;
        header_hash(&other.hash, &other.header);
        struct message message = proposal_of(&other, round);
        wire_append_proposal(&frames, &message, &other);
        send_frames(world, talker, &frames);
    }
}

static void test_unsigned_proposals_take_no_room(void **state)
{
    (void)state;
    for (size_t talker = 0; talker < TALKERS; talker++) {
        struct world world;
        world_open(&world);
        uint32_t round = first_round_of_another(&world);
        if (round > 0) {
            enter_round(&world, round);
        }
        propose(&world, round);
        const struct hash *hash = &world.block[round]->hash;
        RUN_UNTIL(&world.cell.loop, bodies_find(world.bodies, hash) != NULL);
        size_t slots = world.bodies->count;
        uint64_t seen = count_read(&world.cell.counters.proposals_seen);
        flood(&world, talker, round, 200);
        RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.proposals_seen) >= seen + 200);
        assert_int_equal(world.bodies->count, slots);
        assert_non_null(bodies_find(world.bodies, hash));
        world_close(&world);
    }
}

/* A verified proposal that others pass on: their lists count if they are validators, with whatever
 * signature, since the header is the one that verified. */
static void test_who_may_say_what_is_in_a_proposal(void **state)
{
    (void)state;
    for (int validator = 0; validator < 2; validator++) {
        struct world world;
        world_open(&world);
        world.gives_bodies = false;
        uint32_t round = first_round_of_another(&world);
        if (round > 0) {
            enter_round(&world, round);
        }
        size_t proposer = (size_t)proposer_of(&world, round), other = (proposer + 1) % TALKERS;
        struct block *block = world.block[round];
        struct message message = proposal_of(block, round);
        sign(&world, &message, proposer);
        for (int i = 0; i < 2; i++) { /* the proposer lies, then the other says how it is */
            AUTO(buf_free) struct buf frames = {0};
            struct block lie = *block;
            lie.tx_count = (size_t)i;
            wire_append_proposal(&frames, &message, &lie);
            cell_peer(&world.cell, other)->validator = validator == 1;
            send_frames(&world, i == 0 ? proposer : other, &frames);
            uint64_t seen = count_read(&world.cell.counters.proposals_seen);
            RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.proposals_seen) > seen);
        }
        run_for(&world.cell.loop, 50);
        assert_true(cell_peer(&world.cell, proposer)->blame > 0);
        assert_int_equal(bodies_find(world.bodies, &block->hash) != NULL, validator);
        world_close(&world);
    }
}

/* What cannot be written is not signed, and the node stops for the disk's reason. */
static void test_a_record_that_cannot_be_written_stops_the_node(void **state)
{
    (void)state;
    for (int sync_fails = 0; sync_fails < 2; sync_fails++) {
        struct world world;
        world_open(&world);
        uint32_t round = first_round_of_another(&world);
        if (round > 0) {
            enter_round(&world, round);
        }
        *(sync_fails == 1 ? &world.disk.fail_sync : &world.disk.fail_write) = 1;
        unsigned told = world.told_votes;
        propose(&world, round);
        RUN_UNTIL(&world.cell.loop, world.cell.fatal != 0);
        run_for(&world.cell.loop, 50);
        assert_int_equal(world.cell.fatal, sync_fails == 1 ? ERR_IO : ERR_DISK_FULL);
        assert_int_equal(world.told_votes, told);
        world.cell.fatal = 0; /* as expected */
        world_close(&world);
    }
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_votes_bring_an_early_block_back),
        cmocka_unit_test(test_unsigned_proposals_take_no_room),
        cmocka_unit_test(test_who_may_say_what_is_in_a_proposal),
        cmocka_unit_test(test_a_record_that_cannot_be_written_stops_the_node),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
