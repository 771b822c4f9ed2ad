/* Catalog entries: complete, conforming, not twice; reviewed, returned, resubmitted; bound; changed
 * and retired with a plan; designated and ruled on by the supervisor. */
#include "rules_fixture.h"

#include "chain/rules/catalog.h"
#include "chain/rules/text_set.h"

#define ENTRY(code) "entry/" ALPHA "/" code

static struct ledger *with_duty(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'D1','name':'社会组织登记','category':'行政许可',"
                "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    return ledger;
}

static int submit(struct ledger *ledger, const char *code, const char *entry)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                     entry);
}

static int review(struct ledger *ledger, const char *code, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.review",
                     "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), decision);
}

#define RETURN_REASONS                                                                             \
    "'return','reasons':[{'field':'summary','reason':'摘要过于简单'},{'reason':'缺少代码表'}]"

/* ---- submission and review ---- */

static void an_entry_is_submitted_and_published(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    /* What the throughput of the chain rests on: few records touched. */
    assert_in_range(ledger->reads, 1, 6);
    assert_int_equal(ledger->writes, 3);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "submitted");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "compiled_by"), "compile");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.name"), "社会组织信息");
    assert_int_equal(submit(ledger, "E1", entry_text("另一个", "authorised", NULL)), ERR_DUPLICATE);
    assert_int_equal(review(ledger, "E1", "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "published");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "review.by"), "review");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, ENTRY("E1")), "terms")), 0);
    assert_int_equal(review(ledger, "E1", "'accept'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* A2: who compiles does not review, and only the center reviews. */
static void compiling_and_reviewing_are_apart(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    const char *version = ledger_version(ledger, ENTRY("E1"));
    static const struct {
        const char *kid;
        int error;
    } cases[] = {{ALPHA "/compile", ERR_TX_ROLE},
                 {CENTER "/compile", ERR_TX_ROLE},
                 {CENTER "/approve", ERR_TX_ROLE},
                 {ALPHA "/review", ERR_PARTY},
                 {SUPERVISOR "/review", ERR_PARTY}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(ledger_do(ledger, cases[i].kid, "catalog.review",
                                   "{'provider':'" ALPHA
                                   "','code':'E1','acts_on':'%s','decision':'accept'}",
                                   version),
                         cases[i].error);
    }
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.submit",
                               "{'code':'E2','entry':%s}",
                               entry_text("社会组织信息", "authorised", NULL)),
                     ERR_TX_ROLE);
    ledger_close(&ledger);
}

static void an_entry_is_returned_and_comes_back(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    assert_int_equal(review(ledger, "E1", "'return'"), ERR_GROUNDS);
    assert_int_equal(review(ledger, "E1", RETURN_REASONS), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "returned");
    const struct doc *reasons =
        doc_get(doc_get(ledger_get(ledger, ENTRY("E1")), "review"), "reasons");
    assert_int_equal(doc_count(reasons), 2);
    assert_int_equal(ledger_count(ledger, "due/"), 1);
    const char *returned = ledger_version(ledger, ENTRY("E1"));
    /* The resubmission names the returned version. */
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织基本信息", "authorised", NULL)),
                     ERR_VERSION_STALE);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'E1','acts_on':'%s','entry':%s}", returned,
                entry_text("社会组织基本信息", "authorised", NULL));
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "submitted");
    assert_int_equal(ledger_due(ledger, "resubmit"), 0);
    assert_int_equal(ledger_due(ledger, "review"), 1);
    assert_null(doc_get(ledger_get(ledger, ENTRY("E1")), "late"));
    /* The name it had before is free again. */
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织信息", "authorised", NULL)), 0);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                               "{'code':'E1','acts_on':'%s','entry':%s}",
                               ledger_version(ledger, ENTRY("E1")),
                               entry_text("第三名", "authorised", NULL)),
                     ERR_STATUS);
    ledger_close(&ledger);
}

