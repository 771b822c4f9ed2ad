/* The ledger on disk: layout of keys in the kv, and reads from any thread. Writes happen only in
 * app_commit, in one atomic synced batch. Key layout is in store.c.
 *
 * A store_view is a consistent moment: everything read through it belongs to one tip. */
#ifndef DIRCHAIN_CHAIN_STORE_H
#define DIRCHAIN_CHAIN_STORE_H

#include "chain/block.h"
#include "chain/certificate.h"
#include "chain/kv.h"
#include "chain/log_tree.h"
#include "chain/state_tree.h"

struct store_view {
    struct kv *kv;
    struct kv_snapshot *snapshot;
    struct hash genesis;
    uint64_t height;
    struct header tip; /* zero at height 0 */
    /* Blocks, with their acts and the state after them, are here from first_block on, the state
     * before it too; headers from first_header on, and all that name another validator set. What is
     * below gives ERR_PRUNED. */
    uint64_t first_block, first_header;
};

/* ERR_NOT_FOUND before app_open, ERR_STORE_FORMAT, ERR_CORRUPT, ERR_IO. */
int store_view_open(struct store_view *out, struct kv *kv);
void store_view_close(struct store_view *view);
/* The genesis document that the store was made from (out may be NULL) and its hash. */
int store_read_genesis(struct doc **out, struct hash *hash, const struct store_view *view);

/* ERR_NOT_FOUND, ERR_PRUNED, ERR_CORRUPT (hash of the stored bytes is recomputed), ERR_IO. */
int store_read_header(struct header *out, const struct store_view *view, uint64_t height);
int store_read_certificate(struct certificate *out, const struct store_view *view, uint64_t height);
/* The encoded block; decode with block_decode. */
int store_read_block_bytes(struct buf *out, const struct store_view *view, uint64_t height);
/* The automatic acts of a block: array of documents; caller owns. */
int store_read_acts(struct doc **out, const struct store_view *view, uint64_t height);
int store_read_validators(struct validator_set *out, const struct store_view *view,
                          uint64_t height);
/* The same, with the first height that the set decides: 1, or that after a header that names it. */
int store_read_term(struct validator_set *out, uint64_t *first_height,
                    const struct store_view *view, uint64_t height);

struct store_tx_place {
    uint64_t height;
    uint32_t index; /* within the block's transactions */
    uint64_t log_index;
};
int store_find_tx(struct store_tx_place *out, const struct store_view *view,
                  const struct hash *txid);
/* The JWS of a committed transaction. Appends. */
int store_read_tx(struct buf *out, const struct store_view *view, const struct hash *txid);
/* Height of the block whose leaves include a log index. */
int store_height_of_log_index(uint64_t *height, const struct store_view *view, uint64_t index);

/* Newest state value as a document, caller owns. ERR_NOT_FOUND. */
int store_read_state(struct doc **out, const struct store_view *view, const char *key);
int store_prove_state(struct state_proof *out, bool *present, struct buf *value,
                      const struct store_view *view, uint64_t height, const char *key);
int store_prove_inclusion(struct log_proof *out, const struct store_view *view, uint64_t index,
                          uint64_t size);
int store_prove_consistency(struct log_proof *out, const struct store_view *view, uint64_t old_size,
                            uint64_t new_size);

/* The whole chain from genesis: every header linked, certificate verified, block hashed, log
 * rebuilt, and the newest state tree re-hashed. `progress` may be NULL. First error, with the
 * height in *bad_height. */
int store_check_chain(uint64_t *bad_height, const struct store_view *view,
                      const struct doc *genesis,
                      void (*progress)(void *context, uint64_t height, uint64_t of), void *context);

#endif
