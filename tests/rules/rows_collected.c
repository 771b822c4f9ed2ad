/* What was collected and recognised, by the clause: PT 11, 14, 15, 22; CN 9, 15, 16. */
#include "row.h"

#include "collected.h"

static struct ledger *certified(const char *profile)
{
    struct ledger *ledger = accepted(profile, "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "certified");
    return ledger;
}

/* PT 22, CN 16: data that was certified is there for whoever asks, whatever the agency says. */
static void C6_recognised_unrefused(void **state)
{
    (void)state;
    static const char *const profiles[] = {"putuo", "changning"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = certified(profiles[i]);
        assert_int_equal(refuse(ledger, REFUSED), ERR_STATUS);
        assert_true(ledger_fault(ledger, ERR_STATUS, "refusal"));
        ledger_collect(ledger, "E1"); /* reported once more: it owes nothing still */
        ledger->faults = (struct faults){0};
        assert_int_equal(refuse(ledger, REFUSED), ERR_STATUS);
        assert_int_equal(certify(ledger, RETURN), 0);
        assert_int_equal(refuse(ledger, REFUSED), 0); /* owed again */
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "refused");
        assert_int_equal(ask(ledger), 0);
        ledger_close(&ledger);
    }
}

/* A further report that is returned is owed within a term of its own. Certified on Monday 2 March,
 * reported and returned on Tuesday 3: under PT 15 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, under CN 15
 * 4, 5. */
static void C6_recognised_returned(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *end, *act;
    } cases[] = {{"putuo", "2026-03-18T00:00:00+08:00", "collect-overdue"},
                 {"changning", "2026-03-06T00:00:00+08:00", "recollect-overdue"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = certified(cases[i].profile);
        ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        ledger_collect(ledger, "E1");
        assert_int_equal(certify(ledger, RETURN), 0);
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        assert_int_equal(ask(ledger), 0); /* what was certified is there */
        ledger_at(ledger, cases[i].end);
        assert_true(ledger_act_is(ledger, 0, COLLECTION, cases[i].act));
        ledger_close(&ledger);
    }
}

/* CN 15 has no days for what is collected first: reported on Monday 2 March, and returned on
 * Tuesday 3: 4, 5. So with a refusal that names no law, or whose law the supervisor does not see.
 */
static void C6_first_returned(void **state)
{
    (void)state;
    static const char *const refusals[] = {NULL, "{'reason':'不便','basis':'——'}", REFUSED};
    for (size_t i = 0; i < COUNT_OF(refusals); i++) {
        struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
        if (i == 0) {
            ledger_collect(ledger, "E1");
            assert_int_equal(ledger_due(ledger, "recollect"), 0);
        }
        ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        if (i == 0) {
            assert_int_equal(certify(ledger, RETURN), 0);
        } else {
            assert_int_equal(refuse(ledger, refusals[i]), 0);
        }
        if (i == 2) {
            assert_int_equal(ledger_due(ledger, "recollect"), 0);
            assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", RETURN), 0);
        }
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), i ? "unfounded" : "due");
        assert_int_equal(ask(ledger), ERR_NOT_COLLECTED);
        size_t acts = doc_count(ledger->acts);
        ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
        assert_int_equal(doc_count(ledger->acts), acts);
        ledger_at(ledger, "2026-03-06T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, COLLECTION, "recollect-overdue"));
        ledger_close(&ledger);
    }
}

/* What need not be collected need not be, though a report of it was returned. */
static void C6_exempt_returned(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    assert_int_equal(refuse(ledger, REFUSED), 0);
    assert_int_equal(certify(ledger, "'accept','reasons':[{'reason':'数据齐全'}]"),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
    assert_int_equal(certify(ledger, "'accept'"), 0);
    assert_int_equal(refuse(ledger, REFUSED), ERR_STATUS);
    ledger_collect(ledger, "E1");
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "collected");
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
    assert_int_equal(ledger_due(ledger, "collect"), 0);
    ledger_close(&ledger);
}

/* Exempt on Tuesday 3 March: the items are others the same day. Under CN 15 4, 5; where the
 * document has PT 15's days alone 4, 5, 6, 9, 10, 11, 12, 13, 16, 17. */
