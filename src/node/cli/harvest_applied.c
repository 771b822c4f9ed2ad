/* Applications that harvests made: each is noted before it is made, and known again when it is
 * found on the ledger; see harvest.h. */
#include "base/memory.h"
#include "node/cli/harvest.h"
#include "node/cli/harvest_parts.h"

#include <string.h>

/* Why a harvest takes back what it applied for. */
#define BACK "来源目录已恢复列出 In the feed again"
#define OTHERWISE "来源目录又有变更 The feed has changed again"

/* ---- before they are made ---- */

/* What the feed says of it; NULL where that is at fault, or nothing. */
static const struct doc *draft_of(const struct harvest_feed *feed, const char *code)
{
    for (size_t i = 0; i < doc_count(feed->bodies); i++) {
        if (doc_text_is(doc_at(feed->bodies, i), "code", code)) {
            return doc_get(doc_at(feed->bodies, i), "entry");
        }
    }
    return NULL;
}

void harvest_begin(struct doc *state, const struct harvest_feed *feed, const struct doc *plan)
{
    struct doc *datasets = doc_copy(doc_get(state, "datasets"));
    const struct doc *changed = doc_get(plan, "change"), *gone = doc_get(plan, "retire");
    for (size_t i = 0; i < doc_count(changed); i++) {
        const struct doc *body = doc_at(changed, i);
        const char *code = doc_get_text(body, "code");
        struct doc *now = doc_copy(doc_get(datasets, code)), *changing = doc_new_object();
        doc_set(changing, "acts_on", doc_ref(doc_get(body, "acts_on")));
        doc_set(changing, "entry", doc_ref(draft_of(feed, code)));
        doc_set(changing, "reason", doc_ref(doc_get(body, "reason")));
        doc_set(now, "changing", changing);
        doc_set(datasets, code, now);
    }
    for (size_t i = 0; i < doc_count(gone); i++) {
        const char *code = doc_get_text(doc_at(gone, i), "code");
        struct doc *now = doc_copy(doc_get(datasets, code)), *retiring = doc_new_object();
        doc_set_text(retiring, "reason", doc_get_text(doc_at(gone, i), "reason"));
        doc_set_int(retiring, "flaps", doc_get_int(now, "flaps", 0));
        doc_set(now, "retiring", retiring);
        doc_set(datasets, code, now);
    }
    doc_set(state, "datasets", datasets);
}

/* ---- under way ---- */

static bool is_under_way(const struct doc *change)
{
    return doc_text_is(change, "status", "applied") || doc_text_is(change, "status", "consulting");
}

static const struct doc *dataset_of(const struct doc *state, const char *code)
{
    return doc_get(doc_get(state, "datasets"), code);
}

/* Whether this change is the one that a harvest applied for. */
static bool is_own_change(const struct doc *dataset, const struct doc *change)
{
    const struct doc *changing = doc_get(dataset, "changing");
    const char *reason = doc_get_text(changing, "reason");
    const char *acts_on = doc_get_text(changing, "acts_on");
    return reason != NULL && acts_on != NULL && doc_text_is(change, "kind", "change") &&
           doc_text_is(change, "reason", reason) && doc_text_is(change, "acts_on", acts_on);
}

/* Whether this deletion is the one that a harvest applied for: its reason says since when and how
 * often the dataset was away, which nobody else's does. */
static bool is_own_deletion(const struct doc *dataset, const struct doc *change)
{
    const char *reason = doc_get_text(doc_get(dataset, "retiring"), "reason");
    return reason != NULL && doc_text_is(change, "kind", "retire") &&
           doc_text_is(change, "reason", reason);
}

static bool came_to_nothing(const struct doc *change)
{
    return doc_text_is(change, "status", "returned") || doc_text_is(change, "status", "withdrawn");
}

/* Whether what would be applied for was, and came to nothing: a change to the same content, or the
 * deletion of what has been away ever since. A change that a harvest took back bars none: the feed
 * says so again. */
static bool is_the_same(const struct doc *state, const char *list, const struct doc *body,
                        const struct doc *change)
{
    const struct doc *dataset = dataset_of(state, doc_get_text(change, "code"));
    if (!came_to_nothing(change) || !doc_text_is(change, "kind", list) ||
        doc_text_is(change, "withdraw_reason", OTHERWISE) ||
        !doc_text_is(body, "acts_on", doc_get_text(change, "acts_on"))) {
        return false;
    }
    return doc_get(body, "entry") != NULL
               ? doc_equal(doc_get(body, "entry"), doc_get(change, "entry"))
               : is_own_deletion(dataset, change) &&
                     doc_get_int(doc_get(dataset, "retiring"), "flaps", -1) ==
                         doc_get_int(dataset, "flaps", 0);
}

static void plan_push(struct doc *plan, const char *list, struct doc *item)
{
    struct doc *more = doc_copy(doc_get(plan, list));
    doc_push(more, item);
    doc_set(plan, list, more);
}

