/* The ledger on disk: the same there as in memory, crashes, failing reads and writes, and reading,
 * also from other threads. */

#include "filled_ledger.h"
#include "scratch.h"

#include "chain/log_tree.h"
#include "chain/store_layout.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- the same everywhere ---- */

static void memory_and_disk_give_the_same_chain(void **state)
{
    (void)state;
    struct kv *disk = NULL;
    uint64_t bad_height;
    assert_int_equal(kv_open_leveldb(&disk, scratch_path("same")), 0);
    AUTO(ledger_close) struct ledger one = open_filled(kv_open_memory());
    AUTO(ledger_close) struct ledger two = open_filled(disk);
    assert_int_equal(app_height(one.app), 6);
    assert_true(hash_equal(app_tip_hash(one.app), app_tip_hash(two.app)));
    /* Reopened between every two blocks it is the same chain still. */
    AUTO(ledger_close) struct ledger three = open_memory();
    struct store_view view;
    assert_int_equal(store_view_open(&view, two.kv), 0);
    for (uint64_t height = 1; height <= 6; height++) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        struct certificate certificate;
        struct app_commit commit;
        struct faults faults = {0};
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &three.genesis_hash), 0);
        for (size_t i = 0; i < block->tx_count; i++) {
            struct public_key key;
            const struct tx *tx = block->txs[i];
            assert_int_equal(app_signer_key(&key, three.app, tx->member, tx->key_name), 0);
            assert_int_equal(tx_verify(block->txs[i], &key), 0);
        }
        assert_int_equal(app_apply_synced(&commit, three.app, &faults, block, &certificate), 0);
        app_commit_free(&commit);
        ledger_reopen(&three);
    }
    store_view_close(&view);
    assert_true(hash_equal(app_tip_hash(one.app), app_tip_hash(three.app)));
    assert_int_equal(check_chain(&two, &bad_height), 0);
    app_close(&two.app);
    kv_close(&two.kv);
    assert_int_equal(kv_open_leveldb(&two.kv, scratch_path("same")), 0);
    ledger_open_app(&two);
    assert_true(hash_equal(app_tip_hash(one.app), app_tip_hash(two.app)));
    assert_int_equal(check_chain(&two, &bad_height), 0);
}

/* ---- crashes ---- */

/* Whatever write fails, and with whatever is lost then: the tip is the old one or the new one, and
 * the chain goes on from there. */
static void crashes_leave_the_old_tip_or_the_new_one(void **state)
{
    (void)state;
    for (unsigned fail_at = 1; fail_at <= 4; fail_at++) {
        AUTO(ledger_close) struct ledger ledger = open_memory();
        struct tx *first[] = {act_tx(&ledger, 1, "a", 1)};
        ledger_append(&ledger, first, 1);
        struct hash old_tip = *app_tip_hash(ledger.app);
        struct tx *tx = act_tx(&ledger, 1, "b", 2);
        AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
        /* Write 1 is the body before the precommit, 2 what the commit adds to the history, 3 the
         * index, which decides; 4 never comes. */
        kv_memory_fail_writes(ledger.kv, ERR_DISK_FULL, fail_at);
        int stored = app_store_body(ledger.app, block);
        int committed = ledger_commit(&ledger, block);
        assert_int_equal(stored, fail_at == 1 ? ERR_DISK_FULL : 0);
        assert_int_equal(committed, fail_at <= 3 ? ERR_DISK_FULL : 0);
        if (committed != 0) { /* nothing goes on after a failed write */
            struct faults faults;
            struct app_proposal proposal = {.time_ms = INT64_MAX, .proposer = agencies[1]};
            struct block *none;
            assert_int_equal(app_process(ledger.app, &faults, block), ERR_DISK_FULL);
            assert_int_equal(app_prepare(&none, ledger.app, &proposal), ERR_DISK_FULL);
        }
        kv_memory_fail_writes(ledger.kv, 0, 0);
        app_close(&ledger.app);
        kv_memory_crash(ledger.kv);
        ledger_open_app(&ledger);
        assert_true(hash_equal(app_tip_hash(ledger.app), fail_at >= 4 ? &block->hash : &old_tip));
        struct block *loaded = NULL;
        assert_int_equal(app_load_body(&loaded, ledger.app, &block->hash),
                         fail_at == 2 || fail_at == 3 ? 0 : ERR_NOT_FOUND);
        block_free(&loaded);
        if (fail_at < 4) {
            struct faults faults = {0};
            assert_int_equal(app_process(ledger.app, &faults, block), 0);
            assert_int_equal(ledger_commit(&ledger, block), 0);
        }
        uint64_t bad_height;
        assert_int_equal(check_chain(&ledger, &bad_height), 0);
        tx_free(&tx);
    }
}

