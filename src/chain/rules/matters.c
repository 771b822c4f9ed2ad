/* Records of supervision: how they begin, how each step is noted, who may take one. */
#include "chain/rules/matters.h"

#include "base/errors.h"

#include <string.h>

struct doc *matter_new(struct rule_context *context, char subject[RECORD_KEY_BYTES],
                       const char *table, const char *status)
{
    struct doc *record = record_edit(context->body);
    doc_remove(record, "acts_on");
    doc_set_text(record, "by", context->tx->member);
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "status", status);
    record_stamp(context, record);
    record_key(subject, "%s/%s", table, context->txid);
    return record;
}

const struct doc *matter_subject(struct rule_context *context, char subject[RECORD_KEY_BYTES],
                                 const char *table)
{
    record_key(subject, "%s/%s", table, rule_body_text(context, table));
    return rule_subject(context, subject);
}

void matter_step(struct rule_context *context, struct doc *record, const char *table,
                 const char *name, const char *status)
{
    struct doc *step = record_edit(context->body);
    doc_remove(step, "acts_on");
    doc_remove(step, table);
    doc_set_text(step, "by", context->tx->member);
    doc_set_int(step, "time_ms", context->time_ms);
    doc_set(record, name, step);
    doc_set_text(record, "status", status);
    record_stamp(context, record);
}

bool matter_is(struct rule_context *context, const struct doc *record, const char *table,
               const char *clause, const char *status, const char *or_status)
{
    if (doc_text_is(record, "status", status) ||
        (or_status != NULL && doc_text_is(record, "status", or_status))) {
        return true;
    }
    faults_note_may(context->faults, ERR_STATUS, status);
    faults_note_may(context->faults, ERR_STATUS, or_status);
    rule_fault_status(context, doc_get_text(record, "status"), "", clause, "%s", table);
    return false;
}

/* ---- who, about what, until when ---- */

bool signer_is_supervisor(struct rule_context *context)
{
    bool signs = doc_has_text(doc_get(context->member, "parties"), "supervisor") &&
                 (doc_text_is(context->key, "role", "review") ||
                  doc_text_is(context->key, "role", "approve"));
    if (!signs) {
        faults_note_may(context->faults, ERR_PARTY, "supervisor");
    }
    return signs;
}

bool signer_supervises(struct rule_context *context)
{
    return signer_is_supervisor(context) || rule_center_signs(context, "review");
}

int matter_member(struct rule_context *context, const char *field, const char *clause)
{
    return state_getf(context->state, "member/%s", rule_body_text(context, field)) != NULL
               ? 0
               : rule_fault(context, ERR_SUBJECT, clause, "%s", field);
}

int matter_entry(struct rule_context *context, const char *clause)
{
    const char *provider = rule_body_text(context, "provider");
    const char *entry = rule_body_text(context, "entry");
    if (provider == NULL && entry == NULL) {
        return 0;
    }
    if (provider == NULL || entry == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, clause,
                          provider == NULL ? "provider" : "entry");
    }
    return state_getf(context->state, "entry/%s/%s", provider, entry) != NULL
               ? 0
               : rule_fault(context, ERR_SUBJECT, clause, "entry");
}

int64_t matter_deadline(struct rule_context *context, const char *field, const char *clause)
{
    int64_t day = 0;
    (void)civil_parse_date(&day, rule_body_text(context, field)); /* the table checked it */
    int64_t end_ms = civil_day_start(day + 1);
    if (end_ms <= context->time_ms) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, civil_day(context->time_ms), FAULT_OPEN);
        rule_fault(context, ERR_FIELD_RANGE, clause, "%s", field);
        return 0;
    }
    return end_ms;
}
