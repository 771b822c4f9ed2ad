/* Designation by the supervisor (A5). PT 5:
 * 公共数据管理涉及多个单位或者责任不明确的，由区府办指定区级 责任单位进行管理.
 *
 *   designated ──▶ active ──another is designated in its place──▶ replaced
 *                     └──withdrawn──▶ withdrawn
 *
 * Entries that name a designation are the designated agency's. Once it is replaced or withdrawn no
 * entry enters on it; those it has stay, listed as affected, until their agencies see to them. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/stems.h"
#include "chain/rules/tables.h"

#include <string.h>

/* Ends the designation in force, with what stems from it. */
static void designation_close(struct rule_context *context, const char *id,
                              const struct doc *designation, const char *status, const char *effect)
{
    char prefix[RECORD_KEY_BYTES];
    struct doc *record = record_edit(designation);
    stem_designation_prefix(prefix, id);
    stem_affect(context, record, prefix, "PT 5", effect);
    doc_set_text(record, "status", status);
    if (strcmp(status, "replaced") == 0) {
        doc_set_text(record, "replaced_by", context->txid);
    } else {
        record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    }
    record_stamp(context, record);
    state_putf(context->state, record, "designation/%s", id);
}

static int replace(struct rule_context *context)
{
    const char *id = rule_body_text(context, "replaces");
    if (id == NULL) {
        return 0;
    }
    const struct doc *before = state_getf(context->state, "designation/%s", id);
    if (!doc_text_is(before, "status", "active")) {
        return rule_fault_record(context, before, "active", "PT 5", "replaces");
    }
    designation_close(context, id, before, "replaced", "designation-replaced");
    return 0;
}

int catalog_designate(struct rule_context *context)
{
    const struct doc *member =
        state_getf(context->state, "member/%s", rule_body_text(context, "member"));
    if (member == NULL) {
        return rule_fault(context, ERR_SUBJECT, "PT 5", "member");
    }
    if (!doc_has_text(doc_get(member, "parties"), "provider")) {
        return rule_fault(context, ERR_PARTY, "PT 5", "member");
    }
    if (doc_text_is(member, "status", "removed")) {
        return rule_fault_record(context, member, "active suspended", "PT 5", "member");
    }
    if (replace(context) != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(context->body);
    doc_set_text(record, "by", context->tx->member);
    doc_set_text(record, "id", context->txid);
    doc_set_int(record, "since_ms", context->time_ms);
    doc_set_text(record, "status", "active");
    record_stamp(context, record);
    state_putf(context->state, record, "designation/%s", context->txid);
    return 0;
}

int designation_withdraw(struct rule_context *context)
{
    const char *id = rule_body_text(context, "designation");
    const struct doc *designation = rule_subjectf(context, "designation/%s", id);
    if (designation == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(designation, "status", "active")) {
        faults_note_may(context->faults, ERR_STATUS, "active");
        return rule_fault(context, ERR_STATUS, "PT 5", "designation");
    }
    designation_close(context, id, designation, "withdrawn", "designation-withdrawn");
    return 0;
}
