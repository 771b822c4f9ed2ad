/* How members greet: who shows a key and says nothing, who is cut off and greets, who greets with
 * another session, and who does it again and again. Time passes as the tests want. */
#include "talkers.h"

#include "captured.h"

#include "base/limits.h"
#include "base/log.h"

#include <stdio.h>
#include <unistd.h>

int64_t __real_clock_monotonic_ms(void);
int64_t __wrap_clock_monotonic_ms(void);
static int64_t later_ms, stopped_ms; /* where it stands, if it does */

int64_t __wrap_clock_monotonic_ms(void)
{
    return stopped_ms > 0 ? stopped_ms : __real_clock_monotonic_ms() + later_ms;
}

/* A member's connections, made by hand: keys are shown, and nobody is greeted. */
struct caller {
    struct link_environment environment;
    struct link *link[5]; /* as many as a test calls */
    size_t count;
};

static void caller_ready(struct link *link)
{
    link_flush(link);
}

static int caller_frame(struct link *link, const struct frame *frame)
{
    (void)link;
    (void)frame;
    return 0;
}

static void caller_closed(struct link *link, const char *why)
{
    (void)why;
    *(struct link **)link_owner(link) = NULL;
}

static bool caller_knows(void *context, const struct peer_key *key)
{
    return context == NULL && key != NULL; /* whoever it is */
}

static void caller_open_as(struct caller *caller, uv_loop_t *loop, const uint8_t *seed)
{
    *caller = (struct caller){.environment = {
                                  .loop = loop,
                                  .handler = {caller_ready, caller_frame, caller_closed}}};
    assert_int_equal(
        peer_tls_identity_open(&caller->environment.identity, seed, caller_knows, NULL), 0);
}

/* In the name of a talker, which dials nobody itself. */
static void caller_open(struct caller *caller, uv_loop_t *loop, const struct talker *talker)
{
    caller_open_as(caller, loop, talker->seed);
}

static struct link **dial(struct caller *caller, uv_loop_t *loop, const struct talker *to)
{
    struct link **link = &caller->link[caller->count++];
    assert_int_equal(link_dial(link, &caller->environment, &to->self.endpoint, &to->self.key), 0);
    link_set_owner(*link, link);
    RUN_UNTIL(loop, *link == NULL || link_ready(*link));
    return link;
}

static struct link **call(struct caller *caller, uv_loop_t *loop, const struct talker *to)
{
    struct link **link = dial(caller, loop, to);
    run_for(loop, 50); /* the other side is, too, or has closed it */
    return link;
}

static void caller_close(struct caller *caller, uv_loop_t *loop)
{
    for (size_t i = 0; i < caller->count; i++) {
        if (caller->link[i] != NULL) {
            link_close(caller->link[i], "the end");
        }
    }
    run_for(loop, 50);
    peer_tls_identity_close(&caller->environment.identity);
    link_environment_free(&caller->environment);
}

/* In the name of the second talker, which is not dialled. */
static struct wire_hello a_hello(void)
{
    struct wire_hello words = {.version = WIRE_VERSION, .genesis = a_chain("a chain")};
    memcpy(words.member, ids[1], sizeof words.member);
    return words;
}

static void send_first(struct link *link, const struct buf *frame)
{
    assert_true(link_send(link, view_of_buf(frame), LINK_REQUIRED));
    link_flush(link);
}

static void greet(struct link *link, const uint8_t *session)
{
    AUTO(buf_free) struct buf hello = {0};
    struct wire_hello words = a_hello();
    if (session != NULL) {
        memcpy(words.session, session, sizeof words.session);
    }
    wire_append_hello(&hello, &words);
    send_first(link, &hello);
}

/* The second talker, which is not dialled, calls the first one by hand. */
struct scene {
    uv_loop_t loop;
    struct talker talkers[2];
    struct caller caller;
    struct peer *peer; /* how the first one knows it */
};

static void scene_open(struct scene *scene)
{
    talkers_open(scene->talkers, 2, &scene->loop);
    scene->talkers[1].self.endpoint.port = 0;
    introduce(&scene->talkers[0], scene->talkers, 2);
    scene->peer = peers_find_member(scene->talkers[0].peers, ids[1]);
    caller_open(&scene->caller, &scene->loop, &scene->talkers[1]);
}

