/* From an open to a manifest: the entry's binding names a resource of this gateway; the grant says
 * what of it may leave; if that is less than all, a cut copy is made in the spool. Runs on the
 * preparer's thread and reads each byte two or three times at most. */
#include "exchange/commitment.h"
#include "exchange/csv.h"
#include "exchange/delivery.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/secret.h"
#include "exchange/records.h"
#include "exchange/release.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What the ledger says of the open, read once. */
struct ground {
    struct doc *open, *grant, *request, *entry, *binding;
    struct doc *scope;
};

static void ground_free(struct ground *ground)
{
    doc_free(&ground->open);
    doc_free(&ground->grant);
    doc_free(&ground->request);
    doc_free(&ground->entry);
    doc_free(&ground->binding);
    doc_free(&ground->scope);
}

bool delivery_error_passes(int error)
{
    return error == ERR_BUSY || error == ERR_IO || error == ERR_DISK_FULL;
}

static int ground_read(struct ground *out, const struct delivery *delivery,
                       const struct exchange_gateway *gateway)
{
    struct store_view view;
    const char *grant = doc_get_text(delivery->open.body, "grant");
    int error = store_view_open(&view, gateway->host.kv);
    if (error != 0) {
        return ERR_IO;
    }
    error = record_read(&out->open, &view, "open/%s", delivery->open.hex);
    error = error != 0 ? error : record_read(&out->grant, &view, "grant/%s", grant);
    error = error != 0 ? error : release_read_scope(&out->scope, &view, out->grant);
    const char *entry = doc_get_text(out->grant, "entry");
    error = error != 0 ? error : record_read(&out->request, &view, "request/%s", grant);
    if (error == 0) {
        error = record_read(&out->entry, &view, "entry/%s/%s", gateway->member, entry);
    }
    if (error == 0) {
        error = record_read(&out->binding, &view, "binding/%s/%s", gateway->member, entry);
        error = error == ERR_NOT_FOUND ? ERR_RESOURCE : error;
    }
    store_view_close(&view);
    return error == ERR_NOT_FOUND ? ERR_OPEN_CLOSED : error;
}

/* The one bound file, or the one that the consumer names among several. */
static const struct doc *choose_binding(const struct ground *ground, const struct doc *parameters)
{
    const struct doc *bindings = doc_get(ground->binding, "bindings");
    const char *wanted = doc_get_text(parameters, "resource");
    const struct doc *found = NULL;
    for (size_t i = 0; i < doc_count(bindings); i++) {
        const struct doc *binding = doc_at(bindings, i);
        if (!doc_text_is(binding, "method", RELEASE_METHOD) ||
            (wanted != NULL && !doc_text_is(binding, "resource", wanted))) {
            continue;
        }
        if (found != NULL) {
            return NULL; /* more than one, and none is named */
        }
        found = binding;
    }
    return found;
}

/* C7: a binding that names size or digest binds to that very content. */
static int check_binding(const struct doc *binding, int fd, const struct file_mark *mark)
{
    const char *digest = doc_get_text(binding, "digest");
    AUTO(manifest_free) struct manifest manifest = {0};
    char hex[2 * HASH_BYTES + 1];
    if (doc_get_int(binding, "bytes", (int64_t)mark->bytes) != (int64_t)mark->bytes) {
        return ERR_DIGEST;
    }
    if (digest == NULL) {
        return 0;
    }
    int error = manifest_of_file(&manifest, fd, mark->bytes, TRANSFER_CHUNK_BYTES_DEFAULT);
    hash_to_hex(hex, &manifest.root);
    return error != 0 ? error : strcmp(hex, digest) == 0 ? 0 : ERR_DIGEST;
}

static int open_spool(int *fd, const struct delivery *delivery,
                      const struct exchange_gateway *gateway)
{
    int error = root_open_part(fd, gateway->spool, delivery->open.hex);
    if (error == 0 && ftruncate(*fd, 0) != 0) { /* of an attempt that broke off */
        error = ERR_IO;
    }
    return error;
}

/* What leaves of a table: the file itself, or the cut copy, whose descriptor takes its place. */
static int cut_table(struct delivery *delivery, const struct exchange_gateway *gateway,
                     const struct ground *ground, const struct resource *resource)
{
    AUTO(fd_close) int copy = -1;
    struct faults faults = {0};
    bool whole = false;
    uint64_t bytes = 0;
    int error = open_spool(&copy, delivery, gateway);
    if (error != 0) {
        return error;
    }
    const struct doc *request = doc_get(ground->request, "request");
    const struct projection_task task = {.fd = delivery->fd,
                                         .bytes = delivery->mark.bytes,
                                         .delimiter = resource->delimiter,
                                         .entry = doc_get(ground->entry, "entry"),
                                         .scope = ground->scope,
                                         .asked = doc_get(request, "rows"),
                                         .mask_secret = gateway->mask_secret,
                                         .out = copy};
    error = projection_run(&task, &faults, &whole, &bytes, &delivery->manifest.delimiter);
    if (error == 0 && !whole && fsync(copy) != 0) {
        error = ERR_IO;
    }
    if (error != 0 || whole) {
        (void)unlinkat(gateway->spool, delivery->open.hex, 0);
        return error == ERR_DIGEST ? ERR_BUSY : error; /* it shrank under us */
    }
    int source = delivery->fd;
    delivery->fd = copy;
    copy = source; /* closed at the end of scope */
    delivery->cut = true;
    return file_mark_of(&delivery->mark, delivery->fd);
}

