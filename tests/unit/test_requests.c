/* What peers ask for and what it may cost, in numbers: a peer that asks without end gets its share
 * of the loop, one that asks little is answered at once, and looking up what nobody has is cheap.
 */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "base/thread_clock.h"
#include "node/bodies.h"
#include "node/requests.h"
#include "node/sync_serve.h"

#include <time.h>

#define ANSWER_US 5000
#define BURST_US (REQUESTS_PEER_US / 4)

struct world {
    struct cell cell;
    struct bodies *bodies;
    struct requests *requests;
    bool real;         /* answers of the real parts; else so much of the processor */
    int64_t answer_us; /* ANSWER_US */
    int64_t used_us;   /* of the processor, by all answers together */
    int64_t stall_us;  /* the next answer stands still for so long */
    int64_t work_us;   /* and keeps the processor busy for so much longer */
    unsigned answered[TALKERS], got[TALKERS];
    unsigned downs[TALKERS]; /* of each link before the test */
    struct block *block;
    uint64_t repeated;                /* the block that is asked for again and again; 0: none */
    bool repeat_waits;                /* asked for, and not answered since */
    unsigned repeats_new, repeats_in; /* asks for it while it did not wait, and all of them */
    int64_t first_us, last_us;        /* when the first answer began, and the newest */
    int64_t repeat_last_us;           /* when it was asked for last */
};

/* ---- the talkers ---- */

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    size_t index = (size_t)(talker - world->cell.talkers);
    (void)peer;
    if (frame->kind != FRAME_STATUS) {
        world->got[index]++;
    }
    return 0;
}

static void send_frames(struct world *world, size_t talker, const struct buf *frames)
{
    struct peer *node = peers_at(world->cell.talkers[talker].peers, 0);
    assert_true(peer_send(node, view_of_buf(frames), LINK_REQUIRED));
}

/* For so many blocks that nobody knows, from `number` on. */
static void ask_bodies(struct world *world, size_t talker, uint64_t number, unsigned count)
{
    AUTO(buf_free) struct buf frames = {0};
    for (unsigned i = 0; i < count; i++) {
        struct wire_want want = {.height = 1};
        uint64_t name = number + i;
        memcpy(want.block.bytes, &name, sizeof name);
        wire_append_want_body(&frames, &want);
    }
    send_frames(world, talker, &frames);
}

/* ---- the node ---- */

static void on_complete(void *context, struct block *block)
{
    (void)context;
    (void)block;
}

static bool on_voted(void *context, const char *member, const struct hash *block)
{
    (void)context;
    (void)member;
    (void)block;
    return false;
}

static bool on_needed(void *context, const struct hash *block)
{
    (void)context;
    (void)block;
    return true;
}

/* So much of the processor, however many others want it too. */
static void work(int64_t us)
{
    int64_t until = clock_thread_us() + us;
    while (clock_thread_us() < until) {
    }
}

static bool is_repeated(const struct world *world, const struct frame *frame)
{
    struct wire_want want;
    return world->repeated != 0 && frame->kind == FRAME_WANT_BODY &&
           wire_read_want_body(&want, frame->body) == 0 &&
           memcmp(want.block.bytes, &world->repeated, sizeof world->repeated) == 0;
}

static size_t on_request(void *context, struct peer *peer, const struct frame *frame)
{
    struct world *world = context;
    world->repeat_waits = world->repeat_waits && !is_repeated(world, frame);
    for (size_t i = 0; i < TALKERS; i++) {
        world->answered[i] += peer == cell_peer(&world->cell, i);
    }
    if (world->real) {
        return frame->kind == FRAME_WANT_BLOCKS ? sync_serve(&world->cell.parts, peer, frame->body)
                                                : bodies_answer(world->bodies, peer, frame);
    }
    int64_t used_us = clock_thread_us();
    world->last_us = clock_monotonic_us();
    world->first_us = world->first_us != 0 ? world->first_us : world->last_us;
    work(world->answer_us + world->work_us);
    world->used_us += clock_thread_us() - used_us;
    uv_sleep((unsigned)(world->stall_us / 1000));
    world->stall_us = 0;
    world->work_us = 0;
    AUTO(buf_free) struct buf none = {0};
    wire_append_none(&none, &(struct hash){{0}});
    assert_true(peer_send(peer, view_of_buf(&none), LINK_REQUIRED));
    return none.len;
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    if (is_repeated(world, frame)) {
        world->repeats_in++;
        world->repeat_last_us = clock_monotonic_us();
        world->repeats_new += !world->repeat_waits;
        world->repeat_waits = true;
    }
    return requests_frame(world->requests, peer, frame);
}

