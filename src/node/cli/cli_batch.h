/* Many transactions of one type at once: signed here, submitted side by side, each told. */
#ifndef DIRCHAIN_NODE_CLI_CLI_BATCH_H
#define DIRCHAIN_NODE_CLI_CLI_BATCH_H

#include "node/cli/cli_submit.h"

/* Begins what is told of a table that is at fault as a whole, behind its path. */
#define CLI_SHEET_FAULTS "表格有误 The table has faults:"

struct cli_batch {
    const struct cli_act *act;
    const char *label;        /* of the progress bar */
    const char *naming;       /* body field that names one in what is told: "code" */
    const struct doc *bodies; /* array of complete bodies */
    const struct doc *faulty; /* inputs left out, for --json; NULL */
    size_t left_out;          /* of the input, since it is not this member's to submit */
    struct doc *result; /* with --json what is told goes here, by the type's name; NULL: told */
};

/* Submits all; tells each that was refused and how many were not. The exit code is the worst. */
int cli_batch_submit(struct cli_node *node, const struct cli_signer *signer,
                     const struct cli_batch *batch);

/* ---- inputs of many ---- */

/* Faults of one input among many, told as "第 3 条 row  code" and what is wrong with it. */
struct cli_rows {
    struct cli *cli;
    const char *unit;   /* what is counted: 条, or 行 of a table */
    struct doc *faulty; /* array of {"row","name","faults"} */
    const char *path;   /* of a table that is at fault beside its rows */
    struct doc *table;  /* its faults, or NULL */
};
struct cli_rows cli_rows_of(struct cli *cli);
void cli_rows_free(struct cli_rows *rows);
void cli_rows_add(struct cli_rows *rows, size_t row, const char *name, const struct faults *faults);
/* Faults of the table that the rows are of. The path is borrowed. */
void cli_rows_add_table(struct cli_rows *rows, const char *path, const struct faults *faults);
/* Tells all of them (with --json only if `alone`: nothing else will be told); 0 when there are
 * none, otherwise CLI_REFUSED. */
int cli_rows_tell(const struct cli_rows *rows, size_t total, bool alone);

#endif
