/* What is read straight from the store: blocks, transactions, receipts, state with proofs, proofs
 * of consistency, members and keys. Every answer belongs to one moment of the ledger. */
#include "api/api_internal.h"
#include "api/ledger_docs.h"
#include "api/page.h"
#include "base/errors.h"
#include "chain/receipt.h"
#include "chain/validator_history.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool api_view(struct store_view *out, struct api *api, struct http_request *request)
{
    int error = store_view_open(out, api->backend.kv);
    if (error)
        http_answer_problem(request, error, NULL);
    return !error;
}

void api_answer(struct http_request *request, int error, struct doc *document)
{
    if (!error) {
        http_answer_doc(request, 200, document);
        return;
    }
    doc_free(&document);
    http_answer_problem(request, error, NULL);
}

/* A hash or a height in the path; the request is answered when it is none. */
static bool path_hash(struct hash *out, struct http_request *request, const char *name)
{
    struct faults faults = {0};
    if (hash_from_hex(out, http_path_part(request, name)) == 0)
        return true;
    http_answer_problem(request, faults_add(&faults, ERR_HEX, NULL, "%s", name), &faults);
    return false;
}

static bool path_height(uint64_t *out, struct http_request *request)
{
    const char *text = http_path_part(request, "height");
    size_t len = strlen(text);
    *out = 0;
    for (size_t i = 0; i < len; i++)
        *out = *out * 10 + (uint64_t)(text[i] - '0');
    if (len <= 15 && strspn(text, "0123456789") == len)
        return true;
    struct faults faults = {0};
    http_answer_problem(request, faults_add(&faults, ERR_FIELD_TYPE, NULL, "height"), &faults);
    return false;
}

/* ---- blocks ---- */

static void serve_block(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    uint64_t height;
    if (!path_height(&height, request) || !api_view(&view, context, request))
        return;
    struct doc *document = NULL;
    int error = ledger_block_doc(&document, &view, height);
    api_answer(request, error, document);
}

/* Newest first; the cursor is the height that comes next. */
static void serve_blocks(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, context, request))
        return;
    struct page page;
    int64_t next = (int64_t)view.height;
    if (page_begin(&page, request, "blocks", &next) != 0)
        return;
    int error = 0;
    int64_t last = (int64_t)view.first_header; /* those before are not here */
    page.since_block = view.first_header;
    for (; next >= last && !error && page.count < page.limit; next--) {
        struct header header;
        error = store_read_header(&header, &view, (uint64_t)next);
        if (!error)
            page_add(&page, ledger_header_doc(&header));
    }
    page_end(&page, request, error, next >= last, next);
}

/* ---- certified headers ---- */

/* In order from a height on, as many as there are and one answer holds. */
static int read_headers(struct doc **out, const struct store_view *view, uint64_t from,
                        uint64_t count)
{
    AUTO(doc_free) struct doc *document = doc_new_object();
    struct doc *headers = doc_new_array();
    size_t bytes = 0;
    doc_set_hash(document, "genesis", &view->genesis);
    doc_set(document, "headers", headers);
    doc_set_int(document, "tip", (int64_t)view->height);
    for (uint64_t i = 0; i < count && from + i <= view->height && bytes < HTTP_HEADERS_BYTES; i++) {
        struct doc *item = doc_new_object();
        doc_push(headers, item);
        int error = certified_header_read(item, view, from + i);
        if (error)
            return error;
        const char *set = doc_get_text(item, "set");
        bytes += strlen(doc_get_text(item, "header")) + (set ? strlen(set) : 0) +
                 strlen(doc_get_text(item, "certificate"));
    }
    *out = doc_ref(document);
    return 0;
}

static void serve_headers(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, context, request))
        return;
    const struct doc *query = http_query(request);
    int64_t from = doc_get_int(query, "from", 1);
    int64_t count = doc_get_int(query, "count", HTTP_HEADERS_ITEMS_MAX);
    struct doc *document = NULL;
    int error = read_headers(&document, &view, (uint64_t)from, (uint64_t)count);
    api_answer(request, error, document);
}

/* ---- transactions ---- */

/* Nothing is known of what came before a snapshot, not even that it was. */
static int not_in_history(int error, const struct store_view *view)
{
    return error == ERR_NOT_FOUND && view->first_block > 1 ? ERR_BEFORE_HISTORY : error;
}

