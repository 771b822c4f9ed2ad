/* Block sync: what peers tell, and when they answer. A height that is merely told disturbs nobody;
 * who is silent, slow or gone holds nobody up. */
#include "sync_world.h"

#define IN_RANGE 16 /* the last height that the first one asked is asked for */

/* Who has let go of the block is not asked for it, and not blamed. */
static void test_let_go(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {NOTHING};
    world_open(&world, manner, 1);
    world.first_block = 30;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->told_status);
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.asked[0], 0);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    world_close(&world);
}

/* A block every 300 ms, so that the range never ends and is never late: others are asked. */
static void test_dribble(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    cell_meet(&world.cell, 2);
    int64_t start = clock_monotonic_ms();
    RUN_UNTIL_IN(&world.cell.loop, 10, world.finished == 1);
    assert_in_range(clock_monotonic_ms() - start, 0, 4500); /* alone it would take 12 s */
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0); /* lines are slow */
    check_at_tip(&world);
    world_close(&world);
}

/* The line is up all the while: neither side hears nothing. */
static void talk_for(struct world *world, unsigned seconds)
{
    struct talker *talker = &world->cell.talkers[0];
    for (unsigned i = 0; i < seconds; i++) {
        AUTO(buf_free) struct buf frame = {0};
        wire_append_status(&frame, &(struct wire_status){0});
        (void)peer_send(cell_peer(&world->cell, 0), view_of_buf(&frame), LINK_REQUIRED);
        tell_height(talker, peers_find_member(talker->peers, agencies[1]));
        run_for(&world->cell.loop, 1000);
    }
}

/* Where there is nobody else it has all the time that it needs, while something comes. */
static void test_a_slow_line(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE};
    world_open(&world, manner, 1);
    world.told[0] = 4;
    world.dribble_ms = 1500; /* so that the range takes six seconds */
    sync_set_patient(world.sync, false);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    talk_for(&world, 5);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == 4);
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    world_close(&world);
}

/* Nor is it a lie or a fault if nothing comes. */
static void test_late_is_no_lie(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT};
    world_open(&world, manner, 1);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    cell_peer(&world.cell, 0)->roll.told = BLOCKS;
    talk_for(&world, 5);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->status.height == 0);
    assert_int_equal(cell_peer(&world.cell, 0)->roll.told, BLOCKS);
    assert_false(cell_peer(&world.cell, 0)->word.lied);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->told_height, BLOCKS);
    assert_true(cell_peer(&world.cell, 0)->slow_until_ms > 0);
    world_close(&world);
}

static void tells(struct world *world, size_t talker, uint64_t height)
{
    world->told[talker] = height;
    tell_height(&world->cell.talkers[talker],
                peers_find_member(world->cell.talkers[talker].peers, agencies[1]));
}

/* Three are up; the first has told of blocks and has been asked for a range. */
static void open_three(struct world *world, const enum manner manner[3], uint64_t told,
                       uint64_t dribble_ms)
{
    world_open(world, manner, 3);
    world->dribble_ms = dribble_ms;
    world->told[0] = told;
    world->told[1] = world->told[2] = 0;
    sync_set_patient(world->sync, false);
    cell_meet(&world->cell, 3);
    RUN_UNTIL(&world->cell.loop, peers_up_count(world->cell.node.peers, true) == 3);
    RUN_UNTIL(&world->cell.loop, world->asked[0] > 0);
}

/* Nobody is quick. The first, who dribbles, has been asked for a range when the second tells of it;
 * the third may do so later. */
static void open_slow(struct world *world, const enum manner manner[3], uint64_t dribble_ms)
{
    open_three(world, manner, BLOCKS, dribble_ms);
    for (size_t i = 0; i < 3; i++) {
        cell_peer(&world->cell, i)->slow_until_ms = clock_monotonic_ms() + 60000 + (int64_t)i;
    }
    tells(world, 1, IN_RANGE);
}

/* Just not late, each block: where all are slow the next block is asked of another, too, and who
 * gives it first is asked for the rest. */
