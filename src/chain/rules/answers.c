/* The provider's answer (D4): approval, refusal with the grounds that the profile demands, or
 * silence.
 *
 *   pending ──answer──▶ granted, refused
 *      │ term over: silence "approve"  ──▶ granted by deemed approval (PT 20)
 *      │            silence "escalate" ──▶ escalated (CN 17, OPEN 19) ──answer──▶ granted, refused
 *      │                                                  └──ruling (disputes.c)──▶ granted,
 * refused └ term over, and what was asked for is no longer shared ──▶ refused by the ledger
 *
 * Who approves less than was asked for gives the grounds of what it leaves out.
 *
 * Neither a provider nor its silence gives what the entry, as it stands then, does not share, for
 * days that are over, or to whoever has left. What is approved while the consumer is suspended
 * (PT 31), by either, is granted when it is back (approvals.c): the term waits for nobody but who
 * answers.
 * The consequence is the one that the term began with; nobody has to ask for it. answer/<request>
 * is never deleted: its absence is a claim that can be proved. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/approvals.h"
#include "chain/rules/asked.h"
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

/* ---- grounds of a refusal ---- */

/* PT 20: 审核不通过的，除因共享需求申请不规范外，…应当提供明确的法律、法规等依据.
 * CN 16: 除法律、法规、规章另有规定外，各单位不得拒绝; CN 17:
 * 不同意共享的，提供方应及时…回复具体原因. OPEN 19: 审核不通过的，应当一次性告知理由. */
int request_check_grounds(struct rule_context *context)
{
    const struct doc *refusal = rule_profile_at(context, "refusal");
    const struct doc *grounds = doc_get(context->body, "grounds");
    bool reasons = doc_count(doc_get(grounds, "reasons")) > 0;
    if (doc_get_bool(grounds, "not_in_order", false) &&
        doc_get_bool(refusal, "not_in_order_exempt", false)) {
        return reasons ? 0 : rule_fault(context, ERR_GROUNDS, "PT 20", "grounds.reasons");
    }
    bool law_alone = doc_text_is(refusal, "grounds", "legal-basis");
    bool law = law_alone || doc_text_is(refusal, "grounds", "law-and-reason");
    if (law && doc_count(doc_get(grounds, "legal_basis")) == 0) {
        rule_fault(context, ERR_GROUNDS, law_alone ? "PT 20" : "CN 16", "grounds.legal_basis");
    }
    if (law_alone) {
        return context->error;
    }
    if (!reasons) {
        return rule_fault(context, ERR_GROUNDS, "CN 17, OPEN 19", "grounds.reasons");
    }
    if (doc_text_is(refusal, "grounds", "all-reasons") &&
        !doc_get_bool(grounds, "complete", false)) {
        return rule_fault(context, ERR_GROUNDS, "OPEN 19", "grounds.complete");
    }
    return context->error;
}

/* ---- terms of an approval ---- */

/* An approval narrows: fewer items, more conditions, an earlier end. */
struct grant_terms grant_terms_of(const struct doc *body)
{
    return (struct grant_terms){
        .items = doc_get(body, "items"),
        .rows = doc_get(body, "rows"),
        .masked = doc_get(body, "masked"),
        .quota = doc_get(body, "quota"),
        .until = doc_get_text(body, "until"),
        .terms = doc_get_text(body, "terms"),
    };
}

/* What chooses the rows tells of the item it looks at, so nothing leaves by it where that is masked
 * (E6): such a grant would be none. */
static void check_masked_conditions(struct rule_context *context, const struct doc *request,
                                    const struct doc *masked)
{
    const struct doc *rows = doc_get(request, "rows");
    for (size_t i = 0; i < doc_count(masked); i++) {
        for (size_t k = 0; k < doc_count(rows); k++) {
            if (doc_text_is(doc_at(rows, k), "item", doc_text(doc_at(masked, i)))) {
                rule_fault(context, ERR_MASKED_CONDITION, "E6", "masked[%zu]", i);
                break;
            }
        }
    }
}

/* Of a request whose own last day is over request_barred tells. */
static void check_earlier_until(struct rule_context *context, const struct doc *request,
                                const char *last)
{
    int64_t until, asked, today = civil_day(context->time_ms);
    bool over = civil_parse_date(&asked, doc_get_text(request, "until")) == 0 && asked < today;
    if (last != NULL && !over &&
        (civil_parse_date(&until, last) != 0 || until > asked || until < today)) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, today, asked);
        rule_fault(context, ERR_FIELD_RANGE, "D10", "until");
    }
}

