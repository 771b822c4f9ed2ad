/* One block into the read model:
 *
 *   1. records that the block wrote, from the state: duties, entries, requests, grants, members
 *   2. evidence, acts, transactions, and which records each of them touches
 *   3. accesses whose receipts differ (a record mismatch/<access>), when the access is surely there
 *
 * Everything is an upsert by key, so that doing a block again changes nothing. After pruning, a
 * rebuild finds of a record only its newest value, at the height that wrote it, which is all that
 * lists need. */
#include "api/index_block.h"

#include "api/index_early.h"
#include "api/index_record.h"
#include "api/index_terms.h"
#include "api/index_touch.h"
#include "api/read_schema.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"

#include <stdio.h>
#include <string.h>

#define GRANTS_REMEMBERED 512

struct remembered_grant {
    char id[2 * HASH_BYTES + 1];
    char provider[MEMBER_ID_CHARS + 1];
    char entry[MEMBER_ID_CHARS + 1 + 64 + 1];
};

struct index_memory {
    struct remembered_grant grant[GRANTS_REMEMBERED];
};

struct index_memory *index_memory_new(void)
{
    return memory_alloc(sizeof(struct index_memory));
}

void index_memory_free(struct index_memory **memory)
{
    memory_free(*memory);
    *memory = NULL;
}

struct place {
    struct read_model *model;
    int64_t seq, height, time_ms;
};

static bool is_access(const char *type)
{
    return strcmp(type, "access.open") == 0 || strcmp(type, "access.batch") == 0;
}

/* ---- accesses ---- */

/* Provider and entry of a grant: fixed when it was made. */
static int find_grant(const struct remembered_grant **out, struct index_memory *memory,
                      const struct store_view *view, const char *id)
{
    char key[STATE_KEY_BYTES_MAX];
    struct hash hash;
    if (hash_from_hex(&hash, id) != 0)
        return ERR_CORRUPT;
    struct remembered_grant *slot =
        &memory->grant[(hash.bytes[0] << 8 | hash.bytes[1]) % GRANTS_REMEMBERED];
    *out = slot;
    if (strcmp(slot->id, id) == 0)
        return 0;
    AUTO(doc_free) struct doc *grant = NULL;
    snprintf(key, sizeof key, "grant/%s", id);
    int error = store_read_state(&grant, view, key);
    if (error)
        return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
    snprintf(slot->id, sizeof slot->id, "%s", id);
    const char *provider = doc_get_text(grant, "provider"), *entry = doc_get_text(grant, "entry");
    snprintf(slot->provider, sizeof slot->provider, "%s", provider ? provider : "");
    snprintf(slot->entry, sizeof slot->entry, "%s/%s", provider ? provider : "",
             entry ? entry : "");
    return 0;
}

static int put_access(const struct place *place, struct index_memory *memory,
                      const struct store_view *view, const struct tx *tx, const char *txid)
{
    const struct doc *body = tx->body, *calls = doc_get(body, "calls");
    const struct remembered_grant *grant;
    int error = find_grant(&grant, memory, view, doc_get_text(body, "grant"));
    if (error)
        return error;
    return read_model_write(
        place->model, read_put_access, "ittttttttiii", place->seq, txid, grant->id, grant->provider,
        tx->member, grant->entry, doc_get_text(body, "method"), doc_get_text(body, "system"),
        doc_get_text(body, "operator"), calls ? (int64_t)doc_count(calls) : INT64_C(1),
        place->height, place->time_ms);
}

static int put_side(const struct place *place, const struct tx *tx, const char *txid)
{
    const struct doc *body = tx->body;
    const char *id = doc_get_text(body, "open");
    const char *sql =
        doc_text_is(body, "side", "provider") ? read_put_provider_side : read_put_consumer_side;
    int error =
        read_model_write(place->model, sql, "tttiiti", id, txid, doc_get_text(body, "digest"),
                         doc_get_int(body, "rows", 0), doc_get_int(body, "bytes", 0),
                         doc_get_text(body, "result"), place->time_ms);
    return error ? error : read_model_write(place->model, read_set_closed, "t", id);
}

/* ---- leaves of the log, in their order ---- */

static int put_tx(const struct place *place, struct index_memory *memory,
                  const struct store_view *view, const struct tx *tx)
{
    char txid[2 * HASH_BYTES + 1];
    const char *type = tx->type->name;
    hash_to_hex(txid, &tx->id);
    int error = read_model_write(place->model, read_put_tx, "itiittt", place->seq, txid,
                                 place->height, place->time_ms, tx->member, tx->key_name, type);
    if (!error)
        error = index_touch_all(place->model, view, place->seq, tx);
    if (!error && is_access(type))
        error = put_access(place, memory, view, tx, txid);
    if (!error && strcmp(type, "access.receipt") == 0)
        error = put_side(place, tx, txid);
    return error;
}

