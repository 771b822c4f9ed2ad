/* When a newcomer among peers that offer snapshots begins to restore one, what it waits for, and
 * how that comes to an end. */
#include "restorer_world.h"

/* ---- when ---- */

/* Stuck, and more liars offer what nobody has than honest ones what there is: it is not even begun,
 * since more than f tell no such height, and the other is taken. */
static void invented_snapshots_are_not_begun(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HIGH, HIGH);
    world.first_block = 30;
    world.told[0] = INVENTED + 5;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.given_up, 0);
    assert_int_equal(cell_peer(&world.cell, 2)->blamed, 0);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* Near enough, and the blocks are to be had: no snapshot. */
static void blocks_come_first(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 100, HONEST, HONEST);
    world.blocks[0] = world.blocks[1] = world.blocks[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == SOURCE_BLOCKS);
    assert_int_equal(world.restorer->begun, 0);
    close_world(&world);
}

/* Nobody keeps the next block. Those who say so are not asked for it. */
static void a_snapshot_where_blocks_are_gone(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    world.first_block = 30;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_int_equal(world.asked_blocks[i], 0);
        assert_int_equal(cell_peer(&world.cell, i)->blamed, 0);
    }
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* They say that they have it, and do not give it. */
static void a_snapshot_where_blocks_are_refused(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_true(world.asked_blocks[0] + world.asked_blocks[1] + world.asked_blocks[2] > 0);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* One validator alone, telling heights, does not bring anybody to throw away a ledger. */
static void one_liar_alone_starts_nothing_by_height(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, HIGH, HONEST);
    world.told[0] = INVENTED + 5;
    world.told[1] = world.told[2] = 0;
    cell_meet_all(&world.cell, &world, on_talker_told);
    run_for(&world.cell.loop, 2000); /* it has lost patience with the next block, not with all */
    assert_int_equal(world.restorer->begun, 0);
    close_world(&world);
}

/* Those who lost their disks tell low heights, and they are more than f; one is left that offers
 * the snapshot, in its manner. */
static void open_among_low(struct world *world, enum manner last)
{
    open_world(world, 0, HONEST, HONEST);
    world->first_block = 30;
    world->mute[0] = world->mute[1] = true;
    world->told[0] = world->told[1] = 0;
    world->manner[2] = last;
    cell_meet_all(&world->cell, world, on_talker_told);
}

/* It is honest: that is enough, later. */
static void low_heights_keep_nobody_from_restoring(void **state)
{
    (void)state;
    struct world world;
    open_among_low(&world, HONEST);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.held, 1);
    assert_true(restorer_active(world.restorer));
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* It has invented it: the node waits for nothing. */
static void what_is_only_offered_holds_nobody(void **state)
{
    (void)state;
    struct world world;
    open_among_low(&world, SILENT);
    RUN_UNTIL(&world.cell.loop, world.asked[2] > 0);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.held, 0);
    assert_false(restorer_active(world.restorer));
    close_world(&world);
}

/* ---- to an end ---- */

/* The node is about to start over on what is whole: nothing else is begun before. */
static void nothing_is_begun_after_the_end(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, HONEST, HONEST);
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    offer_all(&world);
    run_for(&world.cell.loop, 600);
    assert_int_equal(world.restorer->begun, 1);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* The chain goes on while it is given slowly: nobody who keeps up has that snapshot any more. */
static void a_snapshot_is_not_taken_for_ever(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, DRIBBLE, DRIBBLE);
    world.manner[2] = DRIBBLE;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restorer->begun > 0);
    for (size_t i = 0; i < TALKERS; i++) {
        world.told[i] = SNAPSHOT + 2 * SNAPSHOTS_OFFERED_MAX * INTERVAL + 1;
    }
    offer_all(&world);
    RUN_UNTIL(&world.cell.loop, world.given_up > 0);
    run_for(&world.cell.loop, 400);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.restored, 0);
    close_world(&world);
}

/* The chain came to it first: no fault of who gave some of it, and nobody rests from them. */
static size_t count_kept_word(struct world *world)
{
    size_t kept = 0;
    for (size_t i = 0; i < TALKERS; i++) {
        const struct peer *peer = cell_peer(&world->cell, i);
        bool gave = peer->word.shown_ms > 0; /* the time of a header that came after it was asked */
        assert_int_equal(peer->parts_failed, gave ? 0 : peer->promised);
        kept += gave;
    }
    return kept;
}

