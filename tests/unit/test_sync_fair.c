/* Block sync: what one peer does is held against nobody else, and keeps nobody else from giving. */
#include "sync_slow.h"

/* Its line has brought the status, and the node has seen it. */
static void has_told(struct world *world, size_t talker, uint64_t height)
{
    tells(world, talker, height);
    RUN_UNTIL(&world->cell.loop, cell_peer(&world->cell, talker)->told_height == height);
}

/* Who is the only one that tells gives its block later than it is waited for: it is taken, and it
 * is believed to have it. */
static void test_late_from_the_only_one(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT};
    world_open(&world, manner, 1);
    world.told[0] = 1;
    sync_set_patient(world.sync, false);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    talk_for(&world, 5);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->status.height == 0);
    comes(&world, 0, HONEST, 1, 1);
    RUN_UNTIL_IN(&world.cell.loop, 1, app_height(world.cell.ledger.app) == 1);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    world_close(&world);
}

/* What the one gave is still being decoded when the other's comes for the same height. */
static void test_decoded_for_another(void **state)
{
    (void)state;
    static const enum manner lies[] = {GARBAGE, ONE_FIELD};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct world world;
        static const enum manner manner[] = {SILENT, SILENT, SILENT};
        open_three(&world, manner, 1, 0);
        RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->told_status);
        comes(&world, 0, lies[i], 1, 1);
        cell_peer(&world.cell, 0)->status.height = 0; /* nobody tells anything: all is dropped */
        sync_status(world.sync, cell_peer(&world.cell, 0));
        cell_peer(&world.cell, 1)->status.height = 1;
        sync_status(world.sync, cell_peer(&world.cell, 1));
        comes(&world, 1, HONEST, 1, 1);
        RUN_UNTIL_IN(&world.cell.loop, 1, app_height(world.cell.ledger.app) == 1);
        assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
        assert_int_equal(cell_peer(&world.cell, 0)->blamed, lies[i] == GARBAGE);
        world_close(&world);
    }
}

/* Lies that came late lie in the places of the truth: with the first that is found out, all that
 * the liar gave makes room. */
static void test_lies_make_room(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    open_three(&world, manner, IN_RANGE, 0);
    tells(&world, 1, IN_RANGE);
    RUN_UNTIL(&world.cell.loop, world.asked[1] == 1); /* the first was passed by */
    comes(&world, 0, FOREIGN, 2, IN_RANGE);
    run_for(&world.cell.loop, 300);
    world.manner[1] = HONEST; /* from now on it answers at once */
    comes(&world, 1, HONEST, 1, IN_RANGE);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == IN_RANGE);
    assert_int_equal(world.asked[1], 2); /* what the lies kept out, at once */
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 1);
    assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
    world_close(&world);
}

/* A quick one that was blamed comes after a slow one without blame: that is not passed by for it,
 * or it would be asked for the same over and over; as a second the other may be asked. */
static void test_not_passed_by_for_a_liar(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    open_three(&world, manner, IN_RANGE, 0);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->told_status);
    peer_blame(world.cell.parts.peers, cell_peer(&world.cell, 1), 40, "lied");
    has_told(&world, 1, IN_RANGE);
    run_for(&world.cell.loop, 4000);
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(world.asked[1], 1);
    comes(&world, 0, HONEST, 1, IN_RANGE);
    RUN_UNTIL_IN(&world.cell.loop, 1, app_height(world.cell.ledger.app) == IN_RANGE);
    world_close(&world);
}

/* Nor is the blamed one asked in the place of a slow one. */
static void test_not_quicker_as_a_liar(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    open_three(&world, manner, IN_RANGE, 0);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->told_status);
    sync_hold(world.sync, true);
    cell_peer(&world.cell, 0)->slow_until_ms = clock_monotonic_ms() + 60000;
    peer_blame(world.cell.parts.peers, cell_peer(&world.cell, 1), 40, "lied");
    has_told(&world, 1, IN_RANGE);
    sync_hold(world.sync, false);
    RUN_UNTIL_IN(&world.cell.loop, 1, world.asked[0] == 2);
    assert_int_equal(world.asked[1], 0);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late_from_the_only_one),
        cmocka_unit_test(test_decoded_for_another),
        cmocka_unit_test(test_lies_make_room),
        cmocka_unit_test(test_not_passed_by_for_a_liar),
        cmocka_unit_test(test_not_quicker_as_a_liar),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
