/* From a query to SQL to a page. */
#include "api/list_query.h"

#include "api/indexer.h"
#include "api/page.h"
#include "base/errors.h"
#include "chain/rules/term_kinds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- SQL ---- */

void list_append_sql(struct buf *sql, const struct list *list, const struct doc *query,
                     const struct list_scope *scope)
{
    const char *order = list->by_seq ? "seq" : "id";
    buf_append_format(sql, "SELECT %s FROM ", list->columns);
    if (scope->subject) /* CROSS JOIN: the record's few rows first */
        buf_append_format(sql, "touch CROSS JOIN %s USING(seq) WHERE touch.subject = ? AND ",
                          list->table);
    else
        buf_append_format(sql, "%s WHERE ", list->table);
    for (const struct list_filter *filter = list->filters; filter->parameter; filter++)
        if (doc_get(query, filter->parameter))
            buf_append_format(sql, "%s AND ", filter->condition);
    if (list->otherwise && !doc_get(query, list->otherwise->parameter))
        buf_append_format(sql, "%s AND ", list->otherwise->condition);
    const char *of = scope->subject ? "touch" : list->table;
    if (list->by_seq)
        buf_append_format(sql, "%s.seq >= ? AND %s.seq < ? ORDER BY %s.seq DESC LIMIT ?", of, of,
                          of);
    else
        buf_append_format(sql, "%s >= ? ORDER BY %s LIMIT ?", order, order);
}

static void bind_filters(struct read_rows *rows, const struct list *list, const struct doc *query)
{
    for (const struct list_filter *filter = list->filters; filter->parameter; filter++) {
        const struct doc *value = doc_get(query, filter->parameter);
        if (!value || !strchr(filter->condition, '?'))
            continue;
        if (doc_kind(value) == DOC_TEXT)
            read_rows_bind_text(rows, doc_text(value));
        else
            read_rows_bind_int(rows, doc_int(value, 0));
    }
}

/* ---- which part of the log ---- */

/* First seq of the first block at or after a time; INT64_MAX when there is none. */
static int seq_at(int64_t *out, struct read_model *model, int64_t time_ms)
{
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    int error = read_rows_open(
        &rows, model, "SELECT seq FROM moment WHERE time_ms >= ? ORDER BY time_ms LIMIT 1");
    if (error)
        return error;
    read_rows_bind_int(rows, time_ms);
    *out = read_rows_next(rows) ? read_rows_int(rows, 0) : INT64_MAX;
    return read_rows_error(rows);
}

static int read_scope(struct list_scope *scope, char key[STATE_KEY_BYTES_MAX + 1],
                      struct read_model *model, const struct list *list, const struct doc *query,
                      struct faults *faults)
{
    static const char *const kinds[] = {"entry", "duty", "request", "grant", "open"};
    *scope = (struct list_scope){.seq_to = INT64_MAX};
    if (!list->by_seq)
        return 0;
    scope->subject = list->subjects ? doc_get_text(query, "subject") : NULL;
    for (size_t i = 0; list->subjects && i < sizeof kinds / sizeof kinds[0]; i++) {
        const char *id = doc_get_text(query, kinds[i]);
        if (!id)
            continue;
        if (scope->subject)
            return faults_add(faults, ERR_FIELD_COUNT, NULL, "%s", kinds[i]);
        snprintf(key, STATE_KEY_BYTES_MAX + 1, "%s/%s", kinds[i], id);
        scope->subject = key;
    }
    int error = 0;
    if (list->undated)
        return 0;
    if (doc_get(query, "from_ms"))
        error = seq_at(&scope->seq_from, model, doc_get_int(query, "from_ms", 0));
    if (!error && doc_get(query, "to_ms"))
        error = seq_at(&scope->seq_to, model, doc_get_int(query, "to_ms", 0) + 1);
    return error;
}

/* ---- pages ---- */

static int read_page(struct page *page, char next[STATE_KEY_BYTES_MAX + 1], struct read_rows *rows,
                     const struct list *list, struct api *api)
{
    AUTO(store_view_close) struct store_view view = {0};
    int error = store_view_open(&view, api->backend.kv);
    next[0] = 0;
    while (!error && read_rows_next(rows)) {
        if (page->count == page->limit) { /* one more than fits: there is another page */
            if (list->by_seq)
                snprintf(next, STATE_KEY_BYTES_MAX + 1, "%" PRId64, read_rows_int(rows, 0) + 1);
            else
                snprintf(next, STATE_KEY_BYTES_MAX + 1, "%s", read_rows_text(rows, 0));
            return 0;
        }
        struct doc *item = list->item(rows, &view);
        if (item)
            page_add(page, item);
        else
            error = ERR_CORRUPT;
    }
    return error ? error : read_rows_error(rows);
}

