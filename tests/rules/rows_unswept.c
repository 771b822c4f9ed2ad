/* What is due and not swept yet, by requirement D14: the budget of a block bounds its work, and
 * never changes what is right. */
#include "collected.h"
#include "rows_requests.h"

#define REFRESH "refresh/" ALPHA "/E1"

/* Whether any act says so of this subject. */
static bool told(const struct ledger *ledger, const char *subject, const char *effect)
{
    bool found = false;
    for (size_t i = 0; !found && i < doc_count(ledger->acts); i++) {
        found = ledger_act_is(ledger, i, subject, effect);
    }
    return found;
}

/* E1 is daily from Monday 2 March on, to the end of Tuesday 3. Which no block has swept. */
static struct ledger *stale(void)
{
    struct ledger *ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_collect(ledger, "E1");
    change_to(ledger, NULL, "daily");
    ledger_unswept(ledger, "2026-03-04T00:00:00+08:00");
    assert_false(told(ledger, REFRESH, "refresh-overdue"));
    return ledger;
}

static void D14_unswept(void **state)
{
    (void)state;
    /* PT 16: collected once more, late; another cycle; retired. */
    struct ledger *ledger = stale();
    ledger_collect(ledger, "E1");
    assert_true(told(ledger, REFRESH, "refresh-overdue"));
    assert_true(doc_get_bool(ledger_get(ledger, REFRESH), "late", false));
    ledger_collect(ledger, "E1");
    assert_null(doc_get(ledger_get(ledger, REFRESH), "late"));
    ledger_close(&ledger);
    ledger = stale();
    change_to(ledger, NULL, "weekly");
    assert_true(told(ledger, REFRESH, "refresh-overdue"));
    ledger_close(&ledger);
    /* PT 15: 3, 4, 5, 6, 9 to 13, 16 March; on the 17th the entry is retired. */
    ledger = accepted("putuo", "2026-03-02T10:00:00+08:00");
    ledger_unswept(ledger, "2026-03-17T00:00:00+08:00");
    apply_to_retire(ledger, ALPHA);
    assert_false(told(ledger, COLLECTION, "collect-overdue"));
    assert_int_equal(accept_change(ledger, ALPHA), 0);
    assert_true(told(ledger, COLLECTION, "collect-overdue"));
    assert_string_equal(ledger_text(ledger, COLLECTION, "status"), "ended");
    ledger_close(&ledger);
}

/* PT 24, with three days for the negotiation: raised on Thursday 2 April: 3, 7, 8 (4-6 are off).
 * On the 9th the consumer needs it no more. */
static void D14_unswept_dispute(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_at(ledger, "2026-04-02T15:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "dispute",
                                   "{'negotiate':true,'term':{'days':3,'clause':'PT 24'},"
                                   "'clause':'PT 24'}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, BETA "/compile", "need");
    (void)snprintf(key, sizeof key, "dispute/%s", other);
    ledger_unswept(ledger, "2026-04-09T00:00:00+08:00");
    must(ledger, BETA "/compile", "request.withdraw", "request", id, "'reason':'不再需要'");
    assert_true(told(ledger, key, "referred"));
    assert_string_equal(text(ledger, "dispute", other, "status"), "withdrawn");
    ledger_close(&ledger);
}
