/* Proofs that somebody holds a new key: written where the key is, or made while rotating. */
#ifndef DIRCHAIN_NODE_CLI_CLI_PROOF_H
#define DIRCHAIN_NODE_CLI_CLI_PROOF_H

#include "base/hash.h"
#include "node/cli/cli.h"
#include "node/cli/cli_node.h"

/* Opens the new key in the file and splits its label; `prompt` asks for the passphrase where none
 * is given. The caller closes the key in any case. 0 or an exit code after telling why. */
int cli_proof_key(struct cli *cli, struct keyfile *key, char member[MEMBER_ID_CHARS + 1],
                  char name[KEY_NAME_CHARS_MAX + 1], const char *path, enum keyfile_kind kind,
                  const char *prompt);

/* Sets the members of a body that prove possession of the key in the file on this chain, and tells
 * whose label it has. 0 or an exit code after telling why. */
typedef int cli_prove(struct cli *cli, struct doc *body, char member[MEMBER_ID_CHARS + 1],
                      const struct hash *chain, const char *path);

/* A command with --out: proves with the key that its argument names, and writes the body to that
 * file. 0 or an exit code. */
int cli_proof_write(struct cli *cli, struct doc *body, char member[MEMBER_ID_CHARS + 1],
                    cli_prove *prove);
/* Proves with the key in the file, which has to be one of the signer's member. 0 or an exit code.
 */
int cli_proof_complete(struct cli_node *node, struct doc *body, const struct cli_signer *signer,
                       cli_prove *prove, const char *path);

extern const struct cli_option cli_options_prove[];

#endif
