/* The application: which blocks it prepares, accepts and commits, how much they may hold, and what
 * it admits before there is a block. */

#include "app_ledger.h"

/* ---- blocks ---- */

static void blocks_follow_one_another(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    assert_int_equal(app_height(ledger.app), 0);
    assert_null(app_tip(ledger.app));
    assert_int_equal(app_tip_time_ms(ledger.app), LEDGER_TIME_MS);
    assert_true(hash_equal(app_tip_hash(ledger.app), &ledger.genesis_hash));
    ledger_append(&ledger, NULL, 0);
    struct hash first = *app_tip_hash(ledger.app);
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 2)};
    ledger_append(&ledger, txs, 2);
    const struct header *tip = app_tip(ledger.app);
    assert_int_equal(tip->height, 2);
    assert_true(hash_equal(&tip->previous, &first));
    assert_int_equal(tip->log_size, 2);
    assert_true(hash_equal(&tip->validators, &tip->next_validators));
    assert_int_equal(value_of(&ledger, "a"), 1);
    assert_int_equal(value_of(&ledger, "b"), 2);
    ledger_reopen(&ledger);
    assert_int_equal(app_height(ledger.app), 2);
    assert_int_equal(app_tip_time_ms(ledger.app), LEDGER_TIME_MS + 2000);
    ledger_append(&ledger, NULL, 0);
    assert_int_equal(app_height(ledger.app), 3);
}

static void what_commit_tells(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *before[] = {put_tx(&ledger, 1, "x", 1)};
    ledger_append(&ledger, before, 1);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "act", true);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &tx, 1, NULL);
    struct certificate certificate = ledger_certify(&ledger, block);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), 0);
    assert_true(hash_equal(&commit.hash, &block->hash));
    assert_int_equal(commit.header.height, 2);
    assert_int_equal(commit.first_log_index, 1);
    assert_int_equal(commit.header.log_size, 3); /* the act, the transaction */
    assert_int_equal(doc_count(commit.acts), 1);
    assert_true(doc_text_is(doc_at(commit.acts, 0), "effect", "noted"));
    assert_int_equal(doc_get_int(doc_at(commit.acts, 0), "height", 0), 2);
    assert_ptr_equal(commit.block->txs[0], tx);
    assert_false(commit.validators_changed);
    app_commit_free(&commit);
    tx_free(&tx);
}

/* Every way to be wrong about one field, each refused with its error at its field. */
static void wrong_header_fields_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *first[] = {put_tx(&ledger, 1, "a", 1)};
    ledger_append(&ledger, first, 1);
    struct tx *tx = put_tx(&ledger, 1, "b", 1);
    AUTO(block_free) struct block *good = ledger_prepare(&ledger, &tx, 1, NULL);
    enum {
        VERSION,
        GENESIS,
        HEIGHT,
        HEIGHT_LOW,
        TIME,
        PREVIOUS,
        LOG_SIZE,
        LOG_ROOT,
        STATE_ROOT,
        VALIDATORS,
        NEXT,
        PROPOSER,
        CASES
    };
    static const struct {
        int error;
        const char *field;
    } expected[CASES] = {
        [VERSION] = {ERR_BLOCK_FORM, "header"},
        [GENESIS] = {ERR_BLOCK_LINK, "header.genesis"},
        [HEIGHT] = {ERR_BLOCK_LINK, "header.height"},
        [HEIGHT_LOW] = {ERR_BLOCK_LINK, "header.height"},
        [TIME] = {ERR_BLOCK_LINK, "header.time_ms"},
        [PREVIOUS] = {ERR_BLOCK_LINK, "header.previous"},
        [LOG_SIZE] = {ERR_BLOCK_EXECUTION, "header.log_size"},
        [LOG_ROOT] = {ERR_BLOCK_EXECUTION, "header.log_root"},
        [STATE_ROOT] = {ERR_BLOCK_EXECUTION, "header.state_root"},
        [VALIDATORS] = {ERR_VALIDATORS, "header.validators"},
        [NEXT] = {ERR_BLOCK_EXECUTION, "header.next_validators"},
        [PROPOSER] = {ERR_VALIDATORS, "header.proposer"},
    };
    for (int i = 0; i < CASES; i++) {
        AUTO(block_free) struct block *bad = ledger_transport(&ledger, good);
        struct header *header = &bad->header;
        switch (i) {
        case VERSION:
            header->version++;
            break;
        case GENESIS:
            header->genesis.bytes[0] ^= 1;
            break;
        case HEIGHT:
            header->height++;
            break;
        case HEIGHT_LOW:
            header->height--;
            break;
        case TIME:
            header->time_ms = app_tip_time_ms(ledger.app);
            break;
        case PREVIOUS:
            header->previous.bytes[31] ^= 1;
            break;
        case LOG_SIZE:
            header->log_size++;
            break;
        case LOG_ROOT:
            header->log_root.bytes[7] ^= 0x80;
            break;
        case STATE_ROOT:
            header->state_root.bytes[0] ^= 1;
            break;
        case VALIDATORS:
            header->validators.bytes[1] ^= 1;
            break;
        case NEXT:
            header->next_validators.bytes[1] ^= 1;
            break;
        default:
            memcpy(header->proposer, CENTER, MEMBER_ID_CHARS + 1);
        }
        header_hash(&bad->hash, header);
        struct faults faults;
        int error = process(&ledger, &faults, bad);
        if (error != expected[i].error)
            fail_msg("case %d: %s", i, error_code(error));
        assert_false(app_error_is_environment(error));
        expect_fault(&faults, error, expected[i].field);
        struct certificate certificate = ledger_certify(&ledger, bad);
        struct app_commit commit;
        assert_int_equal(app_commit(&commit, ledger.app, &bad->hash, &certificate), ERR_NOT_FOUND);
    }
    /* A hash that is not the header's never gets as far as a cached result. */
    AUTO(block_free) struct block *lied = ledger_transport(&ledger, good);
    struct faults faults;
    lied->header.time_ms++;
    assert_int_equal(process(&ledger, &faults, lied), ERR_BLOCK_FORM);
    tx_free(&tx);
}

