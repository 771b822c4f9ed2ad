/* dirchain transfer: data moves between two gateways; this only asks our own node's gateway, with a
 * token that stands for its gateway key, and watches. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exchange/gateway.h"
#include "node/cli/cli_request.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_MS 200

static const struct cli_act act_open = {.fields = gateway_transfer_fields, .arguments = "grant"};

static void append_transfer(struct buf *words, const struct doc *transfer)
{
    static const struct cli_column as_word = {.title = "", .as = CLI_AS_WORD};
    const char *error = doc_get_text(transfer, "error");
    const char *path = doc_get_text(transfer, "path");
    const struct doc *reconciled = doc_get(transfer, "reconciled");
    buf_append_format(words, "传输 transfer  %s\n  状态 state  ", doc_get_text(transfer, "id"));
    cli_value_append(words, doc_get(transfer, "state"), &as_word);
    buf_append_format(words, "\n  数据 data   %" PRId64 " / %" PRId64 " 字节 bytes\n",
                      doc_get_int(transfer, "bytes_done", 0), doc_get_int(transfer, "bytes", 0));
    if (reconciled != NULL) {
        buf_append_text(words, "  对账 receipts  ");
        cli_value_append(words, reconciled, &as_word);
        buf_append_text(words, "\n");
    }
    if (path != NULL) {
        buf_append_format(words, "  收件箱中 in the inbox:\n  %s\n", path);
    }
    if (error != NULL) {
        buf_append_format(words, "  %s %s [%s]\n", doc_get_text(transfer, "error_detail_zh"),
                          doc_get_text(transfer, "error_detail"), error);
    }
}

static int tell(struct cli *cli, const struct doc *transfer)
{
    AUTO(buf_free) struct buf words = {0};
    append_transfer(&words, transfer);
    (void)cli_result(cli, transfer, &words);
    bool failed =
        doc_get_bool(transfer, "over", false) && !doc_text_is(transfer, "state", "complete");
    return failed ? CLI_REFUSED : CLI_OK;
}

static int open_gateway(struct cli_node *node, struct cli *cli)
{
    int status = cli_node_open(node, cli);
    return status != 0 ? status : cli_node_authorise(node);
}

/* ---- following ---- */

