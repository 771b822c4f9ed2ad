/* What was asked for, and not decided, when a change was applied for: PT 14, 20, 21, 24, CN 17.
 * 2026: 2 March is a Monday; no document gives a time in which a refusal is to be disputed. */
#include "rows_requests.h"

#include "entry_acts.h"

#define CHANGE "change/" ALPHA "/E1"

/* BETA's request, which ALPHA refuses at this time by what the profile asks for. */
static struct ledger *refused_at(const char *profile, const char *time, const char *grounds)
{
    char answer[300];
    struct ledger *ledger = with_entry(profile, "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_at(ledger, time);
    (void)snprintf(answer, sizeof answer, "'decision':'refuse',%s", grounds);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, answer);
    return ledger;
}

/* Refused and in dispute on Tuesday the 3rd, before the deletion is applied for on the 4th; it is
 * Thursday. */
static struct ledger *disputed_and_retired(const char *profile, const char *grounds)
{
    struct ledger *ledger = refused_at(profile, "2026-03-03T09:00:00+08:00", grounds);
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_at(ledger, "2026-03-04T09:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    return ledger;
}

/* Refused on Wednesday the 4th, at 09:00; the deletion is applied for a millisecond later, in the
 * same block, or before. Five working days, as for an answer: 5, 6, 9, 10, 11 March. */
static void C5_old_refusal(void **state)
{
    (void)state;
    static const struct {
        const char *applied;
        int64_t before; /* milliseconds before the end of the 11th */
        bool holds;
    } cases[] = {
        {"2026-03-04T09:00:00.001+08:00", 1, true}, /* in time */
        {"2026-03-04T09:00:00.001+08:00", 0, false},
        {"2026-03-04T09:00:00+08:00", 0, true},
        {"2026-03-03T09:00:00+08:00", 0, true},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        if (i == 3) {
            ledger_at(ledger, cases[i].applied);
            apply_to_retire(ledger, ALPHA);
        }
        ledger_at(ledger, "2026-03-04T09:00:00+08:00");
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        if (i < 2) {
            ledger_at(ledger, cases[i].applied);
        }
        if (i < 3) {
            apply_to_retire(ledger, ALPHA);
        }
        assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "asked")), i == 3 ? 1 : 0);
        ledger_at_ms(ledger, at("2026-03-12T00:00:00+08:00") - cases[i].before);
        raise_dispute(ledger, BETA "/compile", "refusal");
        assert_int_equal(ledger_count(ledger, "asked/"), 1);
        assert_int_equal(accept_change(ledger, ALPHA), cases[i].holds ? ERR_UNDECIDED : 0);
        if (cases[i].holds) {
            must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other,
                 "'reason':'理解了'");
            if (i == 0) { /* it may be raised again, for a millisecond */
                assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
                ledger_at(ledger, "2026-03-12T00:00:00+08:00");
            }
            assert_int_equal(accept_change(ledger, ALPHA), 0);
        }
        ledger_close(&ledger);
    }
    /* In dispute when it was applied for: taken back while they negotiated, and raised again, in the
     * days of the refusal of the 3rd, which are over with the 10th. */
    struct ledger *ledger;
    for (int late = 0; late < 2; late++) {
        ledger = disputed_and_retired("putuo", LAW);
        must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other,
             "'reason':'再作考虑'");
        assert_int_equal(ledger_count(ledger, "asked/"), 0);
        ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - !late);
        raise_dispute(ledger, BETA "/compile", "refusal");
        assert_int_equal(accept_change(ledger, ALPHA), late ? 0 : ERR_UNDECIDED);
        ledger_close(&ledger);
    }
    /* Taken back before, it was not. */
    ledger = refused_at("putuo", "2026-03-03T09:00:00+08:00", LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_at(ledger, "2026-03-04T09:00:00+08:00");
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'再作考虑'");
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-12T00:00:00+08:00");
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

/* Suspended on the 4th it has all five days after its return on Friday the 6th: 9, 10, 11, 12, 13
 * March; and where it comes back on Monday the 16th, or never, five after those that an answer had,
 * which ended with the 11th: 12, 13, 16, 17, 18. */
static void C5_refused_and_suspended(void **state)
{
    (void)state;
    static const struct {
        const char *back, *end;
    } cases[] = {
        {"2026-03-06T10:00:00+08:00", "2026-03-14T00:00:00+08:00"},
        {"2026-03-16T10:00:00+08:00", "2026-03-19T00:00:00+08:00"},
        {NULL, "2026-03-19T00:00:00+08:00"},
    };
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        bool late = i % 2 == 1;
        struct ledger *ledger = refused_at("putuo", "2026-03-04T09:00:00+08:00", LAW);
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        apply_to_retire(ledger, ALPHA);
        ledger_member(ledger, "member.suspend", BETA);
        if (cases[i / 2].back != NULL) {
            ledger_at(ledger, cases[i / 2].back);
            ledger_member(ledger, "member.restore", BETA);
        }
        ledger_at_ms(ledger, at(cases[i / 2].end) - !late);
        if (cases[i / 2].back != NULL) {
            raise_dispute(ledger, BETA "/compile", "refusal");
        }
        assert_int_equal(accept_change(ledger, ALPHA), late ? 0 : ERR_UNDECIDED);
        ledger_close(&ledger);
    }
}

