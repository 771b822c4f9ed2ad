/* Whatever the rows have the rules write: its status is one that lists know, and that its kind of
 * matter has a word for; so is its route, and the effect of each automatic act. A word that is
 * missing there would hide records from those who ask for it. */
#include "api/list_words.h"
#include "api/matter_kinds.h"
#include "base/ensure.h"
#include "base/memory.h"
#include "chain/rules/records.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool kind_has(const char *key, const char *status)
{
    const struct matter_kind *kind = matter_kind_of(key);
    AUTO(buf_free) struct buf word = {0};
    if (kind == NULL) {
        return true;
    }
    matter_append_status(&word, kind, status);
    return strcmp(buf_text(&word), status) != 0; /* as it is: it has none */
}

static void check_status(const char *key, const struct doc *value)
{
    const char *const *statuses = list_statuses_of(key);
    const char *status = matter_kind_of(key) != NULL ? matter_status(value)
                                                     : doc_get_text(value, "status");
    if (statuses == NULL || status == NULL || status[0] == 0) {
        return; /* an open list that is applied for has none yet */
    }
    if (!list_words_have(statuses, status) || !kind_has(key, status)) {
        (void)fprintf(stderr, "%s: no list knows the status %s\n", key, status);
        ENSURE(false);
    }
}

static void check_route(const char *key, const struct doc *value)
{
    const char *route = doc_get_text(value, "route");
    if (route != NULL && !list_words_have(list_routes, route)) {
        (void)fprintf(stderr, "%s: no list knows the route %s\n", key, route);
        ENSURE(false);
    }
}

static void check_effect(const char *effect)
{
    if (!list_words_have(list_effects, effect)) {
        (void)fprintf(stderr, "no list knows the effect %s\n", effect);
        ENSURE(false);
    }
}

void __real_state_put(struct state *state, const char *key, struct doc *value);
void __wrap_state_put(struct state *state, const char *key, struct doc *value);
void __wrap_state_put(struct state *state, const char *key, struct doc *value)
{
    check_status(key, value);
    check_route(key, value);
    __real_state_put(state, key, value);
}

void __wrap_state_putf(struct state *state, struct doc *value, const char *format, ...);
void __wrap_state_putf(struct state *state, struct doc *value, const char *format, ...)
{
    char key[RECORD_KEY_BYTES];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    __wrap_state_put(state, key, value);
}

void __real_rule_act(struct rule_context *context, const char *clause, const char *subject,
                     const char *effect);
void __wrap_rule_act(struct rule_context *context, const char *clause, const char *subject,
                     const char *effect);
void __wrap_rule_act(struct rule_context *context, const char *clause, const char *subject,
                     const char *effect)
{
    check_effect(effect);
    __real_rule_act(context, clause, subject, effect);
}

void __real_rule_act_at(struct rule_context *context, const char *clause, const char *subject,
                        const char *effect, int64_t due_ms);
void __wrap_rule_act_at(struct rule_context *context, const char *clause, const char *subject,
                        const char *effect, int64_t due_ms);
void __wrap_rule_act_at(struct rule_context *context, const char *clause, const char *subject,
                        const char *effect, int64_t due_ms)
{
    check_effect(effect);
    __real_rule_act_at(context, clause, subject, effect, due_ms);
}

void __real_rule_act_with(struct rule_context *context, const char *clause, const char *subject,
                          const char *effect, const struct doc *more);
void __wrap_rule_act_with(struct rule_context *context, const char *clause, const char *subject,
                          const char *effect, const struct doc *more);
void __wrap_rule_act_with(struct rule_context *context, const char *clause, const char *subject,
                          const char *effect, const struct doc *more)
{
    check_effect(effect);
    __real_rule_act_with(context, clause, subject, effect, more);
}
