/* Duties (B1, B3): what an agency is responsible for, the root of every catalog entry. Versioned;
 * a retired duty takes no new entries and keeps those it has. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

static void duty_key(char out[RECORD_KEY_BYTES], const struct rule_context *context)
{
    record_key(out, "duty/%s/%s", context->tx->member, rule_body_text(context, "code"));
}

/* The record is the body, with member, status and version in place of acts_on. */
static void duty_put(struct rule_context *context, const char *key)
{
    struct doc *record = record_edit(context->body);
    doc_remove(record, "acts_on");
    doc_set_text(record, "member", context->tx->member);
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "status", "active");
    record_stamp(context, record);
    state_put(context->state, key, record);
}

int duty_publish(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    duty_key(key, context);
    if (doc_get(context->body, "acts_on") != NULL) {
        if (rule_subject(context, key) == NULL) {
            return rule_failed(context);
        }
    } else if (state_get(context->state, key) != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "B3", "code");
    }
    if (rule_text_blank(rule_body_text(context, "name"))) {
        rule_fault(context, ERR_FIELD_LENGTH, "CESI 5.3.1", "name");
    }
    if (rule_text_blank(rule_body_text(context, "basis"))) {
        rule_fault(context, ERR_FIELD_LENGTH, "CESI 5.3.1", "basis");
    }
    duty_put(context, key);
    return context->error;
}

int duty_retire(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    duty_key(key, context);
    const struct doc *duty = rule_subject(context, key);
    if (duty == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(duty, "status", "active")) {
        return rule_fault(context, ERR_STATUS, "B3", "code");
    }
    struct doc *record = record_edit(duty);
    doc_set_text(record, "status", "retired");
    record_share(record, "retire_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
