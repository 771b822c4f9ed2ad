/* Requests from before this ledger's history, see index_early.h.
 *
 * All of them were submitted before every request whose place is known, and before the first block
 * that is here; anything else is a store that has lost something. */
#include "api/index_early.h"

#include "api/read_schema.h"
#include "base/errors.h"
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#define PREFIX "request/"

struct early {
    int64_t submitted_ms;
    struct hash txid;
};

struct earlies {
    struct early *item;
    size_t count, capacity;
    int64_t before_ms; /* when the first of the others was submitted, at the latest */
};

static void earlies_free(struct earlies *earlies)
{
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
    if (a->submitted_ms != b->submitted_ms)
        return a->submitted_ms < b->submitted_ms ? -1 : 1;
    return memcmp(a->txid.bytes, b->txid.bytes, HASH_BYTES);
}

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

/* Adds it, unless its place is known. */
static int look_at(struct earlies *earlies, const struct store_view *view, const char *id,
                   struct view value)
{
    AUTO(doc_free) struct doc *request = NULL;
    struct early early;
    int64_t seq;
    if (doc_parse(&request, value, STATE_VALUE_BYTES_MAX) != 0 || hash_from_hex(&early.txid, id))
        return ERR_CORRUPT;
    early.submitted_ms = doc_get_int(request, "submitted_ms", 0);
    int error = index_early_find_place(&seq, view, id);
    if (error == ERR_NOT_FOUND)
        earlies_add(earlies, &early);
    else if (!error && early.submitted_ms < earlies->before_ms)
        earlies->before_ms = early.submitted_ms;
    return error == ERR_NOT_FOUND ? 0 : error;
}

static int gather(struct earlies *earlies, const struct store_view *view)
{
    AUTO(state_cursor_free)
    struct state_cursor *cursor = state_cursor_open(view->kv, view->snapshot, PREFIX, NULL);
    const char *key;
    struct view value;
    int error = 0;
    while (!error && state_cursor_next(cursor, &key, &value))
        error = look_at(earlies, view, key + strlen(PREFIX), value);
    return error ? error : state_cursor_error(cursor);
}

int index_early(struct read_model *model, const struct store_view *view)
{
    AUTO(earlies_free) struct earlies earlies = {.before_ms = view->tip.time_ms + 1};
    struct header first;
    int error = 0;
    if (view->first_block <= view->height) {
        error = store_read_header(&first, view, view->first_block);
        earlies.before_ms = first.time_ms;
    }
    if (!error)
        error = gather(&earlies, view);
    if (!error && earlies.count > 0)
        qsort(earlies.item, earlies.count, sizeof *earlies.item, compare);
    for (size_t i = 0; !error && i < earlies.count; i++) {
        char id[2 * HASH_BYTES + 1];
        hash_to_hex(id, &earlies.item[i].txid);
        if (earlies.item[i].submitted_ms >= earlies.before_ms)
            error = ERR_CORRUPT;
        else
            error = read_model_write(model, read_put_early, "ti", id, (int64_t)i);
    }
    return error;
}
