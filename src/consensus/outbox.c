/* What a step wants done, and the one place that gives it its order:
 *
 *   persist, send, execute or build, decide, evidence, diverged, timer
 *
 * One PERSIST covers everything a step signs: all of it is of one round, because a step changes
 * the round before it signs anything. */
#include "consensus/state.h"

#include "base/ensure.h"

#include <string.h>

static_assert(1 + 3 + EXECUTES_PER_STEP_MAX + 1 + 1 + 1 + 1 + TIMER_KINDS <= EFFECTS_MAX,
              "the effects of any step fit");

/* A quorum's worth of votes of a box: for one block, or each validator's first one. */
static size_t collect_votes(struct safety_vote out[SAFETY_QUORUM_MAX], const struct consensus *c,
                            const struct vote_box *box, const struct hash *block)
{
    size_t count = 0;
    for (size_t i = 0; i < c->set.count && count < validators_quorum(c->set.count); i++) {
        const struct vote_place *place = &box->place[i];
        const struct hash *about = block ? block : &place->block;
        const struct signature *signature = place->present ? box_signature(box, i, about) : NULL;
        if (signature)
            out[count++] = (struct safety_vote){
                .validator = (uint16_t)i, .block = *about, .signature = *signature};
    }
    return count;
}

/* The record follows the round. What was signed in an earlier one is no longer needed, but how
 * that round ended is. */
static void record_enter_round(struct consensus *c)
{
    struct safety_record *record = &c->record;
    if (record->height == c->height && record->round == c->round)
        return;
    record->height = c->height;
    record->round = c->round;
    record->step = STEP_NEW;
    record->has_proposal = record->has_prevote = record->has_precommit = false;
    record->entry_precommit_count = 0;
    const struct round *before =
        c->round > 0 ? rounds_find(&c->rounds, c->height, c->round - 1) : NULL;
    if (before && before->precommits.count >= validators_quorum(c->set.count))
        record->entry_precommit_count =
            collect_votes(record->entry_precommits, c, &before->precommits, NULL);
}

static void send(struct consensus *c, const struct message *message)
{
    ENSURE(c->out.send_count < 3);
    c->out.send[c->out.send_count++] = *message;
}

/* Whether our key was heard saying something else here: the safety record must have been lost or
 * put back, or the key runs twice. Then be silent rather than contradict it. */
static bool contradicts_own(struct consensus *c, enum vote_type type, const struct hash *block)
{
    struct round *round = rounds_find(&c->rounds, c->height, c->round);
    if (!round)
        return false;
    const struct vote_place *place = &round_box(round, type)->place[c->own];
    return place->present && !hash_equal(&place->block, block);
}

/* Stored with what is signed for it, so that the round can go on where all are killed at once, and
 * with them the memory that its transactions were in. In the first round only: what nobody locks
 * must not fill the disk while rounds fail. A valid value is stored in any round. */
static void persist_body(struct consensus *c, const struct hash *block)
{
    if (c->round == 0 && hash_is_zero(&c->out.persist_body))
        c->out.persist_body = *block;
}

void outbox_vote(struct consensus *c, enum vote_type type, const struct hash *block)
{
    if (!c->may_sign || contradicts_own(c, type, block))
        return;
    struct vote vote = {.type = type, .height = c->height, .round = c->round, .block = *block};
    memcpy(vote.validator, c->member, sizeof vote.validator);
    record_enter_round(c);
    if (type == VOTE_PREVOTE) {
        c->record.has_prevote = true;
        c->record.prevote = vote;
        c->record.step = STEP_PREVOTE;
        persist_body(c, block);
    } else {
        c->record.has_precommit = true;
        c->record.precommit = vote;
        c->record.step = STEP_PRECOMMIT;
    }
    c->out.persist = true;
    send(c, &(struct message){.kind = MESSAGE_VOTE, .vote = vote});
}

