/* Block sync over slow lines: to be late is no fault and holds nobody up; the quickest sets the
 * pace. */
#include "sync_slow.h"

#include "node/sync_internal.h"

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
    run_for(&world.cell.loop, 400);
    assert_int_equal(sync_place(world.sync, 4)->peer, cell_peer(&world.cell, 0)->id);
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

/* Each block comes before anybody is late with it: the pace is still that of the quickest. Of those
 * who are slow one says nothing at all, and is not the second for ever. */
static void test_just_below_the_limit(void **state)
{
    (void)state;
    static const enum manner cases[][3] = {{DRIBBLE, HONEST, SILENT}, {DRIBBLE, SILENT, HONEST}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        open_slow(&world, cases[i], 1200);
        tells(&world, 2, IN_RANGE);
        int64_t start = clock_monotonic_ms();
        RUN_UNTIL_IN(&world.cell.loop, 30, app_height(world.cell.ledger.app) >= IN_RANGE);
        assert_in_range(clock_monotonic_ms() - start, 0, 4000); /* alone it would take 19 s */
        for (size_t k = 0; k < 3; k++) {
            assert_int_equal(cell_peer(&world.cell, k)->blamed, 0);
        }
        world_close(&world);
    }
}

/* A slow one is asked for nothing that all would wait for, as long as a quick one is at work. */
static void test_the_quick_one_alone(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, BLOCKS);
    cell_peer(&world.cell, 1)->slow_until_ms = clock_monotonic_ms() + 60000;
    tells(&world, 1, BLOCKS);
    run_for(&world.cell.loop, 500);
    assert_int_equal(world.asked[1], 0);
    RUN_UNTIL(&world.cell.loop, world.asked[1] > 0); /* the other is no quicker */
    world_close(&world);
}

/* Who is quick and busy with another range is nobody who could be asked: the next block stays
 * with a slow one. */
static void test_a_busy_one_is_no_other(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, SILENT, HONEST};
    open_three(&world, manner, BLOCKS, 0);
    run_for(&world.cell.loop, 800);
    tells(&world, 1, BLOCKS); /* is asked for the range after it, and stays quick for longer */
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
    for (unsigned i = 0; i < 3; i++) {
        talk_for(&world, 1);
    }
    assert_in_range(app_height(world.cell.ledger.app), 8, IN_RANGE - 1);
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(sync_place(world.sync, IN_RANGE)->peer, cell_peer(&world.cell, 0)->id);
    world_close(&world);
}

/* How long the first is left alone when it is slow once more. */
static int64_t next_rest_ms(struct world *world, uint64_t told)
{
    struct peer *peer = cell_peer(&world->cell, 0);
    peer->slow_until_ms = 0;
    tells(world, 0, told);
    RUN_UNTIL_IN(&world->cell.loop, 4, peer->slow_until_ms > 0);
    return (peer->slow_until_ms - clock_monotonic_ms() + 500) / 1000 * 1000;
}

/* Who gives nothing that holds is left alone for longer each time, up to a bound, until it does. */
static void test_rests_grow(void **state)
{
    (void)state;
    static const int64_t minutes[] = {1, 2, 4, 8, 16, 32, 32};
    struct world world;
    open_silent(&world, 1);
    for (size_t i = 0; i < COUNT_OF(minutes); i++) {
        assert_int_equal(next_rest_ms(&world, 1), minutes[i] * 60000);
    }
    comes(&world, 0, GARBAGE, 1, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->blamed == 1);
    assert_int_equal(next_rest_ms(&world, 1), 32 * 60000);
    comes(&world, 0, HONEST, 1, 1);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == 1);
    assert_int_equal(next_rest_ms(&world, BLOCKS), 60000);
    assert_int_equal(next_rest_ms(&world, BLOCKS), 2 * 60000);
    world_close(&world);
}

/* Honest and in order on a slow line: the end of what was asked first comes when it has been asked
 * for the same once more. */
static void test_a_late_end(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    talk_for(&world, 2);
    sync_hold(world.sync, true);
    comes(&world, 0, HONEST, 1, IN_RANGE);
    sync_hold(world.sync, false);
    RUN_UNTIL(&world.cell.loop, world.asked[0] == 2);
    say_end(peers_find_member(world.cell.talkers[0].peers, agencies[1]), 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->status.height == 0);
    assert_int_equal(app_height(world.cell.ledger.app), 0); /* it came when none was asked for */
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    assert_false(cell_peer(&world.cell, 0)->word.lied);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dribble),
        cmocka_unit_test(test_a_slow_line),
        cmocka_unit_test(test_late_is_no_lie),
        cmocka_unit_test(test_just_below_the_limit),
        cmocka_unit_test(test_the_quick_one_alone),
        cmocka_unit_test(test_a_busy_one_is_no_other),
        cmocka_unit_test(test_rests_grow),
        cmocka_unit_test(test_a_late_end),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
