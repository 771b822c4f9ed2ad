/* A newcomer that restores, with a real sync beside it, among three peers that offer a snapshot of
 * the source, each in its own manner. Include it once a program. Header only. */
#ifndef DIRCHAIN_TESTS_UNIT_RESTORER_WORLD_H
#define DIRCHAIN_TESTS_UNIT_RESTORER_WORLD_H

#include "check.h"

#include "ledger_types.h"

#include "cell.h"
#include "scratch.h"
#include "snapshot_head.h"
#include "snapshots.h"

#include "node/ledger_place.h"
#include "node/restorer_internal.h"
#include "node/sync.h"
#include "node/sync_serve.h"

#define SNAPSHOT 40
#define INTERVAL 20
#define INVENTED (INTERVAL * (UINT64_C(1) << 36))

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
    MANNERS,
    /* not tried in turn */
    DIVIDES = MANNERS, /* the state, down to its leaves */
    LEAVES_OUT,        /* the first steps of a head of several parts, and then goes on with it */
    ODD,               /* offers one between those of all others */
    ANEW,              /* no longer has it, and offers it again, each time */
    WITHDRAWS          /* takes its offer back before it can be asked */
};

struct world {
    struct cell cell;
    const struct ledger *source;
    uint64_t snapshot; /* height of the one that is offered */
    struct node_parts source_parts;
    struct sync *sync;
    struct restorer *restorer;
    enum manner manner[TALKERS];
    bool blocks[TALKERS]; /* gives blocks too */
    bool mute[TALKERS];   /* does not offer anything yet */
    uint64_t first_block; /* that all say they keep */
    uint64_t told[TALKERS];
    unsigned asked[TALKERS], lied[TALKERS], asked_blocks[TALKERS];
    struct snapshot_part wanted[TALKERS]; /* asked for last */
    unsigned held, restored, given_up, committed;
    int64_t given_up_ms; /* the last time */
    int64_t busy_ms;     /* so long the node does nothing else when a part has been given */
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
    enum manner manner = world->manner[index];
    struct wire_offer offer = {.first_block = world->first_block,
                               .count = world->mute[index] ? 0 : 1,
                               .height = {world->snapshot + (manner == ODD)}};
    offer.height[0] = manner == HIGH ? INVENTED : offer.height[0];
    wire_append_offer(&frames, &offer);
    wire_append_status(&frames, &status);
    if (manner == WITHDRAWS) {
        offer.count = 0;
        wire_append_offer(&frames, &offer);
    }
    assert_true(peer_send(peer, view_of_buf(&frames), LINK_REQUIRED));
}

/* The head with as many signatures and steps as the liar likes. */
static void spoil_head(const struct world *world, enum manner manner, struct buf *payload,
                       const struct snapshot_part *part)
{
    AUTO(buf_free) struct buf wrong = {0};
    AUTO(buf_free) struct buf rest = {0};
    struct snapshot_part after = *part;
    struct head head, next;
    read_head(&head, view_of_buf(payload));
    if (manner == ONE_SIGNER) {
        head.certificate.count = 1;
    } else if (manner == NO_STEPS) {
        head.steps = 0;
    } else if (head.more) {
        after.at = head_end(&head);
        make_part(&rest, world->source, &after);
        read_head(&next, view_of_buf(&rest));
        head_leave_out_two(&head, &next);
    }
    write_head(&wrong, &head);
    buf_clear(payload);
    buf_append_view(payload, view_of_buf(&wrong));
}

static void spoil(struct world *world, enum manner manner, struct buf *payload,
                  const struct snapshot_part *part)
{
    struct snapshot_part other = *part;
    switch (manner) {
    case GONE:
    case ANEW:
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
        make_part(payload, world->source, &other);
        break;
    case NO_WINDOW: /* what may not come again would be forgotten */
        if (part->kind == SNAPSHOT_HEADERS) {
            other.at = 3;
            make_part(payload, world->source, &other);
        }
        break;
    case NO_STEPS:
    case ONE_SIGNER:
    case LEAVES_OUT:
        if (part->kind == SNAPSHOT_HEAD) {
            spoil_head(world, manner, payload, part);
        }
        break;
    case DIVIDES:
        if (part->kind == SNAPSHOT_STATE) {
            (void)divide_part(payload, world->source, part, NULL);
        }
        break;
    case ODD:
    case HONEST:
    case SILENT:
    case DRIBBLE:
    case HIGH:
    case WITHDRAWS:
        break;
    }
}

