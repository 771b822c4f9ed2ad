/* From header to body: taken from the mempool, fetched where it lacks, and whoever gives what does
 * not fit is passed over. */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "node/bodies.h"

#define TXS 20

enum manner { HONEST, SILENT, WRONG_LIST, WRONG_TXS, WITHHOLDS };

struct world {
    struct cell cell;
    struct bodies *bodies;
    struct block *block; /* of height 1, made by the cell's own ledger on the same genesis */
    enum manner manner[TALKERS];
    bool voted[TALKERS];
    unsigned asked_body[TALKERS], asked_txs[TALKERS];
    unsigned completed, failed, valid;
};

static size_t index_of(const struct world *world, const struct talker *talker)
{
    return (size_t)(talker - world->cell.talkers);
}

/* ---- the talkers ---- */

static void give_body(struct world *world, enum manner manner, struct peer *peer)
{
    AUTO(buf_free) struct buf frame = {0};
    if (manner == WITHHOLDS) {
        wire_append_none(&frame, &world->block->hash);
    } else if (manner == WRONG_LIST) {
        struct block lie = *world->block;
        lie.tx_count--; /* leaves one out */
        wire_append_body(&frame, &lie);
    } else {
        wire_append_body(&frame, world->block);
    }
    assert_true(peer_send(peer, view_of_buf(&frame), LINK_REQUIRED));
}

static void give_txs(struct world *world, enum manner manner, struct peer *peer, struct view txids)
{
    AUTO(buf_free) struct buf frame = {0};
    struct wire_txs txs;
    wire_txs_begin(&txs, &frame, FRAME_GIVE_TXS, &world->block->hash);
    for (size_t i = 0; i < world->block->tx_count && manner != WITHHOLDS; i++) {
        const struct tx *tx = world->block->txs[i];
        bool wanted = false;
        for (size_t at = 0; at < txids.len; at += HASH_BYTES) {
            wanted = wanted || memcmp(txids.data + at, tx->id.bytes, HASH_BYTES) == 0;
        }
        AUTO(buf_free) struct buf raw = {0};
        buf_append_view(&raw, view_of_buf(&tx->raw));
        if (manner == WRONG_TXS) { /* the same txid, a signature that does not hold */
            raw.data[raw.len - 10] = raw.data[raw.len - 10] == 'A' ? 'B' : 'A';
        }
        if (wanted) {
            wire_txs_add(&txs, &frame, view_of_buf(&raw));
        }
    }
    wire_txs_end(&txs, &frame);
    assert_true(peer_send(peer, view_of_buf(&frame), LINK_REQUIRED));
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    size_t index = index_of(world, talker);
    struct wire_want want;
    struct view txids;
    if (frame->kind == FRAME_WANT_BODY) {
        world->asked_body[index]++;
        assert_int_equal(wire_read_want_body(&want, frame->body), 0);
    } else if (frame->kind == FRAME_WANT_TXS) {
        world->asked_txs[index]++;
        assert_int_equal(wire_read_want_txs(&want, &txids, frame->body), 0);
    } else {
        return 0;
    }
    assert_int_equal(want.height, 1);
    assert_true(hash_equal(&want.block, &world->block->hash));
    if (world->manner[index] == SILENT) {
        return 0;
    }
    if (frame->kind == FRAME_WANT_BODY) {
        give_body(world, world->manner[index], peer);
    } else {
        give_txs(world, world->manner[index], peer, txids);
    }
    return 0;
}

/* ---- the node ---- */

/* As the engine does: executes, and complains when it does not fit. */
static void on_complete(void *context, struct block *block)
{
    struct world *world = context;
    world->completed++;
    int error = app_process(world->cell.ledger.app, NULL, block);
    if (error == 0) {
        bodies_keep(world->bodies, block);
        world->valid++;
        assert_true(hash_equal(&block->hash, &world->block->hash));
        assert_int_equal(block->tx_count, TXS);
    } else {
        world->failed++;
        bodies_failed(world->bodies, block, error);
    }
}

static bool on_voted(void *context, const char *member, const struct hash *block)
{
    const struct world *world = context;
    (void)block;
    for (size_t i = 0; i < TALKERS; i++) {
        if (world->voted[i] && strcmp(member, world->cell.talkers[i].id) == 0) {
            return true;
        }
    }
    return false;
}

static bool on_needed(void *context, const struct hash *block)
{
    const struct world *world = context;
    return hash_equal(block, &world->block->hash);
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    return bodies_frame(world->bodies, peer, frame);
}

static void world_open(struct world *world, const enum manner *manner)
{
    const struct bodies_handler handler = {world, on_complete, on_voted, on_needed};
    *world = (struct world){0};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    assert_int_equal(bodies_open(&world->bodies, &world->cell.parts, &handler), 0);
    bodies_start_height(world->bodies, 1);
    struct tx *txs[TXS];
    for (int64_t i = 0; i < TXS; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", (int)i);
        txs[i] = ledger_tx(&world->cell.ledger, (size_t)(1 + i % 4), KEY_COMPILE, "test.put",
                           test_body(key, i));
    }
    /* Prepared by another ledger of the same genesis: nothing is cached here. */
    struct ledger other = ledger_open(kv_open_memory(), NULL);
    world->block = ledger_prepare(&other, txs, TXS, NULL);
    assert_int_equal(world->block->tx_count, TXS);
    ledger_close(&other);
    for (size_t i = 0; i < TXS; i++) {
        tx_free(&txs[i]);
    }
    memcpy(world->manner, manner, sizeof world->manner);
    cell_meet_all(&world->cell, world, on_talker_told);
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    bodies_free(&world->bodies);
}

static void world_close(struct world *world)
{
    bodies_close(world->bodies);
    cell_close(&world->cell, on_freed);
    block_free(&world->block);
}

static void fill_mempool(struct world *world, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(mempool_add(world->cell.parts.mempool, world->block->txs[i], false, 0), 0);
    }
}

static struct compact compact_of(const struct block *block, size_t tx_count)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct block part = *block;
    struct compact compact;
    part.tx_count = tx_count;
    compact_append(&bytes, &part);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(compact_read(&compact, &reader), 0);
    return compact;
}

/* What comes with a proposal of talker 0. */
static void offer(struct world *world, size_t tx_count)
{
    struct compact compact = compact_of(world->block, tx_count);
    bodies_offer(world->bodies, cell_peer(&world->cell, 0), &world->block->header, &compact);
}

static void want(struct world *world)
{
    bodies_want(world->bodies, &world->block->hash, &world->block->header);
}

static unsigned asked(const unsigned counts[TALKERS])
{
    return counts[0] + counts[1] + counts[2];
}

/* ---- the tests ---- */

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

/* ---- one Byzantine validator ---- */

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
        cmocka_unit_test(test_all_at_hand),
        cmocka_unit_test(test_late_gossip),
        cmocka_unit_test(test_missing_ones_are_fetched),
        cmocka_unit_test(test_proposer_that_gives_nothing),
        cmocka_unit_test(test_wrong_list),
        cmocka_unit_test(test_hash_only),
        cmocka_unit_test(test_same_height_again),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_list_that_nobody_can_fill),
        cmocka_unit_test(test_two_such_lists),
        cmocka_unit_test(test_bogus_evidence_condemns_its_list_only),
        cmocka_unit_test(test_who_voted_is_asked_first),
        cmocka_unit_test(test_unasked_words_are_ignored),
        cmocka_unit_test(test_only_what_was_asked_for_is_taken),
        cmocka_unit_test(test_valid_bodies_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
