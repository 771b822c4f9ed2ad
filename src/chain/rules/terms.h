/* Terms: periods that end by law at block time.
 *
 *   record   {"terms": {"<name>": {"from_ms","days","due_ms","clause","provisional"?,…}}}
 *   index    due/<%016x due_ms>/<name>/<subject>     for terms that act when they end
 *
 * The day of receipt does not count; a term ends at 24:00 Beijing time of its last working day,
 * stored as the exclusive instant: at due_ms it is over. `days` is absent for a term that ends at
 * a fixed instant. Terms whose end has no effect of its own (the center's review) are noted in the
 * record only, and judged when the act comes. */
#ifndef DIRCHAIN_CHAIN_RULES_TERMS_H
#define DIRCHAIN_CHAIN_RULES_TERMS_H

#include "chain/rule.h"

/* Starts a term of working days on the record (an editable copy, to be put by the caller under
 * `subject`). `effect`, kept in the term, may be NULL. */
void term_start(struct rule_context *context, struct doc *record, const char *subject,
                const char *name, int days, const char *clause, const char *effect);
/* Starts a term that ends at an instant. */
void term_start_at(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name, int64_t due_ms, const char *clause);
/* Ends a term without its effect; nothing happens if it does not run. */
void term_stop(struct rule_context *context, struct doc *record, const char *subject,
               const char *name);
/* Whether the term is over by the calendar in force, an outage taken into account. */
bool term_is_over(struct rule_context *context, const struct doc *record, const char *name);
/* ---- where terms end (term_ends.c) ---- */

int64_t term_working_end(struct rule_context *context, bool *provisional, int64_t from_ms,
                         int days);
/* Where a term that would end at end_ms ends, given the outages there were. */
int64_t term_outage_shift(struct rule_context *context, int64_t end_ms);
/* The same for the suspensions of the member that owes the answer; *provisional is set if any. */
int64_t term_suspension_shift(struct rule_context *context, bool *provisional,
                              const struct doc *term, const char *member, int64_t end_ms);

/* The running term, or NULL. */
const struct doc *term_get(const struct doc *record, const char *name);

/* What happens when a term ends: each stops its term, changes the record, records the act. */
typedef void term_end(struct rule_context *context, const char *subject, const struct doc *term);
term_end request_answer_due; /* answers.c */
term_end entry_resubmit_due; /* catalog.c */
term_end change_assess_due;  /* catalog_change.c */
term_end grant_expiry_due;   /* grants.c */

#endif
