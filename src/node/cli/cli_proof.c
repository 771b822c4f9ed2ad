/* See cli_proof.h. */
#include "node/cli/cli_proof.h"

#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/cli_output.h"

#include <string.h>

int cli_proof_key(struct cli *cli, struct keyfile *key, char member[MEMBER_ID_CHARS + 1],
                  char name[KEY_NAME_CHARS_MAX + 1], const char *path, enum keyfile_kind kind,
                  const char *prompt)
{
    int status = cli_open_new_key(cli, key, path, kind, prompt);
    if (status == 0 && !cli_split_label(member, name, key->label)) {
        status = cli_fail(cli, ERR_KEY_INVALID, "%s（%s）:", path, key->label);
    }
    return status;
}

int cli_proof_write(struct cli *cli, struct doc *body, char member[MEMBER_ID_CHARS + 1],
                    cli_prove *prove)
{
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    int status = cli_chain_open_offline(&chain, cli, NULL);
    status =
        status != 0 ? status : prove(cli, body, member, &chain.hash, cli->options.arguments[0]);
    return status != 0 ? status
                       : cli_write_doc(cli, body, cli_options_text(&cli->options, "out"), 0644);
}

int cli_proof_complete(struct cli_node *node, struct doc *body, const struct cli_signer *signer,
                       cli_prove *prove, const char *path)
{
    AUTO(cli_chain_close) struct cli_chain chain = {.genesis = NULL};
    char member[MEMBER_ID_CHARS + 1];
    int status = cli_chain_open(&chain, node, signer);
    status = status != 0 ? status : prove(node->cli, body, member, &chain.hash, path);
    if (status == 0 && strcmp(member, signer->member) != 0) {
        status = cli_fail(node->cli, ERR_KEY_MEMBER, "%s:", path);
    }
    return status;
}

const struct cli_option cli_options_prove[] = {
    {"out", CLI_TEXT, true, "FILE", "Where the proof goes; not overwritten.",
     "证明写出的文件，不覆盖。", NULL},
    {"passphrase-file", CLI_TEXT, false, "FILE",
     "File with the passphrase of the new key; asked for without it.",
     "新密钥的口令文件；缺省时在终端询问。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
