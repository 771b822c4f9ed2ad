/* Which characters a text of a transaction may hold. */
#ifndef DIRCHAIN_CHAIN_TEXT_FORM_H
#define DIRCHAIN_CHAIN_TEXT_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether text (valid UTF-8, as every document's) holds nothing but characters that mean the same
 * to every reader and stand where they were written. */
bool text_form_good(const char *text);

#endif
