/* Nothing enters the mempool without the same admission, whatever way it comes: submitted, told by
 * a peer, or fetched for a proposal. What a proposal brings and admission refuses is part of that
 * body, and of nothing else. */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"

#include "node/admission.h"
#include "node/bodies.h"
#include "node/intake.h"

#define HOUR_MS INT64_C(3600000)

/* What is wrong with a transaction. */
enum flaw { NONE, AT_THE_EDGE, TOO_EARLY, A_YEAR_EARLY, EXPIRED, REPLAYED, WRONG_ROLE, FLAWS };
static const struct {
    int64_t expires_ms; /* after the tip, counted from the genesis; 0: as usual */
    unsigned key;
    int error;
} flaws[FLAWS] = {
    [NONE] = {.key = KEY_COMPILE},
    /* A clock that is ahead by no more than clocks may be. */
    [AT_THE_EDGE] = {.key = KEY_COMPILE, .expires_ms = HOUR_MS + 1400},
    [TOO_EARLY] = {.key = KEY_COMPILE, .expires_ms = 21 * HOUR_MS, .error = ERR_TX_LIFETIME},
    [A_YEAR_EARLY] = {.key = KEY_COMPILE, .expires_ms = 8760 * HOUR_MS, .error = ERR_TX_LIFETIME},
    [EXPIRED] = {.key = KEY_COMPILE, .expires_ms = 1000, .error = ERR_TX_EXPIRED},
    [REPLAYED] = {.key = KEY_COMPILE, .error = ERR_TX_REPLAY},
    [WRONG_ROLE] = {.key = KEY_CHIEF, .error = ERR_TX_ROLE},
};

struct world {
    struct cell cell;
    struct bodies *bodies;
    struct intake *intake;
    struct tx *txs[FLAWS];
    struct block block; /* proposed to us: all of them */
    unsigned completed, verified, added;
};

static void on_complete(void *context, struct block *block)
{
    struct world *world = context;
    assert_int_equal(block->tx_count, FLAWS);
    world->completed++;
}

