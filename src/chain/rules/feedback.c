/* What became of the data (OPEN 29): 数据利用主体应当按照数据利用协议的约定，及时反馈数据利用情况；
 * 可以对数据利用情况进行抽查.
 *
 *   submitted ──check──▶ in-order, questioned ──check──▶ …
 *
 * How often, and which fields, the ledger knows itself (usage/<grant>/<day>); the report says what
 * for, for whom, with what result and under which safeguards. Nobody checks its own report. */
#include "base/errors.h"
#include "chain/rules/grants.h"
#include "chain/rules/matters.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"

static void check_period(struct rule_context *context)
{
    int64_t from = 0, to = 0, today = civil_day(context->time_ms);
    (void)civil_parse_date(&from, rule_body_text(context, "from")); /* the table checked them */
    (void)civil_parse_date(&to, rule_body_text(context, "to"));
    if (from > today) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, FAULT_OPEN, today);
        rule_fault(context, ERR_FIELD_RANGE, "OPEN 29", "from");
    } else if (to < from || to > today) {
        faults_note_days(context->faults, ERR_FIELD_RANGE, from, today);
        rule_fault(context, ERR_FIELD_RANGE, "OPEN 29", "to");
    }
}

/* OPEN 29: 应当在成果中注明数据来源. */
static void check_works(struct rule_context *context)
{
    const struct doc *works = doc_get(context->body, "works");
    for (size_t i = 0; i < doc_count(works); i++) {
        if (!doc_get_bool(doc_at(works, i), "source_stated", false)) {
            rule_fault(context, ERR_COMMITMENT, "OPEN 29", "works[%zu].source_stated", i);
        }
    }
}

int feedback_submit(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "feedback", "OPEN 29", "grant")) {
        return rule_failed(context);
    }
    const struct doc *grant =
        state_getf(context->state, "grant/%s", rule_body_text(context, "grant"));
    if (grant == NULL) {
        return rule_fault(context, ERR_SUBJECT, "OPEN 29", "grant");
    }
    if (!rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        rule_fault(context, ERR_PARTY, "OPEN 29", "grant");
    }
    check_period(context);
    check_works(context);
    (void)check_subset(context, doc_get(context->body, "items"), doc_get(grant, "items"), NULL,
                       "items", "OPEN 29");
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "feedback", "submitted");
    record_share(record, "member", doc_get(grant, "consumer"));
    record_share(record, "provider", doc_get(grant, "provider"));
    state_put(context->state, subject, record);
    return 0;
}

int feedback_check(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *feedback = matter_subject(context, subject, "feedback");
    if (feedback == NULL) {
        return rule_failed(context);
    }
    bool supervises =
        signer_supervises(context) && !rule_signed_by(context, doc_get_text(feedback, "member"));
    if (!supervises && !(rule_signed_by(context, doc_get_text(feedback, "provider")) &&
                         doc_text_is(context->key, "role", "approve"))) {
        return rule_fault(context, ERR_PARTY, "OPEN 29", "feedback");
    }
    struct doc *record = record_edit(feedback);
    matter_step(context, record, "feedback", "check", rule_body_text(context, "finding"));
    state_put(context->state, subject, record);
    return 0;
}
