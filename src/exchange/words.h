/* Words of the protocol in Chinese: statuses, routes, roles, parties, attributes, choices of
 * fields. What tables and terminals show; a choice in a table is read back by it. */
#ifndef DIRCHAIN_EXCHANGE_WORDS_H
#define DIRCHAIN_EXCHANGE_WORDS_H

#include <stddef.h>

/* The Chinese word (docs/glossary.md), or NULL where there is none. `member` names what the word is
 * the value of, since "approve" is both a role and an answer; it may be NULL. */
const char *word_chinese(const char *member, const char *word);

/* The words in order, "member:word" among them; NULL past the end. */
const char *word_at(size_t index, const char **chinese);

#endif
