/* The habit of record_current (chain/rules/records.h), watched in every row: before a transaction
 * stops or replaces what runs on a record, what is due on that record was applied. */
#include "term_habit.h"

#include "base/ensure.h"
#include "chain/rules/records.h"
#include "chain/rules/terms.h"

#include <stdio.h>
#include <string.h>

#define APPLIED_MAX 400

static struct {
    char txid[2 * HASH_BYTES + 1];
    char subject[APPLIED_MAX][RECORD_KEY_BYTES];
    size_t count;
    unsigned depth; /* inside of rules_apply_due: the ends themselves */
} applied;

static bool was_applied(const struct rule_context *context, const char *subject)
{
    if (strcmp(applied.txid, context->txid) != 0) {
        memcpy(applied.txid, context->txid, sizeof applied.txid);
        applied.count = 0;
    }
    for (size_t i = 0; i < applied.count; i++) {
        if (strcmp(applied.subject[i], subject) == 0) {
            return true;
        }
    }
    return false;
}

int __real_rules_apply_due(struct rule_context *context, const char *subject);
int __wrap_rules_apply_due(struct rule_context *context, const char *subject);
int __wrap_rules_apply_due(struct rule_context *context, const char *subject)
{
    if (!was_applied(context, subject)) {
        ENSURE(applied.count < APPLIED_MAX);
        (void)snprintf(applied.subject[applied.count++], RECORD_KEY_BYTES, "%s", subject);
    }
    applied.depth++;
    int error = __real_rules_apply_due(context, subject);
    applied.depth--;
    return error;
}

/* What the transaction itself put on record runs by its own word. */
void term_habit_watch(struct rule_context *context, const char *subject, const char *name)
{
    if (context->tx == NULL || applied.depth > 0) {
        return;
    }
    const struct doc *record = state_get(context->state, subject);
    const struct doc *term = term_get(record, name);
    if (term != NULL && term_kind_find(name)->indexed && !doc_get_bool(term, "over", false) &&
        !doc_text_is(record, "version", context->txid) && !was_applied(context, subject)) {
        (void)fprintf(stderr, "%s ends or replaces the term %s of %s without record_current\n",
                      context->tx->type->name, name, subject);
        ENSURE(false);
    }
}

void __real_term_stop(struct rule_context *context, struct doc *record, const char *subject,
                      const char *name);
void __wrap_term_stop(struct rule_context *context, struct doc *record, const char *subject,
                      const char *name);
void __wrap_term_stop(struct rule_context *context, struct doc *record, const char *subject,
                      const char *name)
{
    term_habit_watch(context, subject, name);
    __real_term_stop(context, record, subject, name);
}

void __real_term_pause(struct rule_context *context, struct doc *record, const char *subject,
                       const char *name);
void __wrap_term_pause(struct rule_context *context, struct doc *record, const char *subject,
                       const char *name);
void __wrap_term_pause(struct rule_context *context, struct doc *record, const char *subject,
                       const char *name)
{
    term_habit_watch(context, subject, name);
    __real_term_pause(context, record, subject, name);
}
