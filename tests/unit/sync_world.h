/* A node that syncs blocks among three peers, each honest, silent or lying in its own manner.
 * Include it once a program, after a registry of test types. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_SYNC_WORLD_H
#define DIRCHAIN_TESTS_UNIT_SYNC_WORLD_H

#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "node/sync.h"
#include "node/sync_serve.h"

#define BLOCKS 40

enum manner {
    HONEST,
    SILENT,
    NOTHING,
    EVASIVE, /* says that it gave what it did not give */
    GARBAGE,
    FOREIGN,
    OTHER_TXS,
    BROKEN_SIGNATURE,
    WRONG_STATE,
    OTHER_HEIGHT,
    ONE_FIELD, /* of the header is another, a different one each time it is asked */
    SHORT_QUORUM,
    SIGNED_TWICE, /* by one of the signers, so that the count is right */
    STRANGERS,    /* a quorum of keys that are no validators' */
    BEFORE,       /* the certificate of the height before */
    OTHER_CHAIN,  /* of a chain of its own */
    OTHER_SET,    /* names another set for the next height */
    ENDS,         /* says that it is done, over and over */
    DRIBBLE       /* a block now and then */
};

struct world {
    struct cell cell;
    struct ledger source; /* borrowed: has the blocks; node_parts for serving it */
    struct node_parts source_parts;
    struct sync *sync;
    enum manner manner[TALKERS];
    uint64_t told[TALKERS];
    uint64_t dribble_ms; /* between two blocks; 0: 300 */
    uint64_t first_block; /* that all say they keep; 0: they say nothing */
    unsigned committed, started, finished, asked[TALKERS], altered;
    /* of who dribbles */
    uv_timer_t timer;
    struct peer *thirsty;
    struct wire_range range;
};

static size_t index_of(const struct world *world, const struct talker *talker)
{
    return (size_t)(talker - world->cell.talkers);
}

/* ---- the talkers ---- */

static void tell_height(struct talker *talker, struct peer *peer)
{
    struct world *world = talker->data;
    AUTO(buf_free) struct buf frame = {0};
    const struct wire_status status = {.height = world->told[index_of(world, talker)]};
    if (world->first_block > 0) {
        const struct wire_offer offer = {.first_block = world->first_block};
        wire_append_offer(&frame, &offer);
    }
    wire_append_status(&frame, &status);
    assert_true(peer_send(peer, view_of_buf(&frame), LINK_REQUIRED));
}

static struct block *read_block(const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct block *block = NULL;
    assert_int_equal(store_read_block_bytes(&bytes, view, height), 0);
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &view->genesis), 0);
    return block;
}

/* The votes of all validators over whatever hash. */
static struct certificate certify(const struct ledger *ledger, uint64_t height,
                                  const struct hash *hash)
{
    struct block block = {.hash = *hash, .header = {.height = height}};
    return ledger_certify(ledger, &block);
}

#define HEADER_FIELDS 9

static void alter(struct header *header, unsigned field)
{
    struct hash *const hashes[] = {&header->genesis,    &header->previous,
                                   &header->log_root,   &header->state_root,
                                   &header->validators, &header->next_validators};
    if (field < COUNT_OF(hashes)) {
        hashes[field]->bytes[7] ^= 1;
    } else if (field == 6) {
        header->time_ms++;
    } else if (field == 7) {
        header->log_size++;
    } else {
        memcpy(header->proposer, agencies[0], MEMBER_ID_CHARS);
    }
}

/* The right members, other keys. */
static void sign_as_strangers(const struct world *world, struct certificate *certificate)
{
    for (size_t i = 0; i < certificate->count; i++) {
        struct vote vote = {.type = VOTE_PRECOMMIT, .height = certificate->height};
        struct secret_key secret = {{9}};
        struct hash digest;
        vote.round = certificate->round;
        vote.block = certificate->block;
        memcpy(vote.validator, certificate->signer[i].member, sizeof vote.validator);
        vote_digest(&digest, &world->source.genesis_hash, &vote);
        assert_int_equal(schnorr_sign(&certificate->signer[i].signature, &secret, &digest), 0);
    }
}

