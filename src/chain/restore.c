/* Restoring: what each part behind the head is checked against, and what it becomes in the store.
 *
 * Invariants: everything in the batch was checked first, and stays in it until it is written,
 * synced; format, tip and state root come last, in one batch. `open` holds the subtrees that are
 * still to be asked for, as a stack, so that it stays as short as the tree is deep. */
#include "chain/restore_parts.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_store.h"
#include "chain/params.h"
#include "chain/store_layout.h"

#include <string.h>

#define WRITE_BYTES ((size_t)4 << 20) /* of the state at once: each write costs a sync */
#define PATHS_DEPTH 15                /* nibbles that count for the progress shown */
#define PATHS (UINT64_C(1) << (4 * PATHS_DEPTH))

/* ---- what is wanted ---- */

static void want(struct restore *restore, const struct wanted *wanted)
{
    if (restore->open_count == restore->open_capacity) {
        restore->open_capacity = restore->open_capacity ? 2 * restore->open_capacity : 64;
        restore->open =
            memory_resize(restore->open, restore->open_capacity * sizeof *restore->open);
    }
    restore->open[restore->open_count++] = *wanted;
}

void restore_want_at(struct restore *restore, enum snapshot_kind kind, uint64_t at)
{
    struct wanted wanted = {.part = {.height = restore->plan.height, .kind = kind, .at = at}};
    restore->stage = kind;
    want(restore, &wanted);
}

bool restore_goes_on(const struct snapshot_part *part)
{
    return part->kind == SNAPSHOT_HEAD && part->at > 1;
}

bool restore_next(struct snapshot_part *out, struct restore *restore)
{
    if (restore->open_count == 0 || restore->asked_count == RESTORE_ASKED_MAX)
        return false;
    struct wanted *asked = &restore->asked[restore->asked_count++];
    *asked = restore->open[--restore->open_count];
    *out = asked->part;
    return true;
}

/* Takes it out of those that are asked for. */
static bool unask(struct wanted *out, struct restore *restore, const struct snapshot_part *part)
{
    for (size_t i = 0; i < restore->asked_count; i++) {
        if (!snapshot_part_equal(&restore->asked[i].part, part))
            continue;
        *out = restore->asked[i];
        restore->asked[i] = restore->asked[--restore->asked_count];
        return true;
    }
    return false;
}

/* Asked of another. What held of it is kept, so where to go on is looked up anew; only the head
 * begins at genesis again, since whoever ends it answers for all its steps. */
static void want_again(struct restore *restore, const struct wanted *wanted)
{
    struct wanted again = *wanted;
    if (again.part.kind == SNAPSHOT_HEAD)
        again.part.at = restore_head_anew(restore);
    if (again.part.kind == SNAPSHOT_HEADERS)
        again.part.at = restore->oldest.height;
    want(restore, &again);
}

void restore_again(struct restore *restore, const struct snapshot_part *part)
{
    struct wanted wanted;
    if (unask(&wanted, restore, part))
        want_again(restore, &wanted);
}

int restore_write(struct restore *restore)
{
    int error = kv_write(restore->kv, restore->batch, true);
    kv_batch_clear(restore->batch);
    return error;
}

/* ---- HEADERS ---- */

static int window_add(struct restore *restore, const struct header *header)
{
    if (restore->window_count == restore->window_capacity) {
        if (restore->window_count >= SNAPSHOT_WINDOW_HEADERS_MAX)
            return ERR_TOO_LARGE;
        restore->window_capacity = restore->window_capacity ? 2 * restore->window_capacity : 256;
        restore->window =
            memory_resize(restore->window, restore->window_capacity * sizeof *restore->window);
    }
    restore->window[restore->window_count++] =
        (struct window_block){header->log_size, header->log_root};
    return OK;
}

static const struct window_block *window_at(const struct restore *restore, uint64_t height)
{
    return &restore->window[restore->plan.height - height];
}

static void begin_leaves(struct restore *restore);

/* On with older headers, or what follows when there are enough: one is outside the window. */
static void go_on_with_headers(struct restore *restore)
{
    const struct header *oldest = &restore->oldest;
    if (oldest->height < restore->plan.height && oldest->time_ms <= restore->until_ms) {
        restore->base = oldest->height;
        restore_want_at(restore, SNAPSHOT_FRONTIER, restore->base);
    } else if (oldest->height == 1) {
        restore->base = 0;
        restore->frontier = (struct log_frontier){0};
        begin_leaves(restore);
    } else {
        restore_want_at(restore, SNAPSHOT_HEADERS, oldest->height);
    }
}

void restore_begin_window(struct restore *restore)
{
    restore->until_ms = restore->head.time_ms - restore->lifetime_ms;
    restore->window_count = 0;
    (void)window_add(restore, &restore->head);
    go_on_with_headers(restore);
}