/* Place of a cursor of a list by seq. */
static int parse_seq(int64_t *out, const char *text)
{
    size_t len = strlen(text);
    if (len == 0)
        return 0;
    if (len > 17 || strspn(text, "0123456789") != len)
        return ERR_CURSOR;
    int64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    if (value < *out)
        *out = value;
    return 0;
}

static int open_rows(struct read_rows **out, struct read_model *model, const struct list *list,
                     const struct doc *query, struct list_scope *scope, const char *place,
                     size_t limit)
{
    AUTO(buf_free) struct buf sql = {0};
    int error = list->by_seq ? parse_seq(&scope->seq_to, place) : 0;
    if (error)
        return error;
    list_append_sql(&sql, list, query, scope);
    error = read_rows_open(out, model, buf_text(&sql));
    if (error)
        return error;
    if (scope->subject)
        read_rows_bind_text(*out, scope->subject);
    bind_filters(*out, list, query);
    if (list->by_seq) {
        read_rows_bind_int(*out, scope->seq_from);
        read_rows_bind_int(*out, scope->seq_to);
    } else {
        read_rows_bind_text(*out, place);
    }
    read_rows_bind_int(*out, (int64_t)limit + 1);
    return 0;
}

void list_put_number(struct doc *item, const struct store_view *view)
{
    AUTO(doc_free) struct doc *record = NULL;
    const char *subject = doc_get_text(item, "subject");
    bool numbered = strncmp(subject, "request/", 8) == 0 || strncmp(subject, "grant/", 6) == 0;
    if (numbered && store_read_state(&record, view, subject) == 0 && doc_get(record, "number"))
        doc_set(item, "number", doc_ref(doc_get(record, "number")));
}

void list_put_term(struct doc *item, const char *name)
{
    const struct term_kind *kind = term_kind_find(name);
    doc_set_text(item, "chinese", kind->chinese ? kind->chinese : "期限届满");
    doc_set_text(item, "english", kind->english ? kind->english : "ends");
    doc_set_text(item, "term", name);
}

void list_page_reach(struct page *page, struct api *api, bool happened)
{
    const struct read_model *model = indexer_model(api->indexer);
    page->may_lag = true;
    page->height = read_model_height(model);
    page->tip = events_height(api->events);
    if (page->tip < page->height)
        page->tip = page->height;
    if (happened)
        page->since_block = read_model_since(model);
}

static void list_answer(struct api *api, struct http_request *request, const struct list *list)
{
    const struct doc *query = http_query(request);
    struct read_model *model = indexer_model(api->indexer);
    char place[STATE_KEY_BYTES_MAX + 1] = "", next[STATE_KEY_BYTES_MAX + 1];
    char key[STATE_KEY_BYTES_MAX + 1];
    struct faults faults = {0};
    struct list_scope scope;
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    int error = read_scope(&scope, key, model, list, query, &faults);
    if (error) {
        http_answer_problem(request, indexer_failed(api->indexer, error), &faults);
        return;
    }
    struct page page;
    if (page_begin_text(&page, request, list->name, place, sizeof place) != 0)
        return;
    list_page_reach(&page, api, list->happened);
    error = open_rows(&rows, model, list, query, &scope, place, page.limit);
    if (!error)
        error = read_page(&page, next, rows, list, api);
    page_end_text(&page, request, indexer_failed(api->indexer, error),
                  !error && next[0] ? next : NULL);
}

/* ---- when the read model has caught up ---- */

struct list_call {
    struct api *api;
    const struct list *list;
};

static void list_then(void *argument, struct http_request *request)
{
    AUTO(memory_release) struct list_call *call = argument;
    list_answer(call->api, request, call->list);
}

void list_when_ready(struct api *api, struct http_request *request,
                     void (*then)(void *argument, struct http_request *request), void *argument)
{
    uint64_t height = events_height(api->events);
    if (read_model_height(indexer_model(api->indexer)) >= height)
        then(argument, request);
    else
        indexer_wait(api->indexer, height, request, then, argument);
}

void list_serve(struct api *api, struct http_request *request, const struct list *list)
{
    struct list_call *call = memory_alloc(sizeof *call);
    *call = (struct list_call){api, list};
    list_when_ready(api, request, list_then, call);
}
