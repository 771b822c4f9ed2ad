/* The judges at the end: every honest node's ledger holds the decided chain, and a fresh ledger
 * that executes one of them from genesis comes to the same roots. */
#include "judge.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"

#define AGAIN_ONE_IN 8 /* seeds whose chain is executed again */

size_t judge_blocks_between(const struct world *world, int64_t from_ms, int64_t to_ms)
{
    const struct judge *judge = world->judge;
    size_t count = 0;
    for (uint64_t height = 1; height <= judge->top; height++) {
        int64_t time_ms = judge->height[height].header.time_ms;
        count += time_ms >= from_ms && time_ms < to_ms;
    }
    return count;
}

static void check_ledger(struct world *world, struct sim_host *host)
{
    const struct judge *judge = world->judge;
    struct store_view view;
    struct hash root;
    uint64_t leaves;
    if (store_view_open(&view, host->kv) != 0 || view.height < world->options->heights) {
        sim_fail(world, "n%zu: its ledger cannot be read, or is short", host->index);
        return;
    }
    host->first_block = view.first_block;
    for (uint64_t height = 1; height <= view.height; height++) {
        struct header header;
        struct hash hash;
        int error = store_read_header(&header, &view, height);
        if (error == 0)
            header_hash(&hash, &header);
        if ((error == ERR_CORRUPT && host->ledger_rotten) || error == ERR_PRUNED)
            continue; /* it says so itself when it is asked for it */
        if (error != 0 || !hash_equal(&hash, &judge->height[height].hash))
            sim_fail(world, "n%zu holds another header %llu", host->index,
                     (unsigned long long)height);
    }
    if (state_root_read(&root, &leaves, host->kv, view.snapshot, view.height) != 0 ||
        !hash_equal(&root, &view.tip.state_root))
        sim_fail(world, "n%zu: its state is not what its tip says", host->index);
    store_view_close(&view);
}

/* As a newcomer gets it: decoded, signatures verified by the state before the block. */
static int execute_one(struct app *app, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    struct certificate certificate;
    struct app_commit commit = {0};
    int error = store_read_block_bytes(&bytes, view, height);
    if (error == 0)
        error = block_decode(&block, NULL, view_of_buf(&bytes), &view->genesis);
    if (error == 0)
        error = store_read_certificate(&certificate, view, height);
    for (size_t i = 0; error == 0 && i < block->tx_count; i++) {
        struct tx *tx = block->txs[i];
        struct public_key key;
        error = app_signer_key(&key, app, tx->member, tx->key_name);
        error = error == 0 ? tx_verify(tx, &key) : error;
    }
    if (error == 0)
        error = app_apply_synced(&commit, app, NULL, block, &certificate);
    app_commit_free(&commit);
    return error;
}

static void execute_again(struct world *world, const struct sim_host *host)
{
    const struct founding *founding = world->founding;
    struct kv *kv = kv_memory_copy(founding->kv);
    struct app *app = NULL;
    struct store_view view;
    ENSURE(app_open(&app, NULL, kv, founding->genesis, &founding->genesis_hash) == 0);
    ENSURE(store_view_open(&view, host->kv) == 0);
    for (uint64_t height = 1; height <= view.height && !world->failed; height++) {
        int error = execute_one(app, &view, height);
        if (error != 0)
            sim_fail(world, "block %llu does not execute on a fresh ledger: %s",
                     (unsigned long long)height, error_code(error));
    }
    world->counters->executed_again++;
    store_view_close(&view);
    app_close(&app);
    kv_close(&kv);
}

void judge_end(struct world *world)
{
    const struct sim_host *some = NULL;
    for (size_t i = 0; i < world->host_count; i++) {
        struct sim_host *host = &world->host[i];
        if (host_honest(host)) {
            check_ledger(world, host);
            some = host->ledger_rotten || host->first_block > 1 ? some : host;
        }
    }
    if (some != NULL && sim_rarely(world, AGAIN_ONE_IN))
        execute_again(world, some);
}
