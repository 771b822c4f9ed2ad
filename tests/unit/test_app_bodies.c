/* Bodies of blocks in the store before there is a decision: kept as long as somebody may ask for
 * them, through crashes, too, and gone when their height is decided, whichever block it was. */

#include "app_ledger.h"

#include "chain/store_layout.h"

static void bodies_are_kept_until_their_height_is_decided(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 1, "b", 1)};
    AUTO(block_free) struct block *one = ledger_prepare(&ledger, &txs[0], 1, NULL);
    AUTO(block_free) struct block *two = ledger_prepare(&ledger, &txs[1], 1, NULL);
    assert_int_equal(app_store_body(ledger.app, one), 0);
    assert_int_equal(app_store_body(ledger.app, two), 0);
    struct block *loaded = NULL;
    assert_int_equal(app_load_body(&loaded, ledger.app, &one->hash), 0);
    assert_ptr_equal(loaded, one); /* executed, so the very same with its verified transactions */
    block_free(&loaded);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv); /* they were synced */
    ledger_open_app(&ledger);
    assert_int_equal(app_load_body(&loaded, ledger.app, &two->hash), 0);
    assert_true(hash_equal(&loaded->hash, &two->hash));
    assert_true(hash_equal(&loaded->txs[0]->id, &txs[1]->id));
    assert_false(loaded->txs[0]->verified);
    struct faults faults;
    assert_int_equal(process(&ledger, &faults, loaded), ERR_SIGNATURE);
    assert_int_equal(tx_verify(loaded->txs[0], &txs[1]->verified_key), 0);
    assert_int_equal(process(&ledger, &faults, loaded), 0);
    assert_int_equal(ledger_commit(&ledger, loaded), 0);
    block_free(&loaded);
    assert_int_equal(app_load_body(&loaded, ledger.app, &one->hash), ERR_NOT_FOUND);
    assert_int_equal(app_load_body(&loaded, ledger.app, &two->hash), ERR_NOT_FOUND);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

/* Records of a table that belong to a height. */
static size_t count_records(struct ledger *ledger, enum kv_table table, uint64_t height)
{
    struct store_key prefix = store_key_height(table, height);
    struct kv_iterator *iterator =
        kv_iterate(ledger->kv, NULL, store_key_view(&prefix), store_key_view(&prefix));
    struct view key, value;
    size_t count = 0;
    while (kv_iterator_next(iterator, &key, &value)) {
        count++;
    }
    assert_int_equal(kv_iterator_error(iterator), 0);
    kv_iterator_free(&iterator);
    return count;
}

/* The first body of a height lies where the committed block will have its transactions. Whatever is
 * decided then, and whether or not the node restarts in between, what is read is what was decided,
 * and nothing of the other is left. */
static void another_body_than_the_stored_one_is_decided(void **state)
{
    (void)state;
    for (int restart = 0; restart < 2; restart++) {
        for (int decided = 0; decided < 3; decided++) {
            AUTO(ledger_close) struct ledger ledger = open_memory();
            struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1),
                                put_tx(&ledger, 3, "c", 1)};
            AUTO(block_free) struct block *first = ledger_prepare(&ledger, txs, 3, NULL);
            AUTO(block_free) struct block *second = ledger_prepare(&ledger, &txs[1], 1, NULL);
            AUTO(block_free) struct block *third = ledger_prepare(&ledger, &txs[2], 0, NULL);
            struct block *all[] = {first, second, third};
            assert_int_equal(app_store_body(ledger.app, first), 0);
            assert_int_equal(app_store_body(ledger.app, second), 0);
            assert_int_equal(app_store_body(ledger.app, first), 0);
            if (restart == 1) {
                app_close(&ledger.app);
                kv_memory_crash(ledger.kv);
                ledger_open_app(&ledger);
                struct block *loaded = NULL;
                assert_int_equal(app_load_body(&loaded, ledger.app, &first->hash), 0);
                assert_int_equal(loaded->tx_count, 3);
                block_free(&loaded);
                assert_int_equal(app_load_body(&loaded, ledger.app, &second->hash), 0);
                assert_int_equal(loaded->tx_count, 1);
                block_free(&loaded);
            }
            struct faults faults = {0};
            assert_int_equal(app_process(ledger.app, &faults, all[decided]), 0);
            assert_int_equal(ledger_commit(&ledger, all[decided]), 0);
            AUTO(buf_free) struct buf expected = {0};
            AUTO(buf_free) struct buf stored = {0};
            struct store_view view;
            uint64_t bad_height;
            block_encode(&expected, all[decided]);
            assert_int_equal(store_view_open(&view, ledger.kv), 0);
            assert_int_equal(store_read_block_bytes(&stored, &view, 1), 0);
            assert_true(view_equal(view_of_buf(&stored), view_of_buf(&expected)));
            assert_int_equal(count_records(&ledger, KV_TX, 1), all[decided]->tx_count);
            assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
            store_view_close(&view);
            ledger_reopen(&ledger);
            for (size_t i = 0; i < COUNT_OF(txs); i++)
                tx_free(&txs[i]);
        }
    }
}

