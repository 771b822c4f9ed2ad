/* The consumer's side: the list of transfers, the threads that move them, and what local callers
 * ask. One lock guards the list and what callers see of a transfer; a transfer that a thread is at
 * work on is `busy` and left alone by the others. Callers start transfers one after the other: what
 * was free when one looked is free when it is on the list. */
#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "chain/rules/tables.h"
#include "exchange/commitment.h"
#include "exchange/records.h"
#include "exchange/transfer_lanes.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct fetch {
    struct exchange_gateway *gateway;
    struct transfer_shelves shelves;
    pthread_mutex_t starting; /* held from the look at the shares to the list; before `lock` */
    pthread_mutex_t lock;
    pthread_cond_t moved;   /* something to do, or stopping */
    struct transfer *first; /* newest first */
    size_t count, at_work;
    struct lanes lanes;
    pthread_t thread[MOVERS];
    size_t threads;
};

/* ---- the list (under the lock) ---- */

static struct transfer *find(const struct fetch *fetch, const char *id)
{
    struct transfer *transfer = fetch->first;
    while (transfer != NULL && strcmp(transfer->hex, id) != 0) {
        transfer = transfer->next;
    }
    return transfer;
}

static void insert(struct fetch *fetch, struct transfer *transfer)
{
    struct transfer **at = &fetch->first;
    while (*at != NULL && (*at)->created_ms > transfer->created_ms) {
        at = &(*at)->next;
    }
    transfer->lane = lanes_of(&fetch->lanes, transfer->provider);
    transfer->next = *at;
    *at = transfer;
    fetch->count++;
    fetch->at_work += !transfer_is_over(transfer->state);
}

/* The oldest that is over makes room: what matters of it is on the ledger. */
static struct transfer *take_oldest_over(struct fetch *fetch)
{
    struct transfer **found = NULL;
    for (struct transfer **at = &fetch->first; *at != NULL; at = &(*at)->next) {
        if (transfer_is_over((*at)->state) && !(*at)->busy) {
            found = at;
        }
    }
    if (found == NULL) {
        return NULL;
    }
    struct transfer *transfer = *found;
    *found = transfer->next;
    fetch->count--;
    return transfer;
}

static void forget(struct fetch *fetch, struct transfer *transfer)
{
    (void)shelf_remove(&fetch->shelves.transfers, transfer->hex);
    (void)shelf_remove(&fetch->shelves.manifests, transfer->hex);
    (void)gateway_opening_erase(fetch->gateway, transfer->hex);
    transfer_free(transfer);
}

/* ---- threads ---- */

static void wait_until(struct fetch *fetch, int64_t wait_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t ns = (int64_t)until.tv_nsec + wait_ms % 1000 * 1000000;
    until.tv_sec += (time_t)(wait_ms / 1000 + ns / 1000000000);
    until.tv_nsec = (long)(ns % 1000000000);
    (void)pthread_cond_timedwait(&fetch->moved, &fetch->lock, &until);
}

static void *run_mover(void *argument)
{
    struct fetch *fetch = argument;
    struct gateway_client *client =
        gateway_client_new(&fetch->gateway->tls, &fetch->gateway->stopping);
    const struct transfer_work work = {.gateway = fetch->gateway,
                                       .shelves = &fetch->shelves,
                                       .lock = &fetch->lock,
                                       .client = client};
    pthread_mutex_lock(&fetch->lock);
    while (!atomic_load(&fetch->gateway->stopping)) {
        int64_t wait_ms;
        struct transfer *transfer =
            lanes_next(&fetch->lanes, fetch->first, clock_monotonic_ms(), &wait_ms);
        if (transfer == NULL) {
            wait_until(fetch, wait_ms);
            continue;
        }
        lanes_begin(&fetch->lanes, transfer);
        pthread_mutex_unlock(&fetch->lock);
        wait_ms = transfer_step(transfer, &work);
        pthread_mutex_lock(&fetch->lock);
        transfer->next_ms = clock_monotonic_ms() + wait_ms;
        lanes_end(transfer);
        pthread_cond_signal(&fetch->moved); /* its lane may have another one for an idle thread */
        fetch->at_work -= transfer_is_over(transfer->state);
    }
    pthread_mutex_unlock(&fetch->lock);
    gateway_client_free(&client);
    return NULL;
}

