/* The replay window: a queue of blocks, oldest first, and a hash table from leaf to block.
 *
 * 128 bits of a leaf hash are kept: finding two leaves that agree in them takes 2^64 hashes, and
 * would only make a node refuse what every other node refuses too. An hour at 1000 transactions a
 * second is 3.6 million entries, about 200 MB; the table shrinks again when the rush is over. */
#include "chain/replay.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "chain/key_table.h"

#include <string.h>

#define SLOTS_MIN 1024

struct print {
    uint8_t bytes[16];
};

struct slot {
    struct print print;
    uint32_t block; /* serial number of the block, 0: empty */
};

struct replay_block {
    int64_t time_ms;
    size_t count;
    struct print *prints;
};

struct replay_window {
    struct slot *slots;
    size_t capacity; /* a power of two */
    size_t count;
    struct replay_block *blocks; /* ring: blocks[serial mod block_capacity] */
    size_t block_capacity;       /* a power of two */
    uint32_t first, next;        /* serials of the oldest block and of the next one; wrap */
};

static struct print print_of(const struct hash *leaf)
{
    struct print print;
    memcpy(print.bytes, leaf->bytes, sizeof print.bytes);
    return print;
}

static size_t home_of(const struct replay_window *window, const struct print *print)
{
    return (size_t)key_hash((const char *)print->bytes, sizeof print->bytes) &
           (window->capacity - 1);
}

/* The slot of a print, or the empty one where it would go. */
static struct slot *slot_find(const struct replay_window *window, const struct print *print)
{
    size_t i = home_of(window, print);
    while (window->slots[i].block != 0 &&
           memcmp(window->slots[i].print.bytes, print->bytes, sizeof print->bytes) != 0) {
        i = (i + 1) & (window->capacity - 1);
    }
    return &window->slots[i];
}

static void resize(struct replay_window *window, size_t capacity)
{
    struct slot *old = window->slots;
    size_t old_capacity = window->capacity;
    window->slots = memory_alloc(capacity * sizeof *window->slots);
    window->capacity = capacity;
    for (size_t i = 0; i < old_capacity; i++) {
        if (old[i].block != 0) {
            *slot_find(window, &old[i].print) = old[i];
        }
    }
    memory_free(old);
}

/* Takes an entry out and closes the gap. */
static void slot_clear(struct replay_window *window, struct slot *slot)
{
    size_t mask = window->capacity - 1;
    size_t gap = (size_t)(slot - window->slots);
    for (size_t i = (gap + 1) & mask; window->slots[i].block != 0; i = (i + 1) & mask) {
        size_t home = home_of(window, &window->slots[i].print);
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            window->slots[gap] = window->slots[i];
            gap = i;
        }
    }
    window->slots[gap].block = 0;
    window->count--;
}

static struct replay_block *block_at(const struct replay_window *window, uint32_t serial)
{
    return &window->blocks[serial & (window->block_capacity - 1)];
}

static uint32_t serial_after(uint32_t serial)
{
    return serial + 1 == 0 ? 1 : serial + 1; /* 0 marks empty slots */
}

struct replay_window *replay_open(void)
{
    struct replay_window *window = memory_alloc(sizeof *window);
    window->first = window->next = 1;
    window->block_capacity = 64;
    window->blocks = memory_alloc(window->block_capacity * sizeof *window->blocks);
    resize(window, SLOTS_MIN);
    return window;
}

void replay_close(struct replay_window **window)
{
    struct replay_window *old = *window;
    if (old == NULL) {
        return;
    }
    for (uint32_t serial = old->first; serial != old->next; serial = serial_after(serial)) {
        memory_free(block_at(old, serial)->prints);
    }
    memory_free(old->blocks);
    memory_free(old->slots);
    memory_free(old);
    *window = NULL;
}

/* Makes room for one more block; one place stays free, so that serial 0 may be skipped. */
static void grow_blocks(struct replay_window *window)
{
    size_t used = (uint32_t)(window->next - window->first);
    if (used + 2 < window->block_capacity) {
        return;
    }
    size_t capacity = window->block_capacity * 2;
    struct replay_block *blocks = memory_alloc(capacity * sizeof *blocks);
    for (uint32_t serial = window->first; serial != window->next; serial = serial_after(serial)) {
        blocks[serial & (capacity - 1)] = *block_at(window, serial);
    }
    memory_free(window->blocks);
    window->blocks = blocks;
    window->block_capacity = capacity;
}

void replay_add(struct replay_window *window, int64_t block_time_ms, const struct hash *leaves,
                size_t count)
{
    if (count == 0) {
        return;
    }
    grow_blocks(window);
    while ((window->count + count) * 4 > window->capacity * 3) {
        resize(window, window->capacity * 2);
    }
    uint32_t serial = window->next;
    struct replay_block *block = block_at(window, serial);
    *block = (struct replay_block){.time_ms = block_time_ms, .count = count};
    block->prints = memory_alloc(count * sizeof *block->prints);
    for (size_t i = 0; i < count; i++) {
        block->prints[i] = print_of(&leaves[i]);
        struct slot *slot = slot_find(window, &block->prints[i]);
        window->count += slot->block == 0;
        *slot = (struct slot){block->prints[i], serial};
    }
    window->next = serial_after(serial);
}

void replay_forget(struct replay_window *window, int64_t until_ms)
{
    while (window->first != window->next && block_at(window, window->first)->time_ms <= until_ms) {
        struct replay_block *block = block_at(window, window->first);
        for (size_t i = 0; i < block->count; i++) {
            struct slot *slot = slot_find(window, &block->prints[i]);
            if (slot->block == window->first) { /* else a later block holds it again */
                slot_clear(window, slot);
            }
        }
        memory_free(block->prints);
        *block = (struct replay_block){0};
        window->first = serial_after(window->first);
    }
    if (window->capacity > SLOTS_MIN && window->count * 8 < window->capacity) {
        resize(window, window->capacity / 2);
    }
}

bool replay_has(const struct replay_window *window, const struct hash *leaf, int64_t after_ms)
{
    struct print print = print_of(leaf);
    const struct slot *slot = slot_find(window, &print);
    return slot->block != 0 && block_at(window, slot->block)->time_ms > after_ms;
}

size_t replay_count(const struct replay_window *window)
{
    return window->count;
}
