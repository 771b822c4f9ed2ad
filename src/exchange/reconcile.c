/* Reconciliation over the records mismatch/<open> and open/<open>. */
#include "exchange/reconcile.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

static const char *const tables[] = {"mismatch/", "open/"}; /* in byte order of the keys */

static const char *status_of(const char *table, const struct doc *record)
{
    bool provider = doc_get(record, "provider_receipt") != NULL;
    bool consumer = doc_get(record, "consumer_receipt") != NULL;
    if (strcmp(table, "mismatch/") == 0) {
        return "differs";
    }
    return provider ? "lacks-consumer" : consumer ? "lacks-provider" : "lacks-both";
}

static struct doc *item_of(const char *table, const char *key, const struct doc *record,
                           bool overdue)
{
    static const char *const shown[] = {"calls",      "consumer",        "consumer_receipt",
                                        "expires_ms", "grant",           "opened_ms",
                                        "provider",   "provider_receipt"};
    struct doc *item = doc_new_object();
    doc_set_text(item, "open", key + strlen(table));
    doc_set_bool(item, "overdue", overdue);
    doc_set_text(item, "status", status_of(table, record));
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        if (doc_get(record, shown[i]) != NULL) {
            doc_set(item, shown[i], doc_ref(doc_get(record, shown[i])));
        }
    }
    return item;
}

struct scan {
    const struct store_view *view;
    struct doc *items;
    size_t max;
    bool overdue;
    bool more;
    char *place;
};

/* One table, from a key on. Stops when an item more than `max` is met: the place is then behind the
 * last one that was taken. */
static int scan_table(struct scan *scan, const char *table, const char *behind)
{
    struct state_cursor *cursor =
        state_cursor_open(scan->view->kv, scan->view->snapshot, table, behind);
    const char *key;
    struct view value;
    int error = 0;
    while (error == 0 && state_cursor_next(cursor, &key, &value)) {
        AUTO(doc_free) struct doc *record = NULL;
        if (behind != NULL && strcmp(key, behind) == 0) {
            continue;
        }
        error = doc_parse(&record, value, STATE_VALUE_BYTES_MAX) == 0 ? 0 : ERR_CORRUPT;
        bool overdue = scan->view->tip.time_ms >= doc_get_int(record, "expires_ms", 0);
        if (error != 0 || (scan->overdue && !overdue)) {
            continue;
        }
        if (doc_count(scan->items) == scan->max) {
            scan->more = true;
            break;
        }
        doc_push(scan->items, item_of(table, key, record, overdue));
        (void)snprintf(scan->place, RECONCILE_PLACE_BYTES, "%s", key);
    }
    error = error != 0 ? error : state_cursor_error(cursor);
    state_cursor_free(&cursor);
    return error;
}

int reconcile_list(struct doc **out, char place[RECONCILE_PLACE_BYTES],
                   const struct store_view *view, size_t max, bool overdue)
{
    char from[RECONCILE_PLACE_BYTES];
    struct scan scan = {
        .view = view, .items = doc_new_array(), .max = max, .overdue = overdue, .place = place};
    int error = 0;
    (void)snprintf(from, sizeof from, "%s", place);
    for (size_t i = 0; i < 2 && error == 0 && !scan.more; i++) {
        bool within = strncmp(from, tables[i], strlen(tables[i])) == 0;
        if (within || strcmp(from, tables[i]) < 0) { /* not a table that is done with */
            error = scan_table(&scan, tables[i], within ? from : NULL);
        }
    }
    if (!scan.more) {
        place[0] = 0;
    }
    if (error != 0) {
        doc_free(&scan.items);
    }
    *out = scan.items;
    return error;
}
