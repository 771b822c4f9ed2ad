/* What a request says and which way it goes, by the clause: PT 17, 19, 21, 25. 2026: 2 March is a
 * Monday, 1-7 October are days off. */
#include "rows_requests.h"

/* ---- D1 ---- */

/* 应当明确需求类型、应用场景、需求依据、业务目标、数据资源内容、数据使用方式和频率，以及数据使用
 * 安全等级和相关保障措施. */
static void D1_contents(void **state)
{
    (void)state;
    static const char *const nine[] = {"need", "purpose",   "basis",          "goal",      "items",
                                       "mode", "frequency", "security_level", "safeguards"};
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'need':null,'purpose':null,'basis':null,'goal':null,"
                                "'items':null,'mode':null,'frequency':null,"
                                "'security_level':null,'safeguards':null}"),
                     ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(nine); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, nine[i]));
    }
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_close(&ledger);
}

/* 原则上不得低于每 3 个月使用一次。确有特殊情况的，…提供相关依据和理由. CN and OPEN name none. */
static void D1_frequency(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *extra;
        int error;
    } cases[] = {
        {"putuo", "{'frequency':{'times':1,'per':'quarter'}}", 0},
        {"putuo", "{'frequency':{'times':4,'per':'year'}}", 0},
        {"putuo", "{'frequency':{'times':3,'per':'year'}}", ERR_FIELD_MISSING},
        {"putuo", "{'frequency':{'times':3,'per':'year','reason':'三次年检'}}", 0},
        {"changning", "{'frequency':{'times':1,'per':'year'}}", 0},
        {"shanghai-open", "{'frequency':{'times':1,'per':'year'}}", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry(cases[i].profile, "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].extra), cases[i].error);
        assert_true(cases[i].error == 0 ||
                    ledger_fault(ledger, cases[i].error, "frequency.reason"));
        ledger_close(&ledger);
    }
}

/* ---- D3 ---- */

/* BETA's own duty is the matter of 一网通办. */
static struct ledger *with_matter(const char *profile)
{
    struct ledger *ledger = with_entry(profile, "authorised");
    ledger_must(ledger, BETA "/compile", "duty.publish",
                "{'code':'R1','name':'技能人才认定','category':'行政确认','implementer':'人社厅',"
                "'basis':'就业促进法'}");
    return ledger;
}

static void D3_scenarios(void **state)
{
    (void)state;
#define CASE(number, more) "{'scenario':{'case':" number ",'description':'应用场景'" more "}}"
#define MASKED ",'restriction':'masked'"
#define AUTHORISED ",'restriction':'person-authorised'"
#define PROJECT                                                                                    \
    ",'project':{'authority':'市发展改革委','document':'一体化平台立项批复（2025）12号'}"
    static const struct {
        const char *profile, *extra, *status;
    } cases[] = {
        {"putuo", CASE("1", ",'matter':'R1'"), "assessing"}, /* 且满足规范性要求 */
        {"putuo", CASE("2", ""), "assessing"},
        {"putuo", CASE("3", PROJECT), "assessing"},
        {"putuo", CASE("4", MASKED), "assessing"},
        {"putuo", CASE("4", AUTHORISED), "granted"},
        {"changning", CASE("1", ",'matter':'R1'"), "pending"},
        {"changning", CASE("3", PROJECT), "pending"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_matter(cases[i].profile);
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].extra), 0);
        assert_string_equal(text(ledger, "request", id, "status"), cases[i].status);
        assert_int_equal(ledger_count(ledger, "grant/"), strcmp(cases[i].status, "granted") == 0);
        ledger_close(&ledger);
    }
}

/* 经…可信授权后访问的，通过批量数据比对获取结果的，或者仅需对脱敏数据进行使用的. */
static void D3_fourth_case(void **state)
{
    (void)state;
    static const char *const three[] = {"person-authorised", "comparison", "masked"};
    struct ledger *ledger = with_matter("putuo");
    assert_int_equal(ledger_ask(ledger, id, "E1", CASE("4", "")), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "scenario.restriction"));
    /* Comparison is a mode of its own. */
    assert_int_equal(ledger_ask(ledger, id, "E1", CASE("4", ",'restriction':'comparison'")),
                     ERR_FIELD_CHOICE);
    /* 授权后访问: nobody authorises a whole table. */
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'mode':'table','mode_reason':'批量','scenario':{'case':4,"
                                "'description':'应用场景','restriction':'person-authorised'}}"),
                     ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "mode"));
    for (size_t i = 0; i < COUNT_OF(three); i++) {
        char extra[300];
        (void)snprintf(extra, sizeof extra,
                       "{'mode':'%s','scenario':{'case':4,'description':'应用场景',"
                       "'restriction':'%s'}}",
                       strcmp(three[i], "comparison") == 0 ? "comparison" : "service", three[i]);
        assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
        if (strcmp(three[i], "masked") == 0) {
            must(ledger, CENTER "/review", "request.assess", "request", id,
                 "'opinion':'接口已脱敏','scenario':'accept'");
        }
        assert_string_equal(text(ledger, "grant", id, "restriction"), three[i]);
    }
    assert_true(doc_get_bool(ledger_get(ledger, "grant/%s", id), "masked_all", false));
    /* Whose number begins with 1, and then with 2, would tell the number that is masked. */
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'rows':[{'item':'证件号码','is':'prefix','value':'1'}],"
                                "'scenario':{'case':4,'description':'应用场景'" MASKED "}}"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "rows"));
    ledger_close(&ledger);
}

