/* The safety record as bytes:
 *
 *   u64 height ‖ u32 round ‖ u8 step ‖
 *   u32 locked round + 1 ‖ 32 locked block ‖ u32 valid round + 1 ‖ 32 valid block ‖
 *   u8 signed (1 proposal, 2 prevote, 4 precommit) ‖ those messages, in that order ‖
 *   u16 count ‖ count × (u16 validator ‖ 64 signature): prevotes behind the valid value ‖
 *   u16 count ‖ count × (u16 validator ‖ 32 block ‖ 64 signature): precommits of the round before ‖
 *   u64 hold height ‖ u8 reason of the hold, both only while there is a hold
 *
 * Invariants, checked on decode: rounds of lock and valid value do not lie beyond the round, a
 * block is named exactly where its round is, messages are of (height, round), and the step is that
 * of the last message. */
#include "consensus/safety.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

#define SIGNED_PROPOSAL 1
#define SIGNED_PREVOTE 2
#define SIGNED_PRECOMMIT 4

void safety_record_init(struct safety_record *record)
{
    *record = (struct safety_record){.locked_round = ROUND_NONE, .valid_round = ROUND_NONE};
}

static void append_value(struct buf *out, int64_t round, const struct hash *block)
{
    ENSURE(round >= ROUND_NONE && round <= ROUND_MAX);
    buf_append_u32(out, (uint32_t)(round + 1));
    buf_append(out, block->bytes, HASH_BYTES);
}

static void append_votes(struct buf *out, const struct safety_vote *votes, size_t count,
                         bool with_block)
{
    ENSURE(count <= SAFETY_QUORUM_MAX);
    buf_append_u16(out, (uint16_t)count);
    for (size_t i = 0; i < count; i++) {
        buf_append_u16(out, votes[i].validator);
        if (with_block)
            buf_append(out, votes[i].block.bytes, HASH_BYTES);
        buf_append(out, votes[i].signature.bytes, SIGNATURE_BYTES);
    }
}

void safety_record_encode(struct buf *out, const struct safety_record *record)
{
    buf_append_u64(out, record->height);
    buf_append_u32(out, record->round);
    buf_append_u8(out, (uint8_t)record->step);
    append_value(out, record->locked_round, &record->locked_block);
    append_value(out, record->valid_round, &record->valid_block);
    buf_append_u8(out, (uint8_t)((record->has_proposal ? SIGNED_PROPOSAL : 0) |
                                 (record->has_prevote ? SIGNED_PREVOTE : 0) |
                                 (record->has_precommit ? SIGNED_PRECOMMIT : 0)));
    if (record->has_proposal)
        proposal_encode(out, &record->proposal);
    if (record->has_prevote)
        vote_encode(out, &record->prevote);
    if (record->has_precommit)
        vote_encode(out, &record->precommit);
    append_votes(out, record->valid_prevotes, record->valid_prevote_count, false);
    append_votes(out, record->entry_precommits, record->entry_precommit_count, true);
    if (record->hold_height > 0) {
        buf_append_u64(out, record->hold_height);
        buf_append_u8(out, (uint8_t)record->hold_reason);
    }
}

static void read_value(int64_t *round, struct hash *block, struct reader *reader)
{
    *round = (int64_t)reader_u32(reader) - 1;
    reader_copy(reader, block->bytes, HASH_BYTES);
}

static int read_messages(struct safety_record *out, struct reader *reader)
{
    uint8_t signed_bits = reader_u8(reader);
    if (signed_bits > (SIGNED_PROPOSAL | SIGNED_PREVOTE | SIGNED_PRECOMMIT))
        return ERR_ENCODING;
    out->has_proposal = signed_bits & SIGNED_PROPOSAL;
    out->has_prevote = signed_bits & SIGNED_PREVOTE;
    out->has_precommit = signed_bits & SIGNED_PRECOMMIT;
    if (out->has_proposal && proposal_decode(&out->proposal, reader) != OK)
        return ERR_ENCODING;
    if (out->has_prevote && vote_decode(&out->prevote, reader) != OK)
        return ERR_ENCODING;
    if (out->has_precommit && vote_decode(&out->precommit, reader) != OK)
        return ERR_ENCODING;
    return OK;
}

/* block: of all of them, or NULL if each says its own. */
static bool read_votes(struct safety_vote *votes, size_t *count, const struct hash *block,
                       struct reader *reader)
{
    size_t announced = reader_u16(reader);
    if (reader->bad || announced > SAFETY_QUORUM_MAX)
        return false;
    for (size_t i = 0; i < announced; i++) {
        votes[i].validator = reader_u16(reader);
        if (block)
            votes[i].block = *block;
        else
            reader_copy(reader, votes[i].block.bytes, HASH_BYTES);
        reader_copy(reader, votes[i].signature.bytes, SIGNATURE_BYTES);
    }
    *count = announced;
    return !reader->bad;
}

static bool value_consistent(int64_t round, const struct hash *block, uint32_t now)
{
    return round <= (int64_t)now && (round == ROUND_NONE) == hash_is_zero(block);
}

static bool vote_consistent(const struct safety_record *record, const struct vote *vote,
                            enum vote_type type)
{
    return vote->type == type && vote->height == record->height && vote->round == record->round;
}

static bool consistent(const struct safety_record *record)
{
    enum step last = record->has_precommit  ? STEP_PRECOMMIT
                     : record->has_prevote  ? STEP_PREVOTE
                     : record->has_proposal ? STEP_PROPOSE
                                            : STEP_NEW;
    if (record->round > ROUND_MAX || record->step != last)
        return false;
    if (!value_consistent(record->locked_round, &record->locked_block, record->round) ||
        !value_consistent(record->valid_round, &record->valid_block, record->round))
        return false;
    if (record->has_proposal &&
        (record->proposal.height != record->height || record->proposal.round != record->round))
        return false;
    if (record->has_prevote && !vote_consistent(record, &record->prevote, VOTE_PREVOTE))
        return false;
    return !record->has_precommit || vote_consistent(record, &record->precommit, VOTE_PRECOMMIT);
}

/* The last part of a record, absent without a hold. */
static int read_hold(struct safety_record *out, struct reader *reader)
{
    if (reader->bad || reader->rest.len == 0)
        return OK;
    out->hold_height = reader_u64(reader);
    uint8_t reason = reader_u8(reader);
    bool alone = reason == HOLD_ALONE, everything = out->hold_height == HOLD_EVERYTHING;
    if (out->hold_height == 0 || reason < HOLD_ROLLED_BACK || reason > HOLD_ALONE ||
        alone != everything)
        return ERR_ENCODING;
    out->hold_reason = (enum hold_reason)reason;
    return OK;
}

int safety_record_decode(struct safety_record *out, struct reader *reader)
{
    safety_record_init(out);
    out->height = reader_u64(reader);
    out->round = reader_u32(reader);
    out->step = (enum step)reader_u8(reader);
    read_value(&out->locked_round, &out->locked_block, reader);
    read_value(&out->valid_round, &out->valid_block, reader);
    int error = read_messages(out, reader);
    if (error != OK)
        return error;
    /* The block of every prevote is the valid block: written once. */
    if (!read_votes(out->valid_prevotes, &out->valid_prevote_count, &out->valid_block, reader) ||
        !read_votes(out->entry_precommits, &out->entry_precommit_count, NULL, reader))
        return ERR_ENCODING;
    if (read_hold(out, reader) != OK)
        return ERR_ENCODING;
    return !reader->bad && consistent(out) ? OK : ERR_ENCODING;
}
