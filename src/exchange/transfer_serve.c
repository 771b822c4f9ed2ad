/* The provider's side of a request. Each goes the same way:
 *
 *   who asks (certificate key → member) ─▶ what was opened (proved once) ─▶ may it leave now ─▶ do
 *
 * Chunks leave in order, so that "how many have left" says all; asking again for one that has left
 * is allowed (resume). */
#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "exchange/commitment.h"
#include "exchange/deliveries.h"
#include "exchange/delivery_share.h"
#include "exchange/records.h"

#include <stdio.h>
#include <string.h>

#define PREPARING_RETRY_MS 20
#define RATE_GRACE_MS 500 /* for which a member's turn is kept beyond the time it was told */

/* One request on its way. */
struct call {
    struct serve *serve;
    struct exchange_gateway *gateway;
    struct store_view view;
    char caller[MEMBER_ID_CHARS + 1];
    struct hash open;
    struct delivery *delivery; /* in use until call_end */
    struct release_open proved;
    struct serve_answer *out;
};

void serve_answer_free(struct serve_answer *answer)
{
    doc_free(&answer->doc);
    buf_free(&answer->bytes);
    *answer = (struct serve_answer){0};
}

/* ---- a request ---- */

static int call_fail(struct call *call, int error)
{
    if (faults_first(&call->out->faults) == 0) {
        faults_add(&call->out->faults, error, NULL, "%s", "");
    }
    call->out->error = error;
    return error;
}

/* A view of the ledger, the caller, the open's id, and its delivery if there is one. */
static int call_begin(struct call *call, struct exchange_gateway *gateway,
                      const uint8_t key[TLS_KEY_BYTES], const char *open, struct serve_answer *out)
{
    *call = (struct call){.serve = gateway->serve, .gateway = gateway, .out = out};
    *out = (struct serve_answer){0};
    if (hash_from_hex(&call->open, open) != 0) {
        return call_fail(call, ERR_HEX);
    }
    if (store_view_open(&call->view, gateway->host.kv) != 0) {
        call->view = (struct store_view){0};
        return call_fail(call, ERR_UNAVAILABLE);
    }
    int error = release_caller(call->caller, &call->view, key);
    if (error != 0) {
        return call_fail(call, error);
    }
    call->delivery = deliveries_take(call->serve, &call->open);
    return 0;
}

static void call_end(struct call *call)
{
    if (call->delivery != NULL) {
        deliveries_release(call->serve, call->delivery);
    }
    if (call->view.kv != NULL) {
        store_view_close(&call->view);
    }
    release_open_free(&call->proved);
}

/* Refused for good: on record, where the law wants it (D10). */
static int call_refuse(struct call *call, int error)
{
    atomic_fetch_add(&call->gateway->counters.refused, release_refusal_reason(error) != NULL);
    bool own = strcmp(call->proved.consumer, call->caller) == 0;
    refusal_record(call->gateway, error, call->gateway->member, call->caller, call->proved.hex,
                   own ? call->proved.body : NULL);
    return call_fail(call, error);
}

/* The open as the ledger proves it: known to the delivery, or proved now. A delivery from before a
 * restart has it proved again. */
static int certify(struct call *call)
{
    const struct exchange_host *host = &call->gateway->host;
    struct delivery *delivery = call->delivery;
    if (delivery != NULL) {
        pthread_mutex_lock(&delivery->lock);
        struct doc *body = delivery->open.body == NULL ? NULL : doc_ref(delivery->open.body);
        call->proved = delivery->open;
        call->proved.body = body;
        pthread_mutex_unlock(&delivery->lock);
        if (body != NULL) {
            return 0;
        }
    }
    int error = release_certify(&call->proved, &call->out->faults, &call->view, host->genesis,
                                &host->genesis_hash, &call->open);
    if (error != 0) {
        return call_fail(call, error);
    }
    if (delivery != NULL) {
        pthread_mutex_lock(&delivery->lock);
        if (delivery->open.body == NULL) {
            delivery->open.body = doc_ref(call->proved.body);
            memcpy(delivery->open.key_name, call->proved.key_name, sizeof call->proved.key_name);
        }
        pthread_mutex_unlock(&delivery->lock);
    }
    return 0;
}

/* The decision, before every manifest and every chunk, by the call's view of the ledger. The lock
 * of the delivery, if there is one, is held. */
static int decide(struct call *call)
{
    struct release_look *look = NULL;
    struct exchange_gateway *gateway = call->gateway;
    struct faults *faults = &call->out->faults;
    int error = call->delivery != NULL
                    ? delivery_judge(call->serve, call->delivery, faults, &call->view, call->caller)
                    : release_check(&look, faults, &call->proved, &call->view, gateway->member,
                                    gateway->key_name, call->caller, gateway_now_ms(gateway));
    release_look_free(&look);
    return error != 0 ? call_refuse(call, error) : 0;
}

