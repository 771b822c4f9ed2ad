/* GET /v1/entries/{member}/{code}/near: entries whose names are like this one's, the likest first,
 * for whoever reviews it (PT 13: 重复). Exact duplicates the ledger refuses itself.
 *
 * Every name is looked at: a pass over the read model's titles, which READ_STEPS_MAX bounds. */
#include "api/api_internal.h"
#include "api/indexer.h"
#include "api/list_query.h"
#include "api/near.h"
#include "base/errors.h"

#include <stdio.h>
#include <string.h>

#define NAMES_SQL                                                                                  \
    "SELECT text.ref, text.title, entry.status FROM entry JOIN text"                               \
    " ON text.kind = 'entry' AND text.ref = entry.id WHERE entry.status <> 'retired'"              \
    " ORDER BY entry.id"

struct hit {
    int64_t likeness;
    char id[STATE_KEY_BYTES_MAX];
    char status[32];
};

struct hits {
    struct hit hit[NEAR_ITEMS_MAX];
    size_t count;
};

/* Likest first; of equals the earlier id, as the rows come by id. */
static void hits_add(struct hits *hits, int64_t likeness, const char *id, const char *status)
{
    size_t at = hits->count;
    while (at > 0 && hits->hit[at - 1].likeness < likeness)
        at--;
    if (at == NEAR_ITEMS_MAX)
        return;
    size_t moved = hits->count < NEAR_ITEMS_MAX ? hits->count - at : NEAR_ITEMS_MAX - 1 - at;
    memmove(&hits->hit[at + 1], &hits->hit[at], moved * sizeof hits->hit[0]);
    hits->count += hits->count < NEAR_ITEMS_MAX;
    hits->hit[at].likeness = likeness;
    snprintf(hits->hit[at].id, sizeof hits->hit[at].id, "%s", id);
    snprintf(hits->hit[at].status, sizeof hits->hit[at].status, "%s", status);
}

static int find(struct hits *hits, struct read_model *model, const char *own, const char *name)
{
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    AUTO(near_set_free) struct near_set wanted;
    near_set_of_name(&wanted, name);
    int error = read_rows_open(&rows, model, NAMES_SQL);
    while (!error && read_rows_next(rows)) {
        AUTO(near_set_free) struct near_set other;
        const char *id = read_rows_text(rows, 0), *status = read_rows_text(rows, 2);
        near_set_of_name(&other, read_rows_text(rows, 1));
        int64_t likeness = near_likeness(&wanted, &other);
        if (likeness >= NEAR_NAME_MIN && strcmp(id, own) != 0)
            hits_add(hits, likeness, id, status);
    }
    return error ? error : read_rows_error(rows);
}

/* One that is told: with the likeness of its items, from the ledger itself. */
static int add_item(struct doc *items, const struct hit *hit, const struct store_view *view,
                    const struct near_set *own)
{
    char key[STATE_KEY_BYTES_MAX + 8];
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(near_set_free) struct near_set theirs = {0};
    snprintf(key, sizeof key, "entry/%s", hit->id);
    int error = store_read_state(&record, view, key);
    if (error)
        return error;
    const struct doc *entry = doc_get(record, "entry");
    struct doc *item = doc_new_object();
    near_set_of_items(&theirs, doc_get(entry, "items"));
    doc_set_text(item, "code", doc_get_text(record, "code"));
    doc_set_text(item, "id", hit->id);
    doc_set_int(item, "items_likeness", near_likeness(own, &theirs));
    doc_set_int(item, "items_shared", (int64_t)near_shared(own, &theirs));
    doc_set_text(item, "name", doc_get_text(entry, "name"));
    doc_set_int(item, "name_likeness", hit->likeness);
    doc_set_text(item, "provider", doc_get_text(record, "provider"));
    doc_set_text(item, "status", hit->status);
    doc_push(items, item);
    return 0;
}

static void near_then(void *argument, struct http_request *request)
{
    struct api *api = argument;
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(near_set_free) struct near_set own = {0};
    char key[STATE_KEY_BYTES_MAX + 8], id[STATE_KEY_BYTES_MAX];
    struct hits hits = {.count = 0};
    if (!api_view(&view, api, request))
        return;
    snprintf(id, sizeof id, "%.32s/%.128s", http_path_part(request, "member"),
             http_path_part(request, "code"));
    snprintf(key, sizeof key, "entry/%s", id);
    int error = store_read_state(&record, &view, key);
    const struct doc *entry = doc_get(record, "entry");
    if (!error) {
        near_set_of_items(&own, doc_get(entry, "items"));
        error = find(&hits, indexer_model(api->indexer), id, doc_get_text(entry, "name"));
        error = indexer_failed(api->indexer, error);
    }
    struct doc *answer = doc_new_object();
    struct doc *items = doc_new_array();
    doc_set_int(answer, "height", (int64_t)api_read_height(api));
    doc_set_int(answer, "tip", (int64_t)view.height);
    doc_set(answer, "next", doc_new_null());
    doc_set(answer, "items", items);
    size_t limit = (size_t)doc_get_int(http_query(request), "limit", NEAR_ITEMS_MAX);
    for (size_t i = 0; !error && i < hits.count && doc_count(items) < limit; i++) {
        int missing = add_item(items, &hits.hit[i], &view, &own);
        error = missing == ERR_NOT_FOUND ? 0 : missing; /* the view may be older than the model */
    }
    if (!error) {
        http_answer_doc(request, 200, answer);
        return;
    }
    doc_free(&answer);
    http_answer_problem(request, error, NULL);
}

static void serve_near(void *context, struct http_request *request)
{
    list_when_ready(context, request, near_then, context);
}

static const struct field fields_near[] = {
    {.name = "limit",
     .kind = FIELD_INT,
     .min = 1,
     .max = HTTP_PAGE_ITEMS_MAX,
     .english = "At most so many; 20 is the most there are.",
     .chinese = "最多条数，至多 20。"},
    {.name = NULL},
};

const struct http_route routes_near[] = {
    {.method = "GET",
     .path = "/v1/entries/{member}/{code}/near",
     .serve = serve_near,
     .query = fields_near,
     .english = "Entries with names like this one's, in thousandths (500 and more), likest first; "
                "and how alike their items are.",
     .chinese = "名称近似（千分之五百以上）的目录，最近似的在前，并附信息项近似程度。"},
    {.method = NULL},
};
