/* A newcomer among honest, silent and lying peers that offer snapshots: one honest one is enough,
 * liars are named and asked no more, and what is restored is the ledger. Of three peers, two lie.
 */
#include "check.h"

#include "ledger_types.h"

#include "cell.h"
#include "scratch.h"
#include "snapshots.h"

#include "node/ledger_place.h"
#include "node/restorer.h"
#include "node/snapshot_serve.h"
#include "node/sync.h"
#include "node/sync_serve.h"

#define SNAPSHOT 40
#define INVENTED (UINT64_C(1) << 40)

enum manner {
    HONEST,
    SILENT,
    DRIBBLE, /* every part, but late */
    GONE,    /* no longer has it */
    GARBAGE,
    CUT,     /* leaves out the end of each part */
    ALTERED, /* one bit of each */
    ANOTHER, /* parts of another snapshot */
    NO_WINDOW,
    NO_STEPS,
    ONE_SIGNER,
    HIGH, /* a snapshot that nobody has */
    MANNERS
};

struct world {
    struct cell cell;
    struct ledger source;
    struct node_parts source_parts;
    struct sync *sync;
    struct restorer *restorer;
    enum manner manner[TALKERS];
    bool blocks[TALKERS]; /* gives blocks too */
    uint64_t first_block; /* that all say they keep */
    uint64_t told[TALKERS];
    unsigned asked[TALKERS], lied[TALKERS], asked_blocks[TALKERS];
    unsigned started, restored, given_up, committed;
    struct late {
        struct buf frames;
        struct peer *peer;
        uv_timer_t timer;
    } late[TALKERS];
};

static size_t index_of(const struct world *world, const struct talker *talker)
{
    return (size_t)(talker - world->cell.talkers);
}

/* ---- the talkers ---- */

static void tell(struct talker *talker, struct peer *peer)
{
    struct world *world = talker->data;
    AUTO(buf_free) struct buf frames = {0};
    size_t index = index_of(world, talker);
    const struct wire_status status = {.height = world->told[index]};
    struct wire_offer offer = {.first_block = world->first_block,
                               .count = 1,
                               .height = {world->manner[index] == HIGH ? INVENTED : SNAPSHOT}};
    wire_append_offer(&frames, &offer);
    wire_append_status(&frames, &status);
    assert_true(peer_send(peer, view_of_buf(&frames), LINK_REQUIRED));
}

/* The head with as many signatures and steps as the liar likes. */
static void spoil_head(enum manner manner, struct buf *payload)
{
    AUTO(buf_free) struct buf wrong = {0};
    struct reader reader = reader_of(view_of_buf(payload));
    struct header header;
    struct certificate certificate;
    struct state_proof proof;
    assert_int_equal(header_decode(&header, &reader), 0);
    assert_int_equal(certificate_decode(&certificate, &reader), 0);
    certificate.count = manner == ONE_SIGNER ? 1 : certificate.count;
    header_encode(&wrong, &header);
    certificate_encode(&wrong, &certificate);
    struct view from = reader.rest;
    (void)reader_take(&reader, reader_u32(&reader));
    assert_int_equal(state_proof_decode(&proof, &reader), 0);
    buf_append(&wrong, from.data, from.len - reader.rest.len);
    if (manner == NO_STEPS) {
        buf_append(&wrong, "\0\0\0", 3);
    } else {
        buf_append_view(&wrong, reader.rest);
    }
    buf_clear(payload);
    buf_append_view(payload, view_of_buf(&wrong));
}

static void spoil(struct world *world, enum manner manner, struct buf *payload,
                  const struct snapshot_part *part)
{
    struct snapshot_part other = *part;
    switch (manner) {
    case GONE:
        buf_clear(payload);
        break;
    case GARBAGE:
        buf_clear(payload);
        buf_append_text(payload, "this is no part of anything");
        break;
    case CUT:
        payload->len--;
        break;
    case ALTERED:
        payload->data[payload->len / 2] ^= 1;
        break;
    case ANOTHER:
        other.height += other.kind == SNAPSHOT_HEAD || other.kind == SNAPSHOT_STATE;
        other.at -= other.at > 2;
        make_part(payload, &world->source, &other);
        break;
    case NO_WINDOW: /* what may not come again would be forgotten */
        if (part->kind == SNAPSHOT_HEADERS) {
            other.at = 3;
            make_part(payload, &world->source, &other);
        }
        break;
    case NO_STEPS:
    case ONE_SIGNER:
        if (part->kind == SNAPSHOT_HEAD) {
            spoil_head(manner, payload);
        }
        break;
    case HONEST:
    case SILENT:
    case DRIBBLE:
    case HIGH:
    case MANNERS:
        break;
    }
}

static void on_late(uv_timer_t *timer)
{
    struct late *late = timer->data;
    (void)peer_send(late->peer, view_of_buf(&late->frames), LINK_REQUIRED);
    buf_clear(&late->frames);
}

