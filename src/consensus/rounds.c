/* Storage of rounds and votes, and the counting of quorums. The only place that counts votes. */
#include "consensus/rounds.h"

#include "base/ensure.h"

static_assert(ROUNDS_TRACKED_MAX >= 32, "room for the rounds that are kept and some more");

struct round *rounds_find(struct rounds *rounds, uint64_t height, uint32_t number)
{
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        struct round *round = &rounds->item[i];
        if (round->height == height && round->number == number)
            return round;
    }
    return NULL;
}

static void box_clear(struct vote_box *box)
{
    box->count = 0;
    box->has_quorum = false;
    box->extra_count = 0;
    for (size_t i = 0; i < VALIDATORS_MAX; i++)
        box->place[i].present = box->place[i].reported = false;
}

static struct round *round_start(struct round *round, uint64_t height, uint32_t number)
{
    round->height = height;
    round->number = number;
    round->has_proposal = false;
    box_clear(&round->prevotes);
    box_clear(&round->precommits);
    return round;
}

/* The round itself, or whose place it may take. NULL: no room. */
static struct round *place_of(struct rounds *rounds, uint64_t height, uint32_t number,
                              uint64_t current_height, const struct rounds_keep *keep)
{
    struct round *found = rounds_find(rounds, height, number);
    if (found)
        return found;
    struct round *lowest = NULL;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        struct round *round = &rounds->item[i];
        if (round->height == 0)
            return round;
        if (round->height != current_height || keep->keep(keep->context, round->number))
            continue;
        if (!lowest || round->number < lowest->number)
            lowest = round;
    }
    if (!lowest)
        return NULL;
    if (height == current_height && number < lowest->number && !keep->keep(keep->context, number))
        return NULL;
    return lowest;
}

bool rounds_have_room(struct rounds *rounds, uint64_t height, uint32_t number,
                      uint64_t current_height, const struct rounds_keep *keep)
{
    return place_of(rounds, height, number, current_height, keep) != NULL;
}

struct round *rounds_take(struct rounds *rounds, uint64_t height, uint32_t number,
                          uint64_t current_height, const struct rounds_keep *keep)
{
    ENSURE(height > 0);
    struct round *place = place_of(rounds, height, number, current_height, keep);
    bool is_it = place && place->height == height && place->number == number;
    return !place || is_it ? place : round_start(place, height, number);
}

void rounds_drop_other_heights(struct rounds *rounds, uint64_t height)
{
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        if (rounds->item[i].height != height)
            rounds->item[i].height = 0;
    }
}

void rounds_drop_height(struct rounds *rounds, uint64_t height)
{
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        if (rounds->item[i].height == height)
            rounds->item[i].height = 0;
    }
}

struct vote_box *round_box(struct round *round, enum vote_type type)
{
    return type == VOTE_PREVOTE ? &round->prevotes : &round->precommits;
}

/* Validators whose first vote is for the block. */
static size_t first_votes_for(const struct vote_box *box, const struct hash *block)
{
    size_t count = 0;
    for (size_t i = 0; i < VALIDATORS_MAX; i++)
        count += box->place[i].present && hash_equal(&box->place[i].block, block);
    return count;
}

/* Different validators that voted for the block: a validator's first vote and its further ones are
 * for different blocks, so nobody is counted twice. */
static size_t votes_for(const struct vote_box *box, const struct hash *block)
{
    size_t count = first_votes_for(box, block);
    for (size_t i = 0; i < box->extra_count; i++)
        count += hash_equal(&box->extra[i].block, block);
    return count;
}

const struct signature *box_signature(const struct vote_box *box, size_t validator,
                                      const struct hash *block)
{
    const struct vote_place *place = &box->place[validator];
    if (place->present && hash_equal(&place->block, block))
        return &place->signature;
    for (size_t i = 0; i < box->extra_count; i++) {
        const struct vote_extra *extra = &box->extra[i];
        if (extra->validator == validator && hash_equal(&extra->block, block))
            return &extra->signature;
    }
    return NULL;
}

bool box_quorum_for(const struct vote_box *box, const struct hash *block)
{
    return box->has_quorum && hash_equal(&box->quorum_block, block);
}

/* At most three blocks of a round can have f+1 first votes each, so what is stored stays bounded
 * however many votes an equivocating validator makes. */
static bool extra_wanted(const struct vote_box *box, const struct hash *block, size_t round_skip)
{
    return box->extra_count < VALIDATORS_MAX && first_votes_for(box, block) >= round_skip;
}

enum vote_standing box_standing(const struct vote_box *box, size_t validator,
                                const struct hash *block, size_t round_skip)
{
    const struct vote_place *place = &box->place[validator];
    if (!place->present)
        return VOTE_NEW;
    if (box_signature(box, validator, block))
        return VOTE_KNOWN;
    return !place->reported || extra_wanted(box, block, round_skip) ? VOTE_CONFLICTS : VOTE_KNOWN;
}

bool box_add(struct vote_box *box, size_t validator, const struct hash *block,
             const struct signature *signature, size_t set_count)
{
    struct vote_place *place = &box->place[validator];
    if (!place->present) {
        *place = (struct vote_place){.present = true, .block = *block, .signature = *signature};
        box->count++;
    } else {
        if (!extra_wanted(box, block, validators_round_skip(set_count)))
            return false;
        box->extra[box->extra_count++] = (struct vote_extra){
            .validator = (uint16_t)validator, .block = *block, .signature = *signature};
    }
    if (!box->has_quorum && votes_for(box, block) >= validators_quorum(set_count)) {
        box->has_quorum = true;
        box->quorum_block = *block;
    }
    return true;
}
