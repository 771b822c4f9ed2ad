/* The terms of a record and the due index.
 *
 * Invariant: a record's term and its key in the due index exist together, from its start until it
 * is stopped or over; while it rests, its key is in the index of what rests. */
#include "chain/rules/terms.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- the index ---- */

static void due_key(char out[RECORD_KEY_BYTES], int64_t due_ms, const char *name,
                    const char *subject)
{
    record_key(out, "due/%016" PRIx64 "/%s/%s", record_instant(due_ms), name, subject);
}

/* Of a key's rest behind the instant or the member: <name>/<subject>. */
static struct term_due name_and_subject(const char *name)
{
    struct term_due due = {0};
    due.subject = strchr(name, '/');
    size_t len = due.subject == NULL ? sizeof due.name : (size_t)(due.subject - name);
    ENSURE(len < sizeof due.name); /* made here, of a name of the table of kinds */
    memcpy(due.name, name, len);
    due.subject++;
    return due;
}

struct term_due term_due_of(const char *key)
{
    return name_and_subject(key + sizeof "due/0123456789abcdef/" - 1);
}

struct term_due term_due_of_rest(const char *key)
{
    return name_and_subject(key + sizeof "rest/" + MEMBER_ID_CHARS);
}

static struct doc *index_entry(const char *name, const char *subject)
{
    struct doc *entry = doc_new_object();
    doc_set_text(entry, "subject", subject);
    doc_set_text(entry, "term", name);
    return entry;
}

static void index_put(struct rule_context *context, int64_t due_ms, const char *name,
                      const char *subject)
{
    char key[RECORD_KEY_BYTES];
    due_key(key, due_ms, name, subject);
    state_put(context->state, key, index_entry(name, subject));
}

static void index_delete(struct rule_context *context, int64_t due_ms, const char *name,
                         const char *subject)
{
    char key[RECORD_KEY_BYTES];
    due_key(key, due_ms, name, subject);
    state_delete(context->state, key);
}

static bool in_index(const struct term_kind *kind, const struct doc *term)
{
    return kind->indexed && !doc_get_bool(term, "over", false) && doc_get(term, "rests") == NULL;
}

/* ---- terms of a record ---- */

const char *term_effect_clause(const struct doc *term)
{
    const char *clause = doc_get_text(term, "effect_clause");
    return clause != NULL ? clause : doc_get_text(term, "clause");
}

