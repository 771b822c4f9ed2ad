/* Disputes about requests (D8).
 *
 *   raise ──▶ negotiating ──settle by both sides──▶ settled
 *     │            │ refer, or its term is over
 *     │            ▼
 *     └────▶   referred ──rule──▶ ruled          and withdrawn by whoever raised it, or with the
 *  silence ──▶     │ settle by both ▶ settled    request; answered when the provider approves
 *
 * PT 24: 双方应当先行协商；协商不成的，由区府办协调处理. CN 17:
 * 资源需求方对资源提供方的意见持有异议，
 * 可以申请协调处理，由区科委会同相关部门对该事项进行研究并作出结论. Whether both negotiate first,
 * who rules (rulers.c), and in how many days where the document says so, are the profile's.
 *
 * An outcome says what the request comes to, and the ledger carries it out: a grant is made,
 * changed or ended. No clock stops for a dispute: PT 20 has no such exception, so a provider that
 * disputes still answers in time, and a ruling may take back what its silence gave.
 *
 * dispute/<txid of raise> is the record; of silence it is dispute/<request>. disputed/<request>
 * names the open one; there is at most one. */
#include "chain/rules/disputes.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/asked.h"
#include "chain/rules/grants.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

/* ---- the record ---- */

static void refer(struct rule_context *context, struct doc *record, const char *subject)
{
    term_stop(context, record, subject, "negotiation");
    doc_set_text(record, "status", "referred");
    doc_set_int(record, "referred_ms", context->time_ms);
    term_start_running(context, record, subject, "ruling", "ruling.term");
}

static struct doc *dispute_new(struct rule_context *context, const struct doc *request,
                               const char *id, const char *kind)
{
    struct doc *record = doc_new_object();
    record_share(record, "consumer", doc_get(request, "consumer"));
    doc_set_text(record, "kind", kind);
    record_share(record, "provider", doc_get(request, "provider"));
    doc_set_int(record, "raised_ms", context->time_ms);
    doc_set_text(record, "request", id);
    dispute_send_up(context, record, request);
    return record;
}

static void open_put(struct rule_context *context, const char *request, const char *dispute)
{
    struct doc *pointer = doc_new_object();
    doc_set_text(pointer, "dispute", dispute);
    state_putf(context->state, pointer, "disputed/%s", request);
}

/* The open dispute about a request, its key into `subject`; NULL if there is none. */
static const struct doc *open_get(struct rule_context *context, char *subject, const char *request)
{
    const struct doc *pointer = state_getf(context->state, "disputed/%s", request);
    if (pointer == NULL) {
        return NULL;
    }
    record_key(subject, "dispute/%s", doc_get_text(pointer, "dispute"));
    return state_get(context->state, subject);
}

static void dispute_close(struct rule_context *context, struct doc *record, const char *subject,
                          const char *status)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "disputed/%s", doc_get_text(record, "request"));
    state_delete(context->state, key);
    asked_disputed(context, doc_get_text(record, "request"));
    term_stop(context, record, subject, "negotiation");
    term_stop(context, record, subject, "ruling");
    doc_set_int(record, "closed_ms", context->time_ms);
    doc_set_text(record, "status", status);
}

/* ---- silence, answers, withdrawals ---- */

void dispute_escalate(struct rule_context *context, const struct doc *request, const char *id,
                      const struct doc *term)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, id);
    struct doc *record = open != NULL ? record_edit(open) : NULL;
    if (record == NULL) {
        record_key(subject, "dispute/%s", id);
        record = dispute_new(context, request, id, "silence");
        open_put(context, id, id);
    }
    if (!doc_text_is(record, "status", "referred")) {
        refer(context, record, subject);
    }
    rule_act_at(context, term_effect_clause(term), subject, "referred",
                doc_get_int(term, "due_ms", 0));
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

static void close_with_request(struct rule_context *context, const char *subject,
                               const struct doc *open, const char *status)
{
    struct doc *record = record_edit(open);
    dispute_close(context, record, subject, status);
    record_stamp(context, record);
    state_put(context->state, subject, record);
}

void dispute_answered(struct rule_context *context, const char *request, bool approved)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, request);
    if (open != NULL && approved) {
        close_with_request(context, subject, open, "answered");
    }
}

void dispute_withdrawn(struct rule_context *context, const char *request)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *open = open_get(context, subject, request);
    if (open != NULL) {
        close_with_request(context, subject, open, "withdrawn");
    }
}

/* PT 24, CN 17: 协商不成的. */
void negotiation_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    rule_act_at(context, term_effect_clause(term), subject, "referred",
                doc_get_int(term, "due_ms", 0));
    refer(context, record, subject);
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

/* ---- the sides ---- */

/* "provider" with the key that answers requests, "consumer" with the one that makes them; NULL with
 * a fault for anybody else. */
