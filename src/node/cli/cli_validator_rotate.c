/* dirchain validator prove, rotate: a member changes its vote key.
 *
 *   on the node's machine                             where the chief's key is
 *   key create … vote-2; keys.vote_next, restart
 *   validator prove keys/vote-2.key ──rotation.json──► validator rotate --from rotation.json
 *
 * Before anything is signed the member's own node is asked whether it holds the new key: from the
 * height of the change on only that one votes. --force goes past that look. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/rules/rotation.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_proof.h"
#include "node/cli/cli_submit.h"
#include "node/cli/cli_validator.h"

#include <inttypes.h>

const struct cli_act cli_act_rotate = {.type = "validator.rotate",
                                       .subject = "member/{member}",
                                       .completed = "vote_key vote_signature", /* --from has them */
                                       .shows = "member/{member}"};

/* ---- what the new key signs ---- */

/* Sets vote_key and vote_signature. */
static int prove(struct cli *cli, struct doc *body, char member[MEMBER_ID_CHARS + 1],
                 const struct hash *chain, const char *path)
{
    AUTO(keyfile_close) struct keyfile key = {0};
    AUTO(buf_free) struct buf text = {0};
    char hex[2 * VOTE_KEY_BYTES + 1], name[KEY_NAME_CHARS_MAX + 1];
    struct secret_key secret;
    struct signature signature;
    struct hash digest;
    int status = cli_proof_key(cli, &key, member, name, path, KEYFILE_VOTE,
                               "新投票密钥口令 Passphrase of the new vote key: ");
    if (status != 0) {
        return status;
    }
    hex_encode(hex, view_of(key.public_bytes, key.public_len));
    rotation_digest(&digest, chain, member, hex);
    keyfile_secret_key(&secret, &key);
    int error = schnorr_sign(&signature, &secret, &digest);
    memory_wipe(&secret, sizeof secret);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    base64url_append(&text, view_of(signature.bytes, sizeof signature.bytes));
    doc_set_text(body, "vote_key", hex);
    doc_set_text(body, "vote_signature", buf_text(&text));
    return 0;
}

int cli_validator_prove_run(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    char member[MEMBER_ID_CHARS + 1];
    const char *path = cli_options_text(&cli->options, "out");
    int status = cli_proof_write(cli, body, member, prove);
    if (status != 0) {
        return status;
    }
    buf_append_format(&words,
                      "新投票密钥的持有证明，请交首席数据官 Proof of the new vote key, for the "
                      "chief:\n  %s\n  %s\n  %s\n"
                      "  dirchain validator rotate --from %s --reason …\n",
                      path, member, doc_get_text(body, "vote_key"), path);
    return cli_result(cli, body, &words);
}

/* ---- rotate ---- */

static bool holds_key(const struct doc *status, const char *member, const char *vote_key)
{
    return doc_text_is(status, "member", member) && vote_key != NULL &&
           doc_has_text(cli_doc_at(status, "node.consensus.vote_keys"), vote_key);
}

/* The others must do without the seat until it has proposed with the new key. */
static int preflight(struct cli *cli, struct cli_node *node, const struct doc *body,
                     const char *member)
{
    AUTO(doc_free) struct doc *status = NULL;
    AUTO(doc_free) struct doc *validators = NULL;
    int result = cli_node_get(node, &status, "/v1/status");
    result = result != 0 ? result : cli_node_state(node, &validators, "validators");
    if (result != 0) {
        return result;
    }
    if (!holds_key(status, member, doc_get_text(body, "vote_key"))) {
        return cli_fail(cli, ERR_VOTE_KEY_ABSENT, "%s:", node->url);
    }
    const struct doc *sets = doc_get(validators, "sets");
    const struct doc *seats =
        doc_count(sets) == 0 ? NULL : doc_get(doc_at(sets, doc_count(sets) - 1), "set");
    for (size_t i = 0; i < doc_count(seats); i++) {
        if (doc_text_is(doc_at(seats, i), "member", member)) {
            AUTO(doc_free) struct doc *change = doc_new_object();
            struct doc *self = doc_new_array();
            doc_push_text(self, member);
            doc_set(change, "add", self);
            doc_set(change, "remove", doc_ref(self));
            return cli_validator_preflight(cli, change);
        }
    }
    return 0;
}

int cli_validator_rotate_run(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(doc_free) struct doc *body = NULL;
    const char *path = cli_options_text(&cli->options, "new-key");
    int status = cli_act_body(cli, &body);
    status = status != 0 ? status : cli_signer_peek(&signer, cli);
    status = status != 0 ? status : cli_node_open(&node, cli);
    if (status == 0 && path != NULL) {
        status = cli_proof_complete(&node, body, &signer, prove, path);
    }
    if (status == 0 && !cli_options_flag(&cli->options, "force")) {
        status = preflight(cli, &node, body, signer.member);
    }
    return status != 0 ? status : cli_act_submit(cli, &cli_act_rotate, body);
}

const struct cli_option cli_options_rotate[] = {
    {"new-key", CLI_TEXT, false, "FILE",
     "The new vote key's file, where it is on this machine (same passphrase); otherwise --from "
     "the proof.",
     "新投票密钥文件（在本机且口令相同时）；否则用 --from 读入持有证明。", NULL},
    {"force", CLI_FLAG, false, NULL,
     "Without asking the node whether it holds the new key and who takes part now.",
     "不检查节点是否持有新密钥、各节点当前是否参与。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
