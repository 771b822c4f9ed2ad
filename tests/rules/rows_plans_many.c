/* PT 14 with more live grants than are looked at in a block. Working days are the State Council's
 * of 2026, counted by hand. */
#include "rows_plans.h"

/* How many live grants come before this one, or would. */
static size_t live_before(struct ledger *ledger, const char *grant)
{
    static const char prefix[] = "live/" ALPHA "/E1/";
    char key[200], after[200];
    size_t before = 0;
    (void)snprintf(after, sizeof after, "%s", prefix);
    while (state_next(ledger->state, key, prefix, after) &&
           strcmp(key + strlen(prefix), grant) < 0) {
        before++;
        (void)snprintf(after, sizeof after, "%s", key);
    }
    return before;
}

/* GAMMA has a grant that a hundred others come before; its id into of_gamma. */
static void ask_beyond(struct ledger *ledger)
{
    for (;;) {
        assert_int_equal(ledger_ask_by(ledger, of_gamma, GAMMA, "E1", NULL), 0);
        if (live_before(ledger, of_gamma) >= 100) {
            return;
        }
        ledger_must(ledger, GAMMA "/compile", "grant.end",
                    "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", of_gamma,
                    ledger_version(ledger, "grant/%s", of_gamma));
    }
}

/* 150 grants of BETA, and one of GAMMA behind a hundred of them: applied for, and proposed. */
static struct ledger *proposed_to_many(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    for (size_t i = 0; i < 150; i++) {
        assert_int_equal(ledger_ask(ledger, of_beta, "E1", NULL), 0);
    }
    ask_beyond(ledger);
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_true(doc_get_bool(ledger_get(ledger, CHANGE), "grants_more", false));
    return ledger;
}

static void C5_plan_by_the_hundred(void **state)
{
    (void)state;
    char shown[200];
    size_t asked = 0;
    struct ledger *ledger = proposed_to_many();
    assert_int_equal(listed(ledger, "consumers"), 1);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING); /* not all are told yet */
    (void)snprintf(shown, sizeof shown, "'agree','grant':'%s'", of_gamma);
    assert_int_equal(sign(ledger, SUPERVISOR "/approve", PLAN, shown), ERR_PARTY);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), ERR_PARTY); /* not yet */
    ledger_blocks(ledger, 1);
    for (size_t i = 0; i < doc_count(ledger->acts); i++) {
        asked += doc_text_is(doc_at(ledger->acts, i), "effect", "plan-proposed");
    }
    assert_int_equal(asked, 151);
    assert_int_equal(listed(ledger, "consumers"), 2);
    assert_int_equal(listed(ledger, "unsigned"), 3);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
    /* Who signs by its grant before it is told has signed. */
    ledger = proposed_to_many();
    (void)snprintf(shown, sizeof shown, "'object','reason':'系统改造需两个月','grant':'%s'",
                   of_gamma);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, shown), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(listed(ledger, "consumers"), 2);
    assert_int_equal(listed(ledger, "unsigned"), 2);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
    assert_int_equal(assess(ledger, ",'reasons':[{'reason':'时间足够'}]"), 0);
    ledger_close(&ledger);
}

/* 150 grants of BETA, and a request of SUPERVISOR whose grant will come behind a hundred of them.
 */
static struct ledger *many_with_one_waiting(char waiting[2 * HASH_BYTES + 1])
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    for (size_t i = 0; i < 150; i++) {
        assert_int_equal(ledger_ask(ledger, of_beta, "E1", NULL), 0);
    }
    do {
        assert_int_equal(ledger_ask_by(ledger, waiting, SUPERVISOR, "E1",
                                       "{'mode':'file','mode_reason':'一次性核对'}"),
                         0);
    } while (live_before(ledger, waiting) < 100);
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(listed(ledger, "consumers"), 1);
    return ledger;
}

/* Behind a hundred others one is protected as they are: suspended, or come since. Proposed on
 * Tuesday, 3 March: 4, 5, 6, 9, 10; on Wednesday the 11th: 12, 13, 16, 17, 18. */
static void C5_plan_beyond_the_first(void **state)
{
    (void)state;
    struct ledger *ledger = proposed_to_many();
    ledger_blocks(ledger, 1);
    ledger_at(ledger, "2026-03-04T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", GAMMA);
    /* From Monday the 9th: 10, 11, 12, 13, 16. */
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    ledger_member(ledger, "member.restore", GAMMA);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);

    char waiting[2 * HASH_BYTES + 1];
    ledger = many_with_one_waiting(waiting);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    let(ledger, waiting);
    assert_int_equal(listed(ledger, "newcomers"), 1);
    assert_int_equal(assess(ledger, ""), ERR_NEWCOMER);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(listed(ledger, "newcomers"), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(listed(ledger, "consumers"), 2);
    assert_int_equal(told(ledger, waiting, "plan-proposed", "2026-03-19T00:00:00+08:00"), 1);
    ledger_at_ms(ledger, at("2026-03-19T00:00:00+08:00") - 1);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    ledger_at(ledger, "2026-03-19T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}
