/* Restoring a ledger from a snapshot that others give, part by part, into an empty store.
 *
 *   HEAD ──► HEADERS ──► LEAVES after FRONTIER ──► STATE, several parts at once ──► finished
 *
 * The head is certified by a validator set that is walked to from genesis, and everything else
 * leads to its header by hashes: so it does not matter who gives a part, and one that is wrong is
 * its giver's fault alone. Nothing is a ledger before the last write, which is one atomic batch: a
 * store that was left half way says ERR_NOT_FOUND when it is opened. Owner thread only. */
#ifndef DIRCHAIN_CHAIN_RESTORE_H
#define DIRCHAIN_CHAIN_RESTORE_H

#include "base/doc.h"
#include "chain/snapshot.h"

struct restore;

struct restore_plan {
    const struct doc *genesis; /* verified; borrowed until restore_close */
    struct hash genesis_hash;
    uint64_t height; /* of the snapshot */
    /* What this node knows already: this height is decided by the set of that hash. A history that
     * says otherwise is refused. Height 0: nothing. */
    uint64_t known_height;
    struct hash known_validators;
};

/* The kv is empty and stays the caller's. ERR_GENESIS. */
int restore_open(struct restore **out, struct kv *kv, const struct restore_plan *plan);
void restore_close(struct restore **restore);

/* The next part to ask somebody for; false while all that can be asked is on its way, at most
 * RESTORE_ASKED_MAX. */
bool restore_next(struct snapshot_part *out, struct restore *restore);
/* A HEAD part that goes on after another (`at` > 1) is asked of who gave that one: each of its
 * steps may be true and one between them left out, which shows at the end only. Where that one is
 * gone, restore_again begins the head anew. */
bool restore_goes_on(const struct snapshot_part *part);
/* It does not come: it will be asked for again. */
void restore_again(struct restore *restore, const struct snapshot_part *part);
/* Takes a part that was asked for. The giver's fault, after which it may be asked of another:
 * ERR_ENCODING, ERR_BLOCK_FORM, ERR_CERT_…, ERR_SIGNATURE, ERR_VALIDATORS, ERR_BLOCK_LINK,
 * ERR_TX_CHAIN, ERR_PROOF_LOG, ERR_PROOF_STATE, ERR_TOO_LARGE. Not asked for: ERR_NOT_FOUND. The
 * environment's: ERR_IO, ERR_DISK_FULL, ERR_CORRUPT; the restore is over then. */
int restore_take(struct restore *restore, const struct snapshot_part *part, struct view payload);
bool restore_finished(const struct restore *restore);

struct restore_progress {
    enum snapshot_kind at; /* what is being taken */
    uint64_t parts, bytes; /* taken */
    uint64_t divided;      /* of the parts: places of the state, to be asked for one by one */
    int64_t time_ms; /* of the snapshot's certified header; 0: not taken yet */
    uint64_t window_headers, window_leaves, state_leaves;
    unsigned permille; /* of the paths of the state, while that is taken */
};
struct restore_progress restore_progress(const struct restore *restore);

#endif
