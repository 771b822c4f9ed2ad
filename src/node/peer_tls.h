/* The peer channel: TLS 1.3 only, both sides with a self-signed Ed25519 certificate made at start
 * from the peer key. Who the other side is, is decided by its key alone: no names, no authorities,
 * no expiry. The one file that knows OpenSSL's TLS is peer_tls.c.
 *
 * A channel has no socket: ciphertext goes in and comes out through buffers, so that the owner
 * reads and writes once per turn. In TLS 1.3 a client has finished before the server has judged
 * it: a link is up only when the first frame of the other side has arrived. */
#ifndef DIRCHAIN_NODE_PEER_TLS_H
#define DIRCHAIN_NODE_PEER_TLS_H

#include "base/bytes.h"

#include <stdbool.h>

#define PEER_KEY_BYTES 32 /* Ed25519 public key */

struct peer_key {
    uint8_t bytes[PEER_KEY_BYTES];
};

/* Whether a key may talk to us now; asked during the handshake. */
typedef bool (*peer_tls_known)(void *context, const struct peer_key *key);

struct peer_tls_identity; /* our certificate and rules; shared by all channels */
/* `seed` is the 32-byte Ed25519 secret. ERR_KEY_INVALID, ERR_UNAVAILABLE (OpenSSL). */
int peer_tls_identity_open(struct peer_tls_identity **out, const uint8_t seed[32],
                           peer_tls_known known, void *context);
void peer_tls_identity_close(struct peer_tls_identity **identity);
void peer_tls_identity_key(struct peer_key *out, const struct peer_tls_identity *identity);

struct peer_tls; /* one channel */
/* A dialling side that knows whom it wants gives the key; the other side's must be that one. */
struct peer_tls *peer_tls_accept(struct peer_tls_identity *identity);
struct peer_tls *peer_tls_dial(struct peer_tls_identity *identity, const struct peer_key *expected);
void peer_tls_close(struct peer_tls **channel);

/* Ciphertext from the network; what it decrypts to is appended to `plain`, what has to be sent in
 * answer waits in peer_tls_outgoing. ERR_NETWORK: the channel is unusable (a handshake that failed
 * has still its alert to send). */
int peer_tls_receive(struct peer_tls *channel, struct buf *plain, struct view ciphertext);
/* Encrypts; only when ready. ERR_NETWORK. */
int peer_tls_send(struct peer_tls *channel, struct view plain);
/* Ciphertext that waits to be written, borrowed until the next call on the channel. */
struct view peer_tls_outgoing(struct peer_tls *channel);
void peer_tls_written(struct peer_tls *channel, size_t len); /* that much of it is gone */

/* Our side of the handshake is done and the other key is a known one. */
bool peer_tls_ready(const struct peer_tls *channel);
/* Of the other side; valid once ready. */
const struct peer_key *peer_tls_peer(const struct peer_tls *channel);
/* Why it failed, for the log; "" if it has not. */
const char *peer_tls_failure(const struct peer_tls *channel);

#endif
