/* Receipts of both sides of an access: what matches closes it, what does not stays; the hash of a
 * day. */
#include "access_steps.h"

static void two_equal_receipts_close_it(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(open_kept(ledger, open, NULL), 0);
    (void)snprintf(key, sizeof key, "open/%s", open);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "consumer", HASH_A, 5), ERR_PARTY);
    assert_int_equal(receipt(ledger, GAMMA "/gateway", open, "provider", HASH_A, 5), ERR_PARTY);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
    assert_string_equal(ledger_text(ledger, key, "provider_receipt.tx"), ledger->txid);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), ERR_DUPLICATE);
    ledger_at(ledger, "2026-03-03T00:10:00+08:00"); /* counts for the day it was opened */
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), 0);
    assert_null(ledger_get(ledger, "%s", key));
    assert_int_equal(ledger_count(ledger, "mismatch/"), 0);
    assert_int_equal(usage(ledger, "20260302", "closed"), 1);
    assert_int_equal(usage(ledger, "20260302", "rows"), 5);
    assert_int_equal(usage(ledger, "20260302", "bytes"), 1000);
    assert_int_equal(usage(ledger, "20260303", "closed"), 0);
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), ERR_SUBJECT);
    ledger_close(&ledger);
}

static void what_differs_stays_for_reconciliation(void **state)
{
    (void)state;
    static const struct {
        const char *digest;
        int rows;
    } cases[] = {{HASH_B, 5}, {HASH_A, 4}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char open[2 * HASH_BYTES + 1], key[100];
        struct ledger *ledger = granted(NULL);
        assert_int_equal(open_kept(ledger, open, NULL), 0);
        (void)snprintf(key, sizeof key, "mismatch/%s", open);
        assert_int_equal(
            receipt(ledger, BETA "/gateway", open, "consumer", cases[i].digest, cases[i].rows), 0);
        assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
        assert_int_equal(ledger_count(ledger, "open/"), 0);
        assert_int_equal(ledger_int(ledger, key, "provider_receipt.rows"), 5);
        assert_int_equal(ledger_int(ledger, key, "consumer_receipt.rows"), cases[i].rows);
        assert_string_equal(ledger_text(ledger, key, "version"), ledger->txid);
        assert_int_equal(usage(ledger, "20260302", "mismatched"), 1);
        assert_int_equal(usage(ledger, "20260302", "closed"), 0);
        assert_int_equal(usage(ledger, "20260302", "rows"), 5); /* what left counts */
        ledger_close(&ledger);
    }
}

/* An access that lacks a side stays listed after its time; a late receipt is marked. */
static void a_missing_side_stays_listed(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(open_kept(ledger, open, NULL), 0);
    (void)snprintf(key, sizeof key, "open/%s", open);
    ledger_at_ms(ledger, at("2026-03-02T11:00:00+08:00") - 1);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
    const struct doc *record = ledger_get(ledger, "%s", key);
    assert_null(doc_get(doc_get(record, "provider_receipt"), "late"));
    ledger_at(ledger, "2026-03-09T00:00:00+08:00");
    assert_non_null(ledger_get(ledger, "%s", key));
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_B, 5), 0);
    (void)snprintf(key, sizeof key, "mismatch/%s", open);
    record = ledger_get(ledger, "%s", key);
    assert_true(doc_get_bool(doc_get(record, "consumer_receipt"), "late", false));
    ledger_close(&ledger);
}

/* A batch is one transfer of many calls: counted as so many, closed by one pair of receipts. */
static void a_batch_closes_as_one(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1];
    struct ledger *ledger = granted(NULL);
    assert_int_equal(batch(ledger, 200, "{'parameters':'" HASH_A "'}"), 0);
    memcpy(open, ledger->txid, sizeof open);
    assert_int_equal(usage(ledger, "20260302", "calls"), 200);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 180), 0);
    assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 180), 0);
    assert_int_equal(usage(ledger, "20260302", "closed"), 200);
    assert_int_equal(usage(ledger, "20260302", "rows"), 180);
    assert_int_equal(batch(ledger, 0, ""), ERR_FIELD_COUNT);
    assert_int_equal(batch(ledger, 1001, "{'parameters':'" HASH_A "'}"), ERR_FIELD_COUNT);
    ledger_close(&ledger);
}

/* The day's hash chains every transaction that touched it: H(hash ‖ txid), from zero. */
static void the_running_hash_can_be_recomputed(void **state)
{
    (void)state;
    char open[2 * HASH_BYTES + 1], key[100], expected[2 * HASH_BYTES + 1];
    uint8_t chained[2 * HASH_BYTES] = {0};
    struct ledger *ledger = granted(NULL);
    for (int i = 0; i < 4; i++) {
        if (i == 0) {
            assert_int_equal(open_kept(ledger, open, NULL), 0);
        } else if (i == 1) {
            assert_int_equal(open_as(ledger, BETA "/gateway", NULL), 0);
        } else if (i == 2) {
            assert_int_equal(receipt(ledger, ALPHA "/gateway", open, "provider", HASH_A, 5), 0);
        } else {
            assert_int_equal(receipt(ledger, BETA "/gateway", open, "consumer", HASH_A, 5), 0);
        }
        struct hash tx, link;
        assert_int_equal(hash_from_hex(&tx, ledger->txid), 0);
        memcpy(chained + HASH_BYTES, tx.bytes, HASH_BYTES);
        link = hash_tagged("dirchain/usage/1", view_of(chained, sizeof chained));
        memcpy(chained, link.bytes, HASH_BYTES);
        hash_to_hex(expected, &link);
    }
    (void)snprintf(key, sizeof key, "usage/%s/20260302", id);
    assert_string_equal(ledger_text(ledger, key, "hash"), expected);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_equal_receipts_close_it),
        cmocka_unit_test(what_differs_stays_for_reconciliation),
        cmocka_unit_test(a_missing_side_stays_listed),
        cmocka_unit_test(a_batch_closes_as_one),
        cmocka_unit_test(the_running_hash_can_be_recomputed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
