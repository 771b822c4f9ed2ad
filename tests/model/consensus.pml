/* Tendermint as src/consensus/algorithm.c has it, for Spin: one height, four validators of which
 * one is Byzantine, ROUNDS rounds. scripts/model runs it, exhaustively. Numbers are lines of
 * algorithm 1 of arXiv:1807.04938, at the same rules as in algorithm.c.
 *
 * Checked, wherever a node can decide:
 *   agreement  no other node can decide differently, then or ever
 *   validity   what is decided is valid, and was proposed by the proposer of that round or of an
 *              earlier one
 *
 * What is left out, and why no fork gets lost by it. Every step of the real nodes is a step here,
 * while some steps here no real node can take: the model may do too much, never too little.
 *
 *   Messages   There are no channels. What correct nodes said is kept in sets that only grow, and
 *              a rule may fire as soon as the sets contain what it needs, or any time later, or
 *              never. No rule asks that something was not received; so whatever a node has
 *              received when one of its rules fires is contained in the sets. Loss, delay,
 *              reordering and repetition are thus all included.
 *   Byzantine  Its vote counts once in every quorum, for every value, round and receiver, at any
 *              time. Where it proposes, each node may get any value with any valid round. More
 *              than that it cannot do: it has one key, and signs for nobody else.
 *   Time       A timeout may fire whenever its timer may run. Timely or not (22) is included in
 *              the propose timeout: both end in a nil prevote. So is a verdict that comes late or
 *              never.
 *   Crashes    Nothing is signed before round, step, lock and valid value are durable (signer.c),
 *              and what was received is no state here. A node that comes back is where it was
 *              when it last signed or later; it might as well have been slow.
 *   Blocks     Two valid ones and an invalid one, the same to all: execution is deterministic.
 *              More add nothing: rules ask that values are equal, never that they differ, and a
 *              nil prevote is always allowed. So call one decided value A and every other valid
 *              one B: what happened is still a run, and is a fork or an unproposed block as before.
 *   Decisions  A node that has decided says nothing more at this height, as does one that is slow;
 *              so deciding changes nothing here, and what decides stays. If two nodes decide
 *              differently, then both could in the last state of that run, and there it is found.
 *   Symmetry   The first valid block that is named is called A. What is never read again (a lock
 *              after the last prevote, the valid value of who proposes no more) is forgotten.
 *   Order      With IN_ORDER, which makes three rounds small enough, proposals and prevotes of a
 *              round come before its precommits, and all that before anybody starts the next.
 *              What a rule needs is of the node itself and of votes of the same round or earlier
 *              ones, so what was done late could as well have been done before, and the end is
 *              the same. The exception is line 55; but the first to enter a round comes by 47, and
 *              for that correct nodes were heard in the round before. Two rounds are checked
 *              without.
 *   Rounds     Bounded. A lock can be carried over, given up for a later quorum, and attacked with
 *              an earlier one; the last takes three rounds.
 *
 * Only safety. That nodes decide at all is for the simulator to show; the goals below merely show
 * that this model does not hold by standing still. Each MUTANT_ is one mistake; all must be found. */

#ifndef ROUNDS
#define ROUNDS 2
#endif

/* Values: nil, two valid blocks, an invalid one. */
#define NIL 0
#define A 1
#define B 2
#define X 3
#define VALUES 4
#define NONE 0 /* no value; and rounds of lock, valid value and proposal are stored plus 1 */

#define CORRECT 3 /* nodes 0, 1, 2 */
#define BYZANTINE 3
#define VALIDATORS 4
#ifdef MUTANT_QUORUM_ONE_LESS
#define QUORUM 2
#else
#define QUORUM 3 /* 2n/3 + 1 */
#endif
#define ROUND_SKIP 2 /* (n − 1)/3 + 1 */

#define PROPOSE 0
#define PREVOTE 1
#define PRECOMMIT 2

/* The correct nodes: h_p is the same, the rest by node. */
byte round[CORRECT]; /* round_p */
byte step[CORRECT];  /* step_p */
byte locked_value[CORRECT], locked_round[CORRECT];
byte valid_value[CORRECT], valid_round[CORRECT];

/* What correct nodes have said: a bit for each sender, by round and value. */
byte prevotes[ROUNDS * VALUES], precommits[ROUNDS * VALUES];
byte proposal[ROUNDS], proposal_valid_round[ROUNDS];

