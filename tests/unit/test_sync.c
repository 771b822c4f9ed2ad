/* Block sync among honest, silent and lying peers: the tip is reached, nothing that does not hold
 * is applied, liars are blamed, and a height that is merely told disturbs nobody. */
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
    struct ledger source; /* has the blocks; node_parts for serving it */
    struct node_parts source_parts;
    struct sync *sync;
    enum manner manner[TALKERS];
    uint64_t told[TALKERS];
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

static void serve_spoiled(struct world *world, enum manner manner, struct peer *peer,
                          const struct wire_range *range)
{
    struct store_view view;
    AUTO(buf_free) struct buf frames = {0};
    AUTO(buf_free) struct buf block = {0};
    assert_int_equal(store_view_open(&view, world->source.kv), 0);
    uint64_t height = range->from;
    bool gives = manner != NOTHING && manner != EVASIVE && manner != ENDS;
    for (; gives && height < range->from + range->count && height <= BLOCKS; height++) {
        struct certificate certificate;
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        spoil(world, manner, &block, &certificate, &view, height);
        wire_append_block(&frames, view_of_buf(&block), &certificate);
    }
    wire_append_blocks_end(&frames, range->from, manner == EVASIVE ? height + 5 : height);
    store_view_close(&view);
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
        uv_timer_start(&world->timer, on_dribble, 300, 300);
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

static void world_open(struct world *world, const enum manner *manner, size_t talkers)
{
    const struct sync_handler handler = {world, on_started, on_finished, on_committed};
    *world = (struct world){.source = ledger_open(kv_open_memory(), NULL)};
    make_blocks(&world->source);
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
    ledger_close(&world->source);
}

static void check_at_tip(struct world *world)
{
    assert_int_equal(app_height(world->cell.ledger.app), BLOCKS);
    assert_true(hash_equal(app_tip_hash(world->cell.ledger.app), app_tip_hash(world->source.app)));
    assert_int_equal(world->committed, BLOCKS);
    assert_int_equal(world->started, 1);
    assert_int_equal(world->finished, 1);
    assert_int_equal(world->cell.fatal, 0);
    assert_false(sync_active(world->sync));
}

/* ---- the tests ---- */

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

/* Who has let go of the block is not asked for it, and not blamed. */
static void test_let_go(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {NOTHING};
    world_open(&world, manner, 1);
    world.first_block = 30;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->told_status);
    run_for(&world.cell.loop, 300);
    assert_int_equal(world.asked[0], 0);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0);
    world_close(&world);
}

/* A block every 300 ms, so that the range never ends and is never late: others are asked. */
static void test_dribble(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {DRIBBLE, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    cell_meet(&world.cell, 2);
    int64_t start = clock_monotonic_ms();
    RUN_UNTIL_IN(&world.cell.loop, 10, world.finished == 1);
    assert_in_range(clock_monotonic_ms() - start, 0, 4500); /* alone it would take 12 s */
    assert_int_equal(world.asked[0], 1);
    assert_int_equal(cell_peer(&world.cell, 0)->blamed, 0); /* lines are slow */
    check_at_tip(&world);
    world_close(&world);
}

/* GHSA-22qq: a height that goes down and up again neither stops nor confuses the sync. */
static void test_height_goes_down(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    world.told[0] = UINT64_C(1) << 50;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    struct talker *liar = &world.cell.talkers[0];
    cell_meet(&world.cell, 2);
    for (unsigned i = 0; i < 200 && world.finished == 0; i++) {
        struct peer *node = peers_find_member(liar->peers, agencies[1]);
        world.told[0] = i % 3 == 0 ? 0 : i % 3 == 1 ? 5 : UINT64_C(1) << 50;
        if (node != NULL && node->up) {
            tell_height(liar, node);
        }
        run_for(&world.cell.loop, 50);
    }
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == BLOCKS);
    assert_true(hash_equal(app_tip_hash(world.cell.ledger.app), app_tip_hash(world.source.app)));
    assert_true(sync_target(world.sync) <= BLOCKS);
    world_close(&world);
}

/* Tells a height that nobody has: consensus goes on meanwhile, and the others are still heard. */
static void test_told_height_is_only_told(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {NOTHING, HONEST};
    world_open(&world, manner, 2);
    world.told[0] = UINT64_MAX / 2;
    sync_set_patient(world.sync, true);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    run_for(&world.cell.loop, 1500);
    assert_int_equal(world.started, 0);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.committed == BLOCKS);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    check_at_tip(&world);
    world_close(&world);
}

/* What it answered to the roll call is refuted with it, however often it tells its height again:
 * nobody waits with his votes for blocks that are not there. */
static void test_a_tip_in_the_roll_call_is_refuted(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {EVASIVE};
    world_open(&world, manner, 1);
    world.told[0] = UINT64_C(1) << 60;
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->up);
    cell_peer(&world.cell, 0)->roll.told = UINT64_C(1) << 60;
    RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->roll.told < UINT64_C(1) << 60);
    assert_int_equal(cell_peer(&world.cell, 0)->roll.told, 0);
    world_close(&world);
}

/* One that boasts, again and again, is believed by nobody: the target is what others tell, too, and
 * the boaster is cut off. */
