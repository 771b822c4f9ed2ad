/* Single records with what belongs to them, and the explorer's search. */
#include "api/api_internal.h"
#include "api/indexer.h"
#include "api/list_query.h"
#include "api/page.h"
#include "api/search.h"
#include "base/errors.h"
#include "chain/rules/tables.h"

#include <stdio.h>
#include <string.h>

/* ---- records ---- */

/* The record under prefix/id with its id, or what went wrong. */
static int read_record(struct doc **out, const struct store_view *view, const char *prefix,
                       const char *id)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    AUTO(doc_free) struct doc *record = NULL;
    if ((size_t)snprintf(key, sizeof key, "%s/%s", prefix, id) >= sizeof key)
        return ERR_NOT_FOUND;
    int error = store_read_state(&record, view, key);
    if (error)
        return error;
    struct doc *copy = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(record, &cursor, &name, &value))
        doc_set(copy, name, doc_ref(value));
    doc_set_text(copy, "id", id);
    *out = copy;
    return 0;
}

/* Sets another record beside it, null when there is none. */
static int add_record(struct doc *document, const char *name, const struct store_view *view,
                      const char *prefix, const char *id)
{
    struct doc *other = NULL;
    int error = read_record(&other, view, prefix, id);
    if (error && error != ERR_NOT_FOUND)
        return error;
    doc_set(document, name, error ? doc_new_null() : other);
    return 0;
}

/* `others`: pairs of name and prefix of records under the same id; NULL ends. */
static void serve_record(struct api *api, struct http_request *request, const char *prefix,
                         const char *id, const char *const *others)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    struct doc *document = NULL;
    int error = read_record(&document, &view, prefix, id);
    for (; !error && others && others[0]; others += 2)
        error = add_record(document, others[0], &view, others[1], id);
    api_answer(request, error, document);
}

static void two_parts(char id[STATE_KEY_BYTES_MAX], const struct http_request *request)
{
    snprintf(id, STATE_KEY_BYTES_MAX, "%s/%s", http_path_part(request, "member"),
             http_path_part(request, "code"));
}

static void serve_duty(void *context, struct http_request *request)
{
    char id[STATE_KEY_BYTES_MAX];
    two_parts(id, request);
    serve_record(context, request, "duty", id, NULL);
}

static void serve_entry(void *context, struct http_request *request)
{
    static const char *const others[] = {"binding",    "binding", "change", "change",  "collection",
                                         "collection", "halt",    "halt",   "listing", "listing",
                                         NULL};
    char id[STATE_KEY_BYTES_MAX];
    two_parts(id, request);
    serve_record(context, request, "entry", id, others);
}

static void serve_request(void *context, struct http_request *request)
{
    static const char *const others[] = {"answer", "answer", "disputed", "disputed",
                                         "grant",  "grant",  NULL};
    serve_record(context, request, "request", http_path_part(request, "txid"), others);
}

static void serve_grant(void *context, struct http_request *request)
{
    serve_record(context, request, "grant", http_path_part(request, "txid"), NULL);
}

/* Use of a grant by Beijing day, from the state. */
static void serve_usage(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    char prefix[STATE_KEY_BYTES_MAX], from[STATE_KEY_BYTES_MAX + 1] = "";
    struct page page;
    if (!api_view(&view, context, request))
        return;
    snprintf(prefix, sizeof prefix, "usage/%.64s/", http_path_part(request, "txid"));
    if (page_begin_text(&page, request, prefix, from, sizeof from) != 0)
        return;
    AUTO(state_cursor_free)
    struct state_cursor *cursor =
        state_cursor_open(view.kv, view.snapshot, prefix, from[0] ? from : NULL);
    const char *key = NULL;
    struct view value;
    int error = 0;
    bool more = false;
    while (!error && (more = state_cursor_next(cursor, &key, &value)) && page.count < page.limit) {
        struct doc *usage = NULL;
        error = doc_parse(&usage, value, STATE_VALUE_BYTES_MAX) ? ERR_CORRUPT : 0;
        if (!error) {
            struct doc *item = doc_new_object();
            doc_set_text(item, "day", key + strlen(prefix));
            doc_set(item, "usage", usage);
            page_add(&page, item);
        }
    }
    if (!error)
        error = state_cursor_error(cursor);
    page_end_text(&page, request, error, more ? key : NULL);
}

