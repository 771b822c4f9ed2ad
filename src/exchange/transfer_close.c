/* Closing: our receipt reaches the ledger, the provider is asked for its own; the state ends when
 * the record is closed, or after a fixed time. */
#include "exchange/transfer_step.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/paths.h"
#include "exchange/receipts.h"
#include "exchange/records.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CLOSING_COMPLETE_MS 600000 /* for both receipts, when all is here */
#define CLOSING_OTHER_MS 120000
#define RECEIPT_POSTS_MAX 3

/* A part of a file is nobody's data: what was received is in the receipt, the bytes go. */
static void discard_part(const struct step *step)
{
    const struct transfer *transfer = step->transfer;
    char part[MANIFEST_NAME_BYTES_MAX + 8];
    AUTO(fd_close) int directory = -1;
    (void)snprintf(part, sizeof part, "%s.part", transfer->name);
    if (transfer->name[0] != 0 &&
        root_make_directory(&directory, step->gateway->inbox, transfer->hex) == 0) {
        (void)unlinkat(directory, part, 0);
        (void)unlinkat(step->gateway->inbox, transfer->hex, AT_REMOVEDIR); /* if it is empty */
    }
}

/* What our receipt's digest stands for takes the manifest's place. */
static void keep_opening(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    char name[SHELF_NAME_CHARS_MAX + 1];
    if (transfer->name[0] == 0 || step_load_manifest(step) != 0) {
        return; /* there was none, or it was done before a crash */
    }
    AUTO(doc_free)
    struct doc *opening = receipt_opening(&transfer->manifest, transfer->done, transfer->rows);
    (void)snprintf(name, sizeof name, "%s.received", transfer->hex);
    if (shelf_put(&step->gateway->openings, name, opening) == 0) {
        (void)shelf_remove(&step->work->shelves->manifests, transfer->hex);
    }
    manifest_free(&transfer->manifest);
}

static int64_t finish(const struct step *step, const char *reconciled)
{
    struct transfer *transfer = step->transfer;
    pthread_mutex_lock(step->work->lock);
    (void)snprintf(transfer->reconciled, sizeof transfer->reconciled, "%s", reconciled);
    int error = transfer->error;
    if (transfer->outcome == TRANSFER_COMPLETE) {
        error = strcmp(reconciled, "differs") == 0 ? ERR_DIGEST : 0;
    }
    pthread_mutex_unlock(step->work->lock);
    keep_opening(step);
    if (transfer->outcome != TRANSFER_COMPLETE) {
        discard_part(step);
    }
    return step_move_to(step, transfer->outcome, error);
}

static void receipt_name(char out[SHELF_NAME_CHARS_MAX + 1], const struct transfer *transfer)
{
    (void)snprintf(out, SHELF_NAME_CHARS_MAX + 1, "%s.consumer", transfer->hex);
}

/* Our receipt is posted, once; again only if the ledger would not have it and may think better. */
static int post_receipt(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    char letter[SHELF_NAME_CHARS_MAX + 1];
    int error = transfer->name[0] == 0 ? 0 : step_load_manifest(step);
    if (error != 0 || transfer->posted >= RECEIPT_POSTS_MAX) {
        return error;
    }
    receipt_name(letter, transfer);
    const struct manifest *manifest =
        transfer->manifest.chunk_bytes == 0 ? NULL : &transfer->manifest;
    AUTO(doc_free)
    struct doc *body = receipt_body(transfer->hex, "consumer", manifest,
                                    manifest == NULL ? 0 : transfer->done, transfer->rows);
    error = courier_post(step->gateway->courier, letter, LETTER_MUST, "access.receipt", body, NULL);
    transfer->posted += error == 0;
    return error;
}

static int tell_provider(const struct step *step)
{
    AUTO(buf_free) struct buf body = {0};
    int64_t wait_ms = 0;
    struct gateway_request request = {
        .post = true, .answer_bytes_max = PROBLEM_BYTES_MAX, .deadline_ms = REQUEST_MS};
    int error = step_ask(&body, &wait_ms, step, "complete", &request);
    step->transfer->told = error == ERR_OPEN_CLOSED || (error == 0 && wait_ms == 0);
    return step->transfer->told ? 0 : error;
}

int64_t step_closing(const struct step *step)
{
    struct transfer *transfer = step->transfer;
    struct store_view view;
    char letter[SHELF_NAME_CHARS_MAX + 1];
    AUTO(doc_free) struct doc *open = NULL;
    AUTO(doc_free) struct doc *mismatch = NULL;
    receipt_name(letter, transfer);
    /* In this order: one that is no longer on its way is in the view, if it is anywhere. */
    bool on_its_way =
        courier_look(step->gateway->courier, letter, NULL, NULL, NULL) == LETTER_PENDING;
    if (store_view_open(&view, step->gateway->host.kv) != 0) {
        return RETRY_MAX_MS;
    }
    int error = record_read(&open, &view, "open/%s", transfer->hex);
    int differs = record_read(&mismatch, &view, "mismatch/%s", transfer->hex);
    store_view_close(&view);
    if (error == ERR_NOT_FOUND) {
        return finish(step, differs == 0 ? "differs" : "agreed");
    }
    bool complete = transfer->outcome == TRANSFER_COMPLETE;
    int64_t most_ms = complete ? CLOSING_COMPLETE_MS : CLOSING_OTHER_MS;
    if (error == 0 && !on_its_way && doc_get(open, "consumer_receipt") == NULL) {
        error = post_receipt(step);
    }
    if (gateway_now_ms(step->gateway) - transfer->closing_ms > most_ms) {
        return finish(step, "open"); /* reconciliation lists it; the courier goes on with ours */
    }
    if (error == 0 && !transfer->told && doc_get(open, "provider_receipt") == NULL) {
        error = tell_provider(step);
        return transfer->told ? LEDGER_MS : step_retry_ms(transfer);
    }
    return error != 0 ? step_retry_ms(transfer) : LEDGER_MS;
}
