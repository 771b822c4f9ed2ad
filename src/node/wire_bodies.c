/* Bodies of blocks on the wire: proposals with the compact list of what is in them, and whoever
 * lacks such a list or a transaction asking for it. Bounds as in wire.c. */
#include "node/wire_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- compact bodies ---- */

void compact_free(struct compact *compact)
{
    memory_free(compact->evidence);
    memory_free(compact->txids);
    *compact = (struct compact){0};
}

void compact_append(struct buf *out, const struct block *block)
{
    buf_append_u16(out, (uint16_t)block->evidence_count);
    for (size_t i = 0; i < block->evidence_count; i++) {
        evidence_encode(out, &block->evidence[i]);
    }
    buf_append_u32(out, (uint32_t)block->tx_count);
    for (size_t i = 0; i < block->tx_count; i++) {
        buf_append_view(out, hash_view(&block->txs[i]->id));
    }
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_BYTES);
}

static bool has_duplicate(const struct hash *hashes, size_t count)
{
    if (count < 2) {
        return false;
    }
    struct hash *sorted = memory_alloc(count * sizeof *sorted);
    memcpy(sorted, hashes, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_hashes);
    bool found = false;
    for (size_t i = 1; i < count && !found; i++) {
        found = hash_equal(&sorted[i - 1], &sorted[i]);
    }
    memory_free(sorted);
    return found;
}

static int read_evidence_list(struct compact *out, struct reader *reader)
{
    size_t count = reader_u16(reader);
    if (count > BLOCK_EVIDENCE_MAX || count * EVIDENCE_BYTES > reader->rest.len) {
        return ERR_ENCODING;
    }
    out->evidence = memory_alloc(count * sizeof *out->evidence);
    out->evidence_count = count;
    for (size_t i = 0; i < count; i++) {
        int error = evidence_decode(&out->evidence[i], reader);
        if (error != 0) {
            return error;
        }
    }
    return 0;
}

int compact_read(struct compact *out, struct reader *reader)
{
    *out = (struct compact){0};
    AUTO(compact_free) struct compact compact = {0};
    int error = read_evidence_list(&compact, reader);
    if (error != 0) {
        return error;
    }
    size_t count = reader_u32(reader);
    if (count > BLOCK_TXS_MAX || count * HASH_BYTES > reader->rest.len) {
        return ERR_ENCODING;
    }
    compact.txids = memory_alloc(count * sizeof *compact.txids);
    compact.tx_count = count;
    for (size_t i = 0; i < count; i++) {
        wire_read_hash(&compact.txids[i], reader);
    }
    if (reader->bad || has_duplicate(compact.txids, count)) {
        return ERR_ENCODING;
    }
    *out = compact;
    compact = (struct compact){0};
    return 0;
}

/* ---- proposals and bodies ---- */

void wire_append_proposal(struct buf *out, const struct message *proposal,
                          const struct block *block)
{
    size_t frame = wire_begin(out, FRAME_PROPOSAL);
    message_encode(out, proposal);
    compact_append(out, block);
    wire_end(out, frame);
}

int wire_read_proposal(struct message *message, struct compact *compact, struct view body)
{
    *compact = (struct compact){0};
    struct reader reader = reader_of(body);
    int error = message_decode(message, &reader);
    if (error == 0 && message->kind != MESSAGE_PROPOSAL) {
        error = ERR_ENCODING;
    }
    if (error == 0) {
        error = compact_read(compact, &reader);
    }
    if (error == 0 && !reader_done(&reader)) {
        compact_free(compact);
        error = ERR_ENCODING;
    }
    return error;
}

void wire_append_body(struct buf *out, const struct block *block)
{
    size_t frame = wire_begin(out, FRAME_BODY);
    header_encode(out, &block->header);
    compact_append(out, block);
    wire_end(out, frame);
}

int wire_read_body(struct header *header, struct compact *compact, struct view body)
{
    *compact = (struct compact){0};
    struct reader reader = reader_of(body);
    int error = header_decode(header, &reader);
    if (error == 0) {
        error = compact_read(compact, &reader);
    }
    if (error == 0 && !reader_done(&reader)) {
        compact_free(compact);
        error = ERR_ENCODING;
    }
    return error;
}

static void append_want(struct buf *out, const struct wire_want *want)
{
    buf_append_u64(out, want->height);
    buf_append_view(out, hash_view(&want->block));
}

static void read_want(struct wire_want *out, struct reader *reader)
{
    out->height = reader_u64(reader);
    wire_read_hash(&out->block, reader);
}

void wire_append_want_body(struct buf *out, const struct wire_want *want)
{
    size_t frame = wire_begin(out, FRAME_WANT_BODY);
    append_want(out, want);
    wire_end(out, frame);
}

int wire_read_want_body(struct wire_want *out, struct view body)
{
    struct reader reader = reader_of(body);
    read_want(out, &reader);
    return wire_done(&reader);
}

void wire_append_none(struct buf *out, const struct hash *block)
{
    size_t frame = wire_begin(out, FRAME_NONE);
    buf_append_view(out, hash_view(block));
    wire_end(out, frame);
}

int wire_read_none(struct hash *out, struct view body)
{
    struct reader reader = reader_of(body);
    wire_read_hash(out, &reader);
    return wire_done(&reader);
}

void wire_append_want_txs(struct buf *out, const struct wire_want *want, const struct hash *txids,
                          size_t count)
{
    ENSURE(count <= BLOCK_TXS_MAX);
    size_t frame = wire_begin(out, FRAME_WANT_TXS);
    append_want(out, want);
    buf_append_u16(out, (uint16_t)count);
    buf_append(out, txids, count * sizeof *txids);
    wire_end(out, frame);
}

int wire_read_want_txs(struct wire_want *out, struct view *txids, struct view body)
{
    struct reader reader = reader_of(body);
    read_want(out, &reader);
    size_t count = reader_u16(&reader);
    *txids = reader_take(&reader, count * HASH_BYTES);
    return count > BLOCK_TXS_MAX ? ERR_ENCODING : wire_done(&reader);
}
