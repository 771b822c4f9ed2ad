/* The journal, the faults, and which paths are looked at. */
#define _GNU_SOURCE
#include "disk.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAGIC 0x4b534944u /* "DISK" */
#define NOTED_BYTES_MAX ((size_t)256 << 10)

/* Little-endian, packed; followed by path, path_to and data. */
struct __attribute__((packed)) entry {
    uint32_t magic;
    uint32_t flags;
    uint64_t number; /* from 1; of all entries */
    uint64_t time_ns;
    uint32_t thread;
    uint8_t op;
    uint8_t fault;
    uint8_t counted;
    uint8_t spare;
    int64_t result; /* or -errno */
    int64_t offset;
    uint64_t length;
    uint32_t path_bytes;
    uint32_t path_to_bytes;
    uint64_t data_bytes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char home[PATH_MAX];
static size_t home_len;
static int journal = -1;
static struct disk_control *control;
static uint64_t number;
static long (*real_syscall)(long number, ...);

static void fail(const char *what)
{
    perror(what);
    abort();
}

static void start(void)
{
    real_syscall = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    const char *directory = getenv("DISK_HOME"), *path = getenv("DISK_JOURNAL");
    const char *armed = getenv("DISK_CONTROL");
    if (!directory || !path || !armed)
        return;
    journal = (int)real_syscall(SYS_openat, AT_FDCWD, path,
                                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int fd = (int)real_syscall(SYS_openat, AT_FDCWD, armed, O_RDWR | O_CLOEXEC, 0);
    if (journal < 0 || fd < 0)
        fail("DISK_JOURNAL, DISK_CONTROL");
    void *map = (void *)real_syscall(SYS_mmap, NULL, sizeof *control, PROT_READ | PROT_WRITE,
                                     MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        fail("DISK_CONTROL");
    control = map;
    real_syscall(SYS_close, fd);
    home_len = (size_t)snprintf(home, sizeof home, "%s", directory);
}

long disk_system(long call, ...)
{
    pthread_once(&once, start);
    va_list list;
    va_start(list, call);
    long a[6];
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(list, long);
    va_end(list);
    return real_syscall(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* ---- paths ---- */

static bool is_below(const char *path)
{
    return home_len > 0 && strncmp(path, home, home_len) == 0 &&
           (path[home_len] == '/' || path[home_len] == '\0');
}

static bool read_link(char out[PATH_MAX], int fd)
{
    char name[40];
    snprintf(name, sizeof name, fd == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", fd);
    long len = real_syscall(SYS_readlinkat, AT_FDCWD, name, out, PATH_MAX - 1);
    out[len > 0 ? len : 0] = '\0';
    return len > 0;
}

bool disk_path_of(struct disk_call *call, int fd)
{
    pthread_once(&once, start);
    int saved = errno;
    bool found = home_len > 0 && fd >= 0 && fd != journal && read_link(call->path, fd);
    errno = saved;
    return found && is_below(call->path);
}

bool disk_path_at(char path[PATH_MAX], int directory, const char *name)
{
    pthread_once(&once, start);
    if (home_len == 0)
        return false;
    char base[PATH_MAX] = "";
    int saved = errno;
    bool found = name[0] == '/' || read_link(base, directory);
    errno = saved;
    size_t len = (size_t)snprintf(path, PATH_MAX, "%s%s%s", base, name[0] == '/' ? "" : "/", name);
    while (len > 1 && len < PATH_MAX && path[len - 1] == '/')
        path[--len] = '\0';
    return found && len < PATH_MAX && is_below(path);
}

/* ---- journal ---- */

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void append(struct entry *entry, const char *path, const char *path_to, const void *data)
{
    struct iovec parts[] = {{entry, sizeof *entry},
                            {(void *)(uintptr_t)path, entry->path_bytes},
                            {(void *)(uintptr_t)path_to, entry->path_to_bytes},
                            {(void *)(uintptr_t)data, entry->data_bytes}};
    size_t all = sizeof *entry + entry->path_bytes + entry->path_to_bytes + entry->data_bytes;
    if (real_syscall(SYS_writev, journal, parts, 4) != (long)all)
        fail("DISK_JOURNAL");
}

static void record(const struct disk_call *call, long result)
{
    bool wrote = call->op == DISK_WRITE && result > 0;
    struct entry entry = {.magic = MAGIC,
                          .flags = call->flags,
                          .number = ++number,
                          .time_ns = now_ns(),
                          .thread = (uint32_t)gettid(),
                          .op = (uint8_t)call->op,
                          .fault = (uint8_t)call->fault,
                          .counted = 1,
                          .result = result,
                          .offset = call->offset,
                          .length = call->length,
                          .path_bytes = (uint32_t)strlen(call->path),
                          .path_to_bytes = (uint32_t)strlen(call->path_to),
                          .data_bytes = wrote ? (uint64_t)result : 0};
    append(&entry, call->path, call->path_to, call->data);
}

void disk_note(enum disk_op op, const char *path, uint64_t channel, const void *data, size_t bytes)
{
    pthread_once(&once, start);
    if (home_len == 0)
        return;
    int saved = errno;
    pthread_mutex_lock(&lock);
    struct entry entry = {.magic = MAGIC,
                          .number = ++number,
                          .time_ns = now_ns(),
                          .thread = (uint32_t)gettid(),
                          .op = (uint8_t)op,
                          .length = channel,
                          .path_bytes = (uint32_t)strlen(path),
                          .data_bytes = bytes < NOTED_BYTES_MAX ? bytes : NOTED_BYTES_MAX};
    append(&entry, path, "", data);
    pthread_mutex_unlock(&lock);
    errno = saved;
}

/* ---- faults ---- */

static bool in_scope(const struct disk_call *call)
{
    const char *name = strrchr(call->path, '/') + 1;
    bool explorer = strncmp(name, "explorer.sqlite", 15) == 0;
    bool diary = strcmp(name, "LOG") == 0 || strcmp(name, "LOG.old") == 0;
    switch (atomic_load(&control->scope)) {
    case DISK_LEDGER:
        return !explorer && !diary;
    case DISK_EXPLORER:
        return explorer;
    default:
        return true;
    }
}

static bool lasts(enum disk_fault fault)
{
    return fault == DISK_EIO_ON || fault == DISK_ENOSPC_ON;
}

/* The fault that meets this call. */
static enum disk_fault choose(const struct disk_call *call)
{
    enum disk_fault fault = atomic_load(&control->fault);
    if (atomic_load(&control->fired))
        return lasts(fault) ? fault : DISK_NO_FAULT;
    if (!in_scope(call))
        return DISK_NO_FAULT;
    atomic_fetch_add(&control->calls, 1);
    uint64_t countdown = atomic_load(&control->countdown);
    if (countdown == 0)
        return DISK_NO_FAULT;
    atomic_store(&control->countdown, countdown - 1);
    if (countdown > 1)
        return DISK_NO_FAULT;
    atomic_store(&control->fired, number + 1);
    return fault;
}

/* A full disk still lets go: what takes no room goes well. */
static bool takes_room(const struct disk_call *call)
{
    return call->op == DISK_WRITE || call->op == DISK_CREATE || call->op == DISK_ALLOCATE ||
           call->op == DISK_MKDIR || call->op == DISK_SYNC || call->op == DISK_LINK ||
           call->op == DISK_RENAME;
}

static void die(void)
{
    real_syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        pause();
}

void disk_begin(struct disk_call *call)
{
    pthread_mutex_lock(&lock);
    call->fault = choose(call);
    call->error = 0;
    switch (call->fault) {
    case DISK_KILL_WITHIN:
        if (call->op == DISK_WRITE && call->bytes > 1) {
            call->bytes /= 2;
            break;
        }
        __attribute__((fallthrough));
    case DISK_KILL_BEFORE:
        record(call, -ECANCELED);
        die();
        break;
    case DISK_EIO:
    case DISK_EIO_ON:
        call->error = EIO;
        break;
    case DISK_ENOSPC:
    case DISK_ENOSPC_ON:
        call->error = takes_room(call) ? ENOSPC : 0;
        break;
    case DISK_SHORT:
        call->bytes -= call->bytes / 2;
        break;
    default:
        break;
    }
}

long disk_end(struct disk_call *call, long result)
{
    int saved = call->error ? call->error : errno;
    if (call->error)
        result = -1;
    record(call, result < 0 ? -saved : result);
    if (call->fault == DISK_KILL_AFTER || call->fault == DISK_KILL_WITHIN)
        die();
    pthread_mutex_unlock(&lock);
    errno = saved;
    return result;
}
