/* Sharing requests (D1–D3, D5).
 *
 *   submit ─┬─ unconditional ──▶ assessing? (mode) ───────────────────────▶ granted
 *           │
 *           └▶ intake? ──▶ assessing? ──▶ scenario of PT 19 ──────────────▶ granted
 *                │refuse      │refuse mode     │otherwise
 *                ▼            ▼                ▼
 *           not-accepted  not-accepted     pending ──(answers.c)──▶ granted, refused, escalated
 *
 * and withdrawn from any state that waits. Which steps there are, which cases of PT 19 count and
 * which of them the center assesses are the profile's (what nothing on the ledger bears out it
 * always looks at: scenarios.c); `awaiting` in the record says what is still to come. A scenario
 * that the assessment refuses goes to the provider like any other request; a refused mode
 * may be disputed, and goes on where the ruling allows it. */
#include "chain/rules/requests.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/asked.h"
#include "chain/rules/disputes.h"
#include "chain/rules/matters.h"
#include "chain/rules/members.h"
#include "chain/rules/needs.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

static bool awaits(const struct doc *record, const char *what)
{
    return doc_has_text(doc_get(record, "awaiting"), what);
}

static void stop_awaiting(struct doc *record, const char *what)
{
    const struct doc *before = doc_get(record, "awaiting");
    struct doc *after = doc_new_array();
    for (size_t i = 0; i < doc_count(before); i++) {
        if (strcmp(doc_text(doc_at(before, i)), what) != 0) {
            doc_push(after, doc_ref(doc_at(before, i)));
        }
    }
    doc_set(record, "awaiting", after);
}

/* A ruling since what the agency said to the need (PT 22, 24): before that, it gave its word over
 * the ruling. */
static bool ruled_since_need(struct rule_context *context, struct doc *record)
{
    const struct doc *request = doc_get(record, "request");
    const struct doc *need =
        state_getf(context->state, "need/%s", doc_get_text(request, "for_need"));
    int64_t answered_ms = doc_get_int(doc_get(need, "answer"), "time_ms", 0);
    return ruling_shown(context, record) &&
           doc_get_int(doc_get(record, "ruled"), "time_ms", 0) > answered_ms;
}

/* By the attribute that the items have now (CN 14), by a ruling since (PT 24), or because the
 * matter it is for is no duty any more (PT 19). */
bool request_needs_word(struct rule_context *context, struct doc *record)
{
    if (doc_text_is(record, "route", "unconditional") || doc_text_is(record, "route", "provider")) {
        return request_rank_now(context, record) > 0;
    }
    if (doc_text_is(record, "route", "need")) {
        return ruled_since_need(context, record);
    }
    return doc_text_is(record, "route", "scenario") &&
           (ruling_shown(context, record) || !scenario_matter_stands(context, record));
}

/* The next step of a request, by what it still waits for; the caller puts the record. What a
 * removed agency should give goes the way of its silence (request_answer_gone), and keeps its
 * route: where the agency was to give it without a word (PT 18, 19), it does not refuse it when it
 * is back (answers.c). */
static void request_advance(struct rule_context *context, struct doc *record, const char *subject,
                            const char *id)
{
    bool waits = doc_count(doc_get(record, "awaiting")) > 0;
    bool gone = !waits && member_is_gone(context, doc_get_text(record, "provider"));
    if (!waits && !gone && request_needs_word(context, record)) {
        doc_set_text(record, "route", "provider");
    }
    if (awaits(record, "intake")) {
        doc_set_text(record, "status", "intake");
    } else if (waits) {
        doc_set_text(record, "status", "assessing");
    } else if (gone || doc_text_is(record, "route", "provider")) {
        doc_set_text(record, "status", "pending");
        (void)term_start_policy(context, record, subject, "answer", "answer");
    } else {
        grant_create(context, record, id, &(struct grant_terms){0}, record_stamp);
    }
}

/* ---- request.submit ---- */

