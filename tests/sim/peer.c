/* What nodes say to each other, in bytes, decoded as if from strangers:
 *
 *   1 message ‖ u8 has body (‖ u64 payload)   2 hash: who has this body?   3 body
 *   4 u64 height: how far I am                5 body ‖ certificate: a block to catch up with */
#include "sim.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

enum packet { PACKET_MESSAGE = 1, PACKET_WANT, PACKET_BODY, PACKET_STATUS, PACKET_BLOCK };

void peer_message(struct buf *out, const struct message *message, const struct sim_body *body)
{
    buf_append_u8(out, PACKET_MESSAGE);
    message_encode(out, message);
    buf_append_u8(out, body != NULL);
    if (body)
        buf_append_u64(out, body->payload);
}

/* A proposal travels with what leads to its body, now and then without, so that it is fetched. */
void peer_announce(struct world *world, struct sim_node *node, const struct message *message)
{
    const struct sim_body *body = NULL;
    if (message->kind == MESSAGE_PROPOSAL && sim_chance(world, 80))
        body = ledger_find_body(node, &message->proposal.block);
    AUTO(buf_free) struct buf bytes = {0};
    peer_message(&bytes, message, body);
    net_broadcast(world, node->index, &bytes);
}

void peer_want_body(struct world *world, struct sim_node *node, const struct hash *hash)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u8(&bytes, PACKET_WANT);
    buf_append(&bytes, hash->bytes, HASH_BYTES);
    net_broadcast(world, node->index, &bytes);
}

static void send_block(struct world *world, struct sim_node *node, size_t to, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u8(&bytes, PACKET_BLOCK);
    ledger_encode_body(&bytes, &node->chain[height].body);
    certificate_encode(&bytes, &node->chain[height].certificate);
    net_send(world, node->index, to, &bytes);
}

static void receive_message(struct world *world, struct sim_node *node, struct reader *reader,
                            int64_t received_ms)
{
    struct event event = {.kind = EVENT_MESSAGE, .now_ms = sim_clock(world, node)};
    struct message *message = &event.message.message;
    event.message.received_ms = received_ms;
    int error = message_decode(message, reader);
    if (error != 0) {
        world->counters->refused_round += error == ERR_CONSENSUS_ROUND;
        return;
    }
    if (reader_u8(reader) && message->kind == MESSAGE_PROPOSAL) {
        struct sim_body body = {.header = message->proposal.header, .payload = reader_u64(reader)};
        if (!reader->bad)
            node_body_arrived(world, node, &body);
    }
    byzantine_saw(node, message);
    node_event(world, node, &event);
}

static void receive_want(struct world *world, struct sim_node *node, size_t from,
                         struct reader *reader)
{
    struct hash hash;
    reader_copy(reader, hash.bytes, HASH_BYTES);
    const struct sim_body *body = reader_done(reader) ? ledger_find_body(node, &hash) : NULL;
    if (!body || node->conduct == CONDUCT_SILENT)
        return;
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u8(&bytes, PACKET_BODY);
    struct sim_body copy = *body;
    if (node->conduct == CONDUCT_EQUIVOCATING && sim_chance(world, 50))
        copy.payload++; /* a wrong body under the right header */
    ledger_encode_body(&bytes, &copy);
    net_send(world, node->index, from, &bytes);
}

static void receive_status(struct world *world, struct sim_node *node, size_t from,
                           struct reader *reader)
{
    uint64_t height = reader_u64(reader);
    if (!reader_done(reader))
        return;
    node->peer_height[from] = height;
    if (height < node->height && node->conduct == CONDUCT_HONEST)
        send_block(world, node, from, height + 1);
}

