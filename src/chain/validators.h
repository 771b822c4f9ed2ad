/* The validator set of a height: n members with one equal vote each, in member-id order.
 *
 *   quorum      ⌊2n/3⌋+1   (4→3, 5→4, 6→5, 7→5): any two quorums share an honest member
 *   round skip  ⌊(n−1)/3⌋+1: at least one honest member is there
 *   proposer(h, r) = item[(h + r) mod n]
 *
 * hash = hash_tagged("dirchain/validators/1", encoding); encoding: u16 count, then for each the
 * 18 characters of the member id and the 32 bytes of its x-only vote key. */
#ifndef DIRCHAIN_CHAIN_VALIDATORS_H
#define DIRCHAIN_CHAIN_VALIDATORS_H

#include "base/doc.h"
#include "base/limits.h"
#include "base/sign.h"

#include <stddef.h>
#include <stdint.h>

struct validator {
    char member[MEMBER_ID_CHARS + 1];
    struct vote_key key;
};

struct validator_set {
    size_t count;
    struct validator item[VALIDATORS_MAX];
};

/* Reads the 18 characters of a member id; marks the reader bad unless each is in [0-9A-Z]. The
 * check digit is judged where a member is admitted, not in every vote. */
void member_id_read(char out[MEMBER_ID_CHARS + 1], struct reader *reader);
void member_id_write(struct buf *out, const char *member); /* ENSUREs the form */

size_t validators_quorum(size_t count);
size_t validators_round_skip(size_t count);
size_t validators_faulty_max(size_t count); /* f = ⌊(n−1)/3⌋ */
size_t validators_proposer(const struct validator_set *set, uint64_t height, uint32_t round);
/* Index of a member, or -1. */
int validators_find(const struct validator_set *set, const char *member);
void validators_sort(struct validator_set *set); /* by member id */
/* ERR_VALIDATORS unless 1…VALIDATORS_MAX, strictly ascending ids and keys valid and distinct. */
int validators_check(const struct validator_set *set);
void validators_encode(struct buf *out, const struct validator_set *set);
/* Decodes and checks as validators_check does. ERR_VALIDATORS. */
int validators_decode(struct validator_set *out, struct reader *reader);
void validators_hash(struct hash *out, const struct validator_set *set);
/* [{"key","member"}…], as the state and the API show a set. Caller owns. */
struct doc *validators_doc(const struct validator_set *set);

#endif
