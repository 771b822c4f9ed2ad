/* Taking an audit pack from a node. The head and the end are put together here; between them stand
 * the node's own lines. That a receipt is the one asked for is seen here, all else when the pack is
 * verified. */
#include "node/cli/cli_pack.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "chain/header.h"
#include "chain/tx.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* ---- what to take ---- */

static bool txid_valid(const char *text)
{
    struct hash txid;
    return hash_from_hex(&txid, text) == 0;
}

int cli_pack_plan(struct cli_pack_plan *out, struct cli *cli)
{
    bool bounded = cli_options_text(&cli->options, "from") != NULL ||
                   cli_options_text(&cli->options, "to") != NULL;
    int64_t from = cli_options_int(&cli->options, "from", 1);
    int64_t to = cli_options_int(&cli->options, "to", INT64_MAX);
    size_t count = cli_options_count(&cli->options, "tx");
    *out = (struct cli_pack_plan){.receipts = count > 0};
    if (from < 1 || to < 1) {
        return cli_usage(cli, "--%s %" PRId64 ": 高度自 1 起 Heights begin at 1.",
                         from < 1 ? "from" : "to", from < 1 ? from : to);
    }
    if (to < from) {
        return cli_usage(cli,
                         "--from %" PRId64 " --to %" PRId64 ": 起始高度在终止高度之后 The "
                         "first height is above the last.",
                         from, to);
    }
    if (count > 0 && bounded) {
        return cli_usage(cli, "--tx 与 --from、--to 不能并用 --tx goes with neither --from nor "
                              "--to.");
    }
    for (size_t i = 0; i < count; i++) {
        const char *txid = cli_options_text_at(&cli->options, "tx", i);
        if (!txid_valid(txid)) {
            return cli_usage(cli,
                             "--tx %s: 不是 64 位小写十六进制的交易号 Not a txid: 64 "
                             "lower-case hexadecimal digits.",
                             txid);
        }
    }
    out->from = (uint64_t)from;
    out->to = cli_options_text(&cli->options, "to") == NULL ? 0 : (uint64_t)to;
    return 0;
}

/* ---- a range ---- */

static int fetch_line(struct cli_node *node, FILE *file, const char *path, struct doc **out)
{
    AUTO(doc_free) struct doc *line = NULL;
    int status = cli_node_get(node, &line, path);
    int error = status == 0 ? pack_write_line(file, line) : 0;
    if (error != 0) {
        status = cli_fail(node->cli, error, "写审计包 Writing the pack:");
    }
    if (status == 0 && out != NULL) {
        *out = doc_ref(line);
    }
    return status;
}

static int put_line(struct cli *cli, FILE *file, struct doc *line)
{
    AUTO(doc_free) struct doc *owned = line;
    int error = pack_write_line(file, owned);
    return error == 0 ? 0 : cli_fail(cli, error, "写审计包 Writing the pack:");
}

static int node_tip(struct cli_node *node, uint64_t *height)
{
    AUTO(doc_free) struct doc *status = NULL;
    int code = cli_node_get(node, &status, "/v1/status");
    *height = (uint64_t)doc_get_int(doc_get(status, "tip"), "height", 0);
    return code;
}

static int header_of_line(struct header *out, const struct doc *line)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = doc_get_bytes(&bytes, line, "header", HEADER_BYTES);
    struct reader reader = reader_of(view_of_buf(&bytes));
    return error != 0 ? error : header_decode(out, &reader);
}

/* Blocks from … to, one line each; *last is the hash of the last one. */
static int fetch_blocks(struct cli_node *node, FILE *file, uint64_t from, uint64_t to,
                        struct hash *last)
{
    struct cli_progress progress =
        cli_progress_start("取回区块 Fetching blocks", to - from + 1, node->cli->json);
    int status = 0;
    for (uint64_t height = from; status == 0 && height <= to; height++) {
        AUTO(doc_free) struct doc *line = NULL;
        struct header header;
        char path[96];
        (void)snprintf(path, sizeof path, "/v1/packs/blocks/%" PRIu64 "%s", height,
                       from > 1 ? "?keys=1" : "");
        status = fetch_line(node, file, path, &line);
        if (status == 0 && header_of_line(&header, line) != 0) {
            status = cli_fail(node->cli, ERR_BLOCK_FORM, "%s:", path);
        }
        if (status == 0) {
            header_hash(last, &header);
        }
        cli_progress_step(&progress, height - from + 1);
    }
    cli_progress_end(&progress);
    return status;
}

static int fetch_range(struct cli_node *node, FILE *file, const struct pack_trust *trust,
                       uint64_t from, uint64_t to)
{
    struct cli *cli = node->cli;
    struct hash last = {0};
    char path[64];
    int status = put_line(cli, file, pack_head_line(&trust->genesis_hash, "range", from, to));
    if (status == 0) {
        status = put_line(cli, file, pack_genesis_line(trust->genesis));
    }
    if (status == 0 && from > 1) {
        (void)snprintf(path, sizeof path, "/v1/packs/start/%" PRIu64, from - 1);
        status = fetch_line(node, file, path, NULL);
    }
    if (status == 0) {
        status = fetch_blocks(node, file, from, to, &last);
    }
    return status != 0 ? status : put_line(cli, file, pack_end_line(to - from + 1, &last));
}

