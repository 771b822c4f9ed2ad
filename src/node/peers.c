/* The table of peers, dialling and accepting. A timer looks after deadlines twice a second; writes
 * leave once a turn, just before the loop sleeps. */
#include "node/peers.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define TICK_MS 500
#define CONNECT_MS 2000    /* TCP alone: the distance of its own tries doubles, that of ours not */
#define HANDSHAKE_MS 10000 /* to HELLO */
/* A peer that is up says something every second. When packets are lost for a while, TCP waits as
 * long again before it looks; a new link does not. */
#define SILENCE_MS 4000
#define DOUBT_MS 2500 /* a link so silent gives way to a new one */
#define BAN_MS 30000
#define BLAME_MALFORMED 20
#define BLAME_FADE 1 /* points forgotten each tick */
#define BACKLOG 64

/* An accepted connection that is not up yet. A link that is dialled or up is owned by its peer, one
 * of two that lost, or was replaced, by nobody. */
struct pending {
    struct pending *next;
    struct link *link;
};

struct peers {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_timer_t tick;
    uv_prepare_t prepare;
    struct link_environment environment;
    struct wire_hello hello;
    struct peers_handler handler;
    struct peer **peer;
    size_t count;
    struct pending *pending; /* accepted or ready, not up */
    size_t pending_count;
    bool closing;
    int64_t ticked_ms, awake_since_ms;
    uint64_t random;
    struct peers_stats stats;
};

static struct peers *peers_of(struct link *link)
{
    return link_context(link);
}

/* ---- the table ---- */

size_t peers_count(const struct peers *peers)
{
    return peers->count;
}

struct peer *peers_at(const struct peers *peers, size_t index)
{
    return peers->peer[index];
}

struct peer *peers_find(const struct peers *peers, uint32_t id)
{
    return id < peers->count ? peers->peer[id] : NULL;
}

struct peer *peers_find_member(const struct peers *peers, const char *member)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (strcmp(peers->peer[i]->member, member) == 0) {
            return peers->peer[i];
        }
    }
    return NULL;
}

static struct peer *find_key(const struct peers *peers, const struct peer_key *key)
{
    for (size_t i = 0; i < peers->count; i++) {
        struct peer *peer = peers->peer[i];
        if (peer->member_now && memcmp(peer->key.bytes, key->bytes, PEER_KEY_BYTES) == 0) {
            return peer;
        }
    }
    return NULL;
}

size_t peers_up_count(const struct peers *peers, bool validators_only)
{
    size_t count = 0;
    for (size_t i = 0; i < peers->count; i++) {
        count += peers->peer[i]->up && (!validators_only || peers->peer[i]->validator);
    }
    return count;
}

static uint64_t random_next(struct peers *peers)
{
    peers->random ^= peers->random << 13; /* xorshift: only spreads dials in time */
    peers->random ^= peers->random >> 7;
    peers->random ^= peers->random << 17;
    return peers->random;
}

/* ---- up and down ---- */

static void set_down(struct peers *peers, struct peer *peer)
{
    peer->link = NULL;
    if (peer->up) {
        peer->up = false;
        peer->told_status = false;
        peers->handler.down(peers->handler.context, peer);
    }
}

static void set_up(struct peers *peers, struct peer *peer, struct link *link,
                   const uint8_t *session)
{
    memcpy(peer->session, session, WIRE_SESSION_BYTES);
    peer->link = link;
    link_set_owner(link, peer);
    peer->up = true;
    peer->told_status = false;
    peer->statuses = 0;
    memset(&peer->roll, 0, sizeof peer->roll);
    peer->offer = (struct wire_offer){0};
    peer->up_since_ms = clock_monotonic_ms();
    log_write(LOG_INFO, "peers", "%s is up (%s)", peer->member,
              link_dialled(link) ? "dialled" : "accepted");
    peers->handler.up(peers->handler.context, peer);
}

static void pending_remove(struct peers *peers, const struct link *link)
{
    for (struct pending **at = &peers->pending; *at != NULL; at = &(*at)->next) {
        if ((*at)->link == link) {
            struct pending *gone = *at;
            *at = gone->next;
            memory_free(gone);
            peers->pending_count--;
            return;
        }
    }
}

static void pending_add(struct peers *peers, struct link *link)
{
    struct pending *pending = memory_alloc(sizeof *pending);
    *pending = (struct pending){.next = peers->pending, .link = link};
    peers->pending = pending;
    peers->pending_count++;
}

/* While we slept nobody could be heard: what came meanwhile is read after the timers. */
static int64_t silent_ms(const struct peers *peers, const struct link *link, int64_t now)
{
    int64_t heard = link_heard_ms(link);
    return now - (heard > peers->awake_since_ms ? heard : peers->awake_since_ms);
}

