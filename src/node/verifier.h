/* The worker pool: parses transactions and verifies their signatures, each once.
 *
 *   add ──► queue ──► worker: parse, look the key up, verify ──► done, on the loop
 *             ▲                        │
 *             └── key unknown to the cache, or it may have changed: the loop asks the ledger and
 *                 sends the item again
 *
 * Items that consensus waits for (urgent) go before the others, of which those submitted here and
 * those that peers sent take turns. The queue is bounded in count and bytes: beyond that `add`
 * refuses, and the sender or the submitter has to come again. */
#ifndef DIRCHAIN_NODE_VERIFIER_H
#define DIRCHAIN_NODE_VERIFIER_H

#include "chain/tx.h"

#include <uv.h>

struct verifier;

enum verify_kind { VERIFY_GOSSIP, VERIFY_OWN, VERIFY_URGENT, VERIFY_KINDS };

/* One transaction on its way. The owner fills `raw` (to be parsed) or `tx` (parsed already), id,
 * done and owner; from add until done the verifier owns the item, then `done` does. */
struct verify_item {
    struct hash id; /* txid */
    struct buf raw; /* empty when tx is given */
    struct tx *tx;  /* out: parsed; verified when error is 0. Owned */
    int error;      /* out: of tx_parse, of the key look-up, or ERR_SIGNATURE */
    void (*done)(struct verify_item *item); /* loop's thread */
    void *owner;
    void *argument;
    uint32_t sender; /* free for the owner: whom to blame */
    /* the verifier's own */
    struct verify_item *next, *previous, *bucket_next;
    struct public_key tried;
    uint8_t place;
    uint8_t kind;
    uint8_t turns;
};
struct verify_item *verify_item_new(void);
void verify_item_free(struct verify_item **item); /* with raw and tx */

/* The key by the ledger: app_signer_key. */
typedef int (*verifier_key)(void *context, struct public_key *out, const char *member,
                            const char *key_name);

/* So many workers at a time (the pool itself is libuv's, see verifier_pool_size). */
int verifier_open(struct verifier **out, uv_loop_t *loop, unsigned threads,
                  const struct hash *genesis, verifier_key key, void *key_context);
/* What is queued is given back with ERR_UNAVAILABLE at once, what runs when it has run. */
void verifier_close(struct verifier *verifier);
void verifier_free(struct verifier **verifier); /* after the loop has ended */

/* Takes over *item (set to NULL). ERR_UNAVAILABLE: the queue is full; the caller keeps it.
 * Urgent items are always taken: consensus asks for a bounded number. */
int verifier_add(struct verifier *verifier, struct verify_item **item, enum verify_kind kind);
/* Whether a transaction with this txid is queued or being verified; `hurry` moves it to the
 * front. What comes of it is known when its `done` has been called. */
bool verifier_pending(struct verifier *verifier, const struct hash *txid, bool hurry);
/* Whether these very bytes are on their way. */
bool verifier_has(struct verifier *verifier, const struct hash *txid, struct view raw);

struct verifier_stats {
    size_t queued; /* items, with those being verified */
    size_t queued_bytes;
    uint64_t batches, verified, refused;
};
struct verifier_stats verifier_stats(const struct verifier *verifier);

/* Cores − 1, at least 1, unless configured; also sets libuv's pool, so: before any use of it. */
unsigned verifier_pool_size(unsigned configured);

#endif
