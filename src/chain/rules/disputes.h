/* What requests and answers tell the disputes about them. */
#ifndef DIRCHAIN_CHAIN_RULES_DISPUTES_H
#define DIRCHAIN_CHAIN_RULES_DISPUTES_H

#include "chain/rule.h"

/* Silence takes the request to whoever rules: a dispute of its own, or the one that is open goes
 * there now. `term` is the one that ran out. */
void dispute_escalate(struct rule_context *context, const struct doc *request, const char *id,
                      const struct doc *term);
/* The provider answered: with an approval of all that was asked for whatever was in dispute is
 * over. A refusal takes nothing from whoever rules: what silence sent up stays there. */
void dispute_answered(struct rule_context *context, const char *request, bool approved);
/* The request was withdrawn, and its dispute with it. */
void dispute_withdrawn(struct rule_context *context, const char *request);

/* ---- rulers.c ---- */

/* Whether the signer may rule on it: nobody does in its own case. */
bool dispute_may_rule(struct rule_context *context, const struct doc *dispute);
/* Whether the request has not been ruled on, or somebody above who ruled is left. */
bool dispute_may_go_on(struct rule_context *context, const struct doc *request);
/* Where the request has been ruled on, or an earlier one with the last word, an editable record of
 * a new dispute is for the party above. */
void dispute_send_up(struct rule_context *context, struct doc *dispute, const struct doc *request);
/* The transaction at hand has ruled on the request, and its outcome been carried out. */
void ruling_note(struct rule_context *context, const char *request);
/* Shows on an editable record of a new request the ruling that refused what it asks for; whether
 * there is one. */
bool ruling_shown(struct rule_context *context, struct doc *record);

#endif