bool named; /* A was */
byte first; /* proposer of round 0: (h + r) mod n, for any h */
bool agreement = true, validity = true;

#ifdef GOAL
bool goal = false; /* something that must be possible */
byte carried;      /* nodes that locked again what they had locked in an earlier round */
byte unlocked;     /* nodes that gave up a lock for another value */
#define LOCK_MATTERS true
#else
#define LOCK_MATTERS (MY_ROUND + 1 < ROUNDS)
#endif

#define PROPOSER(r) ((first + (r)) % VALIDATORS)

/* Votes are counted here only: those of correct nodes, and always the Byzantine one's. */
#define COUNT(senders) (((senders) & 1) + (((senders) >> 1) & 1) + (((senders) >> 2) & 1) + 1)
#define FOR(box, r, v) (COUNT(box[(r) * VALUES + (v)]) >= QUORUM)
#define SENDERS(box, r)                                                                            \
    (box[(r) * VALUES + NIL] | box[(r) * VALUES + A] | box[(r) * VALUES + B] |                     \
     box[(r) * VALUES + X])
#define OF_ANY(box, r) (COUNT(SENDERS(box, r)) >= QUORUM)

/* Nodes that said something in round r. Who precommits has prevoted. */
#define HEARD(r)                                                                                   \
    (SENDERS(prevotes, r) |                                                                        \
     (proposal[r] != NONE && PROPOSER(r) != BYZANTINE) << PROPOSER(r))

/* IN_ORDER: see the head. */
#ifdef IN_ORDER
#define NONE_AFTER(r) (round[0] <= (r) && round[1] <= (r) && round[2] <= (r))
#define PREVOTES_OPEN (NONE_AFTER(MY_ROUND) && SENDERS(precommits, MY_ROUND) == 0)
#else
#define NONE_AFTER(r) true
#define PREVOTES_OPEN true
#endif

#if ROUNDS > 2
#define HEARD_SINCE_1 (HEARD(1) | HEARD(2))
#else
#define HEARD_SINCE_1 HEARD(1)
#endif

#ifdef MUTANT_VALIDITY_UNCHECKED
#define VALID(v) true
#else
#define VALID(v) ((v) != X)
#endif

#define MY_ROUND round[me]
/* ⟨PROPOSAL, h_p, round_p, v, vr⟩ may have come; `vr` plus 1. */
#define PROPOSED(v, vr)                                                                            \
    (PROPOSER(MY_ROUND) == BYZANTINE ||                                                            \
     (proposal[MY_ROUND] == (v) && proposal_valid_round[MY_ROUND] == (vr)))

/* The valid value is for who will propose; lines 36–43 keep it, whoever they are. */
#define WILL_PROPOSE_IN(r) (MY_ROUND <= (r) && PROPOSER(r) == me && proposal[r] == NONE)
#if ROUNDS > 2
#define VALUE_MATTERS (WILL_PROPOSE_IN(0) || WILL_PROPOSE_IN(1) || WILL_PROPOSE_IN(2))
#else
#define VALUE_MATTERS (WILL_PROPOSE_IN(0) || WILL_PROPOSE_IN(1))
#endif

inline forget_value()
{
    if
    :: VALUE_MATTERS
    :: else ->
        valid_value[me] = NONE;
        valid_round[me] = NONE
    fi
}

/* B may be named once A was. */
#define MAY_NAME(v) ((v) != B || named)

inline prevote(v)
{
    if
    :: LOCK_MATTERS
    :: else ->
        locked_value[me] = NONE;
        locked_round[me] = NONE
    fi;
    named = named || v == A;
    prevotes[MY_ROUND * VALUES + v] = prevotes[MY_ROUND * VALUES + v] | (1 << me);
    step[me] = PREVOTE;
}

inline precommit(v)
{
    precommits[MY_ROUND * VALUES + v] = precommits[MY_ROUND * VALUES + v] | (1 << me);
    step[me] = PRECOMMIT;
}

/* Of a closed round counts what had a quorum, and that its precommits let everybody go on (47). Who
 * is still there can only follow. */
