/* Needs outside the catalog, fusion and the upper platform, by the clause: PT 22, 23, 26, STD
 * 五(六). 2026: 1-5 May and 25-27 September are days off, 9 May and 10 October are worked. */
#include "rows_requests.h"

#include "entry_acts.h"
#include "fused.h"

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"

/* ---- D7 ---- */

/* BETA needs what is not in the catalog, and the center asks ALPHA on Monday, 20 April. */
static struct ledger *with_need_in(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-04-20T09:30:00+08:00");
    assert_int_equal(ledger_need(ledger, other, NULL), 0);
    return ledger;
}

static struct ledger *with_need(void)
{
    return with_need_in("putuo");
}

#define ASK "'decision':'accept','provider':'" ALPHA "'"
#define NAME_IS "{'wanted':'名称','entry':'E1','item':'姓名'}"
#define NAME_ALONE "'decision':'compiled','meets':[" NAME_IS "]"
#define COMPILED                                                                                   \
    "'decision':'compiled','meets':[" NAME_IS                                                      \
    ",{'wanted':'年检结论','entry':'E1','item':'证件号码'}]"

/* 21-24, 27-30 April, 6-8, 9 (worked), 11-13 May: fifteen. */
static void D7_fifteen_days(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_need();
    (void)snprintf(key, sizeof key, "need/%s", other);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-05-14T00:00:00+08:00"));
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_at_ms(ledger, at("2026-05-14T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_at(ledger, "2026-05-14T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "need-overdue"));
    must(ledger, ALPHA "/approve", "need.answer", "need", other, COMPILED);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    ledger_close(&ledger);
}

static void D7_request_follows(void **state)
{
    (void)state;
    char extra[200];
    struct ledger *ledger = with_need();
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    ledger_give_entry(ledger, "E1", "authorised");
    must(ledger, ALPHA "/approve", "need.answer", "need", other, COMPILED);
    (void)snprintf(extra, sizeof extra, "{'for_need':'%s'}", other);
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_string_equal(text(ledger, "need", other, "requests.E1"), id);
    /* Once: a grant that was ended is not had again by the same need. */
    char again[2 * HASH_BYTES + 1];
    assert_int_equal(ledger_ask(ledger, again, "E1", extra), ERR_STATUS);
    ledger_close(&ledger);
}

/* 22-24, 28, 29 September: five. */
static void D7_fusion_review(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_fusion();
    (void)snprintf(key, sizeof key, "fusion/%s", other);
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'"),
        ERR_STATUS); /* GAMMA has not reviewed */
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other,
         "'entry':'E1','decision':'refuse',"
         "'grounds':{'not_in_order':true,'reasons':['方案未说明脱敏方式']}");
    ledger_at_ms(ledger, at("2026-09-30T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "fusion-review-overdue"));
    ledger_at(ledger, "2026-09-30T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "fusion-review-overdue"));
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'"),
        ERR_STATUS);
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'return'"),
        ERR_GROUNDS);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other,
         "'decision':'return','reasons':[{'reason':'补充脱敏方式'}]");
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, "%s", key), "conclusion"), "late", false));
    ledger_close(&ledger);
}

/* 会同相关区级责任单位…5 个工作日内，完成审核: whoever is silent is late itself, and who is not, is
 * not. */
