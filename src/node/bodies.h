/* From a header to its body: blocks that consensus asks for, put together from what the mempool
 * holds, from peers, and from the store.
 *
 *   want(hash) ──► compact known? ──► transactions there? ──► complete ──► owner executes it
 *                      │ no                  │ no                │ does not fit the header
 *                      ▼                     ▼                   ▼
 *                  WANT_BODY             WANT_TXS            body_failed: next peer
 *
 * A header commits to its body only through the log root, which execution computes. So a body that
 * does not fit says nothing about the block: it condemns whoever gave it, and another peer is
 * asked. Bounded: BODIES_MAX blocks, all of the height being decided or the next. Loop's thread
 * only. */
#ifndef DIRCHAIN_NODE_BODIES_H
#define DIRCHAIN_NODE_BODIES_H

#include "node/parts.h"

struct bodies;

struct bodies_handler {
    void *context;
    /* The block asked for is there, every transaction verified. */
    void (*complete)(void *context, struct block *block);
};

int bodies_open(struct bodies **out, const struct node_parts *parts,
                const struct bodies_handler *handler);
void bodies_close(struct bodies *bodies);
void bodies_free(struct bodies **bodies); /* after the loop has ended */

/* A height begins: what belongs to others is forgotten. */
void bodies_start_height(struct bodies *bodies, uint64_t height);
/* A peer said what leads to the body of this header. Takes over *compact. */
void bodies_offer(struct bodies *bodies, struct peer *peer, const struct header *header,
                  struct compact *compact);
/* Consensus needs it; complete is called, now or later. header may be NULL. */
void bodies_want(struct bodies *bodies, const struct hash *block, const struct header *header);
/* A block of our own, or one read from the store: complete already, kept for peers. */
void bodies_keep(struct bodies *bodies, struct block *block);
/* Borrowed; NULL unless complete. */
struct block *bodies_find(const struct bodies *bodies, const struct hash *block);
/* A complete body turned out not to fit. `error` is that of execution. */
void bodies_failed(struct bodies *bodies, const struct hash *block, int error);
/* A transaction verified: proposals may have waited for it. */
void bodies_verified(struct bodies *bodies, struct tx *tx);

/* Frames WANT_BODY, BODY, WANT_TXS, GIVE_TXS, NONE. Non-zero: malformed. */
int bodies_frame(struct bodies *bodies, struct peer *peer, const struct frame *frame);

#endif
