/* Letting go of old history: what is kept is as it was, what is gone says so, in steps of any size,
 * with crashes between and within them; and the disk space comes back. */
#include "ledger.h"
#include "ledger_types.h"
#include "scratch.h"
#include "snapshots.h"

#include "chain/log_tree.h"
#include "chain/receipt.h"
#include "chain/store_layout.h"
#include "node/pruner.h"

#include <dirent.h>
#include <sys/stat.h>

static void prune_to(struct ledger *ledger, uint64_t first, size_t records_max)
{
    bool more = true;
    for (unsigned steps = 0; more; steps++) {
        assert_int_equal(app_prune(&more, ledger->app, first, records_max), 0);
        assert_true(steps < 10000);
    }
    assert_int_equal(app_first_block(ledger->app), first);
}

static void expect_whole(const struct ledger *ledger)
{
    struct store_view view;
    uint64_t bad = 0;
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    int error = store_check_chain(&bad, &view, ledger->genesis, NULL, NULL);
    store_view_close(&view);
    if (error != 0)
        fail_msg("height %u: %s", (unsigned)bad, error_code(error));
}

/* Receipts of every transaction of a block, or what is said instead. */
static unsigned expect_receipts(const struct ledger *ledger, const struct ledger *whole,
                                uint64_t height, int expected)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    struct store_view all, view;
    assert_int_equal(store_view_open(&all, whole->kv), 0);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &all, height), 0);
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &all.genesis), 0);
    for (size_t i = 0; i < block->tx_count; i++) {
        AUTO(doc_free) struct doc *receipt = NULL;
        struct receipt_facts facts = {0};
        struct faults faults = {0};
        struct store_tx_place place;
        struct log_proof proof;
        assert_int_equal(receipt_make(&receipt, &view, &block->txs[i]->id), expected);
        /* That it is on the ledger, and where, can be shown all the same. */
        assert_int_equal(store_find_tx(&place, &view, &block->txs[i]->id), 0);
        assert_int_equal(place.height, height);
        assert_int_equal(store_prove_inclusion(&proof, &view, place.log_index, view.tip.log_size),
                         0);
        if (expected == 0) {
            assert_int_equal(
                receipt_verify(&facts, &faults, receipt, whole->genesis, &whole->genesis_hash), 0);
            receipt_facts_free(&facts);
        }
    }
    store_view_close(&all);
    store_view_close(&view);
    return (unsigned)block->tx_count;
}

static void what_is_kept_is_as_it_was(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger whole = source_open();
    AUTO(ledger_close) struct ledger ledger = source_open();
    assert_true(hash_equal(app_tip_hash(whole.app), app_tip_hash(ledger.app)));
    prune_to(&ledger, 41, 1000);
    unsigned kept = 0, gone = 0;
    for (uint64_t height = 1; height <= SOURCE_BLOCKS; height++) {
        if (height < 41)
            gone += expect_receipts(&ledger, &whole, height, ERR_PRUNED);
        else
            kept += expect_receipts(&ledger, &whole, height, 0);
    }
    assert_true(kept > 20 && gone > 20);
    struct store_view view;
    struct header header;
    struct certificate certificate;
    struct log_proof proof;
    struct state_proof state_proof;
    bool present;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    for (uint64_t height = 1; height < SOURCE_BLOCKS; height++) {
        assert_int_equal(store_read_header(&header, &view, height), 0);
        assert_int_equal(store_read_certificate(&certificate, &view, height), 0);
        assert_int_equal(store_prove_consistency(&proof, &view, header.log_size, view.tip.log_size),
                         0);
        assert_int_equal(log_verify_consistency(&proof, header.log_size, &header.log_root,
                                                view.tip.log_size, &view.tip.log_root),
                         0);
        buf_clear(&bytes);
        assert_int_equal(store_prove_state(&state_proof, &present, &bytes, &view, height, "params"),
                         height < 40 ? ERR_PRUNED : 0);
        buf_clear(&bytes);
        assert_int_equal(store_read_block_bytes(&bytes, &view, height),
                         height < 41 ? ERR_PRUNED : 0);
    }
    store_view_close(&view);
    expect_whole(&ledger);
}

