/* The use of data, by the clause: PT 16, 25; CN 18, 19; OPEN 16, 29. */
#include "matters.h"

#include "entry_acts.h"

/* ---- use and passing on ---- */

static void D10_off_purpose_refused(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo");
    assert_int_equal(use(ledger, "营销推广", 1), ERR_PURPOSE);
    assert_true(ledger_fault(ledger, ERR_PURPOSE, "purpose"));
    ledger_must(ledger, ALPHA "/gateway", "access.refused",
                "{'grant':'%s','provider':'" ALPHA "','consumer':'" BETA
                "','purpose':'营销推广','reason':'off-purpose'}",
                id);
    char key[100];
    (void)snprintf(key, sizeof key, "usage/%s/20260302", id);
    assert_int_equal(ledger_int(ledger, key, "refused"), 1);
    assert_int_equal(use(ledger, PURPOSE, 1), 0);
    ledger_close(&ledger);
}

static int ask(struct ledger *ledger, const char *kid)
{
    char body[600];
    (void)snprintf(
        body, sizeof body,
        "{'grant':'%s','kind':'publish','recipient':'社会公众','scope':'统计年报'," PAPERS "}", id);
    return begin(ledger, kid, "onward.ask", body);
}

/* 长宁 demands an agreement unless the sharing is unconditional; this one is. */
static void D10_onward_needs_consent(void **state)
{
    (void)state;
    struct ledger *ledger = granted("changning");
    assert_int_equal(ask(ledger, GAMMA "/compile"), ERR_PARTY);
    assert_int_equal(ask(ledger, BETA "/compile"), 0);
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_NOT_GRANTED);
    assert_int_equal(step(ledger, GAMMA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意'," PAPERS),
                     ERR_PARTY);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意','until':'2026-03-31'," PAPERS),
                     0);
    ledger_at_ms(ledger, at("2026-04-01T00:00:00+08:00") - 1);
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     0);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_NOT_GRANTED);
    assert_int_equal(ask(ledger, BETA "/chief"), 0);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意'," PAPERS),
                     0);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'refuse','reason':'情况变化'"),
                     0);
    assert_string_equal(status(ledger, "onward"), "consent-revoked");
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_NOT_GRANTED);
    /* With the grant, the consent ends. */
    assert_int_equal(ask(ledger, BETA "/compile"), 0);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意'," PAPERS),
                     0);
    ledger_must(ledger, BETA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_NOT_GRANTED);
    assert_int_equal(ask(ledger, BETA "/compile"), ERR_STATUS);
    ledger_close(&ledger);
    /* PT 25 knows no way to pass anything on: 不得用于其他应用场景和目的. */
    ledger = granted("putuo");
    assert_int_equal(ask(ledger, BETA "/compile"), ERR_POLICY);
    ledger_close(&ledger);
}

/* What no access would give is not published either, though the consent stands. */
static void D10_onward_while_given(void **state)
{
    (void)state;
    struct ledger *ledger = granted("changning");
    char first[ID_CHARS], field[100];
    memcpy(first, id, sizeof first);
    assert_int_equal(ask(ledger, BETA "/compile"), 0);
    assert_int_equal(step(ledger, ALPHA "/approve", "onward.answer", "onward",
                          "'decision':'consent','reason':'同意'," PAPERS),
                     0);
    /* 区科委 suspends the same agency's use of the same data, under another grant. */
    ledger_give_grant(ledger, id, NULL);
    ledger_must(ledger, CENTER "/review", "grant.suspend",
                "{'grant':'%s','acts_on':'%s','reason':'数据可能外流'}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_GRANT_SUSPENDED);
    (void)snprintf(field, sizeof field, "grant.holds.%s", id);
    assert_true(ledger_fault(ledger, ERR_GRANT_SUSPENDED, field));
    ledger_must(ledger, CENTER "/review", "grant.restore",
                "{'grant':'%s','acts_on':'%s','reason':'未见外流'}", id,
                ledger_version(ledger, "grant/%s", id));
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     0);
    /* CN 14: the supervisor's last word is that the data are not shared. */
    rule_sharing(ledger, ALPHA, "none");
    assert_string_equal(status(ledger, "onward"), "consented");
    memcpy(id, first, sizeof id);
    assert_int_equal(step(ledger, BETA "/compile", "onward.record", "onward", "'statement':'发布'"),
                     ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "grant.entry"));
    ledger_close(&ledger);
}

/* ---- feedback ---- */

static int report_from(struct ledger *ledger, const char *kid, const char *from, const char *to,
                       const char *more)
{
    char body[800];
    (void)snprintf(body, sizeof body,
                   "{'grant':'%s','from':'%s','to':'%s','scenes':'登记核验，服务申请人',"
                   "'benefits':'减少证明材料','safeguards':'专网访问'%s}",
                   id, from, to, more);
    return begin(ledger, kid, "feedback.submit", body);
}

static int report(struct ledger *ledger, const char *kid, const char *to, const char *more)
{
    return report_from(ledger, kid, "2026-02-01", to, more);
}

