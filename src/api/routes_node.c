/* The node itself: status, health, metrics, the OpenAPI document, the test clock. */
#include "api/api_internal.h"
#include "api/events.h"
#include "api/indexer.h"
#include "api/metrics.h"
#include "api/openapi.h"
#include "base/civil.h"
#include "base/errors.h"
#include "exchange/gateway.h"

#include <stdio.h>
#include <unistd.h>

#define CLOCK_BODY_BYTES_MAX 256

/* ---- status and health ---- */

static struct doc *tip_doc(const struct store_view *view)
{
    struct doc *tip = doc_new_object();
    struct hash hash = view->genesis;
    if (view->height > 0)
        header_hash(&hash, &view->tip);
    doc_set_hash(tip, "hash", &hash);
    doc_set_int(tip, "height", (int64_t)view->height);
    doc_set_int(tip, "log_size", (int64_t)view->tip.log_size);
    doc_set_int(tip, "time_ms", view->tip.time_ms);
    return tip;
}

static struct doc *api_doc(struct api *api)
{
    struct doc *document = doc_new_object();
    doc_set_int(document, "listeners", events_listeners(api->events));
    doc_set_int(document, "read_model_height", (int64_t)api_read_height(api));
    doc_set_bool(document, "read_model_rebuilding", indexer_rebuilding(api->indexer));
    doc_set_int(document, "uptime_ms", clock_monotonic_ms() - api->started_ms);
    return document;
}

static void serve_status(void *context, struct http_request *request)
{
    struct api *api = context;
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    struct doc *status = doc_new_object();
    doc_set(status, "api", api_doc(api));
    doc_set_hash(status, "chain", &api->backend.genesis_hash);
    doc_set_text(status, "member", api->backend.member);
    doc_set(status, "node", api->backend.status(api->backend.context));
    doc_set_int(status, "now_ms", api->backend.now_ms(api->backend.context));
    doc_set_bool(status, "test", api->config.test);
    doc_set(status, "tip", tip_doc(&view));
    http_answer_doc(request, 200, status);
}

/* Alive: the store answers. How fresh the tip is, and that the node holds its votes back, is told,
 * not judged: an observer cut off from the others is alive, and killing a node that holds its votes
 * would help nobody. */
static void serve_health(void *context, struct http_request *request)
{
    struct api *api = context;
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    struct doc *health = doc_new_object();
    if (view.height > 0)
        doc_set_int(health, "age_ms", api->backend.now_ms(api->backend.context) - view.tip.time_ms);
    doc_set_int(health, "height", (int64_t)view.height);
    AUTO(doc_free) struct doc *status = api->backend.status(api->backend.context);
    const struct doc *hold = doc_get(doc_get(status, "consensus"), "hold");
    if (hold)
        doc_set(health, "hold", doc_copy(hold));
    doc_set_text(health, "status", "ok");
    http_answer_doc(request, 200, health);
}

/* ---- metrics ---- */

static int64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long total = 0, resident = 0;
    if (!file)
        return 0;
    int got = fscanf(file, "%ld %ld", &total, &resident);
    fclose(file);
    return got == 2 ? (int64_t)resident * sysconf(_SC_PAGESIZE) : 0;
}

static void put_api_metrics(struct buf *out, struct api *api, const struct http_request *request)
{
    static const char *const classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    struct http_stats stats = http_stats(request);
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        char labels[32];
        snprintf(labels, sizeof labels, "class=\"%s\"", classes[i]);
        metrics_put(out, "counter", "dirchain_api_answers_total",
                    i == 0 ? "HTTP answers by class of status." : NULL, labels,
                    (int64_t)stats.answers[i + 1]);
    }
    metrics_put(out, "gauge", "dirchain_api_connections", "Open HTTP connections.", NULL,
                (int64_t)stats.connections);
    metrics_put(out, "gauge", "dirchain_api_listeners", "Listeners to events.", NULL,
                events_listeners(api->events));
    const struct api_counters *counters = &api->counters;
    const struct {
        const char *labels;
        uint64_t value;
    } outcomes[] = {
        {"outcome=\"accepted\"", atomic_load(&counters->accepted)},
        {"outcome=\"committed\"", atomic_load(&counters->committed)},
        {"outcome=\"refused\"", atomic_load(&counters->refused)},
    };
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
        metrics_put(out, "counter", "dirchain_api_submissions_total",
                    i == 0 ? "Transactions submitted here, by outcome." : NULL, outcomes[i].labels,
                    (int64_t)outcomes[i].value);
    metrics_put(out, "gauge", "dirchain_api_read_model_height", "Height of the read model.", NULL,
                (int64_t)api_read_height(api));
}

