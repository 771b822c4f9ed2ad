/* The host of consensus: carries out its effects in the order given, and feeds back what follows.
 *
 *   idle ──engine_start_height──► running ──DECIDE: commit──► committed (owner starts the next)
 *     ▲                              │
 *     └────────engine_pause──────────┘   block sync moves the tip meanwhile
 *
 * After a start nothing runs before the roll call is over (engine_roll.c): the other validators say
 * how far the chain is and what this key has signed, so that a node whose disk was put back does
 * not contradict itself. What it did not remember holds it: it follows, and signs from a later
 * height.
 *
 * A proposal leaves and is prevoted only with a body that is held, verified and executed; before a
 * precommit leaves, body and safety record are synced. An error of the environment stops the node:
 * nothing is sent after it. Observers have no engine running. Loop's thread only. */
#ifndef DIRCHAIN_NODE_ENGINE_H
#define DIRCHAIN_NODE_ENGINE_H

#include "consensus/consensus.h"
#include "consensus/signer.h"
#include "node/bodies.h"
#include "node/evidence_pool.h"

struct engine;

struct engine_handler {
    void *context;
    /* The ledger has one more block. Called at the end of a turn of events, never from within a
     * call on the engine that could not bear engine_start_height. */
    void (*committed)(void *context, struct app_commit *commit);
};

/* The signer is taken over, with the public half of its key; *signer is NULL for an observer. */
void engine_open(struct engine **out, const struct node_parts *parts, struct bodies *bodies,
                 struct evidence_pool *evidence, struct signer **signer,
                 const struct vote_key *vote_key, const struct engine_handler *handler);
/* A second vote key of this member, with its own safety record: the one before or after a change of
 * the key. Before the loop runs; takes the signer over. The set of a height names one of the two,
 * and that one signs: there is no height for both. */
void engine_add_key(struct engine *engine, struct signer **signer, const struct vote_key *vote_key);
/* The keys held, 0 to ENGINE_KEYS_MAX, and which of them decides the next height (-1: none). */
#define ENGINE_KEYS_MAX 2
size_t engine_keys(const struct engine *engine, struct vote_key out[ENGINE_KEYS_MAX], int *seat);
/* The node stops for a fault: nothing is signed any more, whatever this turn of the loop brings
 * yet. What stands in memory may be of another height than the ledger. */
void engine_halt(struct engine *engine);
void engine_close(struct engine *engine);
void engine_free(struct engine **engine); /* after the loop has ended */

/* Whether this node decides the next height: it has a vote key, and the set names that key. */
bool engine_is_validator(const struct engine *engine);
/* Starts the height after the tip, if the node is a validator of it and the roll call is over. */
void engine_start_height(struct engine *engine);
void engine_pause(struct engine *engine);
bool engine_running(const struct engine *engine);
struct consensus_status engine_status(const struct engine *engine);

/* The mempool or the evidence pool has something. */
void engine_work(struct engine *engine);
/* For bodies_handler: complete, voted, needed. */
void engine_body(struct engine *engine, struct block *block);
bool engine_knows_body(const struct engine *engine, const char *member, const struct hash *block);
bool engine_needs_body(const struct engine *engine, const struct hash *block);
/* Frames VOTES, PROPOSAL, WANT_ROLL and ROLL. Non-zero: malformed. */
int engine_frame(struct engine *engine, struct peer *peer, const struct frame *frame);
/* A peer that came up has told its height: what it may lack is sent, if that is ours. */
void engine_help(struct engine *engine, struct peer *peer);
/* A peer came up: it is asked in the roll call. */
void engine_greet(struct engine *engine, struct peer *peer);

/* Why this node signs nothing at present. */
enum hold {
    ENGINE_FREE = 0,      /* it does, or it has no vote key */
    ENGINE_ROLL_CALL,     /* too few validators have answered */
    ENGINE_BEHIND,        /* one of those who answered has a longer ledger */
    ENGINE_ROLLED_BACK,   /* the safety record is older than what was signed */
    ENGINE_NEW_RECORD,    /* the safety record is new, the chain is not */
    ENGINE_LEDGER_BEHIND, /* the ledger is older than the safety record */
    ENGINE_ALONE, /* the safety record is new, and nobody can be asked: the only validator */
};
struct engine_hold {
    enum hold reason;
    uint64_t until; /* nothing at this height or below it; 0 in the roll call; the height after the
                     * tip, and it goes with it, where ALONE */
    size_t answered, quorum; /* other validators in the roll call */
};
struct engine_hold engine_hold(const struct engine *engine);
/* A block came by sync, or was there at the start: its certificate may have a vote of ours that the
 * safety record does not know, since an old copy was put back. The height has passed, so that
 * nothing need be held; the operator has to know. */
void engine_look_back(struct engine *engine, uint64_t height);
uint64_t engine_forgotten_until(const struct engine *engine); /* the highest such; 0: none */
/* Whether the member's chief may let it sign again from `height` on by a decision that names the
 * hold until `held_until`; the caller has verified the decision. ERR_STATUS: nothing is held.
 * ERR_HOLD_OTHER: the hold in force is another one, shorter or longer. ERR_UNAVAILABLE: it is this
 * one, but not yet, while the roll call goes on or the ledger is behind. */
int engine_may_resume(const struct engine *engine, uint64_t height, uint64_t held_until);
/* After engine_may_resume said 0: it signs again from the open height on. Its memory is from then
 * on what the others remember: the last round they heard it in, what it said there, its lock.
 * Errors stop the node. */
int engine_resume(struct engine *engine);

#endif
