/* What a change or deletion does to the grants on the entry (C5, PT 14), and how the live grants on
 * an entry are told of something and follow it, whatever it is.
 *
 *   accepted ──▶ adjusting: each grant is told ──all are told, the plan's date is over──▶ adjusted
 *
 * PT 14:
 * 将影响数据共享应用服务的，应当…就历史数据处理、共享应用服务衔接等形成目录调整方案后予以实施.
 * Until the end of the plan's date, by default the day of acceptance, grants serve as before. Then
 * those on a retired entry end, and those on a changed one lose the items that it no longer has or
 * no longer shares; one that has none left ends too. Consumers are told at once, by an act on each
 * grant that is affected (affected.c), which says when; the agency's own change thus never cuts a
 * service unannounced.
 *
 * Applicants' grants rest on the open list, where there is one, not on the sharing of the entry:
 * OPEN 10 has what is not updated any more stay open (无法继续更新的，应当将已开放的历史数据转为
 * 静态数据继续开放). They follow the list (delisting.c).
 *
 * A block tells ADJUSTED_AT_ONCE grants and adjusts as many; "told_after" and "adjusted_after" say
 * where the next one goes on. Nothing is adjusted before the block after that in which the last one
 * was told. */
#include "chain/rules/adjustments.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/rules/grants.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"

#include <string.h>

#define ADJUSTED_AT_ONCE 100
#define CLAUSE "PT 14"

/* ---- what becomes of one grant ---- */

/* Whether the entry, as it is now, still gives this item to anybody. */
static bool still_shared(const struct doc *entry, const char *name)
{
    const struct doc *items = doc_get(doc_get(entry, "entry"), "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_text_is(doc_at(items, i), "name", name)) {
            return entry_item_rank(entry, i) < 2;
        }
    }
    return false;
}

/* The granted items that are left. Caller owns it. */
static struct doc *items_left(const struct doc *entry, const struct doc *granted)
{
    struct doc *left = doc_new_array();
    for (size_t i = 0; i < doc_count(granted); i++) {
        if (still_shared(entry, doc_text(doc_at(granted, i)))) {
            doc_push(left, doc_ref(doc_at(granted, i)));
        }
    }
    return left;
}

void grant_keep_items(struct rule_context *context, const char *id, const struct doc *left,
                      const struct adjustment *adjustment)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "grant/%s", id);
    const struct doc *grant = record_current(context, key);
    if (grant_is_over(grant) || doc_count(left) == doc_count(doc_get(grant, "items"))) {
        return;
    }
    bool ends = doc_count(left) == 0;
    struct doc *record = record_edit(grant);
    if (ends) {
        grant_close(context, record, key);
        doc_set_text(record, "status", "terminated");
    } else {
        doc_set(record, "items", doc_ref(left));
    }
    rule_act(context, adjustment->clause, key, ends ? adjustment->ended : adjustment->narrowed);
    record_stamp_act(context, record);
    state_put(context->state, key, record);
}

/* ---- told, and then followed ---- */

/* The places of the grants on the entry behind this one, at most ADJUSTED_AT_ONCE. Caller owns it.
 */
static struct doc *grants_after(struct rule_context *context, const struct doc *record,
                                const char *last)
{
    return live_grants(context, doc_get_text(record, "provider"), doc_get_text(record, "code"),
                       last, ADJUSTED_AT_ONCE);
}

/* Tells these grants until when they serve; what the list left out is told by the next block. */
static void tell_grants(struct rule_context *context, struct doc *record, const char *key,
                        const struct adjustment *adjustment, const struct doc *grants)
{
    int64_t end_ms = doc_get_int(term_get(record, adjustment->term), "due_ms", 0);
    size_t count = doc_count(grants);
    for (size_t i = 0; i < count; i++) {
        char key_of[RECORD_KEY_BYTES];
        record_key(key_of, "grant/%s", live_grant_id(doc_text(doc_at(grants, i))));
        const struct doc *grant = state_get(context->state, key_of);
        const char *told = adjustment->told(context, record, grant);
        if (told != NULL) {
            rule_act_at(context, adjustment->clause, key_of, told, end_ms);
        }
        if (told != NULL && adjustment->note != NULL) {
            adjustment->note(context, record, grant);
        }
    }
    doc_set_int(record, "told_ms", context->time_ms);
    if (count == ADJUSTED_AT_ONCE) { /* there may be more */
        doc_set_text(record, "told_after", doc_text(doc_at(grants, count - 1)));
        term_start_at(context, record, key, adjustment->notice, context->time_ms + 1,
                      adjustment->clause);
    } else {
        doc_remove(record, "told_after");
        term_stop(context, record, key, adjustment->notice);
    }
}

bool adjustment_start(struct rule_context *context, struct doc *record, const char *key,
                      const struct adjustment *adjustment, int64_t end_ms)
{
    AUTO(doc_free) struct doc *grants = grants_after(context, record, NULL);
    if (doc_count(grants) == 0) {
        return false;
    }
    doc_remove(record, "adjusted_after");
    term_start_at(context, record, key, adjustment->term, end_ms, adjustment->clause);
    tell_grants(context, record, key, adjustment, grants);
    return true;
}

void adjustment_tell_on(struct rule_context *context, const char *subject,
                        const struct adjustment *adjustment)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    AUTO(doc_free)
    struct doc *grants = grants_after(context, record, doc_get_text(record, "told_after"));
    tell_grants(context, record, subject, adjustment, grants);
    state_put(context->state, subject, record);
}

