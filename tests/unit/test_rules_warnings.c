/* Warnings before a deadline (D14): told once, when the last working day begins, to who has to act;
 * with the term when it moves. The times are literals, worked out by hand. */
#include "rules_fixture.h"

#include "record_size.h"

#include "chain/rules/records.h"

#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

static char request[2 * HASH_BYTES + 1];

static void warn_days(struct ledger *ledger, int days)
{
    AUTO(doc_free) struct doc *now = doc_ref(doc_get(ledger_get(ledger, "profile"), "profile"));
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *profile = record_edit(now), *warnings = doc_new_object();
    doc_set_text(warnings, "clause", "D14");
    doc_set_int(warnings, "days", days);
    doc_set(profile, "warnings", warnings);
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "设定提醒");
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "profile.publish", body), 0);
}

/* A request under Putuo's profile (5 working days), received then. */
static struct ledger *pending(int days, const char *received)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "authorised");
    warn_days(ledger, days);
    ledger_at(ledger, received);
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    return ledger;
}

static size_t warnings_of(struct ledger *ledger)
{
    size_t count = 0;
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        count += doc_text_is(doc_at(ledger->acts, i), "effect", "term-warning");
    }
    return count;
}

static void told_when_the_last_days_begin(void **state)
{
    (void)state;
    static const struct {
        int days;
        const char *received, *told;
    } cases[] = {
        /* Monday 5 January: 6 7 8 9 12; the last begins on Monday 12. */
        {1, "2026-01-05T10:00:00+08:00", "2026-01-12T00:00:00+08:00"},
        {2, "2026-01-05T10:00:00+08:00", "2026-01-09T00:00:00+08:00"},
        /* Thursday 12 February: 13, Saturday 14 (调休), holiday 15–23, 24 25 26. */
        {1, "2026-02-12T10:00:00+08:00", "2026-02-26T00:00:00+08:00"},
        {3, "2026-02-12T10:00:00+08:00", "2026-02-24T00:00:00+08:00"},
        {4, "2026-02-12T10:00:00+08:00", "2026-02-14T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending(cases[i].days, cases[i].received);
        char subject[100];
        (void)snprintf(subject, sizeof subject, "request/%s", request);
        ledger_at_ms(ledger, at(cases[i].told) - 1);
        assert_int_equal(warnings_of(ledger), 0);
        ledger_at_ms(ledger, at(cases[i].told));
        assert_int_equal(warnings_of(ledger), 1);
        assert_true(ledger_act_is(ledger, 0, subject, "term-warning"));
        const struct doc *act = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
        assert_true(doc_text_is(act, "member", ALPHA));
        assert_true(doc_text_is(act, "term", "answer"));
        assert_true(doc_text_is(act, "clause", "D14"));
        assert_int_equal(doc_get_int(act, "due_ms", 0),
                         doc_get_int(doc_get(doc_get(ledger_get(ledger, "%s", subject), "terms"),
                                             "answer"),
                                     "due_ms", 1));
        /* Once. */
        ledger_at_ms(ledger, at(cases[i].told) + 1);
        ledger_at_ms(ledger, at(cases[i].told) + DAY_MS / 2);
        assert_int_equal(warnings_of(ledger), 1);
        ledger_close(&ledger);
    }
}

static void who_answered_is_not_warned(void **state)
{
    (void)state;
    struct ledger *ledger = pending(1, "2026-01-05T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'approve'}", request,
                ledger_version(ledger, "request/%s", request));
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 0);
    ledger_close(&ledger);
}

/* Received with less time than that: the term of another, longer one is told of, this one not. */
static void what_begins_too_late_is_not_warned_of(void **state)
{
    (void)state;
    struct ledger *ledger = pending(5, "2026-01-05T10:00:00+08:00");
    ledger_at(ledger, "2026-01-06T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 1); /* 6 7 8 9 12: five are left */
    ledger_close(&ledger);
    ledger = pending(6, "2026-01-05T10:00:00+08:00");
    ledger_at(ledger, "2026-01-05T10:00:01+08:00");
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 0);
    ledger_close(&ledger);
}

/* Without the section nobody is warned; nobody has to act before a grant expires. */
static void nobody_is_warned_of_these(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-05T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 0);
    warn_days(ledger, 1);
    ledger_at(ledger, "2026-01-13T00:00:00+08:00"); /* deemed approved: a grant until 31 December */
    ledger_at(ledger, "2026-12-31T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 0);
    ledger_close(&ledger);
}

/* The calendar moves the end from the 5th to the 6th of January 2027, and the warning with it. */
static void the_warning_moves_with_the_term(void **state)
{
    (void)state;
    struct ledger *ledger = pending(1, "2026-12-29T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-01-01','2027-01-02','2027-01-03'],'work':[],"
                "'source':'试验：2027 年放假安排'}");
    ledger_at(ledger, "2027-01-05T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 0);
    ledger_at_ms(ledger, at("2027-01-06T00:00:00+08:00") - 1);
    assert_int_equal(warnings_of(ledger), 0);
    ledger_at(ledger, "2027-01-06T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 1);
    ledger_close(&ledger);
}

/* Giants cost the sweep more: 100 for a warning, and one for each 256 bytes beyond 16 KiB. A
 * request of 260000 bytes costs 1051: after 28 there are 572 left of 30000, which the 29th takes.
 */
static void giants_are_warned_of_more_slowly(void **state)
{
    (void)state;
    struct ledger *ledger = pending(1, "2026-01-05T10:00:00+08:00");
    pad(ledger, request, 260000);
    for (size_t i = 1; i < 31; i++) {
        assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
        pad(ledger, request, 260000);
    }
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_int_equal(warnings_of(ledger), 29);
    ledger_at(ledger, "2026-01-12T00:00:01+08:00");
    assert_int_equal(warnings_of(ledger), 31);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_when_the_last_days_begin),
        cmocka_unit_test(who_answered_is_not_warned),
        cmocka_unit_test(what_begins_too_late_is_not_warned_of),
        cmocka_unit_test(nobody_is_warned_of_these),
        cmocka_unit_test(the_warning_moves_with_the_term),
        cmocka_unit_test(giants_are_warned_of_more_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
