/* The open list, by the clause: OPEN 9 to 11, 14, 15, 18. */
#include "open_list.h"

static void C8_list(void **state)
{
    (void)state;
    static const struct {
        const char *listing;
        int error;
        const char *field;
    } cases[] = {
        {LIST_OF("unconditional", "'姓名','住址'", "daily"), ERR_SUBJECT, "listing.items[1]"},
        {LIST_OF("unconditional", "'姓名','姓名'", "daily"), ERR_DUPLICATE, "listing.items[1]"},
        {LIST_OF("conditional", "'姓名'", "daily") "," EXPLANATION_PAPER, ERR_FIELD_MISSING,
         "listing.conditions"},
        {LIST_OF("conditional", "'姓名'",
                 "daily") ",'conditions':[{'kind':'credit','text':'未被列入失信名单'}]",
         ERR_FIELD_MISSING, "listing.materials"},
        {OPEN_TO_ALL "," EXPLANATION_PAPER, ERR_FIELD_UNKNOWN, "listing.materials"},
        {LIST_OF("unconditional", "'姓名'", "static"), ERR_FIELD_CHOICE, "listing.update"},
        {LIST_OF("unconditional", "'姓名'", "weekly"), ERR_FIELD_CHOICE, "listing.update"},
        {LIST_OF("unconditional", "'姓名'", "realtime"), ERR_FIELD_CHOICE, "listing.update"},
        {"'type':'unconditional','items':['姓名'],'update':'daily'", ERR_FIELD_MISSING,
         "listing.theme"},
        {"'theme':'\u3000','type':'unconditional','items':['姓名'],'update':'daily'",
         ERR_FIELD_BLANK, "listing.theme"},
        {LIST_OF("conditional", "'姓名'",
                 "daily") ",'conditions':[{'kind':'credit','text':'守信'}],'materials':["
                          "{'kind':'other','text':'信用报告'},{'kind':'other','text':'信用报告'}]",
         ERR_DUPLICATE, "listing.materials[1]"},
        {CONDITIONAL, 0, NULL},
    };
    struct ledger *ledger = with_entry("unconditional");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(list(ledger, cases[i].listing), cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "applied");
    assert_int_equal(list(ledger, OPEN_TO_ALL), ERR_DUPLICATE);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "listed");
    assert_string_equal(ledger_text(ledger, LISTING, "listing.type"), "conditional");
    assert_int_equal(judge(ledger, "'accept'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* OPEN 9: 具有准确、方便用户理解的数据字段及配套说明，不得使用无说明的缩写. */
static void C8_described(void **state)
{
    (void)state;
#define OF_BOTH LIST_OF("unconditional", "'姓名','证件号码'", "daily")
    static const struct {
        const char *listing;
        int error;
        const char *field;
    } cases[] = {
        {OF_BOTH, ERR_FIELD_MISSING, "listing.items[1].description"},
        {OF_BOTH ",'notes':[{'item':'姓名','text':'负责人'}]", ERR_FIELD_MISSING,
         "listing.items[1].description"},
        {OF_BOTH ",'notes':[{'item':'证件号码','text':'\u3000'}]", ERR_FIELD_BLANK,
         "listing.notes[0].text"},
        {OF_BOTH ",'notes':[{'item':'证件号码','text':'身份证'},{'item':'住址','text':'住所'}]",
         ERR_SUBJECT, "listing.notes[1].item"},
        {OF_BOTH ",'notes':[{'item':'证件号码','text':'身份证'},{'item':'证件号码','text':'护照'}]",
         ERR_DUPLICATE, "listing.notes[1].item"},
        {OF_BOTH ",'notes':[{'item':'证件号码','text':'负责人的居民身份证号码'}]", 0, NULL},
    };
    struct ledger *ledger = with_bare_item("unconditional", 1);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(list(ledger, cases[i].listing), cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, cases[i].error, cases[i].field));
        assert_true(cases[i].error == 0 || ledger->faults.count == 1);
    }
    assert_int_equal(judge(ledger, "'accept'"), 0);
    /* The list says what 证件号码 is; nothing would say what 姓名 is. */
    assert_int_equal(change(ledger, "'姓名','证件号码'", "daily", 0), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry.items[0].description"));
    assert_int_equal(change(ledger, "'姓名','证件号码'", "daily", 1), 0);
    ledger_close(&ledger);
    /* What is not listed needs none. */
    ledger = with_bare_item("unconditional", 1);
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    ledger_close(&ledger);
}

static void C8_type(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *listing;
        int error;
    } cases[] = {
        {"closed", CONDITIONAL, ERR_OPENNESS},
        {"conditional", OPEN_TO_ALL, ERR_OPENNESS},
        {"conditional", CONDITIONAL, 0},
        {"unconditional", CONDITIONAL, 0},
        {"closed", CONDITIONAL ",'processing':'masked'", 0},
        {"closed", OPEN_TO_ALL ",'processing':'consent'", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry(cases[i].opening);
        assert_int_equal(list(ledger, cases[i].listing), cases[i].error);
        assert_true(cases[i].error == 0 || ledger_fault(ledger, ERR_OPENNESS, "listing.type"));
        ledger_close(&ledger);
    }
}

static void C8_narrowing(void **state)
{
    (void)state;
    struct ledger *ledger = listed();
    assert_int_equal(adjust(ledger, "'listing':{" CONDITIONAL "}"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "explanation"));
    assert_int_equal(adjust(ledger, "'withdraw':true,'explanation':'涉及商业秘密'"),
                     ERR_FIELD_MISSING);
    assert_int_equal(adjust(ledger, "'withdraw':true,'listing':{" OPEN_TO_ALL "}" EXPLAINED),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(adjust(ledger, "'listing':{" CONDITIONAL "}" EXPLAINED), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.type"), "unconditional");
    assert_int_equal(adjust(ledger, "'withdraw':true" EXPLAINED), ERR_STATUS); /* one at a time */
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "listing.type"), "conditional");
    /* Widening needs none. */
    assert_int_equal(adjust(ledger, "'listing':{" OPEN_TO_ALL "}"), 0);
    assert_int_equal(judge(ledger, "'return','grounds':['no-reason'],"
                                   "'reasons':[{'reason':'异议尚未核实'}]"),
                     0);
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "listed");
    assert_string_equal(ledger_text(ledger, LISTING, "listing.type"), "conditional");
    assert_int_equal(adjust(ledger, "'withdraw':true" EXPLAINED), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "status"), "withdrawn");
    assert_int_equal(list(ledger, CONDITIONAL), 0);
    ledger_close(&ledger);
}

