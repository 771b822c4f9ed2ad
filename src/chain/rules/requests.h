/* What the files of requests and grants share. */
#ifndef DIRCHAIN_CHAIN_RULES_REQUESTS_H
#define DIRCHAIN_CHAIN_RULES_REQUESTS_H

#include "chain/rule.h"

/* What a grant gives, where it is less than the request asked for. All are borrowed; NULL: as asked
 * for. */
struct grant_terms {
    const struct doc *items;  /* names */
    const struct doc *rows;   /* further conditions */
    const struct doc *masked; /* names of those that are given masked */
    const struct doc *quota;
    const char *until; /* last day of use, a date */
    const char *terms; /* in words */
};

/* The strictest sharing attribute among the items of a request, as they have it now.
 * (request_check.c) */
int request_rank_now(struct rule_context *context, const struct doc *record);
/* Whether what was to be given without the agency's word needs it by now; the record, to be edited,
 * shows the ruling that says so. */
bool request_needs_word(struct rule_context *context, struct doc *record);
/* Checks a submitted request against the entry and the profile; all faults at once. *rank: the
 * strictest sharing attribute among the items. (request_check.c) */
int request_check(struct rule_context *context, const struct doc *entry, int *rank);
/* The part of it about the use (PT 17, 18, 21), the same for each form that asks for data. */
int request_check_use(struct rule_context *context);
/* Whether a case of the policy is shown as this one of PT 19 (scenarios.c). */
bool scenario_knows(struct rule_context *context, int64_t kind);
/* The claim to an authorised scenario, if the body makes one; all faults at once (scenarios.c). */
void scenario_check(struct rule_context *context);
/* What of it the body shows by itself; values may be null (struct tx_type's check). */
void scenario_check_body(struct rule_context *context);
/* Whether nothing on the ledger bears out the claim of a request's body: papers that are elsewhere,
 * masks that no gateway puts on. (scenarios.c) */
bool scenario_on_word(const struct doc *request);
/* Whether the matter that a claim names, if it names one, is its consumer's duty still. */
bool scenario_matter_stands(struct rule_context *context, const struct doc *record);
/* Months between two uses, rounded up, if these times of a month, quarter or year are even ones; 0
 * where that is as often as the policy asks, or it asks for none. (request_check.c) */
int frequency_seldom_months(struct rule_context *context, const struct doc *frequency);
/* PT 22, CN 17: whether data of this attribute (0 unconditional, 1 authorised) has been collected,
 * where the profile has it shared only then. (request_check.c) */
bool request_is_collected(struct rule_context *context, const char *provider, const char *code,
                          int rank);
/* ERR_NOT_COLLECTED at the field where it is not. */
int request_check_collected(struct rule_context *context, const char *provider, const char *code,
                            int rank, const char *field);
/* What the profile demands of a refusal's `grounds` is there. (answers.c) */
int request_check_grounds(struct rule_context *context);
/* Of a request whose mode was refused: whether a ruling may allow it; and that it does, so that the
 * request goes on as if the assessment had. (requests.c) */
int request_check_mode_allowed(struct rule_context *context, const char *id);
void request_mode_allowed(struct rule_context *context, const char *id);
/* Whether the body's applicant may apply for this entry; all faults at once. (applicants.c) */
int applicant_check(struct rule_context *context, const struct doc *entry);
/* Whether the entry as it stands now lets these items of the request be given (NULL: those it asked
 * for) and its rows be chosen; the attribute that counts is that of today, not of the day of the
 * request. Last, whether what was asked for is not over, and who asked can be given it:
 * ERR_CONSUMER only where nothing else bars. 0, or the error, with the clause and what is barred.
 * (request_check.c) */
struct request_bar {
    const char *clause;
    char field[FAULT_FIELD_BYTES_MAX];
};
int request_barred(struct rule_context *context, struct request_bar *bar, const struct doc *record,
                   const struct doc *items);
/* Says so: what bars the request, at "<before><field>". */
int request_fault_barred(struct rule_context *context, const struct doc *request, int barred,
                         const struct request_bar *bar, const char *before);
/* The last part of it alone, of whoever asked for a use `until` a day: whether that day is over, or
 * nobody is there to be given it. (request_check.c) */
int request_use_barred(struct rule_context *context, struct request_bar *bar, const char *consumer,
                       const struct doc *use);
/* Whether these items are less than the request asked for of what the entry gives today.
 * (request_check.c) */
bool request_items_left(struct rule_context *context, const struct doc *record,
                        const struct doc *items);
/* 0, or why the open list does not open these items and rows of `asked`, which names provider and
 * entry, to an applicant. (applicants.c) */
int applicant_barred(struct rule_context *context, struct request_bar *bar, const struct doc *asked,
                     const struct doc *items, const struct doc *rows);
/* Whether `asked`, a request's body or a grant, is an applicant's and goes by the open list: not by
 * how the entry is shared, nor by whether it was retired (OPEN 10). (applicants.c) */
bool applicant_by_list(struct rule_context *context, const struct doc *asked);
/* The same, and its entry is on the list. */
bool applicant_is_listed(struct rule_context *context, const struct doc *asked);
/* Those of these items that the list opens today, of the provider and entry that `asked` names. The
 * caller owns it. */
struct doc *applicant_items_left(struct rule_context *context, const struct doc *asked,
                                 const struct doc *items);
/* Whether the applicant of `asked`, which names provider and entry, is given masked data only.
 * (applicants.c) */
bool applicant_masked(struct rule_context *context, const struct doc *asked);
/* ERR_DUPLICATE or, for a text that is not in `of`, ERR_SUBJECT, under `name`. */
int check_subset(struct rule_context *context, const struct doc *list, const struct doc *of,
                 const char *of_member, const char *name, const char *clause);

struct grant_terms grant_terms_of(const struct doc *body);
/* Whether these terms narrow what the request record asked for, and the entry lets it be given
 * today; all faults at once. may_wait: who asked may be suspended at the moment (approvals.c).
 * (answers.c) */
int grant_terms_check(struct rule_context *context, const struct doc *record,
                      const struct grant_terms *terms, bool may_wait);

/* Creates grant/<id> from an editable request record, whose status it sets; the version is stamped
 * by the caller's function (record_stamp or record_stamp_act). (grants.c) */
void grant_create(struct rule_context *context, struct doc *request, const char *id,
                  const struct grant_terms *terms,
                  void (*stamp)(struct rule_context *, struct doc *));

/* The grant gives from now on what these terms say, of what the request record asked for; where the
 * policy demands an agreement, both sides sign anew. (grants.c) */
void grant_amend(struct rule_context *context, const struct doc *request, const char *id,
                 const struct grant_terms *terms);
/* The transaction at hand ends the grant, if it is not over; its reason is noted. (grants.c) */
void grant_terminate_as_ruled(struct rule_context *context, const char *id);

#endif
