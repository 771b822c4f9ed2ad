/* Ends that the ledger counts anew only when they come.
 *
 * The due index moves an end when it comes, not when a suspension begins or is over (term_ends.c):
 * until then what a record says is where the term would have ended without it. Whoever reads that
 * date is told so. */
#include "api/term_recount.h"

#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static struct doc *read_of(const struct store_view *view, const char *family, const char *member)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    struct doc *record = NULL;
    (void)snprintf(key, sizeof key, "%s/%s", family, member);
    return store_read_state(&record, view, key) == 0 ? record : NULL;
}

/* It is suspended or removed, or has come back since then. */
static bool was_away(const struct store_view *view, const char *member, int64_t since_ms)
{
    AUTO(doc_free) struct doc *record = read_of(view, "member", member);
    return doc_get(record, "suspended_ms") != NULL ||
           doc_get_int(record, "returned_ms", 0) > since_ms;
}

/* The same of its keys of the role (key_silence.c). */
static bool was_silent(const struct store_view *view, const char *member, const char *role,
                       int64_t since_ms)
{
    AUTO(doc_free) struct doc *keys = read_of(view, "keys", member);
    const struct doc *last = doc_get(doc_get(keys, "silence"), role);
    return last != NULL && doc_get_int(last, "to_ms", DOC_INT_MAX) > since_ms;
}

static bool is_counted_anew(const struct store_view *view, const struct term_kind *kind,
                            const char *member, int64_t counted_ms)
{
    return was_away(view, member, counted_ms) ||
           (kind->role != NULL && was_silent(view, member, kind->role, counted_ms));
}

bool term_is_recounted(const struct store_view *view, const struct term_kind *kind,
                       const struct doc *record, const char *member, int64_t counted_ms)
{
    bool is = false;
    bool agency = kind->owed_by != NULL && strcmp(kind->owed_by, TERM_OWED_BY_CENTER) != 0;
    if (agency && member != NULL) {
        return is_counted_anew(view, kind, member, counted_ms);
    }
    const struct doc *each =
        kind->owed_by_each == NULL ? NULL : doc_get(record, kind->owed_by_each);
    for (size_t i = 0; !is && i < doc_count(each); i++) {
        is = is_counted_anew(view, kind, doc_text(doc_at(each, i)), counted_ms);
    }
    return is;
}
