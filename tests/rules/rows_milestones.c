/* Milestones, by the clause: PT 11, PT 13, CN 9, 10, 15, OPEN 23.
 *
 * 国务院办公厅关于2026年部分节假日安排的通知: 春节 2月15日至23日放假，2月14日、28日上班; 国庆节
 * 10月1日至 7日放假，9月20日、10月10日上班. */
#include "row.h"

#include "entries.h"

#define MILESTONE "milestone/" ALPHA "/M1"

/* Approved on Monday 9 February, recorded on Wednesday 11: 10, 11, 12, 13, 14 (调休), 24, 25, 26,
 * 27, 28 (调休). */
static void C6_compile(void **state)
{
    (void)state;
    static const struct {
        const char *submitted;
        bool late;
    } cases[] = {{"2026-02-28T23:59:59.999+08:00", false}, {"2026-03-01T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_duty("putuo");
        ledger_at(ledger, "2026-02-11T10:00:00+08:00");
        assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.milestone",
                                   "{'code':'M1','kind':'business','matter':'年检办法',"
                                   "'date':'2026-02-12','duty':'D1'}"),
                         ERR_DATE_FUTURE);
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'business','matter':'社会组织年检办法',"
                    "'date':'2026-02-09','duty':'D1'}");
        assert_int_equal(ledger_int(ledger, MILESTONE, "terms.compile.due_ms"),
                         at("2026-03-01T00:00:00+08:00"));
        ledger_at(ledger, cases[i].submitted);
        assert_int_equal(doc_count(ledger->acts), cases[i].late);
        assert_true(!cases[i].late || ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
        ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                    "{'code':'E1','milestone':'M1','entry':%s}",
                    entry_text("社会组织年检", "unconditional", NULL));
        assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
        assert_int_equal(doc_get_bool(ledger_get(ledger, MILESTONE), "late", false), cases[i].late);
        assert_true(doc_has_text(doc_get(ledger_get(ledger, MILESTONE), "entries"), "E1"));
        assert_int_equal(ledger_due(ledger, "compile"), 0);
        ledger_close(&ledger);
    }
}

/* A system accepted before 1970, recorded now: its term is over, in the next block as any other. */
static void C6_compile_long_overdue(void **state)
{
    (void)state;
    static const char *const dates[] = {"1969-12-01", "1949-10-01", "1970-01-01"};
    for (size_t i = 0; i < COUNT_OF(dates); i++) {
        struct ledger *ledger = with_duty("putuo");
        ledger_at(ledger, "2026-02-11T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'system','matter':'户籍档案系统','date':'%s',"
                    "'duty':'D1'}",
                    dates[i]);
        assert_int_equal(ledger_due(ledger, "compile"), 1);
        ledger_at(ledger, "2026-02-11T10:00:01+08:00");
        assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
        assert_int_equal(ledger_due(ledger, "compile"), 0);
        ledger_close(&ledger);
    }
}

/* Changed on Tuesday 29 September: Wednesday 30, Thursday 8 October. */
static void C6_update(void **state)
{
    (void)state;
    static const struct {
        const char *applied;
        bool late;
    } cases[] = {{"2026-10-08T23:59:59.999+08:00", false}, {"2026-10-09T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open("changning");
        ledger_give_entry(ledger, "E1", "unconditional");
        ledger_at(ledger, "2026-09-29T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'M1','kind':'change','matter':'登记事项调整','date':'2026-09-29',"
                    "'entry':'E1'}");
        ledger_at(ledger, cases[i].applied);
        assert_true(!cases[i].late || ledger_act_is(ledger, 0, MILESTONE, "update-overdue"));
        ledger_must(ledger, ALPHA "/compile", "catalog.change",
                    "{'code':'E1','acts_on':'%s','reason':'登记事项调整','milestone':'M1',"
                    "'entry':%s}",
                    ledger_version(ledger, ENTRY("E1")),
                    entry_text("新名称", "unconditional", NULL));
        assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
        assert_int_equal(doc_get_bool(ledger_get(ledger, MILESTONE), "late", false), cases[i].late);
        ledger_close(&ledger);
    }
}

/* ---- what is returned (PT 13) ---- */

#define RETURN "'return','reasons':[{'field':'summary','reason':'未列明年度'}]"

/* Approved on Monday, 9 February, as above: until the end of the 28th. */
static struct ledger *with_milestone(void)
{
    struct ledger *ledger = with_duty("putuo");
    ledger_at(ledger, "2026-02-09T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                "{'code':'M1','kind':'business','matter':'社会组织年检办法','date':'2026-02-09',"
                "'duty':'D1'}");
    return ledger;
}

static void submit_for(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'%s','milestone':'M1','entry':%s}", code,
                entry_text(code, "unconditional", NULL));
}

/* Names no milestone: it is the one of before. */
static void submit_again(struct ledger *ledger, const char *code)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'%s','acts_on':'%s','entry':%s}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code),
                entry_text(code, "unconditional", NULL));
}

static bool milestone_is(struct ledger *ledger, const char *status, bool late)
{
    const struct doc *record = ledger_get(ledger, MILESTONE);
    return doc_text_is(record, "status", status) && doc_get_bool(record, "late", false) == late;
}

