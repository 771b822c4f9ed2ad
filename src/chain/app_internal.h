/* What the files of the application share. Only app*.c include this.
 *
 *   app.c          open state in memory, answers about the tip, executed blocks by hash
 *   app_open.c     first block of a store from genesis; checking the tip of an existing one
 *   app_signer.c   who may sign: member and key records before the block
 *   app_execute.c  execution of evidence, terms and transactions on an overlay
 *   app_prepare.c  building a block;  app_process.c  judging one;  app_check.c  admission
 *   app_body.c     bodies before their decision
 *   app_commit.c   the one atomic batch
 *   app_prune.c    letting go of what is old */
#ifndef DIRCHAIN_CHAIN_APP_INTERNAL_H
#define DIRCHAIN_CHAIN_APP_INTERNAL_H

#include "chain/app.h"
#include "chain/committed.h"
#include "chain/key_table.h"
#include "chain/log_tree.h"
#include "chain/replay.h"
#include "chain/rule.h"
#include "chain/state_tree.h"

/* What executing a block gave: everything commit needs. */
struct execution {
    struct block *block; /* reference */
    uint64_t used;       /* for least recently used */
    struct state *state; /* the overlay: owns keys and values of `changes` */
    size_t change_count;
    struct execution_change *changes;
    struct state_update *update;
    struct doc *acts;
    struct hash *leaves; /* log leaf hashes of the block: evidence, acts, transactions */
    size_t leaf_count;
    struct log_frontier frontier;         /* after the block */
    struct validator_set next_validators; /* of height + 1 */
    struct validator_set later;           /* of height + 2 */
};

struct execution_change {
    const char *key;
    const struct doc *value; /* NULL: deleted */
    size_t bytes;            /* of its canonical form */
};

/* The body that is in tables b and x at height + 1 already. */
struct placed_body {
    bool there;
    struct hash hash;   /* of the block */
    struct hash digest; /* store_block_digest */
    size_t count;       /* of its transactions */
};

struct app {
    struct kv *kv;
    struct state_tree *tree;
    struct committed *committed;
    struct replay_window *replay;
    struct kv_batch *batch;
    int broken; /* error of a failed commit: nothing goes on after it */

    struct hash genesis_hash;
    bool test;
    struct chain_params params;
    char center[MEMBER_ID_CHARS + 1];

    uint64_t height;
    uint64_t first_block, first_header; /* store_view */
    struct header tip;
    struct hash tip_hash; /* genesis hash at height 0 */
    int64_t tip_time_ms;
    struct log_frontier frontier;
    struct validator_set validators; /* of height + 1 */
    struct validator_set later;      /* of height + 2: what is in its block acts after it */
    struct hash validators_hash;

    struct placed_body placed;
    struct key_table signers; /* those of height + 1 that were asked for */

    uint64_t uses;
    struct execution *executions[EXECUTIONS_MAX]; /* of height + 1; NULL where free */
};

/* ---- app.c ---- */

/* Re-reads what is kept from state: parameters and the center. ERR_CORRUPT, ERR_IO. */
int app_reload(struct app *app);
void execution_free(struct execution **execution);
struct execution *execution_find(struct app *app, const struct hash *block_hash);
/* Takes it over; the least recently used one makes room. */
void execution_keep(struct app *app, struct execution *execution);
void executions_drop_all(struct app *app);

/* ---- app_body.c ---- */

/* The block into tables b and x; `digest` is store_block_digest. */
void app_put_block(struct kv_batch *batch, const struct block *block, const struct hash *digest);
/* Into app->batch: the placed body as a whole one, so that its place may be taken. ERR_CORRUPT,
 * ERR_IO. */
int app_displace_body(struct app *app);
/* Into app->batch, when height + 1 is decided: deletes what table u holds of that height and of the
 * one before. A body displaced by this very batch may be asked for until the batch is complete, so
 * it goes with the next one. ERR_CORRUPT, ERR_IO. */
int app_drop_bodies(struct app *app);
/* At start: which body is in tables b and x. ERR_CORRUPT, ERR_IO. */
int app_find_placed(struct app *app);

/* ---- app_signer.c ---- */

/* A key that signs, as the state before the block knows it. */
struct signer {
    struct key_item item; /* "<member>/<key>" */
    int error;            /* 0, ERR_TX_MEMBER, ERR_TX_SUSPENDED, ERR_TX_KEY */
    struct doc *member;
    struct doc *key;
    struct public_key public;
    unsigned role; /* bit */
    unsigned parties;
    char text[MEMBER_ID_CHARS + 1 + KEY_NAME_CHARS_MAX + 1];
};

/* The signer of a transaction of height + 1, whether it may sign or not. Borrowed until the next
 * call or commit. Non-zero only for the environment's errors. */
int signer_of(const struct signer **out, struct app *app, const char *member, const char *key_name);
void signers_forget(struct app *app); /* the committed state is another one */
/* The signer's standing, role and party against a type; the first that fails. */
int signer_check(const struct signer *signer, const struct tx_type *type, bool test);
/* Which roles, which parties sign this type: for the fault that is recorded next. */
void signer_tell(struct faults *faults, const struct signer *signer, const struct tx_type *type,
                 int error);
bool signer_verified(const struct signer *signer, const struct tx *tx);

/* ---- app_execute.c ---- */

/* One execution in progress. Used as: begin, evidence…, sweep, transactions…, finish. */
struct run {
    struct app *app;
    struct execution *out;
    struct rule_context context;
    struct key_table members; /* that signed in it: struct signer_use */
    struct hash *tx_leaves;
    struct tx **seen; /* open addressing by txid: within the block */
    size_t seen_capacity;
    size_t tx_count;
    struct hash evidence_leaves[BLOCK_EVIDENCE_MAX];
    size_t evidence_count;
    int64_t bytes; /* of the encoding so far */
    int64_t cost;
};

void run_begin(struct run *run, struct app *app, int64_t time_ms);
/* Whether a block of height + 1 may hold it, unless it is on record: ERR_FIELD_RANGE (age),
 * ERR_NOT_FOUND (no such height), those of evidence_verify. */
int evidence_judge(struct app *app, const struct evidence *evidence);
int run_evidence(struct run *run, struct faults *faults, const struct evidence *evidence);
/* Notes who proposed the block, then what is due at its time. */
int run_sweep(struct run *run, struct faults *faults, const char *proposer);
/* Applies one transaction, or leaves everything as it was and tells why. *full: ERR_QUOTA because
 * this block has no room for it. */
int run_tx(struct run *run, bool *full, struct faults *faults, struct tx *tx);
/* Whether what a rule did stays within the bounds of its type and of records. ERR_TX_BOUNDS,
 * ERR_TOO_LARGE. */
int rule_bounds(struct rule_context *context, const struct tx_type *type);
/* Computes roots; fills every derived field of the header. */
int run_finish(struct run *run, struct header *header);
void run_end(struct run *run); /* releases what is left; usable with AUTO */

#endif
