/* Fusion of several agencies' data (PT 22): reviewed by all within 5 working days, served within 10
 * more, all of it or nothing. */
#include "rules_fixture.h"

#include "base/memory.h"

static char fusion[2 * HASH_BYTES + 1];

#define PLAN "00000000000000000000000000000000000000000000000000000000000000bb"
#define PART(provider, items)                                                                      \
    "{'provider':'" provider "','entry':'E1','entry_version':'%s','items':[" items "]}"
#define USE                                                                                        \
    "'need':'data','purpose':'企业与社会组织联合画像','basis':'职责清单','goal':'联合核查',"       \
    "'mode':'query','frequency':%s,'security_level':2,'safeguards':'专网访问',"                    \
    "'until':'%s','commitments':{'genuine':true,'reasonable':true,'compliant':true}"

static const char *frequency = "{'times':10,'per':'month'}";

static int submit(struct ledger *ledger, const char *second, const char *until)
{
    char body[2000];
    (void)snprintf(body, sizeof body,
                   "{'plan':'" PLAN "','parts':[" PART(ALPHA, "'姓名'") ",%s]," USE "}",
                   ledger_version(ledger, "entry/" ALPHA "/E1"), second, frequency, until);
    int error = ledger_do(ledger, BETA "/compile", "fusion.submit", "%s", body);
    if (error == 0) {
        memcpy(fusion, ledger->txid, sizeof fusion);
    }
    return error;
}

/* Monday, 21 September 2026; Sunday 20 was a working day, 25 is Mid-Autumn. */
static struct ledger *with_entries(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-09-21T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry_of(ledger, GAMMA);
    return ledger;
}

static struct ledger *with_fusion(void)
{
    char second[400];
    struct ledger *ledger = with_entries();
    (void)snprintf(second, sizeof second, PART(GAMMA, "'姓名'"),
                   ledger_version(ledger, "entry/" GAMMA "/E1"));
    assert_int_equal(submit(ledger, second, "2026-12-31"), 0);
    return ledger;
}

static int on_fusion(struct ledger *ledger, const char *kid, const char *type, const char *rest)
{
    return ledger_do(ledger, kid, type, "{'fusion':'%s','acts_on':'%s',%s}", fusion,
                     ledger_version(ledger, "fusion/%s", fusion), rest);
}

static const char *status(struct ledger *ledger)
{
    return doc_get_text(ledger_get(ledger, "fusion/%s", fusion), "status");
}

static int64_t due(struct ledger *ledger, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "fusion/%s", fusion);
    return ledger_int(ledger, key, path);
}

#define ACCEPT "'entry':'E1','decision':'accept'"
#define RESULT "'result':'" PLAN "'"

static void all_accept(struct ledger *ledger)
{
    assert_int_equal(on_fusion(ledger, ALPHA "/approve", "fusion.review", ACCEPT), 0);
    assert_int_equal(on_fusion(ledger, GAMMA "/approve", "fusion.review", ACCEPT), 0);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'accept'"),
                     0);
}

/* ---- form ---- */

static void a_fusion_is_of_several_agencies(void **state)
{
    (void)state;
    char second[400];
    struct ledger *ledger = with_entries();
    char alpha[2 * HASH_BYTES + 1], gamma[2 * HASH_BYTES + 1];
    memcpy(alpha, ledger_version(ledger, "entry/" ALPHA "/E1"), sizeof alpha);
    memcpy(gamma, ledger_version(ledger, "entry/" GAMMA "/E1"), sizeof gamma);
    (void)snprintf(second, sizeof second, PART(ALPHA, "'证件号码'"), alpha);
    assert_int_equal(submit(ledger, second, "2026-12-31"), ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_FIELD_COUNT, "parts"));
    (void)snprintf(second, sizeof second, PART(BETA, "'姓名'"), gamma);
    assert_int_equal(submit(ledger, second, "2026-12-31"), ERR_SELF); /* its own */
    (void)snprintf(second, sizeof second, PART(GAMMA, "'年龄'"), gamma);
    assert_int_equal(submit(ledger, second, "2026-12-31"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "parts[1].items[0]"));
    (void)snprintf(second, sizeof second, PART(GAMMA, "'姓名'"), alpha);
    assert_int_equal(submit(ledger, second, "2026-12-31"), ERR_VERSION_STALE);
    (void)snprintf(second, sizeof second, PART(GAMMA, "'姓名'"), gamma);
    assert_int_equal(submit(ledger, second, "2026-09-20"), ERR_FIELD_RANGE);
    assert_int_equal(ledger_policy(ledger, "fusion", "null"), 0);
    assert_int_equal(submit(ledger, second, "2026-12-31"), ERR_POLICY);
    ledger_close(&ledger);
}

