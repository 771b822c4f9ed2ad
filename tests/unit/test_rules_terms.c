/* Terms by their unit (D14): working days, 30 日, 3 个月, 1 年; from today or from another day;
 * what stops them. The ends are literals, worked out by hand on the calendar; the counting is
 * beside them. */
#include "rules_fixture.h"

#include "chain/rules/records.h"
#include "chain/rules/terms.h"

#include "base/memory.h"

static char request[2 * HASH_BYTES + 1];

/* Publishes Putuo's profile with another term for the answer; 0 or the first error. */
static int publish_answer(struct ledger *ledger, const char *length)
{
    AUTO(doc_free) struct doc *now = doc_ref(doc_get(ledger_get(ledger, "profile"), "profile"));
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *profile = record_edit(now), *answer = NULL;
    char text[300];
    (void)snprintf(
        text, sizeof text,
        "{\"clause\":\"PT 20\",\"silence\":\"approve\",\"silence_clause\":\"PT 20\"%s%s}",
        length[0] != 0 ? "," : "", length);
    assert_int_equal(doc_parse(&answer, view_of_text(text), sizeof text), 0);
    doc_set(profile, "answer", answer);
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "调整答复期限");
    return fixture_submit(ledger, CENTER "/admin", "profile.publish", body);
}

/* A pending request, received at this time, under such a profile. */
static struct ledger *pending(const char *length, const char *received)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(publish_answer(ledger, length), 0);
    ledger_at(ledger, received);
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    return ledger;
}

/* What is asked for until 31 December 2026 no silence gives afterwards. */
static const char *by_silence(const char *end)
{
    return strncmp(end, "2027", 4) < 0 ? "granted" : "refused";
}

static const struct doc *term_of(struct ledger *ledger)
{
    return term_get(ledger_get(ledger, "request/%s", request), "answer");
}

static const char *status_of(struct ledger *ledger)
{
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", request);
    return ledger_text(ledger, key, "status");
}

struct length_case {
    const char *length, *received, *end;
};

static const struct length_case lengths[] = {
    /* Monday 5 January: 6 7 8. */
    {"\"days\":3", "2026-01-05T10:00:00+08:00", "2026-01-09T00:00:00+08:00"},
    /* 6 … 31 January are 26 days, 1 … 4 February the rest. */
    {"\"calendar_days\":30", "2026-01-05T10:00:00+08:00", "2026-02-05T00:00:00+08:00"},
    {"\"calendar_days\":30", "2026-01-05T23:59:59.999+08:00", "2026-02-05T00:00:00+08:00"},
    {"\"calendar_days\":30", "2026-01-06T00:00:00+08:00", "2026-02-06T00:00:00+08:00"},
    /* 11 days of January, 19 of February: in the holiday of 15–23, and it ends there. */
    {"\"calendar_days\":30", "2026-01-20T10:00:00+08:00", "2026-02-20T00:00:00+08:00"},
    {"\"calendar_days\":1", "2026-01-05T10:00:00+08:00", "2026-01-07T00:00:00+08:00"},
    {"\"months\":3", "2026-02-12T10:00:00+08:00", "2026-05-13T00:00:00+08:00"},
    /* November 30 and three months: February 2027 has no 30th. Nobody published 2027. */
    {"\"months\":3", "2026-11-30T10:00:00+08:00", "2027-03-01T00:00:00+08:00"},
    {"\"months\":1", "2026-01-31T10:00:00+08:00", "2026-03-01T00:00:00+08:00"},
    {"\"months\":1", "2026-02-28T10:00:00+08:00", "2026-03-29T00:00:00+08:00"},
    {"\"years\":1", "2026-02-12T10:00:00+08:00", "2027-02-13T00:00:00+08:00"},
};

