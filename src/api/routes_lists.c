/* The lists: what can be filtered by, and what an item looks like. Records come whole from the
 * store, with "id" beside their own members; everything else comes from the read model's rows. */
#include "api/list_query.h"
#include "api/list_words.h"
#include "api/lists.h"
#include "api/page.h"

#include "base/errors.h"
#include "chain/rules/tables.h"

#include <stdio.h>
#include <string.h>

#define NO_FILTERS                                                                                 \
    {                                                                                              \
        .parameter = NULL                                                                          \
    }

static void set_text(struct doc *item, const char *name, const char *value)
{
    if (value)
        doc_set_text(item, name, value);
}

/* ---- items ---- */

/* The record behind a row, with its id. NULL: the store does not have it. */
static struct doc *record_item(const struct store_view *view, const char *prefix, const char *id)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    struct doc *record = NULL;
    snprintf(key, sizeof key, "%s%s", prefix, id);
    if (store_read_state(&record, view, key) != 0)
        return NULL;
    struct doc *item = doc_new_object();
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(record, &cursor, &name, &value))
        doc_set(item, name, doc_ref(value));
    doc_set_text(item, "id", id);
    doc_free(&record);
    return item;
}

static struct doc *duty_item(struct read_rows *rows, const struct store_view *view)
{
    return record_item(view, "duty/", read_rows_text(rows, 0));
}

static struct doc *entry_item(struct read_rows *rows, const struct store_view *view)
{
    return record_item(view, "entry/", read_rows_text(rows, 0));
}

/* Who or what brought a request to where it stands: "provider" by an answer, "deemed-approved" the
 * ledger itself when the term was over, "barred" if the entry shares it no longer, "at-once" the
 * ledger's rule with the request, "center" by intake or assessment, "consumer" by withdrawing,
 * "ruling" or "settlement" by the outcome of a dispute. NULL while it is open. */
static const char *decided_by(const struct doc *request, const struct doc *answer)
{
    if (doc_get(request, "decided_by"))
        return doc_get_text(request, "decided_by");
    if (answer && doc_get(answer, "barred"))
        return "barred";
    if (answer)
        return doc_get_bool(answer, "deemed", false) ? "deemed-approved" : "provider";
    if (doc_text_is(request, "status", "withdrawn"))
        return "consumer";
    if (doc_text_is(request, "status", "not-accepted"))
        return "center";
    if (!doc_text_is(request, "status", "granted"))
        return NULL;
    if (doc_text_is(request, "route", "need") || doc_text_is(request, "route", "fusion"))
        return "provider"; /* who reviewed it with the need, or its part of the fusion */
    return doc_get(request, "intake") || doc_get(request, "assessment") ? "center" : "at-once";
}

static struct doc *request_item(struct read_rows *rows, const struct store_view *view)
{
    const char *id = read_rows_text(rows, 1);
    char key[STATE_KEY_BYTES_MAX + 1];
    AUTO(doc_free) struct doc *answer = NULL;
    struct doc *item = record_item(view, "request/", id);
    snprintf(key, sizeof key, "answer/%s", id);
    int error = item ? store_read_state(&answer, view, key) : 0;
    if (error && error != ERR_NOT_FOUND) {
        doc_free(&item);
        return NULL;
    }
    if (item)
        set_text(item, "decided", decided_by(item, answer));
    return item;
}

static struct doc *grant_item(struct read_rows *rows, const struct store_view *view)
{
    return record_item(view, "grant/", read_rows_text(rows, 1));
}

/* PT 2: who acts for an agency by delegation stands beside it. */
static void put_delegate(struct doc *item, const struct store_view *view, const char *member,
                         const char *name)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    AUTO(doc_free) struct doc *record = NULL;
    snprintf(key, sizeof key, "key/%s/%s", member, name);
    if (store_read_state(&record, view, key) == 0 && doc_get_text(record, "delegate"))
        doc_set_text(item, "delegate", doc_get_text(record, "delegate"));
}

