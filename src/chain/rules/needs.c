/* Data that is not in the catalog yet, or not collected (D7).
 *
 *   submit ──▶ submitted ──intake──▶ asked ──answer──▶ met ──(request.submit names it)──▶ granted
 *                 │refuse  ▲           │refuse          ▲
 *                 ▼        └intake── declined           └──deliver── (upper.c)
 *           not-accepted          └──────forward──────▶ forwarded … (upper.c)
 *
 * and withdrawn by whoever needs it. An agency that is asked has its days; when they are over, or
 * it may not act, the center asks another or accepts the need no longer, and the need may go up, as
 * if it had declined. So with a need that was met, where what answered it is gone before it was
 * asked for, and one that went up and was not answered in its days. Whoever needs it may dispute
 * the answer, and that the center accepts it not (dispute_need.c); what came of that the center
 * does not undo: it refuses no need that is owed, or was ruled to be accepted, asks nobody but
 * whoever owes it, also one that is suspended, before that one has left, nor takes the dispute
 * about what an agency declined from whoever needs it, which is kept ("declined") whoever else is
 * asked. PT 22:
 * 由区大数据中心提请相关区级责任单位开展公共数据目录编制或者归集工作. Answers are in
 * need_answers.c. */
#include "chain/rules/needs.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
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

bool need_was_declined(const struct doc *need)
{
    return doc_text_is(doc_get(need, "answer"), "decision", "refuse");
}

bool need_is_owed(struct rule_context *context, const struct doc *need)
{
    const char *provider = doc_get_text(doc_get(need, "owed"), "provider");
    return provider != NULL && !member_is_gone(context, provider);
}

/* An agency that may not act now is asked by the center when it may again. */
void need_ask_owing(struct rule_context *context, struct doc *record, const char *subject)
{
    const char *provider = doc_get_text(doc_get(record, "owed"), "provider");
    bool there = member_is_active(context, provider);
    need_stop_terms(context, record, subject);
    record_share(record, "provider", doc_get(doc_get(record, "owed"), "provider"));
    (void)need_show_ruling(context, record, provider);
    doc_set_text(record, "status", there ? "asked" : "submitted");
    if (there) {
        term_start_running(context, record, subject, "need", "need.term");
    }
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

/* Whether all items of this entry that answered the need are there still, and shared, and their
 * data collected, where it has to be. */
static bool is_there(struct rule_context *context, const struct doc *need, const char *code)
{
    AUTO(text_set_free) struct text_set items = {0};
    const struct doc *meets = doc_get(need, "meets");
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(need, "provider"), code);
    bool there = doc_text_is(entry, "status", "published");
    int rank = 0;
    text_set_build(&items, doc_get(doc_get(entry, "entry"), "items"), "name");
    for (size_t i = 0; there && i < doc_count(meets); i++) {
        if (doc_text_is(doc_at(meets, i), "entry", code)) {
            long at = text_set_find(&items, doc_get_text(doc_at(meets, i), "item"));
            int own = at < 0 ? 2 : entry_item_rank(entry, (size_t)at);
            there = own <= 1;
            rank = own > rank ? own : rank;
        }
    }
    return there && request_is_collected(context, doc_get_text(need, "provider"), code, rank);
}

/* PT 14: what answered it was retired, changed or ruled not to be shared before it was asked for,
 * its report returned (PT 22: 归集), or its agency removed; a need holds no entry back. */
static bool lost_its_answer(struct rule_context *context, const struct doc *need)
{
    const struct doc *entries = doc_get(need, "entries");
    bool gone = member_is_gone(context, doc_get_text(need, "provider"));
    for (size_t i = 0; doc_text_is(need, "status", "met") && i < doc_count(entries); i++) {
        const char *code = doc_text(doc_at(entries, i));
        if (doc_get(doc_get(need, "requests"), code) == NULL &&
            (gone || !is_there(context, need, code))) {
            return true;
        }
    }
    return false;
}

bool need_is_disputed(struct rule_context *context)
{
    return state_getf(context->state, "disputed/%s", rule_body_text(context, "need")) != NULL;
}

int need_fault_status(struct rule_context *context, const struct doc *need, const char *may,
                      const char *clause)
{
    const char *now = need_is_disputed(context) ? "disputed" : doc_get_text(need, "status");
    return rule_fault_status(context, now, may, clause, "need");
}