/* Submitted on the 12th: 10 and 11 are over. Returned on Friday, the 13th: of the eight that are
 * left 14 24 25 26 27 28 February, 2 3 March. PT 13 has 14 24 25. */
static void C6_returned(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestone();
    ledger_at(ledger, "2026-02-12T10:00:00+08:00");
    submit_for(ledger, "E1");
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    ledger_at(ledger, "2026-02-13T10:00:00+08:00");
    review(ledger, "E1", RETURN);
    assert_true(milestone_is(ledger, "open", false));
    assert_null(doc_get(ledger_get(ledger, MILESTONE), "met_ms"));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, MILESTONE), "entries")), 0);
    ledger_at(ledger, "2026-02-26T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, ENTRY("E1"), "resubmission-overdue"));
    ledger_at_ms(ledger, at("2026-03-04T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    assert_string_equal(doc_get_text(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause"),
                        "PT 11");
    submit_again(ledger, "E1");
    assert_true(milestone_is(ledger, "met", true));
    assert_true(doc_has_text(doc_get(ledger_get(ledger, MILESTONE), "entries"), "E1"));
    /* Returned again, it is as overdue as it was, and is not told again. */
    size_t acts = doc_count(ledger->acts);
    review(ledger, "E1", RETURN);
    assert_true(milestone_is(ledger, "open", true));
    assert_int_equal(ledger_int(ledger, MILESTONE, "returned"), 2);
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), acts);
    submit_again(ledger, "E1");
    review(ledger, "E1", "'accept'");
    assert_true(milestone_is(ledger, "met", true));
    ledger_close(&ledger);
}

/* Submitted in the last minute of the ten days and returned on Monday, 2 March: of the ten one is
 * left, PT 13 gives three: 3 4 5 March. */
static void C6_returned_at_the_end(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        struct ledger *ledger = with_milestone();
        ledger_at(ledger, "2026-02-28T23:59:00+08:00");
        submit_for(ledger, "E1");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        review(ledger, "E1", RETURN);
        ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
        assert_int_equal(ledger_due(ledger, "compile"), 1);
        if (again) {
            submit_again(ledger, "E1");
            assert_true(milestone_is(ledger, "met", false));
        }
        ledger_at(ledger, "2026-03-06T00:00:00+08:00");
        assert_int_equal(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue") ||
                             ledger_act_is(ledger, 1, MILESTONE, "compile-overdue"),
                         !again);
        ledger_close(&ledger);
    }
}

/* The other entry that was compiled for it is there. */
static void C6_returned_of_several(void **state)
{
    (void)state;
    struct ledger *ledger = with_milestone();
    submit_for(ledger, "E1");
    submit_for(ledger, "E2");
    review(ledger, "E1", RETURN);
    assert_true(milestone_is(ledger, "met", false));
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, MILESTONE), "entries")), 1);
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    review(ledger, "E2", RETURN);
    assert_true(milestone_is(ledger, "open", false));
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    submit_again(ledger, "E1");
    review(ledger, "E1", "'accept'");
    assert_true(milestone_is(ledger, "met", false));
    ledger_close(&ledger);
}

static void change_for(struct ledger *ledger, const char *name)
{
    ledger_must(ledger, ALPHA "/compile", "catalog.change",
                "{'code':'E1','acts_on':'%s','reason':'登记事项调整','milestone':'M1','entry':%s}",
                ledger_version(ledger, ENTRY("E1")), entry_text(name, "unconditional", NULL));
}

static void assess(struct ledger *ledger, const char *decision)
{
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':%s}",
                ledger_version(ledger, "change/" ALPHA "/E1"), decision);
}

/* Changed on Tuesday, 29 September, applied for on the 30th, with both days left; returned on
 * Thursday, 8 October: 9, 10 (调休). */
