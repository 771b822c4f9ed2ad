/* Requests: what they must hold, the routes, the center's steps. */
#include "request_steps.h"

/* ---- form ---- */

static void what_a_request_must_hold(void **state)
{
    (void)state;
    static const struct {
        const char *extra;
        int error;
        const char *field;
    } cases[] = {
        {"{'items':['姓名','年龄']}", ERR_SUBJECT, "items[1]"},
        {"{'items':['姓名','姓名']}", ERR_DUPLICATE, "items[1]"},
        {"{'rows':[{'item':'年龄','is':'ge','value':'18'}]}", ERR_SUBJECT, "rows[0].item"},
        {"{'commitments':{'genuine':true,'reasonable':false,'compliant':true}}", ERR_COMMITMENT,
         "commitments.reasonable"},
        {"{'commitments':{'genuine':true,'reasonable':true}}", ERR_FIELD_MISSING,
         "commitments.compliant"},
        {"{'frequency':{'times':3,'per':'year'}}", ERR_FIELD_MISSING, "frequency.reason"},
        {"{'system':null}", ERR_FIELD_MISSING, "system"},
        {"{'mode':'file'}", ERR_FIELD_MISSING, "mode_reason"},
        {"{'until':'2026-03-01'}", ERR_FIELD_RANGE, "until"},
        {"{'until':'2027-03-03'}", ERR_FIELD_RANGE, "until"},
        {"{'purpose':' \\n'}", ERR_FIELD_BLANK, "purpose"},
        {"{'scenario':{'case':4,'description':'可信授权'}}", ERR_FIELD_MISSING,
         "scenario.restriction"},
        {"{'scenario':{'case':1,'description':'一网通办','matter':'D9','restriction':'masked'}}",
         ERR_FIELD_UNKNOWN, "scenario.restriction"},
        /* PT 19 (一): a matter on record, or what a department has recognised; not a bare claim. */
        {"{'scenario':{'case':1,'description':'自称一网通办'}}", ERR_FIELD_MISSING,
         "scenario.matter"},
        {"{'scenario':{'case':1,'description':'一网通办','matter':'D1'}}", ERR_SUBJECT,
         "scenario.matter"}, /* ALPHA's */
        {"{'scenario':{'case':1,'description':'一网通办','matter':'D9'," RECOGNITION "}}",
         ERR_FIELD_UNKNOWN, "scenario.recognition"},
        {"{'scenario':{'case':3,'description':'大系统'," PROJECT "," RECOGNITION "}}",
         ERR_FIELD_UNKNOWN, "scenario.recognition"},
        /* PT 19 (三): a system that is planned or built, by its paper. */
        {"{'scenario':{'case':3,'description':'自称大平台'}}", ERR_FIELD_MISSING,
         "scenario.project"},
        {"{'scenario':{'case':2,'description':'重点工作'," PROJECT "}}", ERR_FIELD_UNKNOWN,
         "scenario.project"},
        {"{'scenario':{'case':3,'description':'大平台','project':{'authority':'市发改委',"
         "'document':'​​'}}}",
         ERR_FIELD_BLANK, "scenario.project.document"},
        {"{'scenario':{'case':2,'description':'重点工作','matter':'D9'}}", ERR_FIELD_UNKNOWN,
         "scenario.matter"},
        {"{'scenario':{'case':1,'description':'标准化场景','recognition':{'authority':'  ',"
         "'document':'​​'}}}",
         ERR_FIELD_BLANK, "scenario.recognition.authority"},
        {"{'scenario':{'case':4,'description':'比对','restriction':'comparison'}}",
         ERR_FIELD_CHOICE, "mode"},
        {"{'entry':'E2'}", ERR_SUBJECT, "entry/" ALPHA "/E2"},
        {"{'acts_on':'0000000000000000000000000000000000000000000000000000000000000000'}",
         ERR_VERSION_STALE, "acts_on"},
        {"{'provider':'" BETA "'}", ERR_SELF, "provider"},
    };
    struct ledger *ledger = with_entry("putuo", "authorised");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].extra), cases[i].error);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    assert_int_equal(ledger_count(ledger, "request/"), 0);
    assert_int_equal(ledger_count(ledger, "serial/"), 0); /* a refused request takes no number */
    ledger_close(&ledger);
}

static void what_passes(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "{'frequency':{'times':4,'per':'year'}}",
        "{'frequency':{'times':1,'per':'quarter'}}",
        "{'frequency':{'times':1,'per':'year','reason':'年度核查'}}",
        "{'mode':'query','system':null}",
        "{'until':'2026-03-02'}",
        "{'until':'2027-03-02'}",
        "{'rows':[{'item':'姓名','is':'prefix','value':'王'}]}",
    };
    struct ledger *ledger = with_entry("putuo", "authorised");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i]), 0);
        assert_string_equal(request_text(ledger, "status"), "pending");
    }
    ledger_close(&ledger);
}

