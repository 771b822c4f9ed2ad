/* What goes wrong, and when. Every seed has its own weather: loss, delay, partitions, crashes,
 * clocks, liars. At the end everything heals but the liars, who stay. */
#include "sim.h"

#include "base/memory.h"

#include <string.h>

#define CHAOS_MS 240000
#define JUMP_MS 3000

static void choose_liars(struct world *world)
{
    size_t faulty = validators_faulty_max(world->options->nodes);
    for (size_t i = 0; i < faulty; i++) {
        struct sim_node *node = &world->node[sim_below(world, world->options->nodes)];
        uint64_t draw = sim_below(world, 4);
        node->conduct = draw == 0   ? CONDUCT_SILENT
                        : draw == 1 ? CONDUCT_HONEST
                                    : CONDUCT_EQUIVOCATING;
    }
}

void chaos_begin(struct world *world)
{
    world->chaos = true;
    world->chaos_end_ms = CHAOS_MS;
    static const unsigned loss[] = {0, 1, 5, 20};
    static const unsigned slow[] = {0, 1, 5, 10};
    static const int crash[] = {0, 2000, 600, 200};
    world->loss_percent = loss[sim_below(world, 4)];
    world->slow_percent = slow[sim_below(world, 4)];
    world->crash_one_in = crash[sim_below(world, 4)];
    choose_liars(world);
    for (size_t i = 0; i < world->node_count; i++)
        world->node[i].skew_ms = (int64_t)sim_below(world, 161) - 80; /* within precision */
    sim_trace(world, "seed %llu loss %u%% slow %u%% crash 1/%d", (unsigned long long)world->seed,
              world->loss_percent, world->slow_percent, world->crash_one_in);
    sim_later(world, 100, HAPPEN_CHAOS, 0);
}

static bool uncut(struct world *world)
{
    bool any = false;
    for (size_t a = 0; a < world->node_count; a++) {
        for (size_t b = 0; b < world->node_count; b++) {
            struct link *link = &world->link[a][b];
            any |= link->cut_split || link->cut_one_way;
            link->cut_split = link->cut_one_way = false;
        }
    }
    world->counters->heals += any;
    return any;
}

static void split(struct world *world)
{
    uint64_t side = sim_random(world);
    for (size_t a = 0; a < world->node_count; a++) {
        for (size_t b = 0; b < world->node_count; b++)
            world->link[a][b].cut_split = (side >> a & 1) != (side >> b & 1);
    }
    sim_trace(world, "split %llx", (unsigned long long)(side & ((1U << world->node_count) - 1)));
}

static void cut_one_way(struct world *world)
{
    size_t deaf = sim_below(world, world->node_count);
    bool out = sim_chance(world, 50);
    for (size_t other = 0; other < world->node_count; other++) {
        struct link *link = out ? &world->link[deaf][other] : &world->link[other][deaf];
        link->cut_one_way = other != deaf && sim_chance(world, 70);
    }
    sim_trace(world, "one-way cut %s %zu", out ? "from" : "to", deaf);
}

/* One honest clock at a time may be far off. */
static void jump_clock(struct world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->node[i].skew_ms > 80 || world->node[i].skew_ms < -80) {
            world->node[i].skew_ms = 0;
            return;
        }
    }
    struct sim_node *node = &world->node[sim_below(world, world->node_count)];
    node->skew_ms = (int64_t)sim_below(world, 2 * JUMP_MS + 1) - JUMP_MS;
    world->counters->clock_jumps++;
    sim_trace(world, "n%zu clock %+lld", node->index, (long long)node->skew_ms);
}

static void power_loss_of_all(struct world *world)
{
    sim_trace(world, "power loss of all");
    world->counters->power_all++;
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->node[i].up)
            node_crash(world, &world->node[i], true);
    }
}

/* A transaction reaches a node, and by gossip the others. */
static void work_arrives(struct world *world)
{
    for (size_t i = 0; i < world->node_count; i++) {
        struct sim_node *node = &world->node[i];
        if (!node->up || !sim_chance(world, 80))
            continue;
        node->work = true;
        node_event(world, node,
                   &(struct event){.kind = EVENT_WORK, .now_ms = sim_clock(world, node)});
    }
}

void chaos_act(struct world *world)
{
    if (sim_chance(world, 25))
        work_arrives(world);
    if (world->chaos) {
        uint64_t draw = sim_below(world, 200);
        if (draw < 3)
            split(world);
        else if (draw < 6)
            cut_one_way(world);
        else if (draw < 20)
            uncut(world);
        else if (draw < 22 && world->options->nodes > 1) /* a lone clock is always right */
            jump_clock(world);
        else if (draw == 22 && world->crash_one_in > 0)
            power_loss_of_all(world);
    }
    sim_later(world, 100, HAPPEN_CHAOS, 0);
}

void chaos_end(struct world *world)
{
    sim_trace(world, "healed");
    world->chaos = false;
    world->loss_percent = world->slow_percent = 0;
    world->crash_one_in = 0;
    uncut(world);
    for (size_t i = 0; i < world->node_count; i++)
        world->node[i].skew_ms = (int64_t)sim_below(world, 161) - 80;
}
