/* The list of deliveries, the preparer's thread, and how deliveries end. */
#include "exchange/deliveries.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/delivery_share.h"
#include "exchange/scope.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS 1000
#define GRACE_MS 30000 /* after an open's end, for a consumer that says how it went */

/* ---- the list ---- */

/* Under the lock. */
static struct delivery *find(const struct serve *serve, const struct hash *open)
{
    struct delivery *delivery = serve->first;
    while (delivery != NULL && !hash_equal(&delivery->open.id, open)) {
        delivery = delivery->next;
    }
    return delivery;
}

static void list_push(struct serve *serve, struct delivery *delivery)
{
    delivery->next = serve->first;
    serve->first = delivery;
    serve->count++;
}

static void list_remove(struct serve *serve, struct delivery *delivery)
{
    struct delivery **at = &serve->first;
    while (*at != delivery) {
        at = &(*at)->next;
    }
    *at = delivery->next;
    serve->count--;
}

struct delivery *deliveries_take(struct serve *serve, const struct hash *open)
{
    pthread_mutex_lock(&serve->lock);
    struct delivery *delivery = find(serve, open);
    if (delivery != NULL) {
        delivery->users++;
    }
    pthread_mutex_unlock(&serve->lock);
    return delivery;
}

int deliveries_adopt(struct delivery **out, struct serve *serve, struct delivery *fresh)
{
    pthread_mutex_lock(&serve->lock);
    struct delivery *delivery = find(serve, &fresh->open.id);
    int error = delivery != NULL ? 0 : delivery_share_check(serve->first, fresh);
    if (delivery == NULL && error == 0) {
        delivery = fresh;
        list_push(serve, fresh);
    }
    if (delivery != NULL) {
        delivery->users++;
    }
    pthread_mutex_unlock(&serve->lock);
    if (delivery != fresh) {
        delivery_free(fresh);
    }
    bell_ring(serve->bell);
    *out = delivery;
    return error;
}

size_t serve_count(struct serve *serve)
{
    pthread_mutex_lock(&serve->lock);
    size_t count = serve->count;
    pthread_mutex_unlock(&serve->lock);
    return count;
}

void deliveries_release(struct serve *serve, struct delivery *delivery)
{
    pthread_mutex_lock(&serve->lock);
    delivery->users--;
    pthread_mutex_unlock(&serve->lock);
}

/* ---- ends ---- */

static void receipt_name(char out[SHELF_NAME_CHARS_MAX + 1], const struct delivery *delivery)
{
    (void)snprintf(out, SHELF_NAME_CHARS_MAX + 1, "%s.provider", delivery->open.hex);
}

/* The file stays where it is, a copy does not. */
static void let_go(const struct serve *serve, struct delivery *delivery)
{
    fd_close(&delivery->fd);
    if (delivery->cut) {
        (void)unlinkat(serve->gateway->spool, delivery->open.hex, 0);
    }
}

int delivery_close(struct serve *serve, struct delivery *delivery)
{
    char name[SHELF_NAME_CHARS_MAX + 1];
    if (delivery->state == DELIVERY_READY && delivery->fd < 0) {
        (void)delivery_open_file(delivery, serve->gateway); /* rows are counted from it */
    }
    AUTO(doc_free) struct doc *body = delivery_receipt(delivery);
    AUTO(doc_free) struct doc *opening = delivery_opening(delivery, body);
    (void)snprintf(name, sizeof name, "%s.sent", delivery->open.hex);
    int error = opening == NULL ? 0 : shelf_put(&serve->gateway->openings, name, opening);
    receipt_name(name, delivery);
    if (error == 0) {
        error =
            courier_post(serve->gateway->courier, name, LETTER_MUST, "access.receipt", body, NULL);
    }
    if (error != 0) {
        return error;
    }
    delivery->state = DELIVERY_CLOSED;
    let_go(serve, delivery);
    /* If this fails, the one on the shelf is closed again after a restart: the receipt has a name,
     * and the ledger takes one a side. */
    if (delivery_store(&serve->shelves, delivery) != 0) {
        log_write(LOG_ERROR, "exchange", "the end of delivery %s is not on disk",
                  delivery->open.hex);
    }
    return 0;
}

