/* Lists and records from the node, as tables and in words. A command that only shows names what it
 * shows as data. */
#ifndef DIRCHAIN_NODE_CLI_CLI_VIEW_H
#define DIRCHAIN_NODE_CLI_CLI_VIEW_H

#include "chain/schema.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"

struct cli_view {
    const char *path; /* "/v1/entries/{0}/{1}": {n} is the command's n-th argument, encoded; {n+}
                         keeps its slashes */
    const struct cli_column *columns; /* a list: its table. A record: NULL */
    const char *none;                 /* a list: said in place of an empty table; may be NULL */
    const char *flag;                 /* how its query says yes; NULL: "1" */
    const struct field *fields;       /* a record: where its labels come from; may be NULL */
    const char *within;               /* a record: dotted path to it in the answer; NULL: all */
};

/* The list: the command's own options are the query, --limit bounds it, --mine asks for what
 * concerns the agency of --key (parameter "member"); pages are followed. */
int cli_view_list(struct cli *cli);
/* The same of a view that the command chose. */
int cli_view_list_of(struct cli *cli, const struct cli_view *view);
/* Puts the items of all pages of a path, up to `limit` of them, into `result` as "items", whether
 * there are further ones as "more", and how far the list reaches: "since_block", "height", "tip",
 * where the node tells. 0 or an exit code. */
int cli_view_pages(struct cli_node *node, struct doc *result, const char *path, int64_t limit);
/* The same as a document of its own; the command's own options are the query, --limit bounds it.
 * Caller owns. */
int cli_view_gather(struct cli *cli, struct doc **out, const char *path);
/* {code: name} of all members, for tables with CLI_AS_MEMBER. 0 or an exit code. Caller owns. */
int cli_view_names(struct cli *cli, struct doc **out);
/* What such a list does not know: what happened before the node's history, what is not in it yet. A
 * list of nothing is no "none" without it. */
void cli_view_append_reach(struct buf *words, const struct doc *result, size_t width);
/* A term of a record: "答复共享申请 2026-02-14 24:00（PT 20，逾期 overdue）". */
void cli_view_append_term(struct buf *out, const char *name, const struct doc *term);
/* The record. */
int cli_view_show(struct cli *cli);

/* The row that every list has. */
#define CLI_LIMIT_OPTION                                                                           \
    {                                                                                              \
        "limit", CLI_INT, false, "N", "At most so many (default 1000).",                           \
            "最多条数（默认 1000）。", NULL                                                        \
    }

#endif