static void on_down(struct cell *cell, struct peer *peer)
{
    struct world *world = cell->part;
    requests_peer_down(world->requests, peer);
}

static void world_open(struct world *world)
{
    const struct bodies_handler bodies = {world, on_complete, on_voted, on_needed};
    const struct requests_handler requests = {world, on_request};
    *world = (struct world){.answer_us = ANSWER_US};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->cell.when_down = on_down;
    requests_open(&world->requests, &world->cell.parts, &requests);
    assert_int_equal(bodies_open(&world->bodies, &world->cell.parts, &bodies), 0);
    bodies_start_height(world->bodies, 1);
    cell_meet_all(&world->cell, world, on_talker_told);
    for (size_t i = 0; i < TALKERS; i++) {
        world->downs[i] = world->cell.talkers[i].downs;
    }
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    requests_free(&world->requests);
    bodies_free(&world->bodies);
}

static void world_close(struct world *world)
{
    bodies_close(world->bodies);
    requests_close(world->requests);
    cell_close(&world->cell, on_freed);
    block_free(&world->block);
}

static uint64_t counted(const _Atomic uint64_t *counter)
{
    return count_read(counter);
}

/* The processor's time is bounded by the share of so long, what may be used at once, and the answer
 * that used up the budget: what an answer has waited for the processor is charged as well, so that
 * a machine that is shared makes it less, and never more. */
static int64_t may_cost_us(int64_t elapsed_us, int64_t per_second_us)
{
    return elapsed_us * per_second_us / 1000000 + per_second_us / 4 + 2 * ANSWER_US;
}

/* Its share it does get; unless the machine is so slow that the link ended, and with it what
 * waited. */
static void expect_answered(struct world *world, size_t talker, unsigned count)
{
    const struct talker *asks = &world->cell.talkers[talker];
    RUN_UNTIL(&world->cell.loop,
              world->answered[talker] >= count || asks->downs > world->downs[talker]);
}

/* ---- the tests ---- */

static void test_a_greedy_peer_gets_its_share(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct node_counters *counters = &world.cell.counters;
    unsigned *answered = &world.answered[0];
    int64_t begun_us = clock_monotonic_us();
    ask_bodies(&world, 0, 1, 300); /* 1.5 s of work */
    RUN_UNTIL(&world.cell.loop,
              counted(&counters->requests_dropped) + counted(&counters->requests_delayed) > 250);
    int64_t elapsed_us = clock_monotonic_us() - begun_us;
    assert_true(*answered <= may_cost_us(elapsed_us, REQUESTS_PEER_US) / ANSWER_US);
    assert_in_range(counted(&counters->requests_delayed), 1, REQUESTS_WAITING_MAX + *answered);
    /* One that asks little does not wait for what waits, but for what is under way. */
    unsigned before = *answered;
    ask_bodies(&world, 1, 1000, 1);
    RUN_UNTIL(&world.cell.loop, world.got[1] == 1);
    assert_true(*answered - before <= 2 * BURST_US / ANSWER_US);
    run_for(&world.cell.loop, 1000);
    elapsed_us = clock_monotonic_us() - begun_us;
    assert_true(world.used_us <= may_cost_us(elapsed_us, REQUESTS_PEER_US) + ANSWER_US);
    assert_true((int64_t)counted(&counters->serve_us) >= world.used_us); /* all of it is told */
    expect_answered(&world, 0, 5);
    /* What does not fit is dropped. */
    RUN_UNTIL(&world.cell.loop,
              counted(&counters->requests_dropped) + REQUESTS_WAITING_MAX + *answered >= 300);
    assert_int_equal(cell_peer(&world.cell, 0)->blame, 0); /* much, but not absurd */
    world_close(&world);
}

/* All together have a bound, too, and others than validators a smaller one. */
static void test_many_greedy_peers_share(void **state)
{
    (void)state;
    for (int observers = 0; observers < 2; observers++) {
        struct world world;
        world_open(&world);
        int64_t begun_us = clock_monotonic_us();
        for (size_t i = 0; i < TALKERS; i++) {
            cell_peer(&world.cell, i)->validator = observers == 0;
            ask_bodies(&world, i, 1000 * i, 300);
        }
        run_for(&world.cell.loop, 1500);
        int64_t elapsed_us = clock_monotonic_us() - begun_us;
        int64_t share_us = observers == 0 ? REQUESTS_VALIDATORS_US : REQUESTS_OTHERS_US;
        assert_true(world.used_us <= may_cost_us(elapsed_us, share_us));
        for (size_t i = 0; i < TALKERS; i++) {
            expect_answered(&world, i, 3);
        }
        world_close(&world);
    }
}

