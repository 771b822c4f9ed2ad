/* What was said, by height, round and validator: proposals and votes whose signatures verified.
 * Private to consensus/.
 *
 * Bounded: ROUNDS_TRACKED_MAX rounds; in each one proposal, one vote of each type and validator,
 * and further (equivocating) votes only for a block that f+1 validators stand behind. Those count,
 * because a quorum that formed elsewhere may need them: without that, one node sees the quorum and
 * another never does.
 *
 * Invariants of a box: `count` validators have a vote in `place`; `has_quorum` is set once a
 * quorum of different validators voted for `quorum_block`, and never cleared. */
#ifndef DIRCHAIN_CONSENSUS_ROUNDS_H
#define DIRCHAIN_CONSENSUS_ROUNDS_H

#include "consensus/message.h"

struct vote_place {
    bool present;
    bool reported; /* evidence against this validator was given */
    struct hash block;
    struct signature signature;
};

struct vote_extra {
    uint16_t validator;
    struct hash block;
    struct signature signature;
};

struct vote_box {
    size_t count;
    bool has_quorum;
    struct hash quorum_block; /* zero: nil */
    struct vote_place place[VALIDATORS_MAX];
    size_t extra_count;
    struct vote_extra extra[VALIDATORS_MAX];
};

struct round {
    uint64_t height; /* 0: free */
    uint32_t number;
    bool has_proposal;
    bool timely; /* of the proposal, when it came */
    struct proposal proposal;
    struct vote_box prevotes, precommits;
};

struct rounds {
    struct round item[ROUNDS_TRACKED_MAX];
};

/* Rounds that must not make room for others: "keep(context, number)". */
struct rounds_keep {
    bool (*keep)(const void *context, uint32_t number);
    const void *context;
};

struct round *rounds_find(struct rounds *rounds, uint64_t height, uint32_t number);
/* Finds or makes one. When all are used, the lowest round of `current_height` that is not kept
 * makes room, if it is lower than `number` or `number` itself is to be kept. NULL: no room. */
struct round *rounds_take(struct rounds *rounds, uint64_t height, uint32_t number,
                          uint64_t current_height, const struct rounds_keep *keep);
/* Whether rounds_take would find or make one. */
bool rounds_have_room(struct rounds *rounds, uint64_t height, uint32_t number,
                      uint64_t current_height, const struct rounds_keep *keep);
void rounds_drop_other_heights(struct rounds *rounds, uint64_t height);
void rounds_drop_height(struct rounds *rounds, uint64_t height);

struct vote_box *round_box(struct round *round, enum vote_type type);

enum vote_standing {
    VOTE_NEW,      /* first vote of this validator */
    VOTE_KNOWN,    /* stored already, or not worth a look */
    VOTE_CONFLICTS /* another block than the first vote */
};
/* What a vote would be, before its signature is checked. */
enum vote_standing box_standing(const struct vote_box *box, size_t validator,
                                const struct hash *block, size_t round_skip);
/* Stores a verified vote that box_standing did not call known. False: a conflicting one for a
 * block that too few stand behind; not stored. */
bool box_add(struct vote_box *box, size_t validator, const struct hash *block,
             const struct signature *signature, size_t set_count);
/* The signature of a validator for a block, or NULL. */
const struct signature *box_signature(const struct vote_box *box, size_t validator,
                                      const struct hash *block);
bool box_quorum_for(const struct vote_box *box, const struct hash *block);

#endif
