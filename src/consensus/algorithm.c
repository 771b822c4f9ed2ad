/* Algorithm 1 of arXiv:1807.04938, rule by rule; numbers in comments are its lines. Where this
 * differs from the paper, and why that is safe:
 *
 *   36, 49  ask for the block's hash in a quorum, not for its proposal: a quorum holds an honest
 *           member that had the proposal, and an equivocating proposer may have sent us another.
 *   42-43   also for quorums of earlier rounds, when later than the valid round: it only changes
 *           what is proposed, and others check it by the same prevotes (line 28).
 *   55      counts f+1 validators that were heard in a round at or after the target; one of them is
 *           honest and has started that round or passed it.
 *   22      a fresh proposal must also be timely; valid(v) comes later, as an event.
 *   21      also for the proposer, whose own block may fail to be built. */
#include "consensus/state.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

static const struct hash nil;

static bool is_proposer(const struct consensus *c)
{
    return c->own >= 0 && validators_proposer(&c->set, c->height, c->round) == (size_t)c->own;
}

static struct round *current(struct consensus *c)
{
    return rounds_find(&c->rounds, c->height, c->round);
}

static void prevote(struct consensus *c, const struct hash *block)
{
    outbox_vote(c, VOTE_PREVOTE, block);
    c->step = STEP_PREVOTE;
}

static void precommit(struct consensus *c, const struct hash *block)
{
    outbox_vote(c, VOTE_PRECOMMIT, block);
    c->step = STEP_PRECOMMIT;
}

/* 11: Function StartRound(round); 14–19 are rule_propose. */
void algorithm_start_round(struct consensus *c, uint32_t round)
{
    ENSURE(c->step != STEP_DECIDED && round <= ROUND_MAX && c->out.send_count == 0);
    c->round = round;       /* 12 */
    c->step = STEP_PROPOSE; /* 13 */
    c->prevote_timer_started = c->precommit_timer_started = false;
    c->proposed = c->build_asked = c->built = false;
    /* 21: schedule OnTimeoutPropose(h_p, round_p) */
    outbox_timer(c, TIMER_PROPOSE,
                 c->timing.propose_ms + (int64_t)round * c->timing.propose_step_ms);
}

/* The latest round after ours that f+1 validators have reached, or ours. */
static uint32_t skip_target(const struct consensus *c)
{
    int64_t best = c->round;
    for (size_t i = 0; i < c->set.count; i++) {
        int64_t target = c->latest_round[i];
        if (target <= best)
            continue;
        size_t reached = 0;
        for (size_t j = 0; j < c->set.count; j++)
            reached += c->latest_round[j] >= target;
        if (reached >= validators_round_skip(c->set.count))
            best = target;
    }
    return (uint32_t)best;
}

/* 55: upon f+1 ⟨*, h_p, round, *, *⟩ with round > round_p do 56: StartRound(round) */
void algorithm_follow(struct consensus *c)
{
    if (c->step == STEP_DECIDED)
        return;
    uint32_t target = skip_target(c);
    if (target > c->round)
        algorithm_start_round(c, target);
    else if (c->step == STEP_NEW)
        algorithm_start_round(c, 0);
}

/* 49: upon ⟨PROPOSAL, h_p, r, v, *⟩ AND 2f+1 ⟨PRECOMMIT, h_p, r, id(v)⟩ while decision_p = nil do
 * 50: if valid(v) then 51: decision_p[h_p] ← v */