static void each_unit_ends_where_it_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct ledger *ledger = pending(lengths[i].length, lengths[i].received);
        const struct doc *term = term_of(ledger);
        if (doc_get_int(term, "due_ms", 0) != at(lengths[i].end)) {
            char end[CIVIL_TIME_CHARS];
            civil_format_time(end, doc_get_int(term, "due_ms", 0));
            fail_msg("%s from %s: %s, not %s", lengths[i].length, lengths[i].received, end,
                     lengths[i].end);
        }
        assert_false(doc_get_bool(term, "provisional", false));
        assert_true(doc_text_is(term, "clause", "PT 20"));
        assert_int_equal(doc_get_int(term, "from_ms", 0), at(lengths[i].received));
        assert_int_equal(ledger_count(ledger, "due/"), 1);
        ledger_close(&ledger);
    }
}

static void each_unit_runs_to_the_last_millisecond(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct ledger *ledger = pending(lengths[i].length, lengths[i].received);
        ledger_at_ms(ledger, at(lengths[i].end) - 1);
        assert_string_equal(status_of(ledger), "pending");
        ledger_at_ms(ledger, at(lengths[i].end));
        assert_string_equal(status_of(ledger), by_silence(lengths[i].end));
        ledger_close(&ledger);
    }
}

/* A year's calendar published or corrected moves working days, and nothing else. */
static void a_calendar_moves_working_days_only(void **state)
{
    (void)state;
    static const struct {
        const char *length, *before, *after;
        bool provisional;
    } cases[] = {
        /* Received on Tuesday 29 December: 30 31 | by the weekday 1 4 5, published 4 5 6. */
        {"\"days\":5", "2027-01-06T00:00:00+08:00", "2027-01-07T00:00:00+08:00", true},
        {"\"calendar_days\":4", "2027-01-03T00:00:00+08:00", "2027-01-03T00:00:00+08:00", false},
        {"\"months\":1", "2027-01-30T00:00:00+08:00", "2027-01-30T00:00:00+08:00", false},
        {"\"years\":1", "2027-12-30T00:00:00+08:00", "2027-12-30T00:00:00+08:00", false},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending(cases[i].length, "2026-12-29T10:00:00+08:00");
        assert_int_equal(doc_get_int(term_of(ledger), "due_ms", 0), at(cases[i].before));
        assert_true(doc_get_bool(term_of(ledger), "provisional", false) == cases[i].provisional);
        ledger_must(ledger, CENTER "/admin", "calendar.publish",
                    "{'year':2027,'off':['2027-01-01','2027-01-02','2027-01-03'],'work':[],"
                    "'source':'试验：2027 年放假安排'}");
        ledger_at(ledger, "2026-12-29T10:00:05+08:00");
        assert_int_equal(doc_get_int(term_of(ledger), "due_ms", 0), at(cases[i].after));
        assert_false(doc_get_bool(term_of(ledger), "provisional", false));
        ledger_close(&ledger);
    }
}

/* PT 31: the clock of one who may not act stands; what is left is counted in days, also of a term
 * of months. */
