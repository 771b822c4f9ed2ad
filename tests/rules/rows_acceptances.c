/* What is there before a system is accepted, by the clause: CN 9, CN 15, OPEN 23. */
#include "row.h"

#include "milestones.h"

/* Recorded, or anew with `acts_on` filled in when there is one. */
static int system_milestone(struct ledger *ledger, const char *date, const char *entries)
{
    char acts_on[120] = "";
    if (ledger_get(ledger, MILESTONE) != NULL) {
        (void)snprintf(acts_on, sizeof acts_on, ",'acts_on':'%s'",
                       ledger_version(ledger, MILESTONE));
    }
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, ALPHA "/compile", "catalog.milestone",
                     "{'code':'M1','kind':'system','matter':'年检系统验收','date':'%s',"
                     "'system':'民政业务系统'%s%s}",
                     date, acts_on, entries);
}

#define E1_ALONE ",'entries':['E1']"
#define ANOTHER_DAY ",'reason':'第三方测评尚未完成'"

/* Monday, 2 March: E1 is in the catalog, and not collected. */
static struct ledger *with_compiled(void)
{
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    return ledger;
}

/* The acceptance is to be on 10 March: what is there by the end of that day is in time. */
static const struct {
    const char *time;
    bool late;
} end_of_the_day[] = {{"2026-03-10T23:59:59.999+08:00", false},
                      {"2026-03-11T00:00:00+08:00", true}};

static void C6_acceptance(void **state)
{
    (void)state;
    struct ledger *ledger = with_compiled();
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    assert_int_equal(ledger_int(ledger, MILESTONE, "terms.compile.due_ms"),
                     at("2026-03-11T00:00:00+08:00"));
    /* What is in the catalog is collected besides (CN 15). */
    assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entries[0]"));
    ledger_collect(ledger, "E1");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ",'entries':['E1','E9']"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "entries[1]"));
    assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
    assert_true(milestone_is(ledger, "met", false));
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), ERR_STATUS); /* met */
    ledger_close(&ledger);
}

/* Suspended from the day itself to Thursday the 12th: until Friday, the 13th, whatever is put right
 * or named of the milestone meanwhile. */
static void C6_acceptance_suspended(void **state)
{
    (void)state;
    static const char *const anew[] = {
        "'system':'民政业务系统二期','reason':'系统名称录入有误'",
        "'system':'民政业务系统','entries':['E1']",
    };
    for (size_t i = 0; i < COUNT_OF(anew); i++) {
        struct ledger *ledger = with_compiled();
        assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
        ledger_at(ledger, "2026-03-10T09:00:00+08:00");
        ledger_member(ledger, "member.suspend", ALPHA);
        ledger_at(ledger, "2026-03-12T10:00:00+08:00");
        ledger_member(ledger, "member.restore", ALPHA);
        ledger_at(ledger, "2026-03-12T11:00:00+08:00");
        ledger_collect(ledger, "E1");
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'system','matter':'年检系统验收','date':'2026-03-10',"
                    "'acts_on':'%s',%s}",
                    ledger_version(ledger, MILESTONE), anew[i]);
        ledger_at_ms(ledger, at("2026-03-14T00:00:00+08:00") - 1);
        assert_true(milestone_is(ledger, i == 0 ? "open" : "met", false));
        assert_int_equal(ledger_due(ledger, "compile"), i == 0);
        ledger_at(ledger, "2026-03-14T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue") == (i == 0));
        ledger_close(&ledger);
    }
}

static void C6_acceptance_overdue(void **state)
{
    (void)state;
    struct ledger *ledger = with_compiled();
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    assert_string_equal(doc_get_text(doc_at(ledger->acts, 0), "clause"), "CN 9, CN 15");
    /* It was accepted as it was: the day is not another one now. */
    assert_int_equal(system_milestone(ledger, "2026-03-20", ANOTHER_DAY), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "date"));
    ledger_collect(ledger, "E1");
    assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
    assert_true(milestone_is(ledger, "met", true));
    assert_int_equal(doc_count(ledger->acts), 1);
    ledger_close(&ledger);
}