/* The header before the oldest one, which names it by its hash. */
static int take_header(struct restore *restore, struct reader *reader)
{
    struct header header;
    struct hash hash;
    const struct header *oldest = &restore->oldest;
    int error = header_decode(&header, reader);
    if (error)
        return error;
    header_hash(&hash, &header);
    if (!hash_equal(&hash, &oldest->previous) || header.height + 1 != oldest->height)
        return ERR_BLOCK_LINK;
    if (header.log_size > oldest->log_size || header.time_ms >= oldest->time_ms)
        return ERR_BLOCK_LINK; /* no quorum of honest ones certified this */
    if (!hash_equal(&header.validators, &restore_term_of(restore, header.height)->set) ||
        !hash_equal(&header.next_validators, &oldest->validators))
        return ERR_VALIDATORS;
    error = window_add(restore, &header);
    if (!error) {
        store_put_header(restore->batch, &header);
        restore->oldest = header;
    }
    return error;
}

static bool window_is_whole(const struct restore *restore)
{
    return restore->oldest.height == 1 || restore->oldest.time_ms <= restore->until_ms;
}

static int take_headers(struct restore *restore, struct reader *reader)
{
    uint16_t count = reader_u16(reader);
    int error = count == 0 ? ERR_ENCODING : OK;
    if (reader->rest.len != (size_t)count * HEADER_BYTES)
        error = ERR_ENCODING;
    for (uint16_t i = 0; !error && i < count && !window_is_whole(restore); i++)
        error = take_header(restore, reader);
    if (!error && !window_is_whole(restore) && count < SNAPSHOT_PART_HEADERS)
        error = ERR_ENCODING; /* in small steps it would go on for ever */
    if (!error)
        error = restore_write(restore);
    if (!error)
        go_on_with_headers(restore);
    return error;
}

/* ---- FRONTIER, LEAVES ---- */

static void begin_state(struct restore *restore);

/* Blocks without leaves are passed over. */
static void go_on_with_leaves(struct restore *restore)
{
    while (restore->next_leaves <= restore->plan.height &&
           window_at(restore, restore->next_leaves)->log_size == restore->frontier.size)
        restore->next_leaves++;
    if (restore->next_leaves > restore->plan.height)
        begin_state(restore);
    else
        restore_want_at(restore, SNAPSHOT_LEAVES, restore->next_leaves);
}

static void begin_leaves(struct restore *restore)
{
    log_store_restore(restore->batch, &restore->frontier);
    restore->next_leaves = restore->base + 1;
    go_on_with_leaves(restore);
}

static bool frontier_is(const struct log_frontier *frontier, const struct window_block *block)
{
    struct hash root;
    log_frontier_root(&root, frontier);
    return frontier->size == block->log_size && hash_equal(&root, &block->log_root);
}

static int take_frontier(struct restore *restore, struct reader *reader)
{
    struct log_frontier frontier;
    int error = log_frontier_decode(&frontier, reader);
    if (!error && !reader_done(reader))
        error = ERR_ENCODING;
    if (!error && !frontier_is(&frontier, window_at(restore, restore->base)))
        error = ERR_PROOF_LOG;
    if (error)
        return error;
    restore->frontier = frontier;
    begin_leaves(restore);
    return restore_write(restore);
}

/* Whole blocks, as many as a part holds; after each the log has the root of its header. */
static int check_leaves(const struct restore *restore, uint64_t *next, const struct hash *leaves,
                        size_t count)
{
    struct log_frontier frontier = restore->frontier;
    uint64_t height = restore->next_leaves;
    for (size_t i = 0; i < count && height <= restore->plan.height;) {
        const struct window_block *block = window_at(restore, height++);
        for (; i < count && frontier.size < block->log_size; i++)
            log_frontier_append(&frontier, &leaves[i]);
        if (!frontier_is(&frontier, block))
            return ERR_PROOF_LOG;
    }
    uint64_t added = frontier.size - restore->frontier.size;
    *next = height;
    if (added != count || count == 0)
        return ERR_PROOF_LOG;
    return count >= SNAPSHOT_PART_LEAVES || frontier.size == restore->head.log_size ? OK
                                                                                    : ERR_ENCODING;
}

static int take_leaves(struct restore *restore, struct view payload)
{
    size_t count = payload.len / HASH_BYTES;
    uint64_t next;
    if (payload.len == 0 || payload.len % HASH_BYTES != 0)
        return ERR_ENCODING;
    struct hash *leaves = memory_alloc(payload.len);
    memcpy(leaves, payload.data, payload.len);
    int error = check_leaves(restore, &next, leaves, count);
    if (!error) {
        error = log_store_append(&restore->frontier, restore->batch, restore->kv, leaves, count);
        if (!error)
            error = restore_write(restore);
    }
    memory_free(leaves);
    if (!error) {
        restore->progress.window_leaves += count;
        restore->next_leaves = next;
        go_on_with_leaves(restore);
    }
    return error;
}

/* ---- STATE ---- */

static int finish(struct restore *restore)
{
    uint64_t height = restore->plan.height;
    struct kv_batch *batch = restore->batch;
    state_part_finish(batch, height, &restore->root, restore->progress.state_leaves);
    store_put_kept(batch, height + 1, restore->base > 0 ? restore->base : 1);
    store_put_tip(batch, height, &restore->head_hash);
    store_put_origin(batch, restore->plan.genesis, &restore->plan.genesis_hash);
    int error = restore_write(restore);
    restore->finished = error == OK;
    return error;
}

