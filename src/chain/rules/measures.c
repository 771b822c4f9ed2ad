/* Measures (D13, OPEN 32):
 * 市大数据中心和数据开放主体应当按照各自职责，采取限制或者关闭其数据获取权限 等措施.
 *
 *   in-force ──lifted──▶ lifted
 *            ──after its last day──▶ ended
 *
 * A measure follows from a case in which a violation was found. The center and the supervisor reach
 * all that the consumer has, a provider what it gives itself; either may name one grant, whose
 * entry's data it then reaches by every grant of the same user, the consumer itself or the
 * applicant it serves. Where the case was about an applicant's grant, the measure is about that
 * applicant, whatever it names. restriction/<consumer> (bars.h) lists those in force, and every
 * access asks it. */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/matters.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

#define MEASURES_MAX 32

/* ---- what is in force ---- */

static void restriction_put(struct rule_context *context, const char *consumer,
                            struct doc *measures)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "restriction/%s", consumer);
    if (doc_count(measures) == 0) {
        doc_free(&measures);
        state_delete(context->state, key);
        return;
    }
    struct doc *record = doc_new_object();
    doc_set(record, "measures", measures);
    state_put(context->state, key, record);
}

static const struct doc *measures_on(struct rule_context *context, const char *consumer)
{
    return doc_get(state_getf(context->state, "restriction/%s", consumer), "measures");
}

/* OPEN 32: 对存在前款行为的数据利用主体: whose use it is about. An applicant's is its own. */
static void note_user(struct rule_context *context, struct doc *one, const struct doc *measure,
                      const struct doc *grant)
{
    const struct doc *matter = state_getf(context->state, "case/%s", doc_get_text(measure, "case"));
    const char *found = doc_get_text(matter, "grant");
    const struct doc *user = grant;
    if (user == NULL && found != NULL) {
        user = state_getf(context->state, "grant/%s", found);
    }
    record_share(one, "applicant", doc_get(user, "applicant"));
    if (grant != NULL && doc_get(grant, "applicant") == NULL) {
        doc_set_bool(one, "own", true);
    }
}

static void restrict_access(struct rule_context *context, const struct doc *measure, int64_t end_ms)
{
    static const char *const shared[] = {"calls_per_day", "grant", "measure", "provider"};
    const char *consumer = doc_get_text(measure, "member"), *id = doc_get_text(measure, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    struct doc *one = doc_new_object();
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        record_share(one, shared[i], doc_get(measure, shared[i]));
    }
    if (grant != NULL) { /* another grant on the same entry is no way round it */
        record_share(one, "entry", doc_get(grant, "entry"));
        record_share(one, "provider", doc_get(grant, "provider"));
    }
    note_user(context, one, measure, grant);
    if (end_ms > 0) {
        doc_set_int(one, "until_ms", end_ms);
    }
    struct doc *measures = record_edit(measures_on(context, consumer));
    doc_set(measures, context->txid, one);
    restriction_put(context, consumer, measures);
}

static void unrestrict(struct rule_context *context, const struct doc *measure, const char *subject)
{
    const char *consumer = doc_get_text(measure, "member");
    struct doc *measures = record_edit(measures_on(context, consumer));
    doc_remove(measures, subject + strlen("measure/"));
    restriction_put(context, consumer, measures);
}

/* ---- measure.impose ---- */

/* The provider's word reaches its own data only. */
static bool by_provider(struct rule_context *context)
{
    return !signer_supervises(context) &&
           doc_has_text(doc_get(context->member, "parties"), "provider") &&
           doc_text_is(context->key, "role", "approve");
}