/* A delivery for the proved open, not on the list yet. */
static int delivery_begin(struct delivery **out, struct call *call)
{
    AUTO(doc_free) struct doc *open = NULL;
    int error = record_read(&open, &call->view, "open/%s", call->proved.hex);
    if (error != 0 || !doc_text_is(open, "provider", call->gateway->member) ||
        doc_get(open, "provider_receipt") != NULL) {
        return call_fail(call, error == 0 || error == ERR_NOT_FOUND ? ERR_OPEN_CLOSED : error);
    }
    *out = delivery_new();
    (*out)->open = call->proved;
    (*out)->open.body = doc_ref(call->proved.body);
    (*out)->expires_ms = doc_get_int(open, "expires_ms", 0);
    (void)snprintf((*out)->grant, sizeof(*out)->grant, "%s",
                   doc_get_text(call->proved.body, "grant"));
    return 0;
}

static int delivery_adopt(struct call *call, struct delivery *fresh)
{
    int error = deliveries_adopt(&call->delivery, call->serve, fresh);
    return error != 0 ? call_fail(call, error) : 0;
}

/* ---- GET manifest ---- */

/* The query's parameters are those that the ledger holds a commitment to (E2). */
static int begin_preparing(struct call *call, const char *opening)
{
    struct hash commitment;
    struct doc *parameters = NULL;
    struct delivery *fresh = NULL;
    (void)hash_from_hex(&commitment, doc_get_text(call->proved.body, "parameters"));
    int error = opening_from_text(&parameters, opening, &commitment);
    if (error != 0) {
        faults_add(&call->out->faults, error, "E2", "parameters");
        return call_fail(call, error);
    }
    error = delivery_begin(&fresh, call);
    if (error != 0) {
        doc_free(&parameters);
        return error;
    }
    fresh->parameters = parameters;
    fresh->state = DELIVERY_PREPARING;
    fresh->unprepared = true;
    return delivery_adopt(call, fresh);
}

/* The error of a delivery that is not ready; its lock is held. */
static int state_error(const struct delivery *delivery)
{
    switch (delivery->state) {
    case DELIVERY_READY:
        return 0;
    case DELIVERY_FAILED:
        return delivery->error;
    case DELIVERY_CLOSED:
        return ERR_OPEN_CLOSED;
    case DELIVERY_PREPARING:
    default:
        return ERR_STATUS; /* the manifest comes first */
    }
}

/* Refuses what a delivery that is not ready has no answer for, and says why it failed. */
static int check_state(struct call *call)
{
    const struct delivery *delivery = call->delivery;
    int error = state_error(delivery);
    if (error == 0) {
        return 0;
    }
    if (delivery->state == DELIVERY_FAILED && delivery->detail[0] != 0) {
        faults_add(&call->out->faults, error, error == ERR_QUOTA ? "D10" : SCOPE_CLAUSE, "%s",
                   delivery->detail);
    }
    return call_refuse(call, error);
}

/* The delivery's lock is held. */
static void answer_manifest(struct call *call)
{
    struct delivery *delivery = call->delivery;
    if (decide(call) != 0) {
        return;
    }
    if (delivery->state == DELIVERY_PREPARING) {
        call->out->retry_ms = PREPARING_RETRY_MS;
    } else if (check_state(call) == 0) {
        call->out->doc = manifest_to_doc(&delivery->manifest);
    }
}

void gateway_serve_manifest(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                            const char *open, const char *opening, struct serve_answer *out)
{
    AUTO(call_end) struct call call;
    int error = call_begin(&call, gateway, key, open, out);
    error = error != 0 ? error : certify(&call);
    if (error == 0 && call.delivery == NULL) {
        error = decide(&call);
        error = error != 0 ? error : begin_preparing(&call, opening);
    }
    if (error == 0) {
        pthread_mutex_lock(&call.delivery->lock);
        answer_manifest(&call);
        pthread_mutex_unlock(&call.delivery->lock);
    }
}

/* ---- GET chunk ---- */

/* How long to wait before so many bytes of a delivery may leave; 0: they are taken. */
static int64_t take_of_rate(struct serve *serve, struct delivery *delivery, uint64_t bytes)
{
    const char *consumer = delivery->open.consumer;
    int64_t wait_ms = 0;
    if (serve->rate.bytes_per_s == 0) {
        return 0;
    }
    pthread_mutex_lock(&serve->lock);
    int64_t now_us = clock_monotonic_us();
    uint64_t missing = rate_missing(&serve->rate, bytes, now_us);
    if (missing == 0 && delivery_share_yields(serve->first, consumer, serve->rated, now_us)) {
        missing = bytes; /* what is there is another's */
    }
    if (missing == 0) {
        rate_take(&serve->rate, bytes);
        memcpy(serve->rated, consumer, sizeof serve->rated);
        delivery->wants_until_us = 0;
    } else {
        wait_ms = rate_wait_ms(&serve->rate, missing);
        delivery->wants_until_us = now_us + (wait_ms + RATE_GRACE_MS) * 1000;
    }
    pthread_mutex_unlock(&serve->lock);
    return wait_ms;
}

