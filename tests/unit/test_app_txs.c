/* Transactions as the application executes them: how long they live, that they count once, who may
 * sign them, and what their rules may do; with the real rules of membership and small ones of the
 * test. */

#include "app_ledger.h"
#include "ledger_keys.h"

/* ---- time and replay ---- */

static void lifetimes_are_exact(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const int64_t now = LEDGER_TIME_MS + 5000;
    const int64_t lifetime = app_params(ledger.app)->tx_lifetime_ms;
    static const int64_t offsets[] = {-1, 0, 1};
    static const int expired[] = {ERR_TX_EXPIRED, ERR_TX_EXPIRED, 0};
    static const int too_long[] = {0, 0, ERR_TX_LIFETIME};
    for (int i = 0; i < 3; i++) {
        struct tx *early = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put",
                                              test_body("a", 1), now + offsets[i]);
        struct tx *late = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1),
                                             now + lifetime + offsets[i]);
        assert_int_equal(judge_at(&ledger, early, now), expired[i]);
        assert_int_equal(judge_at(&ledger, late, now), too_long[i]);
        tx_free(&early);
        tx_free(&late);
    }
}

static void a_transaction_counts_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    struct tx *twice[] = {tx, tx};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, twice, 2, &dropped);
    assert_int_equal(block->tx_count, 1);
    assert_int_equal(dropped.count, 1);
    assert_int_equal(dropped.error[0], ERR_TX_REPLAY);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
    assert_int_equal(app_check(ledger.app, NULL, tx, false), ERR_TX_REPLAY);
    ledger_reopen(&ledger);
    assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
    /* Until the very end of its life, many blocks later. */
    for (int i = 0; i < 5; i++)
        ledger_append(&ledger, NULL, 0);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms - 1), ERR_TX_REPLAY);
    ledger_reopen(&ledger);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms - 1), ERR_TX_REPLAY);
    assert_int_equal(judge_at(&ledger, tx, tx->expires_ms), ERR_TX_EXPIRED);
    tx_free(&tx);
}

/* Nor is it forgotten for what stands before it in the log of its block. */
static void a_transaction_behind_evidence_and_acts_counts_once(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct evidence evidence = ledger_equivocation(&ledger, 2, VOTE_PREVOTE, 1, 0);
    struct doc *body = test_body("a", 1);
    doc_set_bool(body, "act", true);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    struct app_proposal proposal = {.time_ms = LEDGER_TIME_MS + 1000,
                                    .proposer = agencies[1],
                                    .candidates = &tx,
                                    .candidate_count = 1,
                                    .evidence = &evidence,
                                    .evidence_count = 1};
    AUTO(block_free) struct block *block = NULL;
    assert_int_equal(app_prepare(&block, ledger.app, &proposal), 0);
    assert_int_equal(block->header.log_size, 3);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(judge(&ledger, tx), ERR_TX_REPLAY);
        ledger_reopen(&ledger);
    }
    tx_free(&tx);
}

/* The end of the window to the millisecond, also as it is read back at start: a transaction that
 * lives as long as it may is known until the very moment it expires. */
static void the_replay_window_is_exact(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    const int64_t lifetime = app_params(ledger.app)->tx_lifetime_ms;
    const int64_t end = LEDGER_TIME_MS + 1000 + lifetime; /* of what the first block may hold */
    struct tx *tx = ledger_tx_expiring(&ledger, 1, KEY_COMPILE, "test.put", test_body("a", 1), end);
    struct tx *first[] = {tx_ref(tx)};
    ledger_append(&ledger, first, 1);
    assert_int_equal(judge_at(&ledger, tx, end - 1), ERR_TX_REPLAY);
    AUTO(block_free) struct block *last = ledger_prepare_at(&ledger, end - 1, NULL, 0, NULL);
    assert_int_equal(ledger_commit(&ledger, last), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(app_check(ledger.app, NULL, tx, false), ERR_TX_REPLAY);
        assert_int_equal(judge_at(&ledger, tx, end), ERR_TX_EXPIRED);
        ledger_reopen(&ledger);
    }
    tx_free(&tx);
}

