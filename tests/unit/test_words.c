/* What others tell of this node's own words (engine_words.c): what its safety record does not know
 * holds its signatures, and what it did not sign holds nothing. */
#include "check.h"

#include "ledger_types.h"

#include "engine_world.h"

/* ---- what the talkers say ---- */

static void send_message(struct world *world, size_t talker, const struct message *message)
{
    AUTO(buf_free) struct buf frames = {0};
    size_t begun = wire_begin(&frames, FRAME_VOTES);
    message_encode(&frames, message);
    wire_end(&frames, begun);
    send_frames(world, talker, &frames);
}

/* Rounds pass by the others' votes, with a block that everybody likes in one of them; the node is
 * there and says nothing. */
static void expect_silence(struct world *world)
{
    unsigned before = signed_by_node(world);
    for (uint32_t round = 0; round < 4; round++) {
        enter_round(world, round);
        if (world->block[round] != NULL) {
            propose(world, round);
            RUN_UNTIL(&world->cell.loop,
                      bodies_find(world->bodies, &world->block[round]->hash) != NULL);
        }
    }
    run_for(&world->cell.loop, 400); /* past the timeouts of a round */
    assert_int_equal(signed_by_node(world), before);
}

/* The others decide height 1; the node follows, and signs at height 2. */
static void expect_signs_after_height_1(struct world *world)
{
    uint32_t round = first_round_of_another(world);
    for (size_t i = 0; i < TALKERS; i++) {
        vote(world, i, VOTE_PRECOMMIT, round, world->block[round]);
    }
    RUN_UNTIL(&world->cell.loop, world->committed);
    unsigned before = signed_by_node(world);
    engine_start_height(world->engine);
    for (size_t i = 0; i < 2; i++) { /* work: others have begun */
        vote(world, i, VOTE_PREVOTE, 0, NULL);
    }
    RUN_UNTIL(&world->cell.loop, signed_by_node(world) > before);
    expect_hold(world, ENGINE_FREE, 0);
}

/* ---- the others remember more ---- */

static void restart(struct world *world)
{
    world_restart(world);
    RUN_UNTIL(&world->cell.loop, engine_running(world->engine));
}

static void test_a_rolled_back_node_is_silent_until_it_has_passed_its_height(void **state)
{
    (void)state;
    const enum vote_type types[] = {VOTE_PREVOTE, VOTE_PRECOMMIT};
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct world world;
        world_prepare(&world);
        struct message own = own_vote(&world, types[i], 1, 2, NULL);
        remember(&world, 2, &own); /* of three only one */
        meet(&world);
        RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
        expect_hold(&world, ENGINE_ROLLED_BACK, 1);
        assert_int_equal(count_read(&world.cell.counters.rollbacks_found), 1);
        assert_false(engine_status(world.engine).validator);
        expect_silence(&world);
        restart(&world); /* the disk remembers, though nobody else does */
        expect_hold(&world, ENGINE_ROLLED_BACK, 1);
        expect_silence(&world);
        expect_signs_after_height_1(&world);
        world_close(&world);
    }
}

static void test_what_the_record_knows_holds_nothing(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    enter_round(&world, 1);
    RUN_UNTIL(&world.cell.loop, signed_by_node(&world) > 0);
    struct safety_disk io = test_disk_of(&world.disk);
    AUTO(safety_close) struct safety *safety = NULL;
    const struct secret_key secret = ledger_secret(1, KEY_VOTE);
    struct vote_key key;
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    assert_int_equal(safety_open(&safety, &io, &world.cell.ledger.genesis_hash, &key), 0);
    struct safety_record record = *safety_loaded(safety);
    assert_true(record.has_prevote);
    restart(&world);
    struct message known = {.kind = MESSAGE_VOTE, .vote = record.prevote};
    struct message passed = own_vote(&world, VOTE_PRECOMMIT, 1, 0, NULL);
    send_message(&world, 0, &known);
    if (record.round > 0) {
        send_message(&world, 0, &passed);
    }
    run_for(&world.cell.loop, 100);
    expect_hold(&world, ENGINE_FREE, 0);
    assert_int_equal(count_read(&world.cell.counters.rollbacks_found), 0);
    world_close(&world);
}

