/* What a request gets is what its entry shares when it is decided, not when it was asked for: the
 * supervisor's ruling, changes and deletions in between; and what becomes of grants. */
#include "rules_fixture.h"

#define PLAN "00000000000000000000000000000000000000000000000000000000000000aa"
#define ENTRY_E1 "entry/" ALPHA "/E1"

static char id[2 * HASH_BYTES + 1];

/* E1, and BETA's request for it, pending from Monday 2 March: the term ends with Monday 9. */
static struct ledger *pending(const char *profile, const char *extra)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    return ledger;
}

static const char *text_of(struct ledger *ledger, const char *kind, const char *path)
{
    char key[100];
    (void)snprintf(key, sizeof key, "%s/%s", kind, id);
    return ledger_text(ledger, key, path);
}

static void rule_on_sharing(struct ledger *ledger, const char *sharing)
{
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.attribute",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','sharing':'%s',"
                "'reason':'安全评估','basis':'长府规〔2019〕1号第十四条'}",
                ledger_version(ledger, ENTRY_E1), sharing);
}

/* ALPHA's own application. */
static void apply_for(struct ledger *ledger, const char *type, const char *entry)
{
    ledger_must(ledger, ALPHA "/compile", type,
                "{'code':'E1','acts_on':'%s',%s%s'reason':'业务调整','plan':"
                "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                ledger_version(ledger, ENTRY_E1), entry, entry[0] == 0 ? "" : ",");
}

/* And the center's assessment. */
static void take_effect(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
}

/* As pending(), of an entry whose change is applied for already: PT 14 has nothing decided first.
 */
static struct ledger *pending_under(const char *type, const char *entry, const char *extra)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T09:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    apply_for(ledger, type, entry);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    return ledger;
}

static int approve(struct ledger *ledger, const char *rest)
{
    return ledger_do(ledger, ALPHA "/approve", "request.answer",
                     "{'request':'%s','acts_on':'%s','decision':'approve'%s}", id,
                     ledger_version(ledger, "request/%s", id), rest);
}

static int step(struct ledger *ledger, const char *type, const char *rest)
{
    return ledger_do(ledger, CENTER "/review", type, "{'request':'%s','acts_on':'%s',%s}", id,
                     ledger_version(ledger, "request/%s", id), rest);
}

static int open_access(struct ledger *ledger)
{
    return ledger_do(ledger, BETA "/gateway", "access.open",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统',"
                     "'operator':'gateway','purpose':'一网通办：社会组织登记核验',"
                     "'method':'service','parameters':"
                     "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                     id, ledger_version(ledger, "grant/%s", id));
}

/* ---- approval ---- */

static void no_approval_against_a_ruling(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", NULL);
    rule_on_sharing(ledger, "none");
    assert_int_equal(approve(ledger, ""), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "items[0]"));
    assert_string_equal(text_of(ledger, "request", "status"), "pending");
    /* The provider may refuse; and once the ruling is another one, approve. */
    rule_on_sharing(ledger, "authorised");
    assert_int_equal(approve(ledger, ""), 0);
    assert_string_equal(text_of(ledger, "grant", "status"), "active");
    ledger_close(&ledger);
}

static void no_approval_of_what_is_gone(void **state)
{
    (void)state;
    struct ledger *ledger = pending_under("catalog.retire", "", NULL);
    take_effect(ledger);
    assert_int_equal(approve(ledger, ""), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry"));
    ledger_close(&ledger);
}

/* clang-format off */
#define ONE_ITEM \
    "'entry':{'category':'部门数据资产目录-省级地方-对象数据','name':'E1','summary':'改版'," \
    "'format':'database','sharing':'authorised','sharing_reason':'涉及个人信息'," \
    "'sharing_basis':'个人信息保护法第十三条','opening':'closed','update':'daily'," \
    "'published_on':'2026-01-05','source':{'system':'民政业务系统'},'grade':2," \
    "'coverage':'广东省','manager':'社会组织管理处','duty':'D1'," \
    "'items':[{'name':'姓名','type':'L'},{'name':'学历','type':'L','sharing':'none'}]}"
/* clang-format on */

/* The agency itself dropped 证件号码 and closed 学历: an approval can be narrowed to the rest. */
static void an_approval_may_leave_out_what_is_gone(void **state)
{
    (void)state;
    struct ledger *ledger =
        pending_under("catalog.change", ONE_ITEM, "{'items':['姓名','证件号码']}");
    take_effect(ledger);
    assert_int_equal(approve(ledger, ""), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "items[1]"));
    assert_int_equal(approve(ledger, ",'items':['姓名']"), 0);
    ledger_close(&ledger);
}

/* A filter tells of the item it looks at. */
static void rows_are_bound_like_items(void **state)
{
    (void)state;
    struct ledger *ledger = pending_under(
        "catalog.change", ONE_ITEM, "{'rows':[{'item':'证件号码','is':'prefix','value':'44'}]}");
    take_effect(ledger);
    assert_int_equal(approve(ledger, ""), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "rows[0]"));
    ledger_close(&ledger);
}

/* An item's own attribute may be stricter than the ruling, not laxer. */
static void a_ruling_binds_items_of_their_own_attribute(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "{'items':['证件号码']}");
    rule_on_sharing(ledger, "none");
    assert_int_equal(approve(ledger, ""), ERR_NOT_SHARED);
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['证件号码']}"), ERR_NOT_SHARED);
    ledger_close(&ledger);
}

