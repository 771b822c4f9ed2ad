/* What each state of a transfer does. A step is short: one question to the ledger, or one slice of
 * chunks; then others have their turn. What fails and may pass is tried again, ever later, until
 * the open's time is over. */
#include "exchange/transfer_step.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/commitment.h"
#include "exchange/paths.h"
#include "exchange/receipts.h"
#include "exchange/records.h"

#include <stdio.h>
#include <string.h>

#define RETRY_MIN_MS 50
#define MANIFEST_REQUEST_MS 60000

/* ---- what callers see, and the shelf ---- */

static void step_store(const struct step *step)
{
    pthread_mutex_lock(step->work->lock);
    AUTO(doc_free) struct doc *doc = transfer_to_doc(step->transfer);
    pthread_mutex_unlock(step->work->lock);
    int error = shelf_put(&step->work->shelves->transfers, step->transfer->hex, doc);
    if (error != 0) { /* every state is found again from the one before it */
        log_write(LOG_ERROR, "exchange", "transfer %s: its state is not on disk: %s",
                  step->transfer->hex, error_code(error));
    }
}

void step_set_error(const struct step *step, int error)
{
    pthread_mutex_lock(step->work->lock);
    step->transfer->error = error;
    pthread_mutex_unlock(step->work->lock);
}

int64_t step_move_to(const struct step *step, enum transfer_state state, int error)
{
    struct transfer *transfer = step->transfer;
    pthread_mutex_lock(step->work->lock);
    transfer->state = state;
    transfer->error = error;
    transfer->updated_ms = gateway_now_ms(step->gateway);
    pthread_mutex_unlock(step->work->lock);
    transfer->tries = 0;
    step_store(step);
    log_write(error == 0 ? LOG_INFO : LOG_WARN, "exchange", "transfer %s: %s%s%s", transfer->hex,
              transfer_state_text(state), error == 0 ? "" : ", ",
              error == 0 ? "" : error_code(error));
    return 0;
}

int64_t step_retry_ms(struct transfer *transfer)
{
    unsigned doublings = transfer->tries < 7 ? transfer->tries : 7;
    int64_t wait_ms = (int64_t)RETRY_MIN_MS << doublings;
    transfer->tries++;
    return wait_ms < RETRY_MAX_MS ? wait_ms : RETRY_MAX_MS;
}

int64_t step_begin_closing(const struct step *step, enum transfer_state outcome, int error)
{
    struct transfer *transfer = step->transfer;
    int64_t rows = transfer->rows;
    if (outcome != TRANSFER_COMPLETE) {
        if (transfer->name[0] != 0 && transfer->fd < 0) {
            (void)step_open_part(step);
        }
        rows = receipt_rows(&transfer->manifest, transfer->done, transfer->fd, 0);
    }
    pthread_mutex_lock(step->work->lock);
    transfer->outcome = outcome;
    transfer->rows = rows;
    transfer->closing_ms = gateway_now_ms(step->gateway);
    pthread_mutex_unlock(step->work->lock);
    return step_move_to(step, TRANSFER_CLOSING, error);
}

/* ---- opening ---- */

static void open_letter(char out[SHELF_NAME_CHARS_MAX + 1], const struct transfer *transfer)
{
    (void)snprintf(out, SHELF_NAME_CHARS_MAX + 1, "%s.open", transfer->hex);
}

static int64_t step_committed(const struct step *step, const struct store_view *view)
{
    struct transfer *transfer = step->transfer;
    AUTO(doc_free) struct doc *open = NULL;
    char letter[SHELF_NAME_CHARS_MAX + 1];
    open_letter(letter, transfer);
    courier_take(step->gateway->courier, letter);
    if (record_read(&open, view, "open/%s", transfer->hex) != 0) {
        return step_move_to(step, TRANSFER_FAILED, ERR_OPEN_CLOSED);
    }
    pthread_mutex_lock(step->work->lock);
    transfer->expires_ms = doc_get_int(open, "expires_ms", 0);
    pthread_mutex_unlock(step->work->lock);
    return step_move_to(step, TRANSFER_WAITING, 0);
}

static int64_t step_opening(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    struct courier *courier = step->gateway->courier;
    struct store_view view;
    struct store_tx_place place;
    char letter[SHELF_NAME_CHARS_MAX + 1];
    int refused = 0;
    open_letter(letter, transfer);
    enum letter_state state = courier_look(courier, letter, &refused, NULL, NULL);
    if (store_view_open(&view, step->gateway->host.kv) != 0) {
        return RETRY_MAX_MS;
    }
    int found = store_find_tx(&place, &view, &transfer->id);
    int64_t wait_ms = found == 0 ? step_committed(step, &view) : LEDGER_MS;
    store_view_close(&view);
    if (found == 0) {
        return wait_ms;
    }
    if (state == LETTER_SETTLED && refused != 0) {
        courier_take(courier, letter);
        refusal_record(step->gateway, refused, transfer->provider, step->gateway->member, NULL,
                       transfer->body);
        return step_move_to(step, TRANSFER_FAILED, refused);
    }
    if (state == LETTER_NONE) { /* a crash came between */
        step_set_error(step, courier_post(courier, letter, LETTER_ONCE, "access.open",
                                          transfer->body, transfer->jws));
    }
    return wait_ms;
}

