/* The ledger on disk: crashes, damage, reading from other threads, and the check of the chain. */
#include "ledger.h"
#include "ledger_types.h"
#include "scratch.h"

#include "chain/log_tree.h"
#include "chain/store_layout.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>

static struct tx *put_tx(struct ledger *ledger, const char *key, int64_t value, bool act)
{
    struct doc *body = test_body(key, value);
    doc_set_bool(body, "act", act);
    return ledger_tx(ledger, 1, KEY_COMPILE, "test.put", body);
}

static void append_evidence(struct ledger *ledger)
{
    struct evidence evidence =
        ledger_equivocation(ledger, 2, VOTE_PRECOMMIT, app_height(ledger->app) + 1, 0);
    struct app_proposal proposal = {.time_ms = app_tip_time_ms(ledger->app) + 1000,
                                    .proposer = agencies[1],
                                    .evidence = &evidence,
                                    .evidence_count = 1};
    AUTO(block_free) struct block *block = NULL;
    assert_int_equal(app_prepare(&block, ledger->app, &proposal), 0);
    assert_int_equal(block->evidence_count, 1);
    assert_int_equal(ledger_commit(ledger, block), 0);
}

/* The last validator leaves. */
static struct tx *leave_tx(struct ledger *ledger)
{
    struct doc *body = doc_new_object(), *leaving = doc_new_array();
    doc_push_text(leaving, agencies[LEDGER_VALIDATORS]);
    doc_set(body, "remove", leaving);
    doc_set_text(body, "reason", "维护");
    return ledger_tx(ledger, 0, KEY_ADMIN, "validator.change", body);
}

/* A chain with everything in it: transactions, acts, evidence, a change of validators, a block
 * without anything, and two bodies that wait for a decision. */
static void fill(struct ledger *ledger)
{
    struct tx *first[] = {put_tx(ledger, "a", 1, false), put_tx(ledger, "b", 1, true)};
    ledger_append(ledger, first, 2);
    append_evidence(ledger);
    ledger_append(ledger, NULL, 0);
    struct tx *second[] = {leave_tx(ledger), put_tx(ledger, "a", 2, true),
                           put_tx(ledger, "c", 1, false)};
    ledger_append(ledger, second, 3);
    ledger_append(ledger, NULL, 0);
    struct tx *third[] = {put_tx(ledger, "d", 4, false)};
    ledger_append(ledger, third, 1);
    AUTO(block_free) struct block *waiting = ledger_prepare(ledger, NULL, 0, NULL);
    struct tx *fourth = put_tx(ledger, "e", 5, false);
    AUTO(block_free) struct block *other = ledger_prepare(ledger, &fourth, 1, NULL);
    assert_false(hash_equal(&waiting->hash, &other->hash));
    tx_free(&fourth);
    assert_int_equal(app_store_body(ledger->app, waiting), 0);
    assert_int_equal(app_store_body(ledger->app, other), 0);
}

static struct ledger open_filled(struct kv *kv)
{
    struct ledger ledger = ledger_open(kv, NULL);
    fill(&ledger);
    return ledger;
}

static int check_chain(const struct ledger *ledger, struct kv *kv, uint64_t *bad_height)
{
    struct store_view view;
    int error = store_view_open(&view, kv);
    if (error == 0) {
        error = store_check_chain(bad_height, &view, ledger->genesis, NULL, NULL);
        store_view_close(&view);
    }
    return error;
}

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
    AUTO(ledger_close) struct ledger three = ledger_open(kv_open_memory(), NULL);
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
    assert_int_equal(check_chain(&two, two.kv, &bad_height), 0);
    app_close(&two.app);
    kv_close(&two.kv);
    assert_int_equal(kv_open_leveldb(&two.kv, scratch_path("same")), 0);
    ledger_open_app(&two);
    assert_true(hash_equal(app_tip_hash(one.app), app_tip_hash(two.app)));
    assert_int_equal(check_chain(&two, two.kv, &bad_height), 0);
}

/* ---- crashes ---- */

/* Whatever write fails, and with whatever is lost then: the tip is the old one or the new one, and
 * the chain goes on from there. */