void harvest_settle(struct doc *plan, const struct doc *state, const char *list,
                    const struct doc *change)
{
    const char *code = doc_get_text(change, "code");
    const struct doc *before = doc_get(plan, list);
    struct doc *kept = doc_new_array();
    const char *why = NULL;
    bool under_way = is_under_way(change) || doc_text_is(change, "status", "adjusting");
    for (size_t i = 0; i < doc_count(before); i++) {
        const struct doc *body = doc_at(before, i);
        if (code != NULL && doc_text_is(body, "code", code) &&
            (under_way || is_the_same(state, list, body, change))) {
            why = under_way ? "waiting" : "blocked";
        } else {
            doc_push(kept, doc_ref(body));
        }
    }
    doc_set(plan, list, kept);
    if (why != NULL) {
        plan_push(plan, why, harvest_told(code, doc_get_text(change, "status")));
    }
}

static bool names_code(const struct doc *item, const char *code)
{
    const char *own = doc_text(item);
    return (own != NULL && strcmp(own, code) == 0) || doc_text_is(item, "code", code);
}

/* Takes the code out of the list. */
static void plan_take(struct doc *plan, const char *list, const char *code)
{
    const struct doc *before = doc_get(plan, list);
    struct doc *kept = doc_new_array();
    for (size_t i = 0; i < doc_count(before); i++) {
        if (!names_code(doc_at(before, i), code)) {
            doc_push(kept, doc_ref(doc_at(before, i)));
        }
    }
    doc_set(plan, list, kept);
}

/* Whether a harvest applied for this change, which waits, and the feed says something else now. */
static bool is_outdated(const struct doc *dataset, const struct harvest_feed *feed,
                        const struct doc *change)
{
    const struct doc *draft = draft_of(feed, doc_get_text(change, "code"));
    return is_under_way(change) && is_own_change(dataset, change) && draft != NULL &&
           !doc_equal(draft, doc_get(doc_get(dataset, "changing"), "entry"));
}

void harvest_present(struct doc *plan, const struct doc *state, const struct harvest_feed *feed,
                     const struct doc *change)
{
    const char *code = doc_get_text(change, "code");
    const struct doc *dataset = code == NULL ? NULL : dataset_of(state, code);
    bool decided = doc_text_is(change, "status", "adjusting"); /* and can be taken back no more */
    if (dataset == NULL || doc_get_int(dataset, "away", 0) > 0) {
        return;
    }
    bool outdated = is_outdated(dataset, feed, change);
    bool deleted = doc_text_is(change, "kind", "retire") && (decided || is_under_way(change));
    if (!outdated && !deleted) {
        return;
    }
    static const char *const lists[] = {"blocked", "change", "unchanged", "waiting"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        plan_take(plan, lists[i], code);
    }
    if (decided) {
        plan_push(plan, "blocked", harvest_told(code, "adjusting"));
    } else if (outdated || is_own_deletion(dataset, change)) {
        struct doc *body = harvest_act(change, code);
        doc_set_text(body, "reason", outdated ? OTHERWISE : BACK);
        plan_push(plan, "withdraw", body);
    } else {
        plan_push(plan, doc_get_int(dataset, "flaps", 0) > 0 ? "back" : "waiting",
                  harvest_told(code, doc_get_text(change, "status")));
    }
}

/* ---- over ---- */

/* Whether the ledger took a harvest's change, which waits no more. By the entry itself where
 * somebody else applied for another since: it is as the change made it. */
static bool was_taken(const struct doc *dataset, const struct doc *change, const struct doc *entry)
{
    if (is_own_change(dataset, change)) {
        return !came_to_nothing(change);
    }
    AUTO(doc_free)
    struct doc *changed = entry == NULL
                              ? NULL
                              : harvest_merge(entry, doc_get(dataset, "entry"),
                                              doc_get(doc_get(dataset, "changing"), "entry"));
    return changed != NULL && doc_equal(changed, entry);
}

void harvest_follow(struct doc *state, const struct doc *changes, const struct doc *entries)
{
    struct doc *datasets = doc_copy(doc_get(state, "datasets"));
    size_t cursor = 0;
    const char *code;
    const struct doc *dataset;
    while (doc_next(doc_get(state, "datasets"), &cursor, &code, &dataset)) {
        const struct doc *changing = doc_get(dataset, "changing");
        const struct doc *change = doc_get(changes, code);
        if (changing == NULL || (is_own_change(dataset, change) && is_under_way(change))) {
            continue;
        }
        struct doc *now = doc_copy(dataset);
        if (was_taken(dataset, change, doc_get(doc_get(entries, code), "entry"))) {
            doc_set(now, "entry", doc_ref(doc_get(changing, "entry")));
        }
        doc_remove(now, "changing");
        doc_set(datasets, code, now);
    }
    doc_set(state, "datasets", datasets);
}
