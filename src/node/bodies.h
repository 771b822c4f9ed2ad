/* From a header to its body: blocks that consensus asks for, put together from what the mempool
 * holds and from what peers say and give.
 *
 *   want(hash) ──► a list of txids? ──► its transactions there? ──► complete ──► judged by the
 * owner │ no                  │ no                                 │            │ ▼ ▼ bodies_keep
 * bodies_failed: WANT_BODY, of one     WANT_TXS, of who gave                              another
 * list peer after another    the list, then of others
 *
 * A header commits to its body only through the log root, which execution computes. So a list says
 * nothing about the block until it was executed: each validator may give one list for a block, all
 * of them stand side by side, and a wrong one hides no other. One that fails condemns those who
 * gave it, for honest nodes give only what they have executed. As long as a block is wanted and not
 * there, validators are asked in turn for the whole body, who voted for it first: an honest one
 * that has the body gives the right list and every transaction of it.
 *
 * Bounded: BODIES_MAX blocks of the height being decided and the next, each with one list for each
 * validator (132 KB of txids at most; right ones are all the same list) or one body (at most
 * BLOCK_BYTES_MAX). Beyond BODIES_MAX only what consensus needs at the moment stays, of which a
 * handful can be valid (consensus_needs); whatever else goes, consensus is told and asks again.
 * Loop's thread only. */
#ifndef DIRCHAIN_NODE_BODIES_H
#define DIRCHAIN_NODE_BODIES_H

#include "node/parts.h"

#define BODIES_MAX 16

struct bodies;

struct bodies_handler {
    void *context;
    /* The block asked for is there, every transaction verified. Judged at once: bodies_keep,
     * bodies_failed, or neither for one that no body can make valid. */
    void (*complete)(void *context, struct block *block);
    /* Whether this validator voted for the block, so claims to have it. */
    bool (*voted)(void *context, const char *member, const struct hash *block);
    /* Whether the block must stay. */
    bool (*needed)(void *context, const struct hash *block);
};

int bodies_open(struct bodies **out, const struct node_parts *parts,
                const struct bodies_handler *handler);
void bodies_close(struct bodies *bodies);
void bodies_free(struct bodies **bodies); /* after the loop has ended */

/* A height begins: what belongs to others is forgotten. Told again of the same: nothing changes. */
void bodies_start_height(struct bodies *bodies, uint64_t height);
/* A peer passed on a proposal of this header that has been verified, and said what leads to the
 * body. Takes over *compact. Ignored: peers that are no validators, and a second word. */
void bodies_offer(struct bodies *bodies, struct peer *peer, const struct header *header,
                  struct compact *compact);
/* Consensus needs it; complete is called, now or later. header may be NULL. */
void bodies_want(struct bodies *bodies, const struct hash *block, const struct header *header);
/* Executed and valid: held until bodies_trim or the height's end, and given to peers. */
void bodies_keep(struct bodies *bodies, struct block *block);
/* A valid one; borrowed, or NULL. */
struct block *bodies_find(const struct bodies *bodies, const struct hash *block);
/* A body does not fit its header. `error` is that of execution. */
void bodies_failed(struct bodies *bodies, const struct block *block, int error);
/* A transaction verified: proposals may have waited for it. */
void bodies_verified(struct bodies *bodies, struct tx *tx);
/* Makes room for one block if there are too many: true and its hash when it was valid or wanted, so
 * that consensus must be told. Nothing valid or wanted goes but here. */
bool bodies_trim(struct bodies *bodies, struct hash *lost);

/* Frames BODY, GIVE_TXS, NONE. Non-zero: malformed. */
int bodies_frame(struct bodies *bodies, struct peer *peer, const struct frame *frame);
/* Answers WANT_BODY and WANT_TXS; returns how many bytes were sent. Call it through requests.h. */
size_t bodies_answer(struct bodies *bodies, struct peer *peer, const struct frame *frame);

#endif
