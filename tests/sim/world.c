/* Virtual time: a queue of occurrences in (time, creation) order, one at a time, and a digest over
 * everything that happens, so that two runs of one seed can be compared to the byte. */
#include "sim.h"

#include "base/ensure.h"
#include "base/memory.h"

#include <stdarg.h>
#include <string.h>

#define OCCURRENCES_MAX 2000000 /* a world that needs more does not make progress */
#define AFTER_HEAL_MS 60000

const struct world *sim_world;

/* splitmix64 */
uint64_t sim_random(struct world *world)
{
    uint64_t z = world->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

uint64_t sim_below(struct world *world, uint64_t bound)
{
    return sim_random(world) % bound;
}

bool sim_chance(struct world *world, unsigned percent)
{
    return sim_below(world, 100) < percent;
}

void sim_trace(struct world *world, const char *format, ...)
{
    char line[512];
    int head = snprintf(line, sizeof line, "%8lld ", (long long)world->now_ms);
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line + head, sizeof line - (size_t)head, format, args);
    va_end(args);
    size_t total = (size_t)head + (size_t)len;
    if (total >= sizeof line)
        total = sizeof line - 1;
    struct view parts[] = {hash_view(&world->digest), view_of(line, total)};
    world->digest = hash_sha256_parts(parts, 2);
    if (world->options->trace)
        printf("%s\n", line);
}

void sim_fail(struct world *world, const char *format, ...)
{
    if (world->failed)
        return;
    world->failed = true;
    va_list args;
    va_start(args, format);
    vsnprintf(world->failure, sizeof world->failure, format, args);
    va_end(args);
    sim_trace(world, "FAILED: %s", world->failure);
}

int64_t sim_clock(const struct world *world, const struct sim_node *node)
{
    return SIM_WALL_MS + world->now_ms + node->skew_ms;
}

static bool before(const struct occurrence *a, const struct occurrence *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

struct occurrence *sim_later(struct world *world, int64_t delay_ms, enum happening kind,
                             size_t node)
{
    struct occurrence *what = memory_alloc(sizeof *what);
    what->at_ms = world->now_ms + delay_ms;
    what->order = world->order++;
    what->kind = kind;
    what->node = node;
    what->life = world->node[node].life;
    if (world->queue_len == world->queue_capacity) {
        world->queue_capacity = world->queue_capacity ? 2 * world->queue_capacity : 256;
        world->queue = memory_resize(world->queue, world->queue_capacity * sizeof *world->queue);
    }
    size_t i = world->queue_len++;
    for (; i > 0 && before(what, world->queue[(i - 1) / 2]); i = (i - 1) / 2)
        world->queue[i] = world->queue[(i - 1) / 2];
    world->queue[i] = what;
    return what;
}

static struct occurrence *next(struct world *world)
{
    struct occurrence *first = world->queue[0];
    struct occurrence *last = world->queue[--world->queue_len];
    size_t i = 0;
    for (;;) {
        size_t child = 2 * i + 1;
        if (child >= world->queue_len)
            break;
        if (child + 1 < world->queue_len && before(world->queue[child + 1], world->queue[child]))
            child++;
        if (!before(world->queue[child], last))
            break;
        world->queue[i] = world->queue[child];
        i = child;
    }
    if (world->queue_len > 0)
        world->queue[i] = last;
    return first;
}

static void occurrence_free(struct occurrence *what)
{
    buf_free(&what->bytes);
    memory_free(what);
}

static void happen(struct world *world, struct occurrence *what)
{
    world->now_ms = what->at_ms;
    if (what->kind == HAPPEN_CHAOS)
        chaos_act(world);
    else if (what->kind == HAPPEN_PACKET)
        net_arrive(world, what);
    else
        node_happen(world, what);
}

/* Everyone who keeps the rules has all heights. */
static bool finished(const struct world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        const struct sim_node *node = &world->node[i];
        if (node->conduct == CONDUCT_HONEST && node->height < world->options->heights)
            return false;
    }
    return true;
}

