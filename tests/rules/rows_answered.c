/* Data that is not collected yet, and what answers a need for it, by the clause: PT 22, 23, CN 17.
 * 2026: 15-23 February and 1-7 October are days off; 14 and 28 February and 10 October are worked.
 */
#include "rows_requests.h"

#include "entry_acts.h"

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"
#define ASK "'decision':'accept','provider':'" ALPHA "'"
#define MEETS(lines) "'decision':'compiled','meets':[" lines "]"
#define IS(wanted, entry, item) "{'wanted':'" wanted "','entry':'" entry "','item':'" item "'}"
#define NAME_IS(entry) IS("名称", entry, "姓名")
#define BOTH NAME_IS("E1") "," IS("年检结论", "E1", "证件号码")

/* ALPHA's entry in the catalog, its data not collected. */
static void give_uncollected(struct ledger *ledger, const char *code, const char *sharing)
{
    if (ledger_get(ledger, "duty/" ALPHA "/D1") == NULL) {
        ledger_give_duty(ledger);
    }
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                entry_text(code, sharing, NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
}

static struct ledger *on_day(const char *profile, const char *time)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, time);
    return ledger;
}

/* BETA's need for 名称 and 年检结论, asked of ALPHA. */
static void ask_agency(struct ledger *ledger)
{
    assert_int_equal(ledger_need(ledger, other, NULL), 0);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
}

static int answer(struct ledger *ledger, const char *rest)
{
    return act(ledger, ALPHA "/approve", "need.answer", "need", other, rest);
}

static int follow(struct ledger *ledger, const char *entry, const char *more)
{
    char extra[300];
    (void)snprintf(extra, sizeof extra, "{'for_need':'%s'%s}", other, more);
    return ledger_ask(ledger, id, entry, extra);
}

/* CN 17, CN 16: 无条件共享类资源…进行汇聚后…即可予以共享; 不得拒绝其他单位提出的共享需求. Asked on
 * Thursday, 12 February: 13, 14 (worked), 24-27, 28 (worked), 2-4 March: ten. */
static void D7_uncollected_owed(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = on_day("changning", "2026-02-12T09:00:00+08:00");
    give_uncollected(ledger, "E1", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_COLLECTED);
    ask_agency(ledger);
    (void)snprintf(key, sizeof key, "need/%s", other);
    ledger_at_ms(ledger, at("2026-03-05T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_at(ledger, "2026-03-05T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_close(&ledger);
}

/* Asked on Thursday, 12 February: 13, 14 (worked), 24-27, 28 (worked), 2-6, 9-11 March: fifteen. */
static void D7_not_collected(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = on_day("putuo", "2026-02-12T09:00:00+08:00");
    give_uncollected(ledger, "E1", "authorised");
    give_uncollected(ledger, "E2", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_COLLECTED);
    assert_true(ledger_fault(ledger, ERR_NOT_COLLECTED, "entry"));
    assert_string_equal(ledger->faults.item[0].clause, "PT 22");
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), ERR_NOT_COLLECTED);
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'scenario':{'case':4,'description':'脱敏使用',"
                                "'restriction':'masked'}}"),
                     ERR_NOT_COLLECTED);
    ask_agency(ledger);
    (void)snprintf(key, sizeof key, "need/%s", other);
    ledger_at_ms(ledger, at("2026-03-12T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_at(ledger, "2026-03-12T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "need-overdue"));
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    assert_int_equal(ledger_count(ledger, "request/"), 0);
    ledger_collect(ledger, "E1");
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    assert_int_equal(follow(ledger, "E1", ""), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

/* Met on Thursday, 12 February under a profile that another follows: what that asks for besides is
 * given beside what was reviewed. */
static void D7_followed_under_another_profile(void **state)
{
    (void)state;
#define REVIEWED ",'frequency':{'times':10,'per':'month'},'security_level':2"
    struct ledger *ledger = on_day("putuo", "2026-02-12T09:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    assert_int_equal(ledger_policy(ledger, "modes", "{'assessed':['service'],'clause':'PT 21'}"), 0);
    assert_int_equal(ledger_policy(ledger, "grant", "{'days_max':30,'clause':'PT 17'}"), 0);
    assert_int_equal(follow(ledger, "E1", ",'until':'2026-03-01'" REVIEWED), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "mode_reason"));
    assert_int_equal(follow(ledger, "E1", ",'mode_reason':'无接口','until':'2026-03-01'" REVIEWED), 0);
    assert_string_equal(text(ledger, "request", id, "route"), "need");
    ledger_close(&ledger);
}

static void D7_collected_unconditional(void **state)
{
    (void)state;
    struct ledger *ledger = on_day("changning", "2026-02-12T09:00:00+08:00");
    give_uncollected(ledger, "E1", "unconditional");
    give_uncollected(ledger, "E2", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_COLLECTED);
    assert_string_equal(ledger->faults.item[0].clause, "CN 17");
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    /* What came in and was returned is not there. */
    ledger_must(ledger, CENTER "/review", "catalog.certify",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'汇聚量与现场不符'}]}",
                ledger_version(ledger, "collection/" ALPHA "/E1"));
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_COLLECTED);
    ledger_close(&ledger);
}

