/* Agreements (D6): 公共数据共享安全保密协议 of CN 17, 数据利用协议 of OPEN 20.
 *
 * Each side's chief signs the digest of the text it holds, and says what that text contains; the
 * grant acts once both have signed one text. Who signed first may sign another as long as the other
 * side has not signed; who signs second signs the same. */
#include "base/errors.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"

/* OPEN 20: 数据利用协议中应当包含应用场景要求、数据利用情况报送、数据安全保障措施、违约责任等内容.
 * What the text must contain is the profile's. */
static void check_contents(struct rule_context *context)
{
    const struct doc *needed = rule_profile_at(context, "agreement.contents");
    const struct doc *contains = doc_get(context->body, "contains");
    for (size_t i = 0; i < doc_count(needed); i++) {
        const char *content = doc_text(doc_at(needed, i));
        if (!doc_has_text(contains, content)) {
            rule_fault(context, ERR_FIELD_MISSING, "OPEN 20, CN 17", "contains.%s", content);
        }
    }
}

/* CN 17:
 * 需求申请表以书面盖章形式送达资源提供方处盖章，最后将书面表格递交区科委，同时附上双方签订的…协议.
 */
static void check_form(struct rule_context *context)
{
    bool needed = doc_get_bool(rule_profile_at(context, "agreement"), "stamped_form", false);
    if (needed && doc_get(context->body, "form") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "CN 17", "form");
    }
}

/* One text, and one form, are signed by both. */
static void check_same(struct rule_context *context, const struct doc *other)
{
    static const char *const papers[] = {"digest", "form"};
    for (size_t i = 0; other != NULL && i < sizeof papers / sizeof *papers; i++) {
        if (!doc_equal(doc_get(other, papers[i]), doc_get(context->body, papers[i]))) {
            rule_fault(context, ERR_AGREEMENT, "CN 17, OPEN 20", "%s", papers[i]);
        }
    }
}

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
    const struct doc *other =
        doc_get(doc_get(grant, "agreement"), provider ? "consumer" : "provider");
    check_contents(context);
    check_form(context);
    check_same(context, other);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *side = doc_new_object();
    record_share(side, "contains", doc_get(context->body, "contains"));
    record_share(side, "digest", doc_get(context->body, "digest"));
    record_share(side, "form", doc_get(context->body, "form"));
    doc_set_int(side, "time_ms", context->time_ms);
    doc_set_text(side, "tx", context->txid);
    struct doc *agreement = record_edit(doc_get(grant, "agreement"));
    doc_set(agreement, provider ? "provider" : "consumer", side);
    struct doc *record = record_edit(grant);
    if (other != NULL) {
        bool held = doc_count(doc_get(grant, "holds")) > 0; /* OPEN 31: 立即中止 */
        doc_set_text(record, "status", held ? "suspended" : "active");
        disuse_start(context, record, subject);
    }
    doc_set(record, "agreement", agreement);
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
