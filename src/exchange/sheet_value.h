/* A cell's text and the value of a field, in both directions. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_VALUE_H
#define DIRCHAIN_EXCHANGE_SHEET_VALUE_H

#include "exchange/sheet_plan.h"

/* The value that a text stands for; NULL for a blank one. A text that cannot be a value of this
 * kind comes back as the text it is, for the table to judge. ENSUREs doc_text_valid. Caller owns.
 */
struct doc *sheet_value_read(const struct sheet_layout *layout, const struct field *field,
                             const char *text);
/* Appends the text of a value, from which sheet_value_read makes the same value again; nothing for
 * NULL. */
void sheet_value_append(struct buf *out, const struct sheet_layout *layout,
                        const struct field *field, const struct doc *value);
/* Appends a choice as people choose it: its Chinese word if it has one. */
void sheet_choice_append(struct buf *out, const struct sheet_layout *layout,
                         const struct field *field, const char *choice);
/* Without white space at both ends, that of Chinese texts included. Borrowed. */
struct view sheet_trim(struct view text);

#endif
