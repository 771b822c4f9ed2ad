/* Records into sheets by a plan (sheet_plan.h), so that reading them (sheet_records.h) gives the
 * same documents again, and templates for a clerk to fill in. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_WRITE_H
#define DIRCHAIN_EXCHANGE_SHEET_WRITE_H

#include "exchange/sheet.h"
#include "exchange/sheet_plan.h"

/* One sheet for each part of the plan: heading row, then the records in their order.
 * ERR_SHEET_LARGE.
 */
int sheet_fill(struct workbook *out, const struct sheet_plan *plan, const struct doc *records);
/* Appends such a workbook as .xlsx, with drop-down lists. ERR_SHEET_LARGE, ERR_IO. */
int sheet_write_xlsx(struct buf *out, const struct sheet_plan *plan, const struct workbook *book);
/* Appends a template as .xlsx: headings, an example that reading passes over, drop-down lists, and
 * a sheet that explains every column. */
int sheet_write_template(struct buf *out, const struct sheet_plan *plan);

#endif
