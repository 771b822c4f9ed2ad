/* Where terms end: by the calendars, past outages, and not while whoever owes the answer may not
 * act.
 *
 *   received ──working days──▶ suspended ┄┄┄┄┄┄ restored ──the working days left──▶ over
 *
 * PT 20 takes silence (逾期未反馈) for approval: the silence of one who could have answered. A
 * member that PT 31 has suspended, or that was removed, cannot sign: its clock stands. Days that
 * ended before the suspension count; the rest, at least one, begin after the day of its return,
 * like the day of receipt. The same goes for one whose last key for the answer the center keeps
 * suspended (key_silence.c). While it lasts, a term ends where it would if the member came back
 * now: never earlier than it will, so the due index meets it again in time. The term of one who was
 * removed from the ledger rests at its end, and goes on like this when it is restored
 * (deadlines.c). */
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/terms.h"

#include "base/ensure.h"

#include <inttypes.h>

/* One look at where a term ends takes at most (SUSPENSIONS_IN_A_TERM_MAX + 1) steps, each past two
 * times of silence, of two agencies each, and OUTAGES_IN_A_ROW_MAX outages: these bound its reads,
 * not the type of the transaction that looks (rule_reads). */
#define OUTAGES_IN_A_ROW_MAX 16
#define SUSPENSIONS_IN_A_TERM_MAX 16

/* ---- the calendar ---- */

static const struct doc *calendar_year(void *context, int year)
{
    return state_getf(context, "calendar/%d", year);
}

struct term_length term_length_of(const struct doc *term)
{
    for (enum civil_unit unit = 0; unit < CIVIL_UNITS; unit++) {
        int64_t n = doc_get_int(term, civil_unit_text(unit), -1);
        if (n >= 0) {
            return (struct term_length){.unit = unit, .n = (int)n};
        }
    }
    return (struct term_length){.n = -1};
}

int64_t term_length_end(struct rule_context *context, bool *provisional, int64_t from_ms,
                        struct term_length length)
{
    struct civil_calendar calendar = {.year_doc = calendar_year, .context = context->state};
    int64_t end_ms = 0;
    int error = civil_term_end(&end_ms, provisional, &calendar, from_ms, length.unit, length.n);
    ENSURE(error == 0); /* lengths are bounded by the profile's table, calendars were checked */
    return end_ms;
}

int64_t term_working_end(struct rule_context *context, bool *provisional, int64_t from_ms, int days)
{
    return term_length_end(context, provisional, from_ms,
                           (struct term_length){.unit = CIVIL_WORKING_DAYS, .n = days});
}

int64_t term_certain_end(struct rule_context *context, bool provisional, int64_t end_ms)
{
    bool by_weekdays;
    return provisional
               ? term_working_end(context, &by_weekdays, end_ms - 1, TERM_AWAITS_CALENDAR_DAYS)
               : end_ms;
}

/* ---- outages ---- */

int64_t term_outage_shift(struct rule_context *context, bool *provisional, int64_t end_ms)
{
    for (int i = 0; i < OUTAGES_IN_A_ROW_MAX; i++) {
        char key[RECORD_KEY_BYTES], before[RECORD_KEY_BYTES];
        record_key(before, "outage/%016" PRIx64, record_instant(end_ms - 1));
        if (!state_next(context->state, key, "outage/", before)) {
            return end_ms;
        }
        const struct doc *outage = state_get(context->state, key);
        if (doc_get_int(outage, "from_ms", 0) >= end_ms) {
            return end_ms;
        }
        bool by_weekdays;
        end_ms = term_working_end(context, &by_weekdays, doc_get_int(outage, "to_ms", 0), 1);
        *provisional = *provisional || by_weekdays;
    }
    return end_ms;
}

/* ---- suspensions ---- */

