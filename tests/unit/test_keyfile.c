/* Key files: what opens, and everything that must not. The light cost keeps this quick. */
#include "base/doc.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/keyfile.h"
#include "base/limits.h"
#include "base/memory.h"
#include "base/secret.h"
#include "scratch.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define LABEL "11440000006939756B/审核"

static char right_text[] = "correct horse";
static char wrong_text[] = "correct horsf";
static const struct passphrase right = {.text = right_text, .len = sizeof right_text - 1};
static const struct passphrase wrong = {.text = wrong_text, .len = sizeof wrong_text - 1};
static const struct passphrase none = {0};

static void read_text(struct buf *out, const char *path)
{
    assert_int_equal(file_read(out, path, KEYFILE_BYTES_MAX), 0);
}

/* A light key file under this name, and its text if asked for. */
static const char *make(const char *name, enum keyfile_kind kind, struct buf *text)
{
    const char *path = scratch_path(name);
    assert_int_equal(keyfile_create(path, kind, LABEL, &right, KEYFILE_COST_LIGHT), 0);
    if (text != NULL) {
        read_text(text, path);
    }
    return path;
}

static int open_text(struct keyfile *out, const char *path, struct view text)
{
    assert_int_equal(file_write_atomic(path, text, 0600), 0);
    return keyfile_open(out, path, &right);
}

/* ---- round trips ---- */

static void every_kind(void **state)
{
    (void)state;
    static const size_t public_lens[] = {33, 32, 32};
    static const char *const names[] = {"kind-0", "kind-1", "kind-2"};
    for (int kind = KEYFILE_OFFICER; kind <= KEYFILE_PEER; kind++) {
        AUTO(keyfile_close) struct keyfile opened = {0}, peeked = {0};
        struct stat status;
        const char *path = make(names[kind], (enum keyfile_kind)kind, NULL);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0600);
        assert_int_equal(keyfile_open(&opened, path, &right), 0);
        assert_int_equal(opened.kind, kind);
        assert_int_equal(opened.cost, KEYFILE_COST_LIGHT);
        assert_string_equal(opened.label, LABEL);
        assert_int_equal(opened.public_len, public_lens[kind]);
        assert_int_equal(keyfile_peek(&peeked, path), 0);
        assert_null(peeked.secret);
        assert_int_equal(peeked.kind, kind);
        assert_string_equal(peeked.label, LABEL);
        assert_int_equal(peeked.public_len, opened.public_len);
        assert_memory_equal(peeked.public_bytes, opened.public_bytes, opened.public_len);
    }
}

static void public_halves_fit(void **state)
{
    (void)state;
    struct secret_key secret;
    struct signature signature;
    struct hash digest = hash_sha256(view_of_text("x"));

    AUTO(keyfile_close) struct keyfile officer = {0};
    struct public_key key;
    assert_int_equal(keyfile_open(&officer, make("fit-o", KEYFILE_OFFICER, NULL), &right), 0);
    memcpy(key.bytes, officer.public_bytes, sizeof key.bytes);
    keyfile_secret_key(&secret, &officer);
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    assert_true(es256k_verify(&key, &digest, &signature));

    AUTO(keyfile_close) struct keyfile vote = {0};
    struct vote_key vote_key;
    assert_int_equal(keyfile_open(&vote, make("fit-v", KEYFILE_VOTE, NULL), &right), 0);
    memcpy(vote_key.bytes, vote.public_bytes, sizeof vote_key.bytes);
    keyfile_secret_key(&secret, &vote);
    assert_int_equal(schnorr_sign(&signature, &secret, &digest), 0);
    assert_true(schnorr_verify(&vote_key, &digest, &signature));
    memory_wipe(&secret, sizeof secret);
}