void delivery_fail(struct serve *serve, struct delivery *delivery, int error)
{
    if (delivery->state == DELIVERY_READY && delivery->fd < 0) {
        (void)delivery_open_file(delivery, serve->gateway); /* rows are counted from it */
    }
    delivery->rows = delivery_rows(delivery);
    delivery->state = DELIVERY_FAILED;
    delivery->error = error;
    if (!delivery_error_passes(error)) { /* else it is tried again */
        delivery_rest(&serve->shelves, delivery);
        (void)delivery_store(&serve->shelves, delivery);
    }
    let_go(serve, delivery);
    log_write(LOG_WARN, "exchange", "the transfer of %s stops, resource %s: %s", delivery->open.hex,
              delivery->resource, error_code(error));
}

int delivery_judge(struct serve *serve, struct delivery *delivery, struct faults *faults,
                   const struct store_view *view, const char *caller)
{
    struct exchange_gateway *gateway = serve->gateway;
    int error = release_check(&delivery->look, faults, &delivery->open, view, gateway->member,
                              gateway->key_name, caller, gateway_now_ms(gateway));
    if (delivery->state != DELIVERY_READY) {
        return error;
    }
    const char *lost =
        error != 0 ? NULL : scope_lost(release_scope(delivery->look), delivery->scope);
    if (lost != NULL) {
        (void)snprintf(delivery->detail, sizeof delivery->detail, "grant.items%s%s",
                       lost[0] == 0 ? "" : ".", lost);
        error = faults_add(faults, ERR_SCOPE_NARROWED, SCOPE_CLAUSE, "%s", delivery->detail);
    }
    if (release_is_over(error)) {
        delivery_fail(serve, delivery, error);
    }
    return error;
}

/* A cut copy does not wait for its consumer to ask once more, when the ledger has ended what it is
 * of. An open that was not asked for since a restart is not proved: its time ends it. */
static void look_after(struct serve *serve, struct delivery *delivery,
                       const struct store_view *view)
{
    struct faults faults = {0};
    if (view->kv != NULL && delivery->state == DELIVERY_READY && delivery->cut &&
        delivery->open.body != NULL) {
        (void)delivery_judge(serve, delivery, &faults, view, delivery->open.consumer);
    }
}

/* Whether it can be forgotten. A failed one whose error passes is, so that the next request begins
 * anew; others wait for the consumer's word or the open's end; a closed one for its receipt. */
static bool is_over(struct serve *serve, struct delivery *delivery, int64_t now_ms)
{
    char name[SHELF_NAME_CHARS_MAX + 1];
    struct courier *courier = serve->gateway->courier;
    switch (delivery->state) {
    case DELIVERY_PREPARING:
        return false;
    case DELIVERY_FAILED:
        if (delivery_error_passes(delivery->error)) {
            return true;
        }
        /* fall through */
    case DELIVERY_READY:
        if (now_ms >= delivery->expires_ms + GRACE_MS) {
            (void)delivery_close(serve, delivery);
        }
        return false;
    case DELIVERY_CLOSED:
    default:
        receipt_name(name, delivery);
        return courier_look(courier, name, NULL, NULL, NULL) == LETTER_NONE;
    }
}

/* Ends one that this thread uses, and lets it go. */
static void end_one(struct serve *serve, struct delivery *delivery, const struct store_view *view,
                    int64_t now_ms)
{
    pthread_mutex_lock(&delivery->lock);
    look_after(serve, delivery, view);
    bool over = is_over(serve, delivery, now_ms);
    pthread_mutex_unlock(&delivery->lock);
    pthread_mutex_lock(&serve->lock);
    over = over && delivery->users == 1;
    delivery->users--;
    if (over) {
        list_remove(serve, delivery);
    }
    pthread_mutex_unlock(&serve->lock);
    if (over) {
        delivery_forget(&serve->shelves, delivery);
        delivery_free(delivery);
    }
}

int64_t serve_step(struct serve *serve)
{
    int64_t now_ms = gateway_now_ms(serve->gateway);
    struct delivery *all[DELIVERIES_LIST_MAX];
    struct store_view view;
    size_t count = 0;
    pthread_mutex_lock(&serve->lock);
    for (struct delivery *delivery = serve->first; delivery != NULL; delivery = delivery->next) {
        delivery->users++;
        all[count++] = delivery;
    }
    pthread_mutex_unlock(&serve->lock);
    if (count == 0) {
        return STEP_MS;
    }
    if (store_view_open(&view, serve->gateway->host.kv) != 0) {
        view = (struct store_view){0};
    }
    for (size_t i = 0; i < count; i++) {
        end_one(serve, all[i], &view, now_ms);
    }
    if (view.kv != NULL) {
        store_view_close(&view);
    }
    return STEP_MS;
}

