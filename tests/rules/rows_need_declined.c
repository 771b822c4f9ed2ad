/* What agencies declined of a need stays there to be disputed, whoever is asked since, by the
 * clause: PT 22, 23, 24.
 * 2026: 25-27 September and 1-7 October are days off; 10 October is worked. */
#include "rows_requests.h"

#include "entry_acts.h"
#include "need_steps.h"

/* GAMMA is asked on Monday, 28 September: 29, 30 September, 8, 9, 10 (worked), 12-16, 19-23
 * October; ALPHA anew on Saturday the 24th: 26-30 October, 2-6, 9-13 November. */
static void D8_declined_before_another(void **state)
{
    (void)state;
    struct ledger *ledger = with_another_asked();
    assert_int_equal(dispute(ledger, "refusal"), ERR_STATUS); /* GAMMA has said nothing */
    assert_int_equal(dispute_of(ledger, GAMMA, "refusal"), ERR_STATUS);
    assert_int_equal(dispute_of(ledger, CENTER, "refusal"), ERR_SUBJECT);
    assert_true(ledger_fault(ledger, ERR_SUBJECT, "provider"));
    assert_int_equal(dispute_of(ledger, ALPHA, "answer"), ERR_STATUS);
    ledger_at(ledger, "2026-10-24T00:00:00+08:00"); /* GAMMA's days are over */
    assert_int_equal(intake(ledger, REFUSE), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "need.declined"));
    assert_string_equal(ledger->faults.item[0].now, "declined"); /* by ALPHA */
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "provider"), ALPHA);
    assert_string_equal(text(ledger, "dispute", id, "status"), "negotiating");
    referred_by_both(ledger);
    answer_of_gamma(ledger, DECLINE);
    assert_int_equal(intake(ledger, ASK_GAMMA), ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "asked");
    assert_string_equal(text(ledger, "need", other, "provider"), ALPHA);
    assert_string_equal(text(ledger, "need", other, "owed.provider"), ALPHA);
    assert_string_equal(text(ledger, "need", other, "ruling.decision"), "as-asked");
    assert_int_equal(due(ledger, "need", other, "need"), at("2026-11-14T00:00:00+08:00"));
    assert_null(doc_get(doc_get(ledger_get(ledger, "need/%s", other), "declined"), ALPHA));
    assert_int_equal(answer(ledger, DECLINE), ERR_RULED);
    assert_int_equal(answer(ledger, COMPILED), 0);
    assert_int_equal(dispute_of(ledger, GAMMA, "refusal"), 0); /* it has declined it, too */
    ledger_close(&ledger);
}

/* It was right to decline it; what GAMMA says is another matter. */
static void D8_declined_before_ruled(void **state)
{
    (void)state;
    struct ledger *ledger = with_another_asked();
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    referred_by_both(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_string_equal(text(ledger, "need", other, "provider"), GAMMA);
    assert_null(doc_get(ledger_get(ledger, "need/%s", other), "ruling"));
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), ERR_RULED);
    answer_of_gamma(ledger, DECLINE);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "provider"), GAMMA);
    ledger_close(&ledger);

    /* So with what was ruled, or left at that, before the other was asked. */
    ledger = with_declined();
    refer(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_int_equal(intake(ledger, ASK_GAMMA), 0);
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), ERR_RULED);
    ledger_close(&ledger);
    for (int asked_before = 0; asked_before < 2; asked_before++) {
        ledger = asked_before ? with_another_asked() : with_declined();
        assert_int_equal(
            asked_before ? dispute_of(ledger, ALPHA, "refusal") : dispute(ledger, "refusal"), 0);
        referred_by_both(ledger);
        must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'业务调整'");
        if (!asked_before) {
            assert_int_equal(intake(ledger, ASK_GAMMA), 0);
        }
        assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), ERR_DUPLICATE);
        answer_of_gamma(ledger, DECLINE);
        assert_int_equal(dispute(ledger, "refusal"), 0);
        ledger_close(&ledger);
    }
}