/* In steps of every size, with blocks between them: the same roots as ever. */
static void the_chain_goes_on_meanwhile(void **state)
{
    (void)state;
    for (size_t records_max = 1; records_max < 200; records_max = records_max * 3 + 1) {
        AUTO(ledger_close) struct ledger whole = source_open();
        AUTO(ledger_close) struct ledger ledger = restored(&whole, 8);
        while (app_height(ledger.app) < SOURCE_BLOCKS) {
            bool more;
            uint64_t tip = app_height(ledger.app);
            assert_int_equal(app_prune(&more, ledger.app, tip > 12 ? tip - 10 : 1, records_max), 0);
            assert_int_equal(follow(&ledger, &whole), 0);
            if (tip % 9 == 0)
                ledger_reopen(&ledger);
        }
        assert_true(hash_equal(app_tip_hash(ledger.app), app_tip_hash(whole.app)));
        prune_to(&ledger, SOURCE_BLOCKS - 5, records_max);
        expect_whole(&ledger);
        struct hash root;
        uint64_t leaves;
        assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, SOURCE_BLOCKS), 0);
    }
}

/* Power lost at every write of it: the ledger is whole, and it can be done again. */
static void crashes_leave_a_whole_ledger(void **state)
{
    (void)state;
    for (unsigned writes = 1; writes < 200; writes++) {
        struct ledger ledger = source_open();
        bool more = true;
        int error = 0;
        kv_memory_fail_writes(ledger.kv, ERR_IO, writes);
        while (error == 0 && more)
            error = app_prune(&more, ledger.app, 41, 60);
        kv_memory_fail_writes(ledger.kv, 0, 0);
        uint64_t first = app_first_block(ledger.app);
        app_close(&ledger.app);
        kv_memory_crash(ledger.kv);
        ledger_open_app(&ledger);
        assert_true(app_first_block(ledger.app) >= first); /* what was said stays said */
        expect_whole(&ledger);
        prune_to(&ledger, 41, 60);
        expect_whole(&ledger);
        ledger_close(&ledger);
        if (error == 0) {
            assert_true(writes > 6);
            return;
        }
        assert_int_equal(error, ERR_IO);
    }
    fail_msg("it never ends");
}

/* Nobody who reads meanwhile sees half of it. */
static void readers_keep_their_moment(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = source_open();
    struct store_view before, after;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(store_view_open(&before, ledger.kv), 0);
    prune_to(&ledger, 41, 1000);
    assert_int_equal(store_view_open(&after, ledger.kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &before, 7), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &after, 7), ERR_PRUNED);
    store_view_close(&before);
    store_view_close(&after);
}

static void the_tip_stays(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = source_open();
    bool more;
    assert_int_equal(app_prune(&more, ledger.app, SOURCE_BLOCKS + 1, 1000), 0);
    assert_int_equal(app_first_block(ledger.app), 1); /* asked for too much: nothing */
    prune_to(&ledger, SOURCE_BLOCKS, 1000);
    ledger_reopen(&ledger);
    expect_whole(&ledger);
    assert_int_equal(app_prune(&more, ledger.app, 10, 1000), 0);
    assert_int_equal(app_first_block(ledger.app), SOURCE_BLOCKS);
}

/* Snapshots come from a ledger that keeps little, as long as it keeps their state. */
static void pruned_ledgers_give_snapshots(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = source_open();
    prune_to(&ledger, 41, 1000);
    const struct snapshot_part gone = {.height = 39, .kind = SNAPSHOT_STATE};
    AUTO(buf_free) struct buf payload = {0};
    struct store_view view;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(snapshot_part_make(&payload, &view, &gone), ERR_PRUNED);
    store_view_close(&view);
    for (uint64_t height = 40; height <= SOURCE_BLOCKS; height += 10) {
        AUTO(ledger_close) struct ledger second = restored(&ledger, height);
        expect_whole(&second);
        while (app_height(second.app) < SOURCE_BLOCKS)
            assert_int_equal(follow(&second, &ledger), 0);
        expect_whole(&second);
        assert_true(hash_equal(app_tip_hash(second.app), app_tip_hash(ledger.app)));
    }
}

