/* PT 14: 应当会同相关区级责任单位、数据使用单位就历史数据处理、共享应用服务衔接等形成目录调整方案后
 * 予以实施. Working days are the State Council's of 2026, counted by hand. */
#include "rows_plans.h"

static void C5_plan_signed(void **state)
{
    (void)state;
    struct ledger *ledger = applied(1);
    assert_int_equal(assess(ledger, ",'plan':'" PLAN "'"), ERR_PLAN); /* nobody was asked */
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), ERR_STATUS);
    assert_int_equal(propose(ledger, PLAN, "2026-03-02"), ERR_FIELD_RANGE);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_string_equal(status(ledger), "consulting");
    assert_int_equal(ledger_due(ledger, "assess"), 0);
    /* Five working days from Tuesday the 3rd: 4, 5, 6, 9, 10. */
    assert_int_equal(told(ledger, of_beta, "plan-proposed", "2026-03-11T00:00:00+08:00"), 1);
    assert_int_equal(told(ledger, of_gamma, "plan-proposed", "2026-03-11T00:00:00+08:00"), 1);
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.retire",
                               "{'code':'E1','acts_on':'%s','reason':'业务撤销'}",
                               ledger_version(ledger, "entry/" ALPHA "/E1")),
                     ERR_STATUS);
    assert_int_equal(sign(ledger, BETA "/compile", PLAN, "'agree'"), ERR_TX_ROLE);
    assert_int_equal(sign(ledger, SUPERVISOR "/approve", PLAN, "'agree'"), ERR_PARTY);
    assert_int_equal(sign(ledger, BETA "/approve", REVISED, "'agree'"), ERR_AGREEMENT);
    /* Many sign side by side: the version stays. */
    AUTO(doc_free) struct doc *version = doc_new_text(ledger_version(ledger, CHANGE));
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    assert_int_equal(sign(ledger, GAMMA "/chief", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING); /* the agency has not */
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_string_equal(ledger_version(ledger, CHANGE), doc_text(version));
    assert_int_equal(assess(ledger, ",'plan':'" REVISED "'"), ERR_PLAN);
    assert_int_equal(assess(ledger, ",'plan_date':'2026-03-30'"), ERR_FIELD_RANGE);
    assert_int_equal(assess(ledger, ""), 0);
    assert_string_equal(status(ledger), "adjusting");
    assert_int_equal(ledger_due(ledger, "consult"), 0);
    assert_int_equal(told(ledger, of_beta, "entry-retired", "2026-04-01T00:00:00+08:00"), 1);
    ledger_at_ms(ledger, at("2026-04-01T00:00:00+08:00") - 1);
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", of_beta), "status"), "active");
    ledger_at(ledger, "2026-04-01T00:00:00+08:00");
    assert_string_equal(doc_get_text(ledger_get(ledger, "grant/%s", of_gamma), "status"),
                        "terminated");
    assert_string_equal(status(ledger), "adjusted");
    assert_int_equal(propose(ledger, PLAN, "2026-04-30"), ERR_STATUS);
    ledger_close(&ledger);
    /* A document that does not say how it is formed: the digest that the center names. */
    ledger = applied(1);
    assert_int_equal(ledger_policy(ledger, "plan", "null"), 0);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), ERR_POLICY);
    assert_int_equal(assess(ledger, ",'plan':'" PLAN "'"), 0);
    ledger_close(&ledger);
    /* Nobody uses it any more: nobody is asked. */
    ledger = applied(0);
    ledger_must(ledger, GAMMA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", of_gamma,
                ledger_version(ledger, "grant/%s", of_gamma));
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), ERR_STATUS);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}

static void C5_plan_again(void **state)
{
    (void)state;
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "plan"));
    for (int day = 24; day < 31; day++) { /* seven more, each for another day */
        char date[24];
        (void)snprintf(date, sizeof date, "2026-03-%d", day);
        assert_int_equal(propose(ledger, PLAN, date), 0);
    }
    assert_int_equal(propose(ledger, REVISED, "2026-03-31"), ERR_PROPOSALS);
    assert_int_equal(ledger_int(ledger, CHANGE, "proposals"), 8);
    /* It can be decided, and what is applied for anew has its own. */
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'方案未达成一致'}]}",
                ledger_version(ledger, CHANGE));
    apply_to_retire(ledger, ALPHA);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(ledger_int(ledger, CHANGE, "proposals"), 1);
    ledger_close(&ledger);
}

