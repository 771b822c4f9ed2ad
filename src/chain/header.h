/* Block header: fixed layout of HEADER_BYTES, big-endian.
 *
 *   u32 version ‖ 32 genesis ‖ u64 height ‖ u64 time_ms ‖ 32 previous ‖ u64 log_size ‖ 32 log_root
 * ‖ 32 state_root ‖ 32 validators ‖ 32 next_validators ‖ 18 proposer
 *
 * Block hash = hash_tagged("dirchain/block/1", these bytes). log_size, log_root and state_root are
 * those after the block itself ("decide, then do"). Height 1 is the first block; its previous hash
 * is the genesis hash. */
#ifndef DIRCHAIN_CHAIN_HEADER_H
#define DIRCHAIN_CHAIN_HEADER_H

#include "base/hash.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stdint.h>

#define HEADER_VERSION 1
#define HEADER_BYTES (4 + 32 + 8 + 8 + 32 + 8 + 32 + 32 + 32 + 32 + MEMBER_ID_CHARS)

struct header {
    uint32_t version;
    struct hash genesis;
    uint64_t height;
    int64_t time_ms;
    struct hash previous;
    uint64_t log_size;
    struct hash log_root;
    struct hash state_root;
    struct hash validators;
    struct hash next_validators;
    char proposer[MEMBER_ID_CHARS + 1];
};

void header_encode(struct buf *out, const struct header *header);
/* ERR_BLOCK_FORM: length, version, height outside 1…2^53-1, time or log size outside 0…2^53-1,
 * proposer not [0-9A-Z]{18}. */
int header_decode(struct header *out, struct reader *reader);
void header_hash(struct hash *out, const struct header *header);
/* A place in the chain: a block, or genesis as the block of height 0. */
struct header_place {
    uint64_t height;
    struct hash hash;
    int64_t time_ms;
};
struct header_place header_place_of(const struct header *header);
/* Whether the block comes right after: the next height, its hash as previous, a later time. */
bool header_follows(const struct header *header, const struct header_place *place);

#endif
