/* Who rules on disputes, what binds, and the mode of use: PT 21, 24, CN 17. 2026: 2 March is a
 * Monday. */
#include "rows_requests.h"

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
    /* One that the center would assess is not assessed first. */
    assert_int_equal(ledger_ask(ledger, id, "E1",
                                "{'scenario':{'case':3,'description':'应用场景','project':"
                                "{'authority':'市发展改革委','document':'批复12号'}}}"),
                     0);
    assert_string_equal(text(ledger, "request", id, "status"), "pending");
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
    struct ledger *ledger = disputed("changning", REASONS);
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

/* SUPERVISOR asks ALPHA, is refused, and refers the dispute. */
static void D8_own_case(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask_by(ledger, id, SUPERVISOR, "E1", NULL), 0);
    must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
    raise_dispute(ledger, SUPERVISOR "/compile", "refusal");
    both_refer(ledger, SUPERVISOR);
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
    struct ledger *ledger = disputed("putuo", LAW);
    both_refer(ledger, BETA);
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        must(ledger, CENTER "/admin", acts[i], "member", SUPERVISOR,
             i == 0 ? "'reason':'整改'," NO_RISK : "'reason':'整改完毕'");
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
    struct ledger *ledger = disputed("changning", REASONS);
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

/* key.suspend, key.restore of SUPERVISOR's only key to rule with, by the center. */
static void key_act(struct ledger *ledger, const char *type)
{
    ledger_must(ledger, CENTER "/admin", type,
                "{'member':'" SUPERVISOR "','name':'approve','acts_on':'%s','reason':'疑似遗失'}",
                ledger_version(ledger, "key/" SUPERVISOR "/approve"));
}

/* Its last key suspended is it suspended, for whoever waits. */
static void D8_above_silenced(void **state)
{
    (void)state;
    struct ledger *ledger = appealed();
    int64_t able = ledger_int(ledger, "party/supervisor", "able");
    key_act(ledger, "key.suspend");
    assert_int_equal(ledger_int(ledger, "party/supervisor", "able"), able - 1);
    ledger_blocks(ledger, 1);
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY); /* it is waited for */
    must(ledger, BETA "/compile", "dispute.refer", "dispute", other,
         "'reason':'不再等待','stand_in':true");
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", other,
         "'reason':'同意','stand_in':true");
    assert_int_equal(act(ledger, CENTER "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    /* Suspended and back it has no key yet; with the key nobody stands in. */
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(ledger_int(ledger, "party/supervisor", "able"), able - 1);
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    key_act(ledger, "key.restore");
    assert_int_equal(ledger_int(ledger, "party/supervisor", "able"), able - 1);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(ledger_int(ledger, "party/supervisor", "able"), able);
    assert_int_equal(act(ledger, GAMMA "/approve", "dispute.rule", "dispute", other, AS_ASKED),
                     ERR_PARTY);
    key_act(ledger, "key.suspend");
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
                "{'member':'" SUPERVISOR "','acts_on':'%s','reason':'整改'," NO_RISK "}",
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
