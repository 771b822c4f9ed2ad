/* What the files of access records share: usage of a grant on a Beijing day. */
#ifndef DIRCHAIN_CHAIN_RULES_ACCESS_H
#define DIRCHAIN_CHAIN_RULES_ACCESS_H

#include "chain/rule.h"

#define USAGE_DAY_CHARS 9 /* "20260212" and NUL */

/* The Beijing day that holds the instant. */
void usage_day(char out[USAGE_DAY_CHARS], int64_t time_ms);
/* An editable copy of usage/<grant>/<day>; empty on the first use. Caller owns it. */
struct doc *usage_edit(struct rule_context *context, const char *grant, const char *day);
void usage_add(struct doc *usage, const char *name, int64_t amount); /* stops at DOC_INT_MAX */
/* Counts what left (the provider's receipt) instead of what the open reserved of the day's quota.
 */
void usage_settle(struct doc *usage, const struct doc *open, const struct doc *sent);
/* Chains the transaction into the day's running hash, and puts the record, which it takes over. */
void usage_put(struct rule_context *context, struct doc *usage, const char *grant, const char *day);

#endif
