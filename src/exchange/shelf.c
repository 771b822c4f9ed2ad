/* Shelves on files: <directory>/<name>.json, mode 0600. */
#include "exchange/shelf.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/paths.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SUFFIX ".json"

struct path {
    char text[SHELF_PATH_BYTES_MAX + SHELF_NAME_CHARS_MAX + sizeof SUFFIX + 1];
};

static bool name_valid(const char *name)
{
    size_t len = strlen(name);
    return len > 0 && len <= SHELF_NAME_CHARS_MAX && name[0] != '.' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") == len;
}

static struct path path_of(const struct shelf *shelf, const char *name)
{
    struct path path;
    ENSURE(name_valid(name));
    (void)snprintf(path.text, sizeof path.text, "%s/%s" SUFFIX, shelf->directory, name);
    return path;
}

int shelf_open(struct shelf *out, const char *parent, const char *name, size_t bytes_max)
{
    int len = snprintf(out->directory, sizeof out->directory, "%s/%s", parent, name);
    out->bytes_max = bytes_max;
    if (len < 0 || (size_t)len >= sizeof out->directory) {
        return ERR_FIELD_LENGTH;
    }
    return file_make_directory(out->directory, 0700);
}

int shelf_put(const struct shelf *shelf, const char *name, const struct doc *doc)
{
    AUTO(buf_free) struct buf text = {0};
    struct path path = path_of(shelf, name);
    doc_append_canonical(&text, doc);
    if (text.len > shelf->bytes_max) {
        return ERR_TOO_LARGE;
    }
    return file_write_atomic(path.text, view_of_buf(&text), 0600);
}

int shelf_get(struct doc **out, const struct shelf *shelf, const char *name)
{
    AUTO(buf_free) struct buf text = {0};
    struct path path = path_of(shelf, name);
    *out = NULL;
    int error = file_read(&text, path.text, shelf->bytes_max);
    if (error != 0) {
        return error;
    }
    return doc_parse(out, view_of_buf(&text), shelf->bytes_max) == 0 ? 0 : ERR_CORRUPT;
}

/* Zeros over what was there; failing is no reason to keep the file. */
static void overwrite(const char *path)
{
    static const uint8_t zeros[4096];
    struct file_mark mark;
    AUTO(fd_close) int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || file_mark_of(&mark, fd) != 0) {
        return;
    }
    for (uint64_t at = 0; at < mark.bytes; at += sizeof zeros) {
        uint64_t left = mark.bytes - at;
        size_t len = left < sizeof zeros ? (size_t)left : sizeof zeros;
        if (file_write_all(fd, view_of(zeros, len), at) != 0) {
            return;
        }
    }
    (void)fsync(fd);
}

int shelf_remove(const struct shelf *shelf, const char *name)
{
    struct path path = path_of(shelf, name);
    overwrite(path.text);
    if (unlink(path.text) != 0) {
        return errno == ENOENT ? 0 : file_error(errno);
    }
    return file_sync_directory(shelf->directory);
}

/* ---- all of them ---- */

/* The document's name in place of its file's; false for anything else. */
static bool name_of_file(char *name)
{
    size_t len = strlen(name), suffix = strlen(SUFFIX);
    if (len <= suffix || strcmp(name + len - suffix, SUFFIX) != 0) {
        return false;
    }
    name[len - suffix] = 0;
    return name_valid(name);
}

/* file_write_atomic leaves "<path>.XXXXXX" behind if the power fails at the wrong moment. */
static void remove_left_over(const struct shelf *shelf, const char *file)
{
    char path[SHELF_PATH_BYTES_MAX + NAME_MAX + 2];
    if (strstr(file, SUFFIX ".") != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", shelf->directory, file);
        (void)unlink(path);
    }
}

static void visit_one(const struct shelf *shelf, const char *name,
                      void (*visit)(void *context, const char *name, const struct doc *doc),
                      void *context)
{
    AUTO(doc_free) struct doc *doc = NULL;
    int error = shelf_get(&doc, shelf, name);
    if (error != 0) {
        log_write(LOG_ERROR, "exchange", "%s/%s cannot be read: %s", shelf->directory, name,
                  error_code(error));
        return;
    }
    visit(context, name, doc);
}

int shelf_each(const struct shelf *shelf, size_t max,
               void (*visit)(void *context, const char *name, const struct doc *doc), void *context)
{
    struct dirent **entries = NULL;
    int count = scandir(shelf->directory, &entries, NULL, alphasort);
    if (count < 0) {
        return file_error(errno);
    }
    size_t visited = 0;
    for (int i = 0; i < count; i++) {
        char file[NAME_MAX + 1];
        (void)snprintf(file, sizeof file, "%s", entries[i]->d_name);
        free(entries[i]);
        remove_left_over(shelf, file);
        if (visited < max && name_of_file(file)) {
            visit_one(shelf, file, visit, context);
            visited++;
        }
    }
    free(entries);
    return 0;
}
