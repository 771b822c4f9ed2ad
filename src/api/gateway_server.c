/* Requests of other gateways as calls of ours. */
#include "api/gateway_server.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exchange/commitment.h"

#include <string.h>

#define OCTETS "application/octet-stream"

static void answer(struct http_request *request, struct serve_answer *given)
{
    if (given->error != 0) {
        http_answer_problem(request, given->error, &given->faults);
    } else if (given->retry_ms > 0) {
        struct doc *wait = doc_new_object();
        doc_set_int(wait, "retry_ms", given->retry_ms);
        http_answer_doc(request, 202, wait);
    } else if (given->doc != NULL) {
        http_answer_doc(request, 200, doc_ref(given->doc));
    } else {
        http_answer_bytes(request, 200, OCTETS, &given->bytes);
    }
    serve_answer_free(given);
}

/* The key that TLS has shown, and the open that the path names. False: refused and answered. */
static bool caller_of(uint8_t key[HTTP_PEER_KEY_BYTES], const char **open,
                      struct http_request *request)
{
    int error = http_peer_key(key, request);
    *open = http_path_part(request, "open");
    if (error == 0 && strlen(*open) != GATEWAY_OPEN_CHARS) {
        error = ERR_HEX;
    }
    if (error != 0) {
        http_answer_problem(request, error == ERR_NOT_FOUND ? ERR_PEER : error, NULL);
    }
    return error == 0;
}

static void serve_manifest(void *context, struct http_request *request)
{
    uint8_t key[HTTP_PEER_KEY_BYTES];
    const char *open;
    struct serve_answer given;
    if (caller_of(key, &open, request)) {
        gateway_serve_manifest(context, key, open, http_header(request, OPENING_HEADER), &given);
        answer(request, &given);
    }
}

/* Decimal, no sign, no leading zero, below the bound. */
static int parse_index(size_t *out, const char *text)
{
    size_t len = strlen(text), value = 0;
    if (len == 0 || len > 6 || strspn(text, "0123456789") != len || (text[0] == '0' && len > 1)) {
        return ERR_FIELD_FORMAT;
    }
    for (size_t i = 0; i < len; i++) {
        value = 10 * value + (size_t)(text[i] - '0');
    }
    *out = value;
    return value < TRANSFER_CHUNKS_MAX ? 0 : ERR_FIELD_RANGE;
}

static void serve_chunk(void *context, struct http_request *request)
{
    uint8_t key[HTTP_PEER_KEY_BYTES];
    const char *open;
    size_t index;
    struct serve_answer given;
    if (!caller_of(key, &open, request)) {
        return;
    }
    int error = parse_index(&index, http_path_part(request, "index"));
    if (error != 0) {
        struct faults faults = {0};
        faults_add(&faults, error, NULL, "index");
        http_answer_problem(request, error, &faults);
        return;
    }
    gateway_serve_chunk(context, key, open, index, &given);
    answer(request, &given);
}

static void serve_complete(void *context, struct http_request *request)
{
    uint8_t key[HTTP_PEER_KEY_BYTES];
    const char *open;
    struct serve_answer given;
    if (caller_of(key, &open, request)) {
        gateway_serve_complete(context, key, open, &given);
        answer(request, &given);
    }
}

static const struct http_route gateway_routes[] = {
    {.method = "GET",
     .path = "/gateway/v1/transfers/{open}/manifest",
     .serve = serve_manifest,
     .caller = HTTP_MEMBER,
     .english = "Manifest of what an open delivers; 202 while it is being prepared.",
     .chinese = "访问所交付数据的清单；准备期间返回 202。"},
    {.method = "GET",
     .path = "/gateway/v1/transfers/{open}/chunks/{index}",
     .serve = serve_chunk,
     .caller = HTTP_MEMBER,
     .answer_type = OCTETS,
     .english =
         "One chunk, in order or one that has left before; 202 when the rate limit holds it.",
     .chinese = "按序获取一个数据块（可重取）；限速时返回 202。"},
    {.method = "POST",
     .path = "/gateway/v1/transfers/{open}/complete",
     .serve = serve_complete,
     .caller = HTTP_MEMBER,
     .english = "The consumer takes no more; the provider gives its receipt.",
     .chinese = "使用方不再取数，提供方签发回执。"},
    {.method = NULL},
};

int gateway_server_start(struct http_server **out, const char *host, uint16_t port,
                         unsigned threads, struct exchange_gateway *gateway)
{
    const struct tls_identity *identity = exchange_gateway_tls(gateway);
    const struct http_tls tls = {.certificate_pem = identity->certificate_pem,
                                 .key_pem = identity->key_pem};
    const struct http_routes routes = {.table = gateway_routes, .context = gateway};
    const struct http_config config = {.host = host,
                                       .port = port,
                                       .threads = threads,
                                       .tls = &tls,
                                       .routes = &routes,
                                       .routes_count = 1};
    return http_server_start(out, &config);
}
