/* The gateway: its directories, its parts, and the worker that carries letters and ends deliveries.
 */
#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secret.h"
#include "exchange/gateway_parts.h"
#include "exchange/mask_secret.h"
#include "exchange/paths.h"
#include "exchange/records.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define WORKER_IDLE_MS 1000
#define WORKER_BUSY_MS 5 /* between two rounds, however often it is woken */

/* ---- refusals on record (D10) ---- */

/* What was stated goes on record only where the ledger takes it: the grant if it is one between the
 * two, the operator if it is a key of the consumer, not whatever name somebody typed. */
static void state_known(struct doc *body, const struct exchange_gateway *gateway,
                        const struct doc *stated)
{
    struct store_view view;
    AUTO(doc_free) struct doc *grant = NULL;
    AUTO(doc_free) struct doc *key = NULL;
    const char *consumer = doc_get_text(body, "consumer");
    const char *id = doc_get_text(stated, "grant"), *name = doc_get_text(stated, "operator");
    if (store_view_open(&view, gateway->host.kv) != 0) {
        return;
    }
    if (id != NULL && record_read(&grant, &view, "grant/%s", id) == 0 &&
        doc_text_is(grant, "provider", doc_get_text(body, "provider")) &&
        doc_text_is(grant, "consumer", consumer)) {
        doc_set_text(body, "grant", id);
    }
    if (name != NULL && record_read(&key, &view, "key/%s/%s", consumer, name) == 0) {
        doc_set_text(body, "operator", name);
    }
    store_view_close(&view);
}

/* One record for each open (or wish), member and reason; the memory of it is bounded, and lost with
 * the process: then a record more is written. */
static bool is_new_refusal(struct exchange_gateway *gateway, const struct hash *mark)
{
    bool known = false;
    pthread_mutex_lock(&gateway->lock);
    for (size_t i = 0; i < REFUSALS_REMEMBERED; i++) {
        known = known || hash_equal(&gateway->refused[i], mark);
    }
    if (!known) {
        gateway->refused[gateway->refused_next++ % REFUSALS_REMEMBERED] = *mark;
    }
    pthread_mutex_unlock(&gateway->lock);
    return !known;
}

static struct doc *refusal_body(const struct exchange_gateway *gateway, const char *reason,
                                const char *provider, const char *consumer,
                                const struct doc *stated)
{
    static const char *const as_stated[] = {"parameters", "purpose", "system"};
    struct doc *body = doc_new_object();
    doc_set_text(body, "consumer", consumer);
    doc_set_text(body, "method", RELEASE_METHOD);
    doc_set_text(body, "provider", provider);
    doc_set_text(body, "reason", reason);
    state_known(body, gateway, stated);
    for (size_t i = 0; i < sizeof as_stated / sizeof *as_stated; i++) {
        if (doc_get(stated, as_stated[i]) != NULL) {
            doc_set(body, as_stated[i], doc_ref(doc_get(stated, as_stated[i])));
        }
    }
    return body;
}

void refusal_record(struct exchange_gateway *gateway, int error, const char *provider,
                    const char *consumer, const char *open, const struct doc *stated)
{
    char name[SHELF_NAME_CHARS_MAX + 1], hex[2 * HASH_BYTES + 1];
    const char *reason = release_refusal_reason(error);
    if (reason == NULL) {
        return;
    }
    AUTO(doc_free) struct doc *body = refusal_body(gateway, reason, provider, consumer, stated);
    AUTO(buf_free) struct buf what = {0};
    doc_append_canonical(&what, body);
    buf_append_text(&what, open == NULL ? "" : open);
    struct hash mark = hash_sha256(view_of_buf(&what));
    if (!is_new_refusal(gateway, &mark)) {
        return;
    }
    hash_to_hex(hex, &mark);
    (void)snprintf(name, sizeof name, "refused-%.32s", hex);
    error = courier_post(gateway->courier, name, LETTER_TRY, "access.refused", body, NULL);
    if (error != 0) {
        log_write(LOG_WARN, "exchange", "a refusal (%s) cannot be put on record: %s", reason,
                  error_code(error));
    }
}

/* ---- the worker ---- */

