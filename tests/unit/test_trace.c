/* What the state machine did in a part of the Twins scenarios, judged step by step by a program
 * that shares no code with it (tests/model/check_trace.py); and that the judge is one: of the edits
 * that tests/model/check_trace_edits.py makes to a good trace, each is found under its rule. */
#include "check.h"
#include "scratch.h"

#include "consensus_trace.h"
#include "twins.h"

#include <string.h>
#include <sys/types.h>

#define SYSTEMATIC_STRIDE 29959
#define RANDOM_COUNT 24

/* Whether a judge of its own finds fault with a scenario is for test_twins to say. */
static void play(struct twins *twins, const struct scenario *scenario)
{
    size_t last_slot;
    (void)twins_play(&last_slot, twins, scenario);
}

static void write_trace(const char *path)
{
    struct twins_counts counts = {0};
    struct scenario scenario;
    consensus_trace_open(path);
    struct twins *four = twins_create(4, false, &counts);
    struct twins *seven = twins_create(7, false, &counts);
    for (uint64_t i = 0; i < systematic_count(4); i += SYSTEMATIC_STRIDE) {
        systematic_scenario(&scenario, 4, i);
        play(four, &scenario);
    }
    for (uint64_t seed = 1; seed <= RANDOM_COUNT; seed++) {
        struct twins *twins = seed % 2 ? four : seven;
        random_scenario(&scenario, twins->validators, seed);
        play(twins, &scenario);
    }
    for (size_t i = 0; i < TELLING_COUNT; i++) {
        assert_true(scenario_parse(&scenario, telling_scenarios[i]));
        play(scenario.validators == 4 ? four : seven, &scenario);
    }
    twins_free(&four);
    twins_free(&seven);
    consensus_trace_close();
}

/* The exit status of a program of tests/model over the trace. */
static int judge(const char *program, const char *trace)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/tests/model/%s", DIRCHAIN_SOURCE_DIR, program);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/usr/bin/python3", "python3", "-B", path, "--quiet", trace, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_every_step_keeps_the_rules(void **state)
{
    (void)state;
    write_trace(scratch_path("trace"));
    assert_int_equal(judge("check_trace.py", scratch_path("trace")), 0);
}

static void test_edits_are_found(void **state)
{
    (void)state;
    assert_int_equal(judge("check_trace_edits.py", scratch_path("trace")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step_keeps_the_rules),
        cmocka_unit_test(test_edits_are_found),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
