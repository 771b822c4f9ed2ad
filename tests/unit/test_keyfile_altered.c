/* Key files that were changed: every byte, cut short, put together of two, made for another key. */
#include "keyfiles.h"

#include "base/doc.h"
#include "base/secret.h"

static void same_key(const struct keyfile *a, const struct keyfile *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_string_equal(a->label, b->label);
    assert_int_equal(a->public_len, b->public_len);
    assert_memory_equal(a->public_bytes, b->public_bytes, a->public_len);
    assert_memory_equal(a->secret, b->secret, SECRET_KEY_BYTES);
    assert_int_equal(a->cost, b->cost);
}

/* Every byte, changed in several ways: the file is refused, or (white space) still the same key. */
static void every_byte_flipped(void **state)
{
    (void)state;
    static const uint8_t flips[] = {0x01, 0x02, 0x10, 0x20, 0x80};
    AUTO(buf_free) struct buf text = {0};
    AUTO(keyfile_close) struct keyfile original = {0};
    const char *path = make("flips", KEYFILE_OFFICER, &text);
    size_t refused = 0, harmless = 0;
    assert_int_equal(keyfile_open(&original, path, &right), 0);
    for (size_t i = 0; i < text.len; i++) {
        for (size_t j = 0; j < sizeof flips; j++) {
            AUTO(keyfile_close) struct keyfile opened = {0};
            text.data[i] ^= flips[j];
            int error = open_text(&opened, path, view_of_buf(&text));
            if (error == 0) {
                same_key(&opened, &original);
                harmless++;
            } else {
                assert_true(error == ERR_KEYFILE_FORMAT || error == ERR_PASSPHRASE);
                refused++;
            }
            text.data[i] ^= flips[j];
        }
    }
    assert_int_equal(refused + harmless, text.len * sizeof flips);
    assert_true(harmless <= text.len / 10); /* a newline turned into a tab */
}

static void truncated(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    const char *path = make("truncated", KEYFILE_VOTE, &text);
    for (size_t len = 0; len + 1 < text.len; len++) {
        assert_int_equal(file_write_atomic(path, view_of(text.data, len), 0600), 0);
        assert_refused(ERR_KEYFILE_FORMAT, path, &right);
    }
    AUTO(keyfile_close) struct keyfile opened = {0};
    assert_int_equal(open_text(&opened, path, view_of(text.data, text.len - 1)), 0);
}

static void too_large(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf text = {0};
    const char *path = make("large", KEYFILE_VOTE, &text);
    while (text.len < KEYFILE_BYTES_MAX) {
        buf_append_text(&text, " ");
    }
    AUTO(keyfile_close) struct keyfile opened = {0};
    assert_int_equal(open_text(&opened, path, view_of_buf(&text)), 0);
    buf_append_text(&text, " ");
    assert_int_equal(file_write_atomic(path, view_of_buf(&text), 0600), 0);
    assert_refused(ERR_KEYFILE_FORMAT, path, &right);
}

/* Replaces the one place where `from` stands. */
static void replace(struct buf *out, const struct buf *text, const char *from, const char *to)
{
    AUTO(buf_free) struct buf copy = {0};
    buf_append(&copy, text->data, text->len);
    const char *place = strstr(buf_text(&copy), from);
    assert_non_null(place);
    size_t before = (size_t)(place - (const char *)copy.data);
    buf_clear(out);
    buf_append(out, copy.data, before);
    buf_append_text(out, to);
    buf_append_text(out, place + strlen(from));
}