/* CN 附件2: CNZYSQ180001; a new year begins at 0001, in Beijing. */
static void requests_are_numbered(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ260001");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ260002");
    ledger_at_ms(ledger, at("2027-01-01T00:00:00+08:00") - 1);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ260003");
    ledger_at(ledger, "2027-01-01T00:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-06-30'}"), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ270001");
    /* The form has four digits; the ten thousandth of a year is asked for all the same. */
    AUTO(doc_free) struct doc *counter = doc_new_object();
    doc_set_int(counter, "last", 9998);
    state_put(ledger->state, "serial/CNZYSQ/27", doc_ref(counter));
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-06-30'}"), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ279999");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'until':'2027-06-30'}"), 0);
    assert_string_equal(request_text(ledger, "number"), "CNZYSQ2710000");
    ledger_close(&ledger);
}

/* ---- routes ---- */

static void the_routes(void **state)
{
    (void)state;
#define SCENARIO(number) "{'scenario':{'case':" #number ",'description':'应用场景说明'}}"
#define MATTER "{'scenario':{'case':1,'description':'应用场景说明','matter':'D9'}}"
#define SCENE "{'scenario':{'case':1,'description':'应用场景说明'," RECOGNITION "}}"
#define PLATFORM "{'scenario':{'case':3,'description':'应用场景说明'," PROJECT "}}"
#define FOURTH(mode) "{'scenario':{'case':4,'description':'应用场景说明','restriction':'" mode "'}}"
    static const struct {
        const char *profile, *sharing, *extra, *route, *status, *grant;
    } cases[] = {
        {"putuo", "unconditional", NULL, "unconditional", "granted", "active"},
        {"changning", "unconditional", NULL, "unconditional", "granted", "active"},
        {"shanghai-open", "unconditional", NULL, "unconditional", "granted", "active"},
        /* PT 21: the way of use is assessed, whoever may have the data. */
        {"putuo", "unconditional", "{'mode':'file','mode_reason':'一次性核对'}", "unconditional",
         "assessing", ""},
        {"changning", "unconditional", "{'mode':'file'}", "unconditional", "granted", "active"},
        {"putuo", "authorised", NULL, "provider", "pending", ""},
        {"changning", "authorised", NULL, "provider", "pending", ""},
        {"shanghai-open", "authorised", NULL, "provider", "intake", ""},
        {"putuo", "authorised", MATTER, "scenario", "assessing", ""},
        {"putuo", "authorised", SCENE, "scenario", "assessing", ""},
        {"putuo", "authorised", SCENARIO(2), "scenario", "assessing", ""},
        {"putuo", "authorised", PLATFORM, "scenario", "assessing", ""},
        {"putuo", "authorised", FOURTH("masked"), "scenario", "assessing", ""},
        {"putuo", "authorised", FOURTH("person-authorised"), "scenario", "granted", "active"},
        /* Changning knows no sharing by scenario: the claim changes nothing. */
        {"changning", "authorised", MATTER, "provider", "pending", ""},
        {"changning", "authorised", SCENE, "provider", "pending", ""},
        {"putuo", "authorised", "{'mode':'file','mode_reason':'一次性核对'}", "provider",
         "assessing", ""},
        {"changning", "authorised", "{'mode':'file'}", "provider", "pending", ""},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry(cases[i].profile, cases[i].sharing);
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].extra), 0);
        assert_string_equal(request_text(ledger, "route"), cases[i].route);
        assert_string_equal(request_text(ledger, "status"), cases[i].status);
        assert_string_equal(grant_text(ledger, "status"), cases[i].grant);
        ledger_close(&ledger);
    }
}

/* PT 19 (一), (三), (四): what only a paper elsewhere says, or a mask that no gateway puts on. No
 * grant before the center has looked at it. */
static void what_the_ledger_cannot_know_is_looked_at(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *verdict, *status, *route;
    } cases[] = {{SCENE, "accept", "granted", "scenario"},
                 {SCENE, "refuse", "pending", "provider"},
                 {PLATFORM, "accept", "granted", "scenario"},
                 {PLATFORM, "refuse", "pending", "provider"},
                 {FOURTH("masked"), "accept", "granted", "scenario"},
                 {FOURTH("masked"), "refuse", "pending", "provider"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char verdict[100];
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", cases[i].claim), 0);
        assert_null(ledger_get(ledger, "grant/%s", id));
        (void)snprintf(verdict, sizeof verdict, "'opinion':'文件已核对','scenario':'%s'",
                       cases[i].verdict);
        assert_int_equal(step(ledger, "request.assess", verdict), 0);
        assert_string_equal(request_text(ledger, "status"), cases[i].status);
        assert_string_equal(request_text(ledger, "route"), cases[i].route);
        ledger_close(&ledger);
    }
}

/* A matter that is no duty any more carries nothing. */
static void a_retired_duty_is_no_matter(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_must(ledger, BETA "/compile", "duty.retire",
                "{'code':'D9','acts_on':'%s','reason':'职责调整'}",
                ledger_version(ledger, "duty/" BETA "/D9"));
    assert_int_equal(ledger_ask(ledger, id, "E1", MATTER), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "scenario.matter"));
    ledger_close(&ledger);
}

