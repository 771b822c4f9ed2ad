/* Moving: chunks are asked for one after the other, verified, and written behind what is there. A
 * step is a slice of chunks; files are open during a step only. */
#include "exchange/transfer_step.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/paths.h"
#include "exchange/receipts.h"

#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define SLICE_MS 200
#define BAD_CHUNKS_MAX 3 /* times that a chunk may come altered before we give up */

int step_load_manifest(const struct step *step)
{
    AUTO(doc_free) struct doc *doc = NULL;
    struct manifest *manifest = &step->transfer->manifest;
    if (manifest->chunk_bytes != 0) {
        return 0;
    }
    int error = shelf_get(&doc, &step->work->shelves->manifests, step->transfer->hex);
    return error != 0 ? error : manifest_from_doc(manifest, NULL, doc);
}

static void set_done(const struct step *step, size_t done)
{
    pthread_mutex_lock(step->work->lock);
    step->transfer->done = done;
    pthread_mutex_unlock(step->work->lock);
}

/* After a restart: how much of what is on disk is what the manifest says. The rest is cut off. */
static int check_prefix(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    const struct manifest *manifest = &transfer->manifest;
    AUTO(buf_free) struct buf chunk = {0};
    struct file_mark mark;
    size_t good = 0;
    int error = file_mark_of(&mark, transfer->fd);
    buf_reserve(&chunk, manifest->chunk_bytes);
    while (error == 0 && good < manifest->chunk_count &&
           manifest_prefix_bytes(manifest, good + 1) <= mark.bytes) {
        size_t len = manifest_chunk_bytes(manifest, good);
        error = file_read_all(transfer->fd, chunk.data, len, manifest_prefix_bytes(manifest, good));
        struct hash leaf = manifest_leaf(view_of(chunk.data, error == 0 ? len : 0));
        if (error != 0 || !hash_equal(&leaf, &manifest->leaf[good])) {
            break;
        }
        good++;
    }
    if (error == 0 && ftruncate(transfer->fd, (off_t)manifest_prefix_bytes(manifest, good)) != 0) {
        error = ERR_IO;
    }
    if (error == 0) {
        set_done(step, good);
        transfer->checked = true;
    }
    return error;
}

static int check_space(const struct transfer *transfer)
{
    struct statvfs status;
    uint64_t missing = transfer->bytes - manifest_prefix_bytes(&transfer->manifest, transfer->done);
    if (fstatvfs(transfer->fd, &status) != 0) {
        return ERR_IO;
    }
    return (uint64_t)status.f_bavail * status.f_frsize < missing ? ERR_DISK_FULL : 0;
}

int step_open_part(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    char name[MANIFEST_NAME_BYTES_MAX + 8];
    (void)snprintf(name, sizeof name, "%s.part", transfer->name);
    int error = step_load_manifest(step);
    if (error == 0) {
        error = root_make_directory(&transfer->directory, step->gateway->inbox, transfer->hex);
    }
    error = error != 0 ? error : root_open_part(&transfer->fd, transfer->directory, name);
    if (error == 0 && !transfer->checked) {
        error = check_prefix(step);
        error = error != 0 ? error : check_space(transfer);
    }
    return error;
}

/* Whether the file is in its place already: a crash came between the rename and the next state. */
static bool is_in_place(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    AUTO(manifest_free) struct manifest own = {0};
    AUTO(fd_close) int directory = -1;
    AUTO(fd_close) int fd = -1;
    struct file_mark mark;
    if (transfer->checked || step_load_manifest(step) != 0 ||
        root_make_directory(&directory, step->gateway->inbox, transfer->hex) != 0 ||
        root_open_file(&fd, &mark, directory, transfer->name) != 0 ||
        mark.bytes != transfer->bytes ||
        manifest_of_file(&own, fd, mark.bytes, transfer->chunk_bytes) != 0 ||
        !hash_equal(&own.root, &transfer->manifest.root)) {
        return false;
    }
    int64_t rows = receipt_rows(&transfer->manifest, transfer->chunk_count, fd, 0);
    pthread_mutex_lock(step->work->lock);
    transfer->done = transfer->chunk_count;
    transfer->rows = rows;
    pthread_mutex_unlock(step->work->lock);
    return true;
}

