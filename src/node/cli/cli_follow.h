/* dirchain audit follow, and dirchain audit fork. */
#ifndef DIRCHAIN_NODE_CLI_FOLLOW_H
#define DIRCHAIN_NODE_CLI_FOLLOW_H

#include "chain/fork.h"
#include "node/cli/cli.h"

extern const struct cli_option cli_follow_options[];
int cli_follow_run(struct cli *cli); /* cli_follow.c */

extern const struct cli_option cli_fork_options[];
int cli_fork_run(struct cli *cli); /* cli_fork.c */

/* What evidence of a fork proves: as a document, and in words. */
struct doc *cli_fork_doc(const struct fork_facts *facts);
void cli_fork_words(struct buf *words, const struct fork_facts *facts);

#endif
