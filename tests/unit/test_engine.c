/* The engine among talkers that play the other validators: what it takes for a proposal's body, and
 * bodies of rounds that failed long ago when late votes bring them back. */
#include "check.h"

#include "ledger_types.h"

#include "engine_world.h"

#include "node/node_internal.h"

/* Rounds in which everybody sees a valid block and nothing comes of it. */
static void fail_rounds(struct world *world, uint32_t count)
{
    for (uint32_t round = 0; round < count; round++) {
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

/* ---- the tests ---- */

/* An asynchronous time: far more valid blocks at one height than are kept. Votes for one of the
 * first come late, and make it valid value or decide it. That of round 0 was stored with the vote
 * for it, later ones are asked for. */
static void test_late_votes_bring_an_early_block_back(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        int prevotes_first = turn % 2;
        struct world world;
        world_open(&world);
        uint32_t round = round_of_another_from(&world, (uint32_t)turn / 2);
        struct block *block = world.block[round];
        fail_rounds(&world, ROUNDS);
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
        assert_int_equal(world.asked_body >= 1, round > 0);
        assert_int_equal(app_height(world.cell.ledger.app), 1);
        world_close(&world);
    }
}

/* More valid blocks than there are results kept, and fewer than bodies: the one that is decided is
 * executed again. */
static void test_an_early_block_is_decided_whose_result_is_gone(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint32_t round = first_round_of_another(&world);
    const struct block *block = world.block[round];
    fail_rounds(&world, EXECUTIONS_MAX + 5);
    assert_non_null(bodies_find(world.bodies, &block->hash));
    for (size_t i = 0; i < TALKERS; i++) {
        vote(&world, i, VOTE_PRECOMMIT, round, block);
    }
    RUN_UNTIL(&world.cell.loop, world.committed || world.cell.fatal != 0);
    assert_int_equal(world.cell.fatal, 0);
    assert_true(hash_equal(&world.commit.hash, &block->hash));
    assert_int_equal(app_height(world.cell.ledger.app), 1);
    world_close(&world);
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
        uint32_t round = enter_round_of_another(&world);
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
        uint32_t round = enter_round_of_another(&world);
        size_t proposer = (size_t)proposer_of(&world, round), other = (proposer + 1) % TALKERS;
        struct block *block = world.block[round];
        struct message message = proposal_of(block, round);
        sign(&world, &message, proposer);
        AUTO(tx_free)
        struct tx *other_tx =
            ledger_tx(&world.cell.ledger, 2, KEY_COMPILE, "test.put", test_body("other", 1));
        assert_int_equal(mempool_add(world.cell.parts.mempool, other_tx, false, 0), 0);
        run_for(&world.cell.loop, 50);
        unsigned votes = world.told_votes;
        for (int i = 0; i < 2; i++) { /* the proposer lies, then the other says how it is */
            AUTO(buf_free) struct buf frames = {0};
            struct block lie = *block;
            lie.txs = i == 0 ? &other_tx : block->txs;
            wire_append_proposal(&frames, &message, &lie);
            cell_peer(&world.cell, other)->validator = validator == 1;
            send_frames(&world, i == 0 ? proposer : other, &frames);
            uint64_t seen = count_read(&world.cell.counters.proposals_seen);
            RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.proposals_seen) > seen);
            run_for(&world.cell.loop, 50);
            assert_true(cell_peer(&world.cell, proposer)->blame > 0);
            /* A right header with a wrong body is no reason to say anything of the block. */
            assert_int_equal(world.told_votes > votes, i == 1 && validator == 1);
        }
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
        uint32_t round = enter_round_of_another(&world);
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

/* Another part of the node met a fault: the turn goes on, and the engine with it no further. */
static void test_nothing_is_signed_after_a_fault_elsewhere(void **state)
{
    (void)state;
    for (int halted = 0; halted < 2; halted++) {
        struct world world;
        world_open(&world);
        uint32_t round = enter_round_of_another(&world);
        unsigned told = world.told_votes;
        struct node node = {.engine = world.engine};
        assert_int_equal(uv_async_init(&world.cell.loop, &node.stop_soon, NULL), 0);
        if (halted == 1) {
            node_fatal(&node, ERR_IO, "reading the members");
            assert_int_equal(node.error, ERR_IO);
        }
        propose(&world, round);
        run_for(&world.cell.loop, 100);
        engine_start_height(world.engine);
        run_for(&world.cell.loop, 100);
        assert_int_equal(world.told_votes > told, halted == 0);
        uv_close((uv_handle_t *)&node.stop_soon, NULL);
        run_for(&world.cell.loop, 1);
        world_close(&world);
    }
}

