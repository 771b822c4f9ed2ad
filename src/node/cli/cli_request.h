/* Naming requests and grants on the command line. */
#ifndef DIRCHAIN_NODE_CLI_CLI_REQUEST_H
#define DIRCHAIN_NODE_CLI_CLI_REQUEST_H

#include "node/cli/cli_node.h"

/* The txid of a request given by txid or number. 0 or an exit code after telling why. */
int cli_request_id(struct cli_node *node, char out[2 * HASH_BYTES + 1], const char *text);
/* A command whose act says everything but for its argument, which names a request or what has its
 * txid (a grant, a dispute). 0 or an exit code. */
int cli_request_act_run(struct cli *cli);

#endif
