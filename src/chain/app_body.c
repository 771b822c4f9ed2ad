/* Bodies before their decision: durable, so that a lock never refers to a block that nobody has.
 *
 * Almost always the first body of a height is the one that is decided. Its transactions go straight
 * to where the committed block keeps them (table x; nobody looks there beyond the tip), so that
 * commit writes them no second time. Further bodies of the height, after a failed round, are stored
 * whole; should one of them be decided, commit writes its transactions over those of the first. */
#include "chain/app_internal.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store_layout.h"

#include <string.h>

void app_put_raws(struct kv_batch *batch, const struct block *block)
{
    for (uint32_t i = 0; i < block->tx_count; i++) {
        struct store_key key = store_key_tx(block->header.height, i);
        kv_batch_put(batch, store_key_view(&key), view_of_buf(&block->txs[i]->raw));
    }
}

static void fill_placed(struct buf *record, struct kv_batch *batch, const struct block *block,
                        const struct hash *digest)
{
    buf_append_u8(record, BODY_PLACED);
    store_block_head(record, block);
    buf_append(record, digest->bytes, HASH_BYTES);
    app_put_raws(batch, block);
}

int app_store_body(struct app *app, const struct block *block)
{
    AUTO(buf_free) struct buf record = {0};
    struct store_key key = store_key_body(block->header.height, &block->hash);
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
        fill_placed(&record, app->batch, block, &digest);
    } else {
        buf_append_u8(&record, BODY_WHOLE);
        block_encode(&record, block);
    }
    store_put_sealed(app->batch, &key, view_of_buf(&record));
    app->broken = kv_write(app->kv, app->batch, true);
    if (app->broken == 0 && free) {
        *placed = (struct placed_body){
            .there = true, .hash = block->hash, .digest = digest, .count = block->tx_count};
    }
    return app->broken;
}

/* The encoded block from a record of table u. */
static int read_record(struct buf *out, struct app *app, struct view record)
{
    if (record.len == 0 || record.data[0] > BODY_PLACED) {
        return ERR_CORRUPT;
    }
    struct view rest = view_of(record.data + 1, record.len - 1);
    if (record.data[0] == BODY_PLACED) {
        return store_join_block(out, app->kv, NULL, app->height + 1, rest);
    }
    buf_append_view(out, rest);
    return 0;
}

/* A body is asked for by hash alone. Few are stored at a time, all of the next height. */
int app_load_body(struct block **out, struct app *app, const struct hash *hash)
{
    struct execution *execution = execution_find(app, hash);
    AUTO(buf_free) struct buf record = {0};
    AUTO(buf_free) struct buf bytes = {0};
    *out = NULL;
    if (execution != NULL) {
        *out = block_ref(execution->block);
        return 0;
    }
    struct store_key key = store_key_body(app->height + 1, hash);
    int error = store_get_sealed(&record, app->kv, NULL, &key);
    if (error == 0) {
        error = read_record(&bytes, app, view_of_buf(&record));
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

/* What a body that was placed in an earlier life looks like: from the end of its record. */
static int recognise(struct placed_body *out, struct view key, struct view record)
{
    if (key.len < HASH_BYTES || record.len < 1 + HEADER_BYTES + 4 + HASH_BYTES) {
        return ERR_CORRUPT;
    }
    struct reader reader = reader_of(view_of(record.data + record.len - HASH_BYTES - 4, 4));
    out->there = true;
    out->count = reader_u32(&reader);
    memcpy(out->hash.bytes, key.data + key.len - HASH_BYTES, HASH_BYTES);
    memcpy(out->digest.bytes, record.data + record.len - HASH_BYTES, HASH_BYTES);
    return out->count <= BLOCK_TXS_MAX ? 0 : ERR_CORRUPT;
}

int app_find_placed(struct app *app)
{
    struct store_key prefix = store_key_height(KV_BODY, app->height + 1);
    struct kv_iterator *iterator =
        kv_iterate(app->kv, NULL, store_key_view(&prefix), store_key_view(&prefix));
    struct view key, value, payload;
    int error = 0;
    app->placed = (struct placed_body){.there = false};
    while (error == 0 && kv_iterator_next(iterator, &key, &value)) {
        error = store_unseal(&payload, key, value);
        if (error == 0 && payload.len > 0 && payload.data[0] == BODY_PLACED) {
            error = recognise(&app->placed, key, payload);
        }
    }
    error = error == 0 ? kv_iterator_error(iterator) : error;
    kv_iterator_free(&iterator);
    return error;
}