static int put_act(const struct place *place, const struct store_view *view, const struct doc *act)
{
    const char *subject = doc_get_text(act, "subject");
    int error = read_model_write(place->model, read_put_act, "iiitttitt", place->seq, place->height,
                                 place->time_ms, doc_get_text(act, "clause"), subject,
                                 doc_get_text(act, "effect"), doc_get_int(act, "due_ms", 0),
                                 doc_get_text(act, "member"), doc_get_text(act, "term"));
    return error ? error : index_touch(place->model, view, place->seq, subject);
}

static int put_evidence(const struct place *place, const struct evidence *evidence)
{
    char hex[2 * HASH_BYTES + 1];
    struct hash hash;
    evidence_hash(&hash, evidence);
    hash_to_hex(hex, &hash);
    return read_model_write(place->model, read_put_evidence, "iiitttii", place->seq, place->height,
                            place->time_ms, evidence->a.validator,
                            evidence->a.type == VOTE_PREVOTE ? "prevote" : "precommit", hex,
                            (int64_t)evidence->a.height, (int64_t)evidence->a.round);
}

static int put_leaves(struct read_model *model, struct index_memory *memory,
                      const struct store_view *view, const struct block *block,
                      const struct doc *acts)
{
    const struct header *header = &block->header;
    uint64_t leaves = block->evidence_count + doc_count(acts) + block->tx_count;
    struct place place = {.model = model,
                          .seq = (int64_t)(header->log_size - leaves),
                          .height = (int64_t)header->height,
                          .time_ms = header->time_ms};
    int error = read_model_write(model, read_put_moment, "ii", place.time_ms, place.seq);
    for (size_t i = 0; !error && i < block->evidence_count; i++, place.seq++)
        error = put_evidence(&place, &block->evidence[i]);
    for (size_t i = 0; !error && i < doc_count(acts); i++, place.seq++)
        error = put_act(&place, view, doc_at(acts, i));
    for (size_t i = 0; !error && i < block->tx_count; i++, place.seq++)
        error = put_tx(&place, memory, view, block->txs[i]);
    return error;
}

/* ---- the whole block ---- */

static const char mismatch_prefix[] = "mismatch/";

/* Records of a cursor, which it releases; ids of mismatches are put aside, one after another. */
static int put_cursor(struct buf *mismatches, struct read_model *model,
                      const struct store_view *view, struct state_cursor *opened, int64_t time_ms)
{
    AUTO(state_cursor_free) struct state_cursor *cursor = opened;
    const char *key;
    struct view value;
    int error = 0;
    while (!error && state_cursor_next(cursor, &key, &value)) {
        if (strncmp(key, mismatch_prefix, sizeof mismatch_prefix - 1) == 0) {
            const char *id = key + sizeof mismatch_prefix - 1;
            buf_append(mismatches, id, strlen(id) + 1);
        } else {
            error = index_record(model, view, key, value, time_ms);
            error = error ? error : index_terms(model, view, key, value, time_ms);
        }
    }
    return error ? error : state_cursor_error(cursor);
}

static int put_records(struct buf *mismatches, struct read_model *model,
                       const struct store_view *view, uint64_t version, int64_t time_ms)
{
    return put_cursor(mismatches, model, view,
                      state_cursor_open_version(view->kv, view->snapshot, version), time_ms);
}

int index_block(struct read_model *model, struct index_memory *memory,
                const struct store_view *view, const struct block *block, const struct doc *acts)
{
    AUTO(buf_free) struct buf mismatches = {0};
    int error = put_records(&mismatches, model, view, block->header.height, block->header.time_ms);
    if (!error)
        error = put_leaves(model, memory, view, block, acts);
    const char *id = (const char *)mismatches.data;
    for (size_t at = 0; !error && at < mismatches.len; at += strlen(id + at) + 1)
        error = read_model_write(model, read_set_mismatch, "t", id + at);
    return error;
}

int index_state(struct read_model *model, const struct store_view *view)
{
    AUTO(buf_free) struct buf none = {0}; /* the accesses that they are of are not in the model */
    int error = index_early(model, view);
    return error ? error
                 : put_cursor(&none, model, view,
                              state_cursor_open(view->kv, view->snapshot, "", NULL),
                              view->tip.time_ms);
}

int index_genesis(struct read_model *model, const struct store_view *view)
{
    AUTO(buf_free) struct buf none = {0};
    return put_records(&none, model, view, 0, 0);
}