static struct link **scene_call(struct scene *scene)
{
    return call(&scene->caller, &scene->loop, &scene->talkers[0]);
}

static void scene_close(struct scene *scene)
{
    caller_close(&scene->caller, &scene->loop);
    talkers_close(scene->talkers, 2, &scene->loop);
}

/* Who only shakes hands is in nobody's way but its own: of one member's connections without a
 * greeting the two latest stay, and each that goes is its fault. */
static void test_who_does_not_greet_gives_way(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[3];
    struct caller caller;
    talkers_open(talkers, 3, &loop);
    talkers[1].self.endpoint.port = talkers[2].self.endpoint.port = 0; /* are not dialled */
    introduce(&talkers[0], talkers, 3);
    const struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
    caller_open(&caller, &loop, &talkers[1]);
    struct link **first = call(&caller, &loop, &talkers[0]);
    struct link **second = call(&caller, &loop, &talkers[0]);
    assert_int_equal(peer->blamed, 0);
    int64_t called_ms = clock_monotonic_ms();
    struct link **third = call(&caller, &loop, &talkers[0]);
    RUN_UNTIL(&loop, *first == NULL);
    assert_int_equal(peer->blamed, 1);
    assert_string_equal(peer->blamed_for, "greets on none of several connections");
    introduce(&talkers[2], talkers, 1);
    RUN_UNTIL(&loop, talkers[0].ups == 1);
    run_for(&loop, 50);
    assert_true(*second != NULL && *third != NULL);
    RUN_UNTIL_IN(&loop, 15, peer->blamed == 3);
    assert_true(clock_monotonic_ms() - called_ms >= 9000);
    assert_string_equal(peer->blamed_for, "no greeting in time");
    RUN_UNTIL(&loop, *second == NULL && *third == NULL);
    caller_close(&caller, &loop);
    talkers_close(talkers, 3, &loop);
}

#define SILENT_MEMBERS (PEER_PENDING_MAX / PEER_UNGREETED_MAX)

/* Members that take all places there are, and greet on none. */
struct crowd {
    struct caller caller[SILENT_MEMBERS];
    struct peers_member member[SILENT_MEMBERS + 1]; /* and who calls after them */
};

static void crowd_open(struct crowd *crowd, uv_loop_t *loop, const struct talker *talkers)
{
    for (size_t i = 0; i < SILENT_MEMBERS; i++) {
        uint8_t seed[32] = {0xc0, (uint8_t)i};
        struct peers_member *member = &crowd->member[i];
        *member = (struct peers_member){.validator = true};
        (void)snprintf(member->member, sizeof member->member, "1144000000%08zu", i);
        caller_open_as(&crowd->caller[i], loop, seed);
        peer_tls_identity_key(&member->key, crowd->caller[i].environment.identity);
    }
    crowd->member[SILENT_MEMBERS] = talkers[1].self;
    crowd->member[SILENT_MEMBERS].endpoint.port = 0; /* is not dialled */
    peers_set_members(talkers[0].peers, crowd->member, COUNT_OF(crowd->member));
    for (size_t i = 0; i < SILENT_MEMBERS * PEER_UNGREETED_MAX; i++) {
        (void)dial(&crowd->caller[i % SILENT_MEMBERS], loop, &talkers[0]);
    }
    run_for(loop, 50);
}

static size_t crowd_links(const struct crowd *crowd)
{
    size_t count = 0;
    for (size_t i = 0; i < SILENT_MEMBERS; i++) {
        for (size_t k = 0; k < PEER_UNGREETED_MAX; k++) {
            count += crowd->caller[i].link[k] != NULL;
        }
    }
    return count;
}

static void crowd_close(struct crowd *crowd, uv_loop_t *loop)
{
    for (size_t i = 0; i < SILENT_MEMBERS; i++) {
        caller_close(&crowd->caller[i], loop);
    }
}

/* It looks around between, so that it did not sleep. */
static void a_second_later(uv_loop_t *loop)
{
    for (int i = 0; i < 2; i++) {
        stopped_ms += 500;
        run_for(loop, 600);
    }
}

/* Where all places are taken by members that have not greeted, the first of them has a second after
 * it showed its key; then it gives way, and that is its fault. A stranger goes before it. */
