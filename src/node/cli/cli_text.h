/* Text for terminals: how many columns it takes when Chinese characters take two, cutting, padding
 * and wrapping by columns. Knows nothing of the locale: width is a property of the character. */
#ifndef DIRCHAIN_NODE_CLI_TEXT_H
#define DIRCHAIN_NODE_CLI_TEXT_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

#define CLI_COLUMNS 80 /* where there is no terminal to ask */

/* Columns of UTF-8 text; a byte that is no UTF-8 counts one. */
size_t cli_text_width(const char *text);
/* Appends text cut to `columns` with "…" where it is longer; line breaks and tabs become spaces,
 * control characters "?". With `pad` filled with spaces on the right. */
void cli_text_fit(struct buf *out, const char *text, size_t columns, bool pad);
/* Appends text broken into lines of at most `columns`; the first starts at column `at`, the others
 * are indented by `indent`. Breaks at spaces and between Chinese characters, never before closing
 * punctuation. No line break at the end. */
void cli_text_wrap(struct buf *out, const char *text, size_t at, size_t indent, size_t columns);
/* Appends text of many lines: those of more than `columns` are broken, what follows is indented two
 * more than the line was. A word of ASCII that no line can hold (a path, an address) is what people
 * copy: it stays whole, on a line of its own. */
void cli_text_wrap_lines(struct buf *out, const char *text, size_t columns);
/* Columns of the terminal on this descriptor, 40…200; CLI_COLUMNS when it is none. */
size_t cli_terminal_columns(int fd);

#endif
