/* Snapshots: a ledger restored from parts goes on exactly like the one they came from; what is half
 * restored is no ledger. */
#include "ledger.h"
#include "ledger_types.h"
#include "snapshots.h"

#include "chain/log_store.h"
#include "chain/receipt.h"

/* ---- what is restored ---- */

static void a_restored_ledger_goes_on_like_the_others(void **state)
{
    (void)state;
    for (uint64_t height = 1; height <= SOURCE_BLOCKS; height += height < 12 ? 1 : 5) {
        AUTO(ledger_close) struct ledger ledger = restored(&source, height);
        assert_int_equal(app_height(ledger.app), height);
        while (app_height(ledger.app) < SOURCE_BLOCKS) {
            assert_int_equal(follow(&ledger, &source), 0);
            if (app_height(ledger.app) % 16 == 0)
                ledger_reopen(&ledger);
        }
        assert_true(hash_equal(app_tip_hash(ledger.app), app_tip_hash(source.app)));
        struct hash root;
        uint64_t leaves, expected;
        assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, SOURCE_BLOCKS), 0);
        assert_true(hash_equal(&root, &app_tip(source.app)->state_root));
        assert_int_equal(state_root_read(&root, &expected, source.kv, NULL, SOURCE_BLOCKS), 0);
        assert_int_equal(leaves, expected);
        assert_int_equal(log_store_check(ledger.kv, NULL), 0);
    }
}

/* The very state, also before any further block: each key by its index. */
static void the_whole_state_is_there(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = restored(&source, 37);
    struct hash root;
    uint64_t leaves;
    struct store_view view;
    assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, 37), 0);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_true(hash_equal(&root, &view.tip.state_root));
    struct state_cursor *cursor = state_cursor_open(ledger.kv, view.snapshot, "", NULL);
    const char *key;
    struct view value;
    uint64_t count = 0;
    while (state_cursor_next(cursor, &key, &value)) {
        AUTO(buf_free) struct buf there = {0};
        struct state_proof proof;
        bool present;
        assert_int_equal(store_prove_state(&proof, &present, &there, &view, 37, key), 0);
        assert_true(present);
        assert_int_equal(state_proof_verify(&proof, key, value, &view.tip.state_root), 0);
        count++;
    }
    assert_int_equal(state_cursor_error(cursor), 0);
    assert_int_equal(count, leaves);
    state_cursor_free(&cursor);
    store_view_close(&view);
}

static void a_state_larger_than_a_part_is_divided(void **state)
{
    (void)state;
    AUTO(attempt_close) struct attempt attempt;
    attempt_open(&attempt, &source, SOURCE_BLOCKS);
    attempt_finish(&attempt);
    struct restore_progress progress = restore_progress(attempt.restore);
    assert_true(attempt.parts > 12);
    assert_int_equal(progress.parts, attempt.parts);
    assert_in_range(progress.divided, 1, 5);
    assert_int_equal(progress.permille, 1000);
    assert_int_equal(progress.at, SNAPSHOT_STATE);
    assert_int_equal(progress.window_headers, 1 + 8); /* and the one before */
    assert_true(progress.state_leaves > 100);
}

/* What was in a block within tx_lifetime of the snapshot comes in no other, before and after the
 * next start. */
static void the_replay_window_comes_with_it(void **state)
{
    (void)state;
    enum { HEIGHT = 55 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    size_t seen = 0;
    for (unsigned again = 0; again < 2; again++) {
        for (uint64_t height = HEIGHT - 7; height <= HEIGHT; height++) {
            AUTO(buf_free) struct buf bytes = {0};
            AUTO(block_free) struct block *block = NULL;
            struct store_view view;
            assert_int_equal(store_view_open(&view, source.kv), 0);
            assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
            store_view_close(&view);
            assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &ledger.genesis_hash),
                             0);
            for (size_t i = 0; i < block->tx_count; i++, seen++) {
                struct faults faults = {0};
                int error = app_check(ledger.app, &faults, block->txs[i], false);
                assert_int_equal(error, block->txs[i]->expires_ms <= app_tip_time_ms(ledger.app)
                                            ? ERR_TX_EXPIRED
                                            : ERR_TX_REPLAY);
                seen += error == ERR_TX_REPLAY ? 100 : 0;
            }
        }
        ledger_reopen(&ledger);
    }
    assert_true(seen >= 2 * 1000); /* some were still alive */
}

static void receipts_and_proofs_of_what_came_since(void **state)
{
    (void)state;
    enum { HEIGHT = 40 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    follow_all(&ledger, &source);
    struct store_view view;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(view.first_block, HEIGHT + 1);
    assert_int_equal(view.first_header, HEIGHT - 8);
    unsigned receipts = 0;
    for (uint64_t height = HEIGHT + 1; height <= SOURCE_BLOCKS; height++) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &view.genesis), 0);
        for (size_t i = 0; i < block->tx_count; i++, receipts++) {
            AUTO(doc_free) struct doc *receipt = NULL;
            struct receipt_facts facts = {0};
            struct faults faults = {0};
            assert_int_equal(receipt_make(&receipt, &view, &block->txs[i]->id), 0);
            assert_int_equal(
                receipt_verify(&facts, &faults, receipt, source.genesis, &source.genesis_hash), 0);
            receipt_facts_free(&facts);
        }
    }
    assert_true(receipts > 20);
    struct log_proof proof;
    struct header old;
    assert_int_equal(store_read_header(&old, &view, HEIGHT - 8), 0);
    assert_int_equal(
        store_prove_consistency(&proof, &view, view.tip.log_size - 1, view.tip.log_size), 0);
    assert_int_equal(store_prove_inclusion(&proof, &view, old.log_size, view.tip.log_size), 0);
    store_view_close(&view);
}