/* BETA and this member, whose answer is in dispute, do not wait for the supervisor. */
static void no_waiting(struct ledger *ledger, const char *provider)
{
#define NO_WAIT "'reason':'不再等待','stand_in':true," MINUTES
    char kid[60];
    (void)snprintf(kid, sizeof kid, "%s/approve", provider);
    must(ledger, BETA "/compile", "dispute.refer", "dispute", id, NO_WAIT);
    must(ledger, kid, "dispute.refer", "dispute", id, NO_WAIT);
}

static int rule_by(struct ledger *ledger, const char *kid)
{
    return act(ledger, kid, "dispute.rule", "dispute", id, RULE_AS("as-it-stands"));
}

static void D8_declined_stand_in(void **state)
{
    (void)state;
    /* The city has stood in about what GAMMA declined: of what ALPHA did it has said nothing. */
    struct ledger *ledger = with_another_asked();
    ledger_admit_upper(ledger);
    answer_of_gamma(ledger, DECLINE);
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    no_waiting(ledger, GAMMA);
    assert_int_equal(rule_by(ledger, NEWCOMER "/approve"), 0);
    assert_string_equal(text(ledger, "need", other, "ruling.by"), NEWCOMER);
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    no_waiting(ledger, ALPHA);
    assert_int_equal(rule_by(ledger, GAMMA "/approve"), ERR_PARTY);
    assert_int_equal(rule_by(ledger, NEWCOMER "/approve"), 0);
    ledger_close(&ledger);

    /* CN 17: GAMMA has stood in about what ALPHA declined: once, whoever was asked since. */
    ledger = with_need_in("changning");
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, "'decision':'refuse'," REASONS), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", id, RULE_AS("as-it-stands"));
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    no_waiting(ledger, ALPHA);
    assert_int_equal(rule_by(ledger, GAMMA "/approve"), 0);
    ledger_admit_upper(ledger);
    assert_int_equal(intake(ledger, "'decision':'accept','provider':'" NEWCOMER "'"), 0);
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    no_waiting(ledger, ALPHA);
    assert_int_equal(rule_by(ledger, NEWCOMER "/approve"), ERR_PARTY);
    assert_int_equal(rule_by(ledger, GAMMA "/approve"), ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(rule_by(ledger, SUPERVISOR "/approve"), 0);
    ledger_close(&ledger);
}

/* Until the agency speaks anew; the city's requests nobody here disputes. */
static void D8_declined_and_asked_again(void **state)
{
    (void)state;
    struct ledger *ledger = with_declined();
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'另有答复'");
    assert_int_equal(answer(ledger, COMPILED), 0);
    assert_null(doc_get(ledger_get(ledger, "need/%s", other), "declined"));
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), ERR_STATUS);
    ledger_close(&ledger);

    ledger = with_another_asked();
    must(ledger, BETA "/compile", "need.withdraw", "need", other, "'reason':'业务调整'");
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), ERR_STATUS);
    ledger_close(&ledger);

    ledger = with_need_in("putuo");
    ledger_must(ledger, CENTER "/review", "upper.receive",
                "{'name':'社会组织名录','wanted':['名称'],'purpose':'全市核验'," PAPER "}");
    memcpy(other, ledger->txid, sizeof other);
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, DECLINE), 0);
    assert_int_equal(intake(ledger, ASK_GAMMA), 0);
    ledger_at(ledger, "2026-10-24T00:00:00+08:00");
    assert_int_equal(intake(ledger, REFUSE), 0);
    ledger_close(&ledger);
}

/* ---- how long, and how many ---- */

/* PT 24 and CN 17 give no time, for a need as for a request. */
static void D8_declined_whenever(void **state)
{
    (void)state;
    for (int another = 0; another < 2; another++) {
        struct ledger *ledger = another ? with_another_asked() : with_declined();
        ledger_at(ledger, "2027-09-28T10:00:00+08:00");
        assert_int_equal(intake(ledger, REFUSE), ERR_STATUS); /* nor does the center end it */
        assert_int_equal(
            another ? dispute_of(ledger, ALPHA, "refusal") : dispute(ledger, "refusal"), 0);
        referred_by_both(ledger);
        assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
        assert_string_equal(status(ledger), "asked");
        assert_string_equal(text(ledger, "need", other, "owed.provider"), ALPHA);
        ledger_close(&ledger);
    }
}

