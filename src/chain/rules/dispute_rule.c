/* How a dispute ends on its merits (D8): both sides settle it, or somebody rules (rulers.c). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/disputes.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"

#include <string.h>

/* The body without what names the record: what both sides must say alike. */
static struct doc *outcome_of(struct rule_context *context)
{
    struct doc *outcome = record_edit(context->body);
    doc_remove(outcome, "acts_on");
    doc_remove(outcome, "dispute");
    return outcome;
}

bool dispute_outcome_gives(struct rule_context *context)
{
    return doc_text_is(context->body, "decision", "as-asked") ||
           doc_text_is(context->body, "decision", "partly");
}

static int check_outcome(struct rule_context *context, const struct doc *dispute)
{
    const char *id = dispute_about(dispute);
    if (doc_get(dispute, "fusion") != NULL) {
        return dispute_check_fusion(context, dispute);
    }
    return doc_get(dispute, "need") != NULL ? dispute_check_need(context, dispute)
                                            : dispute_check_outcome(context, id);
}

static void carry_out(struct rule_context *context, const struct doc *dispute)
{
    const char *id = dispute_about(dispute);
    if (doc_get(dispute, "need") != NULL) {
        dispute_carry_out_need(context, dispute);
    } else if (doc_get(dispute, "fusion") != NULL) {
        dispute_carry_out_fusion(context, dispute);
    } else {
        dispute_carry_out(context, id);
        if (!doc_text_is(context->body, "decision", "as-it-stands")) {
            dispute_forget_dropped(context, id);
        }
    }
}

/* ---- dispute.settle ---- */

/* PT 24: 双方应当先行协商. Each side states the outcome; it is agreed when both said the same. A
 * side may say otherwise as long as they differ. */
int dispute_settle(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *side = dispute != NULL ? dispute_side(context, dispute) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (doc_get(dispute, "against") != NULL) { /* not theirs to settle (PT 21) */
        return rule_fault(context, ERR_STATUS, "PT 21, PT 24", "dispute");
    }
    if (check_outcome(context, dispute) != 0) {
        return rule_failed(context);
    }
    const char *other_side = strcmp(side, "provider") == 0 ? "consumer" : "provider";
    const struct doc *other = doc_get(doc_get(dispute, "proposals"), other_side);
    AUTO(doc_free) struct doc *outcome = outcome_of(context);
    bool agreed = other != NULL && doc_equal(other, outcome);
    struct doc *record = record_edit(dispute);
    struct doc *proposals = record_edit(doc_get(dispute, "proposals"));
    doc_set(proposals, side, doc_ref(outcome));
    doc_set(record, "proposals", proposals);
    if (agreed) {
        dispute_close(context, record, subject, "settled");
        doc_set(record, "outcome", doc_ref(outcome));
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    if (agreed) {
        carry_out(context, record);
    }
    return 0;
}

/* ---- dispute.rule ---- */

int dispute_rule(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    if (dispute == NULL) {
        return rule_failed(context);
    }
    if (!dispute_may_rule(context, dispute)) {
        return rule_fault(context, ERR_PARTY, "PT 24, CN 17", "dispute");
    }
    if (!doc_text_is(dispute, "status", "referred")) {
        faults_note_may(context->faults, ERR_STATUS, "referred");
        return rule_fault(context, ERR_STATUS, "PT 24", "dispute"); /* they negotiate first */
    }
    bool mode_allowed =
        doc_get(dispute, "against") != NULL && doc_text_is(context->body, "decision", "as-asked");
    if (check_outcome(context, dispute) != 0) {
        return rule_failed(context);
    }
    struct doc *outcome = outcome_of(context);
    doc_set_text(outcome, "by", context->tx->member);
    doc_set_int(outcome, "time_ms", context->time_ms);
    struct doc *record = record_edit(dispute);
    dispute_close(context, record, subject, "ruled");
    doc_set(record, "outcome", outcome);
    record_stamp(context, record);
    state_put(context->state, subject, record);
    carry_out(context, record);
    const char *request = doc_get_text(record, "request");
    if (mode_allowed || request == NULL) { /* nothing is decided about data that is there */
        return 0;
    }
    if (!doc_text_is(context->body, "decision", "refused")) {
        agreement_ruled(context, request);
    }
    ruling_note(context, record, request);
    return 0;
}
