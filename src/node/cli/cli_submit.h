/* Submitting acts; the steps are apart for commands that submit many. */
#ifndef DIRCHAIN_NODE_CLI_CLI_SUBMIT_H
#define DIRCHAIN_NODE_CLI_CLI_SUBMIT_H

#include "node/cli/cli_act.h"
#include "node/cli/cli_node.h"

/* A command whose act says everything: body from options, then cli_act_submit. */
int cli_act_run(struct cli *cli);
/* Completes, checks, signs, submits and tells. 0 or an exit code. */
int cli_act_submit(struct cli *cli, const struct cli_act *act, struct doc *body);

/* Sets acts_on to the current version of the act's subject, unless the body has one; absent when
 * there is no such record and the type does not demand one. */
int cli_act_complete(struct cli_node *node, const struct cli_act *act, struct doc *body,
                     const char *member);
/* Judges a body by its type's table; tells every fault. */
int cli_act_check(struct cli *cli, const char *type_name, const struct doc *body);
/* Tells the faults of such a body, which is not in order. An exit code. */
int cli_act_refuse(struct cli *cli, const char *type_name, const struct faults *faults);
/* "已上链 Committed: …" with txid and height (0: not yet). */
void cli_append_committed(struct buf *words, const char *type_name, const char *txid,
                          int64_t height);

#endif