static void the_same_hash_with_another_body_is_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *txs[] = {put_tx(&ledger, 1, "a", 1), put_tx(&ledger, 2, "b", 1)};
    struct faults faults;
    AUTO(block_free) struct block *good = ledger_prepare(&ledger, txs, 2, NULL);
    AUTO(block_free) struct block *same = ledger_transport(&ledger, good);
    assert_int_equal(process(&ledger, &faults, same), 0);
    struct tx *swap = same->txs[0];
    same->txs[0] = same->txs[1];
    same->txs[1] = swap;
    assert_int_equal(process(&ledger, &faults, same), ERR_BLOCK_EXECUTION);
    AUTO(block_free) struct block *shorter = ledger_transport(&ledger, good);
    tx_free(&shorter->txs[--shorter->tx_count]);
    assert_int_equal(process(&ledger, &faults, shorter), ERR_BLOCK_EXECUTION);
    AUTO(block_free) struct block *unverified = ledger_transport(&ledger, good);
    unverified->txs[1]->verified = false;
    assert_int_equal(process(&ledger, &faults, unverified), ERR_SIGNATURE);
    expect_fault(&faults, ERR_SIGNATURE, "txs[1]");
    /* And none of them replaced what was executed. */
    assert_int_equal(ledger_commit(&ledger, good), 0);
    tx_free(&txs[0]);
    tx_free(&txs[1]);
}

static void blocks_of_one_height_live_side_by_side(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct block *blocks[EXECUTIONS_MAX + 2];
    struct tx *txs[EXECUTIONS_MAX + 2];
    struct faults faults;
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        char key[24];
        snprintf(key, sizeof key, "k%zu", i);
        txs[i] = put_tx(&ledger, 1, key, 1);
        blocks[i] = ledger_prepare(&ledger, &txs[i], 1, NULL);
        for (size_t j = 0; j < i; j++)
            assert_false(hash_equal(&blocks[i]->hash, &blocks[j]->hash));
    }
    /* The oldest made room; executed again, it is as good as before. */
    struct certificate certificate = ledger_certify(&ledger, blocks[0]);
    struct app_commit commit;
    assert_int_equal(app_commit(&commit, ledger.app, &blocks[0]->hash, &certificate),
                     ERR_NOT_FOUND);
    assert_int_equal(process(&ledger, &faults, blocks[0]), 0);
    assert_int_equal(ledger_commit(&ledger, blocks[0]), 0);
    assert_int_equal(value_of(&ledger, "k0"), 1);
    assert_int_equal(value_of(&ledger, "k5"), -1);
    /* The others were of this height. */
    assert_int_equal(process(&ledger, &faults, blocks[5]), ERR_BLOCK_LINK);
    for (size_t i = 0; i < COUNT_OF(blocks); i++) {
        tx_free(&txs[i]);
        block_free(&blocks[i]);
    }
}

static void a_certificate_for_another_block_commits_nothing(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, NULL, 0, NULL);
    struct certificate certificate = ledger_certify(&ledger, block);
    struct app_commit commit;
    certificate.block.bytes[0] ^= 1;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), ERR_CERT_BLOCK);
    certificate.block.bytes[0] ^= 1;
    certificate.height = 2;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), ERR_CERT_BLOCK);
    certificate.height = 1;
    assert_int_equal(app_commit(&commit, ledger.app, &block->hash, &certificate), 0);
    app_commit_free(&commit);
}