static void test_boaster(void **state)
{
    (void)state;
    static const enum manner manners[] = {NOTHING, EVASIVE, GARBAGE, FOREIGN};
    for (size_t i = 0; i < COUNT_OF(manners); i++) {
        struct world world;
        const enum manner manner[] = {manners[i], HONEST, HONEST};
        world_open(&world, manner, 3);
        world.told[0] = UINT64_C(1) << 60;
        cell_meet(&world.cell, 1);
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        run_for(&world.cell.loop, 50);
        assert_false(sync_active(world.sync));
        assert_int_equal(sync_target(world.sync), 0);
        cell_meet(&world.cell, 3);
        RUN_UNTIL(&world.cell.loop, world.finished == 1);
        check_at_tip(&world);
        struct talker *boaster = &world.cell.talkers[0];
        while (boaster->downs == 0 && world.asked[0] < 20) {
            unsigned asked = world.asked[0];
            struct peer *node = peers_find_member(boaster->peers, agencies[1]);
            tell_height(boaster, node);
            RUN_UNTIL(&world.cell.loop, world.asked[0] > asked || boaster->downs > 0);
            run_for(&world.cell.loop, 20);
            assert_false(sync_active(world.sync));
            assert_false(sync_behind(world.sync)); /* it is contradicted */
            assert_int_equal(sync_target(world.sync), BLOCKS);
        }
        assert_int_equal(boaster->downs, 1);
        check_at_tip(&world);
        world_close(&world);
    }
}

/* What f + 1 validators tell is believed before anything came of it; f of them, or observers, are
 * not enough. */
static void test_who_is_believed(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    world_open(&world, manner, 3);
    world.told[0] = UINT64_C(1) << 60;
    world.told[1] = 12;
    world.told[2] = 7;
    world.cell.talkers[1].self.validator = false;
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0 && world.asked[1] > 0);
    assert_false(sync_active(world.sync));
    assert_true(sync_behind(world.sync)); /* nobody says anything else */
    assert_int_equal(sync_target(world.sync), 0);
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, sync_target(world.sync) == 7);
    assert_true(sync_active(world.sync));
    assert_true(sync_behind(world.sync));
    sync_hold(world.sync, true); /* blocks are not asked for */
    assert_false(sync_active(world.sync));
    assert_true(sync_behind(world.sync));
    sync_hold(world.sync, false);
    world.cell.talkers[1].self.validator = true;
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, sync_target(world.sync) == 12);
    assert_int_equal(world.started, 0);
    world_close(&world);
}

/* A peer that never answers costs five seconds, not the sync. */
static void test_silent_peer(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    assert_false(sync_active(world.sync)); /* it may say what it likes */
    cell_meet(&world.cell, 2);
    RUN_UNTIL_IN(&world.cell.loop, 20, world.finished == 1);
    check_at_tip(&world);
    world_close(&world);
}

/* Nor is it asked again and again because it stands where one begins to ask. */
static void test_silent_peer_is_asked_in_turn(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {HONEST, SILENT, HONEST};
    world_open(&world, manner, 3);
    world.told[0] = world.told[2] = 0;
    world.told[1] = 1;
    cell_meet(&world.cell, 3);
    RUN_UNTIL(&world.cell.loop, world.asked[1] > 0);
    RUN_UNTIL(&world.cell.loop, peers_up_count(world.cell.node.peers, true) == TALKERS);
    for (size_t i = 0; i < TALKERS; i += 2) {
        struct talker *talker = &world.cell.talkers[i];
        world.told[i] = 1;
        RUN_UNTIL(&world.cell.loop, talker->ups == 1);
        tell_height(talker, peers_find_member(talker->peers, agencies[1]));
    }
    RUN_UNTIL_IN(&world.cell.loop, 20, world.committed == 1);
    assert_int_equal(world.asked[1], 1);
    world_close(&world);
}

/* The peer goes while it is being asked. */
static void test_peer_goes_down(void **state)
{
    (void)state;
    struct world world;
    static const enum manner manner[] = {SILENT, HONEST};
    world_open(&world, manner, 2);
    cell_meet(&world.cell, 1);
    RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
    int64_t start = clock_monotonic_ms();
    peers_close(world.cell.talkers[0].peers);
    cell_meet(&world.cell, 2);
    RUN_UNTIL(&world.cell.loop, world.finished == 1);
    assert_in_range(clock_monotonic_ms() - start, 0, 4000);
    check_at_tip(&world);
    world_close(&world);
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

/* One block behind, a validator leaves it to consensus for a moment; an observer does not. */
static void test_patience(void **state)
{
    (void)state;
    for (int patient = 0; patient <= 1; patient++) {
        struct world world;
        static const enum manner manner[] = {HONEST};
        world_open(&world, manner, 1);
        world.told[0] = 1;
        sync_set_patient(world.sync, patient == 1);
        int64_t start = clock_monotonic_ms();
        cell_meet(&world.cell, 1);
        RUN_UNTIL(&world.cell.loop, world.asked[0] > 0);
        int64_t waited = clock_monotonic_ms() - start;
        assert_true((waited >= 400) == (patient == 1));
        RUN_UNTIL(&world.cell.loop, world.committed >= 1);
        world_close(&world);
    }
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_honest_peers),
        cmocka_unit_test(test_liars),
        cmocka_unit_test(test_each_field),
        cmocka_unit_test(test_one_honest_peer_is_enough),
        cmocka_unit_test(test_let_go),
        cmocka_unit_test(test_dribble),
        cmocka_unit_test(test_height_goes_down),
        cmocka_unit_test(test_silent_peer),
        cmocka_unit_test(test_silent_peer_is_asked_in_turn),
        cmocka_unit_test(test_told_height_is_only_told),
        cmocka_unit_test(test_diverged),
        cmocka_unit_test(test_not_diverged),
        cmocka_unit_test(test_answer_of_another),
        cmocka_unit_test(test_wrong_block_is_asked_for_once),
        cmocka_unit_test(test_peer_goes_down),
        cmocka_unit_test(test_patience),
        cmocka_unit_test(test_a_tip_in_the_roll_call_is_refuted),
        cmocka_unit_test(test_boaster),
        cmocka_unit_test(test_who_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
