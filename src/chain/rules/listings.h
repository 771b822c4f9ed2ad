/* The open list (listings.c, listing_check.c). */
#ifndef DIRCHAIN_CHAIN_RULES_LISTINGS_H
#define DIRCHAIN_CHAIN_RULES_LISTINGS_H

#include "chain/rule.h"

/* The content of a listing against the entry that it is derived from; all faults at once, under
 * "listing". (listing_check.c) */
int listing_check(struct rule_context *context, const struct doc *entry, const struct doc *listing);
/* Whether `wide` opens more than `narrow`: unconditional, conditional, closed. */
bool opening_wider(const char *wide, const char *narrow);
/* An entry that is to say `opening` may not say less than its listing does. Faults, or 0. */
int listing_allows(struct rule_context *context, const char *provider, const char *code,
                   const char *opening);
/* The data of the entry is not updated any more: its listing is static data from now on. */
void listing_rest(struct rule_context *context, const char *provider, const char *code);

#endif
