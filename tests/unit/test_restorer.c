/* A newcomer among honest, silent and lying peers that offer snapshots: one honest one is enough,
 * liars are named and asked no more, and what is restored is the ledger. Of three peers, two lie.
 */
#include "captured.h"
#include "restorer_world.h"

/* ---- liars ---- */

static void expect_named(struct world *world, size_t talker, enum manner manner)
{
    const struct peer *peer = cell_peer(&world->cell, talker);
    if (manner == HONEST || manner == DRIBBLE || manner == GONE) {
        assert_int_equal(peer->blamed, 0);
    } else if (world->lied[talker] > 0) { /* some lie about one kind of part only */
        assert_true(peer->blamed > 0);
        assert_non_null(strstr(peer->blamed_for, "snapshot"));
        assert_int_equal(peer->parts_failed > 0, true);
    }
}

static void one_honest_peer_is_enough(void **state)
{
    (void)state;
    for (enum manner manner = SILENT; manner < MANNERS; manner++) {
        struct world world;
        open_world(&world, 10, manner, manner);
        cell_meet_all(&world.cell, &world, on_talker_told);
        RUN_UNTIL(&world.cell.loop, world.restored > 0 || world.cell.fatal != 0);
        for (size_t i = 0; i < TALKERS; i++) {
            expect_named(&world, i, world.manner[i]);
        }
        assert_int_equal(world.given_up, 0); /* nor is a height taken that nobody believes */
        assert_true(world.asked[2] > 0);
        expect_restored(&world, SNAPSHOT);
        close_world(&world);
    }
}

/* All lie: nothing is restored, and all are named. */
static void nothing_comes_of_liars_alone(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, ALTERED, ONE_SIGNER);
    world.manner[2] = GARBAGE;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.given_up > 0);
    assert_int_equal(world.restored, 0);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_true(cell_peer(&world.cell, i)->blamed > 0);
        assert_int_equal(world.asked[i], 1); /* and not asked again */
    }
    assert_int_not_equal(access(scratch_path("ledger.restoring"), F_OK), 0);
    close_world(&world);
}

/* All show another history of the same genesis, signed by keys that were validators' once: a node
 * that has gone on since knows who decides next, and takes none of it. */
static void a_history_of_retired_keys_is_not_taken(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger forged = ledger_open(kv_open_memory(), NULL);
    while (app_height(forged.app) < SOURCE_BLOCKS) {
        ledger_append(&forged, NULL, 0); /* nobody is removed at 14, as in the source */
    }
    struct world world;
    open_world(&world, 10, HONEST, HONEST);
    while (app_height(world.cell.ledger.app) < 20) {
        assert_int_equal(follow(&world.cell.ledger, &source), 0);
    }
    set_source(&world, &forged, SNAPSHOT);
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.given_up > 0 || world.restored > 0);
    assert_int_equal(world.restored, 0);
    assert_int_equal(world.cell.counters.parts_taken, 0);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_non_null(strstr(cell_peer(&world.cell, i)->blamed_for, "its head"));
    }
    close_world(&world);
}

/* What one was asked for is not taken of another, right as it may be. */
static void a_part_is_taken_of_whom_it_was_asked(void **state)
{
    (void)state;
    struct world world;
    AUTO(buf_free) struct buf payload = {0};
    AUTO(buf_free) struct buf frame = {0};
    open_world(&world, 10, SILENT, HONEST);
    world.mute[1] = world.mute[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    struct talker *meddler = &world.cell.talkers[1];
    struct peer *node = peers_find_member(meddler->peers, agencies[1]);
    uint64_t statuses = cell_peer(&world.cell, 1)->statuses;
    make_part(&payload, &source, &world.wanted[0]);
    wire_append_part(&frame, &world.wanted[0], view_of_buf(&payload));
    assert_true(peer_send(node, view_of_buf(&frame), LINK_REQUIRED));
    tell(meddler, node);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->statuses > statuses);
    assert_int_equal(world.cell.counters.parts_taken, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->parts_asked, world.given_up > 0 ? 0 : 1);
    offer_all(&world); /* and the meddler, asked itself, is believed */
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    expect_named(&world, 1, HONEST);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* What came in time, and was not read in time because the node did something else, is no fault. */
static void own_delay_is_no_late_part(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, HONEST, HONEST);
    world.busy_ms = 500; /* parts have 200 */
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0 || world.cell.fatal != 0);
    assert_int_equal(world.busy_ms, 0);
    for (size_t i = 0; i < TALKERS; i++) {
        expect_named(&world, i, HONEST);
        assert_int_equal(cell_peer(&world.cell, i)->parts_failed, 0);
    }
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* Who goes without giving what was asked of it has failed: others are asked, and preferred. */
static void who_goes_has_failed(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, SILENT, HONEST);
    world.mute[1] = world.mute[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    world.cell.talkers[0].when_up = NULL; /* when it comes again it offers nothing */
    peers_set_members(world.cell.talkers[0].peers, NULL, 0);
    RUN_UNTIL(&world.cell.loop, !cell_peer(&world.cell, 0)->up);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->parts_failed, 1);
    assert_int_equal(cell_peer(&world.cell, 0)->parts_asked, 0);
    offer_all(&world);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_int_equal(world.asked[0], 1);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

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
    expect_named(&world, 2, HONEST);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* ---- when ---- */

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