static void begin_state(struct restore *restore)
{
    struct wanted wanted = {.part = {.height = restore->plan.height, .kind = SNAPSHOT_STATE},
                            .hash = restore->head.state_root};
    restore->stage = SNAPSHOT_STATE;
    want(restore, &wanted);
}

/* For who watches: how many of the paths are below subtrees that are here. */
static void count_paths(struct restore *restore, unsigned depth)
{
    if (depth <= PATHS_DEPTH)
        restore->paths_done += PATHS >> (4 * depth);
    restore->progress.permille = (unsigned)(restore->paths_done / (PATHS / 1000));
}

static void want_places(struct restore *restore, const struct state_part *part)
{
    unsigned depth = part->place[0].depth;
    for (size_t i = part->place_count; i-- > 0;) {
        struct wanted wanted = {.part = {.height = restore->plan.height,
                                         .kind = SNAPSHOT_STATE,
                                         .place = part->place[i]},
                                .hash = part->below[i].hash,
                                .is_leaf = part->below[i].kind == STATE_LEAF};
        want(restore, &wanted);
    }
    for (size_t empty = part->place_count; empty < STATE_PLACES; empty++)
        count_paths(restore, depth);
}

static int mend(struct restore *restore, const struct state_place *place,
                const struct state_ref *leaf)
{
    int error = restore_write(restore); /* the node above may wait to be written */
    return error ? error
                 : state_part_mend(restore->batch, restore->kv, restore->plan.height, place, leaf);
}

static int take_state(struct restore *restore, const struct wanted *wanted, struct view payload)
{
    const struct state_place *place = &wanted->part.place;
    struct state_part part;
    int error =
        state_part_take(&part, restore->batch, payload, restore->plan.height, place, &wanted->hash);
    if (!error && part.ref.kind == STATE_LEAF && place->depth > 0 && !wanted->is_leaf)
        error = mend(restore, place, &part.ref);
    if (!error && kv_batch_bytes(restore->batch) >= WRITE_BYTES)
        error = restore_write(restore);
    if (error)
        return error;
    if (place->depth == 0)
        restore->root = part.ref;
    restore->progress.state_leaves += part.leaves;
    if (part.place_count > 0) {
        restore->progress.divided++;
        want_places(restore, &part);
    } else {
        count_paths(restore, place->depth);
    }
    return restore->open_count + restore->asked_count == 0 ? finish(restore) : OK;
}

/* ---- any ---- */

static int take(struct restore *restore, const struct wanted *wanted, struct view payload)
{
    struct reader reader = reader_of(payload);
    if (payload.len > SNAPSHOT_PART_BYTES_MAX)
        return ERR_TOO_LARGE;
    switch (wanted->part.kind) {
    case SNAPSHOT_HEAD:
        return restore_take_head(restore, &reader);
    case SNAPSHOT_HEADERS:
        return take_headers(restore, &reader);
    case SNAPSHOT_FRONTIER:
        return take_frontier(restore, &reader);
    case SNAPSHOT_LEAVES:
        return take_leaves(restore, payload);
    case SNAPSHOT_STATE:
        return take_state(restore, wanted, payload);
    }
    return ERR_NOT_FOUND;
}

int restore_take(struct restore *restore, const struct snapshot_part *part, struct view payload)
{
    struct wanted wanted;
    if (!unask(&wanted, restore, part))
        return ERR_NOT_FOUND;
    int error = take(restore, &wanted, payload);
    if (error) {
        want_again(restore, &wanted);
        return error;
    }
    restore->progress.parts++;
    restore->progress.bytes += payload.len;
    return OK;
}

bool restore_finished(const struct restore *restore)
{
    return restore->finished;
}

struct restore_progress restore_progress(const struct restore *restore)
{
    struct restore_progress progress = restore->progress;
    progress.at = restore->stage;
    progress.time_ms = restore->stage == SNAPSHOT_HEAD ? 0 : restore->head.time_ms;
    progress.window_headers = restore->window_count;
    return progress;
}

/* ---- life ---- */

int restore_open(struct restore **out, struct kv *kv, const struct restore_plan *plan)
{
    AUTO(restore_close) struct restore *restore = memory_alloc(sizeof *restore);
    struct chain_params params;
    restore->kv = kv;
    restore->plan = *plan;
    restore->batch = kv_batch_new();
    *out = NULL;
    bool test = doc_get_bool(plan->genesis, "test", false);
    if (chain_params_read(&params, NULL, doc_get(plan->genesis, "params"), test) != 0)
        return ERR_GENESIS;
    restore->lifetime_ms = params.tx_lifetime_ms;
    int error = restore_head_open(restore);
    if (error)
        return error;
    restore_want_at(restore, SNAPSHOT_HEAD, 1);
    *out = restore;
    restore = NULL;
    return OK;
}

void restore_close(struct restore **restore)
{
    struct restore *old = *restore;
    if (old == NULL)
        return;
    kv_batch_free(&old->batch);
    memory_free(old->terms);
    memory_free(old->window);
    memory_free(old->open);
    memory_free(old);
    *restore = NULL;
}
