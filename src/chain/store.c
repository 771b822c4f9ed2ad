/* Reading the ledger from disk, from any thread. The layout is in store_layout.h.
 *
 * A view holds a snapshot of the kv, so everything read through it belongs to one tip, whatever is
 * committed meanwhile. What is returned was checked: sealed records by their digest, blocks and
 * transactions by recomputing theirs. */
#include "chain/store.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/log_store.h"
#include "chain/store_layout.h"

#include <string.h>

/* ---- views ---- */

static int read_format(struct store_view *view)
{
    AUTO(buf_free) struct buf format = {0};
    struct store_key key = store_key_meta("format");
    int error = store_get_sealed(&format, view->kv, view->snapshot, &key);
    if (error != 0) {
        return error;
    }
    return view_equal(view_of_buf(&format), view_of_text(STORE_FORMAT)) ? 0 : ERR_STORE_FORMAT;
}

static int read_tip(struct store_view *view)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("tip");
    int error = store_get_sealed(&bytes, view->kv, view->snapshot, &key);
    struct reader reader = reader_of(view_of_buf(&bytes));
    struct hash hash, tip;
    view->height = reader_u64(&reader);
    reader_copy(&reader, hash.bytes, HASH_BYTES);
    if (error != 0 || !reader_done(&reader)) {
        return error == ERR_IO ? ERR_IO : ERR_CORRUPT; /* a format without a tip cannot be */
    }
    if (view->height == 0) {
        return hash_equal(&hash, &view->genesis) ? 0 : ERR_CORRUPT;
    }
    error = store_read_header(&view->tip, view, view->height);
    if (error == 0) {
        header_hash(&tip, &view->tip);
        error = hash_equal(&tip, &hash) ? 0 : ERR_CORRUPT;
    }
    return error == ERR_NOT_FOUND ? ERR_CORRUPT : error;
}

int store_read_genesis(struct doc **out, struct hash *hash, const struct store_view *view)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("genesis");
    int error = store_get_sealed(&bytes, view->kv, view->snapshot, &key);
    if (error != 0) {
        return error == ERR_IO ? ERR_IO : ERR_CORRUPT;
    }
    struct reader reader = reader_of(view_of_buf(&bytes));
    reader_copy(&reader, hash->bytes, HASH_BYTES);
    if (reader.bad) {
        return ERR_CORRUPT;
    }
    return out == NULL || doc_parse(out, reader.rest, reader.rest.len) == 0 ? 0 : ERR_CORRUPT;
}

static int read_kept(struct store_view *view)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("kept");
    int error = store_get_sealed(&bytes, view->kv, view->snapshot, &key);
    view->first_block = view->first_header = 1;
    if (error != 0) {
        return error == ERR_NOT_FOUND ? 0 : error;
    }
    struct reader reader = reader_of(view_of_buf(&bytes));
    view->first_block = reader_u64(&reader);
    view->first_header = reader_u64(&reader);
    return reader_done(&reader) && view->first_header <= view->first_block &&
                   view->first_block <= view->height + 1
               ? 0
               : ERR_CORRUPT;
}

int store_view_open(struct store_view *out, struct kv *kv)
{
    *out = (struct store_view){.kv = kv, .snapshot = kv_snapshot_take(kv)};
    int error = read_format(out);
    if (error == 0) {
        error = store_read_genesis(NULL, &out->genesis, out);
    }
    if (error == 0) {
        error = read_tip(out);
    }
    if (error == 0) {
        error = read_kept(out);
    }
    if (error != 0) {
        store_view_close(out);
    }
    return error;
}

void store_view_close(struct store_view *view)
{
    if (view->snapshot != NULL) {
        kv_snapshot_free(view->kv, &view->snapshot);
    }
    *view = (struct store_view){0};
}

/* ---- by height ---- */

/* What a view does not vouch for does not exist; what it vouches for must. Of what lies before the
 * history that is kept, some headers and certificates may be there, and bodies that are about to
 * go. */
static int read_at(struct buf *out, const struct store_view *view, enum kv_table table,
                   uint64_t height)
{
    struct store_key key = store_key_height(table, height);
    bool early = height < view->first_block;
    if (height == 0 || height > view->height) {
        return ERR_NOT_FOUND;
    }
    if (early && (table == KV_BLOCK || table == KV_ACTS)) {
        return ERR_PRUNED;
    }
    int error = store_get_sealed(out, view->kv, view->snapshot, &key);
    return early && error == ERR_NOT_FOUND ? ERR_PRUNED : error;
}

