/* Opens the store of a node that is not running and has all of it verified. */
#include "node/ledger_check.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define PROGRESS_STEP 64 /* heights */

static void show_progress(void *context, uint64_t height, uint64_t of)
{
    (void)context;
    if (height % PROGRESS_STEP == 0 || height == of)
        fprintf(stderr, "\r%" PRIu64 " / %" PRIu64 "%s", height, of, height == of ? "\n" : "");
}

static int check_view(struct faults *faults, const struct store_view *view, const struct home *home)
{
    uint64_t bad_height = 0;
    if (!hash_equal(&view->genesis, &home->genesis_hash))
        return ERR_OTHER_GENESIS;
    int error = store_check_chain(&bad_height, view, home->genesis,
                                  isatty(STDERR_FILENO) ? show_progress : NULL, NULL);
    return error != 0 ? faults_add(faults, error, NULL, "height %" PRIu64, bad_height) : 0;
}

int ledger_check(uint64_t *height, struct faults *faults, const struct home *home,
                 const struct config *config)
{
    AUTO(buf_free) struct buf path = {0};
    struct store_view view = {0};
    struct kv *kv = NULL;
    buf_append_format(&path, "%s/ledger", config->data_directory);
    /* Opening would make an empty store. */
    int error =
        access(buf_text(&path), F_OK) == 0 ? kv_open_leveldb(&kv, buf_text(&path)) : ERR_NOT_FOUND;
    if (error == 0)
        error = store_view_open(&view, kv);
    if (error == 0) {
        *height = view.height;
        error = check_view(faults, &view, home);
        store_view_close(&view);
    }
    if (kv != NULL)
        kv_close(&kv);
    if (error != 0 && faults->count == 0)
        faults_add(faults, error, NULL, "%s", buf_text(&path));
    return error;
}
