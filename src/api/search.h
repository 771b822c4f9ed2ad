/* Full text for Chinese and Latin script. What is indexed and what is asked for are cut in the same
 * way, so that a word of two characters is found wherever it stands:
 *
 *   text   林业局 CREATE_TIME   →  林业 业局 局 create time      (pairs, and the last one alone)
 *   query  林业局               →  "林业 业局"                   (a phrase of its pairs)
 *          林                   →  "林"*                         (what begins with it)
 *          creat                →  "creat"*
 *
 * Characters of full width count as their ordinary forms. */
#ifndef DIRCHAIN_API_SEARCH_H
#define DIRCHAIN_API_SEARCH_H

#include "base/bytes.h"

/* Appends the terms of a text, separated by blanks; and a blank at the end. */
void search_append_terms(struct buf *out, const char *text);
/* The shingles of a name, each followed by a blank: pairs of Chinese characters, a character that
 * stands alone, words. */
void search_append_shingles(struct buf *out, const char *text);
/* Appends a query in the language of FTS5: every part must be found. False, and nothing appended,
 * when there is no letter, digit or character to look for. At most SEARCH_PARTS_MAX parts count. */
bool search_append_query(struct buf *out, const char *text);

#endif
