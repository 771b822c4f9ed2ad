/* Equivocation that is not in the ledger yet: seen by consensus here or told by peers. Judged by
 * the set of its height when it comes, which may be the height after the next block's: votes for
 * that come early. Each (validator, height, round, type) once, and nothing that is on record;
 * bounded, also for each validator, so that none can fill it with acts of its own; given to every
 * block built here, from that of its height on, until one holds it. Loop's thread only. */
#ifndef DIRCHAIN_NODE_EVIDENCE_POOL_H
#define DIRCHAIN_NODE_EVIDENCE_POOL_H

#include "node/parts.h"

struct evidence_pool;

struct evidence_pool *evidence_pool_open(const struct node_parts *parts);
void evidence_pool_free(struct evidence_pool **pool);

/* Takes it and tells the validators. 0; ERR_DUPLICATE (here or on record); ERR_FIELD_RANGE (too
 * old, or above the height after the next block's); ERR_QUOTA (enough of that validator);
 * ERR_UNAVAILABLE (full); those of evidence_verify. */
int evidence_pool_add(struct evidence_pool *pool, const struct evidence *evidence);
/* What the next block should hold, nothing of a later height; at most BLOCK_EVIDENCE_MAX. Where
 * EVIDENCE_DECIDED_WITHOUT_MAX blocks for which it was given are decided without it, it is no use
 * to anybody, and forgotten. */
size_t evidence_pool_offer(struct evidence_pool *pool, struct evidence *out);
bool evidence_pool_is_due(const struct evidence_pool *pool); /* whether it would offer any */
size_t evidence_pool_count(const struct evidence_pool *pool);
/* A block holds some of it; others are too old now. */
void evidence_pool_committed(struct evidence_pool *pool, const struct block *block);
/* The body of an EVIDENCE frame. Non-zero: malformed. *news: some of it was taken. */
int evidence_pool_frame(bool *news, struct evidence_pool *pool, struct peer *peer,
                        struct view body);

#endif
