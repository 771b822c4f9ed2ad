/* What is delivered, before it is: size, chunks and their hashes. Resume, integrity and receipt are
 * this one mechanism: a chunk is judged by its leaf, the whole by its root, a part of it by the
 * root of the leaves so far.
 *
 *   leaf  = SHA-256(0x00 ‖ chunk)   inner = SHA-256(0x01 ‖ left ‖ right)   (RFC 6962 §2.1)
 *   digest on the ledger = hash_tagged("dirchain/result/1", salt ‖ root)
 *
 * The salt is fresh for every delivery and chosen by the provider: nobody else can find out from
 * the ledger which of a few likely files moved, and once the gateways have erased the salt, nobody
 * can. Form: docs/spec/transfer.md. */
#ifndef DIRCHAIN_EXCHANGE_MANIFEST_H
#define DIRCHAIN_EXCHANGE_MANIFEST_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/hash.h"

#define MANIFEST_FORMAT "dirchain-manifest/1"
#define MANIFEST_NAME_BYTES_MAX 200

struct manifest {
    char name[MANIFEST_NAME_BYTES_MAX + 1]; /* of the file; see file_name_valid */
    char delimiter;                         /* of a CSV file; 0: any other file, rows not counted */
    uint64_t bytes;
    uint32_t chunk_bytes;
    size_t chunk_count;
    struct hash *leaf; /* owned */
    int64_t rows;
    struct hash root;
    struct hash salt;
};

/* Reads a file of so many bytes: chunks and root. Name, rows, salt and delimiter stay zero.
 * ERR_TOO_LARGE (more than TRANSFER_CHUNKS_MAX chunks), ERR_DIGEST (the file shrank), ERR_IO. */
int manifest_of_file(struct manifest *out, int fd, uint64_t bytes, uint32_t chunk_bytes);
void manifest_free(struct manifest *manifest);
bool manifest_equal(const struct manifest *a, const struct manifest *b);

struct hash manifest_leaf(struct view chunk);
/* Bytes of a chunk: chunk_bytes, less for the last. */
size_t manifest_chunk_bytes(const struct manifest *manifest, size_t index);
uint64_t manifest_prefix_bytes(const struct manifest *manifest, size_t chunks);
/* Root of the first so many leaves. */
struct hash manifest_prefix_root(const struct manifest *manifest, size_t chunks);
struct hash manifest_digest(const struct hash *salt, const struct hash *root);

/* Caller owns. */
struct doc *manifest_to_doc(const struct manifest *manifest);
/* Strict: counts fit the size, the root is that of the leaves, the name may become a file.
 * ERR_FIELD_*, ERR_HEX, ERR_DIGEST, ERR_PATH, with faults. */
int manifest_from_doc(struct manifest *out, struct faults *faults, const struct doc *doc);

#endif