/* ---- completeness and conformity ---- */

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_not_equal(
        ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                  "{'code':'E1','entry':{'category':' ','name':'社会组织信息',"
                  "'summary':'用于测试','format':'database','sharing':'authorised',"
                  "'opening':'conditional','update':'daily','published_on':'2026-01-05',"
                  "'source':{'system':'系统'},'grade':2,'coverage':'全省','manager':'处室',"
                  "'duty':'D9','items':["
                  "{'name':'姓名','field':'XM','type':'C'},"
                  "{'name':'姓\u200b名','type':'N','sharing':'unconditional'},"
                  "{'name':'民族名称','field':'MZ','type':'C','length':10},"
                  "{'name':'日期','field':'XM','type':'D','precision':2}]}}"),
        0);
    static const struct {
        int error;
        const char *field;
    } expected[] = {
        {ERR_FIELD_LENGTH, "entry.category"},
        {ERR_FIELD_MISSING, "entry.sharing_reason"},
        {ERR_FIELD_MISSING, "entry.sharing_basis"},
        {ERR_FIELD_MISSING, "entry.opening_conditions"},
        {ERR_SUBJECT, "entry.duty"},
        {ERR_DUPLICATE, "entry.items[1].name"},
        {ERR_DUPLICATE, "entry.items[3].field"},
        {ERR_FIELD_MISSING, "entry.items[0].length"},
        {ERR_FIELD_CHOICE, "entry.items[1].sharing"},
        {ERR_FIELD_FORMAT, "entry.items[2].field"},
        {ERR_FIELD_FORMAT, "entry.items[3].precision"},
        {ERR_FIELD_FORMAT, "entry.items[3].field"},
    };
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_true(ledger_fault(ledger, expected[i].error, expected[i].field));
    }
    assert_int_equal(ledger->faults.count, COUNT_OF(expected));
    assert_null(ledger_get(ledger, ENTRY("E1")));
    ledger_close(&ledger);
}

/* CN 14 and OPEN 14 are two divisions: every pair of them is an entry, and what is opened to
 * everybody is not thereby shared with an agency. */
static void sharing_and_opening_are_apart(void **state)
{
    (void)state;
    static const char *const sharing[] = {"unconditional", "authorised", "none"};
    static const char *const opening[] = {"unconditional", "conditional", "closed"};
    struct ledger *ledger = with_duty();
    for (size_t i = 0; i < COUNT_OF(sharing) * COUNT_OF(opening); i++) {
        char code[8], name[32], id[2 * HASH_BYTES + 1];
        (void)snprintf(code, sizeof code, "E%zu", i);
        (void)snprintf(name, sizeof name, "社会组织信息%zu", i);
        AUTO(doc_free)
        struct doc *body =
            fixture_parse("{'code':'%s','entry':%s}", code,
                          entry_text(name, sharing[i % 3], "'opening_conditions':'须注明来源',"));
        struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
        doc_set_text(entry, "opening", opening[i / 3]);
        ledger->faults = (struct faults){0};
        assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
        assert_int_equal(review(ledger, code, "'accept'"), 0);
        assert_int_equal(ledger_ask(ledger, id, code, NULL), i % 3 == 2 ? ERR_NOT_SHARED : 0);
    }
    ledger_close(&ledger);
}

static void core_metadata_is_complete(void **state)
{
    (void)state;
    static const char *const required[] = {
        "category", "name",         "summary", "format", "items",    "sharing", "opening",
        "update",   "published_on", "source",  "grade",  "coverage", "manager", "duty"};
    struct ledger *ledger = with_duty();
    for (size_t i = 0; i < COUNT_OF(required); i++) {
        char field[64];
        AUTO(doc_free)
        struct doc *body = fixture_parse("{'code':'E1','entry':%s}",
                                         entry_text("社会组织信息", "unconditional", NULL));
        doc_remove((struct doc *)(uintptr_t)doc_get(body, "entry"), required[i]);
        (void)snprintf(field, sizeof field, "entry.%s", required[i]);
        ledger->faults = (struct faults){0};
        assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body),
                         ERR_FIELD_MISSING);
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, field));
    }
    ledger_close(&ledger);
}