static void C6_change_returned(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_give_entry(ledger, "E1", "unconditional");
    ledger_at(ledger, "2026-09-29T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                "{'code':'M1','kind':'change','matter':'登记事项调整','date':'2026-09-29',"
                "'entry':'E1'}");
    ledger_at(ledger, "2026-09-30T10:00:00+08:00");
    change_for(ledger, "新名称");
    assert_true(milestone_is(ledger, "met", false));
    ledger_at(ledger, "2026-10-08T10:00:00+08:00");
    assess(ledger, RETURN);
    assert_true(milestone_is(ledger, "open", false));
    ledger_at_ms(ledger, at("2026-10-11T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "update"), 1);
    ledger_at(ledger, "2026-10-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "update-overdue"));
    change_for(ledger, "新名称");
    assess(ledger, "'accept'");
    assert_true(milestone_is(ledger, "met", true));
    /* Another change that names it is returned for itself: the first is in the catalog. */
    ledger_at(ledger, "2026-10-12T10:00:00+08:00");
    change_for(ledger, "又一名称");
    assess(ledger, RETURN);
    assert_true(milestone_is(ledger, "met", true));
    ledger_close(&ledger);
}

/* ---- before a system is accepted (CN 9, CN 15, OPEN 23) ---- */

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

/* On Monday, 2 March, the acceptance is to be on the 10th: until the end of that day. */
static void C6_acceptance(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
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

static void C6_acceptance_overdue(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    assert_string_equal(doc_get_text(doc_at(ledger->acts, 0), "clause"), "CN 9, CN 15");
    /* It was accepted as it was: the day is not another one now. */
    assert_int_equal(system_milestone(ledger, "2026-03-20", ""), ERR_STATUS);
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
    static const struct {
        const char *named;
        bool late;
    } cases[] = {{"2026-03-10T23:59:59.999+08:00", false}, {"2026-03-11T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open("changning");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        ledger_collect(ledger, "E1");
        assert_int_equal(system_milestone(ledger, "2026-03-10", ""), 0);
        ledger_at(ledger, cases[i].named);
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", cases[i].late));
        assert_int_equal(doc_count(ledger->acts), cases[i].late);
        ledger_close(&ledger);
    }
}

/* Recorded in April only. What was there by the end of the day was in time. */
static void C6_acceptance_recorded_after(void **state)
{
    (void)state;
    static const struct {
        const char *collected;
        bool late;
    } cases[] = {{"2026-03-10T23:59:59.999+08:00", false}, {"2026-03-11T00:00:00+08:00", true}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open("changning");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        ledger_at(ledger, cases[i].collected);
        ledger_collect(ledger, "E1");
        ledger_at(ledger, "2026-04-02T10:00:00+08:00");
        ledger_collect(ledger, "E1"); /* another time: it was there */
        assert_int_equal(system_milestone(ledger, "2026-03-10", E1_ALONE), 0);
        assert_true(milestone_is(ledger, "met", cases[i].late));
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
    assert_int_equal(system_milestone(ledger, "2026-03-20", ""), 0);
    assert_int_equal(ledger_due(ledger, "compile"), 1);
    ledger_at_ms(ledger, at("2026-03-21T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-21T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    ledger_close(&ledger);
}

static void suspend_often(struct ledger *ledger, const char *day, int times)
{
    for (int i = 0; i < times; i++) {
        char when[40];
        (void)snprintf(when, sizeof when, "%sT%02d:00:00+08:00", day, i + 1);
        ledger_at(ledger, when);
        ledger_member(ledger, "member.suspend", ALPHA);
        (void)snprintf(when, sizeof when, "%sT%02d:30:00+08:00", day, i + 1);
        ledger_at(ledger, when);
        ledger_member(ledger, "member.restore", ALPHA);
    }
}

/* PT 31 bars nobody for longer than it lasts: what an agency does afterwards is not refused because
 * it was suspended often. Approved on Monday 9 February, eighteen times on Wednesday 11. */
static void C6_suspended_often(void **state)
{
    (void)state;
    struct ledger *ledger = with_duty("putuo");
    ledger_at(ledger, "2026-02-10T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                "{'code':'M1','kind':'business','matter':'社会组织年检办法',"
                "'date':'2026-02-09','duty':'D1'}");
    suspend_often(ledger, "2026-02-11", 18);
    ledger_at(ledger, "2026-02-12T10:00:00+08:00");
    submit_for(ledger, "E1");
    assert_true(milestone_is(ledger, "met", false));
    ledger_close(&ledger);
    /* Each of five systems has its term again when the report that met it is taken back. */
    ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_collect(ledger, "E1");
    for (int i = 0; i < 5; i++) {
        ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                    "{'code':'V%d','kind':'system','matter':'年检系统','date':'2026-03-10',"
                    "'system':'民政业务系统',"
                    "'entries':['E1']}",
                    i);
    }
    suspend_often(ledger, "2026-03-03", 18);
    ledger_at(ledger, "2026-03-04T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.collect",
                "{'code':'E1','acts_on':'%s','refusal':{'reason':'涉密','basis':'保守国家秘密法'}}",
                ledger_version(ledger, ENTRY("E1")));
    assert_string_equal(ledger_text(ledger, "milestone/" ALPHA "/V4", "status"), "open");
    ledger_close(&ledger);
}

/* What was submitted for the system is named with the rest, and meets nothing by itself. */
static void C6_acceptance_all_named(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
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
    static const char *const systems[] = {",'system':'民政业务系统'", ""};
    for (size_t i = 0; i < COUNT_OF(systems); i++) { /* it is the one that it was */
        (void)snprintf(anew, sizeof anew, ",'acts_on':'%s','entries':['E1','E2']%s",
                       ledger_version(ledger, MILESTONE), systems[i]);
        assert_int_equal(
            ledger_do(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION, anew),
            ERR_OTHER_SYSTEM);
        assert_true(ledger_fault(ledger, ERR_OTHER_SYSTEM, i == 0 ? "system" : "entries[0]"));
        ledger->faults = (struct faults){0};
    }
    (void)snprintf(anew, sizeof anew, ",'acts_on':'%s','entries':['E2']",
                   ledger_version(ledger, MILESTONE));
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone", OF_INSPECTION, anew);
    assert_true(milestone_is(ledger, "met", false));
    assert_string_equal(ledger_text(ledger, MILESTONE, "system"), "年检系统");
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
