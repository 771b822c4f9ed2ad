/* What a fusion needs that each request needs too, by the clause (PT 22): data that is there, a day
 * that is not over, somebody to be served. */
#include "rows_requests.h"

#include "fused.h"

/* Whether there was ever such an act. */
static bool is_noted(const struct ledger *ledger, const char *subject, const char *effect)
{
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        if (ledger_act_is(ledger, i, subject, effect)) {
            return true;
        }
    }
    return false;
}

/* In the catalog, and not collected. */
static void compile_only(struct ledger *ledger, const char *code, const char *sharing)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                entry_text(code, sharing, NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static void not_collected(struct ledger *ledger, const char *code)
{
    assert_int_equal(fuse(ledger, code, "2026-12-31"), ERR_NOT_COLLECTED);
    assert_true(ledger_fault(ledger, ERR_NOT_COLLECTED, "parts[0].entry"));
    assert_int_equal(ledger->faults.count, 1);
}

/* PT 22: 对共享需求中涉及公共数据尚未完成目录编制或者归集的，由区大数据中心提请相关区级责任单位开展
 * …归集工作: what is to be fused is no exception. */
static void D7_fusion_collected(void **state)
{
    (void)state;
    struct ledger *ledger = with_parts();
    compile_only(ledger, "E2", "authorised");
    compile_only(ledger, "E3", "unconditional");
    not_collected(ledger, "E2");
    not_collected(ledger, "E3");
    /* How what is asked for is shared decides. */
    assert_int_equal(
        ledger_policy(ledger, "collected", "{'sharing':['unconditional'],'clause':'PT 22'}"), 0);
    not_collected(ledger, "E3");
    assert_int_equal(fuse(ledger, "E2", "2026-12-31"), 0);
    assert_int_equal(
        ledger_policy(ledger, "collected", "{'sharing':['authorised'],'clause':'PT 22'}"), 0);
    not_collected(ledger, "E2");
    assert_int_equal(fuse(ledger, "E3", "2026-12-31"), 0);
    ledger_collect(ledger, "E2");
    assert_int_equal(fuse(ledger, "E2", "2026-12-31"), 0);
    ledger_close(&ledger);
}

/* Asked for until Thursday, 15 October: on that day it is served and not returned, from the day
 * after the other way round. */
static void D7_fusion_yesterday(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct ledger *ledger = with_fusion_until("2026-10-15");
        approve(ledger);
        ledger_at_ms(ledger, at("2026-10-16T00:00:00+08:00") - 1);
        assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN),
                         ERR_STATUS);
        if (after) {
            ledger_at(ledger, "2026-10-16T00:00:00+08:00");
            assert_int_equal(serve(ledger), ERR_FIELD_RANGE);
            assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "fusion.until"));
            assert_int_equal(ledger->faults.count, 1);
            must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN);
            assert_string_equal(text(ledger, "fusion", other, "status"), "returned");
        } else {
            assert_int_equal(serve(ledger), 0);
        }
        assert_int_equal(ledger_count(ledger, "grant/"), after ? 0 : 2);
        ledger_close(&ledger);
    }
}

/* Approved on Monday, 21 September, to be served by the 12th of October: named on the 13th, another
 * day does not make it in time; nor is one named on which nothing can be given any more. */
static void D7_fusion_extended_late(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct ledger *ledger = with_fusion_until("2026-11-30");
        approve(ledger);
        ledger_at_ms(ledger, at("2026-10-13T00:00:00+08:00") - 1 + late);
        assert_int_equal(act(ledger, CENTER "/review", "fusion.extend", "fusion", other,
                             "'until':'2026-12-01','reason':'数据量大'"),
                         ERR_FIELD_RANGE);
        must(ledger, CENTER "/review", "fusion.extend", "fusion", other,
             "'until':'2026-11-30','reason':'数据量大'");
        ledger_at(ledger, "2026-10-20T10:00:00+08:00");
        assert_int_equal(serve(ledger), 0);
        const struct doc *fusion = ledger_get(ledger, "fusion/%s", other);
        assert_int_equal(doc_get_bool(doc_get(fusion, "service"), "late", false), late);
        ledger_close(&ledger);
    }
}

/* Of Monday, 21 September: 22-24, 28, 29. GAMMA is back on the 28th: 29, 30 September, 8-10 October
 * (the 10th is worked), and the center has as long. */