static void serve_transaction(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct hash txid;
    if (!path_hash(&txid, request, "txid") || !api_view(&view, context, request))
        return;
    struct doc *document = NULL;
    int error = ledger_tx_doc(&document, &view, &txid);
    api_answer(request, not_in_history(error, &view), document);
}

static void serve_receipt(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct hash txid;
    if (!path_hash(&txid, request, "txid") || !api_view(&view, context, request))
        return;
    struct doc *receipt = NULL;
    int error = receipt_make(&receipt, &view, &txid);
    api_answer(request, not_in_history(error, &view), receipt);
}

/* ---- state ---- */

/* The value with what proves it, or its absence, under the newest certified header. */
static int prove_state(struct doc **out, const struct store_view *view, const char *key)
{
    AUTO(memory_release) struct state_proof *proof = memory_alloc(sizeof *proof);
    AUTO(buf_free) struct buf value = {0};
    AUTO(buf_free) struct buf encoded = {0};
    AUTO(memory_release) struct certificate *certificate = memory_alloc(sizeof *certificate);
    bool present = false;
    if (view->height == 0)
        return ERR_NOT_FOUND; /* genesis has no certificate */
    int error = store_prove_state(proof, &present, &value, view, view->height, key);
    if (!error)
        error = store_read_certificate(certificate, view, view->height);
    struct doc *document = NULL;
    if (!error && present)
        error = doc_parse(&document, view_of_buf(&value), STATE_VALUE_BYTES_MAX) ? ERR_CORRUPT : 0;
    if (error)
        return error;
    state_proof_encode(&encoded, proof);
    AUTO(memory_release) char *hex = memory_alloc(2 * encoded.len + 1);
    hex_encode(hex, view_of_buf(&encoded));
    *out = doc_new_object();
    certified_header_put(*out, &view->tip, certificate);
    doc_set_int(*out, "height", (int64_t)view->height);
    doc_set_text(*out, "key", key);
    doc_set_bool(*out, "present", present);
    doc_set_text(*out, "proof", hex);
    doc_set(*out, "value", present ? document : doc_new_null());
    return 0;
}

static int read_state(struct doc **out, const struct store_view *view, const char *key)
{
    AUTO(doc_free) struct doc *value = NULL;
    int error = store_read_state(&value, view, key);
    if (error)
        return error;
    *out = doc_new_object();
    doc_set_int(*out, "height", (int64_t)view->height);
    doc_set_text(*out, "key", key);
    doc_set(*out, "value", doc_ref(value));
    return 0;
}

static void serve_state(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    const char *key = http_path_part(request, "key");
    if (strlen(key) > STATE_KEY_BYTES_MAX) {
        http_answer_problem(request, ERR_NOT_FOUND, NULL);
        return;
    }
    if (!api_view(&view, context, request))
        return;
    struct doc *document = NULL;
    bool proof = doc_get_bool(http_query(request), "proof", false);
    int error = proof ? prove_state(&document, &view, key) : read_state(&document, &view, key);
    api_answer(request, error, document);
}

/* ---- consistency of the log ---- */

static int put_log_point(struct doc *document, const char *name, struct header *header,
                         const struct store_view *view, int64_t height)
{
    int error = height > 0 ? store_read_header(header, view, (uint64_t)height) : ERR_NOT_FOUND;
    if (!error)
        doc_set(document, name, ledger_header_doc(header));
    return error;
}

static int prove_consistency(struct doc **out, const struct store_view *view, int64_t from,
                             int64_t to)
{
    AUTO(doc_free) struct doc *document = doc_new_object();
    struct header older, newer;
    struct log_proof proof;
    int error = put_log_point(document, "from", &older, view, from);
    if (!error)
        error = put_log_point(document, "to", &newer, view, to);
    if (!error)
        error = store_prove_consistency(&proof, view, older.log_size, newer.log_size);
    if (error)
        return error;
    char hex[2 * LOG_PROOF_HASHES_MAX * HASH_BYTES + 1];
    hex_encode(hex, view_of(proof.node, proof.count * sizeof proof.node[0]));
    doc_set_text(document, "proof", hex);
    *out = doc_ref(document);
    return 0;
}

