/* What the parts of a node hear of its peers: who comes, goes, and says what. The parts are not
 * there; each call of one is noted, with the part that it was for. */
#include "check.h"

#include "base/bytes.h"
#include "base/errors.h"
#include "node/node_internal.h"

#include <string.h>

static struct {
    struct buf calls;
    char part[8]; /* their addresses stand for parts */
    int error;    /* of what reads a frame */
    bool answers; /* consensus takes it as the answer of the roll call */
    bool news;    /* evidence */
    bool behind;
} scene;

static struct node node;
static struct peer peer;

#define PART(number) ((void *)&scene.part[number])

static void note(const char *call, const void *part, const void *expected)
{
    assert_ptr_equal(part, expected);
    buf_append_format(&scene.calls, "%s%s", scene.calls.len > 0 ? " " : "", call);
}

/* Of a part and a peer, of a part alone, of a frame. */
#define TELLS_PEER(call, kind, member, constant)                                                   \
    void __wrap_##call(struct kind *part, constant struct peer *of);                               \
    void __wrap_##call(struct kind *part, constant struct peer *of)                                \
    {                                                                                              \
        assert_ptr_equal(of, &peer);                                                               \
        note(#call, part, node.member);                                                            \
    }
#define TELLS(call, kind, member)                                                                  \
    void __wrap_##call(struct kind *part);                                                         \
    void __wrap_##call(struct kind *part)                                                          \
    {                                                                                              \
        note(#call, part, node.member);                                                            \
    }
#define TELLS_FRAME(call, kind, member)                                                            \
    int __wrap_##call(struct kind *part, struct peer *of, const struct frame *frame);              \
    int __wrap_##call(struct kind *part, struct peer *of, const struct frame *frame)               \
    {                                                                                              \
        assert_ptr_equal(of, &peer);                                                               \
        assert_non_null(frame);                                                                    \
        note(#call, part, node.member);                                                            \
        return scene.error;                                                                        \
    }
#define NOTHING

TELLS_PEER(sync_status, sync, sync, NOTHING)
TELLS_PEER(sync_peer_down, sync, sync, NOTHING)
TELLS_PEER(restorer_peer_down, restorer, restorer, NOTHING)
TELLS_PEER(requests_peer_down, requests, requests, const)
TELLS_PEER(engine_help, engine, engine, NOTHING)
TELLS_PEER(engine_greet, engine, engine, NOTHING)
TELLS_PEER(intake_greet, intake, intake, NOTHING)
TELLS(engine_work, engine, engine)
TELLS(restorer_review, restorer, restorer)
TELLS(intake_flush, intake, intake)
TELLS_FRAME(requests_frame, requests, requests)
TELLS_FRAME(bodies_frame, bodies, bodies)
TELLS_FRAME(sync_frame, sync, sync)
TELLS_FRAME(restorer_frame, restorer, restorer)

int __wrap_engine_frame(struct engine *engine, struct peer *of, const struct frame *frame);
int __wrap_engine_frame(struct engine *engine, struct peer *of, const struct frame *frame)
{
    assert_non_null(frame);
    note("engine_frame", engine, node.engine);
    of->roll.answered = of->roll.answered || scene.answers;
    return scene.error;
}

int __wrap_intake_gossip(struct intake *intake, struct peer *of, struct view body);
int __wrap_intake_gossip(struct intake *intake, struct peer *of, struct view body)
{
    assert_ptr_equal(of, &peer);
    assert_int_equal(body.len, 1);
    note("intake_gossip", intake, node.intake);
    return scene.error;
}

int __wrap_evidence_pool_frame(bool *news, struct evidence_pool *pool, struct peer *of,
                               struct view body);
int __wrap_evidence_pool_frame(bool *news, struct evidence_pool *pool, struct peer *of,
                               struct view body)
{
    assert_ptr_equal(of, &peer);
    assert_int_equal(body.len, 1);
    note("evidence_pool_frame", pool, node.evidence);
    *news = scene.news;
    return scene.error;
}

void __wrap_node_renew_status(struct node *of);
void __wrap_node_renew_status(struct node *of)
{
    note("node_renew_status", of, &node);
}

bool __wrap_sync_behind(const struct sync *sync);
bool __wrap_sync_behind(const struct sync *sync)
{
    assert_ptr_equal(sync, node.sync);
    return scene.behind;
}

bool __wrap_restorer_active(const struct restorer *restorer);
bool __wrap_restorer_active(const struct restorer *restorer)
{
    assert_ptr_equal(restorer, node.restorer);
    return false;
}

/* What a peer that has come up is told. */
bool __wrap_sync_active(const struct sync *sync);
bool __wrap_sync_active(const struct sync *sync)
{
    assert_ptr_equal(sync, node.sync);
    return false;
}

uint64_t __wrap_app_height(const struct app *app);
uint64_t __wrap_app_height(const struct app *app)
{
    assert_ptr_equal(app, node.app);
    return 41;
}

struct consensus_status __wrap_engine_status(const struct engine *engine);
struct consensus_status __wrap_engine_status(const struct engine *engine)
{
    assert_ptr_equal(engine, node.engine);
    return (struct consensus_status){.round = 3};
}

struct wire_offer __wrap_snapshot_serve_offer(const struct snapshot_serve *serve);
struct wire_offer __wrap_snapshot_serve_offer(const struct snapshot_serve *serve)
{
    assert_ptr_equal(serve, node.snapshots);
    return (struct wire_offer){.first_block = 7, .count = 1, .height = {40}};
}

bool __wrap_peer_send(struct peer *to, struct view frames, enum link_importance importance);
bool __wrap_peer_send(struct peer *to, struct view frames, enum link_importance importance)
{
    struct frame frame;
    struct wire_offer offer;
    struct wire_status status;
    size_t wanted;
    note("peer_send", to, &peer);
    assert_int_equal(importance, LINK_REQUIRED);
    assert_int_equal(wire_next(&frame, &frames, &wanted), 0);
    assert_int_equal(wire_read_offer(&offer, frame.body), 0); /* first: which blocks are here */
    assert_int_equal(offer.first_block, 7);
    assert_int_equal(offer.height[0], 40);
    assert_int_equal(wire_next(&frame, &frames, &wanted), 0);
    assert_int_equal(wire_read_status(&status, frame.body), 0);
    assert_int_equal(status.height, 41);
    assert_int_equal(status.round, 3);
    assert_int_equal(status.flags, WIRE_STATUS_VOTE_KEY);
    assert_int_equal(frames.len, 0);
    return true;
}

static int scene_begin(void **state)
{
    (void)state;
    buf_free(&scene.calls);
    memset(&scene, 0, sizeof scene);
    peer = (struct peer){.up = true};
    node = (struct node){.sync = PART(0),     .restorer = PART(1),  .requests = PART(2),
                         .engine = PART(3),   .intake = PART(4),    .bodies = PART(5),
                         .evidence = PART(6), .snapshots = PART(7), .app = PART(0),
                         .holds_key = true};
    return 0;
}

static int scene_end(void **state)
{
    (void)state;
    buf_free(&scene.calls);
    return 0;
}

static void expect_calls(const char *calls)
{
    assert_string_equal(buf_text(&scene.calls), calls);
    buf_clear(&scene.calls);
}

static int say(enum frame_kind kind)
{
    struct frame frame = {.kind = kind, .body = view_of_text("?")};
    return node_peers_handler.frame(&node, &peer, &frame);
}

/* Both sides learn what the other one has, consensus asks for its tip, and it hears of what was
 * submitted here while nobody was there. */
static void who_comes_up_is_greeted(void **state)
{
    (void)state;
    node_peers_handler.up(&node, &peer);
    expect_calls("peer_send engine_greet intake_greet");
}

static void who_goes_is_waited_for_no_more(void **state)
{
    (void)state;
    node_peers_handler.down(&node, &peer);
    expect_calls("sync_peer_down restorer_peer_down requests_peer_down");
    node.stopping = true; /* the parts are being closed */
    node_peers_handler.down(&node, &peer);
    expect_calls("");
}

/* The first status over a link says whether it is at our height: then it is helped, once. */
static void a_status_goes_to_who_needs_it(void **state)
{
    (void)state;
    peer.statuses = 1;
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review engine_help");
    peer.statuses = 2;
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review");
}

/* What API threads are told is not a second old when a status says that we are behind. */
static void to_be_behind_is_told_at_once(void **state)
{
    (void)state;
    scene.behind = true;
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review node_renew_status");
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review");
    scene.behind = false;
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review");
    scene.behind = true;
    assert_int_equal(say(FRAME_STATUS), 0);
    expect_calls("sync_status restorer_review node_renew_status");
}

/* The answer to the roll call tells a tip, as a status does; nothing else that is so called. */
static void the_answer_to_the_roll_call_tells_a_tip(void **state)
{
    (void)state;
    assert_int_equal(say(FRAME_ROLL), 0); /* not asked for */
    expect_calls("engine_frame");
    scene.answers = true;
    assert_int_equal(say(FRAME_ROLL), 0);
    expect_calls("engine_frame sync_status");
    assert_int_equal(say(FRAME_ROLL), 0);
    expect_calls("engine_frame");
    peer.roll.answered = false;
    scene.error = ERR_ENCODING;
    assert_int_equal(say(FRAME_ROLL), ERR_ENCODING);
    expect_calls("engine_frame");
}

static void evidence_is_work_where_it_is_new(void **state)
{
    (void)state;
    assert_int_equal(say(FRAME_EVIDENCE), 0);
    expect_calls("evidence_pool_frame");
    scene.news = true;
    scene.error = ERR_ENCODING; /* of what follows it */
    assert_int_equal(say(FRAME_EVIDENCE), ERR_ENCODING);
    expect_calls("evidence_pool_frame engine_work");
}

static void each_kind_of_frame_has_its_reader(void **state)
{
    (void)state;
    static const char *const readers[FRAME_KINDS] = {
        [FRAME_TXS] = "intake_gossip",        [FRAME_VOTES] = "engine_frame",
        [FRAME_PROPOSAL] = "engine_frame",    [FRAME_WANT_ROLL] = "engine_frame",
        [FRAME_WANT_BODY] = "requests_frame", [FRAME_WANT_TXS] = "requests_frame",
        [FRAME_WANT_BLOCKS] = "requests_frame", [FRAME_WANT_PART] = "requests_frame",
        [FRAME_BODY] = "bodies_frame",        [FRAME_GIVE_TXS] = "bodies_frame",
        [FRAME_NONE] = "bodies_frame",        [FRAME_BLOCK] = "sync_frame",
        [FRAME_BLOCKS_END] = "sync_frame",    [FRAME_PART] = "restorer_frame",
    };
    for (enum frame_kind kind = 0; kind <= FRAME_KINDS; kind++) {
        if (kind == FRAME_STATUS || kind == FRAME_ROLL || kind == FRAME_EVIDENCE) {
            continue; /* above */
        }
        const char *reader = kind < FRAME_KINDS ? readers[kind] : NULL;
        for (int error = 0; error < 2; error++) {
            scene.error = error == 1 ? ERR_TOO_LARGE : 0;
            assert_int_equal(say(kind), reader == NULL ? ERR_ENCODING : scene.error);
            expect_calls(reader == NULL ? "" : reader);
        }
    }
}

static void what_was_collected_is_sent_when_a_turn_ends(void **state)
{
    (void)state;
    node_peers_handler.turn_ends(&node);
    expect_calls("intake_flush");
}

#define WITH_A_SCENE(test) cmocka_unit_test_setup_teardown(test, scene_begin, scene_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_A_SCENE(who_comes_up_is_greeted),
        WITH_A_SCENE(who_goes_is_waited_for_no_more),
        WITH_A_SCENE(a_status_goes_to_who_needs_it),
        WITH_A_SCENE(to_be_behind_is_told_at_once),
        WITH_A_SCENE(the_answer_to_the_roll_call_tells_a_tip),
        WITH_A_SCENE(evidence_is_work_where_it_is_new),
        WITH_A_SCENE(each_kind_of_frame_has_its_reader),
        WITH_A_SCENE(what_was_collected_is_sent_when_a_turn_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
