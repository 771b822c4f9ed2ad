/* Letting go of old blocks and of states that only they need: bodies, acts, roots and what newer
 * versions of the state have superseded. Headers, certificates, validator sets, the log and the
 * places of transactions stay, so that proofs about what is kept remain what they were.
 *
 * One synced write says from where on the history is kept, and only then what lies before leaves
 * it (kv_write): whoever reads finds a block or hears that it is gone, never half of it. What a
 * crash leaves behind of that one step is found by nobody. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store_layout.h"

static int drop_block(struct kv_batch *batch, struct kv *kv, uint64_t height)
{
    AUTO(buf_free) struct buf record = {0};
    struct store_key key = store_key_height(KV_BLOCK, height);
    int error = store_get_sealed(&record, kv, NULL, &key);
    if (error != 0 || record.len < HEADER_BYTES + 4 + HASH_BYTES) {
        return error == 0 || error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    }
    kv_batch_delete(batch, store_key_view(&key));
    struct reader tail = reader_of(view_of(record.data + record.len - HASH_BYTES - 4, 4));
    uint32_t count = reader_u32(&tail);
    for (uint32_t i = 0; i < count; i++) {
        key = store_key_tx(height, i);
        kv_batch_delete(batch, store_key_view(&key));
    }
    key = store_key_height(KV_ACTS, height);
    kv_batch_delete(batch, store_key_view(&key));
    return 0;
}

int app_prune(bool *more, struct app *app, uint64_t first_block, size_t records_max)
{
    struct kv_batch *batch = app->batch;
    uint64_t height = app->first_block;
    bool more_state = false;
    *more = false;
    if (app->broken != 0 || first_block <= height || first_block > app->height) {
        return app->broken;
    }
    kv_batch_clear(batch);
    int error = 0;
    while (error == 0 && height < first_block && kv_batch_count(batch) < records_max) {
        error = drop_block(batch, app->kv, height++);
    }
    if (error == 0) {
        error = state_tree_prune(&more_state, batch, app->kv, height - 1, records_max);
    }
    if (error == 0) {
        store_put_kept(batch, height, app->first_header);
        error = kv_write(app->kv, batch, true);
    }
    if (error != 0) {
        app->broken = error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
        return app->broken;
    }
    app->first_block = height;
    *more = more_state || height < first_block;
    return 0;
}

uint64_t app_first_block(const struct app *app)
{
    return app->first_block;
}
