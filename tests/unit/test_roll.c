/* The roll call: what the others must have said before a validator signs, and what it does when
 * they remember more than its own safety record. */
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
    peer->roll.asked_ms = 1;
    assert_int_equal(engine_frame(world.engine, peer, &frame), 0);
    assert_true(peer->roll.answered);
    frame.body.len--;
    assert_int_equal(engine_frame(world.engine, peer, &frame), ERR_ENCODING);
    world_close(&world);
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
    uint32_t round = first_round_of_another(&world);
    enter_round(&world, round);
    propose(&world, round);
    RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.retransmissions) > 0);
    assert_in_range(clock_monotonic_ms() - from, 0, 1800);
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
        cmocka_unit_test(test_everybody_answers),
        cmocka_unit_test(test_one_asker_gets_one_answer_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
