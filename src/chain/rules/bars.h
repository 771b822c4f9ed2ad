/* What stands against an access although its grant is active (D12, D13): a halt of the entry, a
 * hold on another grant, a measure against the consumer. The rules ask before an access is opened,
 * the provider's gateway before every chunk.
 *
 *   halt/<provider>/<entry>  {"notices": {"<txid>": {"since_ms"}}}
 *   restriction/<consumer>   {"measures": {"<txid>": {"measure", "provider"?, "entry"?, "grant"?,
 *                                                     "calls_per_day"?, "until_ms"?}}}
 *   bar/<consumer>/<provider>/<entry>
 *                            {"grants": {"<grant>": {"clause","since_ms"}},  with holds on them
 *                             "masked": [items that a notice had masked],
 *                             "calls": {"day","calls"}}                      under a limit
 *
 * Each is there only while something is in it. The last is about a consumer and an entry, not about
 * a grant: otherwise a second request would be the way round a hold, a mask or a limit. */
#ifndef DIRCHAIN_CHAIN_RULES_BARS_H
#define DIRCHAIN_CHAIN_RULES_BARS_H

#include "base/doc.h"
#include "base/faults.h"

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
/* Those of these items (may be NULL) that an editable grant record gives leave masked, with those
 * that did before. */
void grant_mask(struct doc *grant, const struct doc *items);

/* ---- bar_record.c: bar/<consumer>/<provider>/<entry> of a grant ---- */

struct rule_context;
/* NULL: nothing is in it. */
const struct doc *bar_of(struct rule_context *context, const struct doc *grant);
/* This grant (its id) is held by this clause, or no longer is. ERR_QUOTA. */
int bar_hold(struct rule_context *context, const struct doc *grant, const char *id,
             const char *clause);
void bar_release(struct rule_context *context, const struct doc *grant, const char *id);
/* A notice had these items masked. */
void bar_mask(struct rule_context *context, const struct doc *grant, const struct doc *items);
/* Counts calls of a Beijing day under a limit, with those of the grant itself on the day on which
 * it began; without one (limit < 0) forgets what was counted. ERR_QUOTA. */
int bar_count_calls(struct rule_context *context, const struct doc *grant, int64_t limit,
                    int64_t before, int64_t calls);

#endif
