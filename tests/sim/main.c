/* dirchain-sim [--seeds N] [--first S] [--nodes K] [--heights H] [--faults all|none|NAME,…]
 *              [--jobs J] [--trace] [--real-signatures] [--no-coverage]
 *
 * Runs N worlds, divided among J processes; the first of each process once more: it must go the
 * very same way. Prints what was exercised, and fails if anything of it never happened. */
#include "sim.h"

#include "base/ensure.h"
#include "consensus_trace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define JOBS_MAX 64

/* For jemalloc: memory that one world gave back is for the next one. */
extern const char *malloc_conf;
const char *malloc_conf = "narenas:1,thp:always,dirty_decay_ms:-1,muzzy_decay_ms:-1";

/* What a process tells its parent, a seed at a time and at the end. */
struct report {
    bool last, failed;
    uint64_t seed;
    char failure[256];
    uint64_t digest[2]; /* of its first seed */
    struct counters counters;
};

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

static void usage(int status)
{
    FILE *out = status == 0 ? stdout : stderr;
    (void)fputs("usage: scripts/sim [--seeds N] [--first S] [--nodes K] [--heights H]\n"
                "                   [--faults all|none|NAME,...] [--jobs J] [--trace]\n"
                "                   [--trace-steps FILE]\n"
                "                   [--real-signatures] [--no-coverage]\n"
                "faults:\n",
                out);
    for (size_t i = 0; i < FAULT_COUNT; i++)
        (void)fprintf(out, "  %-10s %s\n", fault_names[i].name, fault_names[i].text);
    exit(status);
}

static uint64_t number(const char *text, uint64_t min, uint64_t max)
{
    char *end = NULL;
    unsigned long long value = text ? strtoull(text, &end, 10) : 0;
    if (!text || end == text || *end != '\0' || value < min || value > max)
        usage(2);
    return value;
}

static uint32_t one_fault(const char *name, size_t len)
{
    for (size_t i = 0; i < FAULT_COUNT; i++) {
        if (strlen(fault_names[i].name) == len && strncasecmp(fault_names[i].name, name, len) == 0)
            return fault_names[i].fault;
    }
    usage(2);
    return 0;
}

static uint32_t faults(const char *text)
{
    uint32_t all = 0;
    if (text == NULL)
        usage(2);
    if (strcmp(text, "all") == 0)
        return UINT32_MAX;
    if (strcmp(text, "none") == 0)
        return 0;
    while (*text != '\0') {
        size_t len = strcspn(text, ",");
        all |= one_fault(text, len);
        text += len + (text[len] == ',');
    }
    return all;
}

static struct sim_options parse(int argc, char **argv)
{
    struct sim_options options = {.first = 1,
                                  .seeds = 20,
                                  .nodes = 4,
                                  .heights = 40,
                                  .jobs = 1,
                                  .faults = UINT32_MAX,
                                  .coverage = true};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i];
        if (strcmp(name, "--help") == 0)
            usage(0);
        else if (strcmp(name, "--trace") == 0)
            options.trace = true;
        else if (strcmp(name, "--real-signatures") == 0)
            options.real_signatures = true;
        else if (strcmp(name, "--no-coverage") == 0)
            options.coverage = false;
        else if (strcmp(name, "--trace-steps") == 0 && i + 1 < argc)
            consensus_trace_open(argv[++i]);
        else if (strcmp(name, "--seeds") == 0)
            options.seeds = number(argv[++i], 1, 1000000000);
        else if (strcmp(name, "--first") == 0)
            options.first = number(argv[++i], 0, UINT64_MAX / 2);
        else if (strcmp(name, "--nodes") == 0)
            options.nodes = (size_t)number(argv[++i], 1, SIM_VALIDATORS_MAX);
        else if (strcmp(name, "--heights") == 0)
            options.heights = number(argv[++i], 4, SIM_HEIGHTS_MAX / 2);
        else if (strcmp(name, "--jobs") == 0)
            options.jobs = (unsigned)number(argv[++i], 1, JOBS_MAX);
        else if (strcmp(name, "--faults") == 0)
            options.faults = faults(argv[++i]);
        else
            usage(2);
    }
    if (options.jobs > options.seeds || options.trace || consensus_trace_is_open())
        options.jobs = 1;
    return options;
}

/* ---- one process's share ---- */

static void tell(int fd, const struct report *report)
{
    size_t done = 0;
    while (done < sizeof *report) {
        ssize_t put = write(fd, (const char *)report + done, sizeof *report - done);
        if (put <= 0)
            exit(3);
        done += (size_t)put;
    }
}

