/* What the files of the catalog share. */
#ifndef DIRCHAIN_CHAIN_RULES_CATALOG_H
#define DIRCHAIN_CHAIN_RULES_CATALOG_H

#include "base/hash.h"
#include "chain/rule.h"

/* Completeness and conformity of an entry's content (C1–C4); all faults at once, under "entry".
 * The first fault's error, or 0. */
int entry_check(struct rule_context *context, const struct doc *entry);
/* Of the same whether what it stems from, a duty of the provider or a designation of it (PT 5), is
 * in force still; once more when it is accepted, for it may have been retired since. */
int entry_check_stems(struct rule_context *context, const char *provider, const struct doc *entry);
/* Of the same what the content itself shows, without a ledger: all but whether its duty or
 * designation is on record, and whether it needs a class code. The entry is well formed by its
 * table, or made readable (schema_readable). */
int entry_check_content(struct faults *faults, const struct doc *entry);
/* Whether an item agrees with the dictionary of CN 附件3 第三章 in name, type, length and decimals;
 * one whose field is not in it agrees with it. */
bool dictionary_agrees(const struct doc *item);

/* Form of the entry's classification code (发改高技〔2017〕1272号); faults under "entry".
 * (resource_code.c) */
void class_code_check(struct rule_context *context, const struct doc *entry);
/* Whether it is there, where the profile demands it. */
void class_code_check_demanded(struct rule_context *context, const struct doc *entry);
/* Gives an accepted entry record its resource code, unless it has one of its classification. */
void resource_code_assign(struct rule_context *context, struct doc *record);

/* Exact duplicates: digest of what makes an entry the same data. */
void entry_digest(struct hash *out, const char *member, const struct doc *entry);
/* Claims the digest for member/code. ERR_DUPLICATE if another entry has it. */
int entry_claim(struct rule_context *context, const struct doc *entry, const char *code);
void entry_unclaim(struct rule_context *context, const char *member, const struct doc *entry);

/* 0 unconditional, 1 authorised, 2 not shared. */
int sharing_rank(const char *sharing);
/* Of an item of the entry record by its index, the supervisor's ruling taken into account. */
int entry_item_rank(const struct doc *record, size_t index);

/* ---- the supervisor's ruling on sharing (CN 14; supervision.c) ---- */

/* The attribute that a ruling gives an item of this name. */
const char *ruling_sharing(const struct doc *ruling, const char *item);
/* Whether the ruling on the entry record, if there is one, takes back what the grant gives, and
 * which field of it says so. */
bool ruling_bars(const struct doc *entry, const struct doc *grant, char *field, size_t size);
/* The ruling that binds this content of an entry: the one on its record (NULL: it is new), or on
 * the same data under another code. NULL: none. */
const struct doc *ruling_on(struct rule_context *context, const char *provider,
                            const struct doc *record, const struct doc *content);
/* The content states what was ruled (NULL: nothing). ERR_SHARING_RULED at every attribute that does
 * not; the context's error. */
int ruling_check(struct rule_context *context, const struct doc *ruling, const struct doc *content);
/* The data of the entry record stands under its ruling, if it has one, wherever it comes back. */
void ruling_follow(struct rule_context *context, const struct doc *record);

/* The live grants on an entry: live/<provider>/<code>/<place>, where the place of a grant is its
 * id, of an applicant's ~ and its id: those, which rest on the open list, come last. */
void live_grant_put(struct rule_context *context, const struct doc *grant, const char *id);
void live_grant_delete(struct rule_context *context, const struct doc *grant, const char *id);
const char *live_grant_id(const char *place);
/* The places of at most `max` of them behind this one (NULL: from the first), ascending. Caller
 * owns the array. */
struct doc *live_grants(struct rule_context *context, const char *provider, const char *code,
                        const char *behind, size_t max);

#endif
