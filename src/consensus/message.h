/* What validators say to each other: proposals and votes, and their bytes.
 *
 *   message   u8 kind ‖ (1: proposal, 2: vote)
 *   proposal  u64 height ‖ u32 round ‖ u32 valid round + 1 (0: none) ‖ header ‖ 64 signature
 *   vote      as in chain/vote.h
 *
 * A proposal carries the header only ("compact"): whoever relays it appends what leads to the
 * body (transaction ids, evidence), which consensus never looks at. Who signed a proposal is not
 * said: it is the proposer of (height, round). */
#ifndef DIRCHAIN_CONSENSUS_MESSAGE_H
#define DIRCHAIN_CONSENSUS_MESSAGE_H

#include "chain/header.h"
#include "chain/vote.h"

#define ROUND_NONE (-1) /* "−1" of the paper: no lock, no valid value */

struct proposal {
    uint64_t height;
    uint32_t round;
    int64_t valid_round; /* ROUND_NONE: a fresh value */
    struct header header;
    struct hash block; /* of the header; recomputed on decode, never taken from outside */
    struct signature signature;
};
#define PROPOSAL_BYTES (8 + 4 + 4 + HEADER_BYTES + SIGNATURE_BYTES)

enum message_kind { MESSAGE_PROPOSAL = 1, MESSAGE_VOTE = 2 };

struct message {
    enum message_kind kind;
    union {
        struct proposal proposal;
        struct vote vote;
    };
};
#define MESSAGE_BYTES_MAX (1 + (PROPOSAL_BYTES > VOTE_BYTES ? PROPOSAL_BYTES : VOTE_BYTES))

void proposal_encode(struct buf *out, const struct proposal *proposal); /* PROPOSAL_BYTES */
/* ERR_ENCODING, ERR_BLOCK_FORM (the header), ERR_CONSENSUS_ROUND (round or valid round beyond
 * ROUND_MAX, valid round not before round), ERR_CONSENSUS_HEIGHT (the header's is another). */
int proposal_decode(struct proposal *out, struct reader *reader);
void message_encode(struct buf *out, const struct message *message);
/* As above, and the errors of vote_decode. Reads one message and leaves the rest in the reader. */
int message_decode(struct message *out, struct reader *reader);

uint64_t message_height(const struct message *message);
uint32_t message_round(const struct message *message);
/* What is signed: vote_digest or proposal_digest. */
void message_digest(struct hash *out, const struct hash *genesis, const struct message *message);

#endif