static struct doc *tx_item(struct read_rows *rows, const struct store_view *view)
{
    struct doc *item = doc_new_object();
    put_delegate(item, view, read_rows_text(rows, 4), read_rows_text(rows, 5));
    doc_set_int(item, "height", read_rows_int(rows, 2));
    doc_set_text(item, "key", read_rows_text(rows, 5));
    doc_set_int(item, "log_index", read_rows_int(rows, 0));
    doc_set_text(item, "member", read_rows_text(rows, 4));
    doc_set_int(item, "time_ms", read_rows_int(rows, 3));
    doc_set_text(item, "txid", read_rows_text(rows, 1));
    doc_set_text(item, "type", read_rows_text(rows, 6));
    return item;
}

static struct doc *act_item(struct read_rows *rows, const struct store_view *view)
{
    struct doc *item = doc_new_object();
    set_text(item, "clause", read_rows_text(rows, 3));
    if (read_rows_int(rows, 6) > 0)
        doc_set_int(item, "due_ms", read_rows_int(rows, 6));
    doc_set_text(item, "effect", read_rows_text(rows, 5));
    doc_set_int(item, "height", read_rows_int(rows, 1));
    doc_set_int(item, "log_index", read_rows_int(rows, 0));
    doc_set_text(item, "subject", read_rows_text(rows, 4));
    list_put_number(item, view);
    set_text(item, "member", read_rows_text(rows, 7));
    if (read_rows_text(rows, 8))
        list_put_term(item, read_rows_text(rows, 8));
    doc_set_int(item, "time_ms", read_rows_int(rows, 2));
    return item;
}

static struct doc *evidence_item(struct read_rows *rows, const struct store_view *view)
{
    (void)view;
    struct doc *item = doc_new_object();
    bool block_known = read_rows_text(rows, 2) != NULL; /* else it is from the state alone */
    doc_set_text(item, "hash", read_rows_text(rows, 5));
    doc_set_int(item, "height", read_rows_int(rows, 1));
    if (block_known)
        doc_set_int(item, "log_index", read_rows_int(rows, 0));
    doc_set_int(item, "round", read_rows_int(rows, 7));
    if (block_known)
        doc_set_int(item, "time_ms", read_rows_int(rows, 2));
    doc_set_text(item, "type", read_rows_text(rows, 4));
    doc_set_text(item, "validator", read_rows_text(rows, 3));
    doc_set_int(item, "vote_height", read_rows_int(rows, 6));
    return item;
}

/* One side's receipt: six columns from here on. */
static struct doc *side_item(struct read_rows *rows, int column)
{
    if (!read_rows_text(rows, column))
        return doc_new_null();
    struct doc *side = doc_new_object();
    doc_set_int(side, "bytes", read_rows_int(rows, column + 3));
    doc_set_text(side, "digest", read_rows_text(rows, column + 1));
    doc_set_text(side, "result", read_rows_text(rows, column + 4));
    doc_set_int(side, "rows", read_rows_int(rows, column + 2));
    doc_set_int(side, "time_ms", read_rows_int(rows, column + 5));
    doc_set_text(side, "txid", read_rows_text(rows, column));
    return side;
}

static struct doc *access_item(struct read_rows *rows, const struct store_view *view)
{
    static const char *const texts[] = {"id",     "grant",  "provider", "consumer", "entry",
                                        "method", "system", "operator", "status"};
    (void)view;
    struct doc *item = doc_new_object();
    for (int i = 0; i < 9; i++)
        doc_set_text(item, texts[i], read_rows_text(rows, i + 1));
    doc_set_int(item, "calls", read_rows_int(rows, 10));
    doc_set_int(item, "height", read_rows_int(rows, 11));
    doc_set_int(item, "log_index", read_rows_int(rows, 0));
    doc_set_int(item, "opened_ms", read_rows_int(rows, 12));
    doc_set(item, "provider_receipt", side_item(rows, 13));
    doc_set(item, "consumer_receipt", side_item(rows, 19));
    return item;
}

/* ---- lists ---- */

static const struct list_filter duty_filters[] = {
    {"member", "member = ?"},
    {"category", "category = ?"},
    {"status", "status = ?"},
    {"with_entry", "EXISTS(SELECT 1 FROM entry WHERE entry.duty = duty.id"
                   " AND entry.status = 'published')"},
    {"without_entry", "NOT EXISTS(SELECT 1 FROM entry WHERE entry.duty = duty.id)"},
    {"gap", "status = 'active' AND NOT EXISTS(SELECT 1 FROM entry WHERE entry.duty = duty.id"
            " AND entry.status <> 'retired')"},
    NO_FILTERS,
};
const struct list list_duties = {
    .name = "duties", .columns = "id", .table = "duty", .filters = duty_filters, .item = duty_item};

