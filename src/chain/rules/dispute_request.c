/* What a dispute about a request may be about, whether an outcome is possible, and what it does to
 * the request and its grant (D8). Its course is in disputes.c, and knows nothing of these. */
#include "base/errors.h"
#include "chain/rules/asked.h"
#include "chain/rules/disputes.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

/* ---- what it is about ---- */

void dispute_apply_due(struct rule_context *context, const struct doc *dispute)
{
    static const char *const families[] = {"request", "grant", "need"};
    char id[2 * HASH_BYTES + 1];
    (void)snprintf(id, sizeof id, "%s", dispute_about(dispute));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        char key[RECORD_KEY_BYTES];
        record_key(key, "%s/%s", families[i], id);
        (void)record_current(context, key);
    }
}

/* PT 21: 使用其他方式的，区大数据中心应当加强技术评估和指导. Who says no to the mode is the center,
 * or who stands in for it; the provider has said nothing yet that there were to negotiate. */
bool dispute_about_mode(const struct doc *request)
{
    return doc_text_is(request, "status", "not-accepted") &&
           doc_text_is(doc_get(request, "assessment"), "mode", "refuse");
}

static bool grant_lives(struct rule_context *context, const char *id)
{
    const struct doc *grant = state_getf(context->state, "grant/%s", id);
    return grant != NULL && !grant_is_over(grant);
}

/* Where a request stands that may be disputed so. */
static const char *statuses_of_kind(struct rule_context *context)
{
    const char *kind = rule_body_text(context, "kind");
    if (strcmp(kind, "refusal") == 0) {
        return "refused";
    }
    bool of_grant = strcmp(kind, "agreement") == 0 || strcmp(kind, "terms") == 0;
    return of_grant ? "granted" : "pending escalated approved granted refused";
}

/* PT 24: 对需求的合理性、数据的可共享性以及需求申请审核未通过等发生争议时; CN 17:
 * 对资源提供方的意见 持有异议. What may be disputed depends on where the request stands. */
int dispute_check_kind(struct rule_context *context, const struct doc *request, const char *side)
{
    const char *status = doc_get_text(request, "status");
    bool granted =
        strcmp(status, "granted") == 0 && grant_lives(context, rule_body_text(context, "request"));
    bool refused = strcmp(status, "refused") == 0;
    bool waits = strcmp(status, "pending") == 0 || strcmp(status, "escalated") == 0 ||
                 strcmp(status, "approved") == 0;
    bool may = granted || refused || waits;
    bool refusal = doc_text_is(context->body, "kind", "refusal");
    bool agreement = doc_text_is(context->body, "kind", "agreement");
    if ((refusal || agreement) && strcmp(side, "consumer") != 0) {
        faults_note_may(context->faults, ERR_PARTY, doc_get_text(request, "consumer"));
        return rule_fault(context, ERR_PARTY, "PT 24, CN 17", "kind");
    }
    if (refusal) {
        may = refused || dispute_about_mode(request);
    } else if (agreement) {
        may = agreement_withheld(
            state_getf(context->state, "grant/%s", rule_body_text(context, "request")));
    } else if (doc_text_is(context->body, "kind", "terms")) {
        may = granted;
    }
    return may ? 0
               : rule_fault_record(context, request, statuses_of_kind(context), "PT 24, CN 17",
                                   "request");
}

/* ---- what was dropped ---- */

/* Under whose word it is kept what was dropped: the side's, but whether the agreement is signed is
 * a matter of its own. */
static const char *dropped_under(const char *kind, const char *side)
{
    return kind != NULL && strcmp(kind, "agreement") == 0 ? kind : side;
}

bool dispute_was_dropped(struct rule_context *context, const struct doc *about, const char *side)
{
    const char *under = dropped_under(rule_body_text(context, "kind"), side);
    const struct doc *dropped = doc_get(doc_get(about, "dropped"), under);
    const char *status = doc_get_text(dropped, "status");
    return dropped != NULL && (status == NULL || doc_text_is(about, "status", status));
}

const struct doc *dispute_said(struct rule_context *context, const struct doc *dispute)
{
    if (doc_get(dispute, "fusion") != NULL) {
        return dispute_fusion_said(context, dispute);
    }
    return doc_get(dispute, "need") != NULL
               ? dispute_need_said(context, dispute)
               : state_getf(context->state, "request/%s", dispute_about(dispute));
}