/* Heights that the ledger does not have (yet) are refused by name. */
static int fetch_known_range(struct cli_node *node, FILE *file, const struct pack_trust *trust,
                             const struct cli_pack_plan *plan)
{
    uint64_t tip = 0;
    int status = node_tip(node, &tip);
    if (status != 0) {
        return status;
    }
    uint64_t from = plan->from == 0 ? 1 : plan->from;
    uint64_t to = plan->to == 0 ? tip : plan->to;
    if (from > tip || to > tip) {
        return cli_fail(node->cli, ERR_FIELD_RANGE,
                        "--%s %" PRIu64 "（最新高度 newest height %" PRIu64 "）:",
                        from > tip ? "from" : "to", from > tip ? from : to, tip);
    }
    return fetch_range(node, file, trust, from, to);
}

/* ---- receipts ---- */

/* Whether the receipt is of the transaction that was asked for. */
static bool receipt_is_of(const struct doc *receipt, const struct pack_trust *trust,
                          const char *txid)
{
    AUTO(tx_free) struct tx *tx = NULL;
    struct hash expected;
    const char *raw = doc_get_text(receipt, "transaction");
    return raw != NULL && hash_from_hex(&expected, txid) == 0 &&
           tx_parse(&tx, NULL, view_of_text(raw), &trust->genesis_hash) == 0 &&
           hash_equal(&tx->id, &expected);
}

static int fetch_receipt(struct cli_node *node, struct doc *receipts,
                         const struct pack_trust *trust, const char *txid)
{
    char path[2 * HASH_BYTES + 32];
    struct doc *receipt = NULL;
    (void)snprintf(path, sizeof path, "/v1/transactions/%s/receipt", txid);
    int status = cli_node_find(node, &receipt, path);
    if (status != 0) {
        return status;
    }
    if (receipt == NULL) {
        (void)cli_fail(node->cli, ERR_NOT_FOUND, "--tx %s:", txid);
        return CLI_REFUSED; /* the ledger has no such transaction; nothing is wrong around us */
    }
    doc_push(receipts, receipt);
    return receipt_is_of(receipt, trust, txid)
               ? 0
               : cli_fail(node->cli, ERR_PACK,
                          "--tx %s: 节点给出了另一份回执 The node gave another receipt:", txid);
}

static bool named_before(const struct cli *cli, size_t index)
{
    const char *txid = cli_options_text_at(&cli->options, "tx", index);
    for (size_t i = 0; i < index; i++) {
        if (strcmp(cli_options_text_at(&cli->options, "tx", i), txid) == 0) {
            return true;
        }
    }
    return false;
}

static int fetch_receipts(struct cli_node *node, FILE *file, const struct pack_trust *trust)
{
    struct cli *cli = node->cli;
    AUTO(doc_free) struct doc *receipts = doc_new_array();
    size_t count = cli_options_count(&cli->options, "tx");
    for (size_t i = 0; i < count; i++) {
        const char *txid = cli_options_text_at(&cli->options, "tx", i);
        int status = named_before(cli, i) ? 0 : fetch_receipt(node, receipts, trust, txid);
        if (status != 0) {
            return status;
        }
    }
    int error = pack_write_receipts(file, &trust->genesis_hash, trust->genesis, receipts);
    return error == 0 ? 0 : cli_fail(cli, error, "写审计包 Writing the pack:");
}

/* ---- */

/* Before anything is fetched: what another chain certified would read like a forgery. */
static int check_chain(struct cli_node *node, const struct pack_trust *trust)
{
    AUTO(doc_free) struct doc *status = NULL;
    char expected[2 * HASH_BYTES + 1];
    int code = cli_node_get(node, &status, "/v1/status");
    hash_to_hex(expected, &trust->genesis_hash);
    if (code != 0 || doc_text_is(status, "chain", expected)) {
        return code;
    }
    return cli_fail(node->cli, ERR_NODE_CHAIN, "%s: --genesis %s:", node->url, expected);
}

int cli_pack_fetch(struct cli *cli, FILE *file, const struct pack_trust *trust,
                   const struct cli_pack_plan *plan)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    int status = cli_node_open(&node, cli);
    status = status != 0 ? status : check_chain(&node, trust);
    if (status == 0) {
        status = plan->receipts ? fetch_receipts(&node, file, trust)
                                : fetch_known_range(&node, file, trust, plan);
    }
    if (status == 0 && fflush(file) != 0) {
        status = cli_fail(cli, file_error(errno), "写审计包 Writing the pack:");
    }
    return status;
}