bool need_is_unmet(struct rule_context *context, const struct doc *need)
{
    static const char *const unmet[] = {"submitted", "declined", NULL};
    if (need_is_disputed(context)) {
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
    if (provider != NULL && rule_signer_is(context, provider)) {
        rule_fault(context, ERR_SELF, "PT 17", "provider"); /* its own data */
    } else if (provider != NULL && !member_is_active(context, provider)) {
        rule_fault(context, ERR_PROVIDER, "PT 22", "provider");
    }
    need_check_wanted(context);
    if (request_check_use(context) != 0) {
        return rule_failed(context);
    }
    const char *center = doc_get_text(state_get(context->state, "center"), "id");
    struct doc *record = doc_new_object();
    doc_set_text(record, "consumer", context->tx->member);
    record_share(record, "asked_for", context->body);
    doc_set_text(record, "status", "submitted");
    doc_set_int(record, "submitted_ms", context->time_ms);
    if (!need_show_ruling(context, record, provider)) {
        (void)need_show_ruling(context, record, center);
    }
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", context->txid);
    return 0;
}

int need_withdraw(struct rule_context *context)
{
    static const char *const open[] = {"submitted", "asked",        "declined", "met",
                                       "forwarded", "upper-agreed", "upper-refused", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(need, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "need");
    }
    if (!need_is(need, open)) {
        for (size_t i = 0; open[i] != NULL; i++) {
            faults_note_may(context->faults, ERR_STATUS, open[i]);
        }
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
    if (need_is_owed(context, need) &&
        !doc_text_is(doc_get(need, "owed"), "provider", provider)) { /* it is waited for */
        return rule_fault(context, ERR_RULED, "PT 24, CN 17", "need.owed.provider");
    }
    if (need_declines_full(need, provider)) {
        return rule_fault_status(context, "declined", "", "PT 22, PT 24", "need.declined");
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

/* PT 24: 由区府办协调处理. The center does not undo what is owed, or was ruled to be accepted, nor
 * close what an agency has declined, which is there to be disputed: it asks another, or leaves it.
 */
static void check_refusable(struct rule_context *context, const struct doc *need)
{
    if (need_is_owed(context, need)) {
        rule_fault(context, ERR_RULED, "PT 24, CN 17", "need.owed");
    } else if (doc_get(need, "intake_ruled") != NULL) {
        rule_fault(context, ERR_RULED, "PT 24, CN 17", "need.intake_ruled");
    } else if (need_was_declined(need)) {
        rule_fault_status(context, doc_get_text(need, "status"), "", "PT 24, CN 17", "need.answer");
    } else if (doc_get(need, "declined") != NULL) {
        rule_fault_status(context, "declined", "", "PT 24, CN 17", "need.declined");
    }
}

/* The agency that owes it is asked, the ruling stands beside it; another has said nothing yet. What
 * was declined is there to be disputed. */
static void forget_answer(struct rule_context *context, struct doc *record)
{
    bool owes =
        doc_text_is(doc_get(record, "owed"), "provider", rule_body_text(context, "provider"));
    struct doc *ruling = owes ? doc_ref(doc_get(record, "ruling")) : NULL;
    need_keep_declined(record);
    need_forget_answer(record);
    if (ruling != NULL) {
        doc_set(record, "ruling", ruling);
    }
}

int need_intake(struct rule_context *context)
{
    static const char *const answered_above[] = {"upper-agreed", "upper-refused", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    bool accept = doc_text_is(context->body, "decision", "accept");
    if (!need_is_unmet(context, need) &&
        (!need_is(need, answered_above) || need_is_disputed(context))) {
        need_fault_status(context, need, "submitted declined upper-agreed upper-refused", "PT 22");
    }
    if (accept) {
        check_asked(context, need);
    } else {
        check_refusable(context, need);
    }
    rule_check_reasons(context, !accept, "PT 22");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(need);
    doc_set(record, "intake", intake_note(context, need));
    need_stop_terms(context, record, subject);
    forget_answer(context, record);
    doc_set_text(record, "status", accept ? "asked" : "not-accepted");
    (void)need_show_ruling(context, record,
                           accept ? rule_body_text(context, "provider") : context->tx->member);
    if (accept) {
        record_share(record, "provider", doc_get(context->body, "provider"));
        term_start_running(context, record, subject, "need", "need.term");
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
