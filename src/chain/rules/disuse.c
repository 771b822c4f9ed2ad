/* Disuse (D11, PT 26): 对 3 个月内未发生数据调用且未提供依据和理由的，区大数据中心应当暂停相应公共
 * 数据共享服务，并通知相关区级需求单位。自发出通知之日起 30
 * 日内，如区级需求单位未提出异议，该公共数据 共享服务自动终止.
 *
 *   active ──"disuse" over──▶ suspended (hold "disuse") ──"objection" over──▶ terminated
 *     ▲ │ the first use of a Beijing day,                 │
 *     │ └ a reason filed in time: counted anew            │
 *     └─grant.object, with the reason; a use in time──────┘
 *
 * A use (数据调用) is an access for which the receipt of either side is in and does not say that it
 * failed (receipts.c): an intent alone calls no data. It is of the day on which
 * the access was opened, whenever the receipt comes; one that comes after the suspension and shows
 * a use within the three months ends it, for what it rested on was not so.
 *
 * The term runs while the grant is active, from its start, from the day of the last use, or from
 * the day on which its last hold ended. It counts whole days, so only the first use of a day moves
 * it. A reason that the request gave for seldom use (PT 17) excuses what it declared,
 * "idle_months", and no more: only what is unused beyond them counts (twice a year: six months and
 * three).
 *
 * A reason answers the ground of
 * the suspension, so the objection itself ends it; the time counts anew, and the center may still
 * suspend or end the grant on its own word. While the consumer may not act, both clocks stand
 * (term_ends.c), and the days of use stand while the provider may not, from which nothing can be
 * called then; what could not be used at the end, because the provider was removed or the entry is
 * withheld, is not unused: the term begins again. Terminated is for good: who wants the data
 * again asks again. */
#include "base/errors.h"
#include "chain/rules/bars.h"
#include "chain/rules/catalog.h"
#include "chain/rules/grants.h"
#include "chain/rules/members.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

/* ---- the terms ---- */

void disuse_excuse(struct rule_context *context, struct doc *grant, const struct doc *frequency)
{
    int months = frequency_seldom_months(context, frequency);
    const struct doc *reason = doc_get(frequency, "reason");
    if (reason == NULL || months == 0) {
        return;
    }
    doc_set_int(grant, "idle_months", months);
    record_share(grant, "idle_reason", reason);
}

/* Disuse counts from then, or from the end of the day until which it is excused. */
static int64_t counts_from(const struct doc *grant, int64_t then_ms)
{
    int months = (int)doc_get_int(grant, "idle_months", 0);
    return months == 0 ? then_ms : civil_day_start(civil_add_months(civil_day(then_ms), months));
}

/* Anew; under a profile that knows no disuse what ran is over. */
static void disuse_begin(struct rule_context *context, struct doc *grant, const char *subject,
                         int64_t then_ms)
{
    (void)term_start_from(context, grant, subject, "disuse", "disuse", counts_from(grant, then_ms));
}

/* An active grant has such a term, or had under an earlier profile. */
static bool disuse_counts(struct rule_context *context, const struct doc *grant)
{
    return doc_text_is(grant, "status", "active") &&
           (rule_profile_at(context, "disuse") != NULL || term_get(grant, "disuse") != NULL);
}

void disuse_start(struct rule_context *context, struct doc *grant, const char *subject)
{
    if (disuse_counts(context, grant)) {
        disuse_begin(context, grant, subject, context->time_ms);
    }
}

/* ---- use ---- */

/* Of a grant that is held as unused: whether by this use it would not be yet. */
static bool used_in_time(struct rule_context *context, const struct doc *grant, int64_t used_ms)
{
    bool provisional;
    const struct doc *policy = rule_profile_running(context, "disuse");
    return policy != NULL && term_length_end(context, &provisional, counts_from(grant, used_ms),
                                             term_length_of(policy)) > context->time_ms;
}