/* ---- keys and roles ---- */

static void only_the_named_key_signs(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *tx = put_tx(&ledger, 1, "a", 1);
    assert_int_equal(judge(&ledger, tx), 0);
    tx->verified_key.bytes[5] ^= 1;
    assert_int_equal(judge(&ledger, tx), ERR_SIGNATURE);
    tx->verified_key.bytes[5] ^= 1;
    memcpy(tx->key_name, "chief", 6); /* as if it were another key of the member */
    assert_int_equal(judge(&ledger, tx), ERR_TX_ROLE);
    memcpy(tx->key_name, "nobody", 7);
    assert_int_equal(judge(&ledger, tx), ERR_TX_KEY);
    memcpy(tx->member, "91350100M000100Y43", MEMBER_ID_CHARS);
    assert_int_equal(judge(&ledger, tx), ERR_TX_MEMBER);
    tx_free(&tx);
    struct tx *unverified = put_tx(&ledger, 1, "b", 1);
    unverified->verified = false;
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &unverified, 1, &dropped);
    assert_int_equal(block->tx_count, 0);
    assert_int_equal(dropped.error[0], ERR_SIGNATURE);
    tx_free(&unverified);
}

static void roles_and_parties_are_enforced(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *chief = ledger_tx(&ledger, 1, KEY_CHIEF, "test.put", test_body("a", 1));
    assert_int_equal(judge(&ledger, chief), ERR_TX_ROLE);
    struct tx *center = ledger_tx(&ledger, 0, KEY_ADMIN, "test.center", test_body("a", 1));
    assert_int_equal(judge(&ledger, center), 0);
    struct tx *other = ledger_tx(&ledger, 1, KEY_COMPILE, "test.center", test_body("a", 1));
    /* No key of another party would do, whatever its role: that comes first. */
    assert_int_equal(judge(&ledger, other), ERR_PARTY);
    struct tx *role = ledger_tx(&ledger, 0, KEY_COMPILE, "test.center", test_body("a", 1));
    assert_int_equal(judge(&ledger, role), ERR_TX_ROLE);
    tx_free(&role);
    tx_free(&chief);
    tx_free(&center);
    tx_free(&other);
}

static struct tx *suspend_tx(struct ledger *ledger, size_t agency)
{
    char version[2 * HASH_BYTES + 1], key[64];
    snprintf(key, sizeof key, "member/%s", agencies[agency]);
    version_of(version, ledger, key);
    struct doc *body = doc_new_object();
    doc_set_text(body, "member", agencies[agency]);
    doc_set_text(body, "acts_on", version);
    doc_set_text(body, "reason", "整改");
    doc_set_text(body, "cause", "order");
    doc_set_text(body, "papers", version);
    return ledger_tx(ledger, 0, KEY_ADMIN, "member.suspend", body);
}

static void suspension_acts_from_the_next_block(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *suspended = put_tx(&ledger, 4, "later", 1);
    struct tx *txs[] = {suspend_tx(&ledger, 4), put_tx(&ledger, 4, "now", 1)};
    struct public_key key;
    ledger_append(&ledger, txs, 2); /* behind the suspension, in its block: still good */
    assert_int_equal(value_of(&ledger, "now"), 1);
    assert_int_equal(judge(&ledger, suspended), ERR_TX_SUSPENDED);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[4], "compile"), ERR_TX_SUSPENDED);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "compile"), 0);
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "none"), ERR_TX_KEY);
    assert_int_equal(app_signer_key(&key, ledger.app, "91350100M000100Y43", "x"), ERR_TX_MEMBER);
    for (int i = 0; i < 5000; i++) { /* more than are kept, and each is another one */
        char name[16];
        snprintf(name, sizeof name, "k%d", i);
        assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], name), ERR_TX_KEY);
    }
    assert_int_equal(app_signer_key(&key, ledger.app, agencies[1], "compile"), 0);
    ledger_reopen(&ledger);
    assert_int_equal(judge(&ledger, suspended), ERR_TX_SUSPENDED);
    tx_free(&suspended);
}

