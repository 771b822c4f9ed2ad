/* Signing on this machine, for one chain, until a time; and judging the receipt that comes back. */
#include "node/cli/cli_node.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/receipt.h"
#include "chain/tx.h"
#include "genesis/genesis.h"

#include <stdio.h>
#include <string.h>

#define EXPIRES_S_DEFAULT 600
#define EXPIRES_S_MAX 86400

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
    signer->light = key.cost == KEYFILE_COST_LIGHT;
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

/* ---- the chain ---- */

void cli_chain_close(struct cli_chain *chain)
{
    doc_free(&chain->genesis);
}

/* What the command line says of the chain; *pinned tells whether it says anything. */
static int chain_pin(struct cli *cli, struct cli_chain *out, bool *pinned)
{
    struct faults faults = {0};
    struct hash hash;
    const char *path = cli_setting(cli, "genesis", "DIRCHAIN_GENESIS");
    const char *hex = cli_setting(cli, "chain", "DIRCHAIN_CHAIN");
    *out = (struct cli_chain){.genesis = NULL};
    *pinned = path != NULL || hex != NULL;
    if (hex != NULL && hash_from_hex(&out->hash, hex) != 0) {
        return cli_usage(cli, "--chain: 应为 64 位小写十六进制 takes 64 lower-case hex digits.");
    }
    if (path == NULL) {
        return 0;
    }
    if (genesis_load(&out->genesis, &hash, &faults, path) != 0) {
        return cli_refuse(cli, &faults, "%s: 创世文件未通过核验 The genesis does not verify.",
                          path);
    }
    if (hex != NULL && !hash_equal(&hash, &out->hash)) {
        cli_chain_close(out);
        return cli_fail(cli, ERR_TX_CHAIN, "--genesis %s, --chain %s:", path, hex);
    }
    out->hash = hash;
    out->test = doc_get_bool(out->genesis, "test", false);
    return 0;
}

static int chain_admits(struct cli *cli, const struct cli_chain *chain,
                        const struct cli_signer *signer)
{
    bool weak = signer != NULL && signer->light && !chain->test;
    return weak ? cli_fail(cli, ERR_KEYFILE_LIGHT, "%s/%s:", signer->member, signer->name) : 0;
}

static int chain_expiry(struct cli *cli, struct cli_chain *chain, int64_t now_ms)
{
    int64_t expires_s = cli_options_int(&cli->options, "expires-s", EXPIRES_S_DEFAULT);
    if (expires_s < 1 || expires_s > EXPIRES_S_MAX) {
        return cli_usage(cli, "--expires-s: 1 … %d.", EXPIRES_S_MAX);
    }
    chain->expires_ms = now_ms + expires_s * 1000;
    return 0;
}

int cli_chain_open(struct cli_chain *out, struct cli_node *node, const struct cli_signer *signer)
{
    AUTO(doc_free) struct doc *status = NULL;
    struct hash said;
    bool pinned;
    int result = chain_pin(node->cli, out, &pinned);
    result = result != 0 ? result : cli_node_get(node, &status, "/v1/status");
    if (result != 0) {
        return result;
    }
    if (hash_from_hex(&said, doc_get_text(status, "chain")) != 0) {
        return cli_fail(node->cli, ERR_NETWORK, "%s/v1/status: chain:", node->url);
    }
    if (pinned && !hash_equal(&said, &out->hash)) {
        return cli_fail(node->cli, ERR_TX_CHAIN, "%s:", node->url);
    }
    out->hash = said;
    if (out->genesis == NULL) {
        out->test = doc_get_bool(status, "test", false);
    }
    result = chain_admits(node->cli, out, signer);
    if (result != 0) {
        return result;
    }
    /* The node's time, not ours: a test chain's clock may be far ahead. */
    return chain_expiry(node->cli, out, doc_get_int(status, "now_ms", clock_wall_ms()));
}

int cli_chain_open_offline(struct cli_chain *out, struct cli *cli, const struct cli_signer *signer)
{
    bool pinned;
    int result = chain_pin(cli, out, &pinned);
    if (result == 0 && !pinned) {
        result = cli_usage(cli, "--offline 须同时给出 --genesis 或 --chain needs --genesis or "
                                "--chain.");
    }
    result = result != 0 ? result : chain_admits(cli, out, signer);
    return result != 0 ? result : chain_expiry(cli, out, clock_wall_ms());
}

/* ---- transactions ---- */

int cli_sign(struct cli *cli, struct buf *out, char txid[2 * HASH_BYTES + 1],
             const struct cli_chain *chain, const struct cli_signer *signer, const char *type,
             const struct doc *body)
{
    struct secret_key secret;
    size_t start = out->len;
    const struct tx_draft draft = {.genesis = &chain->hash,
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

/* ---- receipts ---- */

static void facts_release(struct receipt_facts **facts)
{
    if (*facts != NULL) {
        receipt_facts_free(*facts);
        memory_free(*facts);
    }
}

static int verify(struct cli *cli, int64_t *height, const struct cli_chain *chain,
                  const struct doc *receipt, const char *txid)
{
    AUTO(facts_release) struct receipt_facts *facts = NULL;
    struct receipt_facts *made = memory_alloc(sizeof *made);
    struct faults faults = {0};
    char proven[2 * HASH_BYTES + 1];
    if (receipt_verify(made, &faults, receipt, chain->genesis, &chain->hash) != 0) {
        memory_free(made);
        return cli_refuse(cli, &faults, "存证回执未通过核验 The receipt does not verify.");
    }
    facts = made;
    hash_to_hex(proven, &facts->txid);
    if (strcmp(proven, txid) != 0) {
        return cli_fail(cli, ERR_PROOF_LOG,
                        "回执属于另一交易 The receipt is for another "
                        "transaction: %s.",
                        proven);
    }
    *height = (int64_t)facts->header.height;
    return 0;
}

int cli_receipt_check(struct cli *cli, int64_t *height, const struct cli_chain *chain,
                      const struct doc *answer, const char *txid)
{
    uint8_t bytes[HEADER_BYTES];
    struct header header;
    const char *hex = doc_get_text(answer, "header");
    *height = 0;
    if (hex == NULL) {
        return 0;
    }
    if (chain->genesis != NULL) {
        return verify(cli, height, chain, answer, txid);
    }
    struct reader reader = reader_of(view_of(bytes, sizeof bytes));
    if (hex_decode(bytes, sizeof bytes, view_of_text(hex)) != 0 ||
        header_decode(&header, &reader) != 0) {
        return cli_fail(cli, ERR_BLOCK_FORM, "存证回执 receipt: header:");
    }
    *height = (int64_t)header.height;
    return 0;
}
