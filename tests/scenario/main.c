/* dirchain-scenario [--loud] FILE: plays a scenario of tests/e2e, through the real execution. */
#include "script.h"

#include "check.h"

#include <string.h>
#include <time.h>

static const char *path;
static int loud;

static void plays(void **state)
{
    (void)state;
    struct script_result result;
    struct timespec begin, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    script_play(path, loud, &result);
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    print_message(
        "%s: %zu 笔交易 transactions, %zu 笔拒绝 refused, %zu 个期限 terms, "
        "%zu 项核对 checks, %llu 个区块 blocks, %.1f s\n",
        path, result.transactions, result.refusals, result.ends, result.checks, result.height,
        (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9);
}

int main(int argc, char **argv)
{
    loud = argc > 1 && strcmp(argv[1], "--loud") == 0;
    if (argc != 2 + loud) {
        (void)fprintf(stderr, "用法 usage: dirchain-scenario [--loud] FILE.scenario\n");
        return 2;
    }
    path = argv[1 + loud];
    const struct CMUnitTest tests[] = {cmocka_unit_test(plays)};
    return cmocka_run_group_tests_name(path, tests, NULL, NULL);
}
