/* Disputes and rulings, by the clause: PT 24, CN 17. 2026: 2 March is a Monday. */
#include "rows_requests.h"

/* ALPHA and the consumer say that they have negotiated in vain. */
static void both_refer(struct ledger *ledger, const char *consumer)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", consumer);
    must(ledger, kid, "dispute.refer", "dispute", other, "'reason':'协商不成'," MINUTES);
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other,
         "'reason':'协商不成'," MINUTES);
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
}

/* ---- D8 ---- */

static void D8_negotiate_first(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
                         "'decision':'as-asked','reason':'属履职必需'"),
                     ERR_STATUS);
    /* PT 24: 双方应当先行协商: who says that it failed has said what it wants, or has the minutes.
     */
    assert_int_equal(
        act(ledger, BETA "/compile", "dispute.refer", "dispute", other, "'reason':'协商不成'"),
        ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "minutes"));
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'refused'");
    assert_int_equal(
        act(ledger, BETA "/compile", "dispute.refer", "dispute", other, "'reason':'协商不成'"),
        ERR_FIELD_MISSING); /* the other side's proposal is none of its own */
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'as-asked'");
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other, "'reason':'协商不成'");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-asked','reason':'属履职必需'");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

/* PT 24: 双方应当先行协商: a side cannot say alone that both did; where the other says nothing, it
 * is 区府办 that sees it. */
static void D8_both_negotiate(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other,
                         "'reason':'协商不成'"),
                     ERR_STATUS); /* neither side has said so */
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other,
         "'reason':'协商不成'," MINUTES);
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
                         "'decision':'as-asked','reason':'属履职必需'"),
                     ERR_STATUS);
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.refer", "dispute", other, "'reason':'协商不成'"),
        ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other,
         "'reason':'提供方不予协商'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-asked','reason':'属履职必需'");
    ledger_close(&ledger);
}

/* PT 24: 由区府办协调处理: what it has decided nobody undoes by disputing it again, by asking
 * again, by a provider's silence or by a claim of one's own. Five working days from Monday, 2
 * March: 3-6, 9. */
static void D8_ruling_binds(void **state)
{
    (void)state;
    static const char claim[] = "{'scenario':{'case':4,'description':'本人授权','restriction':"
                                "'person-authorised'}}";
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, ALPHA "/approve", "need");
    both_refer(ledger, BETA);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'不予共享'");
    assert_string_equal(text(ledger, "request", id, "ruling.decision"), "refused");
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                         "'kind':'refusal','reason':'再试'"),
                     ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "request.ruling"));
    assert_int_equal(ledger_ask(ledger, id, "E1", claim), 0);
    assert_string_equal(text(ledger, "request", id, "route"), "provider");
    assert_string_equal(text(ledger, "request", id, "ruled.dispute"), other);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "escalated");
    assert_null(ledger_get(ledger, "grant/%s", id));
    /* What is ruled to be given is given, now and by silence again. */
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id,
         "'decision':'as-asked','reason':'情况已变'");
    assert_int_equal(ledger_count(ledger, "ruled/"), 0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", id, "ruled.dispute"), "");
    ledger_at(ledger, "2026-03-18T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    ledger_close(&ledger);
}

/* CN 17: 由区科委会同相关部门…作出结论，必要时报请领导小组决定: upwards once, and then no more. */
static void D8_last_word(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
                         "'decision':'as-asked','reason':'另有看法'"),
                     ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'领导小组决定不予共享'");
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                         "'kind':'refusal','reason':'再试'"),
                     ERR_RULED);
    /* Asked again, it is the same one's to decide. */
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
                         "'decision':'as-asked','reason':'另有看法'"),
                     ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'维持'");
    ledger_close(&ledger);
}

static void D8_conclusion(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.rule", "dispute", other,
                         "'decision':'refused','reason':'维持'"),
                     ERR_PARTY);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    ledger_close(&ledger);
}

