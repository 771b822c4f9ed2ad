/* Terms that an outage or a suspension moved over the end of 2026, and by which calendar that is
 * counted. By the notice for 2027 that is made up here 1 January, a Friday, is off, and no weekend
 * is worked: the first working day is Monday, 4 January. */
#include "rows_grants.h"

#define PUBLISHED "{'year':2027,'off':['2027-01-01'],'work':[],'source':'测试用通知'}"

static char request[2 * HASH_BYTES + 1], key[100];

static struct ledger *asked(const char *time, const char *end)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, time);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
    (void)snprintf(key, sizeof key, "request/%s", request);
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"), at(end));
    return ledger;
}

static void outage(struct ledger *ledger, const char *from, const char *to)
{
    ledger_at(ledger, from);
    ledger_after_gap(ledger, to);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
}

/* At this time, and taken into account by the block a minute later. */
static void publish(struct ledger *ledger, const char *time)
{
    ledger_at(ledger, time);
    ledger_must(ledger, CENTER "/admin", "calendar.publish", PUBLISHED);
    ledger_at_ms(ledger, at(time) + 60000);
}

static void approved_at(struct ledger *ledger, const char *end)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    ledger_at(ledger, end);
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    ledger_close(&ledger);
}

static void D14_moved_by_outage(void **state)
{
    (void)state;
    /* Received on 29 September: 30, 8, 9, 10 and 12 October. The outage gives the 14th, on
     * whatever day a calendar comes, be it that of another year. */
    static const char *const published[] = {"2026-10-13T09:00:00+08:00",
                                            "2026-10-14T09:00:00+08:00"};
    for (size_t i = 0; i < COUNT_OF(published); i++) {
        struct ledger *ledger = asked("2026-09-29T10:00:00+08:00", "2026-10-13T00:00:00+08:00");
        outage(ledger, "2026-10-12T18:00:00+08:00", "2026-10-13T08:00:00+08:00");
        publish(ledger, published[i]);
        approved_at(ledger, "2026-10-15T00:00:00+08:00");
    }
    /* Received on 24 December: 25, 28 to 31. The outage ends on 1 January. */
    struct ledger *ledger = asked("2026-12-24T10:00:00+08:00", "2027-01-01T00:00:00+08:00");
    outage(ledger, "2026-12-31T20:00:00+08:00", "2027-01-01T08:00:00+08:00");
    publish(ledger, "2027-01-01T09:00:00+08:00");
    approved_at(ledger, "2027-01-05T00:00:00+08:00");
    /* Received on 23 December: 24, 25, 28 to 30. It gives 1 January, by its weekday, or the 4th by
     * the calendar; without one the 4th to the 29th are twenty working days. */
    for (int comes = 0; comes < 2; comes++) {
        ledger = asked("2026-12-23T10:00:00+08:00", "2026-12-31T00:00:00+08:00");
        outage(ledger, "2026-12-30T20:00:00+08:00", "2026-12-31T08:00:00+08:00");
        assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                         at("2027-01-02T00:00:00+08:00"));
        if (comes) {
            publish(ledger, "2026-12-31T09:00:00+08:00");
        }
        approved_at(ledger, comes ? "2027-01-05T00:00:00+08:00" : "2027-01-30T00:00:00+08:00");
    }
    /* Received on 30 December, it waits until 4 February (D14_provisional_waits). The outage gives
     * Friday, 5 February; and no twenty days more. */
    ledger = asked("2026-12-30T10:00:00+08:00", "2027-01-07T00:00:00+08:00");
    ledger_at(ledger, "2027-01-07T00:00:00+08:00");
    assert_int_equal(ledger_int(ledger, key, "terms.answer.due_ms"),
                     at("2027-02-04T00:00:00+08:00"));
    outage(ledger, "2027-02-03T20:00:00+08:00", "2027-02-04T03:00:00+08:00");
    approved_at(ledger, "2027-02-06T00:00:00+08:00");
}

/* Unused for three months after 29 August, suspended with 29 November; thirty days: 30 December. */
static void D14_moved_days(void **state)
{
    (void)state;
    for (int comes = 0; comes < 2; comes++) {
        struct ledger *ledger =
            granted("putuo", "2026-08-29T10:00:00+08:00", "{'until':'2027-06-30'}");
        ledger_at(ledger, "2026-11-30T00:00:00+08:00");
        assert_int_equal(ledger_int(ledger, subject, "terms.objection.due_ms"),
                         at("2026-12-31T00:00:00+08:00"));
        ledger_at(ledger, "2026-12-30T20:00:00+08:00");
        ledger_after_gap(ledger, "2026-12-31T08:00:00+08:00");
        if (comes) {
            publish(ledger, "2026-12-31T09:00:00+08:00");
        }
        becomes_at(ledger, "suspended",
                   comes ? "2027-01-05T00:00:00+08:00" : "2027-01-30T00:00:00+08:00", "terminated");
        ledger_close(&ledger);
    }
}