static void give_part(struct world *world, size_t index, struct peer *peer, struct view body)
{
    struct snapshot_part part;
    AUTO(buf_free) struct buf payload = {0};
    AUTO(buf_free) struct buf honest = {0};
    AUTO(buf_free) struct buf frame = {0};
    enum manner manner = world->manner[index];
    assert_int_equal(wire_read_want_part(&part, body), 0);
    world->asked[index]++;
    if (manner == SILENT || manner == HIGH) {
        world->lied[index]++;
        return;
    }
    make_part(&payload, &world->source, &part);
    make_part(&honest, &world->source, &part);
    spoil(world, manner, &payload, &part);
    world->lied[index] +=
        payload.len != honest.len || memcmp(payload.data, honest.data, honest.len) != 0;
    struct late *late = &world->late[index];
    wire_append_part(manner == DRIBBLE ? &late->frames : &frame, &part, view_of_buf(&payload));
    if (manner == DRIBBLE) {
        late->peer = peer;
        if (!uv_is_active((uv_handle_t *)&late->timer)) {
            uv_timer_start(&late->timer, on_late, 300, 0);
        }
    } else {
        (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    }
}

static int on_talker_told(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    struct world *world = talker->data;
    size_t index = index_of(world, talker);
    if (frame->kind == FRAME_WANT_PART) {
        give_part(world, index, peer, frame->body);
    }
    if (frame->kind == FRAME_WANT_BLOCKS) {
        world->asked_blocks[index]++;
        if (world->blocks[index]) {
            (void)sync_serve(&world->source_parts, peer, frame->body);
        }
    }
    return 0;
}

/* ---- the node ---- */

static void on_sync_moves(void *context)
{
    (void)context;
}

static void on_committed(void *context, struct app_commit *commit)
{
    struct world *world = context;
    (void)commit;
    world->committed++;
}

static void on_started(void *context)
{
    struct world *world = context;
    world->started++;
    sync_hold(world->sync, true);
}

static void on_restored(void *context)
{
    struct world *world = context;
    world->restored++;
}

static void on_given_up(void *context)
{
    struct world *world = context;
    world->given_up++;
    sync_hold(world->sync, false);
}

static int on_told(struct cell *cell, struct peer *peer, const struct frame *frame)
{
    struct world *world = cell->part;
    switch (frame->kind) {
    case FRAME_STATUS:
        sync_status(world->sync, peer);
        restorer_review(world->restorer);
        return 0;
    case FRAME_PART:
        return restorer_frame(world->restorer, peer, frame);
    default:
        return sync_frame(world->sync, peer, frame);
    }
}

static void on_down(struct cell *cell, struct peer *peer)
{
    struct world *world = cell->part;
    sync_peer_down(world->sync, peer);
    restorer_peer_down(world->restorer, peer);
}

static struct restorer_config quick(const struct world *world, uint64_t gap_blocks)
{
    return (struct restorer_config){.data_directory = scratch_directory,
                                    .genesis = world->cell.ledger.genesis,
                                    .gap_blocks = gap_blocks,
                                    .stuck_ms = 400,
                                    .refused_ms = 1200,
                                    .answer_ms = 400,
                                    .alone_ms = 500};
}

static void open_world(struct world *world, uint64_t gap_blocks, enum manner first,
                       enum manner second)
{
    const struct sync_handler sync = {world, on_sync_moves, on_sync_moves, on_committed};
    const struct restorer_handler handler = {world, on_started, on_restored, on_given_up};
    *world = (struct world){.manner = {first, second, HONEST}, .first_block = 1};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->cell.when_down = on_down;
    world->source = source_open_with(NULL);
    world->source_parts = world->cell.parts;
    world->source_parts.kv = world->source.kv;
    world->source_parts.app = world->source.app;
    for (size_t i = 0; i < TALKERS; i++) {
        world->told[i] = SOURCE_BLOCKS;
    }
    for (size_t i = 0; i < TALKERS; i++) {
        uv_timer_init(&world->cell.loop, &world->late[i].timer);
        world->late[i].timer.data = &world->late[i];
    }
    struct restorer_config config = quick(world, gap_blocks);
    sync_open(&world->sync, &world->cell.parts, &sync);
    restorer_open(&world->restorer, &world->cell.parts, world->sync, &config, &handler);
    for (size_t i = 0; i < TALKERS; i++) {
        world->cell.talkers[i].when_up = tell;
    }
}

static void free_parts(struct cell *cell)
{
    struct world *world = cell->part;
    restorer_free(&world->restorer);
    sync_free(&world->sync);
}

static void close_world(struct world *world)
{
    restorer_close(world->restorer);
    sync_close(world->sync);
    for (size_t i = 0; i < TALKERS; i++) {
        uv_close((uv_handle_t *)&world->late[i].timer, NULL);
    }
    cell_close(&world->cell, free_parts);
    ledger_close(&world->source);
    for (size_t i = 0; i < TALKERS; i++) {
        buf_free(&world->late[i].frames);
    }
}

/* What lies in the directory, put in its place as at the next start, is the ledger of the source.
 */
static void expect_restored(struct world *world, uint64_t height)
{
    assert_int_equal(world->cell.fatal, 0);
    assert_int_equal(world->restored, 1);
    assert_int_equal(ledger_place_settle(scratch_directory), 0);
    struct ledger ledger = {.genesis = doc_copy(world->source.genesis),
                            .genesis_hash = world->source.genesis_hash};
    assert_int_equal(kv_open_leveldb(&ledger.kv, scratch_path("ledger")), 0);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), height);
    while (app_height(ledger.app) < SOURCE_BLOCKS) {
        assert_int_equal(follow(&ledger, &world->source), 0);
    }
    assert_true(hash_equal(app_tip_hash(ledger.app), app_tip_hash(world->source.app)));
    ledger_close(&ledger);
    scratch_remove(NULL);
    mkdir(scratch_directory, 0700);
}

