/* Votes, proposals' signing input, and evidence of equivocation.
 *
 * The signing input holds the genesis hash, type, height and round, so that a signature means the
 * same thing to every verifier and nothing on any other chain. The voter is not in it: the key
 * under which it verifies names the voter. */
#include "chain/vote.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

#define SIGNING_BYTES (32 + 1 + 8 + 4 + 4 + 32)
#define TYPE_PROPOSAL 0

void vote_digest(struct hash *out, const struct hash *genesis, const struct vote *vote)
{
    AUTO(buf_free) struct buf input = {0};
    buf_reserve(&input, SIGNING_BYTES);
    buf_append(&input, genesis->bytes, HASH_BYTES);
    buf_append_u8(&input, (uint8_t)vote->type);
    buf_append_u64(&input, vote->height);
    buf_append_u32(&input, vote->round);
    buf_append(&input, vote->block.bytes, HASH_BYTES);
    *out = hash_tagged("dirchain/vote/1", view_of_buf(&input));
}

void proposal_digest(struct hash *out, const struct hash *genesis, uint64_t height, uint32_t round,
                     int64_t valid_round, const struct hash *block)
{
    ENSURE(valid_round >= -1 && valid_round < (int64_t)UINT32_MAX);
    AUTO(buf_free) struct buf input = {0};
    buf_reserve(&input, SIGNING_BYTES);
    buf_append(&input, genesis->bytes, HASH_BYTES);
    buf_append_u8(&input, TYPE_PROPOSAL);
    buf_append_u64(&input, height);
    buf_append_u32(&input, round);
    buf_append_u32(&input, (uint32_t)(valid_round + 1));
    buf_append(&input, block->bytes, HASH_BYTES);
    *out = hash_tagged("dirchain/proposal/1", view_of_buf(&input));
}

bool vote_verify(const struct vote *vote, const struct hash *genesis, const struct vote_key *key)
{
    struct hash digest;
    vote_digest(&digest, genesis, vote);
    return schnorr_verify(key, &digest, &vote->signature);
}

void vote_encode(struct buf *out, const struct vote *vote)
{
    ENSURE(vote->type == VOTE_PREVOTE || vote->type == VOTE_PRECOMMIT);
    buf_reserve(out, VOTE_BYTES);
    buf_append_u8(out, (uint8_t)vote->type);
    buf_append_u64(out, vote->height);
    buf_append_u32(out, vote->round);
    buf_append(out, vote->block.bytes, HASH_BYTES);
    member_id_write(out, vote->validator);
    buf_append(out, vote->signature.bytes, SIGNATURE_BYTES);
}

int vote_decode(struct vote *out, struct reader *reader)
{
    uint8_t type = reader_u8(reader);
    *out = (struct vote){.type = type == VOTE_PREVOTE ? VOTE_PREVOTE : VOTE_PRECOMMIT};
    out->height = reader_u64(reader);
    out->round = reader_u32(reader);
    reader_copy(reader, out->block.bytes, HASH_BYTES);
    member_id_read(out->validator, reader);
    reader_copy(reader, out->signature.bytes, SIGNATURE_BYTES);
    if (reader->bad || (type != VOTE_PREVOTE && type != VOTE_PRECOMMIT))
        return ERR_ENCODING;
    if (out->height == 0 || out->height > (uint64_t)DOC_INT_MAX || out->round > ROUND_MAX)
        return ERR_ENCODING;
    return OK;
}

void evidence_order(struct evidence *evidence)
{
    if (hash_compare(&evidence->a.block, &evidence->b.block) > 0) {
        struct vote first = evidence->b;
        evidence->b = evidence->a;
        evidence->a = first;
    }
}

void evidence_encode(struct buf *out, const struct evidence *evidence)
{
    vote_encode(out, &evidence->a);
    vote_encode(out, &evidence->b);
}

int evidence_decode(struct evidence *out, struct reader *reader)
{
    int error = vote_decode(&out->a, reader);
    return error != OK ? error : vote_decode(&out->b, reader);
}

void evidence_hash(struct hash *out, const struct evidence *evidence)
{
    AUTO(buf_free) struct buf bytes = {0};
    evidence_encode(&bytes, evidence);
    *out = hash_tagged("dirchain/evidence/1", view_of_buf(&bytes));
}

static bool same_slot(const struct vote *a, const struct vote *b)
{
    return a->type == b->type && a->height == b->height && a->round == b->round &&
           strcmp(a->validator, b->validator) == 0;
}

int evidence_verify(const struct evidence *evidence, const struct hash *genesis,
                    const struct validator_set *set)
{
    /* Strictly ascending covers both "different" and "canonical". */
    if (!same_slot(&evidence->a, &evidence->b) ||
        hash_compare(&evidence->a.block, &evidence->b.block) >= 0)
        return ERR_ENCODING;
    int index = validators_find(set, evidence->a.validator);
    if (index < 0)
        return ERR_CERT_SIGNER;
    const struct vote_key *key = &set->item[index].key;
    if (!vote_verify(&evidence->a, genesis, key) || !vote_verify(&evidence->b, genesis, key))
        return ERR_SIGNATURE;
    return OK;
}
