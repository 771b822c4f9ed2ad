/* Tiles of the log tree.
 *
 *   level 4t+4   ·  (kept in the tile above)
 *   level 4t+3   2   3                positions of a heap without its top: a tile of tile level t
 *   level 4t+2   4 … 7                and index i holds the nodes of levels 4t … 4t+3 below node
 *   level 4t+1   8 … 15               (4t+4, i), as far as they are complete
 *   level 4t     16 … 31
 *
 * Record: u32 present ‖ 32 bytes for each position present, ascending. The last tile of each level
 * is rewritten while it fills; a full one never changes again. After a restore only the peaks of
 * the frontier are there, which is all that later leaves are ever hashed with. */
#include "chain/log_store.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define TILE_LEVELS 16 /* levels 0 … 63 */

/* Which tile holds a node, and where. */
struct place {
    unsigned level;
    unsigned position;
    uint64_t index;
};

static struct place place_of(unsigned level, uint64_t index)
{
    unsigned up = level % 4; /* within the tile */
    uint64_t row = UINT64_C(16) >> up;
    return (struct place){
        .level = level / 4,
        .position = (unsigned)(row + index % row),
        .index = index / row,
    };
}

/* ---- records ---- */

static void frontier_key(uint8_t out[2], bool restored)
{
    out[0] = KV_LOG_FRONTIER;
    out[1] = restored;
}

static int frontier_load(struct log_frontier *out, struct kv *kv,
                         const struct kv_snapshot *snapshot, bool restored)
{
    *out = (struct log_frontier){0};
    uint8_t key[2];
    frontier_key(key, restored);
    AUTO(buf_free) struct buf record = {0};
    int error = kv_get(kv, snapshot, view_of(key, sizeof key), &record);
    if (error)
        return error == ERR_NOT_FOUND ? OK : error;
    struct reader reader = reader_of(view_of_buf(&record));
    error = log_frontier_decode(out, &reader);
    return error || !reader_done(&reader) ? ERR_CORRUPT : OK;
}

static void frontier_put(struct kv_batch *batch, const struct log_frontier *frontier, bool restored)
{
    uint8_t key[2];
    frontier_key(key, restored);
    AUTO(buf_free) struct buf record = {0};
    log_frontier_encode(&record, frontier);
    kv_batch_put(batch, view_of(key, sizeof key), view_of_buf(&record));
}

static struct view tile_key(uint8_t out[10], unsigned level, uint64_t index)
{
    out[0] = KV_LOG_TILE;
    out[1] = (uint8_t)level;
    for (unsigned i = 0; i < 8; i++)
        out[2 + i] = (uint8_t)(index >> (56 - 8 * i));
    return view_of(out, 10);
}

/* ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
static int tile_load(struct log_tile *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     unsigned level, uint64_t index)
{
    uint8_t key[10];
    AUTO(buf_free) struct buf record = {0};
    int error = kv_get(kv, snapshot, tile_key(key, level, index), &record);
    if (error)
        return error;
    struct reader reader = reader_of(view_of_buf(&record));
    out->level = level;
    out->index = index;
    out->present = reader_u32(&reader);
    for (uint32_t left = out->present; left; left &= left - 1)
        reader_copy(&reader, &out->node[__builtin_ctz(left)], HASH_BYTES);
    return reader_done(&reader) && (out->present & 3) == 0 ? OK : ERR_CORRUPT;
}

static void tile_put(struct kv_batch *batch, const struct log_tile *tile)
{
    uint8_t key[10], record[4 + LOG_TILE_POSITIONS * HASH_BYTES];
    size_t len = 4;
    for (unsigned i = 0; i < 4; i++)
        record[i] = (uint8_t)(tile->present >> (24 - 8 * i));
    for (uint32_t left = tile->present; left; left &= left - 1) {
        memcpy(record + len, tile->node[__builtin_ctz(left)].bytes, HASH_BYTES);
        len += HASH_BYTES;
    }
    kv_batch_put(batch, tile_key(key, tile->level, tile->index), view_of(record, len));
}

int log_store_frontier(struct log_frontier *out, struct kv *kv, const struct kv_snapshot *snapshot)
{
    return frontier_load(out, kv, snapshot, false);
}

/* ---- appending ---- */