/* Chaos lasts until the last heights, so that the way out of it is judged too. */
static void heal_in_time(struct world *world)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->node[i].height > highest)
            highest = world->node[i].height;
    }
    if (world->chaos &&
        (highest + 3 >= world->options->heights || world->now_ms >= world->chaos_end_ms)) {
        chaos_end(world);
        world->deadline_ms = world->now_ms + AFTER_HEAL_MS;
    }
}

static void world_make(struct world *world, struct counters *counters,
                       const struct sim_options *options, uint64_t seed)
{
    *world = (struct world){.options = options, .counters = counters, .seed = seed, .random = seed};
    world->timing = (struct consensus_timing){.propose_ms = 300,
                                              .propose_step_ms = 100,
                                              .prevote_ms = 100,
                                              .prevote_step_ms = 100,
                                              .precommit_ms = 100,
                                              .precommit_step_ms = 100,
                                              .idle_block_ms = 1000,
                                              .precision_ms = 200,
                                              .message_delay_ms = 300};
    sim_world = world;
    world->node_count = options->nodes + 1;
    world->node = memory_alloc(world->node_count * sizeof *world->node);
    for (size_t i = 0; i < world->node_count; i++)
        node_make(world, i);
    ledger_genesis(world);
    judge_make(world);
    chaos_begin(world);
    for (size_t i = 0; i < world->node_count; i++)
        node_start(world, &world->node[i]);
}

static void world_free(struct world *world)
{
    while (world->queue_len > 0)
        occurrence_free(next(world));
    memory_free(world->queue);
    for (size_t i = 0; i < world->node_count; i++)
        node_free(&world->node[i]);
    memory_free(world->node);
    judge_free(world);
}

bool sim_run(struct hash *digest, char failure[256], struct counters *counters,
             const struct sim_options *options, uint64_t seed)
{
    struct world world;
    world_make(&world, counters, options, seed);
    for (uint64_t count = 0; !world.failed && !finished(&world); count++) {
        heal_in_time(&world);
        if (!world.chaos && world.now_ms > world.deadline_ms)
            sim_fail(&world, "no progress after the network healed");
        else if (count == OCCURRENCES_MAX || world.queue_len == 0)
            sim_fail(&world, "the world stands still");
        if (world.failed)
            break;
        struct occurrence *what = next(&world);
        happen(&world, what);
        occurrence_free(what);
    }
    int64_t recovery_ms = world.now_ms - (world.deadline_ms - AFTER_HEAL_MS);
    if (recovery_ms > counters->slowest_recovery_ms)
        counters->slowest_recovery_ms = recovery_ms;
    *digest = world.digest;
    memcpy(failure, world.failure, sizeof world.failure);
    bool passed = !world.failed;
    world_free(&world);
    return passed;
}

int sim_sign(struct signature *out, const struct secret_key *secret, const struct hash *digest)
{
    if (sim_world->options->real_signatures)
        return schnorr_sign(out, secret, digest);
    size_t i = 0;
    while (i < sim_world->node_count &&
           memcmp(&sim_world->node[i].secret, secret, sizeof *secret) != 0)
        i++;
    ENSURE(i < sim_world->node_count); /* a key of this world */
    struct view parts[] = {view_of(sim_world->node[i].key.bytes, VOTE_KEY_BYTES),
                           hash_view(digest)};
    struct hash mark = hash_sha256_parts(parts, 2);
    memcpy(out->bytes, mark.bytes, HASH_BYTES);
    memcpy(out->bytes + HASH_BYTES, mark.bytes, HASH_BYTES);
    return 0;
}

bool sim_verify(const struct vote_key *key, const struct hash *digest,
                const struct signature *signature)
{
    if (sim_world->options->real_signatures)
        return schnorr_verify(key, digest, signature);
    struct view parts[] = {view_of(key->bytes, VOTE_KEY_BYTES), hash_view(digest)};
    struct hash mark = hash_sha256_parts(parts, 2);
    return memcmp(signature->bytes, mark.bytes, HASH_BYTES) == 0 &&
           memcmp(signature->bytes + HASH_BYTES, mark.bytes, HASH_BYTES) == 0;
}