/* Reads a chunk and holds it against the manifest: a file that has changed is noticed here. */
static int read_chunk(struct buf *bytes, const struct delivery *delivery, size_t index)
{
    const struct manifest *manifest = &delivery->manifest;
    struct file_mark mark;
    size_t len = manifest_chunk_bytes(manifest, index);
    if (file_mark_of(&mark, delivery->fd) != 0) {
        return ERR_IO;
    }
    if (!file_mark_equal(&mark, &delivery->mark)) {
        return ERR_DIGEST;
    }
    buf_reserve(bytes, len);
    int error =
        file_read_all(delivery->fd, bytes->data, len, (uint64_t)index * manifest->chunk_bytes);
    if (error != 0) {
        return error;
    }
    bytes->len = len;
    struct hash leaf = manifest_leaf(view_of_buf(bytes));
    return hash_equal(&leaf, &manifest->leaf[index]) ? 0 : ERR_DIGEST;
}

/* A chunk in its turn, counted as having left before it does. The delivery's lock is held. */
static int take_chunk(struct call *call, size_t index)
{
    struct delivery *delivery = call->delivery;
    int error = 0;
    if (index >= delivery->manifest.chunk_count || index > delivery->served) {
        return ERR_FIELD_RANGE;
    }
    if (delivery->fd < 0) { /* after a restart */
        error = delivery_open_file(delivery, call->gateway);
    }
    if (error == 0) {
        size_t len = manifest_chunk_bytes(&delivery->manifest, index);
        call->out->retry_ms = take_of_rate(call->serve, delivery, len);
    }
    if (error != 0 || call->out->retry_ms > 0) {
        return error;
    }
    error = read_chunk(&call->out->bytes, delivery, index);
    if (error == 0 && index == delivery->served) {
        error = delivery_advance(&call->serve->shelves, delivery);
        delivery->served += error == 0;
    }
    return error;
}

/* The delivery's lock; who had to wait for it looks at the ledger as it is then. */
static int lock_delivery(struct call *call)
{
    if (pthread_mutex_trylock(&call->delivery->lock) == 0) {
        return 0;
    }
    pthread_mutex_lock(&call->delivery->lock);
    store_view_close(&call->view);
    if (store_view_open(&call->view, call->gateway->host.kv) == 0) {
        return 0;
    }
    call->view = (struct store_view){0};
    return call_fail(call, ERR_UNAVAILABLE);
}

/* Decided by a view that is no older than the reading of one chunk. The delivery's lock is held. */
static int serve_chunk(struct call *call, size_t index)
{
    int error = decide(call);
    error = error != 0 ? error : check_state(call);
    if (error != 0) {
        return error;
    }
    error = take_chunk(call, index);
    if (error == ERR_DIGEST) {
        delivery_fail(call->serve, call->delivery, error);
    }
    return error != 0 ? call_fail(call, error) : 0;
}

void gateway_serve_chunk(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                         const char *open, size_t index, struct serve_answer *out)
{
    AUTO(call_end) struct call call;
    int error = call_begin(&call, gateway, key, open, out);
    error = error != 0 ? error : certify(&call);
    if (error == 0 && call.delivery == NULL) {
        error = decide(&call);
        error = error != 0 ? error : call_fail(&call, ERR_STATUS);
    }
    if (error != 0) {
        return;
    }
    error = lock_delivery(&call);
    error = error != 0 ? error : serve_chunk(&call, index);
    pthread_mutex_unlock(&call.delivery->lock);
    atomic_fetch_add(&gateway->counters.bytes_sent, error == 0 ? out->bytes.len : 0);
    if (error != 0) {
        buf_free(&out->bytes);
    }
}

/* ---- POST complete ---- */

/* Nothing was ever asked for, and the consumer says that it will not be. */
static int begin_given_up(struct call *call)
{
    struct delivery *fresh = NULL;
    int error = delivery_begin(&fresh, call);
    if (error != 0) {
        return error;
    }
    fresh->state = DELIVERY_FAILED;
    fresh->error = ERR_OPEN_CLOSED;
    return delivery_adopt(call, fresh);
}

void gateway_serve_complete(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                            const char *open, struct serve_answer *out)
{
    AUTO(call_end) struct call call;
    int error = call_begin(&call, gateway, key, open, out);
    error = error != 0 ? error : certify(&call);
    if (error == 0 && strcmp(call.proved.consumer, call.caller) != 0) {
        error = call_refuse(&call, ERR_NOT_GRANTED);
    }
    if (error == 0 && call.delivery == NULL) {
        error = begin_given_up(&call);
    }
    if (error != 0) {
        return;
    }
    pthread_mutex_lock(&call.delivery->lock);
    if (call.delivery->state == DELIVERY_PREPARING) {
        out->retry_ms = PREPARING_RETRY_MS;
    } else if (call.delivery->state != DELIVERY_CLOSED) {
        error = delivery_close(call.serve, call.delivery);
    }
    pthread_mutex_unlock(&call.delivery->lock);
    if (error != 0) {
        (void)call_fail(&call, error);
    } else if (out->retry_ms == 0) {
        out->doc = doc_new_object();
        doc_set_text(out->doc, "state", "closed");
    }
}
