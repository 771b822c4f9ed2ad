/* What a refusal tells beyond its code (refusals.c). */
#ifndef DIRCHAIN_CHAIN_RULES_REFUSALS_H
#define DIRCHAIN_CHAIN_RULES_REFUSALS_H

#include "chain/rule.h"

/* Before a fault at this field is recorded: notes what is and what would have been allowed. */
void refusal_tell(struct rule_context *context, int error, const char *field);

#endif
