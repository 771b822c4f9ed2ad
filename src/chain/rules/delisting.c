/* What taking data off the open list does to the applicants' grants on it (C8, OPEN 9, 11).
 *
 *   accepted ──▶ each grant is told ──all are told, the day is over──▶ it follows the list
 *
 * OPEN 9: 公共数据开放采取清单制管理: what is not on the list is not open, whatever was agreed of
 * it before (OPEN 20). OPEN 11 has the list adjusted by a work order (从…有条件开放修改为不开放),
 * and no clause lets what was granted go on after it, nor names a time of grace: so grants serve
 * until the end of the day on which the order was accepted, and are told at once. One that has
 * items left on the list keeps those. What must not wait until midnight is held (OPEN 31,
 * notices.c). */
#include "chain/rules/adjustments.h"
#include "chain/rules/listings.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/tables.h"
#include "chain/rules/terms.h"
#include "chain/rules/text_set.h"

#include "base/memory.h"

/* The list is looked at, not the work order: of several the last counts. */
static const char *delisting_told(struct rule_context *context, const struct doc *listing,
                                  const struct doc *grant)
{
    (void)listing;
    const struct doc *granted = doc_get(grant, "items");
    if (!applicant_by_list(context, grant)) {
        return NULL;
    }
    AUTO(doc_free) struct doc *left = applicant_items_left(context, grant, granted);
    return doc_count(left) == doc_count(granted) ? NULL
           : doc_count(left) == 0                ? "listing-withdrawn"
                                                 : "listing-narrowed";
}

static void delisting_follow(struct rule_context *context, const struct doc *listing,
                             const char *id);

static void delisting_done(struct rule_context *context, struct doc *listing, const char *subject)
{
    (void)context;
    (void)subject;
    doc_remove(listing, "told_ms");
}

static const struct adjustment by_delisting = {
    .term = "delisting",
    .notice = "delisting-notice",
    .clause = "OPEN 9",
    .ended = "ended-with-listing",
    .narrowed = "narrowed-with-listing",
    .told = delisting_told,
    .follow = delisting_follow,
    .done = delisting_done,
};

static void delisting_follow(struct rule_context *context, const struct doc *listing,
                             const char *id)
{
    (void)listing;
    const struct doc *grant = state_getf(context->state, "grant/%s", id);
    if (applicant_by_list(context, grant)) {
        AUTO(doc_free)
        struct doc *left = applicant_items_left(context, grant, doc_get(grant, "items"));
        grant_keep_items(context, id, left, &by_delisting);
    }
}

/* Whether the list no longer has all that it had. */
static bool lacks(const struct doc *record, const struct doc *before)
{
    AUTO(text_set_free) struct text_set left = {0};
    const struct doc *items = doc_get(before, "items");
    if (!doc_text_is(record, "status", "listed")) {
        return true;
    }
    text_set_build(&left, doc_get(doc_get(record, "listing"), "items"), NULL);
    for (size_t i = 0; i < doc_count(items); i++) {
        if (text_set_find(&left, doc_text(doc_at(items, i))) < 0) {
            return true;
        }
    }
    return false;
}

void delisting_begin(struct rule_context *context, struct doc *record, const char *key,
                     const struct doc *before)
{
    if (before != NULL && lacks(record, before)) {
        state_put(context->state, key,
                  record_edit(record)); /* the list as it is now is looked at */
        (void)adjustment_start(context, record, key, &by_delisting,
                               civil_day_start(civil_day(context->time_ms) + 1));
    }
}

void delisting_notice_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    (void)term;
    adjustment_tell_on(context, subject, &by_delisting);
}

void delisting_due(struct rule_context *context, const char *subject, const struct doc *term)
{
    (void)term;
    adjustment_follow_on(context, subject, &by_delisting);
}
