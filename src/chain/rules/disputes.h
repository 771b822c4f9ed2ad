/* What requests and answers tell the disputes about them. */
#ifndef DIRCHAIN_CHAIN_RULES_DISPUTES_H
#define DIRCHAIN_CHAIN_RULES_DISPUTES_H

#include "chain/rule.h"

/* Silence takes the request to whoever rules: a dispute of its own, or the one that is open goes
 * there now. `term` is the one that ran out. */
void dispute_escalate(struct rule_context *context, const struct doc *request, const char *id,
                      const struct doc *term);
/* The provider answered after all: what was in dispute for its silence is over, and with an
 * approval whatever else was. */
void dispute_answered(struct rule_context *context, const char *request, bool approved);
/* The request was withdrawn, and its dispute with it. */
void dispute_withdrawn(struct rule_context *context, const char *request);

#endif
