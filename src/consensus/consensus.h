/* Tendermint consensus (arXiv:1807.04938, algorithm 1) with proposer-based timestamps, as a pure
 * state machine: no clock, socket, thread, disk, allocation or randomness in a step.
 *
 *       event ──► consensus_step ──► effects, in this order:
 *
 *   START_HEIGHT                     PERSIST   store the named body, then signer_persist(record)
 *   MESSAGE   proposal or vote       SEND      signer_sign, feed back as MESSAGE, broadcast
 *   BUILT     answers BUILD          EXECUTE   get the body, execute it, answer VERDICT
 *   VERDICT   answers EXECUTE        BUILD     make a block, execute it, answer BUILT
 *   LOST      takes a VERDICT back   DECIDE    commit, then START_HEIGHT for the next height
 *   WORK      something to order     EVIDENCE  put it into a block
 *   TIMEOUT
 *                                    DIVERGED  the ledger here disagrees with a quorum
 *                                    TIMER     one for each kind; a new one replaces the old
 *
 * The host carries effects out in the order given, and feeds answers and its own signed messages
 * back as events after the whole list is done. Any effect may fail or the node may crash between
 * two of them: the order is what makes that harmless. A failed PERSIST stops the node.
 *
 * A message of this height or (rounds 0 and 1) of the next one is checked and kept; all storage is
 * bounded. Loss is repaired by the host sending consensus_next_message's messages to peers of the
 * same height every now and then; peers of lower heights need block sync instead. */
#ifndef DIRCHAIN_CONSENSUS_CONSENSUS_H
#define DIRCHAIN_CONSENSUS_CONSENSUS_H

#include "chain/certificate.h"
#include "consensus/message.h"
#include "consensus/safety.h"

struct consensus;

/* ---- set-up ---- */

/* Local choices and chain parameters, in ms. Timeout of round r = base + r · step. */
struct consensus_timing {
    int64_t propose_ms, propose_step_ms;
    int64_t prevote_ms, prevote_step_ms;
    int64_t precommit_ms, precommit_step_ms;
    int64_t idle_block_ms;    /* with nothing to order, a block is made that often */
    int64_t precision_ms;     /* PBTS: clock skew between correct nodes */
    int64_t message_delay_ms; /* PBTS: of a proposal in round 0; round r allows (1 + r) times */
};
struct consensus_timing consensus_timing_default(void);

/* schnorr_verify, or what a simulator puts in its place. */
typedef bool (*consensus_verify_function)(const struct vote_key *key, const struct hash *digest,
                                          const struct signature *signature);

struct consensus_config {
    struct hash genesis;
    char member[MEMBER_ID_CHARS + 1]; /* own id; "" or not in a set: an observer of that height */
    struct consensus_timing timing;
    consensus_verify_function verify; /* NULL: schnorr_verify */
};

struct consensus *consensus_create(const struct consensus_config *config);
void consensus_free(struct consensus **consensus);

/* ---- events ---- */

enum event_kind {
    EVENT_START_HEIGHT = 1,
    EVENT_MESSAGE,
    EVENT_BUILT,
    EVENT_VERDICT,
    EVENT_WORK,
    EVENT_TIMEOUT,
    EVENT_LOST
};

enum timer_kind {
    TIMER_IDLE = 0, /* end of the wait for something to order */
    TIMER_PROPOSE,
    TIMER_PREVOTE,
    TIMER_PRECOMMIT,
    TIMER_KINDS
};

/* The height after the ledger's tip. Also after a restart, and after block sync has moved the tip:
 * a later height supersedes whatever was going on. Must be greater than the current one. */
struct event_start_height {
    uint64_t height;
    const struct validator_set *set;      /* copied; decides this height */
    const struct validator_set *next_set; /* copied; of height + 1. NULL: unknown */
    struct hash previous;                 /* hash that the header must name */
    int64_t previous_time_ms;
    bool work; /* there is something to order already */
    /* signer_record; NULL for an observer. Of this height: resumes exactly there. Of a later one
     * (the ledger is behind its own signatures) or held: signs nothing until it gets there. */
    const struct safety_record *resume;
    const struct consensus_timing *timing; /* NULL: as before */
};

struct event_message {
    struct message message;
    /* When it came from the network, by the local clock, if earlier than now_ms (the host may have
     * queued it); 0: now. Only this is compared with a fresh proposal's time. */
    int64_t received_ms;
    bool verified; /* the host has checked the signature already, or it is our own */
};

struct event_built {
    uint64_t height;
    uint32_t round;
    struct header header; /* complete; the block is executed and valid, its body at hand */
};

struct event_verdict {
    struct hash block;
    /* "Invalid" may have been the fault of a body that somebody put under this header: a later
     * "valid" for the same block is taken. "Valid" holds until LOST. */
    bool valid;
    struct header header; /* of the block, if valid: needed when the effect had none */
};

