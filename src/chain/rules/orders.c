/* Orders to rectify, and what is made public (D13).
 *
 *   CN 26: 责令其限期改正；逾期不改正的，由有权机关依法予以处理
 *     ordered ──done──▶ done ──accept──▶ accepted
 *        ▲ └ its day passes: overdue       │
 *        └──────────return, another day────┘
 *   PT 32: 在一定范围予以通报; OPEN 32: 公示
 *     published ──▶ withdrawn
 *
 * What is published has a ground on the ledger: a violation found, a measure, an order overdue. */
#include "base/errors.h"
#include "chain/rules/matters.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

/* ---- rectify.order ---- */

static void check_order(struct rule_context *context)
{
    const char *id = rule_body_text(context, "case");
    const char *member = rule_body_text(context, "member");
    if (!signer_supervises(context)) {
        rule_fault(context, ERR_PARTY, "CN 26", "member");
    } else if (rule_signer_is(context, member)) {
        rule_fault(context, ERR_SELF, "CN 26", "member");
    }
    (void)matter_member(context, "member", "CN 26");
    if (id == NULL) {
        return;
    }
    const struct doc *matter = state_getf(context->state, "case/%s", id);
    if (!doc_text_is(matter, "member", member)) {
        rule_fault(context, ERR_SUBJECT, "CN 26", "case");
    } else {
        (void)matter_is(context, matter, "case", "CN 26", "found", NULL);
    }
}

int rectify_order(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "rectification", "CN 26", "kind")) {
        return rule_failed(context);
    }
    int64_t end_ms = matter_deadline(context, "until", "CN 26");
    check_order(context);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "rectification", "ordered");
    term_start_at(context, record, subject, "rectify", end_ms, "CN 26");
    state_put(context->state, subject, record);
    return 0;
}

/* ---- rectify.done, rectify.review ---- */

static bool is_overdue(const struct doc *record)
{
    return doc_get_bool(record, "late", false) ||
           doc_get_bool(term_get(record, "rectify"), "over", false);
}

int rectify_done(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *order = matter_subject(context, subject, "rectification");
    if (order == NULL || !matter_is(context, order, "rectification", "CN 26", "ordered", NULL)) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(order, "member"))) {
        return rule_fault(context, ERR_PARTY, "CN 26", "rectification");
    }
    struct doc *record = record_edit(order);
    if (is_overdue(order)) {
        doc_set_bool(record, "late", true);
    }
    term_stop(context, record, subject, "rectify");
    matter_step(context, record, "rectification", "report", "done");
    state_put(context->state, subject, record);
    return 0;
}

int rectify_review(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *order = matter_subject(context, subject, "rectification");
    if (order == NULL || !matter_is(context, order, "rectification", "CN 26", "done", NULL)) {
        return rule_failed(context);
    }
    bool returned = strcmp(rule_body_text(context, "decision"), "return") == 0;
    if (!signer_supervises(context) || rule_signed_by(context, doc_get_text(order, "member"))) {
        rule_fault(context, ERR_PARTY, "CN 26", "rectification");
    }
    if (returned != (doc_get(context->body, "until") != NULL)) {
        rule_fault(context, returned ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, "CN 26", "until");
    }
    int64_t end_ms =
        returned && context->error == 0 ? matter_deadline(context, "until", "CN 26") : 0;
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(order);
    matter_step(context, record, "rectification", "review", returned ? "ordered" : "accepted");
    if (returned) {
        term_start_at(context, record, subject, "rectify", end_ms, "CN 26");
    }
    state_put(context->state, subject, record);
    return 0;
}

/* ---- disclosure.publish, disclosure.withdraw ---- */

