/* dirchain member key prove and key rotate, listed in the family member. */
#ifndef DIRCHAIN_NODE_CLI_CLI_KEY_ROTATE_H
#define DIRCHAIN_NODE_CLI_CLI_KEY_ROTATE_H

#include "node/cli/cli.h"
#include "node/cli/cli_act.h"

int cli_key_prove_run(struct cli *cli);
int cli_key_rotate_run(struct cli *cli);
extern const struct cli_act cli_act_key_rotate;
extern const struct cli_option cli_options_key_rotate[];

#endif
