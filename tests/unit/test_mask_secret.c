/* The secret of masking: the same at every start, and no other for a damaged file. */
#include "base/errors.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/secret.h"
#include "check.h"
#include "exchange/mask_secret.h"
#include "exchange/projection.h"
#include "scratch.h"

#include <string.h>

static void test_made_once(void **state)
{
    (void)state;
    uint8_t *made = NULL, *read = NULL, *other = NULL;
    assert_int_equal(mask_secret_open(&made, scratch_path("a")), OK);
    assert_int_equal(mask_secret_open(&read, scratch_path("a")), OK);
    assert_memory_equal(made, read, MASK_SECRET_BYTES);
    assert_int_equal(mask_secret_open(&other, scratch_path("b")), OK);
    assert_memory_not_equal(made, other, MASK_SECRET_BYTES);
    secret_free(made);
    secret_free(read);
    secret_free(other);
}

/* Every bit: wherever one is flipped, masking would be another. */
static void test_damage_is_refused(void **state)
{
    (void)state;
    uint8_t *secret = NULL;
    AUTO(buf_free) struct buf bytes = {0};
    assert_int_equal(mask_secret_open(&secret, scratch_path("c")), OK);
    secret_free(secret);
    assert_int_equal(file_read(&bytes, scratch_path("c"), 1024), OK);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(file_write_atomic(scratch_path("c"), view_of_buf(&bytes), 0600), OK);
        assert_int_equal(mask_secret_open(&secret, scratch_path("c")), ERR_CORRUPT);
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    static const size_t lengths[] = {0, 1, 31, 33, 63, 65};
    uint8_t zeros[65] = {0};
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        assert_int_equal(file_write_atomic(scratch_path("c"), view_of(zeros, lengths[i]), 0600),
                         OK);
        assert_int_equal(mask_secret_open(&secret, scratch_path("c")), ERR_CORRUPT);
    }
}

static void test_older_file_is_taken(void **state)
{
    (void)state;
    uint8_t older[MASK_SECRET_BYTES], *secret = NULL;
    memset(older, 7, sizeof older);
    assert_int_equal(file_create(scratch_path("d"), view_of(older, sizeof older), 0600), OK);
    assert_int_equal(mask_secret_open(&secret, scratch_path("d")), OK);
    assert_memory_equal(secret, older, sizeof older);
    secret_free(secret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_made_once),
        cmocka_unit_test(test_damage_is_refused),
        cmocka_unit_test(test_older_file_is_taken),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
