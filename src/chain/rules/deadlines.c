/* The due index: terms that end at block time.
 *
 *   start ──▶ runs ──▶ ends at due_ms: its effect, once, as a recorded act
 *              │  ▲
 *              │  └── moved, and runs on
 *              └────▶ stopped: what it waited for came in time
 *
 * It moves when the calendar is published or corrected, when an outage lay over its end, or when
 * whoever owes the answer was suspended (term_ends.c).
 *
 * Before the transactions of a block the sweep acts on what is due, oldest first, at most
 * BLOCK_ACTS_MAX acts; a rule that touches a subject applies what is due on it first, so the budget
 * bounds work and never changes what is right. An outage approves nothing: terms that ended between
 * two blocks further apart than outage_ms move to the end of the next working day.
 *
 * Invariant: a record's term and its key in the index exist together. */
#include "chain/rules/terms.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <string.h>

#define DUE_HEX_CHARS 16

struct term_kind {
    const char *name;
    bool indexed;      /* acts when it ends */
    bool outage_moves; /* a term for an answer; not an expiry date */
    term_end *end;
    const char *owed_by; /* names in the record the member whose suspension stops the clock */
};

static const struct term_kind term_kinds[] = {
    {"answer", true, true, request_answer_due, "provider"},   /* PT 20, CN 17, OPEN 19 */
    {"assess", true, true, change_assess_due, NULL},          /* PT 14 */
    {"expiry", true, false, grant_expiry_due, NULL},          /* D10 */
    {"resubmit", true, true, entry_resubmit_due, "provider"}, /* PT 13 */
    {"review", false, true, NULL, NULL},                      /* PT 13 */
};

static const struct term_kind *kind_of(const char *name)
{
    const struct term_kind *kind = term_kinds;
    while (strcmp(kind->name, name) != 0) {
        kind++;
        ENSURE(kind < term_kinds + sizeof term_kinds / sizeof *term_kinds);
    }
    return kind;
}

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
    doc_set_int(outage, "to_ms", context->time_ms);
    state_put(context->state, key, outage);
    rule_act_at(context, "D14", key, "outage", end_ms);
}

/* ---- terms of a record ---- */

static void due_key(char out[RECORD_KEY_BYTES], int64_t due_ms, const char *name,
                    const char *subject)
{
    record_key(out, "due/%016" PRIx64 "/%s/%s", (uint64_t)due_ms, name, subject);
}

static void index_put(struct rule_context *context, int64_t due_ms, const char *name,
                      const char *subject)
{
    char key[RECORD_KEY_BYTES];
    due_key(key, due_ms, name, subject);
    struct doc *due = doc_new_object();
    doc_set_text(due, "subject", subject);
    doc_set_text(due, "term", name);
    state_put(context->state, key, due);
}

static void index_delete(struct rule_context *context, int64_t due_ms, const char *name,
                         const char *subject)
{
    char key[RECORD_KEY_BYTES];
    due_key(key, due_ms, name, subject);
    state_delete(context->state, key);
}

static void terms_set(struct doc *record, const char *name, struct doc *term)
{
    struct doc *terms = record_edit(doc_get(record, "terms"));
    if (term != NULL) {
        doc_set(terms, name, term);
    } else {
        doc_remove(terms, name);
    }
    doc_set(record, "terms", terms);
}

const struct doc *term_get(const struct doc *record, const char *name)
{
    return doc_get(doc_get(record, "terms"), name);
}

void term_start(struct rule_context *context, struct doc *record, const char *subject,
                const char *name, int days, const char *clause, const char *effect)
{
    bool provisional;
    int64_t due_ms = term_working_end(context, &provisional, context->time_ms, days);
    struct doc *term = doc_new_object();
    doc_set_text(term, "clause", clause);
    doc_set_int(term, "days", days);
    doc_set_int(term, "due_ms", due_ms);
    if (effect != NULL) {
        doc_set_text(term, "effect", effect);
    }
    doc_set_int(term, "from_ms", context->time_ms);
    if (provisional) {
        doc_set_bool(term, "provisional", true);
    }
    terms_set(record, name, term);
    if (kind_of(name)->indexed) {
        index_put(context, due_ms, name, subject);
    }
}

void term_start_at(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name, int64_t due_ms, const char *clause)
{
    struct doc *term = doc_new_object();
    doc_set_text(term, "clause", clause);
    doc_set_int(term, "due_ms", due_ms);
    terms_set(record, name, term);
    index_put(context, due_ms, name, subject);
}

void term_stop(struct rule_context *context, struct doc *record, const char *subject,
               const char *name)
{
    const struct doc *term = term_get(record, name);
    if (term == NULL) {
        return;
    }
    if (kind_of(name)->indexed) {
        index_delete(context, doc_get_int(term, "due_ms", 0), name, subject);
    }
    terms_set(record, name, NULL);
}

