/* The upper platform (D9), both ways.
 *
 *   up    a need that the district cannot meet ──forward──▶ forwarded ──answer──▶ upper-agreed
 *         ──deliver──▶ met, and a request follows;                       └─────▶ upper-refused,
 *         or an agency that holds the resource is asked (needs.c)                or who owes it
 *                                                                                is asked anew
 *   down  receive ──▶ submitted ──(needs.c)──▶ met, declined ──answer──▶ replied
 *
 * PT 23:
 * 本区数据资源未能满足共享需求的，由区府办统筹后，向市大数据资源平台提出共享需求申请，若取得同意并获取
 * 相应数据资源，将通过区大数据资源分平台向区级需求单位提供数据共享服务. Who forwards is the
 * profile's. The upper platform signs its own words where it is a member, be it suspended; else the
 * center files them, with the digest of the paper. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/needs.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

/* ---- who ---- */

static bool is_upper(struct rule_context *context, const char *member)
{
    return doc_has_text(doc_get(state_getf(context->state, "member/%s", member), "parties"),
                        "upper");
}

static int check_named_upper(struct rule_context *context)
{
    const char *upper = rule_body_text(context, "upper");
    return upper == NULL || is_upper(context, upper)
               ? 0
               : rule_fault(context, ERR_PARTY, "PT 23", "upper");
}

/* ---- upper.forward ---- */

