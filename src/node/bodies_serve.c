/* Answering peers that lack a body or some of its transactions: with what was executed here, and
 * with what the mempool holds. Answers are bounded in bytes; what does not fit is asked for again,
 * or of somebody else. The block asked for last stays, parsed and indexed: others will ask, too. */
#include "node/bodies_slot.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define GIVE_BYTES_MAX (4 * 1024 * 1024)

/* ---- the block asked for last ---- */

void served_clear(struct served *served)
{
    block_free(&served->block);
    memory_free(served->index);
    *served = (struct served){0};
}

static size_t served_place(const struct served *served, const struct hash *txid)
{
    size_t at = txid_slot(txid, served->index_size);
    while (served->index[at] != 0 &&
           !hash_equal(&served->block->txs[served->index[at] - 1]->id, txid)) {
        at = (at + 1) & (served->index_size - 1);
    }
    return at;
}

/* Takes the reference over. */
static void served_set(struct served *served, struct block *block)
{
    served_clear(served);
    served->block = block;
    served->index_size = index_size_for(block->tx_count);
    served->index = memory_alloc(served->index_size * sizeof *served->index);
    for (size_t i = 0; i < block->tx_count; i++) {
        served->index[served_place(served, &block->txs[i]->id)] = (uint32_t)i + 1;
    }
}

static const struct tx *served_find(const struct served *served, const struct hash *txid)
{
    uint32_t found = served->block != NULL ? served->index[served_place(served, txid)] : 0;
    return found != 0 ? served->block->txs[found - 1] : NULL;
}

static bool load(struct bodies *bodies, const struct hash *hash)
{
    struct served *served = &bodies->served;
    struct block *block = bodies_find(bodies, hash);
    if (served->block != NULL && hash_equal(&served->block->hash, hash)) {
        return true;
    }
    if (block != NULL) {
        served_set(served, block_ref(block));
        return true;
    }
    int error = app_load_body(&block, bodies->parts->app, hash);
    if (app_error_is_environment(error)) {
        bodies->parts->fatal(bodies->parts->fatal_context, error, "reading a stored body");
    }
    if (error == 0) {
        served_set(served, block);
    }
    return error == 0;
}

/* ---- answers ---- */

static void give_body(struct bodies *bodies, struct buf *frames, struct view body)
{
    struct wire_want want;
    if (wire_read_want_body(&want, body) != 0) {
        return;
    }
    if (load(bodies, &want.block)) {
        wire_append_body(frames, bodies->served.block);
    } else {
        wire_append_none(frames, &want.block);
    }
}

static void give_txs(struct bodies *bodies, struct buf *frames, struct view body)
{
    struct wire_want want;
    struct view txids;
    struct wire_txs txs;
    if (wire_read_want_txs(&want, &txids, body) != 0) {
        return;
    }
    bool loaded = load(bodies, &want.block);
    wire_txs_begin(&txs, frames, FRAME_GIVE_TXS, &want.block);
    for (size_t at = 0; at < txids.len && frames->len < GIVE_BYTES_MAX; at += HASH_BYTES) {
        struct hash txid;
        memcpy(txid.bytes, txids.data + at, HASH_BYTES);
        const struct tx *tx = mempool_find(bodies->parts->mempool, &txid);
        if (tx == NULL && loaded) {
            tx = served_find(&bodies->served, &txid);
        }
        if (tx != NULL) {
            wire_txs_add(&txs, frames, view_of_buf(&tx->raw));
        }
    }
    wire_txs_end(&txs, frames);
}

size_t bodies_answer(struct bodies *bodies, struct peer *peer, const struct frame *frame)
{
    AUTO(buf_free) struct buf frames = {0};
    if (frame->kind == FRAME_WANT_BODY) {
        give_body(bodies, &frames, frame->body);
    } else if (frame->kind == FRAME_WANT_TXS) {
        give_txs(bodies, &frames, frame->body);
    }
    return frames.len > 0 && peer_send(peer, view_of_buf(&frames), LINK_DROPPABLE) ? frames.len : 0;
}
