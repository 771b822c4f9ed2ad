/* All faults of one input at once: what a clerk needs to mend a document in one go. A fault is an
 * error, the field it concerns and, for a rule, the clause behind it. */
#ifndef DIRCHAIN_BASE_FAULTS_H
#define DIRCHAIN_BASE_FAULTS_H

#include "base/bytes.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a value has to lie between, both ends included; the measure of the fault's error: characters
 * of ERR_FIELD_LENGTH, elements of ERR_FIELD_COUNT. */
enum fault_measure {
    FAULT_UNBOUND,
    FAULT_NUMBERS,
    FAULT_DAYS /* of civil time; FAULT_OPEN where there is no such end */
};
#define FAULT_OPEN INT64_MAX

struct fault_bounds {
    enum fault_measure measure;
    int64_t low, high;
};

struct fault {
    int error;                        /* enum error */
    char field[FAULT_FIELD_BYTES_MAX]; /* path such as "items[3].name"; "" for the whole */
    char clause[FAULT_CLAUSE_BYTES_MAX]; /* such as "PT 20"; "" for none. A copy: a profile's or a
                                          * record's clause goes with its document */
    /* What is (a status, a role) and what would have been allowed (statuses, roles, parties): words
     * of the protocol with a space between two, see fault_words; "" where none is known. */
    char now[FAULT_WORDS_BYTES_MAX];
    char may[FAULT_WORDS_BYTES_MAX];
    /* Of ERR_FIELD_CHOICE: all words, NULL-terminated, of a table that stays; else NULL. */
    const char *const *choices;
    /* A word of theirs in Chinese; NULL: as a value of the field (words.h). */
    const char *(*gloss)(const char *word);
    struct fault_bounds bounds;
    const char *named; /* the field's own name, of a table that stays; NULL: as `field` ends */
};

/* Words: "published"; a member by its side "provider:11440000006939916J", or its id alone; the
 * center's officers "center/review". */
struct fault_words {
    int error; /* whose they are; 0: none were noted */
    char now[FAULT_WORDS_BYTES_MAX];
    char may[FAULT_WORDS_BYTES_MAX];
    const char *const *choices;
    const char *(*gloss)(const char *word);
    struct fault_bounds bounds;
};

/* {0} is empty. Beyond FAULTS_MAX further faults are counted in `dropped`. */
struct faults {
    size_t count;
    size_t dropped;
    struct fault_words noted; /* for the next fault of its error */
    struct fault item[FAULTS_MAX];
};

/* Returns `error`, so that `return faults_add(...)` reads well. `faults`, `clause` may be NULL. */
int faults_add(struct faults *faults, int error, const char *clause, const char *field_format, ...)
    __attribute__((format(printf, 4, 5)));
/* What the next fault of this error tells: what would have been allowed, what is. A word that there
 * is no room for, or that was noted, is left out. `faults`, `word` may be NULL. */
void faults_note_may(struct faults *faults, int error, const char *word);
void faults_note_now(struct faults *faults, int error, const char *word);
/* What the next ERR_FIELD_CHOICE tells; `gloss` may be NULL. */
void faults_note_choices(struct faults *faults, const char *const *choices,
                         const char *(*gloss)(const char *word));
/* What the next fault of this error tells of its bounds. */
void faults_note_bounds(struct faults *faults, int error, int64_t low, int64_t high);
void faults_note_days(struct faults *faults, int error, int64_t low, int64_t high);
/* Whose words the last fault tells: the field's name in its table. */
void faults_name_field(struct faults *faults, const char *name);
/* Lets the last fault tell what this one does; for one that is told of another place. */
void faults_tell_as(struct faults *faults, const struct fault *fault);
bool fault_words_have(const char *words, const char *word);
void faults_forget_noted(struct faults *faults);
/* Gives this clause to those that have none. */
void faults_name_clause(struct faults *faults, const char *clause);
int faults_first(const struct faults *faults); /* error of the first one, 0 if none */
/* One line a fault: code, field, English, clause / 中文. For terminals and logs. */
void faults_append_text(struct buf *out, const struct faults *faults);

#endif
