/* CN 14: 领导小组具有公共数据共享属性最终认定权: what was ruled binds every item, is changed by
 * another ruling alone, and follows the data. */
#include "rules_fixture.h"

#include "entries.h"

static int rule_on(struct ledger *ledger, const char *code, const char *rest)
{
    return ledger_do(ledger, SUPERVISOR "/approve", "catalog.attribute",
                     "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','reason':'履职需要',"
                     "'basis':'长府规〔2019〕1号第十四条',%s}",
                     code, ledger_version(ledger, "entry/" ALPHA "/%s", code), rest);
}

static int change(struct ledger *ledger, const char *code, const char *entry)
{
    return ledger_do(ledger, ALPHA "/compile", "catalog.change",
                     "{'code':'%s','acts_on':'%s','reason':'业务调整','entry':%s}", code,
                     ledger_version(ledger, "entry/" ALPHA "/%s", code), entry);
}

static void accept_change(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "change/" ALPHA "/%s", code));
}

static void retire(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                "{'code':'%s','acts_on':'%s','reason':'业务撤销'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
    accept_change(ledger, code);
}

#define ALL_OPEN "'sharing':'unconditional','items':[{'name':'证件号码','sharing':'unconditional'}]"

/* E1 (姓名; 证件号码, authorised by itself), ruled to be shared unconditionally, both items. */
static struct ledger *ruled(void)
{
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(rule_on(ledger, "E1", ALL_OPEN), 0);
    return ledger;
}

static void an_agency_does_not_change_what_was_ruled(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ruled();
    assert_int_equal(change(ledger, "E1", entry_text("E1 改", "none", NULL)), ERR_SHARING_RULED);
    assert_true(ledger_fault(ledger, ERR_SHARING_RULED, "entry.sharing"));
    assert_true(ledger_fault(ledger, ERR_SHARING_RULED, "entry.items[1].sharing"));
    assert_int_equal(ledger->faults.count, 2);
    /* Nor one item of it, nor a new one. */
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'E1','reason':'业务调整','entry':%s}",
                                     entry_text("E1 改", "unconditional", NULL));
    doc_set_text(body, "acts_on", ledger_version(ledger, ENTRY("E1")));
    struct doc *entry = (struct doc *)(uintptr_t)doc_get(body, "entry");
    struct doc *item = (struct doc *)(uintptr_t)doc_at(doc_get(entry, "items"), 0);
    doc_set_text(entry, "sharing_reason", "涉及个人信息");
    doc_set_text(entry, "sharing_basis", "个人信息保护法第十三条");
    doc_set_text(item, "name", "姓氏");
    doc_set_text(item, "sharing", "none");
    doc_remove(item, "field");
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.change", body),
                     ERR_SHARING_RULED);
    assert_true(ledger_fault(ledger, ERR_SHARING_RULED, "entry.items[0].sharing"));
    assert_int_equal(ledger->faults.count, 1);
    /* Anything else may change. */
    assert_int_equal(change(ledger, "E1", entry_text("E1 改", "unconditional", NULL)), 0);
    accept_change(ledger, "E1");
    ledger_collect(ledger, "E1"); /* CN 17: 汇聚后 */
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名','证件号码']}"), 0);
    assert_non_null(ledger_get(ledger, "grant/%s", id));
    ledger_close(&ledger);
}

/* Applied for before the ruling, to be accepted after it. */
static void a_change_yields_to_a_later_ruling(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(change(ledger, "E1", entry_text("E1", "none", NULL)), 0);
    assert_int_equal(rule_on(ledger, "E1", "'sharing':'unconditional'"), 0);
    /* The application was about another version of the entry: it is made anew. */
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess",
                               "{'provider':'" ALPHA
                               "','code':'E1','acts_on':'%s','decision':'accept'}",
                               ledger_version(ledger, "change/" ALPHA "/E1")),
                     ERR_VERSION_STALE);
    ledger_close(&ledger);
}