/* A quorum decides what does not follow from this ledger, with whatever body. */
static void test_a_node_that_diverged_stops(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint32_t round = enter_round_of_another(&world);
    world.block[round]->header.state_root.bytes[0] ^= 1;
    header_hash(&world.block[round]->hash, &world.block[round]->header);
    propose(&world, round);
    for (size_t i = 0; i < TALKERS; i++) {
        vote(&world, i, VOTE_PRECOMMIT, round, world.block[round]);
    }
    RUN_UNTIL(&world.cell.loop, world.cell.fatal != 0);
    assert_int_equal(world.cell.fatal, ERR_CORRUPT);
    assert_false(world.committed);
    world.cell.fatal = 0; /* as expected */
    world_close(&world);
}

static void append_votes(struct buf *frames, const struct message *message, size_t count)
{
    size_t begun = wire_begin(frames, FRAME_VOTES);
    for (size_t i = 0; i < count; i++) {
        message_encode(frames, message);
    }
    wire_end(frames, begun);
}

static struct message vote_of_talker(struct world *world, size_t talker, uint32_t round)
{
    struct message message = {.kind = MESSAGE_VOTE,
                              .vote = {.type = VOTE_PREVOTE, .height = 1, .round = round}};
    memcpy(message.vote.validator, agencies[talker + 2], MEMBER_ID_CHARS);
    sign(world, &message, talker);
    return message;
}

/* Two votes of one validator for the height after the one that is being decided, or one. */
static void vote_early(struct world *world, size_t talker, const char *first, const char *second)
{
    const char *blocks[] = {first, second};
    AUTO(buf_free) struct buf frames = {0};
    for (size_t i = 0; i < COUNT_OF(blocks) && blocks[i] != NULL; i++) {
        struct message message = {.kind = MESSAGE_VOTE, .vote = {.type = VOTE_PRECOMMIT}};
        message.vote.height = app_height(world->cell.ledger.app) + 2;
        message.vote.block = hash_sha256(view_of_text(blocks[i]));
        memcpy(message.vote.validator, agencies[talker + 2], MEMBER_ID_CHARS);
        sign(world, &message, talker);
        append_votes(&frames, &message, 1);
    }
    send_frames(world, talker, &frames);
}

/* Everybody decides the block of the first round that is not the node's own, and the next height
 * begins. */
static void decide_and_go_on(struct world *world)
{
    uint32_t round = enter_round_of_another(world);
    propose(world, round);
    for (size_t i = 0; i < TALKERS; i++) {
        vote(world, i, VOTE_PRECOMMIT, round, world->block[round]);
    }
    RUN_UNTIL(&world->cell.loop, world->committed || world->cell.fatal != 0);
    mempool_committed(world->cell.parts.mempool, &world->tx->id, 1);
    evidence_pool_committed(world->evidence, world->commit.block);
    engine_start_height(world->engine);
    RUN_UNTIL(&world->cell.loop, engine_status(world->engine).height == 2);
}

/* Found once in the life of a machine, so it must not be lost because it was found early. */
static void test_early_contradictions_are_evidence(void **state)
{
    (void)state;
    struct world world;
    struct evidence offered[BLOCK_EVIDENCE_MAX];
    world_open(&world);
    vote_early(&world, 0, "one", "another");
    RUN_UNTIL(&world.cell.loop, evidence_pool_count(world.evidence) == 1);
    assert_false(evidence_pool_is_due(world.evidence));
    assert_int_equal(engine_status(world.engine).height, 1);
    decide_and_go_on(&world);
    assert_int_equal(evidence_pool_offer(world.evidence, offered), 1);
    assert_int_equal(offered[0].a.height, 2);
    assert_string_equal(offered[0].a.validator, agencies[2]);
    assert_true(engine_status(world.engine).step > STEP_NEW); /* it is to be ordered */
    world_close(&world);
}

