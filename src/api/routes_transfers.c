/* Transfers of this node's gateway, for local callers: a token that stands for the gateway's key
 * starts and sees them. Reconciliation is read from the ledger and open like every other read. */
#include "api/api_internal.h"
#include "api/page.h"
#include "base/errors.h"
#include "exchange/gateway.h"
#include "exchange/reconcile.h"

#include <string.h>

#define TRANSFER_BODY_BYTES_MAX 8192

/* The gateway, for a caller who may use it; otherwise the request is answered. */
static struct exchange_gateway *gateway_for(const struct api *api, struct http_request *request)
{
    const char *token = http_bearer(request);
    struct faults faults = {0};
    if (!api->gateway) {
        faults_add(&faults, ERR_UNAVAILABLE, NULL, "exchange");
        http_answer_problem(request, ERR_UNAVAILABLE, &faults);
        return NULL;
    }
    if (!token || !api_find_signer(api, token, exchange_gateway_key_name(api->gateway))) {
        http_answer_problem(request, ERR_TOKEN, NULL);
        return NULL;
    }
    return api->gateway;
}

static void answer_transfer(struct exchange_gateway *gateway, struct http_request *request,
                            unsigned status, const char *id)
{
    struct doc *transfer = NULL;
    int error = gateway_transfer_get(&transfer, gateway, id);
    if (error)
        http_answer_problem(request, error, NULL);
    else
        http_answer_doc(request, status, transfer);
}

static void serve_start(void *context, struct http_request *request)
{
    struct exchange_gateway *gateway = gateway_for(context, request);
    if (!gateway)
        return;
    struct faults faults = {0};
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(buf_free) struct buf location = {0};
    struct hash id;
    char hex[2 * HASH_BYTES + 1];
    int error = doc_parse(&body, http_body(request), TRANSFER_BODY_BYTES_MAX);
    if (!error)
        error = gateway_transfer_start(&id, gateway, &faults, body);
    if (error) {
        http_answer_problem(request, error, &faults);
        return;
    }
    hash_to_hex(hex, &id);
    buf_append_format(&location, "/v1/transfers/%s", hex);
    http_answer_header(request, "Location", buf_text(&location));
    answer_transfer(gateway, request, 202, hex);
}

static void serve_transfer(void *context, struct http_request *request)
{
    struct exchange_gateway *gateway = gateway_for(context, request);
    if (gateway)
        answer_transfer(gateway, request, 200, http_path_part(request, "id"));
}

/* Newest first; the cursor is the last one shown. */
static void serve_transfers(void *context, struct http_request *request)
{
    struct exchange_gateway *gateway = gateway_for(context, request);
    struct page page;
    char place[2 * HASH_BYTES + 1] = "";
    if (!gateway || page_begin_text(&page, request, "transfers", place, sizeof place) != 0)
        return;
    AUTO(doc_free)
    struct doc *list = gateway_transfer_list(gateway, place[0] ? place : NULL, page.limit + 1);
    for (size_t i = 0; i < doc_count(list) && i < page.limit; i++)
        page_add(&page, doc_ref(doc_at(list, i)));
    bool more = doc_count(list) > page.limit;
    page_end_text(&page, request, 0,
                  more ? doc_get_text(doc_at(list, page.limit - 1), "id") : NULL);
}

/* Of a transfer of ours, or of what was sent under another member's open. */
static void serve_opening(void *context, struct http_request *request)
{
    struct exchange_gateway *gateway = gateway_for(context, request);
    struct doc *opening = NULL;
    if (!gateway)
        return;
    int error = gateway_opening_get(&opening, gateway, http_path_part(request, "id"));
    if (error)
        http_answer_problem(request, error, NULL);
    else
        http_answer_doc(request, 200, opening);
}

static void serve_erase(void *context, struct http_request *request)
{
    struct exchange_gateway *gateway = gateway_for(context, request);
    if (!gateway)
        return;
    const char *id = http_path_part(request, "id");
    int error = gateway_opening_erase(gateway, id);
    struct doc *done = doc_new_object();
    doc_set_text(done, "erased", id);
    if (error) {
        doc_free(&done);
        http_answer_problem(request, error, NULL);
    } else {
        http_answer_doc(request, 200, done);
    }
}

static void serve_reconciliation(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct page page;
    char place[RECONCILE_PLACE_BYTES] = "";
    if (!api_view(&view, context, request) ||
        page_begin_text(&page, request, "reconciliation", place, sizeof place) != 0)
        return;
    bool overdue = doc_text_is(http_query(request), "overdue", "true");
    AUTO(doc_free) struct doc *list = NULL;
    int error = reconcile_list(&list, place, &view, page.limit, overdue);
    for (size_t i = 0; i < doc_count(list); i++)
        page_add(&page, doc_ref(doc_at(list, i)));
    page_end_text(&page, request, error, place[0] ? place : NULL);
}

static const char *const choices_overdue[] = {"true", "false", NULL};
static const struct field fields_reconciliation[] = {
    PAGE_FIELDS,
    {.name = "overdue",
     .kind = FIELD_CHOICE,
     .choices = choices_overdue,
     .english = "true: only those whose time is over.",
     .chinese = "true：仅列出已超时的记录。"},
    {.name = NULL},
};

const struct http_route routes_transfers[] = {
    {.method = "POST",
     .path = "/v1/transfers",
     .serve = serve_start,
     .caller = HTTP_TOKEN,
     .body_type = "application/json",
     .body_bytes_max = TRANSFER_BODY_BYTES_MAX,
     .body_fields = gateway_transfer_fields,
     .english = "Start a transfer under a grant: {grant, system, operator, purpose}. Its id is the "
                "txid of the access.open that this node's gateway signs.",
     .chinese = "依授权发起传输；返回的 id 为网关所签访问记录的交易号。"},
    {.method = "GET",
     .path = "/v1/transfers",
     .serve = serve_transfers,
     .caller = HTTP_TOKEN,
     .query = page_fields,
     .english = "Transfers of this node's gateway, newest first.",
     .chinese = "本网关的传输，最新在前。"},
    {.method = "GET",
     .path = "/v1/transfers/{id}",
     .serve = serve_transfer,
     .caller = HTTP_TOKEN,
     .english = "State and progress of a transfer.",
     .chinese = "传输的状态与进度。"},
    {.method = "GET",
     .path = "/v1/transfers/{id}/opening",
     .serve = serve_opening,
     .caller = HTTP_TOKEN,
     .english =
         "What the commitments of an access on the ledger stand for: its parameters, and what "
         "was sent or received.",
     .chinese = "访问记录中承诺值的原文：查询参数及收发数据的摘要原文。"},
    {.method = "POST",
     .path = "/v1/transfers/{id}/erase",
     .serve = serve_erase,
     .caller = HTTP_TOKEN,
     .english = "Erase that, for ever.",
     .chinese = "永久删除上述承诺值原文。"},
    {.method = "GET",
     .path = "/v1/reconciliation",
     .serve = serve_reconciliation,
     .query = fields_reconciliation,
     .english = "Every open whose receipts differ or lack a side.",
     .chinese = "对账：回执不一致或缺失的全部访问。"},
    {.method = NULL},
};
