/* Security risks (D12, PT 31): 一经发现安全风险，可以根据紧急程度暂停或者终止相应共享服务，并报送
 * 相关数据安全监管部门、区府办处理.
 *
 *   reported ──handle──▶ handled
 *
 * The center's act, by which it suspends or ends a grant, takes or acts on a notice of a risk, or
 * suspends or removes a member, or the key of its gateway, all services with it, names the
 * authority it reported to and the digest of the report; and of the members that supervise at least
 * one, as long as the ledger has any. Each of them is told by an act
 * ("risk-reported"), has the risk on its list of matters, and any of them says what became of it,
 * unless it is about its own use or data. Where no other supervisor is there the center files what
 * the authority found.
 *
 * Not every member goes for a risk: where it is the member's own wish, the order of an authority or
 * a succession, the act says so ("cause") and names the paper that shows it; whoever says nothing
 * of the cause acts for a risk, and reports it.
 *
 *   risk/<txid>  {"act","authority","by","consumer","document","entry","grant" or "notice",
 *                 "handling"?,"provider","since_ms","statement","status","supervisors"?,"version"}
 *                of a member: "member", and "key" if it is about its key, in place of the grant,
 * the entry and its sides
 */
#include "chain/rules/risks.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/matters.h"
#include "chain/rules/members.h"
#include "chain/rules/tables.h"

#include <string.h>

#define CLAUSE "PT 31"

static const char *const parts[] = {"authority", "document", "supervisors"};
#define PARTS (sizeof parts / sizeof *parts)

/* ---- the report ---- */

bool risk_is_reported(struct rule_context *context)
{
    return doc_get(context->body, "authority") != NULL;
}

static bool report_begun(const struct rule_context *context)
{
    bool any = false;
    for (size_t i = 0; i < PARTS; i++) {
        any = any || doc_get(context->body, parts[i]) != NULL;
    }
    return any;
}

/* 区府办, where it is on the ledger and another than the center: whether it may act now or not, or
 * the center could spare itself the report by a suspension. */
static void check_supervisors(struct rule_context *context)
{
    const struct doc *named = doc_get(context->body, "supervisors");
    const char *const but[] = {context->tx->member};
    if (named == NULL && party_is_there(context->state, "supervisor", but, 1)) {
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, "supervisors");
    }
    for (size_t i = 0; i < doc_count(named); i++) {
        const char *id = doc_text(doc_at(named, i));
        const struct doc *member = state_getf(context->state, "member/%s", id);
        if (member == NULL) {
            rule_fault(context, ERR_SUBJECT, CLAUSE, "supervisors[%zu]", i);
        } else if (!doc_has_text(doc_get(member, "parties"), "supervisor") ||
                   doc_text_is(member, "status", "removed") || rule_signer_is(context, id)) {
            faults_note_now(context->faults, ERR_SUPERVISOR,
                            rule_signer_is(context, id) ? "center" : NULL);
            faults_note_may(context->faults, ERR_SUPERVISOR, "supervisor");
            rule_fault(context, ERR_SUPERVISOR, CLAUSE, "supervisors[%zu]", i);
        }
    }
}

/* Who says nothing of a cause acts for a risk: told where the report is missing, or somebody
 * reports a risk that there is none of. */
static void note_cause(struct rule_context *context)
{
    bool may_be_other = context->tx == NULL; /* risk_check_body: its types have a cause */
    for (const struct field *field = may_be_other ? NULL : context->tx->type->fields;
         field != NULL && field->name != NULL; field++) {
        may_be_other = may_be_other || strcmp(field->name, "cause") == 0;
    }
    if (may_be_other && doc_get(context->body, "cause") == NULL) {
        faults_note_now(context->faults, ERR_FIELD_MISSING, "risk");
        for (size_t i = 1; choices_cause[i] != NULL; i++) {
            faults_note_may(context->faults, ERR_FIELD_MISSING, choices_cause[i]);
        }
    }
}

/* A report that was begun is whole. */
static void check_report(struct rule_context *context)
{
    if (doc_get(context->body, "authority") == NULL) {
        note_cause(context);
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, "authority");
    }
    if (doc_get(context->body, "document") == NULL) {
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, "document");
    }
    rule_check_distinct(context, doc_get(context->body, "supervisors"), CLAUSE, "supervisors");
}

int risk_check(struct rule_context *context, bool owed)
{
    bool any = report_begun(context);
    if (!rule_center_signs(context, "review") && !rule_center_signs(context, "admin")) {
        return any ? rule_fault(context, ERR_PARTY, CLAUSE, "authority") : 0;
    }
    if (!any && !(owed && rule_profile_at(context, "risk_report") != NULL)) {
        return 0;
    }
    check_report(context);
    check_supervisors(context);
    return context->error;
}

/* For no risk there is nothing to report. */
static void check_no_report(struct rule_context *context)
{
    for (size_t i = 0; i < PARTS; i++) {
        if (doc_get(context->body, parts[i]) != NULL) {
            rule_fault(context, ERR_FIELD_UNKNOWN, CLAUSE, "%s", parts[i]);
        }
    }
}

