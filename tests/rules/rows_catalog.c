/* The catalog, by the clause: CESI 2.2.1, PT 11 and 13, CN 14, 附件3 三, OPEN 15. */
#include "row.h"

#include "entries.h"

/* CESI 2.2.1 (6): 核心元数据应包括信息资源分类、名称、代码、…、更新周期、发布日期、关联资源代码. */
static void C1_core_metadata(void **state)
{
    (void)state;
    static const char *const core[] = {
        "entry.category", "entry.name",     "entry.summary", "entry.format",       "entry.items",
        "entry.sharing",  "entry.opening",  "entry.update",  "entry.published_on", "entry.source",
        "entry.grade",    "entry.coverage", "entry.manager"};
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", "{'duty':'D1'}"), ERR_FIELD_MISSING);
    for (size_t i = 0; i < COUNT_OF(core); i++) {
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, core[i]));
    }
    assert_int_equal(ledger->faults.count, COUNT_OF(core));
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "submitted");
    ledger_close(&ledger);
}

static void C1_resource_code(void **state)
{
    (void)state;
    static const char *const given[] = {"301001/000001", "301001/000002"};
    struct ledger *ledger = with_duty("putuo");
    for (size_t i = 0; i < COUNT_OF(given); i++) {
        char code[8], name[32];
        (void)snprintf(code, sizeof code, "E%zu", i);
        (void)snprintf(name, sizeof name, "社会组织信息%zu", i);
        assert_int_equal(
            submit(ledger, code, entry_text(name, "unconditional", "'class_code':'301001',")), 0);
        review(ledger, code, "'accept'");
        assert_string_equal(
            doc_get_text(ledger_get(ledger, "entry/" ALPHA "/%s", code), "resource_code"),
            given[i]);
    }
    ledger_close(&ledger);
}

/* CN 2: 按照一定的分类方法进行排序和编码的一组信息; PT 11 names 分类分级属性, and no code. */
static void C1_classified(void **state)
{
    (void)state;
    static const struct {
        const char *profile;
        int error;
    } cases[] = {{"changning", ERR_FIELD_MISSING}, {"putuo", 0}, {"shanghai-open", 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_duty(cases[i].profile);
        assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", "")),
                         cases[i].error);
        assert_int_equal(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.class_code"),
                         cases[i].error != 0);
        ledger_close(&ledger);
    }
}

/* CN 附件3 3.1: 姓名 XM 字符 20. The fixture's entry has it as it should be. */
static void C2_dictionary(void **state)
{
    (void)state;
    static const char *const items[] = {
        "{'name':'姓名','field':'XM','type':'C','length':21}",
        "{'name':'名字','field':'XM','type':'C','length':20}",
        "{'name':'注册资金','field':'reg_capital','type':'N','length':20,'precision':7}",
        "{'name':'变更日期','field':'change_date','type':'C','length':10}",
    };
    struct ledger *ledger = with_duty("changning");
    assert_int_equal(submit(ledger, "E0", entry_text("社会组织信息", "unconditional", NULL)), 0);
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        AUTO(doc_free)
        struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                         entry_text("人员信息", "unconditional", NULL));
        AUTO(doc_free) struct doc *list = fixture_parse("{'items':[%s]}", items[i]);
        doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items",
                doc_ref(doc_get(list, "items")));
        ledger->faults = (struct faults){0};
        assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body),
                         ERR_FIELD_FORMAT);
        assert_true(ledger_fault(ledger, ERR_FIELD_FORMAT, "entry.items[0].field"));
    }
    ledger_close(&ledger);
}

static void C3_attributes(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("changning");
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'E1','entry':%s}", entry_text("社会组织信息", "authorised", NULL));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    doc_remove(entry, "sharing_reason");
    doc_remove(entry, "sharing_basis");
    doc_set_text(entry, "opening", "conditional");
    assert_int_not_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.sharing_reason"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.sharing_basis"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.opening_conditions"));
    ledger_close(&ledger);
}

