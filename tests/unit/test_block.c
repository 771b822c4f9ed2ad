/* Blocks as bytes: vectors, bounds on every count, every truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "chain/block.h"
#include "note_type.h"
#include "vectors.h"

static void check_contents(const struct doc *vector, const struct block *block)
{
    const struct doc *txids = doc_get(vector, "txids");
    struct hash hash = vector_hash(vector, "hash");
    VECTOR_CHECK(vector, hash_equal(&block->hash, &hash));
    VECTOR_CHECK(vector, (int64_t)block->evidence_count == doc_get_int(vector, "evidence", -1));
    VECTOR_CHECK(vector, block->tx_count == doc_count(txids));
    for (size_t i = 0; i < block->tx_count; i++) {
        char hex[2 * HASH_BYTES + 1];
        hash_to_hex(hex, &block->txs[i]->id);
        VECTOR_CHECK(vector, strcmp(hex, doc_text(doc_at(txids, i))) == 0);
    }
}

static void check_vector(const struct doc *vector, const struct hash *genesis)
{
    AUTO(block_free) struct block *block = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    vector_bytes(&bytes, vector, "bytes");
    VECTOR_CHECK(vector, block_decode(&block, NULL, view_of_buf(&bytes), genesis) == OK);
    check_contents(vector, block);
    block_encode(&again, block);
    VECTOR_CHECK(vector, buf_is(&bytes, &again));
    for (size_t len = 0; len < bytes.len; len++) {
        AUTO(block_free) struct block *cut = NULL;
        int error = block_decode(&cut, NULL, view_of(bytes.data, len), genesis);
        VECTOR_CHECK(vector, error == ERR_BLOCK_FORM && cut == NULL);
    }
}

static void test_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *blocks = doc_get(vectors, "blocks");
    struct hash genesis = vector_hash(vectors, "genesis");
    assert_int_equal(doc_count(blocks), 2);
    for (size_t i = 0; i < doc_count(blocks); i++)
        check_vector(doc_at(blocks, i), &genesis);
}

static void test_vectors_refused(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *refused = doc_get(vectors, "blocks_refused");
    struct hash genesis = vector_hash(vectors, "genesis");
    assert_int_equal(doc_count(refused), 11);
    for (size_t i = 0; i < doc_count(refused); i++) {
        AUTO(block_free) struct block *block = NULL;
        AUTO(buf_free) struct buf bytes = {0};
        struct faults faults = {0};
        const struct doc *vector = doc_at(refused, i);
        const char *expected = vector_text(vector, "error");
        vector_bytes(&bytes, vector, "bytes");
        int error = block_decode(&block, &faults, view_of_buf(&bytes), &genesis);
        if (strcmp(error_code(error), expected) != 0)
            fail_msg("\"%s\": %s, expected %s", vector_name(vector), error_code(error), expected);
        VECTOR_CHECK(vector, block == NULL && faults_first(&faults) == error);
    }
}

static void test_faults_name_the_transaction(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    const struct doc *refused = doc_get(vectors, "blocks_refused");
    const struct doc *vector = doc_at(refused, doc_count(refused) - 1);
    struct hash genesis = vector_hash(vectors, "genesis");
    AUTO(block_free) struct block *block = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    struct faults faults = {0};
    vector_bytes(&bytes, vector, "bytes");
    assert_int_equal(block_decode(&block, &faults, view_of_buf(&bytes), &genesis), ERR_TX_CHAIN);
    assert_int_equal(faults.count, 2);
    assert_string_equal(faults.item[0].field, "chain");
    assert_string_equal(faults.item[1].field, "txs[1]");
}

/* A header's bytes followed by counts and contents made up here. */
static void start_block(struct buf *out, const struct doc *vectors)
{
    vector_bytes(out, doc_at(doc_get(vectors, "headers"), 0), "bytes");
}

static void test_counts_at_their_limits(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    AUTO(doc_free) struct doc *txs = vectors_load("tx.json");
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(buf_free) struct buf again = {0};
    AUTO(block_free) struct block *block = NULL;
    struct hash genesis = vector_hash(vectors, "genesis");
    AUTO(buf_free) struct buf full = {0};
    vector_bytes(&full, doc_at(doc_get(vectors, "blocks"), 1), "bytes");
    struct view evidence = view_of(full.data + HEADER_BYTES + 2, EVIDENCE_BYTES);
    struct view tx = view_of_text(vector_text(doc_at(doc_get(txs, "valid"), 0), "jws"));
    start_block(&bytes, vectors);
    buf_append_u16(&bytes, BLOCK_EVIDENCE_MAX);
    for (size_t i = 0; i < BLOCK_EVIDENCE_MAX; i++)
        buf_append_view(&bytes, evidence);
    buf_append_u32(&bytes, BLOCK_TXS_MAX);
    for (size_t i = 0; i < BLOCK_TXS_MAX; i++) {
        buf_append_u32(&bytes, (uint32_t)tx.len);
        buf_append_view(&bytes, tx);
    }
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &genesis), OK);
    assert_int_equal(block->evidence_count, BLOCK_EVIDENCE_MAX);
    assert_int_equal(block->tx_count, BLOCK_TXS_MAX);
    block_encode(&again, block);
    assert_true(buf_is(&bytes, &again));
}

static void test_bytes_at_their_limit(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    struct hash genesis = vector_hash(vectors, "genesis");
    struct faults faults = {0};
    /* One transaction that fills the block: as long as allowed it is looked at, and refused for
     * its own size; one byte more, and the block is refused unread. */
    start_block(&bytes, vectors);
    buf_append_u16(&bytes, 0);
    buf_append_u32(&bytes, 1);
    buf_append_u32(&bytes, (uint32_t)(BLOCK_BYTES_MAX - bytes.len - 4));
    buf_reserve(&bytes, BLOCK_BYTES_MAX + 1 - bytes.len);
    memset(bytes.data + bytes.len, 'A', BLOCK_BYTES_MAX + 1 - bytes.len);
    bytes.len = BLOCK_BYTES_MAX;
    assert_int_equal(block_decode(&block, &faults, view_of_buf(&bytes), &genesis), ERR_TOO_LARGE);
    bytes.len = BLOCK_BYTES_MAX + 1;
    faults = (struct faults){0};
    assert_int_equal(block_decode(&block, &faults, view_of_buf(&bytes), &genesis), ERR_BLOCK_FORM);
    assert_string_equal(faults.item[0].field, "bytes");
}

/* The hash comes from the header's bytes as decoded, whatever else the block holds. */
static void test_hash_is_recomputed(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("header.json");
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    const struct doc *vector = doc_at(doc_get(vectors, "blocks"), 0);
    struct hash genesis = vector_hash(vectors, "genesis");
    struct hash original = vector_hash(vector, "hash");
    struct hash computed;
    vector_bytes(&bytes, vector, "bytes");
    bytes.data[4 + 32 + 8 + 7] ^= 1; /* lowest byte of the time */
    assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &genesis), OK);
    header_hash(&computed, &block->header);
    assert_true(hash_equal(&block->hash, &computed));
    assert_false(hash_equal(&block->hash, &original));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_vectors_refused),
        cmocka_unit_test(test_faults_name_the_transaction),
        cmocka_unit_test(test_counts_at_their_limits),
        cmocka_unit_test(test_bytes_at_their_limit),
        cmocka_unit_test(test_hash_is_recomputed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