/* Of two links of one run of the other node, both sides keep the one that the smaller id dialled;
 * of two in the same direction the newer, since its maker has given up the older. One that has been
 * silent for long is one that the other side, or the way between, may not know of any more. */
static bool keeps_old(const struct peers *peers, const struct peer *peer, const struct link *fresh,
                      const uint8_t *session)
{
    if (memcmp(peer->session, session, WIRE_SESSION_BYTES) != 0 ||
        link_dialled(peer->link) == link_dialled(fresh) ||
        silent_ms(peers, peer->link, clock_monotonic_ms()) > DOUBT_MS) {
        return false;
    }
    bool we_are_smaller = strcmp(peers->hello.member, peer->member) < 0;
    return link_dialled(peer->link) == we_are_smaller;
}

static int take_hello(struct peers *peers, struct link *link, const struct frame *frame)
{
    struct wire_hello hello;
    struct peer *peer = find_key(peers, link_peer_key(link));
    if (peer == NULL) {
        return ERR_PARTY; /* removed between handshake and now */
    }
    if (frame->kind != FRAME_HELLO || wire_read_hello(&hello, frame->body) != 0 ||
        hello.version != WIRE_VERSION || strcmp(hello.member, peer->member) != 0) {
        log_write(LOG_WARN, "peers", "%s: its greeting is not understood", peer->member);
        return ERR_ENCODING;
    }
    if (!hash_equal(&hello.genesis, &peers->hello.genesis)) {
        log_write(LOG_WARN, "peers", "%s is a node of another chain", peer->member);
        return ERR_TX_CHAIN;
    }
    if (peer->link != NULL && keeps_old(peers, peer, link, hello.session)) {
        link_close(link, "second link");
        return 0;
    }
    if (peer->link != NULL) {
        struct link *old = peer->link;
        set_down(peers, peer);
        link_set_owner(old, NULL);
        link_close(old, "replaced");
    }
    pending_remove(peers, link);
    if (peer->dialling == link) {
        peer->dialling = NULL;
    }
    set_up(peers, peer, link, hello.session);
    return 0;
}

/* ---- what links tell ---- */

static void on_ready(struct link *link)
{
    struct peers *peers = peers_of(link);
    struct buf *out = link_out(link);
    if (out != NULL) {
        wire_append_hello(out, &peers->hello);
    }
}

static int on_frame(struct link *link, const struct frame *frame)
{
    struct peers *peers = peers_of(link);
    struct peer *peer = link_owner(link);
    if (peer == NULL || peer->link != link) {
        return take_hello(peers, link, frame);
    }
    if (frame->kind == FRAME_HELLO) {
        return ERR_STATUS;
    }
    if (frame->kind == FRAME_STATUS) {
        if (wire_read_status(&peer->status, frame->body) != 0) {
            return ERR_ENCODING;
        }
        peer->told_status = true;
        peer->statuses++;
    }
    int error = frame->kind == FRAME_OFFER
                    ? wire_read_offer(&peer->offer, frame->body)
                    : peers->handler.frame(peers->handler.context, peer, frame);
    if (error != 0) {
        peer_blame(peers, peer, BLAME_MALFORMED, "a malformed message");
    }
    return error;
}

static void on_closed(struct link *link, const char *why)
{
    struct peers *peers = peers_of(link);
    pending_remove(peers, link);
    struct peer *peer = link_owner(link);
    if (peer == NULL) {
        log_write(LOG_DEBUG, "peers", "a connection ended: %s", why);
        return;
    }
    if (peer->dialling == link) {
        peer->dialling = NULL;
        log_write(LOG_DEBUG, "peers", "%s cannot be reached: %s", peer->member, why);
        redial_failed(&peer->redial, link_opened_ms(link), link_was_ready(link),
                      random_next(peers));
    } else {
        log_write(LOG_INFO, "peers", "%s is down: %s", peer->member, why);
        set_down(peers, peer);
        redial_lost(&peer->redial, clock_monotonic_ms(), peer->up_since_ms, random_next(peers));
    }
}

/* Asked during the handshake: members only, not ourselves, not who is cut off. */
static bool is_known(void *context, const struct peer_key *key)
{
    struct peers *peers = context;
    const struct peer *peer = find_key(peers, key);
    bool known = peer != NULL && peer->banned_until_ms <= clock_monotonic_ms();
    peers->stats.refused += !known;
    return known;
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct peers *peers = listener->data;
    struct link *link;
    if (status != 0 || link_accept(&link, &peers->environment, listener) != 0) {
        return;
    }
    peers->stats.accepted++;
    if (peers->pending_count >= PEER_PENDING_MAX) {
        link_close(link, "too many connections at once");
    } else {
        pending_add(peers, link);
    }
}

/* ---- dialling and deadlines ---- */