static void D7_fusion_each_in_time(void **state)
{
    (void)state;
    char of_alpha[160], of_gamma[160], whole[100];
    struct ledger *ledger = with_fusion();
    (void)snprintf(of_alpha, sizeof of_alpha, "fusing/%s/" ALPHA, other);
    (void)snprintf(of_gamma, sizeof of_gamma, "fusing/%s/" GAMMA, other);
    (void)snprintf(whole, sizeof whole, "fusion/%s", other);
    assert_int_equal(ledger_int(ledger, of_alpha, "terms.fusion-part.due_ms"),
                     at("2026-09-30T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-09-30T00:00:00+08:00") - 1);
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    assert_string_equal(ledger_text(ledger, of_alpha, "status"), "reviewed");
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-09-30T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 2);
    assert_true(ledger_act_is(ledger, 1, of_gamma, "fusion-part-overdue"));
    assert_true(ledger_act_is(ledger, 0, whole, "fusion-review-overdue"));
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    assert_string_equal(ledger_text(ledger, of_gamma, "status"), "reviewed");
    const struct doc *reviews = doc_get(ledger_get(ledger, "%s", whole), "reviews");
    assert_true(doc_get_bool(doc_get(reviews, GAMMA "/E1"), "late", false));
    assert_false(doc_get_bool(doc_get(reviews, ALPHA "/E1"), "late", false));
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    ledger_close(&ledger);
    /* Nobody owes what is concluded, or withdrawn. */
    for (int withdrawn = 0; withdrawn < 2; withdrawn++) {
        ledger = with_fusion();
        if (withdrawn) {
            must(ledger, BETA "/compile", "fusion.withdraw", "fusion", other, "'reason':'误报'");
        } else {
            must(ledger, CENTER "/review", "fusion.conclude", "fusion", other,
                 "'decision':'return','reasons':[{'reason':'方案过简'}]");
        }
        (void)snprintf(of_gamma, sizeof of_gamma, "fusing/%s/" GAMMA, other);
        assert_string_equal(ledger_text(ledger, of_gamma, "status"), "ended");
        assert_int_equal(ledger_due(ledger, "fusion-part"), 0);
        ledger_close(&ledger);
    }
}

/* The service of the approved fusion is. */
static void overdue_at(struct ledger *ledger, const char *end)
{
    char key[100];
    (void)snprintf(key, sizeof key, "fusion/%s", other);
    ledger_at_ms(ledger, at(end) - 1);
    assert_false(ledger_act_is(ledger, 0, key, "fusion-service-overdue"));
    ledger_at(ledger, end);
    assert_true(ledger_act_is(ledger, 0, key, "fusion-service-overdue"));
}

/* 22-24, 28-30 September, 8, 9, 10 (worked), 12 October: ten. */
static void D7_fusion_service(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    overdue_at(ledger, "2026-10-13T00:00:00+08:00");
    rule_sharing(ledger, GAMMA, "none");
    assert_int_equal(act(ledger, CENTER "/review", "fusion.serve", "fusion", other,
                         "'result':'00000000000000000000000000000000000000000000000000000000000000"
                         "ee'"),
                     ERR_NOT_SHARED);
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    rule_sharing(ledger, GAMMA, "authorised");
    must(ledger, CENTER "/review", "fusion.serve", "fusion", other,
         "'result':'00000000000000000000000000000000000000000000000000000000000000ee'");
    assert_int_equal(ledger_count(ledger, "grant/"), 2);
    ledger_close(&ledger);
}

static void D7_fusion_complex(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    must(ledger, CENTER "/review", "fusion.extend", "fusion", other,
         "'until':'2026-11-30','reason':'数据量大'");
    assert_int_equal(act(ledger, CENTER "/review", "fusion.extend", "fusion", other,
                         "'until':'2026-12-30','reason':'仍在治理'"),
                     ERR_DUPLICATE);
    overdue_at(ledger, "2026-12-01T00:00:00+08:00");
    ledger_close(&ledger);
}

/* Served until the end of the last day that was asked for, 31 December. */
static void D7_fusion_until(void **state)
{
    (void)state;
    for (int after = 0; after < 2; after++) {
        struct ledger *ledger = with_fusion();
        must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
        must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
        must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
        ledger_at_ms(ledger, at("2027-01-01T00:00:00+08:00") - 1 + after);
        assert_int_equal(act(ledger, CENTER "/review", "fusion.serve", "fusion", other,
                             "'result':'00000000000000000000000000000000000000000000000000000000"
                             "000000ee'"),
                         after ? ERR_FIELD_RANGE : 0);
        assert_int_equal(ledger_count(ledger, "grant/"), after ? 0 : 2);
        ledger_close(&ledger);
    }
}

