/* Questions to the provider's gateway, and what their answers mean for a transfer. */
#include "exchange/transfer_lanes.h"
#include "exchange/transfer_step.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "exchange/records.h"
#include "exchange/release.h"

#include <stdio.h>
#include <string.h>

/* Errors after which asking again is pointless: the ledger has decided, which is the same whatever
 * it decided (release.h), or the provider has. */
static bool is_final(int error)
{
    static const int final[] = {ERR_OPEN_CLOSED, ERR_CSV,       ERR_RESOURCE,    ERR_DIGEST,
                                ERR_PATH,        ERR_TOO_LARGE, ERR_FIELD_RANGE, ERR_FIELD_FORMAT};
    if (release_refusal_reason(error) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        if (final[i] == error) {
            return true;
        }
    }
    return false;
}

/* Where the ledger says that the provider's gateway is, and with which key. */
static int provider_address(struct gateway_request *request, char endpoint[256],
                            const struct step *step)
{
    struct store_view view;
    AUTO(doc_free) struct doc *member = NULL;
    const struct exchange_gateway *gateway = step->gateway;
    const char *instead =
        gateway->endpoint_of == NULL
            ? NULL
            : gateway->endpoint_of(gateway->endpoint_context, step->transfer->provider);
    if (store_view_open(&view, gateway->host.kv) != 0) {
        return ERR_IO;
    }
    int error = record_read(&member, &view, "member/%s", step->transfer->provider);
    store_view_close(&view);
    const char *key = doc_get_text(member, "peer_key");
    const char *named = instead != NULL ? instead : doc_get_text(member, "gateway_endpoint");
    if (error != 0 || key == NULL || named == NULL || strlen(named) >= 256 ||
        hex_decode(request->key, TLS_KEY_BYTES, view_of_text(key)) != 0) {
        return error != 0 ? error : ERR_CORRUPT;
    }
    memcpy(endpoint, named, strlen(named) + 1);
    request->endpoint = endpoint;
    return 0;
}

/* An answer that is not the thing itself: "not yet", or a problem document. */
static int error_of_answer(char field[FAULT_FIELD_BYTES_MAX], unsigned status, struct view body,
                           int64_t *wait_ms)
{
    AUTO(doc_free) struct doc *doc = NULL;
    (void)doc_parse(&doc, body, PROBLEM_BYTES_MAX);
    if (status == 202) {
        int64_t asked_ms = doc_get_int(doc, "retry_ms", RETRY_MAX_MS);
        *wait_ms = asked_ms < 1 ? 1 : asked_ms > RETRY_MAX_MS ? RETRY_MAX_MS : asked_ms;
        return 0;
    }
    const char *code = doc_get_text(doc, "code");
    const char *said = doc_get_text(doc_at(doc_get(doc, "faults"), 0), "field");
    (void)snprintf(field, FAULT_FIELD_BYTES_MAX, "%s", said != NULL ? said : "");
    int error = code == NULL ? 0 : error_from_code(code);
    return error != 0 ? error : ERR_NETWORK;
}

static int ask(unsigned *status, struct buf *body, const struct step *step,
               const struct gateway_request *request)
{
    int64_t begun_ms = clock_monotonic_ms();
    int error = gateway_client_ask(status, body, step->work->client, request);
    lanes_heard(step->transfer, clock_monotonic_ms() - begun_ms, error == 0);
    return error;
}

/* 0 with the body; 0 and *wait_ms > 0: not yet. */
int step_ask(struct buf *body, int64_t *wait_ms, const struct step *step, const char *what,
             struct gateway_request *request)
{
    char endpoint[256], path[128], field[FAULT_FIELD_BYTES_MAX] = "";
    unsigned status = 0;
    *wait_ms = 0;
    (void)snprintf(path, sizeof path, "/gateway/v1/transfers/%s/%s", step->transfer->hex, what);
    request->path = path;
    int error = provider_address(request, endpoint, step);
    error = error != 0 ? error : ask(&status, body, step, request);
    if (error == 0 && status != 200) {
        error = error_of_answer(field, status, view_of_buf(body), wait_ms);
    }
    if (step->transfer->state != TRANSFER_CLOSING) { /* then it is known already why */
        pthread_mutex_lock(step->work->lock);
        memcpy(step->transfer->error_field, field, sizeof field);
        pthread_mutex_unlock(step->work->lock);
    }
    return error;
}

/* What a failed question leads to: the end, or another try. */
int64_t step_after_error(const struct step *step, int error)
{
    if (error == ERR_OPEN_EXPIRED) {
        return step_begin_closing(step, TRANSFER_EXPIRED, error);
    }
    if (is_final(error)) {
        return step_begin_closing(step, TRANSFER_FAILED, error);
    }
    step_set_error(step, error);
    if (error == ERR_STATUS) { /* it wants to be asked for the manifest first */
        return step_move_to(step, TRANSFER_WAITING, error);
    }
    return step_retry_ms(step->transfer);
}
