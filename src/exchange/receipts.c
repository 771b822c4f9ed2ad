/* Receipts as bodies. */
#include "exchange/receipts.h"

#include "exchange/csv.h"

static const char *result_of(const struct manifest *manifest, size_t chunks, int64_t rows)
{
    if (manifest == NULL || chunks < manifest->chunk_count) {
        return chunks > 0 ? "partial" : "failed";
    }
    bool empty = manifest->delimiter != 0 ? rows == 0 : manifest->bytes == 0;
    return empty ? "empty" : "complete";
}

struct doc *receipt_body(const char *open, const char *side, const struct manifest *manifest,
                         size_t chunks, int64_t rows)
{
    bool all = manifest != NULL && chunks == manifest->chunk_count;
    struct hash digest = {0};
    if (chunks > 0 || all) {
        struct hash root = manifest_prefix_root(manifest, chunks);
        digest = manifest_digest(&manifest->salt, &root);
    }
    struct doc *body = doc_new_object();
    doc_set_int(body, "bytes",
                manifest == NULL ? 0 : (int64_t)manifest_prefix_bytes(manifest, chunks));
    doc_set_hash(body, "digest", &digest);
    doc_set_text(body, "open", open);
    doc_set_text(body, "result", result_of(manifest, chunks, rows));
    doc_set_int(body, "rows", rows);
    doc_set_text(body, "side", side);
    return body;
}

struct doc *receipt_opening(const struct manifest *manifest, size_t chunks, int64_t rows)
{
    struct hash root = manifest_prefix_root(manifest, chunks);
    struct doc *opening = doc_new_object();
    doc_set_int(opening, "bytes", (int64_t)manifest_prefix_bytes(manifest, chunks));
    doc_set_int(opening, "chunk_bytes", manifest->chunk_bytes);
    doc_set_int(opening, "chunks", (int64_t)chunks);
    doc_set_text(opening, "name", manifest->name);
    doc_set_hash(opening, "root", &root);
    doc_set_int(opening, "rows", rows);
    doc_set_hash(opening, "salt", &manifest->salt);
    return opening;
}

int64_t receipt_rows(const struct manifest *manifest, size_t chunks, int fd, int64_t otherwise)
{
    int64_t rows = 0;
    if (manifest == NULL || manifest->delimiter == 0 || chunks == 0) {
        return 0;
    }
    bool part = chunks < manifest->chunk_count;
    int error = fd < 0 ? -1
                       : csv_count_rows(&rows, fd, manifest_prefix_bytes(manifest, chunks),
                                        manifest->delimiter, part);
    return error == 0 ? rows : otherwise;
}
