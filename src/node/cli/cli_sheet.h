/* Tables for the tool's commands: reading one, and telling what is wrong with it as a whole. */
#ifndef DIRCHAIN_NODE_CLI_CLI_SHEET_H
#define DIRCHAIN_NODE_CLI_CLI_SHEET_H

#include "exchange/sheet_records.h"
#include "node/cli/cli.h"

struct cli_sheet {
    struct sheet_plan *plan;
    struct workbook book;
    struct sheet_records records;
    struct faults faults; /* of the file beside its records: rows of lists that belong to none,
                             sheets that were not taken; told with those of the rows */
};
void cli_sheet_free(struct cli_sheet *sheet);

/* Reads the file's records by a layout, which has to live as long. Faults of its headings are told
 * all at once and end the reading (by them no cell can be named); other faults of the file are left
 * in out->faults, unless there are no records to tell them with. Columns that are left out are told
 * as a remark. 0 or an exit code. */
int cli_sheet_read(struct cli *cli, struct cli_sheet *out, const struct sheet_layout *layout,
                   const char *path, struct view bytes);

/* How a command writes: by --format, or by the ending of --out. */
enum cli_sheet_form { CLI_SHEET_XLSX, CLI_SHEET_CSV, CLI_SHEET_OTHER };
/* CLI_SHEET_OTHER: neither --format nor the ending says xlsx or csv. */
enum cli_sheet_form cli_sheet_form(const struct cli *cli);
/* Writes records to --out, which is not overwritten: one .xlsx, or a CSV file for each sheet, those
 * of lists with the list's name before the ending (catalog.items.csv). Tells how many. An exit
 * code. */
int cli_sheet_write(struct cli *cli, const struct sheet_layout *layout, enum cli_sheet_form form,
                    const struct doc *records);
/* Writes a template to --out. An exit code. */
int cli_sheet_template(struct cli *cli, const struct sheet_layout *layout);
/* The path of the CSV file of one sheet of a plan. */
void cli_sheet_csv_path(struct buf *out, const char *path, const struct sheet_part *part);

#endif