/* What stands in the clear is under the seal too; costs are bounded before anything is derived. */
static void altered(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
        int error;
    } cases[] = {
        {"审核", "审批", ERR_KEYFILE_FORMAT}, /* another label */
        {LABEL, "", ERR_KEYFILE_FORMAT},
        {"\"vote\"", "\"peer\"", ERR_KEYFILE_FORMAT}, /* the same length of public key */
        {"\"vote\"", "\"officer\"", ERR_KEYFILE_FORMAT},
        {"\"vote\"", "\"owner\"", ERR_KEYFILE_FORMAT},
        {"dirchain-key/1", "dirchain-key/2", ERR_KEYFILE_FORMAT},
        {"argon2id", "argon2i", ERR_KEYFILE_FORMAT},
        {"\"ops\": 1", "\"ops\": 2", ERR_PASSPHRASE}, /* well-formed, but not this key's */
        {"\"ops\": 1", "\"ops\": 0", ERR_KEYFILE_FORMAT},
        {"\"ops\": 1", "\"ops\": -1", ERR_KEYFILE_FORMAT},
        {"\"ops\": 1", "\"ops\": 17", ERR_KEYFILE_FORMAT},
        {"\"ops\": 1", "\"ops\": 4294967297", ERR_KEYFILE_FORMAT},
        {"\"ops\": 1", "\"ops\": \"1\"", ERR_KEYFILE_FORMAT},
        {"\"mem_kib\": 1024", "\"mem_kib\": 1025", ERR_PASSPHRASE},
        {"\"mem_kib\": 1024", "\"mem_kib\": 7", ERR_KEYFILE_FORMAT},
        {"\"mem_kib\": 1024", "\"mem_kib\": 524289", ERR_KEYFILE_FORMAT},
        {"\"mem_kib\": 1024", "\"mem_kib\": 4194304", ERR_KEYFILE_FORMAT},
        {"\"mem_kib\": 1024", "\"mem_kib\": 4294968320",
         ERR_KEYFILE_FORMAT}, /* 1024 once cut to 32 bits */
        {"\"mem_kib\": 1024", "\"mem_kib\": 9007199254740991", ERR_KEYFILE_FORMAT},
        {"\"mem_kib\": 1024", "\"mem_kib\": 1024, \"p\": 1", ERR_KEYFILE_FORMAT},
        {"\"nonce\"", "\"more\": 1, \"nonce\"", ERR_KEYFILE_FORMAT},
        {"\"format\"", "\"more\": 1, \"format\"", ERR_KEYFILE_FORMAT},
        {"\"format\"", "\"kind\": \"vote\", \"format\"", ERR_KEYFILE_FORMAT}, /* twice */
        {"\"salt\": \"", "\"salt\": \"00", ERR_KEYFILE_FORMAT},
        {"\"nonce\": \"", "\"nonce\": \"00", ERR_KEYFILE_FORMAT},
        {"\"ciphertext\": \"", "\"ciphertext\": \"00", ERR_KEYFILE_FORMAT},
        {"\"public\": \"", "\"public\": \"00", ERR_KEYFILE_FORMAT},
    };
    AUTO(buf_free) struct buf text = {0}, changed = {0};
    const char *path = make("altered", KEYFILE_VOTE, &text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct keyfile opened = {0};
        replace(&changed, &text, cases[i].from, cases[i].to);
        int error = open_text(&opened, path, view_of_buf(&changed));
        if (error != cases[i].error) {
            fail_msg("%s for %s: %s", cases[i].to, cases[i].from, error_code(error));
        }
    }
    AUTO(keyfile_close) struct keyfile opened = {0};
    assert_int_equal(open_text(&opened, path, view_of_buf(&text)), 0);
}

