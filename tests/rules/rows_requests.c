/* Requests, by the clause: PT 17-24, CN 17 and 附件2, OPEN 19-20, STD 五(六). 2026: 2 March is a
 * Monday; 4-6 April, 1-5 May and 25-27 September are days off, 9 May and 10 October are worked. */
#include "row.h"

static char id[2 * HASH_BYTES + 1], other[2 * HASH_BYTES + 1];

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"
#define DIGEST "'digest':'00000000000000000000000000000000000000000000000000000000000000bb'"
#define FORM "'form':'00000000000000000000000000000000000000000000000000000000000000cc'"
#define LAW "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第二十八条'}]}"
#define REASONS "'grounds':{'reasons':['数据尚在核查']}"

static struct ledger *with_entry(const char *profile, const char *sharing)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", sharing);
    return ledger;
}

static const char *text(struct ledger *ledger, const char *family, const char *of, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "%s/%s", family, of);
    return ledger_text(ledger, key, path);
}

static int64_t due(struct ledger *ledger, const char *family, const char *of, const char *term)
{
    char key[100], path[60];
    (void)snprintf(key, sizeof key, "%s/%s", family, of);
    (void)snprintf(path, sizeof path, "terms.%s.due_ms", term);
    return ledger_int(ledger, key, path);
}

/* An act on family/<of>, named in the body as the family. */
static int act(struct ledger *ledger, const char *kid, const char *type, const char *family,
               const char *of, const char *rest)
{
    return ledger_do(ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", family, of,
                     ledger_version(ledger, "%s/%s", family, of), rest);
}

static void must(struct ledger *ledger, const char *kid, const char *type, const char *family,
                 const char *of, const char *rest)
{
    ledger_must(ledger, kid, type, "{'%s':'%s','acts_on':'%s',%s}", family, of,
                ledger_version(ledger, "%s/%s", family, of), rest);
}

/* ---- D1 to D5 ---- */

static void D1_numbering(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ260001");
    struct doc *counter = doc_new_object();
    doc_set_int(counter, "last", 9999);
    state_put(ledger->state, "serial/CNZYSQ/26", counter);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ2610000");
    ledger_at(ledger, "2027-01-01T00:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-06-30'}"), 0);
    assert_string_equal(text(ledger, "request", id, "number"), "CNZYSQ270001");
    ledger_close(&ledger);
}

static void D2_commitments(void **state)
{
    (void)state;
    static const char *const names[] = {"genuine", "reasonable", "compliant"};
    struct ledger *ledger = with_entry("putuo", "authorised");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char extra[200], field[60];
        (void)snprintf(
            extra, sizeof extra, "{'commitments':{'genuine':%s,'reasonable':%s,'compliant':%s}}",
            i == 0 ? "false" : "true", i == 1 ? "false" : "true", i == 2 ? "false" : "true");
        (void)snprintf(field, sizeof field, "commitments.%s", names[i]);
        assert_int_equal(ledger_ask(ledger, id, "E1", extra), ERR_COMMITMENT);
        assert_true(ledger_fault(ledger, ERR_COMMITMENT, field));
    }
    ledger_close(&ledger);
}

static void D3_unconditional(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D4_refusal_needs_law(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse'," REASONS),
                     ERR_GROUNDS);
    assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                         "'decision':'refuse','grounds':{'not_in_order':true,"
                         "'reasons':['未说明使用系统']}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    ledger_close(&ledger);
}

static void D4_refusal_needs_reason(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    ledger_close(&ledger);
}

/* Ten working days from Thursday, 5 March: 6, 9-13, 16-19. */
static void D5_intake(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(
        act(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-20T00:00:00+08:00"));
    ledger_close(&ledger);
}

static struct ledger *with_opening(const char *opening)
{
    char extra[200];
    struct ledger *ledger = ledger_open("shanghai-open");
    ledger_give_entry(ledger, "E0", "unconditional");
    (void)snprintf(extra, sizeof extra, "'opening_conditions':'仅限研究用途','opening':'%s'",
                   opening);
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                     entry_text("社会组织名录", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    fixture_merge(entry, "{%s}", extra);
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    return ledger;
}

static void D5_applicants(void **state)
{
    (void)state;
#define SALTED "00000000000000000000000000000000000000000000000000000000000000aa"
#define MATERIAL(kind) "{'kind':'" kind "','digest':'" SALTED "'}"
#define APPLICANT(materials)                                                                       \
    "{'applicant':{'kind':'person','identity':'" SALTED "','materials':[" materials "]}}"
#define COMPLETE MATERIAL("qualification") "," MATERIAL("security") "," MATERIAL("scenario")
    struct ledger *ledger = with_opening("conditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(MATERIAL("security"))),
                     ERR_FIELD_MISSING);
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(COMPLETE)), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "intake");
    ledger_close(&ledger);
    ledger = with_opening("unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", APPLICANT(COMPLETE)), ERR_FIELD_UNKNOWN);
    ledger_close(&ledger);
}

