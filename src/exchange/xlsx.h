/* .xlsx workbooks (ECMA-376), read and written. */
#ifndef DIRCHAIN_EXCHANGE_XLSX_H
#define DIRCHAIN_EXCHANGE_XLSX_H

#include "exchange/sheet.h"

/* Reads all worksheets, hidden ones too, as what a person sees in them: numbers and dates as text,
 * formulas by the result that was saved with them, every cell of a merged range with the range's
 * text. ERR_SHEET_FORM, ERR_SHEET_LARGE. */
int xlsx_read(struct workbook *out, struct view file);

#endif
