/* Damage to the ledger on disk, and what does not belong there: the check of the chain finds every
 * damaged record and says where, and a ledger whose tip does not hold is not opened. */

#include "filled_ledger.h"

#include "chain/store_layout.h"

/* ---- records ---- */

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

/* ---- the check of the chain ---- */

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
    assert_int_equal(check_chain(&ledger, &bad_height), 0);
    for (size_t n = 0;; n++) {
        AUTO(record_free) struct record record = {0};
        if (!record_at(&record, ledger.kv, n))
            break;
        uint8_t table = record.key.data[0];
        size_t at = (n * 31) % record.value.len;
        tables[table]++;
        record.value.data[at] ^= 0x10;
        put_record(ledger.kv, &record);
        bool flip_found = check_chain(&ledger, &bad_height) != 0;
        record.value.data[at] ^= 0x10;
        delete_record(ledger.kv, &record);
        bool loss_found = check_chain(&ledger, &bad_height) != 0;
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
    assert_int_equal(check_chain(&ledger, &bad_height), 0);
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
    assert_int_equal(check_chain(&ledger, &bad_height), ERR_CORRUPT);
    assert_int_equal(bad_height, 4);
}

/* ---- opening ---- */

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
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *change[] = {ledger_change_tx(&ledger, "remove", LEDGER_VALIDATORS)};
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
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *first[] = {put_tx(&ledger, 1, "a", 1)};
    struct tx *second[] = {put_tx(&ledger, 1, "a", 2)};
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
/* Also the count of leaves, which no hash covers and by which memory was once laid out. */
static void every_byte_of_the_root_of_the_tip_is_seen(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1)};
    ledger_append(&ledger, txs, 1);
    app_close(&ledger.app);
    AUTO(record_free) struct record record = {0};
    struct store_key tip = store_key_height(KV_STATE_ROOT, 1);
    buf_append_view(&record.key, store_key_view(&tip));
    assert_int_equal(kv_get(ledger.kv, NULL, store_key_view(&tip), &record.value), 0);
    for (size_t at = 0; at < record.value.len; at++) {
        record.value.data[at] ^= 0x04;
        put_record(ledger.kv, &record);
        assert_int_equal(open_error(&ledger), ERR_CORRUPT);
        record.value.data[at] ^= 0x04;
    }
    put_record(ledger.kv, &record);
    assert_int_equal(open_error(&ledger), 0);
}

static void a_lost_replay_window_is_seen(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1)};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damaged_record_is_found),
        cmocka_unit_test(the_check_says_where),
        cmocka_unit_test(another_genesis_is_refused),
        cmocka_unit_test(foreign_stores_are_refused),
        cmocka_unit_test(opening_checks_the_tip),
        cmocka_unit_test(the_set_of_the_tip_is_the_one_that_the_chain_names),
        cmocka_unit_test(the_state_of_the_tip_is_the_one_that_its_header_names),
        cmocka_unit_test(every_byte_of_the_root_of_the_tip_is_seen),
        cmocka_unit_test(a_lost_replay_window_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