void outbox_proposal(struct consensus *c, const struct known_block *block, int64_t valid_round)
{
    ENSURE(c->may_sign && block && block->has_header);
    struct proposal proposal = {.height = c->height,
                                .round = c->round,
                                .valid_round = valid_round,
                                .header = block->header,
                                .block = block->hash};
    record_enter_round(c);
    c->record.has_proposal = true;
    c->record.proposal = proposal;
    c->record.step = STEP_PROPOSE;
    c->out.persist = true;
    persist_body(c, &block->hash);
    send(c, &(struct message){.kind = MESSAGE_PROPOSAL, .proposal = proposal});
}

void outbox_value_changed(struct consensus *c)
{
    if (!c->may_sign)
        return;
    record_enter_round(c);
    struct safety_record *record = &c->record;
    record->locked_round = c->locked_round;
    record->locked_block = c->locked_block;
    if (record->valid_round != c->valid_round) {
        record->valid_round = c->valid_round;
        record->valid_block = c->valid_block;
        const struct round *round = rounds_find(&c->rounds, c->height, (uint32_t)c->valid_round);
        ENSURE(round);
        record->valid_prevote_count =
            collect_votes(record->valid_prevotes, c, &round->prevotes, &c->valid_block);
    }
    c->out.persist = true;
    c->out.persist_body = c->valid_block;
}

void outbox_resend(struct consensus *c)
{
    const struct safety_record *record = &c->record;
    if (record->has_proposal)
        send(c, &(struct message){.kind = MESSAGE_PROPOSAL, .proposal = record->proposal});
    if (record->has_prevote)
        send(c, &(struct message){.kind = MESSAGE_VOTE, .vote = record->prevote});
    if (record->has_precommit)
        send(c, &(struct message){.kind = MESSAGE_VOTE, .vote = record->precommit});
}

void outbox_timer(struct consensus *c, enum timer_kind kind, int64_t delay_ms)
{
    c->out.timer[kind] = (struct timer){.set = true, .round = c->round, .delay_ms = delay_ms};
}

static struct effect *add(struct effects *effects, enum effect_kind kind)
{
    ENSURE(effects->count < EFFECTS_MAX);
    struct effect *effect = &effects->item[effects->count++];
    effect->kind = kind;
    return effect;
}

static void flush_signed(struct consensus *c, struct effects *effects)
{
    const struct outbox *out = &c->out;
    if (out->persist) {
        struct effect *effect = add(effects, EFFECT_PERSIST);
        effect->persist.record = &c->record;
        effect->persist.body = out->persist_body;
    }
    for (size_t i = 0; i < out->send_count; i++)
        add(effects, EFFECT_SEND)->send = out->send[i];
}

static void flush_work(struct consensus *c, struct effects *effects)
{
    const struct outbox *out = &c->out;
    for (size_t i = 0; i < out->execute_count; i++) {
        struct effect *effect = add(effects, EFFECT_EXECUTE);
        effect->execute.block = out->execute[i].hash;
        effect->execute.has_header = out->execute[i].has_header;
        effect->execute.header = out->execute[i].header;
    }
    if (out->build) {
        struct effect *effect = add(effects, EFFECT_BUILD);
        effect->build.height = c->height;
        effect->build.round = c->round;
        effect->build.time_ms = out->build_time_ms;
    }
    if (out->decide) {
        struct effect *effect = add(effects, EFFECT_DECIDE);
        effect->decide.block = c->certificate.block;
        effect->decide.certificate = &c->certificate;
    }
}

void outbox_flush(struct consensus *c, struct effects *effects)
{
    const struct outbox *out = &c->out;
    effects->count = 0;
    flush_signed(c, effects);
    flush_work(c, effects);
    if (out->has_evidence)
        add(effects, EFFECT_EVIDENCE)->evidence = out->evidence;
    if (out->diverged) {
        struct effect *effect = add(effects, EFFECT_DIVERGED);
        effect->diverged.block = out->diverged_block;
        effect->diverged.round = out->diverged_round;
    }
    for (int kind = 0; kind < TIMER_KINDS; kind++) {
        if (!out->timer[kind].set)
            continue;
        struct effect *effect = add(effects, EFFECT_TIMER);
        effect->timer.kind = (enum timer_kind)kind;
        effect->timer.height = c->height;
        effect->timer.round = out->timer[kind].round;
        effect->timer.delay_ms = out->timer[kind].delay_ms;
    }
}
