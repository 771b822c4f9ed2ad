/* What requests and the upper platform's files share with needs. */
#ifndef DIRCHAIN_CHAIN_RULES_NEEDS_H
#define DIRCHAIN_CHAIN_RULES_NEEDS_H

#include "chain/rule.h"
#include "chain/rules/records.h"

#define NEED_DECLINED_MAX 64 /* agencies that declined a need */

/* The need of the body, current; its key into `subject`. NULL with a fault. */
const struct doc *need_subject(struct rule_context *context, char *subject);
/* Whether its status is one of these, NULL behind the last. */
bool need_is(const struct doc *need, const char *const *statuses);
/* The agency that was asked last has refused it; that it went up since changes nothing. */
bool need_was_declined(const struct doc *need);
/* An agency that has not left owes it, by a settlement or a ruling. */
bool need_is_owed(struct rule_context *context, const struct doc *need);
/* Asks the agency that owes an editable need for it anew, with days of its own. */
void need_ask_owing(struct rule_context *context, struct doc *record, const char *subject);
/* There is an open dispute about the need of the body. */
bool need_is_disputed(struct rule_context *context);
/* Nobody meets it now, and its answer (of the body's "need") is not in dispute: it was not asked
 * for yet, was declined, waits in vain for somebody whose days are over, or that may not act, or
 * what answered it is not in the catalog any more. */
bool need_is_unmet(struct rule_context *context, const struct doc *need);
/* ERR_STATUS at "need": it is in dispute, or its status is none of these (rule_fault_status). */
int need_fault_status(struct rule_context *context, const struct doc *need, const char *may,
                      const char *clause);
/* The body wants each thing once. */
int need_check_wanted(struct rule_context *context);
/* Nobody owes an answer to it any more. */
void need_stop_terms(struct rule_context *context, struct doc *record, const char *subject);
/* Who did it and when, for the record: the body without what names the need. Caller owns it. */
struct doc *need_note(struct rule_context *context);

/* ---- need_answers.c ---- */

/* The body's "meets" tick off what is wanted, by items of published entries of this provider, whose
 * data is collected: they go into the need's editable record, with what is "left_out"; its status
 * becomes "met". Faults, or 0. */
int need_meet(struct rule_context *context, struct doc *record, const char *provider,
              const char *clause);
/* What was answered counts no more. */
void need_forget_answer(struct doc *record);
/* What this agency declined before somebody was asked anew, with what was ruled on that; NULL:
 * nothing. */
const struct doc *need_declined_by(const struct doc *need, const char *provider);
/* Puts that in its place in an editable need; NULL: it counts no more. */
void need_put_declined(struct doc *record, const char *provider, struct doc *declined);
/* Somebody else is asked now: what the agency declined is kept there for a dispute. */
void need_keep_declined(struct doc *record);
/* This agency has not declined it yet, and its refusal would find no room there beside those of
 * others, none of which makes way. */
bool need_declines_full(const struct doc *need, const char *provider);
/* Shows on an editable need the ruling by which what is wanted was refused before by this member,
 * an agency or the center, and none about another; NULL: nobody. Whether there is one; it is in
 * dispute_need.c. */
bool need_show_ruling(struct rule_context *context, struct doc *record, const char *provider);
/* What keeps a request from following from the need that it names: faults. 0: the answer to the
 * need was the review of it. */
int need_check_request(struct rule_context *context);
/* What answers a need is asked for once: what became of that request is not made good by asking
 * again. */
void need_note_request(struct rule_context *context);

#endif