/* On record before the day, it names its entries by the end of it. */
static void C6_acceptance_named_late(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(end_of_the_day); i++) {
        struct ledger *ledger = with_compiled();
        ledger_collect(ledger, "E1");
        assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
        ledger_at(ledger, end_of_the_day[i].time);
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", end_of_the_day[i].late));
        assert_int_equal(doc_count(ledger->acts), end_of_the_day[i].late);
        ledger_close(&ledger);
    }
}

/* Recorded in April only. What was there by the end of the day was in time. */
static void C6_acceptance_recorded_after(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(end_of_the_day); i++) {
        struct ledger *ledger = with_compiled();
        ledger_at(ledger, end_of_the_day[i].time);
        ledger_collect(ledger, "E1");
        ledger_at(ledger, "2026-04-02T10:00:00+08:00");
        ledger_collect(ledger, "E1"); /* another time: it was there */
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", end_of_the_day[i].late));
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_close(&ledger);
    }
    /* Without any entry it is over in the next block. */
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-04-02T10:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    ledger_at(ledger, "2026-04-02T10:00:01+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    ledger_close(&ledger);
}

static void C6_acceptance_moved(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entries"));
    ledger_at(ledger, "2026-03-10T23:59:59.999+08:00");
    assert_int_equal(system_milestone(ledger, "2026-03-20", ANOTHER_DAY), 0);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at_ms(ledger, at("2026-03-21T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-21T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    ledger_close(&ledger);
}

/* Whoever puts the day off says why, and it stays on record from which; not for ever. */
static void C6_acceptance_put_off(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ANOTHER_DAY), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reason"));
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    assert_int_equal(system_milestone(ledger, "2026-03-20", ""), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "reason"));
    assert_int_equal(ledger->faults.count, 1);
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2026-03-20", ANOTHER_DAY), 0);
    assert_int_equal(system_milestone(ledger, "2026-04-01", ",'reason':'接口尚未联调'"), 0);
    const struct doc *days = doc_get(ledger_get(ledger, MILESTONE), "postponed");
    assert_int_equal(doc_count(days), 2);
    assert_true(doc_text_is(doc_at(days, 0), "from", "2026-03-10"));
    assert_true(doc_text_is(doc_at(days, 0), "reason", "第三方测评尚未完成"));
    assert_int_equal(doc_get_int(doc_at(days, 0), "time_ms", 0), at("2026-03-05T09:00:00+08:00"));
    assert_true(doc_text_is(doc_at(days, 1), "from", "2026-03-20"));
    assert_null(doc_get(ledger_get(ledger, MILESTONE), "reason"));
    for (int i = 2; i < 50; i++) {
        assert_int_equal(
            system_milestone(ledger, i % 2 == 0 ? "2026-04-02" : "2026-04-01", ANOTHER_DAY), 0);
    }
    assert_int_equal(system_milestone(ledger, "2026-04-03", ANOTHER_DAY), ERR_FIELD_COUNT);
    assert_true(ledger_fault(ledger, ERR_FIELD_COUNT, "date"));
    /* It is named on its day, and the days before stay. */
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_collect(ledger, "E1");
    assert_int_equal(system_milestone(ledger, "2026-04-01", E1_ALONE ANOTHER_DAY),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(system_milestone(ledger, "2026-04-01", E1_ALONE), 0);
    assert_true(milestone_is(ledger, "met", false));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, MILESTONE), "postponed")), 50);
    ledger_close(&ledger);
}

/* What was submitted for the system is named with the rest, and meets nothing by itself. */
static void C6_acceptance_all_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_compiled();
    ledger_collect(ledger, "E1");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    submit_for(ledger, "E2");
    assert_true(milestone_is(ledger, "open", false));
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entries"));
#define BOTH_NAMED ",'entries':['E1','E2']"
    assert_int_equal(system_milestone(ledger, "2026-03-10", BOTH_NAMED), ERR_STATUS);
    review(ledger, "E2", RETURN);
    assert_int_equal(system_milestone(ledger, "2026-03-10", BOTH_NAMED), ERR_STATUS);
    submit_again(ledger, "E2");
    review(ledger, "E2", "'accept'");
    ledger_collect(ledger, "E2");
    assert_int_equal(system_milestone(ledger, "2026-03-10", BOTH_NAMED), 0);
    assert_true(milestone_is(ledger, "met", false));
    ledger_close(&ledger);
}