/* NEWCOMER is the city's platform: it agrees to what went up, and has an entry that gives some. */
static int deliver(struct ledger *ledger)
{
    must(ledger, SUPERVISOR "/approve", "upper.forward", "need", other,
         "'upper':'" NEWCOMER "'," PAPER);
    must(ledger, NEWCOMER "/approve", "upper.answer", "need", other, "'decision':'agree'");
    return act(ledger, CENTER "/review", "upper.deliver", "need", other,
               "'provider':'" NEWCOMER "','meets':[{'wanted':'名称','entry':'E1','item':'姓名'}],"
               "'reasons':[{'reason':'市级未予提供'}]");
}

/* What the city gives is not all that ALPHA declined. */
static void D8_declined_and_delivered(void **state)
{
    (void)state;
    struct ledger *ledger = with_declined();
    ledger_admit_upper(ledger);
    ledger_give_entry_of(ledger, NEWCOMER);
    assert_int_equal(deliver(ledger), 0);
    assert_string_equal(status(ledger), "met");
    assert_string_equal(text(ledger, "need", other, "provider"), NEWCOMER);
    assert_int_equal(dispute(ledger, "answer"), 0); /* of what was delivered */
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'改提前项争议'");
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    assert_string_equal(text(ledger, "dispute", id, "provider"), ALPHA);
    referred_by_both(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_string_equal(status(ledger), "asked");
    assert_string_equal(text(ledger, "need", other, "provider"), ALPHA);
    assert_int_equal(answer(ledger, COMPILED), 0);
    ledger_close(&ledger);
}

/* As many agencies more had declined it before as make so many of them. */
static void fill_declined(struct ledger *ledger, size_t count)
{
    char agency[30];
    struct doc *need = doc_copy(ledger_get(ledger, "need/%s", other));
    struct doc *declined = doc_copy(doc_get(need, "declined"));
    for (size_t i = 0; doc_count(declined) < count; i++) {
        (void)snprintf(agency, sizeof agency, "1144000000000%05zu", i);
        doc_set(declined, agency, doc_copy(doc_get(declined, ALPHA)));
    }
    doc_set(need, "declined", declined);
    state_putf(ledger->state, need, "need/%s", other);
}

static size_t declined_count(struct ledger *ledger)
{
    return doc_count(doc_get(ledger_get(ledger, "need/%s", other), "declined"));
}

static int intake_of(struct ledger *ledger, const char *member)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'decision':'accept','provider':'%s'", member);
    return intake(ledger, rest);
}

/* 64 agencies: ALPHA, 61 more, GAMMA, and, the last, the supervisor. */
static struct ledger *declined_by_all(void)
{
    struct ledger *ledger = with_another_asked();
    ledger_admit_upper(ledger);
    ledger_give_entry_of(ledger, NEWCOMER);
    fill_declined(ledger, 62);
    answer_of_gamma(ledger, DECLINE); /* the 63rd: one more is asked */
    assert_int_equal(intake_of(ledger, SUPERVISOR), 0);
    must(ledger, SUPERVISOR "/approve", "need.answer", "need", other, DECLINE);
    return ledger;
}

static void D8_declined_by_many(void **state)
{
    (void)state;
    struct ledger *ledger = declined_by_all();
    assert_int_equal(intake_of(ledger, NEWCOMER), ERR_STATUS); /* it would be the 65th */
    assert_true(ledger_fault(ledger, ERR_STATUS, "need.declined"));
    assert_int_equal(intake(ledger, REFUSE), ERR_STATUS);
    /* Who has declined it is asked again, the last one too, and pushes nobody out. */
    assert_int_equal(intake_of(ledger, SUPERVISOR), 0);
    assert_int_equal(declined_count(ledger), 64);
    must(ledger, SUPERVISOR "/approve", "need.answer", "need", other, DECLINE);
    assert_int_equal(intake_of(ledger, GAMMA), 0);
    answer_of_gamma(ledger, DECLINE);
    assert_int_equal(declined_count(ledger), 63);
    assert_int_equal(intake_of(ledger, NEWCOMER), ERR_STATUS);
    /* It goes up, and what is given by the city takes nothing from BETA. */
    assert_int_equal(deliver(ledger), 0);
    assert_int_equal(declined_count(ledger), 64);
    assert_int_equal(dispute_of(ledger, GAMMA, "refusal"), 0);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'改提前项争议'");
    assert_int_equal(dispute_of(ledger, ALPHA, "refusal"), 0);
    referred_by_both(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(declined_count(ledger), 63);
    ledger_close(&ledger);

    /* Where what the city gave is gone a 65th is asked as little. */
    ledger = declined_by_all();
    assert_int_equal(deliver(ledger), 0);
    is_retired(ledger, NEWCOMER);
    assert_int_equal(intake_of(ledger, NEWCOMER), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "need.declined"));
    assert_int_equal(intake_of(ledger, GAMMA), 0);
    ledger_close(&ledger);
}

