/* The network of the throughput bench: four agencies with ten officers' keys each, and the center.
 * All keys are derived from their label, so that the program that loads the network can sign with
 * the same keys that the genesis names. For benches only: nothing here is secret. */
#ifndef DIRCHAIN_BENCH_NET_H
#define DIRCHAIN_BENCH_NET_H

#include "base/hash.h"
#include "base/sign.h"

#include <stdio.h>
#include <string.h>

#define BENCH_MEMBERS 5 /* the last one is the center */
#define BENCH_AGENCIES 4
#define BENCH_KEYS_EACH 5 /* of compile and of gateway keys: 40 in all */

static const char *const bench_member[BENCH_MEMBERS] = {"11440000006940175Y", "11440000006939916J",
                                                        "114400000069401674", "11440000553612461J",
                                                        "11440000006939756B"};

static inline struct secret_key bench_secret(size_t member, const char *key_name)
{
    char label[64];
    int len = snprintf(label, sizeof label, "bench/%zu/%s", member, key_name);
    struct hash hash = hash_tagged("dirchain/bench/1", view_of(label, (size_t)len));
    struct secret_key secret;
    memcpy(secret.bytes, hash.bytes, sizeof secret.bytes);
    return secret;
}

#endif
