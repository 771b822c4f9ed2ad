/* The words that lists may be asked for: each list of them is whole, or it would hide records. The
 * tests watch what the rules write (tests/rules/word_habit.c). */
#ifndef DIRCHAIN_API_LIST_WORDS_H
#define DIRCHAIN_API_LIST_WORDS_H

#include <stdbool.h>

/* NULL-terminated, ascending. */
extern const char *const list_statuses_duty[];
extern const char *const list_statuses_entry[];
extern const char *const list_statuses_request[];
extern const char *const list_routes[]; /* of requests, and of the grants they become */
extern const char *const list_statuses_grant[];
extern const char *const list_statuses_access[];
extern const char *const list_statuses_matter[]; /* of all kinds (matter_kinds.def) */
extern const char *const list_effects[];         /* of automatic acts */
extern const char *const list_terms[];           /* names of term_kinds.c */

bool list_words_have(const char *const *words, const char *word);
/* The statuses of the family of this state key; NULL where no list filters by it. */
const char *const *list_statuses_of(const char *key);

#endif