static void C6_exempt_changed(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *judge, *end, *act;
    } cases[] = {{"changning", SUPERVISOR "/approve", "2026-03-06T00:00:00+08:00",
                  "recollect-overdue"},
                 {"putuo", CENTER "/review", "2026-03-18T00:00:00+08:00", "collect-overdue"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = accepted(cases[i].profile, "2026-03-03T10:00:00+08:00");
        assert_int_equal(refuse(ledger, REFUSED), 0);
        assert_int_equal(certify_as(ledger, cases[i].judge, "'accept'"), 0);
        change_to(ledger, NULL, "yearly");
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
        change_to(ledger, ONE_ITEM, NULL);
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_at(ledger, cases[i].end);
        assert_true(ledger_act_is(ledger, 0, COLLECTION, cases[i].act));
        ledger_collect(ledger, "E1"); /* and returned: nobody who asks hears of it */
        assert_int_equal(certify(ledger, RETURN), 0);
        assert_int_equal(ask(ledger), 0);
        assert_int_equal(refuse(ledger, REFUSED), 0); /* what it is now is judged anew */
        assert_int_equal(certify_as(ledger, cases[i].judge, "'accept'"), 0);
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
        assert_null(doc_get(ledger_get(ledger, COLLECTION), "exempted_ms"));
        ledger_close(&ledger);
    }
}

/* What is exempt no more is there for no acceptance of a system (CN 15). */
static void C6_exempt_changed_unmet(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("changning", "2026-03-03T10:00:00+08:00");
    assert_int_equal(refuse(ledger, REFUSED), 0);
    assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", "'accept'"), 0);
    change_to(ledger, ONE_ITEM, NULL);
    static const char named[] = "{'code':'V1','kind':'system','matter':'系统验收',"
                                "'system':'民政业务系统','date':'2026-03-31','entries':['E1']}";
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.milestone", named), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entries[0]"));
    ledger_collect(ledger, "E1");
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.milestone", named), 0);
    ledger_close(&ledger);
}

/* The days of March 2026 that are off, and those that are worked besides, turn out otherwise. */
static void correct_march(struct ledger *ledger, const char *off, const char *work)
{
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2026,'acts_on':'%s','off':['2026-01-01','2026-01-02','2026-01-03'%s],"
                "'work':['2026-01-04'%s],'source':'更正'}",
                ledger_version(ledger, "calendar/2026"), off, work);
}

/* Accepted on Monday 2 March: 3, 4, 5, 6, 9, 10, 11, and three more, of which the day of the
 * report, Thursday 12, is one: 12, 13, 16. Returned on that day, it has three days from the next
 * on, whichever they are. */
static void C6_days_left_kept(void **state)
{
    (void)state;
    static const struct {
        const char *off, *work, *end;
    } cases[] = {
        {"", "", "2026-03-18T00:00:00+08:00"},              /* 13, 16, 17 */
        {",'2026-03-13'", "", "2026-03-19T00:00:00+08:00"}, /* 16, 17, 18 */
        {"", ",'2026-03-14'", "2026-03-17T00:00:00+08:00"}, /* 13, 14, 16 */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
        ledger_at(ledger, "2026-03-12T10:00:00+08:00");
        ledger_collect(ledger, "E1");
        assert_int_equal(ledger_int(ledger, COLLECTION, "paused.days"), 3);
        correct_march(ledger, cases[i].off, cases[i].work);
        assert_int_equal(certify(ledger, RETURN), 0);
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_int_equal(doc_count(ledger->acts), 0);
        ledger_at(ledger, cases[i].end);
        assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
        ledger_close(&ledger);
    }
}

