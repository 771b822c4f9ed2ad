/* Files. Owns how bytes become durable: a new file is written under a temporary name in the same
 * directory, synced, moved into place, and then the directory is synced. A reader sees the old
 * contents or the new, never a part. A crash may leave a "<path>.XXXXXX" behind; it is never read
 * and may be deleted. */
#include "base/file.h"

#include "base/errors.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP_BYTES 65536

static void fd_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

int file_error(int errno_value)
{
    switch (errno_value) {
    case 0:
        return 0;
    case ENOSPC:
    case EDQUOT:
    case EFBIG: /* RLIMIT_FSIZE */
        return ERR_DISK_FULL;
    case ENOENT:
        return ERR_NOT_FOUND;
    case ENOTDIR:
        return ERR_NOT_DIRECTORY;
    case ELOOP:
        return ERR_LINK_LOOP;
    case EEXIST:
        return ERR_EXISTS;
    case EBUSY:
    case EWOULDBLOCK: /* a lock that another process holds */
        return ERR_BUSY;
    default:
        return ERR_IO;
    }
}

static int read_file(struct buf *out, const char *path, size_t bytes_max, bool private)
{
    buf_clear(out);
    /* Non-blocking, so that a pipe or device under this name cannot hold us up. */
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return file_error(errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return ERR_NOT_FILE;
    }
    if (private && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return ERR_PERMISSION;
    }
    if (status.st_size > 0 && (uintmax_t)status.st_size > bytes_max) {
        return ERR_TOO_LARGE;
    }
    /* The size is only a hint: files grow, and those under /proc say 0. */
    buf_reserve(out, (size_t)status.st_size + 1);
    for (;;) {
        if (out->len == out->capacity) {
            buf_reserve(out, READ_STEP_BYTES);
        }
        ssize_t got = read(fd, out->data + out->len, out->capacity - out->len);
        if (got == 0) {
            return 0;
        }
        if (got > 0) {
            out->len += (size_t)got;
        }
        if ((got < 0 && errno != EINTR) || out->len > bytes_max) {
            buf_clear(out);
            return got < 0 ? file_error(errno) : ERR_TOO_LARGE;
        }
    }
}

int file_read(struct buf *out, const char *path, size_t bytes_max)
{
    return read_file(out, path, bytes_max, false);
}

int file_read_private(struct buf *out, const char *path, size_t bytes_max)
{
    return read_file(out, path, bytes_max, true);
}

int file_write_all(int fd, struct view data, uint64_t offset)
{
    size_t done = 0;
    while (done < data.len) {
        ssize_t put = pwrite(fd, data.data + done, data.len - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return put < 0 ? file_error(errno) : ERR_IO;
        }
        done += (size_t)put;
    }
    return 0;
}

int file_read_all(int fd, void *out, size_t len, uint64_t offset)
{
    size_t done = 0;
    while (done < len) {
        ssize_t got = pread(fd, (uint8_t *)out + done, len - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return ERR_IO;
        }
        done += (size_t)got;
    }
    return 0;
}

int file_sync_directory(const char *directory)
{
    AUTO(fd_close) int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) != 0 ? file_error(errno) : 0;
}

/* Syncs the directory that holds `path`. */
static int sync_parent(const char *path)
{
    AUTO(buf_free) struct buf parent = {0};
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return file_sync_directory(".");
    }
    buf_append(&parent, path, slash == path ? 1 : (size_t)(slash - path));
    return file_sync_directory(buf_text(&parent));
}

/* Moves without replacing. Some file systems know no RENAME_NOREPLACE; a hard link refuses too. */
static int move_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return file_error(errno);
    }
    if (link(from, to) != 0) {
        return file_error(errno);
    }
    return unlink(from) == 0 ? 0 : file_error(errno);
}

static int write_and_sync(int fd, struct view data, unsigned mode)
{
    if (fchmod(fd, (mode_t)mode) != 0) {
        return file_error(errno);
    }
    int error = file_write_all(fd, data, 0);
    if (error == 0 && fsync(fd) != 0) {
        error = file_error(errno);
    }
    return error;
}

static int write_file(const char *path, struct view data, unsigned mode, bool replace)
{
    AUTO(buf_free) struct buf name = {0};
    buf_append_text(&name, path);
    buf_append_text(&name, ".XXXXXX");
    buf_text(&name);
    char *temporary = (char *)name.data;
    AUTO(fd_close) int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        return file_error(errno);
    }
    int error = write_and_sync(fd, data, mode);
    if (error == 0 && replace && rename(temporary, path) != 0) {
        error = file_error(errno);
    }
    if (error == 0 && !replace) {
        error = move_new(temporary, path);
    }
    if (error != 0) {
        unlink(temporary);
        return error;
    }
    return sync_parent(path);
}

int file_write_atomic(const char *path, struct view data, unsigned mode)
{
    return write_file(path, data, mode, true);
}

int file_create(const char *path, struct view data, unsigned mode)
{
    return write_file(path, data, mode, false);
}

static int make_one_directory(const char *path, unsigned mode)
{
    struct stat status;
    if (mkdir(path, (mode_t)mode) == 0) {
        return sync_parent(path);
    }
    if (errno != EEXIST) {
        return file_error(errno);
    }
    if (stat(path, &status) != 0) { /* a link that leads nowhere or in a circle */
        return file_error(errno);
    }
    return S_ISDIR(status.st_mode) ? 0 : ERR_NOT_DIRECTORY;
}

int file_make_directory(const char *path, unsigned mode)
{
    AUTO(buf_free) struct buf partial = {0};
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') {
        len--;
    }
    for (size_t i = 0; i < len; i++) {
        if (path[i] == '/' && i > 0 && path[i - 1] != '/') {
            int error = make_one_directory(buf_text(&partial), mode);
            if (error != 0) {
                return error;
            }
        }
        buf_append(&partial, path + i, 1);
    }
    return make_one_directory(buf_text(&partial), mode);
}
