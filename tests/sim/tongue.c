/* What liars say. They run the same node, so that they know what is going on and play along; what
 * leaves it is made up here, for each peer apart: left out, told late, contradicted, falsified. An
 * equivocating one has no safety record worth the name (watch.c, host.c), so forgetting its lock is
 * among its faults; whatever it signs besides, it signs here with its own key. */
#include "speech.h"
#include "tongue.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"
#include "node/node_internal.h"
#include "sim.h"

#include <string.h>

void pass_on(struct speech *speech, const struct frame *frame)
{
    size_t begun = wire_begin(speech->out, frame->kind);
    buf_append_view(speech->out, frame->body);
    wire_end(speech->out, begun);
}

/* ---- contradictions ---- */

static void sign_with(const struct speech *speech, struct message *message,
                      const struct secret_key *secret)
{
    struct hash digest;
    message_digest(&digest, &speech->world->founding->genesis_hash, message);
    (void)schnorr_sign(message->kind == MESSAGE_PROPOSAL ? &message->proposal.signature
                                                         : &message->vote.signature,
                       secret, &digest);
}

static void sign(const struct speech *speech, struct message *message)
{
    sign_with(speech, message, &speech->host->identity->secret[SIM_KEY_VOTE]);
}

static void say_vote(struct speech *speech, const struct message *message)
{
    size_t begun = wire_begin(speech->out, FRAME_VOTES);
    message_encode(speech->out, message);
    wire_end(speech->out, begun);
}

static struct hash some_block(const struct speech *speech)
{
    const struct proposal *proposal =
        &speech->host->seen[sim_below(speech->world, SIM_PROPOSALS_SEEN)];
    return proposal->height == speech->height ? proposal->block : (struct hash){{0}};
}

/* Its own vote: as it is, for nil, for another block, both, or not at all. */
static void lie_vote(struct speech *speech, const struct message *message)
{
    struct message told = *message;
    uint64_t draw = sim_below(speech->world, 14);
    if (draw >= 5 && draw < 10)
        told.vote.block = draw < 7 ? (struct hash){{0}} : some_block(speech);
    if (draw == 9) /* both, so that somebody can prove it */
        say_vote(speech, message);
    if (!hash_equal(&told.vote.block, &message->vote.block)) {
        speech->world->counters->equivocations++;
        sign(speech, &told);
    }
    if (draw != 4)
        say_vote(speech, &told);
}

static void lie_votes(struct speech *speech, const struct frame *frame)
{
    struct reader reader = reader_of(frame->body);
    struct message message;
    while (reader.rest.len > 0 && message_decode(&message, &reader) == 0) {
        if (message.kind == MESSAGE_VOTE &&
            strcmp(message.vote.validator, speech->host->identity->member) == 0)
            lie_vote(speech, &message);
        else
            say_vote(speech, &message);
    }
}

/* Another block for the same round: dated otherwise, or with a wrong root. */
static void make_other(struct speech *speech, struct proposal *other)
{
    struct world *world = speech->world;
    uint64_t draw = sim_below(world, 6);
    if (draw <= 1)
        other->header.time_ms += 1;
    else if (draw == 2)
        other->header.time_ms += 10000;
    else if (draw == 3)
        other->header.time_ms -= 5000;
    else
        other->header.state_root.bytes[0] ^= 1;
    world->counters->invalid_blocks += draw >= 3;
    if (other->round > 0 && sim_chance(world, 20))
        other->valid_round = (int64_t)sim_below(world, other->round);
    header_hash(&other->block, &other->header);
}

/* One of two proposals to each peer, under the same list of transactions. */
static void lie_proposal(struct speech *speech, const struct frame *frame)
{
    struct sim_host *host = speech->host;
    struct reader reader = reader_of(frame->body);
    struct message message;
    if (message_decode(&message, &reader) != 0 || message.kind != MESSAGE_PROPOSAL ||
        strcmp(message.proposal.header.proposer, host->identity->member) != 0 ||
        sim_chance(speech->world, 40)) {
        pass_on(speech, frame);
        return;
    }
    const struct proposal *own = &message.proposal;
    if (host->other.height != own->height || host->other.round != own->round) {
        host->other = *own;
        make_other(speech, &host->other);
        struct message other = {.kind = MESSAGE_PROPOSAL, .proposal = host->other};
        sign(speech, &other);
        host->other = other.proposal;
        host->seen[host->seen_next++ % SIM_PROPOSALS_SEEN] = host->other;
        judge_proposed(speech->world, &host->other);
        speech->world->counters->double_proposals++;
    }
    if (sim_chance(speech->world, 10))
        return;
    message.proposal = host->other;
    size_t begun = wire_begin(speech->out, FRAME_PROPOSAL);
    message_encode(speech->out, &message);
    buf_append_view(speech->out, reader.rest);
    wire_end(speech->out, begun);
}

