/* Holds (D12): why a grant that is not over gives nothing now.
 *
 *   active ──first hold──▶ suspended ──the last one ends──▶ active
 *   agreement, held: stays so, and is suspended instead of active once both have signed
 *
 *   holds  {"center"            PT 31: a security risk, on the center's word
 *           "notice.<txid>"     OPEN 31: a notice that is being verified (notices.c)
 *           "disuse"            PT 26: not used, and no reason on record (disuse.c)}
 *
 * They are independent of each other: what one of them is for is not settled by another's end.
 * PT 31 has the center suspend and terminate, and nobody else: a provider has had its say when it
 * answered (PT 20, CN 16), and goes by way of a notice (notices.c).
 *
 * But for disuse, a hold is on the consumer's use of the entry: while it stands, no other grant
 * gives the data either (bars.h), and it stands when the grant itself is over. */
#include "base/errors.h"
#include "chain/rules/bars.h"
#include "chain/rules/grants.h"
#include "chain/rules/risks.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

#define HOLDS_MAX 16

/* Of the center, a notice: not of disuse, after which PT 26 has the consumer ask
 * again. */
static bool bars_others(const char *name)
{
    return strcmp(name, "disuse") != 0;
}

static const char *grant_id(const char *subject)
{
    return subject + strlen("grant/");
}

int hold_add(struct rule_context *context, struct doc *grant, const char *subject, const char *name,
             const char *clause, const char *by)
{
    const struct doc *before = doc_get(grant, "holds");
    if (doc_count(before) >= HOLDS_MAX) {
        return rule_fault(context, ERR_QUOTA, clause, "grant.holds");
    }
    if (bars_others(name) && bar_hold(context, grant, grant_id(subject), clause) != 0) {
        return rule_failed(context);
    }
    struct doc *hold = doc_new_object();
    if (by != NULL) {
        doc_set_text(hold, "by", by);
    }
    doc_set_text(hold, "clause", clause);
    doc_set_int(hold, "since_ms", context->time_ms);
    struct doc *holds = record_edit(before);
    doc_set(holds, name, hold);
    doc_set(grant, "holds", holds);
    return 0;
}

int hold_put(struct rule_context *context, struct doc *grant, const char *subject, const char *name,
             const char *clause, const char *by)
{
    if (grant_is_over(grant)) {
        return rule_fault_record(context, grant, GRANT_NOT_OVER, clause, "grant");
    }
    if (doc_get(doc_get(grant, "holds"), name) != NULL) {
        return rule_fault_record(context, grant, "active", clause, "grant.holds");
    }
    if (hold_add(context, grant, subject, name, clause, by) != 0) {
        return rule_failed(context);
    }
    if (doc_text_is(grant, "status", "active")) {
        doc_set_text(grant, "status", "suspended");
    }
    term_stop(context, grant, subject, "disuse"); /* what may not be used is not unused */
    return 0;
}

void hold_drop(struct doc *grant, const char *name)
{
    struct doc *holds = record_edit(doc_get(grant, "holds"));
    doc_remove(holds, name);
    if (doc_count(holds) > 0) {
        doc_set(grant, "holds", holds);
    } else {
        doc_free(&holds);
        doc_remove(grant, "holds");
    }
}

static bool has_bar(const struct doc *grant)
{
    const struct doc *holds = doc_get(grant, "holds");
    return doc_count(holds) > (doc_get(holds, "disuse") != NULL);
}

void hold_end(struct rule_context *context, struct doc *grant, const char *subject,
              const char *name)
{
    bool barred = has_bar(grant);
    hold_drop(grant, name);
    if (strcmp(name, "disuse") == 0) {
        term_stop(context, grant, subject, "objection");
    }
    if (barred && !has_bar(grant)) {
        bar_release(context, grant, grant_id(subject));
    }
    if (doc_count(doc_get(grant, "holds")) == 0 && doc_text_is(grant, "status", "suspended")) {
        doc_set_text(grant, "status", "active");
        disuse_start(context, grant, subject);
    }
}

/* ---- grant.suspend, grant.restore: the center's (its table) ---- */

/* PT 31: 一经发现安全风险，可以根据紧急程度暂停或者终止相应共享服务，并报送…处理 (risks.c). */
int grant_suspend(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    if (grant == NULL || risk_check(context, true) != 0) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(grant);
    if (hold_put(context, record, subject, "center", "PT 31", context->tx->member) != 0) {
        doc_free(&record);
        return rule_failed(context);
    }
    grant_note_step(context, record);
    risk_put(context, "grant", grant_id(subject), record, "reason");
    state_put(context->state, subject, record);
    return 0;
}

/* The hold that is meant: the center's own, else that of disuse. A notice's ends with what is found
 * on it. */
static const char *hold_meant(struct rule_context *context, const struct doc *grant)
{
    const struct doc *holds = doc_get(grant, "holds");
    const char *named = rule_body_text(context, "hold");
    if (named == NULL) {
        named = doc_get(holds, "center") != NULL ? "center" : "disuse";
    }
    if (doc_get(holds, named) == NULL) {
        rule_fault_record(context, grant, "suspended", "PT 31", "grant");
        return NULL;
    }
    return named;
}

int grant_restore(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    const char *name = grant == NULL ? NULL : hold_meant(context, grant);
    if (name == NULL) {
        return rule_failed(context);
    }
    struct doc *record = record_edit(grant);
    hold_end(context, record, subject, name);
    grant_note_step(context, record);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- grant.terminate ---- */

int grant_terminate(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    if (grant == NULL || risk_check(context, true) != 0) {
        return rule_failed(context);
    }
    if (grant_is_over(grant)) {
        return rule_fault_record(context, grant, GRANT_NOT_OVER, "PT 31", "grant");
    }
    risk_put(context, "grant", grant_id(subject), grant, "reason");
    return grant_finish(context, subject, grant, "terminated");
}
