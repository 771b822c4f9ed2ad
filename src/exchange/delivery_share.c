/* Shares of the list of deliveries, turns of its preparer and of the rate. */
#include "exchange/delivery_share.h"

#include "base/errors.h"
#include "base/limits.h"

#include <string.h>

#define FREE_PART 4 /* of what is free, one part is a member's share */

int delivery_share_check(const struct delivery *first, const struct delivery *fresh)
{
    size_t all = 0, member = 0, grant = 0;
    for (const struct delivery *at = first; at != NULL; at = at->next) {
        all++;
        member += strcmp(at->open.consumer, fresh->open.consumer) == 0;
        grant += strcmp(at->grant, fresh->grant) == 0;
    }
    if (member == 0) {
        return all < DELIVERIES_LIST_MAX ? 0 : ERR_DELIVERY_FULL;
    }
    if (all >= DELIVERIES_MAX) {
        return ERR_DELIVERY_FULL;
    }
    if (member >= DELIVERIES_MEMBER_MAX || grant >= DELIVERIES_GRANT_MAX) {
        return ERR_DELIVERY_SHARE;
    }
    return member < (DELIVERIES_MAX - all) / FREE_PART ? 0 : ERR_DELIVERY_FULL;
}

/* Ids that follow `last` come before those that do not: a ring. */
static bool is_sooner(const char *member, const char *than, const char *last)
{
    bool follows = strcmp(member, last) > 0, than_follows = strcmp(than, last) > 0;
    return follows != than_follows ? follows : strcmp(member, than) < 0;
}

struct delivery *delivery_share_next(struct delivery *first, const char *last)
{
    struct delivery *next = NULL;
    for (struct delivery *at = first; at != NULL; at = at->next) { /* newest first */
        if (at->unprepared &&
            (next == NULL || !is_sooner(next->open.consumer, at->open.consumer, last))) {
            next = at;
        }
    }
    return next;
}

bool delivery_share_yields(const struct delivery *first, const char *member, const char *last,
                           int64_t now_us)
{
    const struct delivery *at = first;
    while (at != NULL && (at->wants_until_us <= now_us || strcmp(at->open.consumer, member) == 0 ||
                          !is_sooner(at->open.consumer, member, last))) {
        at = at->next;
    }
    return at != NULL;
}
