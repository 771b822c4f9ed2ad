/* From header to body with one Byzantine validator: whatever it gives and withholds, the block's
 * own body is found, what it made is not looked at twice, and nothing is taken that was not asked
 * for. */
#include "bodies_world.h"

static void offer_from(struct world *world, size_t talker, struct compact *compact)
{
    bodies_offer(world->bodies, cell_peer(&world->cell, talker), &world->block->header, compact);
}

/* The right list but for one transaction, which nobody has. */
static struct compact poisoned(const struct block *block, uint8_t poison)
{
    struct compact compact = compact_of(block, TXS);
    memset(compact.txids[3].bytes, poison, HASH_BYTES);
    return compact;
}

/* It cannot be filled, so it never fails; it must not stand in the way of what honest validators
 * say (relay 1), nor of asking them when they say nothing by themselves (relay 0). */
static void test_list_that_nobody_can_fill(void **state)
{
    (void)state;
    static const enum manner manners[] = {SILENT, WITHHOLDS, HONEST};
    for (size_t i = 0; i < 2 * COUNT_OF(manners); i++) {
        struct world world;
        const enum manner manner[TALKERS] = {manners[i / 2], HONEST, HONEST};
        size_t relay = i % 2;
        world_open(&world, manner);
        fill_mempool(&world, relay == 1 ? TXS : 5);
        want(&world);
        struct compact lie = poisoned(world.block, 0x5a);
        offer_from(&world, 0, &lie);
        run_for(&world.cell.loop, relay == 1 ? 100 : 0);
        assert_int_equal(world.completed, 0);
        if (relay == 1) {
            struct compact right = compact_of(world.block, TXS);
            offer_from(&world, 1, &right);
            assert_int_equal(world.valid, 1);
        }
        int64_t begun = clock_monotonic_ms();
        RUN_UNTIL(&world.cell.loop, world.valid == 1);
        assert_true(clock_monotonic_ms() - begun < 3000);
        assert_int_equal(world.failed, 0);
        assert_int_equal(world.asked_body[0], 0); /* it has said what it has to say */
        world_close(&world);
    }
}

/* More liars than may be: each has one list, and no list hides another. */
static void test_two_such_lists(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {HONEST, SILENT, HONEST};
    world_open(&world, manner);
    want(&world);
    for (uint8_t i = 0; i < 20; i++) {
        struct compact lie = poisoned(world.block, (uint8_t)(0x10 + i));
        offer_from(&world, i % 2, &lie);
    }
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(world.failed, 0);
    world_close(&world);
}

/* The right transactions with evidence of nothing. */
static struct compact with_bogus_evidence(const struct block *block)
{
    struct compact lie = compact_of(block, TXS);
    memory_free(lie.evidence);
    lie.evidence_count = 1;
    lie.evidence = memory_alloc(sizeof *lie.evidence);
    lie.evidence[0].a = (struct vote){.type = VOTE_PREVOTE, .height = 1};
    memcpy(lie.evidence[0].a.validator, agencies[2], MEMBER_ID_CHARS);
    lie.evidence[0].b = lie.evidence[0].a;
    return lie;
}

static void test_bogus_evidence_condemns_its_list_only(void **state)
{
    (void)state;
    for (int relay = 0; relay < 2; relay++) {
        struct world world;
        static const enum manner manner[TALKERS] = {SILENT, HONEST, HONEST};
        world_open(&world, manner);
        fill_mempool(&world, TXS);
        want(&world);
        struct compact lie = with_bogus_evidence(world.block);
        offer_from(&world, 0, &lie);
        assert_int_equal(world.failed, 1);
        assert_true(cell_peer(&world.cell, 0)->blame > 0);
        lie = with_bogus_evidence(world.block); /* another says the same: not tried again */
        offer_from(&world, 1, &lie);
        assert_int_equal(world.failed, 1);
        assert_true(cell_peer(&world.cell, 1)->blame > 0);
        if (relay == 1) {
            struct compact right = compact_of(world.block, TXS);
            offer_from(&world, 2, &right);
            assert_int_equal(world.valid, 1);
        }
        RUN_UNTIL(&world.cell.loop, world.valid == 1);
        assert_int_equal(world.failed, 1);
        assert_int_equal(cell_peer(&world.cell, 2)->blame, 0);
        world_close(&world);
    }
}

