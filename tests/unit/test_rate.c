/* A limit of bytes a second: anything leaves some time, and no more than the rate in the long run,
 * however large it is and however often somebody asks. */
#include "check.h"

#include "exchange/rate.h"

#define SECOND INT64_C(1000000)

/* Bytes that left in `seconds`, in pieces of this size, asked for every `every_us`. */
static uint64_t left(struct rate *rate, uint64_t piece, int64_t every_us, int64_t seconds)
{
    uint64_t bytes = 0;
    for (int64_t now_us = 0; now_us <= seconds * SECOND; now_us += every_us) {
        while (rate_missing(rate, piece, now_us) == 0) {
            rate_take(rate, piece);
            bytes += piece;
        }
    }
    return bytes;
}

static void the_rate_holds(void **state)
{
    (void)state;
    static const uint64_t pieces[] = {1000, 65536, 262144, 4194304}; /* the burst is 100000 */
    static const int64_t every_us[] = {1000, 400000, 1500000, 7000000};
    static const uint64_t lost[] = {1, 2, 3, 12}; /* at most all but one part in so many */
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 4; j++) {
            struct rate rate;
            rate_open(&rate, 100000, 65536, 0);
            uint64_t bytes = left(&rate, pieces[i], every_us[j], 200);
            assert_true(bytes <= 200 * 100000 + 100000 + pieces[i]);
            /* Nothing is lost but what the bucket cannot save between two questions. */
            assert_true(bytes + pieces[i] >= 200 * 100000 / lost[j]);
        }
    }
}

/* Small ones are asked for all the time: a large one leaves as soon as a full bucket. */
static void larger_than_the_bucket(void **state)
{
    (void)state;
    struct rate rate;
    rate_open(&rate, 100000, 65536, 0);
    assert_int_equal(rate_missing(&rate, 100000, 0), 0);
    rate_take(&rate, 100000);
    assert_int_equal(rate_missing(&rate, 262144, 0), 100000);
    assert_int_equal(rate_wait_ms(&rate, 100000), 1001);
    assert_int_equal(rate_missing(&rate, 1000, SECOND / 2), 0);
    assert_int_equal(rate_missing(&rate, 262144, SECOND / 2), 50000);
    assert_int_equal(rate_missing(&rate, 262144, SECOND), 0);
    rate_take(&rate, 262144);
    assert_int_equal(rate_missing(&rate, 1000, SECOND), 163144); /* the debt comes first */
    assert_int_equal(rate_missing(&rate, 1000, 2 * SECOND), 63144);
    assert_int_equal(rate_missing(&rate, 262144, 3 * SECOND + 1), 62144);
}

static void extremes(void **state)
{
    (void)state;
    struct rate rate;
    rate_open(&rate, 0, 65536, 0);
    assert_int_equal(rate_missing(&rate, 1 << 30, 0), 0);
    assert_int_equal(rate_wait_ms(&rate, 1 << 30), 0);
    rate_take(&rate, 1 << 30);
    assert_int_equal(rate_missing(&rate, 1 << 30, 1), 0);
    rate_open(&rate, INT64_MAX, 65536, 0);
    for (int64_t now_us = 0; now_us < 10 * SECOND; now_us += 999999) {
        assert_int_equal(rate_missing(&rate, 4194304, now_us), 0);
        rate_take(&rate, 4194304);
    }
    rate_open(&rate, 1, 1024, 0);
    rate_take(&rate, 1024);
    assert_int_equal(rate_missing(&rate, 4194304, 1023 * SECOND), 1);
    assert_int_equal(rate_missing(&rate, 4194304, 1024 * SECOND), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_holds),
        cmocka_unit_test(larger_than_the_bucket),
        cmocka_unit_test(extremes),
    };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
