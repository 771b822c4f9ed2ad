/* Manifests: roots worked out by other means, documents back and forth, and what is refused. */
#include "check.h"
#include "scratch.h"

#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "exchange/commitment.h"
#include "exchange/manifest.h"
#include "exchange/paths.h"

#include <fcntl.h>
#include <string.h>

#define CHUNK 1024

static int make_file(size_t bytes)
{
    AUTO(buf_free) struct buf data = {0};
    uint64_t seed = 7;
    for (size_t i = 0; i < bytes; i++) {
        buf_append_u8(&data, (uint8_t)check_random(&seed));
    }
    assert_int_equal(file_write_atomic(scratch_path("data"), view_of_buf(&data), 0600), 0);
    int fd = open(scratch_path("data"), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static struct manifest make_manifest(size_t bytes)
{
    struct manifest manifest;
    AUTO(fd_close) int fd = make_file(bytes);
    assert_int_equal(manifest_of_file(&manifest, fd, bytes, CHUNK), 0);
    memcpy(manifest.name, "data.csv", 9);
    manifest.delimiter = ';';
    manifest.rows = 12;
    manifest.salt = hash_sha256(view_of_text("salt"));
    return manifest;
}

/* RFC 6962 §2.1 by its own words: split at the largest power of two below n. */
static struct hash root_by_definition(const struct hash *leaf, size_t count)
{
    uint8_t input[1 + 2 * HASH_BYTES] = {0x01};
    if (count == 0) {
        return hash_sha256((struct view){0});
    }
    if (count == 1) {
        return *leaf;
    }
    size_t split = 1;
    while (split * 2 < count) {
        split *= 2;
    }
    struct hash left = root_by_definition(leaf, split);
    struct hash right = root_by_definition(leaf + split, count - split);
    memcpy(input + 1, left.bytes, HASH_BYTES);
    memcpy(input + 1 + HASH_BYTES, right.bytes, HASH_BYTES);
    return hash_sha256(view_of(input, sizeof input));
}

static void roots(void **state)
{
    (void)state;
    static const struct {
        size_t bytes, chunks, last;
    } cases[] = {{0, 0, 0},
                 {1, 1, 1},
                 {CHUNK, 1, CHUNK},
                 {CHUNK + 1, 2, 1},
                 {7 * CHUNK - 1, 7, CHUNK - 1},
                 {13 * CHUNK, 13, CHUNK}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO(manifest_free) struct manifest manifest = make_manifest(cases[i].bytes);
        assert_int_equal(manifest.bytes, cases[i].bytes);
        assert_int_equal(manifest.chunk_count, cases[i].chunks);
        struct hash root = root_by_definition(manifest.leaf, manifest.chunk_count);
        assert_true(hash_equal(&manifest.root, &root));
        for (size_t k = 0; k <= manifest.chunk_count; k++) {
            struct hash prefix = manifest_prefix_root(&manifest, k);
            root = root_by_definition(manifest.leaf, k);
            assert_true(hash_equal(&prefix, &root));
        }
        if (cases[i].chunks > 0) {
            assert_int_equal(manifest_chunk_bytes(&manifest, cases[i].chunks - 1), cases[i].last);
        }
    }
    /* A leaf by hand: one byte 'a' under the mark 0x00. */
    struct hash leaf = manifest_leaf(view_of_text("a"));
    struct hash by_hand = hash_sha256(view_of("\0a", 2));
    assert_true(hash_equal(&leaf, &by_hand));
}

static void a_file_that_shrank(void **state)
{
    (void)state;
    struct manifest manifest;
    AUTO(fd_close) int fd = make_file(3 * CHUNK);
    assert_int_equal(manifest_of_file(&manifest, fd, 3 * CHUNK + 1, CHUNK), ERR_DIGEST);
    assert_null(manifest.leaf);
    assert_int_equal(
        manifest_of_file(&manifest, fd, (uint64_t)CHUNK * TRANSFER_CHUNKS_MAX + 1, CHUNK),
        ERR_TOO_LARGE);
}

static void documents(void **state)
{
    (void)state;
    static const size_t sizes[] = {0, 1, 5 * CHUNK + 3};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        AUTO(manifest_free) struct manifest manifest = make_manifest(sizes[i]);
        AUTO(manifest_free) struct manifest back = {0};
        AUTO(doc_free) struct doc *doc = manifest_to_doc(&manifest);
        AUTO(doc_free) struct doc *parsed = NULL;
        AUTO(buf_free) struct buf text = {0};
        struct faults faults = {0};
        doc_append_canonical(&text, doc);
        assert_int_equal(doc_parse(&parsed, view_of_buf(&text), MANIFEST_BYTES_MAX), 0);
        assert_int_equal(manifest_from_doc(&back, &faults, parsed), 0);
        assert_int_equal(faults.count, 0);
        assert_true(manifest_equal(&manifest, &back));
        assert_int_equal(back.chunk_count, manifest.chunk_count);
        if (back.chunk_count > 0) {
            assert_memory_equal(back.leaf, manifest.leaf, back.chunk_count * HASH_BYTES);
        }
    }
}

static int refused(const char *field, struct doc *value)
{
    AUTO(manifest_free) struct manifest manifest = make_manifest(3 * CHUNK);
    AUTO(manifest_free) struct manifest back = {0};
    AUTO(doc_free) struct doc *doc = manifest_to_doc(&manifest);
    struct faults faults = {0};
    if (value == NULL) {
        doc_remove(doc, field);
    } else {
        doc_set(doc, field, value);
    }
    int error = manifest_from_doc(&back, &faults, doc);
    assert_true(error == 0 || faults.count > 0);
    assert_true(error == 0 || back.leaf == NULL);
    return error;
}

static void hostile_documents(void **state)
{
    (void)state;
    static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
    assert_int_equal(refused("rows", doc_new_int(3)), 0);
    assert_int_equal(refused("delimiter", NULL), 0);
    assert_int_equal(refused("root", doc_new_text(zeros)), ERR_DIGEST);
    assert_int_equal(refused("leaves", doc_new_text(zeros)), ERR_FIELD_COUNT);
    assert_int_equal(refused("leaves", doc_new_text("0g")), ERR_HEX);
    assert_int_equal(refused("leaves", doc_new_text("00")), ERR_FIELD_COUNT);
    assert_int_equal(refused("bytes", doc_new_int(4 * CHUNK)), ERR_FIELD_COUNT);
    assert_int_equal(refused("bytes", doc_new_int(DOC_INT_MAX)), ERR_FIELD_COUNT);
    assert_int_equal(refused("bytes", doc_new_int(-1)), ERR_FIELD_RANGE);
    assert_int_equal(refused("chunk_bytes", doc_new_int(0)), ERR_FIELD_RANGE);
    assert_int_equal(refused("chunk_bytes", doc_new_int(INT32_MAX)), ERR_FIELD_RANGE);
    assert_int_equal(refused("name", doc_new_text("../x")), ERR_PATH);
    assert_int_equal(refused("name", doc_new_text(".ssh")), ERR_PATH);
    assert_int_equal(refused("format", doc_new_text("dirchain-manifest/2")), ERR_FIELD_CHOICE);
    assert_int_equal(refused("delimiter", doc_new_text("a")), ERR_FIELD_CHOICE);
    assert_int_equal(refused("salt", NULL), ERR_FIELD_MISSING);
    assert_int_equal(refused("more", doc_new_int(1)), ERR_FIELD_UNKNOWN);
}

static void digests_hide_the_root(void **state)
{
    (void)state;
    AUTO(manifest_free) struct manifest manifest = make_manifest(10);
    struct hash other = hash_sha256(view_of_text("other salt"));
    struct hash one = manifest_digest(&manifest.salt, &manifest.root);
    struct hash two = manifest_digest(&other, &manifest.root);
    assert_false(hash_equal(&one, &two));
    assert_false(hash_equal(&one, &manifest.root));
}

static void expect_hex(struct hash hash, const char *expected)
{
    char hex[2 * HASH_BYTES + 1];
    hash_to_hex(hex, &hash);
    assert_string_equal(hex, expected);
}

/* docs/spec/transfer.md; worked out by another program in another language. */
static void published_vectors(void **state)
{
    (void)state;
    uint8_t data[3000];
    struct hash salt;
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7 % 256);
    }
    memset(salt.bytes, 1, sizeof salt.bytes);
    assert_int_equal(file_write_atomic(scratch_path("v"), view_of(data, sizeof data), 0600), 0);
    AUTO(fd_close) int fd = open(scratch_path("v"), O_RDONLY | O_CLOEXEC);
    AUTO(manifest_free) struct manifest manifest = {0};
    assert_int_equal(manifest_of_file(&manifest, fd, sizeof data, 1024), 0);
    expect_hex(manifest.leaf[0],
               "dee96606fe89a1d802f95977529b04d138615289e0b84e23ce757f2393652152");
    expect_hex(manifest.root, "5b76c98c5111fba04e4e78827febc6e2246662f7a72dcfc0fc8860001297ae8e");
    expect_hex(manifest_prefix_root(&manifest, 2),
               "2e68baf97cabbc43a7724c62b9cb991910b43a3ef32dfd894bdb7f663dfd8fa1");
    expect_hex(manifest_digest(&salt, &manifest.root),
               "cfbc31c56d6a1854c8a7cfc00f1d2280589f2203503ba5402be98e5f1b5ce4fc");
    AUTO(doc_free) struct doc *value = doc_new_object();
    expect_hex(commitment_of(&salt, value),
               "077bd479620e8fc341115b34029aec909534833f7afc76d48ac5467a8a248565");
    doc_set_text(value, "resource", "trees-2026");
    expect_hex(commitment_of(&salt, value),
               "9bf6d736ac1c48af02cb3d298a22501c745d089ace4296e66adb4b72c7cd3199");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),  cmocka_unit_test(roots),
        cmocka_unit_test(a_file_that_shrank), cmocka_unit_test(documents),
        cmocka_unit_test(hostile_documents),  cmocka_unit_test(digests_hide_the_root),
    };
    return cmocka_run_group_tests_name("manifest", tests, scratch_make, scratch_remove);
}