/* C7: no credentials on the chain, however they are written down. */
static void no_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *store;
        bool refused;
    } cases[] = {
        {"postgres://root:P4ss@10.0.0.1/db", true},
        {"数据库 mysql://root@db/trees", true},
        {"jdbc:oracle:thin:scott/tiger@//db:1521/orcl", true},
        {"root:P4ss@10.0.0.1", true},
        {"Server=10.0.0.1;Uid=sa;PWD = x", true},
        {"jdbc:mysql://db/trees?user=a&Password=b", true},
        {"库 trees，口令：123456", true},
        {"API_KEY=abc", true},
        {"postgres://10.0.0.1/db?sslmode=require", false},
        {"http://files.example.cn/trees@2026.csv", false},
        {"/data/trees@2026", false},
        {"用户密码重置记录表 t_password_reset", false},
        {"mail@example.cn", false},
        {"园林库.行道树", false},
    };
    struct ledger *ledger = with_duty();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free)
        struct doc *body = fixture_parse("{'code':'E%zu','entry':%s}", i,
                                         entry_text(cases[i].store, "unconditional", NULL));
        struct doc *source = doc_new_object();
        doc_set_text(source, "store", cases[i].store);
        doc_set_text(source, "system", "园林系统");
        doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "source", source);
        ledger->faults = (struct faults){0};
        int error = fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body);
        if (error != (cases[i].refused ? ERR_CREDENTIALS : 0))
            fail_msg("%s: %s", cases[i].store, error_code(error));
        assert_true(!cases[i].refused ||
                    ledger_fault(ledger, ERR_CREDENTIALS, "entry.source.store"));
    }
    ledger_close(&ledger);
}

/* A name of dots alone could never be asked for by its path. */
static void codes_can_be_read_by_their_path(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    char *entry = entry_text("社会组织信息", "unconditional", NULL);
    assert_int_equal(submit(ledger, "..", entry), ERR_FIELD_FORMAT);
    assert_int_equal(submit(ledger, ".", entry), ERR_FIELD_FORMAT);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "duty.publish",
                               "{'code':'..','name':'年检','category':'行政检查',"
                               "'implementer':'广东省民政厅','basis':'条例'}"),
                     ERR_FIELD_FORMAT);
    assert_int_equal(submit(ledger, "..2", entry), 0);
    ledger_close(&ledger);
}

/* CN 附件3 第三章: the district's names stand for one thing. */
static void the_dictionary(void **state)
{
    (void)state;
    static const struct {
        const char *item;
        bool agrees;
    } cases[] = {
        {"{'name':'姓名','field':'XM','type':'C','length':20}", true},
        {"{'name':'姓名','field':'XM','type':'C','length':21}", false},
        {"{'name':'姓名','field':'XM','type':'M','length':20}", false},
        {"{'name':'名字','field':'XM','type':'C','length':20}", false},
        {"{'name':'工作单位','field':'FWCS','type':'C','length':200}", true},
        {"{'name':'服务处所','field':'FWCS','type':'C','length':200}", true},
        {"{'name':'服务处所/工作单位','field':'FWCS','type':'C','length':200}", true},
        {"{'name':'单位','field':'FWCS','type':'C','length':200}", false},
        {"{'name':'工作','field':'FWCS','type':'C','length':200}", false},
        {"{'name':'出生日期','field':'CSRQ','type':'D'}", true},
        {"{'name':'注册资金','field':'reg_capital','type':'N','length':20,'precision':6}", true},
        {"{'name':'开办资金（万元）','field':'reg_capital','type':'N','length':20}", true},
        {"{'name':'经营范围','field':'business_scope','type':'C','length':2000}", true},
        {"{'name':'随便','field':'xm','type':'C','length':9999}", true}, /* not in it */
        {"{'name':'随便','type':'C','length':9999}", true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(doc_free) struct doc *item = fixture_parse("%s", cases[i].item);
        if (dictionary_agrees(item) != cases[i].agrees) {
            fail_msg("%s", cases[i].item);
        }
    }
}

/* PT 13 重复性: the same data is one entry. */
static void exact_duplicates_are_refused(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织信息", "authorised", NULL)),
                     ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "entry.name"));
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织 信息\u3000", "authorised", NULL)),
                     ERR_DUPLICATE);
    assert_int_equal(submit(ledger, "E2", entry_text("社会组织名录", "authorised", NULL)), 0);
    /* Another agency's data is other data. */
    ledger_must(ledger, GAMMA "/compile", "duty.publish",
                "{'code':'D1','name':'登记','category':'行政许可',"
                "'implementer':'广东省司法厅','basis':'条例'}");
    ledger_must(ledger, GAMMA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("社会组织信息", "authorised", NULL));
    ledger_close(&ledger);
}

/* ---- binding ---- */