/* ---- search ---- */

#define SEARCH_SQL                                                                                 \
    "SELECT text.kind, text.ref, text.title FROM search JOIN text ON text.id = search.rowid"       \
    " WHERE search MATCH ? ORDER BY bm25(search, 4.0, 1.0), text.id LIMIT ? OFFSET ?"
#define SEARCH_KIND_SQL                                                                            \
    "SELECT text.kind, text.ref, text.title FROM search JOIN text ON text.id = search.rowid"       \
    " WHERE search MATCH ? AND text.kind = ?"                                                      \
    " ORDER BY bm25(search, 4.0, 1.0), text.id LIMIT ? OFFSET ?"

/* Attributes that only entries have: where one is asked for, entries alone are found. */
static const char *const entry_attributes[] = {"provider", "theme", "sharing", "opening"};
#define SEARCH_ENTRY_SQL                                                                           \
    "SELECT text.kind, text.ref, text.title FROM search JOIN text ON text.id = search.rowid"       \
    " JOIN entry ON text.kind = 'entry' AND entry.id = text.ref WHERE search MATCH ?1"             \
    " AND (?2 IS NULL OR text.kind = ?2) AND (?5 IS NULL OR entry.provider = ?5)"                  \
    " AND (?6 IS NULL OR entry.theme = ?6) AND (?7 IS NULL OR entry.sharing = ?7)"                 \
    " AND (?8 IS NULL OR entry.opening = ?8)"                                                      \
    " ORDER BY bm25(search, 4.0, 1.0), text.id LIMIT ?3 OFFSET ?4"

static bool asks_attributes(const struct doc *query)
{
    bool some = false;
    for (size_t i = 0; i < sizeof entry_attributes / sizeof entry_attributes[0]; i++)
        some = some || doc_get_text(query, entry_attributes[i]);
    return some;
}

static struct doc *hit(const char *kind, const char *ref, const char *title)
{
    struct doc *item = doc_new_object();
    doc_set_text(item, "id", ref);
    doc_set_text(item, "kind", kind);
    doc_set_text(item, "title", title);
    return item;
}

/* What is asked for by its very name: a height, a transaction, a member. */
static void add_exact(struct page *page, const struct store_view *view, const char *text)
{
    struct hash txid;
    struct store_tx_place place;
    size_t len = strlen(text);
    uint64_t height = 0;
    for (size_t i = 0; i < len && len <= 15; i++)
        height = height * 10 + (uint64_t)(text[i] - '0');
    if (len > 0 && len <= 15 && strspn(text, "0123456789") == len && height > 0 &&
        height <= view->height)
        page_add(page, hit("block", text, text));
    if (hash_from_hex(&txid, text) == 0 && store_find_tx(&place, view, &txid) == 0)
        page_add(page, hit("transaction", text, text));
}

static int search_rows(struct page *page, bool *more, struct read_model *model, const char *match,
                       const struct doc *query, int64_t offset)
{
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    const char *kind = doc_get_text(query, "kind");
    bool attributes = asks_attributes(query);
    int error = read_rows_open(&rows, model,
                               attributes ? SEARCH_ENTRY_SQL
                               : kind     ? SEARCH_KIND_SQL
                                          : SEARCH_SQL);
    if (error)
        return error;
    read_rows_bind_text(rows, match);
    if (kind || attributes)
        read_rows_bind_text(rows, kind);
    read_rows_bind_int(rows, (int64_t)page->limit + 1);
    read_rows_bind_int(rows, offset);
    for (size_t i = 0; attributes && i < sizeof entry_attributes / sizeof entry_attributes[0]; i++)
        read_rows_bind_text(rows, doc_get_text(query, entry_attributes[i]));
    size_t before = page->count;
    while (!*more && read_rows_next(rows)) {
        *more = page->count - before == page->limit;
        if (!*more)
            page_add(page, hit(read_rows_text(rows, 0), read_rows_text(rows, 1),
                               read_rows_text(rows, 2)));
    }
    return read_rows_error(rows);
}

