/* SHA-256 and HMAC against published vectors, in parts, tagged, and from many threads. */
#include "check.h"

#include "base/errors.h"
#include "base/hash.h"
#include "base/memory.h"

#include <pthread.h>
#include <string.h>

static void assert_hash(struct hash hash, const char *hex)
{
    char text[2 * HASH_BYTES + 1];
    hash_to_hex(text, &hash);
    assert_string_equal(text, hex);
}

/* FIPS 180 examples (CSRC "SHA256.pdf" and "Additional"), and the empty message. */
static void fips_180_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *message, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
         "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {"\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
        {"\xc9\x8c\x8e\x55", "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_hash(hash_sha256(view_of_text(cases[i].message)), cases[i].digest);
}

static void fips_180_long_vectors(void **state)
{
    (void)state;
    static const struct {
        int byte;
        size_t len;
        const char *digest;
    } cases[] = {
        {'a', 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
        {0, 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7"},
        {0, 56, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb"},
        {0, 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"},
        {0, 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"},
        {0, 1000, "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"},
        {'A', 1000, "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"},
        {'U', 1005, "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"},
        {0, 1000000, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint8_t *message = memory_alloc(cases[i].len);
        memset(message, cases[i].byte, cases[i].len);
        assert_hash(hash_sha256(view_of(message, cases[i].len)), cases[i].digest);
        memory_free(message);
    }
}

static void parts_are_one_message(void **state)
{
    (void)state;
    uint8_t message[200];
    for (size_t i = 0; i < sizeof message; i++)
        message[i] = (uint8_t)(i * 31);
    struct hash whole = hash_sha256(view_of(message, sizeof message));
    for (size_t cut = 0; cut <= sizeof message; cut++) {
        struct view parts[] = {view_of(message, cut), view_of(NULL, 0),
                               view_of(message + cut, sizeof message - cut)};
        struct hash hash = hash_sha256_parts(parts, 3);
        assert_true(hash_equal(&hash, &whole));
    }
    assert_hash(hash_sha256_parts(NULL, 0),
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void tags_separate_domains(void **state)
{
    (void)state;
    struct hash hash = hash_tagged("dirchain/block/1", view_of_text("data"));
    struct hash same = hash_sha256(view_of("dirchain/block/1\0data", 21));
    assert_true(hash_equal(&hash, &same));
    /* Moving the border between tag and data makes another message. */
    struct hash other = hash_tagged("dirchain/block/", view_of_text("1data"));
    assert_false(hash_equal(&hash, &other));
}

/* RFC 4231; case 5 is a truncated output, which we do not have. */
static void rfc_4231_vectors(void **state)
{
    (void)state;
    uint8_t key_0b[20], key_aa[131], data_dd[50], key_count[25], data_cd[50];
    memset(key_0b, 0x0b, sizeof key_0b);
    memset(key_aa, 0xaa, sizeof key_aa);
    memset(data_dd, 0xdd, sizeof data_dd);
    memset(data_cd, 0xcd, sizeof data_cd);
    for (uint8_t i = 0; i < sizeof key_count; i++)
        key_count[i] = (uint8_t)(i + 1);
    const struct {
        struct view key, data;
        const char *mac;
    } cases[] = {
        {view_of(key_0b, 20), view_of_text("Hi There"),
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {view_of_text("Jefe"), view_of_text("what do ya want for nothing?"),
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {view_of(key_aa, 20), view_of(data_dd, 50),
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {view_of(key_count, 25), view_of(data_cd, 50),
         "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {view_of(key_aa, 131),
         view_of_text("Test Using Larger Than Block-Size Key - Hash Key First"),
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {view_of(key_aa, 131),
         view_of_text("This is a test using a larger than block-size key and a larger than "
                      "block-size data. The key needs to be hashed before being used by the "
                      "HMAC algorithm."),
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {view_of(NULL, 0), view_of(NULL, 0),
         "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_hash(hash_hmac_sha256(cases[i].key, cases[i].data), cases[i].mac);
}

static void a_key_of_one_block_is_used_as_it_is(void **state)
{
    (void)state;
    uint8_t padded[64] = {'k'};
    struct hash a = hash_hmac_sha256(view_of(padded, 64), view_of_text("x"));
    struct hash b = hash_hmac_sha256(view_of(padded, 1), view_of_text("x"));
    assert_true(hash_equal(&a, &b)); /* zeros are the padding */
    uint8_t longer[65] = {'k'};
    struct hash c = hash_hmac_sha256(view_of(longer, 65), view_of_text("x"));
    assert_false(hash_equal(&a, &c));
}

static void comparing_and_hex(void **state)
{
    (void)state;
    struct hash zero = {0}, low = {0}, high = {0}, back;
    low.bytes[31] = 0xff;
    high.bytes[0] = 0x80;
    assert_true(hash_is_zero(&zero));
    assert_false(hash_is_zero(&low));
    assert_false(hash_is_zero(&high));
    assert_true(hash_compare(&zero, &low) < 0);
    assert_true(hash_compare(&high, &low) > 0);
    assert_int_equal(hash_compare(&low, &low), 0);
    assert_false(hash_equal(&low, &high));
    assert_ptr_equal(hash_view(&low).data, low.bytes);
    assert_int_equal(hash_view(&low).len, HASH_BYTES);

    char text[2 * HASH_BYTES + 1];
    hash_to_hex(text, &high);
    assert_int_equal(hash_from_hex(&back, text), OK);
    assert_true(hash_equal(&back, &high));
    text[63] = '\0';
    assert_int_equal(hash_from_hex(&back, text), ERR_HEX);
    assert_int_equal(hash_from_hex(&back, ""), ERR_HEX);
    assert_int_equal(hash_from_hex(&back, NULL), ERR_HEX);
    memset(text, 'A', 64);
    assert_int_equal(hash_from_hex(&back, text), ERR_HEX);
}

/* Nothing is shared between threads; all agree. */
static void *hash_in_thread(void *out)
{
    struct hash hash = {0};
    for (int i = 0; i < 2000; i++)
        hash = hash_sha256(hash_view(&hash));
    *(struct hash *)out = hash;
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct hash expected, got[8];
    pthread_t threads[8];
    hash_in_thread(&expected);
    for (size_t i = 0; i < COUNT_OF(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_in_thread, &got[i]), 0);
    for (size_t i = 0; i < COUNT_OF(threads); i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(hash_equal(&got[i], &expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fips_180_vectors),
        cmocka_unit_test(fips_180_long_vectors),
        cmocka_unit_test(parts_are_one_message),
        cmocka_unit_test(tags_separate_domains),
        cmocka_unit_test(rfc_4231_vectors),
        cmocka_unit_test(a_key_of_one_block_is_used_as_it_is),
        cmocka_unit_test(comparing_and_hex),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
