/* What rows of adjustment plans share. Header only; include it once a program. */
#ifndef DIRCHAIN_TESTS_RULES_ROWS_PLANS_H
#define DIRCHAIN_TESTS_RULES_ROWS_PLANS_H

#include "row.h"

#include "entry_acts.h"

#define CHANGE "change/" ALPHA "/E1"
#define PLAN "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define REVISED "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

__attribute__((unused)) static char of_beta[2 * HASH_BYTES + 1], of_gamma[2 * HASH_BYTES + 1];

/* Monday, 2 March: ALPHA applies for the deletion of what BETA and GAMMA use. */
static inline struct ledger *applied(size_t grants_of_beta)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(ledger_ask_by(ledger, of_gamma, GAMMA, "E1", NULL), 0);
    for (size_t i = 0; i < grants_of_beta; i++) {
        assert_int_equal(ledger_ask(ledger, of_beta, "E1", NULL), 0);
    }
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    return ledger;
}

static inline int propose(struct ledger *ledger, const char *plan, const char *date)
{
    return ledger_do(ledger, CENTER "/review", "plan.propose",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'%s',"
                     "'plan_date':'%s','history':'历史数据继续保留一年',"
                     "'continuity':'改由市级目录提供'}",
                     ledger_version(ledger, CHANGE), plan, date);
}

static inline int sign(struct ledger *ledger, const char *kid, const char *plan,
                       const char *decision)
{
    return ledger_do(ledger, kid, "plan.sign",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','plan':'%s',"
                     "'decision':%s}",
                     ledger_version(ledger, CHANGE), plan, decision);
}

static inline int assess(struct ledger *ledger, const char *more)
{
    return ledger_do(ledger, CENTER "/review", "catalog.assess",
                     "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'accept'%s}",
                     ledger_version(ledger, CHANGE), more);
}

static inline const char *status(struct ledger *ledger)
{
    return ledger_text(ledger, CHANGE, "status");
}

static inline size_t listed(struct ledger *ledger, const char *list)
{
    return doc_count(doc_get(ledger_get(ledger, CHANGE), list));
}

/* How often a grant was told this, and until when, in all acts. */
static inline size_t told(struct ledger *ledger, const char *grant, const char *effect,
                          const char *until)
{
    char subject[100];
    size_t count = 0;
    (void)snprintf(subject, sizeof subject, "grant/%s", grant);
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        const struct doc *act = doc_at(ledger->acts, i);
        count += doc_text_is(act, "subject", subject) && doc_text_is(act, "effect", effect) &&
                 doc_text_is(act, "clause", "PT 14") && doc_get_int(act, "due_ms", 0) == at(until);
    }
    return count;
}

static inline void let(struct ledger *ledger, const char *asked)
{
    ledger_must(ledger, CENTER "/review", "request.assess",
                "{'request':'%s','acts_on':'%s','opinion':'经评估','mode':'accept'}", asked,
                ledger_version(ledger, "request/%s", asked));
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", asked), "status"), "active");
}

#endif
