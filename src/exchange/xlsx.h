/* .xlsx workbooks (ECMA-376), read and written. */
#ifndef DIRCHAIN_EXCHANGE_XLSX_H
#define DIRCHAIN_EXCHANGE_XLSX_H

#include "exchange/sheet.h"

#include <stdbool.h>

/* Reads all worksheets, hidden ones too, as what a person sees in them: numbers and dates as text,
 * formulas by the result that was saved with them, every cell of a merged range with the range's
 * text. ERR_SHEET_FORM, ERR_SHEET_LARGE. */
int xlsx_read(struct workbook *out, struct view file);

/* ---- writing ---- */

struct xlsx_column {
    unsigned width;       /* in characters of ASCII; 0: as programs have it */
    bool required;        /* its heading stands out */
    const char **choices; /* a drop-down list, ended by NULL; or NULL */
};

/* How a sheet looks. Sheets have all their cells as text, so that codes keep their digits. */
struct xlsx_look {
    const struct xlsx_column *columns;
    size_t count;
    bool heading;     /* row 1 is a heading: it stays in sight and is repeated in print */
    size_t example;   /* number of a row that is shown as an example; 0 */
    size_t open_rows; /* further rows that the drop-down lists hold for */
};

/* Appends the workbook as .xlsx; one look a sheet. ERR_SHEET_LARGE: a text of more than 32,767
 * characters; ERR_IO. */
int xlsx_write(struct buf *out, const struct workbook *book, const struct xlsx_look *looks);

#endif