static void an_entry_is_bound_to_resources(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty();
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    const char *file = "{'method':'file','resource':'alberi.csv','bytes':3145728}";
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s','bindings':[%s]}",
                               ledger_version(ledger, ENTRY("E1")), file),
                     ERR_STATUS);
    assert_int_equal(review(ledger, "E1", "'accept'"), 0);
    const char *version = ledger_version(ledger, ENTRY("E1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s','bindings':[%s,%s]}", version, file,
                               file),
                     ERR_DUPLICATE);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s','bindings':[{'method':'table',"
                               "'resource':'postgres://user:secret@10.0.0.1/db'}]}",
                               version),
                     ERR_FIELD_FORMAT); /* no addresses, no credentials */
    ledger_must(ledger, ALPHA "/compile", "catalog.bind",
                "{'code':'E1','acts_on':'%s','bindings':[%s,{'method':'service',"
                "'resource':'svc.7'}]}",
                version, file);
    const char *key = "binding/" ALPHA "/E1";
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, "%s", key), "bindings")), 2);
    assert_string_equal(ledger_text(ledger, key, "entry_version"), version);
    /* Binding leaves the entry's version alone: requests in flight stay good. */
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "version"), version);
    assert_int_equal(ledger_do(ledger, BETA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s','bindings':[%s]}", version, file),
                     ERR_SUBJECT);
    ledger_close(&ledger);
}

/* ---- change and deletion (PT 14) ---- */

static int assess(struct ledger *ledger, const char *code, const char *decision)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':%s}", code,
                     ledger_version(ledger, "change/" ALPHA "/%s", code), decision);
}

static int change(struct ledger *ledger, const char *code, const char *entry)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.change",
                     "{'code':'%s','acts_on':'%s','reason':'系统升级','entry':%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), entry);
}

static void an_entry_is_changed_after_assessment(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    const char *old = ledger_version(ledger, ENTRY("E1"));
    assert_int_equal(change(ledger, "E1", entry_text("新名称", "unconditional", NULL)), 0);
    assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "status"), "applied");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "version"), old);
    assert_int_equal(change(ledger, "E1", entry_text("再改", "unconditional", NULL)), ERR_STATUS);
    assert_int_equal(assess(ledger, "E1", "'return'"), ERR_GROUNDS);
    assert_int_equal(assess(ledger, "E1", "'return','reasons':[{'reason':'理由不足'}]"), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.name"), "E1");
    /* The name that the returned application had claimed is free again. */
    assert_int_equal(submit(ledger, "E2", entry_text("新名称", "unconditional", NULL)), 0);
    assert_int_equal(change(ledger, "E1", entry_text("新名称", "unconditional", NULL)),
                     ERR_DUPLICATE);
    assert_int_equal(change(ledger, "E1", entry_text("更新名称", "unconditional", NULL)), 0);
    assert_int_equal(assess(ledger, "E1", "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.name"), "更新名称");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "version"), ledger->txid);
    assert_int_equal(submit(ledger, "E3", entry_text("E1", "unconditional", NULL)), 0);
    assert_int_equal(submit(ledger, "E4", entry_text("更新名称", "unconditional", NULL)),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}

static void live_grants_need_a_plan(void **state)
{
    (void)state;
    char grant[2 * HASH_BYTES + 1], plan[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    memset(plan, 'a', sizeof plan - 1);
    plan[sizeof plan - 1] = 0;
    ledger_give_grant(ledger, grant, NULL);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    const struct doc *grants = doc_get(ledger_get(ledger, "change/" ALPHA "/E1"), "grants");
    assert_int_equal(doc_count(grants), 1);
    assert_string_equal(doc_text(doc_at(grants, 0)), grant);
    assert_int_equal(assess(ledger, "E1", "'accept'"), ERR_PLAN);
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept',"
                "'plan':'%s'}",
                ledger_version(ledger, "change/" ALPHA "/E1"), plan);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "retired");
    assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "plan"), plan);
    /* Retired: no new requests, no change; the code is not used again. */
    assert_int_equal(ledger_ask(ledger, grant, "E1", NULL), ERR_STATUS);
    assert_int_equal(change(ledger, "E1", entry_text("又改", "unconditional", NULL)), ERR_STATUS);
    assert_int_equal(submit(ledger, "E1", entry_text("又来", "unconditional", NULL)),
                     ERR_DUPLICATE);
    ledger_close(&ledger);
}