/* Somebody who was not there at the roll call passes on what we said in a lost life. */
static void test_own_words_are_recognized_later(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct message own = own_vote(&world, VOTE_PREVOTE, 1, 5, NULL);
    send_message(&world, 1, &own);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).reason == ENGINE_ROLLED_BACK);
    expect_hold(&world, ENGINE_ROLLED_BACK, 1);
    assert_true(engine_running(world.engine));
    expect_silence(&world);
    expect_signs_after_height_1(&world);
    world_close(&world);
}

/* One that has answered hears of it afterwards, and tells it before the roll call is over, or while
 * the node fetches blocks. Its answer said nothing, and it is not asked again. */
static void test_own_words_are_recognized_while_nothing_runs(void **state)
{
    (void)state;
    for (int fetching = 0; fetching < 2; fetching++) {
        struct world world;
        world_prepare(&world);
        world.roll[1].silent = world.roll[2].silent = fetching == 0;
        meet(&world);
        if (fetching) {
            RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
            engine_pause(world.engine);
        } else {
            RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == 1);
        }
        assert_false(engine_running(world.engine));
        struct message own = own_vote(&world, VOTE_PREVOTE, 1, 5, NULL);
        send_message(&world, 0, &own);
        RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).reason == ENGINE_ROLLED_BACK);
        expect_hold(&world, ENGINE_ROLLED_BACK, 1);
        assert_int_equal(count_read(&world.cell.counters.rollbacks_found), 1);
        assert_int_equal(signed_by_node(&world), 0);
        world_close(&world);
    }
}

/* Each costs a check of a signature, and of a far height nobody can say whose lie it is. */
static void test_a_flood_in_our_name(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    AUTO(buf_free) struct buf frames = {0};
    struct message forged = own_vote(&world, VOTE_PREVOTE, UINT64_C(1) << 50, 0, NULL);
    forged.vote.block.bytes[0]++;
    size_t begun = wire_begin(&frames, FRAME_VOTES);
    for (size_t i = 0; i < 3 * WIRE_ROLL_MESSAGES_MAX; i++) {
        message_encode(&frames, &forged);
    }
    struct message own = own_vote(&world, VOTE_PREVOTE, 1, 5, NULL);
    message_encode(&frames, &own);
    wire_end(&frames, begun);
    struct peer *peer = cell_peer(&world.cell, 0);
    peer->word.ours_ms = clock_monotonic_ms() + 60000; /* this second lasts */
    send_frames(&world, 0, &frames);
    RUN_UNTIL(&world.cell.loop, peer->word.ours > 3 * WIRE_ROLL_MESSAGES_MAX);
    expect_hold(&world, ENGINE_FREE, 0); /* it has said enough */
    peer->word.ours_ms = clock_monotonic_ms() - 1000;
    send_message(&world, 0, &own);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).reason == ENGINE_ROLLED_BACK);
    assert_int_equal(peer->word.ours, 1);
    world_close(&world);
}

static void test_an_observer_tells_nothing_of_ours(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    cell_peer(&world.cell, 0)->validator = false;
    struct message own = own_vote(&world, VOTE_PREVOTE, 1, 5, NULL);
    send_message(&world, 0, &own);
    run_for(&world.cell.loop, 200);
    expect_hold(&world, ENGINE_FREE, 0);
    send_message(&world, 1, &own);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).reason == ENGINE_ROLLED_BACK);
    world_close(&world);
}

static void test_what_we_did_not_sign_holds_nothing(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    struct message forged = own_vote(&world, VOTE_PREVOTE, 1, 3, NULL);
    forged.vote.block.bytes[0]++;
    remember(&world, 0, &forged);
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    expect_hold(&world, ENGINE_FREE, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->blame, 0); /* it may be of a key we had before */
    send_message(&world, 1, &forged);
    run_for(&world.cell.loop, 100);
    expect_hold(&world, ENGINE_FREE, 0);
    assert_int_equal(count_read(&world.cell.counters.rollbacks_found), 0);
    world_close(&world);
}

