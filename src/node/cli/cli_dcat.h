/* Feeds in the world's formats as drafts of entries: what import and harvest share. */
#ifndef DIRCHAIN_NODE_CLI_CLI_DCAT_H
#define DIRCHAIN_NODE_CLI_CLI_DCAT_H

#include "node/cli/cli.h"

enum cli_dcat_format { CLI_DCAT_US, CLI_DCAT_AP };

/* From --format and --defaults. 0 or an exit code. */
int cli_dcat_format(struct cli *cli, enum cli_dcat_format *out);
int cli_dcat_defaults(struct cli *cli, struct doc **out); /* NULL: none given */

/* A feed's datasets, each as a draft or as refused. */
struct cli_dcat_drafts {
    size_t total;
    struct doc *bodies;      /* of catalog.submit, those in order */
    struct doc *identifiers; /* of each body, the dataset's */
    struct doc *refused;     /* array of {"index","identifier","faults"} */
    struct doc *notes;       /* array of {"index","identifier","defaulted","adapted"} */
    struct doc *left_out;    /* property → how many datasets have it */
};
/* 0, or an exit code after telling why the feed as a whole cannot be read; `name` is how it is told
 * of. */
int cli_dcat_drafts_of(struct cli *cli, struct cli_dcat_drafts *out, enum cli_dcat_format format,
                       const char *name, struct view text, const struct doc *defaults);
void cli_dcat_drafts_free(struct cli_dcat_drafts *drafts);
/* Everything but the bodies: for --json, and in words. */
void cli_dcat_put_drafts(struct doc *result, const struct cli_dcat_drafts *drafts);
void cli_dcat_append_drafts(struct buf *words, const struct cli_dcat_drafts *drafts,
                            size_t columns);

/* ---- commands ---- */

int cli_dcat_import(struct cli *cli);
int cli_dcat_export(struct cli *cli);
int cli_dcat_harvest(struct cli *cli); /* cli_harvest.c */

#endif