static void C5_plan_silence(void **state)
{
    (void)state;
    for (int late = 0; late < 2; late++) {
        struct ledger *ledger = applied(1);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        assert_int_equal(sign(ledger, ALPHA "/chief", PLAN, "'agree'"), 0);
        ledger_at_ms(ledger, at("2026-03-11T00:00:00+08:00") - 1);
        assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
        ledger_at(ledger, "2026-03-11T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, CHANGE, "consulted"));
        assert_string_equal(status(ledger), "consulting");
        /* The center's working day, from Wednesday the 11th: Thursday the 12th. */
        assert_int_equal(ledger_int(ledger, CHANGE, "terms.assess.due_ms"),
                         at("2026-03-13T00:00:00+08:00"));
        if (late) {
            ledger_at(ledger, "2026-03-13T00:00:00+08:00");
            assert_true(ledger_act_is(ledger, 0, CHANGE, "assess-overdue"));
        }
        assert_int_equal(assess(ledger, ""), 0);
        assert_string_equal(status(ledger), "adjusting");
        assert_int_equal(ledger_due(ledger, "assess"), 0);
        ledger_close(&ledger);
    }
    /* Concluded after the day that it named: the center names a later one. */
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-03"), 0); /* today */
    assert_int_equal(propose(ledger, PLAN, "2026-03-10"), 0);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_FIELD_RANGE);
    assert_int_equal(assess(ledger, ",'plan_date':'2026-03-11'"), 0); /* or today */
    ledger_close(&ledger);
}

static void C5_plan_objection(void **state)
{
    (void)state;
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'object'"), ERR_GROUNDS);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'object','reason':'系统改造需两个月'"),
                     0);
    assert_int_equal(assess(ledger, ",'reasons':[{'reason':'时间足够'}]"), ERR_CONSULTING);
    /* Revised: who agreed to the other text signs anew, and the term begins anew. On
     * Thursday the 5th: 6, 9, 10, 11, 12. */
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(propose(ledger, REVISED, "2026-04-30"), 0);
    assert_int_equal(told(ledger, of_gamma, "plan-proposed", "2026-03-13T00:00:00+08:00"), 1);
    assert_int_equal(sign(ledger, ALPHA "/approve", REVISED, "'agree'"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", REVISED, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    assert_int_equal(sign(ledger, BETA "/approve", REVISED, "'object','reason':'尚需时日'"), 0);
    assert_int_equal(sign(ledger, BETA "/chief", REVISED, "'agree'"), 0); /* on second thoughts */
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
    /* Not agreed on: when the term is over the center says why it is carried out. */
    ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'object','reason':'系统改造需两个月'"),
                     0);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
    assert_int_equal(assess(ledger, ",'reasons':[{'reason':'市级目录已可替代'}]"), 0);
    ledger_close(&ledger);
    /* Proposed again, the same text for another day: who objected still does, until it signs anew. On
     * Wednesday the 11th: 12, 13, 16, 17, 18. */
    ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'object','reason':'系统改造需两个月'"),
                     0);
    ledger_at(ledger, "2026-03-11T00:00:00+08:00");
    assert_int_equal(propose(ledger, PLAN, "2026-04-01"), 0);
    ledger_at(ledger, "2026-03-19T00:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
    /* What was said of an earlier application is no objection to this one; what is said again is.
     */
    for (int again = 0; again < 2; again++) {
        ledger = applied(1);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'object','reason':'需两个月'"), 0);
        ledger_must(ledger, CENTER "/review", "catalog.assess",
                    "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                    "'reasons':[{'reason':'各方意见不一'}]}",
                    ledger_version(ledger, CHANGE));
        ledger_at(ledger, "2026-03-03T14:00:00+08:00");
        apply_to_retire(ledger, ALPHA);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        if (again) {
            assert_int_equal(sign(ledger, GAMMA "/chief", PLAN, "'object','reason':'仍需'"), 0);
        }
        ledger_at(ledger, "2026-03-11T00:00:00+08:00");
        assert_int_equal(assess(ledger, ""), again ? ERR_GROUNDS : 0);
        ledger_close(&ledger);
    }
    /* Returned: it is as if nothing had been proposed. */
    ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_must(ledger, CENTER "/review", "catalog.assess",
                "{'provider':'" ALPHA "','code':'E1','acts_on':'%s','decision':'return',"
                "'reasons':[{'reason':'各方意见不一'}]}",
                ledger_version(ledger, CHANGE));
    assert_int_equal(ledger_due(ledger, "consult"), 0);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), ERR_STATUS);
    ledger_close(&ledger);
}

/* PT 14 has all concerned form the plan, D14 has them told in time. Proposed on Tuesday, 3 March:
 * 4, 5, 6, 9, and the last working day, the 10th. */