/* CN 9: 信息化项目中的资源目录编制: an entry of another system meets nothing, unless it was submitted
 * for this one. */
static void C6_acceptance_of_another(void **state)
{
    (void)state;
#define OF_INSPECTION "{'code':'M1','kind':'system','matter':'年检系统验收','date':'2026-03-10'%s}"
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised"); /* from 民政业务系统 */
    ledger_collect(ledger, "E1");
    static const char *const named[] = {E1_ALONE, E1_ALONE ",'system':'年检系统'"};
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        assert_int_equal(
            ledger_do(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION, named[i]),
            ERR_OTHER_SYSTEM);
        assert_true(ledger_fault(ledger, ERR_OTHER_SYSTEM, "entries[0]"));
        assert_int_equal(ledger->faults.count, 1);
        ledger->faults = (struct faults){0};
    }
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION,
                ",'system':'年检系统'");
    submit_for(ledger, "E2");
    review(ledger, "E2", "'accept'");
    ledger_collect(ledger, "E2");
    char anew[200];
    (void)snprintf(anew, sizeof anew, ",'acts_on':'%s','entries':['E1','E2']",
                   ledger_version(ledger, MILESTONE)); /* it is the one that it was */
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION, anew),
                     ERR_OTHER_SYSTEM);
    assert_true(ledger_fault(ledger, ERR_OTHER_SYSTEM, "entries[0]"));
    ledger->faults = (struct faults){0};
    (void)snprintf(anew, sizeof anew, ",'acts_on':'%s','entries':['E2']",
                   ledger_version(ledger, MILESTONE));
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION, anew);
    assert_true(milestone_is(ledger, "met", false));
    assert_string_equal(ledger_text(ledger, MILESTONE, "system"), "年检系统");
    ledger_close(&ledger);
}

/* 民政业务系统 was misspelt; the entry that says where its data come from is in the catalog. */
static int call_it(struct ledger *ledger, const char *system, const char *rest)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, ALPHA "/compile", "catalog.milestone",
                     "{'code':'M1','kind':'system','matter':'业务系统验收','date':'2026-03-10',"
                     "'acts_on':'%s','system':'%s'%s}",
                     ledger_version(ledger, MILESTONE), system, rest);
}

static void C6_acceptance_renamed(void **state)
{
    (void)state;
#define TYPO ",'reason':'系统名称录入有误'"
    for (size_t i = 0; i < COUNT_OF(end_of_the_day); i++) {
        struct ledger *ledger = with_compiled();
        ledger_collect(ledger, "E1");
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'system','matter':'业务系统验收','date':'2026-03-10',"
                    "'system':'民证业务系统'}");
        assert_int_equal(call_it(ledger, "民证业务系统", E1_ALONE), ERR_OTHER_SYSTEM);
        assert_int_equal(call_it(ledger, "民政业务系统", E1_ALONE), ERR_FIELD_MISSING);
        assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "reason"));
        assert_int_equal(ledger->faults.count, 1);
        assert_int_equal(call_it(ledger, "民证业务系统", E1_ALONE TYPO), ERR_OTHER_SYSTEM);
        assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reason"));
        ledger_at(ledger, end_of_the_day[i].time);
        assert_int_equal(call_it(ledger, "民政业务系统", TYPO), 0); /* overdue or not */
        assert_true(milestone_is(ledger, "open", false));
        const struct doc *was = doc_at(doc_get(ledger_get(ledger, MILESTONE), "renamed"), 0);
        assert_true(doc_text_is(was, "from", "民证业务系统"));
        assert_true(doc_text_is(was, "reason", "系统名称录入有误"));
        assert_int_equal(doc_get_int(was, "time_ms", 0), at(end_of_the_day[i].time));
        assert_null(doc_get(ledger_get(ledger, MILESTONE), "postponed"));
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", end_of_the_day[i].late));
        assert_int_equal(doc_count(doc_get(ledger_get(ledger, MILESTONE), "renamed")), 1);
        ledger_close(&ledger);
    }
    struct ledger *ledger = with_compiled();
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(call_it(ledger, i % 2 == 0 ? "甲系统" : "乙系统", TYPO), 0);
    }
    assert_int_equal(call_it(ledger, "丙系统", TYPO), ERR_FIELD_COUNT);
    assert_true(ledger_fault(ledger, ERR_FIELD_COUNT, "system"));
    ledger_close(&ledger);
}

