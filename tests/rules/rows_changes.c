/* Changes and deletions of entries, by the clause: PT 14. 2026: 2 March is a Monday. */
#include "rows_catalog.h"

#include "entry_acts.h"

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
static void C5_return_has_no_plan(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    apply_to_retire(ledger, ALPHA);
    ledger->faults = (struct faults){0};
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':"
                               "'return','reasons':[{'reason':'说明不足'}],'plan':"
                               "'00000000000000000000000000000000000000000000000000000000000000aa',"
                               "'plan_date':'2026-03-31'}",
                               ledger_version(ledger, CHANGE)),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "plan"));
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "plan_date"));
    ledger_close(&ledger);
}

static void C5_assess(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = ledger_open(profiles[i]);
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "unconditional");
        assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.change",
                                   "{'code':'E1','acts_on':'%s','reason':'系统升级','entry':%s}",
                                   ledger_version(ledger, ENTRY("E1")),
                                   entry_text("E1", "unconditional", NULL)),
                         ERR_DUPLICATE); /* nothing changes */
        ledger_must(ledger, ALPHA "/compile", "catalog.change",
                    "{'code':'E1','acts_on':'%s','reason':'系统升级','entry':%s}",
                    ledger_version(ledger, ENTRY("E1")),
                    entry_text("新名称", "unconditional", NULL));
        ledger_at_ms(ledger, at("2026-03-04T00:00:00+08:00") - 1);
        assert_string_equal(ledger_text(ledger, CHANGE, "status"), "applied");
        assert_false(ledger_act_is(ledger, 0, CHANGE, "assess-overdue"));
        ledger_at(ledger, "2026-03-04T00:00:00+08:00");
        expect_overdue(ledger, profiles[i], CHANGE, "assess-overdue");
        assert_int_equal(assess(ledger, "'return'"), ERR_GROUNDS);
        assert_int_equal(assess(ledger, "'accept','reasons':[{'reason':'情况属实'}]"),
                         ERR_FIELD_UNKNOWN);
        assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
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
    apply_to_retire(ledger, ALPHA);
    assert_true(doc_has_text(doc_get(ledger_get(ledger, CHANGE), "grants"), grant));
    assert_int_equal(assess(ledger, "'accept'"), ERR_PLAN);
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "','plan_date':'2026-03-01'"),
                     ERR_FIELD_RANGE);
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

static size_t retirements_told(struct ledger *ledger)
{
    size_t told = 0;
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        told += doc_text_is(doc_at(ledger->acts, i), "effect", "entry-retired");
    }
    return told;
}

/* PT 14: 会同…数据使用单位…就…共享应用服务衔接: whoever uses the data, the two hundred and first
 * too, is told before the plan's date, a hundred in each block, and nobody's service ends untold.
 */
static void C5_told(void **state)
{
    (void)state;
    char first[2 * HASH_BYTES + 1];
    static const size_t told[] = {100, 200, 201, 201};
    struct ledger *ledger = with_grant("['姓名']");
    for (size_t i = 0; i < 200; i++) {
        assert_int_equal(ledger_ask(ledger, first, "E1", NULL), 0);
    }
    assert_int_equal(ledger_count(ledger, "live/"), 201);
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(assess(ledger, "'accept','plan':'" PLAN "','plan_date':'2026-03-31'"), 0);
    for (size_t i = 0; i < COUNT_OF(told); i++) {
        assert_int_equal(retirements_told(ledger), told[i]);
        ledger_at_ms(ledger, ledger->time_ms + 1);
    }
    assert_int_equal(ledger_count(ledger, "live/"), 201);
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
    apply_to_retire(ledger, ALPHA);
    static const char accept[] =
        "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}";
    assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", accept,
                               ledger_version(ledger, "change/" ALPHA "/E1")),
                     ERR_UNDECIDED);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':{'legal_basis':"
                "[{'law':'个人信息保护法','article':'第二十八条'}]}}",
                id, ledger_version(ledger, "request/%s", id));
    /* PT 24, in the days of an answer after the 5th: 6, 7, 8, 9, 12 January. */
    for (int over = 0; over < 2; over++) {
        ledger_at_ms(ledger, at("2026-01-13T00:00:00+08:00") - !over);
        assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", accept,
                                   ledger_version(ledger, "change/" ALPHA "/E1")),
                         over ? 0 : ERR_UNDECIDED);
    }
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
