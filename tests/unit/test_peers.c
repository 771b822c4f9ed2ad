/* Peers over loopback sockets: links come up between members and nobody else, one for each pair,
 * come back after a loss, carry large frames whole, and end for who is no member any more. */
#include "talkers.h"

#include "base/log.h"

#include <time.h>
#include <unistd.h>

/* Large frames are checked byte by byte. */
static int check_pattern(struct talker *talker, struct peer *peer, const struct frame *frame)
{
    (void)talker;
    (void)peer;
    for (size_t i = 0; frame->kind == FRAME_TXS && i < frame->body.len; i++) {
        assert_int_equal(frame->body.data[i], (uint8_t)(i * 7));
    }
    return 0;
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
    pair_open(talkers, &loop);
    AUTO(buf_free) struct buf frame = {0};
    size_t begun = wire_begin(&frame, FRAME_TXS);
    for (size_t i = 0; i < 6 * 1024 * 1024; i++) {
        buf_append_u8(&frame, (uint8_t)(i * 7));
    }
    wire_end(&frame, begun);
    struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
    talkers[1].when_told = check_pattern;
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

/* Heights and offers cost who tells them nothing. */
static void test_heights_without_end(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    pair_open(talkers, &loop);
    struct peer *there = peers_find_member(talkers[0].peers, ids[1]);
    struct peer *teller = peers_find_member(talkers[1].peers, ids[0]);
    for (int offers = 0; offers < 2; offers++) {
        AUTO(buf_free) struct buf frames = {0};
        uint64_t blamed = teller->blamed;
        for (uint64_t i = 1; i <= PEER_TELLS_BLAMED; i++) {
            if (offers == 1) {
                wire_append_offer(&frames, &(struct wire_offer){.first_block = i});
            } else {
                wire_append_status(&frames, &(struct wire_status){.height = i});
            }
        }
        teller->tells.since_ms = clock_monotonic_ms() + 60000; /* this second lasts */
        teller->tells.statuses = teller->tells.offers = 0;
        assert_true(peer_send(there, view_of_buf(&frames), LINK_REQUIRED));
        RUN_UNTIL(&loop, teller->blamed == blamed + 1);
        assert_string_equal(teller->blamed_for, "heights and offers without end");
        assert_int_equal(offers == 1 ? teller->offer.first_block : teller->told_height,
                         PEER_TELLS_MAX);
    }
    assert_int_equal(teller->statuses, PEER_TELLS_MAX);
    talkers_close(talkers, 2, &loop);
}

/* Answers without a question are counted by the second: a late one now and then is no fault. */
static void test_unasked_for_long_is_no_fault(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    pair_open(talkers, &loop);
    struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
    peer->tells.since_ms = clock_monotonic_ms() - 1000;
    peer->tells.unasked = PEER_TELLS_BLAMED - 1;
    peer_unasked(talkers[0].peers, peer);
    assert_int_equal(peer->tells.unasked, 1);
    assert_int_equal(peer->blamed, 0);
    peer->tells.since_ms = clock_monotonic_ms() + 60000; /* this second lasts */
    peer->tells.unasked = PEER_TELLS_BLAMED - 1;
    peer_unasked(talkers[0].peers, peer);
    assert_int_equal(peer->blamed, 1);
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

/* More silent connections than there is room for, none of them old enough to be given up: the
 * oldest give way, to each other and to a member. */
static void test_silent_strangers_give_way(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    int silent[PEER_PENDING_MAX + 6];
    size_t open = 0;
    talkers_open(talkers, 2, &loop);
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        silent[i] = silent_connection(&talkers[0], &loop);
    }
    run_for(&loop, 50);
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        assert_int_equal(is_open(silent[i]), i >= 6);
    }
    struct peers_member caller = talkers[1].self;
    caller.endpoint.port = 0; /* is not dialled */
    peers_set_members(talkers[0].peers, &caller, 1);
    introduce(&talkers[1], talkers, 1);
    RUN_UNTIL_IN(&loop, 5, talkers[0].ups == 1 && talkers[1].ups == 1);
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        open += is_open(silent[i]);
        assert_int_equal(close(silent[i]), 0);
    }
    assert_int_equal(open, PEER_PENDING_MAX - 1);
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
    struct talker other;
    struct hash elsewhere = a_chain("another chain");
    talker_make(&other, &loop, ids[1], 1, &elsewhere);
    talker_start(&other, 0);
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
    pair_open(talkers, &loop);
    uint16_t port = talkers[1].self.endpoint.port;
    struct peers *gone = talkers[1].peers;
    peers_close(gone);
    RUN_UNTIL(&loop, peers_up_count(talkers[0].peers, true) == 0);
    talker_start(&talkers[1], port); /* a new run on the same address */
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(&loop, pair_is_up(talkers));
    talkers_close(talkers, 2, &loop);
    peers_free(&gone);
}

static void test_removed_member_is_cut(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    pair_open(talkers, &loop);
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
    pair_open(talkers, &loop);
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

/* Nobody says anything: the link is as good as lost, and another takes its place. */
static void test_silence_ends_a_link(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    pair_open(talkers, &loop);
    run_for(&loop, 3000);
    assert_int_equal(talkers[0].downs + talkers[1].downs, 0);
    RUN_UNTIL_IN(&loop, 4, talkers[0].downs > 0 && talkers[1].downs > 0);
    RUN_UNTIL_IN(&loop, 3, pair_is_up(talkers));
    talkers_close(talkers, 2, &loop);
}

/* Who was stopped for a while has not been listening: that is no silence of the others. */
static void test_sleep_is_no_silence(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    pair_open(talkers, &loop);
    assert_int_equal(nanosleep(&(struct timespec){.tv_sec = 5}, NULL), 0);
    run_for(&loop, 1500);
    assert_int_equal(talkers[0].downs + talkers[1].downs, 0);
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
        cmocka_unit_test(test_all_meet_once),
        cmocka_unit_test(test_large_frames),
        cmocka_unit_test(test_heights_without_end),
        cmocka_unit_test(test_unasked_for_long_is_no_fault),
        cmocka_unit_test(test_strangers_stay_out),
        cmocka_unit_test(test_silent_strangers_give_way),
        cmocka_unit_test(test_impostor),
        cmocka_unit_test(test_other_chain),
        cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_removed_member_is_cut),
        cmocka_unit_test(test_blame_cuts_off),
        cmocka_unit_test(test_silence_ends_a_link),
        cmocka_unit_test(test_sleep_is_no_silence),
        cmocka_unit_test(test_port_in_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
