/* The application boundary, shaped like ABCI 2.0: what an engine asks of the ledger.
 *
 *   check     may this transaction enter the mempool?
 *   prepare   build a block of valid transactions, executed, header complete
 *   process   is this block valid? executes it and compares every derived field
 *   commit    (finalize and commit) make the executed block and its certificate durable, atomically
 *   query     read through chain/store.h from any thread
 *   snapshot  state, log frontier, recent leaves (chain/snapshot.h)
 *
 * Owner thread only. Execution is a pure function of (state, block); results are cached by block
 * hash, so a block voted on in several rounds is executed once. Chain execution never checks
 * signatures itself: a transaction must come verified (tx->verified) under the key that the state
 * before the block names, otherwise ERR_SIGNATURE. */
#ifndef DIRCHAIN_CHAIN_APP_H
#define DIRCHAIN_CHAIN_APP_H

#include "chain/block.h"
#include "chain/certificate.h"
#include "chain/kv.h"
#include "chain/params.h"

struct app;

/* Opens the ledger on a store; an empty store is initialised from genesis. At start the tip is
 * checked: header, certificate, state and log roots against stored data. The kv stays the
 * caller's. ERR_GENESIS (not of that hash), ERR_OTHER_GENESIS (the store began with another),
 * ERR_STORE_FORMAT, ERR_CORRUPT, ERR_IO, and those of rules_init_state. */
int app_open(struct app **out, struct faults *faults, struct kv *kv, const struct doc *genesis,
             const struct hash *genesis_hash);
void app_close(struct app **app);

const struct hash *app_genesis_hash(const struct app *app);
const struct chain_params *app_params(const struct app *app);
uint64_t app_height(const struct app *app);          /* 0: genesis only */
const struct header *app_tip(const struct app *app); /* NULL at height 0 */
int64_t app_tip_time_ms(const struct app *app);      /* genesis time at height 0 */
/* Hash that the next header's `previous` must hold. */
const struct hash *app_tip_hash(const struct app *app);
/* The set that decides height app_height() + 1, and the set of any height (for evidence and
 * sync). ERR_NOT_FOUND. */
const struct validator_set *app_next_validators(const struct app *app);
/* The set of height app_height() + 2, known already: what that of + 1 changes acts later. */
const struct validator_set *app_later_validators(const struct app *app);
int app_validators_at(struct validator_set *out, struct app *app, uint64_t height);

/* The key under which a signature must verify now. ERR_TX_MEMBER, ERR_TX_SUSPENDED, ERR_TX_KEY. */
int app_signer_key(struct public_key *out, struct app *app, const char *member,
                   const char *key_name);

/* Cheap admission: expiry against the tip time, replay, member, key, role; the key of the signature
 * if it was verified already. The next block's time is not known here: an expiry may lie up to a
 * day beyond the tip's time and tx_lifetime. With `dry_run` also applies the rule on the committed
 * state and discards it: what a submitter wants to hear at once. All faults at once. */
int app_check(struct app *app, struct faults *faults, const struct tx *tx, bool dry_run);

/* Whether the next block could hold this evidence, or the one after it where it is of that block's
 * height: what is on record already (ERR_DUPLICATE), then age, then the votes. ERR_FIELD_RANGE,
 * ERR_NOT_FOUND, those of evidence_verify. */
int app_check_evidence(struct app *app, const struct evidence *evidence);

/* Builds and executes a block for the next height from candidates in order, leaving out those that
 * are not valid now: `dropped` is told each with its error (ERR_TX_EXPIRED, a rule's …; 0 when the
 * block was merely full). Evidence that is invalid or known is left out. The caller owns *out. */
struct app_proposal {
    int64_t time_ms;
    const char *proposer;
    struct tx *const *candidates;
    size_t candidate_count;
    const struct evidence *evidence;
    size_t evidence_count;
    void (*dropped)(void *context, const struct tx *tx, int error, const struct faults *faults);
    void *context;
};
int app_prepare(struct block **out, struct app *app, const struct app_proposal *proposal);

/* Validates and executes a block of height app_height() + 1; the result is cached by hash. 0: may
 * be voted for. ERR_BLOCK_LINK, ERR_VALIDATORS, ERR_BLOCK_EXECUTION, ERR_SIGNATURE, rule errors: an
 * invalid block. ERR_IO, ERR_CORRUPT, ERR_DISK_FULL: the environment; stop. The block is
 * referenced (block_ref), not copied, while its result is cached. */
int app_process(struct app *app, struct faults *faults, struct block *block);
/* Whether the error of app_process is the environment's. */
bool app_error_is_environment(int error);

/* Bodies before decision: durable on return, dropped when their height is decided. One that was
 * executed is loaded as the very same object; one from disk comes unverified. */
int app_store_body(struct app *app, const struct block *block);
int app_load_body(struct block **out, struct app *app, const struct hash *hash); /* ERR_NOT_FOUND */

/* Commits a processed block atomically and durably with its certificate, which is not verified
 * again here. What happened is given for events; caller frees with app_commit_free. ERR_NOT_FOUND
 * (not processed, or its result made room: process it again), ERR_CERT_BLOCK (for another block);
 * ERR_IO, ERR_DISK_FULL, ERR_CORRUPT: nothing goes on after them, every later call gives them. */
struct app_commit {
    struct header header;
    struct hash hash;
    struct block *block;      /* borrowed until app_commit_free */
    struct doc *acts;         /* automatic acts, array */
    uint64_t first_log_index; /* of this block's first leaf */
    bool validators_changed;  /* next_validators differs from validators */
};
int app_commit(struct app_commit *out, struct app *app, const struct hash *block_hash,
               const struct certificate *certificate);
void app_commit_free(struct app_commit *commit);

/* Lets go of blocks before first_block, with their acts and the states before them: a step of about
 * records_max records, and whether there is more to do. The tip and the state before it always
 * stay. Errors are the environment's. */
int app_prune(bool *more, struct app *app, uint64_t first_block, size_t records_max);
uint64_t app_first_block(const struct app *app); /* the first that is here, or comes next */

/* A block from another node: decode done by the caller; verifies the certificate by the set of its
 * height, processes and commits. Transactions must come verified. */
int app_apply_synced(struct app_commit *out, struct app *app, struct faults *faults,
                     struct block *block, const struct certificate *certificate);

#endif
