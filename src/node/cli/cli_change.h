/* What is applied for of an entry: a change or its deletion (PT 14), for whoever assesses it. */
#ifndef DIRCHAIN_NODE_CLI_CLI_CHANGE_H
#define DIRCHAIN_NODE_CLI_CLI_CHANGE_H

#include "node/cli/cli_node.h"

/* Appends the application on this entry record that is not settled yet, if there is one; with
 * --json as "application" of the record, which is replaced. 0 or an exit code. */
int cli_change_append(struct cli_node *node, struct doc **entry, struct buf *words);

#endif