/* Those who lost their disks tell low heights, and they are more than f: one honest peer that has
 * the snapshot is enough all the same, later. */
static void low_heights_keep_nobody_from_restoring(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    world.first_block = 30;
    world.mute[0] = world.mute[1] = true;
    world.told[0] = world.told[1] = 0;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.held, 1);
    assert_true(restorer_active(world.restorer));
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* The same, but the one that is left has invented it: the node waits for nothing. */
static void what_is_only_offered_holds_nobody(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    world.first_block = 30;
    world.mute[0] = world.mute[1] = true;
    world.told[0] = world.told[1] = 0;
    world.manner[2] = SILENT;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.asked[2] > 0);
    assert_int_equal(world.restorer->begun, 1);
    assert_int_equal(world.held, 0);
    assert_false(restorer_active(world.restorer));
    close_world(&world);
}

/* ---- to an end ---- */

/* Nothing that it gives is wrong; it only gives it in pieces, and then in pieces of pieces. */
static void who_divides_without_need_is_named(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger crowded = crowded_open();
    struct world world;
    open_world(&world, 10, DIVIDES, GONE);
    set_source(&world, &crowded, app_height(crowded.app));
    world.snapshot -= world.snapshot % INTERVAL;
    world.manner[2] = GONE;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.given_up > 0);
    assert_non_null(strstr(cell_peer(&world.cell, 0)->blamed_for, "divides"));
    assert_true(world.asked[0] > RESTORE_DIVIDED_MAX);
    assert_int_equal(world.restored, 0);
    close_world(&world);
}

/* A head of two parts, the first without two steps that come to nothing: that shows with the second
 * one, which anybody could give, and it is not held against an honest one. */
static void who_leaves_steps_out_is_named(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger restless = restless_open();
    struct world world;
    open_world(&world, 10, LEAVES_OUT, HONEST);
    set_source(&world, &restless, app_height(restless.app));
    world.mute[1] = world.mute[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0 || world.cell.fatal != 0);
    assert_int_equal(world.cell.fatal, 0);
    assert_true(world.lied[0] > 0);
    assert_non_null(strstr(cell_peer(&world.cell, 0)->blamed_for, "its head"));
    assert_int_equal(cell_peer(&world.cell, 1)->blamed, 0);
    assert_int_equal(cell_peer(&world.cell, 2)->blamed, 0);
    close_world(&world);
}

/* Snapshots stand at the same heights for all. */
static void odd_offers_are_not_taken(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, ODD, ODD);
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    for (size_t i = 0; i < TALKERS; i++) {
        const struct peer *peer = cell_peer(&world.cell, i);
        assert_int_equal(peer->blamed, 0); /* intervals may differ in good faith */
        assert_int_equal(world.asked[i] == 0, world.manner[i] == ODD);
        assert_int_equal(peer->odd_offer_told, world.manner[i] == ODD);
    }
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

static size_t count_text(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part)) {
        count++;
    }
    return count;
}

/* Every status has an offer with it: the log names each such peer, and does not go on. */
static void odd_offers_are_named_once(void **state)
{
    (void)state;
    struct world world;
    AUTO(buf_free) struct buf log = {0};
    open_world(&world, 10, ODD, ODD);
    log_set_level(LOG_WARN);
    capture_begin();
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    for (unsigned again = 0; again < 3; again++) {
        for (size_t i = 0; i < TALKERS; i++) {
            struct talker *talker = &world.cell.talkers[i];
            tell(talker, peers_find_member(talker->peers, agencies[1]));
        }
        uint64_t statuses = cell_peer(&world.cell, 0)->statuses;
        RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->statuses > statuses &&
                                        cell_peer(&world.cell, 0)->offer.count == 0);
    }
    capture_end(&log);
    log_set_level(LOG_ERROR);
    assert_int_equal(count_text(buf_text(&log), "no multiple of our snapshot_blocks"), 2);
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

static int make_source(void **state)
{
    (void)state;
    source = source_open_with(NULL); /* parameters are those of a cell */
    return 0;
}

/* Each begins in a directory of its own, whatever became of the one before. */
int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_honest_peer_is_enough, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(nothing_comes_of_liars_alone, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(a_history_of_retired_keys_is_not_taken, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(a_part_is_taken_of_whom_it_was_asked, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(own_delay_is_no_late_part, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(who_goes_has_failed, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(nothing_is_begun_after_the_end, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(invented_snapshots_are_not_begun, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(blocks_come_first, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(a_snapshot_where_blocks_are_gone, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(a_snapshot_where_blocks_are_refused, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(one_liar_alone_starts_nothing_by_height, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(low_heights_keep_nobody_from_restoring, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(what_is_only_offered_holds_nobody, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(who_divides_without_need_is_named, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(who_leaves_steps_out_is_named, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(odd_offers_are_not_taken, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(odd_offers_are_named_once, scratch_make, scratch_remove),
        cmocka_unit_test_setup_teardown(a_snapshot_is_not_taken_for_ever, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(what_the_chain_has_passed_is_given_up, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(who_only_offers_holds_up_nobody, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(who_offers_and_withdraws_holds_up_nobody, scratch_make,
                                        scratch_remove),
        cmocka_unit_test_setup_teardown(rests_grow_between_vain_ones, scratch_make, scratch_remove),
    };
    return cmocka_run_group_tests(tests, make_source, source_drop);
}
