/* Disputes and rulings, by the clause: PT 24, CN 17. 2026: 2 March is a Monday. */
#include "rows_requests.h"

/* ---- D8 ---- */

static void D8_negotiate_first(void **state)
{
    (void)state;
    struct ledger *ledger = disputed("putuo", LAW);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED),
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
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    assert_string_equal(text(ledger, "grant", id, "status"), "active");
    ledger_close(&ledger);
}

/* PT 24: 双方应当先行协商: a side cannot say alone that both did; where the other says nothing, it
 * is 区府办 that sees it. */
static void D8_both_negotiate(void **state)
{
    (void)state;
    struct ledger *ledger = disputed("putuo", LAW);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other,
                         "'reason':'协商不成'"),
                     ERR_STATUS); /* neither side has said so */
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other,
         "'reason':'协商不成'," MINUTES);
    assert_string_equal(text(ledger, "dispute", other, "status"), "negotiating");
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_STATUS);
    assert_int_equal(
        act(ledger, CENTER "/approve", "dispute.refer", "dispute", other, "'reason':'协商不成'"),
        ERR_PARTY);
    must(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other,
         "'reason':'提供方不予协商'");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    ledger_close(&ledger);
}

static void D8_conclusion(void **state)
{
    (void)state;
    struct ledger *ledger = disputed("changning", REASONS);
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

/* Raised on Thursday, 2 April; of 3, 7, 8 April the last begins on Wednesday. */
static void D8_days_warned(void **state)
{
    (void)state;
    char key[100];
    const char *told[2];
    fixture_warns = true;
    fixture_further_days = 3;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    ledger_at(ledger, "2026-04-02T15:00:00+08:00");
    raise_dispute(ledger, BETA "/compile", "refusal");
    (void)snprintf(key, sizeof key, "dispute/%s", other);
    ledger_at_ms(ledger, at("2026-04-08T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, key, "term-warning"));
    ledger_at(ledger, "2026-04-08T00:00:00+08:00");
    size_t count = doc_count(ledger->acts);
    for (size_t i = 0; i < 2; i++) {
        assert_true(ledger_act_is(ledger, i, key, "term-warning"));
        told[i] = doc_get_text(doc_at(ledger->acts, count - 1 - i), "member");
    }
    assert_false(ledger_act_is(ledger, 2, key, "term-warning"));
    assert_string_equal(told[0], BETA);
    assert_string_equal(told[1], ALPHA);
    ledger_close(&ledger);
    fixture_warns = false;
    fixture_further_days = 0;
}

/* Both say the same, or nothing is settled. */
static void D8_settled(void **state)
{
    (void)state;
    struct ledger *ledger = disputed("putuo", LAW);
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

/* PT 24: 协商不成的，由区府办协调处理. Who has it referred, or lets the other say so, and then
 * takes it back has left it at the refusal, which keeps no entry from its change any longer (PT
 * 14). */
static void D8_dropped_for_good(void **state)
{
    (void)state;
    for (int how = 0; how < 3; how++) { /* still negotiating; ALPHA says it failed; referred */
        struct ledger *ledger = disputed("putuo", LAW);
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
            must(ledger, ALPHA "/approve", "dispute.settle", "dispute", other,
                 "'decision':'as-asked'");
            must(ledger, BETA "/compile", "dispute.settle", "dispute", other,
                 "'decision':'as-asked'");
            raise_dispute(ledger, BETA "/compile", "terms");
        }
        ledger_close(&ledger);
    }
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

/* CN 17: 资源需求方…可以申请协调处理. There is one dispute at a time: whoever takes its own back
 * when it was referred does not keep the other's out by raising it anew. */
static void D8_dropped_where_it_stands(void **state)
{
    (void)state;
    static const char *const kinds[] = {"need", "shareability", "terms"};
    struct ledger *ledger = with_entry("changning", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, ALPHA "/approve", "need");
    must(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other, "'reason':'另行考虑'");
    assert_int_equal(act(ledger, ALPHA "/approve", "dispute.raise", "request", id,
                         "'kind':'shareability','reason':'再议'"),
                     ERR_DUPLICATE);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, APPROVED);
    /* Answered, it is another matter. */
    assert_string_equal(text(ledger, "grant", id, "status"), "agreement");
    must(ledger, BETA "/chief", "agreement.sign", "grant", id,
         "'contains':['safeguards','confidentiality']," DIGEST "," FORM);
    raise_dispute(ledger, ALPHA "/approve", "need");
    assert_int_equal(act(ledger, BETA "/compile", "dispute.raise", "request", id,
                         "'kind':'agreement','reason':'不签协议'"),
                     ERR_DUPLICATE);
    must(ledger, ALPHA "/approve", "dispute.withdraw", "dispute", other, "'reason':'另行考虑'");
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        char rest[100];
        (void)snprintf(rest, sizeof rest, "'kind':'%s','reason':'再议'", kinds[i]);
        assert_int_equal(act(ledger, ALPHA "/approve", "dispute.raise", "request", id, rest),
                         ERR_DUPLICATE);
        assert_true(ledger_fault(ledger, ERR_DUPLICATE, "request.dropped"));
    }
    /* The consumer's own are two: the terms, and that it is not signed. */
    raise_dispute(ledger, BETA "/compile", "terms");
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", other, "'reason':'作罢'");
    raise_dispute(ledger, BETA "/compile", "agreement");
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other,
         "'decision':'partly','masked':['姓名'],'reason':'已研究双方意见'");
    /* Decided anew, it may be disputed anew, upwards. */
    assert_null(doc_get(ledger_get(ledger, "request/%s", id), "dropped"));
    raise_dispute(ledger, ALPHA "/approve", "need");
    ledger_close(&ledger);
}

/* Whoever rules is told whom it waits for. */
static void waits_for(struct ledger *ledger, const char *type, const char *rest, const char *member)
{
    char field[64];
    (void)snprintf(field, sizeof field, "member/%s", member);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", type, "dispute", other, rest), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, field));
}

#define IN_VAIN "'reason':'对方不予协商'"
#define REFUSED "'decision':'refused','reason':'并非履职必需'"

/* What ALPHA disputes on Monday, 2 March, and says that it was negotiated in vain: the consumer was
 * suspended before, or is a moment later. The five days of an answer are 3, 4, 5, 6, 9. */
static void D8_heard(void **state)
{
    (void)state;
    enum { STAYS, BY_TURNS, RETURNS, SPOKE, LEAVES } what;
    for (what = STAYS; what <= LEAVES; what++) {
        struct ledger *ledger = with_entry("putuo", "authorised");
        assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
        raise_dispute(ledger, ALPHA "/approve", "need");
        if (what == SPOKE) {
            must(ledger, BETA "/compile", "dispute.settle", "dispute", other,
                 "'decision':'as-asked'");
        }
        must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other, IN_VAIN "," MINUTES);
        if (what == LEAVES) {
            ledger_take_out(ledger, BETA);
        } else {
            ledger_member(ledger, "member.suspend", BETA);
        }
        if (what == STAYS || what == BY_TURNS || what == RETURNS) {
            waits_for(ledger, "dispute.refer", IN_VAIN, BETA);
        }
        if (what == BY_TURNS) { /* its days neither stand nor begin anew */
            ledger_at(ledger, "2026-03-05T10:00:00+08:00");
            ledger_member(ledger, "member.restore", BETA);
            ledger_member(ledger, "member.suspend", BETA);
        } else if (what == RETURNS) {
            ledger_member(ledger, "member.restore", BETA);
        }
        if (what == STAYS || what == BY_TURNS) {
            ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
            waits_for(ledger, "dispute.refer", IN_VAIN, BETA);
            ledger_at(ledger, "2026-03-10T00:00:00+08:00");
        }
        if (what != SPOKE) {
            must(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other, IN_VAIN);
        }
        must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, REFUSED);
        assert_string_equal(text(ledger, "request", id, "status"), "refused");
        ledger_close(&ledger);
    }
}

