/* The names of ledgers. */
#include "node/ledger_place.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/store.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define TREE_DESCRIPTORS 16

static const char *path_of(struct buf *out, const char *directory, const char *name)
{
    buf_clear(out);
    buf_append_format(out, "%s/%s", directory, name);
    return buf_text(out);
}

static bool exists(const char *directory, const char *name)
{
    AUTO(buf_free) struct buf path = {0};
    return access(path_of(&path, directory, name), F_OK) == 0;
}

static int rename_durably(const char *directory, const char *from, const char *to)
{
    AUTO(buf_free) struct buf old = {0};
    AUTO(buf_free) struct buf new = {0};
    if (rename(path_of(&old, directory, from), path_of(&new, directory, to)) != 0) {
        return file_error(errno);
    }
    return file_sync_directory(directory);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static int remove_tree(const char *directory, const char *name)
{
    AUTO(buf_free) struct buf path = {0};
    if (!exists(directory, name)) {
        return 0;
    }
    if (nftw(path_of(&path, directory, name), remove_one, TREE_DESCRIPTORS,
             FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0) {
        return file_error(errno);
    }
    return file_sync_directory(directory);
}

/* The height of a ledger; 0 for one that holds nothing yet. */
static int height_of(uint64_t *height, const char *directory, const char *name)
{
    AUTO(buf_free) struct buf path = {0};
    struct store_view view;
    struct kv *kv = NULL;
    *height = 0;
    int error = kv_open_leveldb(&kv, path_of(&path, directory, name));
    if (error != 0) {
        return error;
    }
    error = store_view_open(&view, kv);
    if (error == 0) {
        *height = view.height;
        store_view_close(&view);
    }
    kv_close(&kv);
    return error == ERR_NOT_FOUND ? 0 : error;
}

/* Out of the way: what holds blocks is kept under the height of its last one. */
static int put_aside(const char *directory, uint64_t height)
{
    char name[64];
    snprintf(name, sizeof name, "ledger.until-%" PRIu64, height);
    if (height == 0 || exists(directory, name)) {
        return remove_tree(directory, "ledger");
    }
    log_write(LOG_WARN, "restore",
              "the ledger up to height %" PRIu64 " stays in %s/%s; delete it if nobody needs it",
              height, directory, name);
    return rename_durably(directory, "ledger", name);
}

int ledger_place_settle(const char *data_directory)
{
    int error = remove_tree(data_directory, "ledger.restoring");
    if (error != 0 || !exists(data_directory, "ledger.restored")) {
        return error;
    }
    if (exists(data_directory, "ledger")) {
        uint64_t in_use, restored = 0;
        error = height_of(&in_use, data_directory, "ledger");
        error = error != 0 ? error : height_of(&restored, data_directory, "ledger.restored");
        if (error == 0 && in_use >= restored) {
            log_write(LOG_WARN, "restore",
                      "the ledger in use is at height %" PRIu64 ", the restored one at %" PRIu64
                      " only: it is thrown away",
                      in_use, restored);
            return remove_tree(data_directory, "ledger.restored");
        }
        error = error != 0 ? error : put_aside(data_directory, in_use);
    }
    return error != 0 ? error : rename_durably(data_directory, "ledger.restored", "ledger");
}

int ledger_place_begin(struct kv **out, const char *data_directory)
{
    AUTO(buf_free) struct buf path = {0};
    int error = remove_tree(data_directory, "ledger.restoring");
    return error != 0 ? error
                      : kv_open_leveldb(out, path_of(&path, data_directory, "ledger.restoring"));
}

int ledger_place_finish(const char *data_directory)
{
    return rename_durably(data_directory, "ledger.restoring", "ledger.restored");
}

int ledger_place_discard(const char *data_directory)
{
    return remove_tree(data_directory, "ledger.restoring");
}
