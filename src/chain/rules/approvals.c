/* What was approved of what a suspended agency asked for (D4).
 *
 *   approved ──the consumer is restored──▶ granted, as the answer gives it, or silence
 *      │              └──or, as things stand then, barred, or silence alone gave it and it was
 *      │                 ruled to be refused since (PT 24)──▶ refused by the ledger
 *      └──the consumer is removed, or the last day over──▶ refused by the ledger
 *
 * and withdrawn by who asked, or decided by a ruling. PT 20:
 * 相关区级责任单位应当在…5 个工作日内，完成审核并反馈审核结果. The provider can sign, whether or
 * not PT 31 has suspended who asked: its days end when they end, and a suspension gives it none
 * anew. What waits is the grant alone, for nothing is given to who is suspended.
 *
 *   waits/<consumer>/<request>  as long as the request is approved
 *   decide/<consumer>           it was restored or removed since: the sweep looks at what waits */
#include "chain/rules/approvals.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/asked.h"
#include "chain/rules/disputes.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

#define TERM "approved"
#define APPROVAL_COST 400 /* a grant, as of the term `answer` */

static void waits_key(char out[RECORD_KEY_BYTES], const struct doc *request, const char *subject)
{
    record_key(out, "waits/%s/%s", doc_get_text(request, "consumer"), subject + strlen("request/"));
}

bool approval_may_wait(struct rule_context *context, const struct doc *request, int barred)
{
    return barred == ERR_CONSUMER && !member_is_gone(context, doc_get_text(request, "consumer"));
}

void approval_wait(struct rule_context *context, struct doc *request, const char *subject,
                   const char *until)
{
    char key[RECORD_KEY_BYTES];
    int64_t day = 0;
    until = until != NULL ? until : doc_get_text(doc_get(request, "request"), "until");
    (void)civil_parse_date(&day, until); /* the table checked it */
    doc_set_text(request, "status", "approved");
    term_start_at(context, request, subject, TERM, civil_day_start(day + 1), "D10");
    waits_key(key, request, subject);
    struct doc *pointer = doc_new_object();
    doc_set_int(pointer, "since_ms", context->time_ms);
    state_put(context->state, key, pointer);
}

void approval_follow(struct rule_context *context, struct doc *request, const char *subject)
{
    if (term_get(request, TERM) != NULL && !doc_text_is(request, "status", "approved")) {
        char key[RECORD_KEY_BYTES];
        waits_key(key, request, subject);
        term_stop(context, request, subject, TERM);
        state_delete(context->state, key);
    }
}

/* ---- the answer ---- */

static void answer_bar(struct doc *answer, int barred, const struct request_bar *bar)
{
    struct doc *reason = doc_new_object();
    doc_set_text(reason, "clause", bar->clause);
    doc_set_text(reason, "code", error_code(barred));
    doc_set_text(reason, "field", bar->field);
    doc_set(answer, "barred", reason);
}

void approval_deem(struct doc *answer, int barred, const struct request_bar *bar)
{
    doc_set_text(answer, "decision", barred == 0 ? "approve" : "refuse");
    doc_set_bool(answer, "deemed", true);
    if (barred != 0) {
        answer_bar(answer, barred, bar);
    }
}

/* What a provider approved stays its word; what the ledger did, it does again. */
static void refuse(struct rule_context *context, struct doc *request, const char *subject,
                   int barred, const struct request_bar *bar)
{
    const char *id = subject + strlen("request/");
    struct doc *answer = record_edit(state_getf(context->state, "answer/%s", id));
    if (doc_get_bool(answer, "deemed", false)) {
        approval_deem(answer, barred, bar);
    } else {
        answer_bar(answer, barred, bar);
    }
    record_stamp_act(context, answer);
    state_putf(context->state, answer, "answer/%s", id);
    doc_set_text(request, "status", "refused");
}

/* ---- its end ---- */

/* PT 24: what was ruled to be refused silence does not give; the provider's own word does. */
static int ruled_since(struct rule_context *context, struct request_bar *bar, struct doc *request,
                       const struct doc *answer)
{
    if (!doc_get_bool(answer, "deemed", false) || !ruling_shown(context, request)) {
        return 0;
    }
    (void)snprintf(bar->field, sizeof bar->field, "ruled");
    bar->clause = "PT 24";
    return ERR_RULED;
}

/* Its consumer is a member again, or no more. */
static void decide(struct rule_context *context, const char *id)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "request/%s", id);
    const struct doc *request = record_current(context, subject);
    if (!doc_text_is(request, "status", "approved")) {
        return; /* its last day was over before the return */
    }
    struct doc *record = record_edit(request);
    AUTO(doc_free) struct doc *answer = doc_ref(state_getf(context->state, "answer/%s", id));
    const struct grant_terms terms = grant_terms_of(answer);
    struct request_bar bar;
    int barred = request_barred(context, &bar, record, terms.items);
    barred = barred != 0 ? barred : ruled_since(context, &bar, record, answer);
    rule_act(context, barred == 0 ? "PT 31" : bar.clause, subject,
             barred == 0 ? "granted" : "barred");
    record_stamp_act(context, record);
    if (barred == 0) {
        grant_create(context, record, id, &terms, record_stamp_act);
    } else {
        refuse(context, record, subject, barred, &bar);
    }
    request_put(context, record, subject);
}

/* The last day of use is over before the consumer is back. */
void request_approved_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct request_bar bar = {.clause = doc_get_text(term, "clause")};
    (void)snprintf(bar.field, sizeof bar.field, "until");
    struct doc *record = record_edit(state_get(context->state, subject));
    rule_act_at(context, bar.clause, subject, "barred", doc_get_int(term, "due_ms", 0));
    record_stamp_act(context, record);
    refuse(context, record, subject, ERR_FIELD_RANGE, &bar);
    request_put(context, record, subject);
}

/* ---- whoever it waits for ---- */

void approvals_member_changes(struct rule_context *context, const char *member)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    record_key(prefix, "waits/%s/", member);
    if (state_next(context->state, key, prefix, NULL)) {
        struct doc *mark = doc_new_object();
        doc_set_int(mark, "since_ms", context->time_ms);
        state_putf(context->state, mark, "decide/%s", member);
    }
}

void approvals_sweep(struct rule_context *context, unsigned *budget)
{
    char mark[RECORD_KEY_BYTES], prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    char subject[RECORD_KEY_BYTES];
    while (*budget > 0 && state_next(context->state, mark, "decide/", NULL)) {
        const char *member = mark + strlen("decide/");
        record_key(prefix, "waits/%s/", member);
        bool suspended = !member_is_active(context, member) && !member_is_gone(context, member);
        if (suspended || !state_next(context->state, key, prefix, NULL)) {
            state_delete(context->state, mark); /* again, before it was all done; or it is */
            continue;
        }
        int64_t profile_ms = context->profile_ms; /* what it decides is noted on this record */
        context->profile_ms = 0;
        decide(context, key + strlen(prefix));
        context->profile_ms = profile_ms;
        record_key(subject, "request/%s", key + strlen(prefix));
        unsigned cost = APPROVAL_COST + term_cost_of_size(context, subject);
        *budget -= *budget < cost ? *budget : cost;
        ENSURE(state_error(context->state) != 0 || state_get(context->state, key) == NULL);
    }
}
