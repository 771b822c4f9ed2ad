/* The bodies of access.receipt: what was sent or received, said the same way by both sides. */
#ifndef DIRCHAIN_EXCHANGE_RECEIPTS_H
#define DIRCHAIN_EXCHANGE_RECEIPTS_H

#include "exchange/manifest.h"

/* The first `chunks` of a manifest moved, `rows` of them; manifest NULL: it never came to one.
 * Nothing moved: the digest is 32 zero bytes. Result: complete, or empty (all of a table without
 * rows or of a file without bytes), partial, failed (nothing moved). Caller owns. */
struct doc *receipt_body(const char *open, const char *side, const struct manifest *manifest,
                         size_t chunks, int64_t rows);
/* What such a receipt's digest stands for, to be kept by the gateway and erased when it is time:
 * {"bytes","chunk_bytes","chunks","name","root","rows","salt"}. Caller owns. */
struct doc *receipt_opening(const struct manifest *manifest, size_t chunks, int64_t rows);
/* Rows among the first `chunks`, counted from a file that holds them; `otherwise` if that is not
 * possible. */
int64_t receipt_rows(const struct manifest *manifest, size_t chunks, int fd, int64_t otherwise);

#endif
