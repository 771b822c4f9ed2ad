/* Terms that reach into 2027, whose notice the State Council has not given when they begin. By the
 * notice that is made up here 1 January 2027, a Friday, is off, and no weekend is worked. */
#include "row.h"

#define PUBLISHED "{'year':2027,'off':['2027-01-01'],'work':[],'source':'测试用通知'}"

static char request[2 * HASH_BYTES + 1], key[100];

/* Asked for on Wednesday, 30 December: 31; by the weekdays Friday 1, Monday 4, 5, 6 January. */
static struct ledger *asked(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-12-30T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
    (void)snprintf(key, sizeof key, "request/%s", request);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-01-07T00:00:00+08:00"));
    return ledger;
}

static bool says(struct ledger *ledger, const char *record, const char *term, const char *what)
{
    const struct doc *terms = doc_get(ledger_get(ledger, "%s", record), "terms");
    return doc_get_bool(doc_get(terms, term), what, false);
}

/* Its provisional end is there: 7, 8, 11–15, 18–22, 25–29 January, 1, 2, 3 February are twenty. */
static struct ledger *awaiting(void)
{
    struct ledger *ledger = asked();
    ledger_at(ledger, "2027-01-07T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    assert_true(ledger_act_is(ledger, 0, key, "term-moved"));
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-02-04T00:00:00+08:00"));
    assert_true(says(ledger, key, "answer", "provisional"));
    return ledger;
}

static void approved_at(struct ledger *ledger, const char *end)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    ledger_at(ledger, end);
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    ledger_close(&ledger);
}

static void D14_provisional_waits(void **state)
{
    (void)state;
    /* Counted again on the 7th itself: 31, then 4, 5, 6, 7 January. Later, at 24:00 of that day. */
    static const struct {
        const char *published, *end;
    } cases[] = {{"2027-01-07T10:00:00+08:00", "2027-01-08T00:00:00+08:00"},
                 {"2027-01-11T10:00:00+08:00", "2027-01-12T00:00:00+08:00"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = awaiting();
        ledger_at(ledger, cases[i].published);
        ledger_must(ledger, CENTER "/admin", "calendar.publish", PUBLISHED);
        ledger_at_ms(ledger, at(cases[i].published) + 60000);
        assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"), at(cases[i].end));
        assert_false(says(ledger, key, "answer", "provisional"));
        assert_null(doc_get(doc_get(doc_get(ledger_get(ledger, "%s", key), "terms"), "answer"),
                            "awaits_ms"));
        approved_at(ledger, cases[i].end);
    }
    approved_at(awaiting(), "2027-02-04T00:00:00+08:00");
    /* Another year's calendar is corrected meanwhile: it is looked at again, and goes on waiting. */
    struct ledger *ledger = awaiting();
    ledger_at(ledger, "2027-01-12T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2025,'acts_on':'%s','off':['2025-01-01'],'work':[],'source':'更正'}",
                ledger_version(ledger, "calendar/2025"));
    ledger_at(ledger, "2027-01-12T10:01:00+08:00");
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-02-04T00:00:00+08:00"));
    ledger_at(ledger, "2027-01-13T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    approved_at(ledger, "2027-02-04T00:00:00+08:00");
    /* Its provider is suspended on 12 January, four of its days over, and back on Wednesday, 10
     * February. The day that is left is the 11th, a working day by its weekday only: 12, 15–19,
     * 22–26 February, 1–5, 8–11 March are twenty. */
    ledger = awaiting();
    ledger_at(ledger, "2027-01-12T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", ALPHA);
    ledger_at(ledger, "2027-02-10T10:00:00+08:00");
    ledger_member(ledger, "member.restore", ALPHA);
    ledger_at(ledger, "2027-02-12T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    approved_at(ledger, "2027-03-12T00:00:00+08:00");
    /* What is answered while it waits is in time. */
    ledger = awaiting();
    ledger_at(ledger, "2027-01-20T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'approve'}", request,
                ledger_version(ledger, "%s", key));
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    assert_false(doc_get_bool(ledger_get(ledger, "answer/%s", request), "late", false));
    ledger_close(&ledger);
}

/* Refused on 28 December: 29 to 31, then 4 and 5 January; by the weekdays 1 and 4 January, and after
 * those 5–8, 11–15, 18–22, 25–29 January and 1 February, which are twenty. */
static void D14_provisional_dispute(void **state)
{
    (void)state;
    for (int published = 0; published < 2; published++) {
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-12-28T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
        ledger_must(ledger, ALPHA "/approve", "request.answer",
                    "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':{'legal_basis':"
                    "[{'law':'个人信息保护法','article':'第十三条'}]}}",
                    request, ledger_version(ledger, "request/%s", request));
        ledger_at(ledger, "2026-12-29T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.retire",
                    "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                    ledger_version(ledger, "entry/" ALPHA "/E1"));
        ledger_at(ledger, "2027-01-04T10:00:00+08:00");
        if (published) {
            ledger_must(ledger, CENTER "/admin", "calendar.publish", PUBLISHED);
        }
        const char *end = published ? "2027-01-06T00:00:00+08:00" : "2027-02-02T00:00:00+08:00";
        static const char assess[] = "{'provider':'" ALPHA
                                     "','code':'E1','acts_on':'%s','decision':'accept'}";
        ledger_at_ms(ledger, at(end) - 1);
        assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", assess,
                                   ledger_version(ledger, "change/" ALPHA "/E1")),
                         ERR_UNDECIDED);
        ledger_at(ledger, end);
        assert_int_equal(ledger_do(ledger, CENTER "/review", "catalog.assess", assess,
                                   ledger_version(ledger, "change/" ALPHA "/E1")),
                         0);
        ledger_close(&ledger);
    }
}

/* Submitted on Thursday, 31 December: the center has one working day, by the weekdays Friday. */
static void D14_provisional_overdue(void **state)
{
    (void)state;
    for (int published = 0; published < 2; published++) {
        struct ledger *ledger = asked();
        ledger_at(ledger, "2026-12-31T10:00:00+08:00");
        ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E2','entry':%s}",
                    entry_text("社会组织年检", "unconditional", NULL));
        const char *entry = "entry/" ALPHA "/E2";
        assert_int_equal(ledger_int(ledger, entry, "terms.review.due_ms"),
                         at("2027-01-02T00:00:00+08:00"));
        ledger_at(ledger, "2027-01-02T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, entry, "term-moved"));
        assert_false(says(ledger, entry, "review", "over"));
        /* Monday the 4th to Friday the 29th of January are twenty. */
        assert_int_equal(ledger_int(ledger, entry, "terms.review.due_ms"),
                         at("2027-01-30T00:00:00+08:00"));
        if (published) { /* on Saturday: its day is Monday the 4th */
            ledger_must(ledger, CENTER "/admin", "calendar.publish", PUBLISHED);
            ledger_at(ledger, "2027-01-02T10:00:00+08:00");
        }
        const char *end = published ? "2027-01-05T00:00:00+08:00" : "2027-01-30T00:00:00+08:00";
        ledger_at_ms(ledger, at(end) - 1);
        assert_false(says(ledger, entry, "review", "over"));
        ledger_at(ledger, end);
        assert_true(says(ledger, entry, "review", "over"));
        assert_false(says(ledger, entry, "review", "provisional")); /* it moves no more */
        ledger_close(&ledger);
    }
}
