/* One block being put together; what the files of bodies share.
 *
 *   bodies.c        slots, from the first word on a block to its judgement
 *   bodies_frames.c what peers give
 *   bodies_list.c   one list of transactions being filled
 *   bodies_ask.c    whom to ask for what, and when
 *   bodies_serve.c  answers */
#ifndef DIRCHAIN_NODE_BODIES_SLOT_H
#define DIRCHAIN_NODE_BODIES_SLOT_H

#include "node/bodies.h"

/* What somebody says is in the body. Texts of it become transactions one by one; missing ones are
 * found by txid through an open-addressing table of indices. */
struct list {
    struct list *next;
    struct hash digest; /* of all of the compact: evidence and txids */
    bool failed;        /* executed, and does not fit: only the digest is left */
    struct compact compact;
    struct tx **txs; /* compact.tx_count, NULL while missing */
    size_t missing;
    uint32_t *index;   /* table: 1 + index into txs, 0 free */
    size_t index_size; /* power of two */
};

/* A peer as to one block. */
struct source {
    uint32_t peer;
    struct list *list; /* what it gave; NULL: nothing. Its first word counts */
    unsigned asked;    /* times */
    bool owes;         /* asked for the body, and has not answered */
};

struct slot {
    struct slot *next;
    struct hash hash;
    bool wanted; /* by consensus, and not judged */
    bool valid;  /* executed */
    bool has_header;
    struct header header;
    struct list *lists; /* in order of arrival; none once valid */
    struct source *sources;
    size_t source_count;
    struct block *block; /* complete: valid, or being judged, or hopeless */
    struct list *tried;  /* what block was made of */
    int64_t ask_at_ms;   /* when to ask peers (again) */
    unsigned turns;      /* of asking */
    uint64_t used;
};

/* The block that peers asked for last, its transactions by txid. */
struct served {
    struct block *block; /* NULL: none */
    uint32_t *index;     /* as of a list */
    size_t index_size;
};

struct bodies {
    const struct node_parts *parts;
    struct bodies_handler handler;
    uv_timer_t timer;
    uint64_t height;
    struct slot *slots;
    size_t count;
    uint64_t uses;
    uint64_t turn; /* rotates over peers */
    struct served served;
    bool closing;
};

struct slot *slot_find(const struct bodies *bodies, const struct hash *hash);
struct source *slot_source(struct slot *slot, uint32_t peer); /* found or made */

void slot_set_header(struct slot *slot, const struct header *header);
/* NULL if no list is complete, or the header is not known. */
struct list *slot_complete_list(const struct slot *slot);
/* A peer's word on what is in the body: its first one on this block, beside those of others. */
void slot_take_list(struct bodies *bodies, struct slot *slot, struct peer *peer,
                    struct compact *compact);
/* Gives what is wanted and complete to be judged, one list after the other until one fits. Slots
 * may be others afterwards. */
void slot_give(struct bodies *bodies, const struct hash *of);

/* ---- bodies_list.c ---- */

/* For tables of transactions by txid: a power of two, and where in it to look first. */
size_t index_size_for(size_t count);
size_t txid_slot(const struct hash *txid, size_t index_size);

struct hash compact_digest(const struct compact *compact);
struct list *list_new(struct compact *compact); /* takes over *compact */
void list_free(struct list **list);
/* All but the digest. */
void list_fail(struct list *list);
bool list_lacks(const struct list *list, const struct hash *txid);
bool list_complete(const struct list *list);
/* True if it lacked the transaction. */
bool list_take(struct list *list, struct tx *tx);
/* Takes what the mempool has; hurries what the verifier has. */
void list_fill(struct list *list, const struct node_parts *parts);
/* Drops, here and from the mempool, transactions whose signature does not hold under the key in
 * force now, so that one that does can be fetched. True if there were any. */
bool list_drop_outdated(struct list *list, const struct node_parts *parts);
/* txids that are neither there nor on their way through the verifier; room for all in out. */
size_t list_missing(struct hash *out, const struct list *list, const struct node_parts *parts);
struct block *list_block(const struct list *list, const struct slot *slot);

/* ---- bodies_ask.c ---- */

/* The slot asks so soon; the timer follows. */
void ask_in(struct bodies *bodies, struct slot *slot, int64_t delay_ms);
/* Asks one peer for what it should have: the body, or transactions of its list. */
void ask_source(struct bodies *bodies, struct slot *slot, struct peer *peer);
/* Sets the timer to the next slot that is to ask. */
void ask_schedule(struct bodies *bodies);

/* ---- bodies_serve.c ---- */

void served_clear(struct served *served);

#endif
