/* What a grant lets out of an entry (E6), as the ledger says it now: its own record, less what the
 * entry no longer has, and masked by what came on top of it: notices (OPEN 31), the open list
 * (OPEN 14).
 *
 *   {"items": [...], "masked"?: [...], "masked_all"?, "restriction"?, "rows"?}
 *
 * The preparer cuts by it, and the delivery keeps it. Before every chunk it is read again: once it
 * no longer covers what was cut, nothing more of that leaves. */
#ifndef DIRCHAIN_EXCHANGE_SCOPE_H
#define DIRCHAIN_EXCHANGE_SCOPE_H

#include "base/doc.h"

/* The records; NULL: absent. */
struct scope_records {
    const struct doc *grant;   /* grant/<id> */
    const struct doc *entry;   /* entry/<its provider>/<its entry> */
    const struct doc *bar;     /* of its use (bars.h) */
    const struct doc *listing; /* listing/<its provider>/<its entry>; for applicants only */
};
/* Caller owns. */
struct doc *scope_of(const struct scope_records *records);
/* The first item that `cut` lets out, or lets out in plain, and `now` does not; "" for what else
 * was taken back, or where `cut` is NULL: not known. NULL: `now` covers it all. */
const char *scope_lost(const struct doc *now, const struct doc *cut);
bool scope_masks(const struct doc *scope, const char *item);

#endif
