/* The kinds of terms: what each name in a record's "terms" means. A family that starts terms adds
 * its rows to term_kinds.c. */
#ifndef DIRCHAIN_CHAIN_RULES_TERM_KINDS_H
#define DIRCHAIN_CHAIN_RULES_TERM_KINDS_H

#include "chain/rule.h"

/* What happens when a term ends: it stops its term, changes the record, records the act. */
typedef void term_end(struct rule_context *context, const char *subject, const struct doc *term);

#define TERM_OWED_BY_CENTER "@center"

struct term_kind {
    const char *name;
    /* What has to be done in time, for people: 答复共享申请. NULL where the end itself is meant. */
    const char *chinese, *english;
    /* The ledger acts when it ends. If not, the end is noted in the record only, and judged when
     * the act comes. */
    bool indexed;
    /* An outage over its end moves it: a term in which somebody has to act; not an expiry date. */
    bool outage_moves;
    /* NULL if indexed: the term is marked "over" in the record, and the act's effect is its name
     * with "-overdue". */
    term_end *end;
    /* What happens instead if whoever has to act was removed from the ledger. NULL: it rests until
     * that member is restored. */
    term_end *gone;
    /* Who has to act: the member of the record that names the agency, TERM_OWED_BY_CENTER, or NULL
     * where nobody has to. The suspension of an agency stops its clock (term_ends.c). */
    const char *owed_by;
    /* Where several have to act, each for itself: the list of those in the record that have not.
     * The suspension of any of them stops the clock, until as many days more are over as the term
     * has. NULL: no such list. */
    const char *owed_by_each;
    /* Where both sides have to act together: the members of the record that name them. The
     * suspension of either is no matter of the term's (dispute_rule.c). NULL: no such two. */
    const char *owed_by_both[2];
    /* The role of the keys with which it is done: the clock stands also while the center keeps the
     * last of them, of any of several, suspended. NULL: keys of several roles do it. */
    const char *role;
    /* The member of the record that names another agency without which it cannot be done: its
     * suspension, and that of its keys of the role (if any), stops the clock as well. NULL: no such
     * one. */
    const char *needs;
    /* Statuses of its record with which it ends though nobody did it: for what is taken back or
     * over, nothing is owed. */
    const char *unneeded[5];
    /* A ruling on its record, which whoever rules makes in the place of whoever owes it, ends it
     * so, too ("decided_by" of a request). */
    bool ruling_ends;
    /* The part of its record that says what was done, and its "time_ms": where the term ends at
     * another time nobody did it, whatever the status. NULL: no such part. */
    const char *done;
    /* Another may be asked meanwhile, or the same anew: what was owed before is so no more. */
    bool asked_anew;
    /* Done or not, the assessment has a figure of its own for it (PT 32). */
    bool figure_of_its_own;
    /* Of its end, in the units of transactions (schema.h): by the records that it reads and writes,
     * which are mostly not in memory. 0: TERM_COST_USUAL. What its record has beyond
     * TERM_COST_BYTES_FREE costs besides. BLOCK_DUE_COST_MAX bounds the sum. */
    unsigned cost;
};
#define TERM_COST_USUAL 150
#define TERM_COST_WARNING 100
#define TERM_COST_BYTES_FREE 16384
#define TERM_COST_BYTES 256 /* to a unit */

/* The kind of that name, which must be one: ENSUREd. */
const struct term_kind *term_kind_find(const char *name);
/* What has to be done in time, in Chinese; NULL: there is no such kind, or it is its end alone. */
const char *term_kind_chinese(const char *name);
/* All of them in order of name; NULL past the end. */
const struct term_kind *term_kind_at(size_t index);
/* The member that has to act in time, or NULL. */
const char *term_owed_by(struct rule_context *context, const struct term_kind *kind,
                         const struct doc *record);
/* Where each of several has to, those that have not. Caller owns it; empty where there is no more
 * than one. */
struct doc *term_owed_by_several(const struct term_kind *kind, const struct doc *record);

#endif