static void put_gateway_metrics(struct buf *out, struct exchange_gateway *gateway)
{
    struct exchange_stats stats;
    exchange_gateway_stats(&stats, gateway);
    metrics_put(out, "counter", "dirchain_gateway_sent_bytes_total", "Payload that has left.", NULL,
                (int64_t)stats.bytes_sent);
    metrics_put(out, "counter", "dirchain_gateway_received_bytes_total",
                "Payload that has arrived.", NULL, (int64_t)stats.bytes_received);
    metrics_put(out, "counter", "dirchain_gateway_refused_total",
                "Requests of other gateways refused for good.", NULL, (int64_t)stats.refused);
    metrics_put(out, "gauge", "dirchain_gateway_transfers", "Transfers at work.", NULL,
                (int64_t)stats.transfers);
    metrics_put(out, "gauge", "dirchain_gateway_deliveries", "Opens being served.", NULL,
                (int64_t)stats.deliveries);
}

static void serve_metrics(void *context, struct http_request *request)
{
    struct api *api = context;
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(buf_free) struct buf text = {0};
    if (!api_view(&view, api, request))
        return;
    metrics_put(&text, "gauge", "dirchain_height", "Height of the newest block.", NULL,
                (int64_t)view.height);
    metrics_put(&text, "gauge", "dirchain_tip_time_ms", "Its time.", NULL, view.tip.time_ms);
    metrics_put(&text, "gauge", "dirchain_log_size", "Leaves of the log.", NULL,
                (int64_t)view.tip.log_size);
    metrics_put(&text, "gauge", "dirchain_process_resident_bytes", "Resident memory.", NULL,
                resident_bytes());
    metrics_put(&text, "counter", "dirchain_uptime_ms", "Since the API started.", NULL,
                clock_monotonic_ms() - api->started_ms);
    AUTO(doc_free) struct doc *status = api->backend.status(api->backend.context);
    metrics_put_status(&text, status);
    put_api_metrics(&text, api, request);
    if (api->gateway)
        put_gateway_metrics(&text, api->gateway);
    http_answer_bytes(request, 200, METRICS_TYPE, &text);
}

/* ---- OpenAPI ---- */

static void serve_openapi(void *context, struct http_request *request)
{
    struct http_routes routes[API_TABLES_MAX];
    size_t count = api_tables(routes, context);
    http_answer_doc(request, 200, openapi_new(routes, count));
}

/* ---- the test clock ---- */

static const struct field fields_clock[] = {
    {.name = "advance_ms",
     .kind = FIELD_INT,
     .required = true,
     .min = 0,
     .max = INT64_C(315360000000),
     .english = "By how much.",
     .chinese = "前进的毫秒数。"},
    {.name = NULL},
};

static void serve_clock(void *context, struct http_request *request)
{
    struct api *api = context;
    if (!api->config.test || !api->backend.advance_clock) {
        http_answer_problem(request, ERR_TEST_ONLY, NULL);
        return;
    }
    AUTO(doc_free) struct doc *body = NULL;
    struct faults faults = {0};
    int error = doc_parse(&body, http_body(request), CLOCK_BODY_BYTES_MAX);
    if (!error)
        error = schema_check_fields(fields_clock, body, "", &faults);
    if (!error)
        error =
            api->backend.advance_clock(api->backend.context, doc_get_int(body, "advance_ms", 0));
    if (error) {
        http_answer_problem(request, error, &faults);
        return;
    }
    struct doc *answer = doc_new_object();
    doc_set_int(answer, "now_ms", api->backend.now_ms(api->backend.context));
    http_answer_doc(request, 200, answer);
}

const struct http_route routes_node[] = {
    {.method = "GET",
     .path = "/v1/status",
     .serve = serve_status,
     .english = "The node: tip, peers, mempool, consensus.",
     .chinese = "节点状态：最新区块、对等节点、交易池、共识。"},
    {.method = "GET",
     .path = "/healthz",
     .serve = serve_health,
     .english = "Whether the node is alive.",
     .chinese = "健康检查。"},
    {.method = "GET",
     .path = "/metrics",
     .serve = serve_metrics,
     .answer_type = METRICS_TYPE,
     .english = "Numbers for Prometheus.",
     .chinese = "Prometheus 指标。"},
    {.method = "GET",
     .path = "/openapi.json",
     .serve = serve_openapi,
     .english = "This interface, generated from its tables.",
     .chinese = "本接口的 OpenAPI 文档。"},
    {.method = "POST",
     .path = "/v1/test/clock",
     .serve = serve_clock,
     .caller = HTTP_LOOPBACK,
     .body_type = "application/json",
     .body_bytes_max = CLOCK_BODY_BYTES_MAX,
     .body_fields = fields_clock,
     .english = "Move this node's clock forward; test chains only.",
     .chinese = "将本节点时钟前移；仅限测试链。"},
    {.method = NULL},
};
