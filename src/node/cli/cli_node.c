/* Talking to the node: its address, its answers. */
#include "node/cli/cli_node.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define TIMEOUT_S_DEFAULT 60
#define TIMEOUT_S_MAX 86400

int cli_node_url(char out[CLI_NODE_URL_BYTES], struct cli *cli, const char *option, const char *url)
{
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') {
        len--;
    }
    if (len >= CLI_NODE_URL_BYTES || !cli_http_url_valid(url)) {
        return cli_usage(cli, "--%s %s: 不是节点地址 is not the address of a node.", option, url);
    }
    (void)snprintf(out, CLI_NODE_URL_BYTES, "%.*s", (int)len, url);
    return 0;
}

int cli_node_timeout(int64_t *out_ms, struct cli *cli)
{
    int64_t timeout_s = cli_options_int(&cli->options, "timeout-s", TIMEOUT_S_DEFAULT);
    if (timeout_s < 1 || timeout_s > TIMEOUT_S_MAX) {
        return cli_usage(cli, "--timeout-s: 1 … %d.", TIMEOUT_S_MAX);
    }
    *out_ms = timeout_s * 1000;
    return 0;
}

int cli_node_open(struct cli_node *node, struct cli *cli)
{
    const char *url = cli_setting(cli, "node", "DIRCHAIN_NODE");
    *node = (struct cli_node){.cli = cli};
    int status = cli_node_timeout(&node->timeout_ms, cli);
    status = status != 0
                 ? status
                 : cli_node_url(node->url, cli, "node", url == NULL ? CLI_NODE_DEFAULT : url);
    if (status != 0) {
        return status;
    }
    node->http = cli_http_open();
    return node->http == NULL ? cli_fail(cli, ERR_UNAVAILABLE, "libcurl:") : 0;
}

void cli_node_close(struct cli_node *node)
{
    cli_http_close(&node->http);
    passphrase_free(&node->token);
}

int cli_node_authorise(struct cli_node *node)
{
    const char *path = cli_setting(node->cli, "token-file", "DIRCHAIN_TOKEN_FILE");
    if (path == NULL) {
        return cli_usage(node->cli, "请用 --token-file FILE 给出节点令牌 Give the node's token.");
    }
    int error = passphrase_read_file(&node->token, path);
    for (size_t i = 0; error == 0 && i < node->token.len; i++) {
        error = node->token.text[i] > ' ' && node->token.text[i] < 0x7F ? 0 : ERR_FIELD_FORMAT;
    }
    if (error != 0) {
        return cli_fail(node->cli, error, "%s:", path);
    }
    cli_http_set_token(node->http, node->token.text);
    return 0;
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

void cli_url_append_path(struct buf *out, const char *text)
{
    for (size_t len; *text != 0; text += len + (text[len] == '/')) {
        AUTO(buf_free) struct buf segment = {0};
        len = strcspn(text, "/");
        buf_append(&segment, text, len);
        cli_url_append(out, buf_text(&segment));
        buf_append_text(out, text[len] == '/' ? "/" : "");
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

/* A record that is not there; the problem does not name it, the path does. */
static bool is_absence(const struct cli_http_answer *answer)
{
    AUTO(doc_free) struct doc *doc = NULL;
    return answer->status == 404 &&
           doc_parse(&doc, view_of_buf(&answer->body), CLI_ANSWER_BYTES_MAX) == 0 &&
           doc_text_is(doc, "code", error_code(ERR_NOT_FOUND));
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
    if (error == 0 && is_absence(&answer)) {
        return cli_fail(node->cli, ERR_SUBJECT, "%s:", path);
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

int cli_node_post(struct cli_node *node, struct doc **out, const char *path, const struct doc *body)
{
    char url[CLI_URL_BYTES_MAX];
    AUTO(buf_free) struct buf text = {0};
    AUTO(cli_http_answer_free) struct cli_http_answer answer = {0};
    *out = NULL;
    (void)snprintf(url, sizeof url, "%s%s", node->url, path);
    if (body != NULL) {
        doc_append_canonical(&text, body);
    }
    int error = cli_http_post(node->http, &answer, url, "application/json", view_of_buf(&text),
                              node->timeout_ms);
    return cli_node_answer(node, out, error, &answer);
}

int cli_node_state(struct cli_node *node, struct doc **out, const char *key)
{
    AUTO(doc_free) struct doc *answer = NULL;
    AUTO(buf_free) struct buf path = {0};
    buf_append_text(&path, "/v1/state/");
    cli_url_append_path(&path, key);
    int status = cli_node_find(node, &answer, buf_text(&path));
    *out = NULL;
    if (status == 0 && doc_kind(doc_get(answer, "value")) == DOC_OBJECT) {
        *out = doc_ref(doc_get(answer, "value"));
    }
    return status;
}

/* ---- submitting ---- */

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