#define EVERYBODY 7
#define FOLD(box, r, v) box[(r) * VALUES + (v)] = (FOR(box, r, v) -> EVERYBODY : 0)
inline close_round(r)
{
    FOLD(prevotes, r, A);
    FOLD(prevotes, r, B);
    FOLD(prevotes, r, X);
    prevotes[(r) * VALUES + NIL] = 0;
    FOLD(precommits, r, A);
    FOLD(precommits, r, B);
    FOLD(precommits, r, X);
    precommits[(r) * VALUES + NIL] = EVERYBODY;
    proposal_valid_round[r] = NONE;
    round[0] = r;
    round[1] = r;
    round[2] = r;
    step[0] = PRECOMMIT;
    step[1] = PRECOMMIT;
    step[2] = PRECOMMIT
}

/* 11: Function StartRound(round) */
inline start_round(r)
{
#ifdef IN_ORDER
    if
    :: NONE_AFTER(r - 1) ->
        assert(OF_ANY(precommits, r - 1)); /* the first comes by line 47, not by 55 */
        close_round(r - 1)
    :: else
    fi;
#endif
    round[me] = r;      /* 12 */
    step[me] = PROPOSE; /* 13 */
#ifdef MUTANT_LOCK_FORGOTTEN_ON_ROUND_CHANGE
    locked_value[me] = NONE;
    locked_round[me] = NONE;
#endif
    forget_value();
    printf("node %d: round %d\n", me, round[me]);
}

inline propose(v, vr)
{
    named = named || v == A;
    proposal[MY_ROUND] = v;
    proposal_valid_round[MY_ROUND] = vr;
    printf("node %d, round %d: proposes %d, valid round %d (19)\n", me, MY_ROUND, v, vr - 1);
    forget_value();
}

#define MAY_PROPOSE                                                                                \
    (step[me] == PROPOSE && PREVOTES_OPEN && PROPOSER(MY_ROUND) == me &&                           \
     proposal[MY_ROUND] == NONE)

/* 15, 18, 19: a new value. */
#define RULE_PROPOSE_FRESH(v)                                                                      \
    ::d_step { MAY_PROPOSE && valid_round[me] == NONE && MAY_NAME(v) -> propose(v, NONE) }

/* 23: lockedRound_p = −1 ∨ lockedValue_p = v */
#ifdef MUTANT_FRESH_IGNORES_LOCK
#define LOCK_ALLOWS_FRESH(v) true
#else
#define LOCK_ALLOWS_FRESH(v) (locked_round[me] == NONE || locked_value[me] == (v))
#endif

/* 22–24. The other outcome, line 26, is among the timeouts. */
#define RULE_PREVOTE_FRESH(v)                                                                      \
    ::d_step { step[me] == PROPOSE && PREVOTES_OPEN && PROPOSED(v, NONE) &&                        \
        LOCK_ALLOWS_FRESH(v) && VALID(v) && MAY_NAME(v) ->                                         \
        printf("node %d, round %d: prevotes %d (24)\n", me, MY_ROUND, v);                          \
        prevote(v) }

/* 28: 2f+1 ⟨PREVOTE, h_p, vr, id(v)⟩ */
#ifdef MUTANT_VALID_ROUND_UNPROVEN
#define PROVEN(v, vr) true
#else
#define PROVEN(v, vr) FOR(prevotes, vr, v)
#endif

/* 29: lockedRound_p ≤ vr ∨ lockedValue_p = v */
#ifdef MUTANT_VALID_ROUND_NOT_COMPARED
#define LOCK_ALLOWS_AGAIN(v, vr) true
#else
#define LOCK_ALLOWS_AGAIN(v, vr) (locked_round[me] <= (vr) + 1 || locked_value[me] == (v))
#endif

/* 28–30, with vr < round_p; the other outcome, line 32, is among the timeouts. */
#define RULE_PREVOTE_AGAIN(v, vr)                                                                  \
    ::d_step { step[me] == PROPOSE && PREVOTES_OPEN && (vr) < MY_ROUND &&                          \
        PROPOSED(v, (vr) + 1) && PROVEN(v, vr) && LOCK_ALLOWS_AGAIN(v, vr) &&                      \
        VALID(v) && MAY_NAME(v) ->                                                                 \
        printf("node %d, round %d: prevotes %d by round %d (30)\n", me, MY_ROUND, v, vr);          \
        prevote(v) }

