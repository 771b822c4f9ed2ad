/* Data that is not in the catalog yet, or not collected (D7).
 *
 *   submit ──▶ submitted ──intake──▶ asked ──answer──▶ met ──(request.submit names it)──▶ granted
 *                 │refuse  ▲           │refuse          ▲
 *                 ▼        └intake── declined           └──deliver── (upper.c)
 *           not-accepted          └──────forward──────▶ forwarded … (upper.c)
 *
 * and withdrawn by whoever needs it. An agency that is asked has its days; when they are over, or
 * it may not act, the center asks another or accepts the need no longer, and the need may go up, as
 * if it had declined. So with a need that was met, where an entry was retired before it was asked
 * for, and one that went up and was not answered in its days. Whoever needs it may dispute the
 * answer (dispute_need.c). PT 22:
 * 由区大数据中心提请相关区级责任单位开展公共数据目录编制或者归集工作. Answers are in
 * need_answers.c. */
#include "chain/rules/needs.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/text_set.h"

#include <string.h>

/* ---- the record ---- */

const struct doc *need_subject(struct rule_context *context, char *subject)
{
    record_key(subject, "need/%s", rule_body_text(context, "need"));
    return rule_subject(context, subject);
}

bool need_is(const struct doc *need, const char *const *statuses)
{
    const char *status = doc_get_text(need, "status");
    while (*statuses != NULL && strcmp(*statuses, status) != 0) {
        statuses++;
    }
    return *statuses != NULL;
}

struct doc *need_note(struct rule_context *context)
{
    struct doc *note = record_edit(context->body);
    doc_remove(note, "acts_on");
    doc_remove(note, "need");
    doc_set_text(note, "by", context->tx->member);
    doc_set_int(note, "time_ms", context->time_ms);
    return note;
}

void need_stop_terms(struct rule_context *context, struct doc *record, const char *subject)
{
    term_stop(context, record, subject, "need");
    term_stop(context, record, subject, "upper");
}

/* Whoever was asked, the upper platform too, has let its days go by (原则上), or was given none by
 * the document; or an agency may not act. Then 由区大数据中心提请 and 由区府办统筹 (PT 22, 23) are
 * for somebody else's data. */
static bool waits_in_vain(struct rule_context *context, const struct doc *need)
{
    bool up = doc_text_is(need, "status", "forwarded");
    const struct doc *term = term_get(need, up ? "upper" : "need");
    if (!up && !doc_text_is(need, "status", "asked")) {
        return false;
    }
    return term == NULL || doc_get_bool(term, "over", false) ||
           (!up && !member_is_active(context, doc_get_text(need, "provider")));
}

/* PT 14: what answered it was retired before it was asked for; a need holds no entry back. */
static bool lost_its_answer(struct rule_context *context, const struct doc *need)
{
    const struct doc *entries = doc_get(need, "entries");
    for (size_t i = 0; doc_text_is(need, "status", "met") && i < doc_count(entries); i++) {
        const char *code = doc_text(doc_at(entries, i));
        if (doc_get(doc_get(need, "requests"), code) == NULL &&
            !doc_text_is(
                state_getf(context->state, "entry/%s/%s", doc_get_text(need, "provider"), code),
                "status", "published")) {
            return true;
        }
    }
    return false;
}

bool need_is_unmet(struct rule_context *context, const struct doc *need)
{
    static const char *const unmet[] = {"submitted", "declined", NULL};
    if (state_getf(context->state, "disputed/%s", rule_body_text(context, "need")) != NULL) {
        return false; /* that comes first */
    }
    return need_is(need, unmet) || waits_in_vain(context, need) || lost_its_answer(context, need);
}

/* ---- need.submit, need.withdraw ---- */