/* Noise that must be refused before anything is stored. */
static void make_noise(struct speech *speech)
{
    struct world *world = speech->world;
    const struct founding *founding = world->founding;
    struct message noise = {.kind = MESSAGE_VOTE};
    struct vote *vote = &noise.vote;
    const char *name = speech->host->identity->member;
    vote->type = sim_chance(world, 50) ? VOTE_PREVOTE : VOTE_PRECOMMIT;
    vote->height = speech->height;
    vote->block = some_block(speech);
    switch (sim_below(world, 16)) {
    case 0: /* in another's name, with our key */
        name = founding->member[sim_below(world, founding->validators)].member;
        break;
    case 1:
    case 2: /* the center is in no set */
        name = founding->member[founding->validators].member;
        break;
    case 3:
    case 4:
    case 5: /* far ahead: alone it must not move anybody */
        vote->round = ROUND_MAX - (uint32_t)sim_below(world, 3);
        break;
    case 6: /* in the name of somebody who may read it, of a height that nobody can judge */
        name = founding->member[sim_below(world, founding->validators)].member;
        vote->height += FAR_HEIGHT;
        break;
    default: /* from the past or the near future */
        vote->round = (uint32_t)sim_below(world, 12);
        break;
    }
    (void)snprintf(vote->validator, sizeof vote->validator, "%s", name);
    sign(speech, &noise);
    world->counters->noise++;
    say_vote(speech, &noise);
}

/* In the name of members that have changed their key, with the old one, which somebody copied. */
static void use_copied_keys(struct speech *speech)
{
    struct world *world = speech->world;
    const struct validator_set *set = app_next_validators(speech->host->node->app);
    for (size_t i = 0; i < world->founding->members; i++) {
        const struct sim_identity *identity = &world->founding->member[i];
        int seat = validators_find(set, identity->member);
        if (seat < 0 || identity == speech->host->identity ||
            memcmp(&set->item[seat].key, &identity->vote, sizeof identity->vote) == 0)
            continue;
        struct message word = {.kind = MESSAGE_VOTE,
                               .vote = {.type = VOTE_PREVOTE,
                                        .height = speech->height + sim_below(world, 4),
                                        .round = (uint32_t)sim_below(world, 6),
                                        .block = some_block(speech)}};
        if (sim_chance(world, 70))
            word.vote.type = VOTE_PRECOMMIT;
        memcpy(word.vote.validator, identity->member, sizeof word.vote.validator);
        sign_with(speech, &word, &identity->secret[SIM_KEY_VOTE]);
        world->counters->copied_keys++;
        say_vote(speech, &word);
    }
}

/* Both halves, to one peer, for the height that follows: an honest one cannot overlook it. */
static void contradict_early(struct speech *speech)
{
    struct world *world = speech->world;
    const char *name = speech->host->identity->member;
    if (validators_find(app_later_validators(speech->host->node->app), name) < 0)
        return;
    struct message half = {.kind = MESSAGE_VOTE,
                           .vote = {.type = sim_chance(world, 50) ? VOTE_PREVOTE : VOTE_PRECOMMIT,
                                    .height = speech->height + 1,
                                    .round = (uint32_t)sim_below(world, 2)}};
    memcpy(half.vote.validator, name, sizeof half.vote.validator);
    for (uint8_t block = 0; block < 2; block++) { /* nil, and one that nobody has */
        half.vote.block.bytes[0] = block;
        sign(speech, &half);
        say_vote(speech, &half);
    }
    world->counters->early_pairs++;
}

static void equivocate(struct speech *speech, const struct frame *frame)
{
    if (frame->kind == FRAME_VOTES)
        lie_votes(speech, frame);
    else if (frame->kind == FRAME_PROPOSAL)
        lie_proposal(speech, frame);
    else
        pass_on(speech, frame);
    if (sim_chance(speech->world, 5)) { /* and again */
        speech->world->counters->repeated++;
        pass_on(speech, frame);
    }
    if (frame->kind == FRAME_STATUS && sim_chance(speech->world, 20))
        make_noise(speech);
    if (frame->kind == FRAME_STATUS && sim_chance(speech->world, 5))
        contradict_early(speech);
    if (frame->kind == FRAME_STATUS)
        use_copied_keys(speech);
}

/* ---- silence ---- */

