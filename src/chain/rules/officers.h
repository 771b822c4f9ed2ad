/* Officers and their keys, shared by members.c, keys.c and officers.c.
 *
 *   officer/<member>/<code>   {"code","member","office","keys":[names],"roles":[of them],"from",…}
 *   key/<member>/<name>       names its officer; a gateway's key is a system's and has none
 *
 * Invariant: a person's key that is not retired stands in the list of one officer in office. */
#ifndef DIRCHAIN_CHAIN_RULES_OFFICERS_H
#define DIRCHAIN_CHAIN_RULES_OFFICERS_H

#include "chain/rule.h"

/* The member whose keys this is about: the chief's own, or for `role` chief any that the center's
 * admin names. NULL with a fault when the signer may not act for it. */
const struct doc *keys_owner(struct rule_context *context, const char *role);
/* Where the signer is not the member itself, tells by an act that the center brought this chief in:
 * <family>/<member>/<name>. */
void keys_tell_chief(struct rule_context *context, const char *member, const char *family,
                     const char *name);
/* ERR_STATUS at "name": the key is in force, suspended or retired, and has to be as `may` says. */
int key_fault_standing(struct rule_context *context, const struct doc *key, const char *may,
                       const char *clause);
/* The form of a key's names as far as they are given; faults under path. First error, or 0. */
int key_check_names(struct rule_context *context, const struct doc *key, const char *path);
/* Form, role, name and secret of a new key of this member; faults under path ("" or "keys[0].").
 * First fault's error, or 0. */
int key_check_new(struct rule_context *context, const struct doc *member, const struct doc *key,
                  const char *path);
/* The key acts up to this height. */
void key_end(struct rule_context *context, const char *member, const char *name);
/* A chief (PT 6) and the center's admin are never without a key that can sign: whether this key,
 * or all of this officer's, may go. */
bool keys_spare_key(struct rule_context *context, const struct doc *key);
bool keys_spare_officer(struct rule_context *context, const char *member, const char *code);
/* For so many more keys in force, retired ones not counted; ERR_KEYS_FULL as a fault at `field`. */
int keys_have_room(struct rule_context *context, const char *member, size_t more,
                   const char *field);

/* The officer who holds a key: the one it names, else one of the key's own name; NULL for a
 * gateway's and a delegate's. `key` is a body or a record. */
const char *officer_of(const struct doc *key);
/* A2: compile, review and approve are done by different officers. Roles may be NULL. */
bool officer_may_hold(const char *role, const char *other);
/* Puts a key into the hands of its officer, who comes into office with the first one. A2: one
 * officer has keys for one of compiling, reviewing and approving. ERR_SAME_OFFICER, ERR_STATUS
 * (left office), ERR_QUOTA as faults at "<path>officer". */
int officer_bind(struct state *state, struct faults *faults, const char *member,
                 const struct doc *key, const char *version, uint64_t height, const char *path);
/* Takes a key that was retired out of its officer's hands, `by` (may be NULL) in its place. Whose
 * last one it was leaves office. */
void officer_release(struct rule_context *context, const char *member, const struct doc *key,
                     const char *by);

/* ---- delegations.c ---- */

/* A delegate's key was rotated: the delegation lists the new one. Nothing for other keys. */
void delegation_rename_key(struct rule_context *context, const struct doc *key, const char *by);

#endif