/* What an earlier version wrote must open for ever. The peer key is test 1 of RFC 8032, 7.1. */
static void format_is_pinned(void **state)
{
    (void)state;
    static const struct {
        const char *file, *secret, *public;
        enum keyfile_kind kind;
    } cases[] = {
        {"officer.key", "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
         "032c8c31fc9f990c6b55e3865a184a4ce50e09481f2eaeb3e60ec1cea13a6ae645", KEYFILE_OFFICER},
        {"vote.key", "b7e151628aed2a6abf7158809cf4f3c762e7160f38b4da56a784d9045190cfef",
         "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659", KEYFILE_VOTE},
        {"peer.key", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
         "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", KEYFILE_PEER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        AUTO(buf_free) struct buf source = {0}, text = {0};
        AUTO(keyfile_close) struct keyfile opened = {0};
        char hex[2 * PUBLIC_KEY_BYTES + 1];
        buf_append_format(&source, "%s/tests/vectors/keyfile/%s", DIRCHAIN_SOURCE_DIR,
                          cases[i].file);
        read_text(&text, buf_text(&source));
        assert_int_equal(open_text(&opened, scratch_path("pinned"), view_of_buf(&text)), 0);
        assert_int_equal(opened.kind, cases[i].kind);
        assert_string_equal(opened.label, "11440000006939756B/pinned");
        hex_encode(hex, view_of(opened.public_bytes, opened.public_len));
        assert_string_equal(hex, cases[i].public);
        hex_encode(hex, view_of(opened.secret, SECRET_KEY_BYTES));
        assert_string_equal(hex, cases[i].secret);
    }
}

static void normal_cost(void **state)
{
    (void)state;
    const char *path = scratch_path("normal");
    AUTO(keyfile_close) struct keyfile opened = {0};
    assert_int_equal(keyfile_create(path, KEYFILE_VOTE, LABEL, &right, KEYFILE_COST_NORMAL), 0);
    assert_int_equal(keyfile_open(&opened, path, &right), 0);
    assert_int_equal(opened.cost, KEYFILE_COST_NORMAL);
}

static void keys_differ(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf a = {0}, b = {0};
    AUTO(doc_free) struct doc *x = NULL, *y = NULL;
    make("differ-a", KEYFILE_PEER, &a);
    make("differ-b", KEYFILE_PEER, &b);
    assert_int_equal(doc_parse(&x, view_of_buf(&a), KEYFILE_BYTES_MAX), 0);
    assert_int_equal(doc_parse(&y, view_of_buf(&b), KEYFILE_BYTES_MAX), 0);
    assert_string_not_equal(doc_get_text(x, "public"), doc_get_text(y, "public"));
    assert_string_not_equal(doc_get_text(doc_get(x, "kdf"), "salt"),
                            doc_get_text(doc_get(y, "kdf"), "salt"));
    assert_string_not_equal(doc_get_text(doc_get(x, "box"), "nonce"),
                            doc_get_text(doc_get(y, "box"), "nonce"));
}

/* ---- refusals ---- */

static void assert_refused(int expected, const char *path, const struct passphrase *passphrase)
{
    static const struct keyfile empty;
    struct keyfile opened;
    memset(&opened, 0xa5, sizeof opened);
    assert_int_equal(keyfile_open(&opened, path, passphrase), expected);
    assert_memory_equal(&opened, &empty, sizeof opened); /* nothing half open is handed out */
}

static void wrong_passphrase(void **state)
{
    (void)state;
    const char *path = make("wrong", KEYFILE_OFFICER, NULL);
    static char longer[] = "correct horse ";
    struct passphrase with_space = {.text = longer, .len = sizeof longer - 1};
    struct passphrase shorter = {.text = right_text, .len = right.len - 1};
    assert_refused(ERR_PASSPHRASE, path, &wrong);
    assert_refused(ERR_PASSPHRASE, path, &with_space);
    assert_refused(ERR_PASSPHRASE, path, &shorter);
    assert_refused(ERR_PASSPHRASE, path, &none);
}

static void readable_by_others(void **state)
{
    (void)state;
    static const mode_t modes[] = {0644, 0640, 0604, 0610, 0601, 0660, 0606};
    const char *path = make("modes", KEYFILE_OFFICER, NULL);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        AUTO(keyfile_close) struct keyfile peeked = {0};
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_refused(ERR_PERMISSION, path, &right);
        assert_int_equal(keyfile_peek(&peeked, path), 0);
    }
    AUTO(keyfile_close) struct keyfile opened = {0};
    assert_int_equal(chmod(path, 0400), 0);
    assert_int_equal(keyfile_open(&opened, path, &right), 0);
}