static void serve_consistency(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, context, request))
        return;
    const struct doc *query = http_query(request);
    int64_t from = doc_get_int(query, "from", 1);
    int64_t to = doc_get_int(query, "to", (int64_t)view.height);
    struct faults faults = {0};
    if (from > to) {
        http_answer_problem(request, faults_add(&faults, ERR_FIELD_RANGE, NULL, "from"), &faults);
        return;
    }
    struct doc *document = NULL;
    int error = prove_consistency(&document, &view, from, to);
    api_answer(request, error, document);
}

/* ---- members, keys, validators, genesis ---- */

/* Records of the state by prefix, in order of their keys; the cursor is the key that comes next. */
static void serve_prefix(struct api *api, struct http_request *request, const char *prefix)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    struct page page;
    char from[STATE_KEY_BYTES_MAX + 1] = "";
    if (page_begin_text(&page, request, prefix, from, sizeof from) != 0)
        return;
    struct state_cursor *cursor =
        state_cursor_open(view.kv, view.snapshot, prefix, from[0] ? from : NULL);
    const char *key;
    struct view value;
    int error = 0;
    bool more = false;
    while (!error && (more = state_cursor_next(cursor, &key, &value)) && page.count < page.limit) {
        struct doc *record = NULL;
        error = doc_parse(&record, value, STATE_VALUE_BYTES_MAX) ? ERR_CORRUPT : 0;
        if (!error)
            page_add(&page, record);
    }
    if (!error)
        error = state_cursor_error(cursor);
    page_end_text(&page, request, error, more ? key : NULL);
    state_cursor_free(&cursor);
}

static void serve_members(void *context, struct http_request *request)
{
    serve_prefix(context, request, "member/");
}

static void serve_designations(void *context, struct http_request *request)
{
    serve_prefix(context, request, "designation/");
}

/* Ids are the instants from which they are in force, in hexadecimal ms. */
static void serve_profiles(void *context, struct http_request *request)
{
    serve_prefix(context, request, "profile/");
}

/* A member's records of one kind. */
static void serve_of_member(struct api *api, struct http_request *request, const char *kind)
{
    char prefix[STATE_KEY_BYTES_MAX];
    const char *id = http_path_part(request, "id");
    if (strlen(id) != MEMBER_ID_CHARS) {
        http_answer_problem(request, ERR_NOT_FOUND, NULL);
        return;
    }
    snprintf(prefix, sizeof prefix, "%s/%s/", kind, id);
    serve_prefix(api, request, prefix);
}

static void serve_keys(void *context, struct http_request *request)
{
    serve_of_member(context, request, "key");
}

static void serve_delegations(void *context, struct http_request *request)
{
    serve_of_member(context, request, "delegation");
}

static void serve_officers(void *context, struct http_request *request)
{
    serve_of_member(context, request, "officer");
}

/* One record of the state under a key made of the path. */
static void serve_record(struct api *api, struct http_request *request, const char *key)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, api, request))
        return;
    struct doc *record = NULL;
    int error = store_read_state(&record, &view, key);
    api_answer(request, error, record);
}

static void serve_member(void *context, struct http_request *request)
{
    char key[STATE_KEY_BYTES_MAX];
    const char *id = http_path_part(request, "id");
    snprintf(key, sizeof key, "member/%s", strlen(id) == MEMBER_ID_CHARS ? id : "?");
    serve_record(context, request, key);
}

static void serve_validators(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    if (!api_view(&view, context, request))
        return;
    AUTO(memory_release) struct validator_set *set = memory_alloc(sizeof *set);
    int64_t height =
        doc_get_int(http_query(request), "height", view.height > 0 ? (int64_t)view.height : 1);
    uint64_t from;
    int error = store_read_term(set, &from, &view, (uint64_t)height);
    struct doc *document = NULL;
    if (!error) {
        document = doc_new_object();
        doc_set_int(document, "from", (int64_t)from);
        doc_set_int(document, "height", height);
        doc_set_int(document, "quorum", (int64_t)validators_quorum(set->count));
        doc_set(document, "set", validators_doc(set));
    }
    api_answer(request, error, document);
}

static void serve_genesis(void *context, struct http_request *request)
{
    const struct api *api = context;
    http_answer_doc(request, 200, doc_ref(api->backend.genesis));
}

/* ---- the table ---- */

