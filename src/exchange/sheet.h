/* A workbook in memory: sheets of rows of cells, every cell a text. What .xlsx and CSV files are
 * read into, and what they are written from; knows neither form.
 *
 *   workbook ── sheet "职责" ── row 1 [序号][职权编码][职权名称]…      rows that hold nothing are
 * left out └─ sheet …      ── row 4 [1]   [1144…]   [年度检查]…      and keep the others' numbers
 *
 * Whatever a file says, a workbook stays within limits.h (SHEET_*): the texts of all its cells
 * together are bounded, one that many cells share counted in each of them. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_H
#define DIRCHAIN_EXCHANGE_SHEET_H

#include "base/bytes.h"
#include "base/limits.h"

#include <stdbool.h>

struct sheet_cell {
    const char *text; /* UTF-8, "" where there is nothing; owned by the workbook */
    int error;        /* ERR_CELL_*: what the cell shows is not what was meant; 0 */
};

struct sheet_row {
    size_t number; /* as a spreadsheet program shows it, from 1 */
    size_t count;
    struct sheet_cell *cells;
};

struct sheet {
    char *name;
    bool hidden; /* who opens the file does not see it */
    struct sheet_row *rows; /* in ascending order of their numbers */
    size_t count;
    size_t capacity;
};

struct sheet_text; /* a block of texts */
struct workbook {
    struct sheet *sheets;
    size_t count;
    struct sheet_text *texts;
    size_t cells; /* of all sheets, blank ones between others included */
    size_t bytes; /* of their texts */
};

void workbook_free(struct workbook *book); /* leaves {0}; usable with AUTO */
/* A new sheet at the end. ERR_SHEET_LARGE beyond SHEETS_MAX. The pointer holds until the next. */
int workbook_add(struct sheet **out, struct workbook *book, const char *name);
/* Sets a cell (column from 0) of the last row or of a new one behind it. ERR_SHEET_LARGE;
 * ERR_SHEET_FORM when the row lies before the last. `text` is copied. */
int workbook_set(struct workbook *book, struct sheet *sheet, size_t row, size_t column,
                 const char *text, int error);
/* The same with a text that lives as long as the workbook. */
int workbook_set_shared(struct workbook *book, struct sheet *sheet, size_t row, size_t column,
                        const char *text, int error);
/* Sets a cell of a row that is there, unless it holds something. The text lives on. */
int workbook_fill(struct workbook *book, struct sheet_row *row, size_t column, const char *text);
/* A text kept with the workbook. ERR_SHEET_LARGE beyond SHEET_CELL_BYTES_MAX. */
int workbook_keep(const char **out, struct workbook *book, struct view text);

/* Index of the first row with this number or a higher one; `count` where there is none. */
size_t sheet_row_from(const struct sheet *sheet, size_t number);
/* By number; NULL where the row holds nothing. */
struct sheet_row *sheet_row_at(const struct sheet *sheet, size_t number);
/* "" beyond the end of the row. */
const char *sheet_row_text(const struct sheet_row *row, size_t column);

/* "A", "B" … "Z", "AA": how programs call a column (from 0). */
#define SHEET_COLUMN_CHARS 4
void sheet_column_name(char out[SHEET_COLUMN_CHARS], size_t column);

#endif
