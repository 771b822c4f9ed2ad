/* Manifests: made from a file, written and read as documents. */
#include "exchange/manifest.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/log_tree.h"
#include "chain/schema.h"
#include "exchange/paths.h"

#include <string.h>

#define RESULT_TAG "dirchain/result/1"

void manifest_free(struct manifest *manifest)
{
    memory_free(manifest->leaf);
    *manifest = (struct manifest){0};
}

struct hash manifest_leaf(struct view chunk)
{
    static const uint8_t leaf_mark = 0x00;
    const struct view parts[] = {view_of(&leaf_mark, 1), chunk};
    return hash_sha256_parts(parts, 2);
}

struct hash manifest_digest(const struct hash *salt, const struct hash *root)
{
    uint8_t input[2 * HASH_BYTES];
    memcpy(input, salt->bytes, HASH_BYTES);
    memcpy(input + HASH_BYTES, root->bytes, HASH_BYTES);
    return hash_tagged(RESULT_TAG, view_of(input, sizeof input));
}

/* ---- chunks ---- */

static uint64_t count_chunks(uint64_t bytes, uint32_t chunk_bytes)
{
    return bytes / chunk_bytes + (bytes % chunk_bytes != 0);
}

uint64_t manifest_prefix_bytes(const struct manifest *manifest, size_t chunks)
{
    ENSURE(chunks <= manifest->chunk_count);
    return chunks == manifest->chunk_count ? manifest->bytes
                                           : (uint64_t)chunks * manifest->chunk_bytes;
}

size_t manifest_chunk_bytes(const struct manifest *manifest, size_t index)
{
    return (size_t)(manifest_prefix_bytes(manifest, index + 1) -
                    manifest_prefix_bytes(manifest, index));
}

struct hash manifest_prefix_root(const struct manifest *manifest, size_t chunks)
{
    ENSURE(chunks <= manifest->chunk_count);
    struct log_frontier frontier = {0};
    struct hash root;
    for (size_t i = 0; i < chunks; i++) {
        log_frontier_append(&frontier, &manifest->leaf[i]);
    }
    log_frontier_root(&root, &frontier);
    return root;
}

int manifest_of_file(struct manifest *out, int fd, uint64_t bytes, uint32_t chunk_bytes)
{
    *out = (struct manifest){.bytes = bytes, .chunk_bytes = chunk_bytes};
    uint64_t count = count_chunks(bytes, chunk_bytes);
    if (count > TRANSFER_CHUNKS_MAX) {
        return ERR_TOO_LARGE;
    }
    AUTO(buf_free) struct buf chunk = {0};
    buf_reserve(&chunk, chunk_bytes);
    out->chunk_count = (size_t)count;
    out->leaf = memory_alloc(out->chunk_count * sizeof *out->leaf);
    for (size_t i = 0; i < out->chunk_count; i++) {
        size_t len = manifest_chunk_bytes(out, i);
        if (file_read_all(fd, chunk.data, len, manifest_prefix_bytes(out, i)) != 0) {
            struct file_mark mark;
            bool shrank = file_mark_of(&mark, fd) == 0 && mark.bytes < bytes;
            manifest_free(out);
            return shrank ? ERR_DIGEST : ERR_IO;
        }
        out->leaf[i] = manifest_leaf(view_of(chunk.data, len));
    }
    out->root = manifest_prefix_root(out, out->chunk_count);
    return 0;
}

bool manifest_equal(const struct manifest *a, const struct manifest *b)
{
    return strcmp(a->name, b->name) == 0 && a->delimiter == b->delimiter && a->bytes == b->bytes &&
           a->chunk_bytes == b->chunk_bytes && a->rows == b->rows &&
           hash_equal(&a->root, &b->root) && hash_equal(&a->salt, &b->salt);
}

/* ---- documents ---- */

