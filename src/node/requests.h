/* What peers ask of us, and what it costs: requests that make the loop read, look up and send much
 * are answered out of a budget of the loop's time.
 *
 *   frame ──budget left──► answered at once
 *     └────spent──► waits (REQUESTS_WAITING_MAX of a peer) ──► answered when there is budget again
 *
 * Cost is the processor's time, the time beyond it that the answer took, and the bytes that are
 * still to be encrypted and written. Beyond it, REQUESTS_WAIT_MAX_US of an answer at most are
 * charged: a disk that is slow, yes, but not a machine that stood still. Each peer may use
 * REQUESTS_PEER_US of it in a second, all validators together REQUESTS_VALIDATORS_US, all others
 * together REQUESTS_OTHERS_US; who waits is served in turn, one request each. So whatever members
 * ask, consensus keeps more than half of the loop, and who asks little waits for one request of
 * each who asks much. A request for the same replaces the one that waits; what does not fit is
 * dropped, and asked for again by whoever needs it; more than REQUESTS_PER_SECOND_MAX in a second
 * are an attack, and blamed. Loop's thread only. */
#ifndef DIRCHAIN_NODE_REQUESTS_H
#define DIRCHAIN_NODE_REQUESTS_H

#include "node/parts.h"

#define REQUESTS_PEER_US 100000 /* 10 % of the loop */
#define REQUESTS_VALIDATORS_US 300000
#define REQUESTS_OTHERS_US 150000
#define REQUESTS_WAIT_MAX_US 250000
#define REQUESTS_WAITING_MAX 64
#define REQUESTS_WAITING_BYTES_MAX (32 * 1024 * 1024) /* of all peers */
#define REQUESTS_PER_SECOND_MAX 500

struct requests;

struct requests_handler {
    void *context;
    /* Answers, and returns how many bytes were sent. */
    size_t (*answer)(void *context, struct peer *peer, const struct frame *frame);
};

void requests_open(struct requests **out, const struct node_parts *parts,
                   const struct requests_handler *handler);
void requests_close(struct requests *requests);
void requests_free(struct requests **requests); /* after the loop has ended */

/* Frames WANT_BODY, WANT_TXS, WANT_BLOCKS, WANT_PART. Non-zero: malformed. */
int requests_frame(struct requests *requests, struct peer *peer, const struct frame *frame);
void requests_peer_down(struct requests *requests, const struct peer *peer);

#endif
