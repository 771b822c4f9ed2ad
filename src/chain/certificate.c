/* Certificates: the precommits of one round that decided a block.
 *
 * What verification must not do, because real chains did: trust the set that the certified header
 * names, find signers by position, stop at the quorum and leave the rest unchecked, or count a
 * signer twice. */
#include "chain/certificate.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

#define SIGNER_BYTES (MEMBER_ID_CHARS + SIGNATURE_BYTES)

void certificate_encode(struct buf *out, const struct certificate *certificate)
{
    ENSURE(certificate->count <= VALIDATORS_MAX);
    buf_reserve(out, 8 + 4 + HASH_BYTES + 2 + certificate->count * SIGNER_BYTES);
    buf_append_u64(out, certificate->height);
    buf_append_u32(out, certificate->round);
    buf_append(out, certificate->block.bytes, HASH_BYTES);
    buf_append_u16(out, (uint16_t)certificate->count);
    for (size_t i = 0; i < certificate->count; i++) {
        member_id_write(out, certificate->signer[i].member);
        buf_append(out, certificate->signer[i].signature.bytes, SIGNATURE_BYTES);
    }
}

int certificate_decode(struct certificate *out, struct reader *reader)
{
    *out = (struct certificate){.height = reader_u64(reader)};
    out->round = reader_u32(reader);
    reader_copy(reader, out->block.bytes, HASH_BYTES);
    out->count = reader_u16(reader);
    if (out->count > VALIDATORS_MAX) {
        out->count = 0; /* never leave a count behind that the array does not hold */
        return ERR_CERT_FORM;
    }
    for (size_t i = 0; i < out->count; i++) {
        member_id_read(out->signer[i].member, reader);
        reader_copy(reader, out->signer[i].signature.bytes, SIGNATURE_BYTES);
    }
    if (reader->bad || out->height == 0 || out->height > (uint64_t)DOC_INT_MAX ||
        out->round > ROUND_MAX)
        return ERR_CERT_FORM;
    return OK;
}

/* Every signer once, in order, and of this set. */
static int check_signers(const struct certificate *certificate, const struct validator_set *set)
{
    for (size_t i = 0; i < certificate->count; i++) {
        const char *member = certificate->signer[i].member;
        if (i > 0 && strcmp(certificate->signer[i - 1].member, member) >= 0)
            return ERR_CERT_SIGNER;
        if (validators_find(set, member) < 0)
            return ERR_CERT_SIGNER;
    }
    return OK;
}

/* All of them sign the same digest; each is checked against its own key. */
static int check_signatures(const struct certificate *certificate, const struct hash *genesis,
                            const struct validator_set *set)
{
    const struct vote vote = {.type = VOTE_PRECOMMIT,
                              .height = certificate->height,
                              .round = certificate->round,
                              .block = certificate->block};
    struct hash digest;
    vote_digest(&digest, genesis, &vote);
    for (size_t i = 0; i < certificate->count; i++) {
        const struct certificate_signer *signer = &certificate->signer[i];
        int index = validators_find(set, signer->member);
        ENSURE(index >= 0); /* check_signers went before */
        if (!schnorr_verify(&set->item[index].key, &digest, &signer->signature))
            return ERR_SIGNATURE;
    }
    return OK;
}

int certificate_verify(const struct certificate *certificate, const struct hash *genesis,
                       uint64_t height, const struct hash *block, const struct validator_set *set)
{
    ENSURE(certificate->count <= VALIDATORS_MAX && set->count > 0);
    /* A quorum for nil decides nothing, whatever the caller compares with. */
    if (certificate->height != height || hash_is_zero(&certificate->block) ||
        !hash_equal(&certificate->block, block))
        return ERR_CERT_BLOCK;
    int error = check_signers(certificate, set);
    if (error != OK)
        return error;
    if (certificate->count < validators_quorum(set->count))
        return ERR_CERT_QUORUM;
    return check_signatures(certificate, genesis, set);
}
