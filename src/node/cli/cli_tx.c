/* dirchain tx: transactions as such.
 *
 *   sign     body and key → JWS, on a machine that need not reach any node
 *   submit   JWS → node     show, receipt, wait   what became of it */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define POLL_MS 250

/* ---- sign ---- */

static int chain_of(struct cli *cli, struct cli_chain *chain, const struct cli_signer *signer)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    if (cli_options_flag(&cli->options, "offline")) {
        return cli_chain_open_offline(chain, cli, signer);
    }
    int status = cli_node_open(&node, cli);
    return status != 0 ? status : cli_chain_open(chain, &node, signer);
}

static int run_sign(struct cli *cli)
{
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(doc_free) struct doc *body = NULL;
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf jws = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    char txid[2 * HASH_BYTES + 1];
    const char *type = cli_options_text(&cli->options, "type");
    const char *path = cli_options_text(&cli->options, "out");
    if (schema_find(type) == NULL) {
        return cli_fail(cli, ERR_TX_TYPE, "%s:", type);
    }
    int status =
        cli_read_doc(cli, &body, cli_options_text(&cli->options, "body"), TX_PAYLOAD_BYTES_MAX);
    status = status != 0 ? status : cli_act_check(cli, type, body);
    status = status != 0 ? status : cli_signer_peek(&signer, cli);
    status = status != 0 ? status : chain_of(cli, &chain, &signer);
    status = status != 0 ? status : cli_signer_open(&signer, cli);
    status = status != 0 ? status : cli_sign(cli, &jws, txid, &chain, &signer, type, body);
    if (status != 0) {
        return status;
    }
    doc_set_text(result, "txid", txid);
    doc_set_text(result, "jws", buf_text(&jws));
    if (path == NULL) {
        buf_append_view(&words, view_of_buf(&jws));
        buf_append_text(&words, "\n");
        return cli_result(cli, result, &words);
    }
    int error = file_create(path, view_of_buf(&jws), 0644);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    buf_append_format(&words, "已签名 Signed: %s\n  交易 txid  %s\n", path, txid);
    return cli_result(cli, result, &words);
}

/* ---- submit, show, receipt, wait ---- */

static int run_submit(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(buf_free) struct buf jws = {0};
    AUTO(buf_free) struct buf words = {0};
    AUTO(doc_free) struct doc *answer = NULL;
    char txid[2 * HASH_BYTES + 1];
    const char *path = cli->options.arguments[0];
    int error = file_read(&jws, path, TX_BYTES_MAX);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    while (jws.len > 0 && strchr(" \r\n\t", jws.data[jws.len - 1]) != NULL) {
        jws.len--;
    }
    if (!cli_txid(txid, view_of_buf(&jws))) {
        return cli_fail(cli, ERR_TX_FORM, "%s:", path);
    }
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_submit(&node, &answer, view_of_buf(&jws));
    if (status != 0) {
        return status;
    }
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    int64_t height = 0;
    status = cli_chain_open(&chain, &node, NULL);
    status = status != 0 ? status : cli_receipt_check(cli, &height, &chain, answer, txid);
    if (status != 0) {
        return status;
    }
    cli_append_committed(&words, "", txid, height);
    return cli_result(cli, answer, &words);
}

static int run_show(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    buf_append_text(&path, "/v1/transactions/");
    cli_url_append(&path, cli->options.arguments[0]);
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &record, buf_text(&path));
    if (status != 0) {
        return status;
    }
    const struct tx_type *type = schema_find(doc_get_text(record, "type"));
    if (type != NULL) {
        buf_append_format(&words, "%s %s\n", type->chinese, type->english);
    }
    cli_record_append(&words, record, NULL, cli->columns);
    return cli_result(cli, record, &words);
}

static int run_receipt(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *receipt = NULL;
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    const char *out = cli_options_text(&cli->options, "out");
    buf_append_text(&path, "/v1/transactions/");
    cli_url_append(&path, cli->options.arguments[0]);
    buf_append_text(&path, "/receipt");
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : cli_node_get(&node, &receipt, buf_text(&path));
    if (status == 0 && out != NULL) {
        status = cli_write_doc(cli, receipt, out, 0644);
    }
    if (status != 0) {
        return status;
    }
    if (out == NULL) {
        doc_append_pretty(&words, receipt);
        buf_append_text(&words, "\n");
    } else {
        buf_append_format(&words, "存证回执 Receipt: %s\n", out);
    }
    return cli_result(cli, receipt, &words);
}