static void dial_due(struct peers *peers, struct peer *peer, int64_t now)
{
    if (!peer->dial || !peer->member_now || peer->up || peer->dialling != NULL ||
        peer->redial.next_ms > now || peer->banned_until_ms > now) {
        return;
    }
    if (link_dial(&peer->dialling, &peers->environment, &peer->endpoint, &peer->key) != 0) {
        redial_failed(&peer->redial, now, false, random_next(peers));
        return;
    }
    link_set_owner(peer->dialling, peer);
    peers->stats.dials++;
}

static void watch_peer(struct peers *peers, struct peer *peer, int64_t now)
{
    peer->blame -= peer->blame > BLAME_FADE ? BLAME_FADE : peer->blame;
    if (peer->dialling != NULL &&
        now - link_opened_ms(peer->dialling) >
            (link_connected(peer->dialling) ? HANDSHAKE_MS : CONNECT_MS)) {
        link_close(peer->dialling, "no answer in time");
    }
    if (peer->up && silent_ms(peers, peer->link, now) > SILENCE_MS) {
        link_close(peer->link, "silent for too long");
    }
    dial_due(peers, peer, now);
}

static void on_tick(uv_timer_t *timer)
{
    struct peers *peers = timer->data;
    int64_t now = clock_monotonic_ms();
    if (now - peers->ticked_ms > 2 * TICK_MS) {
        peers->awake_since_ms = now;
    }
    peers->ticked_ms = now;
    for (size_t i = 0; i < peers->count; i++) {
        watch_peer(peers, peers->peer[i], now);
    }
    for (struct pending *pending = peers->pending; pending != NULL; pending = pending->next) {
        if (now - link_opened_ms(pending->link) > HANDSHAKE_MS) {
            link_close(pending->link, "no greeting in time");
        }
    }
}

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

/* ---- members ---- */

static struct peer *peer_new(struct peers *peers, const char *member)
{
    struct peer *peer = memory_alloc(sizeof *peer);
    snprintf(peer->member, sizeof peer->member, "%s", member);
    peer->id = (uint32_t)peers->count;
    peers->peer = memory_resize(peers->peer, (peers->count + 1) * sizeof *peers->peer);
    peers->peer[peers->count++] = peer;
    return peer;
}

static void cut(struct peer *peer, const char *why)
{
    if (peer->link != NULL) {
        link_close(peer->link, why);
    }
    if (peer->dialling != NULL) {
        link_close(peer->dialling, why);
    }
}

static void set_member(struct peers *peers, const struct peers_member *member, int64_t now)
{
    struct peer *peer = peers_find_member(peers, member->member);
    if (peer == NULL) {
        peer = peer_new(peers, member->member);
        /* The smaller id dials first, so that most pairs need one handshake only. */
        bool first = strcmp(peers->hello.member, member->member) < 0;
        peer->redial.next_ms = now + (first ? 0 : REDIAL_FIRST_MS);
        peer->key = member->key;
    }
    if (memcmp(peer->key.bytes, member->key.bytes, PEER_KEY_BYTES) != 0) {
        cut(peer, "the member has another key now");
        peer->key = member->key;
    }
    peer->endpoint = member->endpoint;
    peer->validator = member->validator;
    peer->dial = member->validator && member->endpoint.port != 0;
    peer->member_now = true;
}

void peers_set_members(struct peers *peers, const struct peers_member *members, size_t count)
{
    int64_t now = clock_monotonic_ms();
    for (size_t i = 0; i < peers->count; i++) {
        peers->peer[i]->member_now = false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(members[i].member, peers->hello.member) != 0) {
            set_member(peers, &members[i], now);
        }
    }
    for (size_t i = 0; i < peers->count; i++) {
        if (!peers->peer[i]->member_now) {
            peers->peer[i]->validator = false;
            cut(peers->peer[i], "no member any more");
        }
        dial_due(peers, peers->peer[i], now);
    }
}

/* ---- sending and blame ---- */

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
        cut(peer, "misbehaved");
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
                     uv_listen((uv_stream_t *)&peers->listener, BACKLOG, on_connection) == 0;
    return listening ? 0 : ERR_PORT;
}

int peers_open(struct peers **out, const struct peers_config *config)
{
    struct peers *peers = memory_alloc(sizeof *peers);
    *out = peers; /* the handles are the loop's from here on: peers_close, then peers_free */
    peers->loop = config->loop;
    peers->handler = config->handler;
    peers->environment.loop = config->loop;
    peers->environment.handler = (struct link_handler){on_ready, on_frame, on_closed};
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
    int error =
        peer_tls_identity_open(&peers->environment.identity, config->peer_seed, is_known, peers);
    error = error != 0 ? error : start_listening(peers, &config->listen);
    if (error == 0) {
        uv_timer_start(&peers->tick, on_tick, TICK_MS, TICK_MS);
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
        cut(peers->peer[i], "the node stops");
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