static const char *side_of(struct rule_context *context, const struct doc *record)
{
    bool provider = rule_signed_by(context, doc_get_text(record, "provider"));
    if (!provider && !rule_signed_by(context, doc_get_text(record, "consumer"))) {
        rule_fault(context, ERR_PARTY, "PT 24, CN 17", "dispute");
        return NULL;
    }
    if (!doc_text_is(context->key, "role", provider ? "approve" : "compile")) {
        rule_fault(context, ERR_TX_ROLE, "PT 6", "dispute");
        return NULL;
    }
    return provider ? "provider" : "consumer";
}

/* What is due on what the dispute is about comes first: an answer may have been deemed given a
 * moment ago, and with it the dispute have moved. */
static void apply_due_on_request(struct rule_context *context, const struct doc *dispute)
{
    static const char *const families[] = {"request", "grant"};
    char id[2 * HASH_BYTES + 1];
    (void)snprintf(id, sizeof id, "%s", doc_get_text(dispute, "request"));
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        char key[RECORD_KEY_BYTES];
        record_key(key, "%s/%s", families[i], id);
        rules_apply_due(context, key);
    }
}

/* The dispute of the body, current and open; its key into `subject`. */
static const struct doc *dispute_subject(struct rule_context *context, char *subject)
{
    record_key(subject, "dispute/%s", rule_body_text(context, "dispute"));
    const struct doc *before = state_get(context->state, subject);
    if (before != NULL) {
        apply_due_on_request(context, before);
    }
    const struct doc *record = rule_subject(context, subject);
    if (record != NULL && !doc_text_is(record, "status", "negotiating") &&
        !doc_text_is(record, "status", "referred")) {
        rule_fault(context, ERR_STATUS, "PT 24", "dispute");
        return NULL;
    }
    return record;
}

/* ---- dispute.raise ---- */

static bool grant_lives(struct rule_context *context, const char *id)
{
    const struct doc *grant = state_getf(context->state, "grant/%s", id);
    return grant != NULL && !grant_is_over(grant);
}

/* PT 24: 对需求的合理性、数据的可共享性以及需求申请审核未通过等发生争议时; CN 17:
 * 对资源提供方的意见 持有异议. What may be disputed depends on where the request stands. */
static int check_kind(struct rule_context *context, const struct doc *request, const char *side)
{
    const char *status = doc_get_text(request, "status");
    bool granted =
        strcmp(status, "granted") == 0 && grant_lives(context, rule_body_text(context, "request"));
    bool refused = strcmp(status, "refused") == 0;
    bool waits = strcmp(status, "pending") == 0 || strcmp(status, "escalated") == 0;
    bool may = granted || refused || waits;
    bool refusal = doc_text_is(context->body, "kind", "refusal");
    bool agreement = doc_text_is(context->body, "kind", "agreement");
    if ((refusal || agreement) && strcmp(side, "consumer") != 0) {
        return rule_fault(context, ERR_PARTY, "PT 24, CN 17", "kind");
    }
    if (refusal) {
        may = refused;
    } else if (agreement) {
        may = agreement_withheld(
            state_getf(context->state, "grant/%s", rule_body_text(context, "request")));
    } else if (doc_text_is(context->body, "kind", "terms")) {
        may = granted;
    }
    return may ? 0 : rule_fault(context, ERR_STATUS, "PT 24, CN 17", "request");
}

int dispute_raise(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES], open[RECORD_KEY_BYTES];
    const char *id = rule_body_text(context, "request");
    /* OPEN knows no disputes, but 20 has the agreement signed, and 5 somebody who sees to it. */
    bool agreement = doc_text_is(context->body, "kind", "agreement");
    if (!rule_policy_has(context, agreement ? "ruling" : "dispute", "PT 24, CN 17", "request")) {
        return rule_failed(context);
    }
    record_key(subject, "request/%s", id);
    const struct doc *request = rule_subject(context, subject);
    const char *side = request != NULL ? side_of(context, request) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (!dispute_may_go_on(context, request)) { /* CN 17: 必要时报请领导小组决定 */
        return rule_fault(context, ERR_RULED, "PT 24, CN 17", "request.ruling");
    }
    if (check_kind(context, request, side) != 0) {
        return rule_failed(context);
    }
    if (open_get(context, open, id) != NULL) {
        return rule_fault(context, ERR_DUPLICATE, "PT 24", "request");
    }
    if (rule_text_blank(rule_body_text(context, "reason"))) {
        return rule_fault(context, ERR_FIELD_LENGTH, "PT 24", "reason");
    }
    record_key(subject, "dispute/%s", context->txid);
    struct doc *record = dispute_new(context, request, id, rule_body_text(context, "kind"));
    doc_set_text(record, "by", side);
    record_share(record, "evidence", doc_get(context->body, "evidence"));
    record_share(record, "reason", doc_get(context->body, "reason"));
    if (doc_get_bool(rule_profile_at(context, "dispute"), "negotiate", false)) {
        doc_set_text(record, "status", "negotiating");
        term_start_policy(context, record, subject, "negotiation", "dispute.term");
    } else {
        refer(context, record, subject);
    }
    record_stamp(context, record);
    open_put(context, id, context->txid);
    asked_disputed(context, id);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- dispute.refer, dispute.withdraw ---- */