/* Nobody but validators, and they only once asked, says what is in a body. */
static void test_unasked_words_are_ignored(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {HONEST, SILENT, SILENT};
    world_open(&world, manner);
    fill_mempool(&world, TXS);
    struct peer *observer = cell_peer(&world.cell, 0);
    observer->validator = false;
    offer(&world, TXS);
    want(&world);
    assert_int_equal(world.completed, 0);
    give_body(&world, HONEST, peers_at(world.cell.talkers[0].peers, 0)); /* before it is asked */
    give_body(&world, HONEST, peers_at(world.cell.talkers[1].peers, 0));
    run_for(&world.cell.loop, 400);
    assert_int_equal(world.completed, 0);
    assert_int_equal(world.asked_body[0], 0);
    observer->validator = true;
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(world.asked_body[0], 1);
    world_close(&world);
}

static void give(struct world *world, size_t talker, struct tx *const *given, size_t count)
{
    AUTO(buf_free) struct buf frame = {0};
    struct wire_txs txs;
    wire_txs_begin(&txs, &frame, FRAME_GIVE_TXS, &world->block->hash);
    for (size_t i = 0; i < count; i++) {
        wire_txs_add(&txs, &frame, view_of_buf(&given[i]->raw));
    }
    wire_txs_end(&txs, &frame);
    struct peer *node = peers_at(world->cell.talkers[talker].peers, 0);
    assert_true(peer_send(node, view_of_buf(&frame), LINK_REQUIRED));
}

/* Transactions are taken from who was asked for them, and no others with them: verifying what a
 * body needs goes before everything else, so nobody may fill that queue. */
static void test_only_what_was_asked_for_is_taken(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[TALKERS] = {SILENT, SILENT, SILENT};
    world_open(&world, manner);
    struct tx *extra =
        ledger_tx(&world.cell.ledger, 1, KEY_COMPILE, "test.put", test_body("extra", 1));
    struct tx *given[] = {extra, world.block->txs[0]};
    const struct mempool *mempool = world.cell.parts.mempool;
    cell_peer(&world.cell, 1)->validator = false; /* never asked */
    want(&world);
    offer(&world, TXS);
    RUN_UNTIL(&world.cell.loop, world.asked_txs[0] == 1);
    give(&world, 1, world.block->txs + 1, TXS - 1);
    run_for(&world.cell.loop, 100);
    give(&world, 0, given, COUNT_OF(given));
    RUN_UNTIL(&world.cell.loop, mempool_find(mempool, &given[1]->id) != NULL);
    run_for(&world.cell.loop, 100);
    assert_int_equal(mempool_stats(mempool).txs, 1);
    assert_int_equal(world.completed, 0);
    give(&world, 0, world.block->txs + 1, TXS - 1);
    RUN_UNTIL(&world.cell.loop, world.valid == 1);
    assert_int_equal(mempool_stats(mempool).txs, TXS);
    world_close(&world);
    tx_free(&extra);
}

/* Rounds that fail leave valid bodies behind: what consensus needs stays, the others go, oldest
 * first, and it is told. Offers of headers push out neither. */
static void test_valid_bodies_are_bounded(void **state)
{
    (void)state;
    struct world world;
    struct hash lost;
    static const enum manner manner[TALKERS] = {SILENT, SILENT, SILENT};
    world_open(&world, manner);
    bodies_keep(world.bodies, world.block);
    for (int64_t i = 1; i <= 100; i++) {
        struct block *other = ledger_transport(&world.cell.ledger, world.block);
        other->header.time_ms += i;
        header_hash(&other->hash, &other->header);
        bodies_keep(world.bodies, other);
        assert_int_equal(bodies_trim(world.bodies, &lost), i >= BODIES_MAX);
        assert_non_null(bodies_find(world.bodies, &other->hash));
        assert_false(hash_equal(&lost, &world.block->hash));
        assert_false(bodies_trim(world.bodies, &lost));
        struct compact compact = compact_of(world.block, TXS);
        struct header header = world.block->header;
        header.time_ms += 1000 + i;
        bodies_offer(world.bodies, cell_peer(&world.cell, 1), &header, &compact);
        block_free(&other);
    }
    assert_ptr_equal(bodies_find(world.bodies, &world.block->hash), world.block);
    assert_null(bodies_find(world.bodies, &lost));
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list_that_nobody_can_fill),
        cmocka_unit_test(test_two_such_lists),
        cmocka_unit_test(test_bogus_evidence_condemns_its_list_only),
        cmocka_unit_test(test_unasked_words_are_ignored),
        cmocka_unit_test(test_only_what_was_asked_for_is_taken),
        cmocka_unit_test(test_valid_bodies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