/* CN 14: 领导小组具有公共数据共享属性最终认定权. */
static void C3_last_word(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'none',"
                "'reason':'涉及国家安全','basis':'领导小组会议纪要'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "ruling.sharing"), "none");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_SHARED);
    ledger_close(&ledger);
}

/* The last word stays: neither items closed one by one, nor the same data under another code. */
static void C3_ruling_stays(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "none");
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'unconditional',"
                "'items':[{'name':'证件号码','sharing':'unconditional'}],"
                "'reason':'履职需要','basis':'领导小组会议纪要'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.change",
                               "{'code':'E1','acts_on':'%s','reason':'业务调整','entry':%s}",
                               ledger_version(ledger, ENTRY("E1")), entry_text("E1", "none", NULL)),
                     ERR_SHARING_RULED);
    assert_true(ledger_fault(ledger, ERR_SHARING_RULED, "entry.items[1].sharing"));
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "unconditional", NULL)), 0);
    ledger_close(&ledger);
}

/* Whose terms are as long: PT 13 and 14, where the other documents give no days. */
static const char *const profiles[] = {"putuo", "changning", "shanghai-open"};

static void C4_review(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)), 0);
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.review",
                               "{'provider':'" ALPHA
                               "','code':'E1','acts_on':'%s','decision':'return'}",
                               ledger_version(ledger, ENTRY("E1"))),
                     ERR_GROUNDS);
    review(ledger, "E1", "'return','reasons':[{'reason':'摘要过于简单'},{'reason':'缺少代码表'}]");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "returned");
    assert_int_equal(
        doc_count(doc_get(doc_get(ledger_get(ledger, ENTRY("E1")), "review"), "reasons")), 2);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'E1','acts_on':'%s','entry':%s}", ledger_version(ledger, ENTRY("E1")),
                entry_text("社会组织基本信息", "unconditional", NULL));
    review(ledger, "E1", "'accept'");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "published");
    ledger_close(&ledger);
}

/* PT 13: 对目录要素的完整性、规范性、重复性等进行审查. */
static void C4_duplicates(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)), 0);
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织信息", "unconditional", NULL)),
                     ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "entry.name"));
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织年检", "unconditional", NULL)), 0);
    ledger_close(&ledger);
}

static void C7_binding(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)), 0);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s',"
                               "'bindings':[{'method':'table','resource':'minzheng.orgs'}]}",
                               ledger_version(ledger, ENTRY("E1"))),
                     ERR_STATUS);
    review(ledger, "E1", "'accept'");
    ledger_must(ledger, ALPHA "/compile", "catalog.bind",
                "{'code':'E1','acts_on':'%s',"
                "'bindings':[{'method':'table','resource':'minzheng.orgs'}]}",
                ledger_version(ledger, ENTRY("E1")));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "binding/" ALPHA "/E1"), "bindings")), 1);
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E2','entry':%s}",
                                     entry_text("社会组织年检", "unconditional", NULL));
    AUTO(doc_free)
    struct doc *source = fixture_parse("{'system':'系统','store':'mysql://root:P4ss@10.0.0.1/db'}");
    doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "source", doc_ref(source));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body),
                     ERR_CREDENTIALS);
    ledger_close(&ledger);
}

/* ---- review and resubmission in time (PT 13) ---- */

/* PT 13 and PT 14 have days for the review, the resubmission and the assessment; neither
 * 长府规〔2019〕1号 nor 沪经信规范〔2022〕12号 has, so nothing is overdue there. */
static bool has_days(const char *profile)
{
    return strcmp(profile, "putuo") == 0;
}

static void expect_overdue(const struct ledger *ledger, const char *profile, const char *subject,
                           const char *act)
{
    if (has_days(profile)) {
        assert_true(ledger_act_is(ledger, 0, subject, act));
    } else {
        assert_int_equal(doc_count(ledger->acts), 0);
    }
}