static void C5_plan_awaited(void **state)
{
    (void)state;
    fixture_warns = true;
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "unsigned")), 3);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, CHANGE, "term-warning"));
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    for (size_t i = 0; i < 2; i++) {
        static const char *const last_first[] = {GAMMA, ALPHA};
        const struct doc *act = doc_at(ledger->acts, doc_count(ledger->acts) - 1 - i);
        assert_true(ledger_act_is(ledger, i, CHANGE, "term-warning"));
        assert_string_equal(doc_get_text(act, "member"), last_first[i]);
        assert_int_equal(doc_get_int(act, "due_ms", 0), at("2026-03-11T00:00:00+08:00"));
    }
    assert_false(ledger_act_is(ledger, 2, CHANGE, "term-warning"));
    assert_int_equal(sign(ledger, GAMMA "/chief", PLAN, "'object','reason':'需两个月'"), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "unsigned")), 1);
    /* Another text: all sign anew. */
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "unsigned")), 0);
    assert_int_equal(propose(ledger, REVISED, "2026-04-30"), 0);
    assert_int_equal(doc_count(doc_get(ledger_get(ledger, CHANGE), "unsigned")), 3);
    ledger_close(&ledger);
    fixture_warns = false;
}

/* Asked for and granted after the plan was proposed: told with the grant, and asked for what is
 * left of the days; it knew of the change, so nobody waits for it longer. */