static void test_who_is_nearly_late(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, HONEST, HONEST};
    open_slow(&world, manner, 4000);
    tells(&world, 1, BLOCKS);
    int64_t start = clock_monotonic_ms();
    RUN_UNTIL_IN(&world.cell.loop, 20, world.finished == 1);
    assert_in_range(clock_monotonic_ms() - start, 0, 9000); /* alone it would take a minute */
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
    check_at_tip(&world);
    world_close(&world);
}

/* Where the second is no quicker the first keeps its time. */
static void test_the_first_gives_it_after_all(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, SILENT, HONEST};
    open_slow(&world, manner, 2000);
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
    for (unsigned i = 0; i < 8 && app_height(world.cell.ledger.app) < 2; i++) {
        talk_for(&world, 1);
    }
    assert_int_equal(app_height(world.cell.ledger.app), 2);
    assert_int_equal(world.asked[0], 1);
    world_close(&world);
}

/* A second that says that it has not what it tells is not asked again before it tells again. */
static void test_a_second_that_has_nothing(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, NOTHING, HONEST};
    open_slow(&world, manner, 2000);
    RUN_UNTIL(&world.cell.loop, world.asked[1] > 0);
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.asked[1], 1);
    assert_int_equal(cell_peer(&world.cell, 1)->status.height, 0);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) >= 1);
    assert_int_equal(world.asked[0], 1);
    world_close(&world);
}

/* What the second gives is its own. */
static void test_a_second_that_spoils(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, BROKEN_SIGNATURE, HONEST};
    open_slow(&world, manner, 4000);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->blamed > 0);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    world_close(&world);
}

/* One second at a time; when it is gone with its link, another. */
static void test_a_second_that_goes(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, SILENT, HONEST};
    open_slow(&world, manner, 4500);
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
    world.told[2] = 1; /* the one that all wait for */
    tell_height(&world.cell.talkers[2],
                peers_find_member(world.cell.talkers[2].peers, agencies[1]));
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.asked[2], 0);
    peer_blame(world.cell.parts.peers, cell_peer(&world.cell, 1), PEER_BLAME_MAX, "goes");
    run_for(&world.cell.loop, 500);
    assert_int_equal(world.asked[2], 1);
    world_close(&world);
}

static void give(struct world *world, size_t talker, uint64_t from, uint64_t to)
{
    struct store_view view;
    AUTO(buf_free) struct buf frames = {0};
    assert_int_equal(store_view_open(&view, world->source.kv), 0);
    for (uint64_t height = from; height <= to; height++) {
        AUTO(buf_free) struct buf block = {0};
        struct certificate certificate;
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        assert_int_equal(store_read_block_bytes(&block, &view, height), 0);
        wire_append_block(&frames, view_of_buf(&block), &certificate);
    }
    store_view_close(&view);
    (void)peer_send(peers_find_member(world->cell.talkers[talker].peers, agencies[1]),
                    view_of_buf(&frames), LINK_REQUIRED);
}

/* Honest and in order on a slow line: what was asked first comes when it is no longer waited for,
 * and its end meets what was asked next. */
static void test_a_late_end(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct world world;
        static const enum manner manner[] = {SILENT, SILENT, SILENT};
        open_three(&world, manner, IN_RANGE, 0);
        if (alone) { /* asked again after 5 s */
            talk_for(&world, 5);
            RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->status.height == 0);
            give(&world, 0, 1, 1);
            run_for(&world.cell.loop, 20);
            tells(&world, 0, IN_RANGE);
        } else { /* as a second, of the one it was passed by for */
            tells(&world, 1, IN_RANGE);
            RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
            give(&world, 0, 1, 1);
        }
        RUN_UNTIL(&world.cell.loop, world.asked[0] == 2);
        give(&world, 0, 2, IN_RANGE);
        say_end(peers_find_member(world.cell.talkers[0].peers, agencies[1]), 1);
        run_for(&world.cell.loop, 300);
        assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
        assert_false(cell_peer(&world.cell, 0)->word.lied);
        world_close(&world);
    }
}

/* Who is quick and busy with another range is nobody who could be asked: the next block stays
 * with a slow one. */