static void without_live_grants_no_plan_is_needed(void **state)
{
    (void)state;
    char grant[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_grant(ledger, grant, NULL);
    ledger_must(ledger, BETA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", grant,
                ledger_version(ledger, "grant/%s", grant));
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_int_equal(assess(ledger, "E1", "'accept'"), 0);
    ledger_close(&ledger);
}

static void an_overdue_assessment_is_on_record(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00"); /* Monday: until the end of the 3rd */
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(change(ledger, "E1", entry_text("新名称", "unconditional", NULL)), 0);
    const char *version = ledger_version(ledger, "change/" ALPHA "/E1");
    ledger_at_ms(ledger, at("2026-03-04T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, "change/" ALPHA "/E1", "assessment-overdue"));
    assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "version"), version);
    assert_int_equal(assess(ledger, "E1", "'accept'"), 0);
    assert_true(doc_get_bool(ledger_get(ledger, "change/" ALPHA "/E1"), "late", false));
    ledger_close(&ledger);
}

/* ---- the supervisor (A5) ---- */

static void the_supervisor_designates(void **state)
{
    (void)state;
    char extra[120];
    struct ledger *ledger = with_duty();
    const char *body = "{'matter':'跨部门流动人口数据','member':'" ALPHA "','reason':'职责不明确'}";
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "catalog.designate", "%s", body),
                     ERR_PARTY);
    assert_int_equal(ledger_do(ledger, SUPERVISOR "/approve", "catalog.designate",
                               "{'matter':'数据','member':'" CENTER "','reason':'职责不明确'}"),
                     ERR_PARTY);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.designate", "%s", body);
    (void)snprintf(extra, sizeof extra, "'designation':'%s',", ledger->txid);
    AUTO(doc_free)
    struct doc *entry =
        fixture_parse("{'code':'E1','entry':%s}", entry_text("流动人口", "authorised", extra));
    doc_remove((struct doc *)(uintptr_t)doc_get(entry, "entry"), "duty");
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", entry), 0);
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, GAMMA "/compile", "catalog.submit", entry),
                     ERR_SUBJECT); /* designated was another */
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "entry.designation"));
    ledger_close(&ledger);
}

static void the_supervisor_has_the_last_word_on_sharing(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = with_duty();
    ledger_give_entry(ledger, "E1", "none");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_NOT_SHARED);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'unconditional',"
                "'reason':'履职需要','basis':'长府规〔2019〕1号第十四条'}",
                ledger_version(ledger, ENTRY("E1")));
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "ruling.sharing"), "unconditional");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.sharing"), "none");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_non_null(ledger_get(ledger, "grant/%s", id));
    /* An item that the provider restricted by itself stays so. */
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['证件号码']}"), ERR_NOT_SHARED);
    ledger_close(&ledger);
}

/* ---- lists of texts ---- */

static void text_sets(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *list = fixture_parse("['b','a','c','a','b','a']");
    AUTO(text_set_free) struct text_set set = {0};
    text_set_build(&set, list, NULL);
    assert_int_equal(text_set_find(&set, "a"), 1);
    assert_int_equal(text_set_find(&set, "b"), 0);
    assert_int_equal(text_set_find(&set, "d"), -1);
    assert_int_equal(text_set_next_duplicate(&set, -1), 3);
    assert_int_equal(text_set_next_duplicate(&set, 3), 4);
    assert_int_equal(text_set_next_duplicate(&set, 4), 5);
    assert_int_equal(text_set_next_duplicate(&set, 5), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_submitted_and_published),
        cmocka_unit_test(compiling_and_reviewing_are_apart),
        cmocka_unit_test(an_entry_is_returned_and_comes_back),
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(sharing_and_opening_are_apart),
        cmocka_unit_test(core_metadata_is_complete),
        cmocka_unit_test(no_credentials),
        cmocka_unit_test(codes_can_be_read_by_their_path),
        cmocka_unit_test(the_dictionary),
        cmocka_unit_test(exact_duplicates_are_refused),
        cmocka_unit_test(an_entry_is_bound_to_resources),
        cmocka_unit_test(an_entry_is_changed_after_assessment),
        cmocka_unit_test(live_grants_need_a_plan),
        cmocka_unit_test(without_live_grants_no_plan_is_needed),
        cmocka_unit_test(an_overdue_assessment_is_on_record),
        cmocka_unit_test(the_supervisor_designates),
        cmocka_unit_test(the_supervisor_has_the_last_word_on_sharing),
        cmocka_unit_test(text_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