const struct doc *term_get(const struct doc *record, const char *name)
{
    return doc_get(doc_get(record, "terms"), name);
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

static void term_put(struct rule_context *context, struct doc *record, const char *subject,
                     const struct term_kind *kind, struct doc *term)
{
    terms_set(record, kind->name, term);
    if (in_index(kind, term)) {
        index_put(context, doc_get_int(term, "due_ms", 0), kind->name, subject);
    }
}

/* Takes what runs or rests under this name out of its index, so that a new start replaces it. */
static void term_withdraw(struct rule_context *context, const struct doc *record,
                          const char *subject, const struct term_kind *kind)
{
    const struct doc *term = term_get(record, kind->name);
    if (term != NULL && in_index(kind, term)) {
        index_delete(context, doc_get_int(term, "due_ms", 0), kind->name, subject);
    }
    const char *rests = doc_get_text(term, "rests");
    if (rests != NULL) {
        char key[RECORD_KEY_BYTES];
        record_key(key, "rest/%s/%s/%s", rests, kind->name, subject);
        state_delete(context->state, key);
    }
}

/* One that ends at an instant keeps it as "at_ms" when it is moved, to be counted again from it. */
static void term_set_end(struct doc *term, int64_t due_ms, bool provisional)
{
    bool at_instant = term_length_of(term).n < 0 && doc_get(term, "at_ms") == NULL;
    int64_t before_ms = doc_get_int(term, "due_ms", due_ms);
    if (at_instant && before_ms != due_ms) {
        doc_set_int(term, "at_ms", before_ms);
    }
    doc_set_int(term, "due_ms", due_ms);
    doc_remove(term, "provisional");
    if (provisional) {
        doc_set_bool(term, "provisional", true);
    } else {
        doc_remove(term, "awaits_ms");
    }
}

/* Starts it by this section. What has no section does not begin, and what ran under its name is
 * over: it waited for what came just now. */
static bool start_by(struct rule_context *context, struct doc *record, const char *subject,
                     const char *name, const struct doc *policy, int64_t from_ms)
{
    const struct term_kind *kind = term_kind_find(name);
    if (policy == NULL) {
        term_stop(context, record, subject, name);
        return false;
    }
    struct term_length length = term_length_of(policy);
    ENSURE(length.n >= 0); /* rules_check_profile saw to it */
    bool provisional;
    int64_t due_ms = term_length_end(context, &provisional, from_ms, length);
    struct doc *term = doc_new_object();
    record_share(term, "clause", doc_get(policy, "clause"));
    doc_set_int(term, civil_unit_text(length.unit), length.n);
    doc_set_int(term, "due_ms", due_ms);
    record_share(term, "effect", doc_get(policy, "silence"));
    record_share(term, "effect_clause", doc_get(policy, "silence_clause"));
    doc_set_int(term, "from_ms", from_ms);
    doc_set_int(term, "profile_ms", context->profile_ms);
    record_share(term, "began_ms", doc_get(policy, "began_ms"));
    if (provisional) {
        doc_set_bool(term, "provisional", true);
    }
    term_withdraw(context, record, subject, kind);
    term_put(context, record, subject, kind, term);
    return true;
}

bool term_start_from(struct rule_context *context, struct doc *record, const char *subject,
                     const char *name, const char *section, int64_t from_ms)
{
    return start_by(context, record, subject, name, rule_profile_at(context, section), from_ms);
}

bool term_start_running(struct rule_context *context, struct doc *record, const char *subject,
                        const char *name, const char *section)
{
    return start_by(context, record, subject, name, rule_profile_running(context, section),
                    context->time_ms);
}

bool term_start_policy(struct rule_context *context, struct doc *record, const char *subject,
                       const char *name, const char *section)
{
    return term_start_from(context, record, subject, name, section, context->time_ms);
}

/* It ends where it ends by what is known now: the index moves an end only when it comes. What is
 * left of its days is counted now, and no calendar that comes while it stands takes any of them. */
void term_pause(struct rule_context *context, struct doc *record, const char *subject,
                const char *name)
{
    const struct doc *term = term_get(record, name);
    if (term == NULL) {
        return;
    }
    bool provisional;
    struct doc *paused = doc_new_object(), *stood = record_edit(term);
    doc_set_int(stood, "due_ms",
                term_due_now(context, term_kind_find(name), record, true, &provisional));
    struct term_length left = term_length_left(context, stood);
    if (left.n >= 0 && !doc_get_bool(term, "over", false)) {
        doc_set_int(paused, civil_unit_text(left.unit), left.n);
    }
    doc_set_int(paused, "since_ms", context->time_ms);
    doc_set(paused, "term", stood);
    doc_set(record, "paused", paused);
    term_stop(context, record, subject, name);
}

/* By what is known now: of a term that stands the index knows nothing. */
static void put_back(struct rule_context *context, struct doc *record, const char *subject,
                     const char *name, const struct doc *stood)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *term = record_edit(stood);
    term_withdraw(context, record, subject, kind);
    terms_set(record, name, doc_ref(stood));
    if (!doc_get_bool(stood, "over", false)) {
        bool provisional;
        int64_t due_ms = term_due_now(context, kind, record, true, &provisional);
        term_set_end(term, due_ms, provisional);
    }
    term_put(context, record, subject, kind, term);
}

void term_go_on(struct rule_context *context, struct doc *record, const char *subject,
                const char *name)
{
    AUTO(doc_free) struct doc *paused = doc_ref(doc_get(record, "paused"));
    const struct doc *stood = doc_get(paused, "term");
    struct term_length left = term_length_of(paused);
    doc_remove(record, "paused");
    if (stood != NULL && left.n < 0) { /* it was over, or ends at an instant */
        put_back(context, record, subject, name, stood);
    } else if (stood != NULL) {
        AUTO(doc_free) struct doc *rest = record_edit(stood);
        for (enum civil_unit unit = 0; unit < CIVIL_UNITS; unit++) {
            doc_remove(rest, civil_unit_text(unit));
        }
        doc_set_int(rest, civil_unit_text(left.unit), left.n);
        doc_set_int(rest, "began_ms", term_began_ms(stood));
        (void)start_by(context, record, subject, name, rest, context->time_ms);
    }
}

int64_t term_began_ms(const struct doc *term)
{
    return doc_get_int(term, "began_ms", doc_get_int(term, "from_ms", 0));
}

void term_set_began(struct doc *record, const char *name, int64_t began_ms)
{
    struct doc *term = record_edit(term_get(record, name));
    doc_set_int(term, "began_ms", began_ms);
    terms_set(record, name, term);
}

void term_put_back(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name)
{
    AUTO(doc_free) struct doc *paused = doc_ref(doc_get(record, "paused"));
    doc_remove(record, "paused");
    if (paused != NULL) {
        put_back(context, record, subject, name, doc_get(paused, "term"));
    }
}

void term_start_at(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name, int64_t due_ms, const char *clause)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *term = doc_new_object();
    doc_set_text(term, "clause", clause);
    doc_set_int(term, "due_ms", due_ms);
    if (kind->owed_by != NULL) {
        doc_set_int(term, "from_ms", context->time_ms); /* a suspension before it is none of it */
    }
    term_withdraw(context, record, subject, kind);
    term_put(context, record, subject, kind, term);
}

