/* A few worlds of the simulator (tests/sim) for each kind of fault that mistakes in the node, and
 * not in the core alone, show under. Mutants die here; scripts/sim plays as many as are asked for.
 */
#include "check.h"

#include "sim.h"

#include <inttypes.h>

#define HEIGHTS 30
#define USUAL (FAULT_LOSS | FAULT_DELAY | FAULT_PARTITION | FAULT_CRASH | FAULT_POWER)

static void play_heights(struct counters *counters, uint32_t faults, uint64_t first,
                         uint64_t seeds, uint64_t heights)
{
    const struct sim_options options = {
        .first = first, .seeds = seeds, .nodes = SIM_SMALL, .heights = heights, .faults = faults};
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        char failure[256];
        uint64_t digest[2];
        if (!sim_run(digest, failure, counters, &options, seed))
            fail_msg("%s: scripts/sim --seeds 1 --first %" PRIu64
                     " --nodes %d --heights %d --no-coverage (faults %" PRIx32 ")",
                     failure, seed, SIM_SMALL, (int)heights, faults);
    }
}

static void play(struct counters *counters, uint32_t faults, uint64_t first, uint64_t seeds)
{
    play_heights(counters, faults, first, seeds, HEIGHTS);
}

/* A disk put back: told of what it has signed, the node holds its votes; an override goes on. */
static void disks_put_back(void **state)
{
    struct counters counters = {0};
    (void)state;
    play(&counters, USUAL | FAULT_ROLLBACK, 1, 100);
    assert_true(counters.put_back > 0 && counters.reminded > 0 && counters.held_back > 0);
    assert_true(counters.lifted > 0 && counters.lifted_recorded > 0);
    assert_true(counters.held_ended > 0);
}

static void keys_changed(void **state)
{
    struct counters counters = {0};
    (void)state;
    play(&counters, USUAL | FAULT_ROTATE, 1, 24);
    assert_true(counters.rotations > 0 && counters.signed_by_next > 0 && counters.resumed_next > 0);
}

/* Whoever has a copy of a key that was changed signs with it, while the node still holds it and
 * after that. */
static void copied_keys_say_nothing(void **state)
{
    struct counters counters = {0};
    (void)state;
    play(&counters, FAULT_LIARS | FAULT_ROTATE, 1, 20);
    assert_true(counters.rotations > 0 && counters.copied_keys > 0);
}

static void evidence_gets_there(void **state)
{
    struct counters counters = {0};
    (void)state;
    play(&counters, FAULT_LIARS | FAULT_REORDER, 1, 10);
    assert_true(counters.evidence_owed > 0 && counters.evidence_committed > 0);
    assert_true(counters.duplicated > 0 && counters.reordered > 0);
}

/* Whoever takes them, also a node that proposes nothing: in the chain some blocks later. It takes
 * long enough a chain that there are some after the healing. */
static void valid_transactions_get_there(void **state)
{
    struct counters counters = {0};
    (void)state;
    play_heights(&counters, FAULT_LOSS | FAULT_PARTITION | FAULT_CRASH, 1, 4, 4 * HEIGHTS);
    assert_true(counters.due > 50);
}

/* It stands, an override is given, and it goes on to its last height. */
static void a_newcomer_comes_late(void **state)
{
    const struct sim_options options = {
        .nodes = SIM_SMALL, .heights = HEIGHTS, .late_newcomer = true};
    struct counters counters = {0};
    char failure[256];
    uint64_t digest[2];
    (void)state;
    if (!sim_run(digest, failure, &counters, &options, 1))
        fail_msg("%s", failure);
    assert_int_equal(counters.held_new, 1);
    assert_true(counters.standstills == 1 && counters.overrides == 1);
    assert_true(counters.lifted == 1 && counters.lifted_recorded == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disks_put_back),
        cmocka_unit_test(keys_changed),
        cmocka_unit_test(copied_keys_say_nothing),
        cmocka_unit_test(evidence_gets_there),
        cmocka_unit_test(valid_transactions_get_there),
        cmocka_unit_test(a_newcomer_comes_late),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    founding_free_all();
    return failed;
}
