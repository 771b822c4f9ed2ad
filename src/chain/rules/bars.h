/* What stands against an access although its grant is active (D12, D13): a halt of the entry, a
 * measure against the consumer. The rules ask before an access is opened, the provider's gateway
 * before every chunk.
 *
 *   halt/<provider>/<entry>  {"notices": {"<txid>": {"since_ms"}}}
 *   restriction/<consumer>   {"measures": {"<txid>": {"measure", "grant"?, "provider"?,
 *                                                     "calls_per_day"?, "until_ms"?}}}
 *
 * Either is there only while something is in it. */
#ifndef DIRCHAIN_CHAIN_RULES_BARS_H
#define DIRCHAIN_CHAIN_RULES_BARS_H

#include "base/doc.h"

struct access_bar {
    const char *clause;
    const char *field;
};
/* 0; ERR_ENTRY_HALTED, ERR_ACCESS_CLOSED, and by what. The records may be NULL: absent. */
int access_barred(struct access_bar *bar, const struct doc *halt, const struct doc *restriction,
                  const struct doc *grant, int64_t now_ms);
/* The least number of calls in a day that a measure in force leaves this grant; otherwise
 * calls_max. */
int64_t access_calls_max(const struct doc *restriction, const struct doc *grant, int64_t now_ms,
                         int64_t calls_max);

#endif