/* A hash in hex is two characters a byte; an empty file has no leaves. */
static const struct field manifest_fields[] = {
    {.name = "format", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 64},
    {.name = "name", .kind = FIELD_TEXT, .required = true, .min = 1, .max = 200},
    {.name = "delimiter", .kind = FIELD_TEXT, .min = 1, .max = 1},
    {.name = "bytes", .kind = FIELD_INT, .required = true, .min = 0, .max = DOC_INT_MAX},
    {.name = "chunk_bytes",
     .kind = FIELD_INT,
     .required = true,
     .min = TRANSFER_CHUNK_BYTES_MIN,
     .max = TRANSFER_CHUNK_BYTES_MAX},
    {.name = "leaves",
     .kind = FIELD_TEXT,
     .required = true,
     .min = 0,
     .max = TRANSFER_CHUNKS_MAX * 2 * HASH_BYTES},
    {.name = "root", .kind = FIELD_HASH, .required = true},
    {.name = "rows", .kind = FIELD_INT, .required = true, .min = 0, .max = DOC_INT_MAX},
    {.name = "salt", .kind = FIELD_HASH, .required = true},
    {.name = NULL},
};

struct doc *manifest_to_doc(const struct manifest *manifest)
{
    struct doc *doc = doc_new_object();
    doc_set_int(doc, "bytes", (int64_t)manifest->bytes);
    doc_set_int(doc, "chunk_bytes", manifest->chunk_bytes);
    if (manifest->delimiter != 0) {
        const char text[] = {manifest->delimiter, 0};
        doc_set_text(doc, "delimiter", text);
    }
    doc_set_text(doc, "format", MANIFEST_FORMAT);
    doc_set_bytes(doc, "leaves", view_of(manifest->leaf, manifest->chunk_count * HASH_BYTES));
    doc_set_text(doc, "name", manifest->name);
    doc_set_hash(doc, "root", &manifest->root);
    doc_set_int(doc, "rows", manifest->rows);
    doc_set_hash(doc, "salt", &manifest->salt);
    return doc;
}

static int read_leaves(struct manifest *out, struct faults *faults, const struct doc *doc)
{
    AUTO(buf_free) struct buf leaves = {0};
    int error = doc_get_bytes(&leaves, doc, "leaves", TRANSFER_CHUNKS_MAX * HASH_BYTES);
    if (error != 0) {
        return faults_add(faults, error, NULL, "leaves");
    }
    if (leaves.len % HASH_BYTES != 0 ||
        leaves.len / HASH_BYTES != count_chunks(out->bytes, out->chunk_bytes)) {
        return faults_add(faults, ERR_FIELD_COUNT, NULL, "leaves");
    }
    out->chunk_count = leaves.len / HASH_BYTES;
    out->leaf = memory_alloc(out->chunk_count * sizeof *out->leaf);
    if (leaves.len > 0) {
        memcpy(out->leaf, leaves.data, leaves.len);
    }
    struct hash root = manifest_prefix_root(out, out->chunk_count);
    return hash_equal(&root, &out->root) ? 0 : faults_add(faults, ERR_DIGEST, NULL, "root");
}

int manifest_from_doc(struct manifest *out, struct faults *faults, const struct doc *doc)
{
    *out = (struct manifest){0};
    int error = schema_check_fields(manifest_fields, doc, "", faults);
    if (error != 0) {
        return error;
    }
    if (!doc_text_is(doc, "format", MANIFEST_FORMAT)) {
        return faults_add(faults, ERR_FIELD_CHOICE, NULL, "format");
    }
    const char *name = doc_get_text(doc, "name");
    if (!file_name_valid(name)) {
        return faults_add(faults, ERR_PATH, NULL, "name");
    }
    const char *delimiter = doc_get_text(doc, "delimiter");
    if (delimiter != NULL && strchr(",;\t|", delimiter[0]) == NULL) {
        return faults_add(faults, ERR_FIELD_CHOICE, NULL, "delimiter");
    }
    memcpy(out->name, name, strlen(name) + 1);
    out->delimiter = delimiter == NULL ? 0 : delimiter[0];
    out->bytes = (uint64_t)doc_get_int(doc, "bytes", 0);
    out->chunk_bytes = (uint32_t)doc_get_int(doc, "chunk_bytes", 0);
    out->rows = doc_get_int(doc, "rows", 0);
    (void)hash_from_hex(&out->root, doc_get_text(doc, "root")); /* the table checked both */
    (void)hash_from_hex(&out->salt, doc_get_text(doc, "salt"));
    error = read_leaves(out, faults, doc);
    if (error != 0) {
        manifest_free(out);
    }
    return error;
}
