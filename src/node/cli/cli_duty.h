/* The commands of dirchain duty that have files of their own. */
#ifndef DIRCHAIN_NODE_CLI_CLI_DUTY_H
#define DIRCHAIN_NODE_CLI_CLI_DUTY_H

#include "node/cli/cli_act.h"

extern const struct cli_act cli_act_duty_publish;

/* cli_duty_import.c */
extern const struct cli_option cli_duty_import_options[];
int cli_duty_import(struct cli *cli);
/* How a published list names what the ledger names; lines may use either. A NULL name ends it. */
struct cli_duty_name {
    const char *published, *ours;
};
extern const struct cli_duty_name cli_duty_names[];

/* cli_duty_export.c */
extern const struct cli_option cli_duty_export_options[], cli_duty_template_options[];
int cli_duty_export(struct cli *cli);
int cli_duty_template(struct cli *cli);

#endif