/* 38, 39 */
inline set_lock(v)
{
#ifdef GOAL
    if
    :: locked_round[me] != NONE && locked_value[me] == v -> carried = carried | (1 << me)
    :: locked_round[me] != NONE && locked_value[me] != v -> unlocked = unlocked | (1 << me)
    :: else
    fi;
#endif
#ifdef MUTANT_LOCK_NEVER_SET
    skip;
#else
    locked_value[me] = (LOCK_MATTERS -> v : NONE);
#ifdef MUTANT_FIRST_LOCKED_ROUND_STAYS
    locked_round[me] = (locked_round[me] == NONE -> 1 : locked_round[me]);
#else
    locked_round[me] = (LOCK_MATTERS -> MY_ROUND + 1 : NONE);
#endif
#endif
}

inline set_valid(v, r)
{
    valid_value[me] = v;
    valid_round[me] = r + 1;
    forget_value();
}

#ifdef MUTANT_LOCK_BEFORE_PREVOTE_QUORUM
#define POLKA(v) (COUNT(prevotes[MY_ROUND * VALUES + (v)]) >= ROUND_SKIP)
#else
#define POLKA(v) FOR(prevotes, MY_ROUND, v)
#endif

/* 36–43 in the current round, in step prevote. */
#define RULE_LOCK(v)                                                                               \
    ::d_step { step[me] == PREVOTE && NONE_AFTER(MY_ROUND) && POLKA(v) && VALID(v) ->              \
        printf("node %d, round %d: locks and precommits %d (40)\n", me, MY_ROUND, v);              \
        set_lock(v);                                                                               \
        set_valid(v, MY_ROUND);                                                                    \
        precommit(v) }

/* 42, 43 in step precommit, or late, by prevotes of an earlier round. */
#define RULE_VALID(v, r)                                                                           \
    ::d_step { VALUE_MATTERS && (r) + 1 > valid_round[me] && FOR(prevotes, r, v) &&                \
        ((r) < MY_ROUND || ((r) == MY_ROUND && step[me] == PRECOMMIT)) && VALID(v) ->              \
        printf("node %d, round %d: valid value %d of round %d (42)\n", me, MY_ROUND, v, r);        \
        set_valid(v, r) }

/* 55: the Byzantine one and one correct node at least were heard in r or later. */
#define RULE_SKIP(r, heard)                                                                        \
    ::d_step { (r) > MY_ROUND && NONE_AFTER(r) && COUNT(heard) >= ROUND_SKIP ->                    \
        start_round(r) }

/* 49: 2f+1 ⟨PRECOMMIT, h_p, r, id(v)⟩, of any round r. */
#ifdef MUTANT_DECIDES_BY_PREVOTES
#define COMMITTED(v, r) FOR(prevotes, r, v)
#else
#define COMMITTED(v, r) FOR(precommits, r, v)
#endif

#define FROM_PROPOSER(v, r) (PROPOSER(r) == BYZANTINE || proposal[r] == (v))
#if ROUNDS > 2
#define PROPOSED_BY(v, r)                                                                          \
    (FROM_PROPOSER(v, 0) || ((r) > 0 && FROM_PROPOSER(v, 1)) || ((r) > 1 && FROM_PROPOSER(v, 2)))
#else
#define PROPOSED_BY(v, r) (FROM_PROPOSER(v, 0) || ((r) > 0 && FROM_PROPOSER(v, 1)))
#endif

#if ROUNDS > 2
#define DECIDABLE(v) (COMMITTED(v, 0) || COMMITTED(v, 1) || COMMITTED(v, 2))
#else
#define DECIDABLE(v) (COMMITTED(v, 0) || COMMITTED(v, 1))
#endif

/* 49–51. */
#define RULE_DECIDE(v, r)                                                                          \
    ::d_step { COMMITTED(v, r) && VALID(v) ->                                                      \
        printf("a node decides %d of round %d (51)\n", v, r);                                      \
        agreement = ((v) == A || !DECIDABLE(A)) && ((v) == B || !DECIDABLE(B));                    \
        assert(agreement);                                                                         \
        validity = (v) != X && PROPOSED_BY(v, r);                                                  \
        assert(validity);                                                                          \
        check_goal(v, r) }

/* GOAL 1: decided in round 0. 2: in round 1, by correct nodes that carried their lock over from
 * round 0. 3: in round 1, a value for which a lock on another was given up. 4: in round 1, while
 * another node decides the same of round 0. 5: an equivocating proposer's value, though a correct
 * node prevoted another. */
