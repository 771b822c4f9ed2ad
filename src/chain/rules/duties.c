/* Duties (B1, B3): what an agency is responsible for, the root of every catalog entry.
 *
 *   published ──▶ active, version 1 ──published again──▶ version 2 … ──retired──▶ retired
 *                       ▲──────────────────published again─────────────────────────────┘
 *
 * Each version is the body of a transaction, `replaces` names the one before it: so all of them can
 * be read and proved, back to the first. A retired duty takes no new entries and keeps those it
 * has; the record lists them, and an act on each tells. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/stems.h"
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
    const struct doc *before = state_get(context->state, key);
    doc_set_int(record, "number", doc_get_int(before, "number", 0) + 1);
    record_share(record, "replaces", doc_get(before, "version"));
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
        faults_note_may(context->faults, ERR_STATUS, "active");
        return rule_fault(context, ERR_STATUS, "B3", "code");
    }
    char prefix[RECORD_KEY_BYTES];
    struct doc *record = record_edit(duty);
    stem_duty_prefix(prefix, context->tx->member, rule_body_text(context, "code"));
    stem_affect(context, record, prefix, "CESI 5.3", "duty-retired");
    doc_set_text(record, "status", "retired");
    doc_set_int(record, "retired_ms", context->time_ms);
    record_share(record, "retire_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