static const struct list_filter entry_filters[] = {
    {"provider", "provider = ?"},
    {"status", "status = ?"},
    {"sharing", "sharing = ?"},
    {"opening", "opening = ?"},
    {"format", "format = ?"},
    {"duty", "duty = ?"},
    {"theme", "theme = ?"},
    {"without_duty", "duty IS NULL"},
    {"gap", "status <> 'retired' AND (duty IS NULL OR NOT EXISTS(SELECT 1 FROM duty"
            " WHERE duty.id = entry.duty AND duty.status = 'active'))"},
    NO_FILTERS,
};
const struct list list_entries = {.name = "entries",
                                  .columns = "id",
                                  .table = "entry",
                                  .filters = entry_filters,
                                  .item = entry_item};

static const struct list_filter request_filters[] = {
    {"provider", "provider = ?"},
    {"consumer", "consumer = ?"},
    {"status", "status = ?"},
    {"route", "route = ?"},
    {"entry", "entry = ?"},
    {"number", "number = ?"},
    NO_FILTERS,
};
const struct list list_requests = {.name = "requests",
                                   .columns = "seq, id",
                                   .table = "request",
                                   .by_seq = true,
                                   .filters = request_filters,
                                   .item = request_item};

static const struct list_filter grant_filters[] = {
    {"provider", "provider = ?"},
    {"consumer", "consumer = ?"},
    {"status", "status = ?"},
    {"mode", "mode = ?"},
    {"entry", "entry = ?"},
    {"held_from_ms", "(ended_ms IS NULL OR ended_ms > ?)"},
    {"held_before_ms", "begun_ms < ?"},
    NO_FILTERS,
};
const struct list list_grants = {.name = "grants",
                                 .columns = "seq, id",
                                 .table = "grants",
                                 .by_seq = true,
                                 .filters = grant_filters,
                                 .item = grant_item};

#define ACCESS_COLUMNS                                                                             \
    "seq, id, grant_id, provider, consumer, entry, method, system, operator, status, calls, "      \
    "height, opened_ms, p_tx, p_digest, p_rows, p_bytes, p_result, p_ms, c_tx, c_digest, c_rows, " \
    "c_bytes, c_result, c_ms"
static const struct list_filter access_filters[] = {
    {"id", "id = ?"},
    {"grant", "grant_id = ?"},
    {"provider", "provider = ?"},
    {"consumer", "consumer = ?"},
    {"entry", "entry = ?"},
    {"status", "status = ?"},
    {"method", "method = ?"},
    {"unsettled", "status <> 'closed'"},
    {"given", "(p_result <> 'failed' OR c_result <> 'failed')"},
    {"opened_before_ms", "opened_ms < ?"},
    NO_FILTERS,
};
const struct list list_accesses = {.name = "accesses",
                                   .columns = ACCESS_COLUMNS,
                                   .table = "access",
                                   .by_seq = true,
                                   .happened = true,
                                   .filters = access_filters,
                                   .item = access_item};

static const struct list_filter tx_filters[] = {
    {"member", "member = ?"}, {"key", "key = ?"}, {"type", "type = ?"}, NO_FILTERS};
const struct list list_transactions = {
    .name = "transactions",
    .columns = "seq, txid, height, time_ms, member, key, type",
    .table = "tx",
    .by_seq = true,
    .subjects = true,
    .happened = true,
    .filters = tx_filters,
    .item = tx_item,
};

static const struct list_filter act_filters[] = {
    {"effect", "effect = ?"}, {"clause", "clause = ?"}, {"member", "act.member = ?"}, NO_FILTERS};
const struct list list_acts = {
    .name = "acts",
    .columns = "seq, height, time_ms, clause, act.subject, effect, due_ms, member, term",
    .table = "act",
    .by_seq = true,
    .subjects = true,
    .happened = true,
    .filters = act_filters,
    .item = act_item,
};

