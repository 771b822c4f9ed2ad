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

/* The body as a new record, stamped; the caller adds to it, and puts it. Its key into `subject`. */
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
/* The entry of provider and entry that the body names, if it names one; both or neither. */
int matter_entry(struct rule_context *context, const char *clause);
/* Last instant of a date of the body, exclusive; not before today. ERR_FIELD_RANGE at the field,
 * and 0. */
int64_t matter_deadline(struct rule_context *context, const char *field, const char *clause);

#endif