/* Whether a request that makes this claim waits for the center's word on it, whatever the profile
 * says of its case; the way of use is assessed for itself (PT 21). */
static bool looked_at(struct ledger *ledger, const char *mode, const char *claim)
{
    char extra[500];
    (void)snprintf(
        extra, sizeof extra,
        "{'mode':'%s','mode_reason':'一次性核对','scenario':{'description':'应用场景',%s}}", mode,
        claim);
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    assert_string_equal(text(ledger, "request", id, "route"), "scenario");
    return doc_has_text(doc_get(ledger_get(ledger, "request/%s", id), "awaiting"), "scenario");
}

/* 在跨部门大系统、大平台规划和建设中提出; 仅需对脱敏数据进行使用: what nothing on the ledger bears
 * out is found by the center, on record, before there is a grant. */
static void D3_own_word(void **state)
{
    (void)state;
    struct ledger *ledger = with_matter("putuo");
    assert_int_equal(ledger_ask(ledger, id, "E1", CASE("3", "")), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "scenario.project"));
    assert_int_equal(
        ledger_policy(ledger, "scenario", "{'cases':[1,2,3,4],'assessed':[2],'clause':'PT 19'}"), 0);
    assert_true(looked_at(ledger, "service", "'case':3" PROJECT));
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'立项批复已核对','scenario':'accept'");
    assert_string_equal(text(ledger, "grant", id, "route"), "scenario");
    assert_true(doc_text_is(ledger_get(ledger, "request/%s", id), "status", "granted"));
    assert_true(looked_at(ledger, "service", "'case':3" PROJECT));
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'非跨部门系统','scenario':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    /* Masked by the gateway, or by a system that the ledger does not see. */
    assert_false(looked_at(ledger, "file", "'case':4" MASKED));
    assert_true(looked_at(ledger, "service", "'case':4" MASKED));
    assert_true(looked_at(ledger, "table", "'case':4" MASKED));
    assert_false(looked_at(ledger, "service", "'case':4" AUTHORISED));
    ledger_close(&ledger);
}

/* 应当优先选择接口服务…；使用其他方式的，区大数据中心应当加强技术评估和指导. */
static void D3_mode(void **state)
{
    (void)state;
    static const char file[] = "{'mode':'file','mode_reason':'一次性核对'}";
    static const char *const then[][2] = {{"'mode':'accept'", "pending"},
                                          {"'mode':'refuse'", "not-accepted"}};
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file'}"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "mode_reason"));
    for (size_t i = 0; i < COUNT_OF(then); i++) {
        char verdict[100];
        (void)snprintf(verdict, sizeof verdict, "'opinion':'技术评估',%s", then[i][0]);
        assert_int_equal(ledger_ask(ledger, id, "E1", file), 0);
        assert_string_equal(text(ledger, "request", id, "status"), "assessing");
        must(ledger, CENTER "/review", "request.assess", "request", id, verdict);
        assert_string_equal(text(ledger, "request", id, "status"), then[i][1]);
    }
    ledger_close(&ledger);
}

/* 无条件共享…直接获取 (PT 18), 授权共享 (PT 19), CN 16 不得拒绝: the agency was removed before the
 * center had looked at the way of use. Back, it has no more to say than it had before: it gives
 * what was asked for, or its days end. Five working days from Monday, 2 March: 3-6, 9. */
static void D3_route_kept(void **state)
{
    (void)state;
    static const struct {
        const char *sharing, *extra, *verdict, *route;
    } cases[] = {
        {"unconditional", "{'mode':'table','mode_reason':'批量比对'}",
         "'mode':'accept','opinion':'可行'", "unconditional"},
        {"authorised", "{'scenario':{'case':2,'description':'重点工作'}}",
         "'scenario':'accept','opinion':'可行'", "scenario"},
        {"authorised", "{'mode':'table','mode_reason':'批量比对'}",
         "'mode':'accept','opinion':'可行'", "provider"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        size_t k = i / 2;
        bool claimed = k < 2;
        struct ledger *ledger = with_entry("putuo", cases[k].sharing);
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[k].extra), 0);
        ledger_take_out(ledger, ALPHA);
        must(ledger, CENTER "/review", "request.assess", "request", id, cases[k].verdict);
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        assert_string_equal(text(ledger, "request", id, "route"), cases[k].route);
        ledger_member(ledger, "member.restore", ALPHA);
        assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                             "'decision':'approve','until':'2026-03-31'," LAW),
                         claimed ? ERR_STATUS : 0);
        if (claimed) {
            assert_true(ledger_fault(ledger, ERR_STATUS, "decision"));
            assert_int_equal(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                                 "'decision':'refuse'," LAW),
                             ERR_STATUS);
            if (i % 2 == 0) {
                must(ledger, ALPHA "/approve", "request.answer", "request", id,
                     "'decision':'approve'");
            } else {
                ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
                assert_null(ledger_get(ledger, "grant/%s", id));
                ledger_at(ledger, "2026-03-10T00:00:00+08:00");
            }
        }
        assert_string_equal(text(ledger, "grant", id, "status"), "active");
        assert_string_equal(text(ledger, "grant", id, "route"), cases[k].route);
        ledger_close(&ledger);
    }
}

