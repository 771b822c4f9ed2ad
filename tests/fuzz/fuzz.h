/* What the fuzz targets share: the entry point that libFuzzer calls, and the genesis hash of the
 * published vectors, from which the first inputs are made. */
#ifndef DIRCHAIN_TESTS_FUZZ_H
#define DIRCHAIN_TESTS_FUZZ_H

#include "base/hash.h"

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline struct hash fuzz_genesis(void)
{
    return hash_sha256(view_of_text("dirchain test vectors: genesis"));
}

#endif