static void proposals_out_of_place_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct app_proposal proposal = {.time_ms = LEDGER_TIME_MS, .proposer = agencies[1]};
    struct block *block;
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), ERR_BLOCK_LINK);
    proposal.time_ms++;
    proposal.proposer = CENTER; /* an observer */
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), ERR_VALIDATORS);
    proposal.proposer = agencies[1];
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), 0);
    block_free(&block);
}

/* ---- limits ---- */

/* Ten candidates of which the block takes only `expected`; the others are told that it was full,
 * and a block that takes one more is refused. */
static void expect_room(struct ledger *ledger, const struct doc *template, size_t expected,
                        const char *field)
{
    struct tx *txs[10];
    struct ledger_dropped dropped = {0};
    for (int i = 0; i < 10; i++) {
        char key[24];
        struct doc *body = doc_copy(template);
        snprintf(key, sizeof key, "k%d", i);
        doc_set_text(body, "key", key);
        txs[i] = ledger_tx(ledger, 1, KEY_COMPILE, "test.put", body);
    }
    AUTO(block_free) struct block *block = ledger_prepare(ledger, txs, 10, &dropped);
    assert_int_equal(block->tx_count, expected);
    assert_int_equal(dropped.count, 10 - expected);
    for (size_t i = 0; i < dropped.count; i++)
        assert_int_equal(dropped.error[i], 0);
    AUTO(block_free) struct block *over = ledger_transport(ledger, block);
    force_tx(over, txs[expected]);
    struct faults faults;
    assert_int_equal(process(ledger, &faults, over), ERR_QUOTA);
    expect_fault(&faults, ERR_QUOTA, field);
    for (int i = 0; i < 10; i++)
        tx_free(&txs[i]);
}

static void blocks_are_limited(void **state)
{
    (void)state;
    static const struct {
        const char *param;
        int64_t value;
        size_t text; /* ballast in each */
        size_t expected;
        const char *field;
    } cases[] = {
        {"block_txs_max", 3, 0, 3, "txs[3]"},
        {"member_txs_max", 4, 0, 4, "txs[4]"},
        {"block_cost_max", 599, 0, 5, "txs[5]"},
        {"block_bytes_max", 376832, 100000, 2, "txs[2]"}, /* 134 kB each */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(ledger_close)
        struct ledger ledger = open_limited(cases[i].param, cases[i].value);
        AUTO(doc_free) struct doc *body = test_body("", 1);
        AUTO(buf_free) struct buf text = {0};
        for (size_t j = 0; j < cases[i].text; j++)
            buf_append_u8(&text, 'x');
        doc_set_text(body, "text", buf_text(&text));
        expect_room(&ledger, body, cases[i].expected, cases[i].field);
    }
}

/* ---- admission ---- */

static void admission_tells_all_faults(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct faults faults = {0};
    struct tx *good = put_tx(&ledger, 1, "a", 1);
    assert_int_equal(app_check(ledger.app, &faults, good, true), 0);
    struct tx *old =
        ledger_tx_expiring(&ledger, 1, KEY_CHIEF, "test.put", test_body("a", 1), LEDGER_TIME_MS);
    assert_int_equal(app_check(ledger.app, &faults, old, false), ERR_TX_ROLE);
    expect_fault(&faults, ERR_TX_EXPIRED, "");
    assert_string_equal(faults.item[0].now, "chief");
    assert_string_equal(faults.item[0].may, "compile");
    struct tx *far = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1),
                                        LEDGER_TIME_MS + 90 * DAY_MS);
    assert_int_equal(app_check(ledger.app, NULL, far, false), ERR_TX_LIFETIME);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "fail", true);
    struct tx *failing = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    assert_int_equal(app_check(ledger.app, NULL, failing, false), 0);
    assert_int_equal(app_check(ledger.app, &faults, failing, true), ERR_STATUS);
    expect_fault(&faults, ERR_STATUS, "key");
    good->verified_key.bytes[3] ^= 1;
    assert_int_equal(app_check(ledger.app, NULL, good, false), ERR_SIGNATURE);
    /* Trying left nothing behind. */
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, NULL, 0, NULL);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(value_of(&ledger, "a"), -1);
    tx_free(&good);
    tx_free(&old);
    tx_free(&far);
    tx_free(&failing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_follow_one_another),
        cmocka_unit_test(what_commit_tells),
        cmocka_unit_test(wrong_header_fields_are_refused),
        cmocka_unit_test(the_same_hash_with_another_body_is_refused),
        cmocka_unit_test(blocks_of_one_height_live_side_by_side),
        cmocka_unit_test(a_certificate_for_another_block_commits_nothing),
        cmocka_unit_test(proposals_out_of_place_are_refused),
        cmocka_unit_test(blocks_are_limited),
        cmocka_unit_test(admission_tells_all_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
