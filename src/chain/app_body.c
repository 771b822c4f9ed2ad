/* Bodies before their decision: durable, so that a lock never refers to a block that nobody has.
 *
 * Almost always the first body of a height is the one that is decided. It goes straight to where
 * the committed block lies (tables b and x; nobody looks there beyond the tip), so that commit
 * writes it no second time. Further bodies of the height, after a failed round, are stored in table
 * u; should one of them be decided, commit writes it over the first, which moves to u in the same
 * write. Table u holds bodies of two heights at most: the one being decided, and of the one before
 * what was displaced when it was decided. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store_layout.h"

#include <string.h>

void app_put_block(struct kv_batch *batch, const struct block *block, const struct hash *digest)
{
    AUTO(buf_free) struct buf record = {0};
    uint64_t height = block->header.height;
    struct store_key key = store_key_height(KV_BLOCK, height);
    store_block_head(&record, block);
    buf_append(&record, digest->bytes, HASH_BYTES);
    store_put_sealed(batch, &key, view_of_buf(&record));
    for (uint32_t i = 0; i < block->tx_count; i++) {
        key = store_key_tx(height, i);
        kv_batch_put(batch, store_key_view(&key), view_of_buf(&block->txs[i]->raw));
    }
}

/* Beside the one that was placed. */
static void put_further(struct kv_batch *batch, const struct block *block)
{
    AUTO(buf_free) struct buf record = {0};
    struct store_key key = store_key_body(block->header.height, &block->hash);
    block_encode(&record, block);
    store_put_sealed(batch, &key, view_of_buf(&record));
}

int app_store_body(struct app *app, const struct block *block)
{
    struct placed_body *placed = &app->placed;
    if (app->broken != 0) {
        return app->broken;
    }
    /* A block has one body; other bytes of its signatures do not make it another. */
    if (placed->there && hash_equal(&placed->hash, &block->hash)) {
        return 0;
    }
    struct hash digest = store_block_digest(block);
    bool free = !placed->there && block->header.height == app->height + 1;
    kv_batch_clear(app->batch);
    if (free) {
        app_put_block(app->batch, block, &digest);
    } else {
        put_further(app->batch, block);
    }
    app->broken = kv_write(app->kv, app->batch, true);
    if (app->broken == 0 && free) {
        *placed = (struct placed_body){
            .there = true, .hash = block->hash, .digest = digest, .count = block->tx_count};
    }
    return app->broken;
}

static int read_placed(struct buf *out, struct app *app)
{
    AUTO(buf_free) struct buf record = {0};
    struct store_key key = store_key_height(KV_BLOCK, app->height + 1);
    int error = store_get_sealed(&record, app->kv, NULL, &key);
    return error != 0 ? error
                      : store_join_block(out, app->kv, NULL, app->height + 1, view_of_buf(&record));
}

/* A body is asked for by hash alone. Few are stored at a time, all of the next height. */
int app_load_body(struct block **out, struct app *app, const struct hash *hash)
{
    struct execution *execution = execution_find(app, hash);
    AUTO(buf_free) struct buf bytes = {0};
    int error = 0;
    *out = NULL;
    if (execution != NULL) {
        *out = block_ref(execution->block);
        return 0;
    }
    if (app->placed.there && hash_equal(&app->placed.hash, hash)) {
        error = read_placed(&bytes, app);
    } else {
        struct store_key key = store_key_body(app->height + 1, hash);
        error = store_get_sealed(&bytes, app->kv, NULL, &key);
    }
    if (error == 0 && block_decode(out, NULL, view_of_buf(&bytes), &app->genesis_hash) != 0) {
        error = ERR_CORRUPT;
    }
    if (error == 0 && !hash_equal(&(*out)->hash, hash)) {
        block_free(out);
        error = ERR_CORRUPT;
    }
    return error;
}

int app_displace_body(struct app *app)
{
    AUTO(block_free) struct block *block = NULL;
    int error = app_load_body(&block, app, &app->placed.hash);
    if (error == 0) {
        put_further(app->batch, block);
    }
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

/* But for `kept`, which may be NULL. */
static int drop_bodies_of(struct app *app, uint64_t height, const struct hash *kept)
{
    struct store_key prefix = store_key_height(KV_BODY, height);
    struct kv_iterator *iterator =
        kv_iterate(app->kv, NULL, store_key_view(&prefix), store_key_view(&prefix));
    struct store_key kept_key = store_key_body(height, kept != NULL ? kept : &app->tip_hash);
    struct view key, value;
    while (kv_iterator_next(iterator, &key, &value)) {
        if (kept == NULL || !view_equal(key, store_key_view(&kept_key))) {
            kv_batch_delete(app->batch, key);
        }
    }
    int error = kv_iterator_error(iterator);
    kv_iterator_free(&iterator);
    return error;
}

int app_drop_bodies(struct app *app)
{
    const struct hash *displaced = app->placed.there ? &app->placed.hash : NULL;
    int error = drop_bodies_of(app, app->height + 1, displaced);
    return error == 0 && app->height > 0 ? drop_bodies_of(app, app->height, NULL) : error;
}

int app_find_placed(struct app *app)
{
    AUTO(buf_free) struct buf record = {0};
    struct header header;
    struct store_key key = store_key_height(KV_BLOCK, app->height + 1);
    app->placed = (struct placed_body){.there = false};
    int error = store_get_sealed(&record, app->kv, NULL, &key);
    if (error != 0) {
        return error == ERR_NOT_FOUND ? 0 : error;
    }
    struct reader reader = reader_of(view_of_buf(&record));
    if (header_decode(&header, &reader) != 0 || record.len < HEADER_BYTES + 4 + HASH_BYTES) {
        return ERR_CORRUPT;
    }
    reader = reader_of(view_of(record.data + record.len - HASH_BYTES - 4, 4 + HASH_BYTES));
    app->placed.there = true;
    app->placed.count = reader_u32(&reader);
    memcpy(app->placed.digest.bytes, reader.rest.data, HASH_BYTES);
    header_hash(&app->placed.hash, &header);
    return app->placed.count <= BLOCK_TXS_MAX ? 0 : ERR_CORRUPT;
}