static void test_silent_members_give_way(void **state)
{
    (void)state;
    uv_loop_t loop;
    struct talker talkers[2];
    struct crowd crowd;
    struct caller caller;
    talkers_open(talkers, 2, &loop);
    stopped_ms = clock_monotonic_ms();
    run_for(&loop, 600); /* the first look around */
    crowd_open(&crowd, &loop, talkers);
    const struct peer *first = peers_find_member(talkers[0].peers, crowd.member[0].member);
    caller_open(&caller, &loop, &talkers[1]);
    a_second_later(&loop);
    assert_null(*call(&caller, &loop, &talkers[0]));
    assert_int_equal(crowd_links(&crowd), PEER_PENDING_MAX);
    assert_int_equal(first->blamed, 0);
    stopped_ms++;
    struct link **link = call(&caller, &loop, &talkers[0]);
    assert_non_null(*link);
    assert_null(crowd.caller[0].link[0]);
    assert_int_equal(crowd_links(&crowd), PEER_PENDING_MAX - 1);
    assert_int_equal(first->blamed, 1);
    assert_string_equal(first->blamed_for, "too many connections at once");
    assert_in_range(first->blame, 30, 40); /* some has faded */
    greet(*link, NULL);
    RUN_UNTIL(&loop, talkers[0].ups == 1);
    int stranger = silent_connection(&talkers[0], &loop);
    assert_non_null(*call(&caller, &loop, &talkers[0]));
    assert_false(is_open(stranger));
    assert_int_equal(close(stranger), 0);
    assert_int_equal(crowd_links(&crowd), PEER_PENDING_MAX - 1);
    stopped_ms = 0;
    caller_close(&caller, &loop);
    crowd_close(&crowd, &loop);
    talkers_close(talkers, 2, &loop);
}

/* The connections that a member has at hand when it is cut off bring it back no sooner. */
static void test_who_is_cut_off_greets_in_vain(void **state)
{
    (void)state;
    for (int cut_off = 0; cut_off < 2; cut_off++) {
        struct scene scene;
        scene_open(&scene);
        const struct talker *host = &scene.talkers[0];
        struct link **link = scene_call(&scene);
        peer_blame(host->peers, scene.peer, cut_off == 1 ? PEER_BLAME_MAX : 1, "a test");
        greet(*link, NULL);
        RUN_UNTIL(&scene.loop, *link == NULL || host->ups == 1);
        assert_int_equal(host->ups, cut_off == 0);
        scene_close(&scene);
    }
}

/* Who had no chance to be heard, because we slept, has its time to greet from when we woke. */
static void test_sleep_is_no_greeting_missed(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    struct link **link = scene_call(&scene);
    later_ms += 11000;
    run_for(&scene.loop, 1200); /* it has looked around */
    assert_int_equal(scene.peer->blamed, 0);
    assert_non_null(*link);
    scene_close(&scene);
}

/* The smaller id has dialled, so a second link of the same run that comes the other way goes; one
 * of another run is all there is of that node now, and takes the place of the old one. */
static void test_a_new_run_takes_the_place(void **state)
{
    (void)state;
    for (int anew = 0; anew < 2; anew++) {
        uv_loop_t loop;
        struct talker talkers[2];
        struct caller caller;
        talkers_open(talkers, 2, &loop);
        introduce(&talkers[0], talkers, 2);
        talkers[0].self.endpoint.port = 0; /* is not dialled */
        introduce(&talkers[1], talkers, 1);
        talkers[0].self.endpoint.port = peers_port(talkers[0].peers);
        RUN_UNTIL(&loop, pair_is_up(talkers));
        const struct peer *peer = peers_find_member(talkers[0].peers, ids[1]);
        caller_open(&caller, &loop, &talkers[1]);
        struct link **link = call(&caller, &loop, &talkers[0]);
        greet(*link, anew == 1 ? NULL : peer->session);
        RUN_UNTIL(&loop, *link == NULL || talkers[0].ups == 2);
        assert_int_equal(talkers[0].ups, 1 + anew);
        assert_int_equal(talkers[0].downs, anew);
        assert_int_equal(*link == NULL, anew == 0);
        caller_close(&caller, &loop);
        talkers_close(talkers, 2, &loop);
    }
}