/* Seeds first + job, + jobs, … */
static void work(const struct sim_options *options, unsigned job, int fd)
{
    static struct report report;
    static struct counters unused;
    uint64_t digest[2];
    for (uint64_t i = job; i < options->seeds && !report.failed; i += options->jobs) {
        report.seed = options->first + i;
        consensus_trace_world(report.seed, NULL);
        report.failed = !sim_run(digest, report.failure, &report.counters, options, report.seed);
        if (i == job)
            memcpy(report.digest, digest, sizeof digest);
        tell(fd, &report);
    }
    if (!report.failed && !options->trace && !consensus_trace_is_open()) {
        report.seed = options->first + job;
        (void)sim_run(digest, report.failure, &unused, options, report.seed);
        report.failed = memcmp(digest, report.digest, sizeof digest) != 0;
        (void)snprintf(report.failure, sizeof report.failure, "%s",
                       "a second run of the same seed went another way");
    }
    report.last = true;
    tell(fd, &report);
    founding_free_all();
}

/* ---- all of them ---- */

static void add_counters(struct counters *sum, const struct counters *part)
{
#define X(name, needs, text) sum->name += part->name;
#include "counters.def"
#undef X
    if (part->slowest_recovery_ms > sum->slowest_recovery_ms)
        sum->slowest_recovery_ms = part->slowest_recovery_ms;
}

static void progress(const struct sim_options *options, uint64_t done)
{
    if (!isatty(STDERR_FILENO) || options->trace)
        return;
    int width = (int)(40 * done / options->seeds);
    (void)fprintf(stderr, "\r[%-40.*s] %" PRIu64 "/%" PRIu64 "%s", width,
                  "########################################", done, options->seeds,
                  done == options->seeds ? "\n" : "");
}

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

static void print_failure(const struct sim_options *options, const struct report *report)
{
    printf("%sseed %" PRIu64 " failed: %s\n"
           "replay: scripts/sim --seeds 1 --first %" PRIu64 " --nodes %zu --heights %" PRIu64,
           isatty(STDERR_FILENO) ? "\n" : "", report->seed, report->failure, report->seed,
           options->nodes, options->heights);
    print_faults(options->faults);
    printf("%s --no-coverage --trace\n", options->real_signatures ? " --real-signatures" : "");
}

static bool print_counters(const struct sim_options *options, const struct counters *counters)
{
    bool complete = true;
#define X(name, needs, text)                                                                       \
    printf("%12" PRIu64 "  %s\n", counters->name, text);                                           \
    complete &= counters->name > 0 || ((needs)&options->faults) != (needs);
#include "counters.def"
#undef X
    printf("%12" PRId64 "  ms of virtual time for the slowest recovery\n",
           counters->slowest_recovery_ms);
    if (!complete && options->coverage)
        printf("failed: something above was never exercised; run more seeds\n");
    return complete || !options->coverage;
}

/* Reads what the processes tell until all have ended. False: one failed, or died. */
static bool listen_to(const struct sim_options *options, int fd, struct counters *sum)
{
    static struct report report;
    uint64_t done = 0;
    unsigned last = 0;
    while (last < options->jobs) {
        size_t have = 0;
        while (have < sizeof report) {
            ssize_t got = read(fd, (char *)&report + have, sizeof report - have);
            if (got <= 0) {
                printf("failed: a process of the simulator died after seed %" PRIu64 "\n",
                       report.seed);
                return false;
            }
            have += (size_t)got;
        }
        if (report.failed) {
            print_failure(options, &report);
            return false;
        }
        if (report.last) {
            add_counters(sum, &report.counters);
            last++;
        } else {
            progress(options, ++done);
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct sim_options options = parse(argc, argv);
    struct counters counters = {0};
    pid_t child[JOBS_MAX];
    int ends[2];
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    ENSURE(pipe(ends) == 0);
    for (unsigned job = 0; job < options.jobs; job++) {
        child[job] = fork();
        ENSURE(child[job] >= 0);
        if (child[job] == 0) {
            close(ends[0]);
            work(&options, job, ends[1]);
            exit(0);
        }
    }
    close(ends[1]);
    bool good = listen_to(&options, ends[0], &counters);
    close(ends[0]); /* whoever still runs ends with its next report */
    for (unsigned job = 0; job < options.jobs; job++) {
        int status = 0;
        good &= waitpid(child[job], &status, 0) == child[job] && (!good || status == 0);
    }
    if (!good)
        return 1;
    printf("%zu validators and an observer, %" PRIu64 " seeds from %" PRIu64 ", %" PRIu64
           " heights each\n",
           options.nodes, options.seeds, options.first, options.heights);
    return print_counters(&options, &counters) ? 0 : 1;
}