int dispute_refer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *side = dispute != NULL ? side_of(context, dispute) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (!doc_text_is(dispute, "status", "negotiating")) {
        return rule_fault(context, ERR_STATUS, "PT 24", "dispute");
    }
    /* PT 24: 双方应当先行协商；协商不成的: who says that it failed has taken part. */
    if (doc_get(doc_get(dispute, "proposals"), side) == NULL &&
        doc_get(context->body, "minutes") == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, "PT 24", "minutes");
    }
    struct doc *record = record_edit(dispute);
    refer(context, record, subject);
    record_share(record, "minutes", doc_get(context->body, "minutes"));
    doc_set_text(record, "referred_by", side);
    record_share(record, "referred_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* Whoever raised it. What silence sent up is the consumer's to drop, once the late answer is there
 * to be content with: before that nobody else would decide. */
static bool may_withdraw(struct rule_context *context, const struct doc *dispute, const char *side)
{
    const char *by = doc_get_text(dispute, "by");
    if (strcmp(side, by != NULL ? by : "consumer") != 0) {
        rule_fault(context, ERR_PARTY, "PT 24", "dispute");
    } else if (by == NULL && doc_text_is(state_getf(context->state, "request/%s",
                                                    doc_get_text(dispute, "request")),
                                         "status", "escalated")) {
        rule_fault(context, ERR_STATUS, "CN 17, OPEN 19", "dispute");
    }
    return context->error == 0;
}

int dispute_withdraw(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *side = dispute != NULL ? side_of(context, dispute) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    if (!may_withdraw(context, dispute, side)) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(dispute);
    dispute_close(context, record, subject, "withdrawn");
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
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

static bool outcome_grants(struct rule_context *context)
{
    return doc_text_is(context->body, "decision", "as-asked") ||
           doc_text_is(context->body, "decision", "partly");
}

/* What the body decides can be carried out now. */
static int check_outcome(struct rule_context *context, const char *id)
{
    const struct doc *request = state_getf(context->state, "request/%s", id);
    bool waits =
        doc_text_is(request, "status", "pending") || doc_text_is(request, "status", "escalated");
    check_outcome_form(context);
    if (waits && doc_text_is(context->body, "decision", "as-it-stands")) {
        rule_fault(context, ERR_STATUS, "PT 24, CN 17", "decision"); /* nothing stands yet */
    }
    if (outcome_grants(context)) {
        const struct grant_terms terms = grant_terms_of(context->body);
        const struct doc *grant = state_getf(context->state, "grant/%s", id);
        if (grant != NULL && grant_is_over(grant)) {
            rule_fault(context, ERR_GRANT_EXPIRED, "PT 26", "dispute");
        } else if (doc_count(doc_get(grant, "holds")) > 0) {
            rule_fault(context, ERR_GRANT_SUSPENDED, "PT 31", "dispute");
        }
        grant_terms_check(context, request, &terms);
    }
    return context->error;
}

/* Brings request and grant to what was decided. */
static void apply_outcome(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", id);
    const struct doc *request = state_get(context->state, subject);
    bool granted = doc_text_is(request, "status", "granted");
    if (doc_text_is(context->body, "decision", "as-it-stands")) {
        return;
    }
    const struct grant_terms terms = grant_terms_of(context->body);
    if (granted && outcome_grants(context)) {
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
    if (outcome_grants(context)) {
        grant_create(context, record, id, &terms, record_stamp);
    } else {
        doc_set_text(record, "status", "refused");
    }
    request_put(context, record, subject);
}

/* The body without what names the record: what both sides must say alike. */
static struct doc *outcome_of(struct rule_context *context)
{
    struct doc *outcome = record_edit(context->body);
    doc_remove(outcome, "acts_on");
    doc_remove(outcome, "dispute");
    return outcome;
}

/* ---- dispute.settle ---- */

/* PT 24: 双方应当先行协商. Each side states the outcome; it is agreed when both said the same. A
 * side may say otherwise as long as they differ. */
int dispute_settle(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *dispute = dispute_subject(context, subject);
    const char *side = dispute != NULL ? side_of(context, dispute) : NULL;
    if (side == NULL) {
        return rule_failed(context);
    }
    const char *id = doc_get_text(dispute, "request");
    if (check_outcome(context, id) != 0) {
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
        apply_outcome(context, id);
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
        return rule_fault(context, ERR_STATUS, "PT 24", "dispute"); /* they negotiate first */
    }
    if (rule_text_blank(rule_body_text(context, "reason"))) {
        rule_fault(context, ERR_FIELD_LENGTH, "CN 17", "reason");
    }
    const char *id = doc_get_text(dispute, "request");
    if (check_outcome(context, id) != 0) {
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
    apply_outcome(context, id);
    if (!doc_text_is(context->body, "decision", "refused")) {
        agreement_ruled(context, id);
    }
    ruling_note(context, id);
    return 0;
}