/* A header's hash does not fix the bytes of signatures: what is committed has those that were
 * verified and executed, whatever body with that hash was stored before. */
static void what_is_committed_is_what_was_executed(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
    AUTO(block_free) struct block *garbled = ledger_transport(&ledger, block);
    AUTO(buf_free) struct buf expected = {0};
    AUTO(buf_free) struct buf stored = {0};
    struct store_view view;
    struct buf *raw = &garbled->txs[0]->raw;
    raw->data[raw->len - 10] = raw->data[raw->len - 10] == 'A' ? 'B' : 'A';
    assert_true(hash_equal(&garbled->hash, &block->hash));
    assert_int_equal(app_store_body(ledger.app, garbled), 0);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    block_encode(&expected, block);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_block_bytes(&stored, &view, 1), 0);
    store_view_close(&view);
    assert_true(view_equal(view_of_buf(&stored), view_of_buf(&expected)));
    tx_free(&tx);
}

/* A record that holds together and is of another block is no body of the one asked for. */
static void a_body_in_another_ones_place_is_corrupt(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    AUTO(block_free) struct block *asked = ledger_prepare(&ledger, NULL, 0, NULL);
    AUTO(block_free) struct block *other = ledger_prepare(&ledger, &tx, 1, NULL);
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_body(1, &asked->hash);
    struct kv_batch *batch = kv_batch_new();
    block_encode(&bytes, other);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
    assert_int_equal(kv_write(ledger.kv, batch, true), 0);
    kv_batch_free(&batch);
    ledger_reopen(&ledger); /* what was executed is forgotten */
    struct block *loaded = NULL;
    assert_int_equal(app_load_body(&loaded, ledger.app, &asked->hash), ERR_CORRUPT);
    assert_null(loaded);
    assert_int_equal(app_load_body(&loaded, ledger.app, &other->hash), ERR_NOT_FOUND);
    tx_free(&tx);
}

/* One that was displaced is deleted, too, with the next block. */
static void no_body_stays_in_the_store(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    for (uint64_t height = 1; height <= 4; height++) {
        char key[24];
        snprintf(key, sizeof key, "k%d", (int)height);
        struct tx *tx = put_tx(&ledger, 1, key, 1);
        AUTO(block_free) struct block *first = ledger_prepare(&ledger, NULL, 0, NULL);
        AUTO(block_free) struct block *second = ledger_prepare(&ledger, &tx, 1, NULL);
        if (height < 4) {
            assert_int_equal(app_store_body(ledger.app, first), 0);
        }
        assert_int_equal(app_store_body(ledger.app, second), 0);
        assert_int_equal(ledger_commit(&ledger, second), 0);
        assert_int_equal(count_records(&ledger, KV_BODY, height - 1), 0);
        assert_int_equal(count_records(&ledger, KV_BODY, height), height < 4 ? 1 : 0);
        tx_free(&tx);
    }
}

/* The commit takes the place of a body that was stored first, and the machine stops before the
 * index says so: both bodies are there as before, since either may still be asked for. */
static void a_crash_while_a_body_is_displaced_loses_neither(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1)};
    AUTO(block_free) struct block *first = ledger_prepare(&ledger, txs, 2, NULL);
    AUTO(block_free) struct block *second = ledger_prepare(&ledger, &txs[1], 1, NULL);
    struct block *all[] = {first, second};
    assert_int_equal(app_store_body(ledger.app, first), 0);
    assert_int_equal(app_store_body(ledger.app, second), 0);
    kv_memory_fail_writes(ledger.kv, ERR_IO, 2); /* 1: the history, 2: the index */
    assert_int_equal(ledger_commit(&ledger, second), ERR_IO);
    kv_memory_fail_writes(ledger.kv, 0, 0);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), 0);
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        AUTO(block_free) struct block *loaded = NULL;
        assert_int_equal(app_load_body(&loaded, ledger.app, &all[i]->hash), 0);
        assert_int_equal(loaded->tx_count, all[i]->tx_count);
    }
    struct faults faults = {0};
    assert_int_equal(app_process(ledger.app, &faults, second), 0);
    assert_int_equal(ledger_commit(&ledger, second), 0);
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, ledger.genesis, NULL, NULL), 0);
    store_view_close(&view);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_kept_until_their_height_is_decided),
        cmocka_unit_test(another_body_than_the_stored_one_is_decided),
        cmocka_unit_test(what_is_committed_is_what_was_executed),
        cmocka_unit_test(a_body_in_another_ones_place_is_corrupt),
        cmocka_unit_test(no_body_stays_in_the_store),
        cmocka_unit_test(a_crash_while_a_body_is_displaced_loses_neither),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
