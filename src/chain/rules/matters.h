/* Matters: small records under supervision, each from what a body said when it began, and what was
 * done about it since.
 *
 *   <table>/<txid>  the body, with "by", "since_ms", "status", "version"; and for each later step a
 *                   member of its name: the body of that step, with "by", "time_ms"
 *
 * A step names its matter in the field that is named like the table, and acts_on its version. */
#ifndef DIRCHAIN_CHAIN_RULES_MATTERS_H
#define DIRCHAIN_CHAIN_RULES_MATTERS_H

#include "chain/rules/records.h"

/* The body as a new record, stamped, its key into `subject`. The caller owns it, adds to it, and
 * puts it. */
struct doc *matter_new(struct rule_context *context, char subject[RECORD_KEY_BYTES],
                       const char *table, const char *status);
/* The current matter that the body names. NULL with a fault. */
const struct doc *matter_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES],
                                 const char *table);
/* Notes the step on an editable record: status, version, and the body under `name`. */
void matter_step(struct rule_context *context, struct doc *record, const char *table,
                 const char *name, const char *status);
/* Whether the record's status is one of these words; ERR_STATUS at the field `table` if not. */
bool matter_is(struct rule_context *context, const struct doc *record, const char *table,
               const char *clause, const char *status, const char *or_status);

/* Who watches over the others: the center's reviewer (区大数据中心), a reviewer or approver of the
 * supervisor (区府办、主管部门). */
bool signer_supervises(struct rule_context *context);
bool signer_is_supervisor(struct rule_context *context);
/* The member that the body's `field` names exists. ERR_SUBJECT. */
int matter_member(struct rule_context *context, const char *field, const char *clause);
/* The grant that the body names, if it names one, is the member's, who gives or gets by it.
 * ERR_SUBJECT. (cases.c) */
int matter_grant(struct rule_context *context, const char *member, const char *clause);
/* The entry that the body's "provider" and "entry" name exists; both are there, or neither. */
int matter_entry(struct rule_context *context, const char *clause);
/* OPEN 32: 按照各自职责: whether the case is about what the signer gives. (measures.c) */
bool matter_concerns_signer(struct rule_context *context, const struct doc *matter);
/* The instant at which a date of the body is over (24:00 Beijing time); ERR_FIELD_RANGE at the
 * field, and 0, if it is already. */
int64_t matter_deadline(struct rule_context *context, const char *field, const char *clause);

#endif
