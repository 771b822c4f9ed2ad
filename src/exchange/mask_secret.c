/* File: 32 bytes of secret, then their tagged hash. Equal values are masked equally for ever, and
 * with another secret they would silently be masked otherwise: so a damaged file is refused, and
 * never replaced. Files of 32 bytes, made before the hash was there, are taken as they are. */
#include "exchange/mask_secret.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/memory.h"
#include "base/secret.h"
#include "exchange/projection.h"

#include <string.h>

#define CHECK_TAG "dirchain/mask-secret/1"
#define FILE_BYTES (MASK_SECRET_BYTES + HASH_BYTES)

static int create(const char *path)
{
    uint8_t bytes[FILE_BYTES];
    secret_random(bytes, MASK_SECRET_BYTES);
    struct hash check = hash_tagged(CHECK_TAG, view_of(bytes, MASK_SECRET_BYTES));
    memcpy(bytes + MASK_SECRET_BYTES, check.bytes, HASH_BYTES);
    int error = file_create(path, view_of(bytes, sizeof bytes), 0600);
    memory_wipe(bytes, sizeof bytes);
    return error;
}

static bool is_whole(struct view bytes)
{
    if (bytes.len != FILE_BYTES) {
        return bytes.len == MASK_SECRET_BYTES;
    }
    struct hash check = hash_tagged(CHECK_TAG, view_of(bytes.data, MASK_SECRET_BYTES));
    return memcmp(check.bytes, bytes.data + MASK_SECRET_BYTES, HASH_BYTES) == 0;
}

int mask_secret_open(uint8_t **out, const char *path)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = file_read(&bytes, path, FILE_BYTES);
    if (error == ERR_NOT_FOUND) {
        error = create(path);
        error = error != 0 ? error : file_read(&bytes, path, FILE_BYTES);
    }
    if (error == 0 && !is_whole(view_of_buf(&bytes))) {
        error = ERR_CORRUPT;
    }
    if (error == 0) {
        *out = secret_alloc(MASK_SECRET_BYTES);
        memcpy(*out, bytes.data, MASK_SECRET_BYTES);
    }
    if (bytes.len > 0) {
        memory_wipe(bytes.data, bytes.len);
    }
    return error == ERR_TOO_LARGE ? ERR_CORRUPT : error;
}