static void a_suspension_stops_every_clock(void **state)
{
    (void)state;
    static const struct {
        const char *length, *end;
    } cases[] = {
        /* Received on Monday 2 March, suspended on the 4th at noon, back on the 12th. The 3rd was
         * over: of 5 working days 4 are left, 13 16 17 18. */
        {"\"days\":5", "2026-03-19T00:00:00+08:00"},
        /* Of 30 days 29: 13 … 31 March are 19, and 10 of April. */
        {"\"calendar_days\":30", "2026-04-11T00:00:00+08:00"},
        /* To 2 April are 31 days, 30 are left: 19 of March, 11 of April. */
        {"\"months\":1", "2026-04-12T00:00:00+08:00"},
        /* To 2 March 2027 are 365 days, 364 are left: from 12 March 2026 to 11 March 2027. */
        {"\"years\":1", "2027-03-12T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending(cases[i].length, "2026-03-02T10:00:00+08:00");
        ledger_at(ledger, "2026-03-04T12:00:00+08:00");
        ledger_must(ledger, CENTER "/admin", "member.suspend",
                    "{'member':'" ALPHA "','acts_on':'%s','reason':'核查'," NO_RISK "}",
                    ledger_version(ledger, "member/" ALPHA));
        ledger_at(ledger, "2026-03-12T12:00:00+08:00");
        ledger_must(ledger, CENTER "/admin", "member.restore",
                    "{'member':'" ALPHA "','acts_on':'%s','reason':'核查完毕'}",
                    ledger_version(ledger, "member/" ALPHA));
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_string_equal(status_of(ledger), "pending");
        ledger_at_ms(ledger, at(cases[i].end));
        assert_string_equal(status_of(ledger), by_silence(cases[i].end));
        ledger_close(&ledger);
    }
}

/* PT 11: 10个工作日 from the approval of the business, on Monday 5 January 2026, which the ledger
 * learns of later: 6 7 8 9 | 12 13 14 15 16 | 19. */
static void a_term_counts_from_another_day(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("changning");
    struct doc *record = doc_new_object();
    ledger_at(ledger, "2026-01-08T15:00:00+08:00");
    AUTO(doc_free) struct doc *acts = doc_new_array();
    struct rule_context context = {.state = ledger->state,
                                   .faults = &ledger->faults,
                                   .height = ledger->height,
                                   .time_ms = ledger->time_ms,
                                   .acts = acts};
    assert_true(term_start_from(&context, record, "note/1", "answer", "answer",
                                at("2026-01-05T09:00:00+08:00")));
    const struct doc *term = term_get(record, "answer");
    assert_int_equal(doc_get_int(term, "due_ms", 0), at("2026-01-20T00:00:00+08:00"));
    assert_int_equal(doc_get_int(term, "from_ms", 0), at("2026-01-05T09:00:00+08:00"));
    assert_int_equal(doc_get_int(term, "days", 0), 10);
    assert_int_equal(ledger_count(ledger, "due/"), 1);
    context.time_ms = at("2026-01-20T00:00:00+08:00") - 1;
    assert_false(term_is_over(&context, record, "answer"));
    context.time_ms++;
    assert_true(term_is_over(&context, record, "answer"));
    /* Started anew, the old end is gone from the index; stopped, nothing is left. */
    assert_true(term_start_policy(&context, record, "note/1", "answer", "answer"));
    assert_int_equal(ledger_count(ledger, "due/"), 1);
    term_stop(&context, record, "note/1", "answer");
    assert_null(term_get(record, "answer"));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    /* Where the document is silent, no term begins. */
    assert_false(term_start_policy(&context, record, "note/1", "answer", "no_such_section"));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    doc_free(&record);
    ledger_close(&ledger);
}

static void a_term_has_one_unit(void **state)
{
    (void)state;
    static const struct {
        const char *length;
        int error;
        const char *field;
    } cases[] = {
        {"", ERR_FIELD_MISSING, "profile.answer.days"},
        {"\"days\":5,\"months\":1", ERR_DUPLICATE, "profile.answer.months"},
        {"\"days\":0", ERR_FIELD_RANGE, "profile.answer.days"},
        {"\"days\":1001", ERR_FIELD_RANGE, "profile.answer.days"},
        {"\"calendar_days\":0", ERR_FIELD_RANGE, "profile.answer.calendar_days"},
        {"\"calendar_days\":3661", ERR_FIELD_RANGE, "profile.answer.calendar_days"},
        {"\"months\":121", ERR_FIELD_RANGE, "profile.answer.months"},
        {"\"years\":11", ERR_FIELD_RANGE, "profile.answer.years"},
    };
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        assert_int_equal(publish_answer(ledger, cases[i].length), cases[i].error);
        assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
    }
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_unit_ends_where_it_does),
        cmocka_unit_test(each_unit_runs_to_the_last_millisecond),
        cmocka_unit_test(a_calendar_moves_working_days_only),
        cmocka_unit_test(a_suspension_stops_every_clock),
        cmocka_unit_test(a_term_counts_from_another_day),
        cmocka_unit_test(a_term_has_one_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
