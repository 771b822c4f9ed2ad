/* A newcomer among honest, silent and lying peers that offer snapshots: one honest one is enough,
 * liars are named and asked no more, and what is restored is the ledger. Of three peers, two lie.
 */
#include "captured.h"
#include "restorer_world.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_DIRECTORY(one_honest_peer_is_enough),
        WITH_A_DIRECTORY(nothing_comes_of_liars_alone),
        WITH_A_DIRECTORY(a_history_of_retired_keys_is_not_taken),
        WITH_A_DIRECTORY(a_part_is_taken_of_whom_it_was_asked),
        WITH_A_DIRECTORY(own_delay_is_no_late_part),
        WITH_A_DIRECTORY(who_goes_has_failed),
        WITH_A_DIRECTORY(who_divides_without_need_is_named),
        WITH_A_DIRECTORY(who_leaves_steps_out_is_named),
        WITH_A_DIRECTORY(odd_offers_are_not_taken),
        WITH_A_DIRECTORY(odd_offers_are_named_once),
    };
    return cmocka_run_group_tests(tests, make_source, source_drop);
}