static bool still_tells(struct rule_context *context, const struct doc *record,
                        const struct adjustment *adjustment)
{
    return term_get(record, adjustment->notice) != NULL ||
           doc_get_int(record, "told_ms", 0) >= context->time_ms;
}

void adjustment_follow_on(struct rule_context *context, const char *subject,
                          const struct adjustment *adjustment)
{
    AUTO(doc_free) struct doc *before = doc_ref(state_get(context->state, subject));
    if (still_tells(context, before, adjustment)) { /* begun too late in the day for all of them */
        struct doc *waits = record_edit(before);
        term_start_at(context, waits, subject, adjustment->term, context->time_ms + 1,
                      adjustment->clause);
        state_put(context->state, subject, waits);
        return;
    }
    AUTO(doc_free)
    struct doc *grants = grants_after(context, before, doc_get_text(before, "adjusted_after"));
    size_t count = doc_count(grants);
    for (size_t i = 0; i < count; i++) {
        adjustment->follow(context, before, live_grant_id(doc_text(doc_at(grants, i))));
    }
    struct doc *record = record_edit(before);
    if (count == ADJUSTED_AT_ONCE) { /* there may be more: in the next block */
        doc_set_text(record, "adjusted_after", doc_text(doc_at(grants, count - 1)));
        term_start_at(context, record, subject, adjustment->term, context->time_ms + 1,
                      adjustment->clause);
    } else {
        doc_remove(record, "adjusted_after");
        term_stop(context, record, subject, adjustment->term);
        adjustment->done(context, record, subject);
    }
    state_put(context->state, subject, record);
}

/* ---- the plan of a changed or retired entry ---- */

/* Nothing is told to what is not affected, or was made of the entry as it is now. */
static bool change_concerns(struct rule_context *context, const struct doc *change,
                            const struct doc *grant, const char *until)
{
    return grant_affected(context, change, grant) &&
           doc_get_int(grant, "since_ms", 0) <= doc_get_int(change, until, 0);
}

static const char *change_told(struct rule_context *context, const struct doc *change,
                               const struct doc *grant)
{
    bool retires = doc_text_is(change, "kind", "retire");
    return !change_concerns(context, change, grant, "assessed_ms") ? NULL
           : retires                                               ? "entry-retired"
                                                                   : "entry-changed";
}

/* Until when the plan may be signed (plans.c). */
static const char *plan_told(struct rule_context *context, const struct doc *change,
                             const struct doc *grant)
{
    return change_concerns(context, change, grant, "proposed_ms") ? "plan-proposed" : NULL;
}

static const struct adjustment by_plan = {.term = "consult",
                                          .notice = "adjustment-notice",
                                          .clause = CLAUSE,
                                          .told = plan_told,
                                          .note = plan_note_told};

static void change_follow(struct rule_context *context, const struct doc *change, const char *id);

static void change_done(struct rule_context *context, struct doc *change, const char *subject)
{
    doc_set_text(change, "status", "adjusted");
    rule_act(context, CLAUSE, subject, "adjusted");
    record_stamp_act(context, change);
}

static const struct adjustment by_change = {
    .term = "adjustment",
    .notice = "adjustment-notice",
    .clause = CLAUSE,
    .ended = "ended-with-entry",
    .narrowed = "narrowed-with-entry",
    .told = change_told,
    .follow = change_follow,
    .done = change_done,
};

static void change_follow(struct rule_context *context, const struct doc *change, const char *id)
{
    const struct doc *grant = state_getf(context->state, "grant/%s", id);
    const struct doc *entry =
        state_getf(context->state, "entry/%s/%s", doc_get_text(change, "provider"),
                   doc_get_text(change, "code"));
    if (applicant_by_list(context, grant)) {
        return;
    }
    AUTO(doc_free)
    struct doc *left = doc_text_is(entry, "status", "retired")
                           ? doc_new_array()
                           : items_left(entry, doc_get(grant, "items"));
    grant_keep_items(context, id, left, &by_change);
}

/* What there is to tell of a change: the plan that is proposed, or what was accepted. */
static const struct adjustment *stage_of(const struct doc *change)
{
    return doc_text_is(change, "status", "consulting") ? &by_plan : &by_change;
}

void adjustment_tell(struct rule_context *context, struct doc *change, const char *key)
{
    AUTO(doc_free) struct doc *grants = grants_after(context, change, NULL);
    tell_grants(context, change, key, stage_of(change), grants);
}

int adjustment_begin(struct rule_context *context, struct doc *change, const char *key)
{
    const char *date = rule_body_text(context, "plan_date");
    date = date != NULL ? date : doc_get_text(change, "plan_date"); /* as proposed */
    int64_t day = civil_day(context->time_ms);
    if (date != NULL) {
        int64_t planned = 0;
        (void)civil_parse_date(&planned, date); /* the table checked it */
        if (planned < day) {
            faults_note_days(context->faults, ERR_FIELD_RANGE, day, FAULT_OPEN);
            return rule_fault(context, ERR_FIELD_RANGE, CLAUSE, "plan_date");
        }
        day = planned;
    }
    bool more;
    AUTO(doc_free) struct doc *affected = grants_affected(context, change, &more);
    if (doc_count(affected) > 0 || more) {
        doc_set_text(change, "status", "adjusting");
        (void)adjustment_start(context, change, key, &by_change, civil_day_start(day + 1));
    }
    return 0;
}

void change_notice_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    (void)term;
    adjustment_tell_on(context, subject, stage_of(state_get(context->state, subject)));
}

void change_adjust_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    (void)term;
    adjustment_follow_on(context, subject, &by_change);
}
