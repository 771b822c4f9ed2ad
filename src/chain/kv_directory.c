/* LevelDB syncs what it writes to a file, and its directory only before its manifest. In between
 * stand two names on which everything hangs:
 *
 *   CURRENT   renamed into place at every open; synced here when the store has been opened
 *   NNNNNN.log  begun whenever the memory table is full, in the middle of a write. Records synced
 * in it are acknowledged while the manifest, and with it the name, is synced only after the old
 * table was written out. A file system may keep a file and lose its name; so the directory is
 * synced before the write counts.
 *
 * Whether there is a new log is looked up only if the directory has changed. Times of directories
 * are coarse, so one that changed just now is looked at again.
 *
 * The file "made" says that a store was made here. Without it LevelDB would take a directory whose
 * CURRENT is missing for a new one and begin anew over what is there. */
#include "chain/kv_directory.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MADE "made"
#define COARSE_S 2 /* no file system's times are coarser */

/* LevelDB's own lock belongs to the process and is lost as soon as the process opens the directory
 * a second time (POSIX drops it when any descriptor of the file is closed, and LevelDB closes one
 * on its way to refuse). This one belongs to the descriptor. */
int kv_lock_take(int *out, const char *directory)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "%s/dirchain.lock", directory);
    int fd = open(buf_text(&path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_error(errno);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        int error = errno == EWOULDBLOCK ? ERR_BUSY : file_error(errno);
        close(fd);
        return error;
    }
    *out = fd;
    return OK;
}

/* ---- that it was made ---- */

int kv_was_made(bool *made, const char *directory)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "%s/" MADE, directory);
    *made = access(buf_text(&path), F_OK) == 0;
    return *made || errno == ENOENT ? OK : file_error(errno);
}

int kv_set_made(const char *directory)
{
    AUTO(buf_free) struct buf path = {0};
    buf_append_format(&path, "%s/" MADE, directory);
    int error = file_create(buf_text(&path), (struct view){0}, 0600);
    return error == ERR_EXISTS ? OK : error;
}

/* ---- names ---- */

/* The number of "NNNNNN.log", 0 for any other name. */
static uint64_t log_number(const char *name)
{
    uint64_t number = 0;
    int used = 0;
    bool is_log =
        sscanf(name, "%" SCNu64 ".log%n", &number, &used) == 1 && used > 0 && name[used] == '\0';
    return is_log ? number : 0;
}

static int find_newest_log(uint64_t *out, int directory)
{
    int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *listing = fd >= 0 ? fdopendir(fd) : NULL;
    if (listing == NULL) {
        int error = file_error(errno);
        if (fd >= 0)
            close(fd);
        return error;
    }
    *out = 0;
    errno = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        uint64_t number = log_number(entry->d_name);
        *out = number > *out ? number : *out;
    }
    int error = file_error(errno);
    closedir(listing);
    return error;
}

int kv_newest_log(uint64_t *out, const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return file_error(errno);
    int error = find_newest_log(out, fd);
    close(fd);
    return error;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Whether something may have happened since the directory was last looked at. */
static int look(bool *changed, struct kv_names *names)
{
    struct stat status;
    struct timespec now;
    if (fstat(names->fd, &status) != 0)
        return file_error(errno);
    *changed = !same_time(&status.st_mtim, &names->changed);
    names->changed = status.st_mtim;
    /* The next change could bear the same time: not to be told apart, so it is not kept. */
    if (clock_gettime(CLOCK_REALTIME, &now) != 0 || now.tv_sec < status.st_mtim.tv_sec + COARSE_S)
        names->changed = (struct timespec){0};
    return OK;
}

int kv_names_settle(struct kv_names *names)
{
    bool changed = false;
    uint64_t log = names->log;
    int error = look(&changed, names);
    if (error == 0 && changed)
        error = find_newest_log(&log, names->fd);
    if (error != 0 || log == names->log)
        return error;
    if (fsync(names->fd) != 0)
        return file_error(errno);
    names->log = log;
    return OK;
}

int kv_names_open(struct kv_names *out, const char *directory)
{
    *out = (struct kv_names){.fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (out->fd < 0)
        return file_error(errno);
    /* First what there is, then the sync: a name that comes later is found to be new. */
    int error = find_newest_log(&out->log, out->fd);
    if (error == 0 && fsync(out->fd) != 0)
        error = file_error(errno);
    if (error != 0)
        kv_names_close(out);
    return error;
}

void kv_names_close(struct kv_names *names)
{
    if (names->fd >= 0)
        close(names->fd);
    names->fd = -1;
}