/* ---- D10 ---- */

static void D10_granted(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'items':['姓名','证件号码'],'until':'2026-06-30',"
                                "'rows':[{'item':'姓名','is':'prefix','value':'王'}],"
                                "'quota':{'calls_per_day':5}}"),
                     0);
    const struct doc *grant = ledger_get(ledger, "grant/%s", id);
    assert_int_equal(doc_count(doc_get(grant, "items")), 2);
    assert_true(doc_text_is(doc_at(doc_get(grant, "rows"), 0), "value", "王"));
    assert_true(doc_text_is(grant, "purpose", "一网通办：社会组织登记核验"));
    assert_true(doc_text_is(grant, "mode", "service"));
    assert_int_equal(doc_get_int(doc_get(grant, "quota"), "calls_per_day", 0), 5);
    ledger_close(&ledger);
    /* Never more than was asked. */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名','证件号码']}"), 0);
    assert_true(act(ledger, ALPHA "/approve", "request.answer", "request", id,
                    "'decision':'approve','items':['姓名','住址']") != 0);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "items[1]"));
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "grant/%s", id), "items")), 2);
    ledger_close(&ledger);
}

#define CALL "{'parameters':'00000000000000000000000000000000000000000000000000000000000000aa'}"
static int call(struct ledger *ledger, const char *calls)
{
    return ledger_do(ledger, BETA "/gateway", "access.batch",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':"
                     "'gateway','purpose':'一网通办：社会组织登记核验','method':'service',"
                     "'calls':[%s]}",
                     id, ledger_version(ledger, "grant/%s", id), calls);
}

static void D10_quota(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'quota':{'calls_per_day':2}}"), 0);
    assert_int_equal(call(ledger, CALL "," CALL "," CALL), ERR_QUOTA);
    assert_int_equal(call(ledger, CALL "," CALL), 0);
    ledger_at_ms(ledger, at("2026-03-03T00:00:00+08:00") - 1);
    assert_int_equal(call(ledger, CALL), ERR_QUOTA);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(call(ledger, CALL "," CALL), 0);
    ledger_close(&ledger);
}

static void D10_expiry(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "unconditional");
    /* 365 days after 2 March 2026. */
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-03-03'}"), ERR_FIELD_RANGE);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "until"));
    /* Both ends are told: 2026-03-02 and 2027-03-02 are days 20514 and 20879 since 1970-01-01. */
    assert_int_equal(ledger->faults.item[0].bounds.low, 20514);
    assert_int_equal(ledger->faults.item[0].bounds.high, 20879);
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-03-02'}"), 0);
    ledger_at(ledger, "2026-08-03T10:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2026-10-03'}"), 0);
    ledger_at_ms(ledger, at("2026-10-04T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_int_equal(call(ledger, CALL), 0);
    ledger_at(ledger, "2026-10-04T00:00:00+08:00");
    assert_string_equal(text(ledger, "grant", id, "status"), "expired");
    assert_int_equal(call(ledger, CALL), ERR_NOT_GRANTED);
    ledger_close(&ledger);
    /* Answered on the last day: for the rest of it. */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2026-03-03'}"), 0);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_string_equal(text(ledger, "grant", id, "status"), "expired");
    ledger_close(&ledger);
}

/* The center assesses what is its own to assess. ALPHA is suspended from Tuesday the 3rd to Monday
 * the 16th: what it is asked for it answers in 17, 18, 19, 20, 23 March. */
static void D3_assessed_meanwhile(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"accept", "refuse"};
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        char verdict[100];
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(
            ledger_ask(ledger, id, "E1", "{'scenario':{'case':2,'description':'重点工作'}}"), 0);
        ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        ledger_member(ledger, "member.suspend", ALPHA);
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        (void)snprintf(verdict, sizeof verdict, "'scenario':'%s','opinion':'经评估'", verdicts[i]);
        must(ledger, CENTER "/review", "request.assess", "request", id, verdict);
        if (i == 0) { /* 直接获取 */
            assert_string_equal(text(ledger, "grant", id, "status"), "active");
            ledger_close(&ledger);
            continue;
        }
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        ledger_at(ledger, "2026-03-16T10:00:00+08:00");
        ledger_member(ledger, "member.restore", ALPHA);
        ledger_at_ms(ledger, at("2026-03-24T00:00:00+08:00") - 1);
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        ledger_at(ledger, "2026-03-24T00:00:00+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), "granted");
        ledger_close(&ledger);
    }
}
