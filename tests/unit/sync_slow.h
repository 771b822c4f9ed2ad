/* Three peers on slow lines, and what comes of them when. Include it once a program, after a
 * registry of test types. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_SYNC_SLOW_H
#define DIRCHAIN_TESTS_UNIT_SYNC_SLOW_H

#include "sync_world.h"

#define IN_RANGE 16 /* the last height that the first one asked is asked for */

/* The lines are up all the while: neither side hears nothing. */
static void talk_for(struct world *world, unsigned seconds)
{
    AUTO(buf_free) struct buf frame = {0};
    wire_append_status(&frame, &(struct wire_status){0});
    for (unsigned i = 0; i < seconds; i++) {
        for (size_t k = 0; k < TALKERS; k++) {
            struct peer *peer = cell_peer(&world->cell, k);
            struct talker *talker = &world->cell.talkers[k];
            struct peer *node = peers_find_member(talker->peers, agencies[1]);
            if (peer != NULL && peer->up && node != NULL && node->up) {
                (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
                tell_height(talker, node);
            }
        }
        run_for(&world->cell.loop, 1000);
    }
}

static void tells(struct world *world, size_t talker, uint64_t height)
{
    world->told[talker] = height;
    tell_height(&world->cell.talkers[talker],
                peers_find_member(world->cell.talkers[talker].peers, agencies[1]));
}

/* The blocks of such an answer of the talker are there, all at once. */
static void comes(struct world *world, size_t talker, enum manner manner, uint64_t from,
                  uint64_t to)
{
    AUTO(buf_free) struct buf frames = {0};
    const struct wire_range range = {.from = from, .count = (uint32_t)(to - from + 1)};
    struct frame frame;
    size_t wanted;
    append_spoiled(&frames, world, manner, &range);
    struct view left = view_of_buf(&frames);
    while (wire_next(&frame, &left, &wanted) == 0 && frame.kind == FRAME_BLOCK) {
        struct peer *peer = cell_peer(&world->cell, talker);
        assert_int_equal(sync_frame(world->sync, peer, &frame), 0);
    }
}

/* Three are up; the first has told of blocks and has been asked for a range. */
static void open_three(struct world *world, const enum manner manner[3], uint64_t told,
                       uint64_t dribble_ms)
{
    world_open(world, manner, 3);
    world->dribble_ms = dribble_ms;
    world->told[0] = told;
    world->told[1] = world->told[2] = 0;
    sync_set_patient(world->sync, false);
    cell_meet(&world->cell, 3);
    RUN_UNTIL(&world->cell.loop, peers_up_count(world->cell.node.peers, true) == 3);
    RUN_UNTIL(&world->cell.loop, world->asked[0] > 0);
}

/* Nobody is quick. The first, who dribbles, has been asked for a range when the second tells of it;
 * the third may do so later. */
__attribute__((unused)) static void open_slow(struct world *world, const enum manner manner[3],
                                              uint64_t dribble_ms)
{
    open_three(world, manner, BLOCKS, dribble_ms);
    for (size_t i = 0; i < 3; i++) {
        cell_peer(&world->cell, i)->slow_until_ms = clock_monotonic_ms() + 60000 + (int64_t)i;
    }
    tells(world, 1, IN_RANGE);
}

/* Three that say nothing by themselves; the first has told of so many blocks and has been asked. */
__attribute__((unused)) static void open_silent(struct world *world, uint64_t told)
{
    static const enum manner manner[] = {SILENT, SILENT, SILENT};
    open_three(world, manner, told, 0);
}

/* The same, and the first has been passed by: the second, who tells of the range, is asked. */
__attribute__((unused)) static void open_passed_by(struct world *world)
{
    open_silent(world, IN_RANGE);
    tells(world, 1, IN_RANGE);
    RUN_UNTIL(&world->cell.loop, world->asked[1] == 1);
}

/* The talker gives the range from this height on, and it is taken at once. */
__attribute__((unused)) static void gives_rest(struct world *world, size_t talker, uint64_t from)
{
    comes(world, talker, HONEST, from, IN_RANGE);
    RUN_UNTIL_IN(&world->cell.loop, 1, app_height(world->cell.ledger.app) == IN_RANGE);
}

#endif
