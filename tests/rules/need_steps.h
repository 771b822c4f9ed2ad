/* A need on its way, in tests of rules (D7, D8): BETA's, of which ALPHA has an entry E1. Include it
 * after rows_requests.h, whose `other` holds the need's id, and `id` that of its dispute.
 * 2026: 28 September is a Monday. */
#ifndef DIRCHAIN_TESTS_RULES_NEED_STEPS_H
#define DIRCHAIN_TESTS_RULES_NEED_STEPS_H

#define PAPER "'document':'00000000000000000000000000000000000000000000000000000000000000aa'"
#define ASK "'decision':'accept','provider':'" ALPHA "'"
#define ASK_GAMMA "'decision':'accept','provider':'" GAMMA "'"
#define REFUSE "'decision':'refuse','reasons':[{'field':'wanted','reason':'不宜提供'}]"
#define DECLINE "'decision':'refuse'," LAW
#define COMPILED                                                                                   \
    "'decision':'compiled','meets':[{'wanted':'名称','entry':'E1','item':'姓名'},"             \
    "{'wanted':'年检结论','entry':'E1','item':'证件号码'}]"
#define RULE_AS(decision) "'decision':'" decision "','reason':'依法应当共享'"

/* Monday, 28 September: BETA needs what ALPHA has. */
static inline struct ledger *with_need_in(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-09-28T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_need(ledger, other, NULL), 0);
    return ledger;
}

static inline int intake(struct ledger *ledger, const char *rest)
{
    return act(ledger, CENTER "/review", "need.intake", "need", other, rest);
}

static inline int answer(struct ledger *ledger, const char *rest)
{
    return act(ledger, ALPHA "/approve", "need.answer", "need", other, rest);
}

static inline const char *status(struct ledger *ledger)
{
    return text(ledger, "need", other, "status");
}

/* ALPHA was asked, and declined. */
static inline struct ledger *with_declined(void)
{
    struct ledger *ledger = with_need_in("putuo");
    assert_int_equal(intake(ledger, ASK), 0);
    assert_int_equal(answer(ledger, DECLINE), 0);
    return ledger;
}

static inline int forward(struct ledger *ledger)
{
    return act(ledger, SUPERVISOR "/approve", "upper.forward", "need", other, PAPER);
}

/* BETA disputes it; the dispute's id into id. */
static inline int dispute(struct ledger *ledger, const char *kind)
{
    char rest[100];
    (void)snprintf(rest, sizeof rest, "'kind':'%s','reason':'属于履职所必需'", kind);
    int error = act(ledger, BETA "/compile", "need.dispute", "need", other, rest);
    memcpy(id, ledger->txid, sizeof id);
    return error;
}

static inline void referred_by_both(struct ledger *ledger)
{
    must(ledger, BETA "/compile", "dispute.refer", "dispute", id, "'reason':'协商不成'," MINUTES);
    must(ledger, ALPHA "/approve", "dispute.refer", "dispute", id, "'reason':'协商不成'," MINUTES);
}

/* Its dispute with ALPHA comes to the supervisor. */
static inline void refer(struct ledger *ledger)
{
    assert_int_equal(dispute(ledger, "refusal"), 0);
    referred_by_both(ledger);
}

static inline int rule(struct ledger *ledger, const char *rest)
{
    return act(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", id, rest);
}

/* BETA disputes what this member declined before another was asked. */
static inline int dispute_of(struct ledger *ledger, const char *member, const char *kind)
{
    char rest[200];
    (void)snprintf(rest, sizeof rest, "'kind':'%s','provider':'%s','reason':'属于履职所必需'", kind,
                   member);
    int error = act(ledger, BETA "/compile", "need.dispute", "need", other, rest);
    memcpy(id, ledger->txid, sizeof id);
    return error;
}

/* ALPHA declined, and GAMMA was asked at once. */
static inline struct ledger *with_another_asked(void)
{
    struct ledger *ledger = with_declined();
    assert_int_equal(intake(ledger, ASK_GAMMA), 0);
    return ledger;
}

static inline void answer_of_gamma(struct ledger *ledger, const char *rest)
{
    must(ledger, GAMMA "/approve", "need.answer", "need", other, rest);
}

#endif
