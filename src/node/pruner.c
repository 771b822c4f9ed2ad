/* idle ──STEP_BLOCKS behind──► told ──next tick──► steps of RECORDS_MAX ──► idle; compaction beside
 */
#include "node/pruner.h"

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"

#include <inttypes.h>

#define TICK_MS 250
#define STEP_BLOCKS 16 /* let go at once: each step costs a sync */
#define RECORDS_MAX 8192

struct pruner {
    const struct node_parts *parts;
    struct snapshot_serve *snapshots;
    uint64_t history_blocks, snapshot_blocks;
    uv_timer_t timer;
    uv_work_t work;
    uint64_t target;    /* first block to be kept, which peers have been told; 0: none */
    uint64_t compacted; /* first block that was kept at the last compaction */
    uint64_t compacting;
    bool working, closing;
};

uint64_t pruner_first_block(uint64_t tip, uint64_t history_blocks, uint64_t snapshot_blocks)
{
    uint64_t heights[SNAPSHOTS_OFFERED_MAX];
    uint64_t first = history_blocks > 0 && tip > history_blocks ? tip - history_blocks + 1 : 1;
    size_t count = snapshot_heights(heights, tip, 1, snapshot_blocks);
    return count > 0 && heights[0] + 1 < first ? heights[0] + 1 : first;
}

static void compact_work(uv_work_t *work)
{
    struct pruner *pruner = work->data;
    kv_compact_history(pruner->parts->kv, pruner->compacting);
}

static void after_compact(uv_work_t *work, int status)
{
    struct pruner *pruner = work->data;
    (void)status;
    pruner->working = false;
    pruner->compacted = pruner->compacting;
}

static void compact(struct pruner *pruner)
{
    uint64_t first = app_first_block(pruner->parts->app);
    if (pruner->working || first < pruner->compacted + pruner->history_blocks) {
        return;
    }
    pruner->working = true;
    pruner->compacting = first;
    ENSURE(uv_queue_work(pruner->parts->loop, &pruner->work, compact_work, after_compact) == 0);
}

static void step(struct pruner *pruner)
{
    bool more;
    int error = app_prune(&more, pruner->parts->app, pruner->target, RECORDS_MAX);
    if (error != 0) {
        pruner->parts->fatal(pruner->parts->fatal_context, error, "letting go of old blocks");
        return;
    }
    if (!more) {
        log_write(LOG_DEBUG, "history", "blocks are kept from %" PRIu64 " on", pruner->target);
        pruner->target = 0;
        compact(pruner);
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct pruner *pruner = timer->data;
    uint64_t first = pruner_first_block(app_height(pruner->parts->app), pruner->history_blocks,
                                        pruner->snapshot_blocks);
    if (pruner->target > 0) {
        step(pruner);
    } else if (first >= app_first_block(pruner->parts->app) + STEP_BLOCKS) {
        pruner->target = first;
        snapshot_serve_keep(pruner->snapshots, first);
    }
}

void pruner_open(struct pruner **out, const struct node_parts *parts,
                 struct snapshot_serve *snapshots, uint64_t history_blocks,
                 uint64_t snapshot_blocks)
{
    struct pruner *pruner = memory_alloc(sizeof *pruner);
    pruner->parts = parts;
    pruner->snapshots = snapshots;
    pruner->history_blocks = history_blocks;
    pruner->snapshot_blocks = snapshot_blocks;
    pruner->compacted = app_first_block(parts->app);
    pruner->work.data = pruner;
    ENSURE(uv_timer_init(parts->loop, &pruner->timer) == 0);
    pruner->timer.data = pruner;
    if (history_blocks > 0) {
        uv_timer_start(&pruner->timer, on_timer, TICK_MS, TICK_MS);
    }
    *out = pruner;
}

void pruner_close(struct pruner *pruner)
{
    if (!pruner->closing) {
        pruner->closing = true;
        uv_close((uv_handle_t *)&pruner->timer, NULL);
    }
}

void pruner_free(struct pruner **pruner)
{
    memory_free(*pruner);
    *pruner = NULL;
}