void fetch_wake(struct fetch *fetch)
{
    pthread_mutex_lock(&fetch->lock);
    for (struct transfer *at = fetch->first; at != NULL; at = at->next) {
        if (at->state == TRANSFER_OPENING || at->state == TRANSFER_CLOSING) {
            at->next_ms = 0; /* a busy one looks again at its usual time */
        }
    }
    pthread_cond_broadcast(&fetch->moved);
    pthread_mutex_unlock(&fetch->lock);
}

/* ---- starting a transfer ---- */

const struct field gateway_transfer_fields[] = {
    F("grant", HASH, MUST, 0, 0, "The grant.", "授权。", "E2"),
    F("system", TEXT, MUST, 1, 200, "Using system, as granted.", "使用系统，与授权一致。",
      "CESI 6.4.2"),
    F("operator", CODE, MUST, 1, 64,
      "Who uses it: the name of a gateway key of the consumer, in force; never a person's.",
      "使用人：使用方现行有效的网关密钥名称，不得为姓名。", "CESI 6.4.2"),
    F("purpose", TEXT, MUST, 2, 500, "Purpose, as granted.", "用途，与授权一致。", "PT 25"),
    F("authorisation", HASH, MAY, 0, 0,
      "Commitment to the person's authorisation, where the grant is bound to it.",
      "当事人可信授权的承诺值（授权以此为限时）。", "PT 19"),
    F("resource", CODE, MAY, 1, 128, "Which file, where several are bound to the entry.",
      "资源标识（目录挂接多个文件时）。", "C7"),
    F("rows_max", INT, MAY, 1, DOC_INT_MAX,
      "Most rows that may move. Under a quota it reserves all that the day has left, unless "
      "stated.",
      "本次最多传输条数；授权有配额而未填的，预留当日全部余量。", "D10"),
    F("bytes_max", INT, MAY, 1, DOC_INT_MAX, "Most bytes that may move, likewise.",
      "本次最多传输字节数，同上。", "D10"),
    F_END,
};

static int read_grant(struct doc **grant, const struct exchange_gateway *gateway,
                      struct faults *faults, const char *id)
{
    struct store_view view;
    if (store_view_open(&view, gateway->host.kv) != 0) {
        return faults_add(faults, ERR_UNAVAILABLE, NULL, "%s", "");
    }
    int error = record_read(grant, &view, "grant/%s", id);
    store_view_close(&view);
    if (error == ERR_NOT_FOUND) {
        return faults_add(faults, ERR_SUBJECT, "D10", "grant");
    }
    if (error != 0) {
        return faults_add(faults, error, NULL, "grant");
    }
    if (!doc_text_is(*grant, "consumer", gateway->member) ||
        !doc_text_is(*grant, "mode", RELEASE_METHOD)) {
        doc_free(grant);
        return faults_add(faults, ERR_NOT_GRANTED, "D10", "grant");
    }
    return 0;
}

/* The body of access.open, and the opening of its commitment. */
static struct doc *make_open(struct doc **opening, const struct doc *request,
                             const struct doc *grant)
{
    static const char *const same[] = {"authorisation", "bytes_max", "grant", "operator",
                                       "purpose",       "rows_max",  "system"};
    struct hash salt;
    struct doc *parameters = doc_new_object();
    const struct doc *resource = doc_get(request, "resource");
    if (resource != NULL) {
        doc_set(parameters, "resource", doc_ref(resource));
    }
    commitment_salt(&salt);
    struct hash commitment = commitment_of(&salt, parameters);
    *opening = doc_new_object();
    doc_set_hash(*opening, "salt", &salt);
    doc_set(*opening, "value", parameters);
    struct doc *body = doc_new_object();
    doc_set(body, "acts_on", doc_ref(doc_get(grant, "version")));
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (doc_get(request, same[i]) != NULL) {
            doc_set(body, same[i], doc_ref(doc_get(request, same[i])));
        }
    }
    doc_set_text(body, "method", RELEASE_METHOD);
    doc_set_hash(body, "parameters", &commitment);
    return body;
}