/* ---- D9 ---- */

static int city(struct ledger *ledger, bool agrees)
{
    return act(ledger, CENTER "/review", "upper.answer", "need", other,
               agrees ? "'decision':'agree'," PAPER
                      : "'decision':'refuse','reasons':[{'reason':'市级亦无此数据'}]," PAPER);
}

/* It went up, and ALPHA was asked meanwhile: PT 23 names the city no days. */
static struct ledger *with_both_asked(void)
{
    struct ledger *ledger = with_need_in("putuo");
    assert_int_equal(city(ledger, true), ERR_STATUS); /* it has not gone up */
    assert_int_equal(forward(ledger), 0);
    assert_int_equal(intake(ledger, ASK), 0);
    return ledger;
}

static void D9_answered_meanwhile(void **state)
{
    (void)state;
    struct ledger *ledger = with_both_asked();
    assert_int_equal(city(ledger, true), 0);
    assert_string_equal(status(ledger), "upper-agreed");
    assert_int_equal(ledger_due(ledger, "need"), 0);
    assert_int_equal(answer(ledger, DECLINE), ERR_STATUS);
    ledger_close(&ledger);

    ledger = with_both_asked();
    assert_int_equal(answer(ledger, DECLINE), 0);
    assert_int_equal(city(ledger, true), 0);
    assert_string_equal(status(ledger), "upper-agreed");
    ledger_close(&ledger);

    /* A refusal takes nothing from whoever is asked in the district, and is said once. */
    ledger = with_both_asked();
    assert_int_equal(city(ledger, false), 0);
    assert_string_equal(text(ledger, "need", other, "upper_answer.decision"), "refuse");
    assert_string_equal(status(ledger), "asked");
    assert_int_equal(ledger_due(ledger, "need"), 1);
    assert_int_equal(city(ledger, true), ERR_STATUS);
    assert_int_equal(answer(ledger, COMPILED), 0);
    assert_string_equal(status(ledger), "met");
    ledger_close(&ledger);

    /* PT 24: what ALPHA was ruled to give it owes, whatever the city says. */
    ledger = with_both_asked();
    assert_int_equal(answer(ledger, DECLINE), 0);
    assert_int_equal(dispute(ledger, "refusal"), 0);
    referred_by_both(ledger);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(city(ledger, true), 0);
    assert_string_equal(status(ledger), "asked");
    assert_int_equal(answer(ledger, COMPILED), 0);
    ledger_close(&ledger);
}

/* Refused above, it goes up once more, or is taken back. */
static void D9_goes_up_again(void **state)
{
    (void)state;
    struct ledger *ledger = with_need_in("putuo");
    assert_int_equal(forward(ledger), 0);
    assert_int_equal(city(ledger, false), 0);
    assert_string_equal(status(ledger), "upper-refused");
    assert_int_equal(city(ledger, true), ERR_STATUS);
    assert_int_equal(forward(ledger), 0);
    assert_null(doc_get(ledger_get(ledger, "need/%s", other), "upper_answer"));
    assert_int_equal(city(ledger, true), 0);
    assert_string_equal(status(ledger), "upper-agreed");
    ledger_close(&ledger);
    ledger = with_need_in("putuo");
    assert_int_equal(forward(ledger), 0);
    assert_int_equal(city(ledger, false), 0);
    must(ledger, BETA "/compile", "need.withdraw", "need", other, "'reason':'业务调整'");
    assert_int_equal(forward(ledger), ERR_STATUS);
    ledger_close(&ledger);
}
