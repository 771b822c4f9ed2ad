/* Paths beneath a root, by openat2. */
#include "exchange/paths.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILE_NAME_BYTES_MAX 200
#define TRIES_MAX 8 /* openat2 gives EAGAIN when a rename races with it */

void fd_close(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

/* EXDEV: out of the root; ELOOP: a link; EISDIR, ENXIO: not a file to be read or written. */
static int resolve_error(int errno_value)
{
    switch (errno_value) {
    case ENOTDIR: /* nothing of that name, as far as who asks is concerned */
        return ERR_NOT_FOUND;
    case EXDEV:
    case ELOOP:
    case EISDIR:
    case ENXIO:
        return ERR_PATH;
    case ENOSYS:
    case EPERM: /* a sandbox that does not let it through */
        return ERR_UNAVAILABLE;
    default:
        return file_error(errno_value);
    }
}

static int open_beneath(int *fd, int root, const char *path, uint64_t flags, uint64_t mode)
{
    struct open_how how = {.flags = flags | O_CLOEXEC,
                           .mode = mode,
                           .resolve =
                               RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
    long opened = -1;
    for (int tries = 0; opened < 0 && tries < TRIES_MAX; tries++) {
        opened = syscall(SYS_openat2, root, path, &how, sizeof how);
        if (opened < 0 && errno != EAGAIN && errno != EINTR) {
            break;
        }
    }
    *fd = (int)opened;
    return opened < 0 ? resolve_error(errno) : 0;
}

int root_open(int *fd, const char *directory)
{
    AUTO(fd_close) int probe = -1;
    *fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) {
        return file_error(errno);
    }
    int error = open_beneath(&probe, *fd, ".", O_RDONLY | O_DIRECTORY, 0);
    if (error != 0) {
        fd_close(fd);
    }
    if (error == ERR_UNAVAILABLE) {
        log_write(LOG_ERROR, "exchange",
                  "openat2 is needed to serve files beneath a root; this kernel or sandbox does "
                  "not offer it (Linux 5.6 or later)");
    }
    return error;
}

bool file_mark_equal(const struct file_mark *a, const struct file_mark *b)
{
    return a->device == b->device && a->inode == b->inode && a->bytes == b->bytes &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

static int64_t time_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * INT64_C(1000000000) + (int64_t)time->tv_nsec;
}

int file_mark_of(struct file_mark *out, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return ERR_IO;
    }
    if (!S_ISREG(status.st_mode)) {
        return ERR_PATH;
    }
    *out = (struct file_mark){.device = (uint64_t)status.st_dev,
                              .inode = (uint64_t)status.st_ino,
                              .bytes = (uint64_t)status.st_size,
                              .modified_ns = time_ns(&status.st_mtim),
                              .changed_ns = time_ns(&status.st_ctim)};
    return 0;
}

int root_open_file(int *fd, struct file_mark *mark, int root, const char *path)
{
    /* Non-blocking, so that a pipe under this name cannot hold us up before fstat tells. */
    int error = open_beneath(fd, root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    error = error != 0 ? error : file_mark_of(mark, *fd);
    if (error != 0) {
        fd_close(fd);
    }
    return error;
}

int root_open_part(int *fd, int root, const char *path)
{
    struct file_mark mark;
    int error = open_beneath(fd, root, path, O_RDWR | O_CREAT | O_NONBLOCK | O_NOCTTY, 0600);
    error = error != 0 ? error : file_mark_of(&mark, *fd);
    if (error != 0) {
        fd_close(fd);
    }
    return error;
}

int root_make_directory(int *fd, int root, const char *name)
{
    *fd = -1;
    if (mkdirat(root, name, 0700) == 0) {
        if (fsync(root) != 0) {
            return file_error(errno);
        }
    } else if (errno != EEXIST) {
        return file_error(errno);
    }
    return open_beneath(fd, root, name, O_RDONLY | O_DIRECTORY, 0);
}

int root_rename(int directory, const char *from, const char *to)
{
    if (renameat(directory, from, directory, to) != 0 || fsync(directory) != 0) {
        return file_error(errno);
    }
    return 0;
}

bool file_name_valid(const char *name)
{
    size_t len = name == NULL ? 0 : strnlen(name, FILE_NAME_BYTES_MAX + 1);
    if (len == 0 || len > FILE_NAME_BYTES_MAX || name[0] == '.' || strchr(name, '/') != NULL ||
        strpbrk(name, "\n\t") != NULL) {
        return false;
    }
    static const char part[] = ".part";
    size_t tail = sizeof part - 1;
    return (len < tail || strcmp(name + len - tail, part) != 0) &&
           doc_text_valid(view_of(name, len));
}
