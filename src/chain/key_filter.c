/* Layers, each a table of blocks of 512 bits: a key sets PROBES bits of one block of the newest
 * layer. A full layer gets a successor of twice its size, so that few are ever asked.
 *
 * Invariants: layer[count - 1] has room; sizes at least double from layer to layer. */
#include "chain/key_filter.h"

#include "base/memory.h"

#define BLOCK_WORDS 8 /* of 64 bits: a cache line */
#define BLOCK_KEYS 42 /* 12 bits a key */
#define PROBES 6
#define KEYS_MIN 16384
#define LAYERS_MAX 40

struct block {
    uint64_t word[BLOCK_WORDS];
};

struct layer {
    struct block *blocks;
    uint64_t block_count;
    uint64_t keys, keys_max;
};

struct key_filter {
    struct layer layer[LAYERS_MAX];
    unsigned count;
};

static void layer_add(struct key_filter *filter, uint64_t keys_max)
{
    struct layer *layer = &filter->layer[filter->count++];
    layer->keys_max = keys_max;
    layer->block_count = keys_max / BLOCK_KEYS + 1;
    layer->blocks = memory_alloc(layer->block_count * sizeof *layer->blocks);
}

struct key_filter *key_filter_new(uint64_t expected)
{
    struct key_filter *filter = memory_alloc(sizeof *filter);
    layer_add(filter, expected < KEYS_MIN ? KEYS_MIN : expected);
    return filter;
}

void key_filter_free(struct key_filter **filter)
{
    if (!*filter) {
        return;
    }
    for (unsigned i = 0; i < (*filter)->count; i++) {
        memory_free((*filter)->layer[i].blocks);
    }
    memory_free(*filter);
    *filter = NULL;
}

/* The upper half of the hash chooses the block, the lower the bits: nine bits for each probe, of a
 * product that mixes them. */
static struct block *block_of(const struct layer *layer, uint64_t hash)
{
    return &layer->blocks[((hash >> 32) * layer->block_count) >> 32];
}

static uint64_t bits_of(uint64_t hash)
{
    return (uint32_t)hash * UINT64_C(0x9E3779B97F4A7C15) >> (64 - 9 * PROBES);
}

static bool block_has(const struct block *block, uint64_t bits)
{
    for (unsigned i = 0; i < PROBES; i++, bits >>= 9) {
        if (!(block->word[bits >> 6 & 7] >> (bits & 63) & 1)) {
            return false;
        }
    }
    return true;
}

void key_filter_add(struct key_filter *filter, uint64_t hash)
{
    struct layer *newest = &filter->layer[filter->count - 1];
    struct block *block = block_of(newest, hash);
    uint64_t bits = bits_of(hash);
    if (block_has(block, bits)) {
        return;
    }
    for (unsigned i = 0; i < PROBES; i++, bits >>= 9) {
        block->word[bits >> 6 & 7] |= UINT64_C(1) << (bits & 63);
    }
    if (++newest->keys == newest->keys_max && filter->count < LAYERS_MAX) {
        layer_add(filter, 2 * newest->keys_max);
    }
}

bool key_filter_may_have(const struct key_filter *filter, uint64_t hash)
{
    uint64_t bits = bits_of(hash);
    for (unsigned i = filter->count; i-- > 0;) {
        if (block_has(block_of(&filter->layer[i], hash), bits)) {
            return true;
        }
    }
    return false;
}
