/* The roll call: what the others must have said before a validator signs, and its own answers. */
#include "check.h"

#include "ledger_types.h"

#include "engine_world.h"

/* ---- before the roll call is over ---- */

static void test_nothing_runs_before_a_quorum_has_answered(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[0].silent = world.roll[1].silent = world.roll[2].silent = true;
    engine_start_height(world.engine);
    meet(&world);
    run_for(&world.cell.loop, 300);
    expect_hold(&world, ENGINE_ROLL_CALL, 0);
    world.roll[0].silent = false; /* with itself two of four */
    unsigned asked = world.roll[0].asked;
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == 1);
    assert_true(world.roll[0].asked > asked); /* again */
    run_for(&world.cell.loop, 1500);
    assert_false(engine_running(world.engine));
    expect_hold(&world, ENGINE_ROLL_CALL, 0);
    assert_int_equal(signed_by_node(&world), 0);
    world.roll[1].silent = false;
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    assert_int_equal(engine_hold(world.engine).quorum, 2);
    expect_hold(&world, ENGINE_FREE, 0);
    world_close(&world);
}

/* The third may be the one that remembers: it is given a moment, not more. */
static void test_who_is_there_is_heard(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[2].silent = true;
    meet(&world);
    int64_t from = clock_monotonic_ms();
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == 2);
    assert_false(engine_running(world.engine));
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    assert_in_range(clock_monotonic_ms() - from, 900, 3000);
    world_close(&world);
}

static void test_observers_are_not_counted(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].silent = world.roll[2].silent = true;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == 1);
    cell_peer(&world.cell, 0)->validator = false;
    world.roll[1].silent = false;
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->roll.answered);
    run_for(&world.cell.loop, 1200);
    assert_false(engine_running(world.engine));
    world_close(&world);
}

static void test_blocks_come_first(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].height = 7;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == TALKERS);
    run_for(&world.cell.loop, 1200);
    assert_false(engine_running(world.engine));
    expect_hold(&world, ENGINE_BEHIND, 7);
    assert_int_equal(cell_peer(&world.cell, 1)->status.height, 7); /* so sync asks for them */
    unsigned looks = cell_peer(&world.cell, 1)->word.looks;
    tell_height(&world, 1, 0); /* takes it back */
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    assert_in_range(cell_peer(&world.cell, 1)->word.looks, looks, looks + 20); /* so at once */
    expect_hold(&world, ENGINE_FREE, 0);
    world_close(&world);
}

/* A peer that went is no reason to wait for ever. */
static void test_a_tip_goes_with_its_teller(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].height = 7;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == TALKERS);
    assert_false(engine_running(world.engine));
    peers_set_members(world.cell.talkers[1].peers, NULL, 0);
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    world_close(&world);
}

static const uint64_t far = UINT64_C(1) << 40;
static const unsigned long_enough = 1000000;

/* Who keeps no block that we lack is never asked for one, so nothing refutes it. */
static void test_a_tip_that_is_never_shown(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].height = far;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == TALKERS);
    struct peer *peer = cell_peer(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, peer->word.looks > 3);
    expect_hold(&world, ENGINE_BEHIND, far);
    peer->word.looks = long_enough;
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    world_close(&world);
}

/* One of them at least is honest. It holds though one goes, and whatever was late on its way; time
 * runs for the higher tip of one alone only when we are as far as that. */
static void test_what_more_than_f_tell_holds(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].height = far;
    world.roll[2].height = 7;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).answered == TALKERS);
    struct peer *alone = cell_peer(&world.cell, 1), *second = cell_peer(&world.cell, 2);
    run_for(&world.cell.loop, 500);
    assert_int_equal(alone->word.looks, 0);
    alone->word.looks = second->word.looks = long_enough;
    second->status.height = 0; /* as sync does when a range is late */
    run_for(&world.cell.loop, 300);
    expect_hold(&world, ENGINE_BEHIND, 7);
    alone->word.lied = second->word.lied = true;
    peers_set_members(world.cell.talkers[2].peers, NULL, 0);
    RUN_UNTIL(&world.cell.loop, !second->up);
    run_for(&world.cell.loop, 1300);
    expect_hold(&world, ENGINE_BEHIND, 7);
    assert_false(engine_running(world.engine));
    tell_height(&world, 1, 0); /* so there is one left */
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    world_close(&world);
}

