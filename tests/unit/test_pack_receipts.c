/* Receipts that are encoded properly and lie: twice, in another order, under a later block, of a
 * second history, by validators that are none. */
#include "packs.h"

/* The set that left with block 3 certifies a later block. */
static void a_foreign_validator_set(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, &txids[1], 1);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    AUTO(doc_free) struct doc *receipt = doc_copy(doc_get(parts.line[2], "receipt"));
    assert_int_equal(doc_count(doc_get(receipt, "history")), 1);
    doc_set(receipt, "history", doc_new_array());
    doc_set(parts.line[2], "receipt", doc_ref(receipt));
    expect_refused(&ledger, &parts, ERR_VALIDATORS, "validators");

    AUTO(parts_free) struct parts again = take_apart(&pack);
    const struct doc *history = doc_get(doc_get(again.line[2], "receipt"), "history");
    AUTO(doc_free) struct doc *steps = doc_new_array();
    AUTO(doc_free) struct doc *step = doc_copy(doc_at(history, 0));
    struct validator_set set = *app_next_validators(ledger.app);
    struct secret_key secret = ledger_secret(0, KEY_CHIEF);
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(sign_vote_key(&set.item[0].key, &secret), 0);
    validators_encode(&bytes, &set);
    doc_set_bytes(step, "set", view_of_buf(&bytes));
    doc_push(steps, doc_ref(step));
    AUTO(doc_free) struct doc *forged = doc_copy(receipt);
    doc_set(forged, "history", doc_ref(steps));
    doc_set(parts.line[2], "receipt", doc_ref(forged));
    expect_refused(&ledger, &parts, ERR_VALIDATORS, "history[0]");
}

/* The same set can decide twice, with another one in between. A receipt of its first time has one
 * history, and not that of its second time too. */
static void a_history_that_goes_beyond_the_block(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct hash txids[2];
    change_validators(&ledger, "remove", 4);
    for (size_t i = 0; i < 2; i++) {
        char code[] = {'A', (char)('0' + i), 0};
        struct tx *one[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body(code))};
        txids[i] = one[0]->id;
        ledger_append(&ledger, one, 1);
        change_validators(&ledger, "remove", 3);
        change_validators(&ledger, "add", 3);
    }
    AUTO(pack_free) struct pack early = write_receipts(&ledger, &txids[0], 1);
    AUTO(pack_free) struct pack late = write_receipts(&ledger, &txids[1], 1);
    AUTO(parts_free) struct parts parts = take_apart(&early);
    AUTO(parts_free) struct parts donor = take_apart(&late);
    AUTO(doc_free) struct doc *receipt = doc_copy(doc_get(parts.line[2], "receipt"));
    const struct doc *longer = doc_get(doc_get(donor.line[2], "receipt"), "history");
    assert_int_equal(doc_count(doc_get(receipt, "history")), 1);
    assert_int_equal(doc_count(longer), 3);
    doc_set(receipt, "history", doc_copy(longer));
    doc_set(parts.line[2], "receipt", doc_ref(receipt));
    expect_refused(&ledger, &parts, ERR_BLOCK_LINK, "header.height");
}

/* Not even the validators themselves make a block of another chain one of this. */
static void a_header_of_another_chain(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    ledger_append(&ledger, NULL, 0);
    struct validator_walk walk;
    assert_int_equal(validator_walk_start(&walk, ledger.genesis, &ledger.genesis_hash), 0);
    for (int foreign = 0; foreign < 2; foreign++) {
        struct block block = {.header = *app_tip(ledger.app)};
        struct faults faults = {0};
        block.header.genesis.bytes[0] ^= (uint8_t)foreign;
        header_hash(&block.hash, &block.header);
        struct certificate certificate = ledger_certify(&ledger, &block);
        assert_int_equal(
            validator_walk_verify(&walk, &faults, &block.header, &certificate, "block"),
            foreign ? ERR_TX_CHAIN : 0);
        assert_int_equal(faults.count, foreign);
    }
}

static void set_end(struct parts *parts, uint64_t count, const struct hash *last)
{
    doc_set_int(parts->line[parts->count - 1], "count", (int64_t)count);
    doc_set_hash(parts->line[parts->count - 1], "last", last);
}

static void a_receipt_twice(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    struct hash last = block_hash(&ledger, 5);
    for (size_t copied = 2; copied <= 3; copied++) {
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        parts_insert(&parts, copied, doc_copy(parts.line[copied]));
        set_end(&parts, 3, &last);
        expect_refused(&ledger, &parts, ERR_PACK, "receipt: the same one is there twice");
    }
}

static void receipts_in_another_order(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    struct hash last = block_hash(&ledger, 1);
    parts_insert(&parts, 2, doc_copy(parts.line[3]));
    parts_remove(&parts, 4);
    set_end(&parts, 2, &last);
    expect_refused(&ledger, &parts, ERR_PACK, "heights of the receipts");
    /* … also when the head goes along, which then says 5 … 5, or 1 … 5. */
    doc_set_int(parts.line[0], "from", 5);
    expect_refused(&ledger, &parts, ERR_PACK, "receipt: not in the order of the log");
}