/* Five working days from Monday, 2 March: 3-6, 9. */
static void D8_no_clock_stops(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, ALPHA "/approve", "shareability");
    both_refer(ledger, BETA);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'不宜共享'");
    assert_string_equal(text(ledger, "grant", id, "status"), "terminated");
    ledger_close(&ledger);
}

/* Days for negotiation and ruling are the profile's. Thursday, 2 April; 4, 5, 6 are Qingming. */
static void D8_days(void **state)
{
    (void)state;
    char key[100];
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    ledger_at(ledger, "2026-04-02T15:00:00+08:00");
    assert_int_equal(ledger_policy(ledger, "dispute",
                                   "{'negotiate':true,'term':{'days':3,'clause':'PT 24'},"
                                   "'clause':'PT 24'}"),
                     0);
    assert_int_equal(
        ledger_policy(
            ledger, "ruling",
            "{'by':['supervisor'],'instead':['provider'],'term':{'days':2,'clause':'PT 24'},"
            "'clause':'PT 24'}"),
        0);
    raise_dispute(ledger, BETA "/compile", "refusal");
    (void)snprintf(key, sizeof key, "dispute/%s", other);
    ledger_at_ms(ledger, at("2026-04-09T00:00:00+08:00") - 1); /* 3, 7, 8 April */
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    ledger_at(ledger, "2026-04-09T00:00:00+08:00");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    assert_true(ledger_act_is(ledger, 0, key, "referred"));
    ledger_at_ms(ledger, at("2026-04-14T00:00:00+08:00") - 1); /* 10, 13 April */
    assert_false(ledger_act_is(ledger, 0, key, "ruling-overdue"));
    ledger_at(ledger, "2026-04-14T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, key, "ruling-overdue"));
    assert_int_equal(ledger_due(ledger, "negotiation") + ledger_due(ledger, "ruling"), 0);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'"); /* late */
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    assert_null(ledger_get(ledger, "grant/%s", id));
    ledger_close(&ledger);
}

/* Both say the same, or nothing is settled. */
static void D8_settled(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    assert_null(ledger_get(ledger, "grant/%s", id));
    must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "settled");
    assert_string_equal(text(ledger, "grant", id, "status"), "active");

    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(
        act(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other, "'reason':'已说明'"),
        ERR_PARTY);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'理解了'");
    assert_string_equal(text(ledger, "request", id, "status"), "refused");
    ledger_close(&ledger);
}

/* PT 24: 协商不成的，由区府办协调处理. Who has it referred, or lets the other say so, and then takes
 * it back has left it at the refusal, which keeps no entry from its change any longer (PT 14). */
static void D8_dropped_for_good(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) { /* still negotiating; ALPHA says it failed; referred */
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        raise_dispute(ledger, BETA "/compile", "refusal");
        assert_int_equal(ledger_count(ledger, "asked/"), 1);
        if (how == 1) {
            must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other,
                 "'reason':'协商不成'," MINUTES);
        } else if (how == 2) {
            both_refer(ledger, BETA);
        }
        must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'另行考虑'");
        assert_int_equal(ledger_count(ledger, "asked/"), 0);
        assert_int_equal(ledger_do(ledger, BETA "/compile", "dispute.raise",
                                   "{'request':'%s','acts_on':'%s','kind':'need','reason':"
                                   "'属履职必需'}",
                                   id, ledger_version(ledger, "request/%s", id)),
                         how == 0 ? 0 : ERR_DUPLICATE);
        assert_int_equal(ledger_count(ledger, "asked/"), how == 0 ? 1 : 0);
        if (how == 2) { /* the agency's own word is another matter, and so is what came of it */
            raise_dispute(ledger, ALPHA "/approve", "shareability");
            must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other, "'decision':'as-asked'");
            must(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'as-asked'");
            raise_dispute(ledger, BETA "/compile", "terms");
        }
        ledger_close(&ledger);
    }
}