/* Signed, and durable before anything is sent: opening, transfer, letter, in this order. */
static int store_new(struct transfer *transfer, struct fetch *fetch, const struct doc *opening)
{
    char letter[SHELF_NAME_CHARS_MAX + 1];
    AUTO(buf_free) struct buf jws = {0};
    int64_t expires_ms;
    struct courier *courier = fetch->gateway->courier;
    int error =
        courier_sign(&jws, &transfer->id, &expires_ms, courier, "access.open", transfer->body);
    if (error != 0) {
        return error;
    }
    hash_to_hex(transfer->hex, &transfer->id);
    transfer->jws = memory_copy_text(buf_text(&jws));
    AUTO(doc_free) struct doc *doc = transfer_to_doc(transfer);
    error = shelf_put(&fetch->gateway->openings, transfer->hex, opening);
    error = error != 0 ? error : shelf_put(&fetch->shelves.transfers, transfer->hex, doc);
    if (error == 0) {
        (void)snprintf(letter, sizeof letter, "%s.open", transfer->hex);
        error = courier_post(courier, letter, LETTER_ONCE, "access.open", transfer->body,
                             transfer->jws);
    }
    if (error != 0) {
        (void)shelf_remove(&fetch->shelves.transfers, transfer->hex);
        (void)shelf_remove(&fetch->gateway->openings, transfer->hex);
    }
    return error;
}

static void enter(struct fetch *fetch, struct transfer *transfer)
{
    struct transfer *old = NULL;
    pthread_mutex_lock(&fetch->lock);
    insert(fetch, transfer);
    if (fetch->count > TRANSFERS_KEPT_MAX) {
        old = take_oldest_over(fetch);
    }
    pthread_cond_broadcast(&fetch->moved);
    pthread_mutex_unlock(&fetch->lock);
    if (old != NULL) {
        forget(fetch, old);
    }
}

/* A transfer of its own for a request that has a grant. */
static int start(struct hash *id, struct fetch *fetch, struct faults *faults,
                 const struct doc *request, const struct doc *grant)
{
    AUTO(doc_free) struct doc *opening = NULL;
    const char *provider = doc_get_text(grant, "provider");
    pthread_mutex_lock(&fetch->lock);
    int error = lanes_check(fetch->first, provider, doc_get_text(request, "grant"));
    pthread_mutex_unlock(&fetch->lock);
    if (error != 0) {
        return faults_add(faults, error, NULL, "grant");
    }
    struct transfer *transfer = transfer_new();
    transfer->created_ms = transfer->updated_ms = gateway_now_ms(fetch->gateway);
    transfer->body = make_open(&opening, request, grant);
    (void)snprintf(transfer->provider, sizeof transfer->provider, "%s", provider);
    error = store_new(transfer, fetch, opening);
    if (error != 0) {
        transfer_free(transfer);
        return faults_add(faults, error, NULL, "%s", "");
    }
    *id = transfer->id;
    enter(fetch, transfer);
    return 0;
}

int gateway_transfer_start(struct hash *id, struct exchange_gateway *gateway, struct faults *faults,
                           const struct doc *body)
{
    struct fetch *fetch = gateway->fetch;
    AUTO(doc_free) struct doc *grant = NULL;
    int error = schema_check_fields(gateway_transfer_fields, body, "", faults);
    error = error != 0 ? error : read_grant(&grant, gateway, faults, doc_get_text(body, "grant"));
    if (error != 0) {
        return error;
    }
    pthread_mutex_lock(&fetch->starting);
    error = start(id, fetch, faults, body, grant);
    pthread_mutex_unlock(&fetch->starting);
    return error;
}

/* ---- looking ---- */

