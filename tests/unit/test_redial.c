/* When a peer is dialled again: whoever cannot be reached is tried all the time, whoever turns us
 * away ever more rarely. */
#include "check.h"

#include "node/redial.h"

#define HOUR_MS 3600000

static const uint64_t chances[] = {0, 1, 499, 500, 7999, UINT64_MAX};

static void test_unreachable_for_long_is_tried_every_second(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(chances); c++) {
        struct redial redial = {0};
        int64_t now = 1000, longest = 0;
        while (now < HOUR_MS) {
            redial_failed(&redial, now, false, chances[c]);
            longest = redial.next_ms - now > longest ? redial.next_ms - now : longest;
            assert_true(redial.next_ms > now);
            now = redial.next_ms;
        }
        assert_in_range(longest, REDIAL_MAX_MS / 2, REDIAL_MAX_MS * 3 / 2);
    }
}

static void test_tries_count_from_their_beginning(void **state)
{
    (void)state;
    struct redial redial = {.wait_ms = REDIAL_MAX_MS};
    redial_failed(&redial, 5000, false, UINT64_MAX); /* told at 7000, that it came to nothing */
    assert_in_range(redial.next_ms, 5500, 6500);
}

static void test_who_turns_us_away_is_left_alone(void **state)
{
    (void)state;
    struct redial redial = {0};
    for (int i = 0; i < 10; i++) {
        redial_failed(&redial, 0, true, 0);
    }
    assert_int_equal(redial.wait_ms, REDIAL_SPURNED_MAX_MS);
    assert_int_equal(redial.next_ms, REDIAL_SPURNED_MAX_MS / 2);
    redial_failed(&redial, 0, false, 0); /* now it is not there at all */
    assert_int_equal(redial.wait_ms, REDIAL_MAX_MS);
}

static void test_a_lost_link(void **state)
{
    (void)state;
    struct redial redial = {0};
    for (int i = 0; i < 10; i++) { /* up and down: as for those that cannot be reached */
        redial_lost(&redial, 100, 50, 0);
    }
    assert_int_equal(redial.wait_ms, REDIAL_MAX_MS);
    redial_lost(&redial, 100 + REDIAL_STEADY_MS, 100, 0); /* after steady times, at once */
    assert_int_equal(redial.wait_ms, REDIAL_FIRST_MS);
    assert_int_equal(redial.next_ms, 100 + REDIAL_STEADY_MS + REDIAL_FIRST_MS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unreachable_for_long_is_tried_every_second),
        cmocka_unit_test(test_tries_count_from_their_beginning),
        cmocka_unit_test(test_who_turns_us_away_is_left_alone),
        cmocka_unit_test(test_a_lost_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