/* The same data under another code. */
static void a_ruling_follows_the_data(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ruled();
    retire(ledger, "E1");
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    assert_true(ledger_fault(ledger, ERR_SHARING_RULED, "entry.sharing"));
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "unconditional", NULL)), 0);
    review(ledger, "E9", "'accept'");
    assert_string_equal(ledger_text(ledger, ENTRY("E9"), "ruling.sharing"), "unconditional");
    assert_string_equal(ledger_text(ledger, ENTRY("E9"), "ruling.version"),
                        ledger_text(ledger, ENTRY("E1"), "ruling.version"));
    assert_int_equal(change(ledger, "E9", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    /* What is ruled of E9 now is what a third code comes under. */
    assert_int_equal(rule_on(ledger, "E9", "'sharing':'authorised'"), 0);
    retire(ledger, "E9");
    assert_int_equal(submit(ledger, "E10", entry_text("E1", "unconditional", NULL)),
                     ERR_SHARING_RULED);
    assert_int_equal(submit(ledger, "E10", entry_text("E1", "authorised", NULL)), 0);
    assert_int_equal(ledger_ask(ledger, id, "E9", NULL), ERR_STATUS);
    ledger_close(&ledger);
}

/* Made to look different, and brought back as it was. */
static void a_ruling_follows_what_was_changed(void **state)
{
    (void)state;
    struct ledger *ledger = ruled();
    assert_int_equal(change(ledger, "E1", entry_text("E1 改", "unconditional", NULL)), 0);
    accept_change(ledger, "E1");
    assert_int_equal(submit(ledger, "E9", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    retire(ledger, "E1");
    assert_int_equal(submit(ledger, "E9", entry_text("E1 改", "none", NULL)), ERR_SHARING_RULED);
    /* Other data of the agency, changed into that. */
    ledger_give_entry(ledger, "E2", "none");
    assert_int_equal(change(ledger, "E2", entry_text("E1", "none", NULL)), ERR_SHARING_RULED);
    assert_int_equal(change(ledger, "E2", entry_text("E1", "unconditional", NULL)), 0);
    accept_change(ledger, "E2");
    assert_string_equal(ledger_text(ledger, ENTRY("E2"), "ruling.sharing"), "unconditional");
    ledger_close(&ledger);
}

/* An item that is not named keeps what it was, if that is stricter. */
static void a_ruling_names_items(void **state)
{
    (void)state;
    char id[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(rule_on(ledger, "E1",
                             "'sharing':'authorised','items':[{'name':'姓名','sharing':"
                             "'unconditional'},{'name':'住址','sharing':'none'},"
                             "{'name':'姓名','sharing':'none'}]"),
                     ERR_FIELD_CHOICE);
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "items[0].sharing"));
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "items[1].name"));
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "items[2].name"));
    assert_int_equal(rule_on(ledger, "E1", "'sharing':'unconditional'"), 0);
    const struct doc *items = doc_get(doc_get(ledger_get(ledger, ENTRY("E1")), "ruling"), "items");
    assert_int_equal(doc_count(items), 1);
    assert_string_equal(doc_get_text(doc_at(items, 0), "name"), "证件号码");
    assert_string_equal(doc_get_text(doc_at(items, 0), "sharing"), "authorised");
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['姓名']}"), 0);
    assert_non_null(ledger_get(ledger, "grant/%s", id));
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'items':['证件号码']}"), 0);
    assert_null(ledger_get(ledger, "grant/%s", id)); /* the agency answers */
    ledger_close(&ledger);
}

static int open_access(struct ledger *ledger, const char *id)
{
    return ledger_do(ledger, BETA "/gateway", "access.open",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统',"
                     "'operator':'gateway','purpose':'一网通办：社会组织登记核验',"
                     "'method':'service','parameters':"
                     "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                     id, ledger_version(ledger, "grant/%s", id));
}

/* What an item's ruling takes back flows no more; a grant without it goes on. */
static void an_item_ruled_out_is_not_used(void **state)
{
    (void)state;
    char both[2 * HASH_BYTES + 1], one[2 * HASH_BYTES + 1], rows[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(ledger_ask(ledger, both, "E1", "{'items':['姓名','证件号码']}"), 0);
    assert_int_equal(ledger_ask(ledger, one, "E1", "{'items':['姓名']}"), 0);
    assert_int_equal(ledger_ask(ledger, rows, "E1",
                                "{'items':['姓名'],'rows':[{'item':'证件号码','is':'prefix',"
                                "'value':'44'}]}"),
                     0);
    assert_int_equal(open_access(ledger, both), 0);
    assert_int_equal(rule_on(ledger, "E1",
                             "'sharing':'unconditional','items':[{'name':'证件号码',"
                             "'sharing':'none'}]"),
                     0);
    assert_int_equal(open_access(ledger, both), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "grant.items[1]"));
    assert_int_equal(open_access(ledger, rows), ERR_NOT_SHARED);
    assert_true(ledger_fault(ledger, ERR_NOT_SHARED, "grant.rows[0]"));
    assert_int_equal(open_access(ledger, one), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agency_does_not_change_what_was_ruled),
        cmocka_unit_test(a_change_yields_to_a_later_ruling),
        cmocka_unit_test(a_ruling_follows_the_data),
        cmocka_unit_test(a_ruling_follows_what_was_changed),
        cmocka_unit_test(a_ruling_names_items),
        cmocka_unit_test(an_item_ruled_out_is_not_used),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