/* SUPERVISOR asks ALPHA, is refused, and refers the dispute. */
static void D8_own_case(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask_by(ledger, id, SUPERVISOR, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, SUPERVISOR "/compile", "refusal");
    both_refer(ledger, SUPERVISOR);
#define AS_ASKED "'decision':'as-asked','reason':'属履职必需'"
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

static void D8_no_room(void **state)
{
    (void)state;
    static const char *const acts[] = {"member.suspend", "member.restore"};
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    both_refer(ledger, BETA);
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        must(ledger, CENTER "/admin", acts[i], "member", SUPERVISOR, "'reason':'整改'");
        assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                         ERR_PARTY);
    }
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

/* The center has ruled against BETA, which goes up to the leading group. */
static struct ledger *appealed(void)
{
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    raise_dispute(ledger, BETA "/compile", "refusal");
    return ledger;
}

/* CN 17: 必要时报请领导小组决定. Removed since, it does not leave the matter to the center; who
 * stands in rules once, and the group, when it is back, after it. */
static void D8_above_removed(void **state)
{
    (void)state;
    struct ledger *ledger = appealed();
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    must(ledger, GAMMA "/approve", "dispute.rule", "dispute", other,
         "'decision':'as-it-stands','reason':'理由成立'");
    assert_int_equal(
        doc_bool(doc_get(doc_get(ledger_get(ledger, "request/%s", id), "ruling"), "last"), true),
        false);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    ledger_admit_upper(ledger); /* nor whoever comes: once is enough */
    assert_int_equal(act(ledger, NEWCOMER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.raise", "request", id,
                         "'kind':'terms','reason':'再议'"),
                     ERR_RULED);
    ledger_close(&ledger);
}

/* The center suspends, and gains nothing by it: the group is waited for, unless both sides agree
 * not to. */
static void D8_above_suspended(void **state)
{
    (void)state;
    struct ledger *ledger = appealed();
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other,
         "'reason':'不再等待','stand_in':true");
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other,
         "'reason':'同意','stand_in':true");
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    must(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    ledger_close(&ledger);
}

/* What the leading group has refused stays refused while it is away. */
static void D8_last_word_stands(void **state)
{
    (void)state;
    struct ledger *ledger = appealed();
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
         "'decision':'refused','reason':'领导小组决定不予共享'");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_take_out(ledger, SUPERVISOR);
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    ledger_close(&ledger);
}

/* PT 19, 20: the agency was removed before the center had looked at the request. Five working days
 * from Wednesday, 4 March: 5, 6, 9, 10, 11. */
static void D8_nobody_to_answer(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"accept", "refuse"};
    for (size_t i = 0; i < COUNT_OF(verdicts); i++) {
        char verdict[100];
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(
            ledger_ask(ledger, id, "E1", "{'scenario':{'case':2,'description':'重点工作'}}"), 0);
        assert_string_equal(text(ledger, "request", id, "status"), "assessing");
        ledger_take_out(ledger, ALPHA);
        ledger_at(ledger, "2026-03-04T10:00:00+08:00");
        (void)snprintf(verdict, sizeof verdict, "'scenario':'%s','opinion':'经评估'", verdicts[i]);
        must(ledger, CENTER "/review", "request.assess", "request", id, verdict);
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        ledger_at_ms(ledger, at("2026-03-12T00:00:00+08:00") - 1);
        assert_string_equal(text(ledger, "request", id, "status"), "pending");
        ledger_at(ledger, "2026-03-12T00:00:00+08:00");
        assert_string_equal(text(ledger, "request", id, "status"), "escalated");
        assert_null(ledger_get(ledger, "grant/%s", id));
        must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id,
             "'decision':'refused','reason':'提供方已撤并'");
        assert_string_equal(text(ledger, "request", id, "status"), "refused");
        assert_int_equal(ledger_count(ledger, "asked/"), 0);
        ledger_close(&ledger);
    }
    /* OPEN 19, before the intake: ten working days from Monday, 2 March: 3-6, 9-13, 16. */
    struct ledger *ledger = with_entry("shanghai-open", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_take_out(ledger, ALPHA);
    must(ledger, CENTER "/review", "request.intake", "request", id, "'decision':'accept'");
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", id, "status"), "escalated");
    ledger_close(&ledger);
}

