/* What the supervisor decides (A5): the responsible agency where duties do not tell, and the last
 * word on a sharing attribute. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

/* PT 5: 公共数据管理涉及多个单位或者责任不明确的，由区府办指定区级责任单位进行管理. */
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
    struct doc *record = record_edit(context->body);
    doc_set_text(record, "by", context->tx->member);
    doc_set_int(record, "since_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "designation/%s", context->txid);
    return 0;
}

/* CN 14: 领导小组具有公共数据共享属性最终认定权. */
int catalog_attribute(struct rule_context *context)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "entry/%s/%s", rule_body_text(context, "provider"),
               rule_body_text(context, "code"));
    const struct doc *entry = rule_subject(context, key);
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "published")) {
        return rule_fault(context, ERR_STATUS, "CN 14", "code");
    }
    struct doc *ruling = doc_new_object();
    record_share(ruling, "basis", doc_get(context->body, "basis"));
    doc_set_text(ruling, "by", context->tx->member);
    record_share(ruling, "reason", doc_get(context->body, "reason"));
    record_share(ruling, "sharing", doc_get(context->body, "sharing"));
    doc_set_int(ruling, "time_ms", context->time_ms);
    doc_set_text(ruling, "version", context->txid);
    struct doc *record = record_edit(entry);
    doc_set(record, "ruling", ruling);
    record_stamp(context, record);
    state_put(context->state, key, record);
    return 0;
}
