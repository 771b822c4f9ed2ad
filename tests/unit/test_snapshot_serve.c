/* Giving parts: those of the snapshots that are offered, and no others; whoever is refused is told
 * so.
 */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"
#include "snapshots.h"

#include "node/snapshot_serve.h"

#define INTERVAL 20

struct world {
    struct cell cell;
    struct node_parts parts; /* with the ledger of the source */
    struct snapshot_serve *serve;
    unsigned answers, empty;
};

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    assert_int_equal(frame->kind, FRAME_WANT_PART);
    snapshot_serve_frame(world->serve, peer, frame->body);
    return 0;
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    struct snapshot_part part;
    struct view payload;
    (void)peer;
    if (frame->kind == FRAME_PART) {
        assert_int_equal(wire_read_part(&part, &payload, frame->body), 0);
        world->answers++;
        world->empty += payload.len == 0;
    }
    return 0;
}

static void free_parts(struct cell *cell)
{
    struct world *world = cell->part;
    snapshot_serve_free(&world->serve);
}

static void want(struct world *world, uint64_t height)
{
    AUTO(buf_free) struct buf frame = {0};
    struct snapshot_part part = {.height = height, .kind = SNAPSHOT_HEAD, .at = 1};
    struct peer *node = peers_find_member(world->cell.talkers[0].peers, agencies[1]);
    unsigned answers = world->answers;
    wire_append_want_part(&frame, &part);
    assert_true(peer_send(node, view_of_buf(&frame), LINK_REQUIRED));
    RUN_UNTIL(&world->cell.loop, world->answers > answers);
}

static void world_open(struct world *world)
{
    *world = (struct world){0};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->parts = world->cell.parts;
    world->parts.kv = source.kv;
    world->parts.app = source.app;
    snapshot_serve_open(&world->serve, &world->parts, INTERVAL);
    cell_meet_all(&world->cell, world, on_talker_told);
    RUN_UNTIL(&world->cell.loop, world->cell.talkers[0].ups == 1);
}

static void world_close(struct world *world)
{
    snapshot_serve_close(world->serve);
    cell_close(&world->cell, free_parts);
}

static void only_what_is_offered_is_given(void **state)
{
    (void)state;
    static const struct {
        uint64_t height;
        bool offered;
    } cases[] = {{60, true}, {40, true}, {20, false}, {50, false}, {59, false}, {80, false}};
    struct world world;
    world_open(&world);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        unsigned empty = world.empty;
        uint64_t served = count_read(&world.cell.counters.parts_served);
        want(&world, cases[i].height);
        assert_int_equal(world.empty == empty, cases[i].offered);
        assert_int_equal(count_read(&world.cell.counters.parts_served) - served, cases[i].offered);
    }
    snapshot_serve_keep(world.serve, 42); /* the state after block 40 is about to go */
    want(&world, 40);
    assert_int_equal(world.empty, 5);
    world_close(&world);
}

/* Whoever asks without end has its share of the queue, and others theirs. */
static void each_peer_has_a_share(void **state)
{
    (void)state;
    struct world world;
    const struct snapshot_part part = {.height = 60, .kind = SNAPSHOT_HEAD, .at = 1};
    AUTO(buf_free) struct buf frame = {0};
    world_open(&world);
    wire_append_want_part(&frame, &part);
    struct view body = view_of(frame.data + WIRE_FRAME_HEAD_BYTES,
                               frame.len - WIRE_FRAME_HEAD_BYTES);
    for (size_t i = 0; i < 100; i++) { /* the first of them is in work at once */
        snapshot_serve_frame(world.serve, cell_peer(&world.cell, 0), body);
    }
    struct node_counters *counters = &world.cell.counters;
    assert_int_equal(count_read(&counters->requests_dropped), 100 - 1 - RESTORE_ASKED_MAX);
    for (size_t i = 0; i < RESTORE_ASKED_MAX; i++) {
        snapshot_serve_frame(world.serve, cell_peer(&world.cell, 1), body);
    }
    assert_int_equal(count_read(&counters->requests_dropped), 100 - 1 - RESTORE_ASKED_MAX);
    RUN_UNTIL(&world.cell.loop, world.answers == 1 + 2 * RESTORE_ASKED_MAX);
    assert_int_equal(world.empty, 0);
    world_close(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_offered_is_given),
        cmocka_unit_test(each_peer_has_a_share),
    };
    return cmocka_run_group_tests(tests, source_make, source_drop);
}
