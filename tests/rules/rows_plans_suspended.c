/* PT 14: 会同…数据使用单位…形成目录调整方案后予以实施, while PT 31 has one of them suspended. The plan
 * is proposed on Tuesday, 3 March 2026: the five days are 4, 5, 6, 9 and 10; as many more are 11, 12,
 * 13, 16 and 17. */
#include "rows_plans.h"

#define REASONS ",'reasons':[{'reason':'市级目录已可替代'}]"
#define TWICE_THE_DAYS "2026-03-18T00:00:00+08:00"

/* Proposed, and BETA suspended on the next day: none of its days is over. */
static struct ledger *proposed_and_suspended(void)
{
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_at(ledger, "2026-03-04T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", BETA);
    return ledger;
}

/* Until the millisecond before nothing is concluded, whatever the reasons; then it is, with them. */
static void is_over_at(struct ledger *ledger, const char *end, size_t cut_short)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_int_equal(assess(ledger, REASONS), ERR_CONSULTING);
    assert_int_equal(listed(ledger, "cut_short"), 0);
    ledger_at(ledger, end);
    assert_true(ledger_act_is(ledger, 0, CHANGE, "consulted"));
    assert_int_equal(listed(ledger, "cut_short"), cut_short);
}

static void C5_plan_cut_short(void **state)
{
    (void)state;
    struct ledger *ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-11T00:00:00+08:00"); /* over for all others */
    assert_true(ledger_act_is(ledger, 0, CHANGE, "term-moved"));
    is_over_at(ledger, TWICE_THE_DAYS, 1);
    assert_true(doc_has_text(doc_get(ledger_get(ledger, CHANGE), "cut_short"), BETA));
    assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
    assert_int_equal(assess(ledger, REASONS), 0);
    assert_string_equal(status(ledger), "adjusting");
    ledger_close(&ledger);
    /* Back before it is carried out: what it says counts as anybody's. Proposed anew on Wednesday the
     * 18th it has its days: 19, 20, 23, 24, 25. */
    for (int says = 0; says < 3; says++) {
        ledger = proposed_and_suspended();
        ledger_at(ledger, "2026-03-18T09:00:00+08:00");
        assert_int_equal(listed(ledger, "cut_short"), 1);
        ledger_member(ledger, "member.restore", BETA);
        assert_int_equal(assess(ledger, ""), ERR_GROUNDS); /* it is back, and has said nothing */
        if (says == 2) {
            assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
            is_over_at(ledger, "2026-03-26T00:00:00+08:00", 0);
        } else {
            const char *said = says == 0 ? "'agree'" : "'object','reason':'尚需时日'";
            assert_int_equal(sign(ledger, BETA "/approve", PLAN, said), 0);
            assert_int_equal(listed(ledger, "cut_short"), 0);
        }
        assert_int_equal(assess(ledger, ""), says == 1 ? ERR_GROUNDS : 0);
        ledger_close(&ledger);
    }
    /* Restored on Wednesday the 11th it would have the 12, 13, 16, 17 and 18: of these not the last. */
    ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-11T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    is_over_at(ledger, TWICE_THE_DAYS, 1);
    ledger_close(&ledger);
    /* It uses the data no longer: nobody's silence is left to give reasons for. */
    ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-18T09:00:00+08:00");
    ledger_must(ledger, CENTER "/review", "grant.terminate",
                "{'grant':'%s','acts_on':'%s','reason':'已不再履职'," RISK_REPORT "}", of_beta,
                ledger_version(ledger, "grant/%s", of_beta));
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}

/* Whatever the profile has come to say, and whoever of them is suspended, and when. */
static void C5_plan_cut_short_once(void **state)
{
    (void)state;
    static const char *const policies[] = {"null", "{'days':9,'clause':'PT 14'}"};
    for (size_t i = 0; i < COUNT_OF(policies); i++) {
        struct ledger *ledger = proposed_and_suspended();
        assert_int_equal(ledger_policy(ledger, "plan", policies[i]), 0);
        is_over_at(ledger, TWICE_THE_DAYS, 1);
        assert_int_equal(assess(ledger, REASONS), 0);
        ledger_close(&ledger);
    }
    /* Several, the agency among them. */
    struct ledger *ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", GAMMA);
    ledger_member(ledger, "member.suspend", ALPHA);
    is_over_at(ledger, TWICE_THE_DAYS, 3);
    assert_int_equal(assess(ledger, REASONS), 0);
    ledger_close(&ledger);
    /* By turns: BETA until Monday the 9th, GAMMA from then until Thursday the 12th, BETA from then on
     * until Monday the 16th: BETA has had the 10 and 11, and would have the 17, 18 and 19; GAMMA, the
     * 4, 5 and 6, and the 13 and 16. */
    ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    ledger_member(ledger, "member.suspend", GAMMA);
    ledger_at(ledger, "2026-03-12T10:00:00+08:00");
    ledger_member(ledger, "member.restore", GAMMA);
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-03-16T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    is_over_at(ledger, TWICE_THE_DAYS, 1);
    assert_false(doc_has_text(doc_get(ledger_get(ledger, CHANGE), "cut_short"), GAMMA));
    ledger_close(&ledger);
    /* GAMMA was silent while it could speak: that BETA, back on Monday the 9th, has the 10, 11, 12, 13
     * and 16 gives it none, suspended since the 12th. */
    ledger = proposed_and_suspended();
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    ledger_at(ledger, "2026-03-12T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", GAMMA);
    is_over_at(ledger, "2026-03-17T00:00:00+08:00", 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}

static void suspend_key(struct ledger *ledger, const char *type)
{
    ledger_must(ledger, CENTER "/admin", type,
                "{'member':'" BETA "','name':'approve','acts_on':'%s','reason':'疑似遗失'}",
                ledger_version(ledger, "key/" BETA "/approve"));
}

/* The only key that BETA signs with: back on Friday the 6th, it has the 9, 10, 11, 12 and 13. A key
 * that it retires itself stops nothing: the 4, 5, 6, 9 and 10. */
static void C5_plan_silenced(void **state)
{
    (void)state;
    static const struct {
        bool restored, retired;
        const char *end;
        size_t cut_short;
    } cases[] = {
        {false, false, TWICE_THE_DAYS, 1},
        {true, false, "2026-03-14T00:00:00+08:00", 0},
        {false, true, "2026-03-11T00:00:00+08:00", 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = applied(1);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        if (cases[i].retired) {
            ledger_must(ledger, BETA "/chief", "key.retire",
                        "{'name':'approve','acts_on':'%s','reason':'离任'}",
                        ledger_version(ledger, "key/" BETA "/approve"));
        } else {
            suspend_key(ledger, "key.suspend");
        }
        ledger_at(ledger, "2026-03-06T10:00:00+08:00");
        if (cases[i].restored) {
            suspend_key(ledger, "key.restore");
        }
        is_over_at(ledger, cases[i].end, cases[i].cut_short);
        assert_int_equal(assess(ledger, ""), cases[i].cut_short == 0 ? 0 : ERR_GROUNDS);
        if (cases[i].cut_short != 0) { /* heard again it signs, as anybody may */
            suspend_key(ledger, "key.restore");
            ledger_blocks(ledger, 1);
            assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
            assert_int_equal(assess(ledger, ""), 0);
        }
        ledger_close(&ledger);
    }
}
