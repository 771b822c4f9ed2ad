/* What a refusal tells beyond its code: the status a record is in and those that would do, the
 * parties that may act, the roles. It is noted where the rule asks (faults.h), and completed here,
 * when the fault is recorded; nothing of it is part of the ledger. */
#include "chain/rules/refusals.h"

#include "base/errors.h"

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

/* Whether a fault at this field is about the record that the transaction acts on: the field is part
 * of its key, or says what is to be done with it. Another field names another record. */
static bool is_of_subject(const struct rule_context *context, const char *field)
{
    const char *value = doc_get_text(context->body, field);
    return field[0] == 0 || is_choice(context->tx->type, field) ||
           (value != NULL && strstr(context->subject, value) != NULL);
}

/* ---- both ---- */

void refusal_tell(struct rule_context *context, int error, const char *field)
{
    if (error == ERR_TX_ROLE) {
        faults_note_now(context->faults, error, doc_get_text(context->key, "role"));
    }
    bool party = error == ERR_PARTY && context->faults != NULL &&
                 context->faults->noted.error == ERR_PARTY;
    bool status = error == ERR_STATUS && context->subject[0] != 0;
    if (context->tx == NULL || context->faults == NULL || (!party && !status)) {
        return;
    }
    const struct doc *record =
        context->subject[0] == 0 ? NULL : state_get(context->state, context->subject);
    if (party) {
        name_sides(context, record);
    } else if (is_of_subject(context, field)) {
        faults_note_now(context->faults, ERR_STATUS, doc_get_text(record, "status"));
    }
}