/* A transaction by the key "second" of agency 1, whose secret is this number. */
static struct tx *second_tx(struct ledger *ledger, uint8_t number, const char *key)
{
    AUTO(buf_free) struct buf raw = {0};
    AUTO(doc_free) struct doc *body = test_body(key, 1);
    struct secret_key secret;
    struct public_key public;
    struct tx *tx = NULL;
    memset(secret.bytes, number, SECRET_KEY_BYTES);
    const struct tx_draft draft = {.genesis = &ledger->genesis_hash,
                                   .member = agencies[1],
                                   .key_name = "second",
                                   .type = "test.put",
                                   .expires_ms = app_tip_time_ms(ledger->app) + 60000,
                                   .body = body};
    assert_int_equal(tx_sign(&raw, &draft, &secret), 0);
    assert_int_equal(tx_parse(&tx, NULL, view_of_buf(&raw), &ledger->genesis_hash), 0);
    assert_int_equal(sign_public_key(&public, &secret), 0);
    assert_int_equal(tx_verify(tx, &public), 0);
    return tx;
}

static void key_changes_act_from_the_next_block(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *by_second = second_tx(&ledger, 200, "a");
    struct tx *add = key_add_tx(&ledger, 1, "second", "compile", 200);
    struct tx *both[] = {add, by_second};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, both, 2, &dropped);
    assert_int_equal(dropped.count, 1);
    assert_ptr_equal(dropped.tx[0], by_second);
    assert_int_equal(dropped.error[0], ERR_TX_KEY);
    assert_int_equal(ledger_commit(&ledger, block), 0);
    assert_int_equal(judge(&ledger, by_second), 0);
    struct tx *by_stranger = second_tx(&ledger, 201, "a");
    assert_int_equal(judge(&ledger, by_stranger), ERR_SIGNATURE);
    tx_free(&by_stranger);

    struct tx *after = second_tx(&ledger, 200, "b");
    struct tx *txs[] = {key_retire_tx(&ledger, 1, "second"), by_second};
    ledger_append(&ledger, txs, 2);
    assert_int_equal(judge(&ledger, after), ERR_TX_KEY);
    tx_free(&after);
    tx_free(&add);
}

/* ---- rules ---- */

static void bounds_of_a_type_are_enforced(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    static const struct {
        const char *what;
        int64_t most; /* beside the one that every transaction reads and writes */
    } cases[] = {{"reads", 7}, {"writes", 2}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (int64_t count = cases[i].most - 1; count <= cases[i].most + 1; count++) {
            int expected = count <= cases[i].most ? 0 : ERR_TX_BOUNDS;
            struct doc *body = test_body("a", 1);
            doc_set_int(body, cases[i].what, count);
            struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
            assert_int_equal(judge(&ledger, tx), expected);
            assert_int_equal(app_check(ledger.app, NULL, tx, true), expected);
            tx_free(&tx);
        }
    }
}

/* A record that nobody could read again must not come about, nor keep a block from being made. */
static void giant_records_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    AUTO(buf_free) struct buf text = {0};
    for (int i = 0; i < 52000; i++)
        buf_append_u8(&text, i % 2 == 0 ? '"' : 'x'); /* canonical: 78 kB and quotes */
    /* 390 kB; 468 kB, where it may leave 458752 bytes */
    for (int64_t grow = 5; grow <= 6; grow++) {
        struct doc *body = test_body("giant", grow);
        doc_set_text(body, "text", buf_text(&text));
        doc_set_int(body, "grow", grow);
        struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
        assert_int_equal(judge(&ledger, tx), grow == 5 ? 0 : ERR_TOO_LARGE);
        assert_int_equal(app_check(ledger.app, NULL, tx, true), grow == 5 ? 0 : ERR_TOO_LARGE);
        tx_free(&tx);
    }
}

