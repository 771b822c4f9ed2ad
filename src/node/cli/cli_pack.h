/* Taking an audit pack from a node: what the options of a command ask for, line by line. Nothing
 * here is believed; the caller verifies the whole before it says anything of it. */
#ifndef DIRCHAIN_NODE_CLI_PACK_H
#define DIRCHAIN_NODE_CLI_PACK_H

#include "chain/pack.h"
#include "node/cli/cli.h"

#include <stdio.h>

/* What to take; heights of 0: from the first block, up to the newest. */
struct cli_pack_plan {
    uint64_t from, to;
    bool receipts; /* of the transactions that --tx names */
};

/* Reads --from, --to and --tx. Exit code; usage is complained of here, before any node is asked. */
int cli_pack_plan(struct cli_pack_plan *out, struct cli *cli);
/* Writes the pack to an open file. Exit code. */
int cli_pack_fetch(struct cli *cli, FILE *file, const struct pack_trust *trust,
                   const struct cli_pack_plan *plan);

#endif