/* Evidence of a time that is not known may be of the time asked for. */
static const struct list_filter evidence_filters[] = {
    {"validator", "validator = ?"},
    {"from_ms", "(time_ms IS NULL OR time_ms >= ?)"},
    {"to_ms", "(time_ms IS NULL OR time_ms <= ?)"},
    NO_FILTERS,
};
const struct list list_evidence = {
    .name = "evidence",
    .columns = "seq, height, time_ms, validator, kind, hash, vote_height, round",
    .table = "evidence",
    .by_seq = true,
    .undated = true,
    .filters = evidence_filters,
    .item = evidence_item,
};

/* ---- routes ---- */

#define SERVE(name)                                                                                \
    static void serve_##name(void *context, struct http_request *request)                          \
    {                                                                                              \
        list_serve(context, request, &list_##name);                                                \
    }
SERVE(duties)
SERVE(entries)
SERVE(requests)
SERVE(grants)
SERVE(accesses)
SERVE(transactions)
SERVE(acts)
SERVE(evidence)

#define TEXT(name_, max_, english_, chinese_)                                                      \
    {                                                                                              \
        .name = name_, .kind = FIELD_TEXT, .min = 1, .max = max_, .english = english_,             \
        .chinese = chinese_                                                                        \
    }
#define HASH(name_, english_, chinese_)                                                            \
    {                                                                                              \
        .name = name_, .kind = FIELD_HASH, .english = english_, .chinese = chinese_                \
    }
#define MEMBER(name_, english_, chinese_)                                                          \
    {                                                                                              \
        .name = name_, .kind = FIELD_MEMBER, .english = english_, .chinese = chinese_              \
    }
static const char *const choices_yes[] = {"1", NULL};
#define FLAG(name_, english_, chinese_)                                                            \
    {                                                                                              \
        .name = name_, .kind = FIELD_CHOICE, .choices = choices_yes, .english = english_,          \
        .chinese = chinese_                                                                        \
    }
#define FIELDS_END                                                                                 \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define PROVIDER MEMBER("provider", "Provider.", "提供方。")
#define CONSUMER MEMBER("consumer", "Consumer.", "使用方。")
#define WORD(name_, choices_, english_, chinese_)                                                  \
    {                                                                                              \
        .name = name_, .kind = FIELD_CHOICE, .choices = choices_, .english = english_,             \
        .chinese = chinese_                                                                        \
    }
#define STATUS(family) WORD("status", list_statuses_##family, "Status.", "状态。")
#define ENTRY TEXT("entry", 100, "<provider>/<code> of the entry.", "目录：<提供方>/<代码>。")

static const struct field fields_duties[] = {
    PAGE_FIELDS,
    MEMBER("member", "Whose duty.", "职责所属单位。"),
    WORD("category", choices_duty_category, "Category.", "类别。"),
    STATUS(duty),
    FLAG("with_entry", "Only duties that a published entry stems from.",
         "仅有已发布目录的职责。"),
    FLAG("without_entry", "Only duties that no entry stems from.", "仅无对应目录的职责。"),
    FLAG("gap", "Only duties in force that no entry stems from but retired ones.",
         "仅有效而无在用目录的职责。"),
    FIELDS_END,
};
static const struct field fields_entries[] = {
    PAGE_FIELDS,
    PROVIDER,
    STATUS(entry),
    WORD("sharing", choices_sharing, "Sharing attribute.", "共享属性。"),
    WORD("opening", choices_opening, "Open attribute.", "开放属性。"),
    WORD("format", choices_entry_format, "Format.", "格式。"),
    TEXT("theme", 100, "Theme, as the entry has it.", "主题（数据领域）。"),
    TEXT("duty", 100, "<member>/<code> of the duty.", "职责：<成员>/<代码>。"),
    FLAG("without_duty", "Only entries that name no duty.", "仅未关联职责的目录。"),
    FLAG("gap", "Only entries that are not retired and stem from no duty in force.",
         "仅未撤销而无有效职责的目录。"),
    FIELDS_END,
};
static const struct field fields_requests[] = {
    PAGE_FIELDS,
    PROVIDER,
    CONSUMER,
    STATUS(request),
    ENTRY,
    WORD("route", list_routes, "Route.", "办理路径。"),
    TEXT("number", 64, "Number.", "申请编号。"),
    LIST_TIME_FIELDS,
    FIELDS_END,
};
static const struct field fields_grants[] = {
    PAGE_FIELDS,
    PROVIDER,
    CONSUMER,
    STATUS(grant),
    ENTRY,
    WORD("mode", choices_method, "Way of use.", "使用方式。"),
    {.name = "held_from_ms",
     .kind = FIELD_TIME,
     .min = 0,
     .max = DOC_INT_MAX,
     .english = "In force after this instant, if only to end then.",
     .chinese = "在此时刻之后仍有效的。"},
    {.name = "held_before_ms",
     .kind = FIELD_TIME,
     .min = 0,
     .max = DOC_INT_MAX,
     .english = "In force before this instant.",
     .chinese = "在此时刻之前已生效的。"},
    LIST_TIME_FIELDS,
    FIELDS_END,
};
static const struct field fields_accesses[] = {
    PAGE_FIELDS,
    HASH("id", "The access itself.", "访问记录编号。"),
    HASH("grant", "Grant.", "授权。"),
    PROVIDER,
    CONSUMER,
    ENTRY,
    WORD("status", list_statuses_access, "open, closed or mismatch.",
         "open 未结、closed 已结、mismatch 不符。"),
    WORD("method", choices_method, "Method.", "交换方式。"),
    FLAG("given", "Only those by which data was given: a side's receipt says so.",
         "仅实际提供了数据的（任一方回执表明）。"),
    FLAG("unsettled", "Reconciliation: receipts differ, or a side is missing.",
         "对账：回执不符或缺一方。"),
    {.name = "opened_before_ms",
     .kind = FIELD_TIME,
     .min = 0,
     .max = DOC_INT_MAX,
     .english = "Opened before, e.g. long enough to be overdue.",
     .chinese = "在此之前发起。"},
    LIST_TIME_FIELDS,
    FIELDS_END,
};
static const struct field fields_transactions[] = {
    PAGE_FIELDS,
    MEMBER("member", "Signer's member.", "签名单位。"),
    TEXT("key", KEY_NAME_CHARS_MAX, "Name of the signer's key.", "签名密钥名称。"),
    TEXT("type", 64, "Type.", "交易类型。"),
    LIST_SUBJECT_FIELDS,
    LIST_TIME_FIELDS,
    FIELDS_END,
};
static const struct field fields_acts[] = {
    PAGE_FIELDS,
    WORD("effect", list_effects, "Effect, e.g. deemed-approved.",
         "效果，如 deemed-approved（视作同意）。"),
    TEXT("clause", 100, "Clause.", "依据条款。"),
    MEMBER("member", "Whom it tells: who is warned of the end of a term, …",
           "所告知的单位，如期限提醒的责任单位。"),
    LIST_SUBJECT_FIELDS,
    LIST_TIME_FIELDS,
    FIELDS_END,
};
static const struct field fields_evidence[] = {
    PAGE_FIELDS, MEMBER("validator", "Validator.", "验证者。"), LIST_TIME_FIELDS, FIELDS_END};

#define LIST(path_, name_, english_, chinese_)                                                     \
    HTTP_GET(path_, serve_##name_, fields_##name_, english_, chinese_)

const struct http_route routes_lists[] = {
    LIST("/v1/duties", duties, "Duties.", "职责列表。"),
    LIST("/v1/entries", entries, "Catalog entries.", "目录条目列表。"),
    LIST("/v1/requests", requests, "Requests, newest first.", "共享申请列表，最新在前。"),
    LIST("/v1/grants", grants, "Grants, newest first.", "授权列表，最新在前。"),
    LIST("/v1/accesses", accesses, "Accesses and their receipts, newest first.",
         "访问记录及回执，最新在前。"),
    LIST("/v1/transactions", transactions, "Transactions, newest first.", "交易列表，最新在前。"),
    LIST("/v1/acts", acts, "What the ledger did by itself, newest first.",
         "自动办理列表，最新在前。"),
    LIST("/v1/evidence", evidence,
         "Evidence of equivocation, newest first: two votes at vote_height, on record "
         "in block height.",
         "双重签名证据，最新在前：vote_height 为双重签名的高度，height 为上链区块。"),
    {.method = NULL},
};
