/* A certificate: precommits of one round for one block by a quorum.
 *
 * Encoding: u64 height ‖ u32 round ‖ 32 block hash ‖ u16 count ‖ count × (18 member ‖ 64
 * signature), members strictly ascending. Verifiers take the set from the previous header's
 * next_validators (genesis for height 1), never from the header under test; every signature is
 * checked, also those beyond the quorum. */
#ifndef DIRCHAIN_CHAIN_CERTIFICATE_H
#define DIRCHAIN_CHAIN_CERTIFICATE_H

#include "chain/vote.h"

struct certificate_signer {
    char member[MEMBER_ID_CHARS + 1];
    struct signature signature;
};

struct certificate {
    uint64_t height;
    uint32_t round;
    struct hash block;
    size_t count;
    struct certificate_signer signer[VALIDATORS_MAX];
};

void certificate_encode(struct buf *out, const struct certificate *certificate);
int certificate_decode(struct certificate *out, struct reader *reader); /* ERR_CERT_FORM */
/* ERR_CERT_BLOCK (other block or height), ERR_CERT_SIGNER (foreign, repeated or out of order),
 * ERR_SIGNATURE, ERR_CERT_QUORUM. */
int certificate_verify(const struct certificate *certificate, const struct hash *genesis,
                       uint64_t height, const struct hash *block, const struct validator_set *set);

#endif