void term_stop(struct rule_context *context, struct doc *record, const char *subject,
               const char *name)
{
    if (term_get(record, name) != NULL) {
        term_withdraw(context, record, subject, term_kind_find(name));
        terms_set(record, name, NULL);
    }
}

void term_stop_late(struct rule_context *context, struct doc *record, const char *subject,
                    const char *name)
{
    if (doc_get_bool(term_get(record, name), "over", false)) {
        doc_set_bool(record, "late", true);
    }
    term_stop(context, record, subject, name);
}

/* ---- where it ends now ---- */

/* PT 20 gives 5 个工作日: a calendar that comes late takes from nobody the day on which it comes.
 * What it would end before, or today, ends at 24:00 of today, or where it ended anyway. */
static int64_t not_before_today(struct rule_context *context, int64_t known_ms, int64_t due_ms)
{
    int64_t today_ms = civil_day_start(civil_day(context->time_ms) + 1);
    int64_t least_ms = known_ms < today_ms ? known_ms : today_ms;
    return due_ms > least_ms ? due_ms : least_ms;
}

/* From its beginning, by the calendar alone; or the instant at which it was to end. */
static int64_t counted_end(struct rule_context *context, bool *provisional, const struct doc *term)
{
    struct term_length length = term_length_of(term);
    *provisional = false;
    return length.n < 0 ? doc_get_int(term, "at_ms", doc_get_int(term, "due_ms", 0))
                        : term_length_end(context, provisional, doc_get_int(term, "from_ms", 0),
                                          length);
}

static int64_t outages_shift(struct rule_context *context, const struct term_kind *kind,
                             bool *provisional, int64_t end_ms)
{
    return kind->outage_moves ? term_outage_shift(context, provisional, end_ms) : end_ms;
}

/* Where one that would end at end_ms ends by the outages, and by the suspensions of who owes it. */
static int64_t moved(struct rule_context *context, const struct term_kind *kind,
                     const struct doc *record, bool *provisional, int64_t end_ms)
{
    end_ms = outages_shift(context, kind, provisional, end_ms);
    if (kind->owed_by_each != NULL) {
        return term_end_of_each(context, kind, record, end_ms, provisional);
    }
    const char *needed[] = {NULL, NULL};
    size_t n = 0;
    if (kind->owed_by != NULL && strcmp(kind->owed_by, TERM_OWED_BY_CENTER) != 0) {
        needed[n++] = doc_get_text(record, kind->owed_by); /* nobody suspends the center (PT 4) */
    }
    const char *with = kind->needs != NULL ? doc_get_text(record, kind->needs) : NULL;
    if (with != NULL && !member_is_gone(context, with)) {
        needed[n++] = with; /* else not waited for: what its end does is the kind's */
    }
    if (n == 0) {
        return end_ms;
    }
    const struct term_debtor debtor = {.member = needed[0], .role = kind->role, .with = needed[1]};
    return term_suspension_shift(context, provisional, term_get(record, kind->name), &debtor,
                                 end_ms);
}

/* What it is counted to is moved before it is put off to today's end: there, what lay over it would
 * be behind it. What lies over where it was put off to moves it as well. */
static int64_t due_now(struct rule_context *context, const struct term_kind *kind,
                       const struct doc *record, bool recount, bool *provisional)
{
    const struct doc *term = term_get(record, kind->name);
    const int64_t known_ms = doc_get_int(term, "due_ms", 0);
    int64_t due_ms = known_ms;
    *provisional = doc_get_bool(term, "provisional", false);
    bool from_instant = doc_get(term, "at_ms") != NULL; /* where it was moved to was by then */
    if (recount || *provisional || from_instant) {
        due_ms = counted_end(context, provisional, term);
        due_ms = moved(context, kind, record, provisional, due_ms);
        due_ms = not_before_today(context, known_ms, due_ms);
    }
    due_ms = moved(context, kind, record, provisional, due_ms);
    due_ms = not_before_today(context, known_ms, due_ms);
    bool waits = *provisional && doc_get(term, "awaits_ms") != NULL; /* until then, it is known */
    return waits && due_ms < known_ms ? known_ms : due_ms;
}

int64_t term_due_now(struct rule_context *context, const struct term_kind *kind,
                     const struct doc *record, bool recount, bool *provisional)
{
    unsigned before = state_reads(context->state);
    int64_t due_ms = due_now(context, kind, record, recount, provisional);
    context->term_reads += state_reads(context->state) - before;
    return due_ms;
}