/* The tile of each level that is being filled. */
struct append {
    struct kv *kv;
    struct kv_batch *batch;
    uint64_t stored; /* leaves in the store before */
    struct log_tile tile[TILE_LEVELS];
    bool open[TILE_LEVELS];
};

/* A tile not found where the log has nodes is fine only below a frontier that was restored. */
static int tile_missing(const struct append *append, uint64_t first_leaf)
{
    struct log_frontier restored;
    int error = frontier_load(&restored, append->kv, NULL, true);
    if (error)
        return error;
    return first_leaf < restored.size ? OK : ERR_CORRUPT;
}

static int tile_open(struct append *append, struct log_tile *tile, const struct place *place)
{
    tile->level = place->level;
    tile->index = place->index;
    tile->present = 0;
    unsigned leaf_level = 4 * place->level; /* no overflow: nodes lie within LOG_SIZE_MAX leaves */
    uint64_t first_leaf = (place->index * 16) << leaf_level;
    bool begun = append->stored - first_leaf >= UINT64_C(1) << leaf_level;
    if (first_leaf >= append->stored || !begun)
        return OK;
    int error = tile_load(tile, append->kv, NULL, place->level, place->index);
    return error == ERR_NOT_FOUND ? tile_missing(append, first_leaf) : error;
}

static int node_add(struct append *append, unsigned level, uint64_t index, const struct hash *hash)
{
    struct place place = place_of(level, index);
    struct log_tile *tile = &append->tile[place.level];
    bool *open = &append->open[place.level];
    if (*open && tile->index != place.index) {
        tile_put(append->batch, tile);
        *open = false;
    }
    int error = *open ? OK : tile_open(append, tile, &place);
    if (error)
        return error;
    *open = true;
    tile->node[place.position] = *hash;
    tile->present |= UINT32_C(1) << place.position;
    return OK;
}

/* As log_frontier_append, noting each node that becomes complete. */
static int leaf_add(struct append *append, struct log_frontier *frontier, const struct hash *leaf)
{
    ENSURE(frontier->size < LOG_SIZE_MAX);
    size_t count = (size_t)__builtin_popcountll(frontier->size);
    struct hash carried = *leaf;
    uint64_t index = frontier->size;
    unsigned level = 0;
    int error = node_add(append, level, index, &carried);
    while (!error && index & 1) {
        log_inner_hash(&carried, &frontier->peak[--count], &carried);
        index >>= 1;
        error = node_add(append, ++level, index, &carried);
    }
    frontier->peak[count] = carried;
    frontier->size++;
    return error;
}

static void append_flush(struct append *append)
{
    for (size_t i = 0; i < TILE_LEVELS; i++) {
        if (append->open[i])
            tile_put(append->batch, &append->tile[i]);
    }
}

static bool frontier_equal(const struct log_frontier *a, const struct log_frontier *b)
{
    size_t peaks = (size_t)__builtin_popcountll(a->size);
    return a->size == b->size && memcmp(a->peak, b->peak, peaks * HASH_BYTES) == 0;
}

int log_store_append(struct log_frontier *frontier, struct kv_batch *batch, struct kv *kv,
                     const struct hash *leaf_hashes, size_t count)
{
    struct log_frontier after;
    int error = log_store_frontier(&after, kv, NULL);
    if (error)
        return error;
    if (!frontier_equal(&after, frontier))
        return ERR_CORRUPT;
    struct append *append = memory_alloc(sizeof *append);
    append->kv = kv;
    append->batch = batch;
    append->stored = after.size;
    for (size_t i = 0; i < count && !error; i++)
        error = leaf_add(append, &after, &leaf_hashes[i]);
    if (!error) {
        append_flush(append);
        frontier_put(batch, &after, false);
        *frontier = after;
    }
    memory_free(append);
    return error;
}