static const struct field fields_state[] = {
    {.name = "proof",
     .kind = FIELD_BOOL,
     .english = "With the proof, and the certified header that it leads to.",
     .chinese = "附证明及其所指向的已认证区块头。"},
    {.name = NULL},
};
static const struct field fields_consistency[] = {
    {.name = "from",
     .kind = FIELD_INT,
     .min = 1,
     .max = DOC_INT_MAX,
     .english = "Older height.",
     .chinese = "较早的高度。"},
    {.name = "to",
     .kind = FIELD_INT,
     .min = 1,
     .max = DOC_INT_MAX,
     .english = "Newer height; the tip if left out.",
     .chinese = "较晚的高度，缺省为最新。"},
    {.name = NULL},
};
static const struct field fields_headers[] = {
    {.name = "from",
     .kind = FIELD_INT,
     .min = 1,
     .max = DOC_INT_MAX,
     .english = "First height, 1 if left out.",
     .chinese = "起始高度，缺省为 1。"},
    {.name = "count",
     .kind = FIELD_INT,
     .min = 1,
     .max = HTTP_HEADERS_ITEMS_MAX,
     .english = "How many at most; fewer come where the ledger ends or the answer is full.",
     .chinese = "最多返回的数量；到达最新高度或答复已满时较少。"},
    {.name = NULL},
};
static const struct field fields_height[] = {
    {.name = "height",
     .kind = FIELD_INT,
     .min = 1,
     .max = DOC_INT_MAX,
     .english = "Height that the set decides.",
     .chinese = "该集合所决定的高度。"},
    {.name = NULL},
};

const struct http_route routes_ledger[] = {
    HTTP_GET("/v1/blocks", serve_blocks, page_fields, "Block headers, newest first.",
             "区块头列表，最新在前。"),
    HTTP_GET("/v1/blocks/{height}", serve_block, NULL, "A block with everything in it.",
             "区块全部内容。"),
    HTTP_GET(
        "/v1/headers", serve_headers, fields_headers,
        "Headers with their certificates, and the validator set where it changes, oldest first: "
        "what "
        "a light client follows.",
        "区块头及其证书（验证者变更处附新集合），自旧至新，供轻客户端逐块核验。"),
    HTTP_GET("/v1/transactions/{txid}", serve_transaction, NULL, "A committed transaction.",
             "已入链的交易。"),
    HTTP_GET("/v1/transactions/{txid}/receipt", serve_receipt, NULL,
             "Its receipt, verifiable with the genesis document alone.",
             "存证回执，仅凭创世文件即可验证。"),
    HTTP_GET("/v1/state/{key+}", serve_state, fields_state,
             "A record of the state, with proof if wanted.", "状态记录，可附证明。"),
    HTTP_GET("/v1/proofs/consistency", serve_consistency, fields_consistency,
             "Proof that the log of one height continues that of another.", "日志一致性证明。"),
    HTTP_GET("/v1/designations", serve_designations, page_fields,
             "Agencies that the supervisor made responsible, those replaced and withdrawn too.",
             "主管部门指定的责任单位，含已替换、撤销的。"),
    HTTP_GET("/v1/members", serve_members, page_fields, "Members.", "成员列表。"),
    HTTP_GET("/v1/members/{id}", serve_member, NULL, "A member.", "成员。"),
    HTTP_GET("/v1/members/{id}/keys", serve_keys, page_fields,
             "Keys of a member, retired ones too.", "成员的密钥，含已停用的。"),
    HTTP_GET("/v1/members/{id}/delegations", serve_delegations, page_fields,
             "Whom a member has entrusted, with what and until when; ended ones too.",
             "成员委托的第三方及其范围、期限，含已终止的。"),
    HTTP_GET("/v1/members/{id}/officers", serve_officers, page_fields,
             "Officers of a member, those who left too.",
             "成员的首席数据官和数据执行专员，含已离任的。"),
    HTTP_GET("/v1/profiles", serve_profiles, page_fields,
             "Policy profiles that were in force, that is, and those to come; the earliest first.",
             "历次政策参数：曾施行、现行和将施行的，最早在前。"),
    HTTP_GET("/v1/validators", serve_validators, fields_height, "Validator set of a height.",
             "某高度的验证者集合。"),
    HTTP_GET("/v1/genesis", serve_genesis, NULL, "The genesis document.", "创世文件。"),
    {.method = NULL},
};
