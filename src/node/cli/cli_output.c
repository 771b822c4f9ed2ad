/* Tables and progress bars. Column widths: each column gets what its longest cell needs; if that
 * is more than the line, the widest columns that may be cut give way first. What stands below a row
 * is wrapped, never cut. */
#include "node/cli/cli_output.h"

#include "base/civil.h"
#include "base/hash.h"
#include "base/memory.h"
#include "node/cli/cli_text.h"
#include "exchange/words.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define GAP 2         /* columns between two columns */
#define INDENT 2      /* of what stands below a row */
#define COLUMN_MIN 4  /* no column gets narrower than this */
#define HASH_SHOWN 12 /* characters of a digest in a table */
#define COLUMNS_MAX 16
#define BAR_COLUMNS 24
#define REDRAW_MS 100

/* ---- values ---- */

static const struct doc *first_member(const struct doc *doc)
{
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    return doc_kind(doc) == DOC_OBJECT && doc_next(doc, &cursor, &name, &value) ? value : NULL;
}

const struct doc *cli_doc_at(const struct doc *doc, const char *path)
{
    char name[64];
    while (doc != NULL && *path != 0) {
        size_t len = strcspn(path, ".");
        (void)snprintf(name, sizeof name, "%.*s", (int)len, path);
        doc = strcmp(name, "*") == 0 ? first_member(doc) : doc_get(doc, name);
        path += len + (path[len] == '.');
    }
    return doc;
}

/* Terms end at 24:00 of their last day, which is stored as the first instant of the next: shown as
 * the law says it. What begins at midnight begins with its own day. */
static void append_time(struct buf *out, const struct doc *value, const struct cli_column *column)
{
    char text[CIVIL_TIME_CHARS];
    int64_t time_ms = doc_int(value, 0);
    bool date_only = column->as == CLI_AS_DATE;
    size_t from = column->as == CLI_AS_BRIEF_TIME ? sizeof "2026-" - 1 : 0;
    bool day_end = column->end && time_ms == civil_day_start(civil_day(time_ms));
    if (date_only || day_end) {
        civil_format_date(text, civil_day(day_end ? time_ms - 1 : time_ms));
        buf_append_format(out, "%s%s", text + from, date_only ? "" : " 24:00");
        return;
    }
    civil_format_time(text, time_ms);
    text[10] = ' ';
    buf_append(out, text + from, 19 - from); /* to the second, Beijing time */
}

static bool is_time(const struct cli_column *column)
{
    return column != NULL && (column->as == CLI_AS_TIME || column->as == CLI_AS_DATE ||
                              column->as == CLI_AS_BRIEF_TIME);
}

static void append_text(struct buf *out, const char *text, const struct cli_column *column)
{
    bool worded = column != NULL && column->as == CLI_AS_WORD;
    const char *path = worded ? column->path : NULL;
    const char *dot = path == NULL ? NULL : strrchr(path, '.');
    const char *word = worded ? word_chinese(dot == NULL ? path : dot + 1, text) : NULL;
    if (column != NULL && column->as == CLI_AS_HASH && strlen(text) > HASH_SHOWN) {
        buf_append(out, text, HASH_SHOWN);
    } else {
        buf_append_text(out, word == NULL ? text : word);
    }
}

void cli_value_append(struct buf *out, const struct doc *value, const struct cli_column *column)
{
    switch (doc_kind(value)) {
    case DOC_TEXT:
        append_text(out, doc_text(value), column);
        break;
    case DOC_INT:
        if (is_time(column)) {
            append_time(out, value, column);
        } else {
            buf_append_format(out, "%" PRId64, doc_int(value, 0));
        }
        break;
    case DOC_BOOL:
        buf_append_text(out, doc_bool(value, false) ? "是 yes" : "否 no");
        break;
    case DOC_ARRAY:
        for (size_t i = 0; i < doc_count(value); i++) {
            buf_append_text(out, i == 0 ? "" : "、");
            cli_value_append(out, doc_at(value, i), column);
        }
        break;
    case DOC_OBJECT:
        doc_append_canonical(out, value);
        break;
    default:
        break;
    }
}

/* ---- lines ---- */