/* What no block may hold yet is no reason to make one. */
static void test_early_contradictions_are_no_work(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    decide_and_go_on(&world);
    assert_int_equal(engine_status(world.engine).step, STEP_NEW);
    vote_early(&world, 0, "one", "another");
    RUN_UNTIL(&world.cell.loop, evidence_pool_count(world.evidence) == 1);
    run_for(&world.cell.loop, 300);
    assert_int_equal(engine_status(world.engine).step, STEP_NEW);
    world_close(&world);
}

/* Known votes cost a look only, and are nobody's fault; as many as nobody repeats are. */
static void test_votes_without_end(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct peer *peer = cell_peer(&world.cell, 0);
    const size_t measure =
        CONSENSUS_MESSAGES_MAX * app_next_validators(world.cell.ledger.app)->count;
    const struct message known = vote_of_talker(&world, 0, 0), news = vote_of_talker(&world, 0, 5);
    AUTO(buf_free) struct buf all = {0}, one = {0}, rest = {0};
    append_votes(&all, &known, measure - 1);
    append_votes(&all, &news, 1);
    peer->said.since_ms = clock_monotonic_ms() + 60000; /* this second lasts */
    peer->said.count = 0;
    send_frames(&world, 0, &all);
    RUN_UNTIL(&world.cell.loop, peer->said.count == measure);
    vote(&world, 1, VOTE_PREVOTE, 5, NULL);
    RUN_UNTIL(&world.cell.loop, engine_status(world.engine).round == 5); /* all were heard */
    assert_int_equal(peer->blamed, 0);

    const struct message further = vote_of_talker(&world, 0, 9);
    append_votes(&one, &further, 1);
    send_frames(&world, 0, &one);
    RUN_UNTIL(&world.cell.loop, peer->blamed == 1);
    assert_string_equal(peer->blamed_for, "votes without end");
    vote(&world, 1, VOTE_PREVOTE, 9, NULL);
    run_for(&world.cell.loop, 200);
    assert_int_equal(engine_status(world.engine).round, 5); /* it was not */
    peer->said.since_ms = clock_monotonic_ms() - 1000;
    send_frames(&world, 0, &one);
    RUN_UNTIL(&world.cell.loop, engine_status(world.engine).round == 9);
    assert_int_equal(peer->said.count, 1);

    peer->said.since_ms = clock_monotonic_ms() + 60000;
    append_votes(&rest, &known, 5 * measure);
    send_frames(&world, 0, &rest);
    RUN_UNTIL(&world.cell.loop, peer->cut_off == 1);
    assert_int_equal(peer->blamed, 6);
    world_close(&world);
}

/* Proposals are measured with the votes. */
static void test_proposals_without_end(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint32_t round = first_round_of_another(&world);
    size_t proposer = (size_t)proposer_of(&world, round);
    struct peer *peer = cell_peer(&world.cell, proposer);
    peer->said.since_ms = clock_monotonic_ms() + 60000;
    peer->said.count = CONSENSUS_MESSAGES_MAX * app_next_validators(world.cell.ledger.app)->count;
    propose(&world, round);
    RUN_UNTIL(&world.cell.loop, peer->blamed == 1);
    assert_int_equal(count_read(&world.cell.counters.proposals_seen), 0);
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_votes_bring_an_early_block_back),
        cmocka_unit_test(test_an_early_block_is_decided_whose_result_is_gone),
        cmocka_unit_test(test_unsigned_proposals_take_no_room),
        cmocka_unit_test(test_who_may_say_what_is_in_a_proposal),
        cmocka_unit_test(test_a_record_that_cannot_be_written_stops_the_node),
        cmocka_unit_test(test_nothing_is_signed_after_a_fault_elsewhere),
        cmocka_unit_test(test_a_node_that_diverged_stops),
        cmocka_unit_test(test_early_contradictions_are_evidence),
        cmocka_unit_test(test_early_contradictions_are_no_work),
        cmocka_unit_test(test_votes_without_end),
        cmocka_unit_test(test_proposals_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
