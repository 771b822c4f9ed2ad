/* Files of catalog entries. One holds an entry or many: as JSON
 * {"entries":[{"code","entry":{…}}…]}, the list alone or one element alone; or as a table (.xlsx,
 * CSV) in the form of the template. */
#ifndef DIRCHAIN_NODE_CLI_CLI_ENTRIES_H
#define DIRCHAIN_NODE_CLI_CLI_ENTRIES_H

#include "node/cli/cli_sheet.h"

struct cli_entries {
    struct doc *list; /* bodies of catalog.submit, not judged yet */
    bool of_table;
    const char *path; /* of the table */
    struct sheet_layout layout;
    struct cli_sheet table; /* in the order of the list; empty unless of_table */
};
void cli_entries_free(struct cli_entries *entries);

/* `partial`: what a table has no columns for will be filled in. 0 or an exit code. */
int cli_entries_read(struct cli *cli, struct cli_entries *out, const char *path, bool partial);
/* Every entry of `list` (the entries as read or filled in, in the same order) judged by the table
 * of the type; codes only once. 0 or CLI_REFUSED after telling all faults, where they stand. */
int cli_entries_check(struct cli *cli, const struct cli_entries *entries, const struct doc *list);

/* ---- commands: tables here, other formats in cli_dcat.c ---- */

int cli_entries_import(struct cli *cli);
int cli_entries_export(struct cli *cli);
int cli_entries_template(struct cli *cli);

#endif
