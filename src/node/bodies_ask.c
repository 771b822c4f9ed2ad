/* Whom to ask for what, and when.
 *
 * Gossip and proposals travel on different links: a transaction that is missing now is mostly on
 * its way. Peers are asked only after GRACE_MS (bodies.c), then every ASK_AGAIN_MS one that has not
 * been asked yet: who gave a list for its transactions, all others for the body, too. Who voted for
 * the block comes before who did not. After ALONE_TURNS in vain several are asked at a time, so
 * that many that give nothing cost little; when all have been asked it begins again, more slowly.
 */
#include "node/bodies_slot.h"

#include "base/civil.h"
#include "base/memory.h"

#define ASK_AGAIN_MS 250
#define ASK_AGAIN_SHIFT_MAX 3 /* at last every 2 s */
#define ALONE_TURNS 3
#define TOGETHER_MAX 8

static struct list *first_open_list(const struct slot *slot)
{
    struct list *list = slot->lists;
    while (list != NULL && list->missing == 0) {
        list = list->next;
    }
    return list;
}

static void append_want_txs(struct bodies *bodies, struct buf *frames, const struct wire_want *want,
                            const struct list *list)
{
    struct hash *missing = memory_alloc(list->compact.tx_count * sizeof *missing);
    size_t count = list_missing(missing, list, bodies->parts);
    if (count > 0) {
        wire_append_want_txs(frames, want, missing, count);
        count_add(&bodies->parts->counters->txs_fetched, count);
    }
    memory_free(missing);
}

void ask_source(struct bodies *bodies, struct slot *slot, struct peer *peer)
{
    AUTO(buf_free) struct buf frames = {0};
    const struct wire_want want = {.height = bodies->height, .block = slot->hash};
    struct source *source = slot_source(slot, peer->id);
    const struct list *list = source->list != NULL ? source->list : first_open_list(slot);
    if (source->list == NULL) {
        wire_append_want_body(&frames, &want);
        source->owes = true;
    }
    if (list != NULL && list->missing > 0) {
        append_want_txs(bodies, &frames, &want, list);
    }
    source->asked++;
    if (frames.len > 0) {
        (void)peer_send(peer, view_of_buf(&frames), LINK_REQUIRED);
    }
}

/* Smaller is better: how often it was asked, then what it is likely to have. */
static unsigned rank_of(const struct bodies *bodies, const struct slot *slot,
                        const struct peer *peer, const struct source *source)
{
    unsigned likely = 2;
    if (source->list != NULL) {
        likely = 0;
    } else if (bodies->handler.voted(bodies->handler.context, peer->member, &slot->hash)) {
        likely = 1;
    }
    return 3 * source->asked + likely;
}

/* NULL if there is nobody to ask. *asked: how often it was asked before. */
static struct peer *pick_peer(struct bodies *bodies, struct slot *slot, unsigned *asked)
{
    size_t count = peers_count(bodies->parts->peers);
    struct peer *best = NULL;
    unsigned best_rank = 0;
    bodies->turn++;
    for (size_t i = 0; i < count; i++) {
        struct peer *peer = peers_at(bodies->parts->peers, (size_t)((bodies->turn + i) % count));
        if (!peer->up || !peer->validator) {
            continue;
        }
        const struct source *source = slot_source(slot, peer->id);
        if (source->list != NULL && source->list->failed) {
            continue; /* it lied */
        }
        unsigned rank = rank_of(bodies, slot, peer, source);
        if (best == NULL || rank < best_rank) {
            best = peer;
            best_rank = rank;
            *asked = source->asked;
        }
    }
    return best;
}

static unsigned at_a_time(const struct slot *slot)
{
    if (slot->turns < ALONE_TURNS) {
        return 1;
    }
    unsigned doubled = slot->turns - ALONE_TURNS;
    return doubled < 3 ? 2u << doubled : TOGETHER_MAX;
}

static void ask_turn(struct bodies *bodies, struct slot *slot, int64_t now)
{
    unsigned asked = 0;
    for (unsigned i = at_a_time(slot); i > 0; i--) {
        unsigned before = 0;
        struct peer *peer = pick_peer(bodies, slot, &before);
        if (peer == NULL || (before > asked && i < at_a_time(slot))) {
            break; /* everybody has been asked */
        }
        asked = before;
        ask_source(bodies, slot, peer);
    }
    slot->turns++;
    unsigned shift = asked < ASK_AGAIN_SHIFT_MAX ? asked : ASK_AGAIN_SHIFT_MAX;
    slot->ask_at_ms = now + (int64_t)(ASK_AGAIN_MS << shift);
}

static bool is_asking(const struct slot *slot)
{
    return slot->wanted && slot->block == NULL;
}

static void on_timer(uv_timer_t *timer)
{
    struct bodies *bodies = timer->data;
    int64_t now = clock_monotonic_ms();
    for (struct slot *slot = bodies->slots; slot != NULL; slot = slot->next) {
        if (is_asking(slot) && slot->ask_at_ms <= now) {
            ask_turn(bodies, slot, now);
        }
    }
    ask_schedule(bodies);
}

void ask_schedule(struct bodies *bodies)
{
    int64_t next = INT64_MAX;
    for (const struct slot *slot = bodies->slots; slot != NULL; slot = slot->next) {
        if (is_asking(slot) && slot->ask_at_ms < next) {
            next = slot->ask_at_ms;
        }
    }
    if (bodies->closing || next == INT64_MAX) {
        return;
    }
    int64_t wait = next - clock_monotonic_ms();
    uv_timer_start(&bodies->timer, on_timer, wait > 0 ? (uint64_t)wait + 1 : 1, 0);
}

void ask_in(struct bodies *bodies, struct slot *slot, int64_t delay_ms)
{
    slot->ask_at_ms = clock_monotonic_ms() + delay_ms;
    ask_schedule(bodies);
}
