/* A provider's store goes bad in the one way that its own seals do not show: the certificate of a
 * height is written again, sealed as it should be, with one signature that does not hold.
 *
 *   spoil_certificate LEDGER HEIGHT      (the node must not run)
 *
 * For test_gateway_direct.py: what a gateway sends must rest on the certificate, not on the store.
 */
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store_layout.h"

#include <stdio.h>
#include <stdlib.h>

static int spoil(struct kv *kv, uint64_t height)
{
    AUTO(buf_free) struct buf payload = {0};
    const struct store_key key = store_key_height(KV_CERTIFICATE, height);
    int error = store_get_sealed(&payload, kv, NULL, &key);
    if (error != 0) {
        return error;
    }
    payload.data[payload.len - 1] ^= 1; /* of the last signer's signature */
    struct kv_batch *batch = kv_batch_new();
    store_put_sealed(batch, &key, view_of_buf(&payload));
    error = kv_write(kv, batch, true);
    kv_batch_free(&batch);
    return error;
}

int main(int argc, char **argv)
{
    struct kv *kv = NULL;
    if (argc != 3) {
        fprintf(stderr, "usage: spoil_certificate LEDGER HEIGHT\n");
        return 2;
    }
    int error = kv_open_leveldb(&kv, argv[1]);
    if (error == 0) {
        error = spoil(kv, strtoull(argv[2], NULL, 10));
        kv_close(&kv);
    }
    if (error != 0) {
        fprintf(stderr, "%s\n", error_english(error));
    }
    return error != 0;
}