void cli_line_append(struct buf *out, size_t width, size_t indent, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    cli_text_wrap(out, text, 0, indent, width);
    buf_append_text(out, "\n");
}

/* ---- tables ---- */

void cli_table_append_docs(struct buf *out, const struct cli_column *columns,
                           const struct doc *rows, size_t width)
{
    AUTO(cli_table_free) struct cli_table table = cli_table_of(columns);
    for (size_t i = 0; i < doc_count(rows); i++) {
        cli_table_add_doc(&table, doc_at(rows, i));
    }
    cli_table_append(out, &table, width);
}

struct cli_table cli_table_of(const struct cli_column *columns)
{
    struct cli_table table = {.columns = columns};
    while (columns[table.column_count].title != NULL && table.column_count < COLUMNS_MAX) {
        table.column_count++;
    }
    return table;
}

void cli_table_free(struct cli_table *table)
{
    for (size_t i = 0; i < table->row_count * table->column_count; i++) {
        memory_free(table->cells[i]);
    }
    memory_free(table->cells);
    *table = (struct cli_table){0};
}

void cli_table_add(struct cli_table *table, const char *const *cells)
{
    if (table->row_count == table->row_capacity) {
        table->row_capacity = table->row_capacity == 0 ? 16 : 2 * table->row_capacity;
        table->cells = memory_resize(table->cells, table->row_capacity * table->column_count *
                                                       sizeof *table->cells);
    }
    char **row = table->cells + table->row_count++ * table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        row[i] = memory_copy_text(cells[i] == NULL ? "" : cells[i]);
    }
}

void cli_table_add_doc(struct cli_table *table, const struct doc *doc)
{
    struct buf cells[COLUMNS_MAX] = {{0}};
    const char *texts[COLUMNS_MAX];
    for (size_t i = 0; i < table->column_count; i++) {
        const struct cli_column *column = &table->columns[i];
        const struct doc *value = cli_doc_at(doc, column->path == NULL ? "" : column->path);
        bool named = column->as == CLI_AS_MEMBER && doc_kind(value) == DOC_TEXT;
        const struct doc *name = named ? doc_get(table->names, doc_text(value)) : NULL;
        cli_value_append(&cells[i], name == NULL ? value : name, column);
        texts[i] = buf_text(&cells[i]);
    }
    cli_table_add(table, texts);
    for (size_t i = 0; i < table->column_count; i++) {
        buf_free(&cells[i]);
    }
}

/* Narrows the widest column by one until the line fits; false when none of this kind can. */
static bool narrow(size_t *widths, const struct cli_table *table, bool kept)
{
    size_t widest = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        bool may =
            table->columns[i].keep == kept && !table->columns[i].below && widths[i] > COLUMN_MIN;
        if (may && (widest == table->column_count || widths[i] > widths[widest])) {
            widest = i;
        }
    }
    if (widest == table->column_count) {
        return false;
    }
    widths[widest]--;
    return true;
}

/* 0: no column of the line. */
static void choose_widths(size_t *widths, const struct cli_table *table, size_t width)
{
    size_t total = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].below) {
            continue;
        }
        size_t title = cli_text_width(table->columns[i].title);
        for (size_t row = 0; row < table->row_count; row++) {
            size_t cell = cli_text_width(table->cells[row * table->column_count + i]);
            widths[i] = cell > widths[i] ? cell : widths[i];
        }
        if (widths[i] > 0 || !table->columns[i].rare) {
            widths[i] = widths[i] < title ? title : widths[i];
            total += widths[i] + (total == 0 ? 0 : GAP);
        }
    }
    while (total > width && (narrow(widths, table, false) || narrow(widths, table, true))) {
        total--;
    }
}

/* Whole, wrapped where the line ends. */
static void append_below(struct buf *out, const struct cli_table *table, char *const *cells,
                         size_t width)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct cli_column *column = &table->columns[i];
        const char *text = cells == NULL ? column->title : cells[i];
        if (!column->below || *text == 0) {
            continue;
        }
        buf_append_format(out, "%*s", INDENT, "");
        cli_text_wrap(out, text, INDENT, INDENT, width);
        buf_append_text(out, "\n");
    }
}