/* D3: which way the request goes, and what comes first. */
static void choose_route(struct rule_context *context, struct doc *record, int rank)
{
    struct doc *awaiting = doc_new_array();
    int64_t scenario = doc_get_int(doc_get(context->body, "scenario"), "case", 0);
    const char *route = "unconditional";
    if (doc_get(context->body, "for_need") != NULL) {
        route = "need"; /* PT 22: reviewed with the need */
    } else if (rank > 0) {
        route = "provider";
        if (doc_get_bool(rule_profile_at(context, "intake"), "required", false)) {
            doc_push_text(awaiting, "intake");
        }
        /* PT 24: a claim of its own is no way round what was ruled. */
        bool counts = !ruling_shown(context, record) &&
                      doc_has_int(rule_profile_at(context, "scenario.cases"), scenario);
        if (counts) {
            route = "scenario";
        }
        if (counts && (scenario_on_word(context->body) ||
                       doc_has_int(rule_profile_at(context, "scenario.assessed"), scenario))) {
            doc_push_text(awaiting, "scenario");
        }
    }
    /* PT 21: 使用其他方式的，区大数据中心应当加强技术评估, whoever decides on the data. */
    if (doc_has_text(rule_profile_at(context, "modes.assessed"), rule_body_text(context, "mode"))) {
        doc_push_text(awaiting, "mode");
    }
    doc_set_text(record, "route", route);
    doc_set(record, "awaiting", awaiting);
}

int request_submit(struct rule_context *context)
{
    const char *provider = rule_body_text(context, "provider");
    int rank;
    if (rule_signer_is(context, provider)) {
        return rule_fault(context, ERR_SELF, "PT 17", "provider"); /* its own data */
    }
    if (state_getf(context->state, "member/%s", provider) != NULL &&
        !member_is_active(context, provider)) { /* somebody is there to answer */
        rule_fault(context, ERR_PROVIDER, "PT 20, PT 31", "provider");
    }
    const struct doc *entry =
        rule_subjectf(context, "entry/%s/%s", provider, rule_body_text(context, "entry"));
    if (entry == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(entry, "status", "published") &&
        !applicant_is_listed(context, context->body)) {
        return rule_fault_record(context, entry, "published", "PT 17", "entry");
    }
    if (request_check(context, entry, &rank) != 0) {
        return rule_failed(context);
    }
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", context->txid);
    struct doc *record = doc_new_object();
    doc_set_text(record, "consumer", context->tx->member);
    record_share(record, "entry", doc_get(context->body, "entry"));
    record_share(record, "entry_version", doc_get(context->body, "acts_on"));
    record_share(record, "provider", doc_get(context->body, "provider"));
    record_share(record, "request", context->body);
    doc_set_int(record, "submitted_ms", context->time_ms);
    rule_take_number(context, record, "number");
    choose_route(context, record, rank);
    if (doc_get(context->body, "for_need") != NULL) {
        need_note_request(context);
    }
    record_stamp(context, record);
    request_advance(context, record, subject, context->txid);
    request_put(context, record, subject);
    return 0;
}

/* ---- the center's steps ---- */

/* The request of the body, current and in this status; its key into `subject`. */
static const struct doc *request_subject(struct rule_context *context, char *subject,
                                         const char *status, const char *clause)
{
    record_key(subject, "request/%s", rule_body_text(context, "request"));
    const struct doc *record = rule_subject(context, subject);
    if (record != NULL && !doc_text_is(record, "status", status)) {
        faults_note_may(context->faults, ERR_STATUS, status);
        rule_fault(context, ERR_STATUS, clause, "request");
        return NULL;
    }
    return record;
}

/* What the center decided, for the record. */
static struct doc *decision_of(struct rule_context *context)
{
    struct doc *decision = record_edit(context->body);
    doc_remove(decision, "acts_on");
    doc_remove(decision, "request");
    doc_set_text(decision, "by", context->tx->key_name);
    doc_set_text(decision, "member", context->tx->member);
    doc_set_int(decision, "time_ms", context->time_ms);
    return decision;
}

/* A step that brings the request nearer to a grant: where nobody else decides before that, the
 * entry still shares what it asks for. A provider that is suspended stops neither the center's
 * step, which is not its own, nor what is granted without its word (PT 18, 19); the term of its
 * answer stands until its return (term_ends.c). One that was removed leaves it to whoever rules,
 * and no grant comes of it before. */
static int check_forward(struct rule_context *context, const struct doc *request, bool to_grant)
{
    struct request_bar bar;
    if (member_is_gone(context, doc_get_text(request, "provider")) || !to_grant) {
        return 0;
    }
    int barred = request_barred(context, &bar, request, NULL);
    return barred == 0 ? 0 : request_fault_barred(context, request, barred, &bar, "request.");
}

/* The center checks what others ask for. What it asks for itself the supervisor checks, be it
 * suspended, and where there is none, the provider: nobody says of its own request that it is in
 * order. */
