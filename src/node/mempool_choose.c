/* Which transactions the next block is to hold: members take turns, so that nobody who has much
 * here, or large or costly ones, keeps the others out of the blocks.
 *
 *   ring of members:  A ──► B ──► C ──► A …      in each turn a member's credit grows by QUANTUM,
 *                     │     │     │              and pays for its next ones at their weight: the
 *                     a1    b1    c1             part of the block that they take, by number, by
 *                     a2          c2             bytes or by cost, whichever is most
 *                     …
 *
 * What no block of that time may hold is passed by and costs nobody's turn. A member's own
 * transactions keep their order, and so do all that were chosen: those that build on others come
 * after them. When there is room for all, this is simply the order of arrival. */
#include "node/mempool_internal.h"

#include "base/memory.h"

#include <stdlib.h>

#define WHOLE_BLOCK (INT64_C(1) << 24)
#define QUANTUM (WHOLE_BLOCK / 256)
#define TX_FRAME_BYTES 4 /* the length before each in a block's encoding */

struct choice {
    const struct mempool_block *block;
    struct entry **entries;
    size_t count, bytes;
    int64_t cost;
    const struct share *last; /* that something was taken of */
};

static bool may_hold(const struct mempool_block *block, const struct entry *entry)
{
    return entry->expires_ms > block->time_ms &&
           entry->expires_ms - block->time_ms <= block->lifetime_ms &&
           entry->bytes + TX_FRAME_BYTES <= block->bytes_max && entry->cost <= block->cost_max;
}

static int64_t part_of(int64_t amount, int64_t whole)
{
    return amount * WHOLE_BLOCK / whole;
}

/* At most WHOLE_BLOCK, since the block may hold it. */
static int64_t weight_of(const struct mempool_block *block, const struct entry *entry)
{
    int64_t weight = part_of(1, (int64_t)block->txs_max);
    int64_t by_bytes = part_of((int64_t)entry->bytes + TX_FRAME_BYTES, (int64_t)block->bytes_max);
    int64_t by_cost = entry->cost > 0 ? part_of(entry->cost, block->cost_max) : 0;
    weight = by_bytes > weight ? by_bytes : weight;
    return by_cost > weight ? by_cost : weight;
}

static bool has_room(const struct choice *choice, const struct entry *entry)
{
    const struct mempool_block *block = choice->block;
    return choice->count < block->txs_max &&
           choice->bytes + entry->bytes + TX_FRAME_BYTES <= block->bytes_max &&
           choice->cost + entry->cost <= block->cost_max;
}

static void take(struct choice *choice, struct share *share)
{
    struct entry *entry = share->at;
    choice->entries[choice->count++] = entry;
    choice->bytes += entry->bytes + TX_FRAME_BYTES;
    choice->cost += entry->cost;
    choice->last = share;
    share->chosen++;
    share->at = entry->own_newer;
}

/* One turn. The member is done when it has nothing more for this block. */
static void take_turn(struct choice *choice, struct share *share)
{
    const struct mempool_block *block = choice->block;
    share->credit += QUANTUM;
    for (;;) {
        while (share->at != NULL && !may_hold(block, share->at)) {
            share->at = share->at->own_newer;
        }
        if (share->at == NULL || share->at->arrived_ms > block->arrived_by_ms ||
            share->chosen >= block->member_txs_max || !has_room(choice, share->at)) {
            share->done = true;
            return;
        }
        int64_t weight = weight_of(block, share->at);
        if (weight > share->credit) {
            return;
        }
        share->credit -= weight;
        take(choice, share);
    }
}

static void take_turns(struct choice *choice, struct share *first)
{
    struct share *share = first;
    do {
        share->at = share->oldest;
        share->chosen = 0;
        share->credit = 0;
        share->done = false;
        share = share->next;
    } while (share != first);
    for (bool more = true; more;) {
        more = false;
        do {
            if (!share->done) {
                take_turn(choice, share);
                more = more || !share->done;
            }
            share = share->next;
        } while (share != first);
    }
}

static int by_arrival(const void *a, const void *b)
{
    const struct entry *const *one = a, *const *other = b;
    return ((*one)->number > (*other)->number) - ((*one)->number < (*other)->number);
}

size_t mempool_candidates(struct mempool *mempool, struct tx **out,
                          const struct mempool_block *block)
{
    if (mempool->first == NULL || block->txs_max == 0) {
        return 0;
    }
    struct choice choice = {.block = block};
    choice.entries = memory_alloc(block->txs_max * sizeof(struct entry *));
    take_turns(&choice, mempool->first);
    if (choice.last != NULL) {
        mempool->first = choice.last->next; /* who comes first in the next block */
    }
    qsort(choice.entries, choice.count, sizeof(struct entry *), by_arrival);
    for (size_t i = 0; i < choice.count; i++) {
        out[i] = choice.entries[i]->tx;
    }
    memory_free(choice.entries);
    return choice.count;
}