int upper_forward(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "upper", "PT 23", "need")) {
        return rule_failed(context);
    }
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!doc_has_text(doc_get(context->member, "parties"),
                      doc_text(rule_profile_at(context, "upper.by")))) {
        faults_note_may(context->faults, ERR_PARTY,
                        doc_text(rule_profile_at(context, "upper.by")));
        return rule_fault(context, ERR_PARTY, "PT 23", "need");
    }
    /* Where no days are named, its answer is waited for, or the district looks anew. */
    bool up = doc_text_is(need, "status", "forwarded") && term_get(need, "upper") == NULL;
    bool again = doc_text_is(need, "status", "upper-refused") && !need_is_disputed(context);
    if ((!need_is_unmet(context, need) && !again) || up || doc_text_is(need, "origin", "upper")) {
        need_fault_status(context, need, "submitted declined upper-refused", "PT 23");
    }
    if (check_named_upper(context) != 0 || context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(need);
    need_stop_terms(context, record, subject); /* what the agency said may still be disputed */
    doc_set(record, "forwarded", need_note(context));
    doc_remove(record, "upper_answer"); /* to what went up before */
    doc_remove(record, "upper"); /* who owes the answer, if it is a member */
    record_share(record, "upper", doc_get(context->body, "upper"));
    term_start_policy(context, record, subject, "upper", "upper.term");
    doc_set_text(record, "status", "forwarded");
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- upper.receive ---- */

/* STD 五(六): 平台级联. What the upper platform asks of the district is a need like any other. */
int upper_receive(struct rule_context *context)
{
    const char *upper = rule_body_text(context, "upper");
    if (!rule_policy_has(context, "upper", "STD 五(六)", "document") ||
        check_named_upper(context) != 0 || need_check_wanted(context) != 0) {
        return rule_failed(context);
    }
    struct doc *record = doc_new_object();
    doc_set_text(record, "consumer", upper != NULL ? upper : context->tx->member);
    record_share(record, "asked_for", context->body);
    doc_set_text(record, "origin", "upper");
    doc_set_text(record, "status", "submitted");
    doc_set_int(record, "submitted_ms", context->time_ms);
    record_stamp(context, record);
    state_putf(context->state, record, "need/%s", context->txid);
    return 0;
}

/* ---- upper.answer ---- */

/* Upwards the upper platform answers with its own key: the one that the need went to by name, else
 * any that is a member; only where none is, the center files its paper. One that is suspended is
 * waited for: the center, which suspends, does not speak in its place. Downwards it does. */
static int check_answerer(struct rule_context *context, const struct doc *need, bool down)
{
    const char *upper = doc_get_text(doc_get(need, "forwarded"), "upper");
    bool named = upper != NULL && !member_is_gone(context, upper);
    bool own_key = !down && party_is_there(context->state, "upper", NULL, 0);
    bool right = own_key ? is_upper(context, context->tx->member) &&
                               (!named || rule_signed_by(context, upper)) &&
                               doc_text_is(context->key, "role", "approve")
                         : rule_center_signs(context, "review");
    if (!right) {
        faults_note_may(context->faults, ERR_PARTY, own_key ? "upper" : NULL);
        return rule_fault(context, ERR_PARTY, "PT 23", "need");
    }
    return own_key || doc_get(context->body, "document") != NULL
               ? 0
               : rule_fault(context, ERR_FIELD_MISSING, "PT 23", "document");
}

/* It went up and was not answered, though an agency was asked meanwhile. */
static bool is_awaited(const struct doc *need)
{
    static const char *const meanwhile[] = {"submitted", "asked", "declined", "forwarded", NULL};
    return doc_get(need, "forwarded") != NULL && doc_get(need, "upper_answer") == NULL &&
           need_is(need, meanwhile);
}

/* What the need is after it. PT 23: 若取得同意并获取相应数据资源，将…提供数据共享服务; a refusal ends
 * nothing that an agency is asked, and an agency that owes it (PT 24) still does. */
static const char *status_answered(struct rule_context *context, const struct doc *need, bool agree)
{
    if (doc_text_is(need, "origin", "upper")) {
        return "replied";
    }
    if (doc_text_is(need, "status", "forwarded")) {
        return agree ? "upper-agreed" : "upper-refused";
    }
    return agree && !need_is_owed(context, need) ? "upper-agreed" : doc_get_text(need, "status");
}

int upper_answer(struct rule_context *context)
{
    static const char *const settled[] = {"met", "requested", "declined", "not-accepted", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    bool down = doc_text_is(need, "origin", "upper");
    bool agree = doc_text_is(context->body, "decision", "agree");
    if (check_answerer(context, need, down) != 0) {
        return rule_failed(context);
    }
    bool met = doc_text_is(need, "status", "met") || doc_text_is(need, "status", "requested");
    bool told = down && doc_get(need, "upper_answer") != NULL;
    if (down ? !need_is(need, settled) || told : !is_awaited(need)) {
        rule_fault_record(context, need, down ? "met declined not-accepted" : "forwarded", "PT 23",
                          "need");
    } else if (down && agree != met) {
        rule_fault_record(context, need, agree ? "met" : "declined not-accepted", "STD 五(六)",
                          "decision"); /* not what the agency said */
    }
    rule_check_reasons(context, !agree, "PT 23");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(need), *note = need_note(context);
    bool was_up = doc_text_is(need, "status", "forwarded");
    const char *status = status_answered(context, need, agree);
    if (doc_get_bool(term_get(need, "upper"), "over", false)) {
        doc_set_bool(note, "late", true);
    }
    term_stop(context, record, subject, "upper");
    doc_set(record, "upper_answer", note);
    doc_set_text(record, "status", status);
    if (strcmp(status, "upper-agreed") == 0) {
        need_stop_terms(context, record, subject); /* who was asked meanwhile is not any more */
    }
    if (was_up && !agree && need_is_owed(context, record) && !need_is_disputed(context)) {
        need_ask_owing(context, record, subject); /* PT 24: that it went up undoes no ruling */
    }
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- upper.deliver ---- */

/* The center runs the district's platform (PT 4), and keeps there what the city returns (PT 12);
 * the upper platform has agreed. Nobody else has said anything: an agency that should give data is
 * asked (need.intake), and its own key answers (need.answer). */
static bool may_deliver_of(struct rule_context *context, const struct doc *need,
                           const char *provider)
{
    return rule_signed_by(context, provider) ||
           doc_text_is(doc_get(need, "forwarded"), "upper", provider);
}

/* PT 23: 若取得同意并获取相应数据资源，将通过区大数据资源分平台向区级需求单位提供. The entry under
 * which the resource is in the district's catalog now (PT 12). */
int upper_deliver(struct rule_context *context)
{
    static const char *const agreed[] = {"upper-agreed", NULL};
    char subject[RECORD_KEY_BYTES];
    const struct doc *need = need_subject(context, subject);
    if (need == NULL) {
        return rule_failed(context);
    }
    if (!need_is(need, agreed) || need_is_disputed(context)) {
        return need_fault_status(context, need, "upper-agreed", "PT 23");
    }
    if (!may_deliver_of(context, need, rule_body_text(context, "provider"))) {
        return rule_fault(context, ERR_PARTY, "PT 23, PT 20", "provider");
    }
    struct doc *record = record_edit(need);
    need_keep_declined(record);
    need_forget_answer(record);
    need_meet(context, record, rule_body_text(context, "provider"), "PT 23");
    /* 取得…相应数据资源: what it did not give of what was wanted is told with all reasons. */
    bool left_out = doc_get(record, "left_out") != NULL;
    if (left_out != (doc_count(doc_get(context->body, "reasons")) > 0)) {
        rule_fault(context, left_out ? ERR_GROUNDS : ERR_FIELD_UNKNOWN, "PT 23", "reasons");
    }
    if (context->error != 0) {
        doc_free(&record);
        return rule_failed(context);
    }
    doc_set(record, "delivered", need_note(context));
    (void)need_show_ruling(context, record, rule_body_text(context, "provider"));
    record_stamp(context, record);
    state_put(context->state, subject, record);
    return 0;
}
