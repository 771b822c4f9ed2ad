/* Milestones, by the clause: PT 11, CN 10.
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
