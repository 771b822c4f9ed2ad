/* Who is in the table of peers, and by what key: the members of the ledger. */
#include "node/peers_internal.h"

#include "base/civil.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

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

struct peer *peers_find_key(const struct peers *peers, const struct peer_key *key)
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

static struct peer *peer_new(struct peers *peers, const char *member)
{
    struct peer *peer = memory_alloc(sizeof *peer);
    snprintf(peer->member, sizeof peer->member, "%s", member);
    peer->id = (uint32_t)peers->count;
    peers->peer = memory_resize(peers->peer, (peers->count + 1) * sizeof *peers->peer);
    peers->peer[peers->count++] = peer;
    return peer;
}

void peer_cut(struct peer *peer, const char *why)
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
        peer_cut(peer, "the member has another key now");
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
            peer_cut(peers->peer[i], "no member any more");
        }
        peers_dial_due(peers, peers->peer[i], now);
    }
}
