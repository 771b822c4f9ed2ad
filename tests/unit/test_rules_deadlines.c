/* Terms at block time: working days of the State Council's calendars, deemed approval, escalation,
 * outages, calendars published late or corrected. The ends of terms are literals, worked out by
 * hand from the notices for 2025 and 2026; the counting is beside them. */
#include "rules_fixture.h"

#include "record_size.h"

#include "base/limits.h"

static char request[2 * HASH_BYTES + 1];

/* A pending request, received at this time. */
static struct ledger *pending(const char *profile, const char *received)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, received);
    ledger_give_entry(ledger, "E1", "authorised");
    const char *until = strncmp(received, "2026-12", 7) == 0 ? "{'until':'2027-06-30'}" : NULL;
    assert_int_equal(ledger_ask(ledger, request, "E1", until), 0);
    return ledger;
}

static const char *status_of(struct ledger *ledger, const char *id)
{
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    return ledger_text(ledger, key, "status");
}

static int64_t due_of(struct ledger *ledger, const char *id)
{
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    return ledger_int(ledger, key, "terms.answer.due_ms");
}

static void terms_end_on_the_calendar(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *received, *end;
    } cases[] = {
        /* Monday 5 January: 6 7 8 9 12. */
        {"putuo", "2026-01-05T10:00:00+08:00", "2026-01-13T00:00:00+08:00"},
        /* The last instant of a day is still that day: received on the 5th. */
        {"putuo", "2026-01-05T23:59:59.999+08:00", "2026-01-13T00:00:00+08:00"},
        {"putuo", "2026-01-06T00:00:00+08:00", "2026-01-14T00:00:00+08:00"},
        /* Thursday 12 February: 13, Saturday 14 (调休), holiday 15–23, 24 25 26. */
        {"putuo", "2026-02-12T10:00:00+08:00", "2026-02-27T00:00:00+08:00"},
        /* Received on a day off, Tuesday 17: 24 25 26 27, Saturday 28 (调休). */
        {"putuo", "2026-02-17T10:00:00+08:00", "2026-03-01T00:00:00+08:00"},
        /* Wednesday 29 April: 30, holiday 1–5 May, 6 7 8, Saturday 9 (调休). */
        {"putuo", "2026-04-29T10:00:00+08:00", "2026-05-10T00:00:00+08:00"},
        /* Wednesday 23 September: 24, holiday 25–27, 28 29 30, holiday 1–7 October, 8. */
        {"putuo", "2026-09-23T10:00:00+08:00", "2026-10-09T00:00:00+08:00"},
        /* Ten days: 13 14 | 24 25 26 27 28 | 2 3 4 March. */
        {"changning", "2026-02-12T10:00:00+08:00", "2026-03-05T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending(cases[i].profile, cases[i].received);
        assert_int_equal(due_of(ledger, request), at(cases[i].end));
        assert_string_equal(status_of(ledger, request), "pending");
        ledger_close(&ledger);
    }
}

/* PT 20: silent until the last millisecond of the last day; approved in the first block after. */
static void silence_approves_in_putuo(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    char subject[100], grant[100], answer[100];
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    (void)snprintf(grant, sizeof grant, "grant/%s", request);
    (void)snprintf(answer, sizeof answer, "answer/%s", request);
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    assert_null(ledger_get(ledger, "%s", answer));
    assert_int_equal(doc_count(ledger->acts), 0);
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00"));
    assert_string_equal(status_of(ledger, request), "granted");
    assert_int_equal(doc_count(ledger->acts), 1);
    assert_true(ledger_act_is(ledger, 0, subject, "deemed-approved"));
    const struct doc *act = doc_at(ledger->acts, 0);
    assert_true(doc_text_is(act, "clause", "PT 20"));
    assert_int_equal(doc_get_int(act, "height", 0), ledger->height);
    assert_int_equal(doc_get_int(act, "due_ms", 0), at("2026-02-27T00:00:00+08:00"));
    assert_string_equal(ledger_text(ledger, answer, "decision"), "approve");
    assert_true(doc_get_bool(ledger_get(ledger, "%s", answer), "deemed", false));
    assert_string_equal(ledger_text(ledger, grant, "status"), "active");
    /* The version that the act made current is the digest of the act in the log. */
    struct hash digest;
    char hex[2 * HASH_BYTES + 1];
    doc_hash(&digest, RULE_ACT_TAG, act);
    hash_to_hex(hex, &digest);
    assert_string_equal(ledger_text(ledger, grant, "version"), hex);
    assert_string_equal(ledger_text(ledger, subject, "version"), hex);
    /* Only the grant's own terms are left in the index, its expiry and its disuse (PT 26), and
     * nothing happens twice. */
    assert_int_equal(ledger_count(ledger, "due/"), 2);
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00") + 1);
    assert_int_equal(doc_count(ledger->acts), 1);
    ledger_close(&ledger);
}

