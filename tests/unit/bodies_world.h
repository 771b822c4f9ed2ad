/* A node that looks for the body of a header among three validators, each honest, silent or lying
 * in its own manner. Include it once a program. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_BODIES_WORLD_H
#define DIRCHAIN_TESTS_UNIT_BODIES_WORLD_H

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

static inline void fill_mempool(struct world *world, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(mempool_add(world->cell.parts.mempool, world->block->txs[i], false, 0), 0);
    }
}

static inline struct compact compact_of(const struct block *block, size_t tx_count)
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
static inline void offer(struct world *world, size_t tx_count)
{
    struct compact compact = compact_of(world->block, tx_count);
    bodies_offer(world->bodies, cell_peer(&world->cell, 0), &world->block->header, &compact);
}

static inline void want(struct world *world)
{
    bodies_want(world->bodies, &world->block->hash, &world->block->header);
}

static inline unsigned asked(const unsigned counts[TALKERS])
{
    return counts[0] + counts[1] + counts[2];
}

#endif