int store_read_header(struct header *out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = read_at(&bytes, view, KV_HEADER, height);
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (error != 0) {
        return error;
    }
    return header_decode(out, &reader) == 0 && reader_done(&reader) && out->height == height
               ? 0
               : ERR_CORRUPT;
}

int store_read_certificate(struct certificate *out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = read_at(&bytes, view, KV_CERTIFICATE, height);
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (error != 0) {
        return error;
    }
    return certificate_decode(out, &reader) == 0 && reader_done(&reader) && out->height == height
               ? 0
               : ERR_CORRUPT;
}

int store_read_acts(struct doc **out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = read_at(&bytes, view, KV_ACTS, height);
    if (error != 0) {
        return error;
    }
    return doc_parse(out, view_of_buf(&bytes), bytes.len) == 0 ? 0 : ERR_CORRUPT;
}

/* Appends the transactions of a block, each with its length. Behind the last there may be some of a
 * body that was not decided. */
static int append_txs(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                      uint64_t height, uint32_t count)
{
    struct store_key prefix = store_key_height(KV_TX, height);
    struct kv_iterator *iterator =
        kv_iterate(kv, snapshot, store_key_view(&prefix), store_key_view(&prefix));
    struct view key, value;
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < count; i++) {
        if (!kv_iterator_next(iterator, &key, &value)) {
            error = kv_iterator_error(iterator);
            error = error == 0 ? ERR_CORRUPT : error;
            break;
        }
        struct store_key expected = store_key_tx(height, i);
        error = view_equal(key, store_key_view(&expected)) ? 0 : ERR_CORRUPT;
        buf_append_u32(out, (uint32_t)value.len);
        buf_append_view(out, value);
    }
    kv_iterator_free(&iterator);
    return error;
}

/* Recomputes the digest of a block from its parts: head, and transactions with their lengths. */
static int check_digest(struct view head, struct view txs, const uint8_t *expected)
{
    struct reader reader = reader_of(txs);
    struct view *raws = memory_alloc((BLOCK_TXS_MAX + 1) * sizeof *raws);
    struct hash digest;
    size_t count = 0;
    while (reader.rest.len > 0 && !reader.bad && count < BLOCK_TXS_MAX) {
        raws[count++] = reader_take(&reader, reader_u32(&reader));
    }
    int error = reader_done(&reader) ? store_raw_digest(&digest, head, raws, count) : ERR_CORRUPT;
    memory_free(raws);
    return error == 0 && memcmp(digest.bytes, expected, HASH_BYTES) != 0 ? ERR_CORRUPT : error;
}

int store_join_block(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     uint64_t height, struct view record)
{
    size_t start = out->len;
    if (record.len < HEADER_BYTES + 4 + HASH_BYTES) {
        return ERR_CORRUPT;
    }
    struct view head = view_of(record.data, record.len - HASH_BYTES);
    struct reader tail = reader_of(view_of(head.data + head.len - 4, 4)); /* how many follow */
    buf_append_view(out, head);
    int error = append_txs(out, kv, snapshot, height, reader_u32(&tail));
    if (error == 0) {
        size_t txs = start + head.len;
        error =
            check_digest(head, view_of(out->data + txs, out->len - txs), record.data + head.len);
    }
    if (error != 0) {
        out->len = start;
    }
    return error;
}

int store_read_block_bytes(struct buf *out, const struct store_view *view, uint64_t height)
{
    AUTO(buf_free) struct buf record = {0};
    int error = read_at(&record, view, KV_BLOCK, height);
    return error != 0
               ? error
               : store_join_block(out, view->kv, view->snapshot, height, view_of_buf(&record));
}

/* Keys are the complements of first heights: the first key from that of a height on is the set that
 * decides it. */
static int read_term(struct validator_set *out, uint64_t *first_height, struct view key,
                     struct view value)
{
    struct view payload;
    struct reader in_key = reader_of(key);
    int error = store_unseal(&payload, key, value);
    (void)reader_u8(&in_key);
    *first_height = ~reader_u64(&in_key);
    struct reader reader = reader_of(payload);
    if (error == 0 &&
        (validators_decode(out, &reader) != 0 || !reader_done(&reader) || !reader_done(&in_key))) {
        error = ERR_CORRUPT;
    }
    return error;
}

