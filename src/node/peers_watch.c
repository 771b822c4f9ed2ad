/* Dialling and deadlines: twice a second every link, and every peer without one, is looked at. */
#include "node/peers_internal.h"

#include "base/civil.h"

#define TICK_MS 500
#define CONNECT_MS 2000    /* TCP alone: the distance of its own tries doubles, that of ours not */
#define HANDSHAKE_MS 10000 /* to HELLO */
/* A peer that is up says something every second. When packets are lost for a while, TCP waits as
 * long again before it looks; a new link does not. */
#define SILENCE_MS 4000
#define BLAME_FADE 1 /* points forgotten each tick */

/* What came while we slept is read after the timers. */
static int64_t awake_ms(const struct peers *peers, int64_t since, int64_t now)
{
    return now - (since > peers->awake_since_ms ? since : peers->awake_since_ms);
}

int64_t peers_silent_ms(const struct peers *peers, const struct link *link, int64_t now)
{
    return awake_ms(peers, link_heard_ms(link), now);
}

int64_t peers_ungreeted_ms(const struct peers *peers, const struct link *link, int64_t now)
{
    return awake_ms(peers, link_ready_ms(link), now);
}

void peers_dial_due(struct peers *peers, struct peer *peer, int64_t now)
{
    if (!peer->dial || !peer->member_now || peer->up || peer->dialling != NULL ||
        peer->redial.next_ms > now || peer->banned_until_ms > now) {
        return;
    }
    if (link_dial(&peer->dialling, &peers->environment, &peer->endpoint, &peer->key) != 0) {
        redial_failed(&peer->redial, now, false, peers_random(peers));
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
    if (peer->up && peers_silent_ms(peers, peer->link, now) > SILENCE_MS) {
        link_close(peer->link, "silent for too long");
    }
    peers_dial_due(peers, peer, now);
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
        if (awake_ms(peers, link_opened_ms(pending->link), now) > HANDSHAKE_MS) {
            peers_give_up(peers, pending->link, "no greeting in time");
        }
    }
}

void peers_watch_start(struct peers *peers)
{
    uv_timer_start(&peers->tick, on_tick, TICK_MS, TICK_MS);
}