static void D7_collected_too(void **state)
{
    (void)state;
    struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    give_uncollected(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(BOTH)), ERR_NOT_COLLECTED);
    assert_true(ledger_fault(ledger, ERR_NOT_COLLECTED, "meets[0].entry"));
    ledger_must(ledger, ALPHA "/compile", "catalog.collect",
                "{'code':'E1','acts_on':'%s','refusal':{'reason':'系统改造中'}}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    assert_int_equal(answer(ledger, MEETS(BOTH)), ERR_NOT_COLLECTED);
    ledger_collect(ledger, "E1");
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    ledger_close(&ledger);
}

static void D7_ticked_off(void **state)
{
    (void)state;
    struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    give_uncollected(ledger, "E2", "none");
    assert_int_equal(ledger_need(ledger, other, "{'wanted':['名称','名称']}"), ERR_DUPLICATE);
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E1"))), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds.legal_basis"));
    assert_int_equal(answer(ledger, MEETS(IS("登记日期", "E1", "姓名") "," BOTH)), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "meets[0].wanted"));
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E9") "," BOTH)), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "meets[0].entry"));
    assert_int_equal(answer(ledger, MEETS(IS("名称", "E1", "登记日期") "," BOTH)), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "meets[0].item"));
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E2") "," BOTH)), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "meets[0].item"));
    /* Who gives everything refuses nothing, and who refuses gives nothing. */
    assert_int_equal(answer(ledger, MEETS(BOTH) "," LAW), ERR_FIELD_UNKNOWN);
    assert_int_equal(answer(ledger, "'decision':'refuse','meets':[" BOTH "]," LAW),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E1")) "," LAW), 0);
    const struct doc *left = doc_get(ledger_get(ledger, "need/%s", other), "left_out");
    assert_int_equal(doc_count(left), 1);
    assert_true(doc_has_text(left, "年检结论"));
    ledger_close(&ledger);

    /* Nine entries are more than one answer names. */
    ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(
        answer(ledger,
               MEETS(BOTH "," NAME_IS("E2") "," NAME_IS("E3") "," NAME_IS("E4") "," NAME_IS(
                   "E5") "," NAME_IS("E6") "," NAME_IS("E7") "," NAME_IS("E8") "," NAME_IS("E9"))),
        ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "meets[8].entry"));
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "meets[9].entry"));
    ledger_close(&ledger);
}

#define BY_NUMBER ",'rows':[{'item':'证件号码','is':'prefix','value':'1'}]"