int gateway_transfer_get(struct doc **out, struct exchange_gateway *gateway, const char *id)
{
    struct fetch *fetch = gateway->fetch;
    *out = NULL;
    pthread_mutex_lock(&fetch->lock);
    const struct transfer *transfer = find(fetch, id);
    if (transfer != NULL) {
        *out = transfer_to_view(transfer);
    }
    pthread_mutex_unlock(&fetch->lock);
    return *out == NULL ? ERR_NOT_FOUND : 0;
}

struct doc *gateway_transfer_list(struct exchange_gateway *gateway, const char *after, size_t max)
{
    struct fetch *fetch = gateway->fetch;
    struct doc *list = doc_new_array();
    pthread_mutex_lock(&fetch->lock);
    const struct transfer *transfer = after == NULL ? fetch->first : find(fetch, after);
    if (after != NULL && transfer != NULL) {
        transfer = transfer->next;
    }
    for (; transfer != NULL && doc_count(list) < max; transfer = transfer->next) {
        doc_push(list, transfer_to_view(transfer));
    }
    pthread_mutex_unlock(&fetch->lock);
    return list;
}

bool fetch_is_at_work(struct fetch *fetch, const char *id)
{
    pthread_mutex_lock(&fetch->lock);
    const struct transfer *transfer = find(fetch, id);
    bool at_work = transfer != NULL && !transfer_is_over(transfer->state);
    pthread_mutex_unlock(&fetch->lock);
    return at_work;
}

size_t fetch_count(struct fetch *fetch)
{
    pthread_mutex_lock(&fetch->lock);
    size_t count = fetch->at_work;
    pthread_mutex_unlock(&fetch->lock);
    return count;
}

/* ---- life ---- */

static void load_one(void *context, const char *name, const struct doc *doc)
{
    struct fetch *fetch = context;
    struct transfer *transfer = NULL;
    if (transfer_from_doc(&transfer, name, doc) != 0) {
        log_write(LOG_ERROR, "exchange", "the record of transfer %s is damaged; it is left alone",
                  name);
        return;
    }
    insert(fetch, transfer);
}

static int open_shelves(struct transfer_shelves *shelves, const char *home)
{
    int error =
        shelf_open(&shelves->transfers, home, "transfers", TX_BYTES_MAX + TX_PAYLOAD_BYTES_MAX);
    return error != 0 ? error
                      : shelf_open(&shelves->manifests, home, "manifests", MANIFEST_BYTES_MAX);
}

int fetch_open(struct fetch **out, struct exchange_gateway *gateway)
{
    struct fetch *fetch = memory_alloc(sizeof *fetch);
    pthread_condattr_t attributes;
    *out = fetch;
    fetch->gateway = gateway;
    (void)pthread_mutex_init(&fetch->starting, NULL);
    (void)pthread_mutex_init(&fetch->lock, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&fetch->moved, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    int error = open_shelves(&fetch->shelves, gateway->home);
    if (error == 0) {
        error = shelf_each(&fetch->shelves.transfers, 2 * TRANSFERS_KEPT_MAX, load_one, fetch);
    }
    while (error == 0 && fetch->threads < MOVERS) {
        bool runs = pthread_create(&fetch->thread[fetch->threads], NULL, run_mover, fetch) == 0;
        fetch->threads += runs;
        error = runs ? 0 : ERR_UNAVAILABLE;
    }
    return error;
}

void fetch_close(struct fetch **fetch)
{
    if (*fetch == NULL) {
        return;
    }
    fetch_wake(*fetch);
    for (size_t i = 0; i < (*fetch)->threads; i++) {
        (void)pthread_join((*fetch)->thread[i], NULL);
    }
    while ((*fetch)->first != NULL) {
        struct transfer *transfer = (*fetch)->first;
        (*fetch)->first = transfer->next;
        transfer_free(transfer);
    }
    lanes_free(&(*fetch)->lanes);
    (void)pthread_cond_destroy(&(*fetch)->moved);
    (void)pthread_mutex_destroy(&(*fetch)->lock);
    (void)pthread_mutex_destroy(&(*fetch)->starting);
    memory_free(*fetch);
    *fetch = NULL;
}
