/* What a change or deletion of an entry does to its grants (affected.c, adjustments.c). */
#ifndef DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H
#define DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H

#include "chain/rule.h"

/* ---- affected.c ---- */

/* What of an entry record a change to this content (NULL: its deletion) touches: {"all"} or
 * {"items"}, the "touches" of the change's record. Caller owns it. */
struct doc *change_touches(const struct doc *entry, const struct doc *content);
/* Whether the change affects this grant on its entry. */
bool grant_affected(const struct doc *change, const struct doc *grant);
/* The ids of those of the first 100 live ones that it affects; *more: there are further live ones,
 * among which there may be such. Caller owns it. */
struct doc *grants_affected(struct rule_context *context, const struct doc *change, bool *more);

/* ---- adjustments.c ---- */

/* The change (an editable record under `key`) was accepted: if it affects grants, tells
 * each and starts the term of the adjustment plan, whose date is the body's "plan_date". Faults, or
 * 0. */
int adjustment_begin(struct rule_context *context, struct doc *change, const char *key);
/* Tells the grants that a change affects: where a plan is proposed, of it; else what becomes of
 * them. A hundred now, the rest in the blocks that follow. */
void adjustment_tell(struct rule_context *context, struct doc *change, const char *key);

/* ---- plans.c ---- */

/* Whether the plan that was proposed may be carried out now, by the body's assessment. ERR_PLAN,
 * ERR_FIELD_RANGE, ERR_CONSULTING, ERR_GROUNDS. */
int plan_check_formed(struct rule_context *context, const struct doc *change);

#endif
