/* Which characters a text of a transaction may hold; ranges of characters for whoever else has to
 * tell them apart. Texts are valid UTF-8, as every document's. */
#ifndef DIRCHAIN_CHAIN_TEXT_FORM_H
#define DIRCHAIN_CHAIN_TEXT_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_range {
    uint32_t first, last;
};

/* Bytes of the first character of a text that is not empty. */
static inline size_t text_first_bytes(const char *text)
{
    unsigned char c = (unsigned char)*text;
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}
/* The same; which it is into *point. */
size_t text_first(uint32_t *point, const char *text);
/* Ranges in ascending order, apart from each other. */
bool text_in_ranges(uint32_t point, const struct text_range *ranges, size_t count);

/* Whether text holds nothing but characters that mean the same
 * to every reader and stand where they were written. */
bool text_form_good(const char *text);

#endif
