/* Talking to the node. */
#include "node/cli/cli_node.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/tx.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_S_DEFAULT 60
#define TIMEOUT_S_MAX 86400
#define EXPIRES_S_DEFAULT 600
#define EXPIRES_S_MAX 86400

int cli_node_open(struct cli_node *node, struct cli *cli)
{
    const char *url = cli_setting(cli, "node", "DIRCHAIN_NODE");
    int64_t timeout_s = cli_options_int(&cli->options, "timeout-s", TIMEOUT_S_DEFAULT);
    *node = (struct cli_node){.cli = cli};
    url = url == NULL ? CLI_NODE_DEFAULT : url;
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    if (timeout_s < 1 || timeout_s > TIMEOUT_S_MAX) {
        return cli_usage(cli, "--timeout-s: 1 … %d.", TIMEOUT_S_MAX);
    }
    if (len >= sizeof node->url || !cli_http_url_valid(url)) {
        return cli_usage(cli, "--node %s: 不是节点地址 is not the address of a node.", url);
    }
    (void)snprintf(node->url, sizeof node->url, "%.*s", (int)len, url);
    node->timeout_ms = timeout_s * 1000;
    node->http = cli_http_open();
    return node->http == NULL ? cli_fail(cli, ERR_UNAVAILABLE, "libcurl:") : 0;
}

void cli_node_close(struct cli_node *node)
{
    cli_http_close(&node->http);
}

void cli_url_append(struct buf *out, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    for (; *text != 0; text++) {
        if (strchr(plain, *text) != NULL) {
            buf_append(out, text, 1);
        } else {
            buf_append_format(out, "%%%02X", (unsigned char)*text);
        }
    }
}

/* ---- reading ---- */

int cli_node_answer(struct cli_node *node, struct doc **out, int error,
                    const struct cli_http_answer *answer)
{
    AUTO(doc_free) struct doc *doc = NULL;
    if (error != 0) {
        return cli_fail(node->cli, error, "%s:", node->url);
    }
    bool good = answer->status >= 200 && answer->status < 300;
    error = doc_parse(&doc, view_of_buf(&answer->body), CLI_ANSWER_BYTES_MAX);
    if (good && error == 0) {
        *out = doc_ref(doc);
        return 0;
    }
    if (!good && error == 0 && doc_get_text(doc, "code") != NULL) {
        return cli_problem(node->cli, doc);
    }
    return cli_fail(node->cli, ERR_NETWORK,
                    "%s: 不像目录链节点的答复 does not answer as a dirchain node (HTTP %ld).",
                    node->url, answer->status);
}

static int get(struct cli_node *node, struct doc **out, const char *path, bool may_be_absent)
{
    char url[CLI_URL_BYTES_MAX];
    AUTO(cli_http_answer_free) struct cli_http_answer answer = {0};
    *out = NULL;
    int len = snprintf(url, sizeof url, "%s%s", node->url, path);
    if (len < 0 || (size_t)len >= sizeof url) {
        return cli_fail(node->cli, ERR_FIELD_LENGTH, "%s:", path);
    }
    int error = cli_http_get(node->http, &answer, url, node->timeout_ms);
    if (error == 0 && may_be_absent && answer.status == 404) {
        return 0;
    }
    return cli_node_answer(node, out, error, &answer);
}

int cli_node_get(struct cli_node *node, struct doc **out, const char *path)
{
    return get(node, out, path, false);
}

int cli_node_find(struct cli_node *node, struct doc **out, const char *path)
{
    return get(node, out, path, true);
}

int cli_node_state(struct cli_node *node, struct doc **out, const char *key)
{
    AUTO(doc_free) struct doc *answer = NULL;
    AUTO(buf_free) struct buf path = {0};
    buf_append_text(&path, "/v1/state/");
    for (const char *at = key; *at != 0; at += strcspn(at, "/"), at += *at == '/') {
        AUTO(buf_free) struct buf segment = {0};
        buf_append(&segment, at, strcspn(at, "/"));
        buf_append_text(&path, at == key ? "" : "/");
        cli_url_append(&path, buf_text(&segment));
    }
    int status = cli_node_find(node, &answer, buf_text(&path));
    *out = NULL;
    if (status == 0 && doc_kind(doc_get(answer, "value")) == DOC_OBJECT) {
        *out = doc_ref(doc_get(answer, "value"));
    }
    return status;
}

/* ---- signing ---- */

