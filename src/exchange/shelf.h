/* Shelves: small documents kept durably by name, one file each. What a gateway must remember across
 * a crash is on shelves: transfers, deliveries, openings, transactions to be sent. A document is
 * replaced atomically; one that is taken off is overwritten first, so that what was erased is not
 * left lying in the file's old blocks (on a file system that writes in place). */
#ifndef DIRCHAIN_EXCHANGE_SHELF_H
#define DIRCHAIN_EXCHANGE_SHELF_H

#include "base/doc.h"

#define SHELF_NAME_CHARS_MAX 96
#define SHELF_PATH_BYTES_MAX 1024

struct shelf {
    char directory[SHELF_PATH_BYTES_MAX];
    size_t bytes_max; /* of one document */
};

/* Makes the directory if needed. ERR_FIELD_LENGTH (path), ERR_IO, ERR_DISK_FULL. */
int shelf_open(struct shelf *out, const char *parent, const char *name, size_t bytes_max);
/* Names are [a-z0-9.-], ENSUREd: ours, not from outside. ERR_IO, ERR_DISK_FULL, ERR_TOO_LARGE. */
int shelf_put(const struct shelf *shelf, const char *name, const struct doc *doc);
/* Caller owns. ERR_NOT_FOUND, ERR_CORRUPT (no such document any more), ERR_IO. */
int shelf_get(struct doc **out, const struct shelf *shelf, const char *name);
int shelf_remove(const struct shelf *shelf, const char *name); /* absent is fine; ERR_IO */
/* Calls visit for every document in order of name, at most `max`; ones that cannot be read are
 * logged and passed over. Left-overs of a crash are removed. ERR_IO. */
int shelf_each(const struct shelf *shelf, size_t max,
               void (*visit)(void *context, const char *name, const struct doc *doc),
               void *context);

#endif