static bool rule_decide(struct consensus *c)
{
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        const struct vote_box *box = &round->precommits;
        if (round->height != c->height || !box->has_quorum || hash_is_zero(&box->quorum_block))
            continue;
        if (block_is(c, &box->quorum_block, VERDICT_INVALID) && !c->diverged) {
            c->diverged = c->out.diverged = true;
            c->out.diverged_block = box->quorum_block;
            c->out.diverged_round = round->number;
        }
        if (!block_is(c, &box->quorum_block, VERDICT_VALID))
            continue;
        struct certificate *certificate = &c->certificate;
        *certificate = (struct certificate){
            .height = c->height, .round = round->number, .block = box->quorum_block};
        for (size_t v = 0; v < c->set.count; v++) {
            const struct signature *signature = box_signature(box, v, &box->quorum_block);
            if (!signature)
                continue;
            struct certificate_signer *signer = &certificate->signer[certificate->count++];
            *signer = (struct certificate_signer){.signature = *signature};
            memcpy(signer->member, c->set.item[v].member, sizeof signer->member);
        }
        c->out.decide = true;
        c->step = STEP_DECIDED;
        return true;
    }
    return false;
}

/* What the rules may use of a round: its proposal while it is ours, a quorum of prevotes that lock
 * and valid value do not know better than (line 36), and any quorum of precommits (line 49). */
static bool round_names(const struct consensus *c, const struct round *round,
                        const struct hash *block)
{
    bool proposed = round->has_proposal && round->number == c->round;
    return round->height == c->height &&
           ((proposed && hash_equal(&round->proposal.block, block)) ||
            ((int64_t)round->number > c->valid_round && box_quorum_for(&round->prevotes, block)) ||
            box_quorum_for(&round->precommits, block));
}

bool consensus_needs(const struct consensus *c, const struct hash *block)
{
    if ((c->valid_round != ROUND_NONE && hash_equal(&c->valid_block, block)) ||
        (c->locked_round != ROUND_NONE && hash_equal(&c->locked_block, block)) ||
        (c->built && hash_equal(&c->built_block, block)))
        return true;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        if (round_names(c, &c->rounds.item[i], block))
            return true;
    }
    return false;
}

static bool want_of_round(struct consensus *c, const struct round *round, const struct hash *block)
{
    if (hash_is_zero(block) || !round_names(c, round, block))
        return false;
    bool proposed = round->has_proposal && hash_equal(&round->proposal.block, block);
    return block_want(c, block, proposed ? &round->proposal.header : NULL);
}

/* valid(v) needs the body and its execution: asked for what consensus_needs names; for lock and
 * valid value that is after a restart. */
static bool rule_want_blocks(struct consensus *c)
{
    bool changed = false;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height != c->height)
            continue;
        if (round->has_proposal)
            changed |= want_of_round(c, round, &round->proposal.block);
        if (round->prevotes.has_quorum)
            changed |= want_of_round(c, round, &round->prevotes.quorum_block);
        if (round->precommits.has_quorum)
            changed |= want_of_round(c, round, &round->precommits.quorum_block);
    }
    if (c->valid_round != ROUND_NONE)
        changed |= block_want(c, &c->valid_block, NULL);
    if (c->locked_round != ROUND_NONE)
        changed |= block_want(c, &c->locked_block, NULL);
    return changed;
}

/* 14: if proposer(h_p, round_p) = p then
 * 15: if validValue_p ≠ nil then 16: proposal ← validValue_p 17: else 18: proposal ← getValue()
 * 19: broadcast ⟨PROPOSAL, h_p, round_p, proposal, validRound_p⟩ */
static bool rule_propose(struct consensus *c)
{
    if (c->step != STEP_PROPOSE || c->proposed || !c->may_sign || !is_proposer(c))
        return false;
    const struct round *round = current(c);
    if (round && round->has_proposal) {
        c->proposed = true; /* we said so in an earlier life: never say anything else */
        return false;
    }
    if (c->valid_round != ROUND_NONE) {
        /* Its body was stored before it became the valid value; after a restart it is read back,
         * and until its verdict is here there is nothing to propose. */
        if (!block_is(c, &c->valid_block, VERDICT_VALID))
            return false;
        outbox_proposal(c, block_find(c, &c->valid_block), c->valid_round);
    } else if (c->built) {
        outbox_proposal(c, block_find(c, &c->built_block), ROUND_NONE);
    } else {
        if (!c->build_asked) {
            c->build_asked = c->out.build = true;
            c->out.build_time_ms =
                c->now_ms > c->previous_time_ms ? c->now_ms : c->previous_time_ms + 1;
        }
        return false;
    }
    c->proposed = true;
    return true;
}