/* Whatever the machine does meanwhile: how many of the repeats come while their block waits is its
 * business; each of those that do adds nothing, each that does not is answered once. */
static void test_what_waits_is_not_doubled(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.repeated = 20;
    world.work_us = REQUESTS_PEER_US; /* the first spends the budget, the others cost nothing */
    world.answer_us = 0;
    ask_bodies(&world, 0, 1, 20);
    for (int i = 0; i < 100; i++) {
        ask_bodies(&world, 0, world.repeated, 1);
    }
    RUN_UNTIL(&world.cell.loop, world.repeats_in == 101 && !world.repeat_waits);
    unsigned due = 19 + world.repeats_new;
    RUN_UNTIL(&world.cell.loop, world.got[0] >= due);
    run_for(&world.cell.loop, 200);
    assert_int_equal(world.got[0], due);
    /* The budget is spent for ten times the work of the first, less what may be used at once: where
     * all came by then, all but one found it waiting. */
    bool in_time = world.repeat_last_us - world.first_us < 10 * REQUESTS_PEER_US - 1000 * 250;
    assert_true(world.repeats_new <= 1 || !in_time);
    world_close(&world);
}

/* A machine that stands still in the middle of an answer does not make its asker wait ten times as
 * long. */
static void test_a_stall_is_not_charged(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.stall_us = 2000000;
    ask_bodies(&world, 0, 1, 2);
    RUN_UNTIL(&world.cell.loop, world.got[0] == 1);
    RUN_UNTIL_IN(&world.cell.loop, 15, world.got[0] == 2); /* ten times would be 18 s from here */
    world_close(&world);
}

/* Work is charged in full, however long it takes: four tenths of a second at 15 hundredths of the
 * loop are more than two and a half, of which a quarter of one may be spent ahead; so long all
 * others wait. (A machine that needs that long for the work itself shows nothing, or ends links.)
 */
static void test_long_work_is_charged(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.answer_us = 0;
    world.work_us = 400000;
    for (size_t i = 0; i < 2; i++) {
        cell_peer(&world.cell, i)->validator = false;
        ask_bodies(&world, i, 1, 1);
    }
    for (size_t i = 0; i < 2; i++) {
        expect_answered(&world, i, 1);
    }
    if (world.answered[0] + world.answered[1] == 2) {
        assert_true(world.last_us - world.first_us >= 2350000);
    }
    world_close(&world);
}

static void test_an_attack_is_blamed(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    unsigned ups = world.cell.talkers[0].downs;
    for (int i = 0; i < 5; i++) {
        ask_bodies(&world, 0, 1, 4 * REQUESTS_PER_SECOND_MAX);
    }
    RUN_UNTIL(&world.cell.loop, world.cell.talkers[0].downs > ups);
    assert_true(cell_peer(&world.cell, 0)->banned_until_ms > 0);
    assert_true(cell_peer(&world.cell, 1)->up);
    world_close(&world);
}

static void test_malformed_requests(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    static const enum frame_kind kinds[] = {FRAME_WANT_BODY, FRAME_WANT_TXS, FRAME_WANT_BLOCKS};
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        for (size_t len = 0; len < 12; len++) {
            const struct frame frame = {.kind = kinds[i],
                                        .body = view_of("\0\0\0\0\0\0\0\1\0\0\0\1", len)};
            assert_int_equal(requests_frame(world.requests, cell_peer(&world.cell, 0), &frame),
                             ERR_ENCODING);
        }
    }
    const struct frame other = {.kind = FRAME_BODY, .body = view_of("", 0)};
    assert_int_equal(requests_frame(world.requests, cell_peer(&world.cell, 0), &other),
                     ERR_ENCODING);
    assert_int_equal(counted(&world.cell.counters.requests_served), 0);
    world_close(&world);
}

/* ---- with the real parts ---- */

#define BLOCK_TXS 1000
#define JUNK_FRAMES 100

