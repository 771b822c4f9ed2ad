/* One connection to a peer: a TCP socket, its TLS channel and two queues of bytes.
 *
 *   connecting ──► handshake ──► ready ──► closed        any state may go to closed
 *
 * Frames are appended to the link and leave with link_flush: one encryption and one write for all
 * that a turn of the loop has to say. The queue is bounded; a peer that does not take its frames
 * loses the droppable ones first, then the link. */
#ifndef DIRCHAIN_NODE_LINK_H
#define DIRCHAIN_NODE_LINK_H

#include "node/endpoint.h"
#include "node/peer_tls.h"
#include "node/wire.h"

#include <uv.h>

struct link;

/* Calls to the owner, on the loop. A link may be closed within any of them. */
struct link_handler {
    void (*ready)(struct link *link); /* the other key is known: peer_tls_peer */
    int (*frame)(struct link *link, const struct frame *frame); /* non-zero closes */
    void (*closed)(struct link *link, const char *why); /* once; the link is freed afterwards */
};

/* Shared by all links of a node. */
struct link_environment {
    uv_loop_t *loop;
    struct peer_tls_identity *identity;
    struct link_handler handler;
    void *context;          /* the handler's */
    struct buf read_buffer; /* of one read; frames are copied out of it */
    uint64_t bytes_in, bytes_out;
};
void link_environment_free(struct link_environment *environment);

/* Dials; the outcome comes by handler. `expected` may be NULL. ERR_NETWORK. */
int link_dial(struct link **out, struct link_environment *environment,
              const struct endpoint *endpoint, const struct peer_key *expected);
/* Accepts from a listening socket. ERR_NETWORK. */
int link_accept(struct link **out, struct link_environment *environment, uv_stream_t *listener);
/* Closes soon; `closed` is called with `why` (static text) later, never from within. */
void link_close(struct link *link, const char *why);

enum link_importance {
    LINK_DROPPABLE, /* may be left out when the queue is long: its content comes again */
    LINK_REQUIRED   /* the link is closed when it does not fit */
};
/* Appends whole frames. False if left out. */
bool link_send(struct link *link, struct view frames, enum link_importance importance);
/* The queue itself, to write a frame in place; NULL when closing or full. */
struct buf *link_out(struct link *link);
void link_flush(struct link *link);

bool link_connected(const struct link *link); /* TCP is */
bool link_ready(const struct link *link);
bool link_was_ready(const struct link *link); /* also when it is closing or closed */
bool link_closing(const struct link *link);
bool link_dialled(const struct link *link);
const struct peer_key *link_peer_key(const struct link *link);
int64_t link_opened_ms(const struct link *link); /* monotonic */
int64_t link_ready_ms(const struct link *link);
int64_t link_heard_ms(const struct link *link);
size_t link_queued(const struct link *link);
void *link_context(const struct link *link); /* of the environment */
/* What the owner ties to the link; NULL at first. */
void *link_owner(const struct link *link);
void link_set_owner(struct link *link, void *owner);

#endif
