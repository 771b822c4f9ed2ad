/* Files, durably: write to a temporary name, sync, rename, sync the directory. */
#ifndef DIRCHAIN_BASE_FILE_H
#define DIRCHAIN_BASE_FILE_H

#include "base/bytes.h"

/* Reads a whole regular file of at most bytes_max, in place of what *out held. ERR_NOT_FOUND,
 * ERR_NOT_FILE (a directory, device or pipe), ERR_NOT_DIRECTORY, ERR_LINK_LOOP, ERR_TOO_LARGE,
 * ERR_IO. */
int file_read(struct buf *out, const char *path, size_t bytes_max);
/* The same for secrets: ERR_PERMISSION if others than its owner may read or write it. */
int file_read_private(struct buf *out, const char *path, size_t bytes_max);
/* Replaces atomically and durably. mode e.g. 0600, whatever the umask. ERR_NOT_FOUND (no such
 * directory), ERR_IO, ERR_DISK_FULL; the old contents stay then. */
int file_write_atomic(const char *path, struct view data, unsigned mode);
/* As above but refuses to replace: ERR_EXISTS. */
int file_create(const char *path, struct view data, unsigned mode);
int file_sync_directory(const char *directory);
int file_make_directory(
    const char *path,
    unsigned mode); /* with parents; existing is fine. ERR_NOT_DIRECTORY, ERR_LINK_LOOP */
int file_error(int errno_value); /* ENOSPC → ERR_DISK_FULL, ENOENT → ERR_NOT_FOUND, … ERR_IO */
/* Writes all bytes at an offset or fails. */
int file_write_all(int fd, struct view data, uint64_t offset);
int file_read_all(int fd, void *out, size_t len, uint64_t offset); /* ERR_IO on a short file */

#endif