/* ---- review ---- */

/* 区大数据中心应当会同相关区级责任单位…5 个工作日内，完成审核. */
static void everybody_reviews_and_the_center_concludes(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    /* 22, 23, 24, 28, 29 September: 25-27 are Mid-Autumn. */
    assert_int_equal(due(ledger, "terms.fusion-review.due_ms"), at("2026-09-30T00:00:00+08:00"));
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'accept'"),
                     ERR_STATUS);
    assert_int_equal(on_fusion(ledger, BETA "/approve", "fusion.review", ACCEPT), ERR_PARTY);
    assert_int_equal(
        on_fusion(ledger, ALPHA "/approve", "fusion.review", "'entry':'E2','decision':'accept'"),
        ERR_PARTY);
    assert_int_equal(
        on_fusion(ledger, ALPHA "/approve", "fusion.review", "'entry':'E1','decision':'refuse'"),
        ERR_GROUNDS);
    assert_int_equal(on_fusion(ledger, ALPHA "/approve", "fusion.review", ACCEPT), 0);
    assert_int_equal(on_fusion(ledger, ALPHA "/approve", "fusion.review", ACCEPT), ERR_DUPLICATE);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'accept'"),
                     ERR_STATUS);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), ERR_STATUS);
    assert_int_equal(on_fusion(ledger, GAMMA "/approve", "fusion.review", ACCEPT), 0);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'accept'"),
                     0);
    assert_string_equal(status(ledger), "approved");
    /* Ten days from Monday 21: 22-24, 28-30 September, 8, 9, Saturday 10 (make-up), 12 October. */
    assert_int_equal(due(ledger, "terms.fusion-service.due_ms"), at("2026-10-13T00:00:00+08:00"));
    assert_int_equal(ledger_count(ledger, "grant/"), 0); /* nothing before it is served */
    ledger_close(&ledger);
}

static void one_refusal_returns_it(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(on_fusion(ledger, ALPHA "/approve", "fusion.review", ACCEPT), 0);
    assert_int_equal(on_fusion(ledger, GAMMA "/approve", "fusion.review",
                               "'entry':'E1','decision':'refuse','grounds':"
                               "{'not_in_order':true,'reasons':['方案未说明脱敏方式']}"),
                     0);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'accept'"),
                     ERR_STATUS);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude", "'decision':'return'"),
                     ERR_GROUNDS);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.conclude",
                               "'decision':'return','reasons':[{'reason':'补充脱敏方式'}]"),
                     0);
    assert_string_equal(status(ledger), "returned");
    assert_int_equal(ledger_due(ledger, "fusion-review"), 0);
    ledger_close(&ledger);
}

/* PT 22 deems nothing: what is late is recorded, and still to be done. */
static void late_is_recorded_and_nothing_is_deemed(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_fusion();
    (void)snprintf(key, sizeof key, "fusion/%s", fusion);
    ledger_at_ms(ledger, at("2026-09-30T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "fusion-review-overdue"));
    ledger_at(ledger, "2026-09-30T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "fusion-review-overdue"));
    assert_string_equal(status(ledger), "reviewing");
    all_accept(ledger);
    assert_string_equal(status(ledger), "approved");
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, "%s", key), "conclusion"), "late", false));
    ledger_close(&ledger);
}

/* ---- service ---- */