static void on_late(uv_timer_t *timer)
{
    struct late *late = timer->data;
    (void)peer_send(late->peer, view_of_buf(&late->frames), LINK_REQUIRED);
    buf_clear(&late->frames);
}

/* Everybody offers the snapshot now. */
static void offer_all(struct world *world)
{
    for (size_t i = 0; i < TALKERS; i++) {
        struct talker *talker = &world->cell.talkers[i];
        struct peer *node = peers_find_member(talker->peers, agencies[1]);
        world->mute[i] = false;
        if (node != NULL && node->up) {
            tell(talker, node);
        }
    }
}

/* What was sent to the node before lies there and is read afterwards. */
static void be_busy(struct world *world)
{
    int64_t until_ms = clock_monotonic_ms() + world->busy_ms;
    while (clock_monotonic_ms() < until_ms) {
    }
    world->busy_ms = 0;
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
    world->wanted[index] = part;
    if (manner == SILENT || manner == HIGH) {
        world->lied[index]++;
        return;
    }
    make_part(&payload, world->source, &part);
    make_part(&honest, world->source, &part);
    spoil(world, manner, &payload, &part);
    world->lied[index] +=
        payload.len != honest.len || memcmp(payload.data, honest.data, honest.len) != 0;
    struct late *late = &world->late[index];
    bool waits = manner == DRIBBLE || manner == LEAVES_OUT;
    wire_append_part(waits ? &late->frames : &frame, &part, view_of_buf(&payload));
    if (manner == LEAVES_OUT) {
        offer_all(world); /* before it answers, so that others could be asked for what follows */
    }
    if (waits) {
        late->peer = peer;
        if (!uv_is_active((uv_handle_t *)&late->timer)) {
            uv_timer_start(&late->timer, on_late, 150, 0);
        }
    } else {
        (void)peer_send(peer, view_of_buf(&frame), LINK_REQUIRED);
    }
    peers_flush(world->cell.talkers[index].peers);
    be_busy(world);
    if (manner == ANEW) {
        tell(&world->cell.talkers[index], peer);
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

static void on_holds(void *context)
{
    struct world *world = context;
    world->held++;
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
    world->given_up_ms = clock_monotonic_ms();
    assert_false(restorer_active(world->restorer)); /* it is waited for no more */
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
    return (struct restorer_config){
        .data_directory = scratch_directory,
        .genesis = world->cell.ledger.genesis,
        .gap_blocks = gap_blocks,
        .interval = INTERVAL,
        .stuck_ms = 200,
        .refused_ms = 1200,
        .answer_ms = 200,
        .alone_ms = 300,
        /* Real time goes by: only who gives nothing is to run into it. */
        .barren_ms = world->manner[0] == ANEW ? 1200 : 20000,
        .rest_ms = 1000};
}

static void set_source(struct world *world, const struct ledger *ledger, uint64_t snapshot)
{
    world->source = ledger;
    world->snapshot = snapshot;
    world->source_parts.kv = ledger->kv;
    world->source_parts.app = ledger->app;
    for (size_t i = 0; i < TALKERS; i++) {
        world->told[i] = app_height(ledger->app);
    }
}

static void open_world(struct world *world, uint64_t gap_blocks, enum manner first,
                       enum manner second)
{
    const struct sync_handler sync = {world, on_sync_moves, on_sync_moves, on_committed};
    const struct restorer_handler handler = {world, on_holds, on_restored, on_given_up};
    *world = (struct world){.manner = {first, second, HONEST}, .first_block = 1};
    cell_open(&world->cell);
    world->cell.part = world;
    world->cell.when_told = on_told;
    world->cell.when_down = on_down;
    world->source_parts = world->cell.parts;
    set_source(world, &source, SNAPSHOT);
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
    struct ledger ledger = {.genesis = doc_copy(source.genesis),
                            .genesis_hash = source.genesis_hash};
    assert_int_equal(kv_open_leveldb(&ledger.kv, scratch_path("ledger")), 0);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), height);
    follow_all(&ledger, &source);
    ledger_close(&ledger);
    assert_int_equal(scratch_remove(NULL) + scratch_make(NULL), 0);
}

/* ---- programs ---- */

static int make_source(void **state)
{
    (void)state;
    source = source_open_with(NULL); /* parameters are those of a cell */
    return 0;
}

/* A test that begins in a directory of its own, whatever became of the one before. */
#define WITH_A_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, scratch_make, scratch_remove)

#endif
