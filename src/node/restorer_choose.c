/* Which snapshot to take, of those that peers offer. */
#include "node/restorer_internal.h"

#include "base/civil.h"
#include "base/log.h"

#include <inttypes.h>

#define RESTS_MAX 4 /* so often a rest becomes longer */
#define ANY_AFTER 3 /* so many times the patience: then whatever anybody offers */

uint64_t restorer_tip(const struct restorer *restorer)
{
    return app_height(restorer->parts->app);
}

bool restorer_offers(const struct peer *peer, uint64_t height)
{
    bool found = false;
    for (size_t i = 0; peer->up && i < peer->offer.count; i++) {
        found = found || peer->offer.height[i] == height;
    }
    return found;
}

void restorer_withdraw(struct peer *peer, uint64_t height)
{
    for (size_t i = 0; i < peer->offer.count; i++) {
        if (peer->offer.height[i] == height) {
            peer->offer.height[i] = peer->offer.height[--peer->offer.count];
        }
    }
}

/* Snapshots of all members stand at the same heights; one that stands elsewhere is one peer's own,
 * and nobody else could help it out. No fault: its operator, or ours, has set another interval,
 * which the log says once of each peer. */
static void refuse_odd_of(const struct restorer *restorer, struct peer *peer)
{
    uint64_t interval = restorer->config.interval;
    for (size_t i = 0; interval > 0 && i < peer->offer.count;) {
        uint64_t height = peer->offer.height[i];
        if (height % interval == 0) {
            i++;
            continue;
        }
        log_write(peer->odd_offer_told ? LOG_DEBUG : LOG_WARN, "restorer",
                  "%s offers a snapshot of height %" PRIu64
                  ", no multiple of our snapshot_blocks %" PRIu64 ": none such is taken from it",
                  peer->member, height, interval);
        peer->odd_offer_told = true;
        restorer_withdraw(peer, height); /* another one has its place now */
    }
}

void restorer_refuse_odd(struct restorer *restorer)
{
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        struct peer *peer = peers_at(restorer->parts->peers, i);
        if (peer->up) {
            refuse_odd_of(restorer, peer);
        }
    }
}

/* The chain has gone on so far that of those who keep up nobody has offered it for long. */
bool restorer_is_stale(const struct restorer *restorer, uint64_t height)
{
    uint64_t interval = restorer->config.interval;
    interval = interval > 0 ? interval : SNAPSHOT_BLOCKS_DEFAULT;
    return sync_target(restorer->sync) > height + 2 * SNAPSHOTS_OFFERED_MAX * interval;
}

struct candidate {
    uint64_t height;
    size_t peers;    /* that offer it */
    unsigned failed; /* how often the best of them did not give what it offered */
};

static struct candidate candidate_of(const struct restorer *restorer, uint64_t height)
{
    struct candidate candidate = {.height = height, .failed = UINT32_MAX};
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        const struct peer *peer = peers_at(restorer->parts->peers, i);
        if (!restorer_offers(peer, height)) {
            continue;
        }
        candidate.peers++;
        candidate.failed =
            peer->parts_failed < candidate.failed ? peer->parts_failed : candidate.failed;
    }
    return candidate;
}

bool restorer_is_offered(const struct restorer *restorer, uint64_t height)
{
    return candidate_of(restorer, height).peers > 0;
}

/* Of a peer that never failed rather than of one that did, of more peers rather than of fewer, a
 * later one rather than an earlier one. */
static bool is_better(const struct candidate *a, const struct candidate *b)
{
    if (b->height == 0 || a->failed != b->failed) {
        return b->height == 0 || a->failed < b->failed;
    }
    return a->peers != b->peers ? a->peers > b->peers : a->height > b->height;
}

/* The last ones came to nothing, and a ledger that rests on such offers gets no blocks: they may be
 * a lie. */
static bool rests(const struct restorer *restorer)
{
    unsigned times = restorer->vain < RESTS_MAX ? restorer->vain : RESTS_MAX;
    return times > 0 && clock_monotonic_ms() - restorer->given_up_ms < restorer->config.rest_ms
                                                                           << (times - 1);
}

/* The best one beyond a height, but not beyond `most`; 0: none. */
static uint64_t best_beyond(const struct restorer *restorer, uint64_t height, uint64_t most)
{
    struct candidate best = {0};
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        const struct peer *peer = peers_at(restorer->parts->peers, i);
        for (size_t k = 0; peer->up && k < peer->offer.count; k++) {
            uint64_t offered = peer->offer.height[k];
            if (offered <= height || offered > most || restorer_is_stale(restorer, offered)) {
                continue;
            }
            struct candidate candidate = candidate_of(restorer, offered);
            best = is_better(&candidate, &best) ? candidate : best;
        }
    }
    return best.failed > 0 && rests(restorer) ? 0 : best.height;
}

/* Whether anybody says that it can give the next block. */
static bool somebody_has_next(const struct restorer *restorer)
{
    bool found = false;
    for (size_t i = 0; i < peers_count(restorer->parts->peers); i++) {
        const struct peer *peer = peers_at(restorer->parts->peers, i);
        found = found ||
                (peer->up && peer->told_status && peer->status.height > restorer_tip(restorer) &&
                 peer->offer.first_block <= restorer_tip(restorer) + 1);
    }
    return found;
}

uint64_t restorer_choose(const struct restorer *restorer)
{
    uint64_t gap = restorer->config.gap_blocks, target = sync_target(restorer->sync);
    if (gap > 0 && target > restorer_tip(restorer) + gap) {
        uint64_t height = best_beyond(restorer, restorer_tip(restorer) + gap, target);
        if (height > 0) {
            return height;
        }
    }
    int64_t patience_ms =
        somebody_has_next(restorer) ? restorer->config.refused_ms : restorer->config.stuck_ms;
    int64_t waited_ms = sync_waiting_ms(restorer->sync);
    if (waited_ms <= patience_ms) {
        return 0;
    }
    /* None of a block that is yet to be decided: one liar would have all wait for it. But f+1 may
     * tell low heights where disks were lost, and one honest peer is enough: its snapshot proves
     * itself, and what the chain passes meanwhile is let go. */
    bool any = waited_ms > ANY_AFTER * patience_ms;
    return best_beyond(restorer, restorer_tip(restorer),
                       any ? UINT64_MAX : sync_likely(restorer->sync));
}