static void *run_worker(void *argument)
{
    struct exchange_gateway *gateway = argument;
    while (!atomic_load(&gateway->stopping)) {
        int64_t wait_ms = courier_step(gateway->courier);
        int64_t other_ms = serve_step(gateway->serve);
        fetch_wake(gateway->fetch);
        wait_ms = wait_ms < other_ms ? wait_ms : other_ms;
        wait_ms = wait_ms < WORKER_BUSY_MS ? WORKER_BUSY_MS : wait_ms;
        bell_wait(gateway->bell, wait_ms < WORKER_IDLE_MS ? wait_ms : WORKER_IDLE_MS);
    }
    return NULL;
}

void exchange_gateway_wake(struct exchange_gateway *gateway)
{
    bell_ring(gateway->bell);
}

void exchange_gateway_stats(struct exchange_stats *out, struct exchange_gateway *gateway)
{
    out->bytes_sent = atomic_load(&gateway->counters.bytes_sent);
    out->bytes_received = atomic_load(&gateway->counters.bytes_received);
    out->refused = atomic_load(&gateway->counters.refused);
    out->transfers = fetch_count(gateway->fetch);
    out->deliveries = serve_count(gateway->serve);
}

const char *exchange_gateway_key_name(const struct exchange_gateway *gateway)
{
    return gateway->key_name;
}

const struct tls_identity *exchange_gateway_tls(const struct exchange_gateway *gateway)
{
    return &gateway->tls;
}

/* ---- opening ---- */

int exchange_config_check(struct faults *faults, const struct exchange_config *config)
{
    int error = 0;
    for (size_t i = 0; i < config->resource_count; i++) {
        const struct exchange_resource *resource = &config->resources[i];
        size_t len = strlen(resource->id);
        if (len == 0 || len > RESOURCE_CODE_CHARS_MAX ||
            strspn(resource->id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789._-") != len ||
            strspn(resource->id, ".") == len) {
            error = faults_add(faults, ERR_FIELD_FORMAT, NULL,
                               "exchange.resources[%zu].id: A-Z a-z 0-9 . _ -", i);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(config->resources[k].id, resource->id) == 0) {
                error = faults_add(faults, ERR_DUPLICATE, NULL, "exchange.resources[%zu].id: %s", i,
                                   resource->id);
            }
        }
        if (resource->delimiter != 0 && strchr(",;\t|", resource->delimiter) == NULL) {
            error = faults_add(faults, ERR_FIELD_CHOICE, NULL,
                               "exchange.resources[%zu].delimiter: , ; | \\t", i);
        }
    }
    if (config->resource_count > 0 && config->root == NULL) {
        error = faults_add(faults, ERR_CONFIG_MISSING, NULL, "exchange.root");
    }
    if (config->chunk_bytes != 0 && (config->chunk_bytes < TRANSFER_CHUNK_BYTES_MIN ||
                                     config->chunk_bytes > TRANSFER_CHUNK_BYTES_MAX)) {
        error = faults_add(faults, ERR_FIELD_RANGE, NULL, "exchange.chunk_bytes: %d…%d",
                           TRANSFER_CHUNK_BYTES_MIN, TRANSFER_CHUNK_BYTES_MAX);
    }
    return error;
}

static int open_directory(int *fd, struct faults *faults, const char *key, const char *path,
                          bool make)
{
    int error = make ? file_make_directory(path, 0700) : 0;
    error = error != 0 ? error : root_open(fd, path);
    return error != 0 ? faults_add(faults, error, NULL, "%s: %s", key, path) : 0;
}

static int open_home(struct exchange_gateway *gateway, struct faults *faults,
                     const struct exchange_config *config)
{
    char spool[SHELF_PATH_BYTES_MAX + 8];
    int len = snprintf(gateway->home, sizeof gateway->home, "%s/gateway", config->data_directory);
    if (len < 0 || (size_t)len >= sizeof gateway->home) {
        return faults_add(faults, ERR_FIELD_LENGTH, NULL, "data_directory");
    }
    (void)snprintf(spool, sizeof spool, "%s/spool", gateway->home);
    int error = open_directory(&gateway->spool, faults, "data_directory", spool, true);
    if (error == 0) {
        error = shelf_open(&gateway->openings, gateway->home, "openings", OPENING_DOC_BYTES_MAX);
        error =
            error != 0 ? faults_add(faults, error, NULL, "data_directory: %s", gateway->home) : 0;
    }
    error = error != 0
                ? error
                : open_directory(&gateway->inbox, faults, "exchange.inbox", config->inbox, true);
    if (error == 0 && config->root != NULL) {
        error = open_directory(&gateway->root, faults, "exchange.root", config->root, false);
    }
    return error;
}

