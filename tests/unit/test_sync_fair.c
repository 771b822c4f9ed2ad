/* Block sync: what one peer does is held against nobody else, and keeps nobody else from giving. */
#include "sync_slow.h"

#include "node/sync_internal.h"

#include <unistd.h>

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
        open_silent(&world, 1);
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
    open_passed_by(&world);
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
    open_silent(&world, IN_RANGE);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 1)->told_status);
    peer_blame(world.cell.parts.peers, cell_peer(&world.cell, 1), 40, "lied");
    has_told(&world, 1, IN_RANGE);
    run_for(&world.cell.loop, 4000);
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(world.asked[1], 1);
    assert_int_equal(sync_place(world.sync, 1)->peer, cell_peer(&world.cell, 0)->id);
    gives_rest(&world, 0, 1);
    world_close(&world);
}

/* Nor is the blamed one asked in the place of a slow one. */
static void test_not_quicker_as_a_liar(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
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

/* Of two that are slow, whoever was so last comes last. */
static void test_slowest_last(void **state)
{
    (void)state;
    for (unsigned last = 0; last < 2; last++) {
        struct world world;
        open_silent(&world, IN_RANGE);
        sync_hold(world.sync, true);
        has_told(&world, 1, IN_RANGE);
        int64_t until_ms = clock_monotonic_ms() + 60000;
        cell_peer(&world.cell, 0)->slow_until_ms = until_ms + (last == 0);
        cell_peer(&world.cell, 1)->slow_until_ms = until_ms + (last == 1);
        sync_hold(world.sync, false);
        run_for(&world.cell.loop, 200);
        assert_int_equal(world.asked[0], last == 0 ? 1 : 2);
        assert_int_equal(world.asked[1], last == 0 ? 1 : 0);
        world_close(&world);
    }
}

/* The node's own consensus decides the first blocks. */
static void decide(struct world *world, uint64_t to)
{
    struct store_view view;
    assert_int_equal(store_view_open(&view, world->source.kv), 0);
    for (uint64_t height = app_height(world->cell.ledger.app) + 1; height <= to; height++) {
        AUTO(block_free) struct block *block = read_block(&view, height);
        struct certificate certificate;
        struct app_commit commit;
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        for (size_t i = 0; i < block->tx_count; i++) {
            struct tx *tx = block->txs[i];
            struct public_key key;
            struct app *app = world->cell.ledger.app;
            assert_int_equal(app_signer_key(&key, app, tx->member, tx->key_name), 0);
            assert_int_equal(tx_verify(tx, &key), 0);
        }
        assert_int_equal(
            app_apply_synced(&commit, world->cell.ledger.app, NULL, block, &certificate), 0);
        app_commit_free(&commit);
        world->committed++;
    }
    store_view_close(&view);
    sync_tip_moved(world->sync);
}

/* Who is asked for what all wait for and goes, or lets go of it, keeps them waiting as one does who
 * is late; who is asked for nothing does not. */
static void test_who_goes_is_slow(void **state)
{
    (void)state;
    for (int goes = 0; goes < 2; goes++) {
        struct world world;
        open_silent(&world, IN_RANGE);
        struct peer *peer = cell_peer(&world.cell, 0);
        sync_peer_down(world.sync, cell_peer(&world.cell, 1));
        if (goes) {
            sync_peer_down(world.sync, peer);
        } else {
            peer->offer.first_block = IN_RANGE + 1;
            say_end(peers_find_member(world.cell.talkers[0].peers, agencies[1]), 1);
        }
        RUN_UNTIL_IN(&world.cell.loop, 1, peer->slow_until_ms > 0);
        assert_int_equal(peer->blamed, 0);
        assert_int_equal(cell_peer(&world.cell, 1)->slow_until_ms, 0);
        world_close(&world);
    }
}

/* Who was passed by may just be giving it, and is not asked for the same at once, though the other
 * is no quicker: only when it has given nothing for five seconds more. */
static void test_asked_once_for_the_same(void **state)
{
    (void)state;
    struct world world;
    open_passed_by(&world);
    talk_for(&world, 3);
    comes(&world, 0, HONEST, 2, 2);
    talk_for(&world, 4);
    assert_int_equal(world.asked[0], 1);
    talk_for(&world, 2);
    assert_int_equal(world.asked[0], 2);
    world_close(&world);
}

/* The answer lay unread while this node stood still. */
static void test_own_stall(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    const struct wire_range range = {.from = 1, .count = IN_RANGE};
    struct peer *node = peers_find_member(world.cell.talkers[0].peers, agencies[1]);
    run_for(&world.cell.loop, 200); /* it has begun to look out */
    serve_spoiled(&world, HONEST, node, &range);
    peers_flush(world.cell.talkers[0].peers); /* it is in the socket */
    usleep(1700 * 1000);
    RUN_UNTIL_IN(&world.cell.loop, 2, app_height(world.cell.ledger.app) == IN_RANGE);
    assert_int_equal(cell_peer(&world.cell, 0)->slow_until_ms, 0);
    assert_int_equal(world.asked[0], 1);
    world_close(&world);
}

/* Who was asked for what consensus has decided meanwhile is free to be asked for the rest. */
static void test_decided_meanwhile(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, BLOCKS);
    decide(&world, IN_RANGE);
    RUN_UNTIL_IN(&world.cell.loop, 1, world.asked[0] == 2);
    world_close(&world);
}

