/* Block sync: a block that is asked of two. Who gives it first is asked for the rest, a lie of the
 * one costs the other nothing, and what comes late is taken. */
#include "sync_slow.h"

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
    assert_in_range(world.asked[1], 1, 8);                  /* not for each block alone */
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

/* What a second gives that does not hold is its own, and costs the first nothing. */
static void test_a_second_that_spoils(void **state)
{
    (void)state;
    static const enum manner lies[] = {GARBAGE, BROKEN_SIGNATURE, WRONG_STATE, SHORT_QUORUM};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct world world;
        const enum manner manner[] = {DRIBBLE, lies[i], HONEST};
        open_slow(&world, manner, 2000);
        RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->blamed > 0);
        assert_int_equal(app_height(world.cell.ledger.app), 0);
        RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == 1);
        assert_int_equal(world.asked[0], 1);
        assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
        world_close(&world);
    }
}

/* The first gives its block while that of the second is looked at: when this does not hold, nobody
 * is waited for any more, and the first is asked again. */
static void test_a_lie_beside_the_truth(void **state)
{
    (void)state;
    static const enum manner lies[] = {GARBAGE, WRONG_STATE};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct world world;
        static const enum manner manner[] = {SILENT, SILENT, SILENT};
        open_slow(&world, manner, 0);
        tells(&world, 0, IN_RANGE); /* so that it is asked for no more */
        RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
        comes(&world, 1, lies[i], 1, 1);
        comes(&world, 0, HONEST, 1, IN_RANGE);
        RUN_UNTIL(&world.cell.loop, world.asked[0] == 2);
        assert_in_range(cell_peer(&world.cell, 1)->blamed, 1, 1);
        comes(&world, 0, HONEST, 1, 1);
        RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == IN_RANGE);
        assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
        world_close(&world);
    }
}

/* Who comes and is quick is asked for what a second does not give either. */
static void test_a_second_is_passed_by(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, HONEST};
    open_slow(&world, manner, 0);
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
    sync_peer_down(world.sync, cell_peer(&world.cell, 0));
    cell_peer(&world.cell, 2)->slow_until_ms = 0;
    tells(&world, 2, IN_RANGE);
    RUN_UNTIL_IN(&world.cell.loop, 1, app_height(world.cell.ledger.app) >= 1);
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

/* Who was asked and is not waited for any more may still give it; nobody else. */
static void test_late_blocks_count(void **state)
{
    (void)state;
    for (int passed_by = 0; passed_by < 2; passed_by++) {
        struct world world;
        static const enum manner manner[] = {SILENT, SILENT, SILENT};
        if (passed_by) { /* soon, since another is quick */
            open_three(&world, manner, IN_RANGE, 0);
            tells(&world, 1, IN_RANGE);
            RUN_UNTIL(&world.cell.loop, world.asked[1] == 1);
        } else { /* after five seconds; the other was the second meanwhile */
            open_slow(&world, manner, 0);
            talk_for(&world, 6);
            assert_int_equal(world.asked[1], 1);
        }
        comes(&world, 2, HONEST, 1, IN_RANGE);
        run_for(&world.cell.loop, 200);
        assert_int_equal(app_height(world.cell.ledger.app), 0);
        gives_rest(&world, 0, 1);
        world_close(&world);
    }
}

/* Who was asked only now is not overtaken by it. */
static void test_a_late_block_overtakes_nobody(void **state)
{
    (void)state;
    struct world world;
    open_passed_by(&world);
    comes(&world, 0, HONEST, 1, 1);
    RUN_UNTIL_IN(&world.cell.loop, 1, app_height(world.cell.ledger.app) == 1);
    run_for(&world.cell.loop, 200);
    assert_int_equal(cell_peer(&world.cell, 1)->slow_until_ms, 0);
    assert_int_equal(world.asked[1], 1);
    gives_rest(&world, 1, 2);
    world_close(&world);
}

/* What comes late and does not hold costs nothing to who is asked now. */
static void test_late_lies(void **state)
{
    (void)state;
    struct world world;
    open_passed_by(&world);
    comes(&world, 0, WRONG_STATE, 1, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->blamed == 1);
    run_for(&world.cell.loop, 200);
    gives_rest(&world, 1, 1);
    assert_int_equal(world.asked[1], 1);
    assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
    world_close(&world);
}

/* Nor is it taken from who has come back: a new link has been asked for nothing. */
static void test_late_blocks_of_a_former_link(void **state)
{
    (void)state;
    struct world world;
    open_passed_by(&world);
    sync_peer_down(world.sync, cell_peer(&world.cell, 0));
    comes(&world, 0, HONEST, 1, IN_RANGE);
    run_for(&world.cell.loop, 200);
    assert_int_equal(app_height(world.cell.ledger.app), 0);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_nearly_late),
        cmocka_unit_test(test_the_first_gives_it_after_all),
        cmocka_unit_test(test_a_second_that_has_nothing),
        cmocka_unit_test(test_a_second_that_spoils),
        cmocka_unit_test(test_a_lie_beside_the_truth),
        cmocka_unit_test(test_a_second_is_passed_by),
        cmocka_unit_test(test_a_second_that_goes),
        cmocka_unit_test(test_late_blocks_count),
        cmocka_unit_test(test_a_late_block_overtakes_nobody),
        cmocka_unit_test(test_late_lies),
        cmocka_unit_test(test_late_blocks_of_a_former_link),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
