/* What a gateway needs of its node, and how it sees the ledger. The node fills the first, tests
 * too. */
#ifndef DIRCHAIN_EXCHANGE_HOST_H
#define DIRCHAIN_EXCHANGE_HOST_H

#include "base/doc.h"
#include "base/faults.h"
#include "chain/kv.h"
#include "chain/tx.h"

/* Called exactly once, on any thread; must not block. */
typedef void (*exchange_submit_done)(void *argument, int error, const struct faults *faults,
                                     uint64_t height);

/* All functions may be called from any thread. */
struct exchange_host {
    void *context;
    struct kv *kv;             /* of the ledger; read only */
    const struct doc *genesis; /* borrowed as long as the gateway lives */
    struct hash genesis_hash;
    const char *member; /* of this node */
    /* Takes over the parsed transaction; with wait_committed `done` is called when it is in a
     * block, or refused, or expired. Shaped like api_backend.submit. */
    void (*submit)(void *context, struct tx *tx, bool wait_committed, exchange_submit_done done,
                   void *argument);
    int64_t (*now_ms)(void *context); /* node time: wall clock plus the test offset */
};

#endif
