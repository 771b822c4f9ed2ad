/* Showing an entry, and what is like it. */
#ifndef DIRCHAIN_NODE_CLI_CLI_NEAR_H
#define DIRCHAIN_NODE_CLI_CLI_NEAR_H

#include "node/cli/cli_view.h"

extern const struct cli_view cli_near_view; /* dirchain catalog near */
int cli_near_show(struct cli *cli);         /* dirchain catalog show */

#endif
