/* The table of peers as a whole: its life, and what is sent. Writes leave once a turn, just before
 * the loop sleeps. */
#include "node/peers_internal.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define BAN_MS 30000
#define BACKLOG 64

uint64_t peers_random(struct peers *peers)
{
    peers->random ^= peers->random << 13; /* xorshift */
    peers->random ^= peers->random >> 7;
    peers->random ^= peers->random << 17;
    return peers->random;
}

/* ---- sending and blame ---- */

static void on_prepare(uv_prepare_t *prepare)
{
    struct peers *peers = prepare->data;
    if (peers->handler.turn_ends != NULL) {
        peers->handler.turn_ends(peers->handler.context);
    }
    peers_flush(peers);
}

void peers_flush(struct peers *peers)
{
    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = peers->peer[i];
        if (peer->link != NULL) {
            link_flush(peer->link);
        }
        if (peer->dialling != NULL) {
            link_flush(peer->dialling);
        }
    }
    for (struct pending *pending = peers->pending; pending != NULL; pending = pending->next) {
        link_flush(pending->link);
    }
}

bool peer_send(struct peer *peer, struct view frames, enum link_importance importance)
{
    return peer->up && link_send(peer->link, frames, importance);
}

void peers_broadcast(struct peers *peers, struct view frames, enum link_importance importance,
                     bool validators_only)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (!validators_only || peers->peer[i]->validator) {
            (void)peer_send(peers->peer[i], frames, importance);
        }
    }
}

void peer_blame(struct peers *peers, struct peer *peer, unsigned points, const char *why)
{
    (void)peers;
    peer->blame += points;
    peer->blamed++;
    snprintf(peer->blamed_for, sizeof peer->blamed_for, "%s", why);
    log_write(LOG_WARN, "peers", "%s: %s", peer->member, why);
    if (peer->blame >= PEER_BLAME_MAX) {
        peer->blame = 0;
        peer->banned_until_ms = clock_monotonic_ms() + BAN_MS;
        peer->cut_off++;
        log_write(LOG_WARN, "peers", "%s is cut off for %d s", peer->member, BAN_MS / 1000);
        peer_cut(peer, "misbehaved");
    }
}

struct peers_stats peers_stats(const struct peers *peers)
{
    struct peers_stats stats = peers->stats;
    stats.bytes_in = peers->environment.bytes_in;
    stats.bytes_out = peers->environment.bytes_out;
    return stats;
}

/* ---- life ---- */

static int resolve_listen(struct sockaddr_storage *out, uv_loop_t *loop,
                          const struct endpoint *endpoint)
{
    if (uv_ip4_addr(endpoint->host, endpoint->port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(endpoint->host, endpoint->port, (struct sockaddr_in6 *)out) == 0) {
        return 0;
    }
    char port[8];
    snprintf(port, sizeof port, "%u", (unsigned)endpoint->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    uv_getaddrinfo_t request;
    if (uv_getaddrinfo(loop, &request, NULL, endpoint->host, port, &hints) != 0) {
        return ERR_PORT;
    }
    memcpy(out, request.addrinfo->ai_addr, request.addrinfo->ai_addrlen);
    uv_freeaddrinfo(request.addrinfo);
    return 0;
}

static int start_listening(struct peers *peers, const struct endpoint *endpoint)
{
    struct sockaddr_storage address = {0};
    int error = resolve_listen(&address, peers->loop, endpoint);
    if (error != 0) {
        return error;
    }
    bool listening = uv_tcp_bind(&peers->listener, (const struct sockaddr *)&address, 0) == 0 &&
                     uv_listen((uv_stream_t *)&peers->listener, BACKLOG, peers_on_connection) == 0;
    return listening ? 0 : ERR_PORT;
}

int peers_open(struct peers **out, const struct peers_config *config)
{
    struct peers *peers = memory_alloc(sizeof *peers);
    *out = peers; /* the handles are the loop's from here on: peers_close, then peers_free */
    peers->loop = config->loop;
    peers->handler = config->handler;
    peers->environment.loop = config->loop;
    peers->environment.handler = peers_link_handler;
    peers->environment.context = peers;
    peers->hello.version = WIRE_VERSION;
    peers->hello.genesis = config->genesis;
    snprintf(peers->hello.member, sizeof peers->hello.member, "%s", config->member);
    ENSURE(uv_tcp_init(config->loop, &peers->listener) == 0);
    ENSURE(uv_timer_init(config->loop, &peers->tick) == 0);
    ENSURE(uv_prepare_init(config->loop, &peers->prepare) == 0);
    peers->listener.data = peers->tick.data = peers->prepare.data = peers;
    if (uv_random(NULL, NULL, peers->hello.session, WIRE_SESSION_BYTES, 0, NULL) != 0 ||
        uv_random(NULL, NULL, &peers->random, sizeof peers->random, 0, NULL) != 0) {
        return ERR_UNAVAILABLE;
    }
    peers->random |= 1;
    int error = peer_tls_identity_open(&peers->environment.identity, config->peer_seed,
                                       peers_is_known, peers);
    error = error != 0 ? error : start_listening(peers, &config->listen);
    if (error == 0) {
        peers_watch_start(peers);
        uv_prepare_start(&peers->prepare, on_prepare);
    }
    return error;
}

void peers_close(struct peers *peers)
{
    if (peers->closing) {
        return;
    }
    peers->closing = true;
    peers_flush(peers);
    uv_close((uv_handle_t *)&peers->listener, NULL);
    uv_close((uv_handle_t *)&peers->tick, NULL);
    uv_close((uv_handle_t *)&peers->prepare, NULL);
    for (size_t i = 0; i < peers->count; i++) {
        peer_cut(peers->peer[i], "the node stops");
    }
    for (struct pending *pending = peers->pending; pending != NULL; pending = pending->next) {
        link_close(pending->link, "the node stops");
    }
}

void peers_free(struct peers **peers)
{
    if (*peers == NULL) {
        return;
    }
    for (size_t i = 0; i < (*peers)->count; i++) {
        memory_free((*peers)->peer[i]);
    }
    memory_free((*peers)->peer);
    peer_tls_identity_close(&(*peers)->environment.identity);
    link_environment_free(&(*peers)->environment);
    memory_free(*peers);
    *peers = NULL;
}

uint16_t peers_port(const struct peers *peers)
{
    struct sockaddr_storage address = {0};
    int len = sizeof address;
    if (uv_tcp_getsockname(&peers->listener, (struct sockaddr *)&address, &len) != 0) {
        return 0;
    }
    uint16_t network = address.ss_family == AF_INET6
                           ? ((const struct sockaddr_in6 *)&address)->sin6_port
                           : ((const struct sockaddr_in *)&address)->sin_port;
    return (uint16_t)(network >> 8 | network << 8);
}

void peers_key(struct peer_key *out, const struct peers *peers)
{
    peer_tls_identity_key(out, peers->environment.identity);
}