static void search_then(void *argument, struct http_request *request)
{
    struct api *api = argument;
    const struct doc *query = http_query(request);
    const char *text = doc_get_text(query, "q"), *kind = doc_get_text(query, "kind");
    struct read_model *model = indexer_model(api->indexer);
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(buf_free) struct buf match = {0};
    struct page page;
    int64_t offset = 0;
    bool more = false;
    if (!api_view(&view, api, request) || page_begin(&page, request, "search", &offset) != 0)
        return;
    list_page_reach(&page, api, true);
    int error = offset > SEARCH_OFFSET_MAX ? ERR_CURSOR : 0;
    if (!error && offset == 0 && !kind && !asks_attributes(query))
        add_exact(&page, &view, text);
    if (!error && search_append_query(&match, text))
        error = search_rows(&page, &more, model, buf_text(&match), query, offset);
    offset += (int64_t)page.limit;
    page_end(&page, request, indexer_failed(api->indexer, error),
             more && offset <= SEARCH_OFFSET_MAX, offset);
}

static void serve_search(void *context, struct http_request *request)
{
    list_when_ready(context, request, search_then, context);
}

/* ---- rebuilding ---- */

static void serve_rebuild(void *context, struct http_request *request)
{
    struct api *api = context;
    api_rebuild(api);
    http_answer_doc(request, 202, doc_new_object());
}

/* ---- the table ---- */

static const char *const choices_kind[] = {"entry", "duty", "member", "request", NULL};
static const struct field fields_search[] = {
    PAGE_FIELDS,
    {.name = "q",
     .kind = FIELD_TEXT,
     .required = true,
     .min = 1,
     .max = 200,
     .english = "Words; Chinese of one character or more. All must be found.",
     .chinese = "检索词，须全部出现；中文一字起。"},
    {.name = "kind",
     .kind = FIELD_CHOICE,
     .choices = choices_kind,
     .english = "One kind of record.",
     .chinese = "仅一类记录。"},
    {.name = "provider",
     .kind = FIELD_MEMBER,
     .english = "Entries of this agency only.",
     .chinese = "仅此单位的目录。"},
    {.name = "theme",
     .kind = FIELD_TEXT,
     .min = 1,
     .max = 100,
     .english = "Entries of this theme only.",
     .chinese = "仅此主题的目录。"},
    {.name = "sharing",
     .kind = FIELD_CHOICE,
     .choices = choices_sharing,
     .english = "Entries of this sharing attribute only.",
     .chinese = "仅此共享属性的目录。"},
    {.name = "opening",
     .kind = FIELD_CHOICE,
     .choices = choices_opening,
     .english = "Entries of this open attribute only.",
     .chinese = "仅此开放属性的目录。"},
    {.name = NULL},
};

const struct http_route routes_records[] = {
    HTTP_GET("/v1/duties/{member}/{code}", serve_duty, NULL, "A duty.", "职责。"),
    HTTP_GET("/v1/entries/{member}/{code}", serve_entry, NULL,
             "A catalog entry with its binding, collection, open listing, what withholds it, and "
             "the last change or deletion applied for.",
             "目录条目及其挂接、归集、开放清单、停止提供情况，及最近一次变更、删除申请。"),
    HTTP_GET("/v1/requests/{txid}", serve_request, NULL,
             "A request with its answer, open dispute and grant.",
             "共享申请及其答复、未结争议、授权。"),
    HTTP_GET("/v1/grants/{txid}", serve_grant, NULL, "A grant.", "授权。"),
    HTTP_GET("/v1/grants/{txid}/usage", serve_usage, page_fields, "Use of a grant by Beijing day.",
             "授权按日使用情况。"),
    HTTP_GET("/v1/search", serve_search, fields_search,
             "Full text over entries, duties, members and requests; heights and txids too.",
             "全文检索目录、职责、成员、申请，以及区块高度、交易号。"),
    {.method = "POST",
     .path = "/v1/explorer/rebuild",
     .serve = serve_rebuild,
     .caller = HTTP_LOOPBACK,
     .body_type = "application/json",
     .body_bytes_max = 16,
     .english = "Build the read model anew from the chain.",
     .chinese = "由链上数据重建检索库。"},
    {.method = NULL},
};
