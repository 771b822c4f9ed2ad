/* Deliveries on their shelves, and what they sent. */
#include "exchange/delivery.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "exchange/receipts.h"

#include <stdio.h>
#include <string.h>

#define FORMAT "dirchain-delivery/1"
#define PROGRESS_BYTES_MAX 256

static const char *const state_texts[] = {"preparing", "ready", "failed", "closed"};

int delivery_shelves_open(struct delivery_shelves *out, const char *home)
{
    int error =
        shelf_open(&out->deliveries, home, "deliveries", MANIFEST_BYTES_MAX + TX_PAYLOAD_BYTES_MAX);
    return error != 0 ? error : shelf_open(&out->progress, home, "progress", PROGRESS_BYTES_MAX);
}

struct delivery *delivery_new(void)
{
    struct delivery *delivery = memory_alloc(sizeof *delivery);
    (void)pthread_mutex_init(&delivery->lock, NULL);
    delivery->fd = -1;
    delivery->rows = -1;
    return delivery;
}

void delivery_free(struct delivery *delivery)
{
    fd_close(&delivery->fd);
    release_open_free(&delivery->open);
    doc_free(&delivery->parameters);
    doc_free(&delivery->scope);
    release_look_free(&delivery->look);
    manifest_free(&delivery->manifest);
    (void)pthread_mutex_destroy(&delivery->lock);
    memory_free(delivery);
}

/* ---- documents ---- */

/* As bytes: an inode or a time in ns is beyond what integers in documents hold. */
static void mark_put(struct doc *doc, const struct file_mark *mark)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u64(&bytes, mark->device);
    buf_append_u64(&bytes, mark->inode);
    buf_append_u64(&bytes, mark->bytes);
    buf_append_u64(&bytes, (uint64_t)mark->modified_ns);
    buf_append_u64(&bytes, (uint64_t)mark->changed_ns);
    doc_set_bytes(doc, "mark", view_of_buf(&bytes));
}

static int mark_get(struct file_mark *out, const struct doc *doc)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = doc_get_bytes(&bytes, doc, "mark", sizeof *out);
    struct reader reader = reader_of(view_of_buf(&bytes));
    out->device = reader_u64(&reader);
    out->inode = reader_u64(&reader);
    out->bytes = reader_u64(&reader);
    out->modified_ns = (int64_t)reader_u64(&reader);
    out->changed_ns = (int64_t)reader_u64(&reader);
    return error == 0 && reader_done(&reader) ? 0 : ERR_CORRUPT;
}

int delivery_store(const struct delivery_shelves *shelves, const struct delivery *delivery)
{
    AUTO(doc_free) struct doc *doc = doc_new_object();
    doc_set_text(doc, "consumer", delivery->open.consumer);
    doc_set_bool(doc, "cut", delivery->cut);
    if (delivery->detail[0] != 0) {
        doc_set_text(doc, "detail", delivery->detail);
    }
    if (delivery->error != 0) {
        doc_set_text(doc, "error", error_code(delivery->error));
    }
    doc_set_int(doc, "expires_ms", delivery->expires_ms);
    doc_set_text(doc, "format", FORMAT);
    if (delivery->grant[0] != 0) {
        doc_set_text(doc, "grant", delivery->grant);
    }
    if (delivery->manifest.chunk_bytes != 0) {
        doc_set(doc, "manifest", manifest_to_doc(&delivery->manifest));
        mark_put(doc, &delivery->mark);
        doc_set_text(doc, "resource", delivery->resource);
    }
    if (delivery->rows >= 0) {
        doc_set_int(doc, "rows", delivery->rows);
    }
    if (delivery->scope != NULL) {
        doc_set(doc, "scope", doc_ref(delivery->scope));
    }
    doc_set_text(doc, "state", state_texts[delivery->state]);
    return shelf_put(&shelves->deliveries, delivery->open.hex, doc);
}

static int store_limit(const struct delivery_shelves *shelves, const struct delivery *delivery)
{
    AUTO(doc_free) struct doc *doc = doc_new_object();
    doc_set_int(doc, "limit", (int64_t)delivery->limit);
    return shelf_put(&shelves->progress, delivery->open.hex, doc);
}

int delivery_advance(const struct delivery_shelves *shelves, struct delivery *delivery)
{
    if (delivery->served < delivery->limit) {
        return 0;
    }
    size_t before = delivery->limit;
    size_t left = delivery->manifest.chunk_count - delivery->served;
    delivery->limit = delivery->served + (left < DELIVERY_STRIDE ? left : DELIVERY_STRIDE);
    int error = store_limit(shelves, delivery);
    if (error != 0) {
        delivery->limit = before;
    }
    return error;
}

void delivery_rest(const struct delivery_shelves *shelves, struct delivery *delivery)
{
    bool counts = delivery->state == DELIVERY_READY || delivery->state == DELIVERY_FAILED;
    if (counts && delivery->limit != delivery->served) {
        delivery->limit = delivery->served;
        (void)store_limit(shelves, delivery); /* the one before is too high, which is allowed */
    }
}

void delivery_forget(const struct delivery_shelves *shelves, const struct delivery *delivery)
{
    (void)shelf_remove(&shelves->deliveries, delivery->open.hex);
    (void)shelf_remove(&shelves->progress, delivery->open.hex);
}