static void test_a_busy_one_is_no_other(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, SILENT, HONEST};
    open_three(&world, manner, BLOCKS, 0);
    tells(&world, 1, BLOCKS); /* is asked for the range after it, and stays quick for a while */
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
    for (unsigned i = 0; i < 4; i++) {
        talk_for(&world, 1);
    }
    assert_in_range(app_height(world.cell.ledger.app), 10, IN_RANGE);
    assert_int_equal(world.asked[0], 1);
    world_close(&world);
}

/* GHSA-22qq: a height that goes down and up again neither stops nor confuses the sync. */
static void test_height_goes_down(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    world.told[0] = UINT64_C(1) << 50;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    struct talker *liar = &world.cell.talkers[0];
    cell_meet(&world.cell, 2);
    for (unsigned i = 0; i < 200 && world.finished == 0; i++) {
        struct peer *node = peers_find_member(liar->peers, agencies[1]);
        world.told[0] = i % 3 == 0 ? 0 : i % 3 == 1 ? 5 : UINT64_C(1) << 50;
        if (node != NULL && node->up) {
            tell_height(liar, node);
        }
        run_for(&world.cell.loop, 50);
    }
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == BLOCKS);
    assert_true(hash_equal(app_tip_hash(world.cell.ledger.app), app_tip_hash(world.source.app)));
    assert_true(sync_target(world.sync) <= BLOCKS);
    world_close(&world);
}

/* Tells a height that nobody has: consensus goes on meanwhile, and the others are still heard. */
static void test_told_height_is_only_told(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {NOTHING, HONEST};
    world_open(&world, manner, 2);
    world.told[0] = UINT64_MAX / 2;
    sync_set_patient(world.sync, true);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    run_for(&world.cell.loop, 1500);
    assert_int_equal(world.started, 0);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.committed == BLOCKS);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    check_at_tip(&world);
    world_close(&world);
}

/* The roll call counts its tip no more, however often it tells it again: nobody waits with his
 * votes for blocks that are not there. */
static void test_a_tip_in_the_roll_call_is_refuted(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {EVASIVE};
    world_open(&world, manner, 1);
    world.told[0] = UINT64_C(1) << 60;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->up);
    assert_false(cell_peer(&world.cell, 0)->word.lied);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->word.lied);
    world_close(&world);
}

/* One that boasts, again and again, is believed by nobody: the target is what others tell, too, and
 * the boaster is cut off. */
static void test_boaster(void **state)
{
    (void)state;
    static const enum manner manners[] = {NOTHING, EVASIVE, GARBAGE, FOREIGN};
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        struct world world;
        const enum manner manner[] = {manners[i], HONEST, HONEST};
        world_open(&world, manner, 3);
        world.told[0] = UINT64_C(1) << 60;
        cell_meet(&world.cell, 1);
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        run_for(&world.cell.loop, 50);
        assert_false(sync_active(world.sync));
        assert_int_equal(sync_target(world.sync), 0);
        cell_meet(&world.cell, 3);
        RUN_UNTIL(&world.cell.loop, world.finished == 1);
        check_at_tip(&world);
        struct talker *boaster = &world.cell.talkers[0];
        while (boaster->downs == 0 && world.asked[0] < 20) {
            unsigned asked = world.asked[0];
            struct peer *node = peers_find_member(boaster->peers, agencies[1]);
            tell_height(boaster, node);
            RUN_UNTIL(&world.cell.loop, world.asked[0] > asked || boaster->downs > 0);
            run_for(&world.cell.loop, 20);
            assert_false(sync_active(world.sync));
            assert_false(sync_behind(world.sync)); /* it is contradicted */
            assert_int_equal(sync_target(world.sync), BLOCKS);
        }
        assert_int_equal(boaster->downs, 1);
        check_at_tip(&world);
        world_close(&world);
    }
}

/* What f + 1 validators tell is believed before anything came of it; f of them, or observers, are
 * not enough. */