int grant_terms_check(struct rule_context *context, const struct doc *record,
                      const struct grant_terms *terms, bool may_wait)
{
    const struct doc *request = doc_get(record, "request");
    const struct doc *asked = doc_get(request, "items");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(record, "provider"),
                   doc_get_text(record, "entry"));
    check_subset(context, terms->items, asked, NULL, "items", "D10");
    check_subset(context, terms->masked, terms->items != NULL ? terms->items : asked, NULL,
                 "masked", "E6");
    check_masked_conditions(context, request, terms->masked);
    for (size_t i = 0; i < doc_count(terms->rows); i++) {
        const struct doc *items = doc_get(doc_get(entry, "entry"), "items");
        const char *name = doc_get_text(doc_at(terms->rows, i), "item");
        bool found = false;
        for (size_t k = 0; !found && k < doc_count(items); k++) {
            found = doc_text_is(doc_at(items, k), "name", name);
        }
        if (!found) {
            rule_fault(context, ERR_SUBJECT, "D10", "rows[%zu].item", i);
        }
    }
    check_earlier_until(context, request, terms->until);
    rule_check_body_size(context, TERMS_BYTES_MAX);
    struct request_bar bar;
    int barred = request_barred(context, &bar, record, terms->items);
    if (barred != 0 && !(may_wait && approval_may_wait(context, record, barred))) {
        request_fault_barred(context, record, barred, &bar, "");
    }
    return context->error;
}

/* A quota below the one that was asked for, or where none was; one call a day may be next to none.
 */
static bool quota_is_less(const struct doc *asked, const struct doc *given)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *most;
    while (given != NULL && doc_next(given, &cursor, &name, &most)) {
        if (doc_int(most, 0) < doc_get_int(asked, name, DOC_INT_MAX)) {
            return true;
        }
    }
    return false;
}

/* Whether the approval gives less than was asked for: items, rows, their plain text, days, or
 * volume. Further terms say how it is used. */
static bool leaves_out(struct rule_context *context, const struct doc *record,
                       const struct grant_terms *terms)
{
    const struct doc *request = doc_get(record, "request");
    bool items = terms->items != NULL && request_items_left(context, record, terms->items);
    bool days = terms->until != NULL && !doc_text_is(request, "until", terms->until);
    return items || days || doc_count(terms->rows) > 0 || doc_count(terms->masked) > 0 ||
           quota_is_less(doc_get(request, "quota"), terms->quota);
}

/* ---- request.answer ---- */

static void answer_put(struct rule_context *context, const char *id, bool late)
{
    struct doc *answer = record_edit(context->body);
    doc_remove(answer, "acts_on");
    doc_set_text(answer, "by", context->tx->key_name);
    if (late) {
        doc_set_bool(answer, "late", true);
    }
    doc_set_int(answer, "time_ms", context->time_ms);
    record_stamp(context, answer);
    state_putf(context->state, answer, "answer/%s", id);
}

static int answerable(struct rule_context *context, const struct doc *request)
{
    if (!rule_signed_by(context, doc_get_text(request, "provider"))) {
        return rule_fault(context, ERR_PARTY, "PT 20", "request");
    }
    if (!doc_text_is(request, "status", "pending") &&
        !doc_text_is(request, "status", "escalated")) {
        faults_note_may(context->faults, ERR_STATUS, "pending");
        faults_note_may(context->faults, ERR_STATUS, "escalated");
        return rule_fault(context, ERR_STATUS, "PT 20", "request");
    }
    return 0;
}

/* CN 17: 在…10个工作日内予以答复，提出是否同意共享的意见及理由: whether it agrees or not, an answer
 * has its reasons. Elsewhere an approval may have them. */
static void check_approval_reasons(struct rule_context *context, bool less)
{
    const struct doc *grounds = doc_get(context->body, "grounds");
    bool law_alone = doc_text_is(rule_profile_at(context, "refusal"), "grounds", "legal-basis");
    bool needed = rule_profile_at(context, "approval") != NULL || (grounds != NULL && !less);
    bool asked_for = less && !law_alone; /* by request_check_grounds */
    if (needed && !asked_for && doc_count(doc_get(grounds, "reasons")) == 0) {
        rule_fault(context, ERR_GROUNDS, "CN 17", "grounds.reasons");
    }
}

/* Who gives all that was asked for has nothing that a law would stand against. */
static void check_no_refusal(struct rule_context *context)
{
    static const char *const of_refusal[] = {"complete", "legal_basis", "not_in_order"};
    const struct doc *grounds = doc_get(context->body, "grounds");
    for (size_t i = 0; i < sizeof of_refusal / sizeof *of_refusal; i++) {
        if (doc_get(grounds, of_refusal[i]) != NULL) {
            rule_fault(context, ERR_FIELD_UNKNOWN, "PT 20", "grounds.%s", of_refusal[i]);
        }
    }
}

/* PT 20: 审核不通过的，…应当提供明确的法律、法规等依据; CN 16: 除法律、法规、规章另有规定外，各单位
 * 不得拒绝: what an approval leaves out is refused like any other request, and needs the same. */
static void check_answer(struct rule_context *context, const struct doc *request,
                         const struct grant_terms *terms, bool approve, bool less)
{
    if (approve) {
        grant_terms_check(context, request, terms, true);
    }
    if (!approve || less) {
        request_check_grounds(context);
    } else {
        check_no_refusal(context);
    }
    if (approve) {
        check_approval_reasons(context, less);
    }
}

/* Nothing is left for the agency to decide: the items are shared without condition by now (PT 18:
 * 直接获取; CN 14), or they waited for it only because it was removed meanwhile (PT 19, 22). What
 * cannot be given at all it may say so of. */
