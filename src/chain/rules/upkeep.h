/* What keeps a catalog alive: milestones that demand entries, collection of the data, refreshing,
 * yearly maintenance (C6). */
#ifndef DIRCHAIN_CHAIN_RULES_UPKEEP_H
#define DIRCHAIN_CHAIN_RULES_UPKEEP_H

#include "chain/rule.h"

#define COLLECTION_MILESTONES_MAX 20

/* The milestone of this name (NULL: none) is met by this act on the body's "code": for an entry
 * (submitted), or for an update of one (changed, retired). Faults, or 0. (milestones.c) */
int milestone_meet(struct rule_context *context, const char *name, bool update);
/* The editable record of an entry, or of a change of one, was returned: it meets the milestone that
 * it names no more, which is open again when nothing else is there for it. (milestones.c) */
void milestone_reopen(struct rule_context *context, const struct doc *returned);
/* The data of an entry that met it is not there after all: it is open again. (acceptances.c) */
void milestone_unmeet(struct rule_context *context, const char *provider, const char *name);

/* An entry was accepted: its data is to be collected (PT 15). (collections.c) */
void collection_begin(struct rule_context *context, const char *provider, const char *code);
/* Its items changed: what was collected is to be collected anew (CN 15), and what was exempt is
 * owed. */
void collection_renew(struct rule_context *context, const char *provider, const char *code);
/* Since when its data is there, or need not be; -1: it is not. Data that is to be collected anew
 * (CN 15) was there, and so is whatever the center once recognised. */
int64_t collection_stands_ms(struct rule_context *context, const char *provider, const char *code);
/* Whether there is something to ask for: also what was reported, while a later refusal of the
 * agency is not accepted (PT 11), and what was exempt before its items changed. */
bool collection_is_there(struct rule_context *context, const char *provider, const char *code);
/* The milestone of a system was met by its data among others: it is open again if that is not
 * certified, but returned or refused. Of so many more at a time (COLLECTION_MILESTONES_MAX). */
void collection_met(struct rule_context *context, const char *provider, const char *code,
                    const char *milestone);
bool collection_may_meet(struct rule_context *context, const char *provider, const char *code,
                         const char *milestone);
/* The entry is gone: nothing more is owed. */
void collection_end(struct rule_context *context, const char *provider, const char *code);

/* An entry was accepted that need not be collected: its data is there, and its first update is due
 * by the entry's cycle (CN 15, OPEN 9). (upkeep.c) */
void refresh_owe(struct rule_context *context, const char *provider, const char *code,
                 const char *cycle);
/* The data came in: the next update is due by the entry's cycle (PT 16). */
void refresh_begin(struct rule_context *context, const char *provider, const char *code,
                   const char *cycle);
/* The entry changed its cycle, or is gone (NULL). */
void refresh_follow(struct rule_context *context, const char *provider, const char *code,
                    const char *cycle);
/* An agency has a catalog, or an open list: from now on it maintains it once a year (CN 10), or
 * evaluates it (OPEN 10). */
enum yearly { YEARLY_MAINTENANCE, YEARLY_EVALUATION };
void yearly_begin(struct rule_context *context, enum yearly yearly, const char *member);

#endif
