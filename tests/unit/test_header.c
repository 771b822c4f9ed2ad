/* Block headers: layout, hash and bounds against vectors written from the specification. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/header.h"
#include "vectors.h"

static struct header header_of_vector(const struct doc *vector)
{
    struct header header = {
        .version = (uint32_t)doc_get_int(vector, "version", 0),
        .genesis = vector_hash(vector, "genesis"),
        .height = (uint64_t)doc_get_int(vector, "height", 0),
        .time_ms = doc_get_int(vector, "time_ms", -1),
        .previous = vector_hash(vector, "previous"),
        .log_size = (uint64_t)doc_get_int(vector, "log_size", -1),
        .log_root = vector_hash(vector, "log_root"),
        .state_root = vector_hash(vector, "state_root"),
        .validators = vector_hash(vector, "validators"),
        .next_validators = vector_hash(vector, "next_validators"),
    };
    (void)snprintf(header.proposer, sizeof header.proposer, "%s", vector_text(vector, "proposer"));
    return header;
}

static void check_vector(const struct doc *vector)
{
    AUTO(buf_free) struct buf expected = {0};
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    struct header header = header_of_vector(vector);
    struct header back;
    vector_bytes(&expected, vector, "bytes");
    header_encode(&bytes, &header);
    VECTOR_CHECK(vector, bytes.len == HEADER_BYTES);
    VECTOR_CHECK(vector, buf_is(&bytes, &expected));
    struct reader reader = reader_of(view_of_buf(&bytes));
    VECTOR_CHECK(vector, header_decode(&back, &reader) == OK && reader_done(&reader));
    header_encode(&again, &back);
    VECTOR_CHECK(vector, buf_is(&bytes, &again));
    VECTOR_CHECK(vector, back.height == header.height && back.time_ms == header.time_ms);
    VECTOR_CHECK(vector, strcmp(back.proposer, header.proposer) == 0);
    struct hash hash;
    struct hash expected_hash = vector_hash(vector, "hash");
    header_hash(&hash, &back);
    VECTOR_CHECK(vector, hash_equal(&hash, &expected_hash));
}

static void test_vectors(void **state)
{
    (void)state;
    assert_int_equal(HEADER_BYTES, 238);
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *headers = doc_get(vectors, "headers");
    assert_int_equal(doc_count(headers), 4);
    for (size_t i = 0; i < doc_count(headers); i++)
        check_vector(doc_at(headers, i));
}

static void test_vectors_refused(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *refused = doc_get(vectors, "headers_refused");
    assert_int_equal(doc_count(refused), 11);
    for (size_t i = 0; i < doc_count(refused); i++) {
        AUTO(buf_free) struct buf bytes = {0};
        struct header header;
        vector_bytes(&bytes, doc_at(refused, i), "bytes");
        struct reader reader = reader_of(view_of_buf(&bytes));
        VECTOR_CHECK(doc_at(refused, i), header_decode(&header, &reader) == ERR_BLOCK_FORM);
    }
}

static void test_every_truncation_is_refused(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    AUTO(buf_free) struct buf bytes = {0};
    struct header header;
    vector_bytes(&bytes, doc_at(doc_get(vectors, "headers"), 0), "bytes");
    for (size_t len = 0; len < bytes.len; len++) {
        struct reader reader = reader_of(view_of(bytes.data, len));
        assert_int_equal(header_decode(&header, &reader), ERR_BLOCK_FORM);
    }
}

/* Not one byte of a header is outside its hash, or outside its decoded form. */
static void test_every_byte_counts(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    AUTO(buf_free) struct buf bytes = {0};
    const struct doc *vector = doc_at(doc_get(vectors, "headers"), 1);
    struct hash original = vector_hash(vector, "hash");
    size_t decoded = 0;
    vector_bytes(&bytes, vector, "bytes");
    for (size_t i = 0; i < bytes.len; i++) {
        struct header header;
        struct hash hash;
        bytes.data[i] ^= 1;
        struct reader reader = reader_of(view_of_buf(&bytes));
        if (header_decode(&header, &reader) == OK) {
            header_hash(&hash, &header);
            assert_false(hash_equal(&hash, &original));
            decoded++;
        }
        bytes.data[i] ^= 1;
    }
    assert_true(decoded > HEADER_BYTES - 32); /* few flips are refused by form alone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_vectors_refused),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_every_byte_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