static void receipts_that_the_head_does_not_name(void **state)
{
    (void)state;
    struct hash txids[2];
    AUTO(ledger_close) struct ledger ledger = make_ledger(&txids[0], &txids[1]);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 2);
    static const struct {
        int64_t from, to;
    } heads[] = {{1, 6}, {1, 4}, {2, 5}, {1, DOC_INT_MAX}};
    for (size_t i = 0; i < COUNT_OF(heads); i++) {
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        doc_set_int(parts.line[0], "from", heads[i].from);
        doc_set_int(parts.line[0], "to", heads[i].to);
        expect_refused(&ledger, &parts, ERR_PACK, "heights of the receipts");
    }
}

/* The header with another time, certified by the validators: a second history. */
static void fork_header(struct doc *line, const struct ledger *ledger, int64_t time_ms)
{
    struct header header = header_of(line);
    header.time_ms = time_ms;
    certify_header(line, ledger, &header);
}

/* A quorum that signed two blocks of one height shows when receipts of both stand side by side. */
static void receipts_of_two_histories(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct hash txids[3];
    struct tx *two[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A1")),
                        ledger_tx(&ledger, 2, KEY_COMPILE, "duty.publish", duty_body("B1"))};
    txids[0] = two[0]->id;
    txids[1] = two[1]->id;
    ledger_append(&ledger, two, 2);
    struct tx *one[] = {ledger_tx(&ledger, 1, KEY_COMPILE, "duty.publish", duty_body("A2"))};
    txids[2] = one[0]->id;
    int64_t first_ms = app_tip_time_ms(ledger.app);
    ledger_append(&ledger, one, 1);
    AUTO(pack_free) struct pack pack = write_receipts(&ledger, txids, 3);

    static const struct {
        size_t line;
        int64_t after_first_ms;
        const char *claim;
    } cases[] = {{3, 1, "receipt: two blocks of one height"},
                 {4, 0, "receipt: of another history"},
                 {4, -1, "receipt: of another history"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(parts_free) struct parts parts = take_apart(&pack);
        AUTO(doc_free)
        struct doc *receipt = doc_copy(doc_get(parts.line[cases[i].line], "receipt"));
        fork_header(receipt, &ledger, first_ms + cases[i].after_first_ms);
        doc_set(parts.line[cases[i].line], "receipt", doc_ref(receipt));
        expect_refused(&ledger, &parts, ERR_PACK, cases[i].claim);
    }
    /* At the next height the hash must be that of the block before. */
    AUTO(parts_free) struct parts parts = take_apart(&pack);
    parts_remove(&parts, 3);
    AUTO(doc_free) struct doc *receipt = doc_copy(doc_get(parts.line[2], "receipt"));
    fork_header(receipt, &ledger, first_ms - 1);
    doc_set(parts.line[2], "receipt", doc_ref(receipt));
    expect_refused(&ledger, &parts, ERR_PACK, "receipt: of another history");
}

/* Every later log holds the transaction too; a later block would lend it a later time. */
static void a_receipt_under_a_later_block(void **state)
{
    (void)state;
    struct hash first, last;
    AUTO(ledger_close) struct ledger ledger = make_ledger(&first, &last);
    struct store_view view;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    AUTO(doc_free) struct doc *receipt = NULL, *later = NULL;
    assert_int_equal(receipt_make(&receipt, &view, &first), 0);
    assert_int_equal(receipt_make(&later, &view, &last), 0);
    /* All but the place in the block is proved as it should be. */
    struct header header;
    struct log_proof proof;
    assert_int_equal(store_read_header(&header, &view, 5), 0);
    int64_t index = doc_get_int(doc_get(receipt, "log"), "index", -1);
    assert_int_equal(store_prove_inclusion(&proof, &view, (uint64_t)index, header.log_size), 0);
    struct doc *log = doc_new_object();
    doc_set_int(log, "index", index);
    doc_set_bytes(log, "proof", view_of(proof.node, proof.count * HASH_BYTES));
    doc_set(later, "log", log);
    doc_set(later, "transaction", doc_ref(doc_get(receipt, "transaction")));
    store_view_close(&view);

    struct receipt_facts facts;
    struct faults faults = {0};
    assert_int_equal(receipt_verify(&facts, &faults, later, ledger.genesis, &ledger.genesis_hash),
                     ERR_PROOF_LOG);
    assert_non_null(strstr(faults.item[0].field, "entry of an earlier block"));
    /* Nor does another block before it help: it must be the one that the header names. */
    AUTO(buf_free) struct buf bytes = {0};
    header.height = 4;
    header.log_size = 0;
    header_encode(&bytes, &header);
    doc_set_bytes(later, "previous", view_of_buf(&bytes));
    faults = (struct faults){0};
    assert_int_equal(receipt_verify(&facts, &faults, later, ledger.genesis, &ledger.genesis_hash),
                     ERR_BLOCK_LINK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_foreign_validator_set),
        cmocka_unit_test(a_history_that_goes_beyond_the_block),
        cmocka_unit_test(a_header_of_another_chain),
        cmocka_unit_test(a_receipt_twice),
        cmocka_unit_test(receipts_in_another_order),
        cmocka_unit_test(receipts_that_the_head_does_not_name),
        cmocka_unit_test(receipts_of_two_histories),
        cmocka_unit_test(a_receipt_under_a_later_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
