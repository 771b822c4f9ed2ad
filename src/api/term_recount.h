/* Ends that the ledger counts anew only when they come (term_ends.c). */
#ifndef DIRCHAIN_API_TERM_RECOUNT_H
#define DIRCHAIN_API_TERM_RECOUNT_H

#include "chain/rules/term_kinds.h"
#include "chain/store.h"

/* Whether the end of a running term is still to be counted anew: whoever owes it (`member`, where
 * it is one agency) is suspended or removed, or its keys for that are, or was since `counted_ms`,
 * when its end was counted last. What cannot be read is taken not to be. */
bool term_is_recounted(const struct store_view *view, const struct term_kind *kind,
                       const struct doc *record, const char *member, int64_t counted_ms);

#endif
