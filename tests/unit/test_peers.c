/* Peers over loopback sockets: links come up between members and nobody else, one for each pair,
 * come back after a loss, carry large frames whole, and end for who is no member any more. */
#include "check.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"
#include "node/peers.h"

#include <string.h>

static const char *const ids[] = {"11440000006939756B", "11440000006939801C", "11440000006941812E"};

/* A node that only talks. */
struct talker {
    uv_loop_t *loop;
    struct peers *peers;
    const char *id;
    struct peers_member self;
    unsigned ups, downs, frames;
    size_t bytes;
    uint8_t seed[32];
};

static void on_up(void *context, struct peer *peer)
{
    struct talker *talker = context;
    (void)peer;
    talker->ups++;
}

static void on_down(void *context, struct peer *peer)
{
    struct talker *talker = context;
    (void)peer;
    talker->downs++;
}

static int on_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct talker *talker = context;
    (void)peer;
    talker->frames++;
    talker->bytes += frame->body.len;
    for (size_t i = 0; frame->kind == FRAME_TXS && i < frame->body.len; i++) {
        assert_int_equal(frame->body.data[i], (uint8_t)(i * 7));
    }
    return 0;
}

static void talker_start(struct talker *talker, uint16_t port, const char *chain)
{
    struct peers_config config = {
        .loop = talker->loop,
        .member = talker->id,
        .genesis = hash_sha256(view_of_text(chain)),
        .peer_seed = talker->seed,
        .listen = {.host = "127.0.0.1", .port = port},
        .handler = {.context = talker, .up = on_up, .down = on_down, .frame = on_frame}};
    assert_int_equal(peers_open(&talker->peers, &config), 0);
    talker->self = (struct peers_member){.validator = true};
    memcpy(talker->self.member, talker->id, MEMBER_ID_CHARS);
    peers_key(&talker->self.key, talker->peers);
    talker->self.endpoint = config.listen;
    talker->self.endpoint.port = peers_port(talker->peers);
}

static void talkers_open(struct talker *talkers, size_t count, uv_loop_t *loop)
{
    assert_int_equal(uv_loop_init(loop), 0);
    for (size_t i = 0; i < count; i++) {
        talkers[i] = (struct talker){.loop = loop, .id = ids[i]};
        memset(talkers[i].seed, (int)i + 1, sizeof talkers[i].seed);
        talker_start(&talkers[i], 0, "a chain");
    }
}

static void introduce(struct talker *to, const struct talker *talkers, size_t count)
{
    struct peers_member members[3];
    for (size_t i = 0; i < count; i++) {
        members[i] = talkers[i].self;
    }
    peers_set_members(to->peers, members, count);
}

static void talkers_close(struct talker *talkers, size_t count, uv_loop_t *loop)
{
    for (size_t i = 0; i < count; i++) {
        peers_close(talkers[i].peers);
    }
    assert_int_equal(uv_run(loop, UV_RUN_DEFAULT), 0);
    for (size_t i = 0; i < count; i++) {
        peers_free(&talkers[i].peers);
    }
    assert_int_equal(uv_loop_close(loop), 0);
}

/* Turns the loop until the condition holds; fails after ten seconds. */
#define RUN_UNTIL(loop, condition)                                                                 \
    do {                                                                                           \
        int64_t until_ = clock_monotonic_ms() + 10000;                                             \
        while (!(condition) && clock_monotonic_ms() < until_) {                                    \
            uv_run(loop, UV_RUN_ONCE);                                                             \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)

static void run_for(uv_loop_t *loop, int64_t ms)
{
    int64_t until = clock_monotonic_ms() + ms;
    while (clock_monotonic_ms() < until) {
        uv_run(loop, UV_RUN_ONCE);
    }
}

static void test_all_meet_once(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[3];
    talkers_open(talkers, 3, &loop);
    for (size_t i = 0; i < 3; i++) {
        introduce(&talkers[i], talkers, 3);
    }
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 2 &&
                         peers_up_count(talkers[1].peers, true) == 2 &&
                         peers_up_count(talkers[2].peers, true) == 2);
    run_for(&loop, 1200); /* second links, if there are any, are gone by now */
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(peers_up_count(talkers[i].peers, true), 2);
        assert_true(talkers[i].ups - talkers[i].downs == 2);
    }
    talkers_close(talkers, 3, &loop);
}

static void test_large_frames(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    introduce(&talkers[0], talkers, 2);
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 1 &&
                         peers_up_count(talkers[1].peers, true) == 1);
    AUTO(buf_free) struct buf frame = {0};
    size_t begun = wire_begin(&frame, FRAME_TXS);
    for (size_t i = 0; i < 6 * 1024 * 1024; i++) {
        buf_append_u8(&frame, (uint8_t)(i * 7));
    }
    wire_end(&frame, begun);
    struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
    assert_true(peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE));
    assert_true(peer_send(peer, view_of_buf(&frame), LINK_REQUIRED));
    assert_false(peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE)); /* the queue is long */
    RUN_UNTIL(&loop, talkers[1].frames == 2);
    assert_int_equal(talkers[1].bytes, 2 * 6 * 1024 * 1024);
    /* A peer that takes nothing loses the link when what it must have does not fit. */
    while (peer->up && peer_send(peer, view_of_buf(&frame), LINK_REQUIRED)) {
    }
    RUN_UNTIL(&loop, talkers[0].downs == 1);
    talkers_close(talkers, 2, &loop);
}

