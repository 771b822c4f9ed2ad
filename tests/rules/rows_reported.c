/* What was reported and not judged, by the clause: PT 11, 15, 22; CN 15. */
#include "row.h"

#include "collected.h"

/* Collected on Monday 2 March and refused on Tuesday 3, by law; the judge's decision on it, if
 * there is one. */
static struct ledger *taken_back(const char *profile, const char *judge, const char *decision)
{
    struct ledger *ledger = accepted(profile, "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    int64_t reported_ms = ledger_int(ledger, COLLECTION, "reported_ms");
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(refuse(ledger, REFUSED), 0);
    assert_int_equal(refuse(ledger, REFUSED), 0); /* said twice, it is there still */
    assert_int_equal(ledger_int(ledger, COLLECTION, "kept_ms"), reported_ms);
    assert_null(doc_get(ledger_get(ledger, COLLECTION), "reported_ms"));
    if (decision != NULL) {
        assert_int_equal(certify_as(ledger, judge, decision), 0);
    }
    return ledger;
}

/* PT 11, PT 22: no word of the agency's own closes what it reported. Owed under PT 15 on 3, 4, 5,
 * 6, 9, 10, 11, 12, 13, 16; under CN 15, from the return on Tuesday 3, on 4, 5. */
static void C6_reported_kept(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *judge, *decision, *status, *end, *act;
    } cases[] = {
        {"putuo", NULL, NULL, "refused", "2026-03-17T00:00:00+08:00", "collect-overdue"},
        {"putuo", CENTER "/review", RETURN, "unfounded", "2026-03-17T00:00:00+08:00",
         "collect-overdue"},
        {"changning", SUPERVISOR "/approve", RETURN, "unfounded", "2026-03-06T00:00:00+08:00",
         "recollect-overdue"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = taken_back(cases[i].profile, cases[i].judge, cases[i].decision);
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), cases[i].status);
        size_t acts = doc_count(ledger->acts);
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_int_equal(doc_count(ledger->acts), acts);
        ledger_at(ledger, cases[i].end);
        assert_true(ledger_act_is(ledger, 0, COLLECTION, cases[i].act));
        ledger_at(ledger, "2026-12-01T10:00:00+08:00");
        assert_int_equal(ask(ledger), 0);
        ledger_close(&ledger);
    }
}

/* CN 15: changed on Tuesday 3 March, while the refusal waits: 4, 5. */
static void C6_refused_renewed(void **state)
{
    (void)state;
    struct ledger *ledger = taken_back("changning", NULL, NULL);
    assert_int_equal(ledger_due(ledger, "recollect"), 0);
    change_to(ledger, ONE_ITEM, NULL);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "refused");
    size_t acts = doc_count(ledger->acts);
    ledger_at_ms(ledger, at("2026-03-06T00:00:00+08:00") - 1);
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_at(ledger, "2026-03-06T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, COLLECTION, "recollect-overdue"));
    ledger_collect(ledger, "E1");
    assert_true(doc_get_bool(doc_get(ledger_get(ledger, COLLECTION), "report"), "late", false));
    ledger_close(&ledger);
}

/* It is there until the refusal is accepted or the entry is retired. */
static void C6_reported_kept_until(void **state)
{
    (void)state;
    struct ledger *ledger = taken_back("putuo", CENTER "/review", "'accept'");
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "exempt");
    assert_null(doc_get(ledger_get(ledger, COLLECTION), "kept_ms"));
    ledger_close(&ledger);
    ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_int_equal(ask(ledger), ERR_NOT_COLLECTED);
    assert_int_equal(refuse(ledger, REFUSED), 0); /* of what was returned: nothing is there */
    assert_int_equal(ask(ledger), ERR_NOT_COLLECTED);
    ledger_close(&ledger);
    ledger = taken_back("putuo", NULL, NULL);
    is_retired(ledger, ALPHA);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "ended");
    assert_null(doc_get(ledger_get(ledger, COLLECTION), "kept_ms"));
    ledger_close(&ledger);
}

/* PT 11, PT 22: reported on Monday 2 March; what is reported on Tuesday 3 in its place is returned
 * the same day, and owed as before. */
