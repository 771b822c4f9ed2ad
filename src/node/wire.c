/* Frames and what they hold, but for bodies of blocks (wire_bodies.c). Every length that comes from
 * outside is checked against its bound before anything is reserved for it. */
#include "node/wire_internal.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

/* ---- frames ---- */

int wire_next(struct frame *out, struct view *bytes, size_t *wanted_bytes)
{
    *wanted_bytes = WIRE_FRAME_HEAD_BYTES;
    if (bytes->len < WIRE_FRAME_HEAD_BYTES) {
        return ERR_NOT_FOUND;
    }
    struct reader reader = reader_of(*bytes);
    uint32_t len = reader_u32(&reader);
    if (len == 0 || len > PEER_FRAME_BYTES_MAX) {
        return ERR_TOO_LARGE;
    }
    uint8_t kind = reader_u8(&reader);
    if (kind == 0 || kind >= FRAME_KINDS) {
        return ERR_ENCODING;
    }
    *wanted_bytes = 4 + (size_t)len;
    if (bytes->len < *wanted_bytes) {
        return ERR_NOT_FOUND;
    }
    out->kind = (enum frame_kind)kind;
    out->body = reader_take(&reader, len - 1);
    *bytes = reader.rest;
    return 0;
}

size_t wire_begin(struct buf *out, enum frame_kind kind)
{
    size_t begun = out->len;
    buf_append_u32(out, 0);
    buf_append_u8(out, (uint8_t)kind);
    return begun;
}

