/* A claim to an authorised scenario that the center does not accept, by the clause: PT 19, 20, 25.
 * Monday, 2 March 2026: 3-6, 9 March are five working days. */
#include "rows_requests.h"

#define CLAIM(mode, restriction)                                                                            \
    "{'mode':'" mode "','mode_reason':'一次性核对','scenario':{'case':4,'description':'应用场景'," \
    "'restriction':'" restriction "'}}"

static const struct doc *grant(struct ledger *ledger)
{
    return ledger_get(ledger, "grant/%s", id);
}

/* BETA claims what nothing bears out, and the center says no on Monday, 2 March. */
static struct ledger *refused(const char *claim)
{
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_policy(ledger, "scenario",
                                   "{'cases':[1,2,3,4],'assessed':[1,2,4],'clause':'PT 19'}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", claim), 0);
    assert_string_equal(text(ledger, "request", id, "status"), "assessing");
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'不符合所述情形','scenario':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    assert_string_equal(text(ledger, "request", id, "route"), "provider");
    return ledger;
}

/* 对不属于第十九条规定情形的…应当在收到共享需求申请之日起 5 个工作日内，完成审核…逾期未反馈的，视作
 * 审核通过. */
static void D3_claim_refused(void **state)
{
    (void)state;
    struct ledger *ledger = refused(CLAIM("service", "masked"));
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-10T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    assert_true(doc_text_is(grant(ledger), "route", "provider"));
    assert_true(doc_get_bool(grant(ledger), "masked_all", false)); /* no more than it asked for */
    ledger_close(&ledger);
    /* The agency's reasons are in law, as of any other. */
    ledger = refused(CLAIM("service", "masked"));
    assert_int_equal(
        act(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'"),
        ERR_GROUNDS);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    assert_null(grant(ledger));
    ledger_close(&ledger);
}

/* 应当限于共享需求申请时所承诺的应用场景范围. */
static void D3_claim_binds(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *restriction;
    } cases[] = {{CLAIM("service", "masked"), "masked"},
                 {CLAIM("file", "masked"), "masked"},
                 {CLAIM("comparison", "comparison"), "comparison"},
                 {CLAIM("service", "person-authorised"), "person-authorised"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(
            ledger_policy(ledger, "scenario", "{'cases':[4],'assessed':[4],'clause':'PT 19'}"), 0);
        assert_int_equal(ledger_policy(ledger, "modes", "{'assessed':[],'clause':'PT 21'}"), 0);
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].claim), 0);
        must(ledger, CENTER "/review", "request.assess", "request", id,
             "'opinion':'不符合所述情形','scenario':'refuse'");
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
        assert_true(doc_text_is(grant(ledger), "restriction", cases[i].restriction));
        bool masked = strcmp(cases[i].restriction, "masked") == 0;
        assert_int_equal(doc_get_bool(grant(ledger), "masked_all", false), masked);
        ledger_close(&ledger);
    }
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", cases[0].claim), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, APPROVED);
    assert_non_null(grant(ledger));
    assert_null(doc_get(grant(ledger), "restriction"));
    assert_null(doc_get(grant(ledger), "masked_all"));
    ledger_close(&ledger);
}

#define OWN_CASES                                                                                  \
    "{'cases':[1,5,7],'assessed':[7],'clause':'临江 13','own':["                                 \
    "{'case':5,'as':3,'name':'区域协同建设项目','clause':'临江 13（五）'},"                      \
    "{'case':6,'as':2,'name':'应急处置','clause':'临江 13（六）'},"                              \
    "{'case':7,'as':4,'name':'脱敏试点','clause':'临江 13（七）'},"                              \
    "{'case':8,'as':1,'name':'专项整治','clause':'临江 13（八）'}]}"

static int claim(struct ledger *ledger, const char *rest)
{
    char extra[400];
    (void)snprintf(extra, sizeof extra, "{'scenario':{'description':'应用场景',%s}}", rest);
    return ledger_ask(ledger, id, "E1", extra);
}

