/* What one member has said at this height and the next, as far as it is kept here: a validator that
 * was started asks the others for it, since its own memory may be older than its signatures. */
#include "consensus/state.h"

#include <string.h>

#define ITEMS 3 /* of a round: proposal, prevote, precommit */

static bool recall_vote(struct message *out, const struct round *round, enum vote_type type,
                        const struct validator *validator, size_t index)
{
    const struct vote_box *box = type == VOTE_PREVOTE ? &round->prevotes : &round->precommits;
    *out = (struct message){.kind = MESSAGE_VOTE,
                            .vote = {.type = type,
                                     .height = round->height,
                                     .round = round->number,
                                     .block = box->place[index].block,
                                     .signature = box->place[index].signature}};
    memcpy(out->vote.validator, validator->member, sizeof out->vote.validator);
    return box->place[index].present;
}

static bool recall_item(struct message *out, const struct round *round,
                        const struct validator_set *set, size_t index, size_t item)
{
    if (item > 0)
        return recall_vote(out, round, item == 1 ? VOTE_PREVOTE : VOTE_PRECOMMIT, &set->item[index],
                           index);
    *out = (struct message){.kind = MESSAGE_PROPOSAL, .proposal = round->proposal};
    return round->has_proposal && validators_proposer(set, round->height, round->number) == index;
}

bool consensus_next_recalled(struct message *out, struct consensus_cursor *cursor,
                             const struct consensus *c, const char *member)
{
    for (; cursor->place < ROUNDS_TRACKED_MAX; cursor->place++, cursor->item = 0) {
        const struct round *round = &c->rounds.item[cursor->place];
        const struct validator_set *set = round->height == c->height ? &c->set : &c->next_set;
        int index = round->height == 0 ? -1 : validators_find(set, member);
        while (index >= 0 && cursor->item < ITEMS) {
            if (recall_item(out, round, set, (size_t)index, cursor->item++))
                return true;
        }
    }
    return false;
}
