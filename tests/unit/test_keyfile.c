/* Key files: what opens, and everything that must not. The light cost keeps this quick. */
#include "keyfiles.h"

#include "base/doc.h"
#include "base/secret.h"

#include <signal.h>
#include <sys/stat.h>

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
        cmocka_unit_test(every_kind),         cmocka_unit_test(public_halves_fit),
        cmocka_unit_test(format_is_pinned),   cmocka_unit_test(normal_cost),
        cmocka_unit_test(keys_differ),        cmocka_unit_test(wrong_passphrase),
        cmocka_unit_test(readable_by_others), cmocka_unit_test(not_a_file),
        cmocka_unit_test(refused_creation),   cmocka_unit_test(never_overwritten),
        cmocka_unit_test(secret_memory),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
