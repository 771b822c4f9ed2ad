/* How transactions come in: from the API (parsed), and from peers (bytes).
 *
 *   submit ──┐                          ┌─► waiting proposals
 *            ├─► verifier ──► verified ─┤
 *   gossip ──┘                          └─► check ──► mempool ──► gossip (own ones only)
 *
 * A node gossips what was submitted to it, to every validator; what it hears it does not pass on,
 * since the first has told everybody, and a proposer's peers fetch what they lack. A refusal is
 * told to the submitter and blamed on the peer, and leaves no trace under the txid. What is being
 * verified for one peer, and for all, is bounded below what the verifier takes: a flood of gossip
 * keeps out neither the others' nor what is submitted here. */
#ifndef DIRCHAIN_NODE_INTAKE_H
#define DIRCHAIN_NODE_INTAKE_H

#include "node/parts.h"

struct intake;

struct intake_handler {
    void *context;
    /* A transaction verified, whether or not the mempool takes it. */
    void (*verified)(void *context, struct tx *tx);
    /* The mempool has one more. */
    void (*added)(void *context);
};

struct intake *intake_open(const struct node_parts *parts, const struct intake_handler *handler);
void intake_free(struct intake **intake);

/* Takes over *tx. `done` is called exactly once, as api.h says. */
void intake_submit(struct intake *intake, struct tx *tx, bool wait_committed, api_submit_done done,
                   void *argument);
/* The body of a TXS frame. Non-zero: malformed. */
int intake_gossip(struct intake *intake, struct peer *peer, struct view body);
/* Sends what was collected for gossip. Once a turn, before the peers' queues are flushed. */
void intake_flush(struct intake *intake);
/* A link has come up: what was submitted here and is not in a block yet. */
void intake_greet(struct intake *intake, struct peer *peer);

#endif
