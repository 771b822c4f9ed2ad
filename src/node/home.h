/* What a node has at home: the data directory and its lock, the opened keys, the safety record,
 * the keys it signs with for others. Everything is checked before anything runs. */
#ifndef DIRCHAIN_NODE_HOME_H
#define DIRCHAIN_NODE_HOME_H

#include "api/api.h"
#include "base/keyfile.h"
#include "consensus/signer.h"
#include "node/config.h"

struct home {
    int lock; /* file descriptor; -1: not held */
    struct doc *genesis;
    struct hash genesis_hash;
    bool test; /* chain marked test */
    struct keyfile peer;
    struct keyfile vote;      /* secret NULL: observer */
    struct keyfile vote_next; /* secret NULL: none */
    bool validator;           /* has a vote key */
    struct api_signer *signers;
    struct secret_key *signer_secrets; /* locked memory, one for each signer */
    size_t signer_count;
};

/* Loads and verifies the genesis, makes and locks the data directory (ERR_BUSY: another process
 * runs on it; ERR_DISK_FULL: no room even to start), looks at the other directories, opens the keys
 * (ERR_CONFIG_SIGNER: the gateway's is not among them). Faults say which file. */
int home_open(struct home *out, struct faults *faults, const struct config *config);
void home_close(struct home *home);
/* Judges the same and leaves nothing behind. Beside a running node, which is told, it does so too,
 * but for the data directory, which is that node's: whether it can be written to, and has room. */
int home_check(bool *running, struct faults *faults, const struct config *config);

/* The first of the keys it signs with for others that has this name; NULL: none. */
const struct api_signer *home_find_key(const struct home *home, const char *key_name);

/* The signer of one of the vote keys, from its safety record: data/safety is that of the first key
 * of this home, data/safety-<16 hex of the key> that of a later one. `unused`: no height that is
 * known here was this key's to decide, so a missing record may be made; otherwise ERR_SAFETY_LOST,
 * since a lost record must not be replaced silently. ERR_VOTE_KEY_BUSY: another process runs with
 * this key. `alone`: nobody can be asked whether it is the first start or all was lost, so that a
 * record made here is held (engine.h, ENGINE_ALONE). */
struct home_vote {
    const struct keyfile *key; /* home->vote or home->vote_next */
    bool unused;
    bool alone; /* the only validator's, before the first block: who makes a record is held */
};
int home_signer(struct signer **out, struct faults *faults, const struct home *home,
                const struct config *config, const struct home_vote *vote);
/* The first start of a new chain: makes the record of keys.vote, free to sign from height 1 on.
 * Only a person knows that it is one. ERR_EXISTS: a record or a ledger is there. */
int home_make_record(struct faults *faults, const struct home *home, const struct config *config);

#endif