int64_t term_awaits_ms(struct rule_context *context, const struct term_kind *kind,
                       const struct doc *term, int64_t due_ms)
{
    unsigned before = state_reads(context->state);
    bool provisional = true;
    int64_t latest_ms = term_certain_end(context, true, due_ms);
    int64_t awaits_ms =
        outages_shift(context, kind, &provisional, doc_get_int(term, "awaits_ms", 0));
    context->term_reads += state_reads(context->state) - before;
    return awaits_ms >= due_ms ? awaits_ms : latest_ms;
}

bool term_is_over(struct rule_context *context, const struct doc *record, const char *name)
{
    bool provisional;
    const struct doc *term = term_get(record, name);
    return term != NULL && (doc_get_bool(term, "over", false) ||
                            context->time_ms >= term_due_now(context, term_kind_find(name), record,
                                                             true, &provisional));
}

/* ---- the sweep's changes: the record's version stays, nobody acted on it ---- */

void term_move(struct rule_context *context, const char *subject, const char *name, int64_t due_ms,
               bool provisional)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *record = record_edit(state_get(context->state, subject));
    struct doc *term = record_edit(term_get(record, name));
    int64_t before_ms = doc_get_int(term, "due_ms", 0);
    term_withdraw(context, record, subject, kind);
    term_set_end(term, due_ms, provisional);
    term_put(context, record, subject, kind, term);
    state_put(context->state, subject, record);
    if (due_ms != before_ms) {
        rule_act_at(context, "D14", subject, "term-moved", due_ms);
    }
}

void term_await(struct rule_context *context, const char *subject, const char *name,
                int64_t latest_ms)
{
    struct doc *record = record_edit(state_get(context->state, subject));
    struct doc *term = record_edit(term_get(record, name));
    doc_set_int(term, "awaits_ms", latest_ms);
    terms_set(record, name, term);
    state_put(context->state, subject, record);
    term_move(context, subject, name, latest_ms, true);
}

static void note_end(struct rule_context *context, const char *subject, const struct doc *term,
                     const char *name, const char *how)
{
    char effect[64];
    (void)snprintf(effect, sizeof effect, "%s-%s", name, how);
    rule_act_at(context, doc_get_text(term, "clause"), subject, effect,
                doc_get_int(term, "due_ms", 0));
}

void term_note_overdue(struct rule_context *context, const char *subject, const char *name)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *record = record_edit(state_get(context->state, subject));
    struct doc *term = record_edit(term_get(record, name));
    term_withdraw(context, record, subject, kind);
    doc_set_bool(term, "over", true);
    doc_remove(term, "provisional"); /* what is past moves no more */
    terms_set(record, name, term);
    state_put(context->state, subject, record);
    note_end(context, subject, term, name, "overdue");
}

/* ---- terms of who was removed ---- */

static void note_standstill(struct rule_context *context, const char *subject, const char *name,
                            const struct doc *term, const char *member, const char *effect)
{
    AUTO(doc_free) struct doc *more = doc_new_object();
    record_share(more, "due_ms", doc_get(term, "due_ms"));
    doc_set_text(more, "member", member);
    doc_set_text(more, "term", name);
    rule_act_with(context, doc_get_text(term, "clause"), subject, effect, more);
}

void term_rest(struct rule_context *context, const char *subject, const char *name)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *record = record_edit(state_get(context->state, subject));
    struct doc *term = record_edit(term_get(record, name));
    const char *member = doc_get_text(record, kind->owed_by);
    term_withdraw(context, record, subject, kind);
    doc_set_text(term, "rests", member);
    terms_set(record, name, term);
    state_putf(context->state, index_entry(name, subject), "rest/%s/%s/%s", member, name, subject);
    note_standstill(context, subject, name, term, member, "term-rests");
    state_put(context->state, subject, record);
}

void term_resume(struct rule_context *context, const char *subject, const char *name,
                 int64_t due_ms, bool provisional)
{
    const struct term_kind *kind = term_kind_find(name);
    struct doc *record = record_edit(state_get(context->state, subject));
    AUTO(doc_free) struct doc *rested = doc_ref(term_get(record, name));
    struct doc *term = record_edit(rested);
    term_withdraw(context, record, subject, kind);
    doc_remove(term, "rests");
    term_set_end(term, due_ms, provisional);
    note_standstill(context, subject, name, term, doc_get_text(rested, "rests"), "term-resumed");
    term_put(context, record, subject, kind, term);
    state_put(context->state, subject, record);
}

void terms_member_returns(struct rule_context *context, const char *member)
{
    char key[RECORD_KEY_BYTES], prefix[RECORD_KEY_BYTES];
    record_key(prefix, "rest/%s/", member);
    if (state_next(context->state, key, prefix, NULL)) {
        struct doc *back = doc_new_object();
        doc_set_int(back, "since_ms", context->time_ms);
        state_putf(context->state, back, "back/%s", member);
    }
}
