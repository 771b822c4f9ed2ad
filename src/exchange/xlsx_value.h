/* What the cells of an .xlsx file hold, as the texts that people see: numbers, dates (serial
 * numbers of days, shown as dates by a cell's format), and characters that XML cannot hold. */
#ifndef DIRCHAIN_EXCHANGE_XLSX_VALUE_H
#define DIRCHAIN_EXCHANGE_XLSX_VALUE_H

#include "base/bytes.h"

#include <stdbool.h>

#define XLSX_VALUE_CHARS 64

/* A number in its 15 significant digits, as programs show it. ERR_CELL_NUMBER (and the text as it
 * stands): of 16 digits and more the last ones were lost when they were typed in, which is what
 * happens to codes of 18 digits; or no number at all. */
int xlsx_number_text(char out[XLSX_VALUE_CHARS], const char *number);
/* The date of a serial number, with the time of day if it has one: "2026-02-12",
 * "2026-02-12 10:00:00"; below 1 the time alone. In the 1900 system 60 is a day that never was:
 * that, and what is no such number, is ERR_DATE. */
int xlsx_date_text(char out[XLSX_VALUE_CHARS], const char *serial, bool from_1904);
/* Whether a cell's format shows a date or time: by its number where it is built in (Chinese
 * ones included), by its code where it is the file's own. */
bool xlsx_format_is_date(unsigned long number);
bool xlsx_code_is_date(const char *code);
/* Appends text with _xHHHH_ decoded and line ends made \n. */
void xlsx_text_append(struct buf *out, const char *text);
/* Appends text so that reading it decodes nothing that was not encoded. */
void xlsx_text_escape(struct buf *out, const char *text);

#endif
