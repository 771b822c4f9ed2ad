/* The application of the simulated nodes: a block is a header and one number, its "transactions".
 * The log root commits to the number, the state root to all numbers so far. Real chain execution
 * takes this file's place by implementing the same few functions. */
#include "sim.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <string.h>

static struct hash payload_root(uint64_t payload)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u64(&bytes, payload);
    return hash_tagged("sim/payload", view_of_buf(&bytes));
}

static struct hash state_after(const struct hash *before, uint64_t payload)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append(&bytes, before->bytes, HASH_BYTES);
    buf_append_u64(&bytes, payload);
    return hash_tagged("sim/state", view_of_buf(&bytes));
}

void ledger_genesis(struct world *world)
{
    world->genesis = hash_tagged("sim/genesis", view_of(&world->seed, sizeof world->seed));
    world->set.count = world->options->nodes;
    for (size_t i = 0; i < world->set.count; i++) {
        memcpy(world->set.item[i].member, world->node[i].member, MEMBER_ID_CHARS + 1);
        world->set.item[i].key = world->node[i].key;
    }
    ENSURE(validators_check(&world->set) == 0);
    validators_hash(&world->set_hash, &world->set);
    /* chain[0] stands for genesis: what height 1 builds on. */
    for (size_t i = 0; i < world->node_count; i++) {
        struct sim_block *first = &world->node[i].chain[0];
        first->hash = world->genesis;
        first->body.header.time_ms = SIM_WALL_MS - 1000;
    }
}

void ledger_build(struct sim_body *out, const struct world *world, const struct sim_node *node,
                  int64_t time_ms, uint64_t payload)
{
    const struct sim_block *tip = &node->chain[node->height];
    *out = (struct sim_body){.payload = payload};
    struct header *header = &out->header;
    header->version = HEADER_VERSION;
    header->genesis = world->genesis;
    header->height = node->height + 1;
    header->time_ms = time_ms;
    header->previous = tip->hash;
    header->log_size = tip->body.header.log_size + 1;
    header->log_root = payload_root(payload);
    header->state_root = state_after(&tip->body.header.state_root, payload);
    header->validators = world->set_hash;
    header->next_validators = world->set_hash;
    memcpy(header->proposer, node->member, sizeof header->proposer);
}

bool ledger_valid(const struct world *world, const struct sim_node *node,
                  const struct sim_body *body)
{
    struct sim_body expected;
    ledger_build(&expected, world, node, body->header.time_ms, body->payload);
    memcpy(expected.header.proposer, body->header.proposer, sizeof expected.header.proposer);
    struct hash a, b;
    header_hash(&a, &expected.header);
    header_hash(&b, &body->header);
    return hash_equal(&a, &b) && validators_find(&world->set, body->header.proposer) >= 0;
}

bool ledger_body_matches(const struct sim_body *body)
{
    struct hash root = payload_root(body->payload);
    return hash_equal(&root, &body->header.log_root);
}

void ledger_encode_body(struct buf *out, const struct sim_body *body)
{
    header_encode(out, &body->header);
    buf_append_u64(out, body->payload);
}

bool ledger_decode_body(struct sim_body *out, struct reader *reader)
{
    if (header_decode(&out->header, reader) != 0)
        return false;
    out->payload = reader_u64(reader);
    return !reader->bad;
}

const struct sim_body *ledger_find_body(const struct sim_node *node, const struct hash *hash)
{
    for (size_t i = 0; i < SIM_BODIES_MAX; i++) {
        if (hash_equal(&node->body_hash[i], hash))
            return &node->body[i];
    }
    for (size_t i = 0; i < node->stored_count; i++) {
        if (hash_equal(&node->stored_hash[i], hash))
            return &node->stored[i];
    }
    return NULL;
}

void ledger_keep_body(struct sim_node *node, const struct sim_body *body)
{
    struct hash hash;
    header_hash(&hash, &body->header);
    if (ledger_find_body(node, &hash))
        return;
    node->body[node->body_next] = *body;
    node->body_hash[node->body_next] = hash;
    node->body_next = (node->body_next + 1) % SIM_BODIES_MAX;
}

void ledger_store_body(struct sim_node *node, const struct hash *hash)
{
    for (size_t i = 0; i < node->stored_count; i++) {
        if (hash_equal(&node->stored_hash[i], hash))
            return;
    }
    const struct sim_body *body = ledger_find_body(node, hash);
    ENSURE(body && node->stored_count < SIM_BODIES_MAX);
    node->stored[node->stored_count] = *body;
    node->stored_hash[node->stored_count++] = *hash;
}

void ledger_commit(struct world *world, struct sim_node *node, const struct sim_body *body,
                   const struct certificate *certificate)
{
    ENSURE(node->height + 1 < SIM_HEIGHTS_MAX);
    struct sim_block *block = &node->chain[node->height + 1];
    block->body = *body;
    block->certificate = *certificate;
    header_hash(&block->hash, &body->header);
    judge_committed(world, node, block, &node->chain[node->height]);
    node->height++;
    node->stored_count = 0;
}