/* Friday 13 February: the working day after is Saturday 14 (调休). */
static void C4_review_overdue(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = with_duty(profiles[i]);
        ledger_at(ledger, "2026-02-13T10:00:00+08:00");
        assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)),
                         0);
        const char *version = ledger_version(ledger, ENTRY("E1"));
        ledger_at_ms(ledger, at("2026-02-15T00:00:00+08:00") - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_at(ledger, "2026-02-15T00:00:00+08:00");
        expect_overdue(ledger, profiles[i], ENTRY("E1"), "review-overdue");
        assert_string_equal(ledger_version(ledger, ENTRY("E1")), version);
        review(ledger, "E1", "'accept'");
        assert_int_equal(
            doc_get_bool(doc_get(ledger_get(ledger, ENTRY("E1")), "review"), "late", false),
            has_days(profiles[i]));
        assert_int_equal(ledger_due(ledger, "review"), 0);
        ledger_close(&ledger);
    }
}

/* Returned on Friday 13 February: 14 (调休), Tuesday 24, Wednesday 25. */
static void C4_resubmission_overdue(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = with_duty(profiles[i]);
        ledger_at(ledger, "2026-02-13T10:00:00+08:00");
        assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "unconditional", NULL)),
                         0);
        review(ledger, "E1", "'return','reasons':[{'reason':'摘要过于简单'}]");
        ledger_at_ms(ledger, at("2026-02-26T00:00:00+08:00") - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_at(ledger, "2026-02-26T00:00:00+08:00");
        expect_overdue(ledger, profiles[i], ENTRY("E1"), "resubmission-overdue");
        ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                    "{'code':'E1','acts_on':'%s','entry':%s}", ledger_version(ledger, ENTRY("E1")),
                    entry_text("社会组织基本信息", "unconditional", NULL));
        assert_int_equal(doc_get_bool(ledger_get(ledger, ENTRY("E1")), "late", false),
                         has_days(profiles[i]));
        ledger_close(&ledger);
    }
}

/* ---- change and deletion (PT 14) ---- */

#define CHANGE "change/" ALPHA "/E1"
#define PLAN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char grant[2 * HASH_BYTES + 1];
static char grant_key[100];

static int assess(struct ledger *ledger, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':%s}",
                     ledger_version(ledger, CHANGE), decision);
}

/* Applied for on Monday 2 March: until the end of Tuesday the 3rd. */
static void C5_assess(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = ledger_open(profiles[i]);
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "unconditional");
        ledger_must(ledger, ALPHA "/compile", "catalog.change",
                    "{'code':'E1','acts_on':'%s','reason':'系统升级','entry':%s}",
                    ledger_version(ledger, ENTRY("E1")),
                    entry_text("新名称", "unconditional", NULL));
        ledger_at_ms(ledger, at("2026-03-04T00:00:00+08:00") - 1);
        assert_string_equal(ledger_text(ledger, CHANGE, "status"), "applied");
        assert_false(ledger_act_is(ledger, 0, CHANGE, "assessment-overdue"));
        ledger_at(ledger, "2026-03-04T00:00:00+08:00");
        expect_overdue(ledger, profiles[i], CHANGE, "assessment-overdue");
        assert_int_equal(assess(ledger, "'return'"), ERR_GROUNDS);
        assert_int_equal(assess(ledger, "'accept'"), 0);
        assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.name"), "新名称");
        assert_string_equal(ledger_text(ledger, CHANGE, "status"), "accepted");
        ledger_close(&ledger);
    }
}

static struct ledger *with_grant(const char *items)
{
    char extra[64];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "plan", "null"), 0); /* signed plans: rows_plans.c */
    (void)snprintf(extra, sizeof extra, "{'items':%s}", items);
    ledger_give_grant(ledger, grant, extra);
    (void)snprintf(grant_key, sizeof grant_key, "grant/%s", grant);
    return ledger;
}

