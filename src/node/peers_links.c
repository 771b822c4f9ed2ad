/* How a link becomes a peer's, and how it ends: from TLS over HELLO to up, one of two that cross,
 * and what is read from it. */
#include "node/peers_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <string.h>

#define DOUBT_MS 2500 /* a link so silent gives way to a new one */
#define BLAME_MALFORMED 20
#define BLAME_WITHOUT_END 20
#define BLAME_UNGREETED 40
#define UNGREETED_MS 1000 /* the greeting comes right behind the key */
#define BLAME_GREETED 20
#define GREETINGS_TOLD 20 /* in a minute: more are in the log for who looks closely */
#define GREETINGS_MAX 60  /* more are blamed */

static struct peers *peers_of(struct link *link)
{
    return link_context(link);
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

/* A crash loop, or a line that fails again and again, brings a node up some ten times a minute: it
 * starts for a second or more, and who dials waits longer each time. */
static void count_greeting(struct peer *peer)
{
    int64_t now = clock_monotonic_ms();
    if (peer->greets.count == 0 || now - peer->greets.since_ms >= 60000) {
        peer->greets.since_ms = now;
        peer->greets.count = 0;
    }
    peer->greets.count++;
}

/* Coming and going fills no disk, nor does being refused. */
static enum log_level level_of(const struct peer *peer, enum log_level usual)
{
    return peer->greets.count > GREETINGS_TOLD ? LOG_DEBUG : usual;
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
    log_write(level_of(peer, LOG_INFO), "peers", "%s is up (%s)", peer->member,
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

/* Of two links of one run of the other node, both sides keep the one that the smaller id dialled;
 * of two in the same direction the newer, since its maker has given up the older. One that has been
 * silent for long is one that the other side, or the way between, may not know of any more. */
static bool keeps_old(const struct peers *peers, const struct peer *peer, const struct link *fresh,
                      const uint8_t *session)
{
    if (memcmp(peer->session, session, WIRE_SESSION_BYTES) != 0 ||
        link_dialled(peer->link) == link_dialled(fresh) ||
        peers_silent_ms(peers, peer->link, clock_monotonic_ms()) > DOUBT_MS) {
        return false;
    }
    bool we_are_smaller = strcmp(peers->hello.member, peer->member) < 0;
    return link_dialled(peer->link) == we_are_smaller;
}

static int judge_hello(struct wire_hello *out, const struct peers *peers, const struct peer *peer,
                       const struct frame *frame)
{
    if (frame->kind != FRAME_HELLO || wire_read_hello(out, frame->body) != 0 ||
        out->version != WIRE_VERSION || strcmp(out->member, peer->member) != 0) {
        log_write(level_of(peer, LOG_WARN), "peers", "%s: its greeting is not understood",
                  peer->member);
        return ERR_ENCODING;
    }
    if (!hash_equal(&out->genesis, &peers->hello.genesis)) {
        log_write(level_of(peer, LOG_WARN), "peers", "%s is a node of another chain",
                  peer->member);
        return ERR_TX_CHAIN;
    }
    return 0;
}

static void take_link(struct peers *peers, struct peer *peer, struct link *link,
                      const uint8_t *session)
{
    if (peer->link != NULL && keeps_old(peers, peer, link, session)) {
        link_close(link, "second link");
        return;
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
    set_up(peers, peer, link, session);
}

/* A greeting counts whatever comes of it: what is refused costs a handshake and a line, too. A node
 * of an older release or another chain that dials again and again waits longer each time. */
static int take_hello(struct peers *peers, struct link *link, const struct frame *frame)
{
    struct wire_hello hello;
    struct peer *peer = peers_find_key(peers, link_peer_key(link));
    if (peer == NULL || peer->banned_until_ms > clock_monotonic_ms()) {
        return ERR_PARTY; /* removed, or cut off, between handshake and now */
    }
    count_greeting(peer);
    int error = judge_hello(&hello, peers, peer, frame);
    if (error == 0) {
        take_link(peers, peer, link, hello.session);
    }
    if (peer->greets.count > GREETINGS_MAX) {
        peer_blame(peers, peer, BLAME_GREETED, "greets again and again");
    }
    return error;
}

/* ---- what links tell ---- */

void peers_give_up(struct peers *peers, struct link *link, const char *why)
{
    struct peer *peer = link_ready(link) ? peers_find_key(peers, link_peer_key(link)) : NULL;
    link_close(link, why);
    if (peer != NULL) {
        peer_blame(peers, peer, BLAME_UNGREETED, why);
    }
}

/* An honest node greets as soon as it can, and dials one connection at a time. A member that only
 * shakes hands, again and again, would be in everybody else's way. */
static void bound_ungreeted(struct peers *peers, const struct peer_key *key)
{
    struct link *oldest = NULL; /* the newest come first */
    size_t count = 0;
    for (const struct pending *pending = peers->pending; pending != NULL; pending = pending->next) {
        if (link_ready(pending->link) &&
            memcmp(link_peer_key(pending->link), key, sizeof *key) == 0) {
            oldest = pending->link;
            count++;
        }
    }
    if (count > PEER_UNGREETED_MAX) {
        pending_remove(peers, oldest);
        peers_give_up(peers, oldest, "greets on none of several connections");
    }
}

static void on_ready(struct link *link)
{
    struct peers *peers = peers_of(link);
    struct buf *out = link_out(link);
    if (out != NULL) {
        wire_append_hello(out, &peers->hello);
    }
    if (!link_dialled(link)) {
        bound_ungreeted(peers, link_peer_key(link));
    }
}

/* What costs its sender nothing has the whole node look around. */
static bool may_tell(struct peers *peers, struct peer *peer, unsigned *told, const char *why)
{
    int64_t now = clock_monotonic_ms();
    if (now - peer->tells.since_ms >= 1000) {
        peer->tells.since_ms = now;
        peer->tells.statuses = peer->tells.offers = peer->tells.unasked = 0;
    }
    if (++*told % PEER_TELLS_BLAMED == 0) {
        peer_blame(peers, peer, BLAME_WITHOUT_END, why);
    }
    return *told <= PEER_TELLS_MAX;
}

void peer_unasked(struct peers *peers, struct peer *peer)
{
    (void)may_tell(peers, peer, &peer->tells.unasked, "answers to no question, without end");
}

static const char heights_without_end[] = "heights and offers without end";

static int take_status(struct peers *peers, struct peer *peer, const struct frame *frame)
{
    struct wire_status status;
    if (wire_read_status(&status, frame->body) != 0) {
        return ERR_ENCODING;
    }
    if (!may_tell(peers, peer, &peer->tells.statuses, heights_without_end)) {
        return 0;
    }
    peer->status = status;
    peer->told_status = true;
    peer->told_height = peer->status.height;
    peer->statuses++;
    return peers->handler.frame(peers->handler.context, peer, frame);
}

static int take_offer(struct peers *peers, struct peer *peer, const struct frame *frame)
{
    struct wire_offer offer;
    int error = wire_read_offer(&offer, frame->body);
    if (error == 0 && may_tell(peers, peer, &peer->tells.offers, heights_without_end)) {
        peer->offer = offer;
    }
    return error;
}

static int take_frame(struct peers *peers, struct peer *peer, const struct frame *frame)
{
    switch (frame->kind) {
    case FRAME_STATUS:
        return take_status(peers, peer, frame);
    case FRAME_OFFER:
        return take_offer(peers, peer, frame);
    default:
        return peers->handler.frame(peers->handler.context, peer, frame);
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
    int error = take_frame(peers, peer, frame);
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
                      peers_random(peers));
    } else {
        log_write(level_of(peer, LOG_INFO), "peers", "%s is down: %s", peer->member, why);
        set_down(peers, peer);
        redial_lost(&peer->redial, clock_monotonic_ms(), peer->up_since_ms, peers_random(peers));
    }
}

const struct link_handler peers_link_handler = {on_ready, on_frame, on_closed};

bool peers_is_known(void *context, const struct peer_key *key)
{
    struct peers *peers = context;
    const struct peer *peer = peers_find_key(peers, key);
    bool known = peer != NULL && peer->banned_until_ms <= clock_monotonic_ms();
    peers->stats.refused += !known;
    return known;
}

/* The newest come first, and the very first has only just come. Strangers' connections cost them
 * nothing: the one that has gone without a key for longest gives way. Who is ready is a member, and
 * has its time to greet; where all are, one that did not begin to, or else who has just come. */
static struct link *gives_way(const struct peers *peers)
{
    struct link *unready = NULL, *ready = NULL;
    int64_t now = clock_monotonic_ms();
    for (const struct pending *at = peers->pending->next; at != NULL; at = at->next) {
        if (!link_ready(at->link)) {
            unready = at->link;
        } else if (peers_ungreeted_ms(peers, at->link, now) > UNGREETED_MS) {
            ready = at->link;
        }
    }
    return unready != NULL ? unready : ready != NULL ? ready : peers->pending->link;
}

void peers_on_connection(uv_stream_t *listener, int status)
{
    struct peers *peers = listener->data;
    struct link *link;
    if (status != 0 || link_accept(&link, &peers->environment, listener) != 0) {
        return;
    }
    peers->stats.accepted++;
    pending_add(peers, link);
    if (peers->pending_count > PEER_PENDING_MAX) {
        struct link *gone = gives_way(peers);
        pending_remove(peers, gone);
        peers_give_up(peers, gone, "too many connections at once");
    }
}
