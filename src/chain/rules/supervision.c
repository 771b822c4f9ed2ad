/* What the supervisor decides about an entry (A5): the last word on its sharing attribute. Who is
 * responsible for data is designations.c. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

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
