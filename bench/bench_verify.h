/* How many signatures a core of this machine verifies: the bound of every throughput. */
#ifndef DIRCHAIN_BENCH_VERIFY_H
#define DIRCHAIN_BENCH_VERIFY_H

#include "base/sign.h"

struct bench_signature {
    struct public_key key;
    struct hash digest;
    struct signature signature;
};

/* Verifications per second and core, keys cached, with all cores at it, since that is how nodes use
 * them; of some passes the best, since what disturbs one is not the nodes' doing. 0: a signature
 * does not verify, or a thread does not start. */
double bench_verify_rate(const struct bench_signature *items, size_t count, size_t cores);

#endif