/* But a paper that shows what it is for. */
static void check_other_cause(struct rule_context *context, bool owed)
{
    check_no_report(context);
    if (owed && doc_get(context->body, "papers") == NULL &&
        rule_profile_at(context, "risk_report") != NULL) {
        rule_fault(context, ERR_FIELD_MISSING, CLAUSE, "papers");
    }
}

int risk_check_cause(struct rule_context *context, bool owed)
{
    const char *cause = rule_body_text(context, "cause");
    bool papers = doc_get(context->body, "papers") != NULL;
    bool center = rule_center_signs(context, "admin");
    if (!center && (cause != NULL || papers)) {
        rule_fault(context, ERR_PARTY, CLAUSE, cause != NULL ? "cause" : "papers");
    } else if (cause != NULL && strcmp(cause, "risk") != 0) {
        check_other_cause(context, owed);
        return context->error;
    } else if (papers) {
        rule_fault(context, ERR_FIELD_UNKNOWN, CLAUSE, "papers");
    }
    (void)risk_check(context, center && owed);
    return context->error;
}

void risk_check_body(struct rule_context *context)
{
    const struct doc *cause = doc_get(context->body, "cause");
    bool risk = cause == NULL || doc_text_is(context->body, "cause", "risk");
    if (!risk && doc_kind(cause) == DOC_TEXT) {
        check_no_report(context);
    }
    if (risk && doc_get(context->body, "papers") != NULL) {
        rule_fault(context, ERR_FIELD_UNKNOWN, CLAUSE, "papers");
    }
    if (risk && report_begun(context)) {
        check_report(context);
    }
}

/* 报送…区府办. */
static void tell_supervisors(struct rule_context *context, const char *subject)
{
    const struct doc *named = doc_get(context->body, "supervisors");
    for (size_t i = 0; i < doc_count(named); i++) {
        AUTO(doc_free) struct doc *more = doc_new_object();
        doc_set(more, "member", doc_ref(doc_at(named, i)));
        rule_act_with(context, CLAUSE, subject, "risk-reported", more);
    }
}

void risk_put(struct rule_context *context, const char *family, const char *id,
              const struct doc *about, const char *said)
{
    static const char *const whose[] = {"consumer", "entry", "key", "provider"};
    char subject[RECORD_KEY_BYTES];
    if (!risk_is_reported(context)) {
        return;
    }
    struct doc *record = doc_new_object();
    for (size_t i = 0; i < sizeof whose / sizeof *whose; i++) {
        record_share(record, whose[i], doc_get(about, whose[i]));
    }
    for (size_t i = 0; i < PARTS; i++) {
        record_share(record, parts[i], doc_get(context->body, parts[i]));
    }
    doc_set_text(record, "act", context->tx->type->name);
    doc_set_text(record, "by", context->tx->member);
    doc_set_text(record, family, id);
    doc_set_int(record, "since_ms", context->time_ms);
    record_share(record, "statement", doc_get(context->body, said));
    doc_set_text(record, "status", "reported");
    record_stamp(context, record);
    record_key(subject, "risk/%s", context->txid);
    state_put(context->state, subject, record);
    tell_supervisors(context, subject);
}

void risk_put_member(struct rule_context *context, const char *member, const char *key)
{
    AUTO(doc_free) struct doc *about = doc_new_object();
    if (key != NULL) {
        doc_set_text(about, "key", key);
    }
    risk_put(context, "member", member, about, "reason");
}

/* ---- risk.handle ---- */

/* 报送…区府办处理: nobody that supervises handles the risk about its own use, of its own data or of
 * itself; one that is suspended is waited for. */
static int check_handler(struct rule_context *context, const struct doc *risk)
{
    const char *by = doc_get_text(risk, "by");
    const char *consumer = doc_get_text(risk, "consumer");
    const char *provider = doc_get_text(risk, "provider");
    const char *member = doc_get_text(risk, "member");
    const char *const sides[] = {by, consumer != NULL ? consumer : by,
                                 provider != NULL ? provider : by, member != NULL ? member : by};
    const size_t n = sizeof sides / sizeof *sides;
    bool another = doc_get(risk, "supervisors") != NULL &&
                   party_is_there(context->state, "supervisor", sides, n);
    bool may = another ? signer_is_supervisor(context) : rule_signed_by(context, by);
    for (size_t i = 0; another && i < n; i++) {
        may = may && !rule_signer_is(context, sides[i]);
    }
    return may ? 0 : rule_fault(context, ERR_PARTY, CLAUSE, "risk");
}

int risk_handle(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *risk = matter_subject(context, subject, "risk");
    if (risk == NULL || !matter_is(context, risk, "risk", CLAUSE, "reported", NULL)) {
        return rule_failed(context);
    }
    check_handler(context, risk);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(risk);
    matter_step(context, record, "risk", "handling", "handled");
    state_put(context->state, subject, record);
    return 0;
}
