/* What a rule works with. Rules live in chain/rules/, one file for each family of types (tables.h
 * says which), their tables in tables_<family>.c; deadlines.c sweeps what is due.
 *
 * A rule reads the block time from the context only ("consensus time is legal time"). */
#ifndef DIRCHAIN_CHAIN_RULE_H
#define DIRCHAIN_CHAIN_RULE_H

#include "base/civil.h"
#include "base/faults.h"
#include "chain/schema.h"
#include "chain/state.h"
#include "chain/tx.h"

struct rule_context {
    struct state *state;
    struct faults *faults;
    uint64_t height;
    int64_t time_ms; /* of the block */
    bool test;       /* genesis marked test */
    /* The transaction and its signer's records before the block; NULL for automatic acts. */
    const struct tx *tx;
    const struct doc *body;
    const struct doc *member;
    const struct doc *key;
    char txid[2 * HASH_BYTES + 1];
    char subject[STATE_KEY_BYTES_MAX + 1]; /* key of the record acted on; "" if none is */
    /* Where automatic acts go, in order; each is {"height","clause","subject","effect",…}. Acts
     * that a refused transaction brought forth are void with it: whoever discards its changes
     * discards them too. */
    struct doc *acts;
    int error; /* of the first rule_fault; 0 at the start */
    /* From when the profile is in force that this step was decided by; 0 if none was looked at. */
    int64_t profile_ms;
    unsigned term_reads; /* of this step's reads those that look for where terms end */
};

/* The reads of this step that count against its type's bound. Where a term ends depends on how
 * often its debtor was suspended and how often the ledger stood, which no type can know: those
 * looks have a bound of their own (term_ends.c). */
unsigned rule_reads(const struct rule_context *context);

/* Records a fault, and returns its error. */
int rule_fault(struct rule_context *context, int error, const char *clause,
               const char *field_format, ...) __attribute__((format(printf, 4, 5)));
/* Records an automatic act: effect is a stable word such as "deemed-approved". */
void rule_act(struct rule_context *context, const char *clause, const char *subject,
              const char *effect);
/* The record a transaction acts on, checking that body.acts_on names its current version.
 * ERR_SUBJECT, ERR_VERSION_STALE as faults; NULL then. */
const struct doc *rule_subject(struct rule_context *context, const char *key);
/* The policy profile in force (state key "profile"). Who looks at it decides by it: what is stamped
 * afterwards says so ("profile_ms"). */
const struct doc *rule_profile(struct rule_context *context);
/* Integer of the profile by dotted path, e.g. "answer.days"; ENSUREd present: genesis checks. */
int64_t rule_profile_int(struct rule_context *context, const char *path);

/* Digest of an automatic act in the log, and the version of what it changed:
 * hash_tagged(RULE_ACT_TAG, its canonical JSON). */
#define RULE_ACT_TAG "dirchain/act/1"

/* ---- forms that other layers check too ---- */

extern const struct field rules_join_fields[];    /* join request (docs/spec/genesis.md) */
extern const struct field rules_profile_fields[]; /* policy profile */
/* Form, ids, keys (valid, distinct, a chief among them), both signatures. All faults at once, under
 * `path`. ERR_FIELD_*, ERR_USCC_*, ERR_KEY_INVALID, ERR_KEY_DUPLICATE, ERR_CHIEF_MISSING,
 * ERR_ADMIN_KEY, ERR_DUPLICATE (parties), ERR_BASE64URL, ERR_SIGNATURE. Implemented in
 * chain/rules/join_request.c. */
int rules_check_join(struct faults *faults, const struct doc *join, const char *path);
/* Form, and that its numbers fit together. ERR_FIELD_*. */
int rules_check_profile(struct faults *faults, const struct doc *profile, const char *path);

/* ---- entry points used by execution ---- */

/* Writes the state of height 0 from a genesis document (already validated in form by the genesis
 * layer, validated again here as far as rules rely on it). */
int rules_init_state(struct state *state, struct faults *faults, const struct doc *genesis);
/* Before the block's transactions: everything due at or before the block time, oldest first, as
 * far as the declared costs of it stay within BLOCK_DUE_COST_MAX; outage rule included.
 * previous_time_ms: of the block before. */
int rules_sweep_due(struct rule_context *context, int64_t previous_time_ms);
/* The record whose term a key of the due index ("due/…") is of; it lies in the key. */
const char *rules_due_subject(const char *due_key);
/* At the start of a block: its proposer takes part (the preflight of validator changes asks). */
void rules_note_proposer(struct rule_context *context, const char *member);
/* Whether a delegate's key may sign this now (delegations.c); 0 for every other key. Reads at most
 * DELEGATE_READS_MAX records. ERR_DELEGATION, ERR_DELEGATION_SCOPE as faults. */
#define DELEGATE_READS_MAX 112
int rules_judge_delegate(struct rule_context *context);
/* First applies what is due on a subject a transaction is about to touch; called by rules. */
int rules_apply_due(struct rule_context *context, const char *subject);
/* Evidence in a block: recorded once per (validator, height, round, type); ERR_DUPLICATE. */
struct evidence;
int rules_record_evidence(struct rule_context *context, const struct evidence *evidence);
/* What the profile has follow from evidence just recorded, as automatic acts; and at the start of
 * each block the removals that waited. */
int rules_answer_evidence(struct rule_context *context, const struct evidence *evidence);
int rules_sweep_removals(struct rule_context *context);
/* The validator set that acts from height `height` on, from state "validators". */
struct validator_set;
int rules_validators(struct validator_set *out, struct state *state, uint64_t height);

#endif
