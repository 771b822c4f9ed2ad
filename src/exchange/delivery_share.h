/* Who may have how many deliveries, and whose turn it is: no consumer can take a gateway for
 * itself, neither its places nor its preparer. Works on the list of deliveries, under its lock. */
#ifndef DIRCHAIN_EXCHANGE_DELIVERY_SHARE_H
#define DIRCHAIN_EXCHANGE_DELIVERY_SHARE_H

#include "exchange/delivery.h"

/* Whether one more may go on the list. A member's first one always may. It may have
 * DELIVERIES_MEMBER_MAX, and never more than a quarter of what is still free of DELIVERIES_MAX, so
 * that shares get smaller as the list fills. One grant may have DELIVERIES_GRANT_MAX.
 * ERR_DELIVERY_SHARE: its own ones have to end first. ERR_DELIVERY_FULL: those of all. Both pass.
 */
int delivery_share_check(const struct delivery *first, const struct delivery *fresh);

/* The next one to prepare: of the member whose id follows `last`, its oldest; NULL: none waits.
 * Members with something to prepare have their turn in the order of ids, one delivery a turn. */
struct delivery *delivery_share_next(struct delivery *first, const char *last);

/* Where the rate is limited, members take turns likewise: whether what may leave now is for another
 * member that waits, and not for `member`. Asking more often gets nobody more. */
bool delivery_share_yields(const struct delivery *first, const char *member, const char *last,
                           int64_t now_us);

#endif
