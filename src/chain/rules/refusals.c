/* What a refusal tells beyond its code: the status a record is in and those that would do, the
 * parties that may act, the roles. It is noted where the rule asks (faults.h), and completed here,
 * when the fault is recorded; nothing of it is part of the ledger. */
#include "chain/rules/refusals.h"

#include "base/errors.h"
#include "chain/rules/records.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- parties ---- */

/* "provider:ID" of a member that has this part in the record, or in the body; its id otherwise. */
static void note_member(struct faults *faults, const struct doc *record, const struct doc *body,
                        const char *id)
{
    static const char *const sides[] = {"provider", "consumer", "member"};
    char word[FAULT_WORDS_BYTES_MAX];
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        if (doc_text_is(record, sides[i], id) || doc_text_is(body, sides[i], id)) {
            (void)snprintf(word, sizeof word, "%s:%s", sides[i], id);
            faults_note_may(faults, ERR_PARTY, word);
            return;
        }
    }
    faults_note_may(faults, ERR_PARTY, id);
}

static void name_sides(struct rule_context *context, const struct doc *record)
{
    char words[FAULT_WORDS_BYTES_MAX];
    memcpy(words, context->faults->noted.may, sizeof words);
    faults_forget_noted(context->faults);
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        note_member(context->faults, record, context->body, word);
    }
}

/* ---- statuses ---- */

static bool is_choice(const struct tx_type *type, const char *name)
{
    for (const struct field *field = type->fields; field->name != NULL; field++) {
        if (strcmp(field->name, name) == 0) {
            return field->kind == FIELD_CHOICE;
        }
    }
    return false;
}

static bool is_part_of_key(const char *key, const char *value)
{
    size_t len = strlen(value);
    for (const char *part = key; part != NULL; part = strchr(part, '/')) {
        part += part == key ? 0 : 1;
        if (strcspn(part, "/") == len && memcmp(part, value, len) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether a fault at this field is about the record that the transaction acts on: the field is part
 * of its key, or says what is to be done with it. Another field names another record. */
static bool is_of_subject(const struct rule_context *context, const char *field)
{
    const char *value = doc_get_text(context->body, field);
    return field[0] == 0 || is_choice(context->tx->type, field) ||
           (value != NULL && is_part_of_key(context->subject, value));
}

/* The subject's status, unless the rule has said what is. A status that would do is not what is
 * wrong with a record: then the statuses that would do are not the point. */
static void tell_status(struct rule_context *context, const struct doc *record, const char *field)
{
    struct fault_words *noted = &context->faults->noted;
    if ((noted->error != ERR_STATUS || noted->now[0] == 0) && is_of_subject(context, field)) {
        faults_note_now(context->faults, ERR_STATUS, doc_get_text(record, "status"));
    }
    if (noted->error == ERR_STATUS && fault_words_have(noted->may, noted->now)) {
        noted->may[0] = 0;
    }
}

static void note_statuses(struct faults *faults, const char *words)
{
    char copy[FAULT_WORDS_BYTES_MAX];
    char *rest = NULL;
    (void)snprintf(copy, sizeof copy, "%s", words);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        faults_note_may(faults, ERR_STATUS, word);
    }
}

int rule_fault_status(struct rule_context *context, const char *now, const char *may,
                      const char *clause, const char *field_format, ...)
{
    char field[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, field_format);
    (void)vsnprintf(field, sizeof field, field_format, arguments);
    va_end(arguments);
    faults_note_now(context->faults, ERR_STATUS, now);
    note_statuses(context->faults, may);
    return rule_fault(context, ERR_STATUS, clause, "%s", field);
}

int rule_fault_record(struct rule_context *context, const struct doc *record, const char *may,
                      const char *clause, const char *field_format, ...)
{
    char field[FAULT_FIELD_BYTES_MAX];
    va_list arguments;
    va_start(arguments, field_format);
    (void)vsnprintf(field, sizeof field, field_format, arguments);
    va_end(arguments);
    return record == NULL ? rule_fault(context, ERR_SUBJECT, clause, "%s", field)
                          : rule_fault_status(context, doc_get_text(record, "status"), may, clause,
                                              "%s", field);
}

/* ---- both ---- */

void refusal_tell(struct rule_context *context, int error, const char *field)
{
    if (error == ERR_TX_ROLE) {
        faults_note_now(context->faults, error, doc_get_text(context->key, "role"));
    }
    bool party = error == ERR_PARTY && context->faults != NULL &&
                 context->faults->noted.error == ERR_PARTY;
    bool status = error == ERR_STATUS;
    if (context->tx == NULL || context->faults == NULL || (!party && !status)) {
        return;
    }
    const struct doc *record =
        context->subject[0] == 0 ? NULL : state_get(context->state, context->subject);
    if (party) {
        name_sides(context, record);
    } else {
        tell_status(context, record, field);
    }
}