/* The first one of the member that lasted beyond after_ms; they do not overlap. */
static bool member_suspension(struct rule_context *context, struct time_span *out,
                              const char *member, int64_t after_ms)
{
    char key[RECORD_KEY_BYTES], prefix[RECORD_KEY_BYTES], after[RECORD_KEY_BYTES];
    record_key(prefix, "suspension/%s/", member);
    record_key(after, "%s%016" PRIx64, prefix, record_instant(after_ms));
    if (state_next(context->state, key, prefix, after)) {
        const struct doc *past = state_get(context->state, key);
        out->from_ms = doc_get_int(past, "from_ms", 0);
        out->to_ms = doc_get_int(past, "to_ms", INT64_MAX);
        return true;
    }
    out->from_ms =
        doc_get_int(state_getf(context->state, "member/%s", member), "suspended_ms", INT64_MAX);
    out->to_ms = INT64_MAX;
    return out->from_ms != INT64_MAX;
}

/* The earlier one of both, the first if there is no other. */
static bool earlier(struct time_span *out, bool found, const struct time_span *other)
{
    if (!found || other->from_ms < out->from_ms) {
        *out = *other;
    }
    return true;
}

/* The earliest time beyond after_ms in which it could not act: it, or who is needed besides, was
 * suspended, or all keys of the role were. One may lie over the end of another: no day of it counts
 * twice, for what is left is counted from the later return on. */
static bool suspension_find(struct rule_context *context, struct time_span *out,
                            const struct term_debtor *debtor, int64_t after_ms)
{
    const char *const needed[] = {debtor->member, debtor->with};
    bool found = false;
    *out = (struct time_span){.from_ms = INT64_MAX, .to_ms = INT64_MAX};
    for (size_t i = 0; i < 2 && needed[i] != NULL; i++) {
        struct time_span span;
        if (member_suspension(context, &span, needed[i], after_ms)) {
            found = earlier(out, found, &span);
        }
        if (debtor->role != NULL &&
            keys_silence_find(context, &span, needed[i], debtor->role, after_ms)) {
            found = earlier(out, found, &span);
        }
    }
    return found;
}

/* Since when all of them can act; INT64_MAX: one cannot yet. */
static int64_t last_return(struct rule_context *context, const struct term_debtor *debtor)
{
    const char *const needed[] = {debtor->member, debtor->with};
    int64_t last_ms = 0;
    for (size_t i = 0; i < 2 && needed[i] != NULL; i++) {
        const struct doc *record = state_getf(context->state, "member/%s", needed[i]);
        int64_t back_ms = doc_get(record, "suspended_ms") != NULL
                              ? INT64_MAX
                              : doc_get_int(record, "returned_ms", 0);
        int64_t heard_ms =
            debtor->role == NULL ? 0 : keys_heard_since(context, needed[i], debtor->role);
        last_ms = back_ms > last_ms ? back_ms : last_ms;
        last_ms = heard_ms > last_ms ? heard_ms : last_ms;
    }
    return last_ms;
}

/* Days after the day of from_ms that were over at to_ms, at most `most`: working days, or days of
 * the calendar for the other units. */
static int days_over(struct rule_context *context, enum civil_unit unit, int64_t from_ms,
                     int64_t to_ms, int most)
{
    struct civil_calendar calendar = {.year_doc = calendar_year, .context = context->state};
    int over = 0;
    for (int64_t day = civil_day(from_ms) + 1; over < most && civil_day_start(day + 1) <= to_ms;
         day++) {
        bool counts = true;
        if (unit == CIVIL_WORKING_DAYS) {
            (void)civil_is_working_day(&counts, &calendar, day); /* or by the weekday */
        }
        over += counts;
    }
    return over;
}

