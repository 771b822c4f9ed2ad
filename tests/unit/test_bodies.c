/* From header to body: taken from the mempool, fetched where it lacks, and whoever gives what does
 * not fit is passed over. What liars put in the way: test_bodies_lies.c. */
#include "bodies_world.h"

static void test_all_at_hand(void **state)
{
    (void)state;
    static const enum manner manner[TALKERS] = {HONEST, HONEST, HONEST};
    for (int order = 0; order < 2; order++) {
        struct world world;
        world_open(&world, manner);
        fill_mempool(&world, TXS);
        if (order == 0) {
            want(&world);
            assert_int_equal(world.completed, 0);
            offer(&world, TXS);
        } else {
            offer(&world, TXS);
            assert_int_equal(world.completed, 0); /* nobody wants it yet */
            want(&world);
        }
        assert_int_equal(world.valid, 1);
        run_for(&world.cell.loop, 100);
        assert_int_equal(asked(world.asked_body) + asked(world.asked_txs), 0);
        assert_non_null(bodies_find(world.bodies, &world.block->hash));
        bodies_start_height(world.bodies, 2);
        assert_null(bodies_find(world.bodies, &world.block->hash));
        world_close(&world);
    }
}

/* Gossip that is a little late is waited for. */
static void test_late_gossip(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {HONEST, HONEST, HONEST};
    world_open(&world, manner);
    fill_mempool(&world, TXS - 2);
    want(&world);
    offer(&world, TXS);
    bodies_verified(world.bodies, world.block->txs[TXS - 1]);
    assert_int_equal(world.completed, 0);
    bodies_verified(world.bodies, world.block->txs[TXS - 2]);
    assert_int_equal(world.valid, 1);
    run_for(&world.cell.loop, 100);
    assert_int_equal(asked(world.asked_txs), 0);
    world_close(&world);
}

static void test_missing_ones_are_fetched(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {HONEST, HONEST, HONEST};
    world_open(&world, manner);
    fill_mempool(&world, 5);
    want(&world);
    offer(&world, TXS);
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(world.asked_txs[0], 1); /* the proposer, once */
    assert_int_equal(asked(world.asked_txs), 1);
    assert_int_equal(count_read(&world.cell.counters.txs_fetched), TXS - 5);
    world_close(&world);
}

static void test_proposer_that_gives_nothing(void **state)
{
    (void)state;
    static const enum manner manners[] = {SILENT, WITHHOLDS, WRONG_TXS};
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        struct world world;
        const enum manner manner[TALKERS] = {manners[i], HONEST, HONEST};
        world_open(&world, manner);
        want(&world);
        offer(&world, TXS);
        RUN_UNTIL(&world.cell.loop, world.valid == 1);
        assert_true(world.asked_txs[0] >= 1);
        assert_int_equal(world.failed, 0);
        world_close(&world);
    }
}

/* The header is right, the list is not: no verdict on the block, but another body. */
static void test_wrong_list(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {WRONG_LIST, HONEST, HONEST};
    world_open(&world, manner);
    fill_mempool(&world, TXS);
    want(&world);
    offer(&world, TXS - 1);
    assert_int_equal(world.failed, 1);
    offer(&world, TXS - 1); /* the same again is not even tried */
    assert_int_equal(world.completed, 1);
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(world.failed, 1);
    assert_true(world.asked_body[1] + world.asked_body[2] >= 1);
    world_close(&world);
}

/* Only the hash is known, from votes. */
static void test_hash_only(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {WITHHOLDS, WITHHOLDS, HONEST};
    world_open(&world, manner);
    fill_mempool(&world, 3);
    bodies_want(world.bodies, &world.block->hash, NULL);
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(world.failed, 0);
    world_close(&world);
}

/* The height that goes on is told again (an answer to the roll call, a sync that found nothing):
 * what consensus asked for once, and will not ask for again, is still wanted, and what was offered
 * for the next height is still known. */
static void test_same_height_again(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {HONEST, HONEST, HONEST};
    world_open(&world, manner);
    fill_mempool(&world, TXS);
    bodies_want(world.bodies, &world.block->hash, NULL);
    bodies_start_height(world.bodies, 1);
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    world_close(&world);
    world_open(&world, manner);
    fill_mempool(&world, TXS);
    bodies_start_height(world.bodies, 0);
    offer(&world, TXS);
    bodies_start_height(world.bodies, 0);
    bodies_start_height(world.bodies, 1);
    want(&world);
    assert_int_equal(world.valid, 1);
    assert_int_equal(asked(world.asked_body), 0);
    world_close(&world);
}

/* Headers that nobody wants come in numbers; the one that is wanted stays. */
static void test_bounded(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {SILENT, SILENT, SILENT};
    world_open(&world, manner);
    want(&world);
    for (int64_t i = 1; i <= 200; i++) {
        struct header header = world.block->header;
        struct compact compact = compact_of(world.block, TXS);
        header.time_ms += i;
        bodies_offer(world.bodies, cell_peer(&world.cell, 1), &header, &compact);
    }
    fill_mempool(&world, TXS);
    offer(&world, TXS);
    assert_int_equal(world.valid, 1);
    world_close(&world);
}

static void test_who_voted_is_asked_first(void **state)
{
    (void)state;
    for (size_t voter = 0; voter < TALKERS; voter++) {
        struct world world;
        static const enum manner manner[TALKERS] = {HONEST, HONEST, HONEST};
        world_open(&world, manner);
        fill_mempool(&world, 3);
        world.voted[voter] = true;
        bodies_want(world.bodies, &world.block->hash, NULL);
        RUN_UNTIL(&world.cell.loop, world.valid == 1);
        assert_int_equal(world.asked_body[voter], 1);
        assert_int_equal(asked(world.asked_body), 1);
        assert_int_equal(world.asked_txs[voter], 1); /* and for the transactions of its list */
        world_close(&world);
    }
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_at_hand),
        cmocka_unit_test(test_late_gossip),
        cmocka_unit_test(test_missing_ones_are_fetched),
        cmocka_unit_test(test_proposer_that_gives_nothing),
        cmocka_unit_test(test_wrong_list),
        cmocka_unit_test(test_hash_only),
        cmocka_unit_test(test_same_height_again),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_who_voted_is_asked_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