/* Blocks that are made while we are silent, at its own pace if none is without it, win a liar
 * nothing; those that were there before we asked are as many as there are. */
static void test_what_wins_a_tip_more_time(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].height = far;
    meet(&world);
    struct peer *peer = cell_peer(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, peer->word.looks > 3);
    unsigned looks = peer->word.looks;
    peer->word.shown_ms = world.engine->opened_time_ms + 1;
    RUN_UNTIL(&world.cell.loop, peer->word.shown_ms == 0);
    assert_int_equal(peer->word.looks, looks + 1);
    peer->word.shown_ms = world.engine->opened_time_ms;
    RUN_UNTIL(&world.cell.loop, peer->word.shown_ms == 0);
    assert_int_equal(peer->word.looks, 0);
    peer->word.lied = true; /* sync has caught it */
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    assert_true(peer->word.looks < 30);
    world_close(&world);
}

/* A link of its own for each second would make it one that may answer any moment, for ever. */
static void test_a_silent_one_that_comes_anew(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    world.roll[1].silent = world.roll[2].silent = true;
    meet(&world);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 2)->word.asked_ms != 0);
    int64_t asked_ms = cell_peer(&world.cell, 2)->word.asked_ms;
    peers_set_members(world.cell.talkers[2].peers, NULL, 0);
    RUN_UNTIL(&world.cell.loop, !cell_peer(&world.cell, 2)->up);
    talker_meet(world.cell.talkers[2].peers, &world.cell.node, 1);
    unsigned asked = world.roll[2].asked;
    RUN_UNTIL(&world.cell.loop, world.roll[2].asked > asked);
    assert_int_equal(cell_peer(&world.cell, 2)->word.asked_ms, asked_ms);
    assert_false(engine_running(world.engine));
    world.roll[1].silent = false;
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    world_close(&world);
}

static void test_answers_nobody_asked_for(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    for (size_t i = 0; i < TALKERS; i++) {
        world.roll[i].silent = true;
    }
    meet(&world);
    struct peer *peer = cell_peer(&world.cell, 0);
    RUN_UNTIL(&world.cell.loop, world.roll[0].asked > 0);
    peer->roll.asked_ms = 0; /* as if it had not been asked */
    AUTO(buf_free) struct buf answer = {0};
    wire_end(&answer, wire_begin_roll(&answer, 9));
    struct frame frame = {
        .kind = FRAME_ROLL,
        .body = view_of(answer.data + WIRE_FRAME_HEAD_BYTES, answer.len - WIRE_FRAME_HEAD_BYTES)};
    assert_int_equal(engine_frame(world.engine, peer, &frame), 0);
    assert_false(peer->roll.answered);
    peer->tells.since_ms = clock_monotonic_ms() + 60000; /* this second lasts */
    peer->tells.unasked = PEER_TELLS_BLAMED - 2;
    for (uint64_t blamed = 0; blamed < 2; blamed++) {
        assert_int_equal(engine_frame(world.engine, peer, &frame), 0);
        assert_int_equal(peer->blamed, blamed);
    }
    assert_string_equal(peer->blamed_for, "answers to no question, without end");
    peer->roll.asked_ms = 1;
    assert_int_equal(engine_frame(world.engine, peer, &frame), 0);
    assert_true(peer->roll.answered);
    unsigned unasked = peer->tells.unasked;
    assert_int_equal(engine_frame(world.engine, peer, &frame), 0); /* once is enough */
    assert_int_equal(peer->tells.unasked, unasked + 1);
    frame.body.len--;
    assert_int_equal(engine_frame(world.engine, peer, &frame), ERR_ENCODING);
    world_close(&world);
}