/* The set that decides height + 1 may be known already, but a view speaks of its tip only. */
int store_read_term(struct validator_set *out, uint64_t *first_height,
                    const struct store_view *view, uint64_t height)
{
    static const uint8_t prefix = KV_VALIDATORS;
    struct store_key from = store_key_validators(height);
    struct view key, value;
    if (height == 0 || height > view->height + 1) {
        return ERR_NOT_FOUND;
    }
    struct kv_iterator *iterator =
        kv_iterate(view->kv, view->snapshot, view_of(&prefix, 1), store_key_view(&from));
    int error;
    if (kv_iterator_next(iterator, &key, &value)) {
        error = read_term(out, first_height, key, value);
    } else {
        error = kv_iterator_error(iterator);
        error = error == 0 ? ERR_CORRUPT : error; /* the first set is there from the beginning */
    }
    kv_iterator_free(&iterator);
    return error;
}

int store_read_validators(struct validator_set *out, const struct store_view *view, uint64_t height)
{
    uint64_t first_height;
    return store_read_term(out, &first_height, view, height);
}

/* ---- transactions ---- */

int store_find_tx(struct store_tx_place *out, const struct store_view *view,
                  const struct hash *txid)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_place(txid);
    int error = kv_get(view->kv, view->snapshot, store_key_view(&key), &bytes);
    struct reader reader = reader_of(view_of_buf(&bytes));
    if (error != 0) {
        return error;
    }
    out->height = reader_u64(&reader);
    out->index = reader_u32(&reader);
    out->log_index = reader_u64(&reader);
    return reader_done(&reader) && out->height <= view->height ? 0 : ERR_CORRUPT;
}

static bool tx_has_id(struct view raw, const struct hash *txid)
{
    struct view input, signature;
    if (store_split_tx(&input, &signature, raw) != 0) {
        return false;
    }
    struct hash id = hash_sha256(input);
    return hash_equal(&id, txid);
}

int store_read_tx(struct buf *out, const struct store_view *view, const struct hash *txid)
{
    AUTO(buf_free) struct buf raw = {0};
    struct store_tx_place place;
    int error = store_find_tx(&place, view, txid);
    if (error == 0 && place.height < view->first_block) {
        error = ERR_PRUNED;
    }
    if (error == 0) {
        struct store_key key = store_key_tx(place.height, place.index);
        error = kv_get(view->kv, view->snapshot, store_key_view(&key), &raw);
        error = error == ERR_NOT_FOUND ? ERR_CORRUPT : error; /* its place names it */
    }
    if (error == 0 && !tx_has_id(view_of_buf(&raw), txid)) {
        error = ERR_CORRUPT;
    }
    if (error == 0) {
        buf_append_view(out, view_of_buf(&raw));
    }
    return error;
}

int store_height_of_log_index(uint64_t *height, const struct store_view *view, uint64_t index)
{
    uint64_t low = view->first_header > 0 ? view->first_header : 1, high = view->height;
    if (view->height == 0 || index >= view->tip.log_size) {
        return ERR_NOT_FOUND;
    }
    /* The first block whose log is longer than the index. */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        struct header header;
        int error = store_read_header(&header, view, middle);
        if (error != 0) {
            return error;
        }
        if (header.log_size > index) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    *height = low;
    return 0;
}

/* ---- state and log ---- */

int store_read_state(struct doc **out, const struct store_view *view, const char *key)
{
    AUTO(buf_free) struct buf value = {0};
    int error = state_value_read(view->kv, view->snapshot, key, &value);
    if (error == 0 && doc_parse(out, view_of_buf(&value), STATE_VALUE_BYTES_MAX) != 0) {
        error = ERR_CORRUPT;
    }
    return error;
}
int store_prove_state(struct state_proof *out, bool *present, struct buf *value,
                      const struct store_view *view, uint64_t height, const char *key)
{
    if (height > view->height || height + 1 < view->first_block) {
        return height > view->height ? ERR_NOT_FOUND : ERR_PRUNED;
    }
    return state_tree_prove(out, present, value, view->kv, height, key);
}

/* A log that came with a snapshot lacks the leaves before it. */
static int log_error(const struct store_view *view, int error)
{
    return error == ERR_NOT_FOUND && view->first_header > 1 ? ERR_PRUNED : error;
}

/* Proofs speak of a size that the view has. */
int store_prove_inclusion(struct log_proof *out, const struct store_view *view, uint64_t index,
                          uint64_t size)
{
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    return size > view->tip.log_size
               ? ERR_NOT_FOUND
               : log_error(view, log_prove_inclusion(out, &nodes, index, size));
}

int store_prove_consistency(struct log_proof *out, const struct store_view *view, uint64_t old_size,
                            uint64_t new_size)
{
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    return new_size > view->tip.log_size
               ? ERR_NOT_FOUND
               : log_error(view, log_prove_consistency(out, &nodes, old_size, new_size));
}