/* What is left of a term is counted in days: of 3个月 those until the day on which they end. */
static struct term_length length_in_days(struct rule_context *context, const struct doc *term)
{
    struct term_length length = term_length_of(term);
    if (length.n >= 0 && length.unit != CIVIL_WORKING_DAYS) {
        bool never;
        int64_t from_ms = doc_get_int(term, "from_ms", 0);
        int64_t last_ms = term_length_end(context, &never, from_ms, length) - 1;
        length.unit = CIVIL_CALENDAR_DAYS;
        length.n = (int)(civil_day(last_ms) - civil_day(from_ms));
    }
    return length;
}

/* Suspended over the date itself: until the end of the first working day after the return. Whoever
 * is suspended still may be back before the date. */
static int64_t fixed_end_shift(struct rule_context *context, bool *provisional,
                               const struct time_span *out, int64_t date_ms, int64_t end_ms)
{
    int64_t back_ms = out->to_ms == INT64_MAX ? context->time_ms : out->to_ms;
    if (back_ms < date_ms) {
        return end_ms;
    }
    bool by_weekdays;
    int64_t after_ms = term_working_end(context, &by_weekdays, back_ms, 1);
    after_ms = term_outage_shift(context, &by_weekdays, after_ms);
    if (after_ms < end_ms) {
        return end_ms; /* which an outage gave */
    }
    *provisional = by_weekdays;
    return after_ms;
}

/* Suspended again and again: nobody's silence is read into that. What is left begins after the last
 * return, or after today while it is suspended still; days between the others are not looked for.
 */
static int64_t after_last_return(struct rule_context *context, bool *provisional,
                                 const struct term_debtor *debtor, struct term_length left,
                                 int64_t date_ms, int64_t end_ms)
{
    struct term_length one_day = {.unit = CIVIL_WORKING_DAYS, .n = 1};
    int64_t from_ms = last_return(context, debtor);
    from_ms = from_ms < context->time_ms ? from_ms : context->time_ms;
    bool by_weekdays;
    int64_t after_ms =
        term_length_end(context, &by_weekdays, from_ms, left.n >= 0 ? left : one_day);
    after_ms = term_outage_shift(context, &by_weekdays, after_ms);
    if (left.n < 0 && (from_ms < date_ms || after_ms <= end_ms)) {
        return end_ms; /* a day that was named, and is to come */
    }
    *provisional = by_weekdays;
    return after_ms;
}

int64_t term_suspension_shift(struct rule_context *context, bool *provisional,
                              const struct doc *term, const struct term_debtor *debtor,
                              int64_t end_ms)
{
    int64_t from_ms = doc_get_int(term, "from_ms", 0);
    int64_t date_ms = doc_get_int(term, "at_ms", doc_get_int(term, "due_ms", 0));
    struct term_length left = length_in_days(context, term);
    struct time_span out;
    for (int i = 0;; i++) {
        if (!suspension_find(context, &out, debtor, from_ms) || out.from_ms >= end_ms) {
            return end_ms;
        }
        if (i == SUSPENSIONS_IN_A_TERM_MAX) {
            return after_last_return(context, provisional, debtor, left, date_ms, end_ms);
        }
        if (left.n < 0) {
            end_ms = fixed_end_shift(context, provisional, &out, date_ms, end_ms);
        } else {
            left.n -= days_over(context, left.unit, from_ms, out.from_ms, left.n - 1);
        }
        int64_t back_ms = out.to_ms == INT64_MAX ? context->time_ms : out.to_ms;
        from_ms = back_ms > from_ms ? back_ms : from_ms; /* a term may count from a day to come */
        if (left.n >= 0) {
            end_ms = term_length_end(context, provisional, from_ms, left);
            end_ms = term_outage_shift(context, provisional, end_ms);
        }
        if (out.to_ms == INT64_MAX) {
            return end_ms;
        }
    }
}

/* ---- terms in which several have to act ---- */

/* A term in which several have to act, each for itself, counted from its beginning: where it was
 * moved to for one of them is no other's end, nor whence the latest is counted. */
