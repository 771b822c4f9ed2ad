/* What was approved of what a suspended agency asked for, until it is back (D4, PT 20, PT 31). */
#ifndef DIRCHAIN_CHAIN_RULES_APPROVALS_H
#define DIRCHAIN_CHAIN_RULES_APPROVALS_H

#include "chain/rule.h"

struct request_bar;

/* Whether this error, by request_barred, is no more than the suspension of the request's consumer.
 */
bool approval_may_wait(struct rule_context *context, const struct doc *request, int barred);
/* The editable request is approved, by answer/<id>, and waits for its consumer; the caller stamps
 * and puts it (request_put). `until`: the last day that was given; NULL: as asked for. */
void approval_wait(struct rule_context *context, struct doc *request, const char *subject,
                   const char *until);
/* What is put under the subject waits no more, where its status says so (request_put). */
void approval_follow(struct rule_context *context, struct doc *request, const char *subject);

/* An editable answer of the ledger's own: it approves, or is barred. */
void approval_deem(struct doc *answer, int barred, const struct request_bar *bar);

/* The member is restored, or removed: the sweep looks at what waits for it. */
void approvals_member_changes(struct rule_context *context, const char *member);
/* Decides what waits for such members, as far as the budget goes (deadlines.c). */
void approvals_sweep(struct rule_context *context, unsigned *budget);

#endif
