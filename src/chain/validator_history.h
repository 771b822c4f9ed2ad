/* How the validator set came to be what it is: every header, certified by the set of its own
 * height, that names another set for the next one. A verifier walks it from genesis and so knows
 * the set of any later height without the blocks between, under one assumption: that no quorum of
 * a retired set signed a second history with its old keys. Packs that hold every block need no
 * such assumption. Form: docs/spec/receipt.md. */
#ifndef DIRCHAIN_CHAIN_VALIDATOR_HISTORY_H
#define DIRCHAIN_CHAIN_VALIDATOR_HISTORY_H

#include "base/faults.h"
#include "chain/certificate.h"
#include "chain/header.h"
#include "chain/store.h"

/* A header with its certificate as documents carry them: "header" and "certificate", hex. */
void certified_header_put(struct doc *object, const struct header *header,
                          const struct certificate *certificate);
/* ERR_FIELD_MISSING, ERR_HEX, ERR_BLOCK_FORM, ERR_CERT_FORM with the claim at fault. */
int certified_header_get(struct header *header, struct certificate *certificate,
                         struct faults *faults, const struct doc *object, const char *claim);
/* A validator set as documents carry it: "set", hex. Which header names it is the caller's to
 * compare. ERR_FIELD_MISSING, ERR_HEX, ERR_TOO_LARGE, ERR_VALIDATORS. */
void validator_set_put(struct doc *object, const struct validator_set *set);
int validator_set_get(struct validator_set *set, const struct doc *object);

/* Both from a store into an object: the header with its certificate, and "set" where it names
 * another set than its own for the next height. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int certified_header_read(struct doc *object, const struct store_view *view, uint64_t height);

/* The running hash over all sets that ever acted: zero before that of genesis, then
 * hash_tagged("dirchain/validator-history/1", the one before it, u64 from, validators_hash).
 * The state keeps it (validators_seats.c), so that it commits to sets that it no longer names. */
void validator_history_add(struct hash *history, uint64_t from, const struct validator_set *set);

/* Walks the history. Heights ask in ascending order. */
struct validator_walk {
    struct hash genesis;
    uint64_t from; /* first height that `set` decides */
    struct validator_set set;
};
/* The set of height 1 from a verified genesis document. ERR_GENESIS. */
int validator_walk_start(struct validator_walk *out, const struct doc *genesis,
                         const struct hash *genesis_hash);
/* Takes one step {"header","certificate","set"} to another set. Faults name the claim. */
int validator_walk_step(struct validator_walk *walk, struct faults *faults, const struct doc *step,
                        const char *claim);
/* The same from its parts. */
int validator_walk_to(struct validator_walk *walk, struct faults *faults,
                      const struct header *header, const struct certificate *certificate,
                      const struct validator_set *next, const char *claim);
/* Takes all steps of a history. ERR_FIELD_TYPE: it is no array. */
int validator_walk_steps(struct validator_walk *walk, struct faults *faults,
                         const struct doc *history, const char *claim);
/* Verifies a certified header of a height ≥ walk->from by the walked set. */
int validator_walk_verify(const struct validator_walk *walk, struct faults *faults,
                          const struct header *header, const struct certificate *certificate,
                          const char *claim);

/* The steps up to a height as an array, from a node's store. Caller owns. */
int validator_history_read(struct doc **out, const struct store_view *view, uint64_t height);

#endif