inline check_goal(v, r)
{
#ifdef GOAL
#if GOAL == 1
    goal = r == 0;
#elif GOAL == 2
    goal = r == 1 && (precommits[VALUES + v] & carried) != 0 &&
           COUNT(precommits[VALUES + v] & carried) >= QUORUM;
#elif GOAL == 3
    goal = r == 1 && (precommits[VALUES + v] & unlocked) != 0;
#elif GOAL == 4
    goal = r == 1 && FOR(precommits, 0, v);
#elif GOAL == 5
    goal = r == 0 && prevotes[A + B - v] != 0;
#endif
    assert(!goal)
#else
    skip
#endif
}

#define VALUES_OF(RULE) RULE(A) RULE(B) RULE(X)
#define VALUES_WITH(RULE, r) RULE(A, r) RULE(B, r) RULE(X, r)
#if ROUNDS > 2
#define ROUNDS_OF(RULE) VALUES_WITH(RULE, 0) VALUES_WITH(RULE, 1) VALUES_WITH(RULE, 2)
#define ROUNDS_BEFORE(RULE) VALUES_WITH(RULE, 0) VALUES_WITH(RULE, 1)
#else
#define ROUNDS_OF(RULE) VALUES_WITH(RULE, 0) VALUES_WITH(RULE, 1)
#define ROUNDS_BEFORE(RULE) VALUES_WITH(RULE, 0)
#endif

proctype node(byte me)
{
end:
    do
    /* 15, 16, 19: the valid value. */
    ::d_step { MAY_PROPOSE && valid_round[me] != NONE ->
        propose(valid_value[me], valid_round[me]) }
    /* A correct proposer makes valid blocks only. */
    RULE_PROPOSE_FRESH(A)
    RULE_PROPOSE_FRESH(B)
    VALUES_OF(RULE_PREVOTE_FRESH)
    ROUNDS_BEFORE(RULE_PREVOTE_AGAIN)
    /* 26, 32, 57–60: a nil prevote is always allowed. */
    ::d_step { step[me] == PROPOSE && PREVOTES_OPEN ->
        printf("node %d, round %d: prevotes nil (60)\n", me, MY_ROUND);
        prevote(NIL) }
    VALUES_OF(RULE_LOCK)
    ROUNDS_OF(RULE_VALID)
    /* 34, 44–46, 61–64: prevotes of a quorum, whatever for. */
    ::d_step { step[me] == PREVOTE && NONE_AFTER(MY_ROUND) && OF_ANY(prevotes, MY_ROUND) ->
        printf("node %d, round %d: precommits nil (64)\n", me, MY_ROUND);
#ifdef MUTANT_LOCK_CLEARED_BY_NIL
        locked_value[me] = NONE;
        locked_round[me] = NONE;
#endif
        precommit(NIL) }
    /* 47, 65–67: precommits of a quorum, in any step. */
    ::d_step { MY_ROUND + 1 < ROUNDS && NONE_AFTER(MY_ROUND + 1) && OF_ANY(precommits, MY_ROUND) ->
        start_round((MY_ROUND + 1)) }
    RULE_SKIP(1, HEARD_SINCE_1)
#if ROUNDS > 2
    RULE_SKIP(2, HEARD(2))
#endif
#ifdef MUTANT_RESTART_FORGETS_LOCK
    ::d_step { locked_round[me] != NONE ->
        printf("node %d, round %d: restarts without its lock\n", me, MY_ROUND);
        locked_value[me] = NONE;
        locked_round[me] = NONE }
#endif
#ifdef MUTANT_RESTART_FORGETS_STEP
    ::d_step { step[me] != PROPOSE ->
        printf("node %d, round %d: restarts in step propose\n", me, MY_ROUND);
        step[me] = PROPOSE }
#endif
#ifdef MUTANT_PREVOTES_UNPROPOSED
    ::d_step { step[me] == PROPOSE && LOCK_ALLOWS_FRESH(B) ->
        printf("node %d, round %d: prevotes a block of its own\n", me, MY_ROUND);
        prevote(B) }
#endif
    od
}

/* Any correct node, at any step and round. */
proctype decisions()
{
end:
    do
    ROUNDS_OF(RULE_DECIDE)
    od
}

init
{
    atomic {
        if
        :: first = 0
        :: first = 1
        :: first = 2
        :: first = 3
        fi;
        run node(0);
        run node(1);
        run node(2);
        run decisions()
    }
}