static int open_mask_secret(struct exchange_gateway *gateway, struct faults *faults)
{
    char path[SHELF_PATH_BYTES_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/mask.key", gateway->home);
    int error = mask_secret_open(&gateway->mask_secret, path);
    return error != 0 ? faults_add(faults, error, NULL, "%s", path) : 0;
}

static void copy_resources(struct exchange_gateway *gateway, const struct exchange_config *config)
{
    gateway->resources = memory_alloc(config->resource_count * sizeof *gateway->resources);
    gateway->resource_count = config->resource_count;
    for (size_t i = 0; i < config->resource_count; i++) {
        struct resource *resource = &gateway->resources[i];
        (void)snprintf(resource->id, sizeof resource->id, "%s", config->resources[i].id);
        resource->path = memory_copy_text(config->resources[i].path);
        resource->table = config->resources[i].table;
        resource->delimiter = config->resources[i].delimiter;
    }
}

static int open_parts(struct exchange_gateway *gateway, const struct exchange_config *config)
{
    int error = tls_identity_open(&gateway->tls, config->peer_seed);
    if (error == 0) {
        error = courier_open(&gateway->courier, &gateway->host, &config->key, gateway->home,
                             gateway->bell);
    }
    error = error != 0 ? error : serve_open(&gateway->serve, gateway);
    error = error != 0 ? error : fetch_open(&gateway->fetch, gateway);
    if (error == 0) {
        gateway->worker_runs = pthread_create(&gateway->worker, NULL, run_worker, gateway) == 0;
        error = gateway->worker_runs ? 0 : ERR_UNAVAILABLE;
    }
    return error;
}

int exchange_gateway_start(struct exchange_gateway **out, struct faults *faults,
                           const struct exchange_config *config, const struct exchange_host *host)
{
    *out = NULL;
    int error = exchange_config_check(faults, config);
    if (error != 0) {
        return error;
    }
    struct exchange_gateway *gateway = memory_alloc(sizeof *gateway);
    gateway->host = *host;
    (void)snprintf(gateway->member, sizeof gateway->member, "%s", host->member);
    gateway->host.member = gateway->member;
    memcpy(gateway->key_name, config->key.name, sizeof gateway->key_name);
    gateway->root = gateway->inbox = gateway->spool = -1;
    gateway->chunk_bytes =
        config->chunk_bytes != 0 ? config->chunk_bytes : TRANSFER_CHUNK_BYTES_DEFAULT;
    gateway->rate_bytes_per_s = config->rate_bytes_per_s;
    gateway->endpoint_of = config->endpoint_of;
    gateway->endpoint_context = config->endpoint_context;
    gateway->bell = bell_new();
    (void)pthread_mutex_init(&gateway->lock, NULL);
    copy_resources(gateway, config);
    error = open_home(gateway, faults, config);
    error = error != 0 ? error : open_mask_secret(gateway, faults);
    if (error == 0) {
        error = open_parts(gateway, config);
        if (error != 0) {
            faults_add(faults, error, NULL, "exchange");
        }
    }
    if (error != 0) {
        exchange_gateway_stop(&gateway);
        return error;
    }
    *out = gateway;
    return 0;
}

void exchange_gateway_stop(struct exchange_gateway **gateway)
{
    struct exchange_gateway *at = *gateway;
    if (at == NULL) {
        return;
    }
    atomic_store(&at->stopping, true);
    bell_ring(at->bell);
    if (at->worker_runs) {
        (void)pthread_join(at->worker, NULL);
    }
    fetch_close(&at->fetch);
    serve_close(&at->serve);
    courier_close(&at->courier);
    tls_identity_close(&at->tls);
    fd_close(&at->root);
    fd_close(&at->inbox);
    fd_close(&at->spool);
    for (size_t i = 0; i < at->resource_count; i++) {
        memory_free(at->resources[i].path);
    }
    memory_free(at->resources);
    secret_free(at->mask_secret);
    bell_free(&at->bell);
    (void)pthread_mutex_destroy(&at->lock);
    memory_free(at);
    *gateway = NULL;
}
