/* The state machine's insides, shared by the files of consensus/ and by nobody else.
 *
 *   consensus.c   events in, effects out; which messages are let in
 *   height.c      a new height, and resuming one from the safety record
 *   algorithm.c   algorithm 1: StartRound, the "upon" rules, the timeouts
 *   blocks.c      what is known of blocks: header and verdict
 *   outbox.c      what a step wants done, until it becomes effects
 *   catchup.c     what a lagging peer needs
 *   recall.c      what one member has said
 *   rounds.c      votes and their counting
 *
 * Steps:  NEW ──work, idle timer, first message──► PROPOSE ──22,28,57──► PREVOTE ──36,44,61──►
 *         PRECOMMIT ──47/65, 55──► PROPOSE of a later round;  any ──49──► DECIDED ──START_HEIGHT──►
 *         NEW of the next height. */
#ifndef DIRCHAIN_CONSENSUS_STATE_H
#define DIRCHAIN_CONSENSUS_STATE_H

#include "consensus/consensus.h"
#include "consensus/rounds.h"

#define FUTURE_ROUNDS 8 /* votes of so many rounds after ours are kept */
#define EARLY_ROUNDS 2  /* and of so many of the next height */
#define BLOCKS_KNOWN_MAX (3 * ROUNDS_TRACKED_MAX + 4)
#define EXECUTES_PER_STEP_MAX 8

enum verdict { VERDICT_NONE = 0, VERDICT_ASKED, VERDICT_VALID, VERDICT_INVALID };

struct known_block {
    struct hash hash;
    enum verdict verdict;
    bool has_header;
    struct header header;
};

struct timer {
    bool set;
    uint32_t round;
    int64_t delay_ms;
};

/* Everything one step wants done; outbox_flush gives it its order. */
struct outbox {
    bool persist;
    struct hash persist_body;
    size_t send_count;
    struct message send[3];
    size_t execute_count;
    struct known_block execute[EXECUTES_PER_STEP_MAX];
    bool build;
    int64_t build_time_ms;
    bool decide;
    bool has_evidence;
    struct evidence evidence;
    bool diverged;
    struct hash diverged_block;
    uint32_t diverged_round;
    struct timer timer[TIMER_KINDS];
};

struct consensus {
    struct hash genesis;
    char member[MEMBER_ID_CHARS + 1];
    struct consensus_timing timing;
    consensus_verify_function verify;
    int64_t now_ms; /* of the event being handled */

    /* The height. */
    uint64_t height; /* h_p */
    struct validator_set set, next_set;
    bool has_next_set;
    struct hash previous;
    int64_t previous_time_ms;
    int own;       /* index in set, −1: observer */
    bool may_sign; /* false for observers, and while ledger or record are behind our signatures */

    /* Algorithm 1. */
    uint32_t round; /* round_p */
    enum step step; /* step_p */
    int64_t locked_round, valid_round;
    struct hash locked_block, valid_block;
    bool prevote_timer_started;   /* line 34, "for the first time" in this round */
    bool precommit_timer_started; /* line 47, likewise */
    bool proposed;                /* ours for this round is out */
    bool build_asked, built;
    struct hash built_block;
    bool diverged; /* told once a height */
    /* Latest round of this height in which each validator said something; −1: none. */
    int64_t latest_round[VALIDATORS_MAX];

    struct safety_record record; /* as it is to be persisted; messages without signatures */
    struct rounds rounds;
    size_t block_count;
    struct known_block block[BLOCKS_KNOWN_MAX];
    struct certificate certificate;
    struct outbox out;
};

/* ---- height.c ---- */
int height_start(struct consensus *c, const struct event_start_height *start);

/* ---- algorithm.c ---- */
void algorithm_start_round(struct consensus *c, uint32_t round);
/* After something of this height was said: starts round 0 if waiting, skips ahead if f+1 did. */
void algorithm_follow(struct consensus *c);
void algorithm_run(struct consensus *c); /* all "upon" rules until nothing changes */
int algorithm_timeout(struct consensus *c, const struct event_timeout *timeout);

/* ---- blocks.c ---- */
struct known_block *block_find(struct consensus *c, const struct hash *hash);
bool block_is(struct consensus *c, const struct hash *hash, enum verdict verdict);
/* Remembers a block, with its header if not NULL. */
struct known_block *block_note(struct consensus *c, const struct hash *hash,
                               const struct header *header);
/* What can be said of a header at this height without its body. */
bool block_header_fits(const struct consensus *c, const struct header *header);
/* EXECUTE, unless asked or known. True if the verdict is plain from the header: invalid. */
bool block_want(struct consensus *c, const struct hash *hash, const struct header *header);
int block_verdict(struct consensus *c, const struct event_verdict *verdict);
int block_lost(struct consensus *c, const struct hash *hash);
int block_built(struct consensus *c, const struct event_built *built);

/* ---- outbox.c ---- */
void outbox_vote(struct consensus *c, enum vote_type type, const struct hash *block);
void outbox_proposal(struct consensus *c, const struct known_block *block, int64_t valid_round);
void outbox_value_changed(struct consensus *c); /* lock or valid value: record and body */
void outbox_resend(struct consensus *c);        /* everything signed in the record's round */
void outbox_timer(struct consensus *c, enum timer_kind kind, int64_t delay_ms);
void outbox_flush(struct consensus *c, struct effects *effects);

#endif