/* ---- preparing ---- */

static struct delivery *next_to_prepare(struct serve *serve)
{
    pthread_mutex_lock(&serve->lock);
    struct delivery *delivery = delivery_share_next(serve->first, serve->prepared);
    if (delivery != NULL) {
        memcpy(serve->prepared, delivery->open.consumer, sizeof serve->prepared);
        delivery->unprepared = false;
        delivery->users++;
    }
    pthread_mutex_unlock(&serve->lock);
    return delivery;
}

/* The delivery's lock is not held meanwhile: nobody else touches one that is being prepared. */
static void prepare_one(struct serve *serve, struct delivery *delivery)
{
    struct exchange_gateway *gateway = serve->gateway;
    int error = delivery_prepare(delivery, gateway);
    pthread_mutex_lock(&delivery->lock);
    doc_free(&delivery->parameters);
    delivery->state = DELIVERY_READY;
    error = error != 0 ? error : delivery_store(&serve->shelves, delivery);
    if (error != 0) {
        delivery_fail(serve, delivery, error);
    }
    pthread_mutex_unlock(&delivery->lock);
    if (error != 0) {
        refusal_record(gateway, error, gateway->member, delivery->open.consumer, delivery->open.hex,
                       delivery->open.body);
    }
}

static void *run_preparer(void *argument)
{
    struct serve *serve = argument;
    while (!atomic_load(&serve->gateway->stopping)) {
        struct delivery *delivery = next_to_prepare(serve);
        if (delivery == NULL) {
            bell_wait(serve->bell, STEP_MS);
            continue;
        }
        prepare_one(serve, delivery);
        deliveries_release(serve, delivery);
    }
    return NULL;
}

/* ---- life ---- */

static void load_one(void *context, const char *name, const struct doc *doc)
{
    struct serve *serve = context;
    struct delivery *delivery = NULL;
    if (delivery_load(&delivery, &serve->shelves, name, doc) != 0) {
        log_write(LOG_ERROR, "exchange", "the record of delivery %s is damaged; it is left alone",
                  name);
        return;
    }
    list_push(serve, delivery);
}

/* Copies that were being cut when the process ended, or whose delivery is over: nobody's any more.
 */
static void clean_spool(struct serve *serve)
{
    int fd = openat(serve->gateway->spool, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *spool = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    if (spool == NULL) {
        fd_close(&fd);
        return;
    }
    while ((entry = readdir(spool)) != NULL) {
        struct hash open;
        const struct delivery *delivery =
            hash_from_hex(&open, entry->d_name) == 0 ? find(serve, &open) : NULL;
        if (delivery == NULL || delivery->state != DELIVERY_READY || !delivery->cut) {
            (void)unlinkat(serve->gateway->spool, entry->d_name, 0); /* not of "." and ".." */
        }
    }
    (void)closedir(spool);
}

int serve_open(struct serve **out, struct exchange_gateway *gateway)
{
    struct serve *serve = memory_alloc(sizeof *serve);
    *out = serve;
    serve->gateway = gateway;
    serve->bell = bell_new();
    (void)pthread_mutex_init(&serve->lock, NULL);
    rate_open(&serve->rate, gateway->rate_bytes_per_s, gateway->chunk_bytes, clock_monotonic_us());
    int error = delivery_shelves_open(&serve->shelves, gateway->home);
    if (error == 0) {
        error = shelf_each(&serve->shelves.deliveries, DELIVERIES_LIST_MAX, load_one, serve);
    }
    if (error == 0) {
        clean_spool(serve);
        serve->preparer_runs = pthread_create(&serve->preparer, NULL, run_preparer, serve) == 0;
        error = serve->preparer_runs ? 0 : ERR_UNAVAILABLE;
    }
    return error;
}

void serve_close(struct serve **serve)
{
    if (*serve == NULL) {
        return;
    }
    bell_ring((*serve)->bell);
    if ((*serve)->preparer_runs) {
        (void)pthread_join((*serve)->preparer, NULL);
    }
    while ((*serve)->first != NULL) {
        struct delivery *delivery = (*serve)->first;
        delivery_rest(&(*serve)->shelves, delivery);
        list_remove(*serve, delivery);
        delivery_free(delivery);
    }
    bell_free(&(*serve)->bell);
    (void)pthread_mutex_destroy(&(*serve)->lock);
    memory_free(*serve);
    *serve = NULL;
}
