/* What is from before this ledger's history, see index_early.h.
 *
 * Requests without a known place were submitted before every one that has it, and before the first
 * block that is here; anything else is a store that has lost something. */
#include "api/index_early.h"

#include "api/read_schema.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

struct early {
    int64_t order;      /* when a request was submitted, the block that records evidence */
    struct hash id;     /* txid, hash of the evidence */
    struct doc *record; /* of evidence */
};

struct earlies {
    const struct store_view *view;
    struct early *item;
    size_t count, capacity;
    int64_t before_ms; /* when the first of the other requests was submitted, at the latest */
};

static void earlies_free(struct earlies *earlies)
{
    for (size_t i = 0; i < earlies->count; i++)
        doc_free(&earlies->item[i].record);
    memory_free(earlies->item);
}

static void earlies_add(struct earlies *earlies, const struct early *early)
{
    if (earlies->count == earlies->capacity) {
        earlies->capacity = earlies->capacity ? 2 * earlies->capacity : 64;
        earlies->item = memory_resize(earlies->item, earlies->capacity * sizeof *earlies->item);
    }
    earlies->item[earlies->count++] = *early;
}

static int compare(const void *left, const void *right)
{
    const struct early *a = left, *b = right;
    if (a->order != b->order)
        return a->order < b->order ? -1 : 1;
    return memcmp(a->id.bytes, b->id.bytes, HASH_BYTES);
}

/* Looks at every record of a prefix, and puts those that were added in order. */
static int gather(struct earlies *earlies, const char *prefix,
                  int (*look_at)(struct earlies *earlies, const char *id, struct doc *record))
{
    AUTO(state_cursor_free)
    struct state_cursor *cursor =
        state_cursor_open(earlies->view->kv, earlies->view->snapshot, prefix, NULL);
    const char *key;
    struct view value;
    int error = 0;
    while (!error && state_cursor_next(cursor, &key, &value)) {
        AUTO(doc_free) struct doc *record = NULL;
        error = doc_parse(&record, value, STATE_VALUE_BYTES_MAX) ? ERR_CORRUPT : 0;
        if (!error)
            error = look_at(earlies, key + strlen(prefix), record);
    }
    if (!error && earlies->count > 0)
        qsort(earlies->item, earlies->count, sizeof *earlies->item, compare);
    return error ? error : state_cursor_error(cursor);
}

/* ---- requests ---- */

int index_early_find_place(int64_t *seq, const struct store_view *view, const char *id)
{
    struct hash txid;
    struct store_tx_place place;
    int error = hash_from_hex(&txid, id) ? ERR_CORRUPT : 0;
    if (!error)
        error = store_find_tx(&place, view, &txid);
    if (!error)
        *seq = (int64_t)place.log_index;
    return error;
}

static int look_at_request(struct earlies *earlies, const char *id, struct doc *record)
{
    struct early early = {.order = doc_get_int(record, "submitted_ms", 0)};
    int64_t seq;
    int error = index_early_find_place(&seq, earlies->view, id);
    if (error == ERR_NOT_FOUND) {
        earlies_add(earlies, &early);
        return hash_from_hex(&earlies->item[earlies->count - 1].id, id);
    }
    if (!error && early.order < earlies->before_ms)
        earlies->before_ms = early.order;
    return error;
}

/* `first_ms`: the time of the first block that is here, or a later one than that of any before. */
static int put_requests(struct read_model *model, const struct store_view *view, int64_t first_ms)
{
    AUTO(earlies_free) struct earlies earlies = {.view = view, .before_ms = first_ms};
    int error = gather(&earlies, "request/", look_at_request);
    for (size_t i = 0; !error && i < earlies.count; i++) {
        char id[2 * HASH_BYTES + 1];
        hash_to_hex(id, &earlies.item[i].id);
        if (earlies.item[i].order >= earlies.before_ms)
            error = ERR_CORRUPT;
        else
            error = read_model_write(model, read_put_early, "ti", id, (int64_t)i);
    }
    return error;
}

/* ---- evidence ---- */

static int look_at_evidence(struct earlies *earlies, const char *id, struct doc *record)
{
    (void)id;
    struct early early = {.order = doc_get_int(record, "recorded", 0)};
    const char *hash = doc_get_text(record, "hash");
    if (!hash || hash_from_hex(&early.id, hash))
        return ERR_CORRUPT;
    if (early.order >= (int64_t)earlies->view->first_block)
        return 0; /* its block tells of it */
    early.record = doc_ref(record);
    earlies_add(earlies, &early);
    return 0;
}

/* `next_seq`: of the first block that is here. */
static int put_evidence(struct read_model *model, const struct store_view *view, uint64_t next_seq)
{
    AUTO(earlies_free) struct earlies earlies = {.view = view};
    int error = gather(&earlies, "evidence/", look_at_evidence);
    int64_t seq = (int64_t)next_seq - (int64_t)earlies.count;
    for (size_t i = 0; !error && i < earlies.count; i++) {
        const struct doc *record = earlies.item[i].record;
        error = read_model_write(model, read_put_evidence, "iittttii", seq + (int64_t)i,
                                 earlies.item[i].order, NULL, doc_get_text(record, "validator"),
                                 doc_get_text(record, "type"), doc_get_text(record, "hash"),
                                 doc_get_int(record, "height", 0), doc_get_int(record, "round", 0));
    }
    return error;
}

int index_early(struct read_model *model, const struct store_view *view)
{
    struct header first, last = {0};
    int error = store_read_header(&last, view, view->first_block - 1);
    int64_t first_ms = last.time_ms + 1;
    if (!error && view->first_block <= view->height) {
        error = store_read_header(&first, view, view->first_block);
        first_ms = first.time_ms;
    }
    if (!error)
        error = put_requests(model, view, first_ms);
    return error ? error : put_evidence(model, view, last.log_size);
}
