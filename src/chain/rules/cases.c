/* Cases (D13): what somebody is said to have done, and what was found.
 *
 *   open ──violation──▶ found ─▶ measures (measures.c), orders (orders.c), disclosures
 *        ──none──────▶ dismissed
 *
 * OPEN 30: 任何单位和个人可以对违法违规利用公共数据的行为向数据开放主体及有关部门举报. A member
 * opens a case itself; what comes from outside the network enters through the center, a supervisor
 * or a provider, as the digest of its papers. What is found is the center's or the supervisor's to
 * say, and never that of the member it is about. */
#include "base/errors.h"
#include "chain/rules/matters.h"
#include "chain/rules/tables.h"

#include <string.h>

/* ---- case.open ---- */

static void check_source(struct rule_context *context)
{
    const char *source = rule_body_text(context, "source");
    bool provides = doc_has_text(doc_get(context->member, "parties"), "provider");
    if (strcmp(source, "inspection") == 0 && !signer_supervises(context)) {
        rule_fault(context, ERR_PARTY, "OPEN 29", "source");
    }
    if (strcmp(source, "report") != 0) {
        return;
    }
    if (!signer_supervises(context) && !provides) {
        rule_fault(context, ERR_PARTY, "OPEN 30", "source");
    }
    if (doc_get(context->body, "papers") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, "OPEN 30", "papers");
    }
}

int matter_grant(struct rule_context *context, const char *member, const char *clause)
{
    const char *id = rule_body_text(context, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    if (id == NULL || (grant != NULL && (doc_text_is(grant, "consumer", member) ||
                                         doc_text_is(grant, "provider", member)))) {
        return 0;
    }
    return rule_fault(context, ERR_SUBJECT, clause, "grant");
}

int case_open(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    check_source(context);
    if (matter_member(context, "member", "OPEN 32") == 0) {
        (void)matter_grant(context, rule_body_text(context, "member"), "OPEN 32");
    }
    (void)matter_entry(context, "OPEN 32");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "case", "open");
    state_put(context->state, subject, record);
    return 0;
}

/* ---- case.find ---- */

int case_find(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *matter = matter_subject(context, subject, "case");
    if (matter == NULL || !matter_is(context, matter, "case", "OPEN 32", "open", NULL)) {
        return rule_failed(context);
    }
    if (!signer_supervises(context) || rule_signed_by(context, doc_get_text(matter, "member"))) {
        return rule_fault(context, ERR_PARTY, "OPEN 32", "case");
    }
    bool violation = strcmp(rule_body_text(context, "finding"), "violation") == 0;
    struct doc *record = record_edit(matter);
    matter_step(context, record, "case", "found", violation ? "found" : "dismissed");
    state_put(context->state, subject, record);
    return 0;
}