/* Each thing wanted is answered for, so it is there once. */
int need_check_wanted(struct rule_context *context)
{
    AUTO(text_set_free) struct text_set wanted = {0};
    text_set_build(&wanted, doc_get(context->body, "wanted"), NULL);
    long twice = text_set_next_duplicate(&wanted, -1);
    return twice < 0 ? 0 : rule_fault(context, ERR_DUPLICATE, "PT 17", "wanted[%ld]", twice);
}

int need_submit(struct rule_context *context)
{
    const char *provider = rule_body_text(context, "provider");
    if (!rule_policy_has(context, "need", "PT 22", "name")) {
        return rule_failed(context);
    }
    if (provider != NULL && rule_signed_by(context, provider)) {
        rule_fault(context, ERR_PARTY, "PT 17", "provider"); /* its own data */
    } else if (provider != NULL && !member_is_active(context, provider)) {
        rule_fault(context, ERR_PROVIDER, "PT 22", "provider");
    }
    need_check_wanted(context);
    if (request_check_use(context) != 0) {
        return rule_failed(context);
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "consumer", context->tx->member);
    record_share(record, "asked_for", context->body);
    doc_set_text(record, "status", "submitted");
    doc_set_int(record, "submitted_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", context->txid);
    return 0;
}

int need_withdraw(struct rule_context *context)
{
    static const char *const open[] = {"submitted", "asked",        "declined", "met",
                                       "forwarded", "upper-agreed", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(need, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "need");
    }
    if (!need_is(need, open)) {
        return rule_fault(context, ERR_STATUS, "PT 26", "need");
    }
    struct doc *record = record_edit(need);
    need_stop_terms(context, record, subject);
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    doc_set_text(record, "status", "withdrawn");
    record_stamp(context, record);
    state_put(context->state, subject, record);
    dispute_withdrawn(context, rule_body_text(context, "need"));
    return 0;
}

/* ---- need.intake ---- */

/* PT 22: 由区大数据中心提请相关区级责任单位. The agency that answers is there to do so, and not the
 * one that asks. */
static int check_asked(struct rule_context *context, const struct doc *need)
{
    const char *provider = rule_body_text(context, "provider");
    if (provider == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, "PT 22", "provider");
    }
    const struct doc *member = state_getf(context->state, "member/%s", provider);
    if (!doc_has_text(doc_get(member, "parties"), "provider") ||
        doc_text_is(need, "consumer", provider)) {
        return rule_fault(context, ERR_PARTY, "PT 22", "provider");
    }
    if (doc_text_is(need, "status", "asked") && doc_text_is(need, "provider", provider)) {
        return rule_fault(context, ERR_DUPLICATE, "PT 22", "provider"); /* it owes the answer */
    }
    return member_is_active(context, provider)
               ? 0
               : rule_fault(context, ERR_PROVIDER, "PT 22", "provider");
}

/* What the center did with it; who had been asked before, and did not answer, stands beside it. */
static struct doc *intake_note(struct rule_context *context, const struct doc *need)
{
    struct doc *note = need_note(context);
    if (doc_text_is(need, "status", "asked")) {
        record_share(note, "instead_of", doc_get(need, "provider"));
    }
    return note;
}

int need_intake(struct rule_context *context)
{
    static const char *const agreed[] = {"upper-agreed", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    if (!need_is_unmet(context, need) && !need_is(need, agreed)) {
        rule_fault(context, ERR_STATUS, "PT 22", "need");
    }
    if (accept) {
        check_asked(context, need);
    } else if (doc_count(doc_get(context->body, "reasons")) == 0) {
        rule_fault(context, ERR_GROUNDS, "PT 22", "reasons");
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(need);
    doc_set(record, "intake", intake_note(context, need));
    need_stop_terms(context, record, subject);
    need_forget_answer(record);
    doc_remove(record, "owed"); /* by the agency that was asked before */
    doc_set_text(record, "status", accept ? "asked" : "not-accepted");
    if (accept) {
        record_share(record, "provider", doc_get(context->body, "provider"));
        term_start_running(context, record, subject, "need", "need.term");
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
