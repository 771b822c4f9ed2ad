/* Signatures against published vectors and against OpenSSL's own implementation of the curve. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/sign.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define ORDER "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"
#define ORDER_LESS_1 "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"
#define ORDER_PLUS_1 "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142"
#define FIELD "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
#define FIELD_PLUS_1 "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"
#define ONE "0000000000000000000000000000000000000000000000000000000000000001"

static void unhex(uint8_t *out, size_t len, const char *text)
{
    assert_int_equal(hex_decode(out, len, view_of_text(text)), 0);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    char text[2 * SIGNATURE_BYTES + 1];
    hex_encode(text, view_of(bytes, len));
    assert_string_equal(text, expected);
}

static void negate_s(struct signature *signature)
{
    uint8_t order[32];
    int borrow = 0;
    unhex(order, sizeof order, ORDER);
    for (int i = 31; i >= 0; i--) {
        int digit = order[i] - signature->bytes[32 + i] - borrow;
        borrow = digit < 0;
        signature->bytes[32 + i] = (uint8_t)(digit + 256 * borrow);
    }
}

/* ---- ES256K ---- */

/* The deterministic signatures on secp256k1 that implementations of RFC 6979 compare themselves
 * with (bitcointalk.org/index.php?topic=285142), with low S. */
static void es256k_signs_as_published(void **state)
{
    (void)state;
    static const struct {
        const char *secret, *message, *signature;
    } cases[] = {
        {ONE, "Satoshi Nakamoto",
         "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
         "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
        {ONE, "All those moments will be lost in time, like tears in rain. Time to die...",
         "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
         "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
        {ORDER_LESS_1, "Satoshi Nakamoto",
         "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0"
         "6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"},
        {"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181", "Alan Turing",
         "7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c"
         "58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea"},
        {"e91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2",
         "There is a computer disease that anybody who works with computers knows about. It's a "
         "very serious disease and it interferes completely with the work. The trouble with "
         "computers is that you 'play' with them!",
         "b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b"
         "279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct secret_key secret;
        struct public_key key;
        struct signature signature;
        struct hash digest = hash_sha256(view_of_text(cases[i].message));
        unhex(secret.bytes, sizeof secret.bytes, cases[i].secret);
        assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
        assert_hex(signature.bytes, sizeof signature.bytes, cases[i].signature);
        assert_int_equal(sign_public_key(&key, &secret), 0);
        assert_true(es256k_verify(&key, &digest, &signature));
        negate_s(&signature); /* the published form of most of them: high S */
        assert_true(es256k_verify(&key, &digest, &signature));
    }
}

static void es256k_accepts_and_refuses_as_published(void **state)
{
    (void)state;
    /* Project Wycheproof, ecdsa_secp256k1_sha256_p1363_test.json, group 1, message "123400". */
    static const char key_text[] =
        "03b838ff44e5bc177bf21189d0766082fc9d843226887fc9760371100b7ee20a6f";
    static const char r[] = "813ef79ccefa9a56f7ba805f0e478584fe5f0dd5f567bc09b5123ccbc9832365";
    static const struct {
        const char *r, *s;
        bool valid;
    } cases[] = {
        /* case 1, "signature malleability": high S is valid here */
        {r, "900e75ad233fcc908509dbff5922647db37c21f4afd3203ae8dc4ae7794b0f87", true},
        {r, "6ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba", true},
        {"7ec10863310565a908457fa0f1b87a79bc4fcf10b9e0e4320ac021c106b31ddc",
         "6ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba", false},
        {"7ec10863310565a908457fa0f1b87a7b01a0f22a0a9843f64aedc334367cdc9b",
         "6ff18a52dcc0336f7af62400a6dd9b810732baf1ff758000d6f613a556eb31ba", false},
        {r, "900e75ad233fcc908509dbff5922647ef8cd450e008a7fff2909ec5aa914ce46", false},
    };
    static const char *const edges[] = {ZERO,         ONE,   ORDER,       ORDER_LESS_1,
                                        ORDER_PLUS_1, FIELD, FIELD_PLUS_1};
    struct public_key key;
    struct signature signature;
    struct hash digest = hash_sha256(view_of_text("123400"));
    unhex(key.bytes, sizeof key.bytes, key_text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        unhex(signature.bytes, 32, cases[i].r);
        unhex(signature.bytes + 32, 32, cases[i].s);
        assert_int_equal(es256k_verify(&key, &digest, &signature), cases[i].valid);
    }
    /* its cases 9 to 57: every pair of special values for r and s */
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        for (size_t j = 0; j < sizeof edges / sizeof edges[0]; j++) {
            unhex(signature.bytes, 32, edges[i]);
            unhex(signature.bytes + 32, 32, edges[j]);
            assert_false(es256k_verify(&key, &digest, &signature));
        }
    }
}

/* Every bit of signature, digest and key matters (but for high S, which is another form). */
static void es256k_every_bit_counts(void **state)
{
    (void)state;
    struct secret_key secret;
    struct public_key key;
    struct signature signature;
    struct hash digest = hash_sha256(view_of_text("bits"));
    sign_random_key(&secret);
    assert_int_equal(sign_public_key(&key, &secret), 0);
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    for (size_t bit = 0; bit < 8 * SIGNATURE_BYTES; bit++) {
        signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(es256k_verify(&key, &digest, &signature));
        signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * HASH_BYTES; bit++) {
        digest.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(es256k_verify(&key, &digest, &signature));
        digest.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * PUBLIC_KEY_BYTES; bit++) {
        key.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(es256k_verify(&key, &digest, &signature));
        key.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(es256k_verify(&key, &digest, &signature));
}

/* ---- the same curve in OpenSSL: random nonces, S as often high as low ---- */

static EVP_PKEY *openssl_key(struct public_key *compressed)
{
    EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "secp256k1");
    assert_non_null(pair);
    assert_int_equal(EVP_PKEY_set_utf8_string_param(
                         pair, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "compressed"),
                     1);
    size_t len = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY,
                                                     compressed->bytes, PUBLIC_KEY_BYTES, &len),
                     1);
    assert_int_equal(len, PUBLIC_KEY_BYTES);
    return pair;
}

