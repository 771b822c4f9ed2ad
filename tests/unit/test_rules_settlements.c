/* How disputes end (PT 24, CN 17): settlements, and what an outcome does to the request and its
 * grant. */
#include "dispute_steps.h"

#include "chain/rules/bars.h"

/* ---- settlements ---- */

/* PT 24: both sides say the same, word for word. */
static void both_sides_settle(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", "{'items':['姓名','证件号码']}");
    answer(ledger, "'refuse'," LAW);
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.settle",
                                "'decision':'partly','items':['姓名']"),
                     0);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.settle",
                                "'decision':'partly','items':['姓名']"),
                     0); /* once more by the same side */
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.settle",
                                "'decision':'partly','items':['姓名'],'terms':'仅限核验'"),
                     0);
    assert_string_equal(text(ledger, "dispute", "status"), "negotiating");
    assert_null(ledger_get(ledger, "grant/%s", id));
    assert_int_equal(on_dispute(ledger, ALPHA "/compile", "dispute.settle",
                                "'decision':'partly','items':['姓名']"),
                     ERR_TX_ROLE); /* who answers requests gives data away, nobody else there */
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.settle",
                                "'decision':'partly','items':['姓名']"),
                     0);
    assert_string_equal(text(ledger, "dispute", "status"), "settled");
    assert_string_equal(text(ledger, "request", "decided_by"), "settlement");
    assert_string_equal(text(ledger, "request", "status"), "granted");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "grant/%s", id), "items")), 1);
    ledger_close(&ledger);
}

/* ---- what an outcome does to a grant ---- */

static void a_grant_is_amended(void **state)
{
    (void)state;
    struct ledger *ledger =
        with_request("putuo", "{'items':['姓名','证件号码'],'until':'2026-12-31'}");
    answer(ledger, "'approve','items':['姓名'],'masked':['姓名'],'until':'2026-06-30'," LAW
                   ",'quota':{'calls_per_day':1},'terms':'仅限核验'");
    assert_int_equal(raise_by(ledger, BETA "/compile", "terms"), 0);
    both_refer(ledger, BETA "/compile", ALPHA "/approve");
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), 0);
    const struct doc *grant = ledger_get(ledger, "grant/%s", id);
    assert_int_equal(doc_count(doc_get(grant, "items")), 2);
    assert_null(doc_get(grant, "masked"));
    assert_null(doc_get(grant, "quota"));
    assert_null(doc_get(grant, "terms_of_use"));
    assert_int_equal(doc_get_int(grant, "expires_ms", 0), at("2027-01-01T00:00:00+08:00"));
    assert_int_equal(ledger_due(ledger, "expiry"), 1);
    assert_int_equal(ledger_due(ledger, "disuse"), 1);
    assert_int_equal(ledger_count(ledger, "live/"), 1);
    ledger_close(&ledger);
}

/* PT 24 is between two agencies; what was masked for whoever's rights or data are at risk (OPEN 31,
 * PT 31) is not theirs to give away. */
static void an_outcome_lifts_no_mask_of_a_notice(void **state)
{
    (void)state;
    char notice[sizeof id];
    const char *const decisions[] = {"'decision':'as-asked'",
                                     "'decision':'partly','masked':['证件号码']"};
    for (size_t i = 0; i < COUNT_OF(decisions); i++) {
        struct ledger *ledger = with_request("putuo", "{'items':['姓名','证件号码']}");
        answer(ledger, "'approve'");
        ledger_must(ledger, CENTER "/review", "notice.file",
                    "{'kind':'risk','provider':'" ALPHA "','entry':'E1','grant':'%s','papers':"
                    "'00000000000000000000000000000000000000000000000000000000000000bb',"
                    "'summary':'姓名泄露风险','hold':true," RISK_REPORT "}",
                    id);
        memcpy(notice, ledger->txid, sizeof notice);
        ledger_must(ledger, CENTER "/review", "notice.resolve",
                    "{'notice':'%s','acts_on':'%s','outcome':'reprocess','finding':'核实属实',"
                    "'terms':'姓名脱敏','masked':['姓名'],'reply':"
                    "'00000000000000000000000000000000000000000000000000000000000000cc'}",
                    notice, ledger_version(ledger, "notice/%s", notice));
        assert_int_equal(raise_by(ledger, BETA "/compile", "terms"), 0);
        assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.settle", decisions[i]), 0);
        assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.settle", decisions[i]), 0);
        assert_string_equal(text(ledger, "dispute", "status"), "settled");
        AUTO(doc_free) struct doc *given = doc_copy(ledger_get(ledger, "grant/%s", id));
        grant_mask(given, ledger_get(ledger, "bar/" BETA "/" ALPHA "/E1"));
        assert_true(doc_has_text(doc_get(given, "masked"), "姓名"));
        assert_int_equal(doc_count(doc_get(given, "masked")), i + 1);
        ledger_close(&ledger);
    }
}

static void an_outcome_must_be_possible(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", "{'items':['姓名'],'until':'2026-06-30'}");
    answer(ledger, "'refuse'," LAW);
    assert_int_equal(raise_by(ledger, BETA "/compile", "refusal"), 0);
    both_refer(ledger, BETA "/compile", ALPHA "/approve");
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'partly'"), ERR_FIELD_MISSING);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked','items':['姓名']"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'refused','terms':'无'"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'partly','items':['证件号码']"),
                     ERR_SUBJECT); /* more than was asked for */
    assert_int_equal(on_dispute(ledger, SUPERVISOR "/approve", "dispute.rule",
                                "'reason':' \\n ','decision':'refused'"),
                     ERR_FIELD_BLANK);
    /* CN 14: what is not shared is not given by a ruling on one request. */
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'none',"
                "'reason':'涉密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_NOT_SHARED);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'authorised',"
                "'reason':'解密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    ledger_at(ledger, "2026-07-01T00:00:00+08:00"); /* what was asked for is over */
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_FIELD_RANGE);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "until"));
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-it-stands'"), 0);
    ledger_close(&ledger);
}

static void a_grant_that_is_over_or_suspended_is_not_amended(void **state)
{
    (void)state;
    struct ledger *ledger = with_request("putuo", NULL);
    answer(ledger, "'approve'");
    assert_int_equal(raise_by(ledger, BETA "/compile", "terms"), 0);
    both_refer(ledger, BETA "/compile", ALPHA "/approve");
    ledger_must(ledger, CENTER "/review", "grant.suspend",
                "{'grant':'%s','acts_on':'%s','reason':'安全风险'," RISK_REPORT "}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_GRANT_SUSPENDED);
    ledger_must(ledger, BETA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'as-asked'"), ERR_GRANT_EXPIRED);
    assert_int_equal(rule_on(ledger, SUPERVISOR "/approve", "'refused'"), 0);
    assert_string_equal(text(ledger, "grant", "status"), "ended"); /* as it was */
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sides_settle),
        cmocka_unit_test(a_grant_is_amended),
        cmocka_unit_test(an_outcome_lifts_no_mask_of_a_notice),
        cmocka_unit_test(an_outcome_must_be_possible),
        cmocka_unit_test(a_grant_that_is_over_or_suspended_is_not_amended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
