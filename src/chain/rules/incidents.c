/* Security incidents (D13, PT 29):
 * 在发生数据安全事件时应当立即采取处置措施，并及时向相关数据安全监管 部门、区府办报告.
 *
 *   open ──close──▶ closed
 *
 * The report says when it was found, what was done at once, and to which authority it went. */
#include "base/errors.h"
#include "chain/rules/matters.h"
#include "chain/rules/tables.h"

int incident_report(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (doc_get_int(context->body, "found_ms", 0) > context->time_ms) {
        rule_fault(context, ERR_FIELD_RANGE, "PT 29", "found_ms");
    }
    (void)matter_entry(context, "PT 29");
    (void)matter_grant(context, context->tx->member, "PT 29");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "incident", "open");
    doc_set_text(record, "member", context->tx->member);
    state_put(context->state, subject, record);
    return 0;
}

int incident_close(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *incident = matter_subject(context, subject, "incident");
    if (incident == NULL || !matter_is(context, incident, "incident", "PT 29", "open", NULL)) {
        return rule_failed(context);
    }
    if (!signer_supervises(context) && !rule_signed_by(context, doc_get_text(incident, "by"))) {
        return rule_fault(context, ERR_PARTY, "PT 29", "incident");
    }
    struct doc *record = record_edit(incident);
    matter_step(context, record, "incident", "closing", "closed");
    state_put(context->state, subject, record);
    return 0;
}