static bool certificate_holds(const struct world *world, const struct certificate *certificate,
                              uint64_t height, const struct hash *block)
{
    if (world->options->real_signatures)
        return certificate_verify(certificate, &world->genesis, height, block, &world->set) == 0;
    if (certificate->height != height || !hash_equal(&certificate->block, block) ||
        certificate->count < validators_quorum(world->set.count))
        return false;
    for (size_t i = 0; i < certificate->count; i++) {
        const struct certificate_signer *signer = &certificate->signer[i];
        int index = validators_find(&world->set, signer->member);
        if (index < 0 || (i > 0 && strcmp(certificate->signer[i - 1].member, signer->member) >= 0))
            return false;
        struct vote vote = {
            .type = VOTE_PRECOMMIT, .height = height, .round = certificate->round, .block = *block};
        struct hash digest;
        vote_digest(&digest, &world->genesis, &vote);
        if (!sim_verify(&world->set.item[index].key, &digest, &signer->signature))
            return false;
    }
    return true;
}

static void receive_block(struct world *world, struct sim_node *node, struct reader *reader)
{
    struct sim_body body;
    struct certificate certificate;
    if (!ledger_decode_body(&body, reader) || certificate_decode(&certificate, reader) != 0 ||
        !reader_done(reader) || body.header.height != node->height + 1)
        return;
    struct hash hash;
    header_hash(&hash, &body.header);
    if (!certificate_holds(world, &certificate, node->height + 1, &hash) ||
        !ledger_valid(world, node, &body))
        return;
    world->counters->synced++;
    sim_trace(world, "n%zu applies %zu by sync", node->index, node->height + 1);
    ledger_commit(world, node, &body, &certificate);
    node_advance(world, node);
    struct event work = {.kind = EVENT_WORK, .now_ms = sim_clock(world, node)};
    struct event start = node->feed[--node->feed_count];
    unsigned life = node->life;
    node_event(world, node, &start);
    if (node->life == life && node->work)
        node_event(world, node, &work);
}

void peer_receive(struct world *world, struct sim_node *node, size_t from, struct view bytes,
                  int64_t received_ms)
{
    struct reader reader = reader_of(bytes);
    switch (reader_u8(&reader)) {
    case PACKET_MESSAGE:
        receive_message(world, node, &reader, received_ms);
        break;
    case PACKET_WANT:
        receive_want(world, node, from, &reader);
        break;
    case PACKET_BODY: {
        struct sim_body body;
        if (ledger_decode_body(&body, &reader) && reader_done(&reader))
            node_body_arrived(world, node, &body);
        break;
    }
    case PACKET_STATUS:
        receive_status(world, node, from, &reader);
        break;
    case PACKET_BLOCK:
        receive_block(world, node, &reader);
        break;
    default:
        break;
    }
}

static bool moved(const struct consensus_status *a, const struct consensus_status *b)
{
    return a->height != b->height || a->round != b->round || a->step != b->step;
}

/* Loss is repaired here: status always; messages to peers of this height when nothing moved. */
void peer_tick(struct world *world, struct sim_node *node)
{
    if (node->conduct == CONDUCT_SILENT)
        return;
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u8(&bytes, PACKET_STATUS);
    buf_append_u64(&bytes, node->height);
    net_broadcast(world, node->index, &bytes);
    for (size_t i = 0; i < node->wanted_count; i++)
        peer_want_body(world, node, &node->wanted[i]);
    struct consensus_status now = consensus_status(node->consensus);
    bool stuck = !moved(&now, &node->last_tick);
    node->last_tick = now;
    if (node->conduct == CONDUCT_EQUIVOCATING)
        byzantine_tick(world, node);
    if (!stuck)
        return;
    struct consensus_cursor cursor = {0};
    struct message message;
    while (consensus_next_message(&message, &cursor, node->consensus)) {
        buf_clear(&bytes);
        peer_message(&bytes, &message, NULL);
        for (size_t to = 0; to < world->node_count; to++) {
            if (to != node->index && node->peer_height[to] == node->height)
                net_send(world, node->index, to, &bytes);
        }
    }
}