/* As above, but refused instead: 3, 4, 5, 6, 9, 10, 11, 12, 16, 17 with Friday 13 off. */
static void C6_put_back_recounted(void **state)
{
    (void)state;
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_at(ledger, "2026-03-12T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    correct_march(ledger, ",'2026-03-13'", "");
    ledger_at(ledger, "2026-03-12T11:00:00+08:00"); /* carried into what runs: this does not */
    assert_int_equal(refuse(ledger, REFUSED), 0);
    ledger_at_ms(ledger, at("2026-03-18T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at(ledger, "2026-03-18T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
    ledger_close(&ledger);
}

/* ---- milestones that rest on a report ---- */

#define MILESTONE "milestone/" ALPHA "/V1"

static int system_met(struct ledger *ledger, const char *codes, bool again)
{
    char acts_on[100] = "";
    if (again) {
        (void)snprintf(acts_on, sizeof acts_on, ",'acts_on':'%s'",
                       ledger_version(ledger, MILESTONE));
    }
    return ledger_do(
        ledger, ALPHA "/compile", "catalog.milestone",
        "{'code':'V1','kind':'system','matter':'年检系统验收','date':'2026-03-10',"
        "'system':'民政业务系统'%s%s}",
        acts_on,
        codes);
}
#define E1_MEETS ",'entries':['E1']"

static struct ledger *met_by_report(void)
{
    struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(system_met(ledger, E1_MEETS, false), 0);
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
    assert_int_equal(ledger_due(ledger, "compile"), 0);
    return ledger;
}

/* CN 15: the system is accepted on Tuesday 10 March. The report is returned on Tuesday 3. */
static void C6_acceptance_returned(void **state)
{
    (void)state;
    struct ledger *ledger = met_by_report();
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "open");
    assert_int_equal(ledger_int(ledger, MILESTONE, "returned"), 1);
    assert_null(doc_get(ledger_get(ledger, COLLECTION), "milestones"));
    assert_int_equal(system_met(ledger, E1_MEETS, true), ERR_STATUS);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 1); /* the collection, to the end of Thursday 5 */
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    ledger_collect(ledger, "E1");
    ledger->faults = (struct faults){0};
    assert_int_equal(system_met(ledger, E1_MEETS, true), 0);
    assert_true(doc_get_bool(ledger_get(ledger, MILESTONE), "late", false));
    /* Returned once more, it was overdue already: told once. */
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_int_equal(ledger_int(ledger, MILESTONE, "returned"), 2);
    assert_null(doc_get(ledger_get(ledger, MILESTONE), "late"));
    ledger_at(ledger, "2026-03-20T10:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 2);
    ledger_close(&ledger);
}

/* Returned on Wednesday 11, the day after: it was not there on the day. */
static void C6_acceptance_returned_after(void **state)
{
    (void)state;
    struct ledger *ledger = met_by_report();
    ledger_at(ledger, "2026-03-11T10:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), 0);
    assert_int_equal(certify(ledger, RETURN), 0);
    ledger_at(ledger, "2026-03-11T10:00:01+08:00");
    assert_true(ledger_act_is(ledger, 0, MILESTONE, "compile-overdue"));
    ledger_close(&ledger);
}

static void C6_acceptance_refused(void **state)
{
    (void)state;
    struct ledger *ledger = met_by_report();
    ledger_collect(ledger, "E1"); /* reported once more, it meets it still */
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
    assert_int_equal(refuse(ledger, REFUSED), 0);
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "open");
    assert_int_equal(certify_as(ledger, SUPERVISOR "/approve", "'accept'"), 0);
    assert_int_equal(system_met(ledger, E1_MEETS, true), 0);
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
    ledger_close(&ledger);
    /* What is certified meets it for good. */
    ledger = met_by_report();
    assert_int_equal(certify(ledger, "'accept'"), 0);
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, MILESTONE, "status"), "met");
    ledger_close(&ledger);
}

/* Reported on Monday 2 March, refused on Thursday 5, reported again on Wednesday 11, the day after
 * the acceptance. What was certified before was there. */
static void C6_acceptance_taken_back(void **state)
{
    (void)state;
    for (int certified_first = 0; certified_first < 2; certified_first++) {
        struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
        ledger_collect(ledger, "E1");
        if (certified_first) {
            assert_int_equal(certify(ledger, "'accept'"), 0);
        }
        ledger_at(ledger, "2026-03-05T10:00:00+08:00");
        assert_int_equal(refuse(ledger, REFUSED), certified_first ? ERR_STATUS : 0);
        ledger->faults = (struct faults){0};
        ledger_at(ledger, "2026-03-11T10:00:00+08:00");
        ledger_collect(ledger, "E1");
        assert_int_equal(system_met(ledger, E1_MEETS, false), 0);
        assert_int_equal(doc_get_bool(ledger_get(ledger, MILESTONE), "late", false),
                         !certified_first);
        ledger_close(&ledger);
    }
}