static bool is_owed(struct rule_context *context, const struct doc *request)
{
    struct request_bar bar;
    AUTO(doc_free) struct doc *now = record_edit(request); /* as what changed since makes it */
    int barred = request_barred(context, &bar, request, NULL);
    return !request_needs_word(context, now) &&
           (barred == 0 || approval_may_wait(context, request, barred));
}

int request_answer(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const char *id = rule_body_text(context, "request");
    record_key(subject, "request/%s", id);
    const struct doc *request = rule_subject(context, subject);
    if (request == NULL || answerable(context, request) != 0) {
        return rule_failed(context);
    }
    bool approve = doc_text_is(context->body, "decision", "approve");
    const struct grant_terms terms = grant_terms_of(context->body);
    bool less = approve && leaves_out(context, request, &terms);
    if ((!approve || less) && is_owed(context, request)) {
        rule_fault(context, ERR_STATUS, "PT 18, PT 19, CN 14", "decision");
    }
    check_answer(context, request, &terms, approve, less);
    if (context->error != 0) {
        return rule_failed(context);
    }
    answer_put(context, id, doc_text_is(request, "status", "escalated"));
    dispute_answered(context, id, approve && !less);
    struct doc *record = record_edit(request);
    term_stop(context, record, subject, "answer");
    record_stamp(context, record);
    if (!approve) {
        doc_set_text(record, "status", "refused");
    } else if (member_is_active(context, doc_get_text(record, "consumer"))) {
        grant_create(context, record, id, &terms, record_stamp);
    } else {
        approval_wait(context, record, subject, terms.until);
    }
    request_put(context, record, subject);
    return 0;
}

/* ---- silence ---- */

/* The answer that nobody gave: the ledger's, with what it was founded on. */
static void answer_put_deemed(struct rule_context *context, const char *id, int barred,
                              const struct request_bar *bar)
{
    struct doc *answer = doc_new_object();
    approval_deem(answer, barred, bar);
    doc_set_text(answer, "request", id);
    doc_set_int(answer, "time_ms", context->time_ms);
    record_stamp_act(context, answer);
    state_putf(context->state, answer, "answer/%s", id);
}

/* PT 20: 逾期未反馈的，视作审核通过. What could not be approved is not deemed approved either: the
 * request is refused, and the answer says why. */
static void silence_approves(struct rule_context *context, struct doc *record, const char *subject,
                             const struct doc *term)
{
    const char *id = subject + strlen("request/");
    struct request_bar bar;
    int barred = request_barred(context, &bar, record, NULL);
    bool waits = approval_may_wait(context, record, barred);
    barred = waits ? 0 : barred;
    rule_act_at(context, barred == 0 ? term_effect_clause(term) : bar.clause, subject,
                barred == 0 ? "deemed-approved" : "barred", doc_get_int(term, "due_ms", 0));
    answer_put_deemed(context, id, barred, &bar);
    record_stamp_act(context, record);
    if (waits) {
        approval_wait(context, record, subject, NULL);
    } else if (barred == 0) {
        grant_create(context, record, id, &(struct grant_terms){0}, record_stamp_act);
    } else {
        doc_set_text(record, "status", "refused");
    }
}

/* CN 17, OPEN 19 know no deemed approval: the request goes up. */
static void silence_escalates(struct rule_context *context, struct doc *record, const char *subject,
                              const struct doc *term)
{
    dispute_escalate(context, record, subject + strlen("request/"), term);
    rule_act_at(context, term_effect_clause(term), subject, "escalated",
                doc_get_int(term, "due_ms", 0));
    doc_set_text(record, "status", "escalated");
    record_stamp_act(context, record);
}

/* Where no silence decides, whoever rules does: by the clause of that. */
static void silence_goes_up(struct rule_context *context, struct doc *record, const char *subject,
                            const struct doc *term)
{
    AUTO(doc_free) struct doc *upwards = record_edit(term);
    record_share(upwards, "effect_clause", rule_profile_running(context, "ruling.clause"));
    silence_escalates(context, record, subject, upwards);
}

void request_answer_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    bool ruled = ruling_shown(context, record) && rule_profile_running(context, "ruling") != NULL;
    term_stop(context, record, subject, "answer");
    if (doc_text_is(term, "effect", "escalate")) {
        silence_escalates(context, record, subject, term);
    } else if (ruled) { /* PT 24: what was ruled to be refused silence does not give */
        silence_goes_up(context, record, subject, term);
    } else {
        silence_approves(context, record, subject, term);
    }
    request_put(context, record, subject);
}

/* PT 20 takes the silence of an agency for approval; an agency that is no more says nothing by it.
 * Who rules on disputes decides; where nobody does, the term rests until the agency is restored, or
 * the request is withdrawn. */
void request_answer_gone(struct rule_context *context, const char *subject, const struct doc *term)
{
    if (rule_profile_running(context, "ruling") == NULL) {
        term_rest(context, subject, "answer");
        return;
    }
    struct doc *record = record_edit(state_get(context->state, subject));
    term_stop(context, record, subject, "answer");
    silence_goes_up(context, record, subject, term);
    request_put(context, record, subject);
}