/* Who was asked for a block was not asked for the one that has its place a window later. */
static void test_a_window_later(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, 1);
    struct place *place = sync_place(world.sync, 1);
    place->awaited_ms -= 10000;
    RUN_UNTIL(&world.cell.loop, place->state == PLACE_EMPTY);
    decide(&world, BLOCKS);
    tells(&world, 1, 1000);
    tells(&world, 2, 1000);
    RUN_UNTIL(&world.cell.loop, place->state == PLACE_ASKED);
    assert_int_equal(place->height, SYNC_WINDOW + 1);
    AUTO(buf_free) struct buf frames = {0};
    struct certificate certificate = certify(&world.source, place->height, &(struct hash){{1}});
    struct frame frame;
    size_t wanted;
    wire_append_block(&frames, view_of_text("no block"), &certificate);
    struct view left = view_of_buf(&frames);
    assert_int_equal(wire_next(&frame, &left, &wanted), 0);
    assert_int_equal(sync_frame(world.sync, cell_peer(&world.cell, 0), &frame), 0);
    assert_int_equal(place->state, PLACE_ASKED);
    world_close(&world);
}

/* Blocks count while they wait for the next one, decoded or not. */
static void test_bytes_that_wait(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    comes(&world, 0, HONEST, 2, IN_RANGE);
    size_t bytes = world.sync->bytes;
    assert_true(bytes > 0);
    RUN_UNTIL(&world.cell.loop, sync_place(world.sync, IN_RANGE)->state == PLACE_READY);
    assert_int_equal(world.sync->bytes, bytes);
    comes(&world, 0, HONEST, 1, 1);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == IN_RANGE);
    assert_int_equal(world.sync->bytes, 0);
    world_close(&world);
}

/* Above the bound only the next one is asked for and taken. */
static void test_bytes_are_bounded(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    world.sync->bytes += SYNC_WINDOW_BYTES + 1;
    comes(&world, 0, HONEST, 2, IN_RANGE);
    tells(&world, 1, BLOCKS);
    run_for(&world.cell.loop, 300);
    assert_int_equal(sync_place(world.sync, 2)->state, PLACE_EMPTY);
    assert_int_equal(world.asked[1], 0);
    comes(&world, 0, HONEST, 1, 1);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == 1);
    world.sync->bytes -= SYNC_WINDOW_BYTES + 1;
    RUN_UNTIL(&world.cell.loop, world.asked[0] == 2 && world.asked[1] == 1);
    world_close(&world);
}

/* Each range that was asked for has one end; to tell more of them costs nothing. */
static void test_ends_without_a_range(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    struct peer *there = peers_find_member(world.cell.talkers[0].peers, agencies[1]);
    struct peer *peer = cell_peer(&world.cell, 0);
    assert_int_equal(peer->ranges_asked, 1);
    say_end(there, IN_RANGE + 1);
    RUN_UNTIL(&world.cell.loop, peer->ranges_asked == 0);
    peer->tells.since_ms = clock_monotonic_ms() + 60000; /* this second lasts */
    peer->tells.unasked = PEER_TELLS_BLAMED - 2;
    say_end(there, IN_RANGE + 1);
    RUN_UNTIL(&world.cell.loop, peer->tells.unasked == PEER_TELLS_BLAMED - 1);
    assert_int_equal(peer->blamed, 0);
    say_end(there, IN_RANGE + 1);
    RUN_UNTIL(&world.cell.loop, peer->blamed == 1);
    assert_string_equal(peer->blamed_for, "answers to no question, without end");
    world_close(&world);
}

/* What was asked of it in a link that is gone, it answers no more. */
static void test_no_end_is_due_over_links(void **state)
{
    (void)state;
    struct world world;
    open_silent(&world, IN_RANGE);
    struct peer *there = peers_find_member(world.cell.talkers[0].peers, agencies[1]);
    struct peer *peer = cell_peer(&world.cell, 0);
    sync_hold(world.sync, true); /* and nothing is asked of it anew */
    sync_peer_down(world.sync, peer);
    assert_int_equal(peer->ranges_asked, 0);
    say_end(there, IN_RANGE + 1);
    RUN_UNTIL(&world.cell.loop, peer->tells.unasked == 1);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ends_without_a_range),
        cmocka_unit_test(test_no_end_is_due_over_links),
        cmocka_unit_test(test_late_from_the_only_one),
        cmocka_unit_test(test_decoded_for_another),
        cmocka_unit_test(test_lies_make_room),
        cmocka_unit_test(test_not_passed_by_for_a_liar),
        cmocka_unit_test(test_not_quicker_as_a_liar),
        cmocka_unit_test(test_slowest_last),
        cmocka_unit_test(test_who_goes_is_slow),
        cmocka_unit_test(test_asked_once_for_the_same),
        cmocka_unit_test(test_own_stall),
        cmocka_unit_test(test_decided_meanwhile),
        cmocka_unit_test(test_a_window_later),
        cmocka_unit_test(test_bytes_that_wait),
        cmocka_unit_test(test_bytes_are_bounded),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