static void use_shown(struct rule_context *context, const struct doc *grant, const char *subject,
                      int64_t used_ms)
{
    const struct doc *hold = doc_get(doc_get(grant, "holds"), "disuse");
    struct doc *record = record_edit(grant);
    rule_act(context, doc_get_text(hold, "clause"), subject, "use-shown");
    hold_end(context, record, subject, "disuse");
    if (doc_text_is(record, "status", "active")) {
        disuse_begin(context, record, subject, used_ms);
    }
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

void disuse_used(struct rule_context *context, const char *id, int64_t used_ms)
{
    char subject[RECORD_KEY_BYTES];
    record_key(subject, "grant/%s", id);
    const struct doc *grant = record_current(context, subject);
    int64_t from_ms = doc_get_int(term_get(grant, "disuse"), "from_ms", 0);
    if (doc_get(doc_get(grant, "holds"), "disuse") != NULL) {
        if (used_in_time(context, grant, used_ms)) {
            use_shown(context, grant, subject, used_ms);
        }
        return;
    }
    if (!disuse_counts(context, grant) ||
        civil_day(from_ms) >= civil_day(counts_from(grant, used_ms))) {
        return; /* it began that day, or was used since */
    }
    struct doc *record = record_edit(grant);
    disuse_begin(context, record, subject, used_ms);
    state_put(context->state, subject, record); /* its version stays: nobody acted on it */
}

/* ---- their ends ---- */

static bool could_be_used(struct rule_context *context, const struct doc *grant)
{
    struct access_bar bar;
    const char *provider = doc_get_text(grant, "provider"), *code = doc_get_text(grant, "entry");
    const struct doc *entry = state_getf(context->state, "entry/%s/%s", provider, code);
    char field[FAULT_FIELD_BYTES_MAX];
    const struct access_bars bars = {
        .halt = state_getf(context->state, "halt/%s/%s", provider, code),
        .restriction =
            state_getf(context->state, "restriction/%s", doc_get_text(grant, "consumer")),
        .bar = bar_of(context, grant),
    };
    return !member_is_gone(context, provider) && !ruling_bars(entry, grant, field, sizeof field) &&
           access_barred(&bar, &bars, grant, context->time_ms) == 0;
}

void grant_disuse_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    const char *clause = doc_get_text(term, "clause");
    if (!could_be_used(context, state_get(context->state, subject))) {
        struct doc *record = record_edit(state_get(context->state, subject));
        int64_t due_ms = doc_get_int(term, "due_ms", 0);
        disuse_begin(context, record, subject, context->time_ms);
        int64_t moved_ms = doc_get_int(term_get(record, "disuse"), "due_ms", 0);
        rule_act_at(context, clause, subject, moved_ms > 0 ? "term-moved" : "disuse-lapsed",
                    moved_ms > 0 ? moved_ms : due_ms);
        state_put(context->state, subject, record);
        return;
    }
    struct doc *record = record_edit(state_get(context->state, subject));
    (void)hold_put(context, record, subject, "disuse", clause, NULL); /* it is active */
    (void)term_start_running(context, record, subject, "objection", "objection");
    rule_act_at(context, clause, subject, "suspended-unused",
                doc_get_int(term_get(record, "objection"), "due_ms", 0));
    record_stamp_act(context, record);
    state_put(context->state, subject, record);
}

void grant_objection_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    grant_finish_by_itself(context, subject, term, "terminated");
}

/* ---- grant.object ---- */

int grant_object(struct rule_context *context)
{
    char subject[RECORD_KEY_BYTES];
    const struct doc *grant = grant_subject(context, subject);
    if (grant == NULL) {
        return rule_failed(context);
    }
    if (!rule_signed_by(context, doc_get_text(grant, "consumer"))) {
        return rule_fault(context, ERR_PARTY, "PT 26", "grant");
    }
    bool held = doc_get(doc_get(grant, "holds"), "disuse") != NULL;
    if (!held && term_get(grant, "disuse") == NULL) {
        if (!rule_policy_has(context, "disuse", "PT 26", "grant")) {
            return rule_failed(context);
        }
        return rule_fault_record(context, grant, "active suspended", "PT 26", "grant");
    }
    struct doc *record = record_edit(grant);
    if (held) {
        hold_end(context, record, subject, "disuse");
    } else {
        disuse_start(context, record, subject);
    }
    grant_note_step(context, record);
    record_share(record, "objection", doc_get(record, "last_act"));
    state_put(context->state, subject, record);
    return 0;
}
