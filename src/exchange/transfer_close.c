/* Closing: our receipt reaches the ledger, the provider is asked for its own; the state ends when
 * the record is closed, or after a fixed time. */
#include "exchange/transfer_step.h"

#include "base/errors.h"
#include "base/memory.h"
#include "exchange/receipts.h"
#include "exchange/records.h"

#include <stdio.h>
#include <string.h>

#define CLOSING_COMPLETE_MS 600000 /* for both receipts, when all is here */
#define CLOSING_OTHER_MS 120000

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
    manifest_free(&transfer->manifest);
    return step_move_to(step, transfer->outcome, error);
}

/* Our receipt is posted, once; a letter of that name is never doubled. */
static int post_receipt(const struct step *step, const struct doc *open)
{
    struct transfer *transfer = step->transfer;
    struct courier *courier = step->gateway->courier;
    char letter[SHELF_NAME_CHARS_MAX + 1];
    (void)snprintf(letter, sizeof letter, "%s.consumer", transfer->hex);
    enum letter_state state = courier_look(courier, letter, NULL, NULL, NULL);
    if (doc_get(open, "consumer_receipt") != NULL || state == LETTER_PENDING) {
        return 0;
    }
    courier_take(courier, letter);
    int error = transfer->name[0] == 0 ? 0 : step_load_manifest(step);
    if (error != 0) {
        return error;
    }
    const struct manifest *manifest =
        transfer->manifest.chunk_bytes == 0 ? NULL : &transfer->manifest;
    AUTO(doc_free)
    struct doc *body = receipt_body(transfer->hex, "consumer", manifest,
                                    manifest == NULL ? 0 : transfer->done, transfer->rows);
    return courier_post(courier, letter, LETTER_MUST, "access.receipt", body, NULL);
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
    AUTO(doc_free) struct doc *open = NULL;
    AUTO(doc_free) struct doc *mismatch = NULL;
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
    error = error != 0 ? error : post_receipt(step, open);
    if (gateway_now_ms(step->gateway) - transfer->closing_ms > most_ms) {
        return finish(step, "open"); /* reconciliation lists it; the courier goes on with ours */
    }
    if (error == 0 && !transfer->told && doc_get(open, "provider_receipt") == NULL) {
        error = tell_provider(step);
        return transfer->told ? LEDGER_MS : step_retry_ms(transfer);
    }
    return error != 0 ? step_retry_ms(transfer) : LEDGER_MS;
}