static void check_reach(struct rule_context *context, const char *consumer)
{
    const char *id = rule_body_text(context, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    if (id != NULL &&
        (!doc_text_is(grant, "consumer", consumer) ||
         (by_provider(context) && !rule_signed_by(context, doc_get_text(grant, "provider"))))) {
        rule_fault(context, ERR_SUBJECT, "OPEN 32", "grant");
    }
    if (doc_count(measures_on(context, consumer)) >= MEASURES_MAX) {
        rule_fault(context, ERR_QUOTA, "OPEN 32", "case");
    }
}

/* OPEN 32 (一)–(五): 数据利用主体在利用公共数据的过程中有下列行为之一: what is wrong with one's own
 * catalog or data (CN 26, PT 32) has orders and circulars. */
static bool is_of_use(const struct doc *matter)
{
    static const char *const kinds[] = {"platform-rules", "unlawful-means", "infringement",
                                        "off-purpose",    "passed-on",      "loss-of-control",
                                        "other"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (doc_text_is(matter, "kind", kinds[i])) {
            return true;
        }
    }
    return false;
}

bool matter_concerns_signer(struct rule_context *context, const struct doc *matter)
{
    const char *id = doc_get_text(matter, "grant");
    const struct doc *grant = id == NULL ? NULL : state_getf(context->state, "grant/%s", id);
    return rule_signed_by(context, doc_get_text(matter, "provider")) ||
           rule_signed_by(context, doc_get_text(grant, "provider"));
}

static void check_measure(struct rule_context *context, const struct doc *matter)
{
    const char *consumer = doc_get_text(matter, "member");
    bool limit = strcmp(rule_body_text(context, "measure"), "limit") == 0;
    if (limit != (doc_get(context->body, "calls_per_day") != NULL)) {
        rule_fault(context, limit ? ERR_FIELD_MISSING : ERR_FIELD_UNKNOWN, "OPEN 32",
                   "calls_per_day");
    }
    if (matter == NULL) {
        rule_fault(context, ERR_SUBJECT, "OPEN 32", "case");
        return;
    }
    (void)matter_is(context, matter, "case", "OPEN 32", "found", NULL);
    if (!is_of_use(matter)) {
        rule_fault(context, ERR_SUBJECT, "OPEN 32", "case");
    }
    if ((!signer_supervises(context) &&
         !(by_provider(context) && matter_concerns_signer(context, matter))) ||
        rule_signer_is(context, consumer)) {
        rule_fault(context, ERR_PARTY, "OPEN 32", "case");
    }
    check_reach(context, consumer);
}

int measure_impose(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    if (!rule_policy_has(context, "measures", "OPEN 32", "measure")) {
        return rule_failed(context);
    }
    const struct doc *matter =
        state_getf(context->state, "case/%s", rule_body_text(context, "case"));
    bool ends = doc_get(context->body, "until") != NULL;
    int64_t end_ms = ends ? matter_deadline(context, "until", "OPEN 32") : 0;
    check_measure(context, matter);
    if (context->error != 0) {
        return rule_failed(context);
    }
    struct doc *record = matter_new(context, subject, "measure", "in-force");
    record_share(record, "member", doc_get(matter, "member"));
    if (by_provider(context)) {
        doc_set_text(record, "provider", context->tx->member);
    }
    if (ends) {
        term_start_at(context, record, subject, "measure", end_ms, "OPEN 32");
    }
    restrict_access(context, record, end_ms);
    state_put(context->state, subject, record);
    return 0;
}

/* ---- its end ---- */

int measure_lift(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *measure = matter_subject(context, subject, "measure");
    if (measure == NULL || !matter_is(context, measure, "measure", "OPEN 32", "in-force", NULL)) {
        return rule_failed(context);
    }
    if (rule_signer_is(context, doc_get_text(measure, "member")) ||
        (!signer_supervises(context) &&
         !rule_signed_by(context, doc_get_text(measure, "provider")))) {
        return rule_fault(context, ERR_PARTY, "OPEN 32", "measure");
    }
    unrestrict(context, measure, subject);
    struct doc *record = record_edit(measure);
    matter_step(context, record, "measure", "lifting", "lifted");
    term_stop(context, record, subject, "measure");
    state_put(context->state, subject, record);
    return 0;
}

void measure_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    unrestrict(context, record, subject);
    rule_act_at(context, doc_get_text(term, "clause"), subject, "measure-ended",
                doc_get_int(term, "due_ms", 0));
    doc_set_text(record, "status", "ended");
    record_stamp_act(context, record);
    term_stop(context, record, subject, "measure");
    state_put(context->state, subject, record);
}