static bool locked_on_other(const struct consensus *c, const struct hash *block)
{
    return c->locked_round != ROUND_NONE && !hash_equal(&c->locked_block, block);
}

/* 22: upon ⟨PROPOSAL, h_p, round_p, v, −1⟩ from proposer(h_p, round_p) while step_p = propose do
 * 23: if valid(v) ∧ (lockedRound_p = −1 ∨ lockedValue_p = v) then 24: PREVOTE id(v)
 * 25: else 26: PREVOTE nil 27: step_p ← prevote */
static bool rule_prevote_fresh(struct consensus *c)
{
    const struct round *round = current(c);
    if (c->step != STEP_PROPOSE || !round || !round->has_proposal ||
        round->proposal.valid_round != ROUND_NONE)
        return false;
    const struct hash *block = &round->proposal.block;
    if (!round->timely || locked_on_other(c, block) || block_is(c, block, VERDICT_INVALID))
        prevote(c, &nil);
    else if (block_is(c, block, VERDICT_VALID))
        prevote(c, block);
    else
        return false;
    return true;
}

/* 28: upon ⟨PROPOSAL, h_p, round_p, v, vr⟩ from proposer(h_p, round_p) AND
 *     2f+1 ⟨PREVOTE, h_p, vr, id(v)⟩ while step_p = propose ∧ (vr ≥ 0 ∧ vr < round_p) do
 * 29: if valid(v) ∧ (lockedRound_p ≤ vr ∨ lockedValue_p = v) then 30: PREVOTE id(v)
 * 31: else 32: PREVOTE nil 33: step_p ← prevote */
static bool rule_prevote_again(struct consensus *c)
{
    const struct round *round = current(c);
    if (c->step != STEP_PROPOSE || !round || !round->has_proposal ||
        round->proposal.valid_round == ROUND_NONE)
        return false;
    const struct hash *block = &round->proposal.block;
    int64_t valid_round = round->proposal.valid_round;
    const struct round *then = rounds_find(&c->rounds, c->height, (uint32_t)valid_round);
    if (!then || !box_quorum_for(&then->prevotes, block))
        return false;
    bool lock_allows = c->locked_round <= valid_round || hash_equal(&c->locked_block, block);
    if (!lock_allows || block_is(c, block, VERDICT_INVALID))
        prevote(c, &nil);
    else if (block_is(c, block, VERDICT_VALID))
        prevote(c, block);
    else
        return false;
    return true;
}

/* 36: upon ⟨PROPOSAL, h_p, round_p, v, *⟩ from proposer(h_p, round_p) AND
 *     2f+1 ⟨PREVOTE, h_p, round_p, id(v)⟩ while valid(v) ∧ step_p ≥ prevote for the first time do
 * 37: if step_p = prevote then 38: lockedValue_p ← v 39: lockedRound_p ← round_p
 * 40: broadcast ⟨PRECOMMIT, h_p, round_p, id(v)⟩ 41: step_p ← precommit
 * 42: validValue_p ← v 43: validRound_p ← round_p */
static bool rule_lock(struct consensus *c)
{
    bool changed = false;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        const struct hash *block = &round->prevotes.quorum_block;
        if (round->height != c->height || round->number > c->round || !round->prevotes.has_quorum ||
            hash_is_zero(block) || !block_is(c, block, VERDICT_VALID))
            continue;
        bool now = round->number == c->round;
        if (now && c->step < STEP_PREVOTE)
            continue;
        if ((int64_t)round->number > c->valid_round) {
            c->valid_round = round->number;
            c->valid_block = *block;
            changed = true;
        }
        if (now && c->step == STEP_PREVOTE) {
            c->locked_round = c->round;
            c->locked_block = *block;
            precommit(c, block);
            changed = true;
        }
    }
    if (changed)
        outbox_value_changed(c);
    return changed;
}

