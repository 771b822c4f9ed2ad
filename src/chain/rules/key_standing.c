/* key.suspend and key.restore: a key that may be lost, or whose holder is under inquiry, signs
 * nothing from the next block on, neither transactions nor as the operator of an access. PT 29:
 * 强化日常监测、风险预警和应急处置…在发生数据安全事件时应当立即采取处置措施. The clause binds
 * 区大数据中心和各相关单位, so the member's chief may, and the center; what the center suspended
 * only the center restores. The role and the office stay; whom the center leaves without a key that
 * can sign is not silent (key_silence.c). Nothing leaves or arrives without the gateway's key:
 * by that one the center stops services, and reports the risk (PT 31, risks.c). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/key_record.h"
#include "chain/rules/members.h"
#include "chain/rules/officers.h"
#include "chain/rules/records.h"
#include "chain/rules/risks.h"
#include "chain/rules/tables.h"

#include <string.h>

/* The key, if the signer may suspend it: its member's chief, or the center. */
static const struct doc *standing_subject(struct rule_context *context)
{
    const char *named = rule_body_text(context, "member");
    bool own = named == NULL || rule_signed_by(context, named);
    if (own && !doc_text_is(context->key, "role", "chief")) {
        faults_note_may(context->faults, ERR_TX_ROLE, "chief");
        rule_fault(context, ERR_TX_ROLE, "PT 6", "%s", "");
        return NULL;
    }
    if (!own && !rule_center_signs(context, "admin")) {
        rule_fault(context, ERR_PARTY, "PT 29", "member");
        return NULL;
    }
    const struct doc *key = rule_subjectf(context, "key/%s/%s", own ? context->tx->member : named,
                                          rule_body_text(context, "name"));
    if (key != NULL && doc_kind(doc_get(key, "to")) != DOC_NULL) {
        key_fault_standing(context, key, "in-force suspended", "PT 29");
        return NULL;
    }
    return key;
}

int key_suspend(struct rule_context *context)
{
    const struct doc *key = standing_subject(context);
    if (key == NULL || risk_check_cause(context, doc_text_is(key, "role", "gateway")) != 0) {
        return rule_failed(context);
    }
    if (!key_stands(key)) {
        return key_fault_standing(context, key, "in-force", "PT 29");
    }
    if (!keys_spare_key(context, key)) {
        return rule_fault(context, ERR_LAST_CHIEF, "PT 6", "name");
    }
    struct doc *record = record_edit(key);
    doc_set_int(record, "suspended", (int64_t)context->height + 1);
    doc_set_text(record, "suspended_by", context->tx->member);
    record_share(record, "suspend_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    const char *named = rule_body_text(context, "member"), *role = doc_get_text(record, "role");
    key_record_put(context->state, record);
    if (named != NULL && !rule_signed_by(context, named)) {
        keys_silenced(context, named, role);
        risk_put_member(context, named, rule_body_text(context, "name"));
    }
    return 0;
}

int key_restore(struct rule_context *context)
{
    const struct doc *key = standing_subject(context);
    if (key == NULL) {
        return rule_failed(context);
    }
    if (doc_get(key, "suspended") == NULL) {
        return key_fault_standing(context, key, "suspended", "PT 29");
    }
    if (!doc_text_is(key, "suspended_by", context->tx->member) &&
        !rule_center_signs(context, "admin")) {
        return rule_fault(context, ERR_PARTY, "PT 29", "name");
    }
    struct doc *record = record_edit(key);
    doc_remove(record, "suspended");
    doc_remove(record, "suspended_by");
    doc_remove(record, "suspend_reason");
    doc_set_int(record, "restored", (int64_t)context->height + 1);
    record_stamp(context, record);
    key_record_put(context->state, record);
    keys_heard(context, doc_get_text(record, "member"), doc_get_text(record, "role"));
    return 0;
}
