/* The genesis document: who the members are, which law applies, how the chain runs. Collated and
 * signed by the center; every node verifies it before it starts. Form: docs/spec/genesis.md. */
#ifndef DIRCHAIN_GENESIS_GENESIS_H
#define DIRCHAIN_GENESIS_GENESIS_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/hash.h"
#include "base/keyfile.h"

#define GENESIS_BYTES_MAX (8 * 1024 * 1024)

/* hash_tagged("dirchain/genesis/1", canonical document without "signature"). */
void genesis_hash(struct hash *out, const struct doc *genesis);

/* Reads, parses and verifies a genesis file. Caller owns *out. ERR_NOT_FOUND, ERR_IO,
 * ERR_TOO_LARGE, ERR_JSON_*, and those of genesis_verify. */
int genesis_load(struct doc **out, struct hash *hash, struct faults *faults, const char *path);

/* Everything a node relies on: form, parameters in bounds, profile, calendars (that of the genesis
 * year must be there), every join request and its signatures, ids and keys distinct, the center
 * among the members with an admin key, validators active members, the center's signature, and that
 * the initial state can be built from it. All faults at once. */
int genesis_verify(struct faults *faults, const struct doc *genesis);

struct genesis_plan {
    const char *network;
    bool test;
    int64_t time_ms;
    const char *center;
    const struct doc *params; /* missing members get their defaults */
    const struct doc *profile;
    const struct doc *calendars;  /* array, ledger form */
    const struct doc *joins;      /* array of join requests */
    const struct doc *validators; /* array of member ids */
};
/* Collates a genesis and signs it with the center's admin key; verifies its own result. */
int genesis_make(struct doc **out, struct faults *faults, const struct genesis_plan *plan,
                 const struct keyfile *admin);

#endif