/* Removed the day after, or while it waited: the ledger refuses it then. */
static void C5_refused_and_gone(void **state)
{
    (void)state;
    for (int waits = 0; waits < 2; waits++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        if (!waits) {
            must(ledger, ALPHA "/approve", "request.answer", "request", id,
                 "'decision':'refuse'," LAW);
        }
        apply_to_retire(ledger, ALPHA);
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        ledger_at(ledger, "2026-03-03T09:00:00+08:00");
        ledger_take_out(ledger, BETA);
        ledger_at(ledger, "2026-03-10T00:00:00+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), "refused");
        assert_int_equal(accept_change(ledger, ALPHA), 0);
        ledger_close(&ledger);
    }
}

/* PT 24. ALPHA disputes the need itself, refuses it on the 3rd, before or after that, and takes its
 * dispute back; BETA, which could raise none beside it, has the days from then on: after the 3rd 4,
 * 5, 6, 9, 10 March; after Wednesday the 11th 12, 13, 16, 17, 18. */
static void C5_refused_in_own_dispute(void **state)
{
    (void)state;
    static const struct {
        const char *back, *end;
    } cases[] = {{"2026-03-03T10:00:00+08:00", "2026-03-11T00:00:00+08:00"},
                 {"2026-03-11T10:00:00+08:00", "2026-03-19T00:00:00+08:00"}};
    for (size_t i = 0; i < 2 * COUNT_OF(cases); i++) {
        bool refused_before = i % 2 == 1;
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        ledger_at(ledger, "2026-03-03T09:00:00+08:00");
        for (int step = 0; step < 2; step++) {
            if ((step == 0) == refused_before) {
                must(ledger, ALPHA "/approve", "request.answer", "request", id,
                     "'decision':'refuse'," LAW);
            } else {
                raise_dispute(ledger, ALPHA "/approve", "need");
            }
        }
        ledger_at(ledger, cases[i / 2].back);
        assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                             "'kind':'refusal','reason':'属履职必需'"),
                         ERR_DUPLICATE);
        must(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other,
             "'reason':'不再争议'");
        apply_to_retire(ledger, ALPHA);
        ledger_at_ms(ledger, at(cases[i / 2].end) - 1);
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        ledger_at(ledger, cases[i / 2].end);
        assert_int_equal(accept_change(ledger, ALPHA), 0);
        ledger_close(&ledger);
    }
    /* BETA's own, that it takes back on the 5th, adds no day to those after the refusal. */
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, BETA "/compile", "need");
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'不再争议'");
    apply_to_retire(ledger, ALPHA);
    ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
    /* It is in time within them. */
    ledger = refused_at("putuo", "2026-03-03T09:00:00+08:00", LAW);
    raise_dispute(ledger, ALPHA "/approve", "need");
    ledger_at(ledger, "2026-03-11T10:00:00+08:00");
    must(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other, "'reason':'不再争议'");
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-18T10:00:00+08:00");
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_at(ledger, "2026-03-19T00:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    ledger_close(&ledger);
}