/* From 1 February to today, Monday, 2 March 2026: days 20485 and 20514 since 1970. */
static void told_days(const struct ledger *ledger, const char *field, int64_t low)
{
    assert_int_equal(ledger->faults.count, 1);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, field));
    assert_int_equal(ledger->faults.item[0].bounds.low, low);
    assert_int_equal(ledger->faults.item[0].bounds.high, 20514);
}

static void D13_feedback(void **state)
{
    (void)state;
    struct ledger *ledger = granted("shanghai-open");
    assert_int_equal(report(ledger, GAMMA "/compile", "2026-03-01", ""), ERR_PARTY);
    assert_int_equal(report(ledger, BETA "/compile", "2026-03-03", ""), ERR_FIELD_RANGE);
    told_days(ledger, "to", 20485);
    assert_int_equal(report(ledger, BETA "/compile", "2026-01-31", ""), ERR_FIELD_RANGE);
    told_days(ledger, "to", 20485);
    assert_int_equal(report_from(ledger, BETA "/compile", "2026-03-03", "2026-03-04", ""),
                     ERR_FIELD_RANGE);
    told_days(ledger, "from", FAULT_OPEN);
    assert_int_equal(report(ledger, BETA "/compile", "2026-03-02", ",'items':['证件号码']"),
                     ERR_SUBJECT);
    assert_int_equal(report(ledger, BETA "/compile", "2026-03-02",
                            ",'works':[{'title':'研究报告','source_stated':false}]"),
                     ERR_COMMITMENT);
    assert_true(ledger_fault(ledger, ERR_COMMITMENT, "works[0].source_stated"));
    assert_int_equal(
        report(ledger, BETA "/compile", "2026-03-02",
               ",'items':['姓名'],'works':[{'title':'研究报告','source_stated':true}]"),
        0);
    assert_int_equal(step(ledger, GAMMA "/approve", "feedback.check", "feedback",
                          "'finding':'questioned','statement':'场景不符'"),
                     ERR_PARTY);
    assert_int_equal(step(ledger, ALPHA "/approve", "feedback.check", "feedback",
                          "'finding':'questioned','statement':'场景不符'"),
                     0);
    assert_int_equal(step(ledger, CENTER "/review", "feedback.check", "feedback",
                          "'finding':'in-order','statement':'已说明'"),
                     0);
    assert_string_equal(status(ledger, "feedback"), "in-order");
    ledger_close(&ledger);
    ledger = granted("putuo");
    assert_int_equal(report(ledger, BETA "/compile", "2026-03-02", ""), ERR_POLICY);
    ledger_close(&ledger);
}

/* ---- quality ---- */

static int object(struct ledger *ledger, const char *kid, const char *item)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'provider':'" ALPHA "','entry':'E1','kind':'missing','items':['%s'],"
                   "'statement':'大量空值'}",
                   item);
    return begin(ledger, kid, "quality.object", body);
}

static int answer(struct ledger *ledger, const char *kid)
{
    return step(ledger, kid, "quality.answer", "objection",
                "'decision':'corrected','statement':'已补录'");
}

static int conclude(struct ledger *ledger, const char *kid, const char *decision)
{
    char more[200];
    (void)snprintf(more, sizeof more, "'decision':'%s','statement':'经核对'", decision);
    return step(ledger, kid, "quality.close", "objection", more);
}

static void with_a_term_for_answers(struct ledger *ledger)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free)
    struct doc *profile = doc_copy(doc_get(ledger_get(ledger, "profile"), "profile"));
    struct doc *section = doc_new_object();
    doc_set_text(section, "clause", "PT 16");
    doc_set_int(section, "days", 5);
    doc_set(profile, "quality_answer", section);
    doc_append_canonical(&text, profile);
    ledger_must(ledger, CENTER "/admin", "profile.publish",
                "{'profile':%s,'acts_on':'%s','reason':'规定数据异议核实期限'}", buf_text(&text),
                ledger_version(ledger, "profile"));
}