static void openssl_sign(struct signature *out, EVP_PKEY *pair, struct view message)
{
    uint8_t der[80];
    size_t len = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, pair), 1);
    assert_int_equal(EVP_DigestSign(context, der, &len, message.data, message.len), 1);
    EVP_MD_CTX_free(context);
    const uint8_t *at = der;
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)len);
    assert_non_null(parsed);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(parsed), out->bytes, 32), 32);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(parsed), out->bytes + 32, 32), 32);
    ECDSA_SIG_free(parsed);
}

static bool openssl_verify(EVP_PKEY *pair, struct view message, const struct signature *signature)
{
    uint8_t *der = NULL;
    ECDSA_SIG *parsed = ECDSA_SIG_new();
    assert_int_equal(ECDSA_SIG_set0(parsed, BN_bin2bn(signature->bytes, 32, NULL),
                                    BN_bin2bn(signature->bytes + 32, 32, NULL)),
                     1);
    int len = i2d_ECDSA_SIG(parsed, &der);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, pair), 1);
    int verdict = EVP_DigestVerify(context, der, (size_t)len, message.data, message.len);
    EVP_MD_CTX_free(context);
    OPENSSL_free(der);
    ECDSA_SIG_free(parsed);
    return verdict == 1;
}

static EVP_PKEY *openssl_import(const struct secret_key *secret, const struct public_key *key)
{
    EVP_PKEY *pair = NULL;
    char curve[] = "secp256k1";
    uint8_t little[32]; /* OSSL_PARAM integers are in native order */
    for (size_t i = 0; i < sizeof little; i++) {
        little[i] = secret->bytes[sizeof little - 1 - i];
    }
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)key->bytes,
                                          PUBLIC_KEY_BYTES),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, little, sizeof little),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    assert_int_equal(EVP_PKEY_fromdata_init(context), 1);
    assert_int_equal(EVP_PKEY_fromdata(context, &pair, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(context);
    return pair;
}

static void es256k_agrees_with_openssl(void **state)
{
    (void)state;
    int high = 0;
    for (int i = 0; i < 64; i++) {
        struct public_key key;
        struct signature signature, signed_again;
        char message[32];
        snprintf(message, sizeof message, "message %d", i);
        struct hash digest = hash_sha256(view_of_text(message));

        EVP_PKEY *theirs = openssl_key(&key);
        openssl_sign(&signature, theirs, view_of_text(message));
        assert_true(public_key_valid(&key));
        assert_true(es256k_verify(&key, &digest, &signature));
        high += signature.bytes[32] >= 0x80;
        EVP_PKEY_free(theirs);

        struct secret_key secret;
        sign_random_key(&secret);
        assert_int_equal(sign_public_key(&key, &secret), 0);
        assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
        assert_int_equal(es256k_sign(&signed_again, &secret, &digest), 0);
        assert_memory_equal(&signature, &signed_again, sizeof signature);
        assert_true(signature.bytes[32] < 0x80); /* always low */
        EVP_PKEY *ours = openssl_import(&secret, &key);
        assert_true(openssl_verify(ours, view_of_text(message), &signature));
        signature.bytes[63] ^= 1;
        assert_false(openssl_verify(ours, view_of_text(message), &signature));
        EVP_PKEY_free(ours);
    }
    assert_in_range(high, 1, 63); /* both forms came by: 2^-63 that they did not */
}

/* ---- BIP-340 ---- */

/* test-vectors.csv of BIP-340, 0 to 14; the secret where we can reproduce it (auxiliary randomness
 * 0). */
#define KEY_1 "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659"
#define MESSAGE_1 "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89"
#define R_5 "6cff5c3ba86c69ea4b7376f31a9bcb4f74c1976089b2d9963da2e5543e177769"
#define S_5 "69e89b4c5564d00349106b8497785dd7d1d713a8ae82b32fa79d5f7fc407d39b"

static const struct {
    const char *secret, *key, *message, *signature;
    bool valid;
} bip340[] = {
    {"0000000000000000000000000000000000000000000000000000000000000003",
     "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9", ZERO,
     "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
     "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0",
     true},
    {NULL, KEY_1, MESSAGE_1,
     "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341"
     "8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a",
     true},
    {NULL, "dd308afec5777e13121fa72b9cc1b7cc0139715309b086c960e18fd969774eb8",
     "7e2d58d8b3bcdf1abadec7829054f90dda9805aab56c77333024b9d0a508b75c",
     "5831aaeed7b44bb74e5eab94ba9d4294c49bcf2a60728d8b4c200f50dd313c1b"
     "ab745879a5ad954a72c45a91c3a51d3c7adea98d82f8481e0e1e03674a6f3fb7",
     true},
    {NULL, "25d1dff95105f5253c4022f628a996ad3a0d95fbf21d468a1b33f8c160d8f517",
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
     "7eb0509757e246f19449885651611cb965ecc1a187dd51b64fda1edc9637d5ec"
     "97582b9cb13db3933705b32ba982af5af25fd78881ebb32771fc5922efc66ea3",
     true}, /* fails if the message is reduced modulo p or n */
    {NULL, "d69c3509bb99e412e68b0fe8544e72837dfa30746d8be2aa65975f29d22dc7b9",
     "4df3c3f68fcc83b27e9d42c90431a72499f17875c81a599b566c9889b9696703",
     "00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63"
     "76afb1548af603b3eb45c9f8207dee1060cb71c04e80f593060b07d28308d7f4",
     true},
    {NULL, "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34", MESSAGE_1, R_5 S_5,
     false}, /* the key is not on the curve */
    {NULL, KEY_1, MESSAGE_1,
     "fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556"
     "3cc27944640ac607cd107ae10923d9ef7a73c643e166be5ebeafa34b1ac553e2",
     false}, /* y of R is not even */
    {NULL, KEY_1, MESSAGE_1,
     "1fa62e331edbc21c394792d2ab1100a7b432b013df3f6ff4f99fcb33e0e1515f"
     "28890b3edb6e7189b630448b515ce4f8622a954cfe545735aaea5134fccdb2bd",
     false}, /* negated message */
    {NULL, KEY_1, MESSAGE_1, R_5 "961764b3aa9b2ffcb6ef947b6887a226e8d7c93e00c5ed0c1834ff0d0c2e6da6",
     false}, /* negated s */
    {NULL, KEY_1, MESSAGE_1,
     ZERO "123dda8328af9c23a94c1feecfd123ba4fb73476f0d594dcb65c6425bd186051",
     false}, /* R is infinite, its x taken for 0 */
    {NULL, KEY_1, MESSAGE_1, ONE "7615fbaf5ae28864013c099742deadb4dba87f11ac6754f93780d5a1837cf197",
     false}, /* R is infinite, its x taken for 1 */
    {NULL, KEY_1, MESSAGE_1, "4a298dacae57395a15d0795ddbfd1dcb564da82b0f269bc70a74f8220429ba1d" S_5,
     false},                                         /* r is no x coordinate on the curve */
    {NULL, KEY_1, MESSAGE_1, FIELD S_5, false},      /* r is the field size */
    {NULL, KEY_1, MESSAGE_1, R_5 ORDER, false},      /* s is the order */
    {NULL, FIELD_PLUS_1, MESSAGE_1, R_5 S_5, false}, /* the key exceeds the field size */
};

static void schnorr_as_published(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bip340 / sizeof bip340[0]; i++) {
        struct vote_key key;
        struct hash message;
        struct signature signature, made;
        unhex(key.bytes, sizeof key.bytes, bip340[i].key);
        unhex(message.bytes, sizeof message.bytes, bip340[i].message);
        unhex(signature.bytes, sizeof signature.bytes, bip340[i].signature);
        for (int again = 0; again < 2; again++) { /* the second time from the cache */
            assert_int_equal(schnorr_verify(&key, &message, &signature), bip340[i].valid);
        }
        if (bip340[i].secret != NULL) {
            struct secret_key secret;
            struct vote_key derived;
            unhex(secret.bytes, sizeof secret.bytes, bip340[i].secret);
            assert_int_equal(sign_vote_key(&derived, &secret), 0);
            assert_memory_equal(&derived, &key, sizeof key);
            assert_int_equal(schnorr_sign(&made, &secret, &message), 0);
            assert_memory_equal(&made, &signature, sizeof made);
        }
    }
}