/* Ten working days from Monday, 2 March: 3-6, 9-13, 16. */
static void D8_late_refusal(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_at(ledger, "2026-03-17T00:00:00+08:00");
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," REASONS);
    assert_string_equal(text(ledger, "dispute", id, "status"), "referred");
    assert_int_equal(
        act(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", id, "'reason':'已答复'"),
        ERR_PARTY);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", id, AS_ASKED);
    assert_string_equal(text(ledger, "request", id, "status"), "granted");
    ledger_close(&ledger);
}

/* PT 21: 加强技术评估和指导 is no last word: what the center says to the mode goes to 区府办 at
 * once, for the provider has said nothing yet; PT 20's five working days are the provider's from
 * then on: 3-6, 9 March. */
static struct ledger *mode_refused(const char *sharing)
{
    struct ledger *ledger = with_entry("putuo", sharing);
    assert_int_equal(ledger_ask(ledger, id, "E1", "{'mode':'file','mode_reason':'一次性核对'}"), 0);
    must(ledger, CENTER "/review", "request.assess", "request", id,
         "'opinion':'应用接口','mode':'refuse'");
    assert_string_equal(text(ledger, "request", id, "status"), "not-accepted");
    return ledger;
}

#define RULE_ON(decision) "'decision':'" decision "','reason':'一次性核对无须接口'"
static void D8_mode_refused(void **state)
{
    (void)state;
    struct ledger *ledger = mode_refused("authorised");
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.raise", "request", id,
                         "'kind':'need','reason':'不需要'"),
                     ERR_STATUS);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    assert_string_equal(text(ledger, "dispute", other, "against"), CENTER);
    assert_int_equal(ledger_count(ledger, "asked/"), 1);
    /* It is about the mode alone, and not for the two sides to settle. */
    assert_int_equal(
        act(ledger, BETA "/compile", "dispute.settle", "dispute", other, "'decision':'as-asked'"),
        ERR_STATUS);
    assert_int_equal(
        act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_ON("refused")),
        ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "decision"));
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_ON("as-asked"));
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
    assert_int_equal(due(ledger, "request", id, "answer"), at("2026-03-10T00:00:00+08:00"));
    /* The provider's own no is another matter. */
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    assert_string_equal(text(ledger, "dispute", other, "against"), "");
    ledger_close(&ledger);
    /* What it is asked of shares without anybody's say. */
    ledger = mode_refused("unconditional");
    raise_dispute(ledger, BETA "/compile", "refusal");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_ON("as-asked"));
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    assert_string_equal(text(ledger, "grant", id, "mode"), "file");
    ledger_close(&ledger);
    /* Nor does who refused rule on it where the document lets it rule on others. */
    ledger = mode_refused("authorised");
    assert_int_equal(ledger_policy(ledger, "ruling",
                                   "{'by':['center','supervisor'],'instead':['provider'],"
                                   "'clause':'PT 24'}"),
                     0);
    raise_dispute(ledger, BETA "/compile", "refusal");
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, RULE_ON("as-it-stands")),
        ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_ON("as-it-stands"));
    ledger_close(&ledger);
    /* Upheld it is over: once. And who refused does not rule, whoever else is gone. */
    ledger = mode_refused("authorised");
    raise_dispute(ledger, BETA "/compile", "refusal");
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'整改'}",
                ledger_version(ledger, "member/" SUPERVISOR));
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, RULE_ON("as-it-stands")),
        ERR_PARTY);
    ledger_must(ledger, CENTER "/admin", "member.restore",
                "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'整改完毕'}",
                ledger_version(ledger, "member/" SUPERVISOR));
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, RULE_ON("as-it-stands"));
    assert_string_equal(text(ledger, "request", id, "status"), "not-accepted");
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                         "'kind':'refusal','reason':'再试'"),
                     ERR_RULED);
    ledger_close(&ledger);
}