/* ---- liars ---- */

static void expect_named(struct world *world, size_t talker, enum manner manner)
{
    const struct peer *peer = cell_peer(&world->cell, talker);
    if (manner == HONEST || manner == DRIBBLE || manner == GONE) {
        assert_int_equal(peer->blamed, 0);
    } else if (world->lied[talker] > 0) { /* some lie about one kind of part only */
        assert_true(peer->blamed > 0);
        assert_non_null(strstr(peer->blamed_for, "snapshot"));
        assert_int_equal(peer->parts_failed > 0, true);
    }
}

static void one_honest_peer_is_enough(void **state)
{
    (void)state;
    for (enum manner manner = SILENT; manner < MANNERS; manner++) {
        struct world world;
        open_world(&world, 10, manner, manner);
        cell_meet_all(&world.cell, &world, on_talker_told);
        RUN_UNTIL(&world.cell.loop, world.restored > 0 || world.cell.fatal != 0);
        for (size_t i = 0; i < TALKERS; i++) {
            expect_named(&world, i, world.manner[i]);
        }
        assert_int_equal(world.given_up, 0); /* nor is a height taken that nobody believes */
        assert_true(world.asked[2] > 0);
        expect_restored(&world, SNAPSHOT);
        close_world(&world);
    }
}

/* All lie: nothing is restored, and all are named. */
static void nothing_comes_of_liars_alone(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, ALTERED, ONE_SIGNER);
    world.manner[2] = GARBAGE;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.given_up > 0);
    assert_int_equal(world.restored, 0);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_true(cell_peer(&world.cell, i)->blamed > 0);
        assert_int_equal(world.asked[i], 1); /* and not asked again */
    }
    assert_int_not_equal(access(scratch_path("ledger.restoring"), F_OK), 0);
    close_world(&world);
}

/* Stuck, and more liars offer what nobody has than honest ones what there is: it comes to nothing,
 * and the other is taken. */
static void invented_snapshots_come_to_nothing(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HIGH, HIGH);
    world.first_block = 30;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_int_equal(world.given_up, 1);
    expect_named(&world, 0, HIGH);
    expect_named(&world, 1, HIGH);
    expect_named(&world, 2, HONEST);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* ---- when ---- */

/* Near enough, and the blocks are to be had: no snapshot. */
static void blocks_come_first(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 100, HONEST, HONEST);
    world.blocks[0] = world.blocks[1] = world.blocks[2] = true;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, app_height(world.cell.ledger.app) == SOURCE_BLOCKS);
    assert_int_equal(world.started, 0);
    close_world(&world);
}

/* Nobody keeps the next block. Those who say so are not asked for it. */
static void a_snapshot_where_blocks_are_gone(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    world.first_block = 30;
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    for (size_t i = 0; i < TALKERS; i++) {
        assert_int_equal(world.asked_blocks[i], 0);
        assert_int_equal(cell_peer(&world.cell, i)->blamed, 0);
    }
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* They say that they have it, and do not give it. */
static void a_snapshot_where_blocks_are_refused(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 0, HONEST, HONEST);
    cell_meet_all(&world.cell, &world, on_talker_told);
    RUN_UNTIL(&world.cell.loop, world.restored > 0);
    assert_true(world.asked_blocks[0] + world.asked_blocks[1] + world.asked_blocks[2] > 0);
    expect_restored(&world, SNAPSHOT);
    close_world(&world);
}

/* One validator alone, telling heights, does not bring anybody to throw away a ledger. */
static void one_liar_alone_starts_nothing_by_height(void **state)
{
    (void)state;
    struct world world;
    open_world(&world, 10, HIGH, HONEST);
    world.told[0] = INVENTED + 5;
    world.told[1] = world.told[2] = 0;
    cell_meet_all(&world.cell, &world, on_talker_told);
    run_for(&world.cell.loop, 700);
    assert_int_equal(world.started, 0);
    close_world(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_honest_peer_is_enough),
        cmocka_unit_test(nothing_comes_of_liars_alone),
        cmocka_unit_test(invented_snapshots_come_to_nothing),
        cmocka_unit_test(blocks_come_first),
        cmocka_unit_test(a_snapshot_where_blocks_are_gone),
        cmocka_unit_test(a_snapshot_where_blocks_are_refused),
        cmocka_unit_test(one_liar_alone_starts_nothing_by_height),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
