/* Objections to the quality of data (D13, PT 16, OPEN 16): 公共数据异议核实与处理工作机制.
 *
 *   raised ──answer──▶ answered ──accept───▶ resolved
 *                         └────── dispute──▶ disputed ──settle──▶ decided
 *
 * A user raises it, or the center, which 一经发现问题，及时转送相关区级责任单位. The provider
 * answers, within the profile's term where it has one (quality_answer); the objector says whether
 * that settles it, and if not, the center or the supervisor does, whichever is no side of it. Where
 * the provider was removed, nobody is left to answer: they settle it, or the objector lets it rest,
 * as it was raised. */
#include "base/errors.h"
#include "chain/rules/matters.h"
#include "chain/rules/members.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

static void check_objector(struct rule_context *context)
{
    bool user = doc_has_text(doc_get(context->member, "parties"), "consumer") &&
                doc_text_is(context->key, "role", "compile");
    if (!user && !rule_center_signs(context, "review")) {
        rule_fault(context, ERR_PARTY, "PT 16, OPEN 16", "provider");
    }
}

int quality_object(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "quality", "PT 16, OPEN 16", "kind")) {
        return rule_failed(context);
    }
    check_objector(context);
    if (matter_entry(context, "PT 16, OPEN 16") == 0) {
        const struct doc *entry =
            state_getf(context->state, "entry/%s/%s", rule_body_text(context, "provider"),
                       rule_body_text(context, "entry"));
        (void)check_subset(context, doc_get(context->body, "items"),
                           doc_get(doc_get(entry, "entry"), "items"), "name", "items",
                           "PT 16, OPEN 16");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "objection", "raised");
    (void)term_start_policy(context, record, subject, "quality", "quality_answer");
    state_put(context->state, subject, record);
    return 0;
}

int quality_answer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *objection = matter_subject(context, subject, "objection");
    if (objection == NULL ||
        !matter_is(context, objection, "objection", "PT 16, OPEN 16", "raised", NULL)) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(objection, "provider"))) {
        return rule_fault(context, ERR_PARTY, "PT 16, OPEN 16", "objection");
    }
    struct doc *record = record_edit(objection);
    if (doc_get_bool(term_get(objection, "quality"), "over", false)) {
        doc_set_bool(record, "late", true);
    }
    term_stop(context, record, subject, "quality");
    matter_step(context, record, "objection", "answer", "answered");
    state_put(context->state, subject, record);
    return 0;
}

/* Whether an objection that stands so can be closed by this decision. */
static bool may_close(struct rule_context *context, const struct doc *objection,
                      const char *decision)
{
    bool settles = strcmp(decision, "settle") == 0, accepts = strcmp(decision, "accept") == 0;
    if ((settles || accepts) && doc_text_is(objection, "status", "raised") &&
        member_is_gone(context, doc_get_text(objection, "provider"))) {
        return true;
    }
    /* Nobody is left to say whether the answer will do. */
    if (settles && doc_text_is(objection, "status", "answered") &&
        member_is_gone(context, doc_get_text(objection, "by"))) {
        return true;
    }
    /* Where nobody is left to settle it, the objector can still let it rest. */
    return matter_is(context, objection, "objection", "PT 16, OPEN 16",
                     settles ? "disputed" : "answered", accepts ? "disputed" : NULL);
}

int quality_close(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const char *decision = rule_body_text(context, "decision");
    bool settles = strcmp(decision, "settle") == 0;
    const struct doc *objection = matter_subject(context, subject, "objection");
    if (objection == NULL || !may_close(context, objection, decision)) {
        return rule_failed(context);
    }
    const char *by = doc_get_text(objection, "by");
    bool objects = rule_signer_is(context, by);
    bool answers = rule_signer_is(context, doc_get_text(objection, "provider"));
    if (settles ? !signer_supervises(context) || objects || answers
                : !rule_signed_by(context, by)) {
        return rule_fault(context, ERR_PARTY, "PT 16, OPEN 16", "objection");
    }
    struct doc *record = record_edit(objection);
    term_stop(context, record, subject, "quality");
    matter_step(context, record, "objection", settles ? "settlement" : "closing",
                settles                            ? "decided"
                : strcmp(decision, "dispute") == 0 ? "disputed"
                                                   : "resolved");
    state_put(context->state, subject, record);
    return 0;
}
