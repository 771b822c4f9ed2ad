/* The safety record in a real file, held by one process only.
 *
 * Two locks: flock on the file, so that nobody else writes it, and the name of an abstract socket
 * made from the vote key, so that a second home with a copy of the key does not run beside the
 * first on one host. The kernel drops both when the process ends, however it ends. */
#include "consensus/safety.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct safety_file {
    int fd;
    int key_lock; /* bound socket */
};

static void file_close(void *context)
{
    struct safety_file *file = context;
    if (file->fd >= 0)
        close(file->fd);
    if (file->key_lock >= 0)
        close(file->key_lock);
    memory_free(file);
}

static int file_read_at(void *context, void *out, size_t len, uint64_t offset)
{
    return file_read_all(((struct safety_file *)context)->fd, out, len, offset);
}

static int file_write_at(void *context, struct view data, uint64_t offset)
{
    return file_write_all(((struct safety_file *)context)->fd, data, offset);
}

static int file_sync(void *context)
{
    /* The file never grows, so its data is all there is to sync. */
    return fdatasync(((struct safety_file *)context)->fd) == 0 ? OK : file_error(errno);
}

static int lock_key(int *out, const struct vote_key *key)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char *name = address.sun_path + 1; /* a leading NUL makes it abstract */
    static const char prefix[] = "dirchain/vote-key/";
    memcpy(name, prefix, sizeof prefix - 1);
    hex_encode(name + sizeof prefix - 1, view_of(key->bytes, VOTE_KEY_BYTES));
    socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
    *out = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*out < 0)
        return file_error(errno);
    if (bind(*out, (struct sockaddr *)&address, len) == 0)
        return OK;
    return errno == EADDRINUSE ? ERR_VOTE_KEY_BUSY : file_error(errno);
}

static int open_and_lock(struct safety_file *file, const char *path, const struct vote_key *key)
{
    /* The directory may be a link, the record not: who puts another one behind the link, or mounts
     * an older one there, has put the memory back and left the ledger. */
    file->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat status;
    if (file->fd < 0 && errno == ELOOP)
        return ERR_SAFETY_LINK;
    if (file->fd < 0 || fstat(file->fd, &status) != 0)
        return file_error(errno);
    if (!S_ISREG(status.st_mode) || status.st_size != SAFETY_FILE_BYTES)
        return ERR_SAFETY_DAMAGED;
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0)
        return file_error(errno);
    return lock_key(&file->key_lock, key);
}

static struct safety_disk disk_of(struct safety_file *file)
{
    return (struct safety_disk){.context = file,
                                .read = file_read_at,
                                .write = file_write_at,
                                .sync = file_sync,
                                .close = file_close};
}

int safety_open_file(struct safety **out, const char *path, const struct hash *genesis,
                     const struct vote_key *key)
{
    struct safety_file *file = memory_alloc(sizeof *file);
    file->fd = file->key_lock = -1;
    int error = open_and_lock(file, path, key);
    if (error != OK) {
        file_close(file);
        return error;
    }
    struct safety_disk disk = disk_of(file);
    return safety_open(out, &disk, genesis, key);
}

int safety_peek_file(struct vote_key *out, const char *path)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = file_read(&bytes, path, SAFETY_FILE_BYTES);
    if (error != OK)
        return error;
    for (size_t i = 0; i < SAFETY_COPIES && bytes.len == SAFETY_FILE_BYTES; i++) {
        if (safety_copy_key(out, bytes.data + i * SAFETY_COPY_BYTES) == OK)
            return OK;
    }
    return ERR_SAFETY_DAMAGED;
}

/* The first image is made in memory and put in place whole, so that a crash leaves no half. */
static int image_write(void *context, struct view data, uint64_t offset)
{
    struct buf *image = context;
    if (offset != image->len)
        return ERR_IO;
    buf_append_view(image, data);
    return OK;
}

static int image_sync(void *context)
{
    (void)context;
    return OK;
}

int safety_create_file(const char *path, const struct hash *genesis, const struct vote_key *key,
                       bool alone)
{
    AUTO(buf_free) struct buf image = {0};
    struct safety_disk disk = {.context = &image, .write = image_write, .sync = image_sync};
    int error = safety_create(&disk, genesis, key, alone);
    return error != OK ? error : file_create(path, view_of_buf(&image), 0600);
}