static void test_types_need_a_test_chain(void **state)
{
    (void)state;
    struct ledger ledger = {.kv = kv_open_memory(), .genesis = ledger_genesis(NULL, false)};
    genesis_hash(&ledger.genesis_hash, ledger.genesis);
    ledger_open_app(&ledger);
    struct tx *tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.only", test_body("a", 1));
    assert_int_equal(judge(&ledger, tx), ERR_TEST_ONLY);
    tx_free(&tx);
    ledger_close(&ledger);
    ledger = open_memory();
    tx = ledger_tx(&ledger, 1, KEY_COMPILE, "test.only", test_body("a", 1));
    assert_int_equal(judge(&ledger, tx), 0);
    tx_free(&tx);
    ledger_close(&ledger);
}

static void a_failed_rule_leaves_no_trace(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct doc *body = test_body("a", 7);
    doc_set_bool(body, "act", true);
    doc_set_bool(body, "fail", true);
    struct tx *bad = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    struct tx *good = put_tx(&ledger, 1, "b", 1);
    struct tx *txs[] = {bad, good};
    struct ledger_dropped dropped = {0};
    AUTO(block_free) struct block *with = ledger_prepare(&ledger, txs, 2, &dropped);
    AUTO(block_free) struct block *without = ledger_prepare(&ledger, &good, 1, NULL);
    assert_int_equal(dropped.count, 1);
    assert_int_equal(dropped.error[0], ERR_STATUS);
    assert_true(hash_equal(&with->hash, &without->hash));
    tx_free(&bad);
    tx_free(&good);
}

/* A rule that acts on no record tells nothing of the one that the transaction before it acted on,
 * be its key the same. */
static void a_refusal_tells_of_its_own_record(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct doc *body = test_body(agencies[4], 1);
    doc_set_bool(body, "fail", true);
    struct tx *suspend = suspend_tx(&ledger, 4);
    struct tx *bad = ledger_tx(&ledger, 1, KEY_COMPILE, "test.put", body);
    struct faults faults;
    AUTO(block_free) struct block *block = ledger_prepare(&ledger, &suspend, 1, NULL);
    AUTO(block_free) struct block *forced = ledger_transport(&ledger, block);
    force_tx(forced, bad);
    assert_int_equal(process(&ledger, &faults, forced), ERR_STATUS);
    expect_fault(&faults, ERR_STATUS, "key");
    expect_fault(&faults, ERR_STATUS, "txs[1]");
    assert_string_equal(faults.item[0].now, "");
    tx_free(&suspend);
    tx_free(&bad);
}

static void later_transactions_see_earlier_ones(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = open_memory();
    struct tx *first = put_tx(&ledger, 1, "a", 1);
    char version[2 * HASH_BYTES + 1];
    hash_to_hex(version, &first->id);
    struct doc *body = test_body("a", 2);
    doc_set_text(body, "acts_on", version);
    struct tx *second = ledger_tx(&ledger, 2, KEY_COMPILE, "test.put", body);
    assert_int_equal(judge(&ledger, second), ERR_VERSION_STALE);
    struct tx *txs[] = {first, second};
    ledger_append(&ledger, txs, 2);
    assert_int_equal(value_of(&ledger, "a"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lifetimes_are_exact),
        cmocka_unit_test(a_transaction_counts_once),
        cmocka_unit_test(a_transaction_behind_evidence_and_acts_counts_once),
        cmocka_unit_test(the_replay_window_is_exact),
        cmocka_unit_test(only_the_named_key_signs),
        cmocka_unit_test(roles_and_parties_are_enforced),
        cmocka_unit_test(suspension_acts_from_the_next_block),
        cmocka_unit_test(key_changes_act_from_the_next_block),
        cmocka_unit_test(bounds_of_a_type_are_enforced),
        cmocka_unit_test(giant_records_are_refused),
        cmocka_unit_test(test_types_need_a_test_chain),
        cmocka_unit_test(a_failed_rule_leaves_no_trace),
        cmocka_unit_test(a_refusal_tells_of_its_own_record),
        cmocka_unit_test(later_transactions_see_earlier_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