/* Taken up while the other side could speak, or when the term that the profile has was over: three
 * days from Monday, 2 March are 3, 4, 5; as many from Friday the 6th: 9, 10, 11. */
static void D8_heard_before_it_is_ruled(void **state)
{
    (void)state;
    struct ledger *ledger = disputed("putuo", LAW);
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other, IN_VAIN "," MINUTES);
    ledger_at(ledger, "2026-03-03T10:00:00+08:00");
    must(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other, IN_VAIN);
    ledger_member(ledger, "member.suspend", ALPHA);
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    waits_for(ledger, "dispute.rule", AS_ASKED, ALPHA);
    ledger_at(ledger, "2026-03-10T00:00:00+08:00"); /* from BETA's word on, not the supervisor's */
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    ledger_close(&ledger);

    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_policy(ledger, "dispute",
                                   "{'negotiate':true,'term':{'days':3,'clause':'PT 24'},"
                                   "'clause':'PT 24'}"),
                     0);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    ledger_member(ledger, "member.suspend", BETA);
    raise_dispute(ledger, ALPHA "/approve", "need");
    ledger_at(ledger, "2026-03-06T00:00:00+08:00");
    assert_string_equal(text(ledger, "dispute", other, "status"), "referred");
    ledger_at_ms(ledger, at("2026-03-12T00:00:00+08:00") - 1);
    waits_for(ledger, "dispute.rule", REFUSED, BETA);
    ledger_at(ledger, "2026-03-12T00:00:00+08:00");
    must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other, REFUSED);
    ledger_close(&ledger);

    /* The center keeps the key suspended with which it would speak (PT 29). */
    ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    raise_dispute(ledger, ALPHA "/approve", "need");
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other, IN_VAIN "," MINUTES);
    ledger_must(ledger, CENTER "/admin", "key.suspend",
                "{'member':'" BETA "','name':'compile','acts_on':'%s','reason':'疑似泄露'}",
                ledger_version(ledger, "key/" BETA "/compile"));
    ledger_at_ms(ledger, at("2026-03-10T00:00:00+08:00") - 1);
    assert_int_equal(act(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other, IN_VAIN),
                     ERR_KEY_SUSPENDED);
    assert_true(ledger_fault(ledger, ERR_KEY_SUSPENDED, "member/" BETA));
    ledger_at(ledger, "2026-03-10T00:00:00+08:00");
    must(ledger, SUPERVISOR "/approve", "dispute.refer", "dispute", other, IN_VAIN);
    ledger_close(&ledger);

    ledger = disputed("changning", REASONS); /* CN 17 knows of no negotiation */
    ledger_member(ledger, "member.suspend", ALPHA);
    must(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED);
    ledger_close(&ledger);
}
