/* How a dispute ends on its merits (D8): both sides settle it, or somebody rules (rulers.c). */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/disputes.h"
#include "chain/rules/grants.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

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

/* ---- who has been heard ----
 *
 * PT 24: 双方应当先行协商；协商不成的，由区府办协调处理. The silence of a side that cannot speak, for
 * the center has suspended it (PT 31) or its keys for that (PT 29), is no failed negotiation: the
 * center and the other side could have taken from it what it has on the day of its suspension. So
 * whoever rules neither takes it up nor rules before it could, but waits for as many days as the
 * negotiation has, else an answer (PT 20). No longer: the suspension may last a year, and the other
 * side has no other way. Nor do its days stand or begin anew, however often it is suspended. What a
 * side said before, in raising it too, is on record, and it is waited for no more. Where a document
 * has nothing of a negotiation (CN 17), nobody waits. */

/* Its days are over, counted from the first word that the negotiation failed: the other side's, or
 * the end of its term. */
static bool was_awaited(struct rule_context *context, const struct doc *dispute, const char *other)
{
    bool provisional;
    const struct doc *days = rule_profile_running(context, "dispute.term");
    struct term_length length =
        term_length_of(days != NULL ? days : rule_profile_running(context, "answer"));
    int64_t said_ms = doc_get_int(doc_get(doc_get(dispute, "referrals"), other), "time_ms",
                                  DOC_INT_MAX);
    int64_t from_ms = doc_get_int(dispute, "referred_ms", DOC_INT_MAX);
    from_ms = said_ms < from_ms ? said_ms : from_ms;
    unsigned before = state_reads(context->state);
    bool over = length.n < 0;
    if (!over) {
        int64_t end_ms = term_length_end(context, &provisional, from_ms, length);
        end_ms = term_outage_shift(context, &provisional, end_ms);
        over = context->time_ms >= term_certain_end(context, provisional, end_ms);
    }
    context->term_reads += state_reads(context->state) - before;
    return over;
}

int dispute_check_heard(struct rule_context *context, const struct doc *dispute)
{
    const char *by = doc_get_text(dispute, "by"); /* NULL: what silence sent up negotiates nobody */
    if (by == NULL || doc_get(dispute, "against") != NULL ||
        !doc_get_bool(rule_profile_running(context, "dispute"), "negotiate", false)) {
        return 0;
    }
    bool provider = strcmp(by, "consumer") == 0;
    const char *side = provider ? "provider" : "consumer";
    const char *member = doc_get_text(dispute, side);
    bool suspended = !member_is_active(context, member);
    bool speaks = !suspended &&
                  !keys_are_silenced(context->state, member, provider ? "approve" : "compile");
    if (speaks || member_is_gone(context, member) || dispute_has_part(dispute, side) ||
        was_awaited(context, dispute, by)) {
        return 0;
    }
    return !suspended ? rule_fault(context, ERR_KEY_SUSPENDED, "PT 24", "member/%s", member)
                      : rule_fault_status(context, "suspended", "active", "PT 24", "member/%s",
                                          member);
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
    if (dispute_check_heard(context, dispute) != 0) {
        return rule_failed(context);
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
