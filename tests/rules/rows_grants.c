/* Holds on a grant, and its end, by the clause: PT 26, PT 31, OPEN 31. Instants are worked out by
 * hand: a term of months ends with the day of the same number. */
#include "rows_grants.h"

static void D12_holds_are_independent(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00"); /* unused */
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, CENTER "/review", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), ERR_STATUS);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ",'hold':'center'"), ERR_PARTY);
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.object", ""), 0);
    assert_string_equal(text(ledger, "status"), "suspended"); /* the center's is left */
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ",'hold':'provider'"),
                     ERR_STATUS);
    ledger_at(ledger, "2026-09-01T09:00:00+08:00"); /* held, it is not unused */
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), 0);
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(use(ledger, "access.open"), 0);
    /* The last day is Tuesday 1 December. */
    becomes_at(ledger, "active", "2026-12-02T00:00:00+08:00", "suspended");
    ledger_close(&ledger);
}

/* 暂停相应共享服务: what is suspended is this consumer's use of the data, by whatever grant. */
static void D12_held_under_every_grant(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL); /* one in reserve */
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    barred_by_other(ledger);
    /* Nor by ending it, or asking again. */
    assert_int_equal(on_other(ledger, BETA "/compile", "grant.end"), 0);
    barred_by_other(ledger);
    char held[sizeof id], reserve[sizeof id];
    memcpy(held, other, sizeof held);
    memcpy(reserve, id, sizeof reserve);
    ask_again(ledger, NULL);
    memcpy(other, held, sizeof other);
    barred_by_other(ledger);
    /* Other data of the same agency are no part of it. */
    char second[sizeof id];
    memcpy(second, id, sizeof second);
    ledger_give_entry(ledger, "E2", "unconditional");
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    memcpy(id, second, sizeof id);
    /* Whoever put the hold lifts it, though the grant is over; that stays over. */
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), ERR_PARTY);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", held), "status"), "ended");
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), ERR_STATUS);
    assert_int_equal(use(ledger, "access.open"), 0);
    assert_int_equal(ledger_count(ledger, "bar/"), 0);
    /* Nor by an end that is the ledger's, or the center's own. */
    memcpy(other, reserve, sizeof other);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.suspend"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.suspend"), 0);
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.restore"), 0);
    barred_by_other(ledger); /* the provider's is left */
    assert_int_equal(on_other(ledger, CENTER "/review", "grant.terminate"), 0);
    barred_by_other(ledger);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
}

static void D12_held_beyond_its_expiry(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-03-02T10:00:00+08:00", "{'until':'2026-03-31'}");
    ask_again(ledger, NULL);
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.suspend"), 0);
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"), "expired");
    barred_by_other(ledger);
    /* What could not be used is not unused: from 3 June anew, the last day is 3 September. */
    ledger_at_ms(ledger, at("2026-06-03T00:00:00+08:00") - 1);
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-06-03T00:00:00+08:00"));
    ledger_at(ledger, "2026-06-03T00:00:00+08:00");
    assert_string_equal(text(ledger, "status"), "active");
    assert_int_equal(ledger_int(ledger, subject, "terms.disuse.due_ms"),
                     at("2026-09-04T00:00:00+08:00"));
    assert_int_equal(on_other(ledger, ALPHA "/approve", "grant.restore"), 0);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_close(&ledger);
    /* Disuse bars nothing: PT 26 has whoever needs the data again ask again. */
    ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_string_equal(text(ledger, "holds.disuse.clause"), "PT 26");
    ask_again(ledger, NULL);
    assert_int_equal(use(ledger, "access.open"), 0);
    ledger_at(ledger, "2026-05-17T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", other), "status"),
                        "terminated");
    assert_null(doc_get(ledger_get(ledger, "grant/%s", other), "holds"));
    ledger_close(&ledger);
}

static void D12_center_terminates(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    ledger_at(ledger, "2026-04-16T00:00:00+08:00");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.suspend", ""), 0);
    assert_int_equal(act(ledger, BETA "/approve", "grant.terminate", ""), ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/review", "grant.terminate", ""), 0);
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    /* The provider's hold is its own to lift; what is ended stays ended. */
    assert_string_equal(text(ledger, "holds.disuse.clause"), "");
    assert_int_equal(act(ledger, ALPHA "/approve", "grant.restore", ""), 0);
    assert_null(doc_get(ledger_get(ledger, "%s", subject), "holds"));
    assert_string_equal(text(ledger, "status"), "terminated");
    assert_int_equal(act(ledger, CENTER "/review", "grant.restore", ""), ERR_STATUS);
    ledger_close(&ledger);
}

static void D12_consumer_ends(void **state)
{
    (void)state;
    struct ledger *ledger = granted("putuo", "2026-01-15T10:00:00+08:00", NULL);
    assert_int_equal(act(ledger, ALPHA "/compile", "grant.end", ""), ERR_PARTY);
    assert_int_equal(act(ledger, BETA "/compile", "grant.end", ""), 0);
    assert_string_equal(text(ledger, "status"), "ended");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    assert_int_equal(use(ledger, "access.open"), ERR_NOT_GRANTED);
    ledger_close(&ledger);
}
