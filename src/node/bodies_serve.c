/* Answering peers that lack a body or some of its transactions. Answers are bounded in bytes; what
 * does not fit is asked for again, or of somebody else. */
#include "node/bodies_slot.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define GIVE_BYTES_MAX (4 * 1024 * 1024)

static struct block *block_known(struct bodies *bodies, const struct hash *hash)
{
    struct block *block = bodies_find(bodies, hash);
    if (block != NULL) {
        return block_ref(block);
    }
    int error = app_load_body(&block, bodies->parts->app, hash);
    if (app_error_is_environment(error)) {
        bodies->parts->fatal(bodies->parts->fatal_context, error, "reading a stored body");
    }
    return error == 0 ? block : NULL;
}

int serve_body(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct wire_want want;
    AUTO(buf_free) struct buf frame = {0};
    if (wire_read_want_body(&want, body) != 0) {
        return ERR_ENCODING;
    }
    AUTO(block_free) struct block *block = block_known(bodies, &want.block);
    if (block != NULL) {
        wire_append_body(&frame, block);
    } else {
        wire_append_none(&frame, &want.block);
    }
    (void)peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE);
    return 0;
}

/* A cursor over a block's transactions: they are mostly asked for in the block's own order. */
static const struct tx *find_in_block(const struct block *block, size_t *cursor,
                                      const struct hash *txid)
{
    for (size_t step = 0; block != NULL && step < block->tx_count; step++) {
        const struct tx *tx = block->txs[*cursor];
        *cursor = (*cursor + 1) % block->tx_count;
        if (hash_equal(&tx->id, txid)) {
            return tx;
        }
    }
    return NULL;
}

int serve_txs(struct bodies *bodies, struct peer *peer, struct view body)
{
    struct wire_want want;
    struct view txids;
    struct wire_txs txs;
    AUTO(buf_free) struct buf frame = {0};
    if (wire_read_want_txs(&want, &txids, body) != 0) {
        return ERR_ENCODING;
    }
    AUTO(block_free) struct block *block = block_known(bodies, &want.block);
    size_t cursor = 0;
    wire_txs_begin(&txs, &frame, FRAME_GIVE_TXS, &want.block);
    for (size_t at = 0; at < txids.len && frame.len < GIVE_BYTES_MAX; at += HASH_BYTES) {
        struct hash txid;
        memcpy(txid.bytes, txids.data + at, HASH_BYTES);
        const struct tx *tx = mempool_find(bodies->parts->mempool, &txid);
        if (tx == NULL) {
            tx = find_in_block(block, &cursor, &txid);
        }
        if (tx != NULL) {
            wire_txs_add(&txs, &frame, view_of_buf(&tx->raw));
        }
    }
    wire_txs_end(&txs, &frame);
    (void)peer_send(peer, view_of_buf(&frame), LINK_DROPPABLE);
    return 0;
}
