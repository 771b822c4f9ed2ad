/* Validators that lie. They run the same state machine, so that they know what is going on, but
 * sign whatever they like: other blocks for other peers, both at once, two proposals for one round,
 * invalid blocks, wrong times, made-up valid rounds, huge rounds, foreign names. They have no
 * safety record, so forgetting a lock is among their faults. */
#include "sim.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

static void sign(struct world *world, const struct sim_node *node, struct message *message)
{
    struct hash digest;
    message_digest(&digest, &world->genesis, message);
    sim_sign(message->kind == MESSAGE_PROPOSAL ? &message->proposal.signature
                                               : &message->vote.signature,
             &node->secret, &digest);
}

static void tell(struct world *world, struct sim_node *node, size_t to,
                 const struct message *message, const struct sim_body *body)
{
    AUTO(buf_free) struct buf bytes = {0};
    peer_message(&bytes, message, body);
    net_send(world, node->index, to, &bytes);
}

/* Everyone remembers recent proposals; honest nodes only for counting. */
void byzantine_saw(struct sim_node *node, const struct message *message)
{
    if (message->kind != MESSAGE_PROPOSAL)
        return;
    node->seen[node->seen_next] = message->proposal;
    node->seen_next = (node->seen_next + 1) % 8;
}

static struct hash some_block(struct world *world, const struct sim_node *node, uint64_t height)
{
    const struct proposal *proposal = &node->seen[sim_below(world, 8)];
    if (proposal->height == height)
        return proposal->block;
    return (struct hash){{0}};
}

static void lie_vote(struct world *world, struct sim_node *node, const struct message *message)
{
    for (size_t to = 0; to < world->node_count; to++) {
        if (to == node->index)
            continue;
        struct message told = *message;
        uint64_t draw = sim_below(world, 10);
        if (draw >= 5)
            told.vote.block =
                draw < 7 ? (struct hash){{0}} : some_block(world, node, message->vote.height);
        if (draw == 9) /* both, so that somebody can prove it */
            tell(world, node, to, message, NULL);
        if (!hash_equal(&told.vote.block, &message->vote.block))
            world->counters->equivocations++;
        sign(world, node, &told);
        if (draw != 4)
            tell(world, node, to, &told, NULL);
    }
}

static struct sim_body other_body(struct world *world, struct sim_node *node,
                                  const struct message *message)
{
    struct sim_body body;
    int64_t time_ms = message->proposal.header.time_ms;
    uint64_t draw = sim_below(world, 5);
    if (draw == 1)
        time_ms += 10000;
    else if (draw == 2)
        time_ms = node->chain[node->height].body.header.time_ms + 1;
    else if (draw == 4)
        time_ms = node->chain[node->height].body.header.time_ms;
    ledger_build(&body, world, node, time_ms, sim_random(world));
    if (draw == 3) {
        body.header.state_root.bytes[0] ^= 1;
        world->counters->invalid_blocks++;
    }
    ledger_keep_body(node, &body);
    return body;
}

static void lie_proposal(struct world *world, struct sim_node *node, const struct message *message)
{
    struct message other = *message;
    struct sim_body body = other_body(world, node, message);
    other.proposal.header = body.header;
    header_hash(&other.proposal.block, &body.header);
    other.proposal.valid_round = ROUND_NONE;
    if (message->proposal.round > 0 && sim_chance(world, 20))
        other.proposal.valid_round = (int64_t)sim_below(world, message->proposal.round);
    sign(world, node, &other);
    byzantine_saw(node, &other);
    judge_proposed(world, &other.proposal);
    world->counters->double_proposals++;
    const struct sim_body *first = ledger_find_body(node, &message->proposal.block);
    for (size_t to = 0; to < world->node_count; to++) {
        if (to == node->index || sim_chance(world, 10))
            continue;
        if (sim_chance(world, 50))
            tell(world, node, to, &other, &body);
        else
            tell(world, node, to, message, first);
    }
}

void byzantine_send(struct world *world, struct sim_node *node, const struct message *message)
{
    struct message mine = *message;
    sign(world, node, &mine);
    byzantine_saw(node, &mine);
    if (mine.kind == MESSAGE_PROPOSAL) {
        judge_proposed(world, &mine.proposal);
        if (sim_chance(world, 50))
            lie_proposal(world, node, &mine);
        else
            peer_announce(world, node, &mine);
    } else if (sim_chance(world, 70)) {
        lie_vote(world, node, &mine);
    } else {
        peer_announce(world, node, &mine);
    }
    node->feed[node->feed_count++] = (struct event){.kind = EVENT_MESSAGE,
                                                    .now_ms = sim_clock(world, node),
                                                    .message = {.message = mine, .verified = true}};
}

/* Noise that must be refused before anything is stored. */
void byzantine_tick(struct world *world, struct sim_node *node)
{
    struct message noise = {.kind = MESSAGE_VOTE};
    struct vote *vote = &noise.vote;
    vote->type = sim_chance(world, 50) ? VOTE_PREVOTE : VOTE_PRECOMMIT;
    vote->height = node->height + 1;
    vote->block = some_block(world, node, vote->height);
    memcpy(vote->validator, node->member, sizeof vote->validator);
    size_t to = sim_below(world, world->node_count);
    if (to == node->index)
        return;
    switch (sim_below(world, 5)) {
    case 0: /* far ahead: alone it must not move anybody */
        vote->round = ROUND_MAX - (uint32_t)sim_below(world, 3);
        break;
    case 1: /* from the past or the near future */
        vote->round = (uint32_t)sim_below(world, 12);
        break;
    case 2: /* the observer is in no set */
        memcpy(vote->validator, world->node[world->options->nodes].member, sizeof vote->validator);
        break;
    case 3: /* in another's name, with our key */
        memcpy(vote->validator, world->node[sim_below(world, world->options->nodes)].member,
               sizeof vote->validator);
        break;
    default: { /* a proposal for a round beyond all bounds: refused in decoding */
        noise = (struct message){.kind = MESSAGE_PROPOSAL, .proposal = node->seen[0]};
        if (noise.proposal.height == 0)
            return;
        noise.proposal.round = ROUND_MAX + 1;
        break;
    }
    }
    sign(world, node, &noise);
    tell(world, node, to, &noise, NULL);
}
