/* What stands against an access although its grant is active (D12, D13): a halt of the entry, a
 * hold on another grant, a measure against the consumer. The rules ask before an access is opened,
 * the provider's gateway before every chunk.
 *
 *   halt/<provider>/<entry>  {"notices": {"<txid>": {"since_ms"}}}
 *   restriction/<consumer>   {"measures": {"<txid>": {"measure", "provider"?, "entry"?, "grant"?,
 *                                                     "applicant"?, "own"?,
 *                                                     "calls_per_day"?, "until_ms"?}}}
 *   bar/<consumer>/<provider>/<entry>[/<applicant>]
 *                            {"grants": {"<grant>": {"clause","since_ms"}},  with holds on them
 *                             "masked": {"<notice>": [items that it had masked]},
 *                             "calls": {"day","calls"}}                      under a limit
 *   called/<consumer>/<provider>/<entry>[/<applicant>]
 *                            {"day","grants": [ids], "more"?}  used on the last day of use
 *
 * The first three are there only while something is in them. The last two are about who uses an
 * entry, not about a grant: otherwise a second request would be the way round a hold, a mask or a
 * limit. Who uses it is the consumer itself, or the applicant that it serves (OPEN 17-20): one
 * applicant's hold is no other's. */
#ifndef DIRCHAIN_CHAIN_RULES_BARS_H
#define DIRCHAIN_CHAIN_RULES_BARS_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/limits.h"

/* The records above; NULL: absent. */
struct access_bars {
    const struct doc *halt;
    const struct doc *restriction;
    const struct doc *bar;
};
struct access_bar {
    const char *clause; /* of the records, or static */
    char field[FAULT_FIELD_BYTES_MAX];
};
/* 0; ERR_ENTRY_HALTED, ERR_GRANT_SUSPENDED, ERR_ACCESS_CLOSED, and by what. */
int access_barred(struct access_bar *out, const struct access_bars *bars, const struct doc *grant,
                  int64_t now_ms);
/* The least number of calls in a day that a measure in force leaves this consumer of this entry;
 * otherwise calls_max. */
int64_t access_calls_max(const struct doc *restriction, const struct doc *grant, int64_t now_ms,
                         int64_t calls_max);
/* What notices had masked (`bar`, may be NULL) an editable grant record gives masked, as far as it
 * gives it or chooses rows by it, with what it gave so before. */
void grant_mask(struct doc *grant, const struct doc *bar);
/* Whether what an applicant is given of an entry leaves masked: its record of the open list (may be
 * NULL) says so. */
bool listing_masks(const struct doc *listing);
/* Whether a notice had this item masked. */
bool bar_masks(const struct doc *bar, const char *item);

/* Who uses an entry, whose data is whose; of a grant, or of a request to be one. `applicant` NULL:
 * the consumer itself. */
struct bar_use {
    const char *consumer, *provider, *entry, *applicant;
};
struct bar_use bar_use_of(const struct doc *grant);
#define BAR_KEY_BYTES (STATE_KEY_BYTES_MAX + 1)
void bar_key(char out[BAR_KEY_BYTES], const char *table, const struct bar_use *use);

/* ---- bar_record.c: what the ledger keeps of a use ---- */

struct rule_context;
/* NULL: nothing is in it. */
const struct doc *bar_get(struct rule_context *context, const struct bar_use *use);
const struct doc *bar_of(struct rule_context *context, const struct doc *grant);
/* This grant (its id) is held by this clause, or no longer is. ERR_QUOTA. */
int bar_hold(struct rule_context *context, const struct doc *grant, const char *id,
             const char *clause);
void bar_release(struct rule_context *context, const struct doc *grant, const char *id);
/* A notice (its id) has these items masked, and none besides; none at all: NULL. ERR_QUOTA. */
int bar_mask(struct rule_context *context, const struct doc *grant, const char *notice,
             const struct doc *items);
/* A grant (its id) is used for the first time on this Beijing day. */
void bar_note_use(struct rule_context *context, const struct doc *grant, const char *id);
/* Counts calls of a Beijing day under a limit, those before it began too, by whatever grant;
 * without one (limit < 0) forgets what was counted. ERR_QUOTA. Reads BAR_READS_MAX records. */
#define BAR_READS_MAX 66
int bar_count_calls(struct rule_context *context, const struct doc *grant, int64_t limit,
                    int64_t calls);

#endif