/* Where the record's term ends by the calendar, the outages and the suspensions known now. */
static int64_t term_due_now(struct rule_context *context, const struct term_kind *kind,
                            const struct doc *record, bool recount, bool *provisional)
{
    const struct doc *term = term_get(record, kind->name);
    int64_t due_ms = doc_get_int(term, "due_ms", 0);
    int64_t days = doc_get_int(term, "days", -1);
    *provisional = doc_get_bool(term, "provisional", false);
    if (days >= 0 && (recount || *provisional)) {
        due_ms = term_working_end(context, provisional, doc_get_int(term, "from_ms", 0), (int)days);
    }
    due_ms = kind->outage_moves ? term_outage_shift(context, due_ms) : due_ms;
    return kind->owed_by == NULL
               ? due_ms
               : term_suspension_shift(context, provisional, term,
                                       doc_get_text(record, kind->owed_by), due_ms);
}

bool term_is_over(struct rule_context *context, const struct doc *record, const char *name)
{
    bool provisional;
    return term_get(record, name) != NULL &&
           context->time_ms >= term_due_now(context, kind_of(name), record, true, &provisional);
}

static void term_move(struct rule_context *context, const char *subject, const char *name,
                      int64_t due_ms, bool provisional)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    struct doc *term = record_edit(term_get(record, name));
    int64_t before_ms = doc_get_int(term, "due_ms", 0);
    index_delete(context, before_ms, name, subject);
    doc_set_int(term, "due_ms", due_ms);
    doc_remove(term, "provisional");
    if (provisional) {
        doc_set_bool(term, "provisional", true);
    }
    terms_set(record, name, term);
    index_put(context, due_ms, name, subject);
    state_put(context->state, subject, record); /* its version stays: nobody acted on it */
    if (due_ms != before_ms) {
        rule_act_at(context, "D14", subject, "term-moved", due_ms);
    }
}

/* Moves the term or lets it end, as it is due. */
static void term_settle(struct rule_context *context, const char *subject, const char *name,
                        bool recount)
{
    if (subject == NULL || name == NULL) {
        return; /* the disk failed under us: state_error says so */
    }
    const struct term_kind *kind = kind_of(name);
    const struct doc *current = state_get(context->state, subject);
    if (term_get(current, name) == NULL) {
        return; /* a term settled just before stopped it, and took it out of the index */
    }
    AUTO(doc_free) struct doc *record = doc_ref(current);
    const struct doc *term = term_get(record, name);
    bool provisional;
    int64_t due_ms = term_due_now(context, kind, record, recount, &provisional);
    if (due_ms <= context->time_ms) {
        kind->end(context, subject, term);
    } else if (due_ms != doc_get_int(term, "due_ms", 0) ||
               provisional != doc_get_bool(term, "provisional", false)) {
        term_move(context, subject, name, due_ms, provisional);
    }
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
        if (!kind_of(name)->indexed) {
            continue;
        }
        /* A calendar that the sweep has not yet carried into every term counts here already. */
        bool recount =
            doc_get(term, "days") != NULL && state_get(context->state, "recount") != NULL;
        if (recount || doc_get_int(term, "due_ms", 0) <= context->time_ms) {
            term_settle(context, subject, name, recount);
        }
    }
    return state_error(context->state);
}

/* ---- the sweep ---- */

/* After a calendar was published or corrected: counts every running term again. The cursor in
 * "recount" carries over to the next block when the budget is used up. */
static unsigned recount_terms(struct rule_context *context, unsigned budget)
{
    const struct doc *recount = state_get(context->state, "recount");
    if (recount == NULL) {
        return budget;
    }
    char key[RECORD_KEY_BYTES];
    record_key(key, "%s", doc_get_text(recount, "after"));
    while (budget > 0) {
        char after[RECORD_KEY_BYTES];
        memcpy(after, key, sizeof after);
        if (!state_next(context->state, key, "due/", after)) {
            state_delete(context->state, "recount");
            return budget;
        }
        AUTO(doc_free) struct doc *due = doc_ref(state_get(context->state, key));
        term_settle(context, doc_get_text(due, "subject"), doc_get_text(due, "term"), true);
        budget--;
    }
    struct doc *rest = doc_new_object();
    doc_set_text(rest, "after", key);
    state_put(context->state, "recount", rest);
    return 0;
}

int rules_sweep_due(struct rule_context *context, int64_t previous_time_ms)
{
    char limit[RECORD_KEY_BYTES], key[RECORD_KEY_BYTES];
    const char *after =
        NULL; /* what settled is gone from the index, and nothing new sorts before */
    note_outage(context, previous_time_ms);
    unsigned budget = recount_terms(context, BLOCK_ACTS_MAX);
    record_key(limit, "due/%016" PRIx64 "/", (uint64_t)context->time_ms + 1);
    for (; budget > 0; budget--, after = key) {
        if (!state_next(context->state, key, "due/", after) || strcmp(key, limit) >= 0) {
            break;
        }
        AUTO(doc_free) struct doc *due = doc_ref(state_get(context->state, key));
        term_settle(context, doc_get_text(due, "subject"), doc_get_text(due, "term"), false);
        ENSURE(state_error(context->state) != 0 || state_get(context->state, key) == NULL);
    }
    return state_error(context->state);
}
