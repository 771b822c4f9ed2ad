/* Which halt, hold and measure stands against an access (PT 31; OPEN 31, 32). */
#include "chain/rules/bars.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <stdio.h>
#include <string.h>

static bool is_of(const struct doc *measure, const struct doc *grant, const char *member)
{
    const char *text = doc_get_text(measure, member);
    return text == NULL || doc_text_is(grant, member, text);
}

/* OPEN 32: what is done about one applicant's use reaches that applicant; about the consumer's own,
 * no applicant. */
static bool of_user(const struct doc *measure, const struct doc *grant)
{
    return is_of(measure, grant, "applicant") &&
           (!doc_get_bool(measure, "own", false) || doc_get(grant, "applicant") == NULL);
}

/* A measure reaches one entry's data, all that one provider gives, or all that the consumer has; to
 * the last millisecond of its last day. */
static bool reaches(const struct doc *measure, const struct doc *grant, int64_t now_ms)
{
    return now_ms < doc_get_int(measure, "until_ms", INT64_MAX) &&
           is_of(measure, grant, "provider") && is_of(measure, grant, "entry") &&
           of_user(measure, grant);
}

static int bar_by(struct access_bar *out, int error, const char *clause, const char *field,
                  const char *id)
{
    out->clause = clause;
    (void)snprintf(out->field, sizeof out->field, "%s%s", field, id);
    return error;
}

int access_barred(struct access_bar *out, const struct access_bars *bars, const struct doc *grant,
                  int64_t now_ms)
{
    size_t cursor = 0;
    const char *id;
    const struct doc *held, *measure, *grants = doc_get(bars->bar, "grants");
    const struct doc *measures = doc_get(bars->restriction, "measures");
    if (doc_count(doc_get(bars->halt, "notices")) > 0) {
        return bar_by(out, ERR_ENTRY_HALTED, "OPEN 31", "grant.entry", "");
    }
    if (grants != NULL && doc_next(grants, &cursor, &id, &held)) { /* the first is told */
        return bar_by(out, ERR_GRANT_SUSPENDED, doc_get_text(held, "clause"), "grant.holds.", id);
    }
    cursor = 0;
    while (measures != NULL && doc_next(measures, &cursor, &id, &measure)) {
        if (doc_text_is(measure, "measure", "close") && reaches(measure, grant, now_ms)) {
            return bar_by(out, ERR_ACCESS_CLOSED, "OPEN 32", "grant.consumer", "");
        }
    }
    return 0;
}

int64_t access_calls_max(const struct doc *restriction, const struct doc *grant, int64_t now_ms,
                         int64_t calls_max)
{
    size_t cursor = 0;
    const char *id;
    const struct doc *measure, *measures = doc_get(restriction, "measures");
    while (measures != NULL && doc_next(measures, &cursor, &id, &measure)) {
        int64_t calls = doc_get_int(measure, "calls_per_day", calls_max);
        if (calls < calls_max && reaches(measure, grant, now_ms)) {
            calls_max = calls;
        }
    }
    return calls_max;
}

/* ---- masks ---- */

static bool chooses_by(const struct doc *grant, const char *item)
{
    const struct doc *rows = doc_get(grant, "rows");
    bool chooses = false;
    for (size_t i = 0; !chooses && i < doc_count(rows); i++) {
        chooses = doc_text_is(doc_at(rows, i), "item", item);
    }
    return chooses;
}

static void mask_items(struct doc *masked, const struct doc *grant, const struct doc *items)
{
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *item = doc_text(doc_at(items, i));
        if ((doc_has_text(doc_get(grant, "items"), item) || chooses_by(grant, item)) &&
            !doc_has_text(masked, item)) {
            doc_push_text(masked, item);
        }
    }
}

void grant_mask(struct doc *grant, const struct doc *bar)
{
    const struct doc *before = doc_get(grant, "masked"), *items;
    const struct doc *notices = doc_get(bar, "masked");
    struct doc *masked = doc_new_array();
    size_t cursor = 0;
    const char *notice;
    for (size_t i = 0; i < doc_count(before); i++) {
        doc_push_text(masked, doc_text(doc_at(before, i)));
    }
    while (notices != NULL && doc_next(notices, &cursor, &notice, &items)) {
        mask_items(masked, grant, items);
    }
    if (doc_count(masked) == 0) {
        doc_free(&masked);
        return;
    }
    doc_set(grant, "masked", masked);
}

bool listing_masks(const struct doc *listing)
{
    return doc_get_bool(listing, "masked", false);
}

bool bar_masks(const struct doc *bar, const char *item)
{
    const struct doc *notices = doc_get(bar, "masked"), *items;
    size_t cursor = 0;
    const char *notice;
    while (notices != NULL && doc_next(notices, &cursor, &notice, &items)) {
        if (doc_has_text(items, item)) {
            return true;
        }
    }
    return false;
}

/* ---- whose use ---- */

struct bar_use bar_use_of(const struct doc *grant)
{
    return (struct bar_use){.consumer = doc_get_text(grant, "consumer"),
                            .provider = doc_get_text(grant, "provider"),
                            .entry = doc_get_text(grant, "entry"),
                            .applicant = doc_get_text(grant, "applicant")};
}

void bar_key(char out[BAR_KEY_BYTES], const char *table, const struct bar_use *use)
{
    int len = snprintf(out, BAR_KEY_BYTES, "%s/%s/%s/%s%s%s", table, use->consumer, use->provider,
                       use->entry, use->applicant != NULL ? "/" : "",
                       use->applicant != NULL ? use->applicant : "");
    ENSURE(len > 0 && len < BAR_KEY_BYTES);
}