static void a_crash_during_creation_leaves_an_empty_store(void **state)
{
    (void)state;
    for (unsigned fail_at = 1; fail_at <= 2; fail_at++) { /* history, index */
        struct ledger ledger = {.kv = kv_open_memory(), .genesis = ledger_genesis(NULL, true)};
        genesis_hash(&ledger.genesis_hash, ledger.genesis);
        kv_memory_fail_writes(ledger.kv, ERR_IO, fail_at);
        assert_int_equal(
            app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash), ERR_IO);
        assert_null(ledger.app);
        kv_memory_fail_writes(ledger.kv, 0, 0);
        kv_memory_crash(ledger.kv);
        ledger_open_app(&ledger);
        assert_int_equal(app_height(ledger.app), 0);
        ledger_close(&ledger);
    }
}

/* A store that was opened is one: a power failure right after it does not leave half of genesis. */
static void the_state_of_genesis_is_durable(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct store_view view;
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_true(hash_equal(&view.genesis, &ledger.genesis_hash));
    store_view_close(&view);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), 0);
}

/* The disk loses the end of the history but not of the index, which is written after it: what the
 * tip wrote is missing, the block or the state, and the node does not start. */
static void a_lost_end_of_the_history_is_seen(void **state)
{
    (void)state;
    static const enum kv_table lost[] = {KV_BLOCK, KV_TX, KV_STATE_NODE};
    for (size_t i = 0; i < COUNT_OF(lost); i++) {
        AUTO(ledger_close) struct ledger ledger = open_memory();
        struct tx *txs[] = {act_tx(&ledger, 1, "a", 1), act_tx(&ledger, 1, "b", 2)};
        ledger_append(&ledger, txs, 2);
        app_close(&ledger.app);
        struct store_key prefix = store_key_height(lost[i], 1);
        struct view key, value;
        struct kv_batch *batch = kv_batch_new();
        struct kv_iterator *iterator =
            kv_iterate(ledger.kv, NULL, store_key_view(&prefix), store_key_view(&prefix));
        while (kv_iterator_next(iterator, &key, &value))
            kv_batch_delete(batch, key);
        kv_iterator_free(&iterator);
        assert_true(kv_batch_count(batch) > 0);
        assert_int_equal(kv_write(ledger.kv, batch, true), 0);
        kv_batch_free(&batch);
        assert_int_equal(
            app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash),
            ERR_CORRUPT);
        assert_null(ledger.app);
    }
}

/* Whichever read fails, execution says so and never gives a verdict on the block. */
static void read_errors_are_no_verdict(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_filled(kv_open_memory());
    struct tx *tx = act_tx(&ledger, 1, "a", 9);
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
    unsigned failures = 0;
    for (unsigned at = 1; at < 200; at++) {
        struct faults faults = {0};
        ledger_reopen(&ledger); /* cold caches */
        kv_memory_fail_reads(ledger.kv, ERR_IO, at);
        int error = app_process(ledger.app, &faults, block);
        kv_memory_fail_reads(ledger.kv, 0, 0);
        if (error == 0)
            break;
        assert_int_equal(error, ERR_IO);
        failures++;
    }
    assert_true(failures > 5 && failures < 199);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    tx_free(&tx);
}

/* ---- reading ---- */

