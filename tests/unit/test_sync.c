/* Block sync: what peers give. The tip is reached, nothing that does not hold is applied, liars are
 * blamed, and one honest peer is enough. */
#include "sync_world.h"

static void test_honest_peers(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {HONEST, HONEST, HONEST};
    world_open(&world, manner, 3);
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    check_at_tip(&world);
    int used = (world.asked[0] > 0) + (world.asked[1] > 0) + (world.asked[2] > 0);
    assert_true(used >= 2); /* ranges come from several */
    assert_int_equal(count_read(&world.cell.counters.blocks_synced), BLOCKS);
    assert_int_equal(count_read(&world.cell.counters.sync_refused), 0);
    world_close(&world);
}

/* One liar of each kind beside an honest peer. */
static void test_liars(void **state)
{
    (void)state;
    static const struct {
        enum manner manner;
        bool refused;
    } cases[] = {
        {GARBAGE, false},         {FOREIGN, true},      {OTHER_TXS, true},    {WRONG_STATE, true},
        {BROKEN_SIGNATURE, true}, {NOTHING, false},     {EVASIVE, false},     {OTHER_HEIGHT, false},
        {ONE_FIELD, true},        {SHORT_QUORUM, true}, {SIGNED_TWICE, true}, {STRANGERS, true},
        {BEFORE, false},          {OTHER_CHAIN, true},  {OTHER_SET, true},    {ENDS, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        const enum manner manner[] = {cases[i].manner, HONEST};
        world_open(&world, manner, 2);
        cell_meet(&world.cell, 1); /* the liar first, so that it is asked */
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        run_for(&world.cell.loop, 50);
        assert_int_equal(world.committed, 0);
        assert_int_equal(world.started, 0); /* consensus goes on */
        cell_meet(&world.cell, 2);
        RUN_UNTIL(&world.cell.loop, world.finished == 1);
        check_at_tip(&world);
        const struct peer *liar = cell_peer(&world.cell, 0);
        if (liar->blamed == 0 || liar->blamed_for[0] == 0) {
            fail_msg("case %zu: nobody is named", i);
        }
        assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
        if ((count_read(&world.cell.counters.sync_refused) > 0) != cases[i].refused) {
            fail_msg("case %zu: %u refused", i,
                     (unsigned)count_read(&world.cell.counters.sync_refused));
        }
        world_close(&world);
    }
}

/* Each field of the header in turn, under the certificate of the right one. */
static void test_each_field(void **state)
{
    (void)state;
    for (unsigned field = 0; field < HEADER_FIELDS; field++) {
        struct world world;
        static const enum manner manner[] = {ONE_FIELD, HONEST};
        world_open(&world, manner, 2);
        world.altered = field;
        cell_meet(&world.cell, 1);
        RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->blamed > 0);
        assert_int_equal(world.committed, 0);
        cell_meet(&world.cell, 2);
        RUN_UNTIL(&world.cell.loop, world.finished == 1);
        check_at_tip(&world);
        world_close(&world);
    }
}

/* Two of three peers lie, more than can be faulty: what one honest one gives is enough. */
static void test_one_honest_peer_is_enough(void **state)
{
    (void)state;
    static const enum manner lies[] = {GARBAGE, FOREIGN,   NOTHING, SHORT_QUORUM, SIGNED_TWICE,
                                       BEFORE,  STRANGERS, ENDS,    ONE_FIELD};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct world world;
        const enum manner manner[] = {lies[i], lies[(i + 1) % COUNT_OF(lies)], HONEST};
        world_open(&world, manner, 3);
        cell_meet(&world.cell, 3);
        RUN_UNTIL_IN(&world.cell.loop, 15, app_height(world.cell.ledger.app) == BLOCKS);
        assert_true(
            hash_equal(app_tip_hash(world.cell.ledger.app), app_tip_hash(world.source.app)));
        assert_int_equal(world.cell.fatal, 0);
        assert_int_equal(cell_peer(&world.cell, 2)->blamed, 0);
        world_close(&world);
    }
}

