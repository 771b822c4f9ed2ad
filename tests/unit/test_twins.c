/* A part of the Twins scenarios (tests/twins): the systematic ones at a stride that shares no
 * factor with their number, random ones, some with real signatures. Mutants of the core die here.
 */
#include "check.h"

#include "twins.h"

#include <stdio.h>
#include <string.h>

#define STRIDE 997
#define RANDOM_FIRST 1
#define RANDOM_COUNT 120

static void play(struct twins *twins, const struct scenario *scenario)
{
    size_t last_slot;
    if (twins_play(&last_slot, twins, scenario))
        return;
    char text[512];
    scenario_text(text, sizeof text, scenario);
    fail_msg("%s\nreplay: dirchain-twins --replay \"%s\"", twins->failure, text);
}

static void play_systematic(uint64_t stride, uint64_t start, bool real_signatures)
{
    struct twins_counts counts = {0};
    struct twins *twins = twins_create(4, real_signatures, &counts);
    for (uint64_t i = start; i < systematic_count(4); i += stride) {
        struct scenario scenario;
        systematic_scenario(&scenario, 4, i);
        play(twins, &scenario);
    }
    assert_true(counts.equivocations > 0 && counts.evidence > 0 && counts.before_heal > 0);
    assert_true(real_signatures || (counts.locks_carried > 0 && counts.values_again > 0));
    twins_free(&twins);
}

static void test_systematic(void **state)
{
    (void)state;
    play_systematic(STRIDE, 0, false);
}

static void test_real_signatures(void **state)
{
    (void)state;
    play_systematic(40009, 1, true);
}

static void play_random(size_t validators)
{
    struct twins_counts counts = {0};
    struct twins *twins = twins_create(validators, false, &counts);
    for (uint64_t seed = RANDOM_FIRST; seed < RANDOM_FIRST + RANDOM_COUNT; seed++) {
        struct scenario scenario;
        random_scenario(&scenario, validators, seed);
        play(twins, &scenario);
    }
    assert_true(counts.equivocations > 0 && counts.evidence > 0 && counts.locks_carried > 0);
    twins_free(&twins);
}

static void test_random_4(void **state)
{
    (void)state;
    play_random(4);
}

static void test_random_7(void **state)
{
    (void)state;
    play_random(7);
}

static void test_telling(void **state)
{
    (void)state;
    for (size_t i = 0; i < TELLING_COUNT; i++) {
        struct twins_counts counts = {0};
        struct scenario scenario;
        assert_true(scenario_parse(&scenario, telling_scenarios[i]));
        struct twins *twins = twins_create(scenario.validators, false, &counts);
        play(twins, &scenario);
        assert_true(counts.locks_carried > 0);
        twins_free(&twins);
    }
}

/* The number of a scenario names it once: all partitions, all twins, all modes. */
static void test_numbering(void **state)
{
    (void)state;
    assert_int_equal(systematic_count(4), 4 * 4 * 65536);
    struct scenario first, last, again;
    systematic_scenario(&first, 4, 0);
    systematic_scenario(&last, 4, systematic_count(4) - 1);
    assert_int_equal(first.twins, 1);
    assert_int_equal(last.twins, 8);
    assert_true(first.network == 0 && last.network == (TWINS_LATE | TWINS_SPLIT));
    char text[512];
    scenario_text(text, sizeof text, &last);
    assert_string_equal(text, "v4 t8 ls--- s0 h0 01111 01111 01111 01111");
    assert_true(scenario_parse(&again, text));
    assert_memory_equal(&again, &last, sizeof last);
    assert_false(scenario_parse(&again, "v4 t8 l---- s0 h0 0111"));
    assert_false(scenario_parse(&again, "v4 t10 l---- s0 h0 01111"));
    assert_int_equal(systematic_next(0, 4, 3), 1);
    assert_int_equal(systematic_next(17, 4, 2), 32);
    assert_int_equal(systematic_next(17, 4, 0), 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbering),       cmocka_unit_test(test_systematic),
        cmocka_unit_test(test_real_signatures), cmocka_unit_test(test_random_4),
        cmocka_unit_test(test_random_7),        cmocka_unit_test(test_telling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