void log_store_restore(struct kv_batch *batch, const struct log_frontier *frontier)
{
    struct append *append = memory_alloc(sizeof *append);
    append->batch = batch;
    uint64_t start = 0;
    size_t peak = 0;
    for (unsigned level = 63; level < 64; level--) { /* the peaks, largest first */
        if (!(frontier->size >> level & 1))
            continue;
        int error = node_add(append, level, start >> level, &frontier->peak[peak++]);
        ENSURE(error == OK); /* nothing is read */
        start += UINT64_C(1) << level;
    }
    append_flush(append);
    memory_free(append);
    frontier_put(batch, frontier, true);
    frontier_put(batch, frontier, false);
}

/* ---- reading ---- */

void log_reader_init(struct log_reader *reader, struct kv *kv, const struct kv_snapshot *snapshot)
{
    reader->kv = kv;
    reader->snapshot = snapshot;
    reader->count = reader->next = 0;
}

static int reader_tile(struct log_reader *reader, const struct log_tile **out, unsigned level,
                       uint64_t index)
{
    for (size_t i = 0; i < reader->count; i++) {
        if (reader->tile[i].index == index && reader->tile[i].level == level) {
            *out = &reader->tile[i];
            return OK;
        }
    }
    struct log_tile tile;
    int error = tile_load(&tile, reader->kv, reader->snapshot, level, index);
    if (error)
        return error;
    struct log_tile *slot = &reader->tile[reader->next];
    reader->next = (reader->next + 1) % LOG_READER_TILES;
    if (reader->count < LOG_READER_TILES)
        reader->count++;
    *slot = tile;
    *out = slot;
    return OK;
}

static int reader_node(void *context, struct hash *out, unsigned level, uint64_t index)
{
    struct place place = place_of(level, index);
    const struct log_tile *tile;
    int error = reader_tile(context, &tile, place.level, place.index);
    if (error)
        return error;
    if (!(tile->present >> place.position & 1))
        return ERR_NOT_FOUND;
    *out = tile->node[place.position];
    return OK;
}

struct log_nodes log_reader_nodes(struct log_reader *reader)
{
    return (struct log_nodes){.read = reader_node, .context = reader};
}

/* ---- checking ---- */

/* Adds one leaf as when it was appended, comparing each node that becomes complete. */
static int leaf_check(struct log_reader *reader, struct log_frontier *frontier)
{
    size_t count = (size_t)__builtin_popcountll(frontier->size);
    uint64_t index = frontier->size;
    unsigned level = 0;
    struct hash carried, stored;
    int error = reader_node(reader, &carried, level, index);
    while (!error && index & 1) {
        log_inner_hash(&carried, &frontier->peak[--count], &carried);
        index >>= 1;
        error = reader_node(reader, &stored, ++level, index);
        if (!error && !hash_equal(&stored, &carried))
            error = ERR_CORRUPT;
    }
    frontier->peak[count] = carried;
    frontier->size++;
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

/* The peaks it was restored from stand in their tiles. */
static int restored_check(struct log_reader *reader, const struct log_frontier *restored)
{
    uint64_t start = 0;
    size_t peak = 0;
    int error = OK;
    for (unsigned level = 63; level < 64 && !error; level--) {
        if (!(restored->size >> level & 1))
            continue;
        struct hash stored;
        error = reader_node(reader, &stored, level, start >> level);
        if (!error && !hash_equal(&stored, &restored->peak[peak++]))
            error = ERR_CORRUPT;
        start += UINT64_C(1) << level;
    }
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

int log_store_check(struct kv *kv, const struct kv_snapshot *snapshot)
{
    struct log_reader reader;
    log_reader_init(&reader, kv, snapshot);
    struct log_frontier stored, rebuilt;
    int error = frontier_load(&stored, kv, snapshot, false);
    if (!error)
        error = frontier_load(&rebuilt, kv, snapshot, true);
    if (!error)
        error = restored_check(&reader, &rebuilt);
    while (!error && rebuilt.size < stored.size)
        error = leaf_check(&reader, &rebuilt);
    if (error)
        return error;
    return frontier_equal(&stored, &rebuilt) ? OK : ERR_CORRUPT;
}
