/* A few that only talk, in one loop (talker.h). Header only; every function is static. */
#ifndef DIRCHAIN_TESTS_UNIT_TALKERS_H
#define DIRCHAIN_TESTS_UNIT_TALKERS_H

#include "talker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sys/socket.h>

static const char *const ids[] = {"11440000006939756B", "11440000006939801C", "11440000006941812E"};

__attribute__((unused)) static struct hash a_chain(const char *name)
{
    return hash_sha256(view_of_text(name));
}

static void talkers_open(struct talker *talkers, size_t count, uv_loop_t *loop)
{
    struct hash genesis = a_chain("a chain");
    assert_int_equal(uv_loop_init(loop), 0);
    for (size_t i = 0; i < count; i++) {
        talker_make(&talkers[i], loop, ids[i], (unsigned)i, &genesis);
        talker_start(&talkers[i], 0);
    }
}

static void introduce(struct talker *to, const struct talker *talkers, size_t count)
{
    talker_meet(to->peers, talkers, count);
}

static bool pair_is_up(const struct talker *talkers)
{
    return peers_up_count(talkers[0].peers, true) == 1 &&
           peers_up_count(talkers[1].peers, true) == 1;
}

/* Two that know each other, with a link between them. */
__attribute__((unused)) static void pair_open(struct talker *talkers, uv_loop_t *loop)
{
    talkers_open(talkers, 2, loop);
    introduce(&talkers[0], talkers, 2);
    introduce(&talkers[1], talkers, 2);
    RUN_UNTIL(loop, pair_is_up(talkers));
}

/* A connection that says nothing. */
__attribute__((unused)) static int silent_connection(const struct talker *to, uv_loop_t *loop)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(to->self.endpoint.port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    uint64_t accepted = peers_stats(to->peers).accepted;
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(descriptor >= 0);
    assert_int_equal(connect(descriptor, (struct sockaddr *)&address, sizeof address), 0);
    RUN_UNTIL(loop, peers_stats(to->peers).accepted > accepted);
    return descriptor;
}

__attribute__((unused)) static bool is_open(int descriptor)
{
    char byte;
    return recv(descriptor, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN;
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

#endif
