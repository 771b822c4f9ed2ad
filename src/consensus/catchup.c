/* What others have said, for the host: who claims to have a block, which proposals verified, and
 * what a peer of the same height may lack. Messages come round by round: the proposal, then every
 * vote with its signature, further votes of equivocators included. */
#include "consensus/state.h"

#include <string.h>

/* Items of a round: 0 the proposal, then first votes and further votes of both types. */
#define ITEMS_OF_BOX (2 * (size_t)VALIDATORS_MAX)
#define ITEMS (1 + 2 * ITEMS_OF_BOX)

/* This round and the one before carry a peer forward (lines 47, 55); the rounds of lock, valid
 * value and re-proposal carry the prevotes of line 28; a precommit quorum decides (line 49). */
static bool round_helps(const struct consensus *c, const struct round *round)
{
    if (round->height != c->height || round->height == 0)
        return false;
    int64_t number = round->number;
    if (number + 1 >= (int64_t)c->round || number == c->locked_round || number == c->valid_round)
        return true;
    if (round->precommits.has_quorum && !hash_is_zero(&round->precommits.quorum_block))
        return true;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *other = &c->rounds.item[i];
        if (other->height == c->height && other->number == c->round)
            return other->has_proposal && other->proposal.valid_round == number;
    }
    return false;
}

static bool vote_item(struct message *out, const struct consensus *c, const struct round *round,
                      enum vote_type type, size_t item)
{
    const struct vote_box *box = type == VOTE_PREVOTE ? &round->prevotes : &round->precommits;
    size_t validator = item;
    const struct hash *block;
    const struct signature *signature;
    if (item < VALIDATORS_MAX) {
        if (validator >= c->set.count || !box->place[validator].present)
            return false;
        block = &box->place[validator].block;
        signature = &box->place[validator].signature;
    } else {
        if (item - VALIDATORS_MAX >= box->extra_count)
            return false;
        const struct vote_extra *extra = &box->extra[item - VALIDATORS_MAX];
        validator = extra->validator;
        block = &extra->block;
        signature = &extra->signature;
    }
    *out = (struct message){.kind = MESSAGE_VOTE};
    struct vote *vote = &out->vote;
    vote->type = type;
    vote->height = round->height;
    vote->round = round->number;
    vote->block = *block;
    vote->signature = *signature;
    memcpy(vote->validator, c->set.item[validator].member, sizeof vote->validator);
    return true;
}

static bool round_item(struct message *out, const struct consensus *c, const struct round *round,
                       size_t item)
{
    if (item == 0) {
        if (round->has_proposal)
            *out = (struct message){.kind = MESSAGE_PROPOSAL, .proposal = round->proposal};
        return round->has_proposal;
    }
    item--;
    if (item < ITEMS_OF_BOX)
        return vote_item(out, c, round, VOTE_PREVOTE, item);
    return vote_item(out, c, round, VOTE_PRECOMMIT, item - ITEMS_OF_BOX);
}

bool consensus_next_message(struct message *out, struct consensus_cursor *cursor,
                            const struct consensus *c)
{
    for (; cursor->place < ROUNDS_TRACKED_MAX; cursor->place++, cursor->item = 0) {
        const struct round *round = &c->rounds.item[cursor->place];
        if (!round_helps(c, round))
            continue;
        while (cursor->item < ITEMS) {
            if (round_item(out, c, round, cursor->item++))
                return true;
        }
    }
    return false;
}

bool consensus_voted_for(const struct consensus *c, const char *member, const struct hash *block)
{
    int index = validators_find(&c->set, member);
    for (size_t i = 0; index >= 0 && i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height == c->height &&
            (box_signature(&round->prevotes, (size_t)index, block) != NULL ||
             box_signature(&round->precommits, (size_t)index, block) != NULL))
            return true;
    }
    return false;
}

bool consensus_has_proposal(const struct consensus *c, const struct proposal *proposal)
{
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height == proposal->height && round->number == proposal->round)
            return round->has_proposal && hash_equal(&round->proposal.block, &proposal->block);
    }
    return false;
}
