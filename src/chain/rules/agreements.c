/* Agreements (D6): 公共数据共享安全保密协议 of CN 17, 数据利用协议 of OPEN 20. */
#include "base/errors.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"

/* Each side's chief signs the digest of the text it holds; the grant acts once both are the same. A
 * side may sign again while they differ. */
int agreement_sign(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    if (grant == NULL) {
        return rule_failed(context);
    }
    bool provider = rule_signed_by(context, doc_get_text(grant, "provider"));
    if (!provider && !rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "CN 17", "grant");
    }
    if (!doc_text_is(grant, "status", "agreement")) {
        return rule_fault(context, ERR_STATUS, "CN 17", "grant");
    }
    struct doc *side = doc_new_object();
    record_share(side, "digest", doc_get(context->body, "digest"));
    doc_set_int(side, "time_ms", context->time_ms);
    doc_set_text(side, "tx", context->txid);
    struct doc *agreement = record_edit(doc_get(grant, "agreement"));
    doc_set(agreement, provider ? "provider" : "consumer", side);
    const char *other =
        doc_get_text(doc_get(agreement, provider ? "consumer" : "provider"), "digest");
    struct doc *record = record_edit(grant);
    if (other != NULL && doc_text_is(context->body, "digest", other)) {
        doc_set_text(record, "status", "active");
        disuse_start(context, record, subject);
    }
    doc_set(record, "agreement", agreement);
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