/* ---- D6 ---- */

static struct ledger *awaiting_agreement(void)
{
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    return ledger;
}

static void D6_same_text(void **state)
{
    (void)state;
    struct ledger *ledger = awaiting_agreement();
#define CONTAINS "'contains':['safeguards','confidentiality']"
    must(ledger, BETA "/chief", "agreement.sign", "grant", id, CONTAINS "," DIGEST "," FORM);
    assert_int_equal(act(ledger, ALPHA "/chief", "agreement.sign", "grant", id,
                         CONTAINS "," FORM ",'digest':'00000000000000000000000000000000000000000000"
                                  "00000000000000000000'"),
                     ERR_AGREEMENT);
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    must(ledger, ALPHA "/chief", "agreement.sign", "grant", id, CONTAINS "," DIGEST "," FORM);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D6_contents(void **state)
{
    (void)state;
    static const char *const missing[] = {"contains.scenario", "contains.usage-reports",
                                          "contains.safeguards", "contains.liability"};
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_int_equal(act(ledger, BETA "/chief", "agreement.sign", "grant", id, DIGEST),
                     ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(missing); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, missing[i]));
    }
    must(ledger, BETA "/chief", "agreement.sign", "grant", id,
         "'contains':['scenario','usage-reports','safeguards','liability']," DIGEST);
    ledger_close(&ledger);
}

/* ---- D7 ---- */

/* BETA needs what is not in the catalog, and the center asks ALPHA on Monday, 20 April. */
static struct ledger *with_need(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-04-20T09:30:00+08:00");
    ledger_must(ledger, BETA "/compile", "need.submit",
                "{'name':'社会组织年检结果','wanted':['名称'],'need':'service',"
                "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
                "'mode':'service','frequency':{'times':10,'per':'month'},'security_level':2,"
                "'safeguards':'专网访问','system':'一网通办受理系统','until':'2026-12-31',"
                "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}");
    memcpy(other, ledger->txid, sizeof other);
    return ledger;
}

#define ASK "'decision':'accept','provider':'" ALPHA "'"
#define COMPILED "'decision':'compiled','entry':'E1','items':['姓名']"

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
    (void)snprintf(extra, sizeof extra, "{'for_need':'%s','items':['姓名','证件号码']}", other);
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), ERR_SUBJECT);
    (void)snprintf(extra, sizeof extra, "{'for_need':'%s'}", other);
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_string_equal(text(ledger, "need", other, "request"), id);
    /* Once: a grant that was ended is not had again by the same need. */
    char again[2 * HASH_BYTES + 1];
    assert_int_equal(ledger_ask(ledger, again, "E1", extra), ERR_STATUS);
    ledger_close(&ledger);
}

/* BETA fuses entries of ALPHA and GAMMA; the plan is in on Monday, 21 September. */
static struct ledger *with_fusion(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-09-21T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_must(ledger, GAMMA "/compile", "duty.publish",
                "{'code':'D1','name':'企业登记','category':'行政许可','implementer':'广东省司法厅',"
                "'basis':'市场主体登记管理条例第五条'}");
    ledger_must(ledger, GAMMA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("律师事务所", "authorised", NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" GAMMA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    ledger_must(ledger, BETA "/compile", "fusion.submit",
                "{'plan':'00000000000000000000000000000000000000000000000000000000000000dd',"
                "'parts':[{'provider':'" ALPHA "','entry':'E1','entry_version':'%s',"
                "'items':['姓名']},{'provider':'" GAMMA "','entry':'E1','entry_version':'%s',"
                "'items':['姓名']}],'need':'data','purpose':'联合核查','basis':'职责清单',"
                "'goal':'联合核查','mode':'query','frequency':{'times':10,'per':'month'},"
                "'security_level':2,'safeguards':'专网访问','until':'2026-12-31',"
                "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
                ledger_version(ledger, "entry/" ALPHA "/E1"),
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    memcpy(other, ledger->txid, sizeof other);
    return ledger;
}

#define OWN_ACCEPT "'entry':'E1','decision':'accept'"

/* 22-24, 28, 29 September: five. */
static void D7_fusion_review(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(due(ledger, "fusion", other, "fusion-review"),
                     at("2026-09-30T00:00:00+08:00"));
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'"),
        ERR_STATUS); /* GAMMA has not reviewed */
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other,
         "'entry':'E1','decision':'refuse','reasons':[{'reason':'方案未说明脱敏方式'}]");
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'"),
        ERR_STATUS);
    assert_int_equal(
        act(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'return'"),
        ERR_GROUNDS);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other,
         "'decision':'return','reasons':[{'reason':'补充脱敏方式'}]");
    ledger_close(&ledger);
}