static void test_strangers_stay_out(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    introduce(&talkers[1], talkers, 2); /* knows 0, which does not know it */
    introduce(&talkers[0], talkers, 1);
    RUN_UNTIL(&loop, peers_stats(talkers[0].peers).refused > 0);
    run_for(&loop, 300);
    assert_int_equal(talkers[0].ups + talkers[1].ups, 0);
    assert_int_equal(talkers[0].frames, 0);
    talkers_close(talkers, 2, &loop);
}

/* Listens where a member is expected, with another key. */
static void test_impostor(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[3];
    talkers_open(talkers, 3, &loop);
    struct peers_member members[2] = {talkers[1].self, talkers[2].self};
    members[0].endpoint = talkers[2].self.endpoint; /* 1 is said to live where 2 listens */
    members[1].endpoint.port = 0;
    peers_set_members(talkers[0].peers, members, 2);
    introduce(&talkers[2], talkers, 1);
    run_for(&loop, 1000);
    assert_true(peers_stats(talkers[0].peers).dials > 0);
    assert_false(peers_find_member(talkers[0].peers, ids[1])->up);
    talkers_close(talkers, 3, &loop);
}

static void test_other_chain(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    peers_close(talkers[1].peers);
    uv_run(&loop, UV_RUN_NOWAIT);
    struct talker other = {.loop = &loop, .id = ids[1]};
    memcpy(other.seed, talkers[1].seed, sizeof other.seed);
    talker_start(&other, 0, "another chain");
    struct talker both[2] = {talkers[0], other};
    introduce(&talkers[0], both, 2);
    introduce(&other, both, 2);
    run_for(&loop, 1000);
    assert_int_equal(talkers[0].ups + other.ups, 0);
    peers_close(other.peers);
    talkers_close(talkers, 2, &loop);
    peers_free(&other.peers);
}

static void test_comes_back(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    introduce(&talkers[0], talkers, 2);
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 1 &&
                         peers_up_count(talkers[1].peers, true) == 1);
    uint16_t port = talkers[1].self.endpoint.port;
    struct peers *gone = talkers[1].peers;
    peers_close(gone);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 0);
    talker_start(&talkers[1], port, "a chain"); /* a new run on the same address */
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 1 &&
                         peers_up_count(talkers[1].peers, true) == 1);
    talkers_close(talkers, 2, &loop);
    peers_free(&gone);
}

static void test_removed_member_is_cut(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    introduce(&talkers[0], talkers, 2);
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 1 &&
                         peers_up_count(talkers[1].peers, true) == 1);
    introduce(&talkers[0], talkers, 1);
    RUN_UNTIL(&loop, talkers[0].downs == 1 && talkers[1].downs == 1);
    run_for(&loop, 600);
    assert_int_equal(peers_up_count(talkers[1].peers, false), 0);
    /* With another key it is a stranger too. */
    struct peers_member changed = talkers[1].self;
    changed.key.bytes[0] ^= 1;
    peers_set_members(talkers[0].peers, &changed, 1);
    run_for(&loop, 600);
    assert_int_equal(peers_up_count(talkers[0].peers, false), 0);
    introduce(&talkers[0], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, false) == 1);
    talkers_close(talkers, 2, &loop);
}

static void test_blame_cuts_off(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    talkers_open(talkers, 2, &loop);
    introduce(&talkers[0], talkers, 2);
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 1 &&
                         peers_up_count(talkers[1].peers, true) == 1);
    struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
    peer_blame(talkers[0].peers, peer, PEER_BLAME_MAX - 5, "a test");
    run_for(&loop, 100);
    assert_true(peer->up);
    peer_blame(talkers[0].peers, peer, 10, "a test");
    RUN_UNTIL(&loop, !peer->up);
    run_for(&loop, 1000);
    assert_false(peer->up);
    talkers_close(talkers, 2, &loop);
}

static void test_port_in_use(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[1];
    talkers_open(talkers, 1, &loop);
    struct talker second = {.loop = &loop, .id = ids[1]};
    struct peers_config config = {.loop = &loop,
                                  .member = second.id,
                                  .peer_seed = second.seed,
                                  .listen = talkers[0].self.endpoint,
                                  .handler = {.context = &second}};
    assert_int_equal(peers_open(&second.peers, &config), ERR_PORT);
    peers_close(second.peers);
    talkers_close(talkers, 1, &loop);
    peers_free(&second.peers);
}

int main(void)
{
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_meet_once),         cmocka_unit_test(test_large_frames),
        cmocka_unit_test(test_strangers_stay_out),    cmocka_unit_test(test_impostor),
        cmocka_unit_test(test_other_chain),           cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_removed_member_is_cut), cmocka_unit_test(test_blame_cuts_off),
        cmocka_unit_test(test_port_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
