/* What the files of a grant's life share: grants.c, access.c, holds.c, disuse.c, notices.c. */
#ifndef DIRCHAIN_CHAIN_RULES_GRANTS_H
#define DIRCHAIN_CHAIN_RULES_GRANTS_H

#include "chain/rules/records.h"

/* ---- grants.c ---- */

/* The grant of the body, current; its key into `subject`. NULL with a fault. */
const struct doc *grant_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES]);
bool grant_is_over(const struct doc *grant);
#define GRANT_NOT_OVER "agreement active suspended" /* statuses, for rule_fault_record */
/* Notes what the transaction does, by whom and why; the status, and a new version. */
void grant_note_act(struct rule_context *context, struct doc *grant, const char *status);
/* The same; the status stays. */
void grant_note_step(struct rule_context *context, struct doc *grant);
/* The transaction ends the grant (grant_close). */
int grant_finish(struct rule_context *context, const char *subject, const struct doc *grant,
                 const char *status);
/* The same with an editable record, which the caller puts. */
void grant_finish_record(struct rule_context *context, const char *subject, struct doc *record,
                         const char *status);
/* No term of an editable record that is over runs on; its holds stand until they are lifted. */
void grant_close(struct rule_context *context, struct doc *record, const char *subject);
/* The end of a term ends it, as an automatic act named like the status. */
void grant_finish_by_itself(struct rule_context *context, const char *subject,
                            const struct doc *term, const char *status);

/* ---- agreements.c ---- */

/* Nobody's signature is waited for any more on an editable grant record. */
void agreement_unawaited(struct rule_context *context, struct doc *record, const char *subject);
/* Whether the consumer has signed, and the provider has not. */
bool agreement_withheld(const struct doc *grant);
/* The transaction at hand rules that this grant gives: it stands in for the provider's signature,
 * if that is not there. */
void agreement_ruled(struct rule_context *context, const char *id);

/* ---- access.c ---- */

/* Faults what stands against any use of a grant although it is active: a ruling on sharing (CN 14),
 * a halt, a hold of the same use, a measure (PT 31; OPEN 31, 32). */
void grant_check_given(struct rule_context *context, const struct doc *grant);

/* ---- holds.c: why a grant that is not over gives nothing now ---- */

/* Puts a hold of `by` (NULL: of the ledger itself) on an editable grant record, which becomes or
 * stays suspended, or, before its agreement is signed, will be; neither version nor the state is
 * touched. ERR_STATUS (it is on hold for this reason already, or over), ERR_QUOTA. */
int hold_put(struct rule_context *context, struct doc *grant, const char *subject, const char *name,
             const char *clause, const char *by);
/* The same on a grant that is over, too: ERR_QUOTA. */
int hold_add(struct rule_context *context, struct doc *grant, const char *subject, const char *name,
             const char *clause, const char *by);
/* Ends it; with the last one a grant that is not over is active again. Nothing happens if there is
 * no such. */
void hold_end(struct rule_context *context, struct doc *grant, const char *subject,
              const char *name);
/* Takes it out of an editable grant record that is over, or about to be. */
void hold_drop(struct doc *grant, const char *name);

/* ---- disuse.c (PT 26) ---- */

/* Notes on an editable grant record how long the reason that the request gave with its frequency
 * (PT 17) excuses disuse; nothing where the policy asks for none. */
void disuse_excuse(struct rule_context *context, struct doc *grant, const struct doc *frequency);
/* Counts from now, or from the end of what is excused, how long an editable grant record stays
 * unused, if it is active and the profile has such a term. */
void disuse_start(struct rule_context *context, struct doc *grant, const char *subject);
/* A receipt shows that data was called by the grant (its id) in an access that was opened then. */
void disuse_used(struct rule_context *context, const char *id, int64_t used_ms);

#endif
