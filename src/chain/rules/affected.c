/* Which grants a change or deletion of an entry affects (C5). PT 14:
 * 发现调整公共数据目录将影响数据共享应用服务的: not every grant on the entry, but those whose data
 * or service will be other than they were.
 *
 *   deleted; format, update cycle, coverage, period or grade changed     every grant
 *   an item gone, no longer shared, or of another definition             those that give it, or
 *                                                                        choose their rows by it
 *   name, summary, keywords, duty, manager, … changed; an item new       none
 *
 * What a change touches is worked out when it is applied for, and kept in its record; whoever asks
 * later asks grant_affected. */
#include "base/memory.h"
#include "chain/rules/adjustments.h"
#include "chain/rules/catalog.h"
#include "chain/rules/records.h"
#include "chain/rules/requests.h"
#include "chain/rules/text_set.h"

#include <string.h>

#define TOUCHED_ITEMS_MAX 100 /* of more it is every grant */
#define GRANTS_LOOKED_AT 100

static bool any_differs(const struct doc *before, const struct doc *after, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (!doc_equal(doc_get(before, names[i]), doc_get(after, names[i]))) {
            return true;
        }
    }
    return false;
}

/* What data there is, in what form, how often, and how it is to be guarded. */
static bool touches_all(const struct doc *before, const struct doc *after)
{
    static const char *const names[] = {"coverage", "format", "format_type", "grade",
                                        "period",   "region", "update",      NULL};
    return any_differs(before, after, names);
}

/* `at`: where the item of the entry before is in the one after, or -1. */
static bool touches_item(const struct doc *before, size_t i, const struct doc *after, long at)
{
    static const char *const names[] = {"codes",    "field",    "length", "nullable", "precision",
                                        "security", "standard", "type",   NULL};
    if (at < 0) {
        return true;
    }
    const struct doc *was = doc_at(doc_get(doc_get(before, "entry"), "items"), i);
    const struct doc *is = doc_at(doc_get(doc_get(after, "entry"), "items"), (size_t)at);
    return (entry_item_rank(before, i) < 2 && entry_item_rank(after, (size_t)at) > 1) ||
           any_differs(was, is, names);
}

static struct doc *touched_items(const struct doc *before, const struct doc *after)
{
    AUTO(text_set_free) struct text_set kept = {0};
    const struct doc *items = doc_get(doc_get(before, "entry"), "items");
    struct doc *touched = doc_new_array();
    text_set_build(&kept, doc_get(doc_get(after, "entry"), "items"), "name");
    for (size_t i = 0; i < doc_count(items); i++) {
        const char *name = doc_get_text(doc_at(items, i), "name");
        if (touches_item(before, i, after, text_set_find(&kept, name))) {
            doc_push_text(touched, name);
        }
    }
    return touched;
}

struct doc *change_touches(const struct doc *entry, const struct doc *content)
{
    struct doc *touches = doc_new_object();
    if (content == NULL || touches_all(doc_get(entry, "entry"), content)) {
        doc_set_bool(touches, "all", true);
        return touches;
    }
    AUTO(doc_free) struct doc *after = record_edit(entry);
    doc_set(after, "entry", doc_ref(content));
    struct doc *items = touched_items(entry, after);
    if (doc_count(items) > TOUCHED_ITEMS_MAX) {
        doc_free(&items);
        doc_set_bool(touches, "all", true);
    } else {
        doc_set(touches, "items", items);
    }
    return touches;
}

/* OPEN 10: what an applicant has by the open list outlasts the entry. */
static bool left_to_the_list(struct rule_context *context, const struct doc *change,
                             const struct doc *grant)
{
    return doc_text_is(change, "kind", "retire") && applicant_by_list(context, grant);
}

bool grant_affected(struct rule_context *context, const struct doc *change, const struct doc *grant)
{
    const struct doc *touches = doc_get(change, "touches");
    const struct doc *touched = doc_get(touches, "items");
    const struct doc *items = doc_get(grant, "items"), *rows = doc_get(grant, "rows");
    if (left_to_the_list(context, change, grant)) {
        return false;
    }
    if (doc_get_bool(touches, "all", false)) {
        return true;
    }
    for (size_t i = 0; i < doc_count(items); i++) {
        if (doc_has_text(touched, doc_text(doc_at(items, i)))) {
            return true;
        }
    }
    for (size_t i = 0; i < doc_count(rows); i++) {
        if (doc_has_text(touched, doc_get_text(doc_at(rows, i), "item"))) {
            return true;
        }
    }
    return false;
}

struct doc *grants_affected(struct rule_context *context, const struct doc *change, bool *more)
{
    const char *provider = doc_get_text(change, "provider"), *code = doc_get_text(change, "code");
    const struct doc *touches = doc_get(change, "touches");
    struct doc *affected = doc_new_array();
    *more = false;
    if (!doc_get_bool(touches, "all", false) && doc_count(doc_get(touches, "items")) == 0) {
        return affected;
    }
    AUTO(doc_free)
    struct doc *live = live_grants(context, provider, code, NULL, GRANTS_LOOKED_AT + 1);
    for (size_t i = 0; i < doc_count(live); i++) {
        const char *id = live_grant_id(doc_text(doc_at(live, i)));
        const struct doc *grant = state_getf(context->state, "grant/%s", id);
        if (i == GRANTS_LOOKED_AT) {
            *more = !left_to_the_list(context, change, grant);
        } else if (grant_affected(context, change, grant)) {
            doc_push_text(affected, id);
        }
    }
    return affected;
}
