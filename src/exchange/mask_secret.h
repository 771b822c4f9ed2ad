/* The secret under which a gateway masks what it gives away: made once, kept for ever. */
#ifndef DIRCHAIN_EXCHANGE_MASK_SECRET_H
#define DIRCHAIN_EXCHANGE_MASK_SECRET_H

#include "base/bytes.h"

/* Reads the secret in the file, or makes one if there is no file. *out is of secret_alloc,
 * MASK_SECRET_BYTES. ERR_CORRUPT if the file is not what was written; ERR_IO, ERR_DISK_FULL. */
int mask_secret_open(uint8_t **out, const char *path);

#endif