static void schnorr_every_bit_counts(void **state)
{
    (void)state;
    struct secret_key secret;
    struct vote_key key;
    struct signature signature;
    struct hash digest = hash_sha256(view_of_text("bits"));
    sign_random_key(&secret);
    assert_int_equal(sign_vote_key(&key, &secret), 0);
    assert_int_equal(schnorr_sign(&signature, &secret, &digest), 0);
    for (size_t bit = 0; bit < 8 * SIGNATURE_BYTES; bit++) {
        signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(schnorr_verify(&key, &digest, &signature));
        signature.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * HASH_BYTES; bit++) {
        digest.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(schnorr_verify(&key, &digest, &signature));
        digest.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(schnorr_verify(&key, &digest, &signature));
}

/* ---- keys ---- */

static void refused_secrets(void **state)
{
    (void)state;
    static const char *const bad[] = {ZERO, ORDER, ORDER_PLUS_1, FIELD};
    struct hash digest = hash_sha256(view_of_text("x"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct secret_key secret;
        struct public_key key;
        struct vote_key vote_key;
        struct signature signature;
        unhex(secret.bytes, sizeof secret.bytes, bad[i]);
        assert_int_equal(sign_public_key(&key, &secret), ERR_KEY_INVALID);
        assert_int_equal(sign_vote_key(&vote_key, &secret), ERR_KEY_INVALID);
        assert_int_equal(es256k_sign(&signature, &secret, &digest), ERR_KEY_INVALID);
        assert_int_equal(schnorr_sign(&signature, &secret, &digest), ERR_KEY_INVALID);
    }
}

static void refused_public_keys(void **state)
{
    (void)state;
    static const char good[] =
        "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"; /* the generator */
    static const char *const bad[] = {
        "00" ZERO,
        "02" ZERO,
        "02" FIELD,
        "02eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34", /* off the curve */
        "0079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
        "5879be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    };
    struct public_key key;
    struct vote_key vote_key;
    unhex(key.bytes, sizeof key.bytes, good);
    memcpy(vote_key.bytes, key.bytes + 1, sizeof vote_key.bytes);
    assert_true(vote_key_valid(&vote_key)); /* now in the cache, as x-only */
    assert_true(public_key_valid(&key));
    assert_true(vote_key_valid(&vote_key));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        unhex(key.bytes, sizeof key.bytes, bad[i]);
        assert_false(public_key_valid(&key));
    }
    unhex(vote_key.bytes, sizeof vote_key.bytes, FIELD);
    assert_false(vote_key_valid(&vote_key));
}

static void random_keys_differ(void **state)
{
    (void)state;
    struct secret_key a, b;
    sign_random_key(&a);
    sign_random_key(&b);
    assert_memory_not_equal(&a, &b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(es256k_signs_as_published),
        cmocka_unit_test(es256k_accepts_and_refuses_as_published),
        cmocka_unit_test(es256k_every_bit_counts),
        cmocka_unit_test(es256k_agrees_with_openssl),
        cmocka_unit_test(schnorr_as_published),
        cmocka_unit_test(schnorr_every_bit_counts),
        cmocka_unit_test(refused_secrets),
        cmocka_unit_test(refused_public_keys),
        cmocka_unit_test(random_keys_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
