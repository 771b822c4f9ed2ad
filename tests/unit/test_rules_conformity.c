/* What an entry has to say: complete, conforming to the standard, not twice (PT 13, CN 附件3). */
#include "rules_fixture.h"

#include "chain/rules/catalog.h"
#include "chain/rules/text_set.h"

#include "entries.h"

static void all_faults_are_told_at_once(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_not_equal(
        ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                  "{'code':'E1','entry':{'category':'部门','name':'社会组织信息',"
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
    struct ledger *ledger = with_duty("putuo");
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
        review(ledger, code, "'accept'");
        ledger_collect(ledger, code);
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
    struct ledger *ledger = with_duty("putuo");
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
    struct ledger *ledger = with_duty("putuo");
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
    struct ledger *ledger = with_duty("putuo");
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
    struct ledger *ledger = with_duty("putuo");
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
        cmocka_unit_test(all_faults_are_told_at_once),
        cmocka_unit_test(sharing_and_opening_are_apart),
        cmocka_unit_test(core_metadata_is_complete),
        cmocka_unit_test(no_credentials),
        cmocka_unit_test(codes_can_be_read_by_their_path),
        cmocka_unit_test(the_dictionary),
        cmocka_unit_test(exact_duplicates_are_refused),
        cmocka_unit_test(text_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
