/* One list of transactions being filled, from the mempool, by gossip, and by what peers give. */
#include "node/bodies_slot.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

struct hash compact_digest(const struct compact *compact)
{
    AUTO(buf_free) struct buf bytes = {0};
    buf_append_u16(&bytes, (uint16_t)compact->evidence_count);
    for (size_t i = 0; i < compact->evidence_count; i++) {
        evidence_encode(&bytes, &compact->evidence[i]);
    }
    buf_append(&bytes, compact->txids, compact->tx_count * sizeof *compact->txids);
    return hash_sha256(view_of_buf(&bytes));
}

/* ---- the index of transactions ---- */

size_t index_size_for(size_t count)
{
    size_t size = 16;
    while (size < 2 * count) {
        size *= 2;
    }
    return size;
}

size_t txid_slot(const struct hash *txid, size_t index_size)
{
    size_t bits =
        (size_t)txid->bytes[0] | (size_t)txid->bytes[1] << 8 | (size_t)txid->bytes[2] << 16;
    return bits & (index_size - 1);
}

static size_t index_place(const struct list *list, const struct hash *txid)
{
    size_t at = txid_slot(txid, list->index_size);
    while (list->index[at] != 0 && !hash_equal(&list->compact.txids[list->index[at] - 1], txid)) {
        at = (at + 1) & (list->index_size - 1);
    }
    return at;
}

static void index_build(struct list *list)
{
    list->index_size = index_size_for(list->compact.tx_count);
    list->index = memory_alloc(list->index_size * sizeof *list->index);
    for (size_t i = 0; i < list->compact.tx_count; i++) {
        list->index[index_place(list, &list->compact.txids[i])] = (uint32_t)i + 1;
    }
}

/* ---- life ---- */

struct list *list_new(struct compact *compact)
{
    struct list *list = memory_alloc(sizeof *list);
    list->digest = compact_digest(compact);
    list->compact = *compact;
    *compact = (struct compact){0};
    list->txs = memory_alloc(list->compact.tx_count * sizeof(struct tx *));
    list->missing = list->compact.tx_count;
    index_build(list);
    return list;
}

static void list_clear(struct list *list)
{
    for (size_t i = 0; list->txs != NULL && i < list->compact.tx_count; i++) {
        tx_free(&list->txs[i]);
    }
    memory_free(list->txs);
    memory_free(list->index);
    compact_free(&list->compact);
    list->txs = NULL;
    list->index = NULL;
    list->missing = 0;
}

void list_free(struct list **list)
{
    if (*list != NULL) {
        list_clear(*list);
        memory_free(*list);
        *list = NULL;
    }
}

void list_fail(struct list *list)
{
    list_clear(list);
    list->failed = true;
}

/* ---- filling ---- */

bool list_lacks(const struct list *list, const struct hash *txid)
{
    if (list->missing == 0) {
        return false;
    }
    uint32_t found = list->index[index_place(list, txid)];
    return found != 0 && list->txs[found - 1] == NULL;
}

bool list_complete(const struct list *list)
{
    return !list->failed && list->missing == 0;
}

bool list_take(struct list *list, struct tx *tx)
{
    if (!list_lacks(list, &tx->id)) {
        return false;
    }
    list->txs[list->index[index_place(list, &tx->id)] - 1] = tx_ref(tx);
    list->missing--;
    return true;
}

void list_fill(struct list *list, const struct node_parts *parts)
{
    for (size_t i = 0; list->missing > 0 && i < list->compact.tx_count; i++) {
        const struct hash *txid = &list->compact.txids[i];
        struct tx *tx = list->txs[i] == NULL ? mempool_find(parts->mempool, txid) : NULL;
        if (tx != NULL) {
            list->txs[i] = tx_ref(tx);
            list->missing--;
        } else if (list->txs[i] == NULL) {
            (void)verifier_pending(parts->verifier, txid, true);
        }
    }
}

bool list_drop_outdated(struct list *list, const struct node_parts *parts)
{
    bool any = false;
    for (size_t i = 0; i < list->compact.tx_count; i++) {
        struct tx *tx = list->txs[i];
        struct public_key key;
        int error = app_signer_key(&key, parts->app, tx->member, tx->key_name);
        if (error == 0 && memcmp(key.bytes, tx->verified_key.bytes, sizeof key.bytes) == 0) {
            continue;
        }
        mempool_refused(parts->mempool, &tx->id, ERR_SIGNATURE, NULL);
        tx_free(&list->txs[i]);
        list->missing++;
        any = true;
    }
    return any;
}

size_t list_missing(struct hash *out, const struct list *list, const struct node_parts *parts)
{
    size_t count = 0;
    for (size_t i = 0; list->missing > 0 && i < list->compact.tx_count; i++) {
        const struct hash *txid = &list->compact.txids[i];
        if (list->txs[i] == NULL && !verifier_pending(parts->verifier, txid, true)) {
            out[count++] = *txid;
        }
    }
    return count;
}

struct block *list_block(const struct list *list, const struct slot *slot)
{
    struct block *block = memory_alloc(sizeof *block);
    const struct compact *compact = &list->compact;
    atomic_init(&block->references, 1);
    block->header = slot->header;
    block->hash = slot->hash;
    block->evidence_count = compact->evidence_count;
    block->evidence = memory_alloc(compact->evidence_count * sizeof *block->evidence);
    for (size_t i = 0; i < compact->evidence_count; i++) {
        block->evidence[i] = compact->evidence[i];
    }
    block->tx_count = compact->tx_count;
    block->txs = memory_alloc(compact->tx_count * sizeof(struct tx *));
    for (size_t i = 0; i < compact->tx_count; i++) {
        block->txs[i] = tx_ref(list->txs[i]);
    }
    return block;
}
