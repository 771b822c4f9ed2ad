/* dirchain member key prove, key rotate: a new key in the place of an officer's or a gateway's.
 *
 *   where the new key is                               where the old key or the chief's is
 *   member key prove keys/compile-2.key ──proof.json──► member key rotate compile --from proof.json
 *
 * Where both are on one machine, key rotate --new-key does it in one step. */
#include "node/cli/cli_key_rotate.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/rules/possession.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_proof.h"
#include "node/cli/cli_submit.h"

const struct cli_act cli_act_key_rotate = {.type = "key.rotate",
                                           .arguments = "name",
                                           .subject = "key/{member}/{name}",
                                           .completed = "new_name new_public proof",
                                           .shows = "key/{member}/{new_name}"};

/* Sets new_name, new_public and proof. */
static int prove(struct cli *cli, struct doc *body, char member[MEMBER_ID_CHARS + 1],
                 const struct hash *chain, const char *path)
{
    AUTO(keyfile_close) struct keyfile key = {0};
    AUTO(buf_free) struct buf proof = {0};
    char name[KEY_NAME_CHARS_MAX + 1], public[2 * PUBLIC_KEY_BYTES + 1];
    struct secret_key secret;
    struct signature signature;
    struct hash digest;
    int status = cli_proof_key(cli, &key, member, name, path, KEYFILE_OFFICER,
                               "新密钥口令 Passphrase of the new key: ");
    if (status != 0) {
        return status;
    }
    hex_encode(public, view_of(key.public_bytes, key.public_len));
    possession_digest(&digest, chain, member, name, public);
    keyfile_secret_key(&secret, &key);
    int error = es256k_sign(&signature, &secret, &digest);
    memory_wipe(&secret, sizeof secret);
    if (error != 0) {
        return cli_fail(cli, error, "%s:", path);
    }
    base64url_append(&proof, view_of(signature.bytes, sizeof signature.bytes));
    doc_set_text(body, "new_name", name);
    doc_set_text(body, "new_public", public);
    doc_set_text(body, "proof", buf_text(&proof));
    return 0;
}

int cli_key_prove_run(struct cli *cli)
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
                      "新密钥的持有证明 Proof of the new key:\n  %s\n  %s/%s\n"
                      "  dirchain member key rotate … --from %s --reason …\n",
                      path, member, doc_get_text(body, "new_name"), path);
    return cli_result(cli, body, &words);
}

static int complete(struct cli *cli, struct doc *body, const char *path)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    int status = cli_signer_peek(&signer, cli);
    status = status != 0 ? status : cli_node_open(&node, cli);
    return status != 0 ? status : cli_proof_complete(&node, body, &signer, prove, path);
}

int cli_key_rotate_run(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    const char *path = cli_options_text(&cli->options, "new-key");
    int status = cli_act_body(cli, &body);
    if (status == 0 && path != NULL) {
        status = complete(cli, body, path);
    }
    return status != 0 ? status : cli_act_submit(cli, &cli_act_key_rotate, body);
}

const struct cli_option cli_options_key_rotate[] = {
    {"new-key", CLI_TEXT, false, "FILE",
     "The new key's file, where it is on this machine (same passphrase); otherwise --from the "
     "proof.",
     "新密钥文件（在本机且口令相同时）；否则用 --from 读入持有证明。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
