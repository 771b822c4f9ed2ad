/* Minimisation (E6): what the scope of a grant (scope.h) lets out of a table. Columns are granted
 * items, found by the names in the header; rows are those that meet every condition; masked items
 * leave as HMACs under a secret of the provider, so that equal values stay equal and nothing else
 * is told.
 *
 *   entry items + scope ──▶ plan against the header ──▶ whole: the file leaves as it is
 *                                                  └──▶ else: a cut copy is written
 *
 * A column that is no item of the entry never leaves. A file that is no table leaves whole or not
 * at all. */
#ifndef DIRCHAIN_EXCHANGE_PROJECTION_H
#define DIRCHAIN_EXCHANGE_PROJECTION_H

#include "base/doc.h"
#include "base/faults.h"
#include "exchange/csv.h"

#define MASK_SECRET_BYTES 32

/* Whether a scope lets all items of the entry (its "entry" content) out, every row, nothing masked:
 * what a file that is no table needs. 0 or ERR_SCOPE with faults. */
int projection_check_whole(struct faults *faults, const struct doc *entry, const struct doc *scope);

/* Cuts the table in `fd` down to the scope. *whole: there is nothing to cut, `out` is untouched;
 * else `out`, an empty file, holds the cut table and *out_bytes its size. ERR_SCOPE (no granted
 * item is in the header, a condition is on a column that is not there, or one of `asked` on a
 * masked item: what meets it would tell the value behind the mask), ERR_CSV, ERR_TOO_LARGE,
 * ERR_DIGEST, ERR_DISK_FULL, ERR_IO; faults say what. */
struct projection_task {
    int fd;
    uint64_t bytes;
    char delimiter; /* 0: as the header has it */
    const struct doc *entry;
    const struct doc *scope;
    const struct doc *asked; /* conditions that the consumer's request made; may be NULL */
    const uint8_t *mask_secret; /* MASK_SECRET_BYTES */
    int out;
};
int projection_run(const struct projection_task *task, struct faults *faults, bool *whole,
                   uint64_t *out_bytes, char *delimiter);

#endif
