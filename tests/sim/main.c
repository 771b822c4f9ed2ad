/* dirchain-sim: what it is told, and what it says of it. --help prints the options. */
#include "sim.h"

#include "campaign.h"
#include "consensus_trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* For jemalloc: memory that one world gave back is for the next one. */
extern const char *malloc_conf;
const char *malloc_conf = "narenas:1,thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1";

#define LOST_ONE_IN 1000 /* seeds that end where no way out is promised: one in 13,000 is usual */

static const struct {
    const char *name;
    uint32_t fault;
    const char *text;
} fault_names[] = {
#define X(name, bit, text) {#name, FAULT_##name, text},
#include "faults.def"
#undef X
};
#define FAULT_COUNT (sizeof fault_names / sizeof fault_names[0])

/* ---- arguments ---- */

static struct sim_options options = {
    .first = 1, .seeds = 400, .heights = 40, .jobs = 2, .faults = UINT32_MAX};
static bool no_coverage;
static const char *fault_words = "all", *trace_path;

static const struct campaign_option option_table[] = {
    {"--seeds", "N", .number = &options.seeds, .min = 1, .max = 1000000000,
     .help = "worlds to play (400)"},
    {"--first", "S", .number = &options.first, .max = UINT64_MAX / 2, .help = "the first seed (1)"},
    {"--nodes", "K", .number = &options.nodes, .min = 1, .max = SIM_VALIDATORS_MAX,
     .help = "validators of each world, 1 to 10; without it\n"
             "one seed of 40 has 7, the others have 4"},
    {"--heights", "H", .number = &options.heights, .min = 4, .max = SIM_HEIGHTS_MAX / 2,
     .help = "blocks of each world (40)"},
    {"--faults", "LIST", .words = &fault_words,
     .help = "what may go wrong: all (the default), none, or\n"
             "names from the list below, with commas"},
    {"--jobs", "J", .number = &options.jobs, .min = 1, .max = CAMPAIGN_JOBS_MAX,
     .help = "processes (2; scripts/sim: one for each processor)"},
    {"--real-signatures", .flag = &options.real_signatures,
     .help = "in every seed, not in one of 100 only; slow"},
    {"--no-coverage", .flag = &no_coverage, .help = "ends with 0 whatever was never exercised"},
    {"--trace", .flag = &options.trace, .help = "prints what happens"},
    {"--trace-steps", "FILE", .words = &trace_path,
     .help = "writes each step of consensus, for\ntests/model/check_trace.py"},
};

static const char before_options[] =
    "usage: scripts/sim [OPTION...]\n"
    "\n"
    "Runs whole nodes under a virtual clock, network and disk, a world for each seed,\n"
    "with faults drawn from it, and judges what comes of it. docs/spec/consensus.md\n"
    "says what is judged. Built for release: build/release/bin/dirchain-sim.\n"
    "\n";

static const char after_options[] =
    "\n"
    "Ends with 0: no violation, everything was exercised; 1: a violation (the seed and\n"
    "the command that replays it are printed); 2: called the wrong way; 3: the\n"
    "simulator itself failed; 4: no violation, but something was never exercised,\n"
    "and is named: run more seeds. 400 are enough for all.\n";

static char *help_after(void)
{
    static char text[4096];
    size_t at = (size_t)snprintf(text, sizeof text, "\nFaults:\n");
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%s", fault_names[i].name);
        for (char *letter = name; *letter != '\0'; letter++)
            *letter = (char)(*letter | ' ');
        at += (size_t)snprintf(text + at, sizeof text - at, "  %-10s %s\n", name,
                               fault_names[i].text);
    }
    (void)snprintf(text + at, sizeof text - at, "%s", after_options);
    return text;
}

static uint32_t one_fault(const struct campaign *campaign, const char *name, size_t len)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if (strlen(fault_names[i].name) == len && strncasecmp(fault_names[i].name, name, len) == 0)
            return fault_names[i].fault;
    }
    campaign_wrong(campaign, "--faults: there is no \"%.*s\".", (int)len, name);
}

static uint32_t read_faults(const struct campaign *campaign, const char *text)
{
    uint32_t all = 0;
    if (strcmp(text, "all") == 0)
        return UINT32_MAX;
    if (strcmp(text, "none") == 0)
        return 0;
    for (size_t len; *text != '\0'; text += len + (text[len] == ',')) {
        len = strcspn(text, ",");
        all |= one_fault(campaign, text, len);
    }
    return all;
}

