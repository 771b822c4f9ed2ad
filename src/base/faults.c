/* Collected faults of one input. Invariants: count ≤ FAULTS_MAX, and item[0 … count) keep the
 * order in which they were found; a field is whole UTF-8 on one line. */
#include "base/faults.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A field may quote the caller's own keys, of any length: cut at a character, keep it on a line. */
static void field_tidy(char *field, size_t full_len)
{
    size_t len = strlen(field);
    if (full_len > len) {
        size_t start = len; /* of the last character, which may be cut */
        while (start > 0 && ((uint8_t)field[start - 1] & 0xc0) == 0x80)
            start--;
        if (start > 0 && (uint8_t)field[start - 1] >= 0xc0) {
            uint8_t lead = (uint8_t)field[start - 1];
            size_t need = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
            if (len - (start - 1) < need)
                field[start - 1] = '\0';
        }
    }
    for (; *field != '\0'; field++) {
        if ((uint8_t)*field < 0x20 || *field == 0x7f)
            *field = '?';
    }
}

static void clause_set(struct fault *fault, const char *clause)
{
    int len = snprintf(fault->clause, sizeof fault->clause, "%s", clause != NULL ? clause : "");
    ENSURE(len >= 0);
    field_tidy(fault->clause, (size_t)len);
}

/* ---- what would have been allowed ---- */

bool fault_words_have(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; *at != '\0'; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strcspn(at, " ") == len && memcmp(at, word, len) == 0)
            return true;
    }
    return false;
}

static void word_add(char words[FAULT_WORDS_BYTES_MAX], const char *word)
{
    size_t len = strlen(words), more = strlen(word), gap = len > 0;
    if (more == 0 || len + gap + more >= FAULT_WORDS_BYTES_MAX || fault_words_have(words, word))
        return;
    if (gap)
        words[len] = ' ';
    memcpy(words + len + gap, word, more + 1);
}

static bool note_for(struct faults *faults, int error, const char *word)
{
    if (!faults || !word)
        return false;
    if (faults->noted.error != error)
        faults->noted = (struct fault_words){.error = error};
    return true;
}

void faults_note_may(struct faults *faults, int error, const char *word)
{
    if (note_for(faults, error, word))
        word_add(faults->noted.may, word);
}

void faults_note_now(struct faults *faults, int error, const char *word)
{
    if (note_for(faults, error, word))
        word_add(faults->noted.now, word);
}

void faults_note_choices(struct faults *faults, const char *const *choices,
                         const char *(*gloss)(const char *word))
{
    if (!note_for(faults, ERR_FIELD_CHOICE, ""))
        return;
    faults->noted.choices = choices;
    faults->noted.gloss = gloss;
}

static void note_bounds(struct faults *faults, int error, enum fault_measure measure, int64_t low,
                        int64_t high)
{
    if (note_for(faults, error, ""))
        faults->noted.bounds = (struct fault_bounds){measure, low, high};
}

void faults_note_bounds(struct faults *faults, int error, int64_t low, int64_t high)
{
    note_bounds(faults, error, FAULT_NUMBERS, low, high);
}

void faults_note_days(struct faults *faults, int error, int64_t low, int64_t high)
{
    note_bounds(faults, error, FAULT_DAYS, low, high);
}

void faults_forget_noted(struct faults *faults)
{
    if (faults)
        faults->noted.error = 0;
}

static void take_noted(struct fault *fault, struct fault_words *noted)
{
    bool own = noted->error == fault->error;
    memcpy(fault->now, own ? noted->now : "", own ? sizeof fault->now : 1);
    memcpy(fault->may, own ? noted->may : "", own ? sizeof fault->may : 1);
    fault->choices = own ? noted->choices : NULL;
    fault->gloss = own ? noted->gloss : NULL;
    fault->bounds = own ? noted->bounds : (struct fault_bounds){.measure = FAULT_UNBOUND};
    fault->named = NULL;
    if (own)
        noted->error = 0;
}

int faults_add(struct faults *faults, int error, const char *clause, const char *field_format, ...)
{
    ENSURE(error > 0 && error < ERROR_COUNT);
    if (!faults)
        return error;
    if (faults->count == FAULTS_MAX) {
        faults->dropped++;
        return error;
    }
    struct fault *fault = &faults->item[faults->count++];
    fault->error = error;
    clause_set(fault, clause);
    take_noted(fault, &faults->noted);
    va_list args;
    va_start(args, field_format);
    int len = vsnprintf(fault->field, sizeof fault->field, field_format, args);
    va_end(args);
    ENSURE(len >= 0);
    field_tidy(fault->field, (size_t)len);
    return error;
}

void faults_name_field(struct faults *faults, const char *name)
{
    if (faults && faults->count > 0 && faults->dropped == 0)
        faults->item[faults->count - 1].named = name;
}

void faults_tell_as(struct faults *faults, const struct fault *fault)
{
    if (faults->count == 0 || faults->dropped > 0)
        return;
    struct fault *last = &faults->item[faults->count - 1];
    memcpy(last->now, fault->now, sizeof last->now);
    memcpy(last->may, fault->may, sizeof last->may);
    last->choices = fault->choices;
    last->gloss = fault->gloss;
    last->bounds = fault->bounds;
    last->named = fault->named;
}

void faults_name_clause(struct faults *faults, const char *clause)
{
    for (size_t i = 0; faults != NULL && i < faults->count; i++)
        if (faults->item[i].clause[0] == '\0')
            clause_set(&faults->item[i], clause);
}

int faults_first(const struct faults *faults)
{
    return faults && faults->count > 0 ? faults->item[0].error : OK;
}

void faults_append_text(struct buf *out, const struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->item[i];
        buf_append_text(out, error_code(fault->error));
        if (fault->field[0] != '\0')
            buf_append_format(out, " %s", fault->field);
        buf_append_format(out, ": %s", error_english(fault->error));
        if (fault->clause[0] != '\0')
            buf_append_format(out, " (%s)", fault->clause);
        buf_append_format(out, " / %s\n", error_chinese(fault->error));
    }
    if (faults->dropped > 0)
        buf_append_format(out, "... and %zu more / 另有 %zu 处\n", faults->dropped,
                          faults->dropped);
}