static bool rectify_over(struct ledger *ledger)
{
    const struct doc *terms = doc_get(ledger_get(ledger, "%s", key), "terms");
    return doc_get_bool(doc_get(terms, "rectify"), "over", false);
}

/* On this day BETA is ordered to rectify until that one. */
static struct ledger *ordered(const char *time, const char *until)
{
    struct ledger *ledger = ledger_open("changning");
    ledger_at(ledger, time);
    ledger_must(ledger, CENTER "/review", "rectify.order",
                "{'member':'" BETA "','kind':'untrue-or-late','requirement':'更新目录',"
                "'until':'%s'}",
                until);
    (void)snprintf(key, sizeof key, "rectification/%s", ledger->txid);
    return ledger;
}

/* To the millisecond. */
static void is_over_at(struct ledger *ledger, const char *time)
{
    ledger_at_ms(ledger, at(time) - 1);
    assert_false(rectify_over(ledger));
    ledger_at(ledger, time);
    assert_true(rectify_over(ledger));
}

/* Until 30 December; suspended on that day, and back on the 31st. */
static void D14_moved_instant(void **state)
{
    (void)state;
    struct ledger *ledger = ordered("2026-12-29T10:00:00+08:00", "2026-12-30");
    ledger_at(ledger, "2026-12-30T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-12-31T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    publish(ledger, "2026-12-31T11:00:00+08:00");
    is_over_at(ledger, "2027-01-05T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "rectify-overdue"));
    ledger_close(&ledger);
    /* Back on Thursday, 12 March: it has Friday the 13th, whether or not there was a block meanwhile
     * by which it was to end on the 12th. */
    for (int moved = 0; moved < 2; moved++) {
        ledger = ordered("2026-03-02T10:00:00+08:00", "2026-03-10");
        ledger_at(ledger, "2026-03-10T09:00:00+08:00");
        ledger_member(ledger, "member.suspend", BETA);
        if (moved) {
            ledger_at(ledger, "2026-03-11T00:00:00+08:00");
            assert_true(ledger_act_is(ledger, 0, key, "term-moved"));
        }
        ledger_at(ledger, "2026-03-12T10:00:00+08:00");
        ledger_member(ledger, "member.restore", BETA);
        is_over_at(ledger, "2026-03-14T00:00:00+08:00");
        ledger_close(&ledger);
    }
    /* An outage over that day as well gives no less. */
    ledger = ordered("2026-03-02T10:00:00+08:00", "2026-03-10");
    ledger_at(ledger, "2026-03-10T09:00:00+08:00");
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-03-10T20:00:00+08:00");
    ledger_after_gap(ledger, "2026-03-11T08:00:00+08:00");
    ledger_at(ledger, "2026-03-12T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    is_over_at(ledger, "2026-03-14T00:00:00+08:00");
    ledger_close(&ledger);
    /* Suspended when that day begins, of which the last are told, and back on it: it ends. */
    fixture_warns = true;
    ledger = ordered("2026-03-02T10:00:00+08:00", "2026-03-10");
    ledger_at(ledger, "2026-03-09T21:00:00+08:00");
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    ledger_at(ledger, "2026-03-10T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    is_over_at(ledger, "2026-03-11T00:00:00+08:00");
    ledger_close(&ledger);
    fixture_warns = false;
    /* However often it was suspended months before, its day stays. */
    ledger = ordered("2026-03-02T10:00:00+08:00", "2026-06-30");
    for (int i = 0; i < 18; i++) {
        ledger_at_ms(ledger, at("2026-03-03T10:00:00+08:00") + (int64_t)i * 3600000);
        ledger_member(ledger, "member.suspend", BETA);
        ledger_at_ms(ledger, at("2026-03-03T10:01:00+08:00") + (int64_t)i * 3600000);
        ledger_member(ledger, "member.restore", BETA);
    }
    publish(ledger, "2026-03-10T10:00:00+08:00");
    is_over_at(ledger, "2026-07-01T00:00:00+08:00");
    ledger_close(&ledger);
}
