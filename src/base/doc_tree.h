/* What the parts of the document module share about trees: the unchecked ways in, for text that
 * the lexer has checked, and canonical order. Only doc*.c include this. */
#ifndef DIRCHAIN_BASE_DOC_TREE_H
#define DIRCHAIN_BASE_DOC_TREE_H

#include "base/doc.h"

/* A member of an object. While parsing, the key is not ended by a NUL. */
struct doc_member {
    struct view key;
    struct doc *value;
};

/* RFC 8785 orders by UTF-16 code units; our keys are ASCII, where that is byte order. */
void doc_members_sort(struct doc_member *members, size_t count);

struct doc *doc_new_text_unchecked(struct view text);
void doc_set_unchecked(struct doc *object, struct view key, struct doc *value); /* takes value */

#endif