/* PT 22 has it served, or returned: what was approved and cannot be served any more holds nobody's
 * entry (PT 14). Asked for until 31 December; ruled not to be shared; an agency is gone. */
static void D7_fusion_unserved(void **state)
{
    (void)state;
    static const char again[] = "'decision':'return','reasons':[{'reason':'已无法提供'}]";
    for (int why = 0; why < 3; why++) {
        struct ledger *ledger = with_fusion();
        must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
        must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
        must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
        ledger_at(ledger, "2026-12-31T10:00:00+08:00");
        apply_to_retire(ledger, ALPHA);
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        if (why == 0) {
            ledger_at_ms(ledger, at("2027-01-01T00:00:00+08:00") - 1);
        }
        assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, again),
                         ERR_STATUS); /* 审核通过的…提供数据共享服务 */
        if (why == 0) {
            ledger_at(ledger, "2027-01-01T00:00:00+08:00");
        } else if (why == 1) {
            rule_sharing(ledger, GAMMA, "none");
        } else {
            ledger_take_out(ledger, GAMMA);
        }
        assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", other,
                             "'decision':'accept'"),
                         ERR_STATUS);
        assert_int_equal(
            act(ledger, CENTER "/review", "fusion.serve", "fusion", other,
                "'result':'00000000000000000000000000000000000000000000000000000000000000ee'"),
            why == 0   ? ERR_FIELD_RANGE
            : why == 1 ? ERR_NOT_SHARED
                       : ERR_PROVIDER);
        assert_int_equal(act(ledger, CENTER "/review", "fusion.conclude", "fusion", other,
                             "'decision':'return'"),
                         ERR_GROUNDS);
        must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, again);
        assert_string_equal(text(ledger, "fusion", other, "status"), "returned");
        assert_int_equal(ledger_count(ledger, "asked/"), 0);
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED); /* PT 24: to be disputed */
        /* Until 8 January by the weekdays, and twenty more: nobody publishes the year's calendar. */
        ledger_at(ledger, "2027-02-06T00:00:00+08:00");
        assert_int_equal(accept_change(ledger, ALPHA), 0);
        ledger_close(&ledger);
    }
}

/* ---- D9 ---- */

static void D9_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need();
#define NEEDLESS ",'reasons':[{'reason':'情况属实'}]"
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK NEEDLESS),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    must(ledger, ALPHA "/approve", "need.answer", "need", other, "'decision':'refuse'," LAW);
    assert_int_equal(act(ledger, CENTER "/review", "upper.forward", "need", other, PAPER),
                     ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    assert_int_equal(act(ledger, CENTER "/review", "upper.answer", "need", other,
                         "'decision':'agree'," PAPER NEEDLESS),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    ledger_give_entry(ledger, "E1", "authorised");
    /* Nobody gives an agency's data but the agency: it is asked, and answers itself. */
    assert_int_equal(act(ledger, CENTER "/review", "upper.deliver", "need", other,
                         "'provider':'" ALPHA "','meets':[" NAME_IS "]"),
                     ERR_PARTY);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    must(ledger, ALPHA "/approve", "need.answer", "need", other, COMPILED);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    ledger_close(&ledger);
}

static void D9_comes_down(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_must(ledger, CENTER "/review", "upper.receive",
                "{'name':'社会组织名录','wanted':['名称'],'purpose':'全市核验'," PAPER "}");
    memcpy(other, ledger->txid, sizeof other);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    must(ledger, ALPHA "/approve", "need.answer", "need", other, NAME_ALONE);
    assert_int_equal(act(ledger, CENTER "/review", "upper.answer", "need", other,
                         "'decision':'refuse','reasons':[{'reason':'不予提供'}]," PAPER),
                     ERR_STATUS);
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    assert_string_equal(text(ledger, "need", other, "status"), "replied");
    ledger_close(&ledger);
}

/* The city's platform, which uses data like any consumer. */
static void admit_city(struct ledger *ledger)
{
    static const char *const parties[] = {"consumer", "provider", "upper"};
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *join = ledger_join(5, NEWCOMER), *held = doc_new_array();
    for (size_t i = 0; i < COUNT_OF(parties); i++) {
        doc_push_text(held, parties[i]);
    }
    doc_set(join, "parties", held);
    ledger_sign_join(join, 5);
    doc_set(body, "join", join);
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "member.admit", body), 0);
    ledger_blocks(ledger, 2);
}