static size_t times_in(const struct buf *log, const char *words)
{
    size_t count = 0;
    for (size_t at = 0; at + strlen(words) <= log->len; at++) {
        count += memcmp(log->data + at, words, strlen(words)) == 0;
    }
    return count;
}

/* What comes of a greeting: a link, or one of the things that it is refused for. */
enum greeting {
    ACCEPTED,
    OF_ANOTHER_VERSION,
    OF_ANOTHER_MEMBER,
    OF_ANOTHER_CHAIN,
    NO_GREETING,
    GREETINGS
};

static void append_greeting(struct buf *frame, enum greeting greeting)
{
    struct wire_hello words = a_hello();
    words.version += greeting == OF_ANOTHER_VERSION;
    memcpy(words.member, ids[greeting == OF_ANOTHER_MEMBER ? 0 : 1], sizeof words.member);
    if (greeting == OF_ANOTHER_CHAIN) {
        words.genesis = a_chain("another chain");
    }
    if (greeting == NO_GREETING) {
        wire_append_status(frame, &(struct wire_status){.height = 1});
    } else {
        wire_append_hello(frame, &words);
    }
}

/* Greets so, and is gone again. */
static void come_and_go(struct scene *scene, enum greeting greeting)
{
    AUTO(buf_free) struct buf first = {0};
    const struct talker *host = &scene->talkers[0];
    unsigned ups = host->ups, downs = host->downs;
    append_greeting(&first, greeting);
    struct link **link = scene_call(scene);
    send_first(*link, &first);
    if (greeting == ACCEPTED) {
        RUN_UNTIL(&scene->loop, host->ups == ups + 1);
        link_close(*link, "enough");
        RUN_UNTIL(&scene->loop, host->downs == downs + 1);
    } else {
        RUN_UNTIL(&scene->loop, *link == NULL);
        assert_int_equal(host->ups, ups);
    }
}

/* So many a minute are told, so many are no fault; then they are, whatever comes of them. */
static void test_who_greets_again_is_blamed(void **state)
{
    (void)state;
    static const char *const told[GREETINGS] = {" is up ", ": its greeting is not ",
                                                ": its greeting is not ",
                                                " is a node of another chain",
                                                ": its greeting is not "};
    for (enum greeting greeting = 0; greeting < GREETINGS; greeting++) {
        struct scene scene;
        AUTO(buf_free) struct buf log = {0};
        scene_open(&scene);
        capture_begin();
        log_set_level(LOG_INFO);
        come_and_go(&scene, greeting);
        scene.peer->greets.count = 19;
        come_and_go(&scene, greeting);
        assert_int_equal(scene.peer->greets.count, 20);
        come_and_go(&scene, greeting);
        log_set_level(LOG_ERROR);
        capture_end(&log);
        assert_int_equal(times_in(&log, told[greeting]), 2);
        assert_int_equal(times_in(&log, " is down: "), greeting == ACCEPTED ? 2 : 0);
        scene.peer->greets.count = 59;
        come_and_go(&scene, greeting);
        assert_int_equal(scene.peer->blamed, 0);
        come_and_go(&scene, greeting);
        assert_int_equal(scene.peer->blamed, 1);
        assert_string_equal(scene.peer->blamed_for, "greets again and again");
        scene_close(&scene);
    }
}

static void test_a_minute_later_greetings_are_counted_anew(void **state)
{
    (void)state;
    struct scene scene;
    scene_open(&scene);
    come_and_go(&scene, ACCEPTED);
    scene.peer->greets.count = 60;
    later_ms += 60000;
    come_and_go(&scene, ACCEPTED);
    assert_int_equal(scene.peer->blamed, 0);
    assert_int_equal(scene.peer->greets.count, 1);
    scene_close(&scene);
}

int main(void)
{
    log_set_level(LOG_ERROR);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_does_not_greet_gives_way),
        cmocka_unit_test(test_silent_members_give_way),
        cmocka_unit_test(test_who_is_cut_off_greets_in_vain),
        cmocka_unit_test(test_sleep_is_no_greeting_missed),
        cmocka_unit_test(test_a_new_run_takes_the_place),
        cmocka_unit_test(test_who_greets_again_is_blamed),
        cmocka_unit_test(test_a_minute_later_greetings_are_counted_anew),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
