/* The functions of libc that change files, and those by which words leave the process, each in the
 * place of the real one. The check that none is missing is that the journal explains every byte of
 * the home (tests/crash). */
#define _GNU_SOURCE
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define ALIAS(name) __attribute__((alias(#name)))
#define GATHERED_BYTES_MAX ((size_t)256 << 10)

/* ---- opening ---- */

/* 1: would be made, 2: would be cut, 0: neither. */
static int changes(int directory, const char *name, int flags)
{
    struct stat status;
    bool there = disk_system(SYS_newfstatat, (long)directory, name, &status, 0L) == 0;
    if (!there)
        return (flags & O_CREAT) != 0;
    return (flags & O_TRUNC) != 0 && status.st_size > 0 ? 2 : 0;
}

static int open_any(int directory, const char *name, int flags, unsigned mode)
{
    struct disk_call call = {.op = DISK_CREATE, .flags = (uint32_t)flags};
    int change = 0;
    if ((flags & (O_CREAT | O_TRUNC)) != 0 && disk_path_at(call.path, directory, name))
        change = changes(directory, name, flags);
    if (change == 0)
        return (int)disk_system(SYS_openat, (long)directory, name, (long)flags, (long)mode);
    call.length = (uint64_t)change;
    disk_begin(&call);
    long fd =
        call.error ? -1 : disk_system(SYS_openat, (long)directory, name, (long)flags, (long)mode);
    return (int)disk_end(&call, fd);
}

static unsigned mode_of(int flags, va_list list)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(list, unsigned) : 0;
}

int open(const char *name, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = mode_of(flags, list);
    va_end(list);
    return open_any(AT_FDCWD, name, flags, mode);
}

int openat(int directory, const char *name, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = mode_of(flags, list);
    va_end(list);
    return open_any(directory, name, flags, mode);
}

int open64(const char *name, int flags, ...) ALIAS(open);
int openat64(int directory, const char *name, int flags, ...) ALIAS(openat);

int creat(const char *name, mode_t mode)
{
    return open_any(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* The product asks for openat2 by its number. */
long syscall(long number, ...)
{
    va_list list;
    va_start(list, number);
    long a[6];
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    struct disk_call call = {.op = DISK_CREATE};
    const uint64_t *how = (const uint64_t *)a[2]; /* struct open_how: flags, mode, resolve */
    if (number != SYS_openat2 || (how[0] & (O_CREAT | O_TRUNC)) == 0 ||
        !disk_path_at(call.path, (int)a[0], (const char *)a[1]))
        return disk_system(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    call.length = (uint64_t)changes((int)a[0], (const char *)a[1], (int)how[0]);
    if (call.length == 0)
        return disk_system(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    disk_begin(&call);
    return disk_end(&call, call.error ? -1 : disk_system(number, a[0], a[1], a[2], a[3]));
}

int mkostemp(char *template, int flags)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    static _Atomic unsigned counter;
    char *end = template + strlen(template) - 6;
    for (unsigned attempt = 0; attempt < 1000; attempt++) {
        unsigned value = (unsigned)getpid() * 1000 + counter++;
        for (int i = 0; i < 6; i++, value /= 36)
            end[i] = letters[value % 36];
        int fd = open_any(AT_FDCWD, template, flags | O_RDWR | O_CREAT | O_EXCL, 0600);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

int mkostemp64(char *template, int flags) ALIAS(mkostemp);

int mkstemp(char *template)
{
    return mkostemp(template, 0);
}

/* ---- writing ---- */

static long write_at(int fd, const void *data, size_t len, bool here, off_t offset)
{
    struct disk_call call = {.op = DISK_WRITE, .offset = offset, .data = data, .bytes = len};
    long number = here ? SYS_write : SYS_pwrite64;
    if (!disk_path_of(&call, fd))
        return disk_system(number, (long)fd, data, len, offset);
    if (here && (fcntl(fd, F_GETFL) & O_APPEND)) {
        struct stat status;
        call.offset = fstat(fd, &status) == 0 ? status.st_size : 0;
    } else if (here) {
        call.offset = lseek(fd, 0, SEEK_CUR);
    }
    disk_begin(&call);
    return disk_end(&call,
                    call.error ? -1 : disk_system(number, (long)fd, data, call.bytes, offset));
}

ssize_t write(int fd, const void *data, size_t len)
{
    return write_at(fd, data, len, true, 0);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    return write_at(fd, data, len, false, offset);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset) ALIAS(pwrite);

static size_t gather(uint8_t *out, const struct iovec *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count && len < GATHERED_BYTES_MAX; i++) {
        size_t room = GATHERED_BYTES_MAX - len;
        size_t take = parts[i].iov_len < room ? parts[i].iov_len : room;
        memcpy(out + len, parts[i].iov_base, take);
        len += take;
    }
    return len;
}

static long write_parts(int fd, const struct iovec *parts, int count, bool here, off_t offset)
{
    struct disk_call call;
    long number = here ? SYS_writev : SYS_pwritev;
    if (!disk_path_of(&call, fd))
        return disk_system(number, (long)fd, parts, (long)count, offset, 0L);
    uint8_t *all = malloc(GATHERED_BYTES_MAX);
    long put = write_at(fd, all, gather(all, parts, (size_t)count), here, offset);
    free(all);
    return put;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    return write_parts(fd, parts, count, true, 0);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset)
{
    return write_parts(fd, parts, count, false, offset);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset) ALIAS(pwritev);

/* Streams write past the functions above, so they get a cookie that does not. */
static ssize_t cookie_write(void *cookie, const char *data, size_t len)
{
    ssize_t put = write((int)(intptr_t)cookie, data, len);
    return put < 0 ? 0 : put;
}

static ssize_t cookie_read(void *cookie, char *data, size_t len)
{
    return read((int)(intptr_t)cookie, data, len);
}

static int cookie_close(void *cookie)
{
    return close((int)(intptr_t)cookie);
}

FILE *fdopen(int fd, const char *mode)
{
    struct disk_call call;
    if (disk_path_of(&call, fd) && strpbrk(mode, "wa+"))
        return fopencookie((void *)(intptr_t)fd, mode,
                           (cookie_io_functions_t){
                               .read = cookie_read, .write = cookie_write, .close = cookie_close});
    static FILE *(*real)(int, const char *);
    if (!real)
        real = (FILE * (*)(int, const char *)) dlsym(RTLD_NEXT, "fdopen");
    return real(fd, mode);
}

FILE *fopen(const char *name, const char *mode)
{
    char path[PATH_MAX];
    if (strpbrk(mode, "wa") && disk_path_at(path, AT_FDCWD, name)) {
        int flags = O_CREAT | O_CLOEXEC | (mode[0] == 'w' ? O_TRUNC : O_APPEND);
        int fd = open(name, flags | (strchr(mode, '+') ? O_RDWR : O_WRONLY), 0666);
        return fd < 0 ? NULL : fdopen(fd, mode);
    }
    static FILE *(*real)(const char *, const char *);
    if (!real)
        real = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, "fopen");
    return real(name, mode);
}

FILE *fopen64(const char *name, const char *mode) ALIAS(fopen);

/* ---- sizes ---- */

static long resize(int fd, enum disk_op op, long number, long a, long b, long c)
{
    struct disk_call call = {.op = op,
                             .length = (uint64_t)(op == DISK_TRUNCATE ? a : c),
                             .offset = op == DISK_TRUNCATE ? 0 : b,
                             .flags = op == DISK_TRUNCATE ? 0 : (uint32_t)a};
    if (!disk_path_of(&call, fd))
        return disk_system(number, (long)fd, a, b, c);
    disk_begin(&call);
    return disk_end(&call, call.error ? -1 : disk_system(number, (long)fd, a, b, c));
}

int ftruncate(int fd, off_t length)
{
    return (int)resize(fd, DISK_TRUNCATE, SYS_ftruncate, length, 0, 0);
}

int ftruncate64(int fd, off64_t length) ALIAS(ftruncate);

int fallocate(int fd, int mode, off_t offset, off_t length)
{
    return (int)resize(fd, DISK_ALLOCATE, SYS_fallocate, mode, offset, length);
}

int fallocate64(int fd, int mode, off64_t offset, off64_t length) ALIAS(fallocate);

int posix_fallocate(int fd, off_t offset, off_t length)
{
    return fallocate(fd, 0, offset, length) == 0 ? 0 : errno;
}

int posix_fallocate64(int fd, off64_t offset, off64_t length) ALIAS(posix_fallocate);

int truncate(const char *name, off_t length)
{
    int fd = open(name, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    int result = ftruncate(fd, length), saved = errno;
    close(fd);
    errno = saved;
    return result;
}

int truncate64(const char *name, off64_t length) ALIAS(truncate);

/* ---- syncing ---- */

static int sync_any(int fd, long number, bool data_only, long a, long b, long c)
{
    struct disk_call call = {.op = DISK_SYNC, .length = data_only};
    if (!disk_path_of(&call, fd))
        return (int)disk_system(number, (long)fd, a, b, c);
    disk_begin(&call);
    return (int)disk_end(&call, call.error ? -1 : disk_system(number, (long)fd, a, b, c));
}

int fsync(int fd)
{
    return sync_any(fd, SYS_fsync, false, 0, 0, 0);
}

int fdatasync(int fd)
{
    return sync_any(fd, SYS_fdatasync, true, 0, 0, 0);
}

/* Names of files are not in the directory entry that would make it count for more than data. */
int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags)
{
    return sync_any(fd, SYS_sync_file_range, true, offset, length, (long)flags);
}

/* ---- names ---- */

static int name_any(enum disk_op op, int directory, const char *name, long number, long a, long b)
{
    struct disk_call call = {.op = op};
    if (!disk_path_at(call.path, directory, name))
        return (int)disk_system(number, (long)directory, name, a, b);
    disk_begin(&call);
    return (int)disk_end(&call, call.error ? -1 : disk_system(number, (long)directory, name, a, b));
}

static int pair_any(enum disk_op op, int from_directory, const char *from, int to_directory,
                    const char *to, unsigned flags)
{
    long number = op == DISK_RENAME ? SYS_renameat2 : SYS_linkat;
    struct disk_call call = {.op = op, .flags = flags};
    if (!disk_path_at(call.path, from_directory, from) |
        !disk_path_at(call.path_to, to_directory, to))
        return (int)disk_system(number, (long)from_directory, from, (long)to_directory, to,
                                (long)flags);
    disk_begin(&call);
    return (int)disk_end(&call, call.error ? -1
                                           : disk_system(number, (long)from_directory, from,
                                                         (long)to_directory, to, (long)flags));
}

int rename(const char *from, const char *to)
{
    return pair_any(DISK_RENAME, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int renameat(int from_directory, const char *from, int to_directory, const char *to)
{
    return pair_any(DISK_RENAME, from_directory, from, to_directory, to, 0);
}

int renameat2(int from_directory, const char *from, int to_directory, const char *to,
              unsigned flags)
{
    return pair_any(DISK_RENAME, from_directory, from, to_directory, to, flags);
}

int link(const char *from, const char *to)
{
    return pair_any(DISK_LINK, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_directory, const char *from, int to_directory, const char *to, int flags)
{
    return pair_any(DISK_LINK, from_directory, from, to_directory, to, (unsigned)flags);
}

int unlinkat(int directory, const char *name, int flags)
{
    struct stat status; /* and so does what is not there */
    if (disk_system(SYS_newfstatat, (long)directory, name, &status, (long)AT_SYMLINK_NOFOLLOW) != 0)
        return (int)disk_system(SYS_unlinkat, (long)directory, name, (long)flags);
    return name_any(flags & AT_REMOVEDIR ? DISK_RMDIR : DISK_UNLINK, directory, name, SYS_unlinkat,
                    flags, 0);
}

int unlink(const char *name)
{
    return unlinkat(AT_FDCWD, name, 0);
}

int rmdir(const char *name)
{
    return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

int remove(const char *name)
{
    struct stat status;
    return stat(name, &status) == 0 && S_ISDIR(status.st_mode) ? rmdir(name) : unlink(name);
}

int mkdirat(int directory, const char *name, mode_t mode)
{
    struct stat status; /* what is there already changes nothing */
    if (disk_system(SYS_newfstatat, (long)directory, name, &status, 0L) == 0)
        return (int)disk_system(SYS_mkdirat, (long)directory, name, (long)mode);
    return name_any(DISK_MKDIR, directory, name, SYS_mkdirat, (long)mode, 0);
}

int mkdir(const char *name, mode_t mode)
{
    return mkdirat(AT_FDCWD, name, mode);
}

/* ---- mappings ---- */

void *mmap(void *address, size_t len, int protection, int flags, int fd, off_t offset)
{
    struct disk_call call;
    bool shared = (flags & MAP_TYPE) == MAP_SHARED || (flags & MAP_TYPE) == MAP_SHARED_VALIDATE;
    if (fd >= 0 && shared && (protection & PROT_WRITE) && disk_path_of(&call, fd))
        disk_note(DISK_MAP, call.path, len, NULL, 0);
    return (void *)disk_system(SYS_mmap, address, len, (long)protection, (long)flags, (long)fd,
                               offset);
}

void *mmap64(void *address, size_t len, int protection, int flags, int fd, off64_t offset)
    ALIAS(mmap);

/* ---- what leaves ---- */

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    disk_note(DISK_TOLD, "", (uint64_t)fd, data, len);
    return disk_system(SYS_sendto, (long)fd, data, len, (long)flags, NULL, 0L);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    uint8_t *all = malloc(GATHERED_BYTES_MAX);
    size_t len = gather(all, message->msg_iov, message->msg_iovlen);
    disk_note(DISK_TOLD, "", (uint64_t)fd, all, len);
    free(all);
    return disk_system(SYS_sendmsg, (long)fd, message, (long)flags);
}

typedef struct ssl_st SSL;
extern int SSL_write_ex(SSL *channel, const void *data, size_t len, size_t *put);

int SSL_write_ex(SSL *channel, const void *data, size_t len, size_t *put)
{
    static int (*real)(SSL *, const void *, size_t, size_t *);
    if (!real)
        real = (int (*)(SSL *, const void *, size_t, size_t *))dlsym(RTLD_NEXT, "SSL_write_ex");
    disk_note(DISK_SENT, "", (uint64_t)(uintptr_t)channel, data, len);
    return real(channel, data, len, put);
}