/* A ground that is named is about this member, and stands. */
static void check_ground(struct rule_context *context, const char *table, size_t *grounds)
{
    const char *id = rule_body_text(context, table);
    const struct doc *record = id == NULL ? NULL : state_getf(context->state, "%s/%s", table, id);
    if (id == NULL) {
        return;
    }
    (*grounds)++;
    if (!doc_text_is(record, "member", rule_body_text(context, "member"))) {
        rule_fault(context, ERR_SUBJECT, "PT 32, OPEN 32", "%s", table);
    } else if ((strcmp(table, "case") == 0 && !doc_text_is(record, "status", "found")) ||
               (strcmp(table, "rectification") == 0 && !is_overdue(record))) {
        rule_fault_record(context, record, strcmp(table, "case") == 0 ? "found" : "",
                          "PT 32, OPEN 32", "%s", table);
    }
}

/* OPEN 32: 市大数据中心和数据开放主体应当按照各自职责: a provider makes public what was found about
 * the use of its own data, and what it did about that itself. */
static bool concerns_signer(struct rule_context *context)
{
    const char *of_case = rule_body_text(context, "case");
    const char *of_measure = rule_body_text(context, "measure");
    const struct doc *matter =
        of_case == NULL ? NULL : state_getf(context->state, "case/%s", of_case);
    const struct doc *measure =
        of_measure == NULL ? NULL : state_getf(context->state, "measure/%s", of_measure);
    return rule_body_text(context, "rectification") == NULL &&
           (of_case == NULL || matter_concerns_signer(context, matter)) &&
           (of_measure == NULL || rule_signed_by(context, doc_get_text(measure, "provider")));
}

static void check_publisher(struct rule_context *context)
{
    const char *kind = rule_body_text(context, "kind");
    bool circular = strcmp(kind, "circular") == 0;
    bool provides = doc_has_text(doc_get(context->member, "parties"), "provider") &&
                    doc_text_is(context->key, "role", "approve") && concerns_signer(context);
    if (rule_signer_is(context, rule_body_text(context, "member"))) {
        rule_fault(context, ERR_SELF, "PT 32, OPEN 32", "member");
    }
    if (!doc_has_text(rule_profile_at(context, "disclosure.kinds"), kind)) {
        rule_fault(context, ERR_POLICY, "PT 32, OPEN 32", "kind");
    }
    /* PT 32: 区府办可以在一定范围予以通报. */
    if (circular ? !signer_is_supervisor(context) : !signer_supervises(context) && !provides) {
        rule_fault(context, ERR_PARTY, circular ? "PT 32" : "OPEN 32", "kind");
    }
}

int disclosure_publish(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    size_t grounds = 0;
    if (!rule_policy_has(context, "disclosure", "PT 32, OPEN 32", "kind")) {
        return rule_failed(context);
    }
    check_publisher(context);
    (void)matter_member(context, "member", "PT 32, OPEN 32");
    check_ground(context, "case", &grounds);
    check_ground(context, "measure", &grounds);
    check_ground(context, "rectification", &grounds);
    if (grounds == 0) {
        rule_fault(context, ERR_FIELD_MISSING, "PT 32, OPEN 32", "case");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "disclosure", "published");
    state_put(context->state, subject, record);
    return 0;
}

int disclosure_withdraw(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *disclosure = matter_subject(context, subject, "disclosure");
    if (disclosure == NULL ||
        !matter_is(context, disclosure, "disclosure", "OPEN 32", "published", NULL)) {
        return rule_failed(context);
    }
    /* What is on the platform the center, too, may take off; a circular is the supervisor's. */
    bool watches = doc_text_is(disclosure, "kind", "circular") ? signer_is_supervisor(context)
                                                               : signer_supervises(context);
    bool supervises = watches && !rule_signed_by(context, doc_get_text(disclosure, "member"));
    if (!supervises && !rule_signed_by(context, doc_get_text(disclosure, "by"))) {
        return rule_fault(context, ERR_PARTY, "OPEN 32", "disclosure");
    }
    struct doc *record = record_edit(disclosure);
    matter_step(context, record, "disclosure", "withdrawal", "withdrawn");
    state_put(context->state, subject, record);
    return 0;
}
