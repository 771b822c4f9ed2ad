/* Signatures under the conditions of a node: many keys, many threads, keys that share a slot of the
 * cache. */
#include "check.h"

#include "base/limits.h"
#include "base/memory.h"
#include "base/sign.h"

#include <pthread.h>

struct signer {
    struct public_key key;
    struct vote_key vote_key;
    struct signature es256k, schnorr;
};

#define DIGEST_TEXT "one digest for all"

static struct signer *make_signers(size_t count)
{
    struct hash digest = hash_sha256(view_of_text(DIGEST_TEXT));
    struct signer *signers = memory_alloc(count * sizeof *signers);
    for (size_t i = 0; i < count; i++) {
        struct secret_key secret;
        sign_random_key(&secret);
        assert_int_equal(sign_public_key(&signers[i].key, &secret), 0);
        assert_int_equal(sign_vote_key(&signers[i].vote_key, &secret), 0);
        assert_int_equal(es256k_sign(&signers[i].es256k, &secret, &digest), 0);
        assert_int_equal(schnorr_sign(&signers[i].schnorr, &secret, &digest), 0);
    }
    return signers;
}

/* Each signature verifies under its own key and not under the next one. */
static bool signers_hold(const struct signer *signers, size_t count)
{
    struct hash digest = hash_sha256(view_of_text(DIGEST_TEXT));
    for (size_t i = 0; i < count; i++) {
        const struct signer *other = &signers[(i + 1) % count];
        if (!es256k_verify(&signers[i].key, &digest, &signers[i].es256k) ||
            !schnorr_verify(&signers[i].vote_key, &digest, &signers[i].schnorr) ||
            es256k_verify(&other->key, &digest, &signers[i].es256k) ||
            schnorr_verify(&other->vote_key, &digest, &signers[i].schnorr)) {
            return false;
        }
    }
    return true;
}

/* More keys than slots: some must share one, and each must still be itself. */
static void more_keys_than_slots(void **state)
{
    (void)state;
    size_t count = PARSED_KEYS_MAX + 100;
    struct signer *signers = make_signers(count);
    assert_true(signers_hold(signers, count));
    memory_free(signers);
}

#define THREADS 4
#define SIGNERS_OF_THREADS 50

static void *verify_many(void *signers)
{
    bool good = true;
    for (int i = 0; i < 4; i++) {
        good = good && signers_hold(signers, SIGNERS_OF_THREADS);
    }
    return good ? signers : NULL;
}

static void many_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    struct signer *signers = make_signers(SIGNERS_OF_THREADS);
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, verify_many, signers), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        assert_ptr_equal(result, signers);
    }
    memory_free(signers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_keys_than_slots),
        cmocka_unit_test(many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
