/* Proofs of a signer's key: made from the store, and good only for heights in which the key acts.
 */
#include "ledger.h"
#include "ledger_keys.h"

#include "chain/signer_proof.h"

/* What the proof of the key "second" of agency 1 is worth under the header of that height. */
static int judge_at(const struct ledger *ledger, uint64_t height)
{
    AUTO(doc_free) struct doc *proof = NULL;
    struct store_view view;
    struct header header;
    struct public_key key, expected;
    struct secret_key secret;
    struct faults faults = {0};
    memset(secret.bytes, 200, SECRET_KEY_BYTES);
    assert_int_equal(sign_public_key(&expected, &secret), 0);
    assert_int_equal(store_view_open(&view, ledger->kv), 0);
    assert_int_equal(store_read_header(&header, &view, height), 0);
    assert_int_equal(signer_proof_make(&proof, &view, agencies[1], "second", height), 0);
    store_view_close(&view);
    int error = signer_proof_verify(&key, &faults, proof, agencies[1], "second", &header, "key");
    assert_int_equal(faults_first(&faults), error);
    if (error == 0)
        assert_memory_equal(key.bytes, expected.bytes, PUBLIC_KEY_BYTES);
    else
        assert_string_equal(faults.item[0].field, "key.record");
    /* The record is the one of that state: no other header vouches for it. */
    header.state_root.bytes[0] ^= 1;
    assert_int_equal(signer_proof_verify(&key, NULL, proof, agencies[1], "second", &header, "key"),
                     ERR_PROOF_STATE);
    return error;
}

/* A key acts from the block after the one that adds it, up to the one that retires it. */
static void a_key_is_proved_for_the_heights_in_which_it_acts(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct tx *add[] = {key_add_tx(&ledger, 1, "second", "compile", 200)};
    ledger_append(&ledger, add, 1);
    ledger_append(&ledger, NULL, 0);
    struct tx *retire[] = {key_retire_tx(&ledger, 1, "second")};
    ledger_append(&ledger, retire, 1);
    ledger_append(&ledger, NULL, 0);
    static const int expected[] = {ERR_TX_KEY, 0, 0, ERR_TX_KEY};
    for (uint64_t height = 1; height <= COUNT_OF(expected); height++)
        assert_int_equal(judge_at(&ledger, height), expected[height - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_is_proved_for_the_heights_in_which_it_acts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