static void crashes_leave_the_old_tip_or_the_new_one(void **state)
{
    (void)state;
    for (unsigned fail_at = 1; fail_at <= 4; fail_at++) {
        AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
        struct tx *first[] = {put_tx(&ledger, "a", 1, true)};
        ledger_append(&ledger, first, 1);
        struct hash old_tip = *app_tip_hash(ledger.app);
        struct tx *tx = put_tx(&ledger, "b", 2, true);
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
        assert_int_equal(check_chain(&ledger, ledger.kv, &bad_height), 0);
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
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
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
        AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
        struct tx *txs[] = {put_tx(&ledger, "a", 1, true), put_tx(&ledger, "b", 2, true)};
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
    struct tx *tx = put_tx(&ledger, "a", 9, true);
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

/* ---- damage ---- */

struct record {
    struct buf key, value;
};

static void record_free(struct record *record)
{
    buf_free(&record->key);
    buf_free(&record->value);
}

/* The n-th record of the store; false past the end. */
static bool record_at(struct record *out, struct kv *kv, size_t n)
{
    struct view nothing = {0}, key, value;
    struct kv_iterator *iterator = kv_memory_iterate(kv, nothing, nothing);
    bool found = true;
    for (size_t i = 0; found && i <= n; i++)
        found = kv_iterator_next(iterator, &key, &value);
    if (found) {
        buf_append_view(&out->key, key);
        buf_append_view(&out->value, value);
    }
    kv_iterator_free(&iterator);
    return found;
}

static void put_record(struct kv *kv, const struct record *record)
{
    struct kv_batch *batch = kv_batch_new();
    kv_batch_put(batch, view_of_buf(&record->key), view_of_buf(&record->value));
    assert_int_equal(kv_write(kv, batch, true), 0);
    kv_batch_free(&batch);
}

static void delete_record(struct kv *kv, const struct record *record)
{
    struct kv_batch *batch = kv_batch_new();
    kv_batch_delete(batch, view_of_buf(&record->key));
    assert_int_equal(kv_write(kv, batch, true), 0);
    kv_batch_free(&batch);
}

static uint64_t number_at(const struct buf *key, size_t offset)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | key->data[offset + i];
    return number;
}

/* Of the state tree only what the newest version is made of is vouched for: older versions are
 * judged when somebody asks for a proof against them, lists of stale records only serve pruning. */
static bool is_vouched_for(const struct record *record, uint64_t height)
{
    switch (record->key.data[0]) {
    case KV_STATE_STALE:
        return false;
    case KV_STATE_ROOT:
        return record->key.len == 1 || number_at(&record->key, 1) == height;
    default:
        return true;
    }
}

/* One flipped bit, or a lost record, in every record of every table. A few tree nodes and leaves
 * belong to older versions only; how many, the chain itself says. */
static void every_damaged_record_is_found(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_filled(kv_open_memory());
    uint64_t bad_height;
    uint64_t height = app_height(ledger.app);
    size_t tables[256] = {0}, missed[256] = {0};
    assert_int_equal(check_chain(&ledger, ledger.kv, &bad_height), 0);
    for (size_t n = 0;; n++) {
        AUTO(record_free) struct record record = {0};
        if (!record_at(&record, ledger.kv, n))
            break;
        uint8_t table = record.key.data[0];
        size_t at = (n * 31) % record.value.len;
        tables[table]++;
        record.value.data[at] ^= 0x10;
        put_record(ledger.kv, &record);
        bool flip_found = check_chain(&ledger, ledger.kv, &bad_height) != 0;
        record.value.data[at] ^= 0x10;
        delete_record(ledger.kv, &record);
        bool loss_found = check_chain(&ledger, ledger.kv, &bad_height) != 0;
        put_record(ledger.kv, &record);
        missed[table] += !(flip_found && loss_found);
        if (table == KV_BODY || (table == KV_BLOCK && number_at(&record.key, 1) > height))
            assert_true(flip_found); /* not certified yet: only its seal speaks for it */
        else if (is_vouched_for(&record, height) && table != KV_STATE_NODE &&
                 table != KV_STATE_LEAF && !(flip_found && loss_found))
            fail_msg("table %c, record %zu: flip %d, loss %d", table, n, flip_found, loss_found);
    }
    static const char kinds[] = "abchimsux"
                                "flknrtv";
    for (const char *kind = kinds; *kind != 0; kind++) {
        if (tables[(uint8_t)*kind] == 0)
            fail_msg("no record of table %c in the test chain", *kind);
    }
    /* The newest tree is found whole: at least as many leaves as keys. */
    struct hash root;
    uint64_t leaves;
    assert_int_equal(state_root_read(&root, &leaves, ledger.kv, NULL, height), 0);
    assert_true(tables[KV_STATE_LEAF] - missed[KV_STATE_LEAF] >= leaves);
    assert_true(missed[KV_STATE_NODE] < tables[KV_STATE_NODE]);
    assert_int_equal(check_chain(&ledger, ledger.kv, &bad_height), 0);
}

static void the_check_says_where(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_filled(kv_open_memory());
    AUTO(record_free) struct record record = {0};
    struct store_key key = store_key_tx(4, 1);
    uint64_t bad_height = 0;
    buf_append_view(&record.key, store_key_view(&key));
    assert_int_equal(kv_get(ledger.kv, NULL, store_key_view(&key), &record.value), 0);
    record.value.data[record.value.len - 1] ^= 1; /* in the signature, which no txid covers */
    put_record(ledger.kv, &record);
    assert_int_equal(check_chain(&ledger, ledger.kv, &bad_height), ERR_CORRUPT);
    assert_int_equal(bad_height, 4);
}

static void another_genesis_is_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_filled(kv_open_memory());
    AUTO(doc_free) struct doc *other = ledger_genesis(NULL, false);
    struct hash hash;
    struct app *app;
    genesis_hash(&hash, other);
    app_close(&ledger.app);
    assert_int_equal(app_open(&app, NULL, ledger.kv, other, &hash), ERR_OTHER_GENESIS);
    assert_int_equal(app_open(&app, NULL, ledger.kv, other, &ledger.genesis_hash), ERR_GENESIS);
    struct store_view view;
    uint64_t bad_height;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_check_chain(&bad_height, &view, other, NULL, NULL), ERR_GENESIS);
    store_view_close(&view);
}