/* OPEN 11: （一）无合理理由（二）信息不全（三）不符合分级分类规则（四）其他不符合要求. */
static void C8_grounds(void **state)
{
    (void)state;
    static const char *const four[] = {"no-reason", "incomplete", "grading", "other"};
    struct ledger *ledger = with_entry("unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(judge(ledger, "'return','reasons':[{'reason':'缺少说明'}]"), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds"));
    assert_int_equal(judge(ledger, "'accept','grounds':['other'],'reasons':[{'reason':'信息齐全'}]"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "grounds"));
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
    assert_int_equal(judge(ledger, "'return','grounds':['incomplete']"), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
    assert_int_equal(judge(ledger, "'return','grounds':['disliked'],'reasons':[{'reason':'不宜'}]"),
                     ERR_FIELD_CHOICE);
    for (size_t i = 0; i < COUNT_OF(four); i++) {
        char decision[120];
        (void)snprintf(decision, sizeof decision,
                       "'return','grounds':['%s'],'reasons':[{'reason':'须补正'}]", four[i]);
        assert_int_equal(judge(ledger, decision), 0);
        assert_string_equal(ledger_text(ledger, LISTING, "status"), "returned");
        assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    }
    ledger_close(&ledger);
}

/* The first entry is accepted on 2 March 2026: until the end of 2 March 2027, whether anything is
 * listed or not. */
