/* Records of the ledger in the kv: keys, and how each is written. Shared by the files that write
 * (app_*.c) and read (store*.c); nobody else knows the layout.
 *
 *   m"format"                 text STORE_FORMAT
 *   m"genesis"                32 genesis hash ‖ genesis document, canonical
 *   m"tip"                    u64 height ‖ 32 block hash (genesis hash at height 0)
 *   m"kept"                   u64 first block ‖ u64 first header; absent: all from 1 on
 *   h u64 height              header
 *   b u64 height              block without its transactions ‖ 32 digest of the whole
 *   c u64 height              certificate
 *   a u64 height              automatic acts, canonical array
 *   x u64 height ‖ u32 index  transaction as received                              (not sealed)
 *   i 32 txid                 u64 height ‖ u32 index ‖ u64 log index               (not sealed)
 *   s u64 ~first height       validator set that decides from this height on
 *   u u64 height ‖ 32 hash    encoded block that may be decided at that height
 *
 * At the height after the tip, b and x hold the first body of several that may be decided, see
 * app_body.c.
 *
 * A sealed record is SHA-256(key ‖ payload) ‖ payload: what was written is what is read, in its
 * place. The others are judged by what they hold: a transaction by its txid, a place by the
 * transaction there. */
#ifndef DIRCHAIN_CHAIN_STORE_LAYOUT_H
#define DIRCHAIN_CHAIN_STORE_LAYOUT_H

#include "base/hash.h"
#include "chain/block.h"
#include "chain/certificate.h"
#include "chain/kv.h"

#define STORE_FORMAT "dirchain-store/1"
#define STORE_KEY_BYTES_MAX 48

struct store_key {
    size_t len;
    uint8_t bytes[STORE_KEY_BYTES_MAX];
};
struct view store_key_view(const struct store_key *key);
struct store_key store_key_meta(const char *name);
struct store_key store_key_height(enum kv_table table, uint64_t height); /* h b c a */
struct store_key store_key_tx(uint64_t height, uint32_t index);
struct store_key store_key_place(const struct hash *txid);
struct store_key store_key_validators(uint64_t first_height);
struct store_key store_key_body(uint64_t height, const struct hash *hash);

void store_put_sealed(struct kv_batch *batch, const struct store_key *key, struct view payload);
void store_put_kept(struct kv_batch *batch, uint64_t first_block, uint64_t first_header);
/* The set that decides from a height on. */
void store_put_validators(struct kv_batch *batch, uint64_t first_height,
                          const struct validator_set *set);
void store_put_tip(struct kv_batch *batch, uint64_t height, const struct hash *hash);
/* The format, and the genesis document with its hash. */
void store_put_origin(struct kv_batch *batch, const struct doc *genesis, const struct hash *hash);
void store_put_header(struct kv_batch *batch, const struct header *header);
void store_put_certificate(struct kv_batch *batch, const struct certificate *certificate);
/* Checks the seal of a value read under a key; *payload is within value. ERR_CORRUPT. */
int store_unseal(struct view *payload, struct view key, struct view value);
/* Appends the payload. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int store_get_sealed(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     const struct store_key *key);

/* Appends the whole encoding of a block of which `record` holds head and digest, and table x the
 * transactions of that height. ERR_CORRUPT: they do not belong together. ERR_IO. */
int store_join_block(struct buf *out, struct kv *kv, const struct kv_snapshot *snapshot,
                     uint64_t height, struct view record);

/* The encoding of a block up to its first transaction. */
void store_block_head(struct buf *out, const struct block *block);

/* The digest of a whole block: SHA-256(head ‖ for each transaction its txid ‖ signature as text).
 * A txid is the hash of all that comes before the signature, so every byte is covered, and at
 * commit, where the txids are known, hardly anything is hashed again. */
struct hash store_block_digest(const struct block *block);
/* The same from the bytes of the transactions, hashing them. ERR_CORRUPT: one is no JWS. */
int store_raw_digest(struct hash *out, struct view head, const struct view *raws, size_t count);
/* Divides a JWS at its last dot. ERR_CORRUPT. */
int store_split_tx(struct view *signing_input, struct view *signature, struct view raw);

#endif
