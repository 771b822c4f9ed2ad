/* dirchain member key prove and key rotate, listed in the family member. */
#ifndef DIRCHAIN_NODE_CLI_CLI_KEY_ROTATE_H
#define DIRCHAIN_NODE_CLI_CLI_KEY_ROTATE_H

#include "base/hash.h"
#include "node/cli/cli.h"
#include "node/cli/cli_act.h"

/* The key in the file as `name` of `member` (both read from its label): its public key in hex, and
 * its proof of possession as text. 0 or an exit code. */
int cli_possession_prove(struct cli *cli, char member[MEMBER_ID_CHARS + 1],
                         char name[KEY_NAME_CHARS_MAX + 1], char public[2 * PUBLIC_KEY_BYTES + 1],
                         struct buf *proof, const struct hash *chain, const char *path);

int cli_key_prove_run(struct cli *cli);
int cli_key_rotate_run(struct cli *cli);
extern const struct cli_act cli_act_key_rotate;
extern const struct cli_option cli_options_key_prove[], cli_options_key_rotate[];

#endif
