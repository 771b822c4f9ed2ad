/* The log: an RFC 6962 Merkle tree over everything that happened, in order.
 *
 * Leaf input is a kind byte and a 32-byte digest; leaf hash = SHA-256(0x00 ‖ input), inner =
 * SHA-256(0x01 ‖ left ‖ right), empty = SHA-256(""). Order in a block: evidence, acts,
 * transactions. */
#ifndef DIRCHAIN_CHAIN_LOG_TREE_H
#define DIRCHAIN_CHAIN_LOG_TREE_H

#include "base/hash.h"
#include "base/limits.h"

#include <stddef.h>
#include <stdint.h>

enum log_kind { LOG_EVIDENCE = 1, LOG_ACT = 2, LOG_TX = 3 };

struct log_leaf {
    enum log_kind kind;
    struct hash digest;
};

void log_leaf_hash(struct hash *out, const struct log_leaf *leaf);
void log_inner_hash(struct hash *out, const struct hash *left, const struct hash *right);

/* The roots of the complete subtrees of a log of `size` leaves, largest first: enough to append
 * and to compute the root. Part of a snapshot. */
struct log_frontier {
    uint64_t size;
    struct hash peak[LOG_PROOF_HASHES_MAX]; /* popcount(size) of them */
};
/* ENSUREs size < LOG_SIZE_MAX. */
void log_frontier_append(struct log_frontier *frontier, const struct hash *leaf_hash);
void log_frontier_root(struct hash *out, const struct log_frontier *frontier);
/* u64 size ‖ popcount(size) × 32. */
void log_frontier_encode(struct buf *out, const struct log_frontier *frontier);
int log_frontier_decode(struct log_frontier *out, struct reader *reader); /* ERR_ENCODING */

/* Encoding: u8 count ‖ count × 32, in the order of RFC 6962. */
struct log_proof {
    size_t count;
    struct hash node[LOG_PROOF_HASHES_MAX];
};
void log_proof_encode(struct buf *out, const struct log_proof *proof);
int log_proof_decode(struct log_proof *out, struct reader *reader); /* ERR_ENCODING */

/* Where proofs get complete subtrees from: hash of the subtree over leaves
 * [index·2^level, (index+1)·2^level). ERR_NOT_FOUND, ERR_IO. */
struct log_nodes {
    int (*read)(void *context, struct hash *out, unsigned level, uint64_t index);
    void *context;
};

/* The frontier that a log had at a size. ERR_NOT_FOUND, ERR_IO. */
int log_frontier_at(struct log_frontier *out, const struct log_nodes *nodes, uint64_t size);

/* RFC 6962 §2.1.1 and §2.1.2. ERR_FIELD_RANGE when index ≥ size, old > new, or a size is beyond
 * LOG_SIZE_MAX. The empty log is a prefix of every log: its consistency proof is empty. */
int log_prove_inclusion(struct log_proof *out, const struct log_nodes *nodes, uint64_t index,
                        uint64_t size);
int log_prove_consistency(struct log_proof *out, const struct log_nodes *nodes, uint64_t old_size,
                          uint64_t new_size);
/* 0 or ERR_PROOF_LOG; the proof must have exactly the right length. RFC 9162 §2.1.3.2, §2.1.4.2. */
int log_verify_inclusion(const struct log_proof *proof, const struct hash *leaf_hash,
                         uint64_t index, uint64_t size, const struct hash *root);
int log_verify_consistency(const struct log_proof *proof, uint64_t old_size,
                           const struct hash *old_root, uint64_t new_size,
                           const struct hash *new_root);

#endif