/* ---- answering ---- */

static void ask_node(struct world *world, size_t talker)
{
    AUTO(buf_free) struct buf frame = {0};
    unsigned before = world->answers;
    wire_append_want_roll(&frame);
    send_frames(world, talker, &frame);
    RUN_UNTIL(&world->cell.loop, world->answers > before);
}

/* Also a node that waits for answers itself gives them, or none would ever begin. */
static void test_everybody_answers(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    for (size_t i = 0; i < TALKERS; i++) {
        world.roll[i].silent = true;
    }
    meet(&world);
    ask_node(&world, 0);
    assert_int_equal(world.tells_height, 0);
    assert_int_equal(world.tells.len, 0);
    for (size_t i = 0; i < TALKERS; i++) {
        world.roll[i].silent = false;
    }
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    vote(&world, 0, VOTE_PREVOTE, 0, NULL);
    vote(&world, 0, VOTE_PRECOMMIT, 1, NULL);
    vote(&world, 1, VOTE_PREVOTE, 1, NULL);
    uint32_t round = first_round_of_another(&world);
    propose(&world, round);
    run_for(&world.cell.loop, 600); /* also: one is answered so often and not more */
    for (size_t talker = 0; talker < TALKERS; talker++) {
        bool proposed = proposer_of(&world, round) == (int)talker;
        ask_node(&world, talker);
        size_t messages = 0;
        struct reader reader = reader_of(view_of_buf(&world.tells));
        for (; reader.rest.len > 0; messages++) {
            struct message message;
            assert_int_equal(message_decode(&message, &reader), 0);
            if (message.kind == MESSAGE_VOTE) {
                assert_string_equal(message.vote.validator, agencies[talker + 2]);
            } else {
                assert_true(proposed);
            }
        }
        assert_int_equal(messages, (talker == 0 ? 2 : talker == 1 ? 1 : 0) + (proposed ? 1 : 0));
    }
    world_close(&world);
}

static void test_one_asker_gets_one_answer_at_a_time(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    AUTO(buf_free) struct buf frames = {0};
    for (int i = 0; i < 1000; i++) {
        wire_append_want_roll(&frames);
    }
    send_frames(&world, 0, &frames);
    RUN_UNTIL(&world.cell.loop, world.answers > 0);
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.answers, 1);
    world_close(&world);
}

/* Where all start at once, what the first of them say is lost on the others: it is said again long
 * before the usual second look. */
static void test_what_was_said_early_is_said_again_soon(void **state)
{
    (void)state;
    struct world world;
    int64_t from = clock_monotonic_ms();
    world_prepare(&world);
    engine_start_height(world.engine);
    meet(&world);
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    uint32_t round = enter_round_of_another(&world);
    propose(&world, round);
    RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.retransmissions) > 0);
    assert_in_range(clock_monotonic_ms() - from, 0, 1800);
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_said_early_is_said_again_soon),
        cmocka_unit_test(test_nothing_runs_before_a_quorum_has_answered),
        cmocka_unit_test(test_who_is_there_is_heard),
        cmocka_unit_test(test_observers_are_not_counted),
        cmocka_unit_test(test_blocks_come_first),
        cmocka_unit_test(test_a_tip_goes_with_its_teller),
        cmocka_unit_test(test_a_tip_that_is_never_shown),
        cmocka_unit_test(test_what_more_than_f_tell_holds),
        cmocka_unit_test(test_what_wins_a_tip_more_time),
        cmocka_unit_test(test_a_silent_one_that_comes_anew),
        cmocka_unit_test(test_answers_nobody_asked_for),
        cmocka_unit_test(test_everybody_answers),
        cmocka_unit_test(test_one_asker_gets_one_answer_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
