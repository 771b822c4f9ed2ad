/* What every audit starts from: the genesis document that the auditor trusts, and a checkpoint. */
#ifndef DIRCHAIN_NODE_CLI_TRUST_H
#define DIRCHAIN_NODE_CLI_TRUST_H

#include "chain/pack.h"
#include "node/cli/cli.h"

#define CLI_OPTION_GENESIS                                                                         \
    {                                                                                              \
        "genesis", CLI_TEXT, false, "FILE",                                                        \
            "Genesis document that the auditor trusts (or DIRCHAIN_GENESIS).",                     \
            "审计人员信任的创世文件（或环境变量 DIRCHAIN_GENESIS）。", NULL                        \
    }

/* --genesis FILE or DIRCHAIN_GENESIS, verified. 0 and a document the caller owns, or an exit
 * code. */
int cli_trust_genesis(struct cli *cli, struct pack_trust *trust, struct doc **genesis);
/* --checkpoint HEIGHT:HASH, if it was given. 0 or an exit code. */
int cli_trust_checkpoint(struct cli *cli, struct pack_trust *trust);

#endif