/* The file's own name goes with it; one that could not be taken in elsewhere gives way to the code
 * of the resource. */
static void name_delivery(struct manifest *manifest, const struct resource *resource)
{
    const char *slash = strrchr(resource->path, '/');
    const char *name = slash == NULL ? resource->path : slash + 1;
    (void)snprintf(manifest->name, sizeof manifest->name, "%s",
                   file_name_valid(name) ? name : resource->id);
}

static int make_manifest(struct delivery *delivery, const struct exchange_gateway *gateway,
                         const struct resource *resource)
{
    struct manifest *manifest = &delivery->manifest;
    struct file_mark after;
    char delimiter = manifest->delimiter;
    int error =
        manifest_of_file(manifest, delivery->fd, delivery->mark.bytes, gateway->chunk_bytes);
    if (error == 0 && resource->table) {
        manifest->delimiter = delimiter;
        error = csv_count_rows(&manifest->rows, delivery->fd, manifest->bytes, delimiter, false);
    }
    if (error == ERR_DIGEST || (error == 0 && (file_mark_of(&after, delivery->fd) != 0 ||
                                               !file_mark_equal(&after, &delivery->mark)))) {
        return ERR_BUSY; /* it is being written; later it may stand still */
    }
    name_delivery(manifest, resource);
    commitment_salt(&manifest->salt);
    return error;
}

/* D10: the ledger has reserved so much of the day's quota for this open, or the open says so. */
static int check_volume(struct delivery *delivery, const struct ground *ground)
{
    const struct {
        const char *quota, *max;
        int64_t takes;
    } volumes[] = {{"rows_per_day", "rows_max", delivery->manifest.rows},
                   {"bytes_per_day", "bytes_max", (int64_t)delivery->manifest.bytes}};
    const struct doc *quota = doc_get(ground->grant, "quota");
    for (size_t i = 0; i < sizeof volumes / sizeof *volumes; i++) {
        int64_t left = doc_get_int(ground->open, volumes[i].max, DOC_INT_MAX);
        bool daily = doc_get(quota, volumes[i].quota) != NULL;
        if (volumes[i].takes > left) {
            (void)snprintf(delivery->detail, sizeof delivery->detail,
                           "%s%s: %" PRId64 " > %" PRId64, daily ? "quota." : "",
                           daily ? volumes[i].quota : volumes[i].max, volumes[i].takes, left);
            return ERR_QUOTA;
        }
    }
    return 0;
}

static int prepare(struct delivery *delivery, struct exchange_gateway *gateway,
                   const struct ground *ground)
{
    delivery->scope = doc_ref(ground->scope);
    const struct doc *binding = choose_binding(ground, delivery->parameters);
    const char *code = doc_get_text(binding, "resource");
    const struct resource *resource = code == NULL ? NULL : resource_find(gateway, code);
    struct faults faults = {0};
    if (resource == NULL || gateway->root < 0) {
        return ERR_RESOURCE;
    }
    (void)snprintf(delivery->resource, sizeof delivery->resource, "%s", resource->id);
    int error = root_open_file(&delivery->fd, &delivery->mark, gateway->root, resource->path);
    if (error != 0) {
        log_write(LOG_ERROR, "exchange", "resource %s (%s): %s", resource->id, resource->path,
                  error_code(error));
        return error == ERR_NOT_FOUND ? ERR_RESOURCE : error;
    }
    error = check_binding(binding, delivery->fd, &delivery->mark);
    if (error == 0 && resource->table) {
        error = cut_table(delivery, gateway, ground, resource);
    } else if (error == 0) {
        error = projection_check_whole(&faults, doc_get(ground->entry, "entry"), ground->scope);
    }
    error = error != 0 ? error : make_manifest(delivery, gateway, resource);
    return error != 0 ? error : check_volume(delivery, ground);
}

int delivery_prepare(struct delivery *delivery, struct exchange_gateway *gateway)
{
    AUTO(ground_free) struct ground ground = {0};
    int error = ground_read(&ground, delivery, gateway);
    error = error != 0 ? error : prepare(delivery, gateway, &ground);
    if (error != 0) {
        doc_free(&delivery->scope);
        manifest_free(&delivery->manifest);
        fd_close(&delivery->fd);
        if (delivery->cut) {
            (void)unlinkat(gateway->spool, delivery->open.hex, 0);
            delivery->cut = false;
        }
        return error;
    }
    return 0;
}
