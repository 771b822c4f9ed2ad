/* Passing data on (D10, CN 18):
 * 只能用于本单位的内部履职需要，如需对外提供或发布，应当向数据资源提供方
 * 提出书面申请，经同意后，方可对外提供或发布.
 *
 *   requested ──consent──▶ consented ──refuse──▶ consent-revoked
 *     └─────refuse───▶ refused        └ each time that something is passed on: recorded
 *
 * The written papers stay with the agencies; the ledger has their digests. A consent lasts to 24:00
 * of its last day, if it names one, and as long as its grant; and what no access would give now, by
 * a ruling of the supervisor (CN 14) or a hold, is not passed on either. */
#include "base/errors.h"
#include "chain/rules/grants.h"
#include "chain/rules/matters.h"
#include "chain/rules/tables.h"

#include <string.h>

int onward_ask(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "onward", "CN 18", "kind")) {
        return rule_failed(context);
    }
    const struct doc *grant =
        state_getf(context->state, "grant/%s", rule_body_text(context, "grant"));
    if (grant == NULL) {
        return rule_fault(context, ERR_SUBJECT, "CN 18", "grant");
    }
    if (!rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "CN 18", "grant");
    }
    if (grant_is_over(grant)) {
        return rule_fault_record(context, grant, GRANT_NOT_OVER, "CN 18", "grant");
    }
    struct doc *record = matter_new(context, subject, "onward", "requested");
    record_share(record, "member", doc_get(grant, "consumer"));
    record_share(record, "provider", doc_get(grant, "provider"));
    state_put(context->state, subject, record);
    return 0;
}

int onward_answer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    bool consents = strcmp(rule_body_text(context, "decision"), "consent") == 0;
    const struct doc *onward = matter_subject(context, subject, "onward");
    if (onward == NULL || !matter_is(context, onward, "onward", "CN 18", "requested",
                                     consents ? NULL : "consented")) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(onward, "provider"))) {
        rule_fault(context, ERR_PARTY, "CN 18", "onward");
    }
    if (consents && doc_get(context->body, "papers") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 18", "papers");
    }
    int64_t end_ms =
        doc_get(context->body, "until") != NULL ? matter_deadline(context, "until", "CN 18") : 0;
    if (context->error != 0) {
        return rule_failed(context);
    }
    bool revokes = doc_text_is(onward, "status", "consented");
    struct doc *record = record_edit(onward);
    matter_step(context, record, "onward", revokes ? "revocation" : "answer",
                consents  ? "consented"
                : revokes ? "consent-revoked"
                          : "refused");
    if (end_ms > 0) {
        doc_set_int(record, "until_ms", end_ms);
    }
    state_put(context->state, subject, record);
    return 0;
}

int onward_record(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES], grant_key[RECORD_KEY_BYTES];
    const struct doc *onward = matter_subject(context, subject, "onward");
    if (onward == NULL) {
        return rule_failed(context);
    }
    record_key(grant_key, "grant/%s", doc_get_text(onward, "grant"));
    const struct doc *grant = record_current(context, grant_key);
    if (!rule_signed_by(context, doc_get_text(onward, "member"))) {
        rule_fault(context, ERR_PARTY, "CN 18", "onward");
    } else if (!doc_text_is(onward, "status", "consented") ||
               context->time_ms >= doc_get_int(onward, "until_ms", INT64_MAX) ||
               !doc_text_is(grant, "status", "active")) {
        rule_fault(context, ERR_NOT_GRANTED, "CN 18", "onward");
    } else {
        grant_check_given(context, grant);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(onward);
    doc_set_int(record, "records", doc_get_int(record, "records", 0) + 1);
    matter_step(context, record, "onward", "last_record", "consented");
    state_put(context->state, subject, record);
    return 0;
}