/* What this manner makes of a block and its certificate. */
static void spoil(struct world *world, enum manner manner, struct buf *bytes,
                  struct certificate *certificate, const struct store_view *view, uint64_t height)
{
    AUTO(block_free) struct block *block = read_block(view, height);
    buf_clear(bytes);
    switch (manner) {
    case GARBAGE:
        buf_append_text(bytes, "this is no block");
        return;
    case FOREIGN: { /* of another block */
        struct hash other = hash_sha256(view_of_text("another block"));
        *certificate = certify(&world->source, height, &other);
        break;
    }
    case OTHER_TXS: /* under a certificate that holds */
        tx_free(&block->txs[--block->tx_count]);
        break;
    case BROKEN_SIGNATURE: {
        struct buf *raw = &block->txs[0]->raw;
        raw->data[raw->len - 10] = raw->data[raw->len - 10] == 'A' ? 'B' : 'A';
        break;
    }
    case WRONG_STATE: /* a quorum certified what does not execute here */
        block->header.state_root.bytes[0] ^= 1;
        header_hash(&block->hash, &block->header);
        *certificate = certify(&world->source, height, &block->hash);
        break;
    case OTHER_HEIGHT: /* nor one that a quorum certified in another one's place */
        block->header.height++;
        header_hash(&block->hash, &block->header);
        *certificate = certify(&world->source, height, &block->hash);
        break;
    case ONE_FIELD:
        alter(&block->header, world->altered++ % HEADER_FIELDS);
        break;
    case SHORT_QUORUM:
        certificate->count--;
        break;
    case SIGNED_TWICE:
        certificate->signer[1] = certificate->signer[0];
        break;
    case STRANGERS:
        sign_as_strangers(world, certificate);
        break;
    case BEFORE:
        if (height > 1) {
            assert_int_equal(store_read_certificate(certificate, view, height - 1), 0);
        } else {
            certificate->height = 0;
        }
        break;
    case OTHER_CHAIN:
        block->header.genesis.bytes[0] ^= 1;
        header_hash(&block->hash, &block->header);
        *certificate = certify(&world->source, height, &block->hash);
        break;
    case OTHER_SET:
        block->header.next_validators.bytes[0] ^= 1;
        header_hash(&block->hash, &block->header);
        *certificate = certify(&world->source, height, &block->hash);
        break;
    case HONEST:
    case SILENT:
    case NOTHING:
    case EVASIVE:
    case ENDS:
    case DRIBBLE:
        break;
    }
    block_encode(bytes, block);
}

static void append_spoiled(struct buf *frames, struct world *world, enum manner manner,
                           const struct wire_range *range)
{
    struct store_view view;
    AUTO(buf_free) struct buf block = {0};
    assert_int_equal(store_view_open(&view, world->source.kv), 0);
    uint64_t height = range->from;
    bool gives = manner != NOTHING && manner != EVASIVE && manner != ENDS;
    for (; gives && height < range->from + range->count && height <= BLOCKS; height++) {
        struct certificate certificate;
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        spoil(world, manner, &block, &certificate, &view, height);
        wire_append_block(frames, view_of_buf(&block), &certificate);
    }
    wire_append_blocks_end(frames, range->from, manner == EVASIVE ? height + 5 : height);
    store_view_close(&view);
}

static void serve_spoiled(struct world *world, enum manner manner, struct peer *peer,
                          const struct wire_range *range)
{
    AUTO(buf_free) struct buf frames = {0};
    append_spoiled(&frames, world, manner, range);
    (void)peer_send(peer, view_of_buf(&frames), LINK_REQUIRED);
}