static void D7_asked_as_answered(void **state)
{
    (void)state;
    struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry(ledger, "E2", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E1")) "," LAW), 0);
    assert_int_equal(follow(ledger, "E1", ",'items':['姓名','证件号码']"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "items[1]"));
    assert_int_equal(follow(ledger, "E1", BY_NUMBER), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "rows[0].item"));
    assert_int_equal(follow(ledger, "E2", ""), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "entry"));
    assert_int_equal(follow(ledger, "E1", ""), 0);
    assert_string_equal(text(ledger, "need", other, "status"), "requested");
    ledger_close(&ledger);

    /* Of two entries, each is asked for, once. */
    ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry(ledger, "E2", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E1") "," IS("年检结论", "E2", "证件号码"))), 0);
    assert_int_equal(follow(ledger, "E1", ""), 0);
    assert_string_equal(text(ledger, "need", other, "requests.E1"), id);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    assert_int_equal(follow(ledger, "E1", ""), ERR_DUPLICATE);
    assert_int_equal(follow(ledger, "E2", ",'items':['姓名']"), ERR_SUBJECT);
    assert_int_equal(follow(ledger, "E2", ",'items':['证件号码']" BY_NUMBER), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_string_equal(text(ledger, "need", other, "status"), "requested");
    assert_int_equal(follow(ledger, "E2", ",'items':['证件号码']"), ERR_STATUS);
    ledger_close(&ledger);
}

static void D7_asked_as_reviewed(void **state)
{
    (void)state;
    static const struct {
        const char *field, *otherwise;
    } uses[] = {
        {"basis", ",'basis':'无依据'"},
        {"frequency", ",'frequency':{'times':20,'per':'month'}"},
        {"goal", ",'goal':'营利业务'"},
        {"mode", ",'mode':'file','mode_reason':'系统尚无接口'"},
        {"need", ",'need':'data'"},
        {"purpose", ",'purpose':'营销'"},
        {"safeguards", ",'safeguards':'互联网直连，无措施'"},
        {"security_level", ",'security_level':1"},
        {"system", ",'system':'营销系统'"},
        {"until", ",'until':'2027-01-01'"},
    };
    struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        assert_int_not_equal(follow(ledger, "E1", uses[i].otherwise), 0);
        assert_true(ledger_fault(ledger, ERR_PURPOSE, uses[i].field));
        assert_int_equal(ledger_count(ledger, "grant/"), 0);
    }
    assert_int_equal(follow(ledger, "E1", ""), 0);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D7_answer_retired(void **state)
{
    (void)state;
    static const char gone[] = "'reason':'业务调整'";
    for (int withdrawn = 0; withdrawn < 2; withdrawn++) {
        struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        ask_agency(ledger);
        assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
        assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK),
                         ERR_STATUS);
        is_retired(ledger, ALPHA);
        if (withdrawn == 1) {
            must(ledger, BETA "/compile", "need.withdraw", "need", other, gone);
        } else {
            must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
            assert_null(doc_get(ledger_get(ledger, "need/%s", other), "meets"));
            assert_int_equal(answer(ledger, MEETS(BOTH)),
                             ERR_STATUS); /* of an entry that is gone */
        }
        ledger_close(&ledger);
    }
}

/* Up on Monday, 28 September: 29, 30 September, 8, 9, 10 (worked), 12-16 October: ten. */
static void D9_upper_in_time(void **state)
{
    (void)state;
    static const char days[] = "{'by':'supervisor','clause':'PT 23',"
                               "'term':{'days':10,'clause':'PT 23'}}";
    static const char agree[] = "'decision':'agree'," PAPER;
    char key[100];
    struct ledger *ledger = on_day("putuo", "2026-09-28T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "upper", days), 0);
    assert_int_equal(ledger_need(ledger, other, NULL), 0);
    (void)snprintf(key, sizeof key, "need/%s", other);
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    ledger_at_ms(ledger, at("2026-10-17T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "upper-overdue"));
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK), ERR_STATUS);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER),
                     ERR_STATUS);
    ledger_at(ledger, "2026-10-17T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "upper-overdue"));
    /* Once more, from Saturday the 17th: 19-23, 26-30 October. */
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    assert_int_equal(due(ledger, "need", other, "upper"), at("2026-10-31T00:00:00+08:00"));
    ledger_at(ledger, "2026-10-31T00:00:00+08:00");
    must(ledger, CENTER "/review", "upper.answer", "need", other, agree);
    assert_true(
        doc_get_bool(doc_get(ledger_get(ledger, "%s", key), "upper_answer"), "late", false));
    assert_int_equal(ledger_due(ledger, "upper"), 0);
    ledger_close(&ledger);

    ledger = on_day("putuo", "2026-09-28T10:00:00+08:00");
    assert_int_equal(ledger_need(ledger, other, NULL), 0);
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER),
                     ERR_STATUS);
    must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
    assert_string_equal(text(ledger, "need", other, "status"), "asked");
    ledger_close(&ledger);
}

/* BETA disputes the answer; the dispute's id into id. */
static int dispute(struct ledger *ledger, const char *kind)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'kind':'%s','reason':'属于履职所必需'", kind);
    int error = act(ledger, BETA "/compile", "need.dispute", "need", other, rest);
    memcpy(id, ledger->txid, sizeof id);
    return error;
}

#define RULE_AS(decision) "'decision':'" decision "','reason':'依法应当共享'"

