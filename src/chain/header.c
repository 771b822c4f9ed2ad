/* The block header: its fixed layout and its hash. Every field takes its full width, so the bytes
 * of a header are unique and the hash covers all of it. */
#include "chain/header.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/validators.h"

static void append_hash(struct buf *out, const struct hash *hash)
{
    buf_append(out, hash->bytes, HASH_BYTES);
}

void header_encode(struct buf *out, const struct header *header)
{
    ENSURE(header->time_ms >= 0 && header->time_ms <= DOC_INT_MAX);
    buf_reserve(out, HEADER_BYTES);
    buf_append_u32(out, header->version);
    append_hash(out, &header->genesis);
    buf_append_u64(out, header->height);
    buf_append_u64(out, (uint64_t)header->time_ms);
    append_hash(out, &header->previous);
    buf_append_u64(out, header->log_size);
    append_hash(out, &header->log_root);
    append_hash(out, &header->state_root);
    append_hash(out, &header->validators);
    append_hash(out, &header->next_validators);
    member_id_write(out, header->proposer);
}

/* Numbers that appear in documents stay within what every JSON reader holds exactly. */
static uint64_t read_number(struct reader *reader)
{
    uint64_t value = reader_u64(reader);
    if (value > (uint64_t)DOC_INT_MAX) {
        reader->bad = true;
        value = 0;
    }
    return value;
}

int header_decode(struct header *out, struct reader *reader)
{
    *out = (struct header){.version = reader_u32(reader)};
    reader_copy(reader, out->genesis.bytes, HASH_BYTES);
    out->height = read_number(reader);
    out->time_ms = (int64_t)read_number(reader);
    reader_copy(reader, out->previous.bytes, HASH_BYTES);
    out->log_size = read_number(reader);
    reader_copy(reader, out->log_root.bytes, HASH_BYTES);
    reader_copy(reader, out->state_root.bytes, HASH_BYTES);
    reader_copy(reader, out->validators.bytes, HASH_BYTES);
    reader_copy(reader, out->next_validators.bytes, HASH_BYTES);
    member_id_read(out->proposer, reader);
    if (reader->bad || out->version != HEADER_VERSION || out->height == 0)
        return ERR_BLOCK_FORM;
    return OK;
}

void header_hash(struct hash *out, const struct header *header)
{
    AUTO(buf_free) struct buf bytes = {0};
    header_encode(&bytes, header);
    *out = hash_tagged("dirchain/block/1", view_of_buf(&bytes));
}

struct header_place header_place_of(const struct header *header)
{
    struct header_place place = {.height = header->height, .time_ms = header->time_ms};
    header_hash(&place.hash, header);
    return place;
}

bool header_follows(const struct header *header, const struct header_place *place)
{
    return header->height == place->height + 1 && hash_equal(&header->previous, &place->hash) &&
           header->time_ms > place->time_ms;
}
