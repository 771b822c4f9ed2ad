/* What a change or deletion of an entry does to its grants (adjustments.c). */
#ifndef DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H
#define DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H

#include "chain/rule.h"

/* The change (an editable record under `key`) was accepted: if grants are live on the entry, tells
 * each and starts the term of the adjustment plan, whose date is the body's "plan_date". Faults, or
 * 0. */
int adjustment_begin(struct rule_context *context, struct doc *change, const char *key);

#endif
