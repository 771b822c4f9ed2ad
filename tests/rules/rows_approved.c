/* What is approved while whoever asked is suspended (PT 20, PT 31): the days of the provider end
 * when they end, and the grant waits. */
#include "rows_requests.h"

#include "entry_acts.h"

/* BETA's request, received on Monday, 5 January: 6 7 8 9 12, over on the 13th, 0:00. */
static struct ledger *asked_until(const char *until)
{
    char extra[40];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-05T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    (void)snprintf(extra, sizeof extra, "{'until':'%s'}", until);
    assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
    return ledger;
}

static void suspend(struct ledger *ledger, const char *member, bool suspended)
{
    ledger_member(ledger, suspended ? "member.suspend" : "member.restore", member);
}

/* Suspended in the last hour, and still at the end: nobody has answered, as all can see. */
static struct ledger *deemed(const char *until)
{
    struct ledger *ledger = asked_until(until);
    ledger_at(ledger, "2026-01-12T23:00:00+08:00");
    suspend(ledger, BETA, true);
    ledger_at_ms(ledger, at("2026-01-13T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-01-13T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "approved");
    return ledger;
}

static bool act_was(struct ledger *ledger, const char *effect, const char *clause)
{
    char subject[100];
    (void)snprintf(subject, sizeof subject, "request/%s", id);
    return ledger_act_is(ledger, 0, subject, effect) &&
           doc_text_is(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause", clause);
}

static int answer(struct ledger *ledger, const char *rest)
{
    return act(ledger, ALPHA "/approve", "request.answer", "request", id, rest);
}

static void nothing_waits(struct ledger *ledger)
{
    assert_int_equal(ledger_count(ledger, "waits/") + ledger_count(ledger, "decide/"), 0);
    assert_int_equal(ledger_due(ledger, "approved"), 0);
}

/* 逾期未反馈的，视作审核通过: at the end of its days, with no day more to refuse in. */
static void D4_silence_in_a_suspension(void **state)
{
    (void)state;
    struct ledger *ledger = deemed("2026-12-31");
    assert_true(act_was(ledger, "deemed-approved", "PT 20"));
    assert_string_equal(text(ledger, "answer", id, "decision"), "approve");
    assert_true(doc_get_bool(ledger_get(ledger, "answer/%s", id), "deemed", false));
    assert_null(ledger_get(ledger, "grant/%s", id));
    ledger_at(ledger, "2026-01-13T00:30:00+08:00");
    assert_int_equal(answer(ledger, "'decision':'refuse'," LAW), ERR_STATUS);
    suspend(ledger, BETA, false);
    assert_int_equal(answer(ledger, "'decision':'refuse'," LAW), ERR_STATUS);
    assert_null(ledger_get(ledger, "grant/%s", id));
    ledger_blocks(ledger, 1);
    assert_true(act_was(ledger, "granted", "PT 31"));
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    nothing_waits(ledger);
    ledger_blocks(ledger, 1);
    assert_int_equal(doc_count(ledger->acts), 2); /* and no more */
    ledger_close(&ledger);
}

/* Restored and suspended anew in one block: it waits on, and once more does not end it. */
static void D4_suspended_again(void **state)
{
    (void)state;
    struct ledger *ledger = deemed("2026-12-31");
    suspend(ledger, BETA, false);
    suspend(ledger, BETA, true);
    ledger_at(ledger, "2026-01-14T10:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "approved");
    assert_int_equal(ledger_count(ledger, "decide/"), 0);
    suspend(ledger, BETA, false);
    ledger_blocks(ledger, 1);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    nothing_waits(ledger);
    ledger_close(&ledger);
}

static void is_refused(struct ledger *ledger, const char *code, const char *clause,
                       const char *decision)
{
    assert_true(act_was(ledger, "barred", clause));
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    assert_string_equal(text(ledger, "answer", id, "barred.code"), code);
    assert_string_equal(text(ledger, "answer", id, "barred.clause"), clause);
    assert_string_equal(text(ledger, "answer", id, "decision"), decision);
    assert_null(ledger_get(ledger, "grant/%s", id));
    nothing_waits(ledger);
}

/* Until Tuesday, 20 January: the whole of that day it may be back. */
static void D4_approved_until(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        struct ledger *ledger = deemed("2026-01-20");
        ledger_at_ms(ledger, at("2026-01-21T00:00:00+08:00") - (back ? 2 : 1));
        assert_string_equal(text(ledger, "request", id, "status"), "approved");
        if (back) {
            suspend(ledger, BETA, false);
            ledger_at_ms(ledger, at("2026-01-21T00:00:00+08:00") - 1);
            assert_string_equal(text(ledger, "request", id, "status"), "granted");
        } else {
            ledger_at(ledger, "2026-01-21T00:00:00+08:00");
            is_refused(ledger, "field-range", "D10", "refuse");
        }
        ledger_close(&ledger);
    }
}

/* Removed, or what it asked for is no more shared when it is back. */
static void D4_approved_and_barred(void **state)
{
    (void)state;
    struct ledger *ledger = deemed("2026-12-31");
    ledger_take_out(ledger, BETA);
    ledger_blocks(ledger, 1);
    is_refused(ledger, "consumer-inactive", "PT 17", "refuse");
    ledger_close(&ledger);
    ledger = deemed("2026-12-31");
    rule_sharing(ledger, ALPHA, "none");
    suspend(ledger, BETA, false);
    ledger_blocks(ledger, 1);
    is_refused(ledger, "not-shared", "CN 14", "refuse");
    ledger_close(&ledger);
}

/* Who would give it, or some of it, says so meanwhile: silence is not the only way. */
static void D4_answer_in_a_suspension(void **state)
{
    (void)state;
    for (int barred = 0; barred < 2; barred++) {
        struct ledger *ledger = asked_until("2026-12-31");
        suspend(ledger, BETA, true);
        assert_int_equal(answer(ledger, "'decision':'approve','items':['姓名'],"
                                        "'until':'2026-01-20','terms':'仅限窗口核验'," LAW),
                         0);
        assert_string_equal(text(ledger, "request", id, "status"), "approved");
        assert_null(ledger_get(ledger, "grant/%s", id));
        assert_int_equal(answer(ledger, "'decision':'refuse'," LAW), ERR_STATUS);
        assert_int_equal(due(ledger, "request", id, "approved"), at("2026-01-21T00:00:00+08:00"));
        if (barred) {
            ledger_at(ledger, "2026-01-21T00:00:00+08:00");
            is_refused(ledger, "field-range", "D10", "approve");
        } else {
            ledger_at(ledger, "2026-01-20T10:00:00+08:00");
            suspend(ledger, BETA, false);
            ledger_blocks(ledger, 1);
            assert_string_equal(text(ledger, "grant", id, "status"), "active");
            assert_string_equal(text(ledger, "grant", id, "terms_of_use"), "仅限窗口核验");
            assert_int_equal(due(ledger, "grant", id, "expiry"), at("2026-01-21T00:00:00+08:00"));
        }
        nothing_waits(ledger);
        ledger_close(&ledger);
    }
}

/* BETA's other request for the same is refused, before it is suspended, and that is upheld while it
 * is: silence does not give it (PT 24); what ALPHA approved itself is given. */
static void D4_approved_and_ruled(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        char first[2 * HASH_BYTES + 1];
        struct ledger *ledger = asked_until("2026-12-31");
        memcpy(first, id, sizeof first);
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        assert_int_equal(answer(ledger, "'decision':'refuse'," LAW), 0);
        raise_dispute(ledger, BETA "/compile", "refusal");
        both_refer(ledger, BETA);
        ledger_at(ledger, "2026-01-12T23:00:00+08:00");
        suspend(ledger, BETA, true);
        memcpy(id, first, sizeof id);
        if (!silent) {
            assert_int_equal(answer(ledger, "'decision':'approve'"), 0);
        }
        ledger_at(ledger, "2026-01-13T10:00:00+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), "approved");
        must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
             "'decision':'refused','reason':'依法不予共享'");
        suspend(ledger, BETA, false);
        ledger_blocks(ledger, 1);
        if (silent) {
            is_refused(ledger, "ruled", "PT 24", "refuse");
            assert_string_equal(text(ledger, "request", id, "ruled.dispute"), other);
        } else {
            assert_string_equal(text(ledger, "grant", id, "status"), "active");
        }
        nothing_waits(ledger);
        ledger_close(&ledger);
    }
}

/* A ruling decides what is approved and waits, too (PT 24). */
static void D8_approved_in_dispute(void **state)
{
    (void)state;
    struct ledger *ledger = deemed("2026-12-31");
    raise_dispute(ledger, ALPHA "/approve", "need");
    suspend(ledger, BETA, false);
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'refused'");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'refused'");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    assert_int_equal(ledger_count(ledger, "waits/"), 0);
    ledger_blocks(ledger, 1);
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    nothing_waits(ledger);
    ledger_close(&ledger);
}