/* A document has cases beside those of PT 19, each shown as one of them. */
static void D3_own_cases(void **state)
{
    (void)state;
#define PROJECT "'project':{'authority':'区发展改革委','document':'临发改〔2026〕3号'}"
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(claim(ledger, "'case':5," PROJECT), ERR_FIELD_CHOICE); /* not of this one */
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "scenario.case"));
    assert_int_equal(ledger_policy(ledger, "scenario", OWN_CASES), 0);
    assert_int_equal(claim(ledger, "'case':5"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "scenario.project"));
    assert_string_equal(ledger->faults.item[0].clause, "临江 13（五）");
    assert_int_equal(claim(ledger, "'case':9"), ERR_FIELD_CHOICE);
    assert_string_equal(ledger->faults.item[0].may, "1 2 3 4 5 6 7 8");
    assert_int_equal(claim(ledger, "'case':8,'matter':'D99'"), ERR_SUBJECT);
    assert_string_equal(ledger->faults.item[0].clause, "临江 13（八）");
    assert_int_equal(claim(ledger, "'case':5," PROJECT), 0);
    assert_string_equal(text(ledger, "request", id, "route"), "scenario");
    assert_string_equal(text(ledger, "request", id, "status"), "assessing"); /* of a paper's word */
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'文件属实','scenario':'accept'");
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    ledger_close(&ledger);

    /* One that is not among those that go straight to a grant goes to the agency. */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_policy(ledger, "scenario", OWN_CASES), 0);
    assert_int_equal(claim(ledger, "'case':6"), 0);
    assert_string_equal(text(ledger, "request", id, "route"), "provider");
    ledger_close(&ledger);

    /* What is shown as the fourth case binds, whoever decides. */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_policy(ledger, "scenario", OWN_CASES), 0);
    assert_int_equal(claim(ledger, "'case':7,'restriction':'masked'"), 0);
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'不符合所述情形','scenario':'refuse'");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_true(doc_text_is(grant(ledger), "restriction", "masked"));
    ledger_close(&ledger);
}

/* What the lists name is there, and each number is one case. */
static void D3_own_cases_whole(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *field, *own;
    } cases[] = {
        {ERR_FIELD_CHOICE, "profile.scenario.cases[1]", "'cases':[1,5],'assessed':[]"},
        {ERR_FIELD_CHOICE, "profile.scenario.cases[0]",
         "'cases':[6],'assessed':[],'own':[{'case':5,'as':1,'name':'应急','clause':'临江 13'}]"},
        {ERR_FIELD_FORMAT, "profile.scenario.own[1].case",
         "'cases':[],'assessed':[],'own':[{'case':5,'as':1,'name':'应急','clause':'临江 13'},"
         "{'case':5,'as':2,'name':'试点','clause':'临江 13'}]"},
        {ERR_FIELD_RANGE, "profile.scenario.own[0].case",
         "'cases':[],'assessed':[],'own':[{'case':4,'as':1,'name':'应急','clause':'临江 13'}]"},
        {ERR_CASE_UNASSESSED, "profile.scenario.cases[1]", "'cases':[1,2],'assessed':[1]"},
        {ERR_CASE_UNASSESSED, "profile.scenario.cases[0]",
         "'cases':[5],'assessed':[],'own':[{'case':5,'as':2,'name':'应急','clause':'临江 13'}]"},
        {ERR_FIELD_RANGE, "profile.scenario.own[0].as",
         "'cases':[],'assessed':[],'own':[{'case':5,'as':5,'name':'应急','clause':'临江 13'}]"},
    };
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char section[300];
        (void)snprintf(section, sizeof section, "{%s,'clause':'临江 13'}", cases[i].own);
        ledger->faults = (struct faults){0};
        assert_int_equal(ledger_policy(ledger, "scenario", section), cases[i].error);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
        assert_int_equal(ledger->faults.count, 1);
    }
    ledger_close(&ledger);
}
