/* Transactions on their way in: what is submitted to a node it tells every validator, once, and
 * those that come up later too; what it hears from one it tells nobody. */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "node/intake.h"

struct world {
    struct cell cell;
    struct intake *intake;
    unsigned added, done;
    int error;                 /* of the last that is done */
    unsigned heard[TALKERS];   /* transactions */
    struct hash last[TALKERS]; /* txid of the last one */
};

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    size_t index = (size_t)(talker - world->cell.talkers);
    struct reader reader = reader_of(frame->body);
    struct view raw;
    (void)peer;
    if (frame->kind != FRAME_TXS) {
        return 0;
    }
    for (uint16_t count = wire_txs_count(&reader); count > 0; count--) {
        assert_true(wire_txs_next(&raw, &reader));
        assert_int_equal(wire_txid(&world->last[index], raw), 0);
        world->heard[index]++;
    }
    return 0;
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    return frame->kind == FRAME_TXS ? intake_gossip(world->intake, peer, frame->body) : 0;
}

static void on_verified(void *context, struct tx *tx)
{
    (void)context;
    assert_true(tx->verified);
}

static void on_added(void *context)
{
    struct world *world = context;
    world->added++;
}

static void on_done(void *argument, int error, const struct faults *faults, uint64_t height)
{
    struct world *world = argument;
    (void)faults;
    assert_int_equal(height, 0);
    world->done++;
    world->error = error;
}

static void world_open(struct world *world)
{
    *world = (struct world){0};
    cell_open(&world->cell);
    const struct intake_handler handler = {world, on_verified, on_added};
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->intake = intake_open(&world->cell.parts, &handler);
}

static void world_freed(struct cell *cell)
{
    struct world *world = cell->part;
    intake_free(&world->intake);
}

static void world_close(struct world *world)
{
    assert_int_equal(world->cell.fatal, 0);
    cell_close(&world->cell, world_freed);
}

static struct tx *a_tx(struct world *world, const char *key)
{
    return ledger_tx(&world->cell.ledger, 1, KEY_COMPILE, "test.put", test_body(key, 1));
}

/* Submits it and has the node's turn end. Returns its txid. */
static struct hash submit(struct world *world, const char *key)
{
    struct tx *tx = a_tx(world, key);
    struct hash id = tx->id;
    unsigned done = world->done;
    intake_submit(world->intake, tx, false, on_done, world);
    RUN_UNTIL(&world->cell.loop, world->done == done + 1);
    assert_int_equal(world->error, 0);
    intake_flush(world->intake);
    return id;
}

static void test_what_is_submitted_is_told_to_all(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    cell_meet_all(&world.cell, &world, on_talker_told);
    struct hash id = submit(&world, "first");
    RUN_UNTIL(&world.cell.loop, world.heard[0] + world.heard[1] + world.heard[2] == TALKERS);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_int_equal(world.heard[i], 1);
        assert_true(hash_equal(&world.last[i], &id));
    }
    intake_flush(world.intake); /* nothing is collected now */
    id = submit(&world, "second");
    RUN_UNTIL(&world.cell.loop, world.heard[0] + world.heard[1] + world.heard[2] == 2 * TALKERS);
    assert_true(hash_equal(&world.last[0], &id));
    run_for(&world.cell.loop, 100);
    assert_int_equal(world.heard[0], 2);
    assert_int_equal(world.added, 2);
    world_close(&world);
}

/* Who told it has told everybody: it is in the pool here, and goes no further. */
static void test_what_is_heard_is_not_passed_on(void **state)
{
    (void)state;
    struct world world;
    AUTO(buf_free) struct buf frame = {0};
    struct wire_txs txs;
    world_open(&world);
    cell_meet_all(&world.cell, &world, on_talker_told);
    AUTO(tx_free) struct tx *tx = a_tx(&world, "heard");
    wire_txs_begin(&txs, &frame, FRAME_TXS, NULL);
    wire_txs_add(&txs, &frame, view_of_buf(&tx->raw));
    wire_txs_end(&txs, &frame);
    peers_broadcast(world.cell.talkers[0].peers, view_of_buf(&frame), LINK_REQUIRED, false);
    RUN_UNTIL(&world.cell.loop, world.added == 1);
    assert_non_null(mempool_find(world.cell.parts.mempool, &tx->id));
    intake_flush(world.intake);
    intake_greet(world.intake, cell_peer(&world.cell, 1));
    peers_flush(world.cell.node.peers);
    run_for(&world.cell.loop, 200);
    assert_int_equal(world.heard[0] + world.heard[1] + world.heard[2], 0);
    world_close(&world);
}

/* A validator that comes up is told of what waits here; an observer is not. */
static void test_who_comes_later_is_told(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct hash id = submit(&world, "early"); /* to nobody */
    cell_meet_all(&world.cell, &world, on_talker_told);
    cell_peer(&world.cell, 2)->validator = false;
    for (size_t i = 0; i < TALKERS; i++) {
        intake_greet(world.intake, cell_peer(&world.cell, i));
    }
    RUN_UNTIL(&world.cell.loop, world.heard[0] == 1 && world.heard[1] == 1);
    run_for(&world.cell.loop, 100);
    assert_true(hash_equal(&world.last[0], &id));
    assert_int_equal(world.heard[2], 0);
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_submitted_is_told_to_all),
        cmocka_unit_test(test_what_is_heard_is_not_passed_on),
        cmocka_unit_test(test_who_comes_later_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
