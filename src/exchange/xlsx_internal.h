/* What the readers of an .xlsx file share: the workbook's parts as far as they were read.
 *
 *   xlsx_read.c   _rels → workbook → its relations → shared strings, styles → the sheets in order
 *   xlsx_sheet.c  one worksheet */
#ifndef DIRCHAIN_EXCHANGE_XLSX_INTERNAL_H
#define DIRCHAIN_EXCHANGE_XLSX_INTERNAL_H

#include "exchange/sheet.h"
#include "exchange/xlsx_parts.h"

#include <stdbool.h>

struct xlsx_file {
    struct xlsx_parts *parts;
    struct workbook *book;
    bool from_1904;       /* days count from 1904-01-01 */
    const char **strings; /* shared ones, kept in the workbook */
    size_t string_count;
    bool *dates; /* of each cell format: shows a date */
    size_t date_count;
};

/* Reads one worksheet into `sheet`. ERR_SHEET_FORM, ERR_SHEET_LARGE. */
int xlsx_sheet_read(struct xlsx_file *file, struct sheet *sheet, const char *part);

#endif