/* Monday, 2 March 2026: the last day is 2 March 2029; from 29 February 2028 the 28th of 2031. */
static void C6_acceptance_far(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T23:59:59.999+08:00");
    assert_int_equal(system_milestone(ledger, "9999-12-31", ""), ERR_FIELD_RANGE);
    assert_int_equal(system_milestone(ledger, "2029-03-03", ""), ERR_FIELD_RANGE);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "date"));
    assert_int_equal(ledger->faults.count, 1);
    assert_int_equal(system_milestone(ledger, "2029-03-02", ""), 0);
    assert_int_equal(system_milestone(ledger, "2029-03-03", ANOTHER_DAY), ERR_FIELD_RANGE);
    ledger_at(ledger, "2026-03-03T00:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2029-03-03", ANOTHER_DAY), 0);
    ledger_at(ledger, "2028-02-29T12:00:00+08:00");
    assert_int_equal(system_milestone(ledger, "2031-03-01", ANOTHER_DAY), ERR_FIELD_RANGE);
    assert_int_equal(system_milestone(ledger, "2031-02-28", ANOTHER_DAY), 0);
    ledger_close(&ledger);
}

static void give_open_entry(struct ledger *ledger, const char *code, const char *opening)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse("{'code':'%s','entry':%s}", code,
                                     entry_text(code, "unconditional", NULL));
    doc_set_text((struct doc *)(uintptr_t)doc_get(body, "entry"), "opening", opening);
    assert_int_equal(fixture_submit(ledger, ALPHA "/compile", "catalog.submit", body), 0);
    review(ledger, code, "'accept'");
}

/* OPEN 23: 完成公共数据目录编制、开放清单编制: what is not open is on no list. The opening rules have
 * nothing collected. */
static void C6_acceptance_listed(void **state)
{
    (void)state;
    static const struct {
        const char *opening, *listed;
        bool late;
    } cases[] = {{"closed", NULL, false},
                 {"unconditional", "2026-03-10T23:59:59.999+08:00", false},
                 {"unconditional", "2026-03-11T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_duty("shanghai-open");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        give_open_entry(ledger, "E1", cases[i].opening);
        assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
        if (cases[i].listed != NULL) {
            assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), ERR_STATUS);
            ledger_at(ledger, cases[i].listed);
            ledger_list_open(ledger, "E1", "unconditional");
        }
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", cases[i].late));
        ledger_close(&ledger);
    }
}

/* CN 15: 无条件共享类的和授权共享类的公共数据都应…汇聚, 除经领导小组认定的特殊情况外. */
static void C6_acceptance_not_collected(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "none");
    ledger_give_entry(ledger, "E2", "authorised");
    ledger_must(ledger, ALPHA "/compile", "catalog.collect",
                "{'code':'E2','acts_on':'%s','refusal':{'reason':'涉密','basis':'保守国家秘密法'}}",
                ledger_version(ledger, ENTRY("E2")));
    assert_int_equal(system_milestone(ledger, "2026-03-10", BOTH_NAMED), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entries[1]"));
    assert_int_equal(ledger->faults.count, 1);
    ledger_must(ledger, SUPERVISOR "/approve", "catalog.certify",
                "{'provider':'" ALPHA "','code':'E2','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "collection/" ALPHA "/E2"));
    assert_int_equal(system_milestone(ledger, "2026-03-10", BOTH_NAMED), 0);
    assert_true(milestone_is(ledger, "met", false));
    ledger_close(&ledger);
}

/* PT 11 counts from the acceptance: nothing is there before, and the day is no day to come. */
static void C6_acceptance_silent(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(system_milestone(ledger, "2026-03-03", ""), ERR_DATE_FUTURE);
    assert_int_equal(system_milestone(ledger, "2026-03-02", E1_ALONE), ERR_FIELD_UNKNOWN);
    assert_int_equal(system_milestone(ledger, "2026-03-02", ""), 0);
    assert_int_equal(system_milestone(ledger, "2026-03-02", ""), ERR_STATUS);
    ledger_close(&ledger);
}
