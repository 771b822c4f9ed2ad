/* What a change or deletion does to the grants on the entry (C5, PT 14).
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
 * A block tells ADJUSTED_AT_ONCE grants and adjusts as many; "told_after" and "adjusted_after" say
 * where the next one goes on. Nothing is adjusted before the block after that in which the last one
 * was told. */
#include "chain/rules/adjustments.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/catalog.h"
#include "chain/rules/records.h"
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

static void stop_terms(struct rule_context *context, struct doc *record, const char *key)
{
    AUTO(doc_free) struct doc *terms = doc_ref(doc_get(record, "terms"));
    size_t cursor = 0;
    const char *name;
    const struct doc *term;
    while (terms != NULL && doc_next(terms, &cursor, &name, &term)) {
        term_stop(context, record, key, name);
    }
}

static void grant_follow(struct rule_context *context, const char *id, const struct doc *entry)
{
    char key[RECORD_KEY_BYTES];
    record_key(key, "grant/%s", id);
    const struct doc *grant = state_get(context->state, key);
    bool retired = doc_text_is(entry, "status", "retired");
    AUTO(doc_free) struct doc *left = items_left(entry, doc_get(grant, "items"));
    if (!retired && doc_count(left) == doc_count(doc_get(grant, "items"))) {
        return;
    }
    bool ends = retired || doc_count(left) == 0;
    struct doc *record = record_edit(grant);
    if (ends) {
        stop_terms(context, record, key);
        live_grant_delete(context, record, id);
        doc_set_text(record, "status", "terminated");
    } else {
        doc_set(record, "items", doc_ref(left));
    }
    rule_act(context, CLAUSE, key, ends ? "ended-with-entry" : "narrowed-with-entry");
    record_stamp_act(context, record);
    state_put(context->state, key, record);
}

/* ---- the plan ---- */

/* The grants on the entry after this id, at most ADJUSTED_AT_ONCE. Caller owns it. */
static struct doc *grants_after(struct rule_context *context, const struct doc *change,
                                const char *last)
{
    char prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    struct doc *list = doc_new_array();
    record_key(prefix, "live/%s/%s/", doc_get_text(change, "provider"),
               doc_get_text(change, "code"));
    record_key(after, "%s%s", prefix, last == NULL ? "" : last);
    while (doc_count(list) < ADJUSTED_AT_ONCE && state_next(context->state, key, prefix, after)) {
        doc_push_text(list, key + strlen(prefix));
        memcpy(after, key, sizeof after);
    }
    return list;
}

/* Tells those of these grants that are affected, unless they were made of the entry as it is now,
 * until when they serve, or until when a proposed plan may be signed; what the list left out is
 * told by the next block. */
static void tell_grants(struct rule_context *context, struct doc *change, const char *key,
                        const struct doc *grants)
{
    bool proposed = doc_text_is(change, "status", "consulting");
    const char *effect = proposed                                ? "plan-proposed"
                         : doc_text_is(change, "kind", "retire") ? "entry-retired"
                                                                 : "entry-changed";
    int64_t end_ms =
        doc_get_int(term_get(change, proposed ? "consult" : "adjustment"), "due_ms", 0);
    int64_t until_ms = doc_get_int(change, proposed ? "proposed_ms" : "assessed_ms", 0);
    size_t count = doc_count(grants);
    for (size_t i = 0; i < count; i++) {
        char grant[RECORD_KEY_BYTES];
        record_key(grant, "grant/%s", doc_text(doc_at(grants, i)));
        const struct doc *record = state_get(context->state, grant);
        if (grant_affected(change, record) && doc_get_int(record, "since_ms", 0) <= until_ms) {
            rule_act_at(context, CLAUSE, grant, effect, end_ms);
        }
    }
    doc_set_int(change, "told_ms", context->time_ms);
    if (count == ADJUSTED_AT_ONCE) { /* there may be more */
        doc_set_text(change, "told_after", doc_text(doc_at(grants, count - 1)));
        term_start_at(context, change, key, "adjustment-notice", context->time_ms + 1, CLAUSE);
    } else {
        doc_remove(change, "told_after");
        term_stop(context, change, key, "adjustment-notice");
    }
}

void adjustment_tell(struct rule_context *context, struct doc *change, const char *key)
{
    AUTO(doc_free) struct doc *grants = grants_after(context, change, NULL);
    tell_grants(context, change, key, grants);
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
            return rule_fault(context, ERR_DATE_PAST, CLAUSE, "plan_date");
        }
        day = planned;
    }
    bool more;
    AUTO(doc_free) struct doc *affected = grants_affected(context, change, &more);
    if (doc_count(affected) == 0 && !more) {
        return 0;
    }
    doc_set_text(change, "status", "adjusting");
    term_start_at(context, change, key, "adjustment", civil_day_start(day + 1), CLAUSE);
    adjustment_tell(context, change, key);
    return 0;
}

void change_notice_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    (void)term;
    struct doc *record = record_edit(state_get(context->state, subject));
    AUTO(doc_free)
    struct doc *grants = grants_after(context, record, doc_get_text(record, "told_after"));
    tell_grants(context, record, subject, grants);
    state_put(context->state, subject, record);
}

static bool still_tells(struct rule_context *context, const struct doc *change)
{
    return term_get(change, "adjustment-notice") != NULL ||
           doc_get_int(change, "told_ms", 0) >= context->time_ms;
}

void change_adjust_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    AUTO(doc_free) struct doc *change = doc_ref(state_get(context->state, subject));
    if (still_tells(context, change)) { /* accepted too late in the day for all to be told in it */
        struct doc *waits = record_edit(change);
        term_start_at(context, waits, subject, "adjustment", context->time_ms + 1, CLAUSE);
        state_put(context->state, subject, waits);
        return;
    }
    AUTO(doc_free)
    struct doc *entry =
        doc_ref(state_getf(context->state, "entry/%s/%s", doc_get_text(change, "provider"),
                           doc_get_text(change, "code")));
    AUTO(doc_free)
    struct doc *grants = grants_after(context, change, doc_get_text(change, "adjusted_after"));
    size_t count = doc_count(grants);
    for (size_t i = 0; i < count; i++) {
        grant_follow(context, doc_text(doc_at(grants, i)), entry);
    }
    struct doc *record = record_edit(change);
    if (count == ADJUSTED_AT_ONCE) { /* there may be more: in the next block */
        doc_set_text(record, "adjusted_after", doc_text(doc_at(grants, count - 1)));
        term_start_at(context, record, subject, "adjustment", context->time_ms + 1,
                      doc_get_text(term, "clause"));
    } else {
        doc_remove(record, "adjusted_after");
        term_stop(context, record, subject, "adjustment");
        doc_set_text(record, "status", "adjusted");
        rule_act(context, CLAUSE, subject, "adjusted");
        record_stamp_act(context, record);
    }
    state_put(context->state, subject, record);
}