/* The chain comes to it by itself, while its parts come at once, or slowly, or not: what is
 * restored would be a step back. */
static void what_the_chain_has_passed_is_given_up(void **state)
{
    (void)state;
    static const enum manner manners[] = {HONEST, DRIBBLE, SILENT};
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        struct world world;
        open_world(&world, 10, manners[i], manners[i]);
        world.mute[1] = world.mute[2] = true; /* whoever gives it offered it at the beginning */
        cell_meet_all(&world.cell, &world, on_talker_told);
        RUN_UNTIL(&world.cell.loop, manners[i] == HONEST ? world.cell.counters.parts_taken > 0
                                                         : world.restorer->begun > 0);
        while (app_height(world.cell.ledger.app) < SNAPSHOT) {
            assert_int_equal(follow(&world.cell.ledger, &source), 0);
        }
        RUN_UNTIL(&world.cell.loop, world.given_up > 0 || world.restored > 0);
        assert_int_equal(world.restored, 0);
        assert_int_not_equal(access(scratch_path("ledger.restoring"), F_OK), 0);
        assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
        assert_int_equal(count_kept_word(&world) > 0, manners[i] == HONEST);
        close_world(&world);
    }
}

/* It offers again what it says each time that it no longer has: no fault, and no part. The others
 * have the blocks, and no snapshot. */
static void who_only_offers_holds_up_nobody(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, ANEW, HONEST);
    world.mute[1] = world.mute[2] = true;
    world.blocks[1] = world.blocks[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == SOURCE_BLOCKS);
    assert_true(world.given_up > 0);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    close_world(&world);
}

/* It offers, and takes that back before it is asked, again and again: blocks come in its rests. */
static void who_offers_and_withdraws_holds_up_nobody(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, WITHDRAWS, HONEST);
    world.mute[1] = world.mute[2] = true;
    world.blocks[1] = world.blocks[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    while (app_height(world.cell.ledger.app) < SOURCE_BLOCKS) {
        struct talker *talker = &world.cell.talkers[0];
        tell(talker, peers_find_member(talker->peers, agencies[1]));
        run_for(&world.cell.loop, 20);
        assert_true(world.restorer->begun <= 4);
    }
    assert_true(world.given_up > 0);
    assert_true(cell_peer(&world.cell, 0)->parts_failed > 0);
    assert_int_equal(cell_peer(&world.cell, 1)->parts_failed, 0);
    close_world(&world);
}

static int64_t rested_ms(const struct world *world)
{
    return clock_monotonic_ms() - world->given_up_ms;
}

/* Stuck, and nobody else offers anything: the rests grow, of 1, 2, 4 s; told of a little late. An
 * honest one that comes is taken at once, since it has not failed. */
static void rests_grow_between_vain_ones(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, ANEW, HONEST);
    world.first_block = 30;
    world.mute[1] = world.mute[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restorer->begun == 2);
    assert_true(rested_ms(&world) >= 700);
    RUN_UNTIL(&world.cell.loop, world.restorer->begun == 3);
    assert_true(rested_ms(&world) >= 1700);
    RUN_UNTIL(&world.cell.loop, world.given_up == 3);
    world.manner[0] = GONE;
    offer_all(&world);
    RUN_UNTIL(&world.cell.loop, world.restorer->begun == 4);
    assert_true(rested_ms(&world) < 3000);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_DIRECTORY(invented_snapshots_are_not_begun),
        WITH_A_DIRECTORY(blocks_come_first),
        WITH_A_DIRECTORY(a_snapshot_where_blocks_are_gone),
        WITH_A_DIRECTORY(a_snapshot_where_blocks_are_refused),
        WITH_A_DIRECTORY(one_liar_alone_starts_nothing_by_height),
        WITH_A_DIRECTORY(low_heights_keep_nobody_from_restoring),
        WITH_A_DIRECTORY(what_is_only_offered_holds_nobody),
        WITH_A_DIRECTORY(nothing_is_begun_after_the_end),
        WITH_A_DIRECTORY(a_snapshot_is_not_taken_for_ever),
        WITH_A_DIRECTORY(what_the_chain_has_passed_is_given_up),
        WITH_A_DIRECTORY(who_only_offers_holds_up_nobody),
        WITH_A_DIRECTORY(who_offers_and_withdraws_holds_up_nobody),
        WITH_A_DIRECTORY(rests_grow_between_vain_ones),
    };
    return cmocka_run_group_tests(tests, make_source, source_drop);
}
