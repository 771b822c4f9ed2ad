/* Agreements (D6): 公共数据共享安全保密协议 of CN 17, 数据利用协议 of OPEN 20.
 *
 * Each side's chief signs the digest of the text it holds, and says what that text contains; the
 * grant acts once both have signed one text. Who signed first may sign another as long as the other
 * side has not signed; who signs second signs the same.
 *
 * CN 16 (不得拒绝) and OPEN 19 (一次性告知理由) leave no refusal by not signing: once one side has
 * signed, the other owes its signature, in the term that the profile may have; the consumer that
 * waits for the provider's takes it to whoever rules (disputes.c), and what is ruled to be given
 * stands in for the provider's signature. */
#include "base/errors.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

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

static bool is_ruling(const struct doc *side)
{
    return doc_get(side, "ruling") != NULL;
}

/* One text, and one form, are signed by both; a ruling has none of its own. */
static void check_same(struct rule_context *context, const struct doc *other)
{
    static const char *const papers[] = {"digest", "form"};
    bool signed_one = other != NULL && !is_ruling(other);
    for (size_t i = 0; signed_one && i < sizeof papers / sizeof *papers; i++) {
        if (!doc_equal(doc_get(other, papers[i]), doc_get(context->body, papers[i]))) {
            rule_fault(context, ERR_AGREEMENT, "CN 17, OPEN 20", "%s", papers[i]);
        }
    }
}

static const char *other_side(const char *side)
{
    return strcmp(side, "provider") == 0 ? "consumer" : "provider";
}

/* `side` has done its part on an editable grant record: the other owes its own, or it is agreed. */
static void agreement_put(struct rule_context *context, struct doc *record, const char *subject,
                          const char *side, struct doc *part)
{
    const char *other = other_side(side);
    struct doc *agreement = record_edit(doc_get(record, "agreement"));
    bool agreed = doc_get(agreement, other) != NULL;
    doc_set(agreement, side, part);
    doc_set(record, "agreement", agreement);
    if (agreed) {
        bool held = doc_count(doc_get(record, "holds")) > 0; /* OPEN 31: 立即中止 */
        agreement_unawaited(context, record, subject);
        doc_set_text(record, "status", held ? "suspended" : "active");
        disuse_start(context, record, subject);
    } else if (doc_get(record, "unsigned") == NULL) {
        doc_set_text(record, "unsigned", doc_get_text(record, other));
        term_start_policy(context, record, subject, "agreement", "agreement.term");
    }
}

void agreement_unawaited(struct rule_context *context, struct doc *record, const char *subject)
{
    term_stop(context, record, subject, "agreement");
    doc_remove(record, "unsigned");
}

/* ---- what a ruling does ---- */

bool agreement_withheld(const struct doc *grant)
{
    const struct doc *agreement = doc_get(grant, "agreement");
    return doc_text_is(grant, "status", "agreement") && doc_get(agreement, "consumer") != NULL &&
           doc_get(agreement, "provider") == NULL;
}

void agreement_ruled(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "grant/%s", id);
    const struct doc *grant = state_get(context->state, subject);
    if (!doc_text_is(grant, "status", "agreement") ||
        doc_get(doc_get(grant, "agreement"), "provider") != NULL) {
        return;
    }
    struct doc *side = doc_new_object(), *record = record_edit(grant);
    doc_set_text(side, "ruling", context->txid);
    doc_set_int(side, "time_ms", context->time_ms);
    agreement_put(context, record, subject, "provider", side);
    record_stamp(context, record);
    state_put(context->state, subject, record);
}

/* ---- agreement.sign ---- */

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
        faults_note_may(context->faults, ERR_STATUS, "agreement");
        return rule_fault(context, ERR_STATUS, "CN 17", "grant");
    }
    const char *name = provider ? "provider" : "consumer";
    const struct doc *before = doc_get(grant, "agreement");
    if (is_ruling(doc_get(before, name))) { /* it has been signed for */
        return rule_fault(context, ERR_STATUS, "CN 17, OPEN 5", "grant");
    }
    const struct doc *other = doc_get(before, other_side(name));
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
    struct doc *record = record_edit(grant);
    agreement_put(context, record, subject, name, side);
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