static void all_grants_or_none(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    ledger_at(ledger, "2026-09-22T10:00:00+08:00");
    all_accept(ledger);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" GAMMA "','code':'E1','acts_on':'%s','sharing':'none',"
                "'reason':'涉密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "parts[1].items[0]"));
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" GAMMA "','code':'E1','acts_on':'%s','sharing':'authorised',"
                "'reason':'解密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), 0);
    assert_string_equal(status(ledger), "served");
    assert_int_equal(ledger_count(ledger, "grant/"), 2);
    assert_int_equal(ledger_count(ledger, "live/"), 2);
    assert_int_equal(ledger_due(ledger, "expiry"), 2);
    const struct doc *reviews = doc_get(ledger_get(ledger, "fusion/%s", fusion), "reviews");
    const char *id = doc_get_text(doc_get(reviews, GAMMA "/E1"), "tx");
    const struct doc *grant = ledger_get(ledger, "grant/%s", id);
    assert_true(doc_text_is(grant, "provider", GAMMA));
    assert_true(doc_text_is(grant, "consumer", BETA));
    assert_true(doc_text_is(grant, "route", "fusion"));
    assert_true(doc_text_is(grant, "status", "active"));
    assert_int_equal(doc_get_int(grant, "expires_ms", 0), at("2027-01-01T00:00:00+08:00"));
    assert_true(doc_text_is(ledger_get(ledger, "request/%s", id), "fusion", fusion));
    /* The record is as old as the transaction that it is named after, not as the fusion. */
    assert_int_equal(doc_get_int(ledger_get(ledger, "request/%s", id), "submitted_ms", 0),
                     at("2026-09-22T10:00:00+08:00"));
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), ERR_STATUS);
    ledger_close(&ledger);
}

/* 融合治理情况特别复杂的除外: once, to a later day, with the reason. */
static void a_complex_fusion_takes_longer(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_fusion();
    (void)snprintf(key, sizeof key, "fusion/%s", fusion);
    all_accept(ledger);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.extend",
                               "'until':'2026-10-12','reason':'数据量大'"),
                     ERR_FIELD_RANGE); /* no later than the term */
    assert_int_equal(ledger->faults.item[0].bounds.low, 20739); /* 2026-10-13, since 1970 */
    assert_int_equal(ledger->faults.item[0].bounds.high, 20818);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.extend",
                               "'until':'2026-11-30','reason':'数据量大'"),
                     0);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.extend",
                               "'until':'2026-12-30','reason':'仍在治理'"),
                     ERR_DUPLICATE);
    ledger_at_ms(ledger, at("2026-12-01T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "fusion-service-overdue"));
    ledger_at(ledger, "2026-12-01T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "fusion-service-overdue"));
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), 0);
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, "%s", key), "service"), "late", false));
    ledger_close(&ledger);
}

/* PT 17, PT 26: who said why it uses the data seldom is not suspended for it, whatever agency the
 * data comes from; what else was said of the use stands in each part's record too. */
static void what_was_said_of_the_use_holds_for_each_part(void **state)
{
    (void)state;
    frequency = "{'times':1,'per':'year','reason':'年度核查'}";
    struct ledger *ledger = with_fusion();
    frequency = "{'times':10,'per':'month'}";
    all_accept(ledger);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), 0);
    assert_int_equal(ledger_count(ledger, "grant/"), 2);
    const struct doc *reviews = doc_get(ledger_get(ledger, "fusion/%s", fusion), "reviews");
    const char *id = doc_get_text(doc_get(reviews, GAMMA "/E1"), "tx");
    const struct doc *request = doc_get(ledger_get(ledger, "request/%s", id), "request");
    assert_true(doc_text_is(doc_get(request, "frequency"), "reason", "年度核查"));
    assert_true(doc_text_is(request, "basis", "职责清单"));
    assert_null(doc_get(request, "parts"));
    assert_true(doc_text_is(ledger_get(ledger, "grant/%s", id), "idle_reason", "年度核查"));
    assert_int_equal(doc_get_int(ledger_get(ledger, "grant/%s", id), "idle_months", 0), 12);
    ledger_close(&ledger);
}

static void who_asked_may_withdraw(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(on_fusion(ledger, GAMMA "/compile", "fusion.withdraw", "'reason':'不再需要'"),
                     ERR_PARTY);
    all_accept(ledger);
    assert_int_equal(on_fusion(ledger, BETA "/compile", "fusion.withdraw", "'reason':'不再需要'"),
                     0);
    assert_string_equal(status(ledger), "withdrawn");
    assert_int_equal(ledger_due(ledger, "fusion-service"), 0);
    assert_int_equal(on_fusion(ledger, CENTER "/review", "fusion.serve", RESULT), ERR_STATUS);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fusion_is_of_several_agencies),
        cmocka_unit_test(everybody_reviews_and_the_center_concludes),
        cmocka_unit_test(one_refusal_returns_it),
        cmocka_unit_test(late_is_recorded_and_nothing_is_deemed),
        cmocka_unit_test(all_grants_or_none),
        cmocka_unit_test(a_complex_fusion_takes_longer),
        cmocka_unit_test(what_was_said_of_the_use_holds_for_each_part),
        cmocka_unit_test(who_asked_may_withdraw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