/* ---- waiting ---- */

static int opening_header(struct buf *out, const struct step *step)
{
    AUTO(doc_free) struct doc *opening = NULL;
    struct hash salt;
    int error = shelf_get(&opening, &step->gateway->openings, step->transfer->hex);
    const struct doc *value = doc_get(opening, "value");
    if (error != 0 || value == NULL || hash_from_hex(&salt, doc_get_text(opening, "salt")) != 0) {
        return error != 0 ? error : ERR_CORRUPT;
    }
    buf_append_text(out, OPENING_HEADER ": ");
    opening_to_text(out, &salt, value);
    return 0;
}

/* The manifest is kept as it came first: if the provider shows another one later, the file is not
 * the one that was begun. */
static int keep_manifest(const struct step *step, struct manifest *manifest)
{
    struct transfer *transfer = step->transfer;
    AUTO(doc_free) struct doc *known = NULL;
    AUTO(doc_free) struct doc *doc = manifest_to_doc(manifest);
    const struct shelf *shelf = &step->work->shelves->manifests;
    if (shelf_get(&known, shelf, transfer->hex) == 0) {
        if (!doc_equal(known, doc)) {
            return ERR_DIGEST;
        }
    } else {
        int error = shelf_put(shelf, transfer->hex, doc);
        if (error != 0) {
            return error;
        }
    }
    pthread_mutex_lock(step->work->lock);
    memcpy(transfer->name, manifest->name, sizeof transfer->name);
    transfer->bytes = manifest->bytes;
    transfer->chunk_bytes = manifest->chunk_bytes;
    transfer->chunk_count = manifest->chunk_count;
    transfer->done = 0;
    pthread_mutex_unlock(step->work->lock);
    manifest_free(&transfer->manifest);
    transfer->manifest = *manifest;
    *manifest = (struct manifest){0};
    transfer->checked = false;
    return 0;
}

static int64_t step_waiting(const struct step *step)
{
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf body = {0};
    AUTO(doc_free) struct doc *doc = NULL;
    AUTO(manifest_free) struct manifest manifest = {0};
    int64_t wait_ms = 0;
    int error = opening_header(&header, step);
    if (error != 0) {
        return step_begin_closing(step, TRANSFER_FAILED, error);
    }
    struct gateway_request request = {.header = buf_text(&header),
                                      .answer_bytes_max = MANIFEST_BYTES_MAX,
                                      .deadline_ms = MANIFEST_REQUEST_MS};
    error = step_ask(&body, &wait_ms, step, "manifest", &request);
    if (error != 0 || wait_ms > 0) {
        return error != 0 ? step_after_error(step, error) : wait_ms;
    }
    error = doc_parse(&doc, view_of_buf(&body), MANIFEST_BYTES_MAX);
    error = error != 0 ? error : manifest_from_doc(&manifest, NULL, doc);
    if (error != 0) { /* nothing that a provider of this version says */
        log_write(LOG_WARN, "exchange", "transfer %s: the manifest is not valid: %s",
                  step->transfer->hex, error_code(error));
        return step_begin_closing(step, TRANSFER_FAILED, ERR_DIGEST);
    }
    error = keep_manifest(step, &manifest);
    return error != 0 ? step_after_error(step, error) : step_move_to(step, TRANSFER_MOVING, 0);
}

/* ---- any ---- */

static bool is_expired(const struct step *step)
{
    const struct transfer *transfer = step->transfer;
    return (transfer->state == TRANSFER_WAITING || transfer->state == TRANSFER_MOVING) &&
           gateway_now_ms(step->gateway) >= transfer->expires_ms;
}

int64_t transfer_step(struct transfer *transfer, const struct transfer_work *work)
{
    const struct step step = {.transfer = transfer, .work = work, .gateway = work->gateway};
    int64_t wait_ms = 0;
    if (is_expired(&step)) {
        wait_ms = step_begin_closing(&step, TRANSFER_EXPIRED, ERR_OPEN_EXPIRED);
    } else if (transfer->state == TRANSFER_OPENING) {
        wait_ms = step_opening(&step);
    } else if (transfer->state == TRANSFER_WAITING) {
        wait_ms = step_waiting(&step);
    } else if (transfer->state == TRANSFER_MOVING) {
        wait_ms = step_moving(&step);
    } else if (transfer->state == TRANSFER_CLOSING) {
        wait_ms = step_closing(&step);
    }
    fd_close(&transfer->fd);
    fd_close(&transfer->directory);
    return wait_ms;
}