static void C6_reported_junk(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        struct ledger *ledger;
        if (refused) {
            ledger = taken_back("putuo", CENTER "/review", RETURN);
        } else {
            ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
            ledger_collect(ledger, "E1");
            ledger_at(ledger, "2026-03-03T10:00:00+08:00");
        }
        for (int again = 0; again < 2; again++) {
            ledger_collect(ledger, "E1");
            assert_int_equal(certify(ledger, RETURN), 0);
            assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
            assert_int_equal(ask(ledger), 0);
        }
        ledger_collect(ledger, "E1");
        assert_int_equal(certify(ledger, "'accept'"), 0);
        assert_null(doc_get(ledger_get(ledger, COLLECTION), "kept_ms"));
        ledger_close(&ledger);
    }

    /* What was returned, and is reported anew, was not there in between. */
    struct ledger *returned = accepted("changning", "2026-03-02T10:00:00+08:00");
    for (int again = 0; again < 2; again++) {
        ledger_collect(returned, "E1");
        assert_int_equal(certify(returned, RETURN), 0);
        assert_null(doc_get(ledger_get(returned, COLLECTION), "kept_ms"));
    }
    ledger_close(&returned);

    /* Where its items change the data is owed anew, however often it was reported (CN 15). */
    struct ledger *ledger = accepted("changning", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    ledger_collect(ledger, "E1");
    change_to(ledger, ONE_ITEM, NULL);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "due");
    ledger_close(&ledger);
}

/* PT 15, CN 15: nobody had looked at the first report, of Monday 2 March, when the second took its
 * place; the center returns that on Tuesday 3, and what was reported before it on Wednesday 4. Ten
 * days were left on the 2nd: 4, 5, 6, 9, 10, 11, 12, 13, 16, 17; of a report that was taken back
 * they ran: 3, 4, 5, 6, 9, 10, 11, 12, 13, 16. */
static struct ledger *returned_after(bool refused)
{
    if (refused) {
        return taken_back("putuo", CENTER "/review", RETURN);
    }
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    ledger_collect(ledger, "E1");
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(certify(ledger, RETURN), 0);
    return ledger;
}

static void C6_junk_keeps_no_junk(void **state)
{
    (void)state;
    static const struct {
        const char *status, *end;
    } cases[] = {{"due", "2026-03-18T00:00:00+08:00"}, {"unfounded", "2026-03-17T00:00:00+08:00"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = returned_after(i == 1);
        size_t acts = doc_count(ledger->acts);
        assert_int_equal(ledger_int(ledger, COLLECTION, "returned"), i == 0 ? 1 : -1);
        assert_int_equal(ask(ledger), 0);
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        assert_int_equal(certify(ledger, "'accept'"), ERR_STATUS);
        assert_int_equal(certify_as(ledger, ALPHA "/approve", RETURN), ERR_PARTY);
        assert_int_equal(certify(ledger, "'return'"), ERR_GROUNDS);
        assert_int_equal(certify(ledger, RETURN), 0);
        assert_int_equal(ask(ledger), ERR_NOT_COLLECTED);
        assert_string_equal(ledger_text(ledger, COLLECTION, "status"), cases[i].status);
        assert_int_equal(ledger_int(ledger, COLLECTION, "returned"), i == 0 ? 2 : 1);
        assert_int_equal(certify(ledger, RETURN), ERR_STATUS); /* nothing is left to return */
        ledger_at_ms(ledger, at(cases[i].end) - 1);
        assert_int_equal(doc_count(ledger->acts), acts);
        ledger_at(ledger, cases[i].end);
        assert_true(ledger_act_is(ledger, 0, COLLECTION, "collect-overdue"));
        ledger_collect(ledger, "E1");
        assert_int_equal(ask(ledger), 0);
        ledger_close(&ledger);
    }

    /* A refusal that waits is judged before what was reported before it. */
    struct ledger *ledger = taken_back("putuo", NULL, NULL);
    assert_int_equal(certify(ledger, RETURN), 0);
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "unfounded");
    assert_int_equal(ask(ledger), 0);
    ledger_close(&ledger);
}