static void what_was_committed_can_be_read(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {act_tx(&ledger, 1, "a", 1), put_tx(&ledger, 1, "b", 1)};
    struct hash ids[] = {txs[0]->id, txs[1]->id};
    AUTO(buf_free) struct buf raw = {0};
    AUTO(buf_free) struct buf read = {0};
    buf_append_view(&raw, view_of_buf(&txs[1]->raw));
    append_evidence(&ledger);
    ledger_append(&ledger, txs, 2);
    fill(&ledger);
    struct store_view view;
    struct store_tx_place place;
    uint64_t height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(view.height, 8);
    assert_int_equal(store_find_tx(&place, &view, &ids[1]), 0);
    assert_int_equal(place.height, 2);
    assert_int_equal(place.index, 1);
    assert_int_equal(place.log_index, 3); /* evidence, act, two transactions */
    assert_int_equal(store_read_tx(&read, &view, &ids[1]), 0);
    assert_true(view_equal(view_of_buf(&raw), view_of_buf(&read)));
    assert_int_equal(store_read_tx(&read, &view, &ledger.genesis_hash), ERR_NOT_FOUND);
    static const uint64_t heights[] = {1, 2, 2, 2, 3};
    for (uint64_t i = 0; i < COUNT_OF(heights); i++) {
        assert_int_equal(store_height_of_log_index(&height, &view, i), 0);
        assert_int_equal(height, heights[i]);
    }
    assert_int_equal(store_height_of_log_index(&height, &view, view.tip.log_size), ERR_NOT_FOUND);
    AUTO(doc_free) struct doc *acts = NULL;
    assert_int_equal(store_read_acts(&acts, &view, 2), 0);
    assert_int_equal(doc_count(acts), 1);
    assert_true(doc_text_is(doc_at(acts, 0), "subject", "a"));
    struct header header;
    assert_int_equal(store_read_header(&header, &view, 0), ERR_NOT_FOUND);
    assert_int_equal(store_read_header(&header, &view, 9), ERR_NOT_FOUND);
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(store_read_block_bytes(&bytes, &view, 9), ERR_NOT_FOUND);
    struct log_proof proof;
    struct log_leaf leaf = {LOG_TX, ids[0]};
    struct hash leaf_hash;
    log_leaf_hash(&leaf_hash, &leaf);
    assert_int_equal(store_prove_inclusion(&proof, &view, 2, view.tip.log_size), 0);
    assert_int_equal(
        log_verify_inclusion(&proof, &leaf_hash, 2, view.tip.log_size, &view.tip.log_root), 0);
    assert_int_equal(store_read_header(&header, &view, 2), 0);
    assert_int_equal(store_prove_consistency(&proof, &view, header.log_size, view.tip.log_size), 0);
    assert_int_equal(log_verify_consistency(&proof, header.log_size, &header.log_root,
                                            view.tip.log_size, &view.tip.log_root),
                     0);
    struct state_proof state_proof;
    AUTO(buf_free) struct buf value = {0};
    bool present;
    assert_int_equal(store_prove_state(&state_proof, &present, &value, &view, 2, "test/a"), 0);
    assert_true(present);
    assert_int_equal(
        state_proof_verify(&state_proof, "test/a", view_of_buf(&value), &header.state_root), 0);
    store_view_close(&view);
}

/* ---- other threads ---- */

struct reader_task {
    struct kv *kv;
    atomic_bool stop;
    atomic_uint rounds;
    atomic_int error;
};

/* Reads whole views over and over while blocks are committed: each is consistent in itself. */
static void *read_on(void *context)
{
    struct reader_task *task = context;
    while (!atomic_load(&task->stop)) {
        struct store_view view;
        AUTO(doc_free) struct doc *doc = NULL;
        AUTO(buf_free) struct buf bytes = {0};
        struct hash hash;
        uint64_t leaves;
        int error = store_view_open(&view, task->kv);
        if (error == 0)
            error = store_read_block_bytes(&bytes, &view, view.height);
        if (error == 0)
            error = store_read_state(&doc, &view, "test/counter");
        if (error == 0 && doc_get_int(doc, "value", 0) != (int64_t)view.height)
            error = ERR_CORRUPT;
        if (error == 0)
            error = state_root_read(&hash, &leaves, view.kv, view.snapshot, view.height);
        if (error == 0 && !hash_equal(&hash, &view.tip.state_root))
            error = ERR_CORRUPT;
        if (error != 0)
            atomic_store(&task->error, error);
        store_view_close(&view);
        atomic_fetch_add(&task->rounds, 1);
    }
    return NULL;
}

static void read_while_writing(struct kv *kv)
{
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv, NULL);
    struct tx *first[] = {put_tx(&ledger, 1, "counter", 1)};
    ledger_append(&ledger, first, 1);
    struct reader_task task = {.kv = kv};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &task), 0);
    for (int64_t height = 2; height <= 60 || atomic_load(&task.rounds) < 20; height++) {
        struct tx *txs[] = {put_tx(&ledger, 1, "counter", height)};
        ledger_append(&ledger, txs, 1);
    }
    atomic_store(&task.stop, true);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_string_equal(error_code(atomic_load(&task.error)), "ok");
}

static void readers_of_memory_see_one_tip_at_a_time(void **state)
{
    (void)state;
    read_while_writing(kv_open_memory());
}

static void readers_of_disk_see_one_tip_at_a_time(void **state)
{
    (void)state;
    struct kv *disk = NULL;
    assert_int_equal(kv_open_leveldb(&disk, scratch_path("readers")), 0);
    read_while_writing(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_and_disk_give_the_same_chain),
        cmocka_unit_test(crashes_leave_the_old_tip_or_the_new_one),
        cmocka_unit_test(a_crash_during_creation_leaves_an_empty_store),
        cmocka_unit_test(the_state_of_genesis_is_durable),
        cmocka_unit_test(a_lost_end_of_the_history_is_seen),
        cmocka_unit_test(read_errors_are_no_verdict),
        cmocka_unit_test(what_was_committed_can_be_read),
        cmocka_unit_test(readers_of_memory_see_one_tip_at_a_time),
        cmocka_unit_test(readers_of_disk_see_one_tip_at_a_time),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
