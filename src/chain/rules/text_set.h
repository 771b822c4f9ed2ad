/* A list of texts that can be asked for one of them quickly: bodies may hold hundreds of items, and
 * no rule may be quadratic in what a signer sends. */
#ifndef DIRCHAIN_CHAIN_RULES_TEXT_SET_H
#define DIRCHAIN_CHAIN_RULES_TEXT_SET_H

#include "base/doc.h"

struct text_set_item {
    const char *text;
    size_t index; /* in the list */
};

struct text_set { /* {0} is empty; release with text_set_free */
    struct text_set_item *item;
    size_t count;
};

/* From a list of texts, or, with `member`, of objects that hold one; those without are left out.
 * The texts stay the list's. */
void text_set_build(struct text_set *out, const struct doc *list, const char *member);
void text_set_free(struct text_set *set); /* usable with AUTO */
/* Index in the list of the first element with this text, or -1. */
long text_set_find(const struct text_set *set, const char *text);
/* Index in the list of an element whose text an earlier one has too, the one after `from`; -1 when
 * there is none. For each of them: start with -1, then pass the last answer. */
long text_set_next_duplicate(const struct text_set *set, long from);

#endif