/* All is here: read once more from disk, then put in its place. What our receipt says is what the
 * file holds, not what was meant to be written. */
static int64_t finish_file(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    AUTO(manifest_free) struct manifest own = {0};
    char part[MANIFEST_NAME_BYTES_MAX + 8];
    (void)snprintf(part, sizeof part, "%s.part", transfer->name);
    int error = fsync(transfer->fd) != 0
                    ? ERR_IO
                    : manifest_of_file(&own, transfer->fd, transfer->bytes, transfer->chunk_bytes);
    if (error == 0 && !hash_equal(&own.root, &transfer->manifest.root)) {
        transfer->checked = false; /* the disk did not keep it: what is good stays */
        if (++transfer->bad_chunks > BAD_CHUNKS_MAX) {
            return step_begin_closing(step, TRANSFER_FAILED, ERR_IO);
        }
        error = ERR_IO;
    }
    int64_t rows = receipt_rows(&transfer->manifest, transfer->chunk_count, transfer->fd, 0);
    error = error != 0 ? error : root_rename(transfer->directory, part, transfer->name);
    if (error != 0) {
        step_set_error(step, error);
        return step_retry_ms(transfer);
    }
    pthread_mutex_lock(step->work->lock);
    transfer->rows = rows;
    pthread_mutex_unlock(step->work->lock);
    return step_begin_closing(step, TRANSFER_COMPLETE, 0);
}

/* One chunk: asked for, verified, written. */
static int move_chunk(const struct step *step, struct buf *chunk, int64_t *wait_ms)
{
    struct transfer *transfer = step->transfer;
    const struct manifest *manifest = &transfer->manifest;
    char what[32];
    (void)snprintf(what, sizeof what, "chunks/%zu", transfer->done);
    size_t len = manifest_chunk_bytes(manifest, transfer->done);
    struct gateway_request request = {.answer_bytes_max =
                                          len > PROBLEM_BYTES_MAX ? len : PROBLEM_BYTES_MAX,
                                      .deadline_ms = REQUEST_MS};
    buf_clear(chunk);
    int error = step_ask(chunk, wait_ms, step, what, &request);
    if (error != 0 || *wait_ms > 0) {
        return error;
    }
    struct hash leaf = manifest_leaf(view_of_buf(chunk));
    if (chunk->len != len || !hash_equal(&leaf, &manifest->leaf[transfer->done])) {
        log_write(LOG_WARN, "exchange", "transfer %s: chunk %zu is not the one announced",
                  transfer->hex, transfer->done);
        return ++transfer->bad_chunks >= BAD_CHUNKS_MAX ? ERR_DIGEST : ERR_NETWORK;
    }
    error = file_write_all(transfer->fd, view_of_buf(chunk),
                           manifest_prefix_bytes(manifest, transfer->done));
    if (error == 0) {
        transfer->bad_chunks = 0;
        transfer->tries = 0;
        set_done(step, transfer->done + 1);
        atomic_fetch_add(&step->gateway->counters.bytes_received, chunk->len);
    }
    return error;
}

int64_t step_moving(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    AUTO(buf_free) struct buf chunk = {0};
    if (is_in_place(step)) {
        return step_begin_closing(step, TRANSFER_COMPLETE, 0);
    }
    int error = step_open_part(step);
    int64_t until_ms = clock_monotonic_ms() + SLICE_MS, wait_ms = 0;
    while (error == 0 && wait_ms == 0 && transfer->done < transfer->chunk_count &&
           clock_monotonic_ms() < until_ms && !atomic_load(&step->gateway->stopping)) {
        error = move_chunk(step, &chunk, &wait_ms);
    }
    if (error != 0) {
        return step_after_error(step, error);
    }
    step_set_error(step, 0);
    return transfer->done == transfer->chunk_count ? finish_file(step) : wait_ms;
}
