/* The RFC 6962 log: leaf and inner hashes, the frontier, proofs made and verified.
 *
 * A log of n leaves is a row of complete subtrees, one for each bit of n, largest first (the
 * peaks); its root folds them from the right. A tree of n > 1 leaves splits at the largest power of
 * two below n, so every left subtree is complete and can be read as one node; only along the right
 * edge hashes are put together anew.
 *
 *   n = 7 = 4+2+1:      root
 *                      /    \
 *                    [4]     o          peaks: [4] [2] [1]
 *                           / \
 *                         [2] [1] */
#include "chain/log_tree.h"

#include "base/ensure.h"
#include "base/errors.h"

#include <string.h>

/* ---- hashes ---- */

void log_leaf_hash(struct hash *out, const struct log_leaf *leaf)
{
    uint8_t input[2 + HASH_BYTES] = {0x00, (uint8_t)leaf->kind};
    memcpy(input + 2, leaf->digest.bytes, HASH_BYTES);
    *out = hash_sha256(view_of(input, sizeof input));
}

void log_inner_hash(struct hash *out, const struct hash *left, const struct hash *right)
{
    uint8_t input[1 + 2 * HASH_BYTES] = {0x01};
    memcpy(input + 1, left->bytes, HASH_BYTES);
    memcpy(input + 1 + HASH_BYTES, right->bytes, HASH_BYTES);
    *out = hash_sha256(view_of(input, sizeof input));
}

static struct hash empty_root(void)
{
    return hash_sha256((struct view){0});
}

/* ---- frontier ---- */

static size_t bits_set(uint64_t value)
{
    return (size_t)__builtin_popcountll(value);
}

void log_frontier_append(struct log_frontier *frontier, const struct hash *leaf_hash)
{
    ENSURE(frontier->size < LOG_SIZE_MAX);
    size_t count = bits_set(frontier->size);
    struct hash carried = *leaf_hash;
    for (uint64_t rest = frontier->size; rest & 1; rest >>= 1)
        log_inner_hash(&carried, &frontier->peak[--count], &carried);
    frontier->peak[count] = carried;
    frontier->size++;
}

void log_frontier_root(struct hash *out, const struct log_frontier *frontier)
{
    size_t count = bits_set(frontier->size);
    if (count == 0) {
        *out = empty_root();
        return;
    }
    struct hash root = frontier->peak[--count];
    while (count > 0)
        log_inner_hash(&root, &frontier->peak[--count], &root);
    *out = root;
}

void log_frontier_encode(struct buf *out, const struct log_frontier *frontier)
{
    buf_append_u64(out, frontier->size);
    buf_append(out, frontier->peak, bits_set(frontier->size) * HASH_BYTES);
}

int log_frontier_decode(struct log_frontier *out, struct reader *reader)
{
    *out = (struct log_frontier){.size = reader_u64(reader)};
    if (out->size > LOG_SIZE_MAX)
        reader->bad = true;
    else
        reader_copy(reader, out->peak, bits_set(out->size) * HASH_BYTES);
    return reader->bad ? ERR_ENCODING : OK;
}

/* ---- proofs as bytes ---- */

void log_proof_encode(struct buf *out, const struct log_proof *proof)
{
    buf_append_u8(out, (uint8_t)proof->count);
    buf_append(out, proof->node, proof->count * HASH_BYTES);
}

int log_proof_decode(struct log_proof *out, struct reader *reader)
{
    out->count = reader_u8(reader);
    if (out->count > LOG_PROOF_HASHES_MAX) {
        reader->bad = true;
        out->count = 0;
    }
    reader_copy(reader, out->node, out->count * HASH_BYTES);
    return reader->bad ? ERR_ENCODING : OK;
}

/* ---- making proofs ---- */

/* Largest power of two below n, as its exponent; n > 1. */
static unsigned split_level(uint64_t n)
{
    return 63u - (unsigned)__builtin_clzll(n - 1);
}

/* Root of the leaves [start, start + n), n > 0, start a multiple of the power of two ≥ n. */
static int range_root(struct hash *out, const struct log_nodes *nodes, uint64_t start, uint64_t n)
{
    if ((n & (n - 1)) == 0) {
        unsigned level = (unsigned)__builtin_ctzll(n);
        return nodes->read(nodes->context, out, level, start >> level);
    }
    unsigned level = split_level(n);
    uint64_t left_size = UINT64_C(1) << level;
    struct hash left;
    int error = nodes->read(nodes->context, &left, level, start >> level);
    if (!error)
        error = range_root(out, nodes, start + left_size, n - left_size);
    if (!error)
        log_inner_hash(out, &left, out);
    return error;
}

/* Siblings are met from the root down and reported from the leaf up. */
static void proof_reverse(struct log_proof *proof)
{
    for (size_t i = 0, j = proof->count; i + 1 < j; i++) {
        j--;
        struct hash kept = proof->node[i];
        proof->node[i] = proof->node[j];
        proof->node[j] = kept;
    }
}