static void C5_plan(void **state)
{
    (void)state;
    struct ledger *ledger = with_grant("['姓名']");
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_true(doc_has_text(doc_get(ledger_get(ledger, CHANGE), "grants"), grant));
    assert_int_equal(assess(ledger, "'accept'"), ERR_PLAN);
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "','plan_date':'2026-03-01'"),
                     ERR_DATE_PAST);
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "','plan_date':'2026-03-31'"), 0);
    assert_true(ledger_act_is(ledger, 0, grant_key, "entry-retired"));
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "retired");
    ledger_at_ms(ledger, at("2026-04-01T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, grant_key, "status"), "active");
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, grant_key, "status"), "terminated");
    assert_true(ledger_act_is(ledger, 1, grant_key, "ended-with-entry"));
    assert_true(ledger_act_is(ledger, 0, CHANGE, "adjusted"));
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_due(ledger, "expiry"), 0);
    ledger_close(&ledger);
}

/* PT 14: 会同…数据使用单位…就…共享应用服务衔接: whoever uses the data, the hundred and first too,
 * is told before the plan's date, and nobody's service ends untold. */
static void C5_told(void **state)
{
    (void)state;
    char first[2 * HASH_BYTES + 1];
    size_t told = 0;
    struct ledger *ledger = with_grant("['姓名']");
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(ledger_ask(ledger, first, "E1", NULL), 0);
    }
    assert_int_equal(ledger_count(ledger, "live/"), 101);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "','plan_date':'2026-03-31'"), 0);
    ledger_blocks(ledger, 2);
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        told += doc_text_is(doc_at(ledger->acts, i), "effect", "entry-retired");
    }
    assert_int_equal(told, 101);
    assert_int_equal(ledger_count(ledger, "live/"), 101);
    ledger_close(&ledger);
}

/* Applies for E1 with these members (JSON) in the place of its own. */
static void apply_change(struct ledger *ledger, const char *members)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    AUTO(doc_free)
    struct doc *body =
        fixture_parse("{'code':'E1','acts_on':'%s','reason':'系统升级','entry':%s}",
                      ledger_version(ledger, ENTRY("E1")), entry_text("E1", "unconditional", NULL));
    AUTO(doc_free) struct doc *more = fixture_parse("%s", members);
    while (doc_next(more, &cursor, &name, &value)) {
        doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), name, doc_ref(value));
    }
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
}

/* PT 20: 审核不通过的，…应当提供明确的法律、法规等依据: deleting the entry is no answer. */
static void C5_decided_first(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    static const char accept[] =
        "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}";
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", accept,
                               ledger_version(ledger, "change/" ALPHA "/E1")),
                     ERR_UNDECIDED);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':{'legal_basis':"
                "[{'law':'个人信息保护法','article':'第二十八条'}]}}",
                id, ledger_version(ledger, "request/%s", id));
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", accept,
                               ledger_version(ledger, "change/" ALPHA "/E1")),
                     0);
    ledger_close(&ledger);
}

/* PT 14: 发现调整公共数据目录将影响数据共享应用服务的: one grant gives 姓名, one chooses its rows
 * by 证件号码 besides. */
