/* Keys and sealed records of the ledger's tables. */
#include "chain/store_layout.h"

#include "base/doc.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

struct view store_key_view(const struct store_key *key)
{
    return view_of(key->bytes, key->len);
}

static void key_add(struct store_key *key, const void *bytes, size_t len)
{
    ENSURE(key->len + len <= sizeof key->bytes);
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

static void key_add_number(struct store_key *key, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;) {
        uint8_t byte = (uint8_t)(number >> (8 * i));
        key_add(key, &byte, 1);
    }
}

static struct store_key key_of(enum kv_table table)
{
    return (struct store_key){.len = 1, .bytes = {(uint8_t)table}};
}

struct store_key store_key_meta(const char *name)
{
    struct store_key key = key_of(KV_META);
    key_add(&key, name, strlen(name));
    return key;
}

struct store_key store_key_height(enum kv_table table, uint64_t height)
{
    struct store_key key = key_of(table);
    key_add_number(&key, height, 8);
    return key;
}

struct store_key store_key_tx(uint64_t height, uint32_t index)
{
    struct store_key key = store_key_height(KV_TX, height);
    key_add_number(&key, index, 4);
    return key;
}

struct store_key store_key_place(const struct hash *txid)
{
    struct store_key key = key_of(KV_TX_PLACE);
    key_add(&key, txid->bytes, HASH_BYTES);
    return key;
}

/* Inverted, so that the first key from here on is the newest set that decides the height. */
struct store_key store_key_validators(uint64_t first_height)
{
    return store_key_height(KV_VALIDATORS, ~first_height);
}

struct store_key store_key_body(uint64_t height, const struct hash *hash)
{
    struct store_key key = store_key_height(KV_BODY, height);
    key_add(&key, hash->bytes, HASH_BYTES);
    return key;
}

static struct hash seal_of(struct view key, struct view payload)
{
    struct view parts[] = {key, payload};
    return hash_sha256_parts(parts, 2);
}

void store_put_sealed(struct kv_batch *batch, const struct store_key *key, struct view payload)
{
    AUTO(buf_free) struct buf value = {0};
    struct hash seal = seal_of(store_key_view(key), payload);
    buf_reserve(&value, HASH_BYTES + payload.len);
    buf_append(&value, seal.bytes, HASH_BYTES);
    buf_append_view(&value, payload);
    kv_batch_put(batch, store_key_view(key), view_of_buf(&value));
}

void store_put_kept(struct kv_batch *batch, uint64_t first_block, uint64_t first_header)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("kept");
    buf_append_u64(&bytes, first_block);
    buf_append_u64(&bytes, first_header);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

void store_put_validators(struct kv_batch *batch, uint64_t first_height,
                          const struct validator_set *set)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_validators(first_height);
    validators_encode(&bytes, set);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

void store_put_tip(struct kv_batch *batch, uint64_t height, const struct hash *hash)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("tip");
    buf_append_u64(&bytes, height);
    buf_append(&bytes, hash->bytes, HASH_BYTES);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

void store_put_origin(struct kv_batch *batch, const struct doc *genesis, const struct hash *hash)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_meta("format");
    store_put_sealed(batch, &key, view_of_text(STORE_FORMAT));
    buf_append(&bytes, hash->bytes, HASH_BYTES);
    doc_append_canonical(&bytes, genesis);
    key = store_key_meta("genesis");
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

void store_put_header(struct kv_batch *batch, const struct header *header)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_height(KV_HEADER, header->height);
    header_encode(&bytes, header);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

void store_put_certificate(struct kv_batch *batch, const struct certificate *certificate)
{
    AUTO(buf_free) struct buf bytes = {0};
    struct store_key key = store_key_height(KV_CERTIFICATE, certificate->height);
    certificate_encode(&bytes, certificate);
    store_put_sealed(batch, &key, view_of_buf(&bytes));
}

int store_unseal(struct view *payload, struct view key, struct view value)
{
    if (value.len < HASH_BYTES) {
        return ERR_CORRUPT;
    }
    *payload = view_of(value.data + HASH_BYTES, value.len - HASH_BYTES);
    struct hash seal = seal_of(key, *payload);
    return memcmp(seal.bytes, value.data, HASH_BYTES) == 0 ? 0 : ERR_CORRUPT;
}

int store_get_sealed(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     const struct store_key *key)
{
    AUTO(buf_free) struct buf value = {0};
    struct view payload;
    int error = kv_get(kv, snapshot, store_key_view(key), &value);
    if (error == 0) {
        error = store_unseal(&payload, store_key_view(key), view_of_buf(&value));
    }
    if (error == 0) {
        buf_append_view(out, payload);
    }
    return error;
}

void store_block_head(struct buf *out, const struct block *block)
{
    struct block head = {.header = block->header,
                         .evidence_count = block->evidence_count,
                         .evidence = block->evidence};
    block_encode(out, &head);
    out->len -= 4; /* its count of transactions, 0 */
    buf_append_u32(out, (uint32_t)block->tx_count);
}

int store_split_tx(struct view *signing_input, struct view *signature, struct view raw)
{
    size_t end = raw.len;
    while (end > 0 && raw.data[end - 1] != '.') {
        end--;
    }
    if (end == 0) {
        return ERR_CORRUPT;
    }
    *signing_input = view_of(raw.data, end - 1);
    *signature = view_of(raw.data + end, raw.len - end);
    return 0;
}

struct hash store_block_digest(const struct block *block)
{
    AUTO(buf_free) struct buf bytes = {0};
    store_block_head(&bytes, block);
    for (size_t i = 0; i < block->tx_count; i++) {
        struct view input, signature;
        ENSURE(store_split_tx(&input, &signature, view_of_buf(&block->txs[i]->raw)) == 0);
        buf_append(&bytes, block->txs[i]->id.bytes, HASH_BYTES);
        buf_append_view(&bytes, signature);
    }
    return hash_sha256(view_of_buf(&bytes));
}

int store_raw_digest(struct hash *out, struct view head, const struct view *raws, size_t count)
{
    AUTO(buf_free) struct buf bytes = {0};
    int error = 0;
    buf_append_view(&bytes, head);
    for (size_t i = 0; error == 0 && i < count; i++) {
        struct view input, signature;
        error = store_split_tx(&input, &signature, raws[i]);
        if (error == 0) {
            struct hash id = hash_sha256(input);
            buf_append(&bytes, id.bytes, HASH_BYTES);
            buf_append_view(&bytes, signature);
        }
    }
    *out = hash_sha256(view_of_buf(&bytes));
    return error;
}
