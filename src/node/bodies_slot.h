/* One block being put together; shared by the files of bodies (bodies.c, bodies_serve.c). */
#ifndef DIRCHAIN_NODE_BODIES_SLOT_H
#define DIRCHAIN_NODE_BODIES_SLOT_H

#include "node/bodies.h"

/* Texts of a compact body become transactions one by one. Missing ones are found by txid through
 * an open-addressing table of indices. */
struct slot {
    struct slot *next;
    struct hash hash;
    bool wanted;
    bool has_header;
    struct header header;
    bool has_compact;
    struct compact compact;
    uint32_t giver;  /* peer that gave the compact */
    struct tx **txs; /* compact.tx_count, NULL while missing */
    size_t missing;
    uint32_t *index;       /* table: 1 + index into txs, 0 free */
    size_t index_size;     /* power of two */
    struct block *block;   /* complete */
    int64_t ask_at_ms;     /* when to ask peers (again) */
    unsigned asked;        /* times since something came */
    unsigned failures;     /* bodies that did not fit */
    struct hash failed[4]; /* digests of compacts that did not, newest first */
    uint64_t used;
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
    bool closing;
};

struct slot *slot_find(const struct bodies *bodies, const struct hash *hash);

/* bodies_serve.c */
int serve_body(struct bodies *bodies, struct peer *peer, struct view body);
int serve_txs(struct bodies *bodies, struct peer *peer, struct view body);

#endif