/* RFC 6962 §2.1.1: PATH(m, D[n]). */
int log_prove_inclusion(struct log_proof *out, const struct log_nodes *nodes, uint64_t index,
                        uint64_t size)
{
    out->count = 0;
    if (index >= size || size > LOG_SIZE_MAX)
        return ERR_FIELD_RANGE;
    uint64_t start = 0;
    int error = OK;
    while (size > 1 && !error) {
        uint64_t left_size = UINT64_C(1) << split_level(size);
        struct hash *sibling = &out->node[out->count++];
        if (index - start < left_size) {
            error = range_root(sibling, nodes, start + left_size, size - left_size);
            size = left_size;
        } else {
            error = range_root(sibling, nodes, start, left_size);
            start += left_size;
            size -= left_size;
        }
    }
    proof_reverse(out);
    return error;
}

/* RFC 6962 §2.1.2: PROOF(m, D[n]) = SUBPROOF(m, D[n], true). The flag b says that the old tree is
 * the whole of the subtree reached so far, so that the verifier knows its hash already. */
int log_prove_consistency(struct log_proof *out, const struct log_nodes *nodes, uint64_t old_size,
                          uint64_t new_size)
{
    out->count = 0;
    if (old_size > new_size || new_size > LOG_SIZE_MAX)
        return ERR_FIELD_RANGE;
    if (old_size == 0 || old_size == new_size)
        return OK;
    uint64_t start = 0, size = new_size, old = old_size;
    bool whole = true;
    int error = OK;
    while (old < size && !error) {
        uint64_t left_size = UINT64_C(1) << split_level(size);
        struct hash *sibling = &out->node[out->count++];
        if (old <= left_size) {
            error = range_root(sibling, nodes, start + left_size, size - left_size);
            size = left_size;
        } else {
            error = range_root(sibling, nodes, start, left_size);
            start += left_size;
            size -= left_size;
            old -= left_size;
            whole = false;
        }
    }
    if (!whole && !error)
        error = range_root(&out->node[out->count++], nodes, start, size);
    proof_reverse(out);
    return error;
}

/* ---- verifying proofs ---- */

static int verdict(bool holds)
{
    return holds ? OK : ERR_PROOF_LOG;
}

/* RFC 9162 §2.1.3.2. fn is the place of the node on this level, sn that of the last node. */
int log_verify_inclusion(const struct log_proof *proof, const struct hash *leaf_hash,
                         uint64_t index, uint64_t size, const struct hash *root)
{
    if (index >= size || size > LOG_SIZE_MAX || proof->count > LOG_PROOF_HASHES_MAX)
        return ERR_PROOF_LOG;
    uint64_t fn = index, sn = size - 1;
    struct hash hash = *leaf_hash;
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0)
            return ERR_PROOF_LOG;
        if ((fn & 1) || fn == sn) {
            log_inner_hash(&hash, &proof->node[i], &hash);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            log_inner_hash(&hash, &hash, &proof->node[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return verdict(sn == 0 && hash_equal(&hash, root));
}

/* RFC 9162 §2.1.4.2, steps 4-7: both roots are rebuilt from the same nodes. */
static int verify_growth(const struct log_proof *proof, uint64_t old_size,
                         const struct hash *old_root, uint64_t new_size,
                         const struct hash *new_root)
{
    /* An old size that is a power of two is itself a node: the proof leaves it out. */
    bool given = (old_size & (old_size - 1)) == 0;
    if (!given && proof->count == 0)
        return ERR_PROOF_LOG;
    uint64_t fn = old_size - 1, sn = new_size - 1;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }
    struct hash fr = given ? *old_root : proof->node[0];
    struct hash sr = fr;
    for (size_t i = given ? 0 : 1; i < proof->count; i++) {
        if (sn == 0)
            return ERR_PROOF_LOG;
        if ((fn & 1) || fn == sn) {
            log_inner_hash(&fr, &proof->node[i], &fr);
            log_inner_hash(&sr, &proof->node[i], &sr);
            while (!(fn & 1) && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            log_inner_hash(&sr, &sr, &proof->node[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return verdict(sn == 0 && hash_equal(&fr, old_root) && hash_equal(&sr, new_root));
}

int log_verify_consistency(const struct log_proof *proof, uint64_t old_size,
                           const struct hash *old_root, uint64_t new_size,
                           const struct hash *new_root)
{
    if (old_size > new_size || new_size > LOG_SIZE_MAX || proof->count > LOG_PROOF_HASHES_MAX)
        return ERR_PROOF_LOG;
    struct hash empty = empty_root();
    if (new_size == 0 && !hash_equal(new_root, &empty))
        return ERR_PROOF_LOG;
    if (old_size == new_size)
        return verdict(proof->count == 0 && hash_equal(old_root, new_root));
    if (old_size == 0)
        return verdict(proof->count == 0 && hash_equal(old_root, &empty));
    return verify_growth(proof, old_size, old_root, new_size, new_root);
}

int log_frontier_at(struct log_frontier *out, const struct log_nodes *nodes, uint64_t size)
{
    size_t count = 0;
    uint64_t done = 0;
    *out = (struct log_frontier){.size = size};
    for (unsigned level = 64; level-- > 0;) {
        if ((size >> level & 1) == 0)
            continue;
        int error = nodes->read(nodes->context, &out->peak[count++], level, done >> level);
        if (error != 0)
            return error;
        done += UINT64_C(1) << level;
    }
    return 0;
}
