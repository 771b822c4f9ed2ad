/* The state machine's door: events come in, are checked, and what follows from them goes out.
 *
 * Messages are let in only if they are for this height or the next, within the rounds that are
 * followed, from a member of the set, not known already, and signed; checks that cost nothing come
 * first, and nothing is stored before the signature verified. */
#include "consensus/state.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

/* ---- messages ---- */

/* A message on its way in: where it belongs and who said it. */
struct incoming {
    const struct event_message *event;
    uint64_t height;
    uint32_t number; /* of its round */
    const struct validator_set *set;
    size_t validator;
    bool far; /* beyond the rounds whose votes are kept: only heard */
};

/* Rounds that the algorithm may still need: this one and what is near, lock, valid value, and the
 * round behind the current proposal. */
static bool round_is_needed(const void *context, uint32_t number)
{
    const struct consensus *c = context;
    if (number + 1 >= c->round || c->locked_round == (int64_t)number ||
        c->valid_round == (int64_t)number)
        return true;
    for (size_t i = 0; i < ROUNDS_TRACKED_MAX; i++) {
        const struct round *round = &c->rounds.item[i];
        if (round->height == c->height && round->number == c->round)
            return round->has_proposal && round->proposal.valid_round == (int64_t)number;
    }
    return false;
}

static struct round *take_round(struct consensus *c, const struct incoming *in)
{
    struct rounds_keep keep = {.keep = round_is_needed, .context = c};
    return rounds_take(&c->rounds, in->height, in->number, c->height, &keep);
}

/* What could not be kept is not worth a signature: it could come again and again. */
static bool has_room(struct consensus *c, const struct incoming *in)
{
    struct rounds_keep keep = {.keep = round_is_needed, .context = c};
    return in->far || rounds_have_room(&c->rounds, in->height, in->number, c->height, &keep);
}

static bool is_far(const struct consensus *c, int64_t round)
{
    return round > (int64_t)c->round + FUTURE_ROUNDS;
}

static int place_message(struct incoming *in, const struct consensus *c,
                         const struct event_message *event)
{
    *in = (struct incoming){.event = event,
                            .height = message_height(&event->message),
                            .number = message_round(&event->message)};
    if (c->height == 0 || in->height < c->height || in->height > c->height + 1)
        return ERR_CONSENSUS_HEIGHT;
    bool early = in->height > c->height;
    if (early && !c->has_next_set)
        return ERR_CONSENSUS_HEIGHT;
    if (in->number > ROUND_MAX || (early && in->number >= EARLY_ROUNDS))
        return ERR_CONSENSUS_ROUND;
    in->set = early ? &c->next_set : &c->set;
    in->far = !early && is_far(c, in->number);
    return OK;
}

static bool signature_holds(const struct consensus *c, const struct incoming *in)
{
    if (in->event->verified)
        return true;
    const struct message *message = &in->event->message;
    struct hash digest;
    message_digest(&digest, &c->genesis, message);
    return c->verify(&in->set->item[in->validator].key, &digest,
                     message->kind == MESSAGE_PROPOSAL ? &message->proposal.signature
                                                       : &message->vote.signature);
}

/* PBTS: a fresh proposal's time against the local time of its arrival. Later rounds allow more
 * delay, so that a bound set too low costs rounds and not the chain. */
static bool proposal_is_timely(const struct consensus *c, const struct event_message *event)
{
    const struct proposal *proposal = &event->message.proposal;
    int64_t received_ms = event->received_ms > 0 ? event->received_ms : c->now_ms;
    int64_t delay_ms = c->timing.message_delay_ms * ((int64_t)proposal->round + 1);
    int64_t time_ms = proposal->header.time_ms;
    return time_ms - c->timing.precision_ms <= received_ms &&
           received_ms <= time_ms + delay_ms + c->timing.precision_ms;
}

static int proposal_check(const struct consensus *c, struct incoming *in)
{
    const struct proposal *proposal = &in->event->message.proposal;
    const struct header *header = &proposal->header;
    if (proposal->valid_round < ROUND_NONE || proposal->valid_round >= (int64_t)proposal->round)
        return ERR_CONSENSUS_ROUND;
    in->validator = validators_proposer(in->set, in->height, in->number);
    /* A block proposed again keeps the proposer of the round it was made in. */
    bool fresh = proposal->valid_round == ROUND_NONE;
    if (header->version != HEADER_VERSION || header->height != in->height ||
        !hash_equal(&header->genesis, &c->genesis) || header->time_ms < 0 ||
        header->time_ms > DOC_INT_MAX ||
        (fresh && strcmp(header->proposer, in->set->item[in->validator].member) != 0))
        return ERR_BLOCK_LINK;
    struct hash block;
    header_hash(&block, header);
    return hash_equal(&block, &proposal->block) ? OK : ERR_BLOCK_FORM;
}

/* What was heard may start the round or skip to a later one; then the rules decide. */
static void follow(struct consensus *c, const struct incoming *in)
{
    if (in->height != c->height)
        return;
    if ((int64_t)in->number > c->latest_round[in->validator])
        c->latest_round[in->validator] = in->number;
    algorithm_follow(c);
}