/* The host no longer holds, or no longer looks for, the body of a block that consensus_needs does
 * not name: there was no room for it. When it is needed after all, EXECUTE asks again. */
struct event_lost {
    struct hash block;
};

struct event_timeout {
    enum timer_kind kind;
    uint64_t height;
    uint32_t round;
};

struct event {
    enum event_kind kind;
    int64_t now_ms; /* local clock, wall time */
    union {
        struct event_start_height start;
        struct event_message message;
        struct event_built built;
        struct event_verdict verdict;
        struct event_timeout timeout;
        struct event_lost lost;
    };
};

/* ---- effects ---- */

enum effect_kind {
    EFFECT_PERSIST = 1,
    EFFECT_SEND,
    EFFECT_EXECUTE,
    EFFECT_BUILD,
    EFFECT_DECIDE,
    EFFECT_EVIDENCE,
    EFFECT_DIVERGED,
    EFFECT_TIMER
};

struct effect {
    enum effect_kind kind;
    union {
        struct {
            const struct safety_record *record; /* until the next step */
            struct hash body; /* durable first; zero: none. Always one with a valid verdict */
        } persist;
        struct message send; /* signature still zero */
        /* Once for each block and height, but for LOST. The host keeps trying until the height is
         * over or consensus_needs no longer names it. */
        struct {
            struct hash block;
            bool has_header; /* else only the hash is known: from peers or the body store */
            struct header header;
        } execute;
        struct {
            uint64_t height;
            uint32_t round;
            int64_t time_ms; /* for the header: now, and later than the previous block */
        } build;
        struct {
            struct hash block;
            const struct certificate *certificate; /* until the next step */
        } decide;
        struct evidence evidence; /* in canonical order */
        struct {
            /* A quorum precommitted it, the verdict here was invalid: the host stops. */
            struct hash block;
            uint32_t round;
        } diverged;
        struct {
            enum timer_kind kind;
            uint64_t height;
            uint32_t round;
            int64_t delay_ms;
        } timer;
    };
};

struct effects {
    size_t count;
    struct effect item[EFFECTS_MAX];
};

/* One step. Sets *effects anew. Returns 0, or why a message or answer was not taken (the state is
 * then as before, and there are no effects):
 *   ERR_CONSENSUS_HEIGHT   not of this height or the next
 *   ERR_CONSENSUS_ROUND    beyond ROUND_MAX, or so far from ours that its votes are not kept
 *   ERR_DUPLICATE          known already, one more proposal for a round, or of a far round by
 *                          who was heard far ahead already
 *   ERR_CERT_SIGNER        the validator is not in the set
 *   ERR_SIGNATURE          does not verify: the sender is to blame if it relayed unverified bytes
 *   ERR_BLOCK_LINK         proposal with other genesis, height or proposer in its header
 *   ERR_STATUS             an answer nobody asked for, an outdated timer, an old height started
 * An equivocating vote is taken: it gives EVIDENCE once, and counts where it may matter. */
int consensus_step(struct consensus *consensus, const struct event *event, struct effects *effects);

/* ---- looking in ---- */

struct consensus_status {
    uint64_t height; /* 0 before the first START_HEIGHT */
    uint32_t round;
    enum step step;
    int64_t locked_round, valid_round;
    struct hash locked_block, valid_block;
    bool validator;  /* signs at this height */
    size_t proposer; /* index of the proposer of (height, round) */
};
struct consensus_status consensus_status(const struct consensus *consensus);

/* Whether the rules of algorithm 1 may use the verdict on a block now: of lock and valid value, our
 * own new block, the proposal of this round, a quorum of precommits, and a quorum of prevotes later
 * than the valid round. At most a handful of them are valid at a time, whatever others send. */
bool consensus_needs(const struct consensus *consensus, const struct hash *block);
/* Whether this validator was heard voting for the block at this height, so claims to have it. */
bool consensus_voted_for(const struct consensus *consensus, const char *member,
                         const struct hash *block);
/* Whether this proposal, or one of the same block for the same height and round, verified. */
bool consensus_has_proposal(const struct consensus *consensus, const struct proposal *proposal);

/* What a peer at this height may lack, one message after the other: proposal and votes of the
 * current and the previous round, the prevotes behind the valid value and behind re-proposals, and
 * every quorum of precommits. Start with {0}; false at the end. Steps in between are harmless (a
 * message may then be missed or come twice). */
struct consensus_cursor {
    size_t place;
    size_t item;
};
bool consensus_next_message(struct message *out, struct consensus_cursor *cursor,
                            const struct consensus *consensus);
/* The same way: what `member` has signed that is kept here, of this height and the next; at most
 * RECALLED_MAX messages. Of two votes for one round and type, the first. */
#define RECALLED_MAX (3 * ROUNDS_TRACKED_MAX)
bool consensus_next_recalled(struct message *out, struct consensus_cursor *cursor,
                             const struct consensus *consensus, const char *member);

#endif
