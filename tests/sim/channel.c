/* The peer channel without its cryptography, in place of node/peer_tls.c: the same steps (the
 * dialling side is ready before the accepting one has judged it), the same refusals, and what a
 * liar says is made up here, for each peer apart (tongue.c).
 *
 *   dialler ──'C'──► ──'S' key──► judges: ready ──'F' key──► judges: ready, or 'A' and closed */
#include "sim.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "tongue.h"

#include <string.h>

struct peer_tls_identity {
    struct peer_key key;
    peer_tls_known known;
    void *context;
};

struct peer_tls {
    struct peer_tls_identity *identity;
    bool dialled, wants, ready, failed;
    struct peer_key expected, peer;
    struct buf outgoing, incoming;
    struct buf late; /* frames that come after later ones */
    size_t written;
};

int peer_tls_identity_open(struct peer_tls_identity **out, const uint8_t seed[32],
                           peer_tls_known known, void *context)
{
    ENSURE(memcmp(seed, sim_here->identity->peer_seed, 32) == 0);
    *out = memory_alloc(sizeof **out);
    **out = (struct peer_tls_identity){
        .key = sim_here->identity->peer, .known = known, .context = context};
    return 0;
}

void peer_tls_identity_close(struct peer_tls_identity **identity)
{
    memory_free(*identity);
    *identity = NULL;
}

void peer_tls_identity_key(struct peer_key *out, const struct peer_tls_identity *identity)
{
    *out = identity->key;
}

static void say(struct peer_tls *channel, uint8_t kind, bool with_key)
{
    buf_append_u8(&channel->outgoing, kind);
    if (with_key)
        buf_append(&channel->outgoing, channel->identity->key.bytes, PEER_KEY_BYTES);
}

struct peer_tls *peer_tls_accept(struct peer_tls_identity *identity)
{
    struct peer_tls *channel = memory_alloc(sizeof *channel);
    channel->identity = identity;
    return channel;
}

struct peer_tls *peer_tls_dial(struct peer_tls_identity *identity, const struct peer_key *expected)
{
    struct peer_tls *channel = peer_tls_accept(identity);
    channel->dialled = true;
    channel->wants = expected != NULL;
    if (expected != NULL)
        channel->expected = *expected;
    say(channel, 'C', false);
    return channel;
}

void peer_tls_close(struct peer_tls **channel)
{
    if (*channel == NULL)
        return;
    buf_free(&(*channel)->outgoing);
    buf_free(&(*channel)->incoming);
    buf_free(&(*channel)->late);
    memory_free(*channel);
    *channel = NULL;
}

/* The other side has shown its key. */
static int judge(struct peer_tls *channel, const uint8_t *key)
{
    memcpy(channel->peer.bytes, key, PEER_KEY_BYTES);
    bool good = channel->identity->known(channel->identity->context, &channel->peer);
    if (channel->wants)
        good &= memcmp(key, channel->expected.bytes, PEER_KEY_BYTES) == 0;
    if (!good) {
        channel->failed = true;
        say(channel, 'A', false);
        return ERR_NETWORK;
    }
    channel->ready = true;
    if (channel->dialled)
        say(channel, 'F', true);
    return 0;
}

/* One step of the handshake; false if its bytes are not complete. */
static bool step(struct peer_tls *channel, int *error)
{
    struct view have = view_of_buf(&channel->incoming);
    if (have.len == 0)
        return false;
    uint8_t kind = have.data[0];
    size_t len = kind == 'S' || kind == 'F' ? 1 + PEER_KEY_BYTES : 1;
    if (have.len < len)
        return false;
    *error = 0;
    if (kind == 'C' && !channel->dialled)
        say(channel, 'S', true);
    else if (kind == (channel->dialled ? 'S' : 'F'))
        *error = judge(channel, have.data + 1);
    else
        *error = ERR_NETWORK;
    memmove(channel->incoming.data, have.data + len, have.len - len);
    channel->incoming.len -= len;
    return *error == 0;
}

int peer_tls_receive(struct peer_tls *channel, struct buf *plain, struct view bytes)
{
    int error = 0;
    if (channel->failed)
        return ERR_NETWORK;
    if (!channel->ready) {
        buf_append_view(&channel->incoming, bytes);
        while (!channel->ready && step(channel, &error))
            ;
        bytes = view_of_buf(&channel->incoming);
    }
    if (error != 0 || !channel->ready) {
        channel->failed |= error != 0;
        return error;
    }
    /* The refusal of the other side comes after we were ready. */
    if (bytes.len == 1 && bytes.data[0] == 'A') {
        channel->failed = true;
        return ERR_NETWORK;
    }
    buf_append_view(plain, bytes);
    buf_clear(&channel->incoming);
    return 0;
}

int peer_tls_send(struct peer_tls *channel, struct view plain)
{
    AUTO(buf_free) struct buf mixed = {0};
    mixer_pass(&mixed, &channel->late, plain);
    tongue_say(&channel->outgoing, view_of_buf(&mixed));
    return 0;
}

struct view peer_tls_outgoing(struct peer_tls *channel)
{
    return view_of(channel->outgoing.data + channel->written,
                   channel->outgoing.len - channel->written);
}

void peer_tls_written(struct peer_tls *channel, size_t len)
{
    channel->written += len;
    if (channel->written == channel->outgoing.len) {
        buf_clear(&channel->outgoing);
        channel->written = 0;
    }
}

bool peer_tls_ready(const struct peer_tls *channel)
{
    return channel->ready;
}

const struct peer_key *peer_tls_peer(const struct peer_tls *channel)
{
    return &channel->peer;
}

const char *peer_tls_failure(const struct peer_tls *channel)
{
    return channel->failed ? "refused" : "";
}