static int check_checker(struct rule_context *context, const struct doc *request,
                         const char *clause)
{
    const struct doc *center = state_get(context->state, "center");
    bool right = rule_center_signs(context, "review");
    if (doc_text_is(request, "consumer", doc_get_text(center, "id"))) {
        const char *self = doc_get_text(center, "id");
        bool supervised = party_is_there(context->state, "supervisor", &self, 1);
        right = supervised ? signer_is_supervisor(context)
                           : rule_signed_by(context, doc_get_text(request, "provider")) &&
                                 doc_text_is(context->key, "role", "approve");
        right = right && !rule_signer_is(context, self);
    }
    return right ? 0 : rule_fault(context, ERR_PARTY, clause, "request");
}

/* OPEN 19: 材料齐全的予以受理…材料不齐全的，不予受理，并一次性告知理由. */
int request_intake(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *request = request_subject(context, subject, "intake", "OPEN 19");
    if (request == NULL || check_checker(context, request, "OPEN 19") != 0) {
        return rule_failed(context);
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    if (rule_check_reasons(context, !accept, "OPEN 19") != 0) {
        return rule_failed(context);
    }
    if (accept && check_forward(context, request, true) != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(request);
    doc_set(record, "intake", decision_of(context));
    stop_awaiting(record, "intake");
    record_stamp(context, record);
    if (accept) {
        request_advance(context, record, subject, rule_body_text(context, "request"));
    } else {
        doc_set_text(record, "status", "not-accepted");
    }
    request_put(context, record, subject);
    return 0;
}

/* A verdict is due on what is awaited, and on nothing else. */
static int check_verdict(struct rule_context *context, const struct doc *request, const char *what,
                         const char *clause)
{
    bool given = doc_get(context->body, what) != NULL;
    if (given == awaits(request, what)) {
        return 0;
    }
    return rule_fault(context, given ? ERR_FIELD_UNKNOWN : ERR_FIELD_MISSING, clause, "%s", what);
}

/* PT 19: 属于前款第（二）项情形的，区大数据中心应当…进行评估，评估通过后纳入…授权共享范围.
 * PT 21: 使用其他方式的，区大数据中心应当加强技术评估和指导. */
int request_assess(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *request = request_subject(context, subject, "assessing", "PT 19, PT 21");
    if (request == NULL || check_checker(context, request, "PT 19, PT 21") != 0) {
        return rule_failed(context);
    }
    check_verdict(context, request, "scenario", "PT 19");
    check_verdict(context, request, "mode", "PT 21");
    bool to_provider = doc_text_is(context->body, "scenario", "refuse");
    if (!doc_text_is(context->body, "mode", "refuse")) {
        check_forward(context, request, !to_provider);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(request);
    doc_set(record, "assessment", decision_of(context));
    stop_awaiting(record, "scenario");
    stop_awaiting(record, "mode");
    record_stamp(context, record);
    if (to_provider) {
        doc_set_text(record, "route", "provider");
    }
    if (doc_text_is(context->body, "mode", "refuse")) {
        doc_set_text(record, "status", "not-accepted");
    } else {
        request_advance(context, record, subject, rule_body_text(context, "request"));
    }
    request_put(context, record, subject);
    return 0;
}

/* ---- what a ruling makes of a refused mode (PT 24) ---- */

int request_check_mode_allowed(struct rule_context *context, const char *id)
{
    const struct doc *request = state_getf(context->state, "request/%s", id);
    bool grants = !doc_text_is(request, "route", "provider"); /* else the provider decides */
    return check_forward(context, request, grants);
}

void request_mode_allowed(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", id);
    struct doc *record = record_edit(state_get(context->state, subject));
    doc_set_text(record, "mode_ruled", context->txid);
    record_stamp(context, record);
    request_advance(context, record, subject, id);
    request_put(context, record, subject);
}

/* ---- request.withdraw ---- */

int request_withdraw(struct rule_context *context)
{
    static const char *const waiting[] = {"intake", "assessing", "pending", "escalated",
                                          "approved"};
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", rule_body_text(context, "request"));
    const struct doc *request = rule_subject(context, subject);
    if (request == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(request, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "request");
    }
    bool open = false;
    for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
        open = open || doc_text_is(request, "status", waiting[i]);
    }
    if (!open) {
        for (size_t i = 0; i < sizeof waiting / sizeof *waiting; i++) {
            faults_note_may(context->faults, ERR_STATUS, waiting[i]);
        }
        return rule_fault(context, ERR_STATUS, "PT 26", "request");
    }
    struct doc *record = record_edit(request);
    doc_set_text(record, "status", "withdrawn");
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    term_stop(context, record, subject, "answer");
    record_stamp(context, record);
    request_put(context, record, subject);
    dispute_withdrawn(context, rule_body_text(context, "request"));
    return 0;
}
