/* Packets between nodes: lost, delayed, doubled, overtaken, damaged, cut off. A link is one
 * direction of a pair. */
#include "sim.h"

#include "base/memory.h"

static struct occurrence *packet(struct world *world, size_t from, size_t to,
                                 const struct buf *bytes)
{
    struct link *link = &world->link[from][to];
    int64_t delay_ms = 1 + (int64_t)sim_below(world, 20);
    if (sim_chance(world, world->slow_percent)) {
        delay_ms += (int64_t)sim_below(world, 2000);
        world->counters->delayed++;
    }
    struct occurrence *what = sim_later(world, delay_ms, HAPPEN_PACKET, to);
    what->from = from;
    what->link_order = ++link->sent;
    buf_append_view(&what->bytes, view_of_buf(bytes));
    return what;
}

void net_send(struct world *world, size_t from, size_t to, const struct buf *bytes)
{
    struct counters *counters = world->counters;
    struct link *link = &world->link[from][to];
    if (link->cut_split || link->cut_one_way) {
        counters->cut_split += link->cut_split;
        counters->cut_one_way += link->cut_one_way;
        return;
    }
    if (sim_chance(world, world->loss_percent)) {
        counters->lost++;
        return;
    }
    struct occurrence *what = packet(world, from, to, bytes);
    if (!world->chaos)
        return;
    if (sim_below(world, 200) == 0 && what->bytes.len > 0) {
        what->bytes.data[sim_below(world, what->bytes.len)] ^= (uint8_t)(1U << sim_below(world, 8));
        counters->corrupted++;
    }
    if (sim_below(world, 20) == 0) {
        packet(world, from, to, bytes);
        counters->duplicated++;
    }
}

void net_broadcast(struct world *world, size_t from, const struct buf *bytes)
{
    for (size_t to = 0; to < world->node_count; to++) {
        if (to != from)
            net_send(world, from, to, bytes);
    }
}

void net_arrive(struct world *world, struct occurrence *what)
{
    struct sim_node *node = &world->node[what->node];
    struct link *link = &world->link[what->from][what->node];
    if (what->link_order < link->delivered)
        world->counters->reordered++;
    else
        link->delivered = what->link_order;
    if (!node->up || link->cut_split || link->cut_one_way)
        return;
    peer_receive(world, node, what->from, view_of_buf(&what->bytes), sim_clock(world, node));
}
