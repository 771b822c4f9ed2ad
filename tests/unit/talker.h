/* Nodes that only talk: real peers over loopback sockets, several in one loop, with a script
 * instead of a ledger. Header only; every function is static. */
#ifndef DIRCHAIN_TESTS_UNIT_TALKER_H
#define DIRCHAIN_TESTS_UNIT_TALKER_H

#include "check.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/peers.h"

#include <string.h>

struct talker {
    uv_loop_t *loop;
    struct peers *peers;
    const char *id;
    struct peers_member self;
    uint8_t seed[32];
    struct hash genesis;
    unsigned ups, downs, frames;
    size_t bytes;
    /* The script; may be NULL. */
    void (*when_up)(struct talker *talker, struct peer *peer);
    int (*when_told)(struct talker *talker, struct peer *peer, const struct frame *frame);
    void *data;
};

static void talker_on_up(void *context, struct peer *peer)
{
    struct talker *talker = context;
    talker->ups++;
    if (talker->when_up != NULL) {
        talker->when_up(talker, peer);
    }
}

static void talker_on_down(void *context, struct peer *peer)
{
    struct talker *talker = context;
    (void)peer;
    talker->downs++;
}

static int talker_on_frame(void *context, struct peer *peer, const struct frame *frame)
{
    struct talker *talker = context;
    talker->frames++;
    talker->bytes += frame->body.len;
    return talker->when_told != NULL ? talker->when_told(talker, peer, frame) : 0;
}

/* What peers need to know of it; after its own peers were opened by other means, too. */
__attribute__((unused)) static void talker_introduce_self(struct talker *talker)
{
    talker->self = (struct peers_member){.validator = true};
    memcpy(talker->self.member, talker->id, MEMBER_ID_CHARS);
    peers_key(&talker->self.key, talker->peers);
    talker->self.endpoint = (struct endpoint){.host = "127.0.0.1"};
    talker->self.endpoint.port = peers_port(talker->peers);
}

__attribute__((unused)) static void talker_start(struct talker *talker, uint16_t port)
{
    struct peers_config config = {.loop = talker->loop,
                                  .member = talker->id,
                                  .genesis = talker->genesis,
                                  .peer_seed = talker->seed,
                                  .listen = {.host = "127.0.0.1", .port = port},
                                  .handler = {.context = talker,
                                              .up = talker_on_up,
                                              .down = talker_on_down,
                                              .frame = talker_on_frame}};
    assert_int_equal(peers_open(&talker->peers, &config), 0);
    talker_introduce_self(talker);
}

/* The key comes from the number. */
__attribute__((unused)) static void talker_make(struct talker *talker, uv_loop_t *loop,
                                                const char *id, unsigned number,
                                                const struct hash *genesis)
{
    *talker = (struct talker){.loop = loop, .id = id, .genesis = *genesis};
    memset(talker->seed, (int)number + 1, sizeof talker->seed);
}

/* `to` knows the first `count` of them. */
__attribute__((unused)) static void talker_meet(struct peers *to, const struct talker *talkers,
                                                size_t count)
{
    struct peers_member members[8];
    assert_true(count <= COUNT_OF(members));
    for (size_t i = 0; i < count; i++) {
        members[i] = talkers[i].self;
    }
    peers_set_members(to, members, count);
}

/* Turns the loop until the condition holds; fails after so many seconds. */
#define RUN_UNTIL_IN(loop, seconds, condition)                                                     \
    do {                                                                                           \
        int64_t until_ = clock_monotonic_ms() + 1000 * (seconds);                                  \
        while (!(condition) && clock_monotonic_ms() < until_) {                                    \
            uv_run(loop, UV_RUN_ONCE);                                                             \
        }                                                                                          \
        assert_true(condition);                                                                    \
    } while (0)
/* What has to happen, however late: on a machine that others use too, much later. How soon is only
 * for those who say so. */
#define PATIENCE_S 40
#define RUN_UNTIL(loop, condition) RUN_UNTIL_IN(loop, PATIENCE_S, condition)

static void run_for_ends(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void run_for_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

/* Turns the loop for so long and no longer: without a timer of its own it would wait for the next
 * event of somebody else. */
__attribute__((unused)) static void run_for(uv_loop_t *loop, uint64_t ms)
{
    uv_timer_t timer;
    bool over = false;
    assert_int_equal(uv_timer_init(loop, &timer), 0);
    timer.data = &over;
    uv_update_time(loop);
    uv_timer_start(&timer, run_for_ends, ms, 0);
    while (!over) {
        uv_run(loop, UV_RUN_ONCE);
    }
    over = false;
    uv_close((uv_handle_t *)&timer, run_for_closed);
    while (!over) {
        uv_run(loop, UV_RUN_NOWAIT);
    }
}

#endif
