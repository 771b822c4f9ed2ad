/* Paths beneath a root. What a transfer reads and writes is found by the kernel's own rules
 * (openat2): never above the root, never through a symbolic link, regular files only. A kernel
 * without openat2 (before 5.6) is refused, not served by something weaker. */
#ifndef DIRCHAIN_EXCHANGE_PATHS_H
#define DIRCHAIN_EXCHANGE_PATHS_H

#include <stdbool.h>
#include <stdint.h>

void fd_close(int *fd); /* usable with AUTO; leaves -1 */

/* Opens a directory as a root and tries whether the kernel resolves beneath it. ERR_NOT_FOUND,
 * ERR_IO, ERR_UNAVAILABLE (no openat2). */
int root_open(int *fd, const char *directory);

/* What a file was when it was looked at: whether it is still the same one, unchanged. */
struct file_mark {
    uint64_t device, inode, bytes;
    int64_t modified_ns, changed_ns;
};
bool file_mark_equal(const struct file_mark *a, const struct file_mark *b);
int file_mark_of(struct file_mark *out, int fd); /* ERR_IO; ERR_PATH: no regular file */

/* Opens a regular file for reading. ERR_PATH (leaves the root, a link on the way, or no regular
 * file), ERR_NOT_FOUND, ERR_IO. */
int root_open_file(int *fd, struct file_mark *mark, int root, const char *path);
/* Opens a file for writing, made with mode 0600 if it is not there. Errors as above, ERR_DISK_FULL.
 */
int root_open_part(int *fd, int root, const char *path);
/* Makes one directory (0700) beneath the root, or finds it, and opens it. */
int root_make_directory(int *fd, int root, const char *name);
/* Puts a finished, synced file in its place: rename, then sync of the directory. */
int root_rename(int directory, const char *from, const char *to);

/* Whether a name from outside may become a file's name here: 1 to 200 bytes of valid UTF-8 without
 * slash or control characters, not starting with a dot or ending with ".part". */
bool file_name_valid(const char *name);

#endif