static void test_who_is_believed(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    world_open(&world, manner, 3);
    world.told[0] = UINT64_C(1) << 60;
    world.told[1] = 12;
    world.told[2] = 7;
    world.cell.talkers[1].self.validator = false;
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0 && world.asked[1] > 0);
    assert_false(sync_active(world.sync));
    assert_true(sync_behind(world.sync)); /* nobody says anything else */
    assert_int_equal(sync_target(world.sync), 0);
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, sync_target(world.sync) == 7);
    assert_true(sync_active(world.sync));
    assert_true(sync_behind(world.sync));
    sync_hold(world.sync, true); /* blocks are not asked for */
    assert_false(sync_active(world.sync));
    assert_true(sync_behind(world.sync));
    sync_hold(world.sync, false);
    world.cell.talkers[1].self.validator = true;
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, sync_target(world.sync) == 12);
    assert_int_equal(world.started, 0);
    world_close(&world);
}

/* A peer that never answers costs five seconds, not the sync. */
static void test_silent_peer(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    assert_false(sync_active(world.sync)); /* it may say what it likes */
    cell_meet(&world.cell, 2);
    RUN_UNTIL_IN(&world.cell.loop, 20, world.finished == 1);
    check_at_tip(&world);
    world_close(&world);
}

/* Nor is it asked again and again because it stands where one begins to ask. */
static void test_silent_peer_is_asked_in_turn(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {HONEST, SILENT, HONEST};
    world_open(&world, manner, 3);
    world.told[0] = world.told[2] = 0;
    world.told[1] = 1;
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, world.asked[1] > 0);
    RUN_UNTIL(&world.cell.loop, peers_up_count(world.cell.node.peers, true) == TALKERS);
    for (size_t i = 0; i < TALKERS; i += 2) {
        struct talker *talker = &world.cell.talkers[i];
        world.told[i] = 1;
        RUN_UNTIL(&world.cell.loop, talker->ups == 1);
        tell_height(talker, peers_find_member(talker->peers, agencies[1]));
    }
    RUN_UNTIL_IN(&world.cell.loop, 20, world.committed == 1);
    assert_int_equal(world.asked[1], 1);
    world_close(&world);
}

/* The peer goes while it is being asked. */
static void test_peer_goes_down(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    int64_t start = clock_monotonic_ms();
    peers_close(world.cell.talkers[0].peers);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    assert_in_range(clock_monotonic_ms() - start, 0, 4000);
    check_at_tip(&world);
    world_close(&world);
}

/* One block behind, a validator leaves it to consensus for a moment; an observer does not. */
static void test_patience(void **state)
{
    (void)state;
    for (int patient = 0; patient <= 1; patient++) {
        struct world world;
        static const enum manner manner[] = {HONEST};
        world_open(&world, manner, 1);
        world.told[0] = 1;
        sync_set_patient(world.sync, patient == 1);
        int64_t start = clock_monotonic_ms();
        cell_meet(&world.cell, 1);
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        int64_t waited = clock_monotonic_ms() - start;
        assert_true((waited >= 400) == (patient == 1));
        RUN_UNTIL(&world.cell.loop, world.committed >= 1);
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_let_go),
        cmocka_unit_test(test_dribble),
        cmocka_unit_test(test_a_slow_line),
        cmocka_unit_test(test_late_is_no_lie),
        cmocka_unit_test(test_who_is_nearly_late),
        cmocka_unit_test(test_the_first_gives_it_after_all),
        cmocka_unit_test(test_a_second_that_has_nothing),
        cmocka_unit_test(test_a_second_that_spoils),
        cmocka_unit_test(test_a_second_that_goes),
        cmocka_unit_test(test_a_late_end),
        cmocka_unit_test(test_a_busy_one_is_no_other),
        cmocka_unit_test(test_height_goes_down),
        cmocka_unit_test(test_told_height_is_only_told),
        cmocka_unit_test(test_a_tip_in_the_roll_call_is_refuted),
        cmocka_unit_test(test_boaster),
        cmocka_unit_test(test_who_is_believed),
        cmocka_unit_test(test_silent_peer),
        cmocka_unit_test(test_silent_peer_is_asked_in_turn),
        cmocka_unit_test(test_peer_goes_down),
        cmocka_unit_test(test_patience),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
