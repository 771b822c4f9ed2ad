/* A block: header, evidence (carried by the proposal) and transactions. Automatic acts are derived
 * by execution and are not part of the body.
 *
 * Encoding: header ‖ u16 evidence count ‖ evidence … ‖ u32 tx count ‖ (u32 length ‖ JWS) … */
#ifndef DIRCHAIN_CHAIN_BLOCK_H
#define DIRCHAIN_CHAIN_BLOCK_H

#include "chain/header.h"
#include "chain/tx.h"
#include "chain/vote.h"

struct block {
    atomic_int references;
    struct header header;
    struct hash hash; /* of the header; recomputed on decode, never taken from outside */
    size_t evidence_count;
    struct evidence *evidence; /* owned */
    size_t tx_count;
    struct tx **txs; /* owned references */
};

struct block *block_ref(struct block *block);
void block_free(struct block **block); /* drops one reference */
void block_encode(struct buf *out, const struct block *block);
/* Decodes and parses every transaction; bounded by BLOCK_*_MAX. ERR_BLOCK_FORM and the errors of
 * tx_parse. Says nothing on validity. */
int block_decode(struct block **out, struct faults *faults, struct view bytes,
                 const struct hash *genesis);

#endif