static void the_strictest_item_decides(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E0", "unconditional");
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'E1','entry':%s}", entry_text("混合", "unconditional", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    doc_set_text((struct doc *)(uintptr_t)doc_at(doc_get(entry, "items"), 1), "sharing",
                 "authorised");
    doc_set_text(entry, "sharing_reason", "证件号码为敏感信息");
    doc_set_text(entry, "sharing_basis", "个人信息保护法第二十八条");
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名']}"), 0);
    assert_string_equal(request_text(ledger, "route"), "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名','证件号码']}"), 0);
    assert_string_equal(request_text(ledger, "route"), "provider");
    /* Choosing rows by an item tells of it. */
    assert_int_equal(
        ledger_ask(ledger, id, "E1", "{'rows':[{'item':'证件号码','is':'eq','value':'x'}]}"), 0);
    assert_string_equal(request_text(ledger, "route"), "provider");
    ledger_close(&ledger);
}

/* PT 19 (四): the grant is bound to the mode that the case was claimed for. */
static void the_fourth_case_binds_the_grant(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", FOURTH("masked")), 0);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'接口已脱敏','scenario':'accept'"), 0);
    assert_string_equal(grant_text(ledger, "restriction"), "masked");
    assert_true(doc_get_bool(ledger_get(ledger, "grant/%s", id), "masked_all", false));
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'mode':'comparison','scenario':{'case':4,"
                                "'description':'批量比对','restriction':'comparison'}}"),
                     0);
    assert_string_equal(grant_text(ledger, "mode"), "comparison");
    ledger_close(&ledger);
}

/* ---- the center's steps ---- */

static void the_center_checks_materials(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(answer(ledger, "'approve'"), ERR_STATUS);
    assert_int_equal(step(ledger, "request.intake", "'decision':'refuse'"), ERR_GROUNDS);
    assert_int_equal(step(ledger, "request.intake",
                          "'decision':'refuse','reasons':[{'reason':'缺少安全管理制度'}]"),
                     0);
    assert_string_equal(request_text(ledger, "status"), "not-accepted");
    assert_string_equal(request_text(ledger, "intake.by"), "review");
    assert_int_equal(step(ledger, "request.intake", "'decision':'accept'"), ERR_STATUS);

    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(step(ledger, "request.intake", "'decision':'accept'"), 0);
    assert_string_equal(request_text(ledger, "status"), "pending");
    /* The provider's ten days run from its receipt, Thursday 5: 6 9 10 11 12 13 16 17 18 19. */
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2026-03-20T00:00:00+08:00"));
    ledger_close(&ledger);
}

static void the_center_assesses_scenario_and_mode(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", SCENARIO(2)), 0);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'方案可行'"), ERR_FIELD_MISSING);
    assert_int_equal(
        step(ledger, "request.assess", "'opinion':'方案可行','scenario':'accept','mode':'accept'"),
        ERR_FIELD_UNKNOWN);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'方案可行','scenario':'accept'"), 0);
    assert_string_equal(request_text(ledger, "status"), "granted");
    assert_string_equal(grant_text(ledger, "route"), "scenario");

    /* A refused scenario is a request like any other (PT 20). */
    assert_int_equal(ledger_ask(ledger, id, "E1", SCENARIO(2)), 0);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'不属重点工作','scenario':'refuse'"),
                     0);
    assert_string_equal(request_text(ledger, "status"), "pending");
    assert_string_equal(request_text(ledger, "route"), "provider");

    assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file','mode_reason':'核对'}"), 0);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'可用接口替代','mode':'refuse'"), 0);
    assert_string_equal(request_text(ledger, "status"), "not-accepted");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file','mode_reason':'核对'}"), 0);
    assert_int_equal(step(ledger, "request.assess", "'opinion':'技术可行','mode':'accept'"), 0);
    assert_string_equal(request_text(ledger, "status"), "pending");
    ledger_close(&ledger);

    /* What is shared unconditionally is granted when the way of use has been found fit (PT 21). */
    ledger = with_entry("putuo", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file','mode_reason':'核对'}"), 0);
    assert_null(ledger_get(ledger, "grant/%s", id));
    assert_int_equal(step(ledger, "request.assess", "'opinion':'技术可行','mode':'accept'"), 0);
    assert_string_equal(request_text(ledger, "status"), "granted");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_request_must_hold),
        cmocka_unit_test(what_passes),
        cmocka_unit_test(requests_are_numbered),
        cmocka_unit_test(the_routes),
        cmocka_unit_test(what_the_ledger_cannot_know_is_looked_at),
        cmocka_unit_test(a_retired_duty_is_no_matter),
        cmocka_unit_test(the_strictest_item_decides),
        cmocka_unit_test(the_fourth_case_binds_the_grant),
        cmocka_unit_test(the_center_checks_materials),
        cmocka_unit_test(the_center_assesses_scenario_and_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
