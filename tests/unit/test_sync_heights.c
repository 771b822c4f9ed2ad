/* Block sync: what peers tell. A height that is merely told disturbs nobody; who is silent or gone
 * holds nobody up. */
#include "sync_world.h"

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

/* Who gets block after block from the others is told of each before he has it: that alone does not
 * make him one that is behind, but a block that does not come does. */
static void test_block_by_block_is_not_behind(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {HONEST, HONEST, HONEST};
    world_open(&world, manner, 3);
    world.told[0] = world.told[1] = world.told[2] = 1;
    cell_meet(&world.cell, 3);
    bool said = false;
    for (unsigned height = 1; height <= 3; height++) {
        for (size_t i = 0; i < 3; i++) {
            struct talker *talker = &world.cell.talkers[i];
            struct peer *node = peers_find_member(talker->peers, agencies[1]);
            world.told[i] = height;
            if (node != NULL && node->up) {
                tell_height(talker, node);
            }
        }
        RUN_UNTIL(&world.cell.loop,
                  (said = said || sync_behind(world.sync), world.committed == height));
        RUN_UNTIL(&world.cell.loop,
                  (said = said || sync_behind(world.sync), world.finished == height));
    }
    assert_false(said);
    world_close(&world);

    static const enum manner silent[] = {SILENT, SILENT, SILENT};
    world_open(&world, silent, 3);
    world.told[0] = world.told[1] = world.told[2] = 1;
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, sync_active(world.sync));
    assert_false(sync_behind(world.sync));
    RUN_UNTIL(&world.cell.loop, sync_behind(world.sync));
    assert_true(sync_waiting_ms(world.sync) > 1000);
    world_close(&world);
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
        cmocka_unit_test(test_height_goes_down),
        cmocka_unit_test(test_told_height_is_only_told),
        cmocka_unit_test(test_a_tip_in_the_roll_call_is_refuted),
        cmocka_unit_test(test_boaster),
        cmocka_unit_test(test_block_by_block_is_not_behind),
        cmocka_unit_test(test_who_is_believed),
        cmocka_unit_test(test_silent_peer),
        cmocka_unit_test(test_silent_peer_is_asked_in_turn),
        cmocka_unit_test(test_peer_goes_down),
        cmocka_unit_test(test_patience),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
