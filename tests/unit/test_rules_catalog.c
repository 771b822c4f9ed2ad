/* Catalog entries: reviewed, returned, resubmitted; bound; changed and retired with a plan;
 * designated and ruled on by the supervisor. */
#include "rules_fixture.h"

#include "entries.h"

#define RETURN_REASONS                                                                             \
    "'return','reasons':[{'field':'summary','reason':'摘要过于简单'},{'reason':'缺少代码表'}]"

/* ---- submission and review ---- */

static void an_entry_is_submitted_and_published(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    /* What the throughput of the chain rests on: few records touched. */
    assert_in_range(ledger->reads, 1, 6);
    assert_int_equal(ledger->writes, 4);
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "submitted");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "compiled_by"), "compile");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "entry.name"), "社会组织信息");
    assert_int_equal(submit(ledger, "E1", entry_text("另一个", "authorised", NULL)), ERR_DUPLICATE);
    review(ledger, "E1", "'accept'");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "status"), "published");
    assert_string_equal(ledger_text(ledger, ENTRY("E1"), "review.by"), "review");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, ENTRY("E1")), "terms")), 0);
    assert_int_equal(try_review(ledger, "E1", "'accept'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* A2: who compiles does not review, and only the center reviews. */
static void compiling_and_reviewing_are_apart(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
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
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    assert_int_equal(try_review(ledger, "E1", "'return'"), ERR_GROUNDS);
    review(ledger, "E1", RETURN_REASONS);
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

/* ---- binding ---- */

static void an_entry_is_bound_to_resources(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    assert_int_equal(submit(ledger, "E1", entry_text("社会组织信息", "authorised", NULL)), 0);
    const char *file = "{'method':'file','resource':'alberi.csv','bytes':3145728}";
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.bind",
                               "{'code':'E1','acts_on':'%s','bindings':[%s]}",
                               ledger_version(ledger, ENTRY("E1")), file),
                     ERR_STATUS);
    review(ledger, "E1", "'accept'");
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
    assert_int_equal(ledger_policy(ledger, "plan", "null"), 0); /* signed plans: rows_plans.c */
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
    assert_true(ledger_act_is(ledger, 0, "change/" ALPHA "/E1", "assess-overdue"));
    assert_string_equal(ledger_text(ledger, "change/" ALPHA "/E1", "version"), version);
    assert_true(doc_get_bool(doc_get(doc_get(ledger_get(ledger, "change/" ALPHA "/E1"), "terms"),
                                     "assess"), "over", false));
    assert_null(doc_get(ledger_get(ledger, "change/" ALPHA "/E1"), "late"));
    assert_int_equal(assess(ledger, "E1", "'accept'"), 0);
    assert_int_equal(ledger_due(ledger, "assess"), 0);
    assert_true(doc_get_bool(ledger_get(ledger, "change/" ALPHA "/E1"), "late", false));
    ledger_close(&ledger);
}

/* ---- the supervisor (A5) ---- */

static void the_supervisor_designates(void **state)
{
    (void)state;
    char extra[120];
    struct ledger *ledger = with_duty("putuo");
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
    struct ledger *ledger = with_duty("putuo");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_is_submitted_and_published),
        cmocka_unit_test(compiling_and_reviewing_are_apart),
        cmocka_unit_test(an_entry_is_returned_and_comes_back),
        cmocka_unit_test(an_entry_is_bound_to_resources),
        cmocka_unit_test(an_entry_is_changed_after_assessment),
        cmocka_unit_test(live_grants_need_a_plan),
        cmocka_unit_test(without_live_grants_no_plan_is_needed),
        cmocka_unit_test(an_overdue_assessment_is_on_record),
        cmocka_unit_test(the_supervisor_designates),
        cmocka_unit_test(the_supervisor_has_the_last_word_on_sharing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
