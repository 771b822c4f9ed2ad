/* GET /v1/history/{key}: every transaction and act that touched a record, the oldest first; on
 * demand with what the transactions say, so that nobody has to ask for each of them. */
#include "api/indexer.h"
#include "api/ledger_docs.h"
#include "api/list_query.h"
#include "base/errors.h"

#include <stdio.h>
#include <string.h>

#define HISTORY_NAMES_CHARS_MAX 400

#define HISTORY_SQL                                                                                \
    "SELECT touch.seq, tx.txid, tx.member, tx.key, tx.type, act.effect, act.clause,"               \
    " coalesce(tx.height, act.height), coalesce(tx.time_ms, act.time_ms) FROM touch"               \
    " LEFT JOIN tx ON tx.seq = touch.seq LEFT JOIN act ON act.seq = touch.seq"                     \
    " WHERE touch.subject = ? AND touch.seq >= ? ORDER BY touch.seq LIMIT ?"

/* Of the transaction's body the members named, as many as there are; null where the transaction is
 * not kept any more. */
static int put_body(struct doc *item, size_t *bytes, const struct store_view *view,
                    const char *names)
{
    struct hash txid;
    AUTO(doc_free) struct doc *whole = NULL;
    AUTO(buf_free) struct buf text = {0};
    int error = hash_from_hex(&txid, doc_get_text(item, "txid"));
    if (!error)
        error = ledger_tx_doc(&whole, view, &txid);
    if (error == ERR_PRUNED || error == ERR_NOT_FOUND) {
        doc_set(item, "body", doc_new_null());
        return 0;
    }
    if (error)
        return error;
    struct doc *body = doc_new_object();
    doc_set(item, "body", body);
    while (*names) {
        char name[HISTORY_NAMES_CHARS_MAX + 1];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(names, ","), names);
        const struct doc *value = doc_get(doc_get(whole, "body"), name);
        if (value)
            doc_set(body, name, doc_ref(value));
        names += strcspn(names, ",");
        names += strspn(names, ",");
    }
    doc_append_canonical(&text, body);
    *bytes += text.len;
    return 0;
}

static struct doc *history_item(struct read_rows *rows)
{
    static const char *const names[] = {"txid", "member", "key", "type", "effect", "clause"};
    struct doc *item = doc_new_object();
    for (int i = 0; i < 6; i++)
        if (read_rows_text(rows, i + 1))
            doc_set_text(item, names[i], read_rows_text(rows, i + 1));
    doc_set_int(item, "height", read_rows_int(rows, 7));
    doc_set_text(item, "kind", doc_get(item, "txid") ? "transaction" : "act");
    doc_set_int(item, "log_index", read_rows_int(rows, 0));
    doc_set_int(item, "time_ms", read_rows_int(rows, 8));
    return item;
}

/* What bodies say ends a page earlier where it is long. */
static int history_rows(struct page *page, bool *more, int64_t *next, struct read_rows *rows,
                        const struct store_view *view, const char *names)
{
    size_t bytes = 0;
    int error = 0;
    while (!error && !*more && read_rows_next(rows)) {
        *more = page->count == page->limit || bytes >= HTTP_HISTORY_BYTES;
        *next = read_rows_int(rows, 0);
        if (*more)
            break;
        struct doc *item = history_item(rows);
        page_add(page, item);
        if (names && doc_get(item, "txid"))
            error = put_body(item, &bytes, view, names);
    }
    return error ? error : read_rows_error(rows);
}

static void history_then(void *argument, struct http_request *request)
{
    struct api *api = argument;
    struct read_model *model = indexer_model(api->indexer);
    AUTO(read_rows_close) struct read_rows *rows = NULL;
    AUTO(store_view_close) struct store_view view = {0};
    struct page page;
    int64_t next = 0;
    bool more = false;
    if (!api_view(&view, api, request) || page_begin(&page, request, "history", &next) != 0)
        return;
    list_page_reach(&page, api, true);
    int error = read_rows_open(&rows, model, HISTORY_SQL);
    if (!error) {
        read_rows_bind_text(rows, http_path_part(request, "key"));
        read_rows_bind_int(rows, next);
        read_rows_bind_int(rows, (int64_t)page.limit + 1);
        error = history_rows(&page, &more, &next, rows, &view,
                             doc_get_text(http_query(request), "body"));
    }
    page_end(&page, request, indexer_failed(api->indexer, error), more, next);
}

static void serve_history(void *context, struct http_request *request)
{
    list_when_ready(context, request, history_then, context);
}

/* ---- the table ---- */

static const struct field fields_history[] = {
    PAGE_FIELDS,
    {.name = "body",
     .kind = FIELD_TEXT,
     .min = 1,
     .max = HISTORY_NAMES_CHARS_MAX,
     .english = "Of each transaction's body these members too, separated by commas: `body`, null "
                "where this node does not keep the transaction any more.",
     .chinese =
         "并列出各交易内容中的这些字段（以逗号分隔）；本节点已不再保存该交易的，body 为 null。"},
    {.name = NULL},
};

const struct http_route routes_history[] = {
    HTTP_GET("/v1/history/{key+}", serve_history, fields_history,
             "Every transaction and act that touched a record, oldest first.",
             "涉及某记录的全部交易与自动办理，最早在前。"),
    {.method = NULL},
};