static void pause_ms(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Asks until it is over, and shows how far it is. Interrupted or timed out, the transfer goes on by
 * itself: the gateway moves it, not we. */
static int follow(struct cli_node *node, struct doc **out, const char *id)
{
    AUTO(buf_free) struct buf path = {0};
    struct cli_progress progress = cli_progress_start("传输 Moving", 0, node->cli->json);
    int64_t end_ms = clock_monotonic_ms() + node->timeout_ms;
    int status = 0;
    buf_append_text(&path, "/v1/transfers/");
    cli_url_append(&path, id);
    for (;;) {
        doc_free(out);
        status = cli_node_get(node, out, buf_text(&path));
        if (status != 0 || doc_get_bool(*out, "over", false)) {
            break;
        }
        progress.total = (uint64_t)doc_get_int(*out, "bytes", 0);
        cli_progress_step(&progress, (uint64_t)doc_get_int(*out, "bytes_done", 0));
        if (clock_monotonic_ms() >= end_ms) {
            status = cli_fail(node->cli, ERR_TIMEOUT,
                              "%s: 传输仍在进行 The transfer goes on by itself.", id);
            break;
        }
        pause_ms(POLL_MS);
    }
    cli_progress_end(&progress);
    return status;
}

/* ---- commands ---- */

/* System and purpose must be those granted, word for word: taken from the grant if not given. */
static int complete(struct cli_node *node, struct doc *body)
{
    static const char *const granted[] = {"system", "purpose"};
    AUTO(doc_free) struct doc *grant = NULL;
    AUTO(buf_free) struct buf key = {0};
    char id[2 * HASH_BYTES + 1];
    int status = cli_request_id(node, id, node->cli->options.arguments[0]);
    if (status != 0) {
        return status;
    }
    doc_set_text(body, "grant", id);
    buf_append_format(&key, "grant/%s", id);
    status = cli_node_state(node, &grant, buf_text(&key));
    if (status == 0 && grant == NULL) {
        return cli_fail(node->cli, ERR_SUBJECT, "%s:", buf_text(&key));
    }
    for (size_t i = 0; status == 0 && i < sizeof granted / sizeof *granted; i++) {
        const struct doc *value = doc_get(grant, granted[i]);
        if (value != NULL && doc_get(body, granted[i]) == NULL) {
            doc_set(body, granted[i], doc_ref(value));
        }
    }
    return status;
}

static int run_open(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(doc_free) struct doc *transfer = NULL;
    struct faults faults = {0};
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : open_gateway(&node, cli);
    status = status != 0 ? status : complete(&node, body);
    if (status == 0 && schema_check_fields(gateway_transfer_fields, body, NULL, &faults) != 0) {
        status = cli_refuse(cli, &faults, "传输请求有误 The transfer was not asked for.");
    }
    status = status != 0 ? status : cli_node_post(&node, &transfer, "/v1/transfers", body);
    if (status == 0 && !cli_options_flag(&cli->options, "no-wait")) {
        AUTO(buf_free) struct buf id = {0};
        buf_append_text(&id, doc_get_text(transfer, "id"));
        status = follow(&node, &transfer, buf_text(&id));
    }
    return status != 0 ? status : tell(cli, transfer);
}

static int run_get(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *transfer = NULL;
    int status = open_gateway(&node, cli);
    status = status != 0 ? status : follow(&node, &transfer, cli->options.arguments[0]);
    return status != 0 ? status : tell(cli, transfer);
}

static int run_status(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *transfer = NULL;
    AUTO(buf_free) struct buf path = {0};
    buf_append_text(&path, "/v1/transfers/");
    cli_url_append(&path, cli->options.arguments[0]);
    int status = open_gateway(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &transfer, buf_text(&path));
    return status != 0 ? status : tell(cli, transfer);
}

static int run_opening(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *opening = NULL;
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    buf_append_text(&path, "/v1/transfers/");
    cli_url_append(&path, cli->options.arguments[0]);
    buf_append_text(&path, "/opening");
    int status = open_gateway(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &opening, buf_text(&path));
    if (status != 0) {
        return status;
    }
    doc_append_pretty(&words, opening);
    buf_append_text(&words, "\n");
    return cli_result(cli, opening, &words);
}

static int run_erase(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *erased = NULL;
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    buf_append_text(&path, "/v1/transfers/");
    cli_url_append(&path, cli->options.arguments[0]);
    buf_append_text(&path, "/erase");
    int status = open_gateway(&node, cli);
    status = status != 0 ? status : cli_node_post(&node, &erased, buf_text(&path), NULL);
    if (status != 0) {
        return status;
    }
    buf_append_format(&words, "承诺值原文已永久删除 The openings are erased: %s\n",
                      cli->options.arguments[0]);
    return cli_result(cli, erased, &words);
}

/* ---- tables ---- */

static const struct cli_option options_open[] = {
    {"no-wait", CLI_FLAG, false, NULL, "Start it, and do not wait for its end.",
     "仅发起，不等待结束。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_reconcile[] = {
    {"overdue", CLI_FLAG, false, NULL, "Only those whose time is over.", "仅列出已超时的。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_transfers[] = {
    {.title = "传输 transfer", .path = "id", .as = CLI_AS_HASH, .keep = true},
    {.title = "提供方 provider", .path = "provider", .keep = true},
    {.title = "状态", .path = "state", .as = CLI_AS_WORD},
    {.title = "已收 done", .path = "bytes_done", .right = true},
    {.title = "字节 bytes", .path = "bytes", .right = true},
    {.title = "更新 updated", .path = "updated_ms", .as = CLI_AS_BRIEF_TIME},
    {.title = NULL},
};
static const struct cli_column columns_reconcile[] = {
    {.title = "访问 open", .path = "open", .as = CLI_AS_HASH, .keep = true},
    {.title = "提供方 provider", .path = "provider", .keep = true},
    {.title = "使用方 consumer", .path = "consumer", .keep = true},
    {.title = "情形 status", .path = "status", .as = CLI_AS_WORD},
    {.title = "超时", .path = "overdue"},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/transfers", .columns = columns_transfers};
static const struct cli_view view_reconcile = {
    .path = "/v1/reconciliation",
    .columns = columns_reconcile,
    .none = "对账无差异：所查范围内没有回执不一致或缺失的访问。\n"
            "Reconciled: of what was asked for, no access differs or lacks a receipt.\n",
    .flag = "true"};

#define ON_TRANSFER(word, zh, en, function)                                                        \
    {                                                                                              \
        .name = (word), .arguments = "TRANSFER", .arguments_min = 1, .arguments_max = 1,           \
        .chinese = (zh), .english = (en), .needs = CLI_NEEDS_NODE | CLI_NEEDS_TOKEN,               \
        .run = (function)                                                                          \
    }

const struct cli_command cli_transfer_commands[] = {
    {.name = "open",
     .arguments = "GRANT",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "依授权发起传输；系统和用途缺省时取自授权。中断后由网关自动续传。",
     .english = "Start a transfer under a grant; system and purpose come from the grant if not "
                "given. The gateway resumes it by itself.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_TOKEN,
     .options = options_open,
     .act = &act_open,
     .run = run_open},
    ON_TRANSFER("get", "等待传输结束。", "Wait for a transfer's end.", run_get),
    ON_TRANSFER("status", "显示传输的状态与进度。", "Show a transfer's state and progress.",
                run_status),
    ON_TRANSFER("opening", "显示访问记录中承诺值的原文（本网关所保存的）。",
                "Show what an access's commitments stand for, as this gateway keeps it.",
                run_opening),
    ON_TRANSFER("erase", "永久删除已结束传输的承诺值原文。",
                "Erase the openings of a finished transfer's commitments, for ever.", run_erase),
    {.name = "list",
     .chinese = "列出本网关的传输。",
     .english = "List transfers of this node's gateway.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_TOKEN,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = "reconcile",
     .chinese = "对账：列出回执不一致或缺失的访问。",
     .english = "Reconcile: list every access whose receipts differ or lack a side.",
     .needs = CLI_NEEDS_NODE,
     .options = options_reconcile,
     .view = &view_reconcile,
     .run = cli_view_list},
    {.name = NULL},
};