/* Of three validators none is borne as faulty, and still none alone stops the others. */
static void test_one_of_three_stops_nobody(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {WRONG_STATE, HONEST};
    struct ledger three = ledger_open(kv_open_memory(), NULL);
    world_open(&world, manner, 2);
    for (uint64_t height = 1; height <= BLOCKS; height++) {
        struct ledger *both[] = {&three, &world.cell.ledger};
        for (size_t i = 0; i < (height <= 3 ? 2 : 1); i++) {
            struct tx *tx = height == 1 ? ledger_change_tx(both[i], "remove", 4) : NULL;
            ledger_append(both[i], &tx, height == 1);
        }
    }
    assert_int_equal(app_next_validators(world.cell.ledger.app)->count, 3);
    world.source = three;
    world.source_parts.kv = three.kv;
    world.committed = 3; /* already */
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->blamed > 0 || world.cell.fatal != 0);
    assert_int_equal(world.cell.fatal, 0);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == BLOCKS);
    assert_true(hash_equal(app_tip_hash(world.cell.ledger.app), app_tip_hash(three.app)));
    assert_int_equal(world.cell.fatal, 0);
    world_close(&world);
    ledger_close(&three);
}

/* f + 1 validators give certified blocks that do not execute here: this ledger is the wrong one. */
static void test_diverged(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {WRONG_STATE, WRONG_STATE};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.cell.fatal != 0);
    assert_int_equal(world.cell.fatal, ERR_CORRUPT);
    assert_int_equal(world.committed, 0);
    world_close(&world);
}

/* Who gave a certified block that does not hold here is not asked for that height again, however
 * often it tells. */
static void test_wrong_block_is_asked_for_once(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {WRONG_STATE, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, count_read(&world.cell.counters.sync_refused) == 1);
    unsigned asked = world.asked[0];
    tell_height(&world.cell.talkers[0],
                peers_find_member(world.cell.talkers[0].peers, agencies[1]));
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.asked[0], asked);
    assert_int_equal(count_read(&world.cell.counters.sync_refused), 1);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    check_at_tip(&world);
    world_close(&world);
}

/* What comes from another than the one that was asked is not taken, nor held against who was. */
static void test_answer_of_another(void **state)
{
    (void)state;
    static const enum manner lies[] = {HONEST, GARBAGE, FOREIGN};
    for (size_t i = 0; i < COUNT_OF(lies); i++) {
        struct world world;
        static const enum manner manner[] = {SILENT, SILENT};
        const struct wire_range range = {.from = 1, .count = 16};
        world_open(&world, manner, 2);
        world.told[1] = 0; /* so nobody asks it */
        cell_meet(&world.cell, 2);
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        RUN_UNTIL(&world.cell.loop, world.cell.talkers[1].ups == 1);
        struct peer *node = peers_find_member(world.cell.talkers[1].peers, agencies[1]);
        serve_spoiled(&world, lies[i], node, &range);
        run_for(&world.cell.loop, 200);
        assert_int_equal(world.committed, 0);
        assert_int_equal(cell_peer(&world.cell, 0)->blame, 0);
        assert_int_equal(world.asked[1], 0);
        world_close(&world);
    }
}

/* What no quorum certified says nothing against this ledger, however many validators give it; what
 * observers give says nothing either. */
static void test_not_diverged(void **state)
{
    (void)state;
    static const struct {
        enum manner manner;
        bool validators;
    } cases[] = {{FOREIGN, true}, {WRONG_STATE, false}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct world world;
        const enum manner manner[] = {cases[i].manner, cases[i].manner, HONEST};
        world_open(&world, manner, 3);
        world.cell.talkers[0].self.validator = cases[i].validators;
        world.cell.talkers[1].self.validator = cases[i].validators;
        cell_meet(&world.cell, 2);
        RUN_UNTIL(&world.cell.loop,
                  count_read(&world.cell.counters.sync_refused) >= 2 || world.cell.fatal != 0);
        assert_int_equal(world.cell.fatal, 0);
        assert_int_equal(world.committed, 0);
        cell_meet(&world.cell, 3);
        RUN_UNTIL(&world.cell.loop, world.finished == 1);
        check_at_tip(&world);
        world_close(&world);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_peers),
        cmocka_unit_test(test_liars),
        cmocka_unit_test(test_each_field),
        cmocka_unit_test(test_one_honest_peer_is_enough),
        cmocka_unit_test(test_one_of_three_stops_nobody),
        cmocka_unit_test(test_diverged),
        cmocka_unit_test(test_wrong_block_is_asked_for_once),
        cmocka_unit_test(test_answer_of_another),
        cmocka_unit_test(test_not_diverged),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
