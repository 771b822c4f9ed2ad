/* Warnings before a deadline, as acts of the ledger: who has to act in time is told while there is
 * time (profile section "warnings").
 *
 *   due index  ──── warned ────┆──── soon due: told now ────┆──── later ────▶ time of the end
 *                           cursor                        limit
 *
 * With days = 1 a term is warned of when its last working day begins; one that ends on a day off,
 * on the working day before. So what is soon due is a stretch of the due index, whose end only goes
 * on, and state "warned" holds how far it has been told: no second index, and nothing to be undone
 * when a term is stopped. A term that moves is told of again before its new end, unless that is
 * soon by then. What begins with less time than that is not warned of. */
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/terms.h"

#include <inttypes.h>
#include <string.h>

/* A term that is over by then is soon due: it leaves `days` working days or fewer, today's among
 * them. */
static int64_t soon_ms(struct rule_context *context, int days)
{
    bool provisional;
    return term_working_end(context, &provisional, context->time_ms, days) - DAY_MS;
}

static void warn_member(struct rule_context *context, const char *clause,
                        const struct term_due *due, const char *member, int64_t due_ms)
{
    AUTO(doc_free) struct doc *more = doc_new_object();
    doc_set_int(more, "due_ms", due_ms);
    doc_set_text(more, "member", member);
    doc_set_text(more, "term", due->name);
    rule_act_with(context, clause, due->subject, "term-warning", more);
}

/* Whoever has to act: one member, or each of several. What ends later by what is known now, for who
 * owes it was suspended, is moved there, and told when that is soon; of what rests with its end,
 * for who owes it was removed, nobody is. Returns what that cost. */
static unsigned warn(struct rule_context *context, const char *clause, const char *due_key)
{
    const struct term_due due = term_due_of(due_key);
    const struct term_kind *kind = term_kind_find(due.name);
    if (kind->owed_by_each == NULL) { /* several have their usual end, whoever is away just now */
        term_settle(context, due.subject, due.name, false);
    }
    AUTO(doc_free) struct doc *record = doc_ref(state_get(context->state, due.subject));
    AUTO(doc_free) struct doc *each = term_owed_by_several(kind, record);
    const char *member = term_owed_by(context, kind, record);
    int64_t due_ms = doc_get_int(term_get(record, due.name), "due_ms", 0);
    bool gone = member != NULL && member_is_gone(context, member);
    if (gone || state_get(context->state, due_key) == NULL || due_ms <= context->time_ms) {
        return TERM_COST_WARNING;
    }
    if (member != NULL) {
        warn_member(context, clause, &due, member, due_ms);
    }
    for (size_t i = 0; i < doc_count(each); i++) {
        warn_member(context, clause, &due, doc_text(doc_at(each, i)), due_ms);
    }
    return TERM_COST_WARNING * (unsigned)(doc_count(each) > 1 ? doc_count(each) : 1);
}

static void set_warned(struct rule_context *context, const char *after)
{
    struct doc *warned = doc_new_object();
    doc_set_text(warned, "after", after);
    state_put(context->state, "warned", warned);
}

void rules_sweep_warnings(struct rule_context *context, unsigned *budget)
{
    const struct doc *policy = rule_profile_at(context, "warnings");
    if (policy == NULL || state_get(context->state, "recount") != NULL) {
        return; /* while ends are being counted again, none of them is certain */
    }
    char after[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES], limit[RECORD_KEY_BYTES];
    AUTO(doc_free) struct doc *clause = doc_ref(doc_get(policy, "clause"));
    int64_t soon = soon_ms(context, (int)doc_get_int(policy, "days", 1));
    record_key(limit, "due/%016" PRIx64 "/", (uint64_t)soon + 1);
    const char *warned = doc_get_text(state_get(context->state, "warned"), "after");
    if (warned == NULL) {
        record_key(after, "due/%016" PRIx64 "/", (uint64_t)context->time_ms + 1);
    } else {
        record_key(after, "%s", warned);
    }
    while (*budget > 0 && strcmp(after, limit) < 0) {
        bool any = state_next(context->state, key, "due/", after) && strcmp(key, limit) < 0;
        if (any) {
            unsigned cost = warn(context, doc_text(clause), key) +
                            term_cost_of_size(context, rules_due_subject(key));
            *budget -= *budget < cost ? *budget : cost;
        }
        memcpy(after, any ? key : limit, sizeof after);
    }
    warned = doc_get_text(state_get(context->state, "warned"), "after");
    if (warned == NULL || strcmp(warned, after) != 0) {
        set_warned(context, after);
    }
}
