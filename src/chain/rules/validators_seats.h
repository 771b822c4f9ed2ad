/* Seats of the validator set: what every change of it goes through, whoever ordered it. A change in
 * block H acts from H+2, one at a time, and never loses the quorum (validators_seats.c). */
#ifndef DIRCHAIN_CHAIN_RULES_VALIDATORS_SEATS_H
#define DIRCHAIN_CHAIN_RULES_VALIDATORS_SEATS_H

#include "chain/rule.h"
#include "chain/validators.h"

struct seat_change {
    struct validator_set set; /* as it is to be; the seats that stay as they are come first */
    size_t before;            /* seats of the set that it follows */
    size_t staying;           /* seats that stay as they are */
    size_t seats;             /* that are given, taken away, or get another key */
    uint64_t awake_since;     /* who has not proposed since is asleep; 0: a window back, as ever */
};

/* The set that a change starts from: the last one, which may not act yet. 0, or why the record
 * cannot be read. */
int seats_begin(struct seat_change *out, struct rule_context *context);
/* Whether the last set does not act yet: the next change comes after it, not on top of it. */
bool seats_pending(struct rule_context *context);
/* Whether those who stay and are awake make a quorum of the new set by themselves. */
bool seats_keep_quorum(struct rule_context *context, const struct seat_change *change);
/* Refuses a transaction's change that could stop the chain, and says which rule it is. ERR_SEATS,
 * ERR_QUORUM_LOST. */
int seats_preflight(struct rule_context *context, const struct seat_change *change);
/* Takes out the seat at an index of the staying ones: the last of them takes its place. */
void seats_take(struct seat_change *change, size_t index);
/* One of the record's sets, which follows `before`; that is NULL for the set of genesis. */
struct doc *seats_entry(const struct doc *before, uint64_t from, const struct validator_set *set);
/* The new set, to act from H+2; `field`: where two seats with one key are a fault. The record is
 * stamped by the transaction, or by the last act where there is none. ERR_DUPLICATE. */
int seats_put(struct rule_context *context, struct seat_change *change, const char *field);

#endif
