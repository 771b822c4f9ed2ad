/* Security risks that the center reports (PT 31), beside what it does about them. */
#ifndef DIRCHAIN_CHAIN_RULES_RISKS_H
#define DIRCHAIN_CHAIN_RULES_RISKS_H

#include "chain/rule.h"

/* Checks what the body says of its report; `owed`: the act at hand needs one where the profile has
 * "risk_report". Others than the center report nothing by it. All faults at once. */
int risk_check(struct rule_context *context, bool owed);
/* The same of an act that stops what a member does: the center's says by its cause whether it is
 * for a risk, which it is if it says none. */
int risk_check_cause(struct rule_context *context, bool owed);
/* Whether the body reports. */
bool risk_is_reported(struct rule_context *context);
/* Puts the risk that the body reports, if it does: about a grant or notice (`family`, its id and
 * record), in the words of the body's member `said`; tells the supervisors. */
void risk_put(struct rule_context *context, const char *family, const char *id,
              const struct doc *about, const char *said);
/* The same about a member, or its key of that name, if not NULL, in the words of the reason. */
void risk_put_member(struct rule_context *context, const char *member, const char *key);

#endif