static void on_verified(void *context, struct tx *tx)
{
    struct world *world = context;
    (void)tx;
    world->verified++;
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

static void on_added(void *context)
{
    struct world *world = context;
    world->added++;
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    return frame->kind == FRAME_TXS ? intake_gossip(world->intake, peer, frame->body)
                                    : bodies_frame(world->bodies, peer, frame);
}

static void append_txs(const struct world *world, struct buf *out, enum frame_kind kind)
{
    struct wire_txs txs;
    wire_txs_begin(&txs, out, kind, kind == FRAME_GIVE_TXS ? &world->block.hash : NULL);
    for (size_t i = 0; i < FLAWS; i++) {
        wire_txs_add(&txs, out, view_of_buf(&world->txs[i]->raw));
    }
    wire_txs_end(&txs, out);
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    const struct world *world = talker->data;
    AUTO(buf_free) struct buf frames = {0};
    if (frame->kind == FRAME_WANT_TXS) {
        append_txs(world, &frames, FRAME_GIVE_TXS);
        assert_true(peer_send(peer, view_of_buf(&frames), LINK_REQUIRED));
    }
    return 0;
}

static void make_txs(struct world *world)
{
    struct ledger *ledger = &world->cell.ledger;
    for (size_t i = 0; i < FLAWS; i++) {
        char key[16];
        int64_t expires_ms = flaws[i].expires_ms > 0 ? flaws[i].expires_ms : HOUR_MS / 2;
        snprintf(key, sizeof key, "k%d", (int)i);
        world->txs[i] = ledger_tx_expiring(ledger, 1 + i % 4, flaws[i].key, "test.put",
                                           test_body(key, (int64_t)i), LEDGER_TIME_MS + expires_ms);
    }
    struct tx *committed = tx_ref(world->txs[REPLAYED]);
    ledger_append(ledger, &committed, 1); /* the tip is at one second */
}

static void world_open(struct world *world)
{
    const struct bodies_handler bodies = {world, on_complete, on_voted, on_needed};
    const struct intake_handler intake = {world, on_verified, on_added};
    *world = (struct world){0};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    make_txs(world);
    assert_int_equal(bodies_open(&world->bodies, &world->cell.parts, &bodies), 0);
    world->intake = intake_open(&world->cell.parts, &intake);
    bodies_start_height(world->bodies, 2);
    world->block = (struct block){.txs = world->txs, .tx_count = FLAWS, .header = {.height = 2}};
    memcpy(world->block.header.proposer, agencies[1], MEMBER_ID_CHARS + 1);
    header_hash(&world->block.hash, &world->block.header);
    cell_meet_all(&world->cell, world, on_talker_told);
}

static void on_freed(struct cell *cell)
{
    struct world *world = cell->part;
    bodies_free(&world->bodies);
    intake_free(&world->intake);
}

static void world_close(struct world *world)
{
    assert_int_equal(world->cell.fatal, 0);
    bodies_close(world->bodies);
    cell_close(&world->cell, on_freed);
    for (size_t i = 0; i < FLAWS; i++) {
        tx_free(&world->txs[i]);
    }
}

static void check_mempool(const struct world *world)
{
    size_t admitted = 0;
    for (size_t i = 0; i < FLAWS; i++) {
        bool held = mempool_find(world->cell.parts.mempool, &world->txs[i]->id) != NULL;
        if (held != (flaws[i].error == 0)) {
            fail_msg("flaw %zu is %s the mempool", i, held ? "in" : "not in");
        }
        admitted += held;
    }
    assert_int_equal(mempool_stats(world->cell.parts.mempool).txs, admitted);
}

/* ---- the tests ---- */

static void test_each_flaw(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (size_t i = 0; i < FLAWS; i++) {
        struct faults faults = {0};
        assert_int_equal(admission_check(&world.cell.parts, &faults, world.txs[i], false),
                         flaws[i].error);
        assert_int_equal(faults_first(&faults), flaws[i].error);
        for (enum admission_way way = ADMISSION_SUBMITTED; way <= ADMISSION_FROM_PEER; way++) {
            int again = way == ADMISSION_SUBMITTED ? 0 : ERR_DUPLICATE;
            assert_int_equal(admission_add(&world.cell.parts, NULL, world.txs[i], way),
                             flaws[i].error != 0 ? flaws[i].error : again);
        }
    }
    check_mempool(&world);
    world_close(&world);
}

static void test_fetched(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    AUTO(buf_free) struct buf bytes = {0};
    struct compact compact;
    compact_append(&bytes, &world.block);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(compact_read(&compact, &reader), 0);
    bodies_want(world.bodies, &world.block.hash, &world.block.header);
    bodies_offer(world.bodies, cell_peer(&world.cell, 0), &world.block.header, &compact);
    RUN_UNTIL(&world.cell.loop, world.completed == 1); /* the block is judged by execution */
    check_mempool(&world);
    world_close(&world);
}

static void test_gossip(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    AUTO(buf_free) struct buf frame = {0};
    append_txs(&world, &frame, FRAME_TXS);
    struct peer *node = peers_find_member(world.cell.talkers[0].peers, agencies[1]);
    assert_true(peer_send(node, view_of_buf(&frame), LINK_REQUIRED));
    RUN_UNTIL(&world.cell.loop, world.verified == FLAWS);
    assert_int_equal(world.added, 2);
    check_mempool(&world);
    world_close(&world);
}

static void on_answer(void *argument, int error, const struct faults *faults, uint64_t height)
{
    int *answer = argument;
    (void)faults;
    assert_int_equal(height, 0);
    assert_int_equal(*answer, -1);
    *answer = error;
}

static void test_submission(void **state)
{
    (void)state;
    struct world world;
    int answers[FLAWS];
    world_open(&world);
    for (size_t i = 0; i < FLAWS; i++) {
        answers[i] = -1;
        intake_submit(world.intake, tx_ref(world.txs[i]), false, on_answer, &answers[i]);
    }
    RUN_UNTIL(&world.cell.loop, world.verified == FLAWS);
    for (size_t i = 0; i < FLAWS; i++) {
        assert_int_equal(answers[i], flaws[i].error);
    }
    check_mempool(&world);
    world_close(&world);
}

/* ---- floods ---- */

#define FLOOD_TEXT_BYTES 90000
#define FLOOD_MAX 600

/* Keeps the only worker busy, so that the verifier's queue grows. */
static void hold_worker(uv_work_t *work)
{
    uv_sem_wait(work->data);
}

static void worker_released(uv_work_t *work, int status)
{
    (void)work;
    (void)status;
}

static struct tx *large_tx(struct world *world, unsigned number)
{
    static char text[FLOOD_TEXT_BYTES + 1];
    struct doc *body = test_body("flood", (int64_t)number);
    memset(text, 'x', FLOOD_TEXT_BYTES);
    doc_set_text(body, "text", text);
    return ledger_tx(&world->cell.ledger, 2, KEY_COMPILE, "test.put", body);
}

static void gossip(struct world *world, size_t talker, struct view raw)
{
    AUTO(buf_free) struct buf frame = {0};
    struct wire_txs txs;
    wire_txs_begin(&txs, &frame, FRAME_TXS, NULL);
    wire_txs_add(&txs, &frame, raw);
    wire_txs_end(&txs, &frame);
    struct view body =
        view_of(frame.data + WIRE_FRAME_HEAD_BYTES, frame.len - WIRE_FRAME_HEAD_BYTES);
    assert_int_equal(intake_gossip(world->intake, cell_peer(&world->cell, talker), body), 0);
}

/* Gossip of that peer until none is taken any more; the transactions that were. */
static size_t flood(struct world *world, size_t talker, unsigned *number)
{
    const struct verifier *verifier = world->cell.parts.verifier;
    for (size_t taken = 0;; taken++) {
        AUTO(tx_free) struct tx *tx = large_tx(world, (*number)++);
        size_t before = verifier_stats(verifier).queued;
        assert_true(*number < FLOOD_MAX);
        gossip(world, talker, view_of_buf(&tx->raw));
        if (verifier_stats(verifier).queued == before) {
            return taken;
        }
    }
}

static void test_floods(void **state)
{
    (void)state;
    struct world world;
    unsigned number = 0;
    int answer = -1;
    uv_sem_t release;
    uv_work_t work = {.data = &release};
    world_open(&world);
    assert_int_equal(uv_sem_init(&release, 0), 0);
    assert_int_equal(uv_queue_work(&world.cell.loop, &work, hold_worker, worker_released), 0);
    size_t first = flood(&world, 0, &number);
    assert_in_range(first * (size_t)FLOOD_TEXT_BYTES, 1, GOSSIP_PEER_BYTES_MAX);
    assert_int_equal(flood(&world, 0, &number), 0); /* enough of this one */
    size_t second = flood(&world, 1, &number);
    assert_in_range(second, first / 3, first); /* others still find room */
    assert_int_equal(flood(&world, 2, &number), 0);
    intake_submit(world.intake, tx_ref(world.txs[NONE]), false, on_answer, &answer);
    assert_int_equal(answer, -1); /* taken, and about to be verified */
    uv_sem_post(&release);
    RUN_UNTIL_IN(&world.cell.loop, 60, world.verified == first + second + 1);
    assert_int_equal(answer, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->gossip_txs, 0);
    assert_int_equal(cell_peer(&world.cell, 0)->gossip_bytes, 0);
    assert_int_equal(cell_peer(&world.cell, 1)->gossip_bytes, 0);
    uv_sem_destroy(&release);
    world_close(&world);
}

/* A txid does not cover the signature: whoever is quick sends the same transaction with a bad one
 * first. It must not keep the good one out, neither while it waits nor after it was refused. */
static void test_a_bad_signature_first(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        struct world world;
        uv_sem_t release;
        uv_work_t work = {.data = &release};
        world_open(&world);
        const struct tx *good = world.txs[NONE];
        AUTO(buf_free) struct buf bad = {0};
        buf_append_view(&bad, view_of_buf(&good->raw));
        uint8_t *byte = &bad.data[bad.len - 40]; /* of the signature */
        *byte = *byte == 'A' ? 'B' : 'A';
        assert_int_equal(uv_sem_init(&release, 0), 0);
        assert_int_equal(uv_queue_work(&world.cell.loop, &work, hold_worker, worker_released), 0);
        gossip(&world, 0, view_of_buf(&bad));
        assert_true(verifier_pending(world.cell.parts.verifier, &good->id, false));
        if (refused) {
            uv_sem_post(&release);
            RUN_UNTIL(&world.cell.loop, cell_peer(&world.cell, 0)->blame > 0);
            assert_int_equal(world.verified, 0);
        }
        gossip(&world, 1, view_of_buf(&good->raw));
        if (!refused) {
            uv_sem_post(&release);
        }
        RUN_UNTIL(&world.cell.loop, world.verified == 1 && cell_peer(&world.cell, 0)->blame > 0);
        const struct tx *held = mempool_find(world.cell.parts.mempool, &good->id);
        assert_non_null(held);
        assert_true(view_equal(view_of_buf(&held->raw), view_of_buf(&good->raw)));
        assert_int_equal(cell_peer(&world.cell, 1)->blame, 0);
        uv_sem_destroy(&release);
        world_close(&world);
    }
}

int main(void)
{
    (void)verifier_pool_size(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_flaw), cmocka_unit_test(test_fetched),
        cmocka_unit_test(test_gossip),    cmocka_unit_test(test_submission),
        cmocka_unit_test(test_floods),    cmocka_unit_test(test_a_bad_signature_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
