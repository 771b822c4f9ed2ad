/* Files that hold tables: which form one has is seen in its first bytes, not in its name. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_FILE_H
#define DIRCHAIN_EXCHANGE_SHEET_FILE_H

#include "exchange/sheet.h"

enum sheet_form {
    SHEET_FORM_LINES, /* JSON, one document or one a line: no table */
    SHEET_FORM_CSV,
    SHEET_FORM_XLSX,
    SHEET_FORM_OLD, /* .xls, or an .xlsx under a password */
};
enum sheet_form sheet_form_of(struct view bytes);

/* Reads a CSV or .xlsx file; one of CSV becomes a workbook of one sheet, named `name`. `bytes` is
 * what the file at `path` holds. ERR_SHEET_*, ERR_TABLE_ENCODING, ERR_CSV, ERR_IO; then *row is the
 * row at which reading ended, if there is one to name, or 0. */
int sheet_file_read(struct workbook *out, size_t *row, const char *path, struct view bytes,
                    const char *name);

/* Adds a CSV file of so many bytes to a workbook as one more sheet. Errors as above. */
int sheet_csv_add(struct workbook *book, size_t *row, const char *path, uint64_t bytes,
                  const char *name);

/* Appends a sheet as CSV in UTF-8 with a byte order mark and CR LF, as programs take it. A text
 * that a program would take for a formula (= + - @ at its start) gets an apostrophe before it,
 * which reading takes away again. */
void sheet_append_csv(struct buf *out, const struct sheet *sheet);

#endif