static void not_a_file(void **state)
{
    (void)state;
    const char *fifo = scratch_path("fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_refused(ERR_NOT_FILE, fifo, &right);
    assert_refused(ERR_NOT_FILE, scratch_directory, &right);
    assert_refused(ERR_NOT_FOUND, scratch_path("nothing"), &right);
    struct keyfile peeked;
    assert_int_equal(keyfile_peek(&peeked, scratch_path("nothing")), ERR_NOT_FOUND);
    assert_int_equal(keyfile_peek(&peeked, "/etc/hostname"), ERR_KEYFILE_FORMAT);
}

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

static void refused_creation(void **state)
{
    (void)state;
    const char *path = scratch_path("created");
    static char seven_text[] = "1234567";
    const struct passphrase seven = {.text = seven_text, .len = 7};
    static const struct {
        const char *label;
        int error;
    } labels[] = {
        {"", ERR_FIELD_LENGTH},
        {"0123456789012345678901234567890123456789012345678901234567890123", ERR_FIELD_LENGTH},
        {"two\nlines", ERR_FIELD_FORMAT},
        {"tab\there", ERR_FIELD_FORMAT},
        {"not utf-8 \xff", ERR_FIELD_FORMAT},
        {NULL, ERR_FIELD_LENGTH},
    };
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        assert_int_equal(
            keyfile_create(path, KEYFILE_PEER, labels[i].label, &right, KEYFILE_COST_LIGHT),
            labels[i].error);
    }
    assert_int_equal(keyfile_create(path, KEYFILE_PEER, LABEL, &seven, KEYFILE_COST_LIGHT),
                     ERR_FIELD_LENGTH);
    assert_int_equal(keyfile_create(path, KEYFILE_PEER, LABEL, &none, KEYFILE_COST_LIGHT),
                     ERR_FIELD_LENGTH);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(
        keyfile_create(scratch_path("no/where"), KEYFILE_PEER, LABEL, &right, KEYFILE_COST_LIGHT),
        ERR_NOT_FOUND);
    /* the longest label there is */
    assert_int_equal(
        keyfile_create(path, KEYFILE_PEER, labels[1].label + 1, &right, KEYFILE_COST_LIGHT), 0);
}

static void never_overwritten(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf before = {0}, after = {0};
    const char *path = make("once", KEYFILE_VOTE, &before);
    assert_int_equal(keyfile_create(path, KEYFILE_VOTE, LABEL, &right, KEYFILE_COST_LIGHT),
                     ERR_EXISTS);
    read_text(&after, path);
    assert_true(view_equal(view_of_buf(&before), view_of_buf(&after)));
}

/* ---- memory ---- */

static void secret_memory(void **state)
{
    (void)state;
    struct keyfile opened = {0};
    static const struct keyfile empty;
    assert_int_equal(keyfile_open(&opened, make("memory", KEYFILE_VOTE, NULL), &right), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* neither the test framework nor a sanitizer steps in */
        opened.secret[0] ^= 1;
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    keyfile_close(&opened);
    assert_memory_equal(&opened, &empty, sizeof opened);
    keyfile_close(&opened); /* twice is fine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(public_halves_fit),
        cmocka_unit_test(format_is_pinned),
        cmocka_unit_test(normal_cost),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(wrong_passphrase),
        cmocka_unit_test(readable_by_others),
        cmocka_unit_test(not_a_file),
        cmocka_unit_test(every_byte_flipped),
        cmocka_unit_test(truncated),
        cmocka_unit_test(too_large),
        cmocka_unit_test(altered),
        cmocka_unit_test(mixed),
        cmocka_unit_test(public_key_of_another),
        cmocka_unit_test(refused_creation),
        cmocka_unit_test(never_overwritten),
        cmocka_unit_test(secret_memory),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
