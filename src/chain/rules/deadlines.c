/* The sweep: terms that end at block time (a record's terms and the due index: terms.c).
 *
 *   start ──▶ runs ──▶ ends at due_ms: its effect, once, as a recorded act
 *              │  ▲
 *              │  └── moved, and runs on; from a provisional end until its year is published
 *              ├────▶ stopped: what it waited for came in time
 *              └────▶ rests from its end: the agency that had to act was removed; runs again,
 *                     with the days that were left, when it is restored
 *
 * It moves when the calendar is published or corrected, never to before the end of the day on which
 * it is counted again (terms.c), when an outage lay over its end, or when whoever owes the answer
 * was suspended (term_ends.c).
 *
 * Before the transactions of a block the sweep acts on what is due, oldest first, until what it
 * settled costs BLOCK_DUE_COST_MAX, as declared and by size; the rest waits for the next blocks, in
 * order. A rule that touches a record applies what is due on it first (record_current), so the
 * budget bounds work and never changes what is right. An outage approves nothing: terms that ended
 * between two blocks further apart than outage_ms move to the end of the next working day. */
#include "chain/rules/terms.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "chain/rules/approvals.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <string.h>

/* ---- outages ---- */

static void note_outage(struct rule_context *context, int64_t previous_time_ms)
{
    const struct doc *params = state_get(context->state, "params");
    int64_t outage_ms = doc_get_int(params, "outage_ms", INT64_MAX);
    if (context->height <= 1 || context->time_ms - previous_time_ms <= outage_ms) {
        return; /* before block 1 nothing could be submitted */
    }
    bool provisional;
    int64_t end_ms = term_working_end(context, &provisional, context->time_ms, 1);
    char key[RECORD_KEY_BYTES];
    record_key(key, "outage/%016" PRIx64, (uint64_t)context->time_ms);
    struct doc *outage = doc_new_object();
    doc_set_int(outage, "end_ms", end_ms);
    doc_set_int(outage, "from_ms", previous_time_ms);
    if (provisional) {
        doc_set_bool(outage, "provisional", true);
    }
    doc_set_int(outage, "to_ms", context->time_ms);
    state_put(context->state, key, outage);
    rule_act_at(context, "D14", key, "outage", end_ms);
}

/* ---- one term ---- */

/* Whoever has to act was removed from the ledger, and has not come back. What was over before it
 * went is over, however late the sweep comes to it. */
static bool nobody_owes(struct rule_context *context, const struct term_kind *kind,
                        const struct doc *record, int64_t due_ms)
{
    bool agency = kind->owed_by != NULL && strcmp(kind->owed_by, TERM_OWED_BY_CENTER) != 0;
    const char *id = agency ? doc_get_text(record, kind->owed_by) : NULL;
    const struct doc *member = id == NULL ? NULL : state_getf(context->state, "member/%s", id);
    return doc_text_is(member, "status", "removed") &&
           due_ms > doc_get_int(member, "suspended_ms", INT64_MAX);
}

void term_settle(struct rule_context *context, const char *subject, const char *name, bool recount)
{
    const struct term_kind *kind = term_kind_find(name);
    const struct doc *current = state_get(context->state, subject);
    if (term_get(current, name) == NULL) {
        return; /* one settled just before took it out; or the disk failed: state_error says so */
    }
    AUTO(doc_free) struct doc *record = doc_ref(current);
    const struct doc *term = term_get(record, name);
    bool provisional = doc_get_bool(term, "provisional", false);
    const int64_t before_ms = doc_get_int(term, "due_ms", 0);
    bool rests = doc_get(term, "rests") != NULL;
    bool gone = nobody_owes(context, kind, record, before_ms);
    if (gone && rests) {
        return;
    }
    int64_t due_ms =
        gone ? before_ms : term_due_now(context, kind, record, recount || rests, &provisional);
    bool over = due_ms <= context->time_ms;
    int64_t awaits_ms = over && provisional ? term_awaits_ms(context, kind, term, due_ms) : due_ms;
    int64_t profile_ms = context->profile_ms; /* what it decides is noted on this record alone */
    context->profile_ms = 0;
    if (rests) { /* an end that has passed since is the sweep's, or rules_apply_due's */
        term_resume(context, subject, name, due_ms, provisional);
    } else if (over && gone && kind->gone == NULL) {
        term_rest(context, subject, name);
    } else if (over && gone) {
        kind->gone(context, subject, term);
    } else if (over && awaits_ms > context->time_ms) {
        term_await(context, subject, name, awaits_ms);
    } else if (over && kind->end == NULL) {
        term_note_overdue(context, subject, name);
    } else if (over) {
        kind->end(context, subject, term);
    } else if (due_ms != before_ms || provisional != doc_get_bool(term, "provisional", false)) {
        term_move(context, subject, name, due_ms, provisional);
    }
    context->profile_ms = profile_ms;
}

