/* The only validator: no other can tell what its key has signed. A record that nobody made on
 * purpose signs nothing, at height 1 or later; and no node that is linked knows a longer ledger. */
#include "check.h"

#define LEDGER_VALIDATORS 1
#include "ledger_types.h"

#include "engine_world.h"

/* Another record, as after a loss of the data: made by the node itself, or on purpose. */
static void replace_record(struct world *world, bool alone)
{
    engine_close(world->engine);
    run_for(&world->cell.loop, 20);
    engine_free(&world->engine);
    make_record(world, alone);
    open_engine(world);
}

static void expect_stays_alone(struct world *world, uint64_t until)
{
    RUN_UNTIL(&world->cell.loop, engine_hold(world->engine).reason == ENGINE_ALONE);
    run_for(&world->cell.loop, 600);
    expect_hold(world, ENGINE_ALONE, until);
    assert_false(engine_running(world->engine));
    assert_int_equal(signed_by_node(world), 0);
}

static void test_a_record_made_on_purpose_signs(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    meet(&world);
    RUN_UNTIL(&world.cell.loop, world.committed);
    assert_int_equal(app_height(world.cell.ledger.app), 1);
    world_close(&world);
}

/* The data directory was moved away: the node cannot tell that from a first start. */
static void test_a_record_that_made_itself_signs_nothing(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    replace_record(&world, true);
    expect_stays_alone(&world, 1); /* nobody is linked */
    meet(&world);
    expect_stays_alone(&world, 1);
    world_restart(&world);
    expect_stays_alone(&world, 1);
    world_close(&world);
}

/* The ledger was fetched again, the record is new whoever made it. */
static void test_a_new_record_on_an_old_chain(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    ledger_append(&world.cell.ledger, NULL, 0);
    expect_stays_alone(&world, 2);
    meet(&world);
    world_restart(&world);
    expect_stays_alone(&world, 2);
    ledger_append(&world.cell.ledger, NULL, 0);
    expect_hold(&world, ENGINE_ALONE, 3); /* it goes with the tip */
    assert_int_equal(engine_may_resume(world.engine, 3, 2), ERR_HOLD_OTHER);
    assert_int_equal(engine_may_resume(world.engine, 4, 3), ERR_HOLD_OTHER);
    assert_int_equal(engine_may_resume(world.engine, 3, 3), 0);
    assert_int_equal(engine_resume(world.engine), 0);
    RUN_UNTIL(&world.cell.loop, world.committed);
    assert_int_equal(app_height(world.cell.ledger.app), 3);
    world_close(&world);
}

/* An observer has blocks that this key has signed: an old copy was put back, or all was lost. */
static void test_observers_may_know_more(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct world world;
        world_prepare(&world);
        replace_record(&world, alone != 0);
        for (size_t i = 0; i < TALKERS; i++) {
            world.roll[i].silent = true; /* observers are not asked, they tell their height */
        }
        world.engine->opened_ms += 60000; /* whoever there should be is waited for */
        meet(&world);
        for (size_t i = 0; i < TALKERS; i++) {
            cell_peer(&world.cell, i)->validator = false;
        }
        tell_height(&world, 0, 7);
        RUN_UNTIL(&world.cell.loop, engine_hold(world.engine).reason == ENGINE_BEHIND);
        run_for(&world.cell.loop, 600);
        expect_hold(&world, ENGINE_BEHIND, 7);
        assert_int_equal(engine_may_resume(world.engine, 1, 1),
                         alone ? ERR_UNAVAILABLE : ERR_STATUS);
        assert_int_equal(signed_by_node(&world), 0);
        tell_height(&world, 0, 0); /* takes it back */
        tell_height(&world, 1, 0);
        if (!alone) {
            run_for(&world.cell.loop, 600);
            expect_hold(&world, ENGINE_ROLL_CALL, 0); /* the third has not come */
        }
        tell_height(&world, 2, 0);
        if (alone) {
            expect_stays_alone(&world, 1);
        } else {
            RUN_UNTIL(&world.cell.loop, world.committed);
        }
        world_close(&world);
    }
}

/* By the blocks there are others now: they say how far the chain is. */
static void test_others_end_it(void **state)
{
    (void)state;
    struct world world;
    world_prepare(&world);
    replace_record(&world, true);
    world.roll[0].silent = true;
    for (size_t i = 0; i < TALKERS; i++) {
        world.roll[i].height = 3;
    }
    struct tx *change[] = {ledger_change_tx(&world.cell.ledger, "add", 2)};
    ledger_append(&world.cell.ledger, change, 1);
    ledger_append(&world.cell.ledger, NULL, 0);
    ledger_append(&world.cell.ledger, NULL, 0);
    meet(&world);
    for (size_t i = 1; i < TALKERS; i++) {
        cell_peer(&world.cell, i)->validator = false;
    }
    run_for(&world.cell.loop, 600);
    expect_hold(&world, ENGINE_ROLL_CALL, 0);
    assert_int_equal(engine_may_resume(world.engine, 4, 4), ERR_UNAVAILABLE);
    world.roll[0].silent = false;
    RUN_UNTIL(&world.cell.loop, engine_running(world.engine));
    expect_hold(&world, ENGINE_NEW_RECORD, 4);
    assert_int_equal(signed_by_node(&world), 0);
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_made_on_purpose_signs),
        cmocka_unit_test(test_a_record_that_made_itself_signs_nothing),
        cmocka_unit_test(test_a_new_record_on_an_old_chain),
        cmocka_unit_test(test_observers_may_know_more),
        cmocka_unit_test(test_others_end_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
