/* Tables for the tool's commands: reading one, and telling what is wrong with it as a whole. */
#ifndef DIRCHAIN_NODE_CLI_CLI_SHEET_H
#define DIRCHAIN_NODE_CLI_CLI_SHEET_H

#include "exchange/sheet_records.h"
#include "node/cli/cli.h"

struct cli_sheet {
    struct sheet_plan *plan;
    struct workbook book;
    struct sheet_records records;
};
void cli_sheet_free(struct cli_sheet *sheet);

/* Reads the file's records by a layout, which has to live as long. Faults of its headings are told
 * all at once, columns that are left out as a remark. 0 or an exit code. */
int cli_sheet_read(struct cli *cli, struct cli_sheet *out, const struct sheet_layout *layout,
                   const char *path, struct view bytes);

#endif
