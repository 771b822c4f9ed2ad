/* More grants on one entry than a sweep adjusts at once; grants that were made or ended meanwhile.
 */
#include "rules_fixture.h"

#define ENTRY "entry/" ALPHA "/E1"
#define CHANGE "change/" ALPHA "/E1"
#define PLAN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static size_t with_status(struct ledger *ledger, const char *status)
{
    char key[300], after[300];
    size_t count = 0;
    for (bool more = state_next(ledger->state, key, "grant/", NULL); more;) {
        count += doc_text_is(state_get(ledger->state, key), "status", status);
        (void)snprintf(after, sizeof after, "%s", key);
        more = state_next(ledger->state, key, "grant/", after);
    }
    return count;
}

static struct ledger *with_grants(size_t count)
{
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "plan", "null"), 0); /* signed plans: rows_plans.c */
    ledger_give_entry(ledger, "E1", "unconditional");
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名','证件号码']}"), 0);
    }
    assert_int_equal(with_status(ledger, "active"), count);
    return ledger;
}

static void accept(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept',"
                "'plan':'" PLAN "','plan_date':'2026-03-02'}",
                ledger_version(ledger, CHANGE));
}

static void many_grants_end_block_by_block(void **state)
{
    (void)state;
    struct ledger *ledger = with_grants(205);
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}", ledger_version(ledger, ENTRY));
    accept(ledger);
    ledger_blocks(ledger, 2); /* in which all are told */
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 100);
    assert_string_equal(ledger_text(ledger, CHANGE, "status"), "adjusting");
    ledger_at(ledger, "2026-03-03T00:00:01+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 200);
    ledger_at(ledger, "2026-03-03T00:00:02+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 205);
    assert_string_equal(ledger_text(ledger, CHANGE, "status"), "adjusted");
    assert_int_equal(ledger_count(ledger, "live/"), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

/* How many grants the ledger told so, in all. */
static size_t told(struct ledger *ledger, const char *effect)
{
    size_t count = 0;
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        count += doc_text_is(doc_at(ledger->acts, i), "effect", effect);
    }
    return count;
}

static void retire_by(struct ledger *ledger, const char *plan_date)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'E1','acts_on':'%s','reason':'业务撤销'}", ledger_version(ledger, ENTRY));
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept',"
                "'plan':'" PLAN "','plan_date':'%s'}",
                ledger_version(ledger, CHANGE), plan_date);
}

/* PT 14: 会同…数据使用单位. Each is told, a hundred in a block, long before the plan's date. */
static void everybody_is_told_block_by_block(void **state)
{
    (void)state;
    struct ledger *ledger = with_grants(205);
    retire_by(ledger, "2026-03-31");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "grants")), 100);
    assert_true(doc_get_bool(ledger_get(ledger, CHANGE), "grants_more", false));
    assert_int_equal(told(ledger, "entry-retired"), 100);
    ledger_at(ledger, "2026-03-02T10:00:01+08:00");
    assert_int_equal(told(ledger, "entry-retired"), 200);
    ledger_at(ledger, "2026-03-02T10:00:02+08:00");
    assert_int_equal(told(ledger, "entry-retired"), 205);
    ledger_at(ledger, "2026-03-02T10:00:03+08:00");
    assert_int_equal(told(ledger, "entry-retired"), 205);
    assert_int_equal(ledger_due(ledger, "adjustment-notice"), 0);
    assert_int_equal(with_status(ledger, "active"), 205);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 100);
    ledger_close(&ledger);
}

/* Accepted so late that the plan's date ends before all are told: nobody loses a service untold. */
static void nobody_is_cut_off_untold(void **state)
{
    (void)state;
    struct ledger *ledger = with_grants(150);
    ledger_at(ledger, "2026-03-02T23:59:59.999+08:00");
    retire_by(ledger, "2026-03-02");
    assert_int_equal(told(ledger, "entry-retired"), 100);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(told(ledger, "entry-retired"), 150);
    assert_int_equal(with_status(ledger, "active"), 150);
    ledger_at(ledger, "2026-03-03T00:00:01+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 100);
    ledger_at(ledger, "2026-03-03T00:00:02+08:00");
    assert_int_equal(with_status(ledger, "terminated"), 150);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

/* Narrowed ones stay live: the next block goes on behind the last. */
static void many_grants_are_narrowed_once(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = with_grants(101);
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'code':'E1','acts_on':'%s','reason':'减少信息项','entry':%s}",
        ledger_version(ledger, ENTRY), entry_text("社会组织信息", "unconditional", NULL));
    AUTO(doc_free)
    struct doc *list = fixture_parse("{'items':[{'name':'姓名','type':'C','length':20}]}");
    doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items",
            doc_ref(doc_get(list, "items")));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    accept(ledger);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0); /* made of the changed entry */
    ledger_blocks(ledger, 1);                                /* in which the last is told */
    size_t before = doc_count(ledger->acts);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    ledger_at(ledger, "2026-03-03T00:00:01+08:00");
    assert_string_equal(ledger_text(ledger, CHANGE, "status"), "adjusted");
    assert_int_equal(doc_count(ledger->acts), before + 101 + 1);
    assert_int_equal(with_status(ledger, "active"), 102);
    assert_int_equal(ledger_count(ledger, "live/"), 102);
    ledger_close(&ledger);
}

/* Of more grants than can be looked at when it is assessed, one is taken to be affected; those that
 * are not hear nothing, and lose nothing. */
static void too_many_to_look_at(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "plan", "null"), 0); /* signed plans: rows_plans.c */
    ledger_give_entry(ledger, "E1", "unconditional");
    for (size_t i = 0; i < 101; i++) {
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0); /* 姓名, which stays */
    }
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'code':'E1','acts_on':'%s','reason':'减少信息项','entry':%s}",
        ledger_version(ledger, ENTRY), entry_text("社会组织信息", "unconditional", NULL));
    AUTO(doc_free)
    struct doc *list = fixture_parse("[{'name':'姓名','field':'XM','type':'C','length':20}]");
    doc_set((struct doc *)(uintptr_t)doc_get(body, "entry"), "items", doc_ref(list));
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "grants")), 0);
    assert_true(doc_get_bool(ledger_get(ledger, CHANGE), "grants_more", false));
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s',"
                               "'decision':'accept'}",
                               ledger_version(ledger, CHANGE)),
                     ERR_PLAN);
    accept(ledger);
    ledger_blocks(ledger, 2);
    assert_int_equal(told(ledger, "entry-changed"), 0);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    ledger_blocks(ledger, 1);
    assert_string_equal(ledger_text(ledger, CHANGE, "status"), "adjusted");
    assert_int_equal(with_status(ledger, "active"), 101);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_grants_end_block_by_block),
        cmocka_unit_test(everybody_is_told_block_by_block),
        cmocka_unit_test(nobody_is_cut_off_untold),
        cmocka_unit_test(many_grants_are_narrowed_once),
        cmocka_unit_test(too_many_to_look_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
