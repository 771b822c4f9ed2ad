/* The commands of dirchain duty that have files of their own. */
#ifndef DIRCHAIN_NODE_CLI_CLI_DUTY_H
#define DIRCHAIN_NODE_CLI_CLI_DUTY_H

#include "node/cli/cli_act.h"

extern const struct cli_act cli_act_duty_publish;

/* cli_duty_import.c */
extern const struct cli_option cli_duty_import_options[];
int cli_duty_import(struct cli *cli);

#endif