/* The last cell of a line is not padded: blanks at its end go. */
static void append_row(struct buf *out, const struct cli_table *table, const size_t *widths,
                       char *const *cells, size_t width)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct cli_column *column = &table->columns[i];
        const char *text = cells == NULL ? column->title : cells[i];
        if (widths[i] == 0) {
            continue;
        }
        buf_append_text(out, first ? "" : "  ");
        for (size_t pad = cli_text_width(text); column->right && pad < widths[i]; pad++) {
            buf_append_text(out, " ");
        }
        cli_text_fit(out, text, widths[i], !column->right);
        first = false;
    }
    while (out->len > 0 && out->data[out->len - 1] == ' ') {
        out->len--;
    }
    buf_append_text(out, "\n");
    append_below(out, table, cells, width);
}

static void append_rule(struct buf *out, const struct cli_table *table, const size_t *widths)
{
    bool first = true;
    for (size_t i = 0; i < table->column_count; i++) {
        if (widths[i] == 0) {
            continue;
        }
        buf_append_text(out, first ? "" : "  ");
        for (size_t k = 0; k < widths[i]; k++) {
            buf_append_text(out, "-");
        }
        first = false;
    }
    buf_append_text(out, "\n");
}

void cli_table_append(struct buf *out, const struct cli_table *table, size_t width)
{
    size_t widths[COLUMNS_MAX] = {0};
    choose_widths(widths, table, width);
    append_row(out, table, widths, NULL, width);
    append_rule(out, table, widths);
    for (size_t row = 0; row < table->row_count; row++) {
        append_row(out, table, widths, table->cells + row * table->column_count, width);
    }
}

/* ---- progress ---- */

struct cli_progress cli_progress_start(const char *label, uint64_t total, bool quiet)
{
    return (struct cli_progress){.label = label,
                                 .total = total,
                                 .start_ms = clock_monotonic_ms(),
                                 .terminal = !quiet && isatty(STDERR_FILENO)};
}

void cli_progress_append(struct buf *out, const struct cli_progress *progress, int64_t now_ms,
                         size_t width)
{
    AUTO(buf_free) struct buf line = {0};
    uint64_t total = progress->total == 0 ? 1 : progress->total;
    uint64_t done = progress->done < total ? progress->done : total;
    int64_t elapsed_ms = now_ms - progress->start_ms;
    buf_append_format(&line, "%s [", progress->label);
    for (uint64_t i = 0; i < BAR_COLUMNS; i++) {
        buf_append_text(&line, i < done * BAR_COLUMNS / total ? "#" : ".");
    }
    buf_append_format(&line, "] %" PRIu64 "/%" PRIu64 "  %" PRIu64 "%%", progress->done,
                      progress->total, done * 100 / total);
    if (done > 0 && done < total && elapsed_ms > 2000) {
        int64_t rest_s = elapsed_ms * (int64_t)(total - done) / (int64_t)done / 1000;
        buf_append_format(&line, "  剩余 left %" PRId64 " s", rest_s);
    }
    cli_text_fit(out, buf_text(&line), width, true);
}

static void show(struct cli_progress *progress, int64_t now_ms)
{
    AUTO(buf_free) struct buf line = {0};
    buf_append_text(&line, "\r");
    cli_progress_append(&line, progress, now_ms, cli_terminal_columns(STDERR_FILENO) - 1);
    (void)fwrite(line.data, 1, line.len, stderr);
    (void)fflush(stderr);
    progress->shown_ms = now_ms;
}

void cli_progress_step(struct cli_progress *progress, uint64_t done)
{
    int64_t now_ms = clock_monotonic_ms();
    progress->done = done;
    if (progress->terminal && now_ms - progress->shown_ms >= REDRAW_MS) {
        show(progress, now_ms);
    }
}

void cli_progress_end(struct cli_progress *progress)
{
    if (progress->terminal && progress->shown_ms != 0) {
        size_t columns = cli_terminal_columns(STDERR_FILENO) - 1;
        (void)fprintf(stderr, "\r%*s\r", (int)columns, "");
        (void)fflush(stderr);
    }
    progress->terminal = false;
}
