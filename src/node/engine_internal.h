/* What the files of the engine share. Only engine*.c include this.
 *
 *   engine.c          the queue of events, heights, life
 *   engine_effects.c  what consensus wants done
 *   engine_peers.c    messages in, and repair of loss
 *   engine_roll.c     the roll call: what the others remember
 *   engine_words.c    its own words, as others tell them
 *   engine_hold.c     what holds this node's signatures, and what lifts it */
#ifndef DIRCHAIN_NODE_ENGINE_INTERNAL_H
#define DIRCHAIN_NODE_ENGINE_INTERNAL_H

#include "node/engine.h"

#define ENGINE_QUEUE_MAX 256

struct engine_timer {
    uv_timer_t handle;
    struct engine *engine;
    enum timer_kind kind;
    uint64_t height;
    uint32_t round;
};

/* What one key said is no memory of the other: whoever has a copy of a key that was replaced would
 * write the record of the one that has the seat. */
struct engine_key {
    struct signer *signer; /* owned */
    struct vote_key vote_key;
    /* What the others remember of this key's messages at the last height that it signed at and the
     * one before it, by parity: the last round, its messages, the lock. */
    struct safety_record heard[2];
};

struct engine {
    const struct node_parts *parts;
    struct bodies *bodies;
    struct evidence_pool *evidence;
    struct engine_key keys[ENGINE_KEYS_MAX];
    size_t key_count;
    struct signer *signer;       /* of the key that decides, or of the first; NULL: observer */
    struct safety_record *heard; /* of that key */
    struct engine_handler handler;
    struct consensus *core;
    struct effects effects;
    struct event queue[ENGINE_QUEUE_MAX];
    size_t queue_first, queue_count;
    bool stepping, running, closing, dead;
    bool has_commit;
    struct app_commit commit;
    struct engine_timer timer[TIMER_KINDS];
    uv_timer_t gather, retransmit;
    struct hash stored_body; /* the last one stored */
    size_t barren;           /* empty blocks in a row, since something last came in */
    size_t decided_txs;      /* of the last block decided here, and when */
    int64_t decided_ms;
    uv_timer_t roll_timer;
    bool roll_over;  /* for this life */
    bool told_alone; /* the log has it */
    bool told_forgotten;
    uint64_t forgotten_until; /* a vote of ours on the ledger that the record does not know */
    int64_t opened_ms, opened_time_ms; /* by the monotonic clock, and by that of the node */
    struct consensus_status last; /* at the last retransmission tick */
    uint64_t help_turn;
    unsigned soon; /* ticks until retransmission goes back to its usual pace */
};

/* ---- engine.c ---- */

/* Nothing is carried out after this. */
void engine_stop_node(struct engine *engine, int error, const char *what);
/* A new event at the end of the queue, with the time set. */
struct event *engine_push(struct engine *engine, enum event_kind kind);
/* `signer` and `heard` become those of the key that the set of the next height names. */
void engine_select_key(struct engine *engine);
/* Which of our keys the set names; NULL: none. */
const struct engine_key *engine_key_in(const struct engine *engine,
                                       const struct validator_set *set);
/* Forgets the height and begins it anew, from the safety record. Not within a step. */
void engine_restart_height(struct engine *engine);
/* One event: a step, and all its effects in order, unless one of them stops the node. */
int engine_step(struct engine *engine, const struct event *event);
/* Takes what is queued, and hands commits over; does nothing within a step. */
void engine_run_queue(struct engine *engine);
void engine_stop_timers(struct engine *engine);

/* ---- engine_effects.c ---- */

void engine_carry_out(struct engine *engine, const struct effect *effect);
/* Appends a frame; false for a proposal whose body is not at hand. */
bool engine_append_message(struct engine *engine, struct buf *frames,
                           const struct message *message);

/* ---- engine_peers.c ---- */

void engine_retransmit_start(struct engine *engine);
/* A few ticks in quick succession: after a start of all at once each has said something that others
 * were not yet there to hear. */
void engine_retransmit_soon(struct engine *engine);

/* ---- engine_roll.c ---- */

/* What the roll call has come to: of other validators, and where none can be asked of all nodes. A
 * tip that more than f tell counts until the ledger has it; that of fewer until it is refuted, or
 * its time is up. */
struct engine_tally {
    size_t answered, needed; /* other validators */
    bool straggler;          /* one may answer any moment */
    uint64_t told;           /* the highest tip that counts */
};
struct engine_tally engine_tally(const struct engine *engine);
void engine_roll_open(struct engine *engine);
/* Whether the roll call is over, which it is from then on. */
bool engine_roll_over(struct engine *engine);
int engine_roll_frame(struct engine *engine, struct peer *peer, const struct frame *frame);

/* ---- engine_words.c ---- */

/* A message that somebody says is ours. What one of our keys has signed is kept for it, and held if
 * its record does not know it; what none of them has, but one that we had long ago, or nobody, says
 * nothing. */
void engine_take_own(struct engine *engine, const struct peer *peer, const struct message *message);
/* A message that came from elsewhere: if it is ours and the record does not know it, the disk was
 * put back, and what is held begins anew without signatures. False: it is in our name and not to be
 * looked at, since each costs a check of a signature and forged ones are nobody's that we know. */
bool engine_recognize(struct engine *engine, struct peer *peer, const struct message *message);

/* ---- engine_hold.c ---- */

/* One key, durably, or the node stops with the error. */
int engine_hold_until(struct engine *engine, struct signer *signer, uint64_t height,
                      enum hold_reason reason);
/* The others have answered, or there are none: what is to be held of a new record. False: it must
 * not sign yet, whatever the roll call says. */
bool engine_settle_new(struct engine *engine, const struct engine_tally *tally);
/* Says once, when the roll call is over, what the ledger remembers and the record does not. */
void engine_tell_forgotten(struct engine *engine);
/* A hold was lifted: what we are known to have signed at this height becomes our memory again. */
void engine_recall(struct engine *engine, uint64_t height);

#endif
