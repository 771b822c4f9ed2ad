/* Forms for paper, filled in from the ledger: dirchain catalog form, dirchain request form. */
#ifndef DIRCHAIN_NODE_CLI_CLI_FORM_H
#define DIRCHAIN_NODE_CLI_CLI_FORM_H

#include "node/cli/cli.h"

extern const struct cli_option cli_form_options[];
int cli_form_collection(struct cli *cli);
int cli_form_request(struct cli *cli);

#endif