/* What was before is said to be elsewhere, not to be unknown or damaged. */
static void what_is_not_there_says_so(void **state)
{
    (void)state;
    enum { HEIGHT = 40 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    struct store_view view;
    struct header header;
    struct certificate certificate;
    struct log_proof log;
    struct state_proof proof;
    bool present;
    uint64_t height;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(doc_free) struct doc *acts = NULL;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &view, HEIGHT), ERR_PRUNED);
    assert_int_equal(store_read_acts(&acts, &view, HEIGHT), ERR_PRUNED);
    assert_int_equal(store_read_header(&header, &view, HEIGHT - 9), ERR_PRUNED);
    assert_int_equal(store_read_header(&header, &view, HEIGHT - 8), 0);
    assert_int_equal(store_read_header(&header, &view, 15), 0); /* names another set */
    assert_int_equal(store_read_certificate(&certificate, &view, HEIGHT - 1), ERR_PRUNED);
    assert_int_equal(store_read_certificate(&certificate, &view, HEIGHT), 0);
    assert_int_equal(store_read_header(&header, &view, HEIGHT + 1), ERR_NOT_FOUND);
    assert_int_equal(store_prove_state(&proof, &present, &bytes, &view, HEIGHT - 1, "params"),
                     ERR_PRUNED);
    assert_int_equal(store_prove_state(&proof, &present, &bytes, &view, HEIGHT, "params"), 0);
    assert_int_equal(store_prove_inclusion(&log, &view, 3, view.tip.log_size), ERR_PRUNED);
    assert_int_equal(store_prove_inclusion(&log, &view, view.tip.log_size - 1, view.tip.log_size),
                     0);
    assert_int_equal(store_height_of_log_index(&height, &view, view.tip.log_size - 1), 0);
    store_view_close(&view);
}

/* Also from one that was restored itself. */
static void restored_ledgers_give_snapshots(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger first = restored(&source, 20);
    while (app_height(first.app) < 50)
        assert_int_equal(follow(&first, &source), 0);
    for (uint64_t height = 20; height <= 50; height += 10) {
        AUTO(ledger_close) struct ledger second = restored(&first, height);
        follow_all(&second, &source);
    }
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part before = {.height = 19, .kind = SNAPSHOT_HEAD, .at = 1};
    struct store_view view;
    assert_int_equal(store_view_open(&view, first.kv), 0);
    assert_int_equal(snapshot_part_make(&payload, &view, &before), ERR_PRUNED);
    before.height = 51;
    assert_int_equal(snapshot_part_make(&payload, &view, &before), ERR_NOT_FOUND);
    store_view_close(&view);
}

/* ---- half of it ---- */

/* Nothing is a ledger before the last part, whatever happens to the disk. */
static void half_a_ledger_is_none(void **state)
{
    (void)state;
    for (unsigned writes = 1;; writes++) {
        AUTO(attempt_close) struct attempt attempt;
        struct store_view view;
        int error = 0;
        attempt_open(&attempt, &source, 45);
        kv_memory_fail_writes(attempt.ledger.kv, ERR_DISK_FULL, writes);
        for (; error == 0 && attempt_next(&attempt); attempt.parts++) {
            assert_int_equal(store_view_open(&view, attempt.ledger.kv), ERR_NOT_FOUND);
            error = attempt_try(&attempt, view_of_buf(&attempt.payload));
        }
        kv_memory_crash(attempt.ledger.kv);
        if (error == 0) {
            assert_true(attempt.parts > 10);
            break;
        }
        assert_int_equal(error, ERR_DISK_FULL);
        assert_false(restore_finished(attempt.restore));
        assert_int_equal(store_view_open(&view, attempt.ledger.kv), ERR_NOT_FOUND);
        assert_true(writes < 1000);
    }
}

/* Finished is durable. */
static void what_is_finished_survives(void **state)
{
    (void)state;
    struct ledger ledger = restored(&source, 45);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), 45);
    ledger_close(&ledger);
}

/* ---- who is asked for what ---- */

static void parts_are_asked_for_once(void **state)
{
    (void)state;
    AUTO(attempt_close) struct attempt attempt;
    struct snapshot_part another;
    attempt_open(&attempt, &source, 45);
    assert_true(attempt_next(&attempt));
    assert_int_equal(attempt.part.kind, SNAPSHOT_HEAD);
    assert_false(restore_next(&another, attempt.restore));
    restore_again(attempt.restore, &attempt.part);
    assert_true(restore_next(&another, attempt.restore));
    assert_true(snapshot_part_equal(&attempt.part, &another));
    struct view payload = view_of_buf(&attempt.payload);
    attempt.part.at++;
    assert_int_equal(attempt_try(&attempt, payload), ERR_NOT_FOUND);
    attempt.part.at--;
    assert_int_equal(attempt_try(&attempt, payload), 0);
    assert_int_equal(attempt_try(&attempt, payload), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_ledger_goes_on_like_the_others),
        cmocka_unit_test(the_whole_state_is_there),
        cmocka_unit_test(a_state_larger_than_a_part_is_divided),
        cmocka_unit_test(the_replay_window_comes_with_it),
        cmocka_unit_test(receipts_and_proofs_of_what_came_since),
        cmocka_unit_test(what_is_not_there_says_so),
        cmocka_unit_test(restored_ledgers_give_snapshots),
        cmocka_unit_test(half_a_ledger_is_none),
        cmocka_unit_test(what_is_finished_survives),
        cmocka_unit_test(parts_are_asked_for_once),
    };
    return cmocka_run_group_tests(tests, source_make, source_drop);
}
