/* What entries stem from (B2): a duty of their agency, or the supervisor's designation (PT 5).
 *
 *   stem/duty/<member>/<duty>/<entry>, stem/designation/<id>/<member>/<entry>   true
 *
 * Invariant: a key stands for exactly the entries in the catalog that name it: accepted once, and
 * not retired. */
#ifndef DIRCHAIN_CHAIN_RULES_STEMS_H
#define DIRCHAIN_CHAIN_RULES_STEMS_H

#include "chain/rules/records.h"

/* How many entries an act on their root lists. */
#define STEM_ENTRIES_LISTED_MAX 256

/* The entry's content in the catalog changes from `before` to `after`; NULL before it is accepted,
 * and once it is retired. */
void stem_move(struct rule_context *context, const char *provider, const char *code,
               const struct doc *before, const struct doc *after);
/* Lists the entries below `prefix` in the record as "affected", <member>/<code> each, and records
 * an act of this effect on each; "affected_more" tells that there are further ones. */
void stem_affect(struct rule_context *context, struct doc *record, const char *prefix,
                 const char *clause, const char *effect);
void stem_duty_prefix(char out[RECORD_KEY_BYTES], const char *member, const char *duty);
void stem_designation_prefix(char out[RECORD_KEY_BYTES], const char *id);

#endif
