/* block_decode on anything: what is accepted has exactly one encoding, and its own hash. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/block.h"
#include "note_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    AUTO(block_free) struct block *block = NULL;
    AUTO(buf_free) struct buf again = {0};
    struct faults faults = {0};
    struct hash genesis = fuzz_genesis();
    struct hash hash;
    int error = block_decode(&block, &faults, view_of(data, size), &genesis);
    ENSURE((block != NULL) == (error == OK) && faults_first(&faults) == error);
    if (error != OK)
        return 0;
    block_encode(&again, block);
    ENSURE(view_equal(view_of_buf(&again), view_of(data, size)));
    header_hash(&hash, &block->header);
    ENSURE(hash_equal(&hash, &block->hash));
    return 0;
}
