/* The scope of a grant, and what it no longer covers of another. */
#include "exchange/scope.h"

#include "base/memory.h"
#include "chain/rules/bars.h"
#include "chain/rules/text_set.h"

/* What was granted and the entry still has: a column that is no item of it never leaves. */
static struct doc *items_left(const struct doc *granted, const struct doc *entry)
{
    AUTO(text_set_free) struct text_set known = {0};
    struct doc *items = doc_new_array();
    text_set_build(&known, doc_get(doc_get(entry, "entry"), "items"), "name");
    for (size_t i = 0; i < doc_count(granted); i++) {
        if (text_set_find(&known, doc_text(doc_at(granted, i))) >= 0) {
            doc_push(items, doc_ref(doc_at(granted, i)));
        }
    }
    return items;
}

struct doc *scope_of(const struct scope_records *records)
{
    static const char *const same[] = {"masked", "masked_all", "restriction", "rows"};
    const struct doc *grant = records->grant;
    struct doc *scope = doc_new_object();
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (doc_get(grant, same[i]) != NULL) {
            doc_set(scope, same[i], doc_ref(doc_get(grant, same[i])));
        }
    }
    doc_set(scope, "items", items_left(doc_get(grant, "items"), records->entry));
    grant_mask(scope, records->bar);
    /* OPEN 14: what is open to applicants for being masked leaves masked, whenever granted. */
    if (doc_get(grant, "applicant") != NULL && listing_masks(records->listing)) {
        doc_set_bool(scope, "masked_all", true);
    }
    return scope;
}

bool scope_masks(const struct doc *scope, const char *item)
{
    return doc_get_bool(scope, "masked_all", false) || doc_has_text(doc_get(scope, "masked"), item);
}

/* What an item tells, in its column or by choosing rows, it may no longer tell. */
static bool masked_since(const struct doc *now, const struct doc *cut, const char *item)
{
    return scope_masks(now, item) && !scope_masks(cut, item);
}

const char *scope_lost(const struct doc *now, const struct doc *cut)
{
    const struct doc *items = doc_get(cut, "items"), *rows = doc_get(cut, "rows");
    if (cut == NULL || doc_equal(now, cut)) {
        return cut == NULL ? "" : NULL;
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *item = doc_text(doc_at(items, i));
        if (!doc_has_text(doc_get(now, "items"), item) || masked_since(now, cut, item)) {
            return item;
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        const char *item = doc_get_text(doc_at(rows, i), "item");
        if (masked_since(now, cut, item)) {
            return item;
        }
    }
    bool same = doc_equal(doc_get(now, "rows"), rows) &&
                doc_equal(doc_get(now, "restriction"), doc_get(cut, "restriction"));
    return same ? NULL : "";
}