/* Refused on Tuesday the 3rd: 4, 5, 6, 9, 10 March. */
static void C5_old_refusal_next(void **state)
{
    (void)state;
    struct ledger *ledger = refused_at("putuo", "2026-03-03T09:00:00+08:00", LAW);
    ledger_at(ledger, "2026-03-04T09:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'说明不足'}]}",
                ledger_version(ledger, CHANGE));
    ledger_at(ledger, "2026-03-12T09:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "asked")), 1);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'refused'");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'refused'");
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

static void C5_old_refusal_above(void **state)
{
    (void)state;
    struct ledger *ledger = disputed_and_retired("changning", REASONS);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    ledger_at(ledger, "2026-03-20T09:00:00+08:00"); /* ruled on since it was applied for: whenever */
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'维持'");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

static void C5_old_mode_refused(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++) { /* the mode was refused before, or after */
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file','mode_reason':'一次性核对'}"),
                         0);
        ledger_at(ledger, before ? "2026-03-03T09:00:00+08:00" : "2026-03-05T09:00:00+08:00");
        if (!before) {
            apply_to_retire(ledger, ALPHA);
        }
        must(ledger, CENTER "/review", "request.assess", "request", id,
             "'opinion':'应用接口','mode':'refuse'");
        if (before) {
            ledger_at(ledger, "2026-03-05T09:00:00+08:00");
            apply_to_retire(ledger, ALPHA);
        }
        ledger_at(ledger, "2026-03-11T09:00:00+08:00");
        raise_dispute(ledger, BETA "/compile", "refusal");
        assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
        if (!before) {
            assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        }
        must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
             "'decision':'as-asked','reason':'一次性核对无须接口'");
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        assert_int_equal(ledger_count(ledger, "asked/"), 1);
        assert_int_equal(accept_change(ledger, ALPHA), before ? 0 : ERR_UNDECIDED);
        ledger_close(&ledger);
    }
}

/* Refused on Tuesday the 3rd before or after the deletion is applied for (the 3rd, in the same
 * block), and not disputed: it waits for 4, 5, 6, 9, 10 March, or until nobody may dispute it any
 * more; who asks after the application knows of it. */
static void C5_refused_in_time(void **state)
{
    (void)state;
    for (int before = 0; before < 2; before++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        ledger_at(ledger, "2026-03-03T09:00:00+08:00");
        if (!before) {
            apply_to_retire(ledger, ALPHA);
        }
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        if (before) {
            apply_to_retire(ledger, ALPHA);
        }
        char name[100];
        (void)snprintf(name, sizeof name, "request/%s", id);
        ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
        assert_true(ledger_fault(ledger, ERR_UNDECIDED, name));
        ledger_at(ledger, "2026-03-11T00:00:00+08:00");
        assert_int_equal(accept_change(ledger, ALPHA), 0);
        ledger_close(&ledger);
    }
    /* Settled: nothing is left to dispute. */
    struct ledger *ledger = refused_at("putuo", "2026-03-03T09:00:00+08:00", LAW);
    apply_to_retire(ledger, ALPHA);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'refused'");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'refused'");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
    /* Asked for since. */
    ledger = with_entry("putuo", "authorised");
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
    /* Raised and taken back again and again it holds no longer than its days. */
    ledger = refused_at("putuo", "2026-03-03T09:00:00+08:00", LAW);
    apply_to_retire(ledger, ALPHA);
    for (int day = 9; day <= 10; day++) {
        char time[40];
        (void)snprintf(time, sizeof time, "2026-03-%02dT09:00:00+08:00", day);
        ledger_at(ledger, time);
        raise_dispute(ledger, BETA "/compile", "refusal");
        must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'再作考虑'");
        assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    }
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_close(&ledger);
}

/* Approved on Monday the 2nd, while BETA is suspended: 3, 4, 5, 6, 9 March, and five more, 10, 11,
 * 12, 13, 16. */
static void C5_approved_in_time(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_member(ledger, "member.suspend", BETA);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    assert_string_equal(text(ledger, "request", id, "status"), "approved");
    apply_to_retire(ledger, ALPHA);
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    ledger_member(ledger, "member.restore", BETA);
    ledger_blocks(ledger, 1);
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    assert_int_equal(ledger_count(ledger, "refused/"), 1);
    ledger_close(&ledger);
    /* Back before, it is granted, and the change needs its plan. */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_member(ledger, "member.suspend", BETA);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'approve'");
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_UNDECIDED);
    ledger_member(ledger, "member.restore", BETA);
    ledger_blocks(ledger, 1);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    assert_int_equal(ledger_count(ledger, "refused/"), 0);
    assert_int_equal(accept_change(ledger, ALPHA), ERR_PLAN);
    ledger_close(&ledger);
}
