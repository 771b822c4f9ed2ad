/* The text level of JSON documents: tokens in, quoted strings out, and the rules for text. Knows
 * nothing of trees. Only doc*.c include this. */
#ifndef DIRCHAIN_BASE_DOC_TEXT_H
#define DIRCHAIN_BASE_DOC_TEXT_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum doc_token {
    DOC_TOKEN_END, /* of the input */
    DOC_TOKEN_OBJECT,
    DOC_TOKEN_OBJECT_END,
    DOC_TOKEN_ARRAY,
    DOC_TOKEN_ARRAY_END,
    DOC_TOKEN_COLON,
    DOC_TOKEN_COMMA,
    DOC_TOKEN_TEXT,
    DOC_TOKEN_INT,
    DOC_TOKEN_TRUE,
    DOC_TOKEN_FALSE,
    DOC_TOKEN_NULL
};

/* Reads tokens of one input, which must outlive it. Release with doc_lexer_free. */
struct doc_lexer {
    const uint8_t *at;
    const uint8_t *end;
    struct view text;   /* of a text token, without escapes; valid until doc_lexer_free */
    bool ascii;         /* of a text token: nothing beyond U+007F */
    int64_t number;     /* of an integer token */
    uint8_t *unescaped; /* the texts that had escapes, one after another */
    size_t unescaped_len;
};

struct doc_lexer doc_lexer_of(struct view input);
void doc_lexer_free(struct doc_lexer *lexer);
/* Returns 0 or ERR_JSON_SYNTAX, ERR_JSON_TEXT, ERR_JSON_REAL, ERR_JSON_RANGE. */
int doc_lexer_next(struct doc_lexer *lexer, enum doc_token *out);

/* Valid UTF-8 without control characters but \n and \t: 0, ERR_JSON_SYNTAX (not UTF-8) or
 * ERR_JSON_TEXT. *ascii tells whether nothing is beyond U+007F. */
int doc_text_check(struct view text, bool *ascii);

/* Appends valid text as a JSON string in its RFC 8785 form. */
void doc_text_append_quoted(struct buf *out, struct view text);

/* The same, and an integer in decimal, where there is room for it already; returns what is behind.
 * Only '"', '\\', \n and \t ever need escaping here, each by two bytes. */
#define DOC_QUOTED_BYTES(text_len) (2 * (text_len) + 2)
#define DOC_DECIMAL_BYTES 20
uint8_t *doc_text_quote(uint8_t *to, struct view text);
uint8_t *doc_text_decimal(uint8_t *to, int64_t value);

#endif
