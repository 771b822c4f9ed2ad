/* The catalog, by the clause: CESI 2.2.1, PT 11 and 13, CN 14, 附件3 三, OPEN 15. */
#include "rows_catalog.h"

#include "entry_acts.h"

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
    rule_sharing(ledger, ALPHA, "none");
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
    is_retired(ledger, ALPHA);
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "unconditional", NULL)), 0);
    ledger_close(&ledger);
}

/* Whose terms are as long: PT 13 and 14, where the other documents give no days. */

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
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.review",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s',"
                               "'decision':'return','reasons':[{'reason':' \u3000'}]}",
                               ledger_version(ledger, ENTRY("E1"))),
                     ERR_FIELD_BLANK); /* 附退回原因 */
    assert_true(ledger_fault(ledger, ERR_FIELD_BLANK, "reasons[0].reason"));
    review(ledger, "E1", "'return','reasons':[{'reason':'摘要过于简单'},{'reason':'缺少代码表'}]");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "returned");
    assert_int_equal(
        doc_count(doc_get(doc_get(ledger_get(ledger, ENTRY("E1")), "review"), "reasons")), 2);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'E1','acts_on':'%s','entry':%s}", ledger_version(ledger, ENTRY("E1")),
                entry_text("社会组织基本信息", "unconditional", NULL));
    assert_int_equal(try_review(ledger, "E1", "'accept','reasons':[{'reason':'要素完整'}]"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
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
    ledger_member(ledger, "member.suspend", NEWCOMER); /* nor does the center make it silent */
    assert_int_equal(synchronise(ledger, digest, "'outcome':'accepted'"), ERR_PARTY);
    ledger_member(ledger, "member.restore", NEWCOMER);
    assert_int_equal(synchronise_by(ledger, NEWCOMER "/approve", digest, "'outcome':'accepted'"),
                     0);
    ledger_close(&ledger);
}