/* Two good files under one passphrase: no mixture of them opens. */
static void mixed(void **state)
{
    (void)state;
    static const char *const parts[] = {"public", "kdf", "box"};
    AUTO(buf_free) struct buf a = {0}, b = {0};
    AUTO(doc_free) struct doc *from = NULL;
    make("mixed-a", KEYFILE_OFFICER, &a);
    const char *path = make("mixed-b", KEYFILE_OFFICER, &b);
    assert_int_equal(doc_parse(&from, view_of_buf(&a), KEYFILE_BYTES_MAX), 0);
    for (unsigned mask = 1; mask < 7; mask++) { /* all of them would be the other file */
        AUTO(doc_free) struct doc *doc = NULL;
        AUTO(buf_free) struct buf text = {0};
        assert_int_equal(doc_parse(&doc, view_of_buf(&b), KEYFILE_BYTES_MAX), 0);
        for (size_t i = 0; i < 3; i++) {
            if ((mask >> i & 1) != 0) {
                doc_set(doc, parts[i], doc_copy(doc_get(from, parts[i])));
            }
        }
        doc_append_pretty(&text, doc);
        struct keyfile opened = {0};
        int error = open_text(&opened, path, view_of_buf(&text));
        assert_true(error == ERR_KEYFILE_FORMAT || error == ERR_PASSPHRASE);
    }
}

static void set_hex(struct doc *object, const char *key, const void *bytes, size_t len)
{
    char text[200];
    assert_true(2 * len < sizeof text);
    hex_encode(text, view_of(bytes, len));
    doc_set_text(object, key, text);
}

/* A whole and well-sealed peer key file by someone who knows the passphrase: his public key, the
 * secret that we give. */
static void forge(struct buf *out, const uint8_t public_key[SECRET_PEER_KEY_BYTES],
                  const uint8_t secret[SECRET_SEED_BYTES])
{
    struct secret_lock lock = {.cost = {.ops = 1, .mem_kib = 1024}};
    uint8_t plain[SECRET_SEED_BYTES + HASH_BYTES];
    uint8_t sealed[sizeof plain + SECRET_SEAL_BYTES];
    struct hash header;
    AUTO(doc_free) struct doc *doc = doc_new_object();
    struct doc *kdf = doc_new_object();
    struct doc *box = doc_new_object();
    doc_set_text(kdf, "alg", "argon2id");
    doc_set_int(kdf, "ops", lock.cost.ops);
    doc_set_int(kdf, "mem_kib", lock.cost.mem_kib);
    set_hex(kdf, "salt", lock.salt, sizeof lock.salt);
    doc_set_text(doc, "format", "dirchain-key/1");
    doc_set_text(doc, "kind", "peer");
    doc_set_text(doc, "label", LABEL);
    set_hex(doc, "public", public_key, SECRET_PEER_KEY_BYTES);
    doc_set(doc, "kdf", kdf);
    doc_hash(&header, "dirchain/keyfile/1", doc);
    memcpy(plain, secret, SECRET_SEED_BYTES);
    memcpy(plain + SECRET_SEED_BYTES, header.bytes, HASH_BYTES);
    struct view passphrase = view_of(right.text, right.len);
    assert_int_equal(secret_seal(sealed, &lock, passphrase, plain, sizeof plain), 0);
    set_hex(box, "nonce", lock.nonce, sizeof lock.nonce);
    set_hex(box, "ciphertext", sealed, sizeof sealed);
    doc_set(doc, "box", box);
    doc_append_canonical(out, doc);
}

static void public_key_of_another(void **state)
{
    (void)state;
    static const uint8_t seed[SECRET_SEED_BYTES] = {1}, other_seed[SECRET_SEED_BYTES] = {2};
    uint8_t public_key[SECRET_PEER_KEY_BYTES];
    AUTO(buf_free) struct buf own = {0}, others = {0};
    AUTO(keyfile_close) struct keyfile opened = {0};
    const char *path = scratch_path("forged");
    secret_peer_key(public_key, seed);
    forge(&own, public_key, seed);
    assert_int_equal(open_text(&opened, path, view_of_buf(&own)), 0);
    forge(&others, public_key, other_seed);
    assert_int_equal(file_write_atomic(path, view_of_buf(&others), 0600), 0);
    assert_refused(ERR_KEYFILE_FORMAT, path, &right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_flipped),
        cmocka_unit_test(truncated),
        cmocka_unit_test(too_large),
        cmocka_unit_test(altered),
        cmocka_unit_test(mixed),
        cmocka_unit_test(public_key_of_another),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