int cli_signer_peek(struct cli_signer *signer, struct cli *cli)
{
    AUTO(keyfile_close) struct keyfile key = {0};
    const char *path = cli_setting(cli, "key", "DIRCHAIN_KEY");
    *signer = (struct cli_signer){0};
    if (path == NULL) {
        return cli_usage(cli, "请用 --key FILE 或环境变量 DIRCHAIN_KEY 指定密钥文件 Name a key "
                              "file.");
    }
    int error = keyfile_peek(&key, path);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    if (key.kind != KEYFILE_OFFICER || !cli_split_label(signer->member, signer->name, key.label)) {
        return cli_fail(cli, ERR_KEY_INVALID, "%s（%s）不能签署交易 cannot sign transactions.",
                        path, key.label);
    }
    return 0;
}

int cli_signer_open(struct cli_signer *signer, struct cli *cli)
{
    return cli_open_key(cli, &signer->key);
}

void cli_signer_close(struct cli_signer *signer)
{
    keyfile_close(&signer->key);
}

int cli_node_chain(struct cli_node *node, struct cli_chain *out)
{
    AUTO(doc_free) struct doc *status = NULL;
    struct hash pinned;
    struct cli *cli = node->cli;
    const char *pin = cli_setting(cli, "chain", "DIRCHAIN_CHAIN");
    int64_t expires_s = cli_options_int(&cli->options, "expires-s", EXPIRES_S_DEFAULT);
    if (expires_s < 1 || expires_s > EXPIRES_S_MAX) {
        return cli_usage(cli, "--expires-s: 1 … %d.", EXPIRES_S_MAX);
    }
    if (pin != NULL && hash_from_hex(&pinned, pin) != 0) {
        return cli_usage(cli, "--chain: 应为 64 位小写十六进制 takes 64 lower-case hex digits.");
    }
    int result = cli_node_get(node, &status, "/v1/status");
    if (result != 0) {
        return result;
    }
    if (hash_from_hex(&out->genesis, doc_get_text(status, "genesis")) != 0) {
        return cli_fail(cli, ERR_NETWORK, "%s/v1/status:", node->url);
    }
    if (pin != NULL && !hash_equal(&pinned, &out->genesis)) {
        return cli_fail(cli, ERR_TX_CHAIN, "%s:", node->url);
    }
    /* The node's time, not ours: a test chain's clock may be far ahead. */
    int64_t now_ms = doc_get_int(status, "now_ms", clock_wall_ms());
    out->expires_ms = now_ms + expires_s * 1000;
    return 0;
}

int cli_sign(struct cli *cli, struct buf *out, char txid[2 * HASH_BYTES + 1],
             const struct cli_chain *chain, const struct cli_signer *signer, const char *type,
             const struct doc *body)
{
    struct secret_key secret;
    size_t start = out->len;
    const struct tx_draft draft = {.genesis = &chain->genesis,
                                   .member = signer->member,
                                   .key_name = signer->name,
                                   .type = type,
                                   .expires_ms = chain->expires_ms,
                                   .body = body};
    keyfile_secret_key(&secret, &signer->key);
    int error = tx_sign(out, &draft, &secret);
    memory_wipe(&secret, sizeof secret);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", type);
    }
    if (txid != NULL) {
        (void)cli_txid(txid, view_of(out->data + start, out->len - start));
    }
    return 0;
}

bool cli_txid(char out[2 * HASH_BYTES + 1], struct view jws)
{
    size_t len = jws.len;
    while (len > 0 && jws.data[len - 1] != '.') {
        len--;
    }
    if (len < 2) {
        return false;
    }
    struct hash hash = hash_sha256(view_of(jws.data, len - 1));
    hash_to_hex(out, &hash);
    return true;
}

const char *cli_submit_path(const struct cli *cli)
{
    return cli_options_flag(&cli->options, "no-wait") ? "/v1/transactions"
                                                      : "/v1/transactions?wait=committed";
}

int cli_submit(struct cli_node *node, struct doc **out, struct view jws)
{
    char url[CLI_URL_BYTES_MAX];
    AUTO(cli_http_answer_free) struct cli_http_answer answer = {0};
    *out = NULL;
    (void)snprintf(url, sizeof url, "%s%s", node->url, cli_submit_path(node->cli));
    int error = cli_http_post(node->http, &answer, url, "application/jose", jws, node->timeout_ms);
    return cli_node_answer(node, out, error, &answer);
}