/* What the agency compiled for it is asked for as what any need was met with, before or after the
 * reply; whose purpose it is stays so. */
static void D9_asked_for_from_above(void **state)
{
    (void)state;
    for (int replied = 0; replied < 2; replied++) {
        char extra[200];
        struct ledger *ledger = with_entry("putuo", "authorised");
        admit_city(ledger);
        ledger_must(ledger, CENTER "/review", "upper.receive",
                    "{'upper':'" NEWCOMER "','name':'社会组织名录','wanted':['名称'],"
                    "'purpose':'全市核验'," PAPER "}");
        memcpy(other, ledger->txid, sizeof other);
        must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
        must(ledger, ALPHA "/approve", "need.answer", "need", other, NAME_ALONE);
        if (replied) {
            must(ledger, CENTER "/review", "upper.answer", "need", other,
                 "'decision':'agree'," PAPER);
        }
        (void)snprintf(extra, sizeof extra, "{'for_need':'%s'}", other);
        assert_int_equal(ledger_ask_by(ledger, id, NEWCOMER, "E1", extra), ERR_PURPOSE);
        assert_true(ledger_fault(ledger, ERR_PURPOSE, "purpose"));
        assert_int_equal(ledger->faults.count, 1);
        (void)snprintf(extra, sizeof extra, "{'for_need':'%s','purpose':'全市核验'}", other);
        assert_int_equal(ledger_ask_by(ledger, id, NEWCOMER, "E1", extra), 0);
        assert_string_equal(text(ledger, "request", id, "status"), "granted");
        assert_string_equal(text(ledger, "need", other, "status"), "requested");
        assert_int_equal(act(ledger, CENTER "/review", "upper.answer", "need", other,
                             "'decision':'agree'," PAPER),
                         replied ? ERR_STATUS : 0);
        ledger_close(&ledger);
    }
}

/* ---- D12 ---- */

static void D12_withdrawn(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(
        act(ledger, GAMMA "/compile", "request.withdraw", "request", id, "'reason':'误操作'"),
        ERR_PARTY);
    must(ledger, BETA "/compile", "request.withdraw", "request", id, "'reason':'业务调整'");
    assert_string_equal(text(ledger, "request", id, "status"), "withdrawn");
    assert_int_equal(ledger_due(ledger, "answer"), 0);
    ledger_close(&ledger);

    ledger = with_need();
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    assert_int_equal(ledger_due(ledger, "need"), 1);
    must(ledger, BETA "/compile", "need.withdraw", "need", other, "'reason':'业务调整'");
    assert_int_equal(ledger_due(ledger, "need"), 0);
    ledger_close(&ledger);

    ledger = with_fusion();
    assert_int_equal(
        act(ledger, GAMMA "/compile", "fusion.withdraw", "fusion", other, "'reason':'误操作'"),
        ERR_PARTY);
    must(ledger, BETA "/compile", "fusion.withdraw", "fusion", other, "'reason':'业务调整'");
    assert_int_equal(ledger_due(ledger, "fusion-review"), 0);
    ledger_close(&ledger);
}

