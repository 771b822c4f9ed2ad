/* Terms: periods that end by law at block time.
 *
 *   record   {"terms": {"<name>": {"from_ms","days","due_ms","clause","provisional"?,…}}}
 *   index    due/<%016x due_ms>/<name>/<subject>     for terms that act when they end
 *            rest/<member>/<name>/<subject>          for those that rest: "rests" is the member
 *
 * The number stands under its unit: "days" (working days), "calendar_days", "months" or "years"
 * (base/civil.h); none for a term that ends at a fixed instant. The day of receipt does not count;
 * a term ends at 24:00 Beijing time of its last day, stored as the exclusive instant: at due_ms it
 * is over. What a name means, and what happens then, is in term_kinds.c.
 *
 * The rule edits the record (record_edit), starts or stops terms on the copy, and puts it under
 * `subject`; the index is kept here. */
#ifndef DIRCHAIN_CHAIN_RULES_TERMS_H
#define DIRCHAIN_CHAIN_RULES_TERMS_H

#include "chain/rule.h"
#include "chain/rules/term_kinds.h"

/* Starts the term `name` from now, as the profile's section (dotted path, fields_term_section) has
 * it: number, unit, clause, and the section's "silence" and "silence_clause" as the term's "effect"
 * and "effect_clause". Where the profile has no such section, the document is silent: false, and
 * nothing runs under that name. */
bool term_start_policy(struct rule_context *context, struct doc *record, const char *subject,
                       const char *name, const char *section);
/* The same for a term that counts from another day, e.g. PT 11's ten working days from the
 * approval of a business, reported later. It may be over already: the next sweep ends it. */
bool term_start_from(struct rule_context *context, struct doc *record, const char *subject,
                     const char *name, const char *section, int64_t from_ms);
/* The same from now, for a further step of what began earlier (rule_profile_running). */
bool term_start_running(struct rule_context *context, struct doc *record, const char *subject,
                        const char *name, const char *section);
/* A running term stands, from now until it goes on: the record's "paused" keeps it, with the end
 * that it has by what is known now and the days that are left, today's among them. What is not
 * running leaves "paused" as it is. */
void term_pause(struct rule_context *context, struct doc *record, const char *subject,
                const char *name);
/* When what a term asks for was first asked for: a term that stood goes on from another day, and is
 * the same ("began_ms"). */
int64_t term_began_ms(const struct doc *term);
void term_set_began(struct doc *record, const char *name, int64_t began_ms);
/* What "paused" keeps goes on with these days, of which today is none; what was over is over.
 * Without any nothing happens. */
void term_go_on(struct rule_context *context, struct doc *record, const char *subject,
                const char *name);
/* What "paused" keeps runs as it did before, as if it had never stood: whoever owes it took back
 * what it had done. It may be over by now: the next sweep ends it. */
void term_put_back(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name);
/* Starts a term that ends at an instant, e.g. a date that an order names. */
void term_start_at(struct rule_context *context, struct doc *record, const char *subject,
                   const char *name, int64_t due_ms, const char *clause);
/* Ends a term without its effect; nothing happens if it does not run. */
void term_stop(struct rule_context *context, struct doc *record, const char *subject,
               const char *name);
/* The same, and where its end was past, the record is marked `late`. */
void term_stop_late(struct rule_context *context, struct doc *record, const char *subject,
                    const char *name);
/* Whether the term is over by the calendar in force, an outage taken into account. */
bool term_is_over(struct rule_context *context, const struct doc *record, const char *name);
/* Of a running term in which several have to act, at its end: those whose days are not over, for
 * they were suspended, and who are not waited for any longer. Caller owns it. */
struct doc *term_cut_short(struct rule_context *context, const struct doc *record,
                           const char *name);
/* Where it stands what follows at its end; the term's own clause if nothing else is said. */
const char *term_effect_clause(const struct doc *term);
/* The running term, or NULL. */
const struct doc *term_get(const struct doc *record, const char *name);

/* ---- for the sweep (deadlines.c) ---- */

/* Of a key of the index: which term of which record. `subject` lies in the key; nothing is read. */
struct term_due {
    char name[32];
    const char *subject;
};
struct term_due term_due_of(const char *key);
struct term_due term_due_of_rest(const char *key);

/* Where the record's term ends by the calendar, the outages and the suspensions known now: never
 * earlier than where it was to end, unless that is beyond today's end, and never before that then.
 */
int64_t term_due_now(struct rule_context *context, const struct term_kind *kind,
                     const struct doc *record, bool recount, bool *provisional);
