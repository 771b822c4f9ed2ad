/* dirchain-sim --seeds N --first S --nodes K --heights H [--trace] [--real-signatures]
 *              [--no-coverage]
 *
 * Runs N worlds, then the first once more: its trace must come out the same to the byte. Prints
 * what was exercised, and fails if anything of it never happened. */
#include "sim.h"

#include "base/errors.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void usage(void)
{
    fputs("usage: dirchain-sim [--seeds N] [--first S] [--nodes K] [--heights H] [--trace]\n"
          "                    [--real-signatures] [--no-coverage]\n",
          stderr);
    exit(2);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || value < min || value > max)
        usage();
    return value;
}

static struct sim_options parse(int argc, char **argv)
{
    struct sim_options options = {
        .first = 1, .seeds = 20, .nodes = 4, .heights = 30, .coverage = true};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--trace") == 0)
            options.trace = true;
        else if (strcmp(name, "--real-signatures") == 0)
            options.real_signatures = true;
        else if (strcmp(name, "--no-coverage") == 0)
            options.coverage = false;
        else if (strcmp(name, "--seeds") == 0)
            options.seeds = number(argv[++i], 1, 1000000000);
        else if (strcmp(name, "--first") == 0)
            options.first = number(argv[++i], 0, UINT64_MAX);
        else if (strcmp(name, "--nodes") == 0)
            options.nodes = (size_t)number(argv[++i], 1, SIM_NODES_MAX - 1);
        else if (strcmp(name, "--heights") == 0)
            options.heights = number(argv[++i], 4, SIM_HEIGHTS_MAX - 10);
        else
            usage();
    }
    return options;
}

static void fail(const struct sim_options *options, uint64_t seed, const char *what)
{
    printf("seed %" PRIu64 " failed: %s\n"
           "replay: dirchain-sim --seeds 1 --first %" PRIu64 " --nodes %zu --heights %" PRIu64
           "%s --no-coverage --trace\n",
           seed, what, seed, options->nodes, options->heights,
           options->real_signatures ? " --real-signatures" : "");
}

static void progress(const struct sim_options *options, uint64_t done)
{
    if (!isatty(STDERR_FILENO) || options->trace)
        return;
    int width = (int)(40 * done / options->seeds);
    fprintf(stderr, "\r[%-40.*s] %" PRIu64 "/%" PRIu64 "%s", width,
            "########################################", done, options->seeds,
            done == options->seeds ? "\n" : "");
}

static bool report(const struct counters *counters, bool required)
{
    bool complete = true;
#define X(name, text)                                                                              \
    printf("%10" PRIu64 "  %s\n", counters->name, text);                                           \
    complete &= counters->name > 0;
#include "counters.def"
#undef X
    printf("%10" PRId64 "  ms of virtual time for the slowest recovery\n",
           counters->slowest_recovery_ms);
    if (!complete && required)
        printf("failed: something above was never exercised; run more seeds\n");
    return complete || !required;
}

int main(int argc, char **argv)
{
    struct sim_options options = parse(argc, argv);
    struct counters counters = {0}, unused = {0};
    struct hash first = {{0}}, digest;
    char failure[256];
    for (uint64_t i = 0; i < options.seeds; i++) {
        uint64_t seed = options.first + i;
        if (!sim_run(&digest, failure, &counters, &options, seed)) {
            fail(&options, seed, failure);
            return 1;
        }
        if (i == 0)
            first = digest;
        progress(&options, i + 1);
    }
    char hex[2 * HASH_BYTES + 1];
    hash_to_hex(hex, &first);
    printf("%zu validators and an observer, %" PRIu64 " seeds from %" PRIu64 ", %" PRIu64
           " heights each; digest of the first trace %s\n",
           options.nodes, options.seeds, options.first, options.heights, hex);
    if (!options.trace) {
        sim_run(&digest, failure, &unused, &options, options.first);
        if (!hash_equal(&digest, &first)) {
            fail(&options, options.first, "a second run of the same seed went another way");
            return 1;
        }
    }
    return report(&counters, options.coverage) ? 0 : 1;
}