static void parse(int argc, char **argv)
{
    const struct campaign campaign = {.program = "dirchain-sim",
                                      .before = before_options,
                                      .after = help_after(),
                                      .option_count = sizeof option_table / sizeof option_table[0],
                                      .option = option_table};
    campaign_read(&campaign, argc, argv);
    options.faults = read_faults(&campaign, fault_words);
    if (trace_path != NULL)
        consensus_trace_open(trace_path);
    if (options.jobs > options.seeds)
        options.jobs = options.seeds;
    if (options.trace || consensus_trace_is_open())
        options.jobs = 1;
}

/* ---- what it says ---- */

static void print_faults(uint32_t set)
{
    const char *comma = "";
    if (set == UINT32_MAX || set == 0) {
        printf(" --faults %s", set == 0 ? "none" : "all");
        return;
    }
    printf(" --faults ");
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if ((set & fault_names[i].fault) != 0) {
            printf("%s%s", comma, fault_names[i].name);
            comma = ",";
        }
    }
}

static void print_violation(const struct sim_outcome *outcome)
{
    printf("1 violation: seed %" PRIu64 ": %s\n"
           "replay: scripts/sim --seeds 1 --first %" PRIu64 " --nodes %zu --heights %" PRIu64,
           outcome->seed, outcome->failure, outcome->seed, sim_validators(&options, outcome->seed),
           options.heights);
    print_faults(options.faults);
    printf("%s --no-coverage --trace\n", options.real_signatures ? " --real-signatures" : "");
}

static void print_worlds(void)
{
    uint64_t large = 0;
    for (uint64_t i = 0; options.nodes == 0 && i < options.seeds; i++)
        large += sim_validators(&options, options.first + i) == SIM_LARGE;
    printf("%" PRIu64 " seeds from %" PRIu64, options.seeds, options.first);
    if (options.nodes != 0)
        printf(" with %" PRIu64 " validators", options.nodes);
    else
        printf(": %" PRIu64 " with %d validators, %" PRIu64 " with %d", options.seeds - large,
               SIM_SMALL, large, SIM_LARGE);
    printf(" and an observer, %" PRIu64 " heights each\n", options.heights);
}

/* Those that stayed 0 although the faults they need were asked for are named once more. */
static bool print_counters(const struct counters *counters)
{
    const struct {
        uint64_t count;
        uint32_t needs;
        const char *text;
    } line[] = {
#define X(name, needs, text) {counters->name, (needs), text},
#include "counters.def"
#undef X
    };
    unsigned missing = 0;
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++)
        printf("%12" PRIu64 "  %s\n", line[i].count, line[i].text);
    printf("%12" PRId64 "  ms of virtual time for the slowest recovery\n",
           counters->slowest_recovery_ms);
    printf("%12" PRIu64
           "  chains that more than a third stopped for good: liars, and blocks that nobody "
           "has any more\n",
           counters->lost_for_good);
    for (size_t i = 0; i < sizeof line / sizeof line[0]; i++) {
        bool asked = (line[i].needs & options.faults) == line[i].needs;
        if (asked && line[i].count == 0 && missing++ == 0)
            printf("\nnever exercised (no violation; run more seeds):\n");
        if (asked && line[i].count == 0)
            printf("%12d  %s\n", 0, line[i].text);
    }
    return missing == 0;
}

int main(int argc, char **argv)
{
    struct sim_outcome outcome = {0};
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    parse(argc, argv);
    enum sim_verdict verdict = sim_run_all(&outcome, &options);
    if (verdict != SIM_WELL && isatty(STDERR_FILENO))
        (void)fputc('\n', stderr); /* after the bar */
    if (verdict == SIM_DIED) {
        printf("failed: a process of the simulator died; the last seed that ended well is %" PRIu64
               "\n",
               outcome.seed);
        return CAMPAIGN_BROKEN;
    }
    if (verdict == SIM_VIOLATION) {
        print_violation(&outcome);
        return CAMPAIGN_VIOLATION;
    }
    print_worlds();
    bool complete = print_counters(&outcome.counters);
    if (outcome.counters.lost_for_good > 1 + options.seeds / LOST_ONE_IN) {
        printf("\nfailed: more chains were stopped for good than faults beyond a third explain\n");
        return CAMPAIGN_VIOLATION;
    }
    printf("\n0 violations\n");
    return complete || no_coverage ? CAMPAIGN_WELL : CAMPAIGN_NOT_EXERCISED;
}
