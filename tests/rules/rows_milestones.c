/* Milestones, by the clause: PT 11, PT 13, CN 9, 10, 15, OPEN 23.
 *
 * 国务院办公厅关于2026年部分节假日安排的通知: 春节 2月15日至23日放假，2月14日、28日上班; 国庆节
 * 10月1日至 7日放假，9月20日、10月10日上班. */
#include "row.h"

#include "milestones.h"

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
