/* The open list (listings.c, listing_check.c). */
#ifndef DIRCHAIN_CHAIN_RULES_LISTINGS_H
#define DIRCHAIN_CHAIN_RULES_LISTINGS_H

#include "chain/rule.h"

/* Since when the entry is on the list, or -1. (listings.c) */
int64_t listing_stands_ms(struct rule_context *context, const char *provider, const char *code);
/* The content of a listing against the record of the entry that it is derived from; all faults at
 * once, under "listing". (listing_check.c) */
int listing_check(struct rule_context *context, const struct doc *record,
                  const struct doc *listing);
/* Whether all that is listed is among these items of an entry. (listing_check.c) */
bool listing_within(const struct doc *listing, const struct doc *items);
/* Whether each listed item that is among these of an entry is explained, there or in the listing;
 * faults under `where`: "entry" or "listing". (listing_check.c) */
void listing_check_explained(struct rule_context *context, const struct doc *listing,
                             const struct doc *items, const char *where);
/* Whether `wide` opens more than `narrow`: unconditional, conditional, closed. */
bool opening_wider(const char *wide, const char *narrow);
/* An entry may not become one (`content`) that says less than its listing does: less openness,
 * fewer items, or items that nothing explains. Faults under "entry", or 0. */
int listing_allows(struct rule_context *context, const char *provider, const char *code,
                   const struct doc *content);
/* The entry is updated by this cycle from now on, or not any more ("static"): so is its listing. */
void listing_follow(struct rule_context *context, const char *provider, const char *code,
                    const char *cycle);

/* An adjustment of the editable record took effect, which had listed `before` (NULL: nothing): the
 * applicants' grants on what is no longer listed are told, and end with the day. (delisting.c) */
void delisting_begin(struct rule_context *context, struct doc *record, const char *key,
                     const struct doc *before);

#endif
