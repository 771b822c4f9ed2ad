/* POST /v1/transactions: the hot path. One parse, no store, no read model; the node verifies and
 * answers, and only a caller that waits for the block makes us read a store at all.
 *
 *   server thread:  tx_parse ──► backend.submit        (request held, no thread waits)
 *   node thread:    submit_done ──► http_continue      (constant work)
 *   server thread:  submit_answer: 202, receipt or problem */
#include "api/api_internal.h"
#include "base/errors.h"
#include "chain/receipt.h"

#include <inttypes.h>
#include <string.h>

struct submission {
    struct api *api;
    struct http_request *request;
    struct hash txid;
    bool wait;
    int error;
    struct faults *faults; /* NULL: none */
};

static void submission_free(struct submission **submission)
{
    memory_free((*submission)->faults);
    memory_free(*submission);
    *submission = NULL;
}

static void answer_accepted(struct submission *submission)
{
    char txid[2 * HASH_BYTES + 1];
    AUTO(buf_free) struct buf location = {0};
    AUTO(buf_free) struct buf body = {0};
    hash_to_hex(txid, &submission->txid);
    buf_append_format(&location, "/v1/transactions/%s", txid);
    buf_append_format(&body, "{\"txid\":\"%s\"}\n", txid);
    http_answer_header(submission->request, "Location", buf_text(&location));
    http_answer_bytes(submission->request, 202, HTTP_TYPE_JSON, &body);
}

static void answer_receipt(struct submission *submission)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(doc_free) struct doc *receipt = NULL;
    int error = store_view_open(&view, submission->api->backend.kv);
    if (!error)
        error = receipt_make(&receipt, &view, &submission->txid);
    if (error)
        http_answer_problem(submission->request, error, NULL);
    else
        http_answer_doc(submission->request, 200, doc_ref(receipt));
}

static void submit_answer(void *argument, struct http_request *request)
{
    AUTO(submission_free) struct submission *submission = argument;
    if (http_gone(request)) { /* the API itself may be gone */
        http_answer_problem(request, ERR_UNAVAILABLE, NULL);
        return;
    }
    struct api_counters *counters = &submission->api->counters;
    if (submission->error) {
        atomic_fetch_add(&counters->refused, 1);
        http_answer_problem(request, submission->error, submission->faults);
    } else if (submission->wait) {
        atomic_fetch_add(&counters->committed, 1);
        answer_receipt(submission);
    } else {
        atomic_fetch_add(&counters->accepted, 1);
        answer_accepted(submission);
    }
}

/* The node's answer, on a thread that must not be kept. */
static void submit_done(void *argument, int error, const struct faults *faults, uint64_t height)
{
    (void)height;
    struct submission *submission = argument;
    submission->error = error;
    if (error && faults && faults->count > 0) {
        submission->faults = memory_alloc(sizeof *faults);
        *submission->faults = *faults;
    }
    http_continue(submission->request, submit_answer, submission);
}

void api_submit(struct api *api, struct http_request *request, struct tx *tx, bool wait)
{
    struct submission *submission = memory_alloc(sizeof *submission);
    *submission = (struct submission){.api = api, .request = request, .txid = tx->id, .wait = wait};
    api->backend.submit(api->backend.context, tx, wait, submit_done, submission);
}

static void serve_submit(void *context, struct http_request *request)
{
    struct api *api = context;
    struct faults faults = {0};
    struct tx *tx = NULL;
    int error = tx_parse(&tx, &faults, http_body(request), &api->backend.genesis_hash);
    if (error) {
        atomic_fetch_add(&api->counters.refused, 1);
        http_answer_problem(request, error, &faults);
        return;
    }
    api_submit(api, request, tx, doc_get(http_query(request), "wait") != NULL);
}

static const char *const choices_wait[] = {"committed", NULL};
static const struct field fields_submit[] = {
    {.name = "wait",
     .kind = FIELD_CHOICE,
     .choices = choices_wait,
     .english = "Answer with the receipt, once the transaction is in a block.",
     .chinese = "等待交易入块后返回存证回执。"},
    {.name = NULL},
};

const struct http_route routes_submit[] = {
    {.method = "POST",
     .path = "/v1/transactions",
     .serve = serve_submit,
     .body_type = "application/jose",
     .body_bytes_max = TX_BYTES_MAX,
     .query = fields_submit,
     .english = "Submit a transaction that the caller has signed (JWS, ES256K).",
     .chinese = "提交由调用方签名的交易（JWS，ES256K）。"},
    {.method = NULL},
};
