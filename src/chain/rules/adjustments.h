/* What a change or deletion of an entry does to its grants, and how grants are told of such things
 * (affected.c, adjustments.c). */
#ifndef DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H
#define DIRCHAIN_CHAIN_RULES_ADJUSTMENTS_H

#include "chain/rule.h"

/* ---- affected.c ---- */

/* What of an entry record a change to this content (NULL: its deletion) touches: {"all"} or
 * {"items"}, the "touches" of the change's record. Caller owns it. */
struct doc *change_touches(const struct doc *entry, const struct doc *content);
/* Whether the change affects this grant, or request, on its entry. What an applicant has rests on
 * the open list, which a deletion leaves. */
bool grant_affected(struct rule_context *context, const struct doc *change,
                    const struct doc *grant);
/* The ids of those of the first 100 live ones that it affects; *more: there are further ones, among
 * which there may be such: a deletion affects none of the applicants', which come last. Caller owns
 * it. */
struct doc *grants_affected(struct rule_context *context, const struct doc *change, bool *more);

/* ---- adjustments.c ---- */

/* The change (an editable record under `key`) was accepted: if it affects grants, tells
 * each and starts the term of the adjustment plan, whose date is the body's "plan_date". Faults, or
 * 0. */
int adjustment_begin(struct rule_context *context, struct doc *change, const char *key);
/* Tells the grants that a change affects: where a plan is proposed, of it; else what becomes of
 * them. A hundred now, the rest in the blocks that follow. */
void adjustment_tell(struct rule_context *context, struct doc *change, const char *key);

/* ---- plans.c ---- */

/* A grant is told of the plan: its consumer is asked for its signature. */
void plan_note_told(struct rule_context *context, struct doc *change, const struct doc *grant);
/* A grant of the request gives from now on what this record of it, of that subject, says: where a
 * plan for its entry waits for the signatures, and affects it, its consumer is concerned too. */
void plan_note_granted(struct rule_context *context, const struct doc *request,
                       const struct doc *grant, const char *subject);
/* Whether the plan that was proposed may be carried out now, by the body's assessment, given the
 * grants that are affected now (grants_affected). ERR_PLAN, ERR_FIELD_RANGE, ERR_CONSULTING,
 * ERR_NEWCOMER, ERR_GROUNDS. */
int plan_check_formed(struct rule_context *context, const struct doc *change,
                      const struct doc *grants, bool more);

/* Something that the live grants on an entry are told of, and follow at an instant. Its record has
 * "provider" and "code" of the entry, and keeps here where the next block goes on: "told_ms",
 * "told_after", "adjusted_after". */
struct adjustment {
    const char *term, *notice;    /* names of the record's terms: the instant; telling goes on */
    const char *clause;           /* of all acts */
    const char *ended, *narrowed; /* effects of the acts on a grant that lost all items, or some */
    /* The effect of the act that tells the grant; NULL: it is not concerned. */
    const char *(*told)(struct rule_context *context, const struct doc *record,
                        const struct doc *grant);
    /* Notes in the editable record that this grant was told, if not NULL. */
    void (*note)(struct rule_context *context, struct doc *record, const struct doc *grant);
    void (*follow)(struct rule_context *context, const struct doc *record, const char *id);
    /* All have followed; the editable record is put afterwards. */
    void (*done)(struct rule_context *context, struct doc *record, const char *subject);
};

/* Tells the live grants on the entry of the editable record, which follow at end_ms. False: there
 * are none, and nothing runs. */
bool adjustment_start(struct rule_context *context, struct doc *record, const char *key,
                      const struct adjustment *adjustment, int64_t end_ms);
/* At the ends of its two terms. */
void adjustment_tell_on(struct rule_context *context, const char *subject,
                        const struct adjustment *adjustment);
void adjustment_follow_on(struct rule_context *context, const char *subject,
                          const struct adjustment *adjustment);
/* The grant gives these of its items only from now on; without any it is over. */
void grant_keep_items(struct rule_context *context, const char *id, const struct doc *left,
                      const struct adjustment *adjustment);

#endif