/* ---- silence ---- */

static void silence_grants_nothing_against_a_ruling(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = pending("putuo", NULL);
    (void)snprintf(subject, sizeof subject, "request/%s", id);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    rule_on_sharing(ledger, "none"); /* in the last block before the end */
    assert_string_equal(text_of(ledger, "request", "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text_of(ledger, "request", "status"), "refused");
    assert_true(ledger_act_is(ledger, 0, subject, "barred"));
    assert_string_equal(ledger_text(ledger, subject, "version"),
                        text_of(ledger, "answer", "version"));
    assert_string_equal(text_of(ledger, "answer", "decision"), "refuse");
    assert_string_equal(text_of(ledger, "answer", "barred.code"), "not-shared");
    assert_string_equal(text_of(ledger, "answer", "barred.clause"), "CN 14");
    assert_string_equal(text_of(ledger, "answer", "barred.field"), "items[0]");
    assert_null(ledger_get(ledger, "grant/%s", id));
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

static void silence_grants_nothing_of_a_deleted_entry(void **state)
{
    (void)state;
    struct ledger *ledger = pending_under("catalog.retire", "", NULL);
    take_effect(ledger);
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text_of(ledger, "request", "status"), "refused");
    assert_string_equal(text_of(ledger, "answer", "barred.clause"), "PT 14");
    assert_null(ledger_get(ledger, "grant/%s", id));
    ledger_close(&ledger);
}

/* A ruling that still shares changes nothing. */
static void silence_approves_what_is_shared(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", NULL);
    rule_on_sharing(ledger, "none");
    rule_on_sharing(ledger, "authorised");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text_of(ledger, "request", "status"), "granted");
    ledger_close(&ledger);
}

/* ---- the center's steps ---- */

static void no_step_forward_against_a_ruling(void **state)
{
    (void)state;
    struct ledger *ledger = pending("shanghai-open", NULL);
    assert_string_equal(text_of(ledger, "request", "status"), "intake");
    rule_on_sharing(ledger, "none");
    assert_int_equal(step(ledger, "request.intake", "'decision':'accept'"), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "request.items[0]"));
    assert_int_equal(
        step(ledger, "request.intake", "'decision':'refuse','reasons':[{'reason':'不再共享'}]"), 0);
    ledger_close(&ledger);
    ledger = pending("putuo", "{'scenario':{'case':2,'description':'重点工作'}}");
    assert_string_equal(text_of(ledger, "request", "status"), "assessing");
    rule_on_sharing(ledger, "none");
    assert_int_equal(step(ledger, "request.assess", "'opinion':'可行','scenario':'accept'"),
                     ERR_NOT_SHARED);
    assert_null(ledger_get(ledger, "grant/%s", id));
    ledger_close(&ledger);
}

/* ---- grants ---- */

/* CN 14: the last word; no more data while it stands, and again after another ruling. */
static void a_ruling_stops_what_was_granted(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", NULL);
    assert_int_equal(approve(ledger, ""), 0);
    assert_int_equal(open_access(ledger), 0);
    rule_on_sharing(ledger, "none");
    assert_int_equal(open_access(ledger), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "grant.entry"));
    assert_string_equal(text_of(ledger, "grant", "status"), "active");
    rule_on_sharing(ledger, "authorised");
    assert_int_equal(open_access(ledger), 0);
    ledger_close(&ledger);
}

/* PT 14: 就历史数据处理、共享应用服务衔接等形成目录调整方案: the agency's own change leaves what
 * was granted to the plan. */
static void a_change_with_a_plan_leaves_grants(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", NULL);
    assert_int_equal(approve(ledger, ""), 0);
    apply_for(ledger, "catalog.retire", "");
    ledger_must(ledger, CENTER "/review", "plan.propose",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'" PLAN
                "','plan_date':'2026-03-31','history':'继续保留一年','continuity':'改用市级目录'}",
                ledger_version(ledger, "change/" ALPHA "/E1"));
    const char *const signers[] = {ALPHA "/approve", BETA "/approve"};
    for (size_t i = 0; i < COUNT_OF(signers); i++) {
        ledger_must(ledger, signers[i], "plan.sign",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'" PLAN
                    "','decision':'agree'}",
                    ledger_version(ledger, "change/" ALPHA "/E1"));
    }
    take_effect(ledger);
    assert_int_equal(open_access(ledger), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_approval_against_a_ruling),
        cmocka_unit_test(no_approval_of_what_is_gone),
        cmocka_unit_test(an_approval_may_leave_out_what_is_gone),
        cmocka_unit_test(rows_are_bound_like_items),
        cmocka_unit_test(a_ruling_binds_items_of_their_own_attribute),
        cmocka_unit_test(silence_grants_nothing_against_a_ruling),
        cmocka_unit_test(silence_grants_nothing_of_a_deleted_entry),
        cmocka_unit_test(silence_approves_what_is_shared),
        cmocka_unit_test(no_step_forward_against_a_ruling),
        cmocka_unit_test(a_ruling_stops_what_was_granted),
        cmocka_unit_test(a_change_with_a_plan_leaves_grants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
