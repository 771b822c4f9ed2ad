/* What the members of records and transactions are called in Chinese, in a word or two: the labels
 * of pages, and of what terminals show of records. (What a member means stands in the tables of
 * fields, in a sentence.) */
#ifndef DIRCHAIN_EXCHANGE_LABELS_H
#define DIRCHAIN_EXCHANGE_LABELS_H

#include <stddef.h>

/* The members that have one, in order; NULL past the end. */
const char *label_at(size_t index, const char **chinese);

/* That of one member, or NULL. */
const char *label_chinese(const char *member);

#endif