static void C5_affected(void **state)
{
    (void)state;
#define NAME "{'name':'姓名','field':'XM','type':'C','length':20"
#define NUMBER "{'name':'证件号码','field':'ZJHM','type':'C','length':18,'sharing':'unconditional'"
#define CLOSED "'sharing_reason':'涉及个人信息','sharing_basis':'个人信息保护法第十三条'"
    static const struct {
        const char *change;
        bool gives, chooses;
    } cases[] = {
        {"{'name':'新名称','summary':'重新表述的摘要。','manager':'社团处','theme':'民政'}", false,
         false},
        {"{'items':[" NAME ",'description':'登记的姓名'}," NUMBER "},{'name':'年龄','type':'I'}]}",
         false, false},
        {"{" CLOSED ",'items':[" NAME ",'sharing':'authorised'}," NUMBER "}]}", false, false},
        {"{'items':[" NAME "}]}", false, true},
        {"{'items':[" NAME "}," NUMBER ",'codes':'GB 11643'}]}", false, true},
        {"{" CLOSED ",'items':[" NAME ",'sharing':'none'}," NUMBER "}]}", true, true},
        {"{'items':[{'name':'姓名','type':'C','length':20}," NUMBER "}]}", true, true},
        {"{'items':[{'name':'姓名','type':'G'}," NUMBER "}]}", true, true},
        {"{'items':[" NAME ",'nullable':true}," NUMBER "}]}", true, true},
        {"{'items':[" NAME ",'security':3}," NUMBER "}]}", true, true},
        {"{'update':'yearly'}", true, true},
        {"{'coverage':'广州市，2020 年以来'}", true, true},
        {"{'grade':3}", true, true},
        {"{'format':'spreadsheet'}", true, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char chooses[2 * HASH_BYTES + 1], chooses_key[100];
        struct ledger *ledger = with_grant("['姓名']");
        assert_int_equal(ledger_ask(ledger, chooses, "E1",
                                    "{'rows':[{'item':'证件号码','is':'prefix','value':'44'}]}"),
                         0);
        (void)snprintf(chooses_key, sizeof chooses_key, "grant/%s", chooses);
        apply_change(ledger, cases[i].change);
        const struct doc *listed = doc_get(ledger_get(ledger, CHANGE), "grants");
        assert_int_equal(doc_has_text(listed, grant), cases[i].gives);
        assert_int_equal(doc_has_text(listed, chooses), cases[i].chooses);
        size_t acts = doc_count(ledger->acts);
        assert_int_equal(assess(ledger, "'accept'"), cases[i].chooses ? ERR_PLAN : 0);
        if (cases[i].chooses) {
            assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "'"), 0);
        }
        assert_string_equal(ledger_text(ledger, CHANGE, "status"),
                            cases[i].chooses ? "adjusting" : "accepted");
        bool told_gives = false, told_chooses = false;
        for (size_t k = acts; k < doc_count(ledger->acts); k++) {
            const struct doc *act = doc_at(ledger->acts, k);
            told_gives = told_gives || doc_text_is(act, "subject", grant_key);
            told_chooses = told_chooses || doc_text_is(act, "subject", chooses_key);
        }
        assert_int_equal(told_gives, cases[i].gives);
        assert_int_equal(told_chooses, cases[i].chooses);
        ledger_close(&ledger);
    }
}

/* The changed entry has 姓名 alone. */
static void apply_narrowing(struct ledger *ledger)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'code':'E1','acts_on':'%s','reason':'减少信息项','entry':%s}",
        ledger_version(ledger, ENTRY("E1")), entry_text("社会组织信息", "unconditional", NULL));
    AUTO(doc_free)
    struct doc *list = fixture_parse("{'items':[{'name':'姓名','type':'C','length':20}]}");
    doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items",
            doc_ref(doc_get(list, "items")));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "'"), 0);
}

static void C5_narrowed(void **state)
{
    (void)state;
    static const struct {
        const char *items, *status, *effect;
        size_t left;
    } cases[] = {
        {"['姓名','证件号码']", "active", "narrowed-with-entry", 1},
        {"['证件号码']", "terminated", "ended-with-entry", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_grant(cases[i].items);
        apply_narrowing(ledger);
        assert_true(ledger_act_is(ledger, 0, grant_key, "entry-changed"));
        /* No date: until the end of the day. One plan at a time. */
        assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.retire",
                                   "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                                   ledger_version(ledger, ENTRY("E1"))),
                         ERR_STATUS);
        ledger_at(ledger, "2026-03-03T00:00:00+08:00");
        assert_string_equal(ledger_text(ledger, CHANGE, "status"), "adjusted");
        assert_string_equal(ledger_text(ledger, grant_key, "status"), cases[i].status);
        assert_true(ledger_act_is(ledger, 1, grant_key, cases[i].effect));
        assert_int_equal(doc_count(doc_get(ledger_get(ledger, "%s", grant_key), "items")),
                         cases[i].left);
        ledger_close(&ledger);
    }
}

