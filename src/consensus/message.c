/* Bytes of proposals and votes. Every message has one encoding of fixed length, and decoding
 * leaves nothing unchecked that needs no knowledge of the height's validators. */
#include "consensus/message.h"

#include "base/ensure.h"
#include "base/errors.h"

static_assert(ROUND_MAX < UINT32_MAX, "a valid round and one fits 32 bits");

void proposal_encode(struct buf *out, const struct proposal *proposal)
{
    ENSURE(proposal->valid_round >= ROUND_NONE && proposal->valid_round <= ROUND_MAX);
    buf_reserve(out, PROPOSAL_BYTES);
    buf_append_u64(out, proposal->height);
    buf_append_u32(out, proposal->round);
    buf_append_u32(out, (uint32_t)(proposal->valid_round + 1));
    header_encode(out, &proposal->header);
    buf_append(out, proposal->signature.bytes, SIGNATURE_BYTES);
}

int proposal_decode(struct proposal *out, struct reader *reader)
{
    *out = (struct proposal){.height = reader_u64(reader)};
    out->round = reader_u32(reader);
    out->valid_round = (int64_t)reader_u32(reader) - 1;
    if (reader->bad)
        return ERR_ENCODING;
    if (out->round > ROUND_MAX || out->valid_round >= (int64_t)out->round)
        return ERR_CONSENSUS_ROUND;
    int error = header_decode(&out->header, reader);
    if (error != OK)
        return error;
    reader_copy(reader, out->signature.bytes, SIGNATURE_BYTES);
    if (reader->bad)
        return ERR_ENCODING;
    if (out->header.height != out->height)
        return ERR_CONSENSUS_HEIGHT;
    header_hash(&out->block, &out->header);
    return OK;
}

void message_encode(struct buf *out, const struct message *message)
{
    buf_append_u8(out, (uint8_t)message->kind);
    if (message->kind == MESSAGE_PROPOSAL)
        proposal_encode(out, &message->proposal);
    else
        vote_encode(out, &message->vote);
}

int message_decode(struct message *out, struct reader *reader)
{
    *out = (struct message){.kind = (enum message_kind)reader_u8(reader)};
    if (reader->bad)
        return ERR_ENCODING;
    switch (out->kind) {
    case MESSAGE_PROPOSAL:
        return proposal_decode(&out->proposal, reader);
    case MESSAGE_VOTE:
        return vote_decode(&out->vote, reader);
    }
    return ERR_ENCODING;
}

uint64_t message_height(const struct message *message)
{
    return message->kind == MESSAGE_PROPOSAL ? message->proposal.height : message->vote.height;
}

uint32_t message_round(const struct message *message)
{
    return message->kind == MESSAGE_PROPOSAL ? message->proposal.round : message->vote.round;
}

void message_digest(struct hash *out, const struct hash *genesis, const struct message *message)
{
    if (message->kind == MESSAGE_VOTE) {
        vote_digest(out, genesis, &message->vote);
        return;
    }
    const struct proposal *proposal = &message->proposal;
    proposal_digest(out, genesis, proposal->height, proposal->round, proposal->valid_round,
                    &proposal->block);
}
