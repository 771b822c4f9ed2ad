/* What the milestones of systems share with their acceptance (acceptances.c). */
#ifndef DIRCHAIN_CHAIN_RULES_ACCEPTANCES_H
#define DIRCHAIN_CHAIN_RULES_ACCEPTANCES_H

#include "chain/rule.h"

/* The profile's section for the milestone of the body, or that of when it was first recorded
 * (`before`). NULL: it is no system's, or the document has the term begin with the acceptance. */
const struct doc *acceptance_of(struct rule_context *context, const struct doc *before);
/* Since when all entries that the body names stand with all that is needed; faults of those that do
 * not or are of another system, and where what was compiled for it (`before`) is left out. */
int64_t acceptance_check_entries(struct rule_context *context, const struct doc *acceptance,
                                 const struct doc *before);
/* Whether a day to come is one that an acceptance can be planned for. */
bool acceptance_is_near(const struct rule_context *context, int64_t day);
/* Recorded anew, it names its entries, its system otherwise, or another day to come: faults. */
void acceptance_check_anew(struct rule_context *context, const struct doc *before);
/* The days that it was to be before, and what its system was called, stay on the editable record,
 * with why and when that was put right. */
void acceptance_note_before(struct rule_context *context, struct doc *record,
                            const struct doc *before);
/* Met by what the editable record names, late if that stood, or was named of a milestone on record,
 * only after the day; else owed until end_ms, when the day is over. */
void acceptance_begin(struct rule_context *context, struct doc *record, const char *key,
                      int64_t since_ms, int64_t end_ms);

#endif