static void say_nothing(struct speech *speech, const struct frame *frame)
{
    if (frame->kind == FRAME_VOTES || frame->kind == FRAME_PROPOSAL)
        speech->world->counters->silent++;
    else
        pass_on(speech, frame);
}

/* Proposes, and neither tells its transactions nor gives its bodies. */
static void withhold(struct speech *speech, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_TXS:
    case FRAME_BODY:
    case FRAME_GIVE_TXS:
    case FRAME_NONE:
        speech->world->counters->withheld++;
        break;
    default:
        pass_on(speech, frame);
    }
}

/* ---- right headers with wrong bodies ---- */

static bool list_has(const struct compact *list, const struct hash *txid)
{
    for (size_t i = 0; i < list->tx_count; i++)
        if (hash_equal(&list->txids[i], txid))
            return true;
    return false;
}

static void list_add(struct compact *list, const struct hash *txid)
{
    struct hash *longer = memory_alloc((list->tx_count + 1) * sizeof *longer);
    if (list->tx_count > 0)
        memcpy(longer, list->txids, list->tx_count * sizeof *longer);
    longer[list->tx_count++] = *txid;
    memory_free(list->txids);
    list->txids = longer;
}

/* Whichever lie fits: one that others can put together and execute, or one that nobody can. */
static void spoil_list(struct speech *speech, struct compact *list)
{
    struct world *world = speech->world;
    const struct tx *waiting = mempool_next_local(speech->host->node->mempool, NULL);
    uint64_t draw = sim_below(world, 5);
    if (draw == 0 && list->evidence_count > 0) {
        list->evidence_count--;
    } else if (draw <= 1 && list->tx_count > 0) {
        list->tx_count--;
    } else if (draw == 2 && list->tx_count > 1) {
        struct hash first = list->txids[0];
        list->txids[0] = list->txids[list->tx_count - 1];
        list->txids[list->tx_count - 1] = first;
    } else if (draw <= 3 && waiting != NULL && !list_has(list, &waiting->id)) {
        list_add(list, &waiting->id);
    } else { /* of no transaction at all */
        struct hash invented = {{(uint8_t)draw, 1}};
        uint64_t random = sim_random(world);
        memcpy(invented.bytes + 2, &random, sizeof random);
        list_add(list, &invented);
    }
    world->counters->false_lists++;
}

/* Proposals and bodies, its own and those of others: the header as it is, under the signature that
 * it has, and another list. */
static void misstate(struct speech *speech, const struct frame *frame)
{
    AUTO(compact_free) struct compact list = {0};
    struct reader reader = reader_of(frame->body);
    struct message message;
    struct header header;
    bool lists = (frame->kind == FRAME_PROPOSAL && message_decode(&message, &reader) == 0) ||
                 (frame->kind == FRAME_BODY && header_decode(&header, &reader) == 0);
    size_t before = frame->body.len - reader.rest.len;
    if (!lists || sim_chance(speech->world, 30) || compact_read(&list, &reader) != 0) {
        pass_on(speech, frame);
        return;
    }
    spoil_list(speech, &list);
    size_t begun = wire_begin(speech->out, frame->kind);
    buf_append(speech->out, frame->body.data, before);
    buf_append_u16(speech->out, (uint16_t)list.evidence_count);
    for (size_t i = 0; i < list.evidence_count; i++)
        evidence_encode(speech->out, &list.evidence[i]);
    buf_append_u32(speech->out, (uint32_t)list.tx_count);
    buf_append(speech->out, list.txids, list.tx_count * sizeof *list.txids);
    wire_end(speech->out, begun);
}

void tongue_say(struct buf *out, struct view frames)
{
    struct sim_host *host = sim_here;
    struct speech speech = {
        .host = host, .world = host->world, .out = out, .height = host_height(host) + 1};
    void (*say)(struct speech *, const struct frame *) =
        host->conduct == CONDUCT_SILENT         ? say_nothing
        : host->conduct == CONDUCT_WITHHOLDING  ? withhold
        : host->conduct == CONDUCT_MISSTATING   ? misstate
        : host->conduct == CONDUCT_EQUIVOCATING ? equivocate
        : host->conduct == CONDUCT_LYING        ? lie_to_newcomers
        : host->conduct == CONDUCT_BOASTING     ? boast
                                                : NULL;
    struct frame frame;
    size_t wanted;
    while (say != NULL && wire_next(&frame, &frames, &wanted) == 0) {
        if (frame.kind == FRAME_HELLO)
            pass_on(&speech, &frame);
        else
            say(&speech, &frame);
    }
    buf_append_view(out, frames); /* all of it, or a frame that goes on in the next piece */
}
