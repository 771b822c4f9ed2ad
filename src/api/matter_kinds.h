/* What the list of matters holds: one table of the kinds, from which rows, statuses in words,
 * filters and help come alike. A kind is a family of state keys whose records say "status"; of
 * officers it is whether they are in office. */
#ifndef DIRCHAIN_API_MATTER_KINDS_H
#define DIRCHAIN_API_MATTER_KINDS_H

#include "base/doc.h"

#define MATTER_PARTIES_MAX 104

struct matter_kind {
    const char *name;
    const char *chinese;
    const char *english;
    const char *title; /* NULL: the name of the entry that provider and code name */
    const char *open;  /* "<status> <Chinese>" one after another */
    const char *other;
};

/* The kind of a state key; NULL: none. */
const struct matter_kind *matter_kind_of(const char *key);
const struct matter_kind *matter_kind_at(size_t index); /* NULL past the end */
const char *matter_kind_gloss(const char *name);        /* in Chinese; NULL: there is no such */

/* What this record is called: as its kind, or, where that has several things to judge, by its own
 * "kind" (PT 14: a change, or a deletion). */
const char *matter_chinese(const struct matter_kind *kind, const struct doc *record);
const char *matter_english(const struct matter_kind *kind, const struct doc *record);

/* "" if it has none. */
const char *matter_status(const struct doc *record);
/* Whether somebody has still to act, or a measure is in force. */
bool matter_is_open(const struct matter_kind *kind, const struct doc *record);
/* When it began; 0 where the record does not say. */
int64_t matter_since_ms(const struct doc *record);
/* Whom it is about: the member that it names, or whose data it is. NULL. */
const char *matter_about(const struct doc *record);
/* Everybody whom it concerns, and who began it, each once. Returns how many. */
size_t matter_parties(const char *out[MATTER_PARTIES_MAX], const struct doc *record);

/* Appends the Chinese of a status; what it is not known by, as it is. */
void matter_append_status(struct buf *out, const struct matter_kind *kind, const char *status);
/* [{"word","chinese"}…] of "<status> <Chinese> …". Caller owns. */
struct doc *matter_statuses(const char *words);

#endif