struct term_of_each {
    int64_t usual_ms;  /* of all who were not suspended */
    int64_t latest_ms; /* of whoever was: as many days after those of the others, and no more, or
                        * one that is suspended for long, or some of them by turns, would stop the
                        * others without end */
    bool usual_provisional, latest_provisional;
};

static struct term_of_each ends_of_each(struct rule_context *context, const struct term_kind *kind,
                                        const struct doc *record)
{
    const struct doc *term = term_get(record, kind->name);
    struct term_length length = term_length_of(term);
    struct term_of_each ends = {0};
    ENSURE(length.n >= 0); /* it has days: the profile's section began it */
    int64_t usual_ms = term_length_end(context, &ends.usual_provisional,
                                       doc_get_int(term, "from_ms", 0), length);
    ends.usual_ms = term_outage_shift(context, &ends.usual_provisional, usual_ms);
    int64_t latest_ms =
        term_length_end(context, &ends.latest_provisional, ends.usual_ms - 1, length);
    ends.latest_ms = term_outage_shift(context, &ends.latest_provisional, latest_ms);
    return ends;
}

/* Where it would end for this one of them; the usual end for one who was removed: nobody waits for
 * that. */
static int64_t end_of_one(struct rule_context *context, const struct term_kind *kind,
                          const struct doc *record, const struct term_of_each *ends,
                          const char *member, bool *provisional)
{
    const struct term_debtor debtor = {.member = member, .role = kind->role};
    *provisional = ends->usual_provisional;
    return member_is_gone(context, member)
               ? ends->usual_ms
               : term_suspension_shift(context, provisional, term_get(record, kind->name), &debtor,
                                       ends->usual_ms);
}

int64_t term_end_of_each(struct rule_context *context, const struct term_kind *kind,
                         const struct doc *record, int64_t due_ms, bool *provisional)
{
    const struct doc *members = doc_get(record, kind->owed_by_each);
    const struct term_of_each ends = ends_of_each(context, kind, record);
    int64_t last_ms = due_ms;
    for (size_t i = 0; i < doc_count(members); i++) {
        bool its_provisional;
        int64_t its_ms = end_of_one(context, kind, record, &ends, doc_text(doc_at(members, i)),
                                    &its_provisional);
        if (its_ms > ends.latest_ms) {
            its_ms = ends.latest_ms;
            its_provisional = ends.latest_provisional;
        }
        if (its_ms > ends.usual_ms && its_ms > last_ms) {
            last_ms = its_ms;
            *provisional = its_provisional;
        }
    }
    return last_ms;
}

struct doc *term_cut_short(struct rule_context *context, const struct doc *record,
                           const char *name)
{
    const struct term_kind *kind = term_kind_find(name);
    const struct doc *members = doc_get(record, kind->owed_by_each);
    struct doc *cut = doc_new_array();
    unsigned before = state_reads(context->state);
    const struct term_of_each ends = ends_of_each(context, kind, record);
    for (size_t i = 0; context->time_ms >= ends.latest_ms && i < doc_count(members); i++) {
        const char *member = doc_text(doc_at(members, i));
        bool provisional;
        if (end_of_one(context, kind, record, &ends, member, &provisional) > ends.latest_ms) {
            doc_push_text(cut, member);
        }
    }
    context->term_reads += state_reads(context->state) - before;
    return cut;
}

/* ---- terms that stood ---- */

/* Counted back from its end, so that days of an outage or a suspension before are none of it. */
struct term_length term_length_left(struct rule_context *context, const struct doc *term)
{
    struct term_length left = length_in_days(context, term);
    int64_t from_ms = doc_get_int(term, "from_ms", 0);
    int64_t before_ms = civil_day_start(civil_day(context->time_ms)) - 1;
    if (left.n > 0) {
        left.n = days_over(context, left.unit, before_ms > from_ms ? before_ms : from_ms,
                           doc_get_int(term, "due_ms", 0), left.n);
        left.n += left.n == 0;
    }
    return left;
}
