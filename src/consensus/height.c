/* A new height: lines 2–10 and 52–54 of algorithm 1, or, after a restart in mid-height, exactly
 * what the safety record says was going on. */
#include "consensus/state.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

static bool same_set(const struct validator_set *a, const struct validator_set *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        if (strcmp(a->item[i].member, b->item[i].member) != 0 ||
            memcmp(&a->item[i].key, &b->item[i].key, sizeof a->item[i].key) != 0)
            return false;
    }
    return true;
}

/* Early messages were checked against the set foreseen: they stay if it is the one that came. */
static void keep_early_messages(struct consensus *c, const struct event_start_height *start)
{
    bool foreseen =
        start->height == c->height + 1 && c->has_next_set && same_set(&c->next_set, start->set);
    if (!foreseen)
        rounds_drop_height(&c->rounds, start->height);
    rounds_drop_other_heights(&c->rounds, start->height);
}

static void set_height(struct consensus *c, const struct event_start_height *start)
{
    ENSURE(start->set->count >= 1 && start->set->count <= VALIDATORS_MAX);
    c->height = start->height;
    c->set = *start->set;
    c->has_next_set = start->next_set != NULL;
    if (start->next_set)
        c->next_set = *start->next_set;
    c->previous = start->previous;
    c->previous_time_ms = start->previous_time_ms;
    if (start->timing)
        c->timing = *start->timing;
    c->own = c->member[0] != '\0' ? validators_find(&c->set, c->member) : -1;
    /* A ledger behind our own signatures, or a record behind them: follow, and sign nothing. */
    c->may_sign = c->own >= 0 && start->resume && start->resume->height <= start->height &&
                  start->resume->hold_height < start->height;
    /* 53: reset lockedRound_p, lockedValue_p, validRound_p and validValue_p */
    c->round = 0;
    c->step = STEP_NEW;
    c->locked_round = c->valid_round = ROUND_NONE;
    c->locked_block = c->valid_block = (struct hash){{0}};
    c->prevote_timer_started = c->precommit_timer_started = false;
    c->proposed = c->build_asked = c->built = c->diverged = false;
    c->block_count = 0;
    safety_record_init(&c->record);
    c->record.height = start->height;
}

static void hear(struct consensus *c, size_t validator, uint32_t round)
{
    if ((int64_t)round > c->latest_round[validator])
        c->latest_round[validator] = round;
}

/* True if anything was said for this height already. */
static bool hear_early_messages(struct consensus *c)
{
    bool any = false;
    for (size_t i = 0; i < VALIDATORS_MAX; i++)
        c->latest_round[i] = ROUND_NONE;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height != c->height)
            continue;
        any = true;
        if (round->has_proposal)
            hear(c, validators_proposer(&c->set, c->height, round->number), round->number);
        for (size_t v = 0; v < c->set.count; v++) {
            if (round->prevotes.place[v].present || round->precommits.place[v].present)
                hear(c, v, round->number);
        }
    }
    return any;
}

static bool keep_all(const void *context, uint32_t number)
{
    (void)context;
    (void)number;
    return true;
}

/* Votes that the record kept, back into their round. Verified again: they will be shown to peers,
 * and a peer's refusal should mean something. */
static void resume_votes(struct consensus *c, enum vote_type type, uint32_t number,
                         const struct safety_vote *votes, size_t count)
{
    if (count == 0)
        return;
    struct rounds_keep keep = {.keep = keep_all};
    struct round *round = rounds_take(&c->rounds, c->height, number, c->height, &keep);
    ENSURE(round); /* at most the early rounds are used */
    struct vote_box *box = round_box(round, type);
    size_t skip = validators_round_skip(c->set.count);
    for (size_t i = 0; i < count; i++) {
        size_t validator = votes[i].validator;
        if (validator >= c->set.count ||
            box_standing(box, validator, &votes[i].block, skip) != VOTE_NEW)
            continue;
        struct vote vote = {
            .type = type, .height = c->height, .round = number, .block = votes[i].block};
        struct hash digest;
        vote_digest(&digest, &c->genesis, &vote);
        if (c->verify(&c->set.item[validator].key, &digest, &votes[i].signature))
            box_add(box, validator, &vote.block, &votes[i].signature, c->set.count);
    }
}

static void resume(struct consensus *c, const struct safety_record *record)
{
    c->record = *record;
    c->round = record->round;
    c->locked_round = record->locked_round;
    c->locked_block = record->locked_block;
    c->valid_round = record->valid_round;
    c->valid_block = record->valid_block;
    if (record->valid_round != ROUND_NONE)
        resume_votes(c, VOTE_PREVOTE, (uint32_t)record->valid_round, record->valid_prevotes,
                     record->valid_prevote_count);
    if (record->round > 0)
        resume_votes(c, VOTE_PRECOMMIT, record->round - 1, record->entry_precommits,
                     record->entry_precommit_count);
    if (record->step == STEP_NEW) {
        algorithm_start_round(c, record->round);
        return;
    }
    c->step = record->step;
    c->proposed = record->has_proposal;
    outbox_resend(c);
    if (c->step == STEP_PROPOSE)
        outbox_timer(c, TIMER_PROPOSE,
                     c->timing.propose_ms + (int64_t)c->round * c->timing.propose_step_ms);
}

static void wait_for_work(struct consensus *c)
{
    int64_t delay_ms = c->previous_time_ms + c->timing.idle_block_ms - c->now_ms;
    if (delay_ms < 0)
        delay_ms = 0;
    if (delay_ms > c->timing.idle_block_ms)
        delay_ms = c->timing.idle_block_ms;
    outbox_timer(c, TIMER_IDLE, delay_ms);
}

int height_start(struct consensus *c, const struct event_start_height *start)
{
    if (start->height <= c->height)
        return ERR_STATUS;
    keep_early_messages(c, start);
    set_height(c, start);
    bool heard = hear_early_messages(c);
    if (c->may_sign && start->resume->height == start->height)
        resume(c, start->resume);
    else if (heard)
        algorithm_follow(c);
    else if (start->work)
        algorithm_start_round(c, 0); /* 54: StartRound(0) */
    else
        wait_for_work(c);
    algorithm_run(c);
    return OK;
}