static void foreign_stores_are_refused(void **state)
{
    (void)state;
    struct ledger ledger = {.kv = kv_open_memory(), .genesis = ledger_genesis(NULL, true)};
    AUTO(record_free) struct record record = {0};
    struct store_view view;
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    assert_int_equal(store_view_open(&view, ledger.kv), ERR_NOT_FOUND);
    buf_append_text(&record.key, "something else");
    buf_append_text(&record.value, "here");
    put_record(ledger.kv, &record);
    assert_int_equal(app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash),
                     ERR_STORE_FORMAT);
    delete_record(ledger.kv, &record);
    ledger_open_app(&ledger);
    app_close(&ledger.app);
    struct kv_batch *batch = kv_batch_new();
    struct store_key key = store_key_meta("format");
    store_put_sealed(batch, &key, view_of_text("dirchain-store/2"));
    assert_int_equal(kv_write(ledger.kv, batch, true), 0);
    kv_batch_free(&batch);
    assert_int_equal(app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash),
                     ERR_STORE_FORMAT);
    ledger_close(&ledger);
}

/* Whatever the tip rests on is missed at the start already. */
static void opening_checks_the_tip(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_filled(kv_open_memory());
    uint64_t height = app_height(ledger.app);
    struct store_key keys[] = {
        store_key_meta("tip"),
        store_key_meta("genesis"),
        store_key_height(KV_HEADER, height),
        store_key_height(KV_HEADER, height - 1),
        store_key_height(KV_CERTIFICATE, height),
        store_key_validators(6),
        store_key_height(KV_STATE_ROOT, height),
        (struct store_key){.len = 2, .bytes = {KV_LOG_FRONTIER, 0}},
    };
    app_close(&ledger.app);
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        AUTO(record_free) struct record record = {0};
        buf_append_view(&record.key, store_key_view(&keys[i]));
        int found = kv_get(ledger.kv, NULL, store_key_view(&keys[i]), &record.value);
        if (found != 0)
            fail_msg("record %zu is not there", i);
        record.value.data[record.value.len / 2] ^= 1;
        put_record(ledger.kv, &record);
        int error = app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash);
        if (error != ERR_CORRUPT)
            fail_msg("record %zu flipped: %s", i, error_code(error));
        delete_record(ledger.kv, &record);
        error = app_open(&ledger.app, NULL, ledger.kv, ledger.genesis, &ledger.genesis_hash);
        if (error != ERR_CORRUPT)
            fail_msg("record %zu lost: %s", i, error_code(error));
        record.value.data[record.value.len / 2] ^= 1;
        put_record(ledger.kv, &record);
    }
    ledger_open_app(&ledger);
}

static int open_error(struct ledger *ledger)
{
    int error = app_open(&ledger->app, NULL, ledger->kv, ledger->genesis, &ledger->genesis_hash);
    assert_true((error == 0) == (ledger->app != NULL));
    return error;
}

/* Records that are sealed properly and belong together, and that the chain does not name: one
 * validator alone as the set of the tip, with a certificate to suit it. The set after it is another
 * one, so nothing else speaks for this one. */