static void D9_agency_answers(void **state)
{
    (void)state;
    struct ledger *ledger = with_need();
    ledger_give_entry(ledger, "E1", "authorised");
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    assert_int_equal(act(ledger, CENTER "/review", "upper.deliver", "need", other,
                         "'provider':'" ALPHA "','meets':[" NAME_IS "]"),
                     ERR_PARTY);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    /* 21-24, 27-30 April, 6-8, 9 (worked), 11-13 May: fifteen. */
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-05-14T00:00:00+08:00"));
    must(ledger, ALPHA "/approve", "need.answer", "need", other, COMPILED);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    ledger_close(&ledger);
}

static void D7_fusion_frequency(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    memcpy(id, ledger->txid, sizeof id);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    must(ledger, CENTER "/review", "fusion.serve", "fusion", other,
         "'result':'00000000000000000000000000000000000000000000000000000000000000ee'");
    assert_string_equal(text(ledger, "request", id, "request.frequency.per"), "month");
    assert_string_equal(text(ledger, "request", id, "request.goal"), "联合核查");
    ledger_close(&ledger);
}

static void D9_changning_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("changning");
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    assert_int_equal(ledger_due(ledger, "need"), 1);
    must(ledger, ALPHA "/approve", "need.answer", "need", other,
         "'decision':'refuse','grounds':{'reasons':['非本单位职责'],"
         "'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER),
                     ERR_PARTY);
    must(ledger, CENTER "/review", "upper.forward", "need", other, PAPER);
    assert_string_equal(text(ledger, "need", other, "status"), "forwarded");
    ledger_close(&ledger);
}

#define ASK_GAMMA "'decision':'accept','provider':'" GAMMA "'"

/* To 13 May, as above. Then GAMMA is asked, on Thursday the 14th: 15, 18-22, 25-29 May, 1-4 June.
 */
static void D7_asked_anew(void **state)
{
    (void)state;
    struct ledger *ledger = with_need();
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    ledger_at_ms(ledger, at("2026-05-14T00:00:00+08:00") - 1);
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK_GAMMA),
                     ERR_STATUS);
    ledger_at(ledger, "2026-05-14T00:00:00+08:00");
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK),
                     ERR_DUPLICATE); /* its lateness would be gone */
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK_GAMMA);
    assert_string_equal(text(ledger, "need", other, "intake.instead_of"), ALPHA);
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-06-05T00:00:00+08:00"));
    assert_int_equal(
        act(ledger, ALPHA "/approve", "need.answer", "need", other, "'decision':'refuse'," LAW),
        ERR_PARTY);
    /* GAMMA may not act: no need to wait for its days. */
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" GAMMA "','acts_on':'%s','reason':'整改'," NO_RISK "}",
                ledger_version(ledger, "member/" GAMMA));
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    assert_string_equal(text(ledger, "need", other, "intake.instead_of"), GAMMA);
    ledger_at(ledger, "2026-06-05T00:00:00+08:00"); /* ALPHA's, again to 4 June */
    must(ledger, CENTER "/review", "need.intake", "need", other,
         "'decision':'refuse','reasons':[{'reason':'全区均无此项数据'}]");
    assert_string_equal(text(ledger, "need", other, "status"), "not-accepted");
    assert_null(doc_get(doc_get(ledger_get(ledger, "need/%s", other), "terms"), "need"));
    ledger_close(&ledger);

    /* Where the document has no days, the center says how long it waits. */
    ledger = with_need_in("putuo");
    assert_int_equal(ledger_policy(ledger, "need", "{'clause':'PT 22'}"), 0);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK_GAMMA);
    ledger_close(&ledger);
}

static void D9_unanswered_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need();
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    ledger_at_ms(ledger, at("2026-05-14T00:00:00+08:00") - 1);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER),
                     ERR_STATUS);
    ledger_at(ledger, "2026-05-14T00:00:00+08:00");
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    assert_string_equal(text(ledger, "need", other, "status"), "forwarded");
    assert_null(doc_get(doc_get(ledger_get(ledger, "need/%s", other), "terms"), "need"));
    ledger_close(&ledger);
}