static void sleep_ms(int64_t ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* Asks until the transaction is in a block, or the time is over. */
static int run_wait(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf words = {0};
    const char *txid = cli->options.arguments[0];
    buf_append_text(&path, "/v1/transactions/");
    cli_url_append(&path, txid);
    int status = cli_node_open(&node, cli);
    for (int64_t end_ms = clock_monotonic_ms() + node.timeout_ms; status == 0;) {
        AUTO(doc_free) struct doc *record = NULL;
        status = cli_node_find(&node, &record, buf_text(&path));
        int64_t height = doc_get_int(record, "height", 0);
        if (status == 0 && height > 0) {
            cli_append_committed(&words, doc_get_text(record, "type"), txid, height);
            return cli_result(cli, record, &words);
        }
        if (status == 0 && clock_monotonic_ms() >= end_ms) {
            return cli_fail(cli, ERR_TIMEOUT, "%s:", txid);
        }
        sleep_ms(POLL_MS);
    }
    return status;
}

static const struct cli_option options_sign[] = {
    {"type", CLI_TEXT, true, "TYPE", "Transaction type, such as catalog.submit.",
     "交易类型，如 catalog.submit。", NULL},
    {"body", CLI_TEXT, true, "FILE", "JSON file with the body.", "交易内容 JSON 文件。", NULL},
    {"out", CLI_TEXT, false, "FILE", "Where the JWS goes (default: standard output).",
     "JWS 写出的文件（默认标准输出）。", NULL},
    {"offline", CLI_FLAG, false, NULL,
     "Ask no node: --genesis or --chain names the chain, our clock the time.",
     "不联系节点，由 --genesis 或 --chain 指明所属链，按本机时钟计时。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_receipt[] = {
    {"out", CLI_TEXT, false, "FILE", "Where the receipt goes; not overwritten.",
     "写出的文件，不覆盖。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};

static const struct cli_option options_list[] = {
    {"member", CLI_TEXT, false, "CODE", "Signed by this agency only.", "仅此单位签署的。", NULL},
    {"key", CLI_TEXT, false, "NAME", "Signed with the key of this name only.", "仅此密钥签署的。",
     NULL},
    {"type", CLI_TEXT, false, "TYPE", "Of this type only.", "仅此类型。", NULL},
    {"subject", CLI_TEXT, false, "KEY", "About this record only: entry/<member>/<code> …",
     "仅涉及此记录的，如 entry/<成员>/<代码>。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_acts[] = {
    {"effect", CLI_TEXT, false, "WORD", "With this effect only: deemed-approved …",
     "仅此效果，如 deemed-approved。", NULL},
    {"subject", CLI_TEXT, false, "KEY", "About this record only: request/<txid> …",
     "仅涉及此记录的，如 request/<编号>。", NULL},
    {"mine", CLI_FLAG, false, NULL, "Told to the agency whose key --key names: warnings …",
     "仅告知 --key 所属单位的，如期限提醒。", NULL},
    {"member", CLI_TEXT, false, "CODE", "Told to this agency only.", "仅告知此单位的。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_list[] = {
    {.title = "高度", .path = "height", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_BRIEF_TIME, .keep = true},
    {.title = "单位 member", .path = "member", .keep = true},
    {.title = "密钥", .path = "key"},
    {.title = "类型 type", .path = "type", .keep = true},
    {.title = "交易 txid", .path = "txid", .as = CLI_AS_HASH},
    {.title = NULL},
};
static const struct cli_column columns_acts[] = {
    {.title = "高度", .path = "height", .right = true},
    {.title = "时间 time", .path = "time_ms", .as = CLI_AS_BRIEF_TIME, .keep = true},
    {.title = "依据", .path = "clause"},
    {.title = "效果 effect", .path = "effect", .as = CLI_AS_WORD, .keep = true},
    {.title = "告知 told", .path = "member", .as = CLI_AS_MEMBER, .rare = true},
    {.title = "期限 term", .path = "chinese", .rare = true},
    {.title = "届满 due",
     .path = "due_ms",
     .as = CLI_AS_DATE,
     .keep = true,
     .end = true,
     .rare = true},
    {.title = "对象 subject", .path = "subject", .below = true},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/transactions", .columns = columns_list};
static const struct cli_view view_acts = {.path = "/v1/acts", .columns = columns_acts};

#define ON_TX(word, zh, en, table, function)                                                       \
    {                                                                                              \
        .name = (word), .arguments = "TXID", .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_NEEDS_NODE, .options = (table),             \
        .run = (function)                                                                          \
    }

const struct cli_command cli_tx_commands[] = {
    {.name = "sign",
     .chinese = "签署任意类型的交易，可离线。",
     .english = "Sign a transaction of any type; offline if need be.",
     .needs = CLI_WRITES,
     .options = options_sign,
     .run = run_sign},
    {.name = "submit",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "提交已签署的交易（JWS 文件）。",
     .english = "Submit a signed transaction (a file with a JWS).",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_SUBMIT,
     .run = run_submit},
    ON_TX("show", "显示一笔交易。", "Show a transaction.", NULL, run_show),
    ON_TX("receipt", "取得存证回执（交易、证明、区块头、共识证书）。",
          "Get a receipt: transaction, proofs, header and certificate.", options_receipt,
          run_receipt),
    ON_TX("wait", "等待交易上链。", "Wait until a transaction is in a block.", NULL, run_wait),
    {.name = "list",
     .chinese = "列出交易，最新在前。",
     .english = "List transactions, newest first.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = "acts",
     .chinese = "列出账本依期限自动办理的事项，最新在前。",
     .english = "List what the ledger did by itself when terms ended, newest first.",
     .needs = CLI_NEEDS_NODE | CLI_NEEDS_KEY,
     .options = options_acts,
     .view = &view_acts,
     .run = cli_view_list},
    {.name = NULL},
};