/* 22-24, 28-30 September, 8, 9, 10 (worked), 12 October: ten. */
static void D7_fusion_service(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    assert_int_equal(due(ledger, "fusion", other, "fusion-service"),
                     at("2026-10-13T00:00:00+08:00"));
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" GAMMA "','code':'E1','acts_on':'%s','sharing':'none',"
                "'reason':'涉密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    assert_int_equal(act(ledger, CENTER "/review", "fusion.serve", "fusion", other,
                         "'result':'00000000000000000000000000000000000000000000000000000000000000"
                         "ee'"),
                     ERR_NOT_SHARED);
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" GAMMA "','code':'E1','acts_on':'%s','sharing':'authorised',"
                "'reason':'解密','basis':'保守国家秘密法'}",
                ledger_version(ledger, "entry/" GAMMA "/E1"));
    must(ledger, CENTER "/review", "fusion.serve", "fusion", other,
         "'result':'00000000000000000000000000000000000000000000000000000000000000ee'");
    assert_int_equal(ledger_count(ledger, "grant/"), 2);
    ledger_close(&ledger);
}

/* ---- D8 ---- */

static void raise_dispute(struct ledger *ledger, const char *kid, const char *kind)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'kind':'%s','reason':'对意见持有异议'", kind);
    must(ledger, kid, "dispute.raise", "request", id, rest);
    memcpy(other, ledger->txid, sizeof other);
}

static void D8_negotiate_first(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
                         "'decision':'as-asked','reason':'属履职必需'"),
                     ERR_STATUS);
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other, "'reason':'协商不成'");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-asked','reason':'属履职必需'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D8_conclusion(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.rule", "dispute", other,
                         "'decision':'refused','reason':'维持'"),
                     ERR_PARTY);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    ledger_close(&ledger);
}

/* Five working days from Monday, 2 March: 3-6, 9. */
static void D8_no_clock_stops(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, ALPHA "/approve", "shareability");
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other, "'reason':'协商不成'");
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'不宜共享'");
    assert_string_equal(text(ledger, "grant", id, "status"), "terminated");
    ledger_close(&ledger);
}

/* ---- D9 ---- */

static void D9_goes_up(void **state)
{
    (void)state;
    struct ledger *ledger = with_need();
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    must(ledger, ALPHA "/approve", "need.answer", "need", other, "'decision':'refuse'," LAW);
    assert_int_equal(act(ledger, CENTER "/review", "upper.forward", "need", other, PAPER),
                     ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    ledger_give_entry(ledger, "E1", "authorised");
    must(ledger, CENTER "/review", "upper.deliver", "need", other,
         "'provider':'" ALPHA "','entry':'E1','items':['姓名']");
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
    must(ledger, ALPHA "/approve", "need.answer", "need", other, COMPILED);
    assert_int_equal(act(ledger, CENTER "/review", "upper.answer", "need", other,
                         "'decision':'refuse','reasons':[{'reason':'不予提供'}]," PAPER),
                     ERR_STATUS);
    must(ledger, CENTER "/review", "upper.answer", "need", other, "'decision':'agree'," PAPER);
    assert_string_equal(text(ledger, "need", other, "status"), "replied");
    ledger_close(&ledger);
}

/* Both say the same, or nothing is settled. */
static void D8_settled(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    assert_null(ledger_get(ledger, "grant/%s", id));
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "settled");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");

    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(
        act(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other, "'reason':'已说明'"),
        ERR_PARTY);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'理解了'");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    ledger_close(&ledger);
}

/* ---- further steps ---- */

static void D3_assessment(void **state)
{
    (void)state;
    static const char scenario[] = "{'scenario':{'case':2,'description':'区重点工作'}}";
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", scenario), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "assessing");
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'方案可行','scenario':'accept'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_int_equal(ledger_ask(ledger, id, "E1", scenario), 0);
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'不属重点工作','scenario':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    /* Received on Monday, 2 March: 3 4 5 6 9. */
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-10T00:00:00+08:00"));
    ledger_close(&ledger);
}

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

static void D7_fusion_complex(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
    must(ledger, CENTER "/review", "fusion.extend", "fusion", other,
         "'until':'2026-11-30','reason':'数据量大'");
    assert_int_equal(due(ledger, "fusion", other, "fusion-service"),
                     at("2026-12-01T00:00:00+08:00"));
    assert_int_equal(act(ledger, CENTER "/review", "fusion.extend", "fusion", other,
                         "'until':'2026-12-30','reason':'仍在治理'"),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}