int rules_apply_due(struct rule_context *context, const char *subject)
{
    const struct doc *record = state_get(context->state, subject);
    if (doc_count(doc_get(record, "terms")) == 0) {
        return state_error(context->state);
    }
    AUTO(doc_free) struct doc *terms = doc_ref(doc_get(record, "terms"));
    size_t cursor = 0;
    const char *name;
    const struct doc *term;
    while (doc_next(terms, &cursor, &name, &term)) {
        if (!term_kind_find(name)->indexed || doc_get(term, "over") != NULL) {
            continue;
        }
        /* A calendar that the sweep has not yet carried into every term counts here already. */
        bool recount = state_get(context->state, "recount") != NULL;
        if (recount || doc_get_int(term, "due_ms", 0) <= context->time_ms) {
            term_settle(context, subject, name, recount);
        }
        if (doc_get(term, "rests") != NULL) { /* resumed just now, and perhaps over already */
            term_settle(context, subject, name, false);
        }
    }
    return state_error(context->state);
}

/* ---- the sweep ---- */

const char *rules_due_subject(const char *due_key)
{
    return term_due_of(due_key).subject;
}

unsigned term_cost_of_size(struct rule_context *context, const char *subject)
{
    return (unsigned)state_value_beyond(context->state, subject, TERM_COST_BYTES_FREE) /
           TERM_COST_BYTES;
}

static void spend(struct rule_context *context, unsigned *budget, const struct term_due *due)
{
    unsigned declared = term_kind_find(due->name)->cost;
    unsigned cost = (declared == 0 ? TERM_COST_USUAL : declared) +
                    term_cost_of_size(context, due->subject);
    *budget -= *budget < cost ? *budget : cost;
}

/* After a calendar was published or corrected: counts every running term again. The cursor in
 * "recount" carries over to the next block when the budget is used up. */
static void recount_terms(struct rule_context *context, unsigned *budget)
{
    const struct doc *recount = state_get(context->state, "recount");
    if (recount == NULL) {
        return;
    }
    char key[RECORD_KEY_BYTES];
    record_key(key, "%s", doc_get_text(recount, "after"));
    while (*budget > 0) {
        char after[RECORD_KEY_BYTES];
        memcpy(after, key, sizeof after);
        if (!state_next(context->state, key, "due/", after)) {
            state_delete(context->state, "recount");
            return;
        }
        const struct term_due due = term_due_of(key);
        term_settle(context, due.subject, due.name, true);
        spend(context, budget, &due);
    }
    struct doc *rest = doc_new_object();
    doc_set_text(rest, "after", key);
    state_put(context->state, "recount", rest);
}

/* What rests of members that were restored runs again, as far as the budget goes. */
static void resume_rested(struct rule_context *context, unsigned *budget)
{
    char back[RECORD_KEY_BYTES], prefix[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    while (*budget > 0 && state_next(context->state, back, "back/", NULL)) {
        const char *member = back + sizeof "back/" - 1;
        record_key(prefix, "rest/%s/", member);
        bool here = !doc_text_is(state_getf(context->state, "member/%s", member), "status",
                                 "removed"); /* or again removed, before it was all done */
        if (!here || !state_next(context->state, key, prefix, NULL)) {
            state_delete(context->state, back);
            continue;
        }
        const struct term_due due = term_due_of_rest(key);
        term_settle(context, due.subject, due.name, false);
        spend(context, budget, &due);
        ENSURE(state_error(context->state) != 0 || state_get(context->state, key) == NULL);
    }
}

int rules_sweep_due(struct rule_context *context, int64_t previous_time_ms)
{
    char limit[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    const char *after =
        NULL; /* what settled is gone from the index, and nothing new sorts before */
    rules_sweep_profile(context);
    note_outage(context, previous_time_ms);
    unsigned budget = BLOCK_DUE_COST_MAX;
    recount_terms(context, &budget);
    resume_rested(context, &budget);
    approvals_sweep(context, &budget);
    record_key(limit, "due/%016" PRIx64 "/", (uint64_t)context->time_ms + 1);
    for (; budget > 0; after = key) {
        if (!state_next(context->state, key, "due/", after) || strcmp(key, limit) >= 0) {
            break;
        }
        const struct term_due due = term_due_of(key);
        term_settle(context, due.subject, due.name, false);
        spend(context, &budget, &due);
        ENSURE(state_error(context->state) != 0 || state_get(context->state, key) == NULL);
    }
    rules_sweep_warnings(context, &budget);
    return state_error(context->state);
}