static void the_set_of_the_tip_is_the_one_that_the_chain_names(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *change[] = {leave_tx(&ledger)};
    ledger_append(&ledger, change, 1);
    ledger_append(&ledger, NULL, 0); /* the last one of the first set */
    struct store_view view;
    struct validator_set set;
    struct certificate certificate;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_validators(&set, &view, 2), 0);
    assert_int_equal(store_read_certificate(&certificate, &view, 2), 0);
    store_view_close(&view);
    assert_int_equal(set.count, LEDGER_VALIDATORS);
    app_close(&ledger.app);
    set.count = certificate.count = 1;
    AUTO(buf_free) struct buf set_bytes = {0};
    AUTO(buf_free) struct buf certificate_bytes = {0};
    validators_encode(&set_bytes, &set);
    certificate_encode(&certificate_bytes, &certificate);
    struct store_key set_key = store_key_validators(1);
    struct store_key certificate_key = store_key_height(KV_CERTIFICATE, 2);
    struct kv_batch *batch = kv_batch_new();
    store_put_sealed(batch, &set_key, view_of_buf(&set_bytes));
    store_put_sealed(batch, &certificate_key, view_of_buf(&certificate_bytes));
    assert_int_equal(kv_write(ledger.kv, batch, true), 0);
    kv_batch_free(&batch);
    assert_int_equal(open_error(&ledger), ERR_CORRUPT);
}

/* The state of the block before in the tip's place: all of it is there, and it is another one. */
static void the_state_of_the_tip_is_the_one_that_its_header_names(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *first[] = {put_tx(&ledger, "a", 1, false)};
    struct tx *second[] = {put_tx(&ledger, "a", 2, false)};
    ledger_append(&ledger, first, 1);
    ledger_append(&ledger, second, 1);
    app_close(&ledger.app);
    AUTO(record_free) struct record record = {0};
    struct store_key before = store_key_height(KV_STATE_ROOT, 1);
    struct store_key tip = store_key_height(KV_STATE_ROOT, 2);
    buf_append_view(&record.key, store_key_view(&tip));
    assert_int_equal(kv_get(ledger.kv, NULL, store_key_view(&before), &record.value), 0);
    put_record(ledger.kv, &record);
    assert_int_equal(open_error(&ledger), ERR_CORRUPT);
}

/* Without the newest leaves of the log nobody knows what may not come again: a ledger that forgot
 * is not opened. */
static void a_lost_replay_window_is_seen(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *txs[] = {put_tx(&ledger, "a", 1, false)};
    ledger_append(&ledger, txs, 1);
    app_close(&ledger.app);
    AUTO(record_free) struct record tile = {0};
    static const uint8_t first_tile[10] = {KV_LOG_TILE};
    buf_append(&tile.key, first_tile, sizeof first_tile);
    assert_int_equal(kv_get(ledger.kv, NULL, view_of_buf(&tile.key), &tile.value), 0);
    delete_record(ledger.kv, &tile);
    assert_int_equal(open_error(&ledger), ERR_CORRUPT);
    put_record(ledger.kv, &tile);
    assert_int_equal(open_error(&ledger), 0);
}

/* ---- reading ---- */

static void what_was_committed_can_be_read(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *txs[] = {put_tx(&ledger, "a", 1, true), put_tx(&ledger, "b", 1, false)};
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
    struct tx *first[] = {put_tx(&ledger, "counter", 1, false)};
    ledger_append(&ledger, first, 1);
    struct reader_task task = {.kv = kv};
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &task), 0);
    for (int64_t height = 2; height <= 60 || atomic_load(&task.rounds) < 20; height++) {
        struct tx *txs[] = {put_tx(&ledger, "counter", height, false)};
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
        cmocka_unit_test(every_damaged_record_is_found),
        cmocka_unit_test(the_check_says_where),
        cmocka_unit_test(another_genesis_is_refused),
        cmocka_unit_test(foreign_stores_are_refused),
        cmocka_unit_test(opening_checks_the_tip),
        cmocka_unit_test(the_set_of_the_tip_is_the_one_that_the_chain_names),
        cmocka_unit_test(the_state_of_the_tip_is_the_one_that_its_header_names),
        cmocka_unit_test(a_lost_replay_window_is_seen),
        cmocka_unit_test(what_was_committed_can_be_read),
        cmocka_unit_test(readers_of_memory_see_one_tip_at_a_time),
        cmocka_unit_test(readers_of_disk_see_one_tip_at_a_time),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