static void C8_evaluation(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("unconditional");
    const char *key = "evaluation/" ALPHA;
    assert_int_equal(ledger_int(ledger, key, "terms.evaluate.due_ms"),
                     at("2027-03-03T00:00:00+08:00"));
    ledger_at(ledger, "2026-06-01T10:00:00+08:00");
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    ledger_at_ms(ledger, at("2027-03-03T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "evaluate-overdue"));
    ledger_at(ledger, "2027-03-03T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "evaluate-overdue"));
    ledger_must(ledger, ALPHA "/compile", "open.evaluate", "{'summary':'清单一项，拟新增两项'}");
    assert_true(doc_get_bool(ledger_get(ledger, "%s", key), "late", false));
    assert_int_equal(ledger_int(ledger, key, "terms.evaluate.due_ms"),
                     at("2028-03-04T00:00:00+08:00"));
    ledger_close(&ledger);
}

/* The adjustment names the order that it answers to, and the center accepts it as that. */
static void C8_order_named(void **state)
{
    (void)state;
    char answer[400];
    struct ledger *ledger = listed();
    (void)snprintf(answer, sizeof answer, WITH_NUMBERS ",'order':'" DIGEST "'");
    assert_int_equal(adjust(ledger, answer), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "order"));
    /* Applied for before the order was given: it answers to none. */
    assert_int_equal(adjust(ledger, WITH_NUMBERS), 0);
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "open");
    assert_int_equal(ledger_due(ledger, "adjust"), 1);
    /* One order at a time, unless who gave it gives another. */
    assert_int_equal(
        ledger_policy(ledger, "open_order", "{'by':['center','supervisor'],'clause':'OPEN 38'}"),
        0);
    assert_int_equal(order(ledger, CENTER "/review", "2026-04-20"), ERR_STATUS);
    assert_string_equal(ledger->faults.item[0].now, "ordered");
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-25"), 0);
    /* An adjustment to what is listed adjusts nothing, unless it answers to an order. */
    assert_int_equal(adjust(ledger, WITH_NUMBERS), ERR_DUPLICATE);
    (void)snprintf(answer, sizeof answer, "'listing':{" OPEN_TO_ALL "},'order':'%s'",
                   ledger_text(ledger, LISTING, "order.id"));
    assert_int_equal(adjust(ledger, answer), 0);
    assert_int_equal(judge(ledger, "'return','grounds':['other'],'reasons':[{'reason':'未增加'}]"),
                     0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "open");
    assert_int_equal(adjust(ledger, answer), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "met");
    assert_int_equal(ledger_due(ledger, "adjust"), 0);
    (void)snprintf(answer, sizeof answer, WITH_NUMBERS ",'order':'%s'",
                   ledger_text(ledger, LISTING, "order.id"));
    assert_int_equal(adjust(ledger, answer), ERR_STATUS); /* it is met */
    ledger_close(&ledger);
}

static void C8_order(void **state)
{
    (void)state;
    char answer[400];
    struct ledger *ledger = listed();
    assert_int_equal(order(ledger, ALPHA "/approve", "2026-03-20"), ERR_PARTY);
    assert_int_equal(order(ledger, CENTER "/review", "2026-03-20"),
                     ERR_PARTY); /* it evaluates nobody */
    assert_int_equal(ledger_do(ledger, SUPERVISOR "/approve", "open.order",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','what':"
                               "'增加统计项','basis':'年度开放重点','until':'2026-03-20'}",
                               ledger_version(ledger, LISTING)),
                     ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "evaluation"));
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-02"), ERR_FIELD_RANGE);
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-03"), 0); /* tomorrow */
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    ledger_at_ms(ledger, at("2026-03-21T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "open");
    size_t before = doc_count(ledger->acts);
    ledger_at(ledger, "2026-03-21T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), before + 1);
    assert_true(ledger_act_is(ledger, 0, LISTING, "adjust-overdue"));
    assert_string_equal(doc_get_text(doc_at(ledger->acts, before), "clause"), "OPEN 38");
    /* Another adjustment is none that was ordered. */
    assert_int_equal(adjust(ledger, WITH_NUMBERS), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "open");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, LISTING), "terms")), 1);
    (void)snprintf(answer, sizeof answer, "'listing':{" OPEN_TO_ALL "},'order':'%s'",
                   ledger_text(ledger, LISTING, "order.id"));
    assert_int_equal(adjust(ledger, answer), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "met");
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, LISTING), "terms")), 0);
    ledger_close(&ledger);
    /* Taken off the list and listed again, the order is as open as before, and so is its term. */
    ledger = listed();
    assert_int_equal(order(ledger, SUPERVISOR "/approve", "2026-03-20"), 0);
    assert_int_equal(adjust(ledger, "'withdraw':true" EXPLAINED), 0);
    assert_int_equal(judge(ledger, "'accept'"), 0);
    assert_int_equal(list(ledger, OPEN_TO_ALL), 0);
    assert_string_equal(ledger_text(ledger, LISTING, "order.status"), "open");
    assert_int_equal(ledger_due(ledger, "adjust"), 1);
    ledger_at(ledger, "2026-03-21T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, LISTING, "adjust-overdue"));
    ledger_close(&ledger);
}

static void C8_silent(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(list(ledger, OPEN_TO_ALL ",'processing':'masked'"), ERR_POLICY);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "open.evaluate", "{'summary':'评估'}"),
                     ERR_POLICY);
    assert_int_equal(ledger_do(ledger, SUPERVISOR "/approve", "open.order",
                               "{'provider':'" ALPHA "','code':'E1','acts_on':'" DIGEST
                               "','what':'增加','basis':'评估','evaluation':'" DIGEST
                               "','until':'2026-03-20'}"),
                     ERR_POLICY);
    assert_int_equal(ledger_count(ledger, "evaluation/"), 0);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.maintain", "{'summary':'维护'}"),
                     ERR_POLICY);
    ledger_close(&ledger);
}