/* The whole home is new, the chain is not. */
static void test_a_new_record_on_an_old_chain(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    ledger_append(&world.cell.ledger, NULL, 0);
    assert_int_equal(app_height(world.cell.ledger.app), 1);
    for (size_t i = 0; i < TALKERS; i++) {
        world.roll[i].height = 1;
    }
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    expect_hold(&world, ENGINE_NEW_RECORD, 2);
    assert_false(engine_status(world.engine).validator);
    restart(&world);
    expect_hold(&world, ENGINE_NEW_RECORD, 2);
    world_close(&world);
}

/* The former height has passed: nothing need be held, but certificates have our votes. */
static void test_votes_of_ours_that_only_the_ledger_knows(void **state)
{
    (void)state;
    for (uint64_t known = 0; known <= 2; known++) {
        struct world world;
        struct safety_record record;
        world_prepare(&world);
        ledger_append(&world.cell.ledger, NULL, 0);
        ledger_append(&world.cell.ledger, NULL, 0);
        safety_record_init(&record);
        record.height = known;
        if (known > 0) {
            assert_int_equal(signer_resume(world.engine->signer, &record), 0);
        }
        for (size_t i = 0; i < TALKERS; i++) {
            world.roll[i].height = 2;
        }
        meet(&world);
        RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
        assert_int_equal(engine_forgotten_until(world.engine), known < 2 ? 2 : 0);
        assert_int_equal(world.engine->told_forgotten, known < 2);
        if (known == 1) {
            expect_hold(&world, ENGINE_FREE, 0);
        }
        engine_pause(world.engine); /* one more by sync */
        ledger_append(&world.cell.ledger, NULL, 0);
        engine_look_back(world.engine, 3);
        assert_int_equal(engine_forgotten_until(world.engine), 3);
        world_close(&world);
    }
}

/* A seat that begins with the next height, as after a change of the vote key: where others need its
 * vote, holding it back would stop the chain for good. */
static void test_a_new_record_of_a_new_seat(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    ledger_append(&world.cell.ledger, NULL, 0);
    world.engine->keys[0].vote_key.bytes[0]++; /* not the one that had the seat */
    meet(&world);
    RUN_UNTIL(&world.cell.loop, world.engine->roll_over);
    expect_hold(&world, ENGINE_FREE, 0);
    world_close(&world);
}

/* What is told before the blocks have come is told once: it is kept for the override, however far
 * above the ledger it lies, and what lies lower does not take its place. */
static void test_what_is_told_far_above_the_ledger_is_kept(void **state)
{
    (void)state;
    struct world world;
    const struct hash block = {{7}};
    world_prepare(&world);
    struct message far_lock = own_vote(&world, VOTE_PRECOMMIT, 5, 2, &block);
    struct message lower = own_vote(&world, VOTE_PRECOMMIT, 3, 9, &block);
    remember(&world, 0, &far_lock);
    remember(&world, 1, &lower);
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered >= 2);
    run_for(&world.cell.loop, 200);
    assert_int_equal(world.engine->heard[1].height, 5);
    assert_int_equal(world.engine->heard[1].locked_round, 2);
    assert_true(hash_equal(&world.engine->heard[1].locked_block, &block));
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_rolled_back_node_is_silent_until_it_has_passed_its_height),
        cmocka_unit_test(test_what_the_record_knows_holds_nothing),
        cmocka_unit_test(test_own_words_are_recognized_later),
        cmocka_unit_test(test_what_is_told_far_above_the_ledger_is_kept),
        cmocka_unit_test(test_own_words_are_recognized_while_nothing_runs),
        cmocka_unit_test(test_a_flood_in_our_name),
        cmocka_unit_test(test_an_observer_tells_nothing_of_ours),
        cmocka_unit_test(test_what_we_did_not_sign_holds_nothing),
        cmocka_unit_test(test_a_new_record_on_an_old_chain),
        cmocka_unit_test(test_votes_of_ours_that_only_the_ledger_knows),
        cmocka_unit_test(test_a_new_record_of_a_new_seat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
