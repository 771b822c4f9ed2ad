/* Applications that harvests made: each is noted before it is made, and known again when it is found
 * on the ledger; see harvest.h. */
#include "base/memory.h"
#include "node/cli/harvest.h"
#include "node/cli/harvest_parts.h"

#include <string.h>

/* ---- before they are made ---- */

void harvest_begin(struct doc *state, const struct doc *plan)
{
    struct doc *datasets = doc_copy(doc_get(state, "datasets"));
    const struct doc *gone = doc_get(plan, "retire");
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

/* Whether this deletion is the one that a harvest applied for: its reason says since when and how
 * often the dataset was away, which nobody else's does. */
static bool is_own_deletion(const struct doc *dataset, const struct doc *change)
{
    const char *reason = doc_get_text(doc_get(dataset, "retiring"), "reason");
    return reason != NULL && doc_text_is(change, "kind", "retire") &&
           doc_text_is(change, "reason", reason);
}

/* Whether what would be applied for was, and came to nothing: a change to the same content, or the
 * deletion of what has been away ever since. */
static bool is_the_same(const struct doc *state, const char *list, const struct doc *body,
                        const struct doc *change)
{
    const struct doc *dataset = dataset_of(state, doc_get_text(change, "code"));
    bool over =
        doc_text_is(change, "status", "returned") || doc_text_is(change, "status", "withdrawn");
    if (!over || !doc_text_is(change, "kind", list) ||
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
    for (size_t i = 0; i < doc_count(before); i++) {
        const struct doc *body = doc_at(before, i);
        bool under_way = is_under_way(change);
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

void harvest_present(struct doc *plan, const struct doc *state, const struct doc *change)
{
    const char *code = doc_get_text(change, "code");
    const struct doc *dataset = code == NULL ? NULL : dataset_of(state, code);
    bool decided = doc_text_is(change, "status", "adjusting"); /* and can be taken back no more */
    if (dataset == NULL || doc_get_int(dataset, "away", 0) > 0 ||
        !doc_text_is(change, "kind", "retire") || (!decided && !is_under_way(change))) {
        return;
    }
    static const char *const lists[] = {"blocked", "change", "unchanged", "waiting"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        plan_take(plan, lists[i], code);
    }
    if (decided) {
        plan_push(plan, "blocked", harvest_told(code, "adjusting"));
    } else if (is_own_deletion(dataset, change)) {
        struct doc *body = harvest_act(change, code);
        doc_set_text(body, "reason", "来源目录已恢复列出 In the feed again");
        plan_push(plan, "withdraw", body);
    } else {
        plan_push(plan, doc_get_int(dataset, "flaps", 0) > 0 ? "back" : "waiting",
                  harvest_told(code, doc_get_text(change, "status")));
    }
}