static void D13_quality(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo");
    assert_int_equal(object(ledger, BETA "/compile", "籍贯"), ERR_SUBJECT);
    assert_int_equal(object(ledger, BETA "/review", "姓名"), ERR_PARTY);
    assert_int_equal(object(ledger, BETA "/compile", "姓名"), 0);
    assert_null(doc_get(ledger_get(ledger, "objection/%s", matter), "terms")); /* PT 16: 无期限 */
    assert_int_equal(answer(ledger, GAMMA "/compile"), ERR_PARTY);
    assert_int_equal(conclude(ledger, BETA "/compile", "accept"), ERR_STATUS);
    assert_int_equal(answer(ledger, ALPHA "/compile"), 0);
    assert_int_equal(conclude(ledger, GAMMA "/compile", "accept"), ERR_PARTY);
    assert_int_equal(conclude(ledger, CENTER "/review", "settle"), ERR_STATUS);
    assert_int_equal(conclude(ledger, BETA "/compile", "dispute"), 0);
    assert_int_equal(conclude(ledger, BETA "/compile", "settle"), ERR_PARTY);
    assert_int_equal(conclude(ledger, SUPERVISOR "/approve", "settle"), 0);
    assert_string_equal(status(ledger, "objection"), "decided");
    assert_int_equal(object(ledger, CENTER "/review", "姓名"), 0); /* 转送 */
    assert_int_equal(answer(ledger, ALPHA "/approve"), 0);
    assert_int_equal(conclude(ledger, CENTER "/review", "accept"), 0);
    assert_string_equal(status(ledger, "objection"), "resolved");
    /* A district that has a term for it: Monday 2 March and 5 working days, 3 4 5 6 9. */
    with_a_term_for_answers(ledger);
    assert_int_equal(object(ledger, BETA "/compile", "姓名"), 0);
    char subject[100];
    (void)snprintf(subject, sizeof subject, "objection/%s", matter);
    size_t acts = doc_count(ledger->acts);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "quality-overdue"));
    assert_int_equal(answer(ledger, ALPHA "/compile"), 0);
    assert_true(doc_get_bool(ledger_get(ledger, "%s", subject), "late", false));
    ledger_close(&ledger);
}

/* ---- how long ---- */

static const char *const profiles[] = {"putuo", "changning", "shanghai-open"};

/* 365 days after Monday 2 March 2026 is 2 March 2027. */
static void D10_longest(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = granted(profiles[i]);
        assert_int_equal(ledger_ask_by(ledger, id, GAMMA, "E1", "{'until':'2027-03-03'}"),
                         ERR_FIELD_RANGE);
        assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "until"));
        assert_int_equal(ledger_ask_by(ledger, id, GAMMA, "E1", "{'until':'2027-03-02'}"), 0);
        ledger_close(&ledger);
    }
}

static void D10_opened_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        char key[100];
        struct ledger *ledger = granted(profiles[i]);
        ledger_at(ledger, "2026-03-02T11:00:00+08:00");
        assert_int_equal(use(ledger, PURPOSE, 1), 0);
        (void)snprintf(key, sizeof key, "open/%s", ledger->txid);
        assert_int_equal(ledger_int(ledger, key, "expires_ms"), at("2026-03-02T12:00:00+08:00"));
        ledger_close(&ledger);
    }
}

/* ---- receipts ---- */

static int receipt(struct ledger *ledger, const char *kid, const char *side, int given)
{
    return ledger_do(ledger, kid, "access.receipt",
                     "{'open':'%s','side':'%s','digest':'" HASH_TEXT "','rows':%d,'bytes':%d,"
                     "'result':'complete'}",
                     matter, side, given, 100 * given);
}

static void open_access(struct ledger *ledger)
{
    char body[600];
    (void)snprintf(body, sizeof body,
                   "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统',"
                   "'operator':'gateway','purpose':'" PURPOSE
                   "','method':'service','parameters':'" HASH_TEXT "','rows_max':100}",
                   id, ledger_version(ledger, "grant/%s", id));
    assert_int_equal(begin(ledger, BETA "/gateway", "access.open", body), 0);
}

static void D10_receipts(void **state)
{
    (void)state;
    char usage[100];
    struct ledger *ledger = granted("putuo");
    (void)snprintf(usage, sizeof usage, "usage/%s/20260302", id);
    open_access(ledger);
    assert_int_equal(receipt(ledger, GAMMA "/gateway", "provider", 3), ERR_PARTY);
    assert_int_equal(receipt(ledger, BETA "/gateway", "consumer", 3), 0);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", "provider", 3), 0);
    assert_int_equal(ledger_count(ledger, "open/"), 0);
    assert_int_equal(ledger_count(ledger, "mismatch/"), 0);
    assert_int_equal(ledger_int(ledger, usage, "rows"), 3);
    open_access(ledger);
    assert_int_equal(receipt(ledger, ALPHA "/gateway", "provider", 5), 0);
    assert_int_equal(receipt(ledger, BETA "/gateway", "consumer", 4), 0);
    assert_int_equal(ledger_count(ledger, "open/"), 0);
    assert_int_equal(ledger_count(ledger, "mismatch/"), 1);
    assert_int_equal(ledger_int(ledger, usage, "rows"), 8);
    ledger_close(&ledger);
    /* Opened at ten, for an hour: what comes at eleven is late. */
    for (int late = 0; late < 2; late++) {
        ledger = granted("putuo");
        open_access(ledger);
        ledger_at_ms(ledger, at("2026-03-02T11:00:00+08:00") - 1 + late);
        assert_int_equal(receipt(ledger, BETA "/gateway", "consumer", 3), 0);
        const struct doc *received =
            doc_get(ledger_get(ledger, "open/%s", matter), "consumer_receipt");
        assert_int_equal(doc_get_int(received, "rows", 0), 3);
        assert_int_equal(doc_get_bool(received, "late", false), late);
        ledger_close(&ledger);
    }
}