static void say_end(struct peer *peer, uint64_t from)
{
    AUTO(buf_free) struct buf frame = {0};
    wire_append_blocks_end(&frame, from, from);
    (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
}

static void on_dribble(uv_timer_t *timer)
{
    struct world *world = timer->data;
    struct store_view view;
    AUTO(buf_free) struct buf frame = {0};
    AUTO(buf_free) struct buf block = {0};
    struct certificate certificate;
    if (world->range.count == 0) {
        uv_timer_stop(timer);
        return;
    }
    assert_int_equal(store_view_open(&view, world->source.kv), 0);
    assert_int_equal(store_read_certificate(&certificate, &view, world->range.from), 0);
    assert_int_equal(store_read_block_bytes(&block, &view, world->range.from), 0);
    store_view_close(&view);
    wire_append_block(&frame, view_of_buf(&block), &certificate);
    (void)peer_send(world->thirsty, view_of_buf(&frame), LINK_REQUIRED);
    world->range.from++;
    world->range.count--;
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    size_t index = index_of(world, talker);
    struct wire_range range;
    if (frame->kind != FRAME_WANT_BLOCKS) {
        return 0;
    }
    world->asked[index]++;
    if (world->manner[index] == SILENT) {
        return 0;
    }
    assert_int_equal(wire_read_want_blocks(&range, frame->body), 0);
    if (world->manner[index] == HONEST) {
        (void)sync_serve(&world->source_parts, peer, frame->body);
        return 0;
    }
    if (world->manner[index] == DRIBBLE) {
        world->thirsty = peer;
        world->range = range;
        uint64_t every_ms = world->dribble_ms > 0 ? world->dribble_ms : 300;
        uv_timer_start(&world->timer, on_dribble, every_ms, every_ms);
        return 0;
    }
    for (unsigned i = 0; world->manner[index] == ENDS && i < 500; i++) {
        say_end(peer, range.from + i % 3);
    }
    serve_spoiled(world, world->manner[index], peer, &range);
    return 0;
}

/* ---- the node ---- */

static void on_started(void *context)
{
    struct world *world = context;
    world->started++;
}

static void on_finished(void *context)
{
    struct world *world = context;
    world->finished++;
}

static void on_committed(void *context, struct app_commit *commit)
{
    struct world *world = context;
    assert_int_equal(commit->header.height, ++world->committed);
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    if (frame->kind == FRAME_STATUS) {
        sync_status(world->sync, peer);
        return 0;
    }
    return sync_frame(world->sync, peer, frame);
}

static void on_down(struct cell *cell, struct peer *peer)
{
    struct world *world = cell->part;
    sync_peer_down(world->sync, peer);
}

static void make_blocks(struct ledger *ledger)
{
    for (int64_t height = 1; height <= BLOCKS; height++) {
        struct tx *txs[3];
        for (int64_t i = 0; i < 3; i++) {
            char key[16];
            snprintf(key, sizeof key, "k%d", (int)i);
            txs[i] =
                ledger_tx(ledger, (size_t)(1 + i), KEY_COMPILE, "test.put", test_body(key, height));
        }
        ledger_append(ledger, txs, 3);
    }
}

static struct ledger sync_source; /* of all worlds; it has the blocks */

static int make_source(void **state)
{
    (void)state;
    (void)verifier_pool_size(1);
    sync_source = ledger_open(kv_open_memory(), NULL);
    make_blocks(&sync_source);
    return 0;
}

static int drop_source(void **state)
{
    (void)state;
    ledger_close(&sync_source);
    return 0;
}

static void world_open(struct world *world, const enum manner *manner, size_t talkers)
{
    const struct sync_handler handler = {world, on_started, on_finished, on_committed};
    *world = (struct world){.source = sync_source};
    cell_open(&world->cell);
    world->source_parts = world->cell.parts;
    world->source_parts.kv = world->source.kv;
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->cell.when_down = on_down;
    sync_open(&world->sync, &world->cell.parts, &handler);
    uv_timer_init(&world->cell.loop, &world->timer);
    world->timer.data = world;
    for (size_t i = 0; i < TALKERS; i++) {
        world->manner[i] = i < talkers ? manner[i] : SILENT;
        world->told[i] = BLOCKS;
        world->cell.talkers[i].data = world;
        world->cell.talkers[i].when_up = tell_height;
        world->cell.talkers[i].when_told = on_talker_told;
    }
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    sync_free(&world->sync);
}

static void world_close(struct world *world)
{
    sync_close(world->sync);
    uv_close((uv_handle_t *)&world->timer, NULL);
    cell_close(&world->cell, on_freed);
}

__attribute__((unused)) static void check_at_tip(struct world *world)
{
    assert_int_equal(app_height(world->cell.ledger.app), BLOCKS);
    assert_true(hash_equal(app_tip_hash(world->cell.ledger.app), app_tip_hash(world->source.app)));
    assert_int_equal(world->committed, BLOCKS);
    assert_int_equal(world->started, BLOCKS); /* before each, whoever began meanwhile */
    assert_int_equal(world->finished, 1);
    assert_int_equal(world->cell.fatal, 0);
    assert_false(sync_active(world->sync));
}

#endif