static void D7_fusion_review_waits(void **state)
{
    (void)state;
    for (int away = 0; away < 2; away++) {
        char key[100];
        struct ledger *ledger = with_fusion();
        (void)snprintf(key, sizeof key, "fusion/%s", other);
        ledger_at(ledger, "2026-09-21T11:00:00+08:00");
        if (away) {
            ledger_member(ledger, "member.suspend", GAMMA);
        }
        ledger_at(ledger, "2026-09-28T10:00:00+08:00");
        if (away) {
            ledger_member(ledger, "member.restore", GAMMA);
        }
        ledger_at_ms(ledger, at("2026-09-30T00:00:00+08:00") - 1);
        assert_false(is_noted(ledger, key, "fusion-review-overdue"));
        ledger_at(ledger, "2026-09-30T00:00:00+08:00");
        assert_int_equal(is_noted(ledger, key, "fusion-review-overdue"), !away);
        ledger_at_ms(ledger, at("2026-10-11T00:00:00+08:00") - 1);
        assert_int_equal(is_noted(ledger, key, "fusion-review-overdue"), !away);
        ledger_at(ledger, "2026-10-11T00:00:00+08:00");
        assert_true(is_noted(ledger, key, "fusion-review-overdue"));
        ledger_close(&ledger);
    }
}

/* Approved on Monday, 21 September: 22-24, 28-30 September, 8-10 (worked), 12 October. Nothing is
 * given to BETA meanwhile; back on the 12th: 13-16, 19-23, 26 October. */
static void D7_fusion_service_waits(void **state)
{
    (void)state;
    for (int away = 0; away < 2; away++) {
        char key[100];
        struct ledger *ledger = with_fusion();
        approve(ledger);
        (void)snprintf(key, sizeof key, "fusion/%s", other);
        ledger_at(ledger, "2026-09-21T11:00:00+08:00");
        if (away) {
            ledger_member(ledger, "member.suspend", BETA);
        }
        ledger_at(ledger, "2026-10-12T10:00:00+08:00");
        if (away) {
            ledger_member(ledger, "member.restore", BETA);
        }
        ledger_at(ledger, "2026-10-13T00:00:00+08:00");
        assert_int_equal(ledger_act_is(ledger, 0, key, "fusion-service-overdue"), !away);
        ledger_at_ms(ledger, at("2026-10-27T00:00:00+08:00") - 1);
        assert_int_equal(ledger_act_is(ledger, 0, key, "fusion-service-overdue"), !away);
        ledger_at(ledger, "2026-10-27T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, key, "fusion-service-overdue"));
        ledger_close(&ledger);
    }
}

/* PT 31, PT 17: nothing is given to whoever is suspended, or gone; the center waits, or returns it.
 * Nor does a suspension take back what was approved (PT 22), however short or long. */
static void D7_fusion_nobody_to_serve(void **state)
{
    (void)state;
    for (int gone = 0; gone < 2; gone++) {
        struct ledger *ledger = with_fusion();
        approve(ledger);
        if (gone) {
            ledger_take_out(ledger, BETA);
        } else {
            ledger_member(ledger, "member.suspend", BETA);
        }
        assert_int_equal(serve(ledger), ERR_CONSUMER);
        assert_true(ledger_fault(ledger, ERR_CONSUMER, "fusion.consumer"));
        assert_string_equal(ledger->faults.item[0].clause, gone ? "PT 17" : "PT 31");
        if (gone) {
            must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN);
        } else {
            assert_int_equal(
                act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN),
                ERR_STATUS);
            assert_true(ledger_fault(ledger, ERR_STATUS, "fusion"));
            ledger_member(ledger, "member.restore", BETA);
            assert_int_equal(
                act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN),
                ERR_STATUS);
            assert_string_equal(text(ledger, "fusion", other, "status"), "approved");
            assert_int_equal(serve(ledger), 0);
        }
        ledger_close(&ledger);
    }
}

/* While BETA is suspended the last day, 15 October, passes: that is no matter of its return. */
static void D7_fusion_over_while_suspended(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion_until("2026-10-15");
    approve(ledger);
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at_ms(ledger, at("2026-10-16T00:00:00+08:00") - 1);
    assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN),
                     ERR_STATUS);
    ledger_at(ledger, "2026-10-16T00:00:00+08:00");
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN);
    assert_string_equal(text(ledger, "fusion", other, "status"), "returned");
    ledger_close(&ledger);
}

static int refuse(struct ledger *ledger, const char *grounds)
{
    char rest[300];
    (void)snprintf(rest, sizeof rest, "'entry':'E1','decision':'refuse'%s", grounds);
    return act(ledger, ALPHA "/approve", "fusion.review", "fusion", other, rest);
}

/* PT 20: 除因共享需求申请不规范外，…应当提供明确的法律、法规等依据; a word is none (PT 11:
 * 不得以…其他 理由). */
static void D7_fusion_grounds(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(refuse(ledger, ""), ERR_GROUNDS);
    assert_int_equal(refuse(ledger, ",'grounds':{'reasons':['不便提供']}"), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.legal_basis"));
    assert_string_equal(ledger->faults.item[0].clause, "PT 20");
    assert_int_equal(refuse(ledger, ",'grounds':{'not_in_order':true}"), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.reasons"));
    assert_int_equal(
        act(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT "," LAW),
        ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "grounds"));
    assert_int_equal(refuse(ledger, "," LAW), 0);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other,
         "'entry':'E1','decision':'refuse',"
         "'grounds':{'not_in_order':true,'reasons':['方案未说明脱敏方式']}");
    ledger_close(&ledger);
}