/* ---- the supplementary catalog (PT 12) ---- */

#define SUPPLEMENT "supplement/PTBC2026-01"

static int supplement(struct ledger *ledger, const char *entries)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, CENTER "/review", "catalog.supplement",
                     "{'number':'PTBC2026-01','title':'普陀区区域补充目录','entries':[%s]}",
                     entries);
}

static int synchronise_by(struct ledger *ledger, const char *kid, const char *digest,
                          const char *rest)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, kid, "catalog.synchronise",
                     "{'number':'PTBC2026-01','acts_on':'%s','digest':'%s','reference':'沪回〔1〕',"
                     "%s}",
                     ledger_version(ledger, SUPPLEMENT), digest, rest);
}

static int synchronise(struct ledger *ledger, const char *digest, const char *rest)
{
    return synchronise_by(ledger, CENTER "/review", digest, rest);
}

#define NAMED(code) "{'provider':'" ALPHA "','code':'" code "'}"

static void C9_supplement(void **state)
{
    (void)state;
    char digest[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(supplement(ledger, NAMED("E1")), ERR_POLICY);
    ledger_close(&ledger);
    ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    ledger_give_entry(ledger, "E2", "unconditional");
    assert_int_equal(supplement(ledger, NAMED("E1") "," NAMED("E9") "," NAMED("E1")), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "entries[1].code"));
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "entries[2].code"));
    assert_int_equal(supplement(ledger, NAMED("E1") "," NAMED("E2")), 0);
    assert_int_equal(supplement(ledger, NAMED("E1")), ERR_DUPLICATE);
    const struct doc *entries = doc_get(ledger_get(ledger, SUPPLEMENT), "entries");
    assert_string_equal(doc_get_text(doc_at(entries, 1), "version"),
                        ledger_version(ledger, ENTRY("E2")));
    (void)snprintf(digest, sizeof digest, "%s", ledger_text(ledger, SUPPLEMENT, "digest"));
    assert_int_equal(synchronise(ledger, ledger->txid, "'outcome':'accepted'"), ERR_VERSION_STALE);
    assert_true(ledger_fault(ledger, ERR_VERSION_STALE, "digest"));
    assert_int_equal(synchronise(ledger, digest, "'outcome':'partly'"), ERR_FIELD_MISSING);
    assert_int_equal(synchronise(ledger, digest,
                                 "'outcome':'partly','refused':[{'provider':'" ALPHA
                                 "','code':'E3',"
                                 "'reason':'格式不符'}]"),
                     ERR_SUBJECT);
    assert_int_equal(synchronise(ledger, digest,
                                 "'outcome':'partly','refused':[{'provider':'" ALPHA
                                 "','code':'E2',"
                                 "'reason':'格式不符'}]"),
                     0);
    assert_string_equal(ledger_text(ledger, SUPPLEMENT, "status"), "partly");
    assert_string_equal(ledger_text(ledger, SUPPLEMENT, "answer.reference"), "沪回〔1〕");
    assert_int_equal(synchronise(ledger, digest, "'outcome':'accepted'"), ERR_STATUS);
    ledger_close(&ledger);

    /* A platform that is a member says itself what it took. */
    ledger = ledger_open("putuo");
    ledger_admit_upper(ledger);
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(supplement(ledger, NAMED("E1")), 0);
    (void)snprintf(digest, sizeof digest, "%s", ledger_text(ledger, SUPPLEMENT, "digest"));
    assert_int_equal(synchronise(ledger, digest, "'outcome':'accepted'"), ERR_PARTY);
    assert_int_equal(synchronise_by(ledger, NEWCOMER "/approve", digest, "'outcome':'accepted'"),
                     0);
    ledger_close(&ledger);
}
