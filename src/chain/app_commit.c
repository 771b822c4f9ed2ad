/* Commit: one atomic, synced batch. Before it the old tip is in the store, after it the new one,
 * and nothing in between. Memory follows only after the batch was written. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_store.h"
#include "chain/store_layout.h"

#include <string.h>

static void put_acts(struct kv_batch *batch, uint64_t height, const struct doc *acts)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_height(KV_ACTS, height);
    doc_append_canonical(&bytes, acts);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

/* The block, unless it lies in its place since its body was stored. Another body there moves first,
 * in the same write, since this one is not decided before the index says so; it may be longer, but
 * leaves no rest behind. */
static int put_block(struct app *app, const struct block *block)
{
    const struct placed_body *placed = &app->placed;
    struct hash digest = store_block_digest(block);
    if (placed->there && hash_equal(&placed->digest, &digest)) {
        return 0;
    }
    int error = placed->there ? app_displace_body(app) : 0;
    app_put_block(app->batch, block, &digest);
    for (size_t i = block->tx_count; placed->there && i < placed->count; i++) {
        struct store_key key = store_key_tx(block->header.height, (uint32_t)i);
        kv_batch_delete(app->batch, store_key_view(&key));
    }
    return error;
}

/* Where to find them. Transactions are the last leaves of their block. */
static void put_places(struct kv_batch *batch, const struct block *block)
{
    AUTO(buf_free) struct buf place = {0};
    uint64_t log_index = block->header.log_size - block->tx_count;
    for (uint32_t i = 0; i < block->tx_count; i++) {
        buf_clear(&place);
        buf_append_u64(&place, block->header.height);
        buf_append_u32(&place, i);
        buf_append_u64(&place, log_index + i);
        struct store_key key = store_key_place(&block->txs[i]->id);
        kv_batch_put(batch, store_key_view(&key), view_of_buf(&place));
    }
}

static bool validators_change(const struct header *header)
{
    return !hash_equal(&header->validators, &header->next_validators);
}

static int fill_batch(struct app *app, const struct execution *execution,
                      const struct certificate *certificate)
{
    const struct block *block = execution->block;
    uint64_t height = block->header.height;
    kv_batch_clear(app->batch);
    int error = put_block(app, block);
    store_put_header(app->batch, &block->header);
    put_places(app->batch, block);
    store_put_certificate(app->batch, certificate);
    put_acts(app->batch, height, execution->acts);
    if (validators_change(&block->header)) {
        store_put_validators(app->batch, height + 1, &execution->next_validators);
    }
    struct log_frontier frontier = app->frontier;
    if (error == 0) {
        error = log_store_append(&frontier, app->batch, app->kv, execution->leaves,
                                 execution->leaf_count);
    }
    if (error == 0) {
        error = app_drop_bodies(app);
    }
    state_update_write(execution->update, app->batch);
    store_put_tip(app->batch, height, &block->hash);
    return error;
}

/* The store has moved: memory follows. */
static int follow(struct app *app, struct execution *execution)
{
    const struct block *block = execution->block;
    state_update_committed(app->tree, &execution->update);
    for (size_t i = 0; i < execution->change_count; i++) {
        const struct execution_change *change = &execution->changes[i];
        committed_changed(app->committed, change->key, change->value);
    }
    committed_moved(app->committed);
    signers_forget(app);
    app->placed.there = false;
    app->height = block->header.height;
    app->tip = block->header;
    app->tip_hash = block->hash;
    app->tip_time_ms = block->header.time_ms;
    app->frontier = execution->frontier;
    app->validators = execution->next_validators;
    app->later = execution->later;
    app->validators_hash = block->header.next_validators;
    int error = app_reload(app);
    replay_add(app->replay, app->tip_time_ms,
               execution->leaves + execution->leaf_count - block->tx_count, block->tx_count);
    replay_forget(app->replay, app->tip_time_ms - app->params.tx_lifetime_ms);
    return error;
}

int app_commit(struct app_commit *out, struct app *app, const struct hash *block_hash,
               const struct certificate *certificate)
{
    *out = (struct app_commit){0};
    if (app->broken != 0) {
        return app->broken;
    }
    struct execution *execution = execution_find(app, block_hash);
    if (execution == NULL) {
        return ERR_NOT_FOUND;
    }
    if (certificate->height != app->height + 1 || !hash_equal(&certificate->block, block_hash)) {
        return ERR_CERT_BLOCK;
    }
    uint64_t first_log_index = app->frontier.size;
    int error = fill_batch(app, execution, certificate);
    if (error == 0) {
        error = kv_write(app->kv, app->batch, true);
    }
    if (error == 0) {
        error = follow(app, execution);
    }
    if (error != 0) {
        app->broken = error;
        return error;
    }
    *out = (struct app_commit){
        .header = app->tip,
        .hash = app->tip_hash,
        .block = block_ref(execution->block),
        .acts = doc_ref(execution->acts),
        .first_log_index = first_log_index,
        .validators_changed = validators_change(&app->tip),
    };
    executions_drop_all(app);
    return 0;
}

void app_commit_free(struct app_commit *commit)
{
    block_free(&commit->block);
    doc_free(&commit->acts);
}
