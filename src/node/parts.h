/* What the parts of a running node share. node.c makes and owns all of it; each part keeps a
 * pointer. Everything here belongs to the loop's thread unless its own header says otherwise. */
#ifndef DIRCHAIN_NODE_PARTS_H
#define DIRCHAIN_NODE_PARTS_H

#include "chain/app.h"
#include "node/clock.h"
#include "node/mempool.h"
#include "node/peers.h"
#include "node/verifier.h"

/* Counted on the loop's thread, read by anyone. */
struct node_counters {
    _Atomic uint64_t blocks_decided; /* by consensus here */
    _Atomic uint64_t blocks_synced;  /* from peers */
    _Atomic uint64_t txs_committed;
    _Atomic uint64_t txs_submitted; /* by the API */
    _Atomic uint64_t txs_gossiped;  /* received from peers */
    _Atomic uint64_t txs_refused;   /* of both */
    _Atomic uint64_t txs_fetched;   /* missing from a proposal, asked for */
    _Atomic uint64_t proposals_made;
    _Atomic uint64_t proposals_seen;
    _Atomic uint64_t rounds_failed;   /* rounds entered beyond the first */
    _Atomic uint64_t retransmissions; /* times that messages were sent again */
    _Atomic uint64_t evidence_seen;
    _Atomic uint64_t evidence_recorded; /* in blocks committed here */
    _Atomic uint64_t rollbacks_found; /* own messages heard that the safety record did not know */
    _Atomic uint64_t sync_refused;    /* blocks of sync peers that did not hold */
    _Atomic uint64_t parts_served, parts_taken, parts_refused;            /* of snapshots */
    _Atomic uint64_t requests_served, requests_delayed, requests_dropped; /* of peers: requests.h */
    _Atomic uint64_t build_us, process_us, commit_us, persist_us, serve_us; /* time on the loop */
};

struct node_parts {
    uv_loop_t *loop;
    const char *member;
    struct kv *kv;
    struct app *app;
    struct node_clock *clock;
    struct mempool *mempool;
    struct verifier *verifier;
    struct peers *peers;
    struct node_counters *counters;
    /* Something the node cannot go on after: it stops with this error. Returns. */
    void (*fatal)(void *context, int error, const char *what);
    void *fatal_context;
};

static inline void count_add(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_fetch_add_explicit(counter, by, memory_order_relaxed);
}

static inline uint64_t count_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)counter, memory_order_relaxed);
}

#endif
