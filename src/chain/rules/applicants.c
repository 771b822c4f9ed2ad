/* Persons, companies and organisations that are no members (OPEN 17-20) and apply for open data
 * through one: the member files the application, signs for it and is answered. On the ledger they
 * are a salted digest; who they are stays with the member. What decides is the open attribute, not
 * the sharing attribute: it is looked at when they apply, and again when they are answered. */
#include "base/errors.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"

#include <string.h>

int applicant_barred(const struct doc *entry)
{
    return doc_text_is(doc_get(entry, "entry"), "opening", "conditional") ? 0 : ERR_NOT_SHARED;
}

/* OPEN 18: 列明申请材料，包括相关资质与能力证明、数据安全管理制度、应用场景说明等. */
static void check_materials(struct rule_context *context, const struct doc *materials)
{
    const struct doc *needed = rule_profile_at(context, "applicants.materials");
    for (size_t i = 0; i < doc_count(needed); i++) {
        const char *kind = doc_text(doc_at(needed, i));
        bool found = false;
        for (size_t k = 0; !found && k < doc_count(materials); k++) {
            found = doc_text_is(doc_at(materials, k), "kind", kind);
        }
        if (!found) {
            rule_fault(context, ERR_FIELD_MISSING, "OPEN 18", "applicant.materials.%s", kind);
        }
    }
}

int applicant_check(struct rule_context *context, const struct doc *entry)
{
    const struct doc *applicant = doc_get(context->body, "applicant");
    if (!rule_policy_has(context, "applicants", "OPEN 18", "applicant")) {
        return rule_failed(context);
    }
    check_materials(context, doc_get(applicant, "materials"));
    if (doc_text_is(doc_get(entry, "entry"), "opening", "unconditional")) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "OPEN 17", "applicant"); /* 无须注册、申请等流程 */
    } else if (applicant_barred(entry) != 0) {
        rule_fault(context, ERR_NOT_SHARED, "OPEN 18", "entry");
    }
    if (doc_get(context->body, "scenario") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, "PT 19", "scenario"); /* agencies' own way */
    }
    return context->error;
}