void dispute_drop(struct rule_context *context, const struct doc *dispute, const char *side)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "%s/%s", dispute_family(dispute), dispute_about(dispute));
    bool of_request = doc_get(dispute, "request") != NULL;
    bool of_fusion = doc_get(dispute, "fusion") != NULL;
    bool negotiates = doc_text_is(dispute, "status", "negotiating") &&
                      doc_count(doc_get(dispute, "referrals")) == 0;
    if (negotiates) {
        return;
    }
    struct doc *record = record_edit(dispute_said(context, dispute));
    struct doc *all = record_edit(doc_get(record, "dropped"));
    struct doc *dropped = doc_new_object();
    doc_set_text(dropped, "dispute", rule_body_text(context, "dispute"));
    if (of_request) { /* what was answered to a need is forgotten with its answer */
        record_share(dropped, "status", doc_get(record, "status"));
    }
    doc_set(all, dropped_under(doc_get_text(dispute, "kind"), side), dropped);
    doc_set(record, "dropped", all);
    if (of_fusion) {
        dispute_fusion_say(context, dispute, record);
    } else if (!of_request) {
        dispute_need_say(context, dispute, record);
    } else {
        record_stamp(context, record);
        state_put(context->state, subject, record);
    }
}

void dispute_forget_dropped(struct rule_context *context, const char *request)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", request);
    const struct doc *before = state_get(context->state, subject);
    if (doc_get(before, "dropped") != NULL) {
        struct doc *record = record_edit(before);
        doc_remove(record, "dropped");
        state_put(context->state, subject, record);
    }
}

/* ---- outcomes ---- */

/* "as-asked" takes no terms, "partly" at least one; "refused" and "as-it-stands" none. */
static void check_outcome_form(struct rule_context *context)
{
    static const char *const names[] = {"items", "rows", "masked", "until", "quota", "terms"};
    bool partly = doc_text_is(context->body, "decision", "partly");
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool given = doc_get(context->body, names[i]) != NULL;
        any = any || given;
        if (given && !partly) {
            rule_fault(context, ERR_FIELD_UNKNOWN, "PT 24, CN 17", "%s", names[i]);
        }
    }
    if (partly && !any) {
        rule_fault(context, ERR_FIELD_MISSING, "PT 24, CN 17", "items");
    }
}

int dispute_check_either(struct rule_context *context, const char *clause)
{
    check_outcome_form(context);
    if (!doc_text_is(context->body, "decision", "as-asked") &&
        !doc_text_is(context->body, "decision", "as-it-stands")) {
        rule_fault_status(context, rule_body_text(context, "decision"), "as-asked as-it-stands",
                          clause, "decision");
    }
    return context->error;
}

/* A refused mode is allowed, or it is not: the request goes on from there, or it does not. What the
 * provider says to it is another matter, and may be disputed then. */
static int check_mode_outcome(struct rule_context *context, const char *id)
{
    bool allowed = doc_text_is(context->body, "decision", "as-asked");
    (void)dispute_check_either(context, "PT 21, PT 24");
    return allowed ? request_check_mode_allowed(context, id) : context->error;
}

int dispute_check_outcome(struct rule_context *context, const char *id)
{
    const struct doc *request = state_getf(context->state, "request/%s", id);
    if (dispute_about_mode(request)) {
        return check_mode_outcome(context, id);
    }
    bool waits =
        doc_text_is(request, "status", "pending") || doc_text_is(request, "status", "escalated");
    check_outcome_form(context);
    if (waits && doc_text_is(context->body, "decision", "as-it-stands")) {
        rule_fault_status(context, "as-it-stands", "as-asked partly refused", "PT 24, CN 17",
                          "decision"); /* nothing stands yet */
    }
    if (dispute_outcome_gives(context)) {
        const struct grant_terms terms = grant_terms_of(context->body);
        const struct doc *grant = state_getf(context->state, "grant/%s", id);
        if (grant != NULL && grant_is_over(grant)) {
            rule_fault(context, ERR_GRANT_EXPIRED, "PT 26", "dispute");
        } else if (doc_count(doc_get(grant, "holds")) > 0) {
            rule_fault(context, ERR_GRANT_SUSPENDED, "PT 31", "dispute");
        }
        grant_terms_check(context, request, &terms, false);
    }
    return context->error;
}

void dispute_carry_out(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", id);
    const struct doc *request = state_get(context->state, subject);
    bool granted = doc_text_is(request, "status", "granted");
    if (doc_text_is(context->body, "decision", "as-it-stands")) {
        return;
    }
    if (dispute_about_mode(request)) {
        request_mode_allowed(context, id);
        return;
    }
    const struct grant_terms terms = grant_terms_of(context->body);
    if (granted && dispute_outcome_gives(context)) {
        grant_amend(context, request, id, &terms);
        return;
    }
    if (granted) {
        grant_terminate_as_ruled(context, id);
        return;
    }
    struct doc *record = record_edit(request);
    doc_set_text(record, "decided_by",
                 strcmp(context->tx->type->name, "dispute.rule") == 0 ? "ruling" : "settlement");
    term_stop(context, record, subject, "answer");
    record_stamp(context, record);
    if (dispute_outcome_gives(context)) {
        grant_create(context, record, id, &terms, record_stamp);
    } else {
        doc_set_text(record, "status", "refused");
    }
    request_put(context, record, subject);
}
