/* The center's day to review an entry and the agency's days to submit it again (PT 13). The ends of
 * terms are literals, worked out by hand from the notice for 2026; the counting is beside them. */
#include "rules_fixture.h"

/* PT 13: the agency that gets an entry back has three working days; the center has one. */
static void review_and_resubmission_terms(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E0", "authorised");
    ledger_at(ledger, "2026-02-13T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("年检结果", "authorised", NULL));
    /* Friday 13: the day after is Saturday 14 (调休). */
    assert_int_equal(ledger_int(ledger, "entry/" ALPHA "/E1", "terms.review.due_ms"),
                     at("2026-02-15T00:00:00+08:00"));
    ledger_at(ledger, "2026-02-24T09:00:00+08:00");
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'field':'summary','reason':'摘要过于简单'}]}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    const struct doc *entry = ledger_get(ledger, "entry/" ALPHA "/E1");
    assert_true(doc_get_bool(doc_get(entry, "review"), "late", false));
    /* Tuesday 24: 25 26 27. */
    assert_int_equal(ledger_int(ledger, "entry/" ALPHA "/E1", "terms.resubmit.due_ms"),
                     at("2026-02-28T00:00:00+08:00"));
    const char *version = ledger_version(ledger, "entry/" ALPHA "/E1");
    ledger_at_ms(ledger, at("2026-02-28T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), 1);
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E1", "review-overdue"));
    ledger_at(ledger, "2026-02-28T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, "entry/" ALPHA "/E1", "resubmission-overdue"));
    /* Overdue is on record, and the entry can still come. */
    ledger_must(ledger, ALPHA "/compile", "catalog.submit",
                "{'code':'E1','acts_on':'%s','entry':%s}", version,
                entry_text("年检结果", "authorised", NULL));
    assert_true(doc_get_bool(ledger_get(ledger, "entry/" ALPHA "/E1"), "late", false));
    ledger_close(&ledger);
}

/* The center's day, to the millisecond; by the calendar in force when it reviews; a day on which
 * the chain was there to the last is no excuse. */
static void when_a_review_is_late(void **state)
{
    (void)state;
    static const struct {
        const char *before, *gap_to, *reviewed; /* submitted on Monday 2 March */
        bool corrected, late;
    } cases[] = {
        {NULL, NULL, "2026-03-03T23:59:59.999+08:00", false, false},
        {NULL, NULL, "2026-03-04T00:00:00+08:00", false, true},
        /* Tuesday 3 is made a day off afterwards: until the end of the 4th. */
        {NULL, NULL, "2026-03-04T23:59:59.999+08:00", true, false},
        {NULL, NULL, "2026-03-05T00:00:00+08:00", true, true},
        /* The last block came when the term was over. */
        {"2026-03-04T00:00:00+08:00", "2026-03-04T10:00:00+08:00", "2026-03-04T10:00:01+08:00",
         false, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open("putuo");
        ledger_give_entry(ledger, "E0", "authorised");
        ledger_at(ledger, "2026-03-02T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                    entry_text("年检结果", "authorised", NULL));
        if (cases[i].corrected) {
            ledger_must(ledger, CENTER "/admin", "calendar.publish",
                        "{'year':2026,'acts_on':'%s','off':['2026-03-03'],'work':[],"
                        "'source':'试验：更正'}",
                        ledger_version(ledger, "calendar/2026"));
        }
        if (cases[i].before != NULL) {
            ledger_at(ledger, cases[i].before);
            ledger_after_gap(ledger, cases[i].gap_to);
        }
        ledger_at(ledger, cases[i].reviewed);
        ledger_must(ledger, CENTER "/review", "catalog.review",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                    ledger_version(ledger, "entry/" ALPHA "/E1"));
        const struct doc *review = doc_get(ledger_get(ledger, "entry/" ALPHA "/E1"), "review");
        assert_int_equal(doc_get_bool(review, "late", false), cases[i].late);
        ledger_close(&ledger);
    }
}

/* The center is not late for a day on which the chain stood still. */
static void an_outage_excuses_the_review(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E0", "authorised");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00"); /* Monday: the term ends with the 3rd */
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("年检结果", "authorised", NULL));
    ledger_after_gap(ledger, "2026-03-04T10:00:00+08:00"); /* moved to the end of the 5th */
    ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'}",
                ledger_version(ledger, "entry/" ALPHA "/E1"));
    const struct doc *entry = ledger_get(ledger, "entry/" ALPHA "/E1");
    assert_null(doc_get(doc_get(entry, "review"), "late"));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(review_and_resubmission_terms),
        cmocka_unit_test(when_a_review_is_late),
        cmocka_unit_test(an_outage_excuses_the_review),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
