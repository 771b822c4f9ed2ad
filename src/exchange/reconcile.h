/* Reconciliation (对账, E5, PT 16): every open whose receipts differ or lack a side, from the
 * ledger alone. What is within its time is listed too, as not overdue: an open may just be moving;
 * two receipts that differ stay different. */
#ifndef DIRCHAIN_EXCHANGE_RECONCILE_H
#define DIRCHAIN_EXCHANGE_RECONCILE_H

#include "base/doc.h"
#include "chain/store.h"

#define RECONCILE_PLACE_BYTES 80

/* Up to `max` items {"open","status","overdue","grant","provider","consumer","opened_ms",
 * "expires_ms","calls"} with the receipts there are: first those that differ, then those that lack
 * a side; status is differs, lacks-consumer, lacks-provider or lacks-both. Begins behind *place
 * ("": from the start) and leaves there where to go on ("": that was all). With `overdue` only
 * those whose time is over at the tip, of either kind. Caller owns. ERR_CORRUPT, ERR_IO. */
int reconcile_list(struct doc **out, char place[RECONCILE_PLACE_BYTES],
                   const struct store_view *view, size_t max, bool overdue);

#endif