/* A term whose end is provisional waits there for the calendar: that end counts as working days
 * what may be none. It waits for as many working days as no notice of the State Council took off in
 * a year (2019 to 2026: 18 or 19); then it is over by whatever calendar, or who has to publish one
 * could stop all terms for ever. `term_awaits_ms`: until when, of one that ends at due_ms by what
 * is known; one that a suspension moved beyond what it waited for waits anew, one that an outage
 * moved does not: who could halt the chain once a month would keep it waiting. */
#define TERM_AWAITS_CALENDAR_DAYS 20
int64_t term_awaits_ms(struct rule_context *context, const struct term_kind *kind,
                       const struct doc *term, int64_t due_ms);
void term_await(struct rule_context *context, const char *subject, const char *name,
                int64_t latest_ms);
/* Moves the term or lets it end, as it is due; `recount`: by a calendar that came (deadlines.c). */
void term_settle(struct rule_context *context, const char *subject, const char *name, bool recount);
/* Gives a running term another end. */
void term_move(struct rule_context *context, const char *subject, const char *name, int64_t due_ms,
               bool provisional);
/* Nobody acted in time, and nothing else follows: marks it, and takes it out of the index. */
void term_note_overdue(struct rule_context *context, const char *subject, const char *name);
/* Whoever owes it was removed: it leaves the due index and rests, act "term-rests". */
void term_rest(struct rule_context *context, const char *subject, const char *name);
/* Who owed it is a member again: it runs to its new end, act "term-resumed". */
void term_resume(struct rule_context *context, const char *subject, const char *name,
                 int64_t due_ms, bool provisional);
/* The member was removed, and is restored now: the sweep takes up again what rests of it. */
void terms_member_returns(struct rule_context *context, const char *member);

/* What the record's size adds to the cost of settling one of its terms, or of warning of it. */
unsigned term_cost_of_size(struct rule_context *context, const char *subject);
/* Warns of what is soon due, as far as the budget goes (warnings.c). */
void rules_sweep_warnings(struct rule_context *context, unsigned *budget);

/* Brings into force the profile whose day has begun (profile_dates.c). */
void rules_sweep_profile(struct rule_context *context);

/* ---- where terms end (term_ends.c) ---- */

/* A term's number and unit: of a section of the profile, or of a running term. */
struct term_length {
    enum civil_unit unit;
    int n; /* -1: it has none, and ends at a fixed instant */
};
struct term_length term_length_of(const struct doc *term);
/* What of a term's days is not over, in time: one at least. */
struct term_length term_length_left(struct rule_context *context, const struct doc *term);
int64_t term_length_end(struct rule_context *context, bool *provisional, int64_t from_ms,
                        struct term_length length);
/* End of a term of working days. */
int64_t term_working_end(struct rule_context *context, bool *provisional, int64_t from_ms,
                         int days);
/* When one that ends at end_ms is over by whatever calendar: then, unless that is provisional. */
int64_t term_certain_end(struct rule_context *context, bool provisional, int64_t end_ms);
/* Where a term that would end at end_ms ends, given the outages there were; *provisional is set if
 * that counts days of a year without a calendar, and left otherwise. */
int64_t term_outage_shift(struct rule_context *context, bool *provisional, int64_t end_ms);
/* The same for the times in which whoever has to act could not; *provisional is set if any. */
struct term_debtor {
    const char *member;
    const char *role; /* of the keys that it acts with; NULL: any (struct term_kind) */
    const char *with; /* another without which it cannot act, or NULL */
};
int64_t term_suspension_shift(struct rule_context *context, bool *provisional,
                              const struct doc *term, const struct term_debtor *debtor,
                              int64_t end_ms);
/* Of a term in which several have to act, each for itself, that is to end at end_ms: it is over
 * when it is for the last of them. Who was removed is not waited for, who was suspended until as
 * many days more are over as the term has. */
int64_t term_end_of_each(struct rule_context *context, const struct term_kind *kind,
                         const struct doc *record, int64_t end_ms, bool *provisional);

/* ---- what happens at the end of each kind ---- */

term_end request_answer_due, request_answer_gone; /* answers.c */
term_end request_approved_due;                    /* approvals.c */
term_end fusion_review_due;                       /* fusion_parts.c */
term_end entry_resubmit_due;                      /* catalog.c */
term_end delegation_expiry_due;                   /* delegations.c */
term_end change_adjust_due, change_notice_due;    /* adjustments.c */
term_end change_consult_due;                      /* plans.c */
term_end grant_expiry_due;                        /* grants.c */
term_end grant_disuse_due, grant_objection_due;   /* disuse.c */
term_end measure_due;                             /* measures.c */
term_end negotiation_due;                         /* disputes.c */
term_end delisting_due, delisting_notice_due;     /* delisting.c */

#endif
