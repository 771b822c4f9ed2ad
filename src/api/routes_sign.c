/* Convenience writes: the node signs with a key it holds, for a caller whose token stands for that
 * key. One route for each transaction type, made from the table of types:
 *
 *   POST /v1/<family>s/<verb>     catalog.review → /v1/catalogs/review
 *   POST /v1/<family>s            its first verb of submit, publish, admit, open, add, sign, change
 *
 * The body is the transaction's body; the answer is the receipt, once it is in a block. */
#include "api/api_internal.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/secret.h"
#include "chain/params.h"

#include <stdio.h>
#include <string.h>

/* ---- the routes ---- */

static void append_plural(struct buf *out, const char *family, size_t len)
{
    buf_append(out, family, len);
    bool vowel = len > 1 && strchr("aeiou", family[len - 2]) != NULL;
    if (family[len - 1] == 'y' && !vowel) {
        out->len--;
        buf_append_text(out, "ies");
    } else {
        buf_append_text(out, family[len - 1] == 's' ? "es" : "s");
    }
}

/* Whether a type is what its family is mostly written with. */
static bool leads_family(const struct tx_type *type)
{
    static const char *const verbs[] = {"submit", "publish", "admit", "open",
                                        "add",    "sign",    "change"};
    size_t family = strcspn(type->name, ".") + 1;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        char name[64];
        snprintf(name, sizeof name, "%.*s%s", (int)family, type->name, verbs[i]);
        if (schema_find(name))
            return strcmp(name, type->name) == 0;
    }
    return false;
}

static const char *const choices_wait[] = {"committed", "none", NULL};
static const struct field fields_sign[] = {
    {.name = "key",
     .kind = FIELD_CODE,
     .min = 1,
     .max = KEY_NAME_CHARS_MAX,
     .english = "Name of the key, when the token stands for several.",
     .chinese = "密钥名称（令牌对应多把密钥时）。"},
    {.name = "wait",
     .kind = FIELD_CHOICE,
     .choices = choices_wait,
     .english = "none: answer with the txid at once, not with the receipt.",
     .chinese = "none：立即返回交易号，不等待回执。"},
    {.name = NULL},
};

static void serve_sign(void *context, struct http_request *request);

static void put_route(struct http_route *route, const struct tx_type *type, bool verb)
{
    AUTO(buf_free) struct buf path = {0};
    size_t family = strcspn(type->name, ".");
    buf_append_text(&path, "/v1/");
    append_plural(&path, type->name, family);
    if (verb)
        buf_append_format(&path, "/%s", type->name + family + 1);
    *route = (struct http_route){
        .method = "POST",
        .path = memory_copy_text(buf_text(&path)),
        .serve = serve_sign,
        .caller = HTTP_TOKEN,
        .body_type = "application/json",
        .body_bytes_max = TX_PAYLOAD_BYTES_MAX,
        .query = fields_sign,
        .signs = type,
        .english = type->english,
        .chinese = type->chinese,
    };
}

struct http_route *routes_sign_new(void)
{
    size_t types = 0, count = 0;
    const struct tx_type *type;
    while (schema_at(types))
        types++;
    struct http_route *table = memory_alloc((2 * types + 1) * sizeof *table);
    for (size_t i = 0; (type = schema_at(i)) != NULL; i++) {
        put_route(&table[count++], type, true);
        if (leads_family(type))
            put_route(&table[count++], type, false);
    }
    return table;
}

void routes_sign_free(struct http_route **table)
{
    for (struct http_route *route = *table; route && route->method; route++)
        memory_free((void *)(uintptr_t)route->path);
    memory_free(*table);
    *table = NULL;
}

/* ---- who may ---- */

/* The signer that a token stands for. Every signer is compared, and in constant time, so that the
 * time taken tells nothing of how near a guess came. */
const struct api_signer *api_find_signer(const struct api *api, const char *token,
                                         const char *key_name)
{
    struct hash hash = hash_sha256(view_of_text(token));
    const struct api_signer *found = NULL;
    for (size_t i = 0; i < api->config.signer_count; i++) {
        const struct api_signer *signer = &api->signers[i];
        bool same = secret_equal(hash.bytes, signer->token_hash.bytes, HASH_BYTES);
        if (same && !found && (!key_name || strcmp(key_name, signer->key_name) == 0))
            found = signer;
    }
    return found;
}

/* ---- signing ---- */

/* Half of the longest lifetime: enough to be committed, whichever way the clocks differ. */
static int read_expiry(int64_t *out, struct api *api)
{
    AUTO(store_view_close) struct store_view view = {0};
    AUTO(doc_free) struct doc *params = NULL;
    int error = store_view_open(&view, api->backend.kv);
    if (!error)
        error = store_read_state(&params, &view, "params");
    if (!error)
        *out = api->backend.now_ms(api->backend.context) +
               doc_get_int(params, "tx_lifetime_ms", 0) / 2;
    return error;
}

static int sign(struct tx **out, struct faults *faults, struct api *api,
                const struct api_signer *signer, const struct tx_type *type, struct view json)
{
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(buf_free) struct buf raw = {0};
    int64_t expires_ms = 0;
    int error = doc_parse(&body, json, TX_PAYLOAD_BYTES_MAX);
    if (!error)
        error = schema_check(type, body, faults);
    if (!error)
        error = read_expiry(&expires_ms, api);
    if (error)
        return error;
    const struct tx_draft draft = {
        .genesis = &api->backend.genesis_hash,
        .member = api->backend.member,
        .key_name = signer->key_name,
        .type = type->name,
        .expires_ms = expires_ms,
        .body = body,
    };
    error = tx_sign(&raw, &draft, signer->secret);
    return error ? error : tx_parse(out, faults, view_of_buf(&raw), &api->backend.genesis_hash);
}

static void serve_sign(void *context, struct http_request *request)
{
    struct api *api = context;
    const struct doc *query = http_query(request);
    const char *token = http_bearer(request);
    const struct api_signer *signer =
        token ? api_find_signer(api, token, doc_get_text(query, "key")) : NULL;
    if (!signer) {
        http_answer_problem(request, ERR_TOKEN, NULL);
        return;
    }
    struct faults faults = {0};
    struct tx *tx = NULL;
    const struct tx_type *type = http_route_of(request)->signs;
    int error = sign(&tx, &faults, api, signer, type, http_body(request));
    if (error) {
        http_answer_problem(request, error, &faults);
        return;
    }
    char id[2 * HASH_BYTES + 1];
    hash_to_hex(id, &tx->id);
    log_write(LOG_INFO, "api", "%s had this node sign %s %s by key %s", signer->name, type->name,
              id, signer->key_name);
    api_submit(api, request, tx, !doc_text_is(query, "wait", "none"));
}