static void C5_plan_newcomer(void **state)
{
    (void)state;
    char granted[2 * HASH_BYTES + 1];
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(ledger_ask_by(ledger, granted, SUPERVISOR, "E1", NULL), 0);
    assert_int_equal(told(ledger, granted, "plan-proposed", "2026-03-11T00:00:00+08:00"), 1);
    assert_int_equal(listed(ledger, "unsigned"), 4);
    assert_int_equal(sign(ledger, ALPHA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(sign(ledger, GAMMA "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    assert_int_equal(sign(ledger, SUPERVISOR "/approve", PLAN, "'agree'"), 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
    /* By turns: whoever asks when the days are over stops nothing. */
    ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_at(ledger, "2026-03-05T10:00:00+08:00");
    assert_int_equal(ledger_ask_by(ledger, granted, SUPERVISOR, "E1", NULL), 0);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    ledger_must(ledger, GAMMA "/compile", "grant.end",
                "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", of_gamma,
                ledger_version(ledger, "grant/%s", of_gamma));
    assert_int_equal(ledger_ask_by(ledger, granted, GAMMA, "E1", NULL), 0);
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
}

/* SUPERVISOR asks before the deletion is applied for, to use files, which the center looks at. */
static struct ledger *applied_while_it_waits(char asked[2 * HASH_BYTES + 1])
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "unconditional");
    assert_int_equal(ledger_ask(ledger, of_beta, "E1", NULL), 0);
    assert_int_equal(ledger_ask_by(ledger, of_gamma, GAMMA, "E1", NULL), 0);
    assert_int_equal(ledger_ask_by(ledger, asked, SUPERVISOR, "E1",
                                   "{'mode':'file','mode_reason':'一次性核对'}"),
                     0);
    apply_to_retire(ledger, ALPHA);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    return ledger;
}

/* Asked for before, and granted when the days of the others were over, or within them: a further
 * proposal has it told, and gives it its days. Proposed on Wednesday, 11 March: 12, 13, 16, 17, 18.
 */
static void C5_plan_newcomer_heard(void **state)
{
    (void)state;
    static const char *const granted_at[] = {"2026-03-03T11:00:00+08:00",
                                             "2026-03-11T09:00:00+08:00"};
    char granted[2 * HASH_BYTES + 1], objects[200];
    for (size_t i = 0; i < COUNT_OF(granted_at); i++) {
        struct ledger *ledger = applied_while_it_waits(granted);
        ledger_at(ledger, granted_at[i]);
        let(ledger, granted);
        assert_int_equal(listed(ledger, "newcomers"), 1);
        ledger_at(ledger, "2026-03-11T09:30:00+08:00");
        assert_int_equal(assess(ledger, ""), ERR_NEWCOMER);
        assert_true(ledger_fault(ledger, ERR_NEWCOMER, "member/" SUPERVISOR)); /* whom to ask */
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        assert_int_equal(listed(ledger, "newcomers"), 0);
        assert_int_equal(told(ledger, granted, "plan-proposed", "2026-03-19T00:00:00+08:00"), 1);
        ledger_at_ms(ledger, at("2026-03-19T00:00:00+08:00") - 1);
        assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
        ledger_at(ledger, "2026-03-19T00:00:00+08:00");
        assert_int_equal(assess(ledger, ""), 0);
        ledger_close(&ledger);
    }
    /* Who has said what it has to say is heard, by showing its grant; who has ended that needs not
     * be. */
    for (int ended = 0; ended < 2; ended++) {
        struct ledger *ledger = applied_while_it_waits(granted);
        ledger_at(ledger, "2026-03-11T09:00:00+08:00");
        let(ledger, granted);
        if (ended) {
            ledger_must(ledger, SUPERVISOR "/compile", "grant.end",
                        "{'grant':'%s','acts_on':'%s','reason':'不再需要'}", granted,
                        ledger_version(ledger, "grant/%s", granted));
            assert_int_equal(assess(ledger, ""), 0);
        } else {
            (void)snprintf(objects, sizeof objects, "'object','reason':'刚刚取得','grant':'%s'",
                           granted);
            assert_int_equal(sign(ledger, SUPERVISOR "/approve", PLAN, "'agree'"), ERR_PARTY);
            assert_int_equal(sign(ledger, SUPERVISOR "/approve", PLAN, objects), 0);
            assert_int_equal(assess(ledger, ""), ERR_GROUNDS);
            assert_int_equal(assess(ledger, ",'reasons':[{'reason':'市级目录已可替代'}]"), 0);
        }
        ledger_close(&ledger);
    }
    /* So it is when no other plan may be proposed any more. */
    struct ledger *late = applied_while_it_waits(granted);
    for (int day = 24; day < 31; day++) {
        char date[24];
        (void)snprintf(date, sizeof date, "2026-03-%d", day);
        assert_int_equal(propose(late, PLAN, date), 0);
    }
    let(late, granted);
    ledger_at(late, "2026-03-11T09:30:00+08:00");
    assert_int_equal(assess(late, ""), ERR_NEWCOMER);
    assert_int_equal(propose(late, PLAN, "2026-03-31"), ERR_PROPOSALS);
    assert_int_equal(propose(late, PLAN, "2026-03-30"), 0);
    assert_int_equal(propose(late, PLAN, "2026-03-30"), ERR_DUPLICATE);
    ledger_at(late, "2026-03-19T00:00:00+08:00");
    assert_int_equal(assess(late, ""), 0);
    ledger_close(&late);
    /* Who was told of it for another grant is heard, be that before this one or after. */
    for (int after = 0; after < 2; after++) {
        struct ledger *ledger = applied_while_it_waits(granted);
        if (after) {
            let(ledger, granted);
        }
        assert_int_equal(ledger_ask_by(ledger, of_beta, SUPERVISOR, "E1", NULL), 0);
        ledger_at(ledger, "2026-03-11T09:00:00+08:00");
        if (!after) {
            let(ledger, granted);
        }
        assert_int_equal(assess(ledger, ""), 0);
        ledger_close(&ledger);
    }
}

/* The center suspends a consumer in the days of the consultation, Wednesday 4 to Monday 9 March:
 * none of the five is over at 10:00 on the 4th. From the 9th: 10, 11, 12, 13, 16. */
static void C5_plan_suspended(void **state)
{
    (void)state;
    struct ledger *ledger = applied(1);
    assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
    ledger_at(ledger, "2026-03-04T10:00:00+08:00");
    ledger_member(ledger, "member.suspend", BETA);
    ledger_at(ledger, "2026-03-09T10:00:00+08:00");
    ledger_member(ledger, "member.restore", BETA);
    ledger_at(ledger, "2026-03-11T09:00:00+08:00");
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    ledger_at_ms(ledger, at("2026-03-17T00:00:00+08:00") - 1);
    assert_int_equal(assess(ledger, ""), ERR_CONSULTING);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, CHANGE, "consulted"));
    assert_int_equal(assess(ledger, ""), 0);
    ledger_close(&ledger);
    /* Who has signed is not waited for, nor who was removed. */
    for (int removed = 0; removed < 2; removed++) {
        ledger = applied(1);
        assert_int_equal(propose(ledger, PLAN, "2026-03-31"), 0);
        if (!removed) {
            assert_int_equal(sign(ledger, BETA "/approve", PLAN, "'agree'"), 0);
        }
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        removed ? ledger_take_out(ledger, BETA) : ledger_member(ledger, "member.suspend", BETA);
        ledger_at(ledger, "2026-03-11T00:00:00+08:00");
        assert_true(ledger_act_is(ledger, 0, CHANGE, "consulted"));
        assert_int_equal(assess(ledger, ""), 0);
        ledger_close(&ledger);
    }
}
