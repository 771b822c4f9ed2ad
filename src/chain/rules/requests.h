/* What the files of requests and grants share. */
#ifndef DIRCHAIN_CHAIN_RULES_REQUESTS_H
#define DIRCHAIN_CHAIN_RULES_REQUESTS_H

#include "chain/rule.h"

/* What a grant gives, where it is less than the request asked for; members may be NULL. */
struct grant_terms {
    const struct doc *items;
    const struct doc *rows; /* further conditions */
    const struct doc *masked;
    const struct doc *quota;
    const char *until;
    const char *terms;
};

/* Checks a submitted request against the entry and the profile; all faults at once. *rank: the
 * strictest sharing attribute among the items. (request_check.c) */
int request_check(struct rule_context *context, const struct doc *entry, int *rank);
/* ERR_DUPLICATE or, for a text that is not in `of`, ERR_SUBJECT, under `name`. */
int check_subset(struct rule_context *context, const struct doc *list, const struct doc *of,
                 const char *of_member, const char *name, const char *clause);

/* Creates grant/<id> from an editable request record, whose status it sets; the version is stamped
 * by the caller's function (record_stamp or record_stamp_act). (grants.c) */
void grant_create(struct rule_context *context, struct doc *request, const char *id,
                  const struct grant_terms *terms,
                  void (*stamp)(struct rule_context *, struct doc *));

#endif
