/* Membership records, shared by member.admit and the initial state. */
#ifndef DIRCHAIN_CHAIN_RULES_MEMBERS_H
#define DIRCHAIN_CHAIN_RULES_MEMBERS_H

#include "chain/rule.h"

/* Writes the records of a member and its keys, in force from `height` on. The join request was
 * checked; a key that another member has is a fault at path. */
int member_write(struct state *state, struct faults *faults, const struct doc *join,
                 const char *version, uint64_t height, const char *path);
/* Puts a key's record, which names its member, and keeps the member's numbers (key_tally.c). */
void key_record_put(struct state *state, struct doc *record);
/* How many keys the member has that are not retired; how many of the role can sign, and how many
 * the center keeps suspended: of its own, not of its delegates. */
int64_t keys_in_force(struct state *state, const char *member);
int64_t keys_standing(struct state *state, const char *member, const char *role);
int64_t keys_held(struct state *state, const char *member, const char *role);
/* Whether the center keeps this key suspended. */
bool key_is_held(const struct doc *key);
/* A key's record, in force from `height` on. */
void key_put(struct state *state, const char *member, const struct doc *key, const char *version,
             uint64_t height);
/* The same, and into its officer's hands; faults of that under path (officer_bind). */
int key_write(struct state *state, struct faults *faults, const char *member, const struct doc *key,
              const char *version, uint64_t height, const char *path);

/* The last automatic act suspends an active member. */
void member_suspend_by_act(struct rule_context *context, const char *member);
/* The last key of the member with which it approves was suspended by the center (key_silence.c), or
 * one can sign again. */
void member_note_silence(struct rule_context *context, const char *member, bool silenced);
bool member_is_active(struct rule_context *context, const char *member);
/* It was removed, and has not come back. */
bool member_is_gone(struct rule_context *context, const char *member);
/* Whether a member that was not removed holds this party, another than these n, be it suspended:
 * else the center, which suspends, could make room for whoever speaks in its place. */
bool party_is_there(struct state *state, const char *party, const char *const *but, size_t n);
/* The same; and where the last was removed, its successor is waited for: whether one was ever
 * admitted. */
bool party_has_another(struct state *state, const char *party, const char *const *but, size_t n);
/* Whether one that can approve holds it: active, and the center keeps not all its keys for that
 * suspended. Nobody is waited for. */
bool party_can_act(struct state *state, const char *party, const char *const *but, size_t n);
/* Whether its public key is registered already, by whomever, for whatever use. */
bool key_is_taken(struct state *state, const struct doc *key);
/* Registers a vote key for ever; one that anybody has, or had, is a fault at `field`. */
int vote_key_claim(struct state *state, struct faults *faults, const char *vote_key,
                   const char *member, const char *field);

/* ---- key_silence.c ---- */

/* A time in which a member could not act; to_ms is INT64_MAX while it lasts. */
struct time_span {
    int64_t from_ms, to_ms;
};
/* The center suspended a key of this role: notes the time if it was the last that could sign. */
void keys_silenced(struct rule_context *context, const char *member, const char *role);
/* After keys of this role were added, restored or retired: ends the time if it is over. */
void keys_heard(struct rule_context *context, const char *member, const char *role);
/* Whether such a time lasts. */
bool keys_are_silenced(struct state *state, const char *member, const char *role);
/* The first such time that lasted beyond after_ms; they do not overlap. */
bool keys_silence_find(struct rule_context *context, struct time_span *out, const char *member,
                       const char *role, int64_t after_ms);
/* Since when it can sign again: 0 if it always could, INT64_MAX while it cannot. */
int64_t keys_heard_since(struct rule_context *context, const char *member, const char *role);

/* A member's seat in a validator set. */
struct validator;
struct validator_set;
void validator_from_member(struct validator *out, const struct doc *member);

/* ---- validators_awake.c ---- */

/* At genesis: whoever starts counts as taking part, until it lets its turns pass. */
void validators_begin_awake(struct state *state, const struct validator_set *set);
/* A seat is given: what the member did in an earlier one says nothing. */
void validators_forget_awake(struct rule_context *context, const char *member);
/* Whether it has proposed a block within as many heights as its turn takes, and some lost turns, in
 * a set of so many seats; and not before the height `since`. */
bool validators_awake(struct rule_context *context, const char *member, size_t seats,
                      uint64_t since);

#endif