/* Restored ledgers are verified too, wherever they begin; damage is found. */
static void restored_ledgers_are_verified(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger whole = source_open();
    for (uint64_t height = 1; height <= SOURCE_BLOCKS; height += 7) {
        AUTO(ledger_close) struct ledger ledger = restored(&whole, height);
        expect_whole(&ledger);
    }
    AUTO(ledger_close) struct ledger ledger = restored(&whole, 45);
    struct store_view view;
    struct header header;
    uint64_t bad;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_header(&header, &view, 40), 0);
    store_view_close(&view);
    header.time_ms++; /* sealed anew, but not what the next one names */
    struct kv_batch *batch = kv_batch_new();
    store_put_header(batch, &header);
    assert_int_equal(kv_write(ledger.kv, batch, true), 0);
    kv_batch_free(&batch);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad, &view, ledger.genesis, NULL, NULL), ERR_BLOCK_LINK);
    assert_int_equal(bad, 41);
    store_view_close(&view);
}

/* ---- how much is kept ---- */

static void the_first_block_to_keep(void **state)
{
    (void)state;
    static const struct {
        uint64_t tip, history, interval, first;
    } cases[] = {
        {0, 100, 10, 1},      {100, 100, 10, 1},    {101, 100, 10, 2},    {500, 100, 10, 401},
        {500, 0, 10, 1},      {500, 100, 0, 401},   {500, 100, 300, 301}, {599, 100, 300, 301},
        {600, 100, 300, 301}, {899, 100, 300, 301}, {900, 100, 300, 601}, {250, 100, 300, 151},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(pruner_first_block(cases[i].tip, cases[i].history, cases[i].interval),
                         cases[i].first);
}

/* ---- disk space ---- */

static uint64_t disk_bytes(const char *directory)
{
    uint64_t bytes = 0;
    DIR *dir = opendir(directory);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        char path[512];
        struct stat status;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.' && stat(path, &status) == 0)
            bytes += S_ISDIR(status.st_mode) ? disk_bytes(path) : (uint64_t)status.st_blocks * 512;
    }
    closedir(dir);
    return bytes;
}

/* DIRCHAIN_PRUNE_TXS=10000 for the figure of the documents. */
static void disk_space_comes_back(void **state)
{
    (void)state;
    const char *wanted = getenv("DIRCHAIN_PRUNE_TXS");
    unsigned txs = wanted != NULL ? (unsigned)atoi(wanted) : 600;
    struct kv *kv = NULL;
    const char *directory = scratch_path("ledger");
    assert_int_equal(kv_open_leveldb(&kv, directory), 0);
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv, NULL);
    char text[4001];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    for (unsigned done = 0; done < txs; done += 20) {
        struct tx *block[20];
        for (unsigned i = 0; i < 20; i++) {
            char key[16];
            snprintf(key, sizeof key, "k%u", (done + i) % 97);
            struct doc *body = test_body(key, (int64_t)(done + i));
            doc_set_text(body, "text", text);
            block[i] = ledger_tx(&ledger, 1 + i % 3, KEY_COMPILE, "test.put", body);
        }
        ledger_append(&ledger, block, 20);
    }
    ledger_reopen(&ledger);
    kv_compact_history(ledger.kv, UINT64_MAX); /* from memory to disk, to compare like with like */
    uint64_t before = disk_bytes(directory);
    uint64_t first = app_height(ledger.app) - app_height(ledger.app) / 10;
    prune_to(&ledger, first, 8192);
    kv_compact_history(ledger.kv, UINT64_MAX);
    uint64_t after = disk_bytes(directory);
    print_message("%u transactions: %llu KiB, and %llu KiB with a tenth of the blocks kept\n", txs,
                  (unsigned long long)before / 1024, (unsigned long long)after / 1024);
    expect_whole(&ledger);
    assert_true(after * 3 < before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_kept_is_as_it_was),
        cmocka_unit_test(the_chain_goes_on_meanwhile),
        cmocka_unit_test(crashes_leave_a_whole_ledger),
        cmocka_unit_test(readers_keep_their_moment),
        cmocka_unit_test(the_tip_stays),
        cmocka_unit_test(pruned_ledgers_give_snapshots),
        cmocka_unit_test(restored_ledgers_are_verified),
        cmocka_unit_test(the_first_block_to_keep),
        cmocka_unit_test(disk_space_comes_back),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
