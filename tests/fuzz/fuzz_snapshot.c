/* Parts of the state on anything: name of the part, hash of its subtree, payload. What decodes
 * encodes to the same bytes; what is taken has the hash, and what is refused leaves no record. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/snapshot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader reader = reader_of(view_of(data, size));
    AUTO(buf_free) struct buf again = {0};
    struct snapshot_part part;
    struct state_part taken;
    struct hash hash;
    if (snapshot_part_decode(&part, &reader) != OK)
        return 0;
    snapshot_part_encode(&again, &part);
    ENSURE(view_equal(view_of_buf(&again), view_of(data, SNAPSHOT_PART_KEY_BYTES)));
    reader_copy(&reader, hash.bytes, HASH_BYTES);
    if (reader.bad)
        return 0;
    struct kv_batch *batch = kv_batch_new();
    int error = state_part_take(&taken, batch, reader.rest, part.height, &part.place, &hash);
    ENSURE(error == OK || error == ERR_ENCODING || error == ERR_PROOF_STATE);
    ENSURE(error == OK ? hash_equal(&taken.ref.hash, &hash) : kv_batch_count(batch) == 0);
    ENSURE(error != OK || taken.leaves + taken.place_count > 0);
    kv_batch_free(&batch);
    return 0;
}