static void put_u32(struct buf *out, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        out->data[at + i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

void wire_end(struct buf *out, size_t begun)
{
    size_t len = out->len - begun - 4;
    ENSURE(len <= PEER_FRAME_BYTES_MAX);
    put_u32(out, begun, (uint32_t)len);
}

int wire_done(const struct reader *reader)
{
    return reader_done(reader) ? 0 : ERR_ENCODING;
}

void wire_read_hash(struct hash *out, struct reader *reader)
{
    reader_copy(reader, out->bytes, HASH_BYTES);
}

/* ---- hello, status ---- */

void wire_append_hello(struct buf *out, const struct wire_hello *hello)
{
    size_t frame = wire_begin(out, FRAME_HELLO);
    buf_append_u32(out, hello->version);
    buf_append_view(out, hash_view(&hello->genesis));
    buf_append(out, hello->member, MEMBER_ID_CHARS);
    buf_append(out, hello->session, sizeof hello->session);
    wire_end(out, frame);
}

int wire_read_hello(struct wire_hello *out, struct view body)
{
    *out = (struct wire_hello){0};
    struct reader reader = reader_of(body);
    out->version = reader_u32(&reader);
    wire_read_hash(&out->genesis, &reader);
    reader_copy(&reader, out->member, MEMBER_ID_CHARS);
    reader_copy(&reader, out->session, sizeof out->session);
    return strlen(out->member) == MEMBER_ID_CHARS ? wire_done(&reader) : ERR_ENCODING;
}

void wire_append_status(struct buf *out, const struct wire_status *status)
{
    size_t frame = wire_begin(out, FRAME_STATUS);
    buf_append_u64(out, status->height);
    buf_append_u32(out, status->round);
    buf_append_u8(out, status->flags);
    wire_end(out, frame);
}

int wire_read_status(struct wire_status *out, struct view body)
{
    struct reader reader = reader_of(body);
    out->height = reader_u64(&reader);
    out->round = reader_u32(&reader);
    out->flags = reader_u8(&reader);
    return wire_done(&reader);
}

/* ---- blocks ---- */

void wire_append_want_blocks(struct buf *out, const struct wire_range *range)
{
    size_t frame = wire_begin(out, FRAME_WANT_BLOCKS);
    buf_append_u64(out, range->from);
    buf_append_u32(out, range->count);
    wire_end(out, frame);
}

int wire_read_want_blocks(struct wire_range *out, struct view body)
{
    struct reader reader = reader_of(body);
    out->from = reader_u64(&reader);
    out->count = reader_u32(&reader);
    return wire_done(&reader);
}

void wire_append_block(struct buf *out, struct view block, const struct certificate *certificate)
{
    size_t frame = wire_begin(out, FRAME_BLOCK);
    buf_append_u32(out, (uint32_t)block.len);
    buf_append_view(out, block);
    certificate_encode(out, certificate);
    wire_end(out, frame);
}

int wire_read_block(struct view *block, struct certificate *certificate, struct view body)
{
    struct reader reader = reader_of(body);
    uint32_t len = reader_u32(&reader);
    *block = reader_take(&reader, len);
    if (reader.bad || len > BLOCK_BYTES_MAX) {
        return ERR_ENCODING;
    }
    int error = certificate_decode(certificate, &reader);
    return error != 0 ? error : wire_done(&reader);
}

void wire_append_blocks_end(struct buf *out, uint64_t from, uint64_t next)
{
    size_t frame = wire_begin(out, FRAME_BLOCKS_END);
    buf_append_u64(out, from);
    buf_append_u64(out, next);
    wire_end(out, frame);
}

int wire_read_blocks_end(uint64_t *from, uint64_t *next, struct view body)
{
    struct reader reader = reader_of(body);
    *from = reader_u64(&reader);
    *next = reader_u64(&reader);
    return wire_done(&reader);
}

/* ---- the roll call ---- */

void wire_append_want_roll(struct buf *out)
{
    wire_end(out, wire_begin(out, FRAME_WANT_ROLL));
}

int wire_read_want_roll(struct view body)
{
    return body.len == 0 ? 0 : ERR_ENCODING;
}

size_t wire_begin_roll(struct buf *out, uint64_t height)
{
    size_t frame = wire_begin(out, FRAME_ROLL);
    buf_append_u64(out, height);
    return frame;
}

int wire_read_roll(uint64_t *height, struct reader *messages, struct view body)
{
    *messages = reader_of(body);
    *height = reader_u64(messages);
    bool fits = messages->rest.len <= WIRE_ROLL_MESSAGES_MAX * (size_t)MESSAGE_BYTES_MAX;
    return fits && !messages->bad ? 0 : ERR_ENCODING;
}

/* ---- snapshots ---- */

void wire_append_offer(struct buf *out, const struct wire_offer *offer)
{
    size_t frame = wire_begin(out, FRAME_OFFER);
    buf_append_u64(out, offer->first_block);
    buf_append_u8(out, (uint8_t)offer->count);
    for (size_t i = 0; i < offer->count; i++) {
        buf_append_u64(out, offer->height[i]);
    }
    wire_end(out, frame);
}

int wire_read_offer(struct wire_offer *out, struct view body)
{
    struct reader reader = reader_of(body);
    *out = (struct wire_offer){.first_block = reader_u64(&reader)};
    size_t count = reader_u8(&reader);
    uint64_t before = 0;
    if (count > SNAPSHOTS_OFFERED_MAX) {
        return ERR_ENCODING;
    }
    for (; out->count < count; out->count++) {
        uint64_t height = out->height[out->count] = reader_u64(&reader);
        if (height <= before || height > (uint64_t)DOC_INT_MAX) {
            return ERR_ENCODING;
        }
        before = height;
    }
    return wire_done(&reader);
}

void wire_append_want_part(struct buf *out, const struct snapshot_part *part)
{
    size_t frame = wire_begin(out, FRAME_WANT_PART);
    snapshot_part_encode(out, part);
    wire_end(out, frame);
}

int wire_read_want_part(struct snapshot_part *out, struct view body)
{
    struct reader reader = reader_of(body);
    int error = snapshot_part_decode(out, &reader);
    return error != 0 ? error : wire_done(&reader);
}

void wire_append_part(struct buf *out, const struct snapshot_part *part, struct view payload)
{
    size_t frame = wire_begin(out, FRAME_PART);
    snapshot_part_encode(out, part);
    buf_append_view(out, payload);
    wire_end(out, frame);
}

int wire_read_part(struct snapshot_part *out, struct view *payload, struct view body)
{
    struct reader reader = reader_of(body);
    int error = snapshot_part_decode(out, &reader);
    *payload = reader.rest;
    return error != 0 || payload->len <= SNAPSHOT_PART_BYTES_MAX ? error : ERR_ENCODING;
}

/* ---- lists of transactions ---- */

void wire_txs_begin(struct wire_txs *txs, struct buf *out, enum frame_kind kind,
                    const struct hash *block)
{
    txs->frame = wire_begin(out, kind);
    if (block != NULL) {
        buf_append_view(out, hash_view(block));
    }
    txs->count_at = out->len;
    txs->count = 0;
    buf_append_u16(out, 0);
}

void wire_txs_add(struct wire_txs *txs, struct buf *out, struct view raw)
{
    ENSURE(txs->count < UINT16_MAX);
    buf_append_u32(out, (uint32_t)raw.len);
    buf_append_view(out, raw);
    txs->count++;
}

void wire_txs_end(struct wire_txs *txs, struct buf *out)
{
    out->data[txs->count_at] = (uint8_t)(txs->count >> 8);
    out->data[txs->count_at + 1] = (uint8_t)txs->count;
    wire_end(out, txs->frame);
}

uint16_t wire_txs_count(struct reader *reader)
{
    return reader_u16(reader);
}

bool wire_txs_next(struct view *raw, struct reader *reader)
{
    uint32_t len = reader_u32(reader);
    if (reader->bad || len == 0 || len > TX_BYTES_MAX) {
        reader->bad = true;
        return false;
    }
    *raw = reader_take(reader, len);
    return !reader->bad;
}

int wire_txid(struct hash *out, struct view raw)
{
    const uint8_t *dot = raw.len > 0 ? memrchr(raw.data, '.', raw.len) : NULL;
    if (dot == NULL) {
        return ERR_TX_FORM;
    }
    *out = hash_sha256(view_of(raw.data, (size_t)(dot - raw.data)));
    return 0;
}
