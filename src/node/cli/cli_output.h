/* What the tool shows: tables, records, progress. Tables fit the terminal (80 columns where there
 * is none) with Chinese characters counted as two columns; what is cut there is whole in --json. */
#ifndef DIRCHAIN_NODE_CLI_OUTPUT_H
#define DIRCHAIN_NODE_CLI_OUTPUT_H

#include "base/doc.h"
#include "base/faults.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- lines ---- */

/* A line, wrapped to `width`; its further lines are indented. */
void cli_line_append(struct buf *out, size_t width, size_t indent, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- tables ---- */

struct cli_column {
    const char *title; /* NULL ends a list of columns */
    const char *path;  /* dotted path in a document, for cli_table_add_doc */
    bool right;        /* aligned to the right: numbers */
    bool keep;         /* the last to be cut: codes that are copied */
    bool end;          /* a time that ends something: midnight is 24:00 of the day before */
    bool rare;         /* left out where no row has it */
    bool below;        /* whole, on lines of its own beneath the row: sentences, long keys */
    enum {
        CLI_AS_TEXT,
        CLI_AS_TIME,
        CLI_AS_DATE,
        CLI_AS_BRIEF_TIME, /* without the year */
        CLI_AS_HASH,       /* the first 12 characters */
        CLI_AS_WORD,       /* a word of the protocol, in Chinese */
        CLI_AS_MEMBER      /* a member by its name, where the table knows it */
    } as;
};

struct cli_table {
    const struct cli_column *columns;
    size_t column_count;
    const struct doc *names; /* of members by their codes, for CLI_AS_MEMBER; borrowed; or NULL */
    char **cells;            /* row by row, owned */
    size_t row_count;
    size_t row_capacity;
};

struct cli_table cli_table_of(const struct cli_column *columns);
void cli_table_free(struct cli_table *table);
/* One text a column, copied; NULL is empty. */
void cli_table_add(struct cli_table *table, const char *const *cells);
/* A row from a document, by the columns' paths. */
void cli_table_add_doc(struct cli_table *table, const struct doc *doc);
/* Appends title line, rule and rows, each at most `width` columns wide. */
void cli_table_append(struct buf *out, const struct cli_table *table, size_t width);

/* The same from a list of documents. */
void cli_table_append_docs(struct buf *out, const struct cli_column *columns,
                           const struct doc *rows, size_t width);

/* The value as people read it: times as Beijing time, lists joined by 、. */
void cli_value_append(struct buf *out, const struct doc *value, const struct cli_column *column);
/* By dotted path, in which "*" is the first member; NULL if absent. */
const struct doc *cli_doc_at(const struct doc *doc, const char *path);

/* ---- records ---- */

struct field; /* chain/schema.h */
/* A record, one line a member, nested ones indented: label from the table (NULL: the bare name),
 * then the value wrapped to `width`. */
void cli_record_append(struct buf *out, const struct doc *record, const struct field *fields,
                       size_t width);

/* "信息资源名称。" → "信息资源名称 name"; explanations after the first clause are left out. `field`
 * NULL: no table declares it. */
void cli_label_append(struct buf *out, const struct field *field, const char *name);

/* ---- faults ---- */

/* All faults, numbered: field, Chinese, clause; English and code below. What a code means is said
 * once, and not where it is `said` already. */
void cli_faults_append(struct buf *out, const struct faults *faults, size_t width);
/* The same as {"code","field","english","chinese","clause"} objects. Caller owns. */
struct doc *cli_faults_to_doc(const struct faults *faults);
/* The same from a problem document's list. */
void cli_faults_append_doc(struct buf *out, const struct doc *faults,
                           const char *said /* a code, or NULL */, size_t width);

/* ---- progress ---- */

/* A bar on standard error, when that is a terminal; silent otherwise. */
struct cli_progress {
    const char *label;
    uint64_t total;
    uint64_t done;
    int64_t start_ms;
    int64_t shown_ms;
    bool terminal;
};
struct cli_progress cli_progress_start(const char *label, uint64_t total, bool quiet);
void cli_progress_step(struct cli_progress *progress, uint64_t done);
void cli_progress_end(struct cli_progress *progress); /* clears the bar */
/* The bar's text for one moment, at most `width` columns. */
void cli_progress_append(struct buf *out, const struct cli_progress *progress, int64_t now_ms,
                         size_t width);

#endif