static void the_answer_in_the_last_millisecond_counts(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00") - 1);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':"
                "{'legal_basis':[{'law':'个人信息保护法','article':'第十三条'}]}}",
                request, ledger_version(ledger, "request/%s", request));
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00"));
    assert_string_equal(status_of(ledger, request), "refused");
    assert_int_equal(doc_count(ledger->acts), 0);
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

static void the_answer_one_millisecond_late_does_not(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    const char *version = ledger_version(ledger, "request/%s", request);
    ledger_at_ms(ledger, at("2026-02-27T00:00:00+08:00"));
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "request.answer",
                               "{'request':'%s','acts_on':'%s','decision':'approve'}", request,
                               version),
                     ERR_VERSION_STALE);
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "request.answer",
                               "{'request':'%s','acts_on':'%s','decision':'approve'}", request,
                               ledger_version(ledger, "request/%s", request)),
                     ERR_STATUS);
    ledger_close(&ledger);
}

/* CN 17 and OPEN 19 know no deemed approval: the request goes up, and can still be answered. */
static void silence_escalates_elsewhere(void **state)
{
    (void)state;
    struct ledger *ledger = pending("changning", "2026-02-12T10:00:00+08:00");
    char subject[100];
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    ledger_at_ms(ledger, at("2026-03-05T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at_ms(ledger, at("2026-03-05T00:00:00+08:00"));
    assert_string_equal(status_of(ledger, request), "escalated");
    assert_true(ledger_act_is(ledger, 0, subject, "escalated"));
    assert_null(ledger_get(ledger, "answer/%s", request));
    assert_null(ledger_get(ledger, "grant/%s", request));
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s'," APPROVED "}", request,
                ledger_version(ledger, "request/%s", request));
    assert_true(doc_get_bool(ledger_get(ledger, "answer/%s", request), "late", false));
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

/* An outage approves nothing: the term that ended in it gets the next working day. */
static void an_outage_moves_the_end(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    ledger_at(ledger, "2026-02-26T20:00:00+08:00");
    ledger_after_gap(ledger, "2026-02-27T09:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "pending");
    /* Back on Friday the 27th; the next working day is Saturday the 28th (调休). */
    assert_int_equal(due_of(ledger, request), at("2026-03-01T00:00:00+08:00"));
    assert_int_equal(doc_count(ledger->acts), 2);
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    assert_true(doc_text_is(doc_at(ledger->acts, 0), "effect", "outage"));
    assert_int_equal(ledger_count(ledger, "outage/"), 1);
    ledger_at_ms(ledger, at("2026-03-01T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at(ledger, "2026-03-01T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

static void a_gap_moves_only_what_ended_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after, *status;
        size_t outages;
    } cases[] = {
        /* Exactly outage_ms (10 min) is no outage yet; a millisecond more is. */
        {"2026-02-26T23:55:00+08:00", "2026-02-27T00:05:00+08:00", "granted", 0},
        {"2026-02-26T23:55:00+08:00", "2026-02-27T00:05:00.001+08:00", "pending", 1},
        /* The end is the first instant of the gap: it was over when the last block was made. */
        {"2026-02-27T00:00:00+08:00", "2026-02-27T09:00:00+08:00", "granted", 1},
        /* The chain came back in time for the last hours. */
        {"2026-02-25T10:00:00+08:00", "2026-02-26T12:00:00+08:00", "pending", 1},
        /* The end is the last instant of the gap. */
        {"2026-02-26T20:00:00+08:00", "2026-02-27T00:00:00+08:00", "pending", 1},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
        ledger_at(ledger, cases[i].before);
        ledger_after_gap(ledger, cases[i].after);
        assert_string_equal(status_of(ledger, request), cases[i].status);
        assert_int_equal(ledger_count(ledger, "outage/"), cases[i].outages);
        ledger_close(&ledger);
    }
}

static void one_outage_after_another(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    ledger_at(ledger, "2026-02-26T20:00:00+08:00");
    ledger_after_gap(ledger, "2026-02-27T09:00:00+08:00"); /* moved to the end of the 28th */
    ledger_after_gap(ledger, "2026-03-02T09:00:00+08:00"); /* away again over that: Tuesday 3 */
    assert_string_equal(status_of(ledger, request), "pending");
    assert_int_equal(due_of(ledger, request), at("2026-03-04T00:00:00+08:00"));
    ledger_at(ledger, "2026-03-04T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

#define YEAR_2027                                                                                  \
    "{'year':2027,'off':['2027-01-01','2027-01-02','2027-01-03'],'work':[],"                       \
    "'source':'试验：2027 年放假安排'}"

static void a_year_not_published_is_provisional(void **state)
{
    (void)state;
    char subject[100];
    /* Tuesday 29 December: 30 31, then by the weekday alone 1 January, 4, 5. */
    struct ledger *ledger = pending("putuo", "2026-12-29T10:00:00+08:00");
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    assert_int_equal(due_of(ledger, request), at("2027-01-06T00:00:00+08:00"));
    const struct doc *term = doc_get(doc_get(ledger_get(ledger, "%s", subject), "terms"), "answer");
    assert_true(doc_get_bool(term, "provisional", false));
    /* Published: 30 31 | holiday 1–3 | 4 5 6. */
    ledger_must(ledger, CENTER "/admin", "calendar.publish", YEAR_2027);
    ledger_at(ledger, "2026-12-29T10:00:05+08:00");
    assert_int_equal(due_of(ledger, request), at("2027-01-07T00:00:00+08:00"));
    term = doc_get(doc_get(ledger_get(ledger, "%s", subject), "terms"), "answer");
    assert_false(doc_get_bool(term, "provisional", false));
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    assert_null(ledger_get(ledger, "recount"));
    ledger_at_ms(ledger, at("2027-01-07T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at(ledger, "2027-01-07T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

/* A correction of one year leaves what hangs on another one provisional. */
static void provisional_until_the_last_year_is_published(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = pending("putuo", "2026-12-29T10:00:00+08:00");
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    /* Wednesday 30 becomes a day off: 31 | 1 4 5 6 by the weekday. */
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2026,'acts_on':'%s','off':['2026-12-30'],'work':[],'source':'更正'}",
                ledger_version(ledger, "calendar/2026"));
    ledger_at(ledger, "2026-12-29T10:00:05+08:00");
    assert_int_equal(due_of(ledger, request), at("2027-01-07T00:00:00+08:00"));
    const struct doc *term = doc_get(doc_get(ledger_get(ledger, "%s", subject), "terms"), "answer");
    assert_true(doc_get_bool(term, "provisional", false));
    /* Published without a change to the end: only the reservation goes, and no act is due. */
    size_t acts = doc_count(ledger->acts);
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-05-03'],'work':[],'source':'通知'}");
    ledger_at(ledger, "2026-12-29T10:00:10+08:00");
    assert_int_equal(due_of(ledger, request), at("2027-01-07T00:00:00+08:00"));
    term = doc_get(doc_get(ledger_get(ledger, "%s", subject), "terms"), "answer");
    assert_null(doc_get(term, "provisional"));
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_close(&ledger);
}

/* No calendar ever comes: that approves nothing early, and nobody can stop a deemed approval for
 * ever by not publishing one: 6 7 8, 11 to 15, 18 to 22, 25 to 29 January, 1 2 February. */
static void a_provisional_term_ends_in_the_end(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-12-29T10:00:00+08:00");
    ledger_at(ledger, "2027-01-06T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at_ms(ledger, at("2027-02-03T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at(ledger, "2027-02-03T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

/* Before the sweep gets to it, a rule that touches the request already counts by the calendar. */
static void a_published_calendar_counts_in_the_same_block(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-12-29T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish", YEAR_2027);
    ledger_must(ledger, BETA "/compile", "request.withdraw",
                "{'request':'%s','acts_on':'%s','reason':'不再需要'}", request,
                ledger_version(ledger, "request/%s", request));
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_at(ledger, "2027-01-08T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "withdrawn");
    ledger_close(&ledger);
}

/* A correction can also shorten a term, but not by the day on which it comes. */
static void a_corrected_calendar_moves_terms_both_ways(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    ledger_at(ledger, "2026-02-25T10:00:00+08:00");
    /* As if the 21st and 22nd had been working days: 13 14 21 22 24, over since the 25th, 0:00. */
    AUTO(doc_free) struct doc *calendar = doc_copy(ledger_get(ledger, "calendar/2026"));
    AUTO(buf_free) struct buf off = {0};
    const struct doc *days = doc_get(calendar, "off");
    for (size_t i = 0; i < doc_count(days); i++) {
        const char *day = doc_text(doc_at(days, i));
        if (strcmp(day, "2026-02-21") != 0 && strcmp(day, "2026-02-22") != 0) {
            buf_append_format(&off, "%s'%s'", off.len == 0 ? "" : ",", day);
        }
    }
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2026,'acts_on':'%s','off':[%s],'work':['2026-01-04','2026-02-14',"
                "'2026-02-21','2026-02-22','2026-02-28','2026-05-09','2026-09-20','2026-10-10'],"
                "'source':'试验：更正'}",
                ledger_version(ledger, "calendar/2026"), buf_text(&off));
    assert_int_equal(due_of(ledger, request), at("2026-02-27T00:00:00+08:00"));
    ledger_at(ledger, "2026-02-25T10:00:05+08:00");
    assert_int_equal(due_of(ledger, request), at("2026-02-26T00:00:00+08:00"));
    ledger_at_ms(ledger, at("2026-02-26T00:00:00+08:00") - 1);
    assert_string_equal(status_of(ledger, request), "pending");
    ledger_at(ledger, "2026-02-26T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
}

/* Answers that one block settles, by their declared cost. */
#define ANSWERS_MAX ((size_t)BLOCK_DUE_COST_MAX / 400)

/* More terms than one block may sweep: oldest first, the rest in the next block; and whoever is
 * touched before the sweep gets there is settled on the spot. */
static void the_sweep_is_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-12T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    size_t count = ANSWERS_MAX + 3;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    }
    assert_int_equal(ledger_count(ledger, "due/"), count);
    ledger_at(ledger, "2026-02-27T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), ANSWERS_MAX);
    assert_int_equal(ledger_count(ledger, "grant/"), ANSWERS_MAX);
    char key[300];
    assert_true(state_next(ledger->state, key, "due/", NULL));
    const char *left = strrchr(key, '/') + 1;
    assert_string_equal(status_of(ledger, left), "pending");
    const char *version = ledger_version(ledger, "request/%s", left);
    assert_int_equal(ledger_do(ledger, BETA "/compile", "request.withdraw",
                               "{'request':'%s','acts_on':'%s','reason':'不再需要'}", left,
                               version),
                     ERR_VERSION_STALE); /* deemed approved before it could be withdrawn */
    ledger_at(ledger, "2026-02-27T00:00:01+08:00");
    assert_int_equal(doc_count(ledger->acts), count);
    assert_int_equal(ledger_count(ledger, "grant/"), count);
    ledger_close(&ledger);
}

/* What a transaction may leave at most, the sweep can still act on, or no block could be made. */
static void the_sweep_has_room(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-02-12T10:00:00+08:00");
    pad(ledger, request, STATE_VALUE_TX_BYTES_MAX);
    ledger_at(ledger, "2026-02-27T00:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "granted");
    ledger_close(&ledger);
    /* The years to come are not published: it moves, and is provisional. */
    ledger = pending("putuo", "2026-12-29T10:00:00+08:00");
    pad(ledger, request, STATE_VALUE_TX_BYTES_MAX);
    ledger_at(ledger, "2026-12-29T20:00:00+08:00");
    ledger_after_gap(ledger, "2027-01-06T09:00:00+08:00");
    assert_string_equal(status_of(ledger, request), "pending");
    assert_in_range(size_of(ledger, "request", request), STATE_VALUE_TX_BYTES_MAX,
                    STATE_VALUE_BYTES_MAX);
    ledger_close(&ledger);
}

/* Giants cost the sweep more: 400 for its end, and one for each 256 bytes beyond 16 KiB. A request
 * of 259900 bytes when it is settled costs 1351: after 22 there are 278 left of 30000, which the
 * 23rd takes. */
static void giants_are_swept_more_slowly(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-12T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    for (size_t i = 0; i < 25; i++) {
        assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
        pad(ledger, request, 260000);
    }
    ledger_at(ledger, "2026-02-27T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "grant/"), 23);
    ledger_at(ledger, "2026-02-27T00:00:01+08:00");
    assert_int_equal(ledger_count(ledger, "grant/"), 25);
    ledger_close(&ledger);
}

/* So is the recount after a new calendar, block by block; and nothing ends by the old one. */
static void the_recount_is_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-12-29T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    size_t count = ANSWERS_MAX + 3;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
    }
    ledger_must(ledger, CENTER "/admin", "calendar.publish", YEAR_2027);
    ledger_at(ledger, "2026-12-29T10:00:05+08:00");
    assert_int_equal(doc_count(ledger->acts), ANSWERS_MAX);
    assert_non_null(ledger_get(ledger, "recount"));
    /* The old end of those that are left comes in the next block: moved, not approved. */
    ledger_at(ledger, "2027-01-06T00:00:00+08:00");
    assert_int_equal(doc_count(ledger->acts), count);
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    /* What moved ahead of the cursor is met once more, and stays. */
    ledger_at(ledger, "2027-01-06T00:00:01+08:00");
    assert_null(ledger_get(ledger, "recount"));
    assert_int_equal(doc_count(ledger->acts), count);
    assert_int_equal(ledger_count(ledger, "grant/"), 0);
    ledger_at(ledger, "2027-01-07T00:00:00+08:00");
    assert_int_equal(ledger_count(ledger, "grant/"), ANSWERS_MAX);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms_end_on_the_calendar),
        cmocka_unit_test(silence_approves_in_putuo),
        cmocka_unit_test(the_answer_in_the_last_millisecond_counts),
        cmocka_unit_test(the_answer_one_millisecond_late_does_not),
        cmocka_unit_test(silence_escalates_elsewhere),
        cmocka_unit_test(an_outage_moves_the_end),
        cmocka_unit_test(a_gap_moves_only_what_ended_in_it),
        cmocka_unit_test(one_outage_after_another),
        cmocka_unit_test(a_year_not_published_is_provisional),
        cmocka_unit_test(provisional_until_the_last_year_is_published),
        cmocka_unit_test(a_provisional_term_ends_in_the_end),
        cmocka_unit_test(a_published_calendar_counts_in_the_same_block),
        cmocka_unit_test(a_corrected_calendar_moves_terms_both_ways),
        cmocka_unit_test(the_sweep_is_bounded),
        cmocka_unit_test(the_recount_is_bounded),
        cmocka_unit_test(the_sweep_has_room),
        cmocka_unit_test(giants_are_swept_more_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