/* Ruled on Monday, 28 September: 29, 30 September, 8, 9, 10 (worked), 12-16, 19-23 October. */
static void D7_answer_disputed(void **state)
{
    (void)state;
    static const char refuse[] = "'decision':'refuse'," LAW;
    char key[100];
    struct ledger *ledger = on_day("putuo", "2026-09-28T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(dispute(ledger, "refusal"), ERR_STATUS); /* nothing is answered yet */
    assert_int_equal(answer(ledger, refuse), 0);
    assert_int_equal(dispute(ledger, "answer"), ERR_STATUS);
    assert_int_equal(act(ledger, ALPHA "/compile", "need.dispute", "need", other,
                         "'kind':'refusal','reason':'维持原意见'"),
                     ERR_PARTY);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "negotiating");
    /* Nobody goes on with the need meanwhile. */
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER),
                     ERR_STATUS);
    assert_int_equal(act(ledger, CENTER "/review", "need.intake", "need", other, ASK), ERR_STATUS);
    must(ledger, BETA "/compile", "dispute.refer", "dispute", id, "'reason':'协商不成'," MINUTES);
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", id, "'reason':'协商不成'," MINUTES);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id,
                         RULE_AS("partly") ",'until':'2026-10-01'"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "items"));
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id,
         RULE_AS("partly") ",'items':['年检结论']");
    assert_string_equal(text(ledger, "need", other, "status"), "asked");
    (void)snprintf(key, sizeof key, "need/%s", other);
    ledger_at_ms(ledger, at("2026-10-24T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "need-overdue"));
    ledger_at(ledger, "2026-10-24T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "need-overdue"));
    assert_int_equal(answer(ledger, refuse), ERR_RULED);
    assert_int_equal(answer(ledger, MEETS(NAME_IS("E1")) "," LAW), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "need.owed.items[0]"));
    assert_int_equal(answer(ledger, MEETS(IS("年检结论", "E1", "证件号码")) "," LAW), 0);
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    /* What was left out now was not ruled on. */
    assert_int_equal(dispute(ledger, "refusal"), 0);
    must(ledger, BETA "/compile", "need.withdraw", "need", other, "'reason':'业务调整'");
    assert_string_equal(text(ledger, "dispute", id, "status"), "withdrawn");
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    ledger_close(&ledger);
}

static void D7_wrong_answer(void **state)
{
    (void)state;
    struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    assert_int_equal(dispute(ledger, "refusal"), ERR_STATUS); /* nothing was refused */
    assert_int_equal(dispute(ledger, "answer"), 0);
    char first[2 * HASH_BYTES + 1];
    memcpy(first, id, sizeof first);
    assert_int_equal(dispute(ledger, "answer"), ERR_DUPLICATE);
    must(ledger, BETA "/compile", "dispute.settle", "dispute", first, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", first, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "need", other, "status"), "asked");
    assert_string_equal(text(ledger, "need", other, "owed.by"), "settlement");
    assert_null(doc_get(ledger_get(ledger, "need/%s", other), "meets"));
    /* 21-24, 27-30 April, 6-8, 9 (worked), 11-13 May: fifteen. */
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-05-14T00:00:00+08:00"));
    ledger_close(&ledger);

    /* CN 17: no negotiation, and 领导小组 has the last word. */
    ledger = on_day("changning", "2026-04-20T09:30:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ask_agency(ledger);
    assert_int_equal(answer(ledger, MEETS(BOTH)), 0);
    assert_int_equal(dispute(ledger, "answer"), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", id, RULE_AS("as-it-stands"));
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    assert_int_equal(dispute(ledger, "answer"), 0);
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.rule", "dispute", id, RULE_AS("as-asked")),
        ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id, RULE_AS("refused"));
    assert_string_equal(text(ledger, "need", other, "status"), "met");
    assert_int_equal(dispute(ledger, "answer"), ERR_RULED);
    ledger_close(&ledger);
}

/* Taken back after the negotiation was said to have failed; another answer is another matter. */
static void D7_answer_left_at_that(void **state)
{
    (void)state;
    static const char refuse[] = "'decision':'refuse'," LAW;
    for (int failed = 0; failed < 2; failed++) {
        struct ledger *ledger = on_day("putuo", "2026-04-20T09:30:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        ask_agency(ledger);
        assert_int_equal(answer(ledger, refuse), 0);
        assert_int_equal(dispute(ledger, "refusal"), 0);
        if (failed) {
            must(ledger, ALPHA "/approve", "dispute.refer", "dispute", id,
                 "'reason':'协商不成'," MINUTES);
        }
        must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'另行考虑'");
        assert_int_equal(dispute(ledger, "shareability"), failed ? ERR_DUPLICATE : 0);
        if (!failed) {
            must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'作罢'");
        } else {
            assert_true(ledger_fault(ledger, ERR_DUPLICATE, "need.dropped"));
        }
        /* It goes on, and what is answered next may be disputed. */
        must(ledger, CENTER "/review", "need.intake", "need", other, ASK);
        assert_int_equal(answer(ledger, refuse), 0);
        assert_int_equal(dispute(ledger, "refusal"), 0);
        ledger_close(&ledger);
    }
}