/* At most f validators are heard far ahead, or line 55 would have carried us along. Whoever is one
 * of them moves nobody by still later rounds: a signature is checked once, not in every round up to
 * ROUND_MAX. When we have come near, it is heard anew. */
static bool heard_already(const struct consensus *c, const struct incoming *in)
{
    return in->far && is_far(c, c->latest_round[in->validator]);
}

static int take_proposal(struct consensus *c, struct incoming *in)
{
    int error = proposal_check(c, in);
    if (error != OK)
        return error;
    struct round *round = rounds_find(&c->rounds, in->height, in->number);
    if ((round && round->has_proposal) || heard_already(c, in))
        return ERR_DUPLICATE;
    if (!has_room(c, in))
        return ERR_CONSENSUS_ROUND;
    if (!signature_holds(c, in))
        return ERR_SIGNATURE;
    if (in->far)
        follow(c, in);
    if (in->height == c->height && is_far(c, in->number))
        return OK;
    round = take_round(c, in);
    if (!round)
        return ERR_CONSENSUS_ROUND;
    round->has_proposal = true;
    round->proposal = in->event->message.proposal;
    round->timely = proposal_is_timely(c, in->event);
    follow(c, in);
    return OK;
}

static void give_evidence(struct consensus *c, struct vote_place *place, const struct vote *vote)
{
    place->reported = true;
    c->out.has_evidence = true;
    struct evidence *evidence = &c->out.evidence;
    *evidence = (struct evidence){.a = *vote, .b = *vote};
    evidence->b.block = place->block;
    evidence->b.signature = place->signature;
    evidence_order(evidence);
}

/* A verified vote into its box. */
static int store_vote(struct consensus *c, const struct incoming *in, enum vote_standing standing)
{
    const struct vote *vote = &in->event->message.vote;
    struct round *round = take_round(c, in);
    if (!round)
        return ERR_CONSENSUS_ROUND;
    struct vote_box *box = round_box(round, vote->type);
    struct vote_place *place = &box->place[in->validator];
    bool told = standing == VOTE_CONFLICTS && !place->reported;
    if (told)
        give_evidence(c, place, vote);
    bool stored = box_add(box, in->validator, &vote->block, &vote->signature, in->set->count);
    return stored || told ? OK : ERR_DUPLICATE;
}

static int take_vote(struct consensus *c, struct incoming *in)
{
    const struct vote *vote = &in->event->message.vote;
    int index = validators_find(in->set, vote->validator);
    if (index < 0)
        return ERR_CERT_SIGNER;
    if (vote->type != VOTE_PREVOTE && vote->type != VOTE_PRECOMMIT)
        return ERR_ENCODING;
    in->validator = (size_t)index;
    enum vote_standing standing = VOTE_NEW;
    struct round *round = rounds_find(&c->rounds, in->height, in->number);
    if (round)
        standing = box_standing(round_box(round, vote->type), in->validator, &vote->block,
                                validators_round_skip(in->set->count));
    if (standing == VOTE_KNOWN || heard_already(c, in))
        return ERR_DUPLICATE;
    if (!has_room(c, in))
        return ERR_CONSENSUS_ROUND;
    if (!signature_holds(c, in))
        return ERR_SIGNATURE;
    if (in->far)
        follow(c, in);
    if (in->height == c->height && is_far(c, in->number))
        return OK;
    int error = store_vote(c, in, standing);
    if (error == OK)
        follow(c, in);
    return error;
}

static int take_message(struct consensus *c, const struct event_message *event)
{
    struct incoming in;
    int error = place_message(&in, c, event);
    if (error != OK)
        return error;
    if (event->message.kind == MESSAGE_PROPOSAL)
        error = take_proposal(c, &in);
    else if (event->message.kind == MESSAGE_VOTE)
        error = take_vote(c, &in);
    else
        error = ERR_ENCODING;
    if (error == OK)
        algorithm_run(c);
    return error;
}

/* ---- the step ---- */

static int handle(struct consensus *c, const struct event *event)
{
    int error = OK;
    switch (event->kind) {
    case EVENT_START_HEIGHT:
        return height_start(c, &event->start);
    case EVENT_MESSAGE:
        return take_message(c, &event->message);
    case EVENT_TIMEOUT:
        return algorithm_timeout(c, &event->timeout);
    case EVENT_BUILT:
        error = block_built(c, &event->built);
        break;
    case EVENT_VERDICT:
        error = block_verdict(c, &event->verdict);
        break;
    case EVENT_LOST:
        error = block_lost(c, &event->lost.block);
        break;
    case EVENT_WORK:
        if (c->height > 0 && c->step == STEP_NEW)
            algorithm_start_round(c, 0);
        break;
    default:
        return ERR_STATUS;
    }
    if (error == OK && c->height > 0)
        algorithm_run(c);
    return error;
}

int consensus_step(struct consensus *c, const struct event *event, struct effects *effects)
{
    memset(&c->out, 0, sizeof c->out);
    c->now_ms = event->now_ms;
    int error = handle(c, event);
    outbox_flush(c, effects);
    ENSURE(error == OK || effects->count == 0);
    return error;
}