/* 44: upon 2f+1 ⟨PREVOTE, h_p, round_p, nil⟩ while step_p = prevote do
 * 45: broadcast ⟨PRECOMMIT, h_p, round_p, nil⟩ 46: step_p ← precommit. The lock stays. */
static bool rule_precommit_nil(struct consensus *c)
{
    const struct round *round = current(c);
    if (c->step != STEP_PREVOTE || !round || !box_quorum_for(&round->prevotes, &nil))
        return false;
    precommit(c, &nil);
    return true;
}

/* 34: upon 2f+1 ⟨PREVOTE, h_p, round_p, *⟩ while step_p = prevote for the first time do
 * 35: schedule OnTimeoutPrevote(h_p, round_p)
 * 47: upon 2f+1 ⟨PRECOMMIT, h_p, round_p, *⟩ for the first time do
 * 48: schedule OnTimeoutPrecommit(h_p, round_p) */
static void rule_timers(struct consensus *c)
{
    const struct round *round = current(c);
    if (!round || c->step == STEP_NEW || c->step == STEP_DECIDED)
        return;
    size_t quorum = validators_quorum(c->set.count);
    if (c->step == STEP_PREVOTE && round->prevotes.count >= quorum && !c->prevote_timer_started) {
        c->prevote_timer_started = true;
        outbox_timer(c, TIMER_PREVOTE,
                     c->timing.prevote_ms + (int64_t)c->round * c->timing.prevote_step_ms);
    }
    if (round->precommits.count >= quorum && !c->precommit_timer_started) {
        c->precommit_timer_started = true;
        outbox_timer(c, TIMER_PRECOMMIT,
                     c->timing.precommit_ms + (int64_t)c->round * c->timing.precommit_step_ms);
    }
}

void algorithm_run(struct consensus *c)
{
    bool changed = true;
    while (changed && c->step != STEP_DECIDED) {
        changed = rule_want_blocks(c) || rule_decide(c) || rule_propose(c) ||
                  rule_prevote_fresh(c) || rule_prevote_again(c) || rule_lock(c) ||
                  rule_precommit_nil(c);
    }
    rule_timers(c);
}

int algorithm_timeout(struct consensus *c, const struct event_timeout *timeout)
{
    if (timeout->height != c->height || timeout->round != c->round)
        return ERR_STATUS;
    switch (timeout->kind) {
    case TIMER_IDLE: /* nothing to order came: time itself may have acts due */
        if (c->step != STEP_NEW)
            return ERR_STATUS;
        algorithm_start_round(c, 0);
        break;
    case TIMER_PROPOSE:              /* 57: Function OnTimeoutPropose(height, round) */
        if (c->step != STEP_PROPOSE) /* 58 */
            return ERR_STATUS;
        prevote(c, &nil); /* 59, 60 */
        break;
    case TIMER_PREVOTE: /* 61: Function OnTimeoutPrevote(height, round) */
        if (c->step != STEP_PREVOTE || !c->prevote_timer_started) /* 62 */
            return ERR_STATUS;
        precommit(c, &nil); /* 63, 64 */
        break;
    case TIMER_PRECOMMIT: /* 65: Function OnTimeoutPrecommit(height, round) */
        if (!c->precommit_timer_started || c->step == STEP_DECIDED ||
            c->round == ROUND_MAX) /* 66 */
            return ERR_STATUS;
        algorithm_start_round(c, c->round + 1); /* 67 */
        break;
    case TIMER_KINDS:
    default:
        return ERR_STATUS;
    }
    algorithm_run(c);
    return OK;
}