static void make_block(struct world *world)
{
    struct tx **txs = memory_alloc(BLOCK_TXS * sizeof(struct tx *));
    for (size_t i = 0; i < BLOCK_TXS; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%zu", i);
        txs[i] = ledger_tx(&world->cell.ledger, 1 + i % 4, KEY_COMPILE, "test.put",
                           test_body(key, (int64_t)i));
    }
    world->block = ledger_prepare(&world->cell.ledger, txs, BLOCK_TXS, NULL);
    assert_int_equal(world->block->tx_count, BLOCK_TXS);
    for (size_t i = 0; i < BLOCK_TXS; i++) {
        tx_free(&txs[i]);
    }
    memory_free(txs);
}

static void want_txs(struct buf *out, const struct hash *block, struct hash *txids, size_t count)
{
    const struct wire_want want = {.height = 1, .block = *block};
    wire_append_want_txs(out, &want, txids, count);
}

static struct frame frame_in(struct buf *bytes)
{
    struct view rest = view_of_buf(bytes);
    struct frame frame;
    size_t wanted;
    assert_int_equal(wire_next(&frame, &rest, &wanted), 0);
    return frame;
}

static double cpu_s(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

/* 4096 txids that exist nowhere, against a block of a thousand: what used to be four million
 * comparisons a frame is four thousand look-ups. */
static void test_looking_up_is_linear(void **state)
{
    (void)state;
    struct world world;
    AUTO(buf_free) struct buf junk = {0};
    struct hash *txids = memory_alloc(BLOCK_TXS_MAX * sizeof *txids);
    world_open(&world);
    make_block(&world);
    bodies_keep(world.bodies, world.block);
    for (uint32_t i = 0; i < BLOCK_TXS_MAX; i++) {
        txids[i] = hash_sha256(view_of(&i, sizeof i));
    }
    want_txs(&junk, &world.block->hash, txids, BLOCK_TXS_MAX);
    const struct frame frame = frame_in(&junk);
    double begun_s = cpu_s();
    for (int i = 0; i < JUNK_FRAMES; i++) {
        assert_true(bodies_answer(world.bodies, cell_peer(&world.cell, 0), &frame) > 0);
    }
    assert_true(cpu_s() - begun_s < 2.0); /* some hundredths */
    memory_free(txids);
    world_close(&world);
}

/* What was executed here is given, whole or in part; what is unknown is not. */
static void test_real_answers(void **state)
{
    (void)state;
    struct world world;
    AUTO(buf_free) struct buf frames = {0};
    struct hash txids[3];
    world_open(&world);
    world.real = true;
    make_block(&world);
    txids[0] = world.block->txs[BLOCK_TXS - 1]->id;
    txids[1] = (struct hash){{1}};
    txids[2] = world.block->txs[0]->id;
    ask_bodies(&world, 0, 7, 1);
    RUN_UNTIL(&world.cell.loop, world.got[0] == 1); /* NONE */
    bodies_keep(world.bodies, world.block);
    want_txs(&frames, &world.block->hash, txids, 3);
    struct frame frame = frame_in(&frames);
    size_t both = world.block->txs[BLOCK_TXS - 1]->raw.len + world.block->txs[0]->raw.len;
    assert_int_equal(bodies_answer(world.bodies, cell_peer(&world.cell, 0), &frame),
                     WIRE_FRAME_HEAD_BYTES + HASH_BYTES + 2 + 2 * 4 + both);
    buf_clear(&frames);
    wire_append_want_body(&frames, &(struct wire_want){.height = 1, .block = world.block->hash});
    send_frames(&world, 1, &frames);
    RUN_UNTIL(&world.cell.loop, world.got[1] == 1);
    assert_true(world.cell.talkers[1].bytes > BLOCK_TXS * HASH_BYTES);
    buf_clear(&frames);
    wire_append_want_blocks(&frames, &(struct wire_range){.from = 1, .count = 5});
    send_frames(&world, 2, &frames);
    RUN_UNTIL(&world.cell.loop, world.got[2] == 1); /* BLOCKS_END: there are none */
    world_close(&world);
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_greedy_peer_gets_its_share),
        cmocka_unit_test(test_many_greedy_peers_share),
        cmocka_unit_test(test_what_waits_is_not_doubled),
        cmocka_unit_test(test_a_stall_is_not_charged),
        cmocka_unit_test(test_long_work_is_charged),
        cmocka_unit_test(test_an_attack_is_blamed),
        cmocka_unit_test(test_malformed_requests),
        cmocka_unit_test(test_looking_up_is_linear),
        cmocka_unit_test(test_real_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