static int load_manifest(struct delivery *delivery, const struct doc *doc)
{
    const char *resource = doc_get_text(doc, "resource");
    if (doc_get(doc, "manifest") == NULL) {
        return delivery->state == DELIVERY_READY ? ERR_CORRUPT : 0;
    }
    if (mark_get(&delivery->mark, doc) != 0 || resource == NULL ||
        strlen(resource) >= sizeof delivery->resource ||
        manifest_from_doc(&delivery->manifest, NULL, doc_get(doc, "manifest")) != 0) {
        return ERR_CORRUPT;
    }
    memcpy(delivery->resource, resource, strlen(resource) + 1);
    return 0;
}

static int load_fields(struct delivery *delivery, const char *open, const struct doc *doc)
{
    const char *consumer = doc_get_text(doc, "consumer");
    const char *error = doc_get_text(doc, "error");
    const char *grant = doc_get_text(doc, "grant");
    const char *detail = doc_get_text(doc, "detail");
    if (hash_from_hex(&delivery->open.id, open) != 0 || !doc_text_is(doc, "format", FORMAT) ||
        consumer == NULL || strlen(consumer) != MEMBER_ID_CHARS ||
        (grant != NULL && strlen(grant) >= sizeof delivery->grant)) {
        return ERR_CORRUPT;
    }
    hash_to_hex(delivery->open.hex, &delivery->open.id);
    memcpy(delivery->open.consumer, consumer, MEMBER_ID_CHARS + 1);
    if (grant != NULL) {
        memcpy(delivery->grant, grant, strlen(grant) + 1);
    }
    (void)snprintf(delivery->detail, sizeof delivery->detail, "%s", detail == NULL ? "" : detail);
    delivery->rows = doc_get_int(doc, "rows", -1);
    const struct doc *scope = doc_get(doc, "scope");
    delivery->scope = scope == NULL ? NULL : doc_ref(scope);
    delivery->cut = doc_get_bool(doc, "cut", false);
    delivery->error = error == NULL ? 0 : error_from_code(error);
    delivery->expires_ms = doc_get_int(doc, "expires_ms", 0);
    for (unsigned i = DELIVERY_READY; i <= DELIVERY_CLOSED; i++) {
        if (doc_text_is(doc, "state", state_texts[i])) {
            delivery->state = (enum delivery_state)i;
            return load_manifest(delivery, doc);
        }
    }
    return ERR_CORRUPT;
}

int delivery_load(struct delivery **out, const struct delivery_shelves *shelves, const char *open,
                  const struct doc *doc)
{
    struct delivery *delivery = delivery_new();
    AUTO(doc_free) struct doc *progress = NULL;
    int error = load_fields(delivery, open, doc);
    if (error != 0) {
        delivery_free(delivery);
        return error;
    }
    size_t count = delivery->manifest.chunk_count;
    /* What has left is unknown up to the limit; without the record it is all of it. */
    error = shelf_get(&progress, &shelves->progress, open);
    int64_t limit = error == ERR_NOT_FOUND ? 0 : doc_get_int(progress, "limit", INT64_MAX);
    delivery->limit = limit < 0 || (uint64_t)limit > count ? count : (size_t)limit;
    delivery->served = delivery->limit;
    *out = delivery;
    return 0;
}

/* ---- the file ---- */

const struct resource *resource_find(const struct exchange_gateway *gateway, const char *id)
{
    for (size_t i = 0; i < gateway->resource_count; i++) {
        if (strcmp(gateway->resources[i].id, id) == 0) {
            return &gateway->resources[i];
        }
    }
    return NULL;
}

int delivery_open_file(struct delivery *delivery, const struct exchange_gateway *gateway)
{
    const struct resource *resource = resource_find(gateway, delivery->resource);
    struct file_mark mark;
    int error = ERR_DIGEST;
    if (delivery->cut) {
        error = root_open_file(&delivery->fd, &mark, gateway->spool, delivery->open.hex);
    } else if (resource != NULL && gateway->root >= 0) {
        error = root_open_file(&delivery->fd, &mark, gateway->root, resource->path);
    }
    if (error == 0 && !file_mark_equal(&mark, &delivery->mark)) {
        log_write(LOG_WARN, "exchange", "resource %s has changed since the transfer of %s began",
                  delivery->resource, delivery->open.hex);
        fd_close(&delivery->fd);
        error = ERR_DIGEST;
    }
    return error == ERR_NOT_FOUND || error == ERR_PATH ? ERR_DIGEST : error;
}

int64_t delivery_rows(const struct delivery *delivery)
{
    struct file_mark mark;
    const struct manifest *manifest = &delivery->manifest;
    bool same = delivery->fd >= 0 && file_mark_of(&mark, delivery->fd) == 0 &&
                file_mark_equal(&mark, &delivery->mark);
    return delivery->served == manifest->chunk_count
               ? manifest->rows
               : receipt_rows(manifest, delivery->served, same ? delivery->fd : -1, manifest->rows);
}

struct doc *delivery_receipt(const struct delivery *delivery)
{
    if (delivery->manifest.chunk_bytes == 0) {
        return receipt_body(delivery->open.hex, "provider", NULL, 0, 0);
    }
    int64_t rows = delivery->rows >= 0 ? delivery->rows : delivery_rows(delivery);
    return receipt_body(delivery->open.hex, "provider", &delivery->manifest, delivery->served,
                        rows);
}

struct doc *delivery_opening(const struct delivery *delivery, const struct doc *receipt)
{
    if (delivery->manifest.chunk_bytes == 0) {
        return NULL;
    }
    struct doc *opening =
        receipt_opening(&delivery->manifest, delivery->served, doc_get_int(receipt, "rows", 0));
    doc_set_text(opening, "resource", delivery->resource);
    return opening;
}
