/* dirchain audit replay: a decision made again from a pack, with no node. */
#ifndef DIRCHAIN_NODE_CLI_CLI_REPLAY_H
#define DIRCHAIN_NODE_CLI_CLI_REPLAY_H

#include "node/cli/cli.h"

extern const struct cli_option cli_replay_options[];
int cli_replay_run(struct cli *cli);

#endif
