/* What validators sign. Digest = hash_tagged(tag, input), signed with BIP-340 Schnorr:
 *
 *   vote      "dirchain/vote/1":     32 genesis ‖ u8 type ‖ u64 height ‖ u32 round ‖ 32 block hash
 *   proposal  "dirchain/proposal/1": 32 genesis ‖ u8 0    ‖ u64 height ‖ u32 round ‖
 *                                    u32 valid round + 1 (0: none) ‖ 32 block hash
 *
 * nil is the block hash of 32 zero bytes. */
#ifndef DIRCHAIN_CHAIN_VOTE_H
#define DIRCHAIN_CHAIN_VOTE_H

#include "chain/validators.h"

enum vote_type { VOTE_PREVOTE = 1, VOTE_PRECOMMIT = 2 };

struct vote {
    enum vote_type type;
    uint64_t height;
    uint32_t round;
    struct hash block; /* zero: nil */
    char validator[MEMBER_ID_CHARS + 1];
    struct signature signature;
};

#define VOTE_BYTES (1 + 8 + 4 + 32 + MEMBER_ID_CHARS + 64)

void vote_digest(struct hash *out, const struct hash *genesis, const struct vote *vote);
void proposal_digest(struct hash *out, const struct hash *genesis, uint64_t height, uint32_t round,
                     int64_t valid_round /* -1: none */, const struct hash *block);
bool vote_verify(const struct vote *vote, const struct hash *genesis, const struct vote_key *key);
void vote_encode(struct buf *out, const struct vote *vote); /* VOTE_BYTES */
int vote_decode(struct vote *out, struct reader *reader);   /* ERR_ENCODING */

/* Two votes of one validator for one height, round and type with different blocks.
 * Canonical: a.block < b.block bytewise. Encoding: vote a ‖ vote b. */
struct evidence {
    struct vote a;
    struct vote b;
};
#define EVIDENCE_BYTES (2 * VOTE_BYTES)
void evidence_order(struct evidence *evidence);
void evidence_encode(struct buf *out, const struct evidence *evidence);
int evidence_decode(struct evidence *out, struct reader *reader);
void evidence_hash(struct hash *out, const struct evidence *evidence); /* "dirchain/evidence/1" */
/* Signatures, equal height/round/type/validator, different blocks, order; by the set of that
 * height. ERR_ENCODING, ERR_CERT_SIGNER, ERR_SIGNATURE. */
int evidence_verify(const struct evidence *evidence, const struct hash *genesis,
                    const struct validator_set *set);

#endif
