/* Data that is not in the catalog yet, or not collected (D7).
 *
 *   submit ──▶ submitted ──intake──▶ asked ──answer──▶ met ──(request.submit names it)──▶ granted
 *                 │refuse  ▲           │refuse          ▲
 *                 ▼        └intake── declined           └──deliver── (upper.c)
 *           not-accepted          └──────forward──────▶ forwarded … (upper.c)
 *
 * and withdrawn by whoever needs it. An agency that is asked has its days; when they are over, or
 * it may not act, the center asks another or accepts the need no longer, and the need may go up, as
 * if it had declined. PT 22: 由区大数据中心提请相关区级责任单位开展公共数据目录编制或者归集
 * 工作。相关区级责任单位原则上应当在收到…提请之日起 15
 * 个工作日内，完成目录编制、归集和需求审核工作. So the answer that the entry is there is the review
 * too: a request that follows from it, for what was answered and nothing else, is granted at once.
 * 原则上: a late answer counts, and the lateness is recorded. */
#include "chain/rules/needs.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/upkeep.h"

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

/* The agency that was asked has let its days go by (原则上), may not act, or was given no days by
 * the document: then 由区大数据中心提请 and 由区府办统筹 (PT 22, 23) are for somebody else's data.
 */
static bool waits_in_vain(struct rule_context *context, const struct doc *need)
{
    const struct doc *term = term_get(need, "need");
    return doc_text_is(need, "status", "asked") &&
           (term == NULL || doc_get_bool(term, "over", false) ||
            !member_is_active(context, doc_get_text(need, "provider")));
}

bool need_is_unmet(struct rule_context *context, const struct doc *need)
{
    static const char *const unmet[] = {"submitted", "declined", NULL};
    return need_is(need, unmet) || waits_in_vain(context, need);
}

/* ---- need.submit, need.withdraw ---- */

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
    static const char *const open[] = {"submitted", "asked",        "declined",
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
    term_stop(context, record, subject, "need");
    record_share(record, "withdraw_reason", doc_get(context->body, "reason"));
    doc_set_text(record, "status", "withdrawn");
    record_stamp(context, record);
    state_put(context->state, subject, record);
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
    term_stop(context, record, subject, "need");
    doc_remove(record, "answer");
    doc_set_text(record, "status", accept ? "asked" : "not-accepted");
    if (accept) {
        record_share(record, "provider", doc_get(context->body, "provider"));
        term_start_running(context, record, subject, "need", "need.term");
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- need.answer ---- */

int need_meet(struct rule_context *context, struct doc *record, const char *provider,
              const char *clause)
{
    const char *code = rule_body_text(context, "entry");
    const struct doc *items = doc_get(context->body, "items");
    if (code == NULL || items == NULL) {
        return rule_fault(context, ERR_FIELD_MISSING, clause, code == NULL ? "entry" : "items");
    }
    const struct doc *entry = state_getf(context->state, "entry/%s/%s", provider, code);
    if (!doc_text_is(entry, "status", "published")) {
        return rule_fault(context, entry == NULL ? ERR_SUBJECT : ERR_STATUS, clause, "entry");
    }
    if (check_subset(context, items, doc_get(doc_get(entry, "entry"), "items"), "name", "items",
                     clause) != 0) {
        return rule_failed(context);
    }
    doc_set_text(record, "provider", provider);
    record_share(record, "entry", doc_get(context->body, "entry"));
    record_share(record, "items", items);
    doc_set_text(record, "status", "met");
    return 0;
}

/* PT 22: 尚未完成目录编制或者归集的, and 完成目录编制、归集和需求审核: what was in the catalog
 * already is answered for when its data is collected. */
static void check_collected(struct rule_context *context)
{
    const char *code = rule_body_text(context, "entry");
    if (code != NULL && collection_is_wanting(context, context->tx->member, code)) {
        rule_fault(context, ERR_STATUS, "PT 22, PT 15", "entry");
    }
}

int need_answer(struct rule_context *context)
{
    static const char *const asked[] = {"asked", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(need, "provider"))) {
        return rule_fault(context, ERR_PARTY, "PT 22", "need");
    }
    if (!need_is(need, asked)) {
        return rule_fault(context, ERR_STATUS, "PT 22", "need");
    }
    bool compiled = doc_text_is(context->body, "decision", "compiled");
    bool late = doc_get_bool(term_get(need, "need"), "over", false);
    struct doc *record = record_edit(need);
    if (compiled) {
        if (doc_get(context->body, "grounds") != NULL) {
            rule_fault(context, ERR_FIELD_UNKNOWN, "PT 22", "grounds");
        }
        need_meet(context, record, context->tx->member, "PT 22");
        check_collected(context);
    } else {
        request_check_grounds(context);
        doc_set_text(record, "status", "declined");
    }
    struct doc *note = need_note(context);
    if (late) {
        doc_set_bool(note, "late", true);
    }
    doc_set(record, "answer", note);
    term_stop(context, record, subject, "need");
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return context->error;
}

/* ---- the request that follows ---- */

void need_note_request(struct rule_context *context)
{
    const char *id = rule_body_text(context, "for_need");
    struct doc *record = record_edit(state_getf(context->state, "need/%s", id));
    doc_set_text(record, "request", context->txid);
    doc_set_text(record, "status", "requested");
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", id);
}

int need_check_request(struct rule_context *context)
{
    static const char *const met[] = {"met", NULL};
    static const char *const same[] = {"mode", "purpose", "until"};
    const char *id = rule_body_text(context, "for_need");
    const struct doc *need = state_getf(context->state, "need/%s", id);
    if (need == NULL) {
        return rule_fault(context, ERR_SUBJECT, "PT 22", "for_need");
    }
    if (!rule_signed_by(context, doc_get_text(need, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 22", "for_need");
    }
    if (!need_is(need, met)) {
        return rule_fault(context, ERR_STATUS, "PT 22", "for_need");
    }
    if (!doc_text_is(need, "provider", rule_body_text(context, "provider")) ||
        !doc_text_is(need, "entry", rule_body_text(context, "entry"))) {
        rule_fault(context, ERR_SUBJECT, "PT 22", "entry");
    }
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (!doc_equal(doc_get(context->body, same[i]),
                       doc_get(doc_get(need, "asked_for"), same[i]))) {
            rule_fault(context, ERR_PURPOSE, "PT 22, PT 25", "%s", same[i]);
        }
    }
    const struct doc *items = doc_get(context->body, "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (!doc_has_text(doc_get(need, "items"), doc_text(doc_at(items, i)))) {
            rule_fault(context, ERR_SUBJECT, "PT 22", "items[%zu]", i);
        }
    }
    return context->error;
}
